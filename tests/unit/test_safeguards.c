/* What ends a run that gets no further, and what makes it go on: option safeguards. */
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 6 };

/* An objective, and what is done to its values. */
typedef struct scene {
  double x[N], g[N];
  double (*f)(const double *x, double *g);
  double gradient_factor; /* the gradient is told this many times too large */
  int64_t evaluations;
  int64_t first_lost, last_lost; /* evaluations in between are not finite */
} scene;

/* Ill-conditioned, with a large value at its minimum, whose coordinates no floating-point numbers are. */
static double offset_valley(const double *x, double *g)
{
  double f = 1e8;
  for (int i = 0; i < N; i++) {
    const double weight = pow(10.0, i), away = x[i] - 1.0, coupled = 0.3 * (x[(i + 1) % N] - 1.0);
    f += 0.5 * weight * away * away + 0.5 * coupled * coupled + exp(0.1 * x[i]);
    g[i] = weight * away + 0.1 * exp(0.1 * x[i]);
  }
  for (int i = 0; i < N; i++) g[(i + 1) % N] += 0.09 * (x[(i + 1) % N] - 1.0);
  return f;
}

static double valley(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i += 2) {
    const double bend = x[i + 1] - x[i] * x[i], rest = 1.0 - x[i];
    f += 100.0 * bend * bend + rest * rest;
    g[i] = -400.0 * bend * x[i] - 2.0 * rest;
    g[i + 1] = 200.0 * bend;
  }
  return f;
}

static double slope(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    f -= x[i];
    g[i] = -1.0;
  }
  return f;
}

static double dome(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    f -= x[i] * x[i];
    g[i] = -2.0 * x[i];
  }
  return f;
}

static double cubic(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    f += x[i] * x[i] * x[i] - x[i];
    g[i] = 3.0 * x[i] * x[i] - 1.0;
  }
  return f;
}

static int evaluate(void *user, double *loss)
{
  scene *s = user;
  s->evaluations++;
  *loss = s->f(s->x, s->g);
  for (int i = 0; i < N; i++) s->g[i] *= s->gradient_factor;
  if (s->evaluations >= s->first_lost && s->evaluations <= s->last_lost) *loss = NAN;
  return 0;
}

static secant_info minimise(scene *s, const secant_options *options)
{
  secant_optimizer *optimizer = NULL;
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = s->x, .gradient = s->g, .local_count = N};
  for (int i = 0; i < N; i++) s->x[i] = i % 2 == 0 ? -1.2 : 1.0;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, evaluate, s), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  for (int i = 0; i < N; i++) assert_true(isfinite(s->x[i]));
  assert_int_equal(info.func_evals, s->evaluations);
  return info;
}

/* `safeguards` 0 or 1, and no tolerance that could be reached first. */
static secant_options with(int32_t safeguards)
{
  secant_options options = secant_options_default();
  options.safeguards = safeguards;
  options.tolerance_grad = 0.0;
  options.first_step = SECANT_FIRST_STEP_UNIT;
  return options;
}

static void a_gradient_of_the_wrong_sign_or_length_is_told_from_the_precision_limit(void **state)
{
  (void)state;
  const secant_options options = with(1), without = with(0);
  const double factors[] = {-1.0, -1e-3, -1e7};
  for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
    scene s = {.f = valley, .gradient_factor = factors[i]};
    assert_int_equal(minimise(&s, &options).reason, SECANT_REASON_WRONG_GRADIENT);
  }
  scene s = {.f = valley, .gradient_factor = -1.0};
  assert_int_equal(minimise(&s, &without).reason, SECANT_REASON_LINE_SEARCH);
}

static void a_minimum_that_the_digits_of_the_loss_do_not_resolve_is_the_precision_limit(void **state)
{
  (void)state;
  const secant_options options = with(1);
  scene s = {.f = offset_valley, .gradient_factor = 1.0};
  const secant_info info = minimise(&s, &options);
  assert_int_equal(info.reason, SECANT_REASON_PRECISION);
  assert_true(info.grad_inf <= 10.0);
}

static void a_loss_that_falls_for_ever_is_reported_within_200_evaluations(void **state)
{
  (void)state;
  const secant_options options = with(1);
  double (*const falling[])(const double *, double *) = {slope, dome, cubic};
  for (size_t i = 0; i < sizeof falling / sizeof *falling; i++) {
    scene s = {.f = falling[i], .gradient_factor = 1.0};
    const secant_info info = minimise(&s, &options);
    assert_int_equal(info.reason, SECANT_REASON_UNBOUNDED);
    assert_true(info.func_evals <= 200);
  }
}

/* A whole search is lost: every trial of it is not finite. */
static void a_failed_search_begins_again_down_the_gradient(void **state)
{
  (void)state;
  for (int32_t safeguards = 0; safeguards < 2; safeguards++) {
    secant_options options = with(safeguards);
    options.tolerance_grad = 1e-8;
    options.max_search = 5;
    scene s = {.f = valley, .gradient_factor = 1.0, .first_lost = 20, .last_lost = 26};
    const secant_info info = minimise(&s, &options);
    assert_int_equal(info.reason, safeguards ? SECANT_REASON_GRADIENT : SECANT_REASON_LINE_SEARCH);
  }
}

/* Nothing but the start is finite: differences tell nothing. */
static void a_search_that_fails_for_no_known_reason_is_reported_as_such(void **state)
{
  (void)state;
  const secant_options options = with(1);
  scene s = {.f = valley, .gradient_factor = 1.0, .first_lost = 2, .last_lost = INT64_MAX};
  assert_int_equal(minimise(&s, &options).reason, SECANT_REASON_LINE_SEARCH);
}

static void the_check_obeys_the_evaluation_limit(void **state)
{
  (void)state;
  secant_options options = with(1);
  scene all = {.f = valley, .gradient_factor = -1.0};
  const int64_t needed = minimise(&all, &options).func_evals;
  for (options.max_eval = needed - 5; options.max_eval <= needed; options.max_eval++) {
    scene s = {.f = valley, .gradient_factor = -1.0};
    const secant_info info = minimise(&s, &options);
    assert_true(info.func_evals <= options.max_eval);
    assert_int_equal(info.reason == SECANT_REASON_WRONG_GRADIENT, options.max_eval == needed);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_gradient_of_the_wrong_sign_or_length_is_told_from_the_precision_limit),
      cmocka_unit_test(a_minimum_that_the_digits_of_the_loss_do_not_resolve_is_the_precision_limit),
      cmocka_unit_test(a_loss_that_falls_for_ever_is_reported_within_200_evaluations),
      cmocka_unit_test(a_failed_search_begins_again_down_the_gradient),
      cmocka_unit_test(a_search_that_fails_for_no_known_reason_is_reported_as_such),
      cmocka_unit_test(the_check_obeys_the_evaluation_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
