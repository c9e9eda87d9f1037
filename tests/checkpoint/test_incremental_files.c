/* The files of pairs: which are removed when, and what becomes of a checkpoint if one is not what it was. */
#include "incremental_fixture.h"

/* ---- what is removed ---------------------------------------------------------------------------------------------- */

static void pairs_go_with_the_last_checkpoint_that_refers_to_them(void **state)
{
  (void)state;
  continuation *run = advanced_run(9, 0.0);
  for (int i = 0; i < 10; i++) {
    save_incremental(run, 3);
    expect_state_of(run, path);
    continuation_advance(run, 1, true);
    for (int n = 0; n < 3 && n <= i; n++) {
      secant_error error;
      if (secant_checkpoint_verify(n ? numbered(n) : path, &error) != SECANT_OK) fail_msg("%s", error.message);
    }
  }
  save_incremental(run, 1);
  assert_int_equal(list_pairs().count, stored_pairs(run));
  continuation_destroy(run);
}

/* A process that has not written them does not know what older checkpoints refer to. */
static void another_process_keeps_what_older_checkpoints_need(void **state)
{
  (void)state;
  secant_error error;
  continuation *run = advanced_run(11, 0.0);
  save_incremental(run, 3);
  continuation_advance(run, 4, true);
  save_incremental(run, 3);
  continuation *again = advanced_run(1000, 0.0);
  save_incremental(again, 3);
  for (int n = 1; n < 3; n++) {
    if (secant_checkpoint_verify(numbered(n), &error) != SECANT_OK) fail_msg("%s", error.message);
  }
  truncate(numbered(2), 100); /* needs nothing any more */
  const size_t all = list_pairs().count;
  continuation *third = advanced_run(1000, 0.0);
  const secant_checkpoint_options options = incremental_options(4);
  assert_int_equal(secant_checkpoint_save_with(third->optimizer, path, PROBLEM, &options), SECANT_OK);
  assert_true(list_pairs().count < all);
  assert_int_equal(secant_checkpoint_verify(numbered(2), &error), SECANT_OK); /* was number 1 */
  continuation_destroy(third);
  continuation_destroy(again);
  continuation_destroy(run);
}

static void a_full_save_removes_pairs_that_none_needs(void **state)
{
  (void)state;
  secant_error error;
  continuation *run = advanced_run(9, 0.0);
  save_incremental(run, 2);
  const size_t all = list_pairs().count;
  assert_int_equal(secant_checkpoint_save_with(run->optimizer, path, PROBLEM, NULL), SECANT_OK);
  assert_int_equal(list_pairs().count, all);
  assert_int_equal(secant_checkpoint_verify(numbered(1), &error), SECANT_OK);
  save(run, path);
  assert_int_equal(list_pairs().count, all); /* a save of one file alone leaves the numbered ones, which need them */
  unlink(numbered(1));
  save(run, path);
  assert_int_equal(access(pairs, F_OK), -1);
  continuation_destroy(run);
}

static void files_that_are_not_ours_stay(void **state)
{
  (void)state;
  static const char *const theirs[] = {"notes.txt", "0123456789abcdef0123456789abcde.h5",
                                       "0123456789ABCDEF0123456789abcdef.h5", "0123456789abcdef0123456789abcdef.h5.old",
                                       "+123456789abcdef0123456789abcdef.h5"};
  static const char *const ours[] = {"0123456789abcdef0123456789abcdef.h5", "fedcba98765432100123456789abcdef.h5.tmp"};
  continuation *run = advanced_run(9, 0.0);
  save_incremental(run, 1);
  const size_t count = sizeof theirs / sizeof *theirs, needed = stored_pairs(run);
  for (size_t i = 0; i < count; i++) put_text(beside(theirs[i]), "mine");
  for (size_t i = 0; i < 2; i++) put_text(beside(ours[i]), "left by a save that was killed");
  put_text(numbered(7), "of somebody else");
  save_incremental(run, 1);
  assert_int_equal(list_pairs().count, needed + count);
  for (size_t i = 0; i < count; i++) assert_int_equal(access(beside(theirs[i]), F_OK), 0);
  save(run, path);
  assert_int_equal(list_pairs().count, count);
  continuation_destroy(run);
}

/* ---- damage ------------------------------------------------------------------------------------------------------- */

static void flip_a_byte(const char *name, off_t at)
{
  const int file = open(name, O_RDWR);
  unsigned char byte;
  assert_true(file >= 0);
  assert_int_equal(pread(file, &byte, 1, at), 1);
  byte ^= 16;
  assert_int_equal(pwrite(file, &byte, 1, at), 1);
  close(file);
}

static void expect_refusal(continuation *run, const char *name)
{
  secant_error error;
  secant_node *tree = NULL;
  assert_int_equal(secant_checkpoint_load(run->optimizer, path, PROBLEM), SECANT_ERR_FORMAT);
  assert_non_null(strstr(secant_message(run->optimizer), name));
  assert_non_null(strstr(secant_message(run->optimizer), path));
  assert_int_equal(secant_checkpoint_verify(path, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, name));
  assert_int_equal(secant_checkpoint_describe(path, &tree, &error), SECANT_ERR_FORMAT);
  assert_int_equal(secant_checkpoint_export(path, other, &error), SECANT_ERR_FORMAT);
  assert_int_equal(access(other, F_OK), -1);
}

/* Missing, cut, changed, or another pair's: nothing of it gets into memory. */
static void a_pair_that_is_not_what_it_was_is_named_and_not_loaded(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *run = advanced_run(9, 0.0), *straight = advanced_run(9, 0.0), *writer = advanced_run(12, 0.0);
  for (int kind = 0; kind < 4; kind++) {
    save_incremental(writer, 1);
    const listing all = list_pairs();
    const char *name = all.names[all.count - 1];
    char another[220];
    snprintf(another, sizeof another, "%s", beside(all.names[0]));
    if (kind == 0) unlink(beside(name));
    if (kind == 1) truncate(beside(name), all.bytes[all.count - 1] / 2);
    if (kind == 2) flip_a_byte(beside(name), all.bytes[all.count - 1] / 2);
    if (kind == 3) assert_true(unlink(beside(name)) == 0 && link(another, beside(name)) == 0);
    expect_refusal(run, name);
    remove_all(NULL);
  }
  continuation_compare(&verdict, straight, run, "after damage");
  continuation_advance(straight, 1000, true);
  continuation_advance(run, 1000, true);
  continuation_compare(&verdict, straight, run, "at the end");
  continuation_destroy(writer);
  continuation_destroy(straight);
  continuation_destroy(run);
  assert_good(&verdict);
}

/* The newest pair is what the checkpoint before the newest has not got. */
static void the_checkpoint_before_is_loaded_and_a_bad_pair_is_written_anew(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  char loaded[120];
  continuation *writer = advanced_run(9, 0.0), *run = advanced_run(0, 0.25);
  save_incremental(writer, 2);
  const listing before = list_pairs();
  for (int i = 0; i < 20 && list_pairs().count == before.count; i++) { /* until there is one more pair */
    continuation_advance(writer, 1, true);
    save_incremental(writer, 2);
    if (list_pairs().count == before.count) rename(numbered(1), path);
  }
  const listing after = list_pairs();
  size_t newest = 0;
  while (is_listed(&before, after.names[newest], after.inodes[newest])) newest++;
  flip_a_byte(beside(after.names[newest]), after.bytes[newest] / 2);
  assert_int_equal(secant_checkpoint_load_newest(run->optimizer, path, PROBLEM, loaded, sizeof loaded), SECANT_OK);
  assert_string_equal(loaded, numbered(1));
  assert_non_null(strstr(secant_message(run->optimizer), after.names[newest]));
  for (int i = 0; i < 20 && secant_get_info(run->optimizer).n_iter < secant_get_info(writer->optimizer).n_iter; i++) {
    continuation_advance(run, 1, true);
  }
  continuation_compare(&verdict, writer, run, "where the writer is");
  save_incremental(run, 2);
  expect_state_of(writer, path);
  continuation_destroy(writer);
  continuation_destroy(run);
  assert_good(&verdict);
}

/* ---- refusals ----------------------------------------------------------------------------------------------------- */

static void a_directory_that_cannot_be_made_fails_the_save_alone(void **state)
{
  (void)state;
  secant_checkpoint_options options = incremental_options(1);
  continuation *run = advanced_run(9, 0.0);
  put_text(pairs, "no directory");
  assert_int_equal(secant_checkpoint_save_with(run->optimizer, path, PROBLEM, &options), SECANT_ERR_IO);
  assert_non_null(strstr(secant_message(run->optimizer), pairs));
  assert_int_equal(access(path, F_OK), -1);
  unlink(pairs);
  options.incremental = 2;
  assert_int_equal(secant_checkpoint_save_with(run->optimizer, path, PROBLEM, &options), SECANT_ERR_ARGUMENT);
  save_incremental(run, 1);
  expect_state_of(run, path);
  continuation_destroy(run);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(pairs_go_with_the_last_checkpoint_that_refers_to_them, remove_all),
      cmocka_unit_test_teardown(another_process_keeps_what_older_checkpoints_need, remove_all),
      cmocka_unit_test_teardown(a_full_save_removes_pairs_that_none_needs, remove_all),
      cmocka_unit_test_teardown(files_that_are_not_ours_stay, remove_all),
      cmocka_unit_test_teardown(a_pair_that_is_not_what_it_was_is_named_and_not_loaded, remove_all),
      cmocka_unit_test_teardown(the_checkpoint_before_is_loaded_and_a_bad_pair_is_written_anew, remove_all),
      cmocka_unit_test_teardown(a_directory_that_cannot_be_made_fails_the_save_alone, remove_all),
  };
  return cmocka_run_group_tests(tests, make_all, remove_directory_of_all);
}
