/* Row by row of the parity table, part E: what minimize_lbfgs of Paddle does and returns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/guide.h"
#include "support/minimize_problems.h"
#include "support/plain_lbfgs.h"
#include <math.h>

/* ---- what comes out ---------------------------------------------------------------------------------------------- */

static void E17_a_run_that_met_no_tolerance_has_not_converged(void **state)
{
  (void)state;
  const double start = -1.7;
  problem p = {.formula = problem_cubic, .dtype = SECANT_F64, .count = 1, .a = -1.0, .b = 2.0};
  secant_result result = problem_minimised(&p, &start, NULL);
  assert_int_equal(result.is_converge, 0);
  assert_true(result.objective_value < -1e3); /* on its way to minus infinity */
  secant_result_free(&result);
}

/* A fixed step of length 0 ends by the step test whatever the tolerance. It is no convergence. */
static void E17_a_run_that_stood_still_has_not_converged(void **state)
{
  (void)state;
  problem p = {.formula = problem_square, .dtype = SECANT_F64, .count = 2};
  const double start[2] = {1.0, 2.0};
  secant_options options = secant_options_torch();
  for (int moves = 0; moves <= 1; moves++) {
    options.lr = moves ? 1e-12 : 0.0;
    secant_result result = problem_minimised(&p, start, &options);
    assert_int_equal(result.reason, SECANT_REASON_STEP);
    assert_int_equal(result.is_converge, moves);
    secant_result_free(&result);
  }
}

/* The first direction leads uphill because H0 = -I, contrary to its contract: for sure, or by less than the
 * tolerance. */
static int turn_round(void *user, const void *const *input, void *const *output)
{
  (void)user;
  for (size_t i = 0; i < 2; i++) ((double *)output[0])[i] = -((const double *)input[0])[i];
  return 0;
}

static void E17_a_direction_that_leads_uphill_is_no_convergence(void **state)
{
  (void)state;
  const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_OPERATOR, .apply = turn_round};
  for (int within = 0; within <= 1; within++) {
    double x[2] = {1.0, 2.0}; /* the slope is |g|^2 = 20 */
    problem p = {.formula = problem_square, .dtype = SECANT_F64, .count = 2};
    const secant_parameter position = problem_position(&p, x);
    secant_minimization task = problem_minimization(&p, &position);
    secant_options options = secant_options_default();
    secant_result result = problem_record();
    options.tolerance_change = within ? 20.0 : 19.0;
    task.options = &options;
    task.initial_inverse_hessian = &matrix;
    assert_int_equal(secant_minimize_lbfgs(&task, &result, NULL), SECANT_OK);
    assert_int_equal(result.reason, SECANT_REASON_DIRECTIONAL_DERIVATIVE);
    assert_int_equal(result.is_converge, within);
    secant_result_free(&result);
  }
}

static void E18_every_evaluation_is_counted(void **state)
{
  (void)state;
  for (int dtype = SECANT_F64; dtype <= SECANT_F32; dtype++) {
    problem p = problem_example((secant_dtype)dtype);
    secant_result result = problem_minimised(&p, PROBLEM_EXAMPLE, NULL);
    assert_int_equal(result.num_func_calls, 3); /* the start, step 1, step 1/2; Paddle makes 4 and reports 3 */
    assert_int_equal(p.evaluations, 3);
    secant_result_free(&result);
  }
  double start[PROBLEM_CAPACITY];
  problem p = problem_long_valley(start);
  secant_result result = problem_minimised(&p, start, NULL);
  assert_int_equal(result.num_func_calls, p.evaluations);
  assert_true(result.num_func_calls > 50);
  secant_result_free(&result);
}

static void E19_the_position_is_the_minimiser_once_converged(void **state)
{
  (void)state;
  for (int dtype = SECANT_F64; dtype <= SECANT_F32; dtype++) {
    problem p = problem_example((secant_dtype)dtype);
    secant_result result = problem_minimised(&p, PROBLEM_EXAMPLE, NULL);
    assert_int_equal(result.is_converge, 1);
    assert_int_equal(result.iterations, 1);
    for (size_t i = 0; i < 2; i++) assert_true(problem_element(&p, result.position, i) == 0.0);
    secant_result_free(&result);
  }
}

/* Runs that ended in different ways, in turn: converged, at a limit, in a failed search, far out. */
static secant_result ended(int way, problem *p)
{
  static const secant_reason expected[] = {SECANT_REASON_GRADIENT, SECANT_REASON_MAX_ITER, SECANT_REASON_LINE_SEARCH,
                                           SECANT_REASON_MAX_EVAL};
  const double start[2] = {-1.2, 1.0};
  secant_options options = secant_options_paddle();
  *p = (problem){.formula = problem_rosenbrock, .dtype = SECANT_F64, .count = 2, .a = 1.0, .b = 10.0};
  options.tolerance_change = 0.0;
  if (way == 1) options.max_iter = 9;
  if (way == 2) p->formula = problem_wrong_gradient;
  if (way == 3) options.max_eval = 12;
  const secant_result result = problem_minimised(p, start, &options);
  assert_int_equal(result.reason, expected[way]);
  return result;
}

static void E20_the_objective_value_is_that_at_the_position(void **state)
{
  (void)state;
  for (int way = 0; way < 4; way++) {
    problem p;
    double f, g[2];
    secant_result result = ended(way, &p);
    assert_int_equal(problem_objective(&p, result.position, &f, g), 0);
    assert_true(f == result.objective_value);
    secant_result_free(&result);
  }
}

static void E21_the_objective_gradient_is_that_at_the_position(void **state)
{
  (void)state;
  for (int way = 0; way < 4; way++) {
    problem p;
    double f, g[2];
    secant_result result = ended(way, &p);
    assert_int_equal(problem_objective(&p, result.position, &f, g), 0);
    assert_memory_equal(g, result.objective_gradient, sizeof g);
    secant_result_free(&result);
  }
}

static void E22_an_iteration_goes_down_the_gradient(void **state)
{
  (void)state;
  double start[PROBLEM_CAPACITY], g[PROBLEM_CAPACITY], f;
  problem p = problem_long_valley(start);
  secant_options options = secant_options_paddle();
  assert_int_equal(problem_objective(&p, start, &f, g), 0);
  options.max_iter = 1;
  secant_result result = problem_minimised(&p, start, &options);
  assert_true(result.objective_value < f);
  double alpha = NAN;
  for (size_t i = 0; i < p.count; i++) { /* x1 = x0 - alpha g0, alpha > 0 */
    const double step = (start[i] - problem_element(&p, result.position, i)) / g[i];
    if (isnan(alpha)) alpha = step;
    assert_true(step > 0.0 && fabs(step - alpha) <= 1e-9 * alpha);
  }
  secant_result_free(&result);
  assert_guide_says(SECANT_TEST_DOCS, "x_{k+1} = x_k - alpha_k H_k g_k");
}

/* ---- the method ---- */

/* The same points as the book's algorithm, by either way of forming the direction, while rounding has not yet grown. */
static void E23_the_method_is_two_loop_lbfgs_with_the_unscaled_identity(void **state)
{
  (void)state;
  const int sizes[] = {1, 3, 100};
  for (int k = 0; k < 6; k++) {
    for (int iterations = 1; iterations <= 12; iterations++) {
      double start[PROBLEM_CAPACITY] = {-1.2, 1.0, 0.4, 0.3, 1.9, 2.5}, g[PROBLEM_CAPACITY];
      problem p = {.formula = problem_valleys, .dtype = SECANT_F64, .count = 6};
      secant_options options = secant_options_paddle();
      options.direction = k < 3 ? SECANT_DIRECTION_GRAM : SECANT_DIRECTION_TWO_LOOP;
      options.history_size = sizes[k % 3];
      options.max_iter = iterations;
      secant_result result = problem_minimised(&p, start, &options);
      const int64_t calls = p.evaluations;
      p.evaluations = 0;
      plain_lbfgs(&p, sizes[k % 3], iterations, start, g);
      assert_int_equal(result.iterations, iterations);
      assert_int_equal(calls, p.evaluations);
      for (size_t i = 0; i < p.count; i++) {
        const double got = problem_element(&p, result.position, i);
        if (!(fabs(got - start[i]) <= 1e-9))
          fail_msg("way %d, %d iterations: x[%zu] is %.17g, not %.17g", k, iterations, i, got, start[i]);
      }
      secant_result_free(&result);
    }
  }
}

static void E24_the_background_of_the_method_is_documented(void **state)
{
  (void)state;
  assert_guide_says(SECANT_TEST_DOCS, "quasi-Newton");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(E17_a_run_that_met_no_tolerance_has_not_converged),
      cmocka_unit_test(E17_a_run_that_stood_still_has_not_converged),
      cmocka_unit_test(E17_a_direction_that_leads_uphill_is_no_convergence),
      cmocka_unit_test(E18_every_evaluation_is_counted),
      cmocka_unit_test(E19_the_position_is_the_minimiser_once_converged),
      cmocka_unit_test(E20_the_objective_value_is_that_at_the_position),
      cmocka_unit_test(E21_the_objective_gradient_is_that_at_the_position),
      cmocka_unit_test(E22_an_iteration_goes_down_the_gradient),
      cmocka_unit_test(E23_the_method_is_two_loop_lbfgs_with_the_unscaled_identity),
      cmocka_unit_test(E24_the_background_of_the_method_is_documented),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
