/*
 * Every call by which a rank touches the disk in a save fails once, or from then on: the save says so on all ranks or has
 * done all the same, and what is on the disk goes on to the same end. Every call by which a rank reads fails in a load: it
 * says so on all ranks, and changes nothing. With io mpio and gather, and in one process for all calls, so that a failed
 * save must not leave anything behind that spoils the next ones.
 */
#include "support/mpi_check.h"

#include "continuation_tests.h"
#include "fault_preload.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <secant/checkpoint.h>
#include <secant/mpi.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is made to fail. */
typedef struct fault {
  const char *kind;
  int code;
  const char *action;
} fault;

static const fault faults[] = {
    {"open", EIO, "fail"},        {"write", EIO, "fail"},        {"write", ENOSPC, "fail"}, {"fsync", EIO, "fail"},
    {"rename", EIO, "fail"},      {"truncate", EIO, "fail"},     {"link", EIO, "fail"},     {"link", EPERM, "fail"},
    {"close", EIO, "fail"},       {"fallocate", ENOSPC, "fail"}, {"open", EIO, "fail-on"},  {"write", EIO, "fail-on"},
    {"write", ENOSPC, "fail-on"}, {"truncate", EIO, "fail-on"},  {"close", EIO, "fail-on"},
};
static const fault read_fault = {"read", EIO, "fail"};
enum { FAULTS = sizeof faults / sizeof *faults, OLDER = 4, NEWER = 7, WHOLE = 1000 };

static const variant usual = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5,
                              SECANT_HISTORY_SAME};
static secant_comm *comm;
static char directory[] = "/tmp/test_faults.XXXXXX", path[100], older_path[110];

/* The run at two points, and at its end. */
typedef struct scene {
  struct verdict verdict;
  continuation *newer, *whole, *loader;
  secant_info older_info, newer_info;
  char *older_bytes; /* its checkpoint; on rank 0 */
  size_t older_size;
  int descriptors; /* open before the first fault */
} scene;

/* ---- files --------------------------------------------------------------------------------------------------------- */

static void read_whole(const char *name, scene *s)
{
  FILE *file = fopen(name, "rb");
  struct stat about;
  if (!file || fstat(fileno(file), &about) != 0) abort();
  s->older_size = (size_t)about.st_size;
  s->older_bytes = malloc(s->older_size);
  if (!s->older_bytes || fread(s->older_bytes, 1, s->older_size, file) != s->older_size) abort();
  fclose(file);
}

/* Leaves the older checkpoint alone in the directory. */
static void put_back(const scene *s)
{
  if (mpi_world_rank() == 0) {
    unlink(older_path);
    unlink(path);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || write(file, s->older_bytes, s->older_size) != (ssize_t)s->older_size) abort();
    close(file);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

static int entries_of(const char *name, bool (*counts)(const char *entry))
{
  DIR *entries = opendir(name);
  int count = 0;
  for (const struct dirent *entry = entries ? readdir(entries) : NULL; entry; entry = readdir(entries))
    count += entry->d_name[0] != '.' && counts(entry->d_name);
  if (entries) closedir(entries);
  return count;
}

static bool is_unknown(const char *entry)
{
  return strcmp(entry, "save.h5") != 0 && strcmp(entry, "save.h5.1") != 0;
}

static bool any(const char *entry)
{
  (void)entry;
  return true;
}

static int open_descriptors(void)
{
  return entries_of("/proc/self/fd", any);
}

/* ---- one fault ------------------------------------------------------------------------------------------------------ */

static bool same_point(const secant_info *a, const secant_info *b)
{
  const bool same = a->n_iter == b->n_iter && a->func_evals == b->func_evals;
  return same && (a->func_evals == 0 || (a->loss == b->loss && a->grad_inf == b->grad_inf));
}

/* What is on the disk loads without a word, is one of the two points, and goes on to the end of the whole run. */
static void check_loads(scene *s, bool saved, const char *when)
{
  char loaded[120];
  const secant_options options = options_of(&usual, 12);
  continuation *loader = continuation_create(comm, usual.dtype, &options, 0.25);
  if (!loader) abort();
  continuation_expect(&s->verdict, loader, secant_checkpoint_set_io(loader->optimizer, SECANT_IO_GATHER), SECANT_OK,
                      when);
  const secant_status status = secant_checkpoint_load_newest(loader->optimizer, path, PROBLEM, loaded, sizeof loaded);
  continuation_expect(&s->verdict, loader, status, SECANT_OK, when);
  CHECK(&s->verdict, strcmp(loaded, path) == 0, "%s: '%s' was loaded: %s", when, loaded,
        secant_message(loader->optimizer));
  const secant_info info = secant_get_info(loader->optimizer);
  const bool newer = same_point(&info, &s->newer_info), older = same_point(&info, &s->older_info);
  CHECK(&s->verdict, saved ? newer : newer || older, "%s: iteration %d was loaded", when, (int)info.n_iter);
  continuation_advance(loader, WHOLE, true);
  continuation_compare(&s->verdict, s->whole, loader, when);
  continuation_destroy(loader);
}

/* One sentence, and the same status on all ranks. */
static void check_statuses(scene *s, secant_status status, const char *message, const char *when)
{
  int own = (int)status, lowest = own, highest = own;
  MPI_Allreduce(&own, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  MPI_Allreduce(&own, &highest, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  CHECK(&s->verdict, lowest == highest, "%s: statuses %d to %d", when, lowest, highest);
  CHECK(&s->verdict, status == SECANT_OK || (strstr(message, "save.h5") && !strchr(message, '\n')), "%s: '%s'", when,
        message);
}

/* Nothing is left but checkpoints. */
static void check_outcome(scene *s, secant_status status, const char *when)
{
  const char *message = secant_message(s->newer->optimizer);
  check_statuses(s, status, message, when);
  CHECK(&s->verdict, status == SECANT_OK || status == SECANT_ERR_IO, "%s: %s", when, message);
  if (mpi_world_rank() == 0)
    CHECK(&s->verdict, entries_of(directory, is_unknown) == 0, "%s: files are left behind", when);
  CHECK(&s->verdict, open_descriptors() == s->descriptors, "%s: %d descriptors are open, not %d", when,
        open_descriptors(), s->descriptors);
}

/* Whether that rank had such a call at all. */
static bool suffer(scene *s, const fault *f, secant_checkpoint_io io, int rank, int call)
{
  char plan[60], when[120];
  snprintf(plan, sizeof plan, "%s %d %s %d", f->kind, call, f->action, f->code);
  snprintf(when, sizeof when, "io %d, %s on rank %d", (int)io, plan, rank);
  secant_checkpoint_options options = secant_checkpoint_options_default();
  options.io = io;
  put_back(s);
  const bool mine = mpi_world_rank() == rank;
  if (mine) fault_plan(plan);
  const secant_status status = secant_checkpoint_save_with(s->newer->optimizer, path, PROBLEM, &options);
  int struck = mine && fault_has_struck();
  fault_plan(NULL);
  MPI_Bcast(&struck, 1, MPI_INT, rank, MPI_COMM_WORLD);
  check_outcome(s, status, when);
  CHECK(&s->verdict, struck || status == SECANT_OK, "%s: failed without a fault", when);
  const bool vital = strcmp(f->kind, "write") == 0 || strcmp(f->kind, "fsync") == 0;
  CHECK(&s->verdict, !struck || !vital || status != SECANT_OK, "%s: went unnoticed", when);
  check_loads(s, status == SECANT_OK, when);
  return struck;
}

/* ---- all of them ------------------------------------------------------------------------------------------------------ */

static scene make_scene(void)
{
  scene s = {.descriptors = 0};
  const secant_options options = options_of(&usual, 12);
  continuation *older = continuation_create(comm, usual.dtype, &options, 0.0);
  s.newer = continuation_create(comm, usual.dtype, &options, 0.0);
  s.whole = continuation_create(comm, usual.dtype, &options, 0.0);
  s.loader = continuation_create(comm, usual.dtype, &options, 0.25);
  if (!older || !s.newer || !s.whole || !s.loader) abort();
  continuation_advance(older, OLDER, true);
  continuation_advance(s.newer, NEWER, true);
  continuation_advance(s.whole, WHOLE, true);
  for (int i = 0; i < 2; i++) { /* the first save opens what MPI-IO keeps */
    continuation *run = i == 0 ? s.newer : older;
    continuation_expect(&s.verdict, run, secant_checkpoint_save(run->optimizer, path, PROBLEM), SECANT_OK, "save");
    continuation *loader = continuation_create(comm, usual.dtype, &options, 0.25);
    if (!loader) abort();
    continuation_expect(&s.verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK,
                        "load");
    *(i == 0 ? &s.newer_info : &s.older_info) = secant_get_info(loader->optimizer);
    continuation_destroy(loader);
  }
  if (mpi_world_rank() == 0) read_whole(path, &s);
  s.descriptors = open_descriptors();
  continuation_destroy(older);
  return s;
}

static void destroy_scene(scene *s)
{
  free(s->older_bytes);
  continuation_destroy(s->newer);
  continuation_destroy(s->whole);
  continuation_destroy(s->loader);
}

/* Lets one call fail. Returns whether that rank had such a call at all. */
typedef bool sufferer(scene *s, const fault *f, secant_checkpoint_io io, int rank, int call);

/* The same for a load of the older file. */
static bool suffer_in_load(scene *s, const fault *f, secant_checkpoint_io io, int rank, int call)
{
  char plan[60], when[120];
  snprintf(plan, sizeof plan, "%s %d %s %d", f->kind, call, f->action, f->code);
  snprintf(when, sizeof when, "load, io %d, %s on rank %d", (int)io, plan, rank);
  const bool mine = mpi_world_rank() == rank;
  continuation_expect(&s->verdict, s->loader, secant_checkpoint_set_io(s->loader->optimizer, io), SECANT_OK, when);
  const secant_info before = secant_get_info(s->loader->optimizer);
  if (mine) fault_plan(plan);
  const secant_status status = secant_checkpoint_load(s->loader->optimizer, path, PROBLEM);
  int struck = mine && fault_has_struck();
  fault_plan(NULL);
  MPI_Bcast(&struck, 1, MPI_INT, rank, MPI_COMM_WORLD);
  check_statuses(s, status, secant_message(s->loader->optimizer), when);
  const bool documented = status == SECANT_OK || status == SECANT_ERR_IO || status == SECANT_ERR_FORMAT;
  CHECK(&s->verdict, documented, "%s: %s", when, secant_status_text(status));
  CHECK(&s->verdict, struck || status == SECANT_OK, "%s: failed without a fault", when);
  const secant_info after = secant_get_info(s->loader->optimizer);
  CHECK(&s->verdict, same_point(&after, status == SECANT_OK ? &s->older_info : &before), "%s: another point", when);
  return struck;
}

/* Every call; a verdict that is bad somewhere ends the loop everywhere. Returns the number of faults. */
static int suffer_calls(scene *s, const fault *f, sufferer *one, secant_checkpoint_io io, int rank)
{
  int bad = 0, call = 1;
  while (!bad && one(s, f, io, rank, call)) {
    call++;
    bad = s->verdict.failures;
    MPI_Allreduce(MPI_IN_PLACE, &bad, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  }
  return call - 1;
}

static int suffer_all(scene *s, secant_checkpoint_io io)
{
  int suffered = 0;
  for (int rank = 0; rank < mpi_world_size(); rank++) {
    for (int i = 0; i < FAULTS; i++) suffered += suffer_calls(s, &faults[i], suffer, io, rank);
  }
  return suffered;
}

static int suffer_all_in_loads(scene *s, secant_checkpoint_io io)
{
  int suffered = 0;
  put_back(s);
  for (int rank = 0; rank < mpi_world_size(); rank++) {
    suffered += suffer_calls(s, &read_fault, suffer_in_load, io, rank);
  }
  return suffered;
}

static void check_all(secant_checkpoint_io io)
{
  scene s = make_scene();
  const int suffered = suffer_all(&s, io), in_loads = suffer_all_in_loads(&s, io);
  CHECK(&s.verdict, suffered > 60 && in_loads > 10, "only %d and %d faults", suffered, in_loads);
  if (mpi_world_rank() == 0) {
    print_message("io %d: %d faults in saves and %d in loads of %d ranks\n", (int)io, suffered, in_loads,
                  mpi_world_size());
  }
  destroy_scene(&s);
  mpi_assert(&s.verdict);
}

static void a_fault_of_one_rank_loses_nothing_with_mpio(void **state)
{
  (void)state;
  if (!comm->h5 && comm->size > 1) skip();
  check_all(SECANT_IO_MPIO);
}

static void a_fault_of_one_rank_loses_nothing_with_gather(void **state)
{
  (void)state;
  check_all(SECANT_IO_GATHER);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fault_of_one_rank_loses_nothing_with_mpio),
      cmocka_unit_test(a_fault_of_one_rank_loses_nothing_with_gather),
  };
  mpi_tests_begin(&argc, &argv);
  if (mpi_world_rank() == 0 && !mkdtemp(directory)) abort();
  MPI_Bcast(directory, (int)sizeof directory, MPI_CHAR, 0, MPI_COMM_WORLD);
  snprintf(path, sizeof path, "%s/save.h5", directory);
  snprintf(older_path, sizeof older_path, "%s.1", path);
  secant_error error;
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, &error) != SECANT_OK) return mpi_tests_end(1);
  setenv("FAULT_BELOW", directory, 1);
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  secant_comm_destroy(comm);
  if (mpi_world_rank() == 0) {
    unlink(older_path);
    unlink(path);
    rmdir(directory);
  }
  return mpi_tests_end(failed);
}
