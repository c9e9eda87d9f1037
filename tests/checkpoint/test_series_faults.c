/* A save that fails while the files of a series change places: what was there is there, and nothing else is left. */
#include "checkpoint/series.h"
#include "checkpoint_fixture.h"
#include <errno.h>
#include <string.h>

enum { FILES = 6 };

static int link_error;   /* what link() says instead of making one; 0: nothing */
static int rename_fails; /* the call of rename() that fails, counted from 1; 0: none */

int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to)
{
  if (link_error == 0) return __real_link(from, to);
  errno = link_error;
  return -1;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
  if (rename_fails == 0 || --rename_fails > 0) return __real_rename(from, to);
  errno = EIO;
  return -1;
}

/* ---- files of one letter -------------------------------------------------------------------------------------------- */

static void put(const char *name, char content)
{
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  assert_int_equal(fputc(content, file), content);
  assert_int_equal(fclose(file), 0);
}

/* Letter i is the content of number i, '-' for none. */
static void make_series(const char *letters)
{
  for (int i = 0; i < FILES; i++) {
    char *name = secanti_series_name(path, i, "");
    unlink(name);
    if (i < (int)strlen(letters) && letters[i] != '-') put(name, letters[i]);
    free(name);
  }
}

static void expect_series(const char *want)
{
  char got[FILES + 1] = "";
  for (int i = 0; i < FILES; i++) {
    char *name = secanti_series_name(path, i, "");
    FILE *file = fopen(name, "r");
    got[i] = file ? (char)fgetc(file) : '-';
    if (file) fclose(file);
    free(name);
  }
  assert_string_equal(got, want);
}

static void expect_no_link_left(void)
{
  char *name = secanti_series_name(path, 1, ".tmp");
  assert_int_equal(access(name, F_OK), -1);
  free(name);
}

/* One save, of which a call of rename() fails. */
static void expect_failure(const char *before, int keep, int failing, const char *after)
{
  secant_error error = {.status = SECANT_OK};
  make_series(before);
  put(temporary, 'n');
  rename_fails = failing;
  assert_int_equal(secanti_series_replace(temporary, path, keep, false, &error), SECANT_ERR_IO);
  rename_fails = 0;
  expect_series(after);
  expect_no_link_left();
  assert_non_null(strstr(error.message, strerror(EIO)));
  unlink(temporary);
  make_series("");
}

static void a_rename_that_fails_loses_no_checkpoint_that_was_to_be_kept(void **state)
{
  (void)state;
  expect_failure("abc", 4, 1, "abc---");   /* of the oldest to the next number */
  expect_failure("ab", 3, 2, "a-b---");    /* of the link to number 1 */
  expect_failure("a", 3, 2, "aa----");     /* of the new file to its place */
  expect_failure("abcde", 2, 2, "aacde-"); /* what is beyond `keep` goes after the new file has come, not before */
  link_error = EPERM; /* no hard links: the file in the new one's place has moved, and comes back */
  expect_failure("a", 3, 2, "a-----");
  link_error = 0;
}

static void a_link_that_a_killed_save_left_is_in_nobodys_way(void **state)
{
  (void)state;
  secant_error error = {.status = SECANT_OK};
  char *left = secanti_series_name(path, 1, ".tmp");
  make_series("ab");
  put(left, 'k');
  put(temporary, 'n');
  assert_int_equal(secanti_series_replace(temporary, path, 3, false, &error), SECANT_OK);
  expect_series("nab---");
  expect_no_link_left();
  free(left);
  make_series("");
}

static void files_are_found_behind_a_gap(void **state)
{
  (void)state;
  make_series("--c--f");
  assert_int_equal(secanti_series_find(path, 0), 2);
  assert_int_equal(secanti_series_find(path, 3), 5);
  make_series("");
  assert_int_equal(secanti_series_find(path, 0), -1);
}

/* ---- through the public functions ----------------------------------------------------------------------------------- */

static void save(continuation *run)
{
  continuation_advance(run, 2, true);
  assert_int_equal(secant_checkpoint_save_with(run->optimizer, path, PROBLEM, NULL), SECANT_OK);
}

static void a_file_that_cannot_be_read_is_skipped_and_one_that_was_loaded_is_kept(void **state)
{
  (void)state;
  char loaded[120], *older = secanti_series_name(path, 1, "");
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, 0.0);
  assert_non_null(run);
  save(run);
  assert_int_equal(secant_checkpoint_load_newest(run->optimizer, path, PROBLEM, loaded, sizeof loaded), SECANT_OK);
  save(run);
  assert_int_equal(access(older, F_OK), 0); /* nothing was skipped: the next save keeps what was loaded */
  unlink(path);
  assert_int_equal(symlink("nowhere", path), 0);
  assert_int_equal(secant_checkpoint_load_newest(run->optimizer, path, PROBLEM, loaded, sizeof loaded), SECANT_OK);
  assert_string_equal(loaded, older);
  unlink(path);
  assert_int_equal(symlink("nowhere", path), 0);
  unlink(older);
  put(older, 'x');
  assert_int_equal(secant_checkpoint_load_newest(run->optimizer, path, PROBLEM, NULL, 0), SECANT_ERR_IO);
  const char *message = secant_message(run->optimizer), *second = strstr(message, older);
  assert_true(strstr(message, path) < second); /* both are named, the newest first */
  continuation_destroy(run);
  free(older);
  make_series("");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_rename_that_fails_loses_no_checkpoint_that_was_to_be_kept),
      cmocka_unit_test(a_link_that_a_killed_save_left_is_in_nobodys_way),
      cmocka_unit_test(files_are_found_behind_a_gap),
      cmocka_unit_test(a_file_that_cannot_be_read_is_skipped_and_one_that_was_loaded_is_kept),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
