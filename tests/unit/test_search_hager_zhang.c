/* The search of Hager and Zhang: properties over random functions, and the rules of the paper on hand-made values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/search_properties.h"
#include <math.h>

enum { MAX_ITERATIONS = 50 };

/* Not const: CMocka takes it as a test's state. */
static searched subject = {.rule = secanti_search_hager_zhang,
                           .limits = {.armijo = 1e-4,
                                      .wolfe = 0.9,
                                      .width_tolerance = 1e-16,
                                      .max_step = 1e10,
                                      .loss_slack = 1e-6,
                                      .max_iterations = MAX_ITERATIONS,
                                      .max_evaluations = INT64_MAX},
                           .longest_first_trial = 3.0};

/* A search from loss -100 and slope -1 that is told one point, at step 1. */
static secanti_verdict told_once(double slack, double loss, double slope)
{
  secanti_search_limits limits = subject.limits;
  secanti_search search;
  limits.loss_slack = slack;
  secanti_search_begin(&search, subject.rule, &limits, -100.0, -1.0, 1.0, 1.0);
  return secanti_search_tell(&search, loss, slope);
}

static void the_slack_is_forgiven_and_no_more(void **unused)
{
  (void)unused;
  assert_int_equal(told_once(0.01, -99.0, 0.5), SECANTI_SEARCH_ACCEPT);
  assert_int_equal(told_once(0.01, nextafter(-99.0, 0.0), 0.5), SECANTI_SEARCH_TRY);
  assert_int_equal(told_once(0.0, -100.0, 0.5), SECANTI_SEARCH_ACCEPT);
  assert_int_equal(told_once(0.0, nextafter(-100.0, 0.0), 0.5), SECANTI_SEARCH_TRY);
}

/* Between c2 phi'(0) and (2 c1 - 1) phi'(0). A loss that decreases enough makes up for a slope above. */
static void slopes_within_the_slack_are_bounded_on_both_sides(void **unused)
{
  (void)unused;
  assert_int_equal(told_once(0.01, -99.5, 1.0 - 2e-4), SECANTI_SEARCH_ACCEPT);
  assert_int_equal(told_once(0.01, -99.5, nextafter(1.0 - 2e-4, 1.0)), SECANTI_SEARCH_TRY);
  assert_int_equal(told_once(0.01, -99.5, -0.9), SECANTI_SEARCH_ACCEPT);
  assert_int_equal(told_once(0.01, -99.5, nextafter(-0.9, -1.0)), SECANTI_SEARCH_TRY);
  assert_int_equal(told_once(0.0, -101.0, 7.0), SECANTI_SEARCH_ACCEPT);
  assert_int_equal(told_once(0.0, -101.0, -0.95), SECANTI_SEARCH_TRY);
}

/* f = 1e8 + 1e-7 (t - 2)^2 / 2 is 1e8 to the last bit, the slope is exact: slopes decide, as they should. */
static void slopes_alone_find_a_minimum_below_the_last_digit_of_the_loss(void **unused)
{
  (void)unused;
  secanti_search search;
  secanti_search_begin(&search, subject.rule, &subject.limits, 1e8, -2e-7, 1.0, 1000.0);
  assert_int_equal(secanti_search_tell(&search, 1e8 + 0.05, 998e-7), SECANTI_SEARCH_TRY);
  assert_true(fabs(search.trial - 2.0) < 1e-12);
  assert_int_equal(secanti_search_tell(&search, 1e8, 0.0), SECANTI_SEARCH_ACCEPT);
}

/* From slope -1 at 0; the slope at each trial is `slope`, and the loss its integral. Returns how often steps grew. */
static int grow_at(double slope)
{
  secanti_search search = search_begun(&subject, 1.0);
  double before = 0.0, step = 1.0, loss = -1.0;
  int grown = 0;
  for (; step < 1e4; grown++) {
    assert_int_equal(secanti_search_tell(&search, loss, slope), SECANTI_SEARCH_TRY);
    assert_true(search.keep && search.best.step == step);
    const double next = search.trial;
    assert_true(next >= step + (step - before) && next <= 10.0 * step);
    before = step, step = next;
    loss += slope * (step - before);
  }
  return grown;
}

static void steps_grow_towards_the_minimum_that_the_last_two_points_promise(void **unused)
{
  (void)unused;
  assert_true(grow_at(-1.5) > 3);
  assert_true(grow_at(-0.95) > 3);
  secanti_search search = search_begun(&subject, 1.0);
  search.limits.wolfe = 0.1;
  /* the slope -1 + t/5 vanishes at 5 */
  assert_int_equal(secanti_search_tell(&search, -1.0 + 0.1, -0.8), SECANTI_SEARCH_TRY);
  assert_true(fabs(search.trial - 5.0) < 1e-12);
}

/* U3: the loss is too high but still falls, so a minimum lies before it; a slope that rises ends the halving. */
static void a_loss_too_high_that_still_falls_is_halved(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, 9.0, -1.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 0.5);
  assert_int_equal(secanti_search_tell(&search, 8.0, -1.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 0.25);
  assert_int_equal(secanti_search_tell(&search, -0.2, -1.0), SECANTI_SEARCH_TRY); /* becomes the low end */
  assert_true(search.trial == 0.375);
  assert_int_equal(secanti_search_tell(&search, 1.0, 3.0), SECANTI_SEARCH_TRY); /* becomes the high end */
  const secanti_point low = {0.25, -0.2, -1.0}, high = {0.375, 1.0, 3.0};
  assert_true(search.trial == secanti_cubic_minimiser(low, high, 0.25, 0.375));
}

/* A search from slope -1 on a loss so large that differences of losses are within the slack. */
static secanti_search begun_by_slopes(double first)
{
  secanti_search search;
  secanti_search_begin(&search, subject.rule, &subject.limits, 1e8, -1.0, 1.0, first);
  return search;
}

/* S1 to S4 on the slope exp(t) - 2: the second secant step goes through the end that the first one replaced. */
static void the_second_secant_step_follows_the_first(void **unused)
{
  (void)unused;
  secanti_search search = begun_by_slopes(1.5);
  search.limits.wolfe = 1e-3;
  assert_int_equal(secanti_search_tell(&search, 1e8, exp(1.5) - 2.0), SECANTI_SEARCH_TRY);
  const double first = search.trial;
  assert_true(fabs(first - 1.5 / (exp(1.5) - 1.0)) < 1e-15);
  assert_int_equal(secanti_search_tell(&search, 1e8, exp(first) - 2.0), SECANTI_SEARCH_TRY);
  assert_true(fabs(search.trial - first / (exp(first) - 1.0)) < 1e-15); /* slopes -1 at 0, exp(c) - 2 at c */
}

/* L3 on the slope 1 - 2 exp(-t): the second secant step would leave the bracket, which the first one made small enough. */
static void a_round_that_shrinks_the_bracket_is_followed_by_another(void **unused)
{
  (void)unused;
  secanti_search search = begun_by_slopes(3.0);
  search.limits.armijo = 0.3;
  assert_int_equal(secanti_search_tell(&search, 1e8, 1.0 - 2.0 * exp(-3.0)), SECANTI_SEARCH_TRY);
  const double first = search.trial, slope = 1.0 - 2.0 * exp(-first);
  assert_int_equal(secanti_search_tell(&search, 1e8, slope), SECANTI_SEARCH_TRY);
  assert_true(fabs(search.trial - first / (slope + 1.0)) < 1e-15); /* the secant step from 0 to the first one */
}

/* L2: the first secant step hardly moves the low end, the second one would leave the bracket. */
static void a_bracket_that_secant_steps_leave_wide_is_bisected(void **unused)
{
  (void)unused;
  secanti_search search = begun_by_slopes(1.0);
  assert_int_equal(secanti_search_tell(&search, 1e8, 999.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 1e-3);
  assert_int_equal(secanti_search_tell(&search, 1e8, -0.9999), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 1e-3 + (1.0 - 1e-3) / 2.0);
}

/* Losses beyond the slack count, as those of t^4 / 4 - t at 0 and 2. */
static void losses_that_differ_by_more_than_the_slack_are_interpolated(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 2.0);
  const secanti_point low = {0.0, 0.0, -1.0}, high = {2.0, 2.0, 7.0};
  assert_int_equal(secanti_search_tell(&search, high.loss, high.slope), SECANTI_SEARCH_TRY);
  assert_true(search.trial == secanti_cubic_minimiser(low, high, 0.0, 2.0));
  assert_true(search.trial > 0.5); /* the secant step is 1/4 */
}

/* A point as low as the start, whose slope is no smaller, is no progress: the engine would try it again for ever. */
static void a_search_that_lowers_nothing_ends_at_its_start(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  secanti_verdict verdict = SECANTI_SEARCH_TRY;
  while (verdict == SECANTI_SEARCH_TRY) {
    assert_true(search.evaluations <= MAX_ITERATIONS);
    verdict = secanti_search_tell(&search, 0.0, search.evaluations % 2 ? -1.0 : 1.0);
    assert_false(search.keep);
  }
  assert_int_equal(verdict, SECANTI_SEARCH_GIVE_UP);
  assert_true(search.best.step == 0.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(search_costs_at_most_one_evaluation_more_than_its_iterations, &subject),
      cmocka_unit_test_prestate(search_settles_on_a_point_whose_gradient_one_of_three_slots_has, &subject),
      cmocka_unit_test_prestate(search_obeys_the_hard_cap_exactly, &subject),
      cmocka_unit_test_prestate(search_accepts_a_step_that_satisfies_both_conditions_at_once, &subject),
      cmocka_unit_test_prestate(search_bisects_steps_that_are_not_finite, &subject),
      cmocka_unit_test(the_slack_is_forgiven_and_no_more),
      cmocka_unit_test(slopes_within_the_slack_are_bounded_on_both_sides),
      cmocka_unit_test(slopes_alone_find_a_minimum_below_the_last_digit_of_the_loss),
      cmocka_unit_test(steps_grow_towards_the_minimum_that_the_last_two_points_promise),
      cmocka_unit_test(a_loss_too_high_that_still_falls_is_halved),
      cmocka_unit_test(the_second_secant_step_follows_the_first),
      cmocka_unit_test(a_round_that_shrinks_the_bracket_is_followed_by_another),
      cmocka_unit_test(a_bracket_that_secant_steps_leave_wide_is_bisected),
      cmocka_unit_test(losses_that_differ_by_more_than_the_slack_are_interpolated),
      cmocka_unit_test(a_search_that_lowers_nothing_ends_at_its_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
