/* Checkpoints of runs whose history is in f32: exact continuation, and files that pass from one type to the other. */
#include "checkpoint_fixture.h"

#include "support/state_dict_runs.h"
#include "support/stored_pairs.h"
#include <hdf5.h>
#include <string.h>

enum { VARIANTS = 12 };

static variant variant_number(int i)
{
  static const int64_t sizes[] = {0, 1, 5};
  return (variant){.dtype = SECANT_F64,
                   .direction = i & 1 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                   .line_search = i & 2 ? SECANT_LINE_SEARCH_NONE : SECANT_LINE_SEARCH_STRONG_WOLFE,
                   .history_size = sizes[i / 4],
                   .history_dtype = SECANT_HISTORY_F32};
}

static variant with_history(secant_history_dtype history_dtype)
{
  variant v = usual;
  v.history_dtype = history_dtype;
  return v;
}

/* ---- the same type ----------------------------------------------------------------------------------------------- */

static void a_loaded_run_goes_on_bit_for_bit_from_every_instant(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < VARIANTS; i++) {
    const variant v = variant_number(i);
    check_every_instant(&verdict, NULL, path, &v, 1);
    check_raised_limit(&verdict, NULL, path, &v);
    check_steps(&verdict, NULL, path, &v, 0.0, 0.0);
  }
  assert_good(&verdict);
}

static void a_run_goes_on_bit_for_bit_from_its_state_file(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < VARIANTS; i++) {
    const variant v = variant_number(i);
    const secant_options options = options_of(&v, 4);
    const char *when = describe(&v, "state file of variant", i);
    secant_node *dict = NULL, *back = NULL;
    continuation *run = continuation_create(NULL, v.dtype, &options, 0.0);
    continuation *next = continuation_create(NULL, v.dtype, &options, 5.0);
    state_dict_advance(&verdict, run, 2, when);
    continuation_expect(&verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, when);
    assert_int_equal(secant_state_dict_save(dict, path, NULL, NULL), SECANT_OK);
    assert_int_equal(secant_state_dict_read(next->optimizer, path, &back), SECANT_OK);
    continuation_expect(&verdict, next, secant_load_state_dict(next->optimizer, back), SECANT_OK, when);
    state_dict_copy_point(run, next);
    state_dict_advance(&verdict, run, 2, when);
    state_dict_advance(&verdict, next, 2, when);
    state_dict_compare(&verdict, run, next, when);
    secant_node_destroy(dict);
    secant_node_destroy(back);
    continuation_destroy(run);
    continuation_destroy(next);
  }
  assert_good(&verdict);
}

static size_t bytes_of_an_element(hid_t file, const char *name)
{
  const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), type = H5Dget_type(dataset);
  const size_t bytes = H5Tget_size(type);
  H5Tclose(type);
  H5Dclose(dataset);
  return bytes;
}

static void pairs_and_direction_are_in_f32_in_the_file(void **state)
{
  (void)state;
  const struct {
    const char *name;
    size_t bytes;
  } datasets[] = {{"s", 4}, {"y", 4}, {"d", 4}, {"g0", 8}, {"g", 8}, {"x", 8}};
  const variant v = with_history(SECANT_HISTORY_F32);
  save_run_of(&v);
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  for (size_t i = 0; i < sizeof datasets / sizeof *datasets; i++) {
    char name[40];
    snprintf(name, sizeof name, "/parameters/3/%s", datasets[i].name);
    assert_int_equal(bytes_of_an_element(file, name), datasets[i].bytes);
  }
  H5Fclose(file);
}

/* ---- the other type ---------------------------------------------------------------------------------------------- */

/* Saves a run, and loads it into one with the other type of history. The caller's. */
static continuation *pass_on(struct verdict *verdict, continuation *saver, const variant *to, const char *when)
{
  const secant_options options = options_of(to, 12);
  continuation *loader = continuation_create(NULL, to->dtype, &options, 0.25);
  continuation_expect(verdict, saver, secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK, when);
  continuation_expect(verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK, when);
  continuation_destroy(saver);
  return loader;
}

/* A run after `told` evaluations, within a search or about to begin one. The caller's. */
static continuation *run_within(const variant *v, int told)
{
  const secant_options options = options_of(v, 12);
  continuation *run = continuation_create(NULL, v->dtype, &options, 0.0);
  continuation_advance(run, told, told % 2 == 0);
  return run;
}

/* A run that has ended after `iterations`, its last pair still pending. The caller's. */
static continuation *run_ended(const variant *v, int iterations)
{
  const secant_options options = options_of(v, iterations);
  continuation *run = continuation_create(NULL, v->dtype, &options, 0.0);
  continuation_advance(run, 1000, true);
  return run;
}

/* Checks the pairs that a run has between its steps, if it has any. */
static void check_pairs(struct verdict *verdict, continuation *run, const char *when, int told)
{
  char text[80];
  secant_node *dict = NULL;
  snprintf(text, sizeof text, "%s %d", when, told);
  continuation_expect(verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, text);
  const stored_pairs pairs = stored_pairs_of(dict);
  CHECK(verdict, pairs.single, "%s: a pair is not of floats", text);
  if (pairs.count > 0) stored_pairs_check(verdict, &pairs, dict, text);
  secant_node_destroy(dict);
}

enum { TOLD = 16 };

/* The next iteration makes a pair of what was pending in the file, by products that must be those of the vectors too. */
static void check_rounding(struct verdict *verdict, continuation *saver, const char *when, int at)
{
  const variant to = with_history(SECANT_HISTORY_F32);
  continuation *loader = pass_on(verdict, saver, &to, when);
  check_pairs(verdict, loader, when, at);
  continuation_advance(loader, 1, false);
  secant_request_stop(loader->optimizer);
  continuation_advance(loader, 1000, true);
  check_pairs(verdict, loader, when, at);
  continuation_advance(loader, 1000, true);
  const secant_info info = secant_get_info(loader->optimizer);
  CHECK(verdict, info.n_iter == 12, "%s %d: %lld iterations", when, at, (long long)info.n_iter);
  continuation_destroy(loader);
}

static void wider_pairs_are_rounded_and_their_products_computed(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < 2; i++) {
    variant from = with_history(SECANT_HISTORY_SAME);
    from.direction = i ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM;
    for (int told = 1; told < TOLD; told++) {
      check_rounding(&verdict, run_within(&from, told), "saved after evaluation", told);
    }
    for (int iterations = 1; iterations < 12; iterations++) {
      check_rounding(&verdict, run_ended(&from, iterations), "saved after iteration", iterations);
    }
  }
  assert_good(&verdict);
}

/* Loads the file at `path` into a run of `v`; its state. The caller's. */
static secant_node *state_loaded_by(struct verdict *verdict, const variant *v)
{
  const secant_options options = options_of(v, 12);
  continuation *run = continuation_create(NULL, v->dtype, &options, 0.25);
  secant_node *dict = NULL;
  continuation_expect(verdict, run, secant_checkpoint_load(run->optimizer, path, PROBLEM), SECANT_OK, "load");
  continuation_expect(verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, "state");
  continuation_advance(run, 1000, true);
  CHECK(verdict, secant_get_info(run->optimizer).n_iter == 12, "it does not go on");
  continuation_destroy(run);
  return dict;
}

static void narrower_pairs_are_taken_as_they_are(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant narrow = with_history(SECANT_HISTORY_F32), wide = with_history(SECANT_HISTORY_SAME);
  for (int told = 1; told < TOLD; told++) {
    continuation_destroy(pass_on(&verdict, run_within(&narrow, told), &wide, "narrower"));
    secant_node *want = state_loaded_by(&verdict, &narrow), *got = state_loaded_by(&verdict, &wide);
    const bool same = state_dict_same_trees(secant_node_find(want, "state"), secant_node_find(got, "state"));
    CHECK(&verdict, same, "the states after evaluation %d differ", told);
    secant_node_destroy(want);
    secant_node_destroy(got);
  }
  assert_good(&verdict);
}

/* ---- files that lie ---------------------------------------------------------------------------------------------- */

static void claim_history_dtype(const char *text)
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
  const hid_t type = H5Tcopy(H5T_C_S1);
  assert_true(H5Tset_size(type, strlen(text) + 1) >= 0 && H5Adelete(file, "history_dtype") >= 0);
  const hid_t attribute = H5Acreate2(file, "history_dtype", type, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Awrite(attribute, type, text) >= 0);
  H5Aclose(attribute);
  H5Tclose(type);
  H5Sclose(space);
  H5Fclose(file);
  seal_again();
}

static void expect_refused(struct verdict *verdict, const variant *v, const char *claim)
{
  const secant_options options = options_of(v, 12);
  save_run_of(v);
  claim_history_dtype(claim);
  continuation *run = continuation_create(NULL, v->dtype, &options, 0.25);
  continuation_expect(verdict, run, secant_checkpoint_load(run->optimizer, path, PROBLEM), SECANT_ERR_FORMAT, claim);
  continuation_destroy(run);
}

static void a_type_that_the_history_cannot_have_is_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  variant single = usual;
  single.dtype = SECANT_F32;
  expect_refused(&verdict, &usual, "float16");
  expect_refused(&verdict, &usual, "float32"); /* the datasets say otherwise */
  expect_refused(&verdict, &single, "float64");
  assert_good(&verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_run_goes_on_bit_for_bit_from_every_instant),
      cmocka_unit_test(a_run_goes_on_bit_for_bit_from_its_state_file),
      cmocka_unit_test(pairs_and_direction_are_in_f32_in_the_file),
      cmocka_unit_test(wider_pairs_are_rounded_and_their_products_computed),
      cmocka_unit_test(narrower_pairs_are_taken_as_they_are),
      cmocka_unit_test(a_type_that_the_history_cannot_have_is_refused),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
