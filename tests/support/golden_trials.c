/* From the recorded cases to an array of CMocka tests. */
#include "golden_trials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 2 };

static golden_trial make_trial(const golden_case *golden, secant_direction direction, size_t index,
                               const golden_setup *common)
{
  golden_trial trial = {.golden = golden, .setup = *common};
  trial.setup.direction = direction;
  trial.setup.loss = index % 2 == 0 ? SECANT_LOSS_REPLICATED : SECANT_LOSS_SHARE;
  snprintf(trial.name, sizeof trial.name, "%s %s", golden->id,
           direction == SECANT_DIRECTION_GRAM ? "gram" : "two_loop");
  return trial;
}

/* Puts the chosen trials into `trials` [DIRECTIONS case_count]; returns their number. */
static size_t collect(const golden_file *file, golden_choice choice, const golden_setup *common, golden_trial *trials)
{
  size_t count = 0;
  for (size_t i = 0; i < file->case_count; i++)
    for (int direction = 0; direction < DIRECTIONS; direction++) {
      const golden_trial trial = make_trial(&file->cases[i], (secant_direction)direction, i, common);
      const bool wanted = !choice.wanted || choice.wanted(trial.golden);
      if (wanted && strstr(trial.name, choice.filter)) trials[count++] = trial;
    }
  return count;
}

static int run_collected(golden_trial *trials, struct CMUnitTest *tests, size_t count, CMUnitTestFunction test)
{
  for (size_t i = 0; i < count; i++)
    tests[i] = (struct CMUnitTest){.name = trials[i].name, .test_func = test, .initial_state = &trials[i]};
  return _cmocka_run_group_tests("golden", tests, count, NULL, NULL);
}

static int run_file(const golden_file *file, golden_choice choice, const golden_setup *common, CMUnitTestFunction test)
{
  const size_t most = DIRECTIONS * file->case_count;
  golden_trial *trials = calloc(most, sizeof *trials);
  struct CMUnitTest *tests = calloc(most, sizeof *tests);
  const size_t count = trials && tests ? collect(file, choice, common, trials) : 0;
  if (count == 0) print_error("no case to run is called *%s*\n", choice.filter);
  const int failed = count == 0 ? 1 : run_collected(trials, tests, count, test);
  free(trials);
  free(tests);
  return failed;
}

int golden_trials_run(golden_choice choice, const golden_setup *common, CMUnitTestFunction test)
{
  const char *complaint = NULL;
  golden_file *file = golden_file_read(SECANT_TEST_DATA "/torch_lbfgs.json", &complaint);
  if (!file) print_error("%s/torch_lbfgs.json: %s\n", SECANT_TEST_DATA, complaint);
  const int failed = file ? run_file(file, choice, common, test) : 1;
  golden_file_free(file);
  return failed;
}
