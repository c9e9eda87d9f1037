/* Checkpoints through parallel HDF5, on any number of ranks. */
#include "support/mpi_check.h"

#include "continuation_tests.h"
#include <secant/mpi.h>
#include <unistd.h>

static secant_comm *comm;
static char path[200]; /* the same on all ranks */

static void a_loaded_run_goes_on_bit_for_bit_from_every_instant(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < 8; i++) {
    const variant v = {.dtype = i & 1 ? SECANT_F32 : SECANT_F64,
                       .direction = i & 2 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                       .line_search = i & 4 ? SECANT_LINE_SEARCH_NONE : SECANT_LINE_SEARCH_STRONG_WOLFE,
                       .history_size = i % 3 == 0 ? 5 : i % 3 - 1};
    check_every_instant(&verdict, comm, path, &v, 5);
    check_raised_limit(&verdict, comm, path, &v);
    check_steps(&verdict, comm, path, &v, 0.0, 0.0);
  }
  mpi_assert(&verdict);
}

static void a_file_loads_on_another_number_of_ranks(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5};
  const secant_options options = options_of(&v, 12);
  continuation *saver = continuation_create(comm, v.dtype, &options, 0.0);
  CHECK(&verdict, saver, "no optimizer");
  if (saver) {
    continuation_advance(saver, 6, true);
    continuation_expect(&verdict, saver, secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK, "saving");
  }
  continuation *alone = continuation_create(NULL, v.dtype, &options, 0.25);
  CHECK(&verdict, alone, "no optimizer");
  if (alone && mpi_world_rank() == 0) {
    continuation_expect(&verdict, alone, secant_checkpoint_load(alone->optimizer, path, PROBLEM), SECANT_OK, "alone");
    continuation_expect(&verdict, alone, secant_checkpoint_save(alone->optimizer, path, PROBLEM), SECANT_OK, "alone");
  }
  MPI_Barrier(MPI_COMM_WORLD);
  continuation *loader = continuation_create(comm, v.dtype, &options, 0.25);
  CHECK(&verdict, loader, "no optimizer");
  if (loader && saver) {
    continuation_expect(&verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK, "again");
    continuation_advance(saver, 1000, true);
    continuation_advance(loader, 1000, true);
    continuation_compare(&verdict, saver, loader, "through one process and back");
  }
  continuation_destroy(saver);
  continuation_destroy(alone);
  continuation_destroy(loader);
  mpi_assert(&verdict);
}

/* What cannot work fails everywhere with the same words, and nobody waits for anybody. */
static void failures_are_common(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5};
  const secant_options options = options_of(&v, 12);
  continuation *run = continuation_create(comm, v.dtype, &options, 0.0);
  CHECK(&verdict, run, "no optimizer");
  if (run) {
    secant_optimizer *o = run->optimizer;
    continuation_advance(run, 6, true);
    continuation_expect(&verdict, run, secant_checkpoint_save(o, "/nowhere/at/all", PROBLEM), SECANT_ERR_IO, "save");
    CHECK(&verdict, strstr(secant_message(o), "/nowhere/at/all"), "message: %s", secant_message(o));
    continuation_expect(&verdict, run, secant_checkpoint_load(o, "/nowhere/at/all", PROBLEM), SECANT_ERR_IO, "load");
    continuation_expect(&verdict, run, secant_checkpoint_save(o, path, PROBLEM), SECANT_OK, "save");
    continuation_expect(&verdict, run, secant_checkpoint_load(o, path, "another"), SECANT_ERR_MISMATCH, "problem");
    MPI_Barrier(MPI_COMM_WORLD);
    if (mpi_world_rank() == 0) CHECK(&verdict, truncate(path, 4000) == 0, "cannot truncate");
    MPI_Barrier(MPI_COMM_WORLD);
    continuation_expect(&verdict, run, secant_checkpoint_load(o, path, PROBLEM), SECANT_ERR_FORMAT, "truncated");
  }
  continuation_destroy(run);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_run_goes_on_bit_for_bit_from_every_instant),
      cmocka_unit_test(a_file_loads_on_another_number_of_ranks),
      cmocka_unit_test(failures_are_common),
  };
  mpi_tests_begin(&argc, &argv);
  int process = (int)getpid();
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  snprintf(path, sizeof path, "test_checkpoint_mpi.%d.h5", process);
  secant_error error;
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, &error) != SECANT_OK) return mpi_tests_end(1);
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) unlink(path);
  secant_comm_destroy(comm);
  return mpi_tests_end(failed);
}
