/* One call that minimises: known answers, its record, its errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/faulty_comm.h"
#include "support/minimize_problems.h"
#include "support/random.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static void assert_close(const problem *p, const secant_result *result, size_t i, double want, double relative)
{
  const double got = problem_element(p, result->position, i);
  if (!(fabs(got - want) <= relative * fabs(want))) fail_msg("x[%zu] is %.17g, not %.17g", i, got, want);
}

/* ---- known answers ---- */

static void quadratics_of_one_and_ten_unknowns_are_solved_to_five_digits(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    uint64_t random = seed;
    double start[10];
    problem p = {.formula = problem_quadratic, .dtype = seed % 2 ? SECANT_F32 : SECANT_F64};
    p.count = seed % 4 < 2 ? 1 : 10;
    for (size_t i = 0; i < p.count; i++) {
      p.m[i] = random_uniform(&random);
      p.c[i] = exp(random_uniform(&random));
      start[i] = random_uniform(&random);
    }
    secant_result result = problem_minimised(&p, start, NULL);
    /* Where the float gradient is rounded the tolerance of 1e-8 can be out of reach, not the minimiser. */
    if (p.dtype == SECANT_F64) assert_int_equal(result.is_converge, 1);
    for (size_t i = 0; i < p.count; i++) assert_close(&p, &result, i, p.m[i], 1e-5);
    secant_result_free(&result);
  }
}

static void rosenbrock_with_random_constants_is_solved_to_five_digits(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    uint64_t random = seed;
    problem p = {.formula = problem_rosenbrock, .dtype = SECANT_F64, .count = 2};
    p.a = random_uniform(&random);
    p.b = random_uniform(&random);
    const double start[2] = {random_uniform(&random), random_uniform(&random)};
    secant_options options = secant_options_paddle();
    options.max_iter = 200; /* b near 0 leaves y almost without influence */
    secant_result result = problem_minimised(&p, start, &options);
    if (!result.is_converge) fail_msg("seed %" PRIu64 ": %s", seed, secant_reason_text(result.reason));
    assert_close(&p, &result, 0, p.a, 1e-5);
    assert_close(&p, &result, 1, p.a * p.a, 1e-5);
    secant_result_free(&result);
  }
}

static void the_nearest_of_several_minima_is_found(void **state)
{
  (void)state;
  problem p = {.formula = problem_two_minima, .dtype = SECANT_F64, .count = 1};
  const double start = 0.82;
  secant_result result = problem_minimised(&p, &start, NULL);
  assert_int_equal(result.is_converge, 1);
  assert_close(&p, &result, 0, 0.8, 1e-5);
  secant_result_free(&result);
}

/* ---- the initial inverse Hessian ---- */

static void a_diagonal_initial_matrix_is_used_and_the_exact_one_needs_one_iteration(void **state)
{
  (void)state;
  static const float diagonals[2][2] = {{2.0F, 0.9F}, {0.5F, 0.5F}}; /* the Hessian of <x, x> is 2 I */
  for (int exact = 0; exact <= 1; exact++) {
    float x[2] = {0.3F, 0.7F};
    const void *const diagonal[] = {diagonals[exact]};
    const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = diagonal};
    problem p = {.formula = problem_square, .dtype = SECANT_F32, .count = 2};
    const secant_parameter position = problem_position(&p, x);
    secant_minimization task = problem_minimization(&p, &position);
    secant_result result = problem_record();
    task.initial_inverse_hessian = &matrix;
    assert_int_equal(secant_minimize_lbfgs(&task, &result, NULL), SECANT_OK);
    assert_int_equal(result.is_converge, 1);
    assert_true(problem_norm_inf(&p, result.position) < 1e-8);
    if (exact) {
      assert_int_equal(result.num_func_calls, 2);
    } else {
      assert_true(result.num_func_calls > 2);
    }
    secant_result_free(&result);
  }
}

static void an_initial_matrix_that_is_not_positive_is_refused_before_any_evaluation(void **state)
{
  (void)state;
  float x[2] = {0.3F, 0.7F};
  const float entries[2] = {2.0F, -0.9F};
  const void *const diagonal[] = {entries};
  const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = diagonal};
  problem p = {.formula = problem_square, .dtype = SECANT_F32, .count = 2};
  const secant_parameter position = problem_position(&p, x);
  secant_minimization task = problem_minimization(&p, &position);
  secant_result result = problem_record();
  secant_error error = {.status = SECANT_OK};
  task.initial_inverse_hessian = &matrix;
  assert_int_equal(secant_minimize_lbfgs(&task, &result, &error), SECANT_ERR_ARGUMENT);
  assert_true(error.message[0] != '\0');
  assert_null(result.position);
  assert_int_equal(p.evaluations, 0);
}

/* ---- the record ---- */

static void value_and_gradient_belong_to_the_position_however_the_run_ended(void **state)
{
  (void)state;
  static problem_formula *const formulas[] = {problem_chained_rosenbrock, problem_valleys,
                                              problem_log_barrier,        problem_line,
                                              problem_wrong_gradient,     problem_square};
  int reasons[SECANT_REASON_DIRECTION + 1] = {0};
  for (size_t k = 0; k < sizeof formulas / sizeof *formulas; k++) {
    for (int search = 0; search <= 2; search++) {
      for (int limit = 0; limit <= 40; limit += limit < 5 ? 1 : 7) {
        problem p = {.formula = formulas[k], .dtype = k % 2 ? SECANT_F32 : SECANT_F64, .count = 8, .a = 1.0};
        const double start[8] = {1.2, 1.0, 0.7, 1.4, 1.3, 0.6, 1.1, 0.9};
        secant_options options = secant_options_paddle();
        options.line_search = (secant_line_search)search;
        options.max_iter = limit % 2 ? limit : 1000;
        options.max_eval = limit % 2 ? 1000 : limit;
        if (search == 0) options.lr = 1e-3;
        secant_result result = problem_minimised(&p, start, &options);
        double f, g[8];
        assert_int_equal(problem_objective(&p, result.position, &f, g), 0);
        assert_true(f == result.objective_value);
        for (size_t i = 0; i < p.count; i++)
          assert_true(problem_element(&p, g, i) == problem_element(&p, result.objective_gradient, i));
        assert_int_equal(result.is_converge, secant_reason_is_convergence(result.reason));
        reasons[result.reason]++;
        secant_result_free(&result);
      }
    }
  }
  assert_true(reasons[SECANT_REASON_GRADIENT] && reasons[SECANT_REASON_MAX_ITER] && reasons[SECANT_REASON_MAX_EVAL]);
  assert_true(reasons[SECANT_REASON_LINE_SEARCH]);
}

static void the_start_is_tested_before_anything_is_searched(void **state)
{
  (void)state;
  problem p = {.formula = problem_square, .dtype = SECANT_F32, .count = 3};
  const double start[3] = {0};
  secant_result result = problem_minimised(&p, start, NULL);
  assert_int_equal(result.reason, SECANT_REASON_GRADIENT);
  assert_int_equal(result.num_func_calls, 1);
  assert_int_equal(result.iterations, 0);
  assert_int_equal(result.dtype, SECANT_F32);
  assert_int_equal(result.local_count, 3);
  secant_result_free(&result);
}

static void a_start_that_is_not_finite_is_reported_as_such(void **state)
{
  (void)state;
  problem p = {.formula = problem_log_barrier, .dtype = SECANT_F64, .count = 1};
  const double start = -1.0;
  secant_result result = problem_minimised(&p, &start, NULL);
  assert_int_equal(result.reason, SECANT_REASON_NOT_FINITE);
  assert_int_equal(result.is_converge, 0);
  assert_true(problem_element(&p, result.position, 0) == -1.0);
  secant_result_free(&result);
}

static void a_freed_record_is_zero_and_may_be_freed_again(void **state)
{
  (void)state;
  problem p = {.formula = problem_square, .dtype = SECANT_F64, .count = 2};
  const double start[2] = {1.0, 2.0};
  secant_result result = problem_minimised(&p, start, NULL);
  secant_result_free(&result);
  assert_null(result.position);
  assert_null(result.objective_gradient);
  assert_int_equal(result.num_func_calls, 0);
  secant_result_free(&result);
  secant_result_free(NULL);
}

static void exactly_the_tolerances_count_as_convergence(void **state)
{
  (void)state;
  const secant_reason tolerances[] = {SECANT_REASON_GRADIENT, SECANT_REASON_STEP, SECANT_REASON_LOSS,
                                      SECANT_REASON_DIRECTIONAL_DERIVATIVE, SECANT_REASON_DIRECTION};
  for (int reason = SECANT_REASON_NONE; reason <= SECANT_REASON_DIRECTION; reason++) {
    int expected = 0;
    for (size_t i = 0; i < sizeof tolerances / sizeof *tolerances; i++) expected |= (int)tolerances[i] == reason;
    assert_int_equal(secant_reason_is_convergence((secant_reason)reason), expected);
  }
}

/* ---- the caller's memory ---- */

static void structs_of_other_sizes_are_understood(void **state)
{
  (void)state;
  struct {
    secant_minimization known;
    int64_t later[2];
  } newer;
  struct {
    secant_result known;
    int64_t later[2];
  } record_of_newer = {.known.struct_size = sizeof record_of_newer, .later = {7, 7}};
  double x = 1.0;
  problem p = {.formula = problem_square, .dtype = SECANT_F32, .count = 1};
  float start = 1.0F;
  secant_parameter position = problem_position(&p, &start);
  memset(&newer, 0xA5, sizeof newer);
  secant_minimization_init(&newer.known, sizeof newer);
  assert_int_equal(newer.later[1], 0);
  newer.known.objective = problem_objective;
  newer.known.user = &p;
  newer.known.initial_position = &position;
  assert_int_equal(secant_minimize_lbfgs(&newer.known, &record_of_newer.known, NULL), SECANT_OK);
  assert_int_equal(record_of_newer.known.struct_size, sizeof record_of_newer);
  assert_int_equal(record_of_newer.later[0] | record_of_newer.later[1], 0);
  secant_result_free(&record_of_newer.known);

  newer.later[1] = 1; /* a feature that this library lacks */
  assert_int_equal(secant_minimize_lbfgs(&newer.known, &record_of_newer.known, NULL), SECANT_ERR_ARGUMENT);

  secant_minimization older = newer.known; /* knows nothing behind the position: float32, no options */
  older.struct_size = offsetof(secant_minimization, dtype);
  older.dtype = (secant_dtype)99;
  secant_result result = problem_record();
  assert_int_equal(secant_minimize_lbfgs(&older, &result, NULL), SECANT_OK);
  secant_result_free(&result);

  position.values = &x;
  position.dtype = SECANT_F64;
  assert_int_equal(secant_minimize_lbfgs(&older, &result, NULL), SECANT_ERR_ARGUMENT);
}

/* ---- errors ---- */

static void refuse(const secant_minimization *task, const char *word)
{
  secant_result result = problem_record();
  secant_error error = {.status = SECANT_OK};
  result.num_func_calls = 7;
  assert_int_equal(secant_minimize_lbfgs(task, &result, &error), SECANT_ERR_ARGUMENT);
  assert_int_equal(error.status, SECANT_ERR_ARGUMENT);
  if (!strstr(error.message, word)) fail_msg("no '%s' in '%s'", word, error.message);
  const secant_result zero = problem_record();
  assert_memory_equal(&result, &zero, sizeof zero);
}

static void arguments_out_of_range_are_named_and_the_record_is_zero(void **state)
{
  (void)state;
  double x[2] = {1.0, 2.0};
  problem p = {.formula = problem_square, .dtype = SECANT_F64, .count = 2};
  secant_parameter position = problem_position(&p, x);
  const secant_minimization good = problem_minimization(&p, &position);
  secant_options options = secant_options_paddle();

  secant_minimization task = good;
  task.objective = NULL;
  refuse(&task, "objective");
  task = good;
  task.initial_position = NULL;
  refuse(&task, "initial position");
  task = good;
  task.dtype = (secant_dtype)7;
  refuse(&task, "dtype");
  task = good;
  task.finite_differences = 2;
  refuse(&task, "finite_differences");
  task = good;
  task.struct_size = 0;
  refuse(&task, "secant_minimization_default");
  task = good;
  options.history_size = -1;
  task.options = &options;
  refuse(&task, "history_size");
  position.values = NULL;
  refuse(&good, "NULL");
  assert_int_equal(p.evaluations, 0);

  const secant_result zero = problem_record();
  secant_result result = problem_record();
  secant_error error = {.status = SECANT_OK};
  result.num_func_calls = 7;
  assert_int_equal(secant_minimize_lbfgs(NULL, &result, &error), SECANT_ERR_ARGUMENT);
  assert_memory_equal(&result, &zero, sizeof zero);
  assert_int_equal(secant_minimize_lbfgs(&good, NULL, &error), SECANT_ERR_ARGUMENT);
  result.struct_size = 0;
  assert_int_equal(secant_minimize_lbfgs(&good, &result, NULL), SECANT_ERR_ARGUMENT);
}

static void an_objective_that_fails_ends_the_call_with_its_error(void **state)
{
  (void)state;
  for (int differences = 0; differences <= 1; differences++) {
    for (int64_t at = 1; at <= 12; at++) {
      double x[4] = {-1.2, 1.0, -1.2, 1.0};
      problem p = {.formula = problem_valleys, .dtype = SECANT_F64, .count = 4, .fail_at = at};
      p.has_no_gradient = differences;
      const secant_parameter position = problem_position(&p, x);
      secant_minimization task = problem_minimization(&p, &position);
      task.name = "valleys";
      secant_result result = problem_record();
      secant_error error = {.status = SECANT_OK};
      assert_int_equal(secant_minimize_lbfgs(&task, &result, &error), SECANT_ERR_CLOSURE);
      assert_int_equal(p.evaluations, at);
      assert_null(result.position);
      assert_non_null(strstr(error.message, "'valleys': the objective"));
      assert_true(x[0] == -1.2 && x[1] == 1.0);
    }
  }
}

static void a_communicator_that_fails_is_reported_whichever_call_it_is(void **state)
{
  (void)state;
  for (int differences = 0; differences <= 1; differences++) {
    int64_t at = 1;
    for (secant_status status = SECANT_ERR_COMM; status != SECANT_OK; at++) {
      double x[2] = {0.3, 0.4};
      problem p = {.formula = problem_square, .dtype = SECANT_F64, .count = 2};
      p.has_no_gradient = differences;
      secant_comm *comm = faulty_comm_create(NULL, at);
      const secant_parameter position = problem_position(&p, x);
      secant_minimization task = problem_minimization(&p, &position);
      secant_result result = problem_record();
      secant_error error = {.status = SECANT_OK};
      task.comm = comm;
      status = secant_minimize_lbfgs(&task, &result, &error);
      if (status != SECANT_OK) {
        if (status != SECANT_ERR_COMM) fail_msg("call %d: %s", (int)at, error.message);
        assert_null(result.position);
        assert_true(error.message[0] != '\0');
      }
      secant_result_free(&result);
      secant_comm_destroy(comm);
    }
    assert_true(at > 8);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quadratics_of_one_and_ten_unknowns_are_solved_to_five_digits),
      cmocka_unit_test(rosenbrock_with_random_constants_is_solved_to_five_digits),
      cmocka_unit_test(the_nearest_of_several_minima_is_found),
      cmocka_unit_test(a_diagonal_initial_matrix_is_used_and_the_exact_one_needs_one_iteration),
      cmocka_unit_test(an_initial_matrix_that_is_not_positive_is_refused_before_any_evaluation),
      cmocka_unit_test(value_and_gradient_belong_to_the_position_however_the_run_ended),
      cmocka_unit_test(the_start_is_tested_before_anything_is_searched),
      cmocka_unit_test(a_start_that_is_not_finite_is_reported_as_such),
      cmocka_unit_test(a_freed_record_is_zero_and_may_be_freed_again),
      cmocka_unit_test(exactly_the_tolerances_count_as_convergence),
      cmocka_unit_test(structs_of_other_sizes_are_understood),
      cmocka_unit_test(arguments_out_of_range_are_named_and_the_record_is_zero),
      cmocka_unit_test(an_objective_that_fails_ends_the_call_with_its_error),
      cmocka_unit_test(a_communicator_that_fails_is_reported_whichever_call_it_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
