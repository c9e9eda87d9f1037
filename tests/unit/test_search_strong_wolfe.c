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
#include "support/random.h"
#include "support/scalar_functions.h"
#include <inttypes.h>
#include <math.h>

enum { SEEDS = 12000, MAX_ITERATIONS = 25 };

static const secanti_search_limits LIMITS = {.armijo = 1e-4,
                                             .wolfe = 0.9,
                                             .width_tolerance = 1e-9,
                                             .max_iterations = MAX_ITERATIONS,
                                             .max_evaluations = INT64_MAX};

static double random_first_trial(uint64_t seed)
{
  uint64_t state = ~seed;
  return random_uniform(&state) < 0.3 ? 1.0 : random_power_of_ten(&state, -3.0, 3.0);
}

static scalar_run run_on(uint64_t seed, const secanti_search_limits *limits)
{
  const scalar_function function = scalar_random(seed, SCALAR_KINDS);
  return scalar_search(&function, secanti_search_strong_wolfe, limits, random_first_trial(seed));
}

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
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    const scalar_function function = scalar_random(seed, SCALAR_FIRST_BROKEN);
    const double first_trial = random_first_trial(seed);
    const scalar_run run = scalar_search(&function, secanti_search_strong_wolfe, &LIMITS, first_trial);
    const plain_search plain = plain_strong_wolfe(&function, first_trial);
    const bool comparable = is_comparable(&run, &plain);

    for (int i = 0; i < run.trials && run.all_finite && !isnan(plain.steps[i]); i++)
      if (run.steps[i] != plain.steps[i])
        fail_msg("seed %" PRIu64 ", trial %d: %a, not %a", seed, i, run.steps[i], plain.steps[i]);
    if (!comparable) continue;
    compared++;
    if (run.trials != plain.trials) fail_msg("seed %" PRIu64 ": %d trials, not %d", seed, run.trials, plain.trials);
    if (run.best.step != plain.step || run.best.loss != plain.loss || run.best.slope != plain.slope)
      fail_msg("seed %" PRIu64 ": settled at %a, not %a", seed, run.best.step, plain.step);
    assert_true((run.verdict == SECANTI_SEARCH_ACCEPT) == plain.accepted);
  }
  assert_true(compared > SEEDS * 9 / 10);
}

/* ---- properties on all functions, broken ones included ---- */

static void accepted_points_satisfy_the_strong_wolfe_conditions(void **unused)
{
  (void)unused;
  int accepted[SCALAR_KINDS] = {0};
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    const scalar_run run = run_on(seed, &LIMITS);
    if (run.verdict != SECANTI_SEARCH_ACCEPT) continue;
    const scalar_function function = scalar_random(seed, SCALAR_KINDS);
    const secanti_point point = scalar_evaluate(&function, run.best.step);

    accepted[function.kind]++;
    assert_true(point.loss == run.best.loss && point.slope == run.best.slope);
    if (!(point.loss <= run.start.loss + 1e-4 * point.step * run.start.slope))
      fail_msg("seed %" PRIu64 ": loss %a at %a from %a", seed, point.loss, point.step, run.start.loss);
    if (!(fabs(point.slope) <= 0.9 * fabs(run.start.slope)))
      fail_msg("seed %" PRIu64 ": slope %a at %a from %a", seed, point.slope, point.step, run.start.slope);
  }
  assert_int_equal(accepted[SCALAR_CONCAVE] + accepted[SCALAR_LINEAR], 0);
  for (int kind = 0; kind < SCALAR_KINDS; kind++) {
    const bool has_minimum =
        kind != SCALAR_CONCAVE && kind != SCALAR_LINEAR && kind != SCALAR_WALL && kind != SCALAR_PIT;
    if (has_minimum && accepted[kind] < SEEDS / SCALAR_KINDS / 2)
      fail_msg("kind %d: %d accepted", kind, accepted[kind]);
  }
}

static void the_point_settled_on_is_finite_and_never_above_the_start(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    const scalar_run run = run_on(seed, &LIMITS);
    if (!isfinite(run.best.loss) || !isfinite(run.best.slope) || !(run.best.loss <= run.start.loss))
      fail_msg("seed %" PRIu64 ": loss %a, slope %a at %a", seed, run.best.loss, run.best.slope, run.best.step);
  }
}

static void every_search_ends_within_its_iterations(void **unused)
{
  (void)unused;
  for (int64_t iterations = 0; iterations <= MAX_ITERATIONS; iterations += 5) {
    secanti_search_limits limits = LIMITS;
    limits.max_iterations = iterations;
    limits.width_tolerance = 0.0;
    for (uint64_t seed = 1; seed <= SEEDS / 10; seed++) {
      const scalar_run run = run_on(seed, &limits);
      if (run.verdict == SECANTI_SEARCH_TRY || run.trials > iterations + 1)
        fail_msg("seed %" PRIu64 ": verdict %d after %d trials", seed, (int)run.verdict, run.trials);
    }
  }
}

static void an_engine_with_three_gradients_has_that_of_the_point_settled_on(void **unused)
{
  (void)unused;
  for (int64_t cap = 1; cap <= MAX_ITERATIONS + 2; cap++) {
    secanti_search_limits limits = LIMITS;
    limits.max_evaluations = cap;
    for (uint64_t seed = 1; seed <= SEEDS / 10; seed++) {
      const scalar_run run = run_on(seed, &limits);
      if (!run.best_is_in_store)
        fail_msg("seed %" PRIu64 ", cap %d: %a is lost after %d trials", seed, (int)cap, run.best.step, run.trials);
    }
  }
}

/* The cap cuts the sequence of trials and changes nothing else. */
static void the_hard_cap_is_obeyed_exactly(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS / 10; seed++) {
    const scalar_run full = run_on(seed, &LIMITS);
    for (int cap = 1; cap <= MAX_ITERATIONS + 2; cap++) {
      secanti_search_limits limits = LIMITS;
      limits.max_evaluations = cap;
      const scalar_run run = run_on(seed, &limits);
      const bool cut = cap < full.trials;
      assert_int_equal(run.trials, cut ? cap : full.trials);
      assert_int_equal(run.verdict, cut ? SECANTI_SEARCH_GIVE_UP : full.verdict);
      for (int i = 0; i < run.trials; i++) assert_true(run.steps[i] == full.steps[i]);
      assert_true(isfinite(run.best.loss) && run.best.loss <= run.start.loss);
      assert_true(cut || run.best.step == full.best.step);
    }
  }
}

/* ---- single rules ---- */

static secanti_search begun(double first_trial)
{
  secanti_search search;
  secanti_search_begin(&search, secanti_search_strong_wolfe, &LIMITS, 0.0, -1.0, 1.0, first_trial);
  return search;
}

static void a_parabola_is_solved_by_its_first_interpolation(void **unused)
{
  (void)unused;
  secanti_search search = begun(8.0); /* t^2/2 - t */
  assert_int_equal(secanti_search_tell(&search, 24.0, 7.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 1.0);
  assert_false(search.keep); /* the low end is the start */
  assert_int_equal(secanti_search_tell(&search, -0.5, 0.0), SECANTI_SEARCH_ACCEPT);
  assert_true(search.best.step == 1.0);
}

static void a_step_that_satisfies_both_conditions_is_accepted_at_once(void **unused)
{
  (void)unused;
  secanti_search search = begun(1.0);
  assert_int_equal(secanti_search_tell(&search, -1e-4, -0.9), SECANTI_SEARCH_ACCEPT); /* both with equality */
  assert_true(search.best.step == 1.0 && search.best.loss == -1e-4 && search.best.slope == -0.9);
}

static void a_step_above_the_armijo_line_is_not_accepted(void **unused)
{
  (void)unused;
  secanti_search search = begun(1.0);
  assert_int_equal(secanti_search_tell(&search, nextafter(-1e-4, 0.0), 0.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial < 1.0);
}

static void a_falling_line_is_followed_tenfold_until_the_iterations_run_out(void **unused)
{
  (void)unused;
  secanti_search search = begun(1.0);
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
    secanti_search search = begun(1.0);
    for (int i = 0; i < MAX_ITERATIONS; i++) (void)secanti_search_tell(&search, -search.trial, -1.0);
    assert_int_equal(secanti_search_tell(&search, last_loss[k], 0.0), SECANTI_SEARCH_GIVE_UP);
    assert_true((search.best.step > 0.0) == (k == 0)); /* a tie goes to the start */
  }
}

static void a_rise_from_trial_to_trial_counts_from_the_third_trial_on(void **unused)
{
  (void)unused;
  secanti_search search = begun(1.0);
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
  secanti_search search = begun(1.0);
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
  secanti_search search = begun(1.0);
  assert_int_equal(secanti_search_tell(&search, -10.0, 5.0), SECANTI_SEARCH_TRY);
  assert_true(search.best.step == 1.0 && search.keep);
  const double tie = search.trial;
  assert_int_equal(secanti_search_tell(&search, -10.0, 5.0), SECANTI_SEARCH_TRY);
  assert_true(tie < search.trial && search.trial < 1.0);
  assert_true(search.best.step == tie && search.keep);
}

static void steps_that_are_not_finite_are_bisected(void **unused)
{
  (void)unused;
  const double broken[] = {NAN, INFINITY, -INFINITY};
  for (int k = 0; k < 3; k++) {
    secanti_search search = begun(1.0);
    assert_int_equal(secanti_search_tell(&search, broken[k], -1.0), SECANTI_SEARCH_TRY);
    assert_true(search.trial == 0.5);
    assert_int_equal(secanti_search_tell(&search, -5.0, broken[k]), SECANTI_SEARCH_TRY);
    assert_true(search.trial == 0.25);
    assert_int_equal(secanti_search_tell(&search, -0.1, -0.5), SECANTI_SEARCH_ACCEPT);
  }
}

static void a_function_that_is_finite_at_the_start_only_yields_the_start(void **unused)
{
  (void)unused;
  secanti_search search = begun(1.0);
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
    secanti_search search = begun(1.0);
    search.direction_inf = direction_inf[k];
    assert_int_equal(secanti_search_tell(&search, 1.0, 1.0), expected[k]);
    assert_true(search.best.step == 0.0);
  }
}

/* Ends 0 and 1, minimiser of the cubic at 0.05: accepted as a trial once, moved to a tenth of the width next time. */
static void a_second_trial_close_to_an_end_is_moved_inwards(void **unused)
{
  (void)unused;
  secanti_search search = begun(1.0);
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
      cmocka_unit_test(accepted_points_satisfy_the_strong_wolfe_conditions),
      cmocka_unit_test(the_point_settled_on_is_finite_and_never_above_the_start),
      cmocka_unit_test(every_search_ends_within_its_iterations),
      cmocka_unit_test(an_engine_with_three_gradients_has_that_of_the_point_settled_on),
      cmocka_unit_test(the_hard_cap_is_obeyed_exactly),
      cmocka_unit_test(a_parabola_is_solved_by_its_first_interpolation),
      cmocka_unit_test(a_step_that_satisfies_both_conditions_is_accepted_at_once),
      cmocka_unit_test(a_step_above_the_armijo_line_is_not_accepted),
      cmocka_unit_test(a_falling_line_is_followed_tenfold_until_the_iterations_run_out),
      cmocka_unit_test(an_exhausted_search_returns_the_lower_one_of_start_and_last_trial),
      cmocka_unit_test(a_rise_from_trial_to_trial_counts_from_the_third_trial_on),
      cmocka_unit_test(the_cap_while_growing_returns_the_lower_one_of_the_last_two),
      cmocka_unit_test(a_trial_as_low_as_the_low_end_replaces_the_high_end),
      cmocka_unit_test(steps_that_are_not_finite_are_bisected),
      cmocka_unit_test(a_function_that_is_finite_at_the_start_only_yields_the_start),
      cmocka_unit_test(a_narrow_bracket_ends_the_search_at_its_low_end),
      cmocka_unit_test(a_second_trial_close_to_an_end_is_moved_inwards),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
