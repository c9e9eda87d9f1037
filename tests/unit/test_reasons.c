/*
 * Every reason that a run can end for, provoked: a reason of the list that no case provokes fails the test. After each end
 * the user holds the best finite point that was accepted.
 */
#include <float.h>
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/problems/suite/suite.h"

enum { N = 6, SEARCHES = 6, LARGEST = 1000 };

/* An objective, and what is done to its values. */
typedef struct scene {
  double x[N], g[N];
  double (*f)(const double *x, double *g);
  double factor;                 /* of the gradient */
  int64_t first_lost, last_lost; /* evaluations in between are not finite */
  int64_t stop_at;               /* a stop is asked for at this evaluation */
  int64_t evaluations;
  double start_loss;
  secant_optimizer *optimizer;
} scene;

/* One end: what leads to it. */
typedef struct ending {
  secant_reason reason;
  double (*f)(const double *x, double *g);
  void (*adapt)(scene *s, secant_options *options); /* NULL: all as it is by default */
  bool any_search;                                  /* it does not depend on the line search */
} ending;

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

/* Its minimum lies at coordinates that no floating-point numbers are. */
static double high_valley(const double *x, double *g)
{
  double f = 1e8;
  for (int i = 0; i < N; i++) {
    const double weight = pow(10.0, i), away = x[i] - 1.0;
    f += 0.5 * weight * away * away + exp(0.1 * x[i]);
    g[i] = weight * away + 0.1 * exp(0.1 * x[i]);
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

static double bowl(const double *x, double *g)
{
  double f = 0.0;
  for (int i = 0; i < N; i++) {
    f += x[i] * x[i];
    g[i] = 2.0 * x[i];
  }
  return f;
}

static int evaluate(void *user, double *loss)
{
  scene *s = user;
  s->evaluations++;
  *loss = s->f(s->x, s->g);
  if (s->evaluations == 1) s->start_loss = *loss;
  for (int i = 0; i < N; i++) s->g[i] *= s->factor;
  if (s->evaluations >= s->first_lost && s->evaluations <= s->last_lost) *loss = NAN;
  if (s->evaluations == s->stop_at) secant_request_stop(s->optimizer);
  return 0;
}

static void open_scene(scene *s, const secant_options *options)
{
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = s->x, .gradient = s->g, .local_count = N};
  if (s->factor == 0.0) s->factor = 1.0;
  for (int i = 0; i < N; i++) s->x[i] = i % 2 == 0 ? -1.2 : 1.0;
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, options, NULL, NULL), SECANT_OK);
}

/*
 * The loss in hand is that of the point in hand, both are finite, and neither is worse than the start. A search that a
 * stop ends is given up, with its evaluations.
 */
static void check_holding(const scene *s, const secant_info *info, const secant_options *options)
{
  double g[N];
  const double here = s->f(s->x, g), slack = options->loss_slack * fabs(s->start_loss);
  for (int i = 0; i < N; i++) assert_true(isfinite(s->x[i]));
  const bool given_up = info->reason == SECANT_REASON_STOP_REQUESTED || info->reason == SECANT_REASON_MAX_TIME;
  assert_true(info->func_evals == s->evaluations || (given_up && info->func_evals < s->evaluations));
  if (info->reason == SECANT_REASON_NOT_FINITE) return;
  assert_memory_equal(&here, &info->loss, sizeof here);
  assert_true(here <= s->start_loss + slack);
  for (int i = 0; i < N; i++) assert_true(s->g[i] == s->factor * g[i]);
}

/* ---- one case for each reason -------------------------------------------------------------------------------------- */

static void large_change(scene *s, secant_options *options)
{
  (void)s;
  options->tolerance_grad = 0.0;
  options->tolerance_change = 0.5;
  options->first_step = SECANT_FIRST_STEP_SCALED; /* its first step is short, its slope steep */
}

/* A step of the whole gradient leads to the other side of a bowl, where the loss is the same. */
static void across(scene *s, secant_options *options)
{
  (void)s;
  options->line_search = SECANT_LINE_SEARCH_NONE;
  options->first_step = SECANT_FIRST_STEP_LR;
  options->tolerance_change = 1e-9;
}

static void very_large_change(scene *s, secant_options *options)
{
  (void)s;
  options->tolerance_grad = 0.0;
  options->tolerance_change = 1e9;
}

static void no_tolerance(scene *s, secant_options *options)
{
  (void)s;
  options->tolerance_grad = 0.0;
}

static void few_iterations(scene *s, secant_options *options)
{
  (void)s;
  options->max_iter = 3;
}

static void few_evaluations(scene *s, secant_options *options)
{
  (void)s;
  options->max_eval = 5;
}

static void no_time(scene *s, secant_options *options)
{
  (void)s;
  options->max_time = 1e-9;
}

static void asked_to_stop(scene *s, secant_options *options)
{
  (void)options;
  s->stop_at = 4;
}

static void nothing_but_the_start(scene *s, secant_options *options)
{
  (void)options;
  s->first_lost = 2;
  s->last_lost = INT64_MAX;
}

static void not_even_the_start(scene *s, secant_options *options)
{
  (void)options;
  s->first_lost = 1;
  s->last_lost = 1;
}

static void large_direction(scene *s, secant_options *options)
{
  (void)s;
  options->change_test = SECANT_CHANGE_DIRECTION;
  options->tolerance_grad = 0.0;
  options->tolerance_change = 1e-3;
}

static void uphill(scene *s, secant_options *options)
{
  (void)options;
  s->factor = -1.0;
}

static const ending endings[] = {
    {SECANT_REASON_GRADIENT, valley, NULL, true},
    {SECANT_REASON_STEP, valley, large_change, false},
    {SECANT_REASON_LOSS, bowl, across, false},
    {SECANT_REASON_DIRECTIONAL_DERIVATIVE, valley, very_large_change, true},
    {SECANT_REASON_PRECISION, high_valley, no_tolerance, true},
    {SECANT_REASON_MAX_ITER, valley, few_iterations, true},
    {SECANT_REASON_MAX_EVAL, valley, few_evaluations, true},
    {SECANT_REASON_MAX_TIME, valley, no_time, true},
    {SECANT_REASON_STOP_REQUESTED, valley, asked_to_stop, true},
    {SECANT_REASON_LINE_SEARCH, valley, nothing_but_the_start, true},
    {SECANT_REASON_NOT_FINITE, valley, not_even_the_start, true},
    {SECANT_REASON_DIRECTION, valley, large_direction, true},
    {SECANT_REASON_UNBOUNDED, slope, NULL, false},
    /* backtracking takes a step too short to change the loss for a decrease, and ends as stalled */
    {SECANT_REASON_WRONG_GRADIENT, valley, uphill, false},
};

enum { ENDINGS = sizeof endings / sizeof *endings };

/* Runs one case with a line search; `search` 0 is that of the default preset. */
static void provoke(const ending *e, int search)
{
  scene s = {.f = e->f};
  secant_options options = secant_options_default();
  if (search > 0) options.line_search = (secant_line_search)search;
  if (e->adapt) e->adapt(&s, &options);
  open_scene(&s, &options);
  assert_int_equal(secant_get_info(s.optimizer).reason, SECANT_REASON_NONE);
  assert_int_equal(secant_minimize(s.optimizer, evaluate, &s), SECANT_OK);
  const secant_info info = secant_get_info(s.optimizer);
  if (info.reason != e->reason)
    fail_msg("search %d: %s instead of %s", search, secant_reason_name(info.reason), secant_reason_name(e->reason));
  check_holding(&s, &info, &options);
  secant_destroy(s.optimizer);
}

/* NONE is what a run has while it goes on, which provoke() sees before each. */
static bool is_provoked(secant_reason reason)
{
  if (reason == SECANT_REASON_NONE) return true;
  for (int i = 0; i < ENDINGS; i++) {
    if (endings[i].reason == reason) return true;
  }
  return false;
}

static void every_reason_of_the_list_is_provoked(void **state)
{
  (void)state;
#define CHECK_PROVOKED(name, value, text)                                                                              \
  if (!is_provoked(SECANT_REASON_##name)) fail_msg("nothing provokes %s: %s", #name, text);
  SECANT_REASON_LIST(CHECK_PROVOKED)
#undef CHECK_PROVOKED
  for (int i = 0; i < ENDINGS; i++) provoke(&endings[i], 0);
}

static void reasons_do_not_depend_on_the_line_search(void **state)
{
  (void)state;
  for (int i = 0; i < ENDINGS; i++) {
    for (int search = 1; endings[i].any_search && search < SEARCHES; search++) provoke(&endings[i], search);
  }
}

/* ---- what holds for all of them ------------------------------------------------------------------------------------ */

static void a_stationary_start_costs_one_evaluation(void **state)
{
  (void)state;
  for (int search = 0; search < SEARCHES; search++) {
    secant_options options = secant_options_default();
    options.line_search = (secant_line_search)search;
    scene s = {.f = bowl};
    open_scene(&s, &options);
    memset(s.x, 0, sizeof s.x);
    assert_int_equal(secant_minimize(s.optimizer, evaluate, &s), SECANT_OK);
    assert_int_equal(secant_get_info(s.optimizer).reason, SECANT_REASON_GRADIENT);
    assert_int_equal(s.evaluations, 1);
    secant_destroy(s.optimizer);
  }
}

/* Searches are cut short after two steps, made to fail anywhere, and the evaluations limited to any number. */
static void a_reached_tolerance_is_never_hidden(void **state)
{
  (void)state;
  int reached = 0;
  for (int i = 0; i < 5 * 60; i++) {
    secant_options options = secant_options_default();
    options.line_search = (secant_line_search)(1 + i % 5);
    options.tolerance_grad = 1e-2;
    options.max_search = 2;
    if (i % 3 == 0) options.max_eval = 1 + i / 5;
    scene s = {.f = valley};
    if (i % 3 == 1) s.first_lost = s.last_lost = 2 + i / 5;
    if (i % 3 == 2) s.stop_at = 2 + i / 5;
    open_scene(&s, &options);
    assert_int_equal(secant_minimize(s.optimizer, evaluate, &s), SECANT_OK);
    const secant_info info = secant_get_info(s.optimizer);
    check_holding(&s, &info, &options);
    if ((info.grad_inf <= options.tolerance_grad) != (info.reason == SECANT_REASON_GRADIENT))
      fail_msg("%s with |g| = %g", secant_reason_name(info.reason), info.grad_inf);
    reached += info.reason == SECANT_REASON_GRADIENT;
    secant_destroy(s.optimizer);
  }
  assert_true(reached > 100);
}

/* ---- problems without a minimum ------------------------------------------------------------------------------------ */

typedef struct suite_scene {
  const suite_problem *problem;
  double x[LARGEST], g[LARGEST];
} suite_scene;

static int evaluate_suite(void *user, double *loss)
{
  suite_scene *s = user;
  *loss = s->problem->evaluate(s->problem->n, s->x, s->g);
  return 0;
}

/*
 * Where the loss falls without bound, but its gradient vanishes on the way (a logarithm), or at a minimum that a search may
 * end in (a cubic), the gradient tolerance is as good an end.
 */
static void problems_without_a_lower_bound_are_reported_within_200_evaluations(void **state)
{
  (void)state;
  static suite_scene s;
  int reported = 0;
  for (int i = 0; (s.problem = suite_at(i)); i++) {
    if (!(s.problem->traits & SUITE_UNBOUNDED)) continue;
    secant_options options = secant_options_default();
    secant_optimizer *optimizer = NULL;
    const secant_parameter parameter = {
        .dtype = SECANT_F64, .values = s.x, .gradient = s.g, .local_count = (size_t)s.problem->n};
    s.problem->start(s.problem->n, s.x);
    assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
    assert_int_equal(secant_minimize(optimizer, evaluate_suite, &s), SECANT_OK);
    const secant_info info = secant_get_info(optimizer);
    const bool stationary = info.reason == SECANT_REASON_GRADIENT && info.grad_inf <= options.tolerance_grad;
    if (!(info.reason == SECANT_REASON_UNBOUNDED || stationary) || info.func_evals > 200)
      fail_msg("%s: %s after %d evaluations", s.problem->name, secant_reason_name(info.reason), (int)info.func_evals);
    reported += info.reason == SECANT_REASON_UNBOUNDED;
    secant_destroy(optimizer);
  }
  assert_true(reported >= 8);
}

static void problems_with_a_lower_bound_are_never_called_unbounded(void **state)
{
  (void)state;
  static suite_scene s;
  for (int i = 0; (s.problem = suite_at(i)); i++) {
    if ((s.problem->traits & SUITE_UNBOUNDED) || s.problem->n > LARGEST) continue;
    secant_options options = secant_options_default();
    options.max_eval = 100;
    secant_optimizer *optimizer = NULL;
    const secant_parameter parameter = {
        .dtype = SECANT_F64, .values = s.x, .gradient = s.g, .local_count = (size_t)s.problem->n};
    s.problem->start(s.problem->n, s.x);
    assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
    assert_int_equal(secant_minimize(optimizer, evaluate_suite, &s), SECANT_OK);
    const secant_reason reason = secant_get_info(optimizer).reason;
    if (reason == SECANT_REASON_UNBOUNDED || reason == SECANT_REASON_WRONG_GRADIENT)
      fail_msg("%s: %s", s.problem->name, secant_reason_name(reason));
    secant_destroy(optimizer);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_reason_of_the_list_is_provoked),
      cmocka_unit_test(reasons_do_not_depend_on_the_line_search),
      cmocka_unit_test(a_stationary_start_costs_one_evaluation),
      cmocka_unit_test(a_reached_tolerance_is_never_hidden),
      cmocka_unit_test(problems_without_a_lower_bound_are_reported_within_200_evaluations),
      cmocka_unit_test(problems_with_a_lower_bound_are_never_called_unbounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
