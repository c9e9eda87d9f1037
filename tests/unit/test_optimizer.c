#include "support/valley.h"
#include <float.h>
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 40 };

static secant_optimizer *make(const valley *v, const secant_options *options)
{
  secant_optimizer *optimizer;
  const secant_parameter parameter = valley_parameter(v);
  secant_error error;
  if (secant_create(&optimizer, &parameter, 1, options, NULL, &error) != SECANT_OK) fail_msg("%s", error.message);
  return optimizer;
}

/* Minimises, and expects the run to end for `reason`. */
static void expect_end(secant_optimizer *optimizer, valley *v, secant_reason reason)
{
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, v), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, reason);
}

/* ---- what may be created ------------------------------------------------------------------------------------------- */

static void refuse(const secant_parameter *parameters, size_t count, const char *word)
{
  secant_optimizer *optimizer = (secant_optimizer *)(void *)&count;
  secant_error error = {.status = SECANT_OK};
  assert_int_equal(secant_create(&optimizer, parameters, count, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_null(optimizer);
  if (!strstr(error.message, word)) fail_msg("no '%s' in '%s'", word, error.message);
}

static void parameters_that_make_no_sense_are_refused_with_a_sentence(void **state)
{
  (void)state;
  double x[6] = {0}, g[6] = {0};
  const int64_t shape[] = {2, 4};
  const secant_parameter good = {.name = "a", .values = x, .gradient = g, .local_count = 6};
  const secant_parameter other_type = {.name = "b", .dtype = SECANT_F32, .values = x, .gradient = g, .local_count = 1};
  secant_parameter bad = good;

  refuse(NULL, 0, "at least one");
  refuse(&good, 0, "at least one");
  refuse((secant_parameter[]){good, good}, 2, "same name");
  refuse((secant_parameter[]){good, other_type}, 2, "element type");
  bad.values = NULL;
  refuse(&bad, 1, "NULL");
  bad = good;
  bad.dtype = (secant_dtype)7;
  refuse(&bad, 1, "element type");
  bad = good;
  bad.shape = shape;
  bad.dimensions = 2;
  refuse(&bad, 1, "shape");
  bad = good;
  bad.local_count = 0;
  refuse(&bad, 1, "unknown");
  const int64_t negative[] = {-2, -3};
  bad = good;
  bad.shape = negative;
  bad.dimensions = 2;
  refuse(&bad, 1, "negative");
}

/* ---- runs ------------------------------------------------------------------------------------------------------------ */

static void minimize_reaches_the_known_minimum(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    for (int64_t m = 0; m <= 10; m += 5) {
      valley v = valley_create(N, 1, 0);
      secant_options options = secant_options_default();
      options.direction = (secant_direction)direction;
      options.history_size = m;
      secant_optimizer *optimizer = make(&v, &options);

      assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);

      const secant_info info = secant_get_info(optimizer);
      assert_int_equal(info.reason, SECANT_REASON_GRADIENT);
      assert_true(info.grad_inf <= options.tolerance_grad);
      assert_true(info.func_evals == v.evaluations && info.pairs <= m);
      for (int i = 0; i < N; i++) assert_true(fabs(v.x[i] - 1.0) < 1e-5);
      secant_destroy(optimizer);
      valley_destroy(&v);
    }
  }
}

static void ask_and_tell_give_the_bits_of_minimize(void **state)
{
  (void)state;
  valley a = valley_create(N, 1, 0), b = valley_create(N, 1, 0);
  secant_optimizer *minimized = make(&a, NULL), *told = make(&b, NULL);
  assert_int_equal(secant_minimize(minimized, valley_evaluate, &a), SECANT_OK);

  secant_request request;
  for (;;) {
    double loss;
    assert_int_equal(secant_ask(told, &request), SECANT_OK);
    if (request == SECANT_DONE) break;
    assert_int_equal(secant_ask(told, &request), SECANT_OK); /* asking twice changes nothing */
    assert_int_equal(valley_evaluate(&b, &loss), 0);
    assert_int_equal(secant_tell(told, loss, 0), SECANT_OK);
  }

  assert_memory_equal(a.x, b.x, N * sizeof *a.x);
  assert_int_equal(secant_get_info(minimized).func_evals, secant_get_info(told).func_evals);
  secant_destroy(minimized);
  secant_destroy(told);
  valley_destroy(&a);
  valley_destroy(&b);
}

static void telling_what_was_not_asked_is_an_error_of_state(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = make(&v, NULL);
  assert_int_equal(secant_tell(optimizer, 1.0, 0), SECANT_ERR_STATE);
  assert_int_not_equal(strlen(secant_message(optimizer)), 0);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

static void a_start_that_is_not_finite_is_reported_and_left_alone(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  v.x[3] = INFINITY;
  secant_optimizer *optimizer = make(&v, NULL);
  expect_end(optimizer, &v, SECANT_REASON_NOT_FINITE);
  assert_int_equal(v.evaluations, 1);
  assert_true(isinf(v.x[3]) && v.x[0] == -1.2);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

static void the_evaluation_limit_is_hard_by_default(void **state)
{
  (void)state;
  for (int64_t limit = 1; limit < 30; limit++) {
    valley v = valley_create(N, 1, 0);
    secant_options options = secant_options_default();
    options.max_eval = limit;
    secant_optimizer *optimizer = make(&v, &options);
    assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
    assert_int_equal(v.evaluations, limit);
    assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_MAX_EVAL);
    secant_destroy(optimizer);
    valley_destroy(&v);
  }
}

static void raising_a_limit_goes_on_as_if_it_had_been_higher_from_the_start(void **state)
{
  (void)state;
  valley a = valley_create(N, 1, 0), b = valley_create(N, 1, 0);
  secant_options options = secant_options_default();
  options.max_iter = 12;
  secant_optimizer *straight = make(&a, &options);
  assert_int_equal(secant_minimize(straight, valley_evaluate, &a), SECANT_OK);

  options.max_iter = 5;
  secant_optimizer *halted = make(&b, &options);
  expect_end(halted, &b, SECANT_REASON_MAX_ITER);
  options.max_iter = 12;
  assert_int_equal(secant_set_options(halted, &options), SECANT_OK);
  assert_int_equal(secant_minimize(halted, valley_evaluate, &b), SECANT_OK);

  assert_memory_equal(a.x, b.x, N * sizeof *a.x);
  assert_int_equal(a.evaluations, b.evaluations);
  assert_int_equal(secant_get_info(straight).n_iter, secant_get_info(halted).n_iter);
  secant_destroy(straight);
  secant_destroy(halted);
  valley_destroy(&a);
  valley_destroy(&b);
}

/* An offset of 1e10 leaves the loss six digits: the gradient tolerance is out of reach. */
static void a_loss_that_has_run_out_of_digits_ends_at_the_precision_limit(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  v.offset = 1e10;
  secant_options options = secant_options_default();
  options.tolerance_grad = 1e-12;
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE; /* which looks at the loss alone */
  secant_optimizer *optimizer = make(&v, &options);
  expect_end(optimizer, &v, SECANT_REASON_PRECISION);
  assert_true(secant_get_info(optimizer).loss - v.offset < 1e-3);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

/* ---- stop requests ---------------------------------------------------------------------------------------------------- */

/* Stops at evaluation `at`; returns whether the stop came in the middle of a line search. */
static bool stop_and_go_on(valley *v, secant_optimizer *optimizer, int64_t at)
{
  secant_request request;
  double loss;
  int64_t before = 0;
  for (int64_t i = 1; secant_ask(optimizer, &request) == SECANT_OK && request == SECANT_EVALUATE; i++) {
    before = secant_get_info(optimizer).accepted;
    assert_int_equal(valley_evaluate(v, &loss), 0);
    if (i == at) secant_request_stop(optimizer);
    assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
  }
  const secant_info info = secant_get_info(optimizer);
  if (info.reason != SECANT_REASON_STOP_REQUESTED) return false;
  const bool within = at > 1 && info.accepted == before;
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, v), SECANT_OK);
  return within;
}

static void a_stop_at_any_evaluation_leaves_no_trace_in_the_bits(void **state)
{
  (void)state;
  secant_options options = secant_options_default();
  options.lr = 3.0; /* a first trial too long, so that searches reject some */
  valley a = valley_create(N, 1, 0);
  secant_optimizer *straight = make(&a, &options);
  assert_int_equal(secant_minimize(straight, valley_evaluate, &a), SECANT_OK);
  const secant_info want = secant_get_info(straight);
  assert_int_equal(want.reason, SECANT_REASON_GRADIENT);

  int within_searches = 0;
  for (int64_t at = 1; at < want.func_evals; at++) {
    valley b = valley_create(N, 1, 0);
    secant_optimizer *stopped = make(&b, &options);
    within_searches += stop_and_go_on(&b, stopped, at);
    const secant_info got = secant_get_info(stopped);
    assert_memory_equal(a.x, b.x, N * sizeof *a.x);
    assert_true(got.loss == want.loss && got.func_evals == want.func_evals && got.n_iter == want.n_iter);
    assert_true(got.allreduces == want.allreduces && got.accepted == want.accepted);
    secant_destroy(stopped);
    valley_destroy(&b);
  }
  assert_true(within_searches > 5);
  secant_destroy(straight);
  valley_destroy(&a);
}

static void the_time_limit_ends_a_run_that_can_go_on(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_options options = secant_options_default();
  options.max_time = 1e-9;
  secant_optimizer *optimizer = make(&v, &options);
  expect_end(optimizer, &v, SECANT_REASON_MAX_TIME);
  options.max_time = 0.0;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  expect_end(optimizer, &v, SECANT_REASON_GRADIENT);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

/* The search was cut short, not refused: with a higher limit the run goes on to the minimum. */
static void an_evaluation_limit_within_a_search_can_be_raised(void **state)
{
  (void)state;
  for (int64_t limit = 1; limit < 30; limit++) {
    valley v = valley_create(N, 1, 0);
    secant_options options = secant_options_default();
    options.lr = 3.0;
    options.max_eval = limit;
    secant_optimizer *optimizer = make(&v, &options);
    expect_end(optimizer, &v, SECANT_REASON_MAX_EVAL);
    options.max_eval = 1000;
    assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
    expect_end(optimizer, &v, SECANT_REASON_GRADIENT);
    assert_int_equal(secant_get_info(optimizer).func_evals, v.evaluations);
    secant_destroy(optimizer);
    valley_destroy(&v);
  }
}

static void a_run_begun_while_a_trial_is_out_begins_from_the_accepted_point(void **state)
{
  (void)state;
  for (int told = 0; told < 12; told++) {
    valley v = valley_create(N, 1, 0);
    secant_options options = secant_options_default();
    options.lr = 3.0;
    secant_optimizer *optimizer = make(&v, &options);
    secant_request request;
    double loss;
    for (int i = 0; i <= told; i++) {
      assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
      assert_int_equal(valley_evaluate(&v, &loss), 0);
      assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
    }
    const double accepted = secant_get_info(optimizer).loss;
    assert_int_equal(secant_step(optimizer, valley_evaluate, &v, &loss), SECANT_OK);
    assert_true(loss == accepted);
    secant_destroy(optimizer);
    valley_destroy(&v);
  }
}

static void a_request_is_met_once_and_outranks_the_clock(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_options options = secant_options_default();
  options.max_time = 1e-9;
  secant_optimizer *optimizer = make(&v, &options);
  secant_request_stop(optimizer);
  expect_end(optimizer, &v, SECANT_REASON_STOP_REQUESTED);
  options.max_time = 0.0;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  expect_end(optimizer, &v, SECANT_REASON_GRADIENT);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

/* A step of no length is no evidence of a precision limit. */
static void a_learning_rate_of_zero_is_not_taken_for_convergence(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_options options = secant_options_default();
  options.lr = 0.0;
  secant_optimizer *optimizer = make(&v, &options);
  expect_end(optimizer, &v, SECANT_REASON_LINE_SEARCH);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

/* Without an offset the loss has digits to the end; what limits is the rounding of x. */
static void a_minimum_of_zero_ends_at_the_precision_limit_too(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_options options = secant_options_default();
  options.tolerance_grad = 0.0;
  secant_optimizer *optimizer = make(&v, &options);
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  assert_true(info.reason == SECANT_REASON_PRECISION || info.reason == SECANT_REASON_GRADIENT);
  assert_true(info.loss < 1e-25);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

static void a_reset_begins_as_on_a_new_optimizer(void **state)
{
  (void)state;
  valley a = valley_create(N, 1, 0), b = valley_create(N, 1, 0);
  secant_optimizer *fresh = make(&a, NULL), *used = make(&b, NULL);
  assert_int_equal(secant_minimize(fresh, valley_evaluate, &a), SECANT_OK);
  assert_int_equal(secant_minimize(used, valley_evaluate, &b), SECANT_OK);
  valley_start(&b);
  secant_reset(used);
  assert_int_equal(secant_get_info(used).n_iter, 0);
  assert_int_equal(secant_minimize(used, valley_evaluate, &b), SECANT_OK);
  assert_memory_equal(a.x, b.x, N * sizeof *a.x);
  assert_int_equal(secant_get_info(used).func_evals, secant_get_info(fresh).func_evals);
  secant_destroy(fresh);
  secant_destroy(used);
  valley_destroy(&a);
  valley_destroy(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_that_make_no_sense_are_refused_with_a_sentence),
      cmocka_unit_test(minimize_reaches_the_known_minimum),
      cmocka_unit_test(ask_and_tell_give_the_bits_of_minimize),
      cmocka_unit_test(telling_what_was_not_asked_is_an_error_of_state),
      cmocka_unit_test(a_start_that_is_not_finite_is_reported_and_left_alone),
      cmocka_unit_test(the_evaluation_limit_is_hard_by_default),
      cmocka_unit_test(raising_a_limit_goes_on_as_if_it_had_been_higher_from_the_start),
      cmocka_unit_test(a_loss_that_has_run_out_of_digits_ends_at_the_precision_limit),
      cmocka_unit_test(a_stop_at_any_evaluation_leaves_no_trace_in_the_bits),
      cmocka_unit_test(the_time_limit_ends_a_run_that_can_go_on),
      cmocka_unit_test(an_evaluation_limit_within_a_search_can_be_raised),
      cmocka_unit_test(a_run_begun_while_a_trial_is_out_begins_from_the_accepted_point),
      cmocka_unit_test(a_request_is_met_once_and_outranks_the_clock),
      cmocka_unit_test(a_learning_rate_of_zero_is_not_taken_for_convergence),
      cmocka_unit_test(a_minimum_of_zero_ends_at_the_precision_limit_too),
      cmocka_unit_test(a_reset_begins_as_on_a_new_optimizer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
