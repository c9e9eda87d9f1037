/*
 * The suite of test problems: every problem of every family is held to the same rules. Names, starts, gradients against
 * differences of f, the other numbers of unknowns, and published minima, by runs of the library and at known minimisers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/problems/problem.h"
#include "cli/problems/suite/suite.h"
#include "support/random.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GUARDS = 4, POINTS = 4, DIRECTIONS = 24, LEVELS = 24, MOST_EVALUATIONS = 3000 };
static const double guard = 0x1.5p+77;

static double *numbers(int n)
{
  double *const values = malloc(((size_t)n + GUARDS) * sizeof *values);
  assert_non_null(values);
  for (int i = 0; i < n + GUARDS; i++) values[i] = guard;
  return values;
}

static void check_guards(const suite_problem *problem, const double *values, int n)
{
  for (int i = 0; i < n; i++)
    if (values[i] == guard) fail_msg("%s, n = %d, leaves out entry %d", problem->name, n, i);
  for (int i = n; i < n + GUARDS; i++)
    if (values[i] != guard) fail_msg("%s, n = %d, writes entry %d", problem->name, n, i);
}

static double *started(const suite_problem *problem, int n)
{
  double *const x = numbers(n);
  problem->start(n, x);
  check_guards(problem, x, n);
  return x;
}

/* ---- names and numbers --------------------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
  const size_t length = strlen(name);
  return length > 0 && length < 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length &&
         name[0] != '-' && name[length - 1] != '-' && !strstr(name, "--");
}

static void names_are_words_and_unique(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const char *const name = suite_at(i)->name;
    if (!is_name(name)) fail_msg("\"%s\" is not made of lower-case words joined by -", name);
    if (suite_find(name) != suite_at(i)) fail_msg("two problems are called %s", name);
    for (int k = 0; problem_kind_at(k); k++)
      if (strcmp(name, problem_kind_at(k)->name) == 0) fail_msg("%s is the name of a large problem, too", name);
    assert_true(suite_at(i)->source && *suite_at(i)->source);
  }
  assert_null(suite_find("no-such-problem"));
  assert_null(suite_at(-1));
}

static void suite_is_as_large_as_promised(void **state)
{
  (void)state;
  int count = 0;
  while (suite_at(count)) count++;
  assert_true(count >= 100);
}

static void numbers_of_unknowns_and_traits_agree(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const suite_problem *const p = suite_at(i);
    const bool right = p->n >= 1 && p->step >= 0 && p->least >= 1 && p->least <= p->n &&
                       (p->step == 0 || (p->n % p->step == 0 && p->least % p->step == 0)) &&
                       ((p->traits & SUITE_UNBOUNDED) != 0) == (p->optimum == -INFINITY) && p->optimum != INFINITY;
    if (!right) fail_msg("%s: n, step, least or optimum contradict each other", p->name);
  }
}

static void starts_are_finite(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const suite_problem *const p = suite_at(i);
    double *const x = started(p, p->n), *const g = numbers(p->n);
    const double f = p->evaluate(p->n, x, g);
    check_guards(p, g, p->n);
    bool finite = isfinite(f);
    for (int j = 0; j < p->n; j++) finite = finite && isfinite(g[j]) && isfinite(x[j]);
    if (!finite) fail_msg("%s is not finite at its start: f is %a", p->name, f);
    free(g);
    free(x);
  }
}

/* ---- gradients ----------------------------------------------------------------------------------------------------- */

/* f at x + h d. */
static double along(const suite_problem *problem, int n, const double *x, const double *d, double h, double *work)
{
  for (int i = 0; i < n; i++) work[i] = x[i] + h * d[i];
  return problem->evaluate(n, work, work + n + GUARDS);
}

typedef struct slope_estimate {
  double slope, error;
} slope_estimate;

/*
 * Slope of f along d by central differences at h, h/2, ..., each two combined so that the h^2 term is gone. The error is
 * that of the two last such values from each other, and what the rounding of f to a few units makes of it: about 8 for
 * sums of a few hundred terms. The level with the least error counts.
 */
static slope_estimate difference(const suite_problem *problem, int n, const double *x, const double *d, double *work)
{
  slope_estimate best = {0.0, INFINITY};
  double before = NAN, combined_before = NAN, h = 0x1p-6;
  for (int level = 0; level < LEVELS; level++, h *= 0.5) {
    const double right = along(problem, n, x, d, h, work), left = along(problem, n, x, d, -h, work);
    const double central = (right - left) / (2.0 * h);
    const double combined = (4.0 * central - before) / 3.0;
    const double rounding = 8.0 * DBL_EPSILON * (fabs(right) + fabs(left)) / h;
    const double error = fabs(combined - combined_before) + rounding;
    if (error < best.error) best = (slope_estimate){combined, error};
    before = central;
    combined_before = combined;
  }
  return best;
}

/* The size of changes of x_j: its own, or if it is 0 that of the largest unknown. */
static double scale_of(int n, const double *x, int j)
{
  double most = 0.0;
  for (int i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return x[j] != 0.0 ? fabs(x[j]) : most > 0.0 ? most : 1.0;
}

/* Direction k: along unknown k; where there are many, along some of them, and one that moves all. */
static void choose_direction(int n, int k, const double *x, uint64_t *random, double *d)
{
  const bool all = k == 0;
  const int only = n < DIRECTIONS ? k - 1 : (int)(random_next(random) % (uint64_t)n);
  for (int j = 0; j < n; j++) d[j] = all ? random_symmetric(random) * scale_of(n, x, j) : 0.0;
  if (!all) d[only] = scale_of(n, x, only);
}

typedef struct gradient_count {
  int checks;
  int telling; /* those in which differences give the slope to three digits */
} gradient_count;

static void check_slopes(const suite_problem *problem, int n, const double *x, uint64_t seed, gradient_count *count)
{
  uint64_t random = seed;
  double *const d = numbers(n), *const g = numbers(n), *const work = numbers(2 * (n + GUARDS));
  const double f = problem->evaluate(n, x, g);
  double total = 0.0; /* what a move of all unknowns by their size makes of f */
  for (int j = 0; j < n; j++) total += fabs(g[j]) * scale_of(n, x, j);
  const int directions = n < DIRECTIONS ? n + 1 : DIRECTIONS;
  for (int k = 0; isfinite(f) && k < directions; k++) {
    choose_direction(n, k, x, &random, d);
    double slope = 0.0, size = 0.0;
    for (int j = 0; j < n; j++) {
      slope += g[j] * d[j];
      size += fabs(g[j] * d[j]);
    }
    const slope_estimate want = difference(problem, n, x, d, work);
    const double allowed = 10.0 * want.error + 1e-9 * size;
    if (isfinite(want.error) && !(fabs(slope - want.slope) <= allowed))
      fail_msg("%s, n = %d, direction %d, seed %d: slope %a by the gradient, %a by differences, which err by %a",
               problem->name, n, k, (int)seed, slope, want.slope, want.error);
    if (size < 1e-10 * total) continue; /* hidden by the rounding of f */
    count->checks++;
    count->telling += want.error <= 1e-3 * size || (size == 0.0 && want.slope == 0.0);
  }
  free(work);
  free(g);
  free(d);
}

/* At the start and near it. Noise spoils differences, in f and on purpose in g; its formulas stand in other problems. */
static void gradients_agree_with_differences(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const suite_problem *const p = suite_at(i);
    if (p->traits & SUITE_NOISY) continue;
    double *const start = started(p, p->n), *const x = numbers(p->n);
    gradient_count count = {0, 0};
    for (uint64_t seed = 1; seed <= POINTS; seed++) {
      uint64_t random = seed;
      const double away = seed == 1 ? 0.0 : 0.1;
      for (int j = 0; j < p->n; j++) x[j] = start[j] + away * scale_of(p->n, start, j) * random_symmetric(&random);
      check_slopes(p, p->n, x, seed, &count);
    }
    if (count.telling < 0.6 * count.checks)
      fail_msg("%s: only %d of %d slopes could be told by differences", p->name, count.telling, count.checks);
    free(x);
    free(start);
  }
}

static void other_numbers_of_unknowns_work(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const suite_problem *const p = suite_at(i);
    const int other[] = {p->least, p->least + p->step, p->n + p->step};
    for (int k = 0; p->step > 0 && k < 3; k++) {
      const int n = other[k];
      double *const x = started(p, n), *const g = numbers(n);
      const double f = p->evaluate(n, x, g);
      check_guards(p, g, n);
      if (!isfinite(f)) fail_msg("%s, n = %d: f is %a at the start", p->name, n, f);
      gradient_count count = {0, 0};
      if (!(p->traits & SUITE_NOISY)) check_slopes(p, n, x, 1, &count);
      free(g);
      free(x);
    }
  }
}

/* ---- minima -------------------------------------------------------------------------------------------------------- */

/* Where the minimum is, if a run from the start need not find it: x_j = at[j mod count]. Not of this form if count is 0. */
typedef struct known_minimiser {
  const char *name;
  int count;
  double at[6];
} known_minimiser;

static const known_minimiser minimisers[] = {
    {"freudenstein-roth", 2, {5, 4}},             /* there is a local minimum, 48.98 */
    {"biggs-exp6", 6, {1, 10, 1, 5, 4, 3}},       /* and here, 0.00566 */
    {"trigonometric", 1, {0}},                    /* and here, 2.8e-5 */
    {"double-well-chain", 1, {1}},                /* and here, with more than one well in use */
    {"exclusive-or", 0, {0}},                     /* and here, 1/2 */
    {"saddle-start", 2, {0, 1.4142135623730951}}, /* the gradient vanishes on the way */
    {"saddle-line", 2, {0, 1.4142135623730951}},
    {"stationary-start", 2, {0, 1.4142135623730951}},
    {"scaled-diagonal", 1, {0}}, /* too badly scaled for a bound on the evaluations */
    {"rotated-quadratic", 1, {1}},
    {"mixed-units", 2, {1e-6, 1e6}},
    {"tiny-unknowns", 1, {1e-100}},
    {"huge-values", 1, {0}},
    {"huge-start", 1, {0}},
    {"sine", 1, {2.4351519353090048}}, /* x^2 - x/2 is 3 pi / 2 */
    {"eg2", 0, {0}},                   /* many local minima */
    {"lennard-jones-3d-13", 0, {0}},
    {"lennard-jones-3d-38", 0, {0}},
    {"elastic-rod", 0, {0}}, /* systems of equations: the sum of squares has local minima or long valleys */
    {"heart-dipole-3", 0, {0}},
    {"propane-full", 0, {0}},
    {"nist-boxbod-2", 2, {213.80940889, 0.54723748542}}, /* f is flat where the data look saturated at once */
    {"nist-rat43-1", 4, {699.64151270, 5.2771253025, 0.75962938329, 1.2792483859}}, /* and here */
    {"nist-nelson-1", 3, {2.5906836021, 5.6177717026e-9, -0.057701013174}}, /* a long valley, too badly scaled */
};

static const known_minimiser *known(const char *name)
{
  for (size_t i = 0; i < sizeof minimisers / sizeof *minimisers; i++)
    if (strcmp(minimisers[i].name, name) == 0) return &minimisers[i];
  return NULL;
}

/* Runs the library and returns the f it ends with. */
static double run(const suite_problem *suite)
{
  const cli_problem_kind kind = problem_of_suite(suite);
  double values[PROBLEM_OPTIONS];
  cli_problem *problem = NULL;
  problem_defaults(&kind, values);
  assert_int_equal(problem_create(&problem, &kind, values, 1, NULL), SECANT_OK);
  const secant_parameter parameter = problem_parameter(problem);
  secant_options options = secant_options_default();
  options.max_eval = MOST_EVALUATIONS;
  options.tolerance_grad = 1e-10;
  secant_optimizer *optimizer = NULL;
  secant_error error = {SECANT_OK, ""};
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, &error), SECANT_OK);
  if (secant_minimize(optimizer, kind.evaluate, problem) != SECANT_OK)
    fail_msg("%s: %s", suite->name, secant_message(optimizer));
  const double f = secant_get_info(optimizer).loss;
  secant_destroy(optimizer);
  problem_destroy(problem);
  return f;
}

static double value_at(const suite_problem *problem, const known_minimiser *minimiser)
{
  double *const x = numbers(problem->n), *const g = numbers(problem->n);
  for (int j = 0; j < problem->n; j++) x[j] = minimiser->at[j % minimiser->count];
  const double f = problem->evaluate(problem->n, x, g);
  free(g);
  free(x);
  return f;
}

/*
 * The allowance below the optimum is that of its six published digits; above it, also a part of the way from the start,
 * as Moré and Wild (2009) count a problem as solved. Noise is less than 2e-6 in all problems that have it.
 */
static void check_optimum(const suite_problem *p, double f, double f_start, bool reached)
{
  const double digits = 6e-6 * fabs(p->optimum) + (p->traits & SUITE_NOISY ? 2e-6 : 0.0);
  if (!(f >= p->optimum - digits)) fail_msg("%s falls to %.17g, below %.17g", p->name, f, p->optimum);
  if (reached && !(f <= p->optimum + digits + 1e-5 * (f_start - p->optimum)))
    fail_msg("%s ends at %.17g, above %.17g", p->name, f, p->optimum);
}

static void optimum_is_neither_undercut_nor_missed(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const suite_problem *const p = suite_at(i);
    if (!isfinite(p->optimum)) continue;
    const known_minimiser *const minimiser = known(p->name);
    double *const x = started(p, p->n), *const g = numbers(p->n);
    const double f_start = p->evaluate(p->n, x, g);
    const bool attained = !(p->traits & SUITE_INFIMUM);
    check_optimum(p, run(p), f_start, !minimiser && attained);
    if (minimiser && minimiser->count > 0) check_optimum(p, value_at(p, minimiser), p->optimum, true);
    free(g);
    free(x);
  }
}

static void unbounded_problems_have_a_way_down(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const suite_problem *const p = suite_at(i);
    if (!(p->traits & SUITE_UNBOUNDED)) continue;
    double *const x = started(p, p->n), *const g = numbers(p->n);
    const double f_start = p->evaluate(p->n, x, g);
    if (!(run(p) < f_start)) fail_msg("%s does not fall", p->name);
    free(g);
    free(x);
  }
}

/* The suite is the same function for all who call it: no state is left behind. */
static void evaluations_repeat_bit_for_bit(void **state)
{
  (void)state;
  for (int i = 0; suite_at(i); i++) {
    const suite_problem *const p = suite_at(i);
    double *const x = started(p, p->n), *const g = numbers(p->n), *const again = numbers(p->n);
    const double first = p->evaluate(p->n, x, g), second = p->evaluate(p->n, x, again);
    assert_memory_equal(&first, &second, sizeof first);
    assert_memory_equal(g, again, (size_t)p->n * sizeof *g);
    free(again);
    free(g);
    free(x);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_words_and_unique),
      cmocka_unit_test(suite_is_as_large_as_promised),
      cmocka_unit_test(numbers_of_unknowns_and_traits_agree),
      cmocka_unit_test(starts_are_finite),
      cmocka_unit_test(gradients_agree_with_differences),
      cmocka_unit_test(other_numbers_of_unknowns_work),
      cmocka_unit_test(optimum_is_neither_undercut_nor_missed),
      cmocka_unit_test(unbounded_problems_have_a_way_down),
      cmocka_unit_test(evaluations_repeat_bit_for_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
