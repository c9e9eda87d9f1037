/*
 * The strong Wolfe search: properties over random functions, single rules on hand-made values, and its sequence of
 * trials against a second, plain transcription of the description of torch.optim.LBFGS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/plain_strong_wolfe.h"
#include "support/search_properties.h"
#include <inttypes.h>
#include <math.h>

enum { MAX_ITERATIONS = 25 };

/* Not const: CMocka takes it as a test's state. */
static searched subject = {.rule = secanti_search_strong_wolfe,
                           .limits = {.armijo = 1e-4,
                                      .wolfe = 0.9,
                                      .width_tolerance = 1e-9,
                                      .max_iterations = MAX_ITERATIONS,
                                      .max_evaluations = INT64_MAX},
                           .longest_first_trial = 3.0,
                           .accepts_one_in = 2};

/* Where the cubic overflows the reference goes on with a NaN step; the trials before that one are compared still. */
static bool is_comparable(const scalar_run *run, const plain_search *plain)
{
  for (int i = 0; i < plain->trials; i++)
    if (isnan(plain->steps[i])) return false;
  return run->all_finite;
}

static void trials_are_those_of_the_plain_transcription(void **unused)
{
  (void)unused;
  int compared = 0;
  for (uint64_t seed = 1; seed <= SEARCH_SEEDS; seed++) {
    const scalar_function function = scalar_random(seed, SCALAR_FIRST_BROKEN);
    const double first_trial = search_first_trial(&subject, seed);
    const scalar_run run = scalar_search(&function, secanti_search_strong_wolfe, &subject.limits, first_trial);
    const plain_search plain = plain_strong_wolfe(&function, first_trial);
    const bool comparable = is_comparable(&run, &plain);

    for (int i = 0; i < run.trials && run.all_finite && !isnan(plain.steps[i]); i++)
      if (run.steps[i] != plain.steps[i])
        fail_msg("seed %" PRIu64 ", trial %d: %a, not %a", seed, i, run.steps[i], plain.steps[i]);
    if (!comparable) continue;
    compared++;
    search_expect_same_end(seed, &run, &plain);
  }
  assert_true(compared > SEARCH_SEEDS * 9 / 10);
}

/* ---- properties on all functions, broken ones included ---- */

static void the_point_settled_on_is_finite_and_never_above_the_start(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEARCH_SEEDS; seed++) {
    const scalar_run run = search_run(&subject, seed, &subject.limits);
    if (!isfinite(run.best.loss) || !isfinite(run.best.slope) || !(run.best.loss <= run.start.loss))
      fail_msg("seed %" PRIu64 ": loss %a, slope %a at %a", seed, run.best.loss, run.best.slope, run.best.step);
  }
}

/* ---- single rules ---- */

static void a_parabola_is_solved_by_its_first_interpolation(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 8.0); /* t^2/2 - t */
  assert_int_equal(secanti_search_tell(&search, 24.0, 7.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 1.0);
  assert_false(search.keep); /* the low end is the start */
  assert_int_equal(secanti_search_tell(&search, -0.5, 0.0), SECANTI_SEARCH_ACCEPT);
  assert_true(search.best.step == 1.0);
}

static void a_step_above_the_armijo_line_is_not_accepted(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, nextafter(-1e-4, 0.0), 0.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial < 1.0);
}

static void a_falling_line_is_followed_tenfold_until_the_iterations_run_out(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  double expected = 1.0;
  for (int i = 0; i < MAX_ITERATIONS; i++) {
    assert_true(search.trial == expected);
    assert_int_equal(secanti_search_tell(&search, -search.trial, -1.0), SECANTI_SEARCH_TRY);
    assert_true(search.keep);
    expected *= 10.0;
  }
  assert_int_equal(secanti_search_tell(&search, -expected, -1.0), SECANTI_SEARCH_GIVE_UP);
  assert_true(search.best.step == expected);
}

/* The budget spent while growing: the last trial is not tested, only compared with the start. */
static void an_exhausted_search_returns_the_lower_one_of_start_and_last_trial(void **unused)
{
  (void)unused;
  const double last_loss[] = {-1e-9, 0.0, 1.0, NAN};
  for (int k = 0; k < 4; k++) {
    secanti_search search = search_begun(&subject, 1.0);
    for (int i = 0; i < MAX_ITERATIONS; i++) (void)secanti_search_tell(&search, -search.trial, -1.0);
    assert_int_equal(secanti_search_tell(&search, last_loss[k], 0.0), SECANTI_SEARCH_GIVE_UP);
    assert_true((search.best.step > 0.0) == (k == 0)); /* a tie goes to the start */
  }
}

static void a_rise_from_trial_to_trial_counts_from_the_third_trial_on(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, -10.0, -1.0), SECANTI_SEARCH_TRY);
  const double second = search.trial;
  assert_int_equal(secanti_search_tell(&search, -9.0, -1.0), SECANTI_SEARCH_TRY);
  const double third = search.trial;
  assert_true(third > second); /* went on although the loss rose */
  assert_int_equal(secanti_search_tell(&search, -9.0, -1.0), SECANTI_SEARCH_TRY);
  assert_true(second < search.trial && search.trial < third); /* equality suffices now */
  assert_false(search.keep);                                  /* the tie goes to the second trial, kept before */
  assert_true(search.best.step == second);
}

static void the_cap_while_growing_returns_the_lower_one_of_the_last_two(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  search.limits.max_evaluations = 2;
  assert_int_equal(secanti_search_tell(&search, -10.0, -1.0), SECANTI_SEARCH_TRY);
  assert_true(search.keep);
  assert_int_equal(secanti_search_tell(&search, -9.0, -1.0), SECANTI_SEARCH_GIVE_UP);
  assert_true(search.best.step == 1.0 && search.best.loss == -10.0);
  assert_false(search.keep);
}

/* Equal losses: the trial takes the place of the high end, and being in the first slot becomes the low end. */
static void a_trial_as_low_as_the_low_end_replaces_the_high_end(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, -10.0, 5.0), SECANTI_SEARCH_TRY);
  assert_true(search.best.step == 1.0 && search.keep);
  const double tie = search.trial;
  assert_int_equal(secanti_search_tell(&search, -10.0, 5.0), SECANTI_SEARCH_TRY);
  assert_true(tie < search.trial && search.trial < 1.0);
  assert_true(search.best.step == tie && search.keep);
}

static void a_function_that_is_finite_at_the_start_only_yields_the_start(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  int trials = 1;
  while (secanti_search_tell(&search, NAN, NAN) == SECANTI_SEARCH_TRY) trials++;
  assert_int_equal(trials, MAX_ITERATIONS + 1);
  assert_true(search.best.step == 0.0 && search.best.loss == 0.0);
}

/* The width counts in units of the parameter that moves most. */
static void a_narrow_bracket_ends_the_search_at_its_low_end(void **unused)
{
  (void)unused;
  const secanti_verdict expected[] = {SECANTI_SEARCH_TRY, SECANTI_SEARCH_GIVE_UP};
  const double direction_inf[] = {1e-9, nextafter(1e-9, 0.0)};
  for (int k = 0; k < 2; k++) {
    secanti_search search = search_begun(&subject, 1.0);
    search.direction_inf = direction_inf[k];
    assert_int_equal(secanti_search_tell(&search, 1.0, 1.0), expected[k]);
    assert_true(search.best.step == 0.0);
  }
}

/* Ends 0 and 1, minimiser of the cubic at 0.05: accepted as a trial once, moved to a tenth of the width next time. */
static void a_second_trial_close_to_an_end_is_moved_inwards(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  assert_int_equal(secanti_search_tell(&search, 9.0, 19.0), SECANTI_SEARCH_TRY); /* 10 t^2 - t */
  assert_true(fabs(search.trial - 0.05) < 1e-15);
  assert_true(search.insufficient);
  const double end = search.trial;
  assert_int_equal(secanti_search_tell(&search, 0.45, 19.0), SECANTI_SEARCH_TRY); /* 200 t^2 - t: minimiser end / 20 */
  assert_true(fabs(search.trial - 0.1 * end) < 1e-15);
  assert_false(search.insufficient);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trials_are_those_of_the_plain_transcription),
      cmocka_unit_test_prestate(search_accepts_points_that_satisfy_the_strong_wolfe_conditions, &subject),
      cmocka_unit_test(the_point_settled_on_is_finite_and_never_above_the_start),
      cmocka_unit_test_prestate(search_costs_at_most_one_evaluation_more_than_its_iterations, &subject),
      cmocka_unit_test_prestate(search_settles_on_a_point_whose_gradient_one_of_three_slots_has, &subject),
      cmocka_unit_test_prestate(search_obeys_the_hard_cap_exactly, &subject),
      cmocka_unit_test(a_parabola_is_solved_by_its_first_interpolation),
      cmocka_unit_test_prestate(search_accepts_a_step_that_satisfies_both_conditions_at_once, &subject),
      cmocka_unit_test(a_step_above_the_armijo_line_is_not_accepted),
      cmocka_unit_test(a_falling_line_is_followed_tenfold_until_the_iterations_run_out),
      cmocka_unit_test(an_exhausted_search_returns_the_lower_one_of_start_and_last_trial),
      cmocka_unit_test(a_rise_from_trial_to_trial_counts_from_the_third_trial_on),
      cmocka_unit_test(the_cap_while_growing_returns_the_lower_one_of_the_last_two),
      cmocka_unit_test(a_trial_as_low_as_the_low_end_replaces_the_high_end),
      cmocka_unit_test_prestate(search_bisects_steps_that_are_not_finite, &subject),
      cmocka_unit_test(a_function_that_is_finite_at_the_start_only_yields_the_start),
      cmocka_unit_test(a_narrow_bracket_ends_the_search_at_its_low_end),
      cmocka_unit_test(a_second_trial_close_to_an_end_is_moved_inwards),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
