/*
 * Option scaling = adaptive on several ranks: the diagonal H0 that pairs imply has the same bits on any number of them.
 * Run it with three ranks: it makes communicators of the first 1, 2, ... of them.
 */
#include "support/mpi_check.h"

#include "support/steep_run.h"
#include <secant/mpi.h>
#include <stdlib.h>
#include <unistd.h>

/* Several tiles a rank, the last one cut. */
enum { N = 5003, SAVED = 40 };

static secant_options adaptive(void)
{
  secant_options options = secant_options_default();
  options.scaling = SECANT_SCALING_ADAPTIVE;
  options.threads = 1;
  return options;
}

static steep_run *begin(secant_comm *comm, double shift)
{
  const secant_options options = adaptive();
  steep_run *run = steep_run_create(comm, N, 1.0, &options, shift);
  if (!run) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  return run;
}

/* Saves in the middle and lets a fresh optimizer go on from there. Collective over `comm`. */
static void check_resume(struct verdict *verdict, const steep_run *alone, secant_comm *comm, const char *when,
                         const char *path)
{
  steep_run *saver = begin(comm, 0.0), *loader = begin(comm, 1.0);
  CHECK(verdict, steep_run_advance(saver, SAVED) == SAVED, "%s: the run ends early", when);
  CHECK(verdict, steep_run_is_diagonal(saver), "%s: no diagonal where it is saved", when);
  const secant_status saved = secant_checkpoint_save(saver->optimizer, path, "steep");
  if (saved != SECANT_ERR_UNSUPPORTED) { /* built with HDF5 */
    CHECK(verdict, saved == SECANT_OK, "%s: not saved", when);
    CHECK(verdict, secant_checkpoint_load(loader->optimizer, path, "steep") == SECANT_OK, "%s: not loaded", when);
    steep_run_advance(loader, 1000);
    steep_run_compare(verdict, alone, loader, when);
  }
  steep_run_destroy(saver);
  steep_run_destroy(loader);
}

static void a_run_has_the_same_bits_on_any_number_of_ranks_and_after_a_resume(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  char path[60] = "/tmp/test_secant_adaptive.XXXXXX";
  if (mpi_world_rank() == 0 && !mkdtemp(path)) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  MPI_Bcast(path, (int)sizeof path, MPI_CHAR, 0, MPI_COMM_WORLD);
  char file[80];
  snprintf(file, sizeof file, "%s/run.h5", path);
  steep_run *alone = begin(NULL, 0.0);
  const int all = steep_run_advance(alone, 1000);
  CHECK(&verdict, all > SAVED + 20 && steep_run_is_diagonal(alone), "%d evaluations, or no diagonal", all);
  for (int size = 1; size <= mpi_world_size(); size++) {
    MPI_Comm part;
    char when[40];
    secant_comm *comm = mpi_first_ranks(size, &part);
    if (!comm) continue;
    snprintf(when, sizeof when, "%d ranks", size);
    steep_run *run = begin(comm, 0.0);
    steep_run_advance(run, 1000);
    steep_run_compare(&verdict, alone, run, when);
    steep_run_destroy(run);
    check_resume(&verdict, alone, comm, when, file);
    secant_comm_destroy(comm);
    MPI_Comm_free(&part);
  }
  steep_run_destroy(alone);
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) {
    unlink(file);
    rmdir(path);
  }
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_has_the_same_bits_on_any_number_of_ranks_and_after_a_resume),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
