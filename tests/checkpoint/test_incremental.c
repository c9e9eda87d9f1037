/* Checkpoints whose pairs are in files of their own: what is written, what is loaded, and what a copy is like. */
#include "same_contents.h" /* before the fixture has a name that it uses */

#include "incremental_fixture.h"
#include <errno.h>

/* ---- loading ------------------------------------------------------------------------------------------------------ */

static void check_instant(struct verdict *verdict, const variant *v, const continuation *straight, int told, bool ask)
{
  const secant_options options = options_of(v, 12);
  const secant_checkpoint_options how = incremental_options(2);
  const char *when = describe(v, ask ? "asked after evaluation" : "told evaluation", told);
  const size_t piece = told % 2 ? SMALL_PIECE : LARGE_PIECE;
  continuation *saver = continuation_create(NULL, v->dtype, &options, 0.0);
  continuation *loader = continuation_create(NULL, v->dtype, &options, 0.25);
  assert_true(saver && loader);
  continuation_advance(saver, told, ask);
  continuation_expect(verdict, saver, secanti_checkpoint_save_with(saver->optimizer, path, PROBLEM, &how, piece),
                      SECANT_OK, when);
  continuation_expect(verdict, loader, secanti_checkpoint_load(loader->optimizer, path, PROBLEM, piece), SECANT_OK,
                      when);
  continuation_advance(saver, 1000, true);
  continuation_advance(loader, 1000, true);
  continuation_compare(verdict, straight, saver, when);
  continuation_compare(verdict, straight, loader, when);
  continuation_destroy(saver);
  continuation_destroy(loader);
}

static void a_loaded_run_goes_on_bit_for_bit_from_every_instant(void **state)
{
  (void)state;
  static const variant variants[] = {
      {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME},
      {SECANT_F32, SECANT_DIRECTION_TWO_LOOP, SECANT_LINE_SEARCH_NONE, 5, SECANT_HISTORY_SAME},
      {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_NONE, 5, SECANT_HISTORY_F32},
      {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 1, SECANT_HISTORY_SAME},
  };
  struct verdict verdict = {0};
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
    const secant_options options = options_of(&variants[i], 12);
    continuation *straight = continuation_create(NULL, variants[i].dtype, &options, 0.0);
    assert_non_null(straight);
    const int all = continuation_advance(straight, 1000, true);
    for (int told = 0; told < all; told += 5) {
      check_instant(&verdict, &variants[i], straight, told, true);
      if (told > 0) check_instant(&verdict, &variants[i], straight, told, false);
    }
    continuation_destroy(straight);
    remove_all(NULL);
  }
  assert_good(&verdict);
}

/* Another history size, and another type of the pairs. */
static void what_a_full_checkpoint_loads_into_an_incremental_one_does(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant others[] = {
      {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 3, SECANT_HISTORY_SAME},
      {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 9, SECANT_HISTORY_SAME},
      {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_F32},
      {SECANT_F32, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME}};
  continuation *run = advanced_run(12, 0.0);
  assert_int_equal(stored_pairs(run), 5);
  save_incremental(run, 1);
  save(run, other);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    const secant_options options = options_of(&others[i], 20);
    continuation *full = continuation_create(NULL, others[i].dtype, &options, 0.25);
    continuation *incremental = continuation_create(NULL, others[i].dtype, &options, 0.5);
    load_file(full, other);
    load_file(incremental, path);
    continuation_compare(&verdict, full, incremental, "loaded");
    save_incremental(incremental, 1); /* in other types, or with other pairs */
    expect_state_of(incremental, path);
    continuation_advance(full, 1000, true);
    continuation_advance(incremental, 1000, true);
    continuation_compare(&verdict, full, incremental, "at the end");
    continuation_destroy(full);
    continuation_destroy(incremental);
    save_incremental(run, 1);
    save(run, other);
  }
  continuation_destroy(run);
  assert_good(&verdict);
}

/* ---- what is written ---------------------------------------------------------------------------------------------- */

enum { UNKNOWNS = 400000, HISTORY = 20 };

/* A separable function with a wide range of curvatures. */
static double wide_quartic(void *user, const double *x, double *g)
{
  double loss = 0.0;
  (void)user;
  for (int i = 0; i < UNKNOWNS; i++) {
    const double weight = 1.0 + 99.0 * (i % 1000) / 1000.0, t = x[i] - 1.0;
    g[i] = weight * t + 0.4 * t * t * t;
    loss += 0.5 * weight * t * t + 0.1 * t * t * t * t;
  }
  return loss;
}

typedef struct large_run {
  double *x, *g;
  secant_optimizer *optimizer;
} large_run;

static int evaluate(void *user, double *loss)
{
  const large_run *run = user;
  *loss = wide_quartic(NULL, run->x, run->g);
  return 0;
}

static large_run begin_large_run(void)
{
  large_run run = {calloc(UNKNOWNS, sizeof(double)), calloc(UNKNOWNS, sizeof(double)), NULL};
  secant_options options = secant_options_default();
  const secant_parameter parameter = {.values = run.x, .gradient = run.g, .local_count = UNKNOWNS, .dtype = SECANT_F64};
  options.history_size = HISTORY;
  options.max_iter = 1;
  options.tolerance_grad = options.tolerance_change = 0.0;
  assert_int_equal(secant_create(&run.optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  return run;
}

/* Bytes that this process has handed to the system to be written; 0 if it does not count them. */
static long long bytes_handed_over(void)
{
  FILE *file = fopen("/proc/self/io", "r");
  char line[100];
  long long bytes = 0;
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "wchar: %lld", &bytes) == 1) break;
  }
  if (file) fclose(file);
  return bytes;
}

static long long bytes_of_new_files(const listing *before)
{
  const listing after = list_pairs();
  struct stat about;
  assert_int_equal(stat(path, &about), 0);
  long long bytes = about.st_size;
  for (size_t i = 0; i < after.count; i++) {
    if (!is_listed(before, after.names[i], after.inodes[i])) bytes += after.bytes[i];
  }
  return bytes;
}

/* x, g, d, the gradient where d began, and s and y of the new pair; the rest is 1 % here. */
static void after_one_iteration_six_vectors_are_written(void **state)
{
  (void)state;
  const secant_checkpoint_options options = incremental_options(2);
  const long long vector = UNKNOWNS * (long long)sizeof(double), rest = vector / 16;
  large_run run = begin_large_run();
  double loss;
  for (int i = 0; i < HISTORY + 2; i++) assert_int_equal(secant_step(run.optimizer, evaluate, &run, &loss), SECANT_OK);
  assert_int_equal(secant_get_info(run.optimizer).pairs, HISTORY);
  assert_int_equal(secant_checkpoint_save_with(run.optimizer, path, PROBLEM, &options), SECANT_OK);
  const listing before = list_pairs();
  assert_int_equal(before.count, HISTORY);
  assert_int_equal(secant_step(run.optimizer, evaluate, &run, &loss), SECANT_OK);
  const long long began = bytes_handed_over();
  assert_int_equal(secant_checkpoint_save_with(run.optimizer, path, PROBLEM, &options), SECANT_OK);
  const long long handed_over = bytes_handed_over() - began, in_files = bytes_of_new_files(&before);
  print_message("%.3f vectors in new files, %.3f written\n", (double)in_files / (double)vector,
                (double)handed_over / (double)vector);
  assert_true(in_files > 6 * vector && in_files < 6 * vector + rest);
  if (began > 0) assert_true(handed_over > 6 * vector && handed_over < 6 * vector + rest);
  assert_int_equal(list_pairs().count, HISTORY + 1); /* the older checkpoint needs one that this one has not */
  secant_destroy(run.optimizer);
  free(run.x);
  free(run.g);
}

static void pairs_that_have_a_file_keep_it(void **state)
{
  (void)state;
  continuation *run = advanced_run(9, 0.0);
  save_incremental(run, 1);
  const listing first = list_pairs();
  assert_int_equal(first.count, stored_pairs(run));
  save_incremental(run, 1);
  listing now = list_pairs();
  assert_int_equal(now.count, first.count);
  assert_int_equal(count_missing(&first, &now), 0);
  continuation *again = advanced_run(0, 0.25); /* another process, as it were */
  load_file(again, path);
  save_incremental(again, 1);
  now = list_pairs();
  assert_int_equal(count_missing(&first, &now), 0);
  continuation_destroy(again);
  continuation *same = advanced_run(9, 0.0); /* one that has never seen the files */
  save_incremental(same, 1);
  now = list_pairs();
  assert_int_equal(count_missing(&first, &now), 0);
  continuation_destroy(same);
  continuation_destroy(run);
}

static void a_state_without_pairs_needs_no_other_file(void **state)
{
  (void)state;
  continuation *run = advanced_run(0, 0.0);
  save_incremental(run, 1);
  assert_int_equal(access(pairs, F_OK), -1);
  expect_state_of(run, path);
  continuation_destroy(run);
}

/* After each of these the pairs in memory are others than those that have files. */
static void pairs_that_have_changed_are_written_anew(void **state)
{
  (void)state;
  continuation *run = advanced_run(9, 0.0), *elsewhere = advanced_run(7, 0.5);
  secant_node *dict = NULL;
  secant_options options;
  continuation_advance(run, 1000, true); /* between steps */
  continuation_advance(elsewhere, 1000, true);
  save_incremental(run, 1);
  secant_options_init(&options, sizeof options);
  secant_get_options(run->optimizer, &options);
  options.history_size = 3;
  assert_int_equal(secant_set_options(run->optimizer, &options), SECANT_OK);
  save_incremental(run, 1);
  assert_int_equal(list_pairs().count, 3);
  expect_state_of(run, path);
  assert_int_equal(secant_state_dict(elsewhere->optimizer, &dict), SECANT_OK);
  assert_int_equal(secant_load_state_dict(run->optimizer, dict), SECANT_OK);
  secant_node_destroy(dict);
  save_incremental(run, 1);
  expect_state_of(run, path);
  double values[3] = {1, 2, 3}, gradient[3] = {0};
  const secant_parameter late = {
      .name = "late", .values = values, .gradient = gradient, .local_count = 3, .dtype = usual.dtype};
  const secant_group group = {.parameters = &late, .count = 1};
  assert_int_equal(secant_add_param_group(run->optimizer, &group), SECANT_OK);
  save_incremental(run, 1);
  expect_state_of(run, path);
  continuation_destroy(elsewhere);
  continuation_destroy(run);
}

/* ---- copies ------------------------------------------------------------------------------------------------------- */

static void an_exported_copy_is_what_a_full_checkpoint_would_be(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *run = advanced_run(12, 0.0), *loaded = advanced_run(0, 0.25);
  save(run, path);
  rename(path, numbered(9));
  save_incremental(run, 1);
  export_file(path, other, 13);
  check_same_contents(&verdict, numbered(9), other, "exported");
  remove_all(NULL);
  save_incremental(run, 1);
  export_file(path, other, SECANTI_INSPECTED_PIECE);
  unlink(path);
  load_file(loaded, other); /* needs no other file */
  continuation_advance(run, 1000, true);
  continuation_advance(loaded, 1000, true);
  continuation_compare(&verdict, run, loaded, "loaded from a copy");
  continuation_destroy(run);
  continuation_destroy(loaded);
  assert_good(&verdict);
}

static void a_difference_is_found_in_the_pairs(void **state)
{
  (void)state;
  continuation *run = advanced_run(12, 0.0);
  save_incremental(run, 1);
  continuation_advance(run, 4, true);
  save(run, other);
  secant_node *tree = compare_files(17);
  assert_int_equal(integer_of(entry_of(secant_node_find(tree, "datasets"), "/parameters/3/s", NULL), "equal"), 0);
  secant_node_destroy(tree);
  continuation_destroy(run);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(a_loaded_run_goes_on_bit_for_bit_from_every_instant, remove_all),
      cmocka_unit_test_teardown(what_a_full_checkpoint_loads_into_an_incremental_one_does, remove_all),
      cmocka_unit_test_teardown(after_one_iteration_six_vectors_are_written, remove_all),
      cmocka_unit_test_teardown(pairs_that_have_a_file_keep_it, remove_all),
      cmocka_unit_test_teardown(a_state_without_pairs_needs_no_other_file, remove_all),
      cmocka_unit_test_teardown(pairs_that_have_changed_are_written_anew, remove_all),
      cmocka_unit_test_teardown(an_exported_copy_is_what_a_full_checkpoint_would_be, remove_all),
      cmocka_unit_test_teardown(a_difference_is_found_in_the_pairs, remove_all),
  };
  return cmocka_run_group_tests(tests, make_all, remove_directory_of_all);
}
