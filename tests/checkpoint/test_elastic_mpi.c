/*
 * A checkpoint is the same file whoever wrote it: 1, 2, 3 or 4 ranks, all of them at it or rank 0 alone, and any other
 * number of ranks gets the same state out of it, to the bit. Run on 4 ranks, which are split into smaller ones.
 */
#include "support/mpi_check.h"

#include "continuation_tests.h"
#include "same_contents.h"
#include <fcntl.h>
#include <secant/mpi.h>
#include <sys/file.h>
#include <unistd.h>

enum { MOST = 4, MODES = 2 };

static secant_checkpoint_io modes[MODES] = {SECANT_IO_MPIO, SECANT_IO_GATHER}; /* no mpio where HDF5 is serial */
static secant_comm *comms[MOST + 1]; /* [n]: of the first n ranks; NULL on the others, and in comms[0] */
static char reference[100], written[100], again[100];

/* The rank that owns nothing, of `size`. */
static int idle_of(int size)
{
  return size > 1 ? (size - 1) / 2 : -1;
}

static continuation *run_on(secant_comm *comm, const variant *v, double shift)
{
  const secant_options options = options_of(v, 12);
  return continuation_create_with_idle(comm, v->dtype, &options, shift, idle_of(secant_comm_size(comm)));
}

static void load(struct verdict *verdict, continuation *run, const char *name, secant_checkpoint_io io,
                 const char *when)
{
  continuation_expect(verdict, run, secant_checkpoint_set_io(run->optimizer, io), SECANT_OK, when);
  continuation_expect(verdict, run, secanti_checkpoint_load(run->optimizer, name, PROBLEM, SMALL_PIECE), SECANT_OK,
                      when);
}

static void save(struct verdict *verdict, continuation *run, const char *name, secant_checkpoint_io io,
                 const char *when)
{
  secant_checkpoint_options options = secant_checkpoint_options_default();
  options.keep = 1;
  options.io = io;
  continuation_expect(verdict, run, secanti_checkpoint_save_with(run->optimizer, name, PROBLEM, &options, SMALL_PIECE),
                      SECANT_OK, when);
}

/* What `run` has in memory of dataset /parameters/<p>/<name>, against the file. */
static void check_shard(struct verdict *verdict, const continuation *run, hid_t file, int p, const char *name,
                        const void *shard, const char *when)
{
  char dataset_name[40];
  snprintf(dataset_name, sizeof dataset_name, "/parameters/%d/%s", p, name);
  const hid_t dataset = H5Dopen2(file, dataset_name, H5P_DEFAULT);
  CHECK(verdict, dataset >= 0, "%s: no %s", when, dataset_name);
  if (dataset < 0) return;
  const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  size_t bytes = 0;
  char *whole = bytes_of_object(dataset, false, type, space, &bytes);
  const size_t element = H5Tget_size(type), count = run->parameters[p].local_count;
  CHECK(verdict, whole && memcmp(whole + (size_t)run->first[p] * element, shard, count * element) == 0,
        "%s: %s differs in memory", when, dataset_name);
  free(whole);
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(dataset);
}

static void check_memory(struct verdict *verdict, const continuation *run, const char *when)
{
  const hid_t file = open_to_compare(reference);
  CHECK(verdict, file >= 0, "%s: no reference", when);
  for (int p = 0; file >= 0 && p < CONTINUATION_PARAMETERS; p++) {
    check_shard(verdict, run, file, p, "x", run->parameters[p].values, when);
    check_shard(verdict, run, file, p, "g", run->parameters[p].gradient, when);
  }
  if (file >= 0) H5Fclose(file);
}

/* On `size` ranks: the state of one file, checked in memory, becomes another. Collective over the world. */
static void pass_on(struct verdict *verdict, const variant *v, int size, secant_checkpoint_io io, const char *from,
                    const char *to, const char *when)
{
  if (comms[size]) {
    continuation *run = run_on(comms[size], v, 0.25);
    CHECK(verdict, run, "%s: no optimizer", when);
    if (run) {
      load(verdict, run, from, io, when);
      check_memory(verdict, run, when);
      save(verdict, run, to, io, when);
    }
    continuation_destroy(run);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) check_same_contents(verdict, reference, to, when);
  MPI_Barrier(MPI_COMM_WORLD);
}

/* A run of one process that has reached its limit: it has pairs, one that is pending, a direction and gradients. */
static void save_reference(struct verdict *verdict, const variant *v)
{
  if (mpi_world_rank() == 0) {
    continuation *run = run_on(NULL, v, 0.0);
    continuation_advance(run, 1000, true);
    continuation_expect(verdict, run, secant_checkpoint_save(run->optimizer, reference, PROBLEM), SECANT_OK, "save");
    continuation_destroy(run);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

/* Either mode of reading, or only the one that did not write. */
static void check_all_sizes(struct verdict *verdict, const variant *v, bool both)
{
  save_reference(verdict, v);
  for (int writers = 1; writers <= MOST; writers++) {
    for (int mode = 0; mode < MODES; mode++) {
      char when[80];
      snprintf(when, sizeof when, "written by %d, %s", writers, mode ? "gather" : "mpio");
      pass_on(verdict, v, writers, modes[mode], reference, written, when);
      for (int crossed = 0; crossed < MODES * MOST; crossed++) {
        const int readers = 1 + crossed / MODES;
        if (!both && crossed % MODES == mode) continue;
        snprintf(when, sizeof when, "written by %d, %s, loaded by %d, %s", writers, mode ? "gather" : "mpio", readers,
                 crossed % MODES ? "gather" : "mpio");
        pass_on(verdict, v, readers, modes[crossed % MODES], written, again, when);
      }
    }
  }
}

static void any_number_of_ranks_gets_the_same_state_from_any(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  check_all_sizes(&verdict, &v, true);
  mpi_assert(&verdict);
}

static void so_it_does_in_f32(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F32, SECANT_DIRECTION_TWO_LOOP, SECANT_LINE_SEARCH_NONE, 5, SECANT_HISTORY_SAME};
  check_all_sizes(&verdict, &v, false);
  mpi_assert(&verdict);
}

static void so_it_does_with_a_history_in_f32(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_NONE, 5, SECANT_HISTORY_F32};
  check_all_sizes(&verdict, &v, false);
  mpi_assert(&verdict);
}

/* ---- gather ------------------------------------------------------------------------------------------------------- */

/* Saves and loads by rank 0 alone, from every instant, as the other tests do by all ranks. */
static void a_gathered_run_goes_on_bit_for_bit(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  const struct secanti_h5_driver *driver = comms[MOST]->h5;
  comms[MOST]->h5 = NULL;
  check_every_instant(&verdict, comms[MOST], written, &v, 6);
  check_raised_limit(&verdict, comms[MOST], written, &v);
  comms[MOST]->h5 = driver;
  mpi_assert(&verdict);
}

static void a_communicator_that_cannot_open_files_refuses_mpio_alone(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  const struct secanti_h5_driver *driver = comms[MOST]->h5;
  secant_checkpoint_options options = secant_checkpoint_options_default();
  continuation *run = run_on(comms[MOST], &v, 0.0);
  secant_optimizer *o = run->optimizer;
  comms[MOST]->h5 = NULL;
  options.io = SECANT_IO_MPIO;
  continuation_expect(&verdict, run, secant_checkpoint_save_with(o, written, PROBLEM, &options), SECANT_ERR_UNSUPPORTED,
                      "mpio");
  CHECK(&verdict, strstr(secant_message(o), "io gather"), "message: %s", secant_message(o));
  options.io = SECANT_IO_AUTO;
  continuation_expect(&verdict, run, secant_checkpoint_save_with(o, written, PROBLEM, &options), SECANT_OK, "auto");
  comms[MOST]->h5 = driver;
  options.io = mpi_world_rank() == 2 ? SECANT_IO_AUTO : SECANT_IO_GATHER;
  continuation_expect(&verdict, run, secant_checkpoint_save_with(o, written, PROBLEM, &options), SECANT_ERR_ARGUMENT,
                      "not equal");
  CHECK(&verdict, secant_checkpoint_set_io(o, (secant_checkpoint_io)3) == SECANT_ERR_ARGUMENT, "an io of 3");
  continuation_destroy(run);
  mpi_assert(&verdict);
}

/* All ranks but the first are in a directory where the relative path leads nowhere. */
static void ranks_that_do_not_see_the_file_take_part(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  char home[500];
  CHECK(&verdict, getcwd(home, sizeof home), "no working directory");
  CHECK(&verdict, mpi_world_rank() == 0 || chdir("/proc") == 0, "cannot leave it");
  continuation *saver = run_on(comms[MOST], &v, 0.0), *loader = run_on(comms[MOST], &v, 0.25);
  continuation_advance(saver, 9, true);
  save(&verdict, saver, written, SECANT_IO_GATHER, "unseen");
  load(&verdict, loader, written, SECANT_IO_GATHER, "unseen");
  continuation_advance(saver, 1000, true);
  continuation_advance(loader, 1000, true);
  continuation_compare(&verdict, saver, loader, "unseen");
  CHECK(&verdict, mpi_world_rank() == 0 || chdir(home) == 0, "cannot come back");
  continuation_destroy(saver);
  continuation_destroy(loader);
  mpi_assert(&verdict);
}

static void expect_load(struct verdict *verdict, continuation *run, const char *name, const char *problem,
                        secant_status expected, const char *words)
{
  continuation_expect(verdict, run, secant_checkpoint_load(run->optimizer, name, problem), expected, words);
  const char *message = secant_message(run->optimizer);
  CHECK(verdict, strstr(message, words), "message '%s' lacks '%s'", message, words);
}

static void truncate_on_rank_0(struct verdict *verdict, const char *name, long length)
{
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) CHECK(verdict, truncate(name, length) == 0, "cannot truncate");
  MPI_Barrier(MPI_COMM_WORLD);
}

static void failures_of_rank_0_are_common(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  continuation *run = run_on(comms[MOST], &v, 0.0), *straight = run_on(comms[MOST], &v, 0.0);
  secant_optimizer *o = run->optimizer;
  continuation_advance(run, 9, true);
  continuation_advance(straight, 9, true);
  continuation_expect(&verdict, run, secant_checkpoint_set_io(o, SECANT_IO_GATHER), SECANT_OK, "io");
  continuation_expect(&verdict, run, secant_checkpoint_save(o, "/nowhere/at/all", PROBLEM), SECANT_ERR_IO, "save");
  CHECK(&verdict, strstr(secant_message(o), "/nowhere/at/all"), "message: %s", secant_message(o));
  expect_load(&verdict, run, "/nowhere/at/all", PROBLEM, SECANT_ERR_IO, "/nowhere/at/all");
  save(&verdict, run, written, SECANT_IO_GATHER, "save");
  expect_load(&verdict, run, written, "another", SECANT_ERR_MISMATCH, "'another'");
  truncate_on_rank_0(&verdict, written, 9000);
  expect_load(&verdict, run, written, PROBLEM, SECANT_ERR_FORMAT, written);
  continuation_advance(run, 1000, true);
  continuation_advance(straight, 1000, true);
  continuation_compare(&verdict, straight, run, "after failures");
  continuation_destroy(run);
  continuation_destroy(straight);
  mpi_assert(&verdict);
}

/* A directory may be opened to be read, and then cannot be. */
static secant_status open_directory(secant_error *error)
{
  H5E_auto2_t print = NULL;
  void *data = NULL;
  secanti_h5_file file;
  H5Eget_auto2(H5E_DEFAULT, &print, &data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  const secant_status status = secanti_h5_begin(&file, comms[MOST], "/", false, SECANT_IO_MPIO, error);
  H5Eset_auto2(H5E_DEFAULT, print, data);
  return status;
}

static void a_failure_of_mpi_io_comes_with_a_way_around_it(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_error error = {.status = SECANT_OK};
  const bool fails = open_directory(&error) != SECANT_OK;
  const bool advised = strstr(error.message, "io gather does without MPI-IO") != NULL;
  CHECK(&verdict, fails && advised == (comms[MOST]->h5 != NULL), "message: %s", error.message);
  mpi_assert(&verdict);
}

/* HDF5's own lock, which it takes where one rank opens the file. */
static void a_file_that_is_locked_is_refused_on_all_ranks(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  continuation *run = run_on(comms[MOST], &v, 0.0);
  save(&verdict, run, written, SECANT_IO_GATHER, "not locked yet");
  const int descriptor = mpi_world_rank() == 0 ? open(written, O_RDWR) : -1;
  CHECK(&verdict, mpi_world_rank() > 0 || flock(descriptor, LOCK_EX | LOCK_NB) == 0, "cannot lock");
  continuation_expect(&verdict, run, secant_checkpoint_set_io(run->optimizer, SECANT_IO_GATHER), SECANT_OK, "io");
  expect_load(&verdict, run, written, PROBLEM, SECANT_ERR_IO, "HDF5_USE_FILE_LOCKING=FALSE");
  if (descriptor >= 0) close(descriptor);
  continuation_destroy(run);
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
  snprintf(reference, sizeof reference, "test_elastic_mpi.%d.reference.h5", process);
  snprintf(written, sizeof written, "test_elastic_mpi.%d.written.h5", process);
  snprintf(again, sizeof again, "test_elastic_mpi.%d.again.h5", process);
}

static void remove_files(void)
{
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() > 0) return;
  unlink(reference);
  unlink(written);
  unlink(again);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_number_of_ranks_gets_the_same_state_from_any),
      cmocka_unit_test(so_it_does_in_f32),
      cmocka_unit_test(so_it_does_with_a_history_in_f32),
      cmocka_unit_test(a_gathered_run_goes_on_bit_for_bit),
      cmocka_unit_test(a_communicator_that_cannot_open_files_refuses_mpio_alone),
      cmocka_unit_test(ranks_that_do_not_see_the_file_take_part),
      cmocka_unit_test(failures_of_rank_0_are_common),
      cmocka_unit_test(a_failure_of_mpi_io_comes_with_a_way_around_it),
      cmocka_unit_test(a_file_that_is_locked_is_refused_on_all_ranks),
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
