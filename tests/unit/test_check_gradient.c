/* The Taylor test of a gradient: right ones pass, wrong ones do not, and nothing is left changed. */
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 7 };

typedef double formula(const double *x, double *g);

/* An objective in either type, and what is done to its values. */
typedef struct scene {
  formula *f;
  secant_dtype dtype;
  double wide[N], wide_gradient[N];
  float narrow[N], narrow_gradient[N];
  double factor; /* of the gradient */
  int turned;    /* entry whose sign is wrong; -1: none */
  double offset; /* of the loss */
  int64_t evaluations, fail_at, lost_at;
  secant_optimizer *optimizer;
  bool by_terms, to_none;
} scene;

static double chained(const double *x, double *g)
{
  double f = 0.0;
  memset(g, 0, N * sizeof *g);
  for (int i = 0; i + 1 < N; i++) {
    const double bend = x[i + 1] - x[i] * x[i], rest = 1.0 - x[i];
    f += 100.0 * bend * bend + rest * rest;
    g[i] += -400.0 * bend * x[i] - 2.0 * rest;
    g[i + 1] += 200.0 * bend;
  }
  return f;
}

/* The term that couples the ends is missing in the gradient. */
static double forgetful(const double *x, double *g)
{
  return chained(x, g) + x[0] * x[N - 1];
}

static double linear(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    f += (i - 2.5) * x[i];
    g[i] = i - 2.5;
  }
  return f;
}

static double exponential(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    const double e = exp((i + 1) * x[i]);
    f += e - x[i];
    g[i] = (i + 1) * e - 1.0;
  }
  return f;
}

/* The start is beside a wall: the longer steps leave the domain. */
static double barrier(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    const double room = 1.0 + 1e-3 - fabs(x[i]);
    f -= log(room);
    g[i] = (x[i] > 0.0 ? 1.0 : -1.0) / room;
  }
  return f;
}

/* Has a kink where x[1] = 1, which is where the tests begin. */
static double kinked(const double *x, double *g)
{
  const double f = exponential(x, g);
  return f + fabs(x[1] - 1.0);
}

static double flat(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    const double away = x[i] - (i % 2 == 0 ? -1.0 : 1.0);
    f += (i + 1) * away * away;
    g[i] = 2.0 * (i + 1) * away;
  }
  return f;
}

static int evaluate(void *user, double *loss)
{
  scene *s = user;
  double x[N], g[N];
  s->evaluations++;
  if (s->to_none) secant_zero_grad(s->optimizer, 1);
  if (s->evaluations == s->fail_at) return 1;
  for (int i = 0; i < N; i++) x[i] = s->dtype == SECANT_F32 ? (double)s->narrow[i] : s->wide[i];
  double f = s->f(x, g) + s->offset;
  if (s->evaluations == s->lost_at) f = NAN;
  if (s->dtype == SECANT_F32) f = (double)(float)f;
  for (int i = 0; i < N; i++) {
    s->wide_gradient[i] = (i == s->turned ? -1.0 : 1.0) * s->factor * g[i];
    s->narrow_gradient[i] = (float)s->wide_gradient[i];
  }
  *loss = s->by_terms ? 0.25 * f : f;
  secant_sum terms = {0};
  secant_sum_add(&terms, 0.75 * f);
  if (s->by_terms) secant_add_to_loss(s->optimizer, &terms);
  return 0;
}

static void open_scene(scene *s)
{
  const bool narrow = s->dtype == SECANT_F32;
  secant_options options = secant_options_default();
  options.threads = 1;
  if (s->factor == 0.0) s->factor = 1.0;
  for (int i = 0; i < N; i++) {
    s->narrow[i] = i % 2 == 0 ? -1.0F : 1.0F;
    s->wide[i] = (double)s->narrow[i];
    s->wide_gradient[i] = 77.0 + i;
    s->narrow_gradient[i] = 77.0F;
  }
  const secant_parameter parameter = {.name = "x",
                                      .dtype = s->dtype,
                                      .values = narrow ? (void *)s->narrow : s->wide,
                                      .gradient = narrow ? (void *)s->narrow_gradient : s->wide_gradient,
                                      .local_count = N};
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
}

/* Tests the gradient, which must leave all arrays as they were. */
static secant_status test_gradient(scene *s, const secant_gradient_check_options *options, secant_gradient_check *check)
{
  open_scene(s);
  scene before = *s;
  *check = (secant_gradient_check){.size = sizeof *check};
  const secant_status status = secant_check_gradient(s->optimizer, evaluate, s, options, check);
  assert_memory_equal(before.wide, s->wide, sizeof s->wide);
  assert_memory_equal(before.narrow, s->narrow, sizeof s->narrow);
  if (s->dtype == SECANT_F64) assert_memory_equal(before.wide_gradient, s->wide_gradient, sizeof s->wide_gradient);
  if (s->dtype == SECANT_F32)
    assert_memory_equal(before.narrow_gradient, s->narrow_gradient, sizeof s->narrow_gradient);
  if (status == SECANT_OK) assert_int_equal(check->evaluations, s->evaluations);
  assert_int_equal(secant_get_info(s->optimizer).func_evals, 0);
  secant_destroy(s->optimizer);
  return status;
}

static secant_gradient_check tested(scene s, secant_check_direction along)
{
  secant_gradient_check_options options = secant_gradient_check_options_default();
  secant_gradient_check check;
  options.along = along;
  assert_int_equal(test_gradient(&s, &options, &check), SECANT_OK);
  assert_true(check.evaluations <= 83);
  return check;
}

/* ---- verdicts ------------------------------------------------------------------------------------------------------ */

static formula *const smooth[] = {chained, linear, exponential, barrier};
enum { SMOOTH = sizeof smooth / sizeof *smooth };

static void right_gradients_pass(void **state)
{
  (void)state;
  for (int i = 0; i < 2 * SMOOTH; i++) {
    const bool narrow = i % 2 == 1;
    const scene s = {.f = smooth[i / 2], .turned = -1, .dtype = narrow ? SECANT_F32 : SECANT_F64};
    for (int along = 0; along < 2; along++) {
      const secant_gradient_check check = tested(s, (secant_check_direction)along);
      if (narrow && s.f == barrier) { /* its f32 losses may not tell, but they must not accuse */
        assert_int_not_equal(check.verdict, SECANT_GRADIENT_FAILS);
        continue;
      }
      assert_int_equal(check.verdict, SECANT_GRADIENT_PASSES);
      assert_true(fabs(check.measured - check.told) <= fmax(check.precision, 1e-5 * fabs(check.told)));
      if (s.f != linear && !narrow) assert_true(check.order > 1.9 && check.order < 2.1);
    }
  }
}

static void wrong_gradients_fail(void **state)
{
  (void)state;
  const scene scaled = {.f = chained, .turned = -1, .factor = 1.01}, missing = {.f = forgetful, .turned = -1};
  const scene narrow = {.f = chained, .turned = -1, .factor = 1.01, .dtype = SECANT_F32};
  assert_int_equal(tested(scaled, SECANT_CHECK_RANDOM).verdict, SECANT_GRADIENT_FAILS);
  assert_int_equal(tested(scaled, SECANT_CHECK_GRADIENT).verdict, SECANT_GRADIENT_FAILS);
  assert_int_equal(tested(missing, SECANT_CHECK_RANDOM).verdict, SECANT_GRADIENT_FAILS);
  assert_int_equal(tested(narrow, SECANT_CHECK_RANDOM).verdict, SECANT_GRADIENT_FAILS);
  for (int turned = 0; turned < N; turned++) {
    for (int i = 0; i < SMOOTH; i++) {
      const secant_gradient_check check = tested((scene){.f = smooth[i], .turned = turned}, SECANT_CHECK_RANDOM);
      assert_int_equal(check.verdict, SECANT_GRADIENT_FAILS);
      assert_true(check.order < 1.5);
    }
  }
}

static void the_slope_is_measured_right_where_it_is_told_wrong(void **state)
{
  (void)state;
  const secant_gradient_check right = tested((scene){.f = chained, .turned = -1}, SECANT_CHECK_RANDOM);
  const secant_gradient_check wrong = tested((scene){.f = chained, .turned = -1, .factor = -3.0}, SECANT_CHECK_RANDOM);
  assert_true(fabs(wrong.measured - right.told) <= wrong.precision);
  assert_true(fabs(wrong.told + 3.0 * right.told) <= 1e-12 * fabs(right.told));
  assert_true(wrong.precision <= 1e-6 * fabs(right.told));
}

static void digits_lost_in_a_large_loss_do_not_accuse_the_gradient(void **state)
{
  (void)state;
  const double offsets[] = {1e3, 1e5, 1e8, 1e10, 1e12, -1e14, 1e16};
  for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
    for (int k = 0; k < 2 * SMOOTH; k++) {
      scene s = {.f = smooth[k / 2], .turned = -1, .offset = offsets[i], .dtype = k % 2 ? SECANT_F32 : SECANT_F64};
      assert_int_not_equal(tested(s, SECANT_CHECK_RANDOM).verdict, SECANT_GRADIENT_FAILS);
      s.factor = -1.0;
      assert_int_not_equal(tested(s, SECANT_CHECK_GRADIENT).verdict, SECANT_GRADIENT_PASSES);
    }
  }
  const scene s = {.f = chained, .turned = -1, .offset = 1e8};
  assert_int_equal(tested(s, SECANT_CHECK_RANDOM).verdict, SECANT_GRADIENT_PASSES);
}

static void a_kink_is_no_wrong_gradient(void **state)
{
  (void)state;
  assert_int_equal(tested((scene){.f = kinked, .turned = -1}, SECANT_CHECK_RANDOM).verdict,
                   SECANT_GRADIENT_CANNOT_TELL);
}

static void a_stationary_start_passes_by_the_order_of_its_remainders(void **state)
{
  (void)state;
  const secant_gradient_check check = tested((scene){.f = flat, .turned = -1}, SECANT_CHECK_RANDOM);
  assert_int_equal(check.verdict, SECANT_GRADIENT_PASSES);
  assert_true(check.told == 0.0 && fabs(check.order - 2.0) < 0.01);
}

static void a_start_that_is_not_finite_costs_one_evaluation(void **state)
{
  (void)state;
  const secant_gradient_check check = tested((scene){.f = chained, .turned = -1, .lost_at = 1}, SECANT_CHECK_RANDOM);
  assert_int_equal(check.verdict, SECANT_GRADIENT_CANNOT_TELL);
  assert_int_equal(check.evaluations, 1);
  assert_true(isnan(check.measured));
}

/* ---- calls --------------------------------------------------------------------------------------------------------- */

static void a_failing_or_lost_evaluation_leaves_everything_as_it_was(void **state)
{
  (void)state;
  for (int64_t n = 1; n <= 30; n++) {
    secant_gradient_check check;
    for (int dtype = 0; dtype < 2; dtype++) {
      scene lost = {.f = chained, .turned = -1, .lost_at = n, .dtype = dtype ? SECANT_F32 : SECANT_F64};
      assert_int_equal(test_gradient(&lost, NULL, &check), SECANT_OK);
      assert_int_not_equal(check.verdict, SECANT_GRADIENT_FAILS);
      scene failing = {.f = chained, .turned = 0, .fail_at = n, .dtype = dtype ? SECANT_F32 : SECANT_F64};
      const secant_status status = test_gradient(&failing, NULL, &check);
      assert_int_equal(status, failing.evaluations == n ? SECANT_ERR_CLOSURE : SECANT_OK);
    }
  }
}

static void a_loss_told_in_terms_counts_them(void **state)
{
  (void)state;
  const secant_gradient_check plain = tested((scene){.f = chained, .turned = -1}, SECANT_CHECK_RANDOM);
  const secant_gradient_check terms =
      tested((scene){.f = chained, .turned = -1, .by_terms = true}, SECANT_CHECK_RANDOM);
  assert_int_equal(terms.verdict, SECANT_GRADIENT_PASSES);
  assert_true(terms.told == plain.told && fabs(terms.measured - plain.measured) <= plain.precision + terms.precision);
}

static void gradients_set_to_none_are_none_afterwards(void **state)
{
  (void)state;
  scene s = {.f = chained, .turned = -1};
  open_scene(&s);
  secant_gradient_check check = {.size = sizeof check};
  assert_int_equal(secant_set_gradient_absent(s.optimizer, 0, 1), SECANT_OK);
  s.to_none = true;
  assert_int_equal(secant_check_gradient(s.optimizer, evaluate, &s, NULL, &check), SECANT_OK);
  assert_int_equal(check.verdict, SECANT_GRADIENT_PASSES);
  assert_int_equal(secant_gradient_is_absent(s.optimizer, 0), 1);
  secant_destroy(s.optimizer);
}

static int stop_at_five(const secant_info *info, void *user)
{
  (void)user;
  return info->n_iter == 5;
}

static void the_run_does_not_notice_a_test_in_its_middle(void **state)
{
  (void)state;
  double end[2][N];
  secant_info info[2];
  for (int with = 0; with < 2; with++) {
    scene s = {.f = chained, .turned = -1};
    secant_gradient_check check = {.size = sizeof check};
    open_scene(&s);
    secant_set_monitor(s.optimizer, stop_at_five, NULL);
    assert_int_equal(secant_minimize(s.optimizer, evaluate, &s), SECANT_OK);
    assert_int_equal(secant_get_info(s.optimizer).reason, SECANT_REASON_STOP_REQUESTED);
    if (with) assert_int_equal(secant_check_gradient(s.optimizer, evaluate, &s, NULL, &check), SECANT_OK);
    assert_int_equal(secant_minimize(s.optimizer, evaluate, &s), SECANT_OK);
    info[with] = secant_get_info(s.optimizer);
    memcpy(end[with], s.wide, sizeof s.wide);
    secant_destroy(s.optimizer);
  }
  assert_memory_equal(end[0], end[1], sizeof end[0]);
  assert_int_equal(info[0].func_evals, info[1].func_evals);
  assert_int_equal(info[0].allreduces, info[1].allreduces);
}

static void calls_that_make_no_sense_are_refused(void **state)
{
  (void)state;
  scene s = {.f = chained, .turned = -1};
  secant_gradient_check_options options = secant_gradient_check_options_default();
  secant_gradient_check check = {.size = sizeof check}, small = {.size = 8};
  secant_request request;
  open_scene(&s);
  assert_int_equal(secant_check_gradient(NULL, evaluate, &s, NULL, &check), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_check_gradient(s.optimizer, NULL, &s, NULL, &check), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_check_gradient(s.optimizer, evaluate, &s, NULL, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_check_gradient(s.optimizer, evaluate, &s, NULL, &small), SECANT_ERR_ARGUMENT);
  options.step = -1.0;
  assert_int_equal(secant_check_gradient(s.optimizer, evaluate, &s, &options, &check), SECANT_ERR_ARGUMENT);
  options = secant_gradient_check_options_default();
  options.along = (secant_check_direction)7;
  assert_int_equal(secant_check_gradient(s.optimizer, evaluate, &s, &options, &check), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
  assert_int_equal(secant_check_gradient(s.optimizer, evaluate, &s, NULL, &check), SECANT_ERR_STATE);
  assert_int_equal(s.evaluations, 0);
  secant_destroy(s.optimizer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(right_gradients_pass),
      cmocka_unit_test(wrong_gradients_fail),
      cmocka_unit_test(the_slope_is_measured_right_where_it_is_told_wrong),
      cmocka_unit_test(digits_lost_in_a_large_loss_do_not_accuse_the_gradient),
      cmocka_unit_test(a_kink_is_no_wrong_gradient),
      cmocka_unit_test(a_stationary_start_passes_by_the_order_of_its_remainders),
      cmocka_unit_test(a_start_that_is_not_finite_costs_one_evaluation),
      cmocka_unit_test(a_failing_or_lost_evaluation_leaves_everything_as_it_was),
      cmocka_unit_test(a_loss_told_in_terms_counts_them),
      cmocka_unit_test(gradients_set_to_none_are_none_afterwards),
      cmocka_unit_test(the_run_does_not_notice_a_test_in_its_middle),
      cmocka_unit_test(calls_that_make_no_sense_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
