/*
 * Trajectories recorded from torch.optim.LBFGS, followed by several ranks that cut every tensor where they like, not
 * where the library would: every case, with both ways of forming the direction, with shards of different lengths and
 * with ranks that own nothing.
 * Usage: mpirun -n P test_golden_mpi [SUBSTRING of the names to run].
 */
#include "support/golden_trials.h"
#include "support/mpi_check.h"

#include <secant/mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void trajectory_is_the_recorded_one(void **state)
{
  const golden_trial *trial = *state;
  struct verdict outcome = {0};
  golden_report report = {.id = trial->name};
  golden_check_case(trial->golden, &trial->setup, &report);
  golden_report_print(&report);
  CHECK(&outcome, report.failures == 0, "%s", report.lines[0]);
  mpi_assert(&outcome);
}

/* Shards as bytes; the ranks' counts are the differences of `first`. */
static int gather_over_mpi(const void *shard, void *whole, const int *first)
{
  const int rank = mpi_world_rank(), size = mpi_world_size();
  int *counts = calloc((size_t)size, sizeof *counts);
  if (!counts) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE); /* the others wait in the collective call below */
  for (int r = 0; r < size; r++) counts[r] = first[r + 1] - first[r];
  const int code = MPI_Allgatherv(shard, counts[rank], MPI_BYTE, whole, counts, first, MPI_BYTE, MPI_COMM_WORLD);
  free(counts);
  return code;
}

static int run_over(secant_comm *comm, const char *filter)
{
  char file[64];
  long process = (long)getpid();
  MPI_Bcast(&process, 1, MPI_LONG, 0, MPI_COMM_WORLD); /* one name on all ranks */
  snprintf(file, sizeof file, "/tmp/secant_golden_%ld.h5", process);
  const golden_setup common = {.file = file, .ranks = {comm, mpi_world_rank(), mpi_world_size(), gather_over_mpi}};
  return golden_trials_run(filter, &common, trajectory_is_the_recorded_one);
}

int main(int argc, char **argv)
{
  mpi_tests_begin(&argc, &argv);
  secant_comm *comm = NULL;
  secant_error error = {SECANT_OK, ""};
  int failed = 1;
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, &error) == SECANT_OK)
    failed = run_over(comm, argc > 1 ? argv[1] : "");
  else
    print_error("no communicator: %s\n", error.message);
  secant_comm_destroy(comm);
  return mpi_tests_end(failed) ? EXIT_FAILURE : EXIT_SUCCESS;
}
