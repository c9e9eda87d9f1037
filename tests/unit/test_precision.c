/*
 * Ends at the limits of the arithmetic: ill-conditioned quadratics, and known problems on top of a loss of 1e8. Each run
 * must end as converged or at the precision limit, with a gradient within 10 times of what can be attained.
 *
 * What can be attained: let L be the largest curvature at the minimiser. Two roundings hide any further decrease.
 *   - x has no digits to come closer: the gradient at the minimiser rounded to double, in long double where the minimiser
 *     is known, else at most L eps |x|_inf;
 *   - the loss has no digits to tell: a step down a gradient g lowers it by |g|^2 / (2 L) at most, which is below eps |f|
 *     where |g| <= sqrt(2 L eps |f|).
 * The larger one is the level; the tolerance of the run counts where it is larger still.
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

enum { N = 50, LARGEST = 1000, POWERS = 60 };

static const double condition = 1e8;

static void check_end(const char *name, secant_line_search search, const secant_info *info, double grad_inf,
                      double level, double tolerance)
{
  const bool ended = secant_reason_is_convergence(info->reason) || info->reason == SECANT_REASON_PRECISION;
  if (!ended || !(grad_inf <= 10.0 * fmax(level, tolerance)))
    fail_msg("%s, search %d: %s after %d evaluations, |g| = %.3g, attainable %.3g", name, (int)search,
             secant_reason_name(info->reason), (int)info->func_evals, grad_inf, level);
}

static secant_options options_with(secant_line_search search)
{
  secant_options options = secant_options_default();
  options.line_search = search;
  options.threads = 1;
  return options;
}

/* ---- quadratics ---------------------------------------------------------------------------------------------------- */

/* 1/2 (x - c)' Q diag(w) Q (x - c) + offset, Q = I - 2 v v' a reflection, or I. w from 1 to `condition`. */
typedef struct quadratic {
  bool rotated;
  double offset;
  double x[N], g[N];
} quadratic;

static double weight(int i)
{
  return pow(condition, i / (N - 1.0));
}

/* No number of few digits, so that rounding it is an error. */
static long double centre(int i)
{
  return 1.0L + 0.5L * sinl(1.0L + i);
}

static long double axis(int i)
{
  return cosl(2.0L * i + 1.0L);
}

static void reflect(long double *r)
{
  long double vv = 0.0L, vr = 0.0L;
  for (int i = 0; i < N; i++) {
    vv += axis(i) * axis(i);
    vr += axis(i) * r[i];
  }
  for (int i = 0; i < N; i++) r[i] -= 2.0L * vr / vv * axis(i);
}

/* In long double; the caller's objective rounds it. */
static long double exact(const quadratic *q, long double *g)
{
  long double f = 0.0L;
  for (int i = 0; i < N; i++) g[i] = (long double)q->x[i] - centre(i);
  if (q->rotated) reflect(g);
  for (int i = 0; i < N; i++) {
    f += 0.5L * (long double)weight(i) * g[i] * g[i];
    g[i] *= (long double)weight(i);
  }
  if (q->rotated) reflect(g);
  return f + (long double)q->offset;
}

static int evaluate_quadratic(void *user, double *loss)
{
  quadratic *q = user;
  long double g[N];
  *loss = (double)exact(q, g);
  for (int i = 0; i < N; i++) q->g[i] = (double)g[i];
  return 0;
}

static double exact_grad_inf(const quadratic *q)
{
  long double g[N], most = 0.0L;
  exact(q, g);
  for (int i = 0; i < N; i++) most = fmaxl(most, fabsl(g[i]));
  return (double)most;
}

static double level_of(const quadratic *q)
{
  quadratic rounded = *q;
  for (int i = 0; i < N; i++) rounded.x[i] = (double)centre(i);
  return fmax(exact_grad_inf(&rounded), sqrt(2.0 * condition * DBL_EPSILON * q->offset));
}

/* With more pairs than unknowns: of this condition, 10 pairs take some 100000 evaluations. */
static void check_quadratic(quadratic q, const char *name, secant_line_search search)
{
  secant_options options = options_with(search);
  options.history_size = N + 10;
  const secant_parameter parameter = {.dtype = SECANT_F64, .values = q.x, .gradient = q.g, .local_count = N};
  secant_optimizer *optimizer = NULL;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, evaluate_quadratic, &q), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  check_end(name, search, &info, exact_grad_inf(&q), level_of(&q), options.tolerance_grad);
  secant_destroy(optimizer);
}

static void quadratics_of_condition_1e8_are_solved_to_the_last_digits(void **state)
{
  (void)state;
  const secant_line_search searches[] = {secant_options_default().line_search, SECANT_LINE_SEARCH_HAGER_ZHANG};
  for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
    if (i > 0 && searches[i] == searches[0]) break;
    check_quadratic((quadratic){.rotated = false}, "diagonal", searches[i]);
    check_quadratic((quadratic){.rotated = true}, "rotated", searches[i]);
    check_quadratic((quadratic){.rotated = false, .offset = 1e8}, "diagonal + 1e8", searches[i]);
    check_quadratic((quadratic){.rotated = true, .offset = 1e8}, "rotated + 1e8", searches[i]);
  }
}

/* ---- known problems on top of a large loss -------------------------------------------------------------------------- */

typedef struct lifted {
  const suite_problem *problem;
  double x[LARGEST], g[LARGEST];
  double offset;
} lifted;

static int evaluate_lifted(void *user, double *loss)
{
  lifted *l = user;
  *loss = l->problem->evaluate(l->problem->n, l->x, l->g) + l->offset;
  return 0;
}

static double norm(const double *v, int n)
{
  double sum = 0.0;
  for (int i = 0; i < n; i++) sum += v[i] * v[i];
  return sqrt(sum);
}

static double largest(const double *v, int n)
{
  double most = 0.0;
  for (int i = 0; i < n; i++) most = fmax(most, fabs(v[i]));
  return most;
}

/* The largest curvature by the power method on central differences of the gradient. */
static double largest_curvature(const lifted *l)
{
  const int n = l->problem->n;
  static double v[LARGEST], left[LARGEST], right[LARGEST], at[LARGEST];
  const double h = 1e-5 * fmax(1.0, largest(l->x, n));
  double curvature = 0.0;
  for (int i = 0; i < n; i++) v[i] = cos(1.0 + i);
  for (int k = 0; k < POWERS; k++) {
    const double size = norm(v, n);
    for (int i = 0; i < n; i++) at[i] = l->x[i] + h * v[i] / size;
    l->problem->evaluate(n, at, right);
    for (int i = 0; i < n; i++) at[i] = l->x[i] - h * v[i] / size;
    l->problem->evaluate(n, at, left);
    for (int i = 0; i < n; i++) v[i] = (right[i] - left[i]) / (2.0 * h);
    curvature = norm(v, n);
  }
  return curvature;
}

static void check_lifted(const char *name, secant_line_search search)
{
  static lifted l;
  l = (lifted){.problem = suite_find(name), .offset = 1e8};
  assert_non_null(l.problem);
  const secant_options options = options_with(search);
  const secant_parameter parameter = {
      .dtype = SECANT_F64, .values = l.x, .gradient = l.g, .local_count = (size_t)l.problem->n};
  secant_optimizer *optimizer = NULL;
  l.problem->start(l.problem->n, l.x);
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, evaluate_lifted, &l), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  const double curvature = largest_curvature(&l);
  const double level =
      fmax(curvature * DBL_EPSILON * largest(l.x, l.problem->n), sqrt(2.0 * curvature * DBL_EPSILON * fabs(info.loss)));
  check_end(name, search, &info, info.grad_inf, level, options.tolerance_grad);
  secant_destroy(optimizer);
}

static void known_problems_on_top_of_1e8_end_where_the_loss_has_no_more_digits(void **state)
{
  (void)state;
  static const char *const names[] = {"rosenbrock-2",        "beale",
                                      "helical-valley",      "wood",
                                      "powell-singular",     "box-3d",
                                      "brown-dennis",        "extended-rosenbrock",
                                      "broyden-tridiagonal", "rosenbrock-plus-1e8",
                                      "quadratic-plus-1e8",  "quartic-plus-1e8"};
  const secant_line_search searches[] = {secant_options_default().line_search, SECANT_LINE_SEARCH_HAGER_ZHANG};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    for (size_t k = 0; k < sizeof searches / sizeof *searches; k++) check_lifted(names[i], searches[k]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quadratics_of_condition_1e8_are_solved_to_the_last_digits),
      cmocka_unit_test(known_problems_on_top_of_1e8_end_where_the_loss_has_no_more_digits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
