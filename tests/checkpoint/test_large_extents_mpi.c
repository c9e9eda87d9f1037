/* Datasets with more elements than a 32-bit number counts, through parallel HDF5: between the ranks stand phantoms, so
 * that all but the first have their part beyond 2^32. */
#include "support/mpi_check.h"

#include "large_extents.h"
#include <secant/mpi.h>
#include <stdio.h>

static secant_comm *comm;
static char path[200]; /* the same on all ranks */

static void every_rank_finds_its_part_again(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = large_run_options();
  int works = mpi_world_rank() != 0 || sparse_files_work(path, largest_checkpoint(mpi_world_size()));
  MPI_Bcast(&works, 1, MPI_INT, 0, MPI_COMM_WORLD);
  if (!works) skip();
  large_run *saver = large_run_create(comm, LARGE_STRIDE, LARGE_PLACE, 0, &options);
  large_run *loader = large_run_create(comm, LARGE_STRIDE, LARGE_PLACE, 0, &options);
  CHECK(&verdict, saver && loader, "no optimizer");
  if (saver && loader) check_save_and_load(&verdict, path, saver, loader);
  large_run_destroy(saver);
  large_run_destroy(loader);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_rank_finds_its_part_again)};
  mpi_tests_begin(&argc, &argv);
  int process = (int)getpid();
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  snprintf(path, sizeof path, "test_large_extents_mpi.%d.h5", process);
  secant_error error;
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, &error) != SECANT_OK) return mpi_tests_end(1);
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) unlink(path);
  secant_comm_destroy(comm);
  return mpi_tests_end(failed);
}
