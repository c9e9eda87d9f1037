/* The last checkpoints of a path: which files there are after a save, also after a kill within an earlier one. */
#include "checkpoint/series.h"
#include "checkpoint_fixture.h"
#include <errno.h>
#include <string.h>

enum { FILES = 6, LOADED = 120 };

/* ---- files of one letter -------------------------------------------------------------------------------------------- */

static int link_error; /* what link() says instead of making one; 0: nothing */

int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);

int __wrap_link(const char *from, const char *to)
{
  if (link_error == 0) return __real_link(from, to);
  errno = link_error;
  return -1;
}

static void put(const char *name, char content)
{
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  assert_int_equal(fputc(content, file), content);
  assert_int_equal(fclose(file), 0);
}

static void remove_number(int number)
{
  char *name = secanti_series_name(path, number, "");
  unlink(name);
  free(name);
}

/* Makes the files of a series: letter i is the content of number i, '-' for none, '=' for a link to the number before. */
static void make_series(const char *letters)
{
  for (int i = 0; i < FILES; i++) remove_number(i);
  for (int i = 0; letters[i]; i++) {
    char *name = secanti_series_name(path, i, ""), *before = secanti_series_name(path, i > 0 ? i - 1 : 0, "");
    if (letters[i] == '=') {
      assert_int_equal(__real_link(before, name), 0);
    } else if (letters[i] != '-') {
      put(name, letters[i]);
    }
    free(before);
    free(name);
  }
}

static void read_series(char *letters)
{
  for (int i = 0; i < FILES; i++) {
    char *name = secanti_series_name(path, i, "");
    FILE *file = fopen(name, "r");
    letters[i] = file ? (char)fgetc(file) : '-';
    if (file) fclose(file);
    free(name);
  }
  letters[FILES] = '\0';
}

static void expect_series(const char *before, int keep, bool distrusted, const char *after)
{
  char got[FILES + 1];
  secant_error error = {.status = SECANT_OK};
  make_series(before);
  put(temporary, 'n');
  assert_int_equal(secanti_series_replace(temporary, path, keep, distrusted, &error), SECANT_OK);
  read_series(got);
  if (strcmp(got, after) != 0) print_error("from %s, keeping %d: %s, not %s\n", before, keep, got, after);
  assert_string_equal(got, after);
  assert_int_equal(access(temporary, F_OK), -1);
  make_series("");
}

static void the_newest_comes_first_and_the_oldest_goes(void **state)
{
  (void)state;
  for (link_error = 0; link_error <= EPERM; link_error += EPERM) { /* with and without hard links */
    expect_series("", 3, false, "n-----");
    expect_series("a", 3, false, "na----");
    expect_series("ab", 3, false, "nab---");
    expect_series("abc", 3, false, "nab---");
    expect_series("ab", 2, false, "na----");
    expect_series("abcde", 2, false, "na----");
    expect_series("abcde", 1, false, "n-----");
    expect_series("abc", 0, false, "nbc---");
  }
  link_error = 0;
}

static void a_kill_within_a_save_loses_nothing(void **state)
{
  (void)state;
  expect_series("a-b", 4, false, "nab---");  /* before path.1 was made again */
  expect_series("ab-c", 4, false, "nabc--"); /* while the numbers moved up */
  expect_series("a=b", 4, false, "nab---");  /* before the new file came to its place: path.1 is path already */
  expect_series("-ab", 3, false, "nab---");  /* the same, without hard links */
}

static void a_file_that_could_not_be_loaded_pushes_no_other_out(void **state)
{
  (void)state;
  expect_series("xa", 2, true, "na----");
  expect_series("xyz", 4, true, "nyz---");
}

static void a_link_that_fails_otherwise_fails_the_save_and_changes_no_content(void **state)
{
  (void)state;
  char got[FILES + 1];
  secant_error error = {.status = SECANT_OK};
  make_series("ab");
  put(temporary, 'n');
  link_error = EIO;
  assert_int_equal(secanti_series_replace(temporary, path, 2, false, &error), SECANT_ERR_IO);
  link_error = 0;
  read_series(got);
  assert_string_equal(got, "ab----");
  assert_non_null(strstr(error.message, "cannot be kept as"));
  unlink(temporary);
  make_series("");
}

/* ---- through the public functions ----------------------------------------------------------------------------------- */

static continuation *fresh_run(int told)
{
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, 0.0);
  assert_non_null(run);
  continuation_advance(run, told, true);
  return run;
}

static void a_request_is_known_after_the_next_evaluation_and_met_by_a_save(void **state)
{
  (void)state;
  continuation *run = fresh_run(3);
  assert_int_equal(secant_get_info(run->optimizer).checkpoint_due, 0);
  secant_request_checkpoint(run->optimizer);
  assert_int_equal(secant_get_info(run->optimizer).checkpoint_due, 0);
  continuation_advance(run, 1, true);
  assert_int_equal(secant_get_info(run->optimizer).checkpoint_due, 1);
  assert_int_equal(secant_get_info(run->optimizer).reason, SECANT_REASON_NONE);
  continuation_advance(run, 1, true);
  assert_int_equal(secant_get_info(run->optimizer).checkpoint_due, 1);
  assert_int_equal(secant_checkpoint_save(run->optimizer, path, PROBLEM), SECANT_OK);
  assert_int_equal(secant_get_info(run->optimizer).checkpoint_due, 0);
  continuation_destroy(run);
  make_series("");
}

static void the_first_file_that_can_be_loaded_is_and_others_are_named(void **state)
{
  (void)state;
  char loaded[LOADED];
  continuation *run = fresh_run(4);
  secant_optimizer *o = run->optimizer;
  for (int i = 0; i < 3; i++) {
    continuation_advance(run, 2, true);
    assert_int_equal(secant_checkpoint_save_with(o, path, PROBLEM, NULL), SECANT_OK);
  }
  assert_int_equal(secant_checkpoint_load_newest(o, path, PROBLEM, loaded, sizeof loaded), SECANT_OK);
  assert_string_equal(loaded, path);
  assert_string_equal(secant_message(o), "");
  put(path, 'x');
  assert_int_equal(secant_checkpoint_load_newest(o, path, PROBLEM, loaded, sizeof loaded), SECANT_OK);
  assert_string_equal(loaded + strlen(path), ".1");
  assert_non_null(strstr(secant_message(o), path));
  assert_int_equal(secant_checkpoint_load_newest(o, path, "another", NULL, 0), SECANT_ERR_MISMATCH);
  assert_non_null(strstr(secant_message(o), "skipped"));
  remove_number(1);
  assert_int_equal(secant_checkpoint_load_newest(o, path, PROBLEM, loaded, sizeof loaded), SECANT_ERR_FORMAT);
  assert_string_equal(loaded, "");
  remove_number(0);
  assert_int_equal(secant_checkpoint_load_newest(o, path, PROBLEM, loaded, sizeof loaded), SECANT_ERR_IO);
  assert_int_equal(secant_checkpoint_load_newest(o, "", PROBLEM, loaded, sizeof loaded), SECANT_ERR_ARGUMENT);
  continuation_destroy(run);
}

static void options_outside_their_ranges_are_refused(void **state)
{
  (void)state;
  continuation *run = fresh_run(4);
  for (int i = 0; i < 4; i++) {
    secant_checkpoint_options options = secant_checkpoint_options_default();
    if (i < 2) options.keep = i == 0 ? 0 : SECANTI_SERIES_LONGEST + 1;
    if (i == 2) options.io = (secant_checkpoint_io)7;
    if (i == 3) options.size = 1;
    assert_int_equal(secant_checkpoint_save_with(run->optimizer, path, PROBLEM, &options), SECANT_ERR_ARGUMENT);
    assert_int_equal(access(path, F_OK), -1);
  }
  continuation_destroy(run);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_newest_comes_first_and_the_oldest_goes),
      cmocka_unit_test(a_kill_within_a_save_loses_nothing),
      cmocka_unit_test(a_file_that_could_not_be_loaded_pushes_no_other_out),
      cmocka_unit_test(a_link_that_fails_otherwise_fails_the_save_and_changes_no_content),
      cmocka_unit_test(a_request_is_known_after_the_next_evaluation_and_met_by_a_save),
      cmocka_unit_test(the_first_file_that_can_be_loaded_is_and_others_are_named),
      cmocka_unit_test(options_outside_their_ranges_are_refused),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
