/*
 * The search of More and Thuente: its sequence of trials against MINPACK-2's and the counts of the paper, properties over
 * random functions, single rules on hand-made values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/more_thuente.h"
#include "support/search_properties.h"
#include <math.h>

enum { MAX_ITERATIONS = 50 };

/* Not const: CMocka takes it as a test's state. */
static searched subject = {.rule = secanti_search_more_thuente,
                           .limits = {.armijo = 1e-4,
                                      .wolfe = 0.9,
                                      .width_tolerance = 1e-16,
                                      .max_step = 1e10,
                                      .max_iterations = MAX_ITERATIONS,
                                      .max_evaluations = INT64_MAX},
                           .longest_first_trial = 3.0,
                           .accepts_one_in = 2};

typedef struct recorded_run {
  int function;
  double armijo, wolfe;
  int trials;
  double steps[16];
} recorded_run;

static const recorded_run recorded[] = {
#include "data/more_thuente.inc"
};
enum { RECORDED = sizeof recorded / sizeof *recorded };

/* The paper's tables I to VI: six functions, four first steps. */
static const int published[MORE_THUENTE_FUNCTIONS][4] = {{6, 3, 1, 4}, {12, 8, 8, 11}, {12, 12, 10, 13},
                                                         {4, 1, 3, 4}, {6, 3, 7, 8},   {13, 11, 8, 11}};

/* Steps may differ by how last bits are rounded; they do on one of the 24 runs, by 5e-14. */
static void trials_are_those_of_minpack_and_as_many_as_published(void **unused)
{
  (void)unused;
  assert_int_equal(RECORDED, MORE_THUENTE_FUNCTIONS * 4);
  for (int i = 0; i < RECORDED; i++) {
    const recorded_run *want = &recorded[i];
    const secanti_point start = more_thuente_evaluate(want->function, 0.0);
    secanti_search_limits limits = subject.limits;
    limits.armijo = want->armijo;
    limits.wolfe = want->wolfe;
    secanti_search search;
    secanti_search_begin(&search, subject.rule, &limits, start.loss, start.slope, 1.0, want->steps[0]);
    secanti_verdict verdict = SECANTI_SEARCH_TRY;
    for (int k = 0; verdict == SECANTI_SEARCH_TRY; k++) {
      if (k == want->trials || !(fabs(search.trial / want->steps[k] - 1.0) < 1e-10))
        fail_msg("function %d from %g: trial %d at %.17g", want->function, want->steps[0], k, search.trial);
      const secanti_point told = more_thuente_evaluate(want->function, search.trial);
      verdict = secanti_search_tell(&search, told.loss, told.slope);
    }
    assert_int_equal(verdict, SECANTI_SEARCH_ACCEPT);
    assert_int_equal(search.evaluations, want->trials);
    assert_int_equal(search.evaluations, published[want->function - 1][i % 4]);
  }
}

static void a_falling_line_grows_fivefold_to_the_longest_step(void **unused)
{
  (void)unused;
  const double steps[] = {1.0, 5.0, 21.0, 85.0, 100.0};
  secanti_search search = search_begun(&subject, 1.0);
  search.limits.max_step = 100.0;
  for (int i = 0; i < 5; i++) {
    assert_true(search.trial == steps[i]);
    const secanti_verdict expected = i < 4 ? SECANTI_SEARCH_TRY : SECANTI_SEARCH_GIVE_UP;
    assert_int_equal(secanti_search_tell(&search, -search.trial, -1.0), expected);
  }
  assert_true(search.best.step == 100.0);
}

/* Case 3 before there is an interval: the parabola through both slopes has its minimum at 6, which is too close. */
static void a_growing_step_adds_a_tenth_more_than_the_last_one_at_least(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 1.0);
  search.limits.wolfe = 0.1;
  assert_int_equal(secanti_search_tell(&search, -1.0, -1.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 5.0);
  assert_int_equal(secanti_search_tell(&search, -3.4, -0.2), SECANTI_SEARCH_TRY);
  assert_true(fabs(search.trial - (5.0 + 1.1 * 4.0)) < 1e-14);
}

/* What lies beyond a step that was not finite is not tried again, however the function falls before it. */
static void growth_stays_below_a_step_that_was_not_finite(void **unused)
{
  (void)unused;
  secanti_search search = search_begun(&subject, 8.0);
  assert_int_equal(secanti_search_tell(&search, NAN, -1.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 4.0);
  assert_int_equal(secanti_search_tell(&search, -4.0, -1.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 6.0 && search.keep);
  assert_int_equal(secanti_search_tell(&search, -6.0, -1.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 7.0 && search.keep);
  assert_int_equal(secanti_search_tell(&search, INFINITY, 0.0), SECANTI_SEARCH_TRY);
  assert_true(search.trial == 6.5 && search.best.step == 6.0 && !search.keep);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trials_are_those_of_minpack_and_as_many_as_published),
      cmocka_unit_test_prestate(search_accepts_points_that_satisfy_the_strong_wolfe_conditions, &subject),
      cmocka_unit_test_prestate(search_costs_at_most_one_evaluation_more_than_its_iterations, &subject),
      cmocka_unit_test_prestate(search_settles_on_a_point_whose_gradient_one_of_three_slots_has, &subject),
      cmocka_unit_test_prestate(search_obeys_the_hard_cap_exactly, &subject),
      cmocka_unit_test_prestate(search_accepts_a_step_that_satisfies_both_conditions_at_once, &subject),
      cmocka_unit_test_prestate(search_bisects_steps_that_are_not_finite, &subject),
      cmocka_unit_test(a_falling_line_grows_fivefold_to_the_longest_step),
      cmocka_unit_test(a_growing_step_adds_a_tenth_more_than_the_last_one_at_least),
      cmocka_unit_test(growth_stays_below_a_step_that_was_not_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
