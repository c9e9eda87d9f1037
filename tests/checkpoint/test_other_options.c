/* Loading a checkpoint into an optimizer with other options: what is kept, what is converted, and that it goes on. */
#include "checkpoint_fixture.h"

#include "support/state_dict_runs.h"
#include "support/stored_pairs.h"
#include <math.h>

enum { ITERATIONS = 12 };

/* A run after `told` evaluations: within a search, or about to begin one. The caller's. */
static continuation *run_within(const variant *v, int told)
{
  const secant_options options = options_of(v, ITERATIONS);
  continuation *run = continuation_create(NULL, v->dtype, &options, 0.0);
  assert_non_null(run);
  continuation_advance(run, told, told % 2 == 0);
  return run;
}

static void save(struct verdict *verdict, continuation *run, const char *when)
{
  continuation_expect(verdict, run, secant_checkpoint_save(run->optimizer, path, PROBLEM), SECANT_OK, when);
}

/* A new run with these options that has loaded the file. The caller's. */
static continuation *loaded(struct verdict *verdict, secant_dtype dtype, const secant_options *options,
                            const char *when)
{
  continuation *run = continuation_create(NULL, dtype, options, 0.25);
  assert_non_null(run);
  continuation_expect(verdict, run, secant_checkpoint_load(run->optimizer, path, PROBLEM), SECANT_OK, when);
  return run;
}

static continuation *loaded_variant(struct verdict *verdict, const variant *v, const char *when)
{
  const secant_options options = options_of(v, ITERATIONS);
  return loaded(verdict, v->dtype, &options, when);
}

static secant_node *state_of(struct verdict *verdict, continuation *run, const char *when)
{
  secant_node *dict = NULL;
  continuation_expect(verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, when);
  return dict;
}

static void go_to_the_end(struct verdict *verdict, continuation *run, const char *when)
{
  CHECK(verdict, continuation_advance(run, 1000, true) >= 0, "%s: %s", when, secant_message(run->optimizer));
  const secant_info info = secant_get_info(run->optimizer);
  CHECK(verdict, info.n_iter == ITERATIONS, "%s: %lld iterations", when, (long long)info.n_iter);
}

/* ---- history_size --------------------------------------------------------------------------------------------------- */

/* Checks that `list` of one state is the end of the same list of the other. */
static void check_newest(struct verdict *verdict, const secant_node *all, const secant_node *few, const char *list,
                         size_t left, const char *when)
{
  const secant_node *from = secant_node_find(all, list), *to = secant_node_find(few, list);
  const size_t stored = secant_node_size(from);
  const size_t want = stored < left ? stored : left;
  CHECK(verdict, secant_node_size(to) == want, "%s: %s has %zu entries, not %zu", when, list, secant_node_size(to),
        want);
  for (size_t i = 0; i < want && i < secant_node_size(to); i++) {
    CHECK(verdict, state_dict_same_trees(secant_node_at(from, stored - want + i), secant_node_at(to, i)),
          "%s: %s: pair %zu is not the newest but %zu", when, list, i, want - 1 - i);
  }
}

static void check_shorter(struct verdict *verdict, const variant *from, int told, int64_t history_size)
{
  char when[80];
  snprintf(when, sizeof when, "history_size %d after %d", (int)history_size, told);
  secant_options options = options_of(from, ITERATIONS);
  options.direction = SECANT_DIRECTION_GRAM; /* which needs all products of the pairs */
  options.history_size = history_size;
  continuation *saver = run_within(from, told);
  save(verdict, saver, when);
  continuation *loader = loaded(verdict, from->dtype, &options, when);
  continuation *whole = loaded_variant(verdict, from, when);
  secant_node *all = state_of(verdict, whole, when), *few = state_of(verdict, loader, when);
  check_newest(verdict, all, few, "state/0/old_dirs", (size_t)history_size, when);
  check_newest(verdict, all, few, "state/0/old_stps", (size_t)history_size, when);
  const stored_pairs pairs = stored_pairs_of(few);
  if (pairs.count > 0) stored_pairs_check(verdict, &pairs, few, when);
  const secant_info a = secant_get_info(whole->optimizer), b = secant_get_info(loader->optimizer);
  CHECK(verdict, a.h_diag == b.h_diag && a.loss == b.loss && a.n_iter == b.n_iter, "%s: the state is another", when);
  go_to_the_end(verdict, loader, when);
  secant_node_destroy(all);
  secant_node_destroy(few);
  continuation_destroy(saver);
  continuation_destroy(whole);
  continuation_destroy(loader);
}

static void a_shorter_history_keeps_the_newest_pairs(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int direction = 0; direction < 2; direction++) {
    variant v = usual;
    v.direction = direction ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM;
    for (int told = 6; told < 20; told += 3) {
      for (int64_t history_size = 0; history_size < 5; history_size++) check_shorter(&verdict, &v, told, history_size);
    }
  }
  assert_good(&verdict);
}

/* As long as no history is full, its size does not show: the loaded run is the one that had the longer history all
 * along. */
static void a_longer_history_goes_on_growing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  variant longer = usual;
  longer.history_size = 20;
  continuation *straight = run_within(&longer, 8), *saver = run_within(&usual, 8);
  assert_true(secant_get_info(saver->optimizer).pairs < usual.history_size);
  save(&verdict, saver, "longer");
  continuation *loader = loaded_variant(&verdict, &longer, "longer");
  go_to_the_end(&verdict, straight, "longer");
  go_to_the_end(&verdict, loader, "longer");
  continuation_compare(&verdict, straight, loader, "longer");
  CHECK(&verdict, secant_get_info(loader->optimizer).pairs > usual.history_size, "the history did not grow");
  continuation_destroy(straight);
  continuation_destroy(saver);
  continuation_destroy(loader);
  assert_good(&verdict);
}

/* ---- options that say how to go on ---------------------------------------------------------------------------------- */

typedef struct option_value {
  const char *name, *value;
} option_value;

static const option_value others[] = {{"line_search", "none"},
                                      {"line_search", "nocedal_wright"},
                                      {"direction", "two_loop"},
                                      {"reduction", "fast"},
                                      {"tolerance_grad", "1e-3"},
                                      {"tolerance_change", "1e-12"},
                                      {"lr", "0.5"},
                                      {"max_search", "30"},
                                      {"history_dtype", "f32"},
                                      {"curvature_test", "absolute"}};

static void another_option_takes_effect_and_the_run_goes_on(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    for (int told = 7; told < 11; told++) {
      secant_options options = options_of(&usual, ITERATIONS);
      options.lr = 0.7;
      assert_int_equal(secant_options_set(&options, others[i].name, others[i].value, NULL), SECANT_OK);
      continuation *saver = run_within(&usual, told);
      save(&verdict, saver, others[i].value);
      continuation *loader = loaded(&verdict, usual.dtype, &options, others[i].value);
      const double before = secant_get_info(loader->optimizer).loss;
      go_to_the_end(&verdict, loader, others[i].value);
      CHECK(&verdict, secant_get_info(loader->optimizer).loss < before, "%s: no descent", others[i].value);
      continuation_destroy(saver);
      continuation_destroy(loader);
    }
  }
  assert_good(&verdict);
}

/* A limit that the run has passed already ends it at once; a tolerance that it has reached too. */
static void limits_and_tolerances_are_those_of_the_new_run(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_options options = options_of(&usual, 100);
  continuation *saver = run_within(&usual, 12);
  save(&verdict, saver, "limits");
  options.tolerance_grad = 1e10;
  continuation *loader = loaded(&verdict, usual.dtype, &options, "tolerance");
  assert_int_equal(continuation_advance(loader, 1000, true), 0);
  CHECK(&verdict, secant_get_info(loader->optimizer).reason == SECANT_REASON_GRADIENT, "not converged");
  continuation_destroy(loader);
  continuation_destroy(saver);
  assert_good(&verdict);
}

/* ---- the type of the parameters ------------------------------------------------------------------------------------- */

static variant of_type(secant_dtype dtype)
{
  variant v = usual;
  v.dtype = dtype;
  return v;
}

static double largest_gradient(const continuation *run)
{
  double most = 0.0;
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    for (size_t i = 0; i < run->parameters[p].local_count; i++) {
      most = fmax(most, fabs((double)((const float *)run->parameters[p].gradient)[i]));
    }
  }
  return most;
}

static void check_rounded_point(struct verdict *verdict, const continuation *wide, const continuation *narrow)
{
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    for (size_t i = 0; i < wide->parameters[p].local_count; i++) {
      const double x = ((const double *)wide->parameters[p].values)[i];
      CHECK(verdict, ((const float *)narrow->parameters[p].values)[i] == (float)x, "x[%d][%zu] is not rounded once", p,
            i);
    }
  }
}

/* What a run in f32 has made of a file is looked at in f64, to which it goes exactly. */
static void check_products_of_single(struct verdict *verdict, continuation *single, const char *when)
{
  const variant to = of_type(SECANT_F64);
  save(verdict, single, when);
  continuation *wide = loaded_variant(verdict, &to, when);
  secant_node *dict = state_of(verdict, wide, when);
  const stored_pairs pairs = stored_pairs_of(dict);
  CHECK(verdict, pairs.count > 0 && pairs.single, "%s: %d pairs", when, pairs.count);
  stored_pairs_check(verdict, &pairs, dict, when);
  secant_node_destroy(dict);
  continuation_destroy(wide);
}

static void f64_is_rounded_to_f32_and_the_products_follow(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant wide = of_type(SECANT_F64), single = of_type(SECANT_F32);
  for (int told = 6; told < 20; told++) {
    continuation *saver = run_within(&wide, told);
    save(&verdict, saver, "f64");
    continuation *same = loaded_variant(&verdict, &wide, "f64"), *loader = loaded_variant(&verdict, &single, "f32");
    const secant_info info = secant_get_info(loader->optimizer);
    check_rounded_point(&verdict, same, loader);
    CHECK(&verdict, info.grad_inf == largest_gradient(loader), "|g| is %a, not %a", info.grad_inf,
          largest_gradient(loader));
    check_products_of_single(&verdict, loader, "f32");
    go_to_the_end(&verdict, loader, "f32");
    CHECK(&verdict, secant_get_info(loader->optimizer).loss < info.loss, "no descent");
    continuation_destroy(saver);
    continuation_destroy(same);
    continuation_destroy(loader);
  }
  assert_good(&verdict);
}

/* From f32 to f64 nothing is lost: back in f32, the run goes on as if it had never been elsewhere. */
static void f32_goes_to_f64_and_back_without_a_trace(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant wide = of_type(SECANT_F64), single = of_type(SECANT_F32);
  for (int told = 4; told < 20; told++) {
    continuation *straight = run_within(&single, told);
    save(&verdict, straight, "f32");
    continuation *between = loaded_variant(&verdict, &wide, "f64");
    save(&verdict, between, "f64");
    continuation *back = loaded_variant(&verdict, &single, "back");
    go_to_the_end(&verdict, straight, "f32");
    go_to_the_end(&verdict, between, "f64");
    go_to_the_end(&verdict, back, "back");
    continuation_compare(&verdict, straight, back, "there and back");
    continuation_destroy(straight);
    continuation_destroy(between);
    continuation_destroy(back);
  }
  assert_good(&verdict);
}

/* (x / 1e60 - 1)^2 in one unknown that no float can hold. */
static int huge_closure(void *user, double *loss)
{
  double *x = user;
  const double e = x[0] * 1e-60 - 1.0;
  x[1] = 2e-60 * e;
  *loss = e * e;
  return 0;
}

static void values_that_f32_cannot_hold_are_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  double wide[2] = {3e60, 0.0};
  float narrow[2] = {1.0f, 0.0f};
  secant_optimizer *saver = NULL, *loader = NULL;
  const secant_parameter from = {
      .name = "x", .dtype = SECANT_F64, .values = &wide[0], .gradient = &wide[1], .local_count = 1};
  const secant_parameter to = {
      .name = "x", .dtype = SECANT_F32, .values = &narrow[0], .gradient = &narrow[1], .local_count = 1};
  assert_int_equal(secant_create(&saver, &from, 1, NULL, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_create(&loader, &to, 1, NULL, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(saver, huge_closure, wide), SECANT_OK);
  assert_int_equal(secant_checkpoint_save(saver, path, PROBLEM), SECANT_OK);
  const secant_status status = secant_checkpoint_load(loader, path, PROBLEM);
  CHECK(&verdict, status == SECANT_ERR_MISMATCH && strstr(secant_message(loader), "too large"), "status %d: %s",
        (int)status, secant_message(loader));
  CHECK(&verdict, narrow[0] == 1.0f, "the parameter has changed");
  secant_destroy(saver);
  secant_destroy(loader);
  assert_good(&verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_shorter_history_keeps_the_newest_pairs),
      cmocka_unit_test(a_longer_history_goes_on_growing),
      cmocka_unit_test(another_option_takes_effect_and_the_run_goes_on),
      cmocka_unit_test(limits_and_tolerances_are_those_of_the_new_run),
      cmocka_unit_test(f64_is_rounded_to_f32_and_the_products_follow),
      cmocka_unit_test(f32_goes_to_f64_and_back_without_a_trace),
      cmocka_unit_test(values_that_f32_cannot_hold_are_refused),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
