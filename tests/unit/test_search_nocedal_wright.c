/*
 * The search of Nocedal & Wright: properties over random functions, single rules on hand-made values, and its sequence
 * of trials against a second, plain transcription of the book.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/plain_nocedal_wright.h"
#include "support/search_properties.h"
#include <inttypes.h>
#include <math.h>

enum { MAX_ITERATIONS = 50 };

/* Not const: CMocka takes it as a test's state. */
static searched subject = {.rule = secanti_search_nocedal_wright,
                           .limits = {.armijo = 1e-4,
                                      .wolfe = 0.9,
                                      .width_tolerance = 1e-8,
                                      .max_step = 10.0,
                                      .max_iterations = MAX_ITERATIONS,
                                      .max_evaluations = INT64_MAX},
                           .longest_first_trial = 1.0,
                           .accepts_one_in = 3};

static void trials_are_those_of_the_plain_transcription(void **unused)
{
  (void)unused;
  int compared = 0;
  for (uint64_t seed = 1; seed <= SEARCH_SEEDS; seed++) {
    const scalar_function function = scalar_random(seed, SCALAR_FIRST_BROKEN);
    const double first_trial = search_first_trial(&subject, seed);
    const scalar_run run = scalar_search(&function, secanti_search_nocedal_wright, &subject.limits, first_trial);
    if (!run.all_finite) continue;
    compared++;
    const plain_search plain = plain_nocedal_wright(&function, first_trial);
    search_expect_same_end(seed, &run, &plain);
  }
  assert_true(compared > SEARCH_SEEDS * 9 / 10);
}

/* ---- properties on all functions, broken ones included ---- */

/* Whatever ends a search: its point is the start, or it decreases the loss enough. */
static void the_point_settled_on_is_the_start_or_decreases_enough(void **unused)
{
  (void)unused;
  for (int64_t cap = 1; cap <= MAX_ITERATIONS + 1; cap += 5) {
    secanti_search_limits limits = subject.limits;
    limits.max_evaluations = cap;
    for (uint64_t seed = 1; seed <= SEARCH_SEEDS / 10; seed++) {
      const scalar_run run = search_run(&subject, seed, &limits);
      const secanti_point best = run.best;
      if (!isfinite(best.loss) || !isfinite(best.slope) ||
          !(best.loss <= run.start.loss + 1e-4 * best.step * run.start.slope))
        fail_msg("seed %" PRIu64 ", cap %d: loss %a at %a from %a", seed, (int)cap, best.loss, best.step,
                 run.start.loss);
    }
  }
}

static void no_step_exceeds_the_longest(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEARCH_SEEDS; seed++) {
    const scalar_run run = search_run(&subject, seed, &subject.limits);
    for (int i = 0; i < run.trials; i++)
      if (!(run.steps[i] > 0.0 && run.steps[i] <= 10.0)) fail_msg("seed %" PRIu64 ": step %a", seed, run.steps[i]);
  }
}

/* ---- single rules ---- */

/* phi(t) = |x - 2 t x|^2 = (1 - 2t)^2 |x|^2: the full step mirrors x, and the cubic knows the parabola. */
static void the_square_of_the_norm_is_solved_by_its_first_interpolation(void **unused)
{
  (void)unused;
  const double xx = 1.3 * 1.3 + 2.7 * 2.7;
  secanti_search search;
  secanti_search_begin(&search, secanti_search_nocedal_wright, &subject.limits, xx, -4.0 * xx, 5.4, 1.0);
  assert_int_equal(secanti_search_tell(&search, xx, 4.0 * xx), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 0.5);
  assert_false(search.keep); /* the low end is the start */
  assert_int_equal(secanti_search_tell(&search, 0.0, 0.0), SECANTI_SEARCH_ACCEPT);
  assert_true(search.best.step == 0.5 && search.best.loss == 0.0);
}

static void a_falling_line_is_followed_in_doubled_steps_to_the_longest(void **unused)
{
  (void)unused;
  const double steps[] = {1.0, 2.0, 4.0, 8.0};
  secanti_search search = search_begun(&subject, 1.0);
  for (int i = 0; i < 4; i++) {
    assert_true(search.trial == steps[i]);
    assert_int_equal(secanti_search_tell(&search, -search.trial, -1.0), SECANTI_SEARCH_TRY);
    assert_true(search.keep);
  }
  assert_true(search.trial == 10.0);
  assert_int_equal(secanti_search_tell(&search, -10.0, -1.0), SECANTI_SEARCH_GIVE_UP);
  assert_true(search.best.step == 10.0);
}

static void a_rise_from_trial_to_trial_counts_from_the_second_trial_on(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, -10.0, -1.0), SECANTI_SEARCH_TRY);
  assert_int_equal(secanti_search_tell(&search, -10.0, -1.0), SECANTI_SEARCH_TRY); /* equality suffices */
  assert_true(1.0 < search.trial && search.trial < 2.0);
  assert_true(search.best.step == 1.0);
  assert_false(search.keep); /* the low end was kept before */
}

/* phi = (t - 3)^4 with the slope at 2, not that at 0, as the low end's. */
static void the_bracket_interpolates_with_the_slopes_of_its_own_ends(void **unused)
{
  (void)unused;
  secanti_search search;
  secanti_search_begin(&search, secanti_search_nocedal_wright, &subject.limits, 81.0, -108.0, 1.0, 2.0);
  search.limits.wolfe = 1e-3;
  search.limits.armijo = 1e-5;
  assert_int_equal(secanti_search_tell(&search, 1.0, -4.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 4.0 && search.keep);
  assert_int_equal(secanti_search_tell(&search, 1.0, 4.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 3.0); /* the symmetry of values and slopes */
}

static void a_minimiser_close_to_an_end_makes_way_for_the_midpoint(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, 9.0, 19.0), SECANTI_SEARCH_TRY); /* 10 t^2 - t: minimiser 0.05 */
  assert_true(search.trial == 0.5);
  search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, 3.0, 7.0), SECANTI_SEARCH_TRY); /* 4 t^2 - t: minimiser 0.125 */
  assert_true(fabs(search.trial - 0.125) < 1e-15);
}

static void a_function_that_is_finite_at_the_start_only_yields_the_start(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  int trials = 1;
  while (secanti_search_tell(&search, NAN, NAN) == SECANTI_SEARCH_TRY) trials++;
  assert_int_equal(trials, 28); /* 2^-27 is the first width below 1e-8 */
  assert_true(search.best.step == 0.0 && search.best.loss == 0.0);
}

/* The width counts in units of the step, whatever the length of the direction. */
static void a_narrow_bracket_ends_the_search_at_its_low_end(void **unused)
{
  (void)unused;
  const secanti_verdict expected[] = {SECANTI_SEARCH_TRY, SECANTI_SEARCH_GIVE_UP};
  const double width[] = {1e-8, nextafter(1e-8, 0.0)};
  for (int k = 0; k < 2; k++) {
    secanti_search search = search_begun(&subject, width[k]);
    search.direction_inf = 1e6;
    assert_int_equal(secanti_search_tell(&search, 1.0, 1.0), expected[k]);
    assert_true(search.best.step == 0.0);
  }
}

static void an_exhausted_search_returns_the_best_point_with_sufficient_decrease(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  search.limits.max_iterations = 3;
  assert_int_equal(secanti_search_tell(&search, -10.0, -2.0), SECANTI_SEARCH_TRY); /* steeper than the start */
  assert_int_equal(secanti_search_tell(&search, -30.0, -2.0), SECANTI_SEARCH_TRY);
  assert_int_equal(secanti_search_tell(&search, 5.0, 2.0), SECANTI_SEARCH_TRY);
  assert_true(2.0 < search.trial && search.trial < 4.0);
  assert_int_equal(secanti_search_tell(&search, -20.0, 2.0), SECANTI_SEARCH_GIVE_UP);
  assert_true(search.best.step == 2.0 && search.best.loss == -30.0);
}

static void a_first_trial_of_length_zero_ends_at_the_start(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 0.0);
  assert_int_equal(secanti_search_tell(&search, 0.0, -1.0), SECANTI_SEARCH_GIVE_UP);
  assert_true(search.best.step == 0.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trials_are_those_of_the_plain_transcription),
      cmocka_unit_test_prestate(search_accepts_points_that_satisfy_the_strong_wolfe_conditions, &subject),
      cmocka_unit_test(the_point_settled_on_is_the_start_or_decreases_enough),
      cmocka_unit_test(no_step_exceeds_the_longest),
      cmocka_unit_test_prestate(search_costs_at_most_one_evaluation_more_than_its_iterations, &subject),
      cmocka_unit_test_prestate(search_settles_on_a_point_whose_gradient_one_of_three_slots_has, &subject),
      cmocka_unit_test_prestate(search_obeys_the_hard_cap_exactly, &subject),
      cmocka_unit_test(the_square_of_the_norm_is_solved_by_its_first_interpolation),
      cmocka_unit_test_prestate(search_accepts_a_step_that_satisfies_both_conditions_at_once, &subject),
      cmocka_unit_test(a_falling_line_is_followed_in_doubled_steps_to_the_longest),
      cmocka_unit_test(a_rise_from_trial_to_trial_counts_from_the_second_trial_on),
      cmocka_unit_test(the_bracket_interpolates_with_the_slopes_of_its_own_ends),
      cmocka_unit_test(a_minimiser_close_to_an_end_makes_way_for_the_midpoint),
      cmocka_unit_test_prestate(search_bisects_steps_that_are_not_finite, &subject),
      cmocka_unit_test(a_function_that_is_finite_at_the_start_only_yields_the_start),
      cmocka_unit_test(a_narrow_bracket_ends_the_search_at_its_low_end),
      cmocka_unit_test(an_exhausted_search_returns_the_best_point_with_sufficient_decrease),
      cmocka_unit_test(a_first_trial_of_length_zero_ends_at_the_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
