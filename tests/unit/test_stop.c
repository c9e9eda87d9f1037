/* Each stop test by itself at its boundary, then their order, then values that are not finite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/stop.h"
#include <float.h>
#include <math.h>

static secanti_stop_limits limits_of(bool convergence_first)
{
  return (secanti_stop_limits){
      .max_iter = 10, .max_eval = 20, .tolerance_change = 0x1p-20, .convergence_first = convergence_first};
}

/* No test fires here. */
static secanti_progress going_on(void)
{
  return (secanti_progress){.iterations = 9,
                            .evaluations = 19,
                            .loss = 1.0,
                            .previous_loss = 2.0,
                            .gradient_reached = false,
                            .step_inf = 1.0,
                            .direction_inf = 1.0,
                            .search_failed = false,
                            .at_precision = false};
}

/* The answer in both modes, which must agree. */
static secant_reason after(secanti_progress progress)
{
  const secanti_stop_limits torch = limits_of(false);
  const secanti_stop_limits native = limits_of(true);
  const secant_reason reason = secanti_stop_after_iteration(&torch, &progress);
  assert_int_equal(secanti_stop_after_iteration(&native, &progress), reason);
  return reason;
}

static void gradient_tolerance_is_inclusive(void **unused)
{
  (void)unused;
  const double tolerance = 0x1p-10, above = nextafter(tolerance, 1.0), zero = 0.0;
  assert_true(secanti_stop_gradient(1, &tolerance, &tolerance, false));
  assert_false(secanti_stop_gradient(1, &above, &tolerance, false));
  assert_true(secanti_stop_gradient(1, &zero, &zero, false));
}

static void strict_gradient_tolerance_is_exclusive_but_for_a_gradient_of_zero(void **unused)
{
  (void)unused;
  const double tolerance = 0x1p-10, below = nextafter(tolerance, 0.0), zero = 0.0, least = DBL_TRUE_MIN;
  assert_false(secanti_stop_gradient(1, &tolerance, &tolerance, true));
  assert_true(secanti_stop_gradient(1, &below, &tolerance, true));
  assert_false(secanti_stop_gradient(1, &least, &zero, true));
  assert_true(secanti_stop_gradient(1, &zero, &zero, true));
}

static void every_group_must_reach_its_own_gradient_tolerance(void **unused)
{
  (void)unused;
  const double tolerance[3] = {1.0, 0.5, 0.25};
  double grad_inf[3] = {1.0, 0.5, 0.25};
  assert_true(secanti_stop_gradient(3, grad_inf, tolerance, false));
  for (int i = 0; i < 3; i++) {
    grad_inf[i] = 2.0 * tolerance[i];
    assert_false(secanti_stop_gradient(3, grad_inf, tolerance, false));
    grad_inf[i] = NAN;
    assert_false(secanti_stop_gradient(3, grad_inf, tolerance, false));
    assert_false(secanti_stop_gradient(3, grad_inf, tolerance, true));
    grad_inf[i] = tolerance[i];
  }
}

static void entry_ends_where_the_gradient_is_reached(void **unused)
{
  (void)unused;
  assert_int_equal(secanti_stop_at_entry(1.0, 0.5, true), SECANT_REASON_GRADIENT);
  assert_int_equal(secanti_stop_at_entry(1.0, 0.5, false), SECANT_REASON_NONE);
}

static void entry_reports_values_that_are_not_finite_before_anything_else(void **unused)
{
  (void)unused;
  const double broken[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(secanti_stop_at_entry(broken[i], 0.0, true), SECANT_REASON_NOT_FINITE);
    assert_int_equal(secanti_stop_at_entry(broken[i], 1.0, false), SECANT_REASON_NOT_FINITE);
    assert_int_equal(secanti_stop_at_entry(1.0, broken[i], false), SECANT_REASON_NOT_FINITE);
  }
}

static void directional_derivative_must_exceed_minus_the_tolerance_to_end(void **unused)
{
  (void)unused;
  const secanti_stop_limits limits = limits_of(false);
  const secant_reason fires = SECANT_REASON_DIRECTIONAL_DERIVATIVE;
  assert_int_equal(secanti_stop_before_move(&limits, -1.0), SECANT_REASON_NONE);
  assert_int_equal(secanti_stop_before_move(&limits, -0x1p-20), SECANT_REASON_NONE);
  assert_int_equal(secanti_stop_before_move(&limits, nextafter(-0x1p-20, 0.0)), fires);
  assert_int_equal(secanti_stop_before_move(&limits, 0.0), fires);
  assert_int_equal(secanti_stop_before_move(&limits, 1.0), fires);
  assert_int_equal(secanti_stop_before_move(&limits, NAN), SECANT_REASON_NONE);
}

static void nothing_fires_while_progress_is_made(void **unused)
{
  (void)unused;
  assert_int_equal(after(going_on()), SECANT_REASON_NONE);
}

static void limits_fire_when_reached_or_exceeded(void **unused)
{
  (void)unused;
  for (int64_t extra = 1; extra <= 5; extra += 4) {
    secanti_progress progress = going_on();
    progress.iterations += extra;
    assert_int_equal(after(progress), SECANT_REASON_MAX_ITER);
    progress = going_on();
    progress.evaluations += extra;
    assert_int_equal(after(progress), SECANT_REASON_MAX_EVAL);
  }
}

static void a_gradient_that_is_reached_ends_the_run(void **unused)
{
  (void)unused;
  secanti_progress progress = going_on();
  progress.gradient_reached = true;
  assert_int_equal(after(progress), SECANT_REASON_GRADIENT);
}

static void step_tolerance_is_inclusive(void **unused)
{
  (void)unused;
  secanti_progress progress = going_on();
  progress.step_inf = 0x1p-20;
  assert_int_equal(after(progress), SECANT_REASON_STEP);
  progress.step_inf = nextafter(0x1p-20, 1.0);
  assert_int_equal(after(progress), SECANT_REASON_NONE);
}

static void strict_step_tolerance_is_exclusive(void **unused)
{
  (void)unused;
  secanti_stop_limits limits = limits_of(true);
  limits.strict = true;
  secanti_progress progress = going_on();
  progress.step_inf = 0x1p-20;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_NONE);
  progress.step_inf = nextafter(0x1p-20, 0.0);
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_STEP);
}

static void loss_tolerance_is_exclusive_and_ignores_the_sign(void **unused)
{
  (void)unused;
  for (int sign = -1; sign <= 1; sign += 2) {
    secanti_progress progress = going_on();
    progress.previous_loss = progress.loss + sign * 0x1p-20;
    assert_int_equal(after(progress), SECANT_REASON_NONE);
    progress.previous_loss = progress.loss + sign * 0x1p-21;
    assert_int_equal(after(progress), SECANT_REASON_LOSS);
  }
}

static void zero_tolerances_fire_on_exact_zeros_only(void **unused)
{
  (void)unused;
  const secanti_stop_limits limits = {.max_iter = 10, .max_eval = 20};
  secanti_progress progress = going_on();
  progress.loss = progress.previous_loss; /* a loss change of 0 is not < 0 */
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_NONE);
  progress.step_inf = 0.0;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_STEP);
  progress.gradient_reached = true;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_GRADIENT);
  assert_int_equal(secanti_stop_before_move(&limits, 0.0), SECANT_REASON_NONE);
  assert_int_equal(secanti_stop_before_move(&limits, DBL_TRUE_MIN), SECANT_REASON_DIRECTIONAL_DERIVATIVE);
}

static void a_failed_search_is_not_taken_for_a_small_step(void **unused)
{
  (void)unused;
  secanti_progress progress = going_on();
  progress.search_failed = true;
  progress.step_inf = 0.0;
  progress.previous_loss = progress.loss;
  assert_int_equal(after(progress), SECANT_REASON_LINE_SEARCH);
  progress.at_precision = true;
  assert_int_equal(after(progress), SECANT_REASON_PRECISION);
  progress.gradient_reached = true;
  assert_int_equal(after(progress), SECANT_REASON_GRADIENT);
}

static void precision_is_reported_only_when_the_search_failed(void **unused)
{
  (void)unused;
  secanti_progress progress = going_on();
  progress.at_precision = true;
  assert_int_equal(after(progress), SECANT_REASON_NONE);
  progress.step_inf = 0.0;
  assert_int_equal(after(progress), SECANT_REASON_STEP);
}

/* With everything true, undoing the first test in turn must uncover the next one. */
static void check_order(bool convergence_first, const secant_reason order[5])
{
  const secanti_stop_limits limits = limits_of(convergence_first);
  const secanti_progress none = going_on();
  secanti_progress progress = {
      .iterations = 10, .evaluations = 20, .loss = 1.0, .previous_loss = 1.0, .gradient_reached = true};
  for (int i = 0; i < 5; i++) {
    assert_int_equal(secanti_stop_after_iteration(&limits, &progress), order[i]);
    switch (order[i]) {
    case SECANT_REASON_MAX_ITER: progress.iterations = none.iterations; break;
    case SECANT_REASON_MAX_EVAL: progress.evaluations = none.evaluations; break;
    case SECANT_REASON_GRADIENT: progress.gradient_reached = none.gradient_reached; break;
    case SECANT_REASON_STEP: progress.step_inf = none.step_inf; break;
    default: progress.previous_loss = none.previous_loss; break;
    }
  }
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_NONE);
}

static void torch_tests_the_limits_first(void **unused)
{
  (void)unused;
  const secant_reason order[5] = {SECANT_REASON_MAX_ITER, SECANT_REASON_MAX_EVAL, SECANT_REASON_GRADIENT,
                                  SECANT_REASON_STEP, SECANT_REASON_LOSS};
  check_order(false, order);
}

static void native_mode_tests_convergence_first(void **unused)
{
  (void)unused;
  const secant_reason order[5] = {SECANT_REASON_GRADIENT, SECANT_REASON_STEP, SECANT_REASON_LOSS,
                                  SECANT_REASON_MAX_ITER, SECANT_REASON_MAX_EVAL};
  check_order(true, order);
}

static void a_failed_search_at_the_iteration_limit_is_named_by_mode(void **unused)
{
  (void)unused;
  const secanti_stop_limits torch = limits_of(false);
  const secanti_stop_limits native = limits_of(true);
  secanti_progress progress = going_on();
  progress.iterations = 10;
  progress.search_failed = true;
  progress.step_inf = 0.0;
  assert_int_equal(secanti_stop_after_iteration(&torch, &progress), SECANT_REASON_MAX_ITER);
  assert_int_equal(secanti_stop_after_iteration(&native, &progress), SECANT_REASON_LINE_SEARCH);
}

static void a_nan_never_fires_a_test(void **unused)
{
  (void)unused;
  secanti_progress progress = going_on();
  progress.direction_inf = progress.step_inf = progress.loss = NAN;
  assert_int_equal(after(progress), SECANT_REASON_NONE);
  progress.loss = progress.previous_loss = INFINITY; /* their difference is NaN */
  assert_int_equal(after(progress), SECANT_REASON_NONE);
}

/* ---- the change test of the direction ---- */

static secanti_stop_limits limits_by_direction(bool strict)
{
  secanti_stop_limits limits = limits_of(true);
  limits.change_test = SECANT_CHANGE_DIRECTION;
  limits.strict = strict;
  return limits;
}

static void direction_tolerance_is_exclusive_only_if_strict(void **unused)
{
  (void)unused;
  for (int strict = 0; strict <= 1; strict++) {
    const secanti_stop_limits limits = limits_by_direction(strict);
    secanti_progress progress = going_on();
    progress.direction_inf = nextafter(0x1p-20, 1.0);
    assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_NONE);
    progress.direction_inf = 0x1p-20;
    assert_int_equal(secanti_stop_after_iteration(&limits, &progress),
                     strict ? SECANT_REASON_NONE : SECANT_REASON_DIRECTION);
    progress.direction_inf = nextafter(0x1p-20, 0.0);
    assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_DIRECTION);
    progress.direction_inf = NAN;
    assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_NONE);
  }
}

static void each_change_test_looks_at_its_own_quantities_alone(void **unused)
{
  (void)unused;
  const secanti_stop_limits limits = limits_by_direction(false);
  secanti_progress progress = going_on();
  progress.step_inf = 0.0;
  progress.previous_loss = progress.loss;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_NONE);
  progress = going_on();
  progress.direction_inf = 0.0;
  assert_int_equal(after(progress), SECANT_REASON_NONE);
}

/* The direction is as short as it is whether or not the search along it succeeded. */
static void a_short_direction_counts_also_after_a_failed_search(void **unused)
{
  (void)unused;
  const secanti_stop_limits limits = limits_by_direction(true);
  secanti_progress progress = going_on();
  progress.search_failed = true;
  progress.step_inf = 0.0;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_LINE_SEARCH);
  progress.at_precision = true;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_PRECISION);
  progress.direction_inf = 0.0;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_DIRECTION);
  progress.gradient_reached = true;
  assert_int_equal(secanti_stop_after_iteration(&limits, &progress), SECANT_REASON_GRADIENT);
}

static void the_slope_ends_a_run_by_direction_only_where_there_is_no_way_down(void **unused)
{
  (void)unused;
  const secanti_stop_limits limits = limits_by_direction(true);
  assert_int_equal(secanti_stop_before_move(&limits, -DBL_TRUE_MIN), SECANT_REASON_NONE);
  assert_int_equal(secanti_stop_before_move(&limits, 0.0), SECANT_REASON_LINE_SEARCH);
  assert_int_equal(secanti_stop_before_move(&limits, 1.0), SECANT_REASON_LINE_SEARCH);
  assert_int_equal(secanti_stop_before_move(&limits, NAN), SECANT_REASON_NONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradient_tolerance_is_inclusive),
      cmocka_unit_test(strict_gradient_tolerance_is_exclusive_but_for_a_gradient_of_zero),
      cmocka_unit_test(every_group_must_reach_its_own_gradient_tolerance),
      cmocka_unit_test(entry_ends_where_the_gradient_is_reached),
      cmocka_unit_test(entry_reports_values_that_are_not_finite_before_anything_else),
      cmocka_unit_test(directional_derivative_must_exceed_minus_the_tolerance_to_end),
      cmocka_unit_test(nothing_fires_while_progress_is_made),
      cmocka_unit_test(limits_fire_when_reached_or_exceeded),
      cmocka_unit_test(a_gradient_that_is_reached_ends_the_run),
      cmocka_unit_test(step_tolerance_is_inclusive),
      cmocka_unit_test(strict_step_tolerance_is_exclusive),
      cmocka_unit_test(loss_tolerance_is_exclusive_and_ignores_the_sign),
      cmocka_unit_test(zero_tolerances_fire_on_exact_zeros_only),
      cmocka_unit_test(a_failed_search_is_not_taken_for_a_small_step),
      cmocka_unit_test(precision_is_reported_only_when_the_search_failed),
      cmocka_unit_test(torch_tests_the_limits_first),
      cmocka_unit_test(native_mode_tests_convergence_first),
      cmocka_unit_test(a_failed_search_at_the_iteration_limit_is_named_by_mode),
      cmocka_unit_test(a_nan_never_fires_a_test),
      cmocka_unit_test(direction_tolerance_is_exclusive_only_if_strict),
      cmocka_unit_test(each_change_test_looks_at_its_own_quantities_alone),
      cmocka_unit_test(a_short_direction_counts_also_after_a_failed_search),
      cmocka_unit_test(the_slope_ends_a_run_by_direction_only_where_there_is_no_way_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
