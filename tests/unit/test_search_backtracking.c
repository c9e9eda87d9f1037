/* Backtracking: properties over random functions, and its interpolation against minima known in closed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/random.h"
#include "support/search_properties.h"
#include <inttypes.h>
#include <math.h>

enum { MAX_ITERATIONS = 50 };

/* Not const: CMocka takes it as a test's state. */
static searched subject = {.rule = secanti_search_backtracking,
                           .limits = {.armijo = 1e-4,
                                      .wolfe = 0.9,
                                      .width_tolerance = 1e-16,
                                      .max_step = 1e10,
                                      .max_iterations = MAX_ITERATIONS,
                                      .max_evaluations = INT64_MAX},
                           .longest_first_trial = 3.0};

/* Every trial but the first lies between a tenth and a half of the one before. */
static void a_step_shrinks_to_a_tenth_at_least_and_a_half_at_most(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEARCH_SEEDS; seed++) {
    const scalar_run run = search_run(&subject, seed, &subject.limits);
    for (int i = 1; i < run.trials; i++)
      if (!(run.steps[i] >= 0.1 * run.steps[i - 1] && run.steps[i] <= 0.5 * run.steps[i - 1]))
        fail_msg("seed %" PRIu64 ": %a after %a", seed, run.steps[i], run.steps[i - 1]);
  }
}

static void the_first_point_that_decreases_enough_is_accepted_whatever_its_slope(void **unused)
{
  (void)unused;
  const double slopes[] = {-1e3, -1.0, 0.0, 1e3};
  for (int i = 0; i < 4; i++) {
    secanti_search search = search_begun(&subject, 1.0);
    assert_int_equal(secanti_search_tell(&search, -1e-4, slopes[i]), SECANTI_SEARCH_ACCEPT);
    search = search_begun(&subject, 1.0);
    assert_int_equal(secanti_search_tell(&search, nextafter(-1e-4, 0.0), slopes[i]), SECANTI_SEARCH_TRY);
  }
}

/* t^2 / 2 - m t from t = 1: the parabola knows the minimum m, which counts from a tenth to a half. */
static void the_first_rejection_leads_to_the_minimum_of_the_parabola(void **unused)
{
  (void)unused;
  const double minimum[] = {0.2, 0.01, 0.4995}, next[] = {0.2, 0.1, 0.4995};
  for (int i = 0; i < 3; i++) {
    const double m = minimum[i];
    secanti_search search;
    secanti_search_begin(&search, subject.rule, &subject.limits, 0.0, -m, 1.0, 1.0);
    assert_int_equal(secanti_search_tell(&search, 0.5 - m, 1.0 - m), SECANTI_SEARCH_TRY);
    assert_true(fabs(search.trial - next[i]) < 1e-15);
  }
}

/* a t^3 + b t^2 - t has its minimum where 3 a t^2 + 2 b t = 1; two rejected trials determine a and b. */
static void later_rejections_lead_to_the_minimum_of_the_cubic(void **unused)
{
  (void)unused;
  uint64_t state = 1;
  for (int i = 0; i < 1000; i++) {
    const double a = random_power_of_ten(&state, 1.0, 4.0), b = 5.0 * random_symmetric(&state);
    secanti_search search = search_begun(&subject, 10.0);
    double told = 10.0;
    for (int k = 0; k < 2; k++) {
      told = search.trial;
      const double loss = ((a * told + b) * told - 1.0) * told;
      if (secanti_search_tell(&search, loss, 0.0) == SECANTI_SEARCH_ACCEPT) break;
    }
    const double minimum = 1.0 / (b + sqrt(b * b + 3.0 * a));
    assert_true(search.evaluations == 2);
    assert_true(fabs(search.trial - fmin(fmax(minimum, 0.1 * told), 0.5 * told)) < 1e-9 * told);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(search_costs_at_most_one_evaluation_more_than_its_iterations, &subject),
      cmocka_unit_test_prestate(search_settles_on_a_point_whose_gradient_one_of_three_slots_has, &subject),
      cmocka_unit_test_prestate(search_obeys_the_hard_cap_exactly, &subject),
      cmocka_unit_test_prestate(search_accepts_a_step_that_satisfies_both_conditions_at_once, &subject),
      cmocka_unit_test_prestate(search_bisects_steps_that_are_not_finite, &subject),
      cmocka_unit_test(a_step_shrinks_to_a_tenth_at_least_and_a_half_at_most),
      cmocka_unit_test(the_first_point_that_decreases_enough_is_accepted_whatever_its_slope),
      cmocka_unit_test(the_first_rejection_leads_to_the_minimum_of_the_parabola),
      cmocka_unit_test(later_rejections_lead_to_the_minimum_of_the_cubic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
