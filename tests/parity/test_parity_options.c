/* Rows A8 to A16 and A21 of docs/parity.md: the options of torch.optim.LBFGS. */
#include "support/golden_check.h"
#include "support/valley.h"
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 8 };

static secant_options wolfe(void)
{
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  return options;
}

static secant_optimizer *make(const valley *v, const secant_options *options)
{
  secant_optimizer *optimizer;
  const secant_parameter parameter = valley_parameter(v);
  secant_error error;
  if (secant_create(&optimizer, &parameter, 1, options, NULL, &error) != SECANT_OK) fail_msg("%s", error.message);
  return optimizer;
}

/* One step of a new optimizer from the start of the valley; x, loss and gradient are left in `v`. */
static secant_info step(valley *v, const secant_options *options)
{
  secant_optimizer *optimizer = make(v, options);
  assert_int_equal(secant_step(optimizer, valley_evaluate, v, NULL), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return info;
}

static secant_info step_from_start(const secant_options *options)
{
  valley v = valley_create(N, 1, 0);
  const secant_info info = step(&v, options);
  valley_destroy(&v);
  return info;
}

static void expect_recorded(const char *const *ids, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (golden_check_named(ids[i]) != 0) fail_msg("%s is not as recorded", ids[i]);
}

static void A8_lr_that_is_negative_or_nan_is_refused_and_zero_is_not(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  const secant_parameter parameter = valley_parameter(&v);
  const double refused[] = {-1.0, NAN};
  secant_options options = wolfe();
  secant_optimizer *living = make(&v, &options), *none;
  for (size_t i = 0; i < 2; i++) {
    options.lr = refused[i];
    secant_error error = {.status = SECANT_OK};
    assert_int_equal(secant_create(&none, &parameter, 1, &options, NULL, &error), SECANT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "lr"));
    assert_int_equal(secant_set_options(living, &options), SECANT_ERR_ARGUMENT);
    secant_options kept = {.struct_size = sizeof kept};
    secant_get_options(living, &kept);
    assert_true(kept.lr == 1.0);
  }
  options.lr = 0.0;
  assert_int_equal(secant_set_options(living, &options), SECANT_OK);
  secant_destroy(living);
  secant_destroy(make(&v, &options));
  valley_destroy(&v);
}

static void A9_a_step_ends_after_max_iter_iterations_20_by_default(void **state)
{
  (void)state;
  secant_options options = wolfe();
  assert_int_equal(options.max_iter, 20);
  options.max_eval = 1000;
  options.tolerance_grad = 0.0;
  options.tolerance_change = 0.0;
  for (int64_t limit = 20; limit > 0; limit -= 6) {
    options.max_iter = limit;
    const secant_info info = step_from_start(&options);
    assert_int_equal(info.n_iter, limit);
    assert_int_equal(info.reason, SECANT_REASON_MAX_ITER);
  }
  expect_recorded((const char *[]){"rosen2_sw", "exit_max_iter", "exit_max_iter0"}, 3);
}

/* f(x) = -x^4 / 4: every search uses up its 25 iterations, so that a hard limit on evaluations is met exactly. */
static int bottomless(void *user, double *loss)
{
  double *point = user; /* x, g, evaluations */
  const double x = point[0];
  *loss = -x * x * x * x / 4.0;
  point[1] = -x * x * x;
  point[2] += 1.0;
  return 0;
}

static void A10_max_eval_is_five_quarters_of_max_iter_by_default(void **state)
{
  (void)state;
  static const int64_t rows[][2] = {{1, 1}, {3, 3}, {4, 5}, {5, 6}, {7, 8}, {20, 25}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    double point[] = {1.0, 0.0, 0.0};
    const secant_parameter parameter = {.values = &point[0], .gradient = &point[1], .local_count = 1};
    secant_options options = wolfe();
    assert_int_equal(options.max_eval, -1);
    options.max_iter = rows[i][0];
    options.max_eval_hard = 1;
    secant_optimizer *optimizer;
    assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
    assert_int_equal(secant_step(optimizer, bottomless, point, NULL), SECANT_OK);
    assert_int_equal(secant_get_info(optimizer).call_evals, rows[i][1]);
    assert_int_equal((int)point[2], rows[i][1]);
    secant_destroy(optimizer);
  }
}

static void A11_max_eval_is_tested_after_an_iteration_or_is_a_hard_limit(void **state)
{
  (void)state;
  expect_recorded((const char *[]){"rosen2_sw_maxeval3", "rosen2_sw_maxeval1", "rosen2_fixed_maxeval4"}, 3);
  bool overshot = false;
  for (int64_t limit = 1; limit <= 30; limit++) {
    secant_options options = wolfe();
    options.max_iter = 100;
    options.max_eval = limit;
    const secant_info torch = step_from_start(&options);
    overshot = overshot || torch.call_evals > limit;
    assert_int_equal(torch.reason, SECANT_REASON_MAX_EVAL);

    options.max_eval_hard = 1;
    const secant_info hard = step_from_start(&options);
    assert_true(hard.call_evals <= limit && hard.reason == SECANT_REASON_MAX_EVAL);
  }
  assert_true(overshot);
}

/* |g|_inf at the start of the valley. */
static double largest_gradient(void)
{
  valley v = valley_create(N, 1, 0);
  double loss, largest = 0.0;
  valley_evaluate(&v, &loss);
  for (size_t i = 0; i < v.count; i++) largest = fmax(largest, fabs(v.g[i]));
  valley_destroy(&v);
  return largest;
}

static void A12_a_gradient_of_exactly_the_tolerance_ends_a_step(void **state)
{
  (void)state;
  secant_options options = wolfe();
  assert_true(options.tolerance_grad == 1e-7);
  options.tolerance_grad = largest_gradient();
  const secant_info met = step_from_start(&options);
  assert_int_equal(met.reason, SECANT_REASON_GRADIENT);
  assert_true(met.n_iter == 0 && met.func_evals == 1);

  options.tolerance_grad = nextafter(options.tolerance_grad, 0.0);
  assert_true(step_from_start(&options).n_iter > 0);
  expect_recorded((const char *[]){"exit_grad", "exit_grad_fixed", "exit_grad_at_entry"}, 3);
}

/* The step in which the torch preset ends for `reason`, with the change tolerance raised until it does; the reason must
 * be true of what can be seen from outside. */
static void A13_the_change_tolerance_has_three_tests(void **state)
{
  (void)state;
  assert_true(secant_options_torch().tolerance_change == 1e-9);
  int seen[32] = {0}; /* by reason */
  for (double tolerance = 1e-9; tolerance < 10.0; tolerance *= 1.5) {
    for (double lr = 0.001; lr < 2.0; lr *= 10.0) {
      secant_options options = secant_options_torch();
      options.tolerance_grad = 0.0;
      options.tolerance_change = tolerance;
      options.lr = lr;
      options.max_iter = 50;
      const secant_info info = step_from_start(&options);
      seen[info.reason]++;
      if (info.reason == SECANT_REASON_STEP) assert_true(info.step_inf <= tolerance);
      if (info.reason == SECANT_REASON_LOSS) assert_true(fabs(info.loss - info.previous_loss) < tolerance);
    }
  }
  assert_true(seen[SECANT_REASON_STEP] > 0 && seen[SECANT_REASON_LOSS] > 0);
  assert_true(seen[SECANT_REASON_DIRECTIONAL_DERIVATIVE] > 0);
  expect_recorded((const char *[]){"exit_directional_first", "exit_directional_later", "exit_directional_fixed",
                                   "exit_step_fixed", "exit_step_sw_steep", "exit_loss_sw", "exit_loss_fixed"},
                  7);
}

/* The steps between the points of the last calls, against the s vectors that the state holds. */
static void expect_newest_steps(secant_optimizer *optimizer, double (*points)[N], int calls, int64_t m)
{
  secant_node *dict;
  assert_int_equal(secant_state_dict(optimizer, &dict), SECANT_OK);
  const secant_node *steps = secant_node_find(dict, "state/0/old_stps");
  assert_int_equal(secant_node_size(steps), m);
  for (int i = 0; i < (int)m; i++) {
    const int call = calls - (int)m + i; /* the pair of a call is complete in the next one */
    secant_tensor s;
    assert_int_equal(secant_node_get_tensor(secant_node_at(steps, (size_t)i), &s), SECANT_OK);
    for (int j = 0; j < N; j++)
      assert_true(fabs(((const double *)s.data)[j] - (points[call][j] - points[call - 1][j])) < 1e-12);
  }
  secant_node_destroy(dict);
}

static void A14_the_newest_history_size_pairs_are_kept_100_by_default(void **state)
{
  (void)state;
  enum { CALLS = 12 };
  assert_int_equal(secant_options_torch().history_size, 100);
  for (int64_t m = 1; m <= 5; m += 2) {
    double points[CALLS + 1][N];
    secant_options options = wolfe();
    options.history_size = m;
    options.max_iter = 1;
    valley v = valley_create(N, 1, 0);
    secant_optimizer *optimizer = make(&v, &options);
    memcpy(points[0], v.x, sizeof points[0]);
    for (int call = 1; call <= CALLS; call++) {
      assert_int_equal(secant_step(optimizer, valley_evaluate, &v, NULL), SECANT_OK);
      memcpy(points[call], v.x, sizeof points[call]);
    }
    expect_newest_steps(optimizer, points, CALLS, m);
    secant_destroy(optimizer);
    valley_destroy(&v);
  }
  expect_recorded((const char *[]){"rosen2_sw_h1", "rosen2_sw_h3", "rosen2_sw_h10", "rosen2_sw_h100"}, 4);
}

static void A15_without_a_line_search_nothing_is_evaluated_after_the_last_iteration(void **state)
{
  (void)state;
  assert_int_equal(secant_options_torch().line_search, SECANT_LINE_SEARCH_NONE);
  secant_options options = secant_options_torch();
  options.lr = 0.01;
  options.max_eval = 100;
  for (int64_t limit = 1; limit <= 5; limit++) {
    options.max_iter = limit;
    valley v = valley_create(N, 1, 0);
    const secant_info info = step(&v, &options);
    assert_int_equal(info.n_iter, limit);
    assert_int_equal(v.evaluations, limit);
    valley_destroy(&v);
  }
  expect_recorded((const char *[]){"rosen2_fixed_it1"}, 1);
}

static bool searches(const golden_case *golden, const void *unused)
{
  (void)unused;
  for (size_t i = 0; i < golden->setting_count; i++)
    if (strcmp(golden->settings[i].key, "line_search_fn") == 0) return golden->settings[i].text != NULL;
  return false;
}

static void A16_strong_wolfe_gives_every_recorded_trajectory(void **state)
{
  (void)state;
  size_t cases;
  assert_int_equal(golden_check_where(searches, NULL, &cases), 0);
  assert_int_equal(cases, 63);
}

static void A21_the_documentation_names_what_inspired_the_reference(void **state)
{
  (void)state;
  char line[1024];
  bool found = false;
  FILE *stream = fopen(SECANT_TEST_DOCS "/migration.md", "r");
  assert_non_null(stream);
  while (fgets(line, sizeof line, stream)) found = found || strstr(line, "minFunc");
  fclose(stream);
  assert_true(found);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(A8_lr_that_is_negative_or_nan_is_refused_and_zero_is_not),
      cmocka_unit_test(A9_a_step_ends_after_max_iter_iterations_20_by_default),
      cmocka_unit_test(A10_max_eval_is_five_quarters_of_max_iter_by_default),
      cmocka_unit_test(A11_max_eval_is_tested_after_an_iteration_or_is_a_hard_limit),
      cmocka_unit_test(A12_a_gradient_of_exactly_the_tolerance_ends_a_step),
      cmocka_unit_test(A13_the_change_tolerance_has_three_tests),
      cmocka_unit_test(A14_the_newest_history_size_pairs_are_kept_100_by_default),
      cmocka_unit_test(A15_without_a_line_search_nothing_is_evaluated_after_the_last_iteration),
      cmocka_unit_test(A16_strong_wolfe_gives_every_recorded_trajectory),
      cmocka_unit_test(A21_the_documentation_names_what_inspired_the_reference),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
