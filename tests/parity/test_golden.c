/*
 * Trajectories recorded from torch.optim.LBFGS, followed by one process: every case, with both ways of forming the
 * direction. Usage: test_golden [SUBSTRING of the names to run].
 */
#include "support/golden_trials.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void trajectory_is_the_recorded_one(void **state)
{
  const golden_trial *trial = *state;
  golden_report report = {.id = trial->name};
  golden_check_case(trial->golden, &trial->setup, &report);
  golden_report_print(&report);
  assert_int_equal(report.failures, 0);
}

int main(int argc, char **argv)
{
  char file[64];
  snprintf(file, sizeof file, "/tmp/secant_golden_%ld.h5", (long)getpid());
  const golden_setup common = {.file = file, .ranks = golden_one_process()};
  return golden_trials_run(argc > 1 ? argv[1] : "", &common, trajectory_is_the_recorded_one) ? EXIT_FAILURE
                                                                                             : EXIT_SUCCESS;
}
