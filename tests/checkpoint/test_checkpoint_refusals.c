/* Checkpoints of one process: foreign and damaged files, failing disks and calls. Whatever fails changes nothing. */
#include "checkpoint_fixture.h"

#include "support/faulty_comm.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- refusals: after each the optimizer goes on as if nothing had been tried ---------------------------------------- */

/* A run in the middle of a search, and the same run that nobody disturbs. */
typedef struct pair_of_runs {
  continuation *disturbed, *straight;
} pair_of_runs;

enum { MIDDLE = 9 };

static pair_of_runs begin_pair(const variant *v)
{
  const secant_options options = options_of(v, 12);
  const pair_of_runs runs = {continuation_create(NULL, v->dtype, &options, 0.0),
                             continuation_create(NULL, v->dtype, &options, 0.0)};
  assert_non_null(runs.disturbed);
  assert_non_null(runs.straight);
  assert_int_equal(continuation_advance(runs.disturbed, MIDDLE, true), MIDDLE);
  assert_int_equal(continuation_advance(runs.straight, MIDDLE, true), MIDDLE);
  return runs;
}

static void end_pair(struct verdict *verdict, pair_of_runs *runs, const char *when)
{
  continuation_compare(verdict, runs->straight, runs->disturbed, when);
  continuation_advance(runs->straight, 1000, true);
  continuation_advance(runs->disturbed, 1000, true);
  continuation_compare(verdict, runs->straight, runs->disturbed, when);
  continuation_destroy(runs->straight);
  continuation_destroy(runs->disturbed);
}

/* Loads into a run of `v`: fails with `expected` and with a message that contains `words`. */
static void check_refused(struct verdict *verdict, const variant *v, const char *problem, secant_status expected,
                          const char *words, const char *when)
{
  pair_of_runs runs = begin_pair(v);
  secant_optimizer *o = runs.disturbed->optimizer;
  continuation_expect(verdict, runs.disturbed, secant_checkpoint_load(o, path, problem), expected, when);
  CHECK(verdict, strstr(secant_message(o), words), "%s: message '%s' lacks '%s'", when, secant_message(o), words);
  CHECK(verdict, !secant_get_info(o).resumed, "%s: marked as resumed", when);
  end_pair(verdict, &runs, when);
}

static void a_file_of_another_run_is_refused_with_the_difference(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  save_run_of(&usual);
  check_refused(&verdict, &usual, "another sum", SECANT_ERR_MISMATCH, "'another sum'", "problem");
  assert_good(&verdict);
}

/* Loads the file of the usual run into an optimizer with these parameters. */
static void check_parameters_refused(struct verdict *verdict, const secant_parameter *parameters, size_t count,
                                     const char *words)
{
  secant_optimizer *o = NULL;
  assert_int_equal(secant_create(&o, parameters, count, NULL, NULL, NULL), SECANT_OK);
  const secant_status status = secant_checkpoint_load(o, path, PROBLEM);
  CHECK(verdict, status == SECANT_ERR_MISMATCH, "%s: status %d", words, (int)status);
  CHECK(verdict, strstr(secant_message(o), words), "message '%s' lacks '%s'", secant_message(o), words);
  secant_destroy(o);
}

static void other_parameters_are_refused_with_the_difference(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, 0.0);
  save_run_of(&usual);
  const int64_t transposed[] = {50, 30};
  secant_parameter p[CONTINUATION_PARAMETERS];
  for (int change = 0; change < 5; change++) {
    memcpy(p, run->parameters, sizeof p);
    if (change == 1) p[0].name = "layer/other";
    if (change == 2) p[3].shape = transposed;
    if (change == 3) p[3].dimensions = 0;
    if (change == 4) p[0].local_count--;
    static const char *const words[] = {"number of parameters is 4 in the file, but 3", "layer/other",
                                        "dimension 0 of parameter 'layer/matrix' is 30", "number of dimensions",
                                        "'layer/weight' is 37 in the file, but 36"};
    check_parameters_refused(&verdict, p, change == 0 ? 3 : 4, words[change]);
  }
  continuation_destroy(run);
  assert_good(&verdict);
}

/* ---- damage --------------------------------------------------------------------------------------------------------- */

static void a_truncated_file_is_refused_at_any_length(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  struct stat file;
  save_run_of(&usual);
  assert_int_equal(stat(path, &file), 0);
  for (off_t length = file.st_size - 1; length > 0; length -= 1 + length / 9) {
    char when[40];
    snprintf(when, sizeof when, "cut to %lld bytes", (long long)length);
    assert_int_equal(truncate(path, length), 0);
    check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, path, when);
  }
  assert_int_equal(truncate(path, 0), 0);
  check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, "not an HDF5 file", "empty");
  assert_good(&verdict);
}

static void what_is_no_checkpoint_is_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  FILE *text = fopen(path, "w");
  assert_non_null(text);
  for (int i = 0; i < 1000; i++) fputs("1 1:0.5 2:0.25\n", text);
  assert_int_equal(fclose(text), 0);
  check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, "not an HDF5 file", "text");
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Fclose(file) >= 0);
  check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, "not a checkpoint", "foreign HDF5");
  assert_int_equal(unlink(path), 0);
  check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_IO, "No such file", "absent");
  assert_int_equal(mkdir(path, 0777), 0);
  check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_IO, "not a regular file", "directory");
  assert_int_equal(rmdir(path), 0);
  assert_good(&verdict);
}

static hid_t open_to_damage(void)
{
  save_run_of(&usual);
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(file >= 0);
  return file;
}

static void a_missing_object_is_named(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  static const char *const objects[] = {"/parameters/0/x", "/parameters/3/g", "/parameters/3/s", "/parameters/2/y",
                                        "/parameters/1/x", "/state/gram_sy",  "/state/sg",       "/parameters/3/g0",
                                        "/parameters",     "/parameters/3",   "/state"};
  for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
    const hid_t file = open_to_damage();
    assert_true(H5Ldelete(file, objects[i], H5P_DEFAULT) >= 0);
    assert_true(H5Fclose(file) >= 0);
    seal_again();
    check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, strrchr(objects[i], '/') + 1, objects[i]);
  }
  assert_good(&verdict);
}

static void a_dataset_of_another_kind_is_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int kind = 0; kind < 4; kind++) {
    const hid_t file = open_to_damage();
    const hsize_t extent[] = {kind == 0 ? 36 : 37, 1};
    const hid_t space = H5Screate_simple(kind == 3 ? 2 : 1, extent, NULL);
    const hid_t type = kind == 1 ? H5T_NATIVE_FLOAT : kind == 2 ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
    assert_true(H5Ldelete(file, "/parameters/0/x", H5P_DEFAULT) >= 0);
    assert_true(H5Dclose(H5Dcreate2(file, "/parameters/0/x", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)) >= 0);
    H5Sclose(space);
    assert_true(H5Fclose(file) >= 0);
    seal_again();
    check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, "dataset 'x' has not the expected", "another kind");
  }
  assert_good(&verdict);
}

/* Every attribute of the state is needed, and those with a range are held to it. */
static void every_attribute_of_the_state_is_checked(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (size_t i = 0; i < 2 * secanti_scalar_count; i++) {
    const secanti_scalar *scalar = &secanti_scalars[i / 2];
    const int64_t wrong = i % 2 ? INT64_MAX : -1; /* a counter must have room to count on */
    if (i % 2 && scalar->kind != SECANTI_INTEGER) continue;
    const hid_t file = open_to_damage(), group = H5Gopen2(file, "state", H5P_DEFAULT);
    assert_true(H5Adelete(group, scalar->name) >= 0);
    if (scalar->kind == SECANTI_INTEGER) {
      const hid_t space = H5Screate(H5S_SCALAR);
      const hid_t a = H5Acreate2(group, scalar->name, H5T_NATIVE_INT64, space, H5P_DEFAULT, H5P_DEFAULT);
      assert_true(H5Awrite(a, H5T_NATIVE_INT64, &wrong) >= 0);
      H5Aclose(a);
      H5Sclose(space);
    }
    H5Gclose(group);
    assert_true(H5Fclose(file) >= 0);
    seal_again();
    check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, scalar->name, scalar->name);
  }
  assert_good(&verdict);
}

static void a_newer_or_older_format_is_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const int64_t versions[] = {SECANTI_FORMAT_VERSION - 1, SECANTI_FORMAT_VERSION + 1};
  for (int i = 0; i < 2; i++) {
    const hid_t file = open_to_damage(), attribute = H5Aopen(file, "version", H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_INT64, &versions[i]) >= 0);
    H5Aclose(attribute);
    assert_true(H5Fclose(file) >= 0);
    seal_again();
    char named[40];
    snprintf(named, sizeof named, "format version %d", (int)versions[i]);
    check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_FORMAT, named, "format");
  }
  assert_good(&verdict);
}

/* HDF5 locks what it opens; a lock through another descriptor stands for another process. */
static void a_file_that_is_locked_is_refused_with_the_cause_and_the_cure(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  save_run_of(&usual);
  const int descriptor = open(path, O_RDWR);
  assert_true(descriptor >= 0);
  assert_int_equal(flock(descriptor, LOCK_EX | LOCK_NB), 0);
  check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_IO, "another process has the file open", "locked");
  check_refused(&verdict, &usual, PROBLEM, SECANT_ERR_IO, "set HDF5_USE_FILE_LOCKING=FALSE", "locked");
  assert_int_equal(close(descriptor), 0);
  assert_good(&verdict);
}

/* ---- saves that fail ------------------------------------------------------------------------------------------------ */

static void save_refused(struct verdict *verdict, const char *where, const char *words)
{
  pair_of_runs runs = begin_pair(&usual);
  secant_optimizer *o = runs.disturbed->optimizer;
  continuation_expect(verdict, runs.disturbed, secant_checkpoint_save(o, where, PROBLEM), SECANT_ERR_IO, where);
  CHECK(verdict, strstr(secant_message(o), words), "message '%s' lacks '%s'", secant_message(o), words);
  end_pair(verdict, &runs, where);
}

static void a_save_to_no_place_fails_with_a_sentence(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  save_refused(&verdict, "/nowhere/at/all.h5", "No such file or directory");
  save_refused(&verdict, directory, "is a directory");
  CHECK(&verdict, access(temporary, F_OK) != 0, "a temporary file was left");
  assert_good(&verdict);
}

/* Returns the content of the file; free() it. */
static char *content(size_t *size)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  assert_int_equal(fread(bytes, 1, *size, file), *size);
  fclose(file);
  return bytes;
}

/* Saves with room for `limit` bytes in a file; the exit code is 0 if that failed as it should. */
static int save_without_room(rlim_t limit)
{
  const struct rlimit full = {limit, RLIM_INFINITY};
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, 0.0);
  signal(SIGXFSZ, SIG_IGN);
  if (!run || continuation_advance(run, 1000, true) < 0 || setrlimit(RLIMIT_FSIZE, &full) != 0) return 2;
  return secant_checkpoint_save(run->optimizer, path, PROBLEM) == SECANT_ERR_IO ? 0 : 1;
}

/* The disk fills up after so many bytes: the older file stays as it was, and nothing else stays. In processes of their
 * own that leave without HDF5's end, which does not bear a file that could never be flushed. */
static void an_older_file_survives_a_full_disk(void **state)
{
  (void)state;
  size_t before_size, after_size;
  save_run_of(&usual);
  char *before = content(&before_size);
  for (rlim_t limit = 0; limit < before_size; limit += 1 + before_size / 15) {
    int outcome = -1;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(save_without_room(limit));
    assert_int_equal(waitpid(child, &outcome, 0), child);
    if (outcome != 0) fail_msg("limit %lu: outcome %d", (unsigned long)limit, outcome);
    char *after = content(&after_size);
    assert_int_equal(after_size, before_size);
    assert_memory_equal(before, after, before_size);
    assert_int_not_equal(access(temporary, F_OK), 0);
    free(after);
  }
  free(before);
}

/* A run to its middle on a communicator whose call number `fail_at` after that fails; 0: none does. */
static continuation *run_with_fault(secant_comm **comm, int64_t fail_at)
{
  const secant_options options = options_of(&usual, 12);
  int64_t calls = 0;
  continuation *run = NULL;
  for (int pass = 0; pass < 2; pass++) {
    *comm = faulty_comm_create(NULL, pass == 0 || fail_at == 0 ? 0 : calls + fail_at);
    run = continuation_create(*comm, usual.dtype, &options, 0.0);
    assert_int_equal(continuation_advance(run, MIDDLE, true), MIDDLE);
    if (pass == 1) break;
    calls = faulty_comm_calls(*comm);
    continuation_destroy(run);
    secant_comm_destroy(*comm);
  }
  return run;
}

typedef secant_status file_function(secant_optimizer *optimizer, const char *path, const char *problem);

/* Fails each collective call in turn until none is left to fail. Returns how many there were. */
static int fail_each_collective(struct verdict *verdict, file_function *function, const char *when)
{
  int64_t fail_at = 1;
  for (bool failed = true; failed; fail_at++) {
    secant_comm *comm;
    pair_of_runs runs = begin_pair(&usual);
    continuation_destroy(runs.disturbed);
    runs.disturbed = run_with_fault(&comm, fail_at);
    const secant_status status = function(runs.disturbed->optimizer, path, PROBLEM);
    failed = status != SECANT_OK;
    if (failed) continuation_expect(verdict, runs.disturbed, status, SECANT_ERR_COMM, when);
    CHECK(verdict, access(temporary, F_OK) != 0, "%s: a temporary file was left", when);
    if (failed) {
      end_pair(verdict, &runs, when);
    } else {
      continuation_destroy(runs.disturbed);
      continuation_destroy(runs.straight);
    }
    secant_comm_destroy(comm);
  }
  return (int)fail_at;
}

static void a_failing_collective_call_changes_nothing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  save_run_of(&usual);
  CHECK(&verdict, fail_each_collective(&verdict, secant_checkpoint_load, "load") > 20, "too few calls to load");
  CHECK(&verdict, fail_each_collective(&verdict, secant_checkpoint_save, "save") > 20, "too few calls to save");
  assert_good(&verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_of_another_run_is_refused_with_the_difference),
      cmocka_unit_test(other_parameters_are_refused_with_the_difference),
      cmocka_unit_test(a_truncated_file_is_refused_at_any_length),
      cmocka_unit_test(what_is_no_checkpoint_is_refused),
      cmocka_unit_test(a_missing_object_is_named),
      cmocka_unit_test(a_dataset_of_another_kind_is_refused),
      cmocka_unit_test(every_attribute_of_the_state_is_checked),
      cmocka_unit_test(a_newer_or_older_format_is_refused),
      cmocka_unit_test(a_file_that_is_locked_is_refused_with_the_cause_and_the_cure),
      cmocka_unit_test(a_save_to_no_place_fails_with_a_sentence),
      cmocka_unit_test(an_older_file_survives_a_full_disk),
      cmocka_unit_test(a_failing_collective_call_changes_nothing),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
