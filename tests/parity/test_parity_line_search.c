/* Rows D7 to D9 and D11 of docs/parity.md: the line search of torch.optim.LBFGS, and values that are not finite. */
#include "numerics/search.h"
#include "support/golden_check.h"
#include "support/parity_line.h"
#include "support/plain_strong_wolfe.h"
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_recorded(const char *const *ids, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (golden_check_named(ids[i]) != 0) fail_msg("%s is not as recorded", ids[i]);
}

/* ---- D7 to D9: the line search ----------------------------------------------------------------------------------- */

static secant_options first_search_only(void)
{
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = 1;
  return options;
}

static void bottomless(double x, double *f, double *g)
{
  *f = -x * x * x * x / 4.0;
  *g = -x * x * x;
}

static void D7_a_search_takes_25_iterations_and_26_evaluations_at_most(void **state)
{
  (void)state;
  line l;
  const secant_options options = first_search_only();
  line_step(&l, bottomless, 1.0, &options);
  assert_int_equal(l.evaluations, 1 + 26);
  assert_true(l.x == l.trial[26]); /* no zoom: the end of the bracket is taken */
  expect_recorded((const char *[]){"linesearch_exhausted"}, 1);
}

/* Steep at 0 and above the bound everywhere else, alike on every scale: the cubic through both ends of any bracket [0,
 * b] has its minimiser at `steep_ratio` b. */
static void steep(double x, double *f, double *g)
{
  *f = x == 0.0 ? 0.0 : 10.0 * x;
  *g = x == 0.0 ? -1.0 : 25.0;
}

/* d1 = -1 + 25 - 3 * 10 = -6, radicand 36 + 25: less than a tenth. */
static double steep_ratio(void)
{
  const double root = sqrt(61.0);
  return 1.0 - (25.0 + root + 6.0) / (26.0 + 2.0 * root);
}

/* Every second trial that comes too close to an end is moved to a tenth of the bracket. */
static void expect_one_step_memory(void)
{
  line l;
  const secant_options options = first_search_only();
  line_step(&l, steep, 0.0, &options);
  assert_true(l.trial[1] == 1.0 && l.evaluations > 10);
  for (int i = 2; i < 10; i++) {
    const double want = i % 2 == 0 ? steep_ratio() : 0.1;
    const double got = l.trial[i] / l.trial[i - 1];
    if (fabs(got - want) > 1e-9) fail_msg("trial %d is at %.17g of the bracket, want %.17g", i, got, want);
  }
}

/* The search against the plain loop, which knows the rule as a flag between two trials. Returns the number of
 * trials. */
static int expect_trials_of_the_plain_loop(uint64_t seed)
{
  const secanti_search_limits limits = {
      .armijo = 1e-4, .wolfe = 0.9, .width_tolerance = 1e-9, .max_iterations = 25, .max_evaluations = INT64_MAX};
  const scalar_function function = scalar_random(seed, SCALAR_CONCAVE);
  const plain_search plain = plain_strong_wolfe(&function, 1.0);
  const scalar_run run = scalar_search(&function, secanti_search_strong_wolfe, &limits, 1.0);
  for (int i = 0; i < plain.trials && i < run.trials && run.all_finite && !isnan(plain.steps[i]); i++)
    if (run.steps[i] != plain.steps[i])
      fail_msg("seed %d, trial %d: %a, want %a", (int)seed, i, run.steps[i], plain.steps[i]);
  return run.all_finite ? plain.trials : 0;
}

static void D8_a_trial_near_an_end_of_the_bracket_is_moved_the_second_time(void **state)
{
  (void)state;
  int long_searches = 0;
  expect_one_step_memory();
  for (uint64_t seed = 1; seed <= 500; seed++) long_searches += expect_trials_of_the_plain_loop(seed) > 5;
  assert_true(long_searches > 20);
  expect_recorded((const char *[]){"rosen2_sw", "wood_sw", "beale_sw"}, 3);
}

/* Curvature 1e-6 and slope -1 at 0: the cubic's minimiser is 1e6. */
static void shallow(double x, double *f, double *g)
{
  *f = 0.5e-6 * x * x - x;
  *g = 1e-6 * x - 1.0;
}

/* Falls so deep that the cubic through 0 and 1 has its minimiser at 1.001. */
static void cliff(double x, double *f, double *g)
{
  *f = x == 0.0 ? 0.0 : -300.0 * x;
  *g = x == 0.0 ? -1.0 : x <= 1.0 ? -2.0 : -0.5;
}

static void D9_a_growing_step_grows_by_one_hundredth_of_the_move_up_to_tenfold(void **state)
{
  (void)state;
  line l;
  const secant_options options = first_search_only();
  line_step(&l, shallow, 0.0, &options);
  assert_int_equal(l.evaluations, 7);
  for (int i = 2; i < 7; i++) assert_true(l.trial[i] == 10.0 * l.trial[i - 1]);

  line_step(&l, cliff, 0.0, &options);
  assert_int_equal(l.evaluations, 3);
  assert_true(l.trial[1] == 1.0 && l.trial[2] == 1.0 + 0.01 * 1.0);
  expect_recorded((const char *[]){"quad50_sw_h100", "rosen2_sw_far"}, 2);
}

/* ---- D11 --------------------------------------------------------------------------------------------------------- */

/* x - log x, which is nothing for x < 0, with its minimum at 1. */
static void barrier(double x, double *f, double *g)
{
  *f = x - log(x);
  *g = x > 0.0 ? 1.0 - 1.0 / x : NAN;
}

/* exp x - 3 x, which overflows beyond 709. */
static void overflowing(double x, double *f, double *g)
{
  *f = exp(x) - 3.0 * x;
  *g = exp(x) - 3.0;
}

static bool records_a_defect(const golden_case *golden, const void *unused)
{
  (void)unused;
  return golden->quirk;
}

/* Every step from every start ends at a finite point that is no worse, with a reason. */
static void expect_finite_end(line_function *of, double start, double lr, secant_line_search search)
{
  line l;
  double first, last, g;
  secant_options options = secant_options_torch();
  options.line_search = search;
  options.lr = lr;
  of(start, &first, &g);
  const secant_info info = line_step(&l, of, start, &options);
  of(l.x, &last, &g);
  if (!isfinite(l.x) || !isfinite(last) || !isfinite(info.loss)) fail_msg("lr %g from %g ends at %g", lr, start, l.x);
  assert_true(info.reason != SECANT_REASON_NONE && info.reason != SECANT_REASON_NOT_FINITE);
  if (search == SECANT_LINE_SEARCH_STRONG_WOLFE) assert_true(last <= first);
}

static void D11_a_point_that_is_not_finite_is_never_accepted(void **state)
{
  (void)state;
  size_t cases;
  assert_int_equal(golden_check_where(records_a_defect, NULL, &cases), 0);
  assert_true(cases > 0);
  for (int search = 0; search < 2; search++) {
    for (double lr = 0.1; lr < 2000.0; lr *= 3.0) {
      expect_finite_end(barrier, 0.1, lr, (secant_line_search)search);
      expect_finite_end(barrier, 5.0, lr, (secant_line_search)search);
      expect_finite_end(overflowing, -1.0, lr, (secant_line_search)search);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(D7_a_search_takes_25_iterations_and_26_evaluations_at_most),
      cmocka_unit_test(D8_a_trial_near_an_end_of_the_bracket_is_moved_the_second_time),
      cmocka_unit_test(D9_a_growing_step_grows_by_one_hundredth_of_the_move_up_to_tenfold),
      cmocka_unit_test(D11_a_point_that_is_not_finite_is_never_accepted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
