/*
 * Incremental checkpoints of 1, 2, 3 or 4 ranks, all of them at the files or rank 0 alone: the same files of pairs, the
 * same state for any other number of ranks, and one outcome on all of them. Run on 4 ranks, which are split into smaller
 * ones.
 */
#include "support/mpi_check.h"

#include "continuation_tests.h"
#include <dirent.h>
#include <secant/inspect.h>
#include <secant/mpi.h>
#include <unistd.h>

enum { MOST = 4, MODES = 2, MOST_NAMES = 2000 };

static secant_checkpoint_io modes[MODES] = {SECANT_IO_MPIO, SECANT_IO_GATHER}; /* no mpio where HDF5 is serial */
static secant_comm *comms[MOST + 1]; /* [n]: of the first n ranks; NULL on the others, and in comms[0] */
static char reference[100], written[100], pairs[120];

static const variant usual = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5,
                              SECANT_HISTORY_SAME};

static continuation *run_on(secant_comm *comm, double shift)
{
  const secant_options options = options_of(&usual, 12);
  const int size = secant_comm_size(comm);
  return continuation_create_with_idle(comm, usual.dtype, &options, shift, size > 1 ? (size - 1) / 2 : -1);
}

/* ---- files, seen by rank 0 ---------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
  return strcmp(a, b);
}

/* The names in the directory of pairs, in order; removes the files if that is wanted. */
static void list_pairs(char *list, bool and_remove)
{
  enum { EACH = 64, MANY = 20 };
  char names[MANY][EACH];
  size_t count = 0;
  DIR *open = opendir(pairs);
  for (const struct dirent *entry = open ? readdir(open) : NULL; entry && count < MANY; entry = readdir(open)) {
    if (entry->d_name[0] == '.') continue;
    snprintf(names[count++], EACH, "%.60s", entry->d_name);
    if (and_remove) unlinkat(dirfd(open), entry->d_name, 0);
  }
  if (open) closedir(open);
  qsort(names, count, EACH, by_text);
  *list = '\0';
  for (size_t i = 0; i < count; i++) strcat(strcat(list, names[i]), " ");
  if (and_remove) rmdir(pairs);
}

static void expect_equal_files(struct verdict *verdict, const char *when)
{
  secant_node *tree = NULL;
  secant_error error = {SECANT_OK, ""};
  int64_t equal = 0;
  const secant_status status = secant_checkpoint_diff(reference, written, &tree, &error);
  const bool told = secant_node_get_integer(secant_node_find(tree, "equal"), &equal) == SECANT_OK;
  CHECK(verdict, status == SECANT_OK && told && equal, "%s: not the reference: %s", when, error.message);
  CHECK(verdict, secant_checkpoint_verify(written, &error) == SECANT_OK, "%s: %s", when, error.message);
  secant_node_destroy(tree);
}

/* ---- any number of ranks ------------------------------------------------------------------------------------------ */

static void load(struct verdict *verdict, continuation *run, const char *name, secant_checkpoint_io io,
                 const char *when)
{
  continuation_expect(verdict, run, secant_checkpoint_set_io(run->optimizer, io), SECANT_OK, when);
  continuation_expect(verdict, run, secanti_checkpoint_load(run->optimizer, name, PROBLEM, SMALL_PIECE), SECANT_OK,
                      when);
}

static void save(struct verdict *verdict, continuation *run, secant_checkpoint_io io, const char *when)
{
  secant_checkpoint_options options = secant_checkpoint_options_default();
  options.keep = 1;
  options.io = io;
  options.incremental = 1;
  continuation_expect(verdict, run,
                      secanti_checkpoint_save_with(run->optimizer, written, PROBLEM, &options, SMALL_PIECE), SECANT_OK,
                      when);
}

/* On `size` ranks: the state of the file `from` becomes an incremental checkpoint. Collective over the world. */
static void pass_on(struct verdict *verdict, int size, secant_checkpoint_io io, const char *from, const char *when)
{
  if (comms[size]) {
    continuation *run = run_on(comms[size], 0.25);
    load(verdict, run, from, io, when);
    save(verdict, run, io, when);
    continuation_destroy(run);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) expect_equal_files(verdict, when);
  MPI_Barrier(MPI_COMM_WORLD);
}

static void save_reference(struct verdict *verdict)
{
  if (mpi_world_rank() == 0) {
    continuation *run = run_on(NULL, 0.0);
    continuation_advance(run, 1000, true);
    continuation_expect(verdict, run, secant_checkpoint_save(run->optimizer, reference, PROBLEM), SECANT_OK, "save");
    continuation_destroy(run);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

static void any_number_of_ranks_writes_the_same_pairs_and_loads_them(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  char first[MOST_NAMES] = "", names[MOST_NAMES];
  save_reference(&verdict);
  for (int writers = 1; writers <= MOST; writers++) {
    for (int mode = 0; mode < MODES; mode++) {
      const int readers = 1 + (writers + mode) % MOST;
      char when[80];
      snprintf(when, sizeof when, "written by %d, %s", writers, mode ? "gather" : "mpio");
      pass_on(&verdict, writers, modes[mode], reference, when);
      snprintf(when, sizeof when, "written by %d, %s, loaded by %d", writers, mode ? "gather" : "mpio", readers);
      pass_on(&verdict, readers, modes[1 - mode], written, when);
      if (mpi_world_rank() > 0) continue;
      list_pairs(names, true);
      if (!*first) strcpy(first, names);
      CHECK(&verdict, *names && strcmp(names, first) == 0, "%s: pairs %s, not %s", when, names, first);
    }
  }
  mpi_assert(&verdict);
}

static void a_run_goes_on_bit_for_bit(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int mode = 0; mode < MODES; mode++) {
    continuation *straight = run_on(comms[MOST], 0.0), *saver = run_on(comms[MOST], 0.0);
    continuation_advance(straight, 1000, true);
    for (int i = 0; i < 3; i++) {
      continuation *loader = run_on(comms[MOST], 0.25);
      continuation_advance(saver, 4, true);
      save(&verdict, saver, modes[mode], "save");
      load(&verdict, loader, written, modes[mode], "load");
      continuation_advance(loader, 1000, true);
      continuation_compare(&verdict, straight, loader, "at the end");
      continuation_destroy(loader);
    }
    continuation_destroy(saver);
    continuation_destroy(straight);
  }
  mpi_assert(&verdict);
}

/* ---- failures ----------------------------------------------------------------------------------------------------- */

/* Rank 0 takes the directory away: a missing pair, and one that cannot be written. */
static void failures_are_common_and_change_nothing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  char names[MOST_NAMES];
  for (int mode = 0; mode < MODES; mode++) {
    continuation *run = run_on(comms[MOST], 0.0), *straight = run_on(comms[MOST], 0.0);
    secant_optimizer *o = run->optimizer;
    secant_checkpoint_options options = secant_checkpoint_options_default();
    options.io = modes[mode];
    options.incremental = 1;
    continuation_advance(run, 9, true);
    continuation_advance(straight, 9, true);
    save(&verdict, run, modes[mode], "save");
    continuation_expect(&verdict, run, secant_checkpoint_set_io(o, modes[mode]), SECANT_OK, "io");
    MPI_Barrier(MPI_COMM_WORLD);
    if (mpi_world_rank() == 0) list_pairs(names, true);
    MPI_Barrier(MPI_COMM_WORLD);
    continuation_expect(&verdict, run, secant_checkpoint_load(o, written, PROBLEM), SECANT_ERR_FORMAT, "no pairs");
    CHECK(&verdict, strstr(secant_message(o), pairs), "message: %s", secant_message(o));
    FILE *file = mpi_world_rank() == 0 ? fopen(pairs, "w") : NULL;
    if (file) fclose(file);
    MPI_Barrier(MPI_COMM_WORLD);
    continuation_expect(&verdict, run, secant_checkpoint_save_with(o, written, PROBLEM, &options), SECANT_ERR_IO,
                        "no directory");
    if (mpi_world_rank() == 0) unlink(pairs);
    options.incremental = mpi_world_rank() == 2;
    continuation_expect(&verdict, run, secant_checkpoint_save_with(o, written, PROBLEM, &options), SECANT_ERR_ARGUMENT,
                        "not equal");
    continuation_advance(run, 1000, true);
    continuation_advance(straight, 1000, true);
    continuation_compare(&verdict, straight, run, "after failures");
    continuation_destroy(run);
    continuation_destroy(straight);
  }
  mpi_assert(&verdict);
}

static void make_communicators(void)
{
  for (int size = 1; size <= MOST; size++) {
    MPI_Comm part = MPI_COMM_NULL;
    MPI_Comm_split(MPI_COMM_WORLD, mpi_world_rank() < size ? 0 : MPI_UNDEFINED, mpi_world_rank(), &part);
    if (part == MPI_COMM_NULL) continue;
    if (secant_comm_from_mpi(&comms[size], part, NULL) != SECANT_OK) MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Comm_free(&part);
  }
}

static void name_files(void)
{
  int process = (int)getpid();
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  snprintf(reference, sizeof reference, "test_incremental_mpi.%d.reference.h5", process);
  snprintf(written, sizeof written, "test_incremental_mpi.%d.written.h5", process);
  snprintf(pairs, sizeof pairs, "%s.pairs", written);
}

static void remove_files(void)
{
  char names[MOST_NAMES];
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() > 0) return;
  list_pairs(names, true);
  unlink(reference);
  unlink(written);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_number_of_ranks_writes_the_same_pairs_and_loads_them),
      cmocka_unit_test(a_run_goes_on_bit_for_bit),
      cmocka_unit_test(failures_are_common_and_change_nothing),
  };
  mpi_tests_begin(&argc, &argv);
  if (mpi_world_size() != MOST) MPI_Abort(MPI_COMM_WORLD, 1);
  name_files();
  make_communicators();
  if (!comms[MOST]->h5) modes[0] = SECANT_IO_AUTO;
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  remove_files();
  for (int size = 1; size <= MOST; size++) secant_comm_destroy(comms[size]);
  return mpi_tests_end(failed);
}
