/* The rule without a search, and what secanti_search_begin and secanti_search_tell do for every rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/random.h"
#include "support/scalar_functions.h"
#include <inttypes.h>
#include <math.h>

enum { SEEDS = 2400 };

static const secanti_search_limits LIMITS = {.max_iterations = 25, .max_evaluations = INT64_MAX};

static secanti_search begun(const secanti_search_limits *limits)
{
  secanti_search search;
  secanti_search_begin(&search, secanti_search_none, limits, 5.0, -2.0, 0.5, 0.75);
  return search;
}

static void begin_offers_the_first_trial_and_settles_for_the_start(void **unused)
{
  (void)unused;
  const secanti_search search = begun(&LIMITS);
  assert_true(search.trial == 0.75);
  assert_true(search.start.step == 0.0 && search.start.loss == 5.0 && search.start.slope == -2.0);
  assert_true(search.best.step == 0.0 && search.best.loss == 5.0 && search.best.slope == -2.0);
  assert_true(search.direction_inf == 0.5);
  assert_int_equal(search.evaluations, 0);
  assert_false(search.keep);
}

static void a_finite_trial_is_accepted_even_if_the_loss_rises(void **unused)
{
  (void)unused;
  const double losses[] = {-1e300, 4.0, 5.0, 6.0, 1e300};
  for (int i = 0; i < 5; i++) {
    secanti_search search = begun(&LIMITS);
    assert_int_equal(secanti_search_tell(&search, losses[i], 3.0), SECANTI_SEARCH_ACCEPT);
    assert_true(search.best.step == 0.75 && search.best.loss == losses[i] && search.best.slope == 3.0);
    assert_int_equal(search.evaluations, 1);
  }
}

static void a_trial_that_is_not_finite_halves_the_step(void **unused)
{
  (void)unused;
  const double broken[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    secanti_search search = begun(&LIMITS);
    assert_int_equal(secanti_search_tell(&search, broken[i], -1.0), SECANTI_SEARCH_TRY);
    assert_true(search.trial == 0.375);
    assert_int_equal(secanti_search_tell(&search, 1.0, broken[i]), SECANTI_SEARCH_TRY);
    assert_true(search.trial == 0.1875);
    assert_false(search.keep);
    assert_true(search.best.step == 0.0);
    assert_int_equal(secanti_search_tell(&search, 1.0, -1.0), SECANTI_SEARCH_ACCEPT);
    assert_true(search.best.step == 0.1875);
    assert_int_equal(search.evaluations, 3);
  }
}

/* Tells NaN until the search ends; the number of trials it took. */
static int trials_on_nothing_but_nan(secanti_search *search)
{
  int trials = 1;
  while (secanti_search_tell(search, NAN, NAN) == SECANTI_SEARCH_TRY && trials < 1000) trials++;
  return trials;
}

static void after_the_last_halving_the_start_is_returned(void **unused)
{
  (void)unused;
  for (int64_t halvings = 0; halvings <= 30; halvings++) {
    const secanti_search_limits limits = {.max_iterations = halvings, .max_evaluations = INT64_MAX};
    secanti_search search = begun(&limits);
    assert_int_equal(trials_on_nothing_but_nan(&search), halvings + 1);
    assert_true(search.best.step == 0.0 && search.best.loss == 5.0 && search.best.slope == -2.0);
    assert_true(search.trial == ldexp(0.75, (int)-halvings));
  }
}

static void the_hard_cap_ends_the_halving(void **unused)
{
  (void)unused;
  for (int64_t cap = 1; cap <= 30; cap++) {
    const secanti_search_limits limits = {.max_iterations = 25, .max_evaluations = cap};
    secanti_search search = begun(&limits);
    assert_int_equal(trials_on_nothing_but_nan(&search), cap < 26 ? cap : 26);
    assert_true(search.best.step == 0.0);
  }
}

static void the_first_finite_point_is_returned_on_any_function(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    uint64_t state = ~seed;
    const scalar_function function = scalar_random(seed, SCALAR_KINDS);
    const double first_trial = random_power_of_ten(&state, -3.0, 3.0);
    const scalar_run run = scalar_search(&function, secanti_search_none, &LIMITS, first_trial);
    const secanti_point last = scalar_evaluate(&function, run.steps[run.trials - 1]);

    for (int i = 0; i < run.trials; i++) {
      const secanti_point point = scalar_evaluate(&function, ldexp(first_trial, -i));
      const bool finite = isfinite(point.loss) && isfinite(point.slope);
      if (run.steps[i] != point.step || (finite && i + 1 < run.trials))
        fail_msg("seed %" PRIu64 ", trial %d: step %a", seed, i, run.steps[i]);
    }
    if (run.verdict == SECANTI_SEARCH_ACCEPT)
      assert_true(run.best.step == last.step && run.best.loss == last.loss && run.best.slope == last.slope);
    else
      assert_true(run.verdict == SECANTI_SEARCH_GIVE_UP && run.best.step == 0.0 && run.trials == 26);
    assert_true(isfinite(run.best.loss) && isfinite(run.best.slope) && run.best_is_in_store);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(begin_offers_the_first_trial_and_settles_for_the_start),
      cmocka_unit_test(a_finite_trial_is_accepted_even_if_the_loss_rises),
      cmocka_unit_test(a_trial_that_is_not_finite_halves_the_step),
      cmocka_unit_test(after_the_last_halving_the_start_is_returned),
      cmocka_unit_test(the_hard_cap_ends_the_halving),
      cmocka_unit_test(the_first_finite_point_is_returned_on_any_function),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
