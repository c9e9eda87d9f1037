/* Row by row of the parity table, part E: what minimize_lbfgs of Paddle takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/guide.h"
#include "support/minimize_problems.h"
#include <math.h>
#include <string.h>

/* ---- what goes in ------------------------------------------------------------------------------------------------ */

/* With the gradient given, and with the gradient left to finite differences. */
static void E1_the_objective_is_a_callback_with_or_without_gradient(void **state)
{
  (void)state;
  for (int without = 0; without <= 1; without++) {
    const double start[2] = {-1.2, 1.0};
    problem p = {.formula = problem_rosenbrock, .dtype = SECANT_F64, .count = 2, .a = 0.6, .b = 0.7};
    p.has_no_gradient = without;
    secant_result result = problem_minimised(&p, start, NULL);
    if (!without) assert_int_equal(result.is_converge, 1);
    assert_true(fabs(problem_element(&p, result.position, 0) - 0.6) < 1e-6);
    assert_true(fabs(problem_element(&p, result.position, 1) - 0.36) < 1e-6);
    secant_result_free(&result);
  }
}

static void E2_the_initial_position_is_not_modified(void **state)
{
  (void)state;
  double x[2] = {-1.2, 1.0};
  const double before[2] = {-1.2, 1.0};
  problem p = {.formula = problem_rosenbrock, .dtype = SECANT_F64, .count = 2, .a = 1.0, .b = 100.0};
  const secant_parameter position = problem_position(&p, x);
  const secant_minimization task = problem_minimization(&p, &position);
  secant_result result = problem_record();
  assert_int_equal(secant_minimize_lbfgs(&task, &result, NULL), SECANT_OK);
  assert_memory_equal(x, before, sizeof before);
  assert_true(result.position != (void *)x && ((double *)result.position)[0] != before[0]);
  secant_result_free(&result);
}

/* What an optimizer with the same options does on the same problem tells how many pairs it holds. */
typedef struct borrowed {
  problem *p;
  double *x, *g;
} borrowed;

static int evaluate_borrowed(void *user, double *loss)
{
  const borrowed *b = user;
  return problem_objective(b->p, b->x, loss, b->g);
}

static void E3_the_history_holds_exactly_the_newest_m_pairs(void **state)
{
  (void)state;
  const int sizes[] = {1, 2, 3, 5};
  for (int k = 0; k < 4; k++) {
    double start[PROBLEM_CAPACITY], x[PROBLEM_CAPACITY], g[PROBLEM_CAPACITY];
    problem p = problem_long_valley(start);
    secant_options options = secant_options_paddle();
    options.history_size = sizes[k];
    secant_result result = problem_minimised(&p, start, &options);
    assert_int_equal(result.reason, SECANT_REASON_MAX_ITER);
    assert_int_equal(result.iterations, 50);

    secant_optimizer *optimizer = NULL;
    secant_parameter parameter = problem_position(&p, x);
    parameter.gradient = g;
    memcpy(x, start, sizeof x);
    borrowed same = {&p, x, g};
    assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
    assert_int_equal(secant_minimize(optimizer, evaluate_borrowed, &same), SECANT_OK);
    assert_int_equal(secant_get_info(optimizer).pairs, sizes[k]);
    assert_memory_equal(x, result.position, p.count * sizeof *x);
    secant_destroy(optimizer);
    secant_result_free(&result);
  }
  assert_int_equal(secant_options_paddle().history_size, 100);
}

static void E4_max_iters_bounds_the_iterations_and_zero_returns_the_start(void **state)
{
  (void)state;
  assert_int_equal(secant_options_paddle().max_iter, 50);
  for (int limit = 0; limit <= 7; limit += 7) {
    double start[PROBLEM_CAPACITY];
    problem p = problem_long_valley(start);
    secant_options options = secant_options_paddle();
    options.max_iter = limit;
    secant_result result = problem_minimised(&p, start, &options);
    assert_int_equal(result.is_converge, 0);
    assert_int_equal(result.reason, SECANT_REASON_MAX_ITER);
    assert_int_equal(result.iterations, limit);
    if (limit == 0) {
      assert_int_equal(result.num_func_calls, 1);
      assert_memory_equal(result.position, start, p.count * sizeof *start);
    }
    secant_result_free(&result);
  }
}

/* Ends at the first gradient below the tolerance: the one before is not, and one equal to the tolerance is not
 * either. */
static void E5_the_gradient_must_be_below_its_tolerance(void **state)
{
  (void)state;
  const double start[3] = {0.9, -0.4, 0.3};
  problem p = {
      .formula = problem_quadratic, .dtype = SECANT_F64, .count = 3, .c = {1.0, 2.0, 2.7}, .m = {0.2, 0.5, 0.8}};
  secant_options options = secant_options_paddle();
  assert_true(options.tolerance_grad == 1e-8);
  options.tolerance_grad = 1e-3;
  secant_result result = problem_minimised(&p, start, &options);
  const double reached = problem_norm_inf(&p, result.objective_gradient);
  const int64_t iterations = result.iterations;
  assert_int_equal(result.reason, SECANT_REASON_GRADIENT);
  assert_true(reached < 1e-3 && reached > 0.0);
  assert_true(iterations > 1);
  secant_result_free(&result);

  secant_options fewer = options;
  fewer.max_iter = iterations - 1;
  result = problem_minimised(&p, start, &fewer);
  assert_true(problem_norm_inf(&p, result.objective_gradient) >= 1e-3);
  assert_int_equal(result.is_converge, 0);
  secant_result_free(&result);

  options.tolerance_grad = reached;
  result = problem_minimised(&p, start, &options);
  assert_true(result.iterations > iterations);
  secant_result_free(&result);
  options.tolerance_grad = nextafter(reached, 1.0);
  result = problem_minimised(&p, start, &options);
  assert_int_equal(result.iterations, iterations);
  secant_result_free(&result);
}

/* All components equal: the largest is the same for any n, every other norm grows with it. */
static void E6_the_gradient_is_measured_by_its_largest_component(void **state)
{
  (void)state;
  const size_t sizes[] = {1, 4, 100};
  for (int k = 0; k < 3; k++) {
    double start[PROBLEM_CAPACITY];
    problem p = {.formula = problem_square, .dtype = SECANT_F64, .count = sizes[k]};
    for (size_t i = 0; i < p.count; i++) start[i] = 0.25;
    secant_options options = secant_options_paddle();
    options.tolerance_grad = nextafter(0.5, 1.0);
    secant_result result = problem_minimised(&p, start, &options);
    assert_int_equal(result.num_func_calls, 1);
    assert_int_equal(result.reason, SECANT_REASON_GRADIENT);
    secant_result_free(&result);
    options.tolerance_grad = 0.5;
    result = problem_minimised(&p, start, &options);
    assert_true(result.num_func_calls > 1);
    secant_result_free(&result);
  }
}

static secant_result minimised_near_the_optimum(double curvature, double tolerance_change, secant_change_test test)
{
  const double start[2] = {1e-9, 3e-9};
  problem p = {.formula = problem_quadratic, .dtype = SECANT_F64, .count = 2, .c = {0.4 * curvature, 0.3 * curvature}};
  secant_options options = secant_options_paddle();
  options.tolerance_grad = 0.0;
  options.tolerance_change = tolerance_change;
  options.change_test = test;
  return problem_minimised(&p, start, &options);
}

/* As in Paddle it is the direction that is compared. */
static void E7_the_change_tolerance_is_compared_with_the_direction(void **state)
{
  (void)state;
  assert_true(secant_options_paddle().tolerance_change == 1e-8);
  const double direction = 2.0 * 0.3 * 3e-9; /* the first one is -g */
  secant_result result = minimised_near_the_optimum(1.0, nextafter(direction, 1.0), SECANT_CHANGE_DIRECTION);
  assert_int_equal(result.reason, SECANT_REASON_DIRECTION);
  assert_int_equal(result.is_converge, 1);
  assert_int_equal(result.iterations, 1);
  secant_result_free(&result);
  result = minimised_near_the_optimum(1.0, direction / 2.0, SECANT_CHANGE_DIRECTION);
  assert_true(result.iterations > 1);
  secant_result_free(&result);
}

/* Steep: a step of some 1e-9 is below 1e-8. Flat: the loss can fall by f(x0) = 3.1e-18 at most, its slope being
 * -3.9e-18. */
static void E7_the_native_test_looks_at_step_and_loss_and_says_which(void **state)
{
  (void)state;
  secant_result result = minimised_near_the_optimum(1e6, 1e-8, SECANT_CHANGE_STEP_AND_LOSS);
  assert_int_equal(result.reason, SECANT_REASON_STEP);
  assert_int_equal(result.is_converge, 1);
  assert_int_equal(result.iterations, 1);
  secant_result_free(&result);
  result = minimised_near_the_optimum(1.0, 3.5e-18, SECANT_CHANGE_STEP_AND_LOSS);
  assert_int_equal(result.reason, SECANT_REASON_LOSS);
  assert_int_equal(result.is_converge, 1);
  assert_int_equal(result.iterations, 1);
  secant_result_free(&result);
}

static void E11_only_line_searches_that_exist_are_accepted(void **state)
{
  (void)state;
  secant_error error = {.status = SECANT_OK};
  secant_options options = secant_options_paddle();
  assert_int_equal(options.line_search, SECANT_LINE_SEARCH_NOCEDAL_WRIGHT);
  assert_int_equal(secant_options_set(&options, "line_search", "strong_wolfe", &error), SECANT_OK);
  assert_int_equal(secant_options_set(&options, "line_search", "nocedal_wright", &error), SECANT_OK);
  assert_int_equal(secant_options_set(&options, "line_search", "golden_section", &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "golden_section"));

  float x[2] = {1.3F, 2.7F};
  problem p = problem_example(SECANT_F32);
  const secant_parameter position = problem_position(&p, x);
  secant_minimization task = problem_minimization(&p, &position);
  secant_result result = problem_record();
  options.line_search = (secant_line_search)9;
  options.max_iter = 0; /* Paddle would not have noticed */
  task.options = &options;
  assert_int_equal(secant_minimize_lbfgs(&task, &result, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "line_search"));
  assert_int_equal(p.evaluations, 0);
}

/* The largest number of calls of one iteration, of the first ten. */
static int64_t calls_of_an_iteration(int64_t max_search)
{
  const double start = 1e-6; /* between an infinite wall and a slope of -1e6 */
  int64_t before = 1, most = 0;
  for (int64_t iterations = 1; iterations <= 10; iterations++) {
    problem p = {.formula = problem_log_barrier, .dtype = SECANT_F64, .count = 1};
    secant_options options = secant_options_paddle();
    options.max_iter = iterations;
    options.max_search = max_search;
    options.tolerance_search = 0.0;
    secant_result result = problem_minimised(&p, &start, &options);
    most = result.num_func_calls - before > most ? result.num_func_calls - before : most;
    before = result.num_func_calls;
    secant_result_free(&result);
  }
  return most;
}

static void E12_the_limit_of_line_search_iterations_is_honoured(void **state)
{
  (void)state;
  assert_int_equal(secant_options_paddle().max_search, 50);
  const int64_t wanted = calls_of_an_iteration(1000);
  assert_true(wanted > 12); /* so that the limits below do bind */
  for (int64_t limit = 1; limit <= 10; limit++) assert_true(calls_of_an_iteration(limit) <= limit + 2);
}

static void E13_the_initial_step_length_is_the_first_trial_of_each_search(void **state)
{
  (void)state;
  problem p = problem_example(SECANT_F64);
  secant_options options = secant_options_paddle();
  assert_true(options.lr == 1.0);
  options.lr = 0.5;
  secant_result result = problem_minimised(&p, PROBLEM_EXAMPLE, &options);
  assert_int_equal(result.num_func_calls, 2); /* the start and one trial */
  assert_true(problem_element(&p, result.position, 0) == 0.0 && problem_element(&p, result.position, 1) == 0.0);
  secant_result_free(&result);

  options.max_step = 0.5; /* a longer first trial is cut to the longest step */
  options.lr = 3.0;
  result = problem_minimised(&p, PROBLEM_EXAMPLE, &options);
  assert_int_equal(result.num_func_calls, 2);
  assert_true(result.objective_value == 0.0);
  secant_result_free(&result);
}

/* ---- documentation ----------------------------------------------------------------------------------------------- */

static void E14_other_first_step_lengths_are_documented_to_lead_elsewhere(void **state)
{
  (void)state;
  assert_guide_says(SECANT_TEST_DOCS, "initial_step_length");
  assert_guide_says(SECANT_TEST_DOCS, "may lead to another minimum");
}

/* ---- types and labels -------------------------------------------------------------------------------------------- */

static void E15_dtype_must_be_that_of_the_position(void **state)
{
  (void)state;
  assert_int_equal(secant_minimization_default().dtype, SECANT_F32);
  for (int dtype = SECANT_F64; dtype <= SECANT_F32; dtype++) {
    double values[2];
    secant_result result = problem_record();
    secant_error error = {.status = SECANT_OK};
    problem p = problem_example((secant_dtype)dtype);
    problem_store(&p, PROBLEM_EXAMPLE, values);
    const secant_parameter position = problem_position(&p, values);
    secant_minimization task = problem_minimization(&p, &position);
    assert_int_equal(secant_minimize_lbfgs(&task, &result, &error), SECANT_OK);
    assert_int_equal(result.dtype, dtype);
    secant_result_free(&result);

    task.dtype = dtype == SECANT_F64 ? SECANT_F32 : SECANT_F64;
    assert_int_equal(secant_minimize_lbfgs(&task, &result, &error), SECANT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "dtype"));
    task.dtype = (secant_dtype)2; /* neither, as int32 */
    assert_int_equal(secant_minimize_lbfgs(&task, &result, &error), SECANT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "dtype"));
  }
}

static void E16_the_name_labels_messages_and_changes_nothing_else(void **state)
{
  (void)state;
  double x[2] = {-1.2, 1.0};
  problem p = {.formula = problem_rosenbrock, .dtype = SECANT_F64, .count = 2, .a = 1.0, .b = 10.0};
  const secant_parameter position = problem_position(&p, x);
  secant_minimization task = problem_minimization(&p, &position);
  secant_result plain = problem_record(), labelled = problem_record();
  secant_error error = {.status = SECANT_OK};
  assert_int_equal(secant_minimize_lbfgs(&task, &plain, NULL), SECANT_OK);
  task.name = "banana";
  assert_int_equal(secant_minimize_lbfgs(&task, &labelled, NULL), SECANT_OK);
  assert_int_equal(plain.num_func_calls, labelled.num_func_calls);
  assert_memory_equal(plain.position, labelled.position, sizeof x);
  secant_result_free(&plain);
  secant_result_free(&labelled);

  p.fail_at = p.evaluations + 3;
  assert_int_equal(secant_minimize_lbfgs(&task, &plain, &error), SECANT_ERR_CLOSURE);
  assert_int_equal(strncmp(error.message, "'banana': ", 10), 0);
  task.dtype = SECANT_F32;
  assert_int_equal(secant_minimize_lbfgs(&task, &plain, &error), SECANT_ERR_ARGUMENT);
  assert_int_equal(strncmp(error.message, "'banana': ", 10), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(E1_the_objective_is_a_callback_with_or_without_gradient),
      cmocka_unit_test(E2_the_initial_position_is_not_modified),
      cmocka_unit_test(E3_the_history_holds_exactly_the_newest_m_pairs),
      cmocka_unit_test(E4_max_iters_bounds_the_iterations_and_zero_returns_the_start),
      cmocka_unit_test(E5_the_gradient_must_be_below_its_tolerance),
      cmocka_unit_test(E6_the_gradient_is_measured_by_its_largest_component),
      cmocka_unit_test(E7_the_change_tolerance_is_compared_with_the_direction),
      cmocka_unit_test(E7_the_native_test_looks_at_step_and_loss_and_says_which),
      cmocka_unit_test(E11_only_line_searches_that_exist_are_accepted),
      cmocka_unit_test(E12_the_limit_of_line_search_iterations_is_honoured),
      cmocka_unit_test(E13_the_initial_step_length_is_the_first_trial_of_each_search),
      cmocka_unit_test(E14_other_first_step_lengths_are_documented_to_lead_elsewhere),
      cmocka_unit_test(E15_dtype_must_be_that_of_the_position),
      cmocka_unit_test(E16_the_name_labels_messages_and_changes_nothing_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
