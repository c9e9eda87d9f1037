/* What holds for every line search: one suite, run on all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/line_functions.h"
#include <math.h>

/* ---- the searches and their promises ------------------------------------------------------------------------------ */

/* Whether a search may accept this point. Written apart from the library. */
typedef bool conditions(secanti_point start, secanti_point end, const secanti_search_limits *limits);

static bool is_finite(secanti_point start, secanti_point end, const secanti_search_limits *limits)
{
  (void)start, (void)limits;
  return isfinite(end.loss) && isfinite(end.slope);
}

static bool armijo(secanti_point start, secanti_point end, const secanti_search_limits *limits)
{
  return is_finite(start, end, limits) && end.loss <= start.loss + limits->armijo * end.step * start.slope;
}

static bool strong_wolfe(secanti_point start, secanti_point end, const secanti_search_limits *limits)
{
  return armijo(start, end, limits) && fabs(end.slope) <= limits->wolfe * fabs(start.slope);
}

static bool approximate_wolfe(secanti_point start, secanti_point end, const secanti_search_limits *limits)
{
  if (!is_finite(start, end, limits) || end.slope < limits->wolfe * start.slope) return false;
  const bool low = end.loss <= start.loss + limits->loss_slack * fabs(start.loss);
  return armijo(start, end, limits) || (low && end.slope <= (2.0 * limits->armijo - 1.0) * start.slope);
}

typedef struct conforming {
  const char *name;
  secanti_search_rule *rule;
  conditions *accepts;
  bool lengthens;   /* a step that is too short grows */
  bool bounded;     /* no step beyond the first is longer than max_step */
  bool repeats;     /* as torch, it may try a step again */
  bool yields_best; /* a search that is given up yields the lowest loss seen */
  int costliest;    /* evaluations on the functions of More and Thuente, at most; 0: not all are accepted */
} conforming;

static const conforming searches[] = {
    {"none", secanti_search_none, is_finite, false, false, false, false, 1},
    {"strong_wolfe", secanti_search_strong_wolfe, strong_wolfe, true, false, true, false, 0},
    {"nocedal_wright", secanti_search_nocedal_wright, strong_wolfe, true, true, false, false, 31},
    {"more_thuente", secanti_search_more_thuente, strong_wolfe, true, true, false, true, 13},
    {"hager_zhang", secanti_search_hager_zhang, approximate_wolfe, true, true, false, true, 19},
    {"backtracking", secanti_search_backtracking, armijo, false, false, false, true, 8},
};
enum { SEARCHES = sizeof searches / sizeof *searches, MAX_ITERATIONS = 50 };

static const secanti_search_limits LIMITS = {.armijo = 1e-4,
                                             .wolfe = 0.9,
                                             .width_tolerance = 1e-16,
                                             .max_step = 1e10,
                                             .loss_slack = 1e-6,
                                             .max_iterations = MAX_ITERATIONS,
                                             .max_evaluations = INT64_MAX};

/* ---- runs --------------------------------------------------------------------------------------------------------- */

enum { CAPACITY = MAX_ITERATIONS + 2 };
static const double first_steps[] = {1e-3, 1e-1, 1e1, 1e3};
enum { FIRST_STEPS = sizeof first_steps / sizeof *first_steps };

typedef struct run {
  const conforming *search;
  line_kind function;
  secanti_search_limits limits;
  secanti_verdict verdict;
  secanti_point start, end;
  int trials;
  secanti_point told[CAPACITY];
  bool stored; /* the gradient at the end is the last one, the start's, or the one that was kept */
} run;

/* A search on a function whose loss and step are multiplied by powers of two. */
static run run_scaled(const conforming *search, line_kind function, const secanti_search_limits *limits, double first,
                      double loss_unit, double step_unit)
{
  run r = {.search = search, .function = function, .limits = *limits, .verdict = SECANTI_SEARCH_TRY};
  double kept = 0.0;
  secanti_search s;
  r.start = line_function_at(function, 0.0);
  r.start.loss *= loss_unit;
  r.start.slope *= loss_unit / step_unit;
  secanti_search_begin(&s, search->rule, limits, r.start.loss, r.start.slope, 1.0 / step_unit, first);
  while (r.verdict == SECANTI_SEARCH_TRY) {
    if (r.trials == CAPACITY) fail_msg("%s on function %d does not end", search->name, (int)function);
    secanti_point point = line_function_at(function, s.trial / step_unit);
    point = (secanti_point){s.trial, loss_unit * point.loss, loss_unit / step_unit * point.slope};
    r.told[r.trials++] = point;
    r.verdict = secanti_search_tell(&s, point.loss, point.slope);
    if (r.verdict == SECANTI_SEARCH_TRY && s.keep) kept = point.step;
  }
  r.end = s.best;
  r.stored = r.end.step == 0.0 || r.end.step == kept || r.end.step == r.told[r.trials - 1].step;
  return r;
}

static run run_search(const conforming *search, line_kind function, const secanti_search_limits *limits, double first)
{
  return run_scaled(search, function, limits, first, 1.0, 1.0);
}

typedef void check(const run *r);

/* Every search on every function from every first step. */
static void check_all(check *holds)
{
  for (int i = 0; i < SEARCHES; i++)
    for (int function = 0; function < LINE_KINDS; function++)
      for (int first = 0; first < FIRST_STEPS; first++) {
        const secanti_search_limits limits = line_limits((line_kind)function, &LIMITS);
        const run r = run_search(&searches[i], (line_kind)function, &limits, first_steps[first]);
        holds(&r);
      }
}

static void refuse(const run *r, int trial, const char *what)
{
  fail_msg("%s on function %d from %g: trial %d at %a: %s", r->search->name, (int)r->function, r->told[0].step, trial,
           r->told[trial < r->trials ? trial : r->trials - 1].step, what);
}

/* ---- conditions --------------------------------------------------------------------------------------------------- */

static void check_end(const run *r)
{
  const int last = r->trials - 1;
  if (r->end.step > 0.0) {
    const secanti_point there = line_function_at(r->function, r->end.step);
    if (there.loss != r->end.loss || there.slope != r->end.slope || !line_is_good(there))
      refuse(r, last, "not what was told");
  }
  if (r->verdict != SECANTI_SEARCH_ACCEPT) return;
  if (!(r->end.step > 0.0)) refuse(r, last, "accepted no step");
  if (!r->search->accepts(r->start, r->end, &r->limits)) refuse(r, last, "accepted without its conditions");
}

static void an_accepted_point_satisfies_the_conditions(void **unused)
{
  (void)unused;
  check_all(check_end);
}

/* A point that satisfies the conditions is accepted when it is told: searches do not go on for nothing. */
static void check_not_overlooked(const run *r)
{
  for (int i = 0; i + 1 < r->trials; i++)
    if (r->search->accepts(r->start, r->told[i], &r->limits)) refuse(r, i, "not accepted");
}

static void a_point_with_the_conditions_ends_the_search(void **unused)
{
  (void)unused;
  check_all(check_not_overlooked);
}

static void every_search_finds_a_point_on_the_functions_of_more_and_thuente(void **unused)
{
  (void)unused;
  for (int i = 0; i < SEARCHES; i++)
    for (int function = 0; function < MORE_THUENTE_FUNCTIONS; function++)
      for (int first = 0; first < FIRST_STEPS && searches[i].costliest > 0; first++) {
        const secanti_search_limits limits = line_limits((line_kind)function, &LIMITS);
        const run r = run_search(&searches[i], (line_kind)function, &limits, first_steps[first]);
        if (r.verdict != SECANTI_SEARCH_ACCEPT || r.trials > searches[i].costliest)
          refuse(&r, r.trials - 1, "too many");
      }
}

/* ---- trials ------------------------------------------------------------------------------------------------------ */

static void check_trials(const run *r)
{
  for (int i = 0; i < r->trials; i++) {
    const double step = r->told[i].step;
    if (!(step > 0.0 && isfinite(step))) refuse(r, i, "not a step");
    if (r->search->bounded && i > 0 && step > r->limits.max_step) refuse(r, i, "longer than the longest");
    for (int j = 0; j < i && !r->search->repeats; j++)
      if (r->told[j].step == step) refuse(r, i, "tried before");
  }
}

static void every_trial_is_a_positive_finite_step_not_tried_before(void **unused)
{
  (void)unused;
  check_all(check_trials);
}

/* Nothing is finite from some step on: whoever went there comes back, and never goes there again. */
static void check_contraction(const run *r)
{
  double edge = INFINITY;
  if (r->function < LINE_BARRIER || r->function > LINE_PIT) return;
  for (int i = 0; i < r->trials; i++) {
    if (r->told[i].step >= edge) refuse(r, i, "no shorter than one that was not finite");
    if (!line_is_good(r->told[i])) edge = r->told[i].step;
  }
  if (!line_is_good(r->end)) refuse(r, r->trials - 1, "ended where it is not finite");
}

static void a_step_that_is_not_finite_is_too_long(void **unused)
{
  (void)unused;
  check_all(check_contraction);
}

/* The loss alone, or the slope alone. */
static void whatever_is_not_finite_halves_the_first_step(void **unused)
{
  (void)unused;
  const double broken[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < SEARCHES; i++)
    for (int k = 0; k < 6; k++) {
      secanti_search search;
      secanti_search_begin(&search, searches[i].rule, &LIMITS, 5.0, -1.0, 1.0, 1.0);
      for (double step = 1.0; step > 1e-3; step /= 2.0) {
        assert_true(search.trial == step);
        const double loss = k < 3 ? broken[k] : 4.0, slope = k < 3 ? -0.5 : broken[k - 3];
        assert_int_equal(secanti_search_tell(&search, loss, slope), SECANTI_SEARCH_TRY);
        assert_true(search.best.step == 0.0 && search.best.loss == 5.0 && !search.keep);
      }
      assert_int_equal(secanti_search_tell(&search, 4.0, -0.5), SECANTI_SEARCH_ACCEPT);
    }
}

static void a_search_that_meets_nothing_finite_ends_at_its_start(void **unused)
{
  (void)unused;
  for (int i = 0; i < SEARCHES; i++) {
    secanti_search search;
    secanti_search_begin(&search, searches[i].rule, &LIMITS, 5.0, -1.0, 1.0, 1.0);
    int trials = 1;
    while (secanti_search_tell(&search, NAN, NAN) == SECANTI_SEARCH_TRY) assert_true(++trials <= MAX_ITERATIONS + 1);
    assert_true(search.best.step == 0.0 && search.best.loss == 5.0 && search.best.slope == -1.0);
  }
}

static void a_first_trial_with_the_conditions_costs_one_evaluation(void **unused)
{
  (void)unused;
  for (int i = 0; i < SEARCHES; i++) {
    secanti_search search;
    secanti_search_begin(&search, searches[i].rule, &LIMITS, 5.0, -1.0, 1.0, 1.0);
    assert_int_equal(secanti_search_tell(&search, 4.6, 0.1), SECANTI_SEARCH_ACCEPT);
    assert_true(search.best.step == 1.0 && search.best.loss == 4.6 && search.best.slope == 0.1);
    assert_true(search.evaluations == 1 && !search.keep);
  }
}

static void a_line_is_followed_to_the_longest_step(void **unused)
{
  (void)unused;
  for (int i = 0; i < SEARCHES; i++) {
    secanti_search_limits limits = LIMITS;
    limits.max_step = 7.0;
    const run r = run_search(&searches[i], LINE_UNBOUNDED, &limits, 0.5);
    if (!searches[i].lengthens) assert_true(r.verdict == SECANTI_SEARCH_ACCEPT && r.trials == 1);
    if (!searches[i].bounded) continue;
    assert_int_equal(r.verdict, SECANTI_SEARCH_GIVE_UP);
    assert_true(r.end.step == 7.0 && r.end.loss == -7.0 && r.trials < 10);
  }
}

/* ---- limits ------------------------------------------------------------------------------------------------------- */

static void expect_same_trials(const run *cut, const run *full)
{
  for (int i = 0; i < cut->trials; i++)
    if (cut->told[i].step != full->told[i].step) refuse(cut, i, "not the trial of the search without the limit");
}

/* A limit cuts the sequence of trials and changes nothing else. */
static void check_limits(const run *full)
{
  for (int limit = 1; limit <= full->trials; limit++) {
    secanti_search_limits iterations = full->limits, evaluations = full->limits;
    iterations.max_iterations = limit - 1;
    evaluations.max_evaluations = limit;
    const double first = full->told[0].step;
    const run by_iterations = run_search(full->search, full->function, &iterations, first);
    const run by_evaluations = run_search(full->search, full->function, &evaluations, first);
    expect_same_trials(&by_iterations, full);
    expect_same_trials(&by_evaluations, full);
    if (by_iterations.trials != limit) refuse(&by_iterations, limit, "iterations");
    if (by_evaluations.trials != limit) refuse(&by_evaluations, limit, "evaluations");
    if (limit < full->trials) assert_int_equal(by_evaluations.verdict, SECANTI_SEARCH_GIVE_UP);
    if (limit == full->trials) assert_int_equal(by_evaluations.verdict, full->verdict);
  }
}

static void iterations_and_evaluations_end_where_their_limits_say(void **unused)
{
  (void)unused;
  check_all(check_limits);
}

/* Wherever a limit cuts a search, it ends at a point that the engine can go to, and no worse than the start. */
static void check_cut(const run *full)
{
  secanti_point lowest = full->start;
  for (int cap = 1; cap <= full->trials; cap++) {
    secanti_search_limits limits = full->limits;
    limits.max_evaluations = cap;
    const run r = run_search(full->search, full->function, &limits, full->told[0].step);
    if (line_is_good(full->told[cap - 1]) && full->told[cap - 1].loss < lowest.loss) lowest = full->told[cap - 1];
    if (!line_is_good(r.end) || !r.stored) refuse(&r, cap - 1, "ends where the gradient is not known");
    if (r.verdict != SECANTI_SEARCH_GIVE_UP) continue;
    if (r.end.loss > r.start.loss) refuse(&r, cap - 1, "ends above the start");
    if (r.search->yields_best && r.end.step != lowest.step) refuse(&r, cap - 1, "does not end at the lowest loss");
  }
}

static void a_search_that_is_cut_anywhere_ends_at_the_best_point_it_can(void **unused)
{
  (void)unused;
  check_all(check_cut);
}

/* A bracket found at once, and one that steps which are not finite have shrunk; |d| is 1. */
static void a_bracket_below_the_tolerance_ends_the_search(void **unused)
{
  (void)unused;
  secanti_search_limits limits = LIMITS;
  limits.width_tolerance = 0.1;
  for (int i = 0; i < SEARCHES; i++) {
    if (searches[i].accepts == is_finite) continue;
    secanti_search search;
    secanti_search_begin(&search, searches[i].rule, &limits, 5.0, -1.0, 1.0, 0.09);
    assert_int_equal(secanti_search_tell(&search, 5.1, 3.0), SECANTI_SEARCH_GIVE_UP);
    assert_true(search.best.step == 0.0);

    secanti_search_begin(&search, searches[i].rule, &limits, 5.0, -1.0, 1.0, 1.0);
    while (secanti_search_tell(&search, NAN, NAN) == SECANTI_SEARCH_TRY) assert_true(search.trial > 0.05);
    assert_true(search.trial < 0.2);
  }
}

/* ---- invariance --------------------------------------------------------------------------------------------------- */

/* Powers of two, so that rounding scales too. */
static void check_scaling(const run *r)
{
  const double step_unit = 0x1p-9, loss_unit = 0x1p13;
  secanti_search_limits plain = r->limits;
  plain.width_tolerance = 0.0; /* of nocedal_wright it is one of t */
  secanti_search_limits limits = plain;
  limits.max_step *= step_unit;
  const double first = r->told[0].step;
  const run one = run_search(r->search, r->function, &plain, first);
  const run two = run_scaled(r->search, r->function, &limits, first * step_unit, loss_unit, step_unit);
  if (one.trials != two.trials || one.verdict != two.verdict) refuse(&one, one.trials - 1, "ends otherwise if scaled");
  for (int i = 0; i < one.trials; i++)
    if (one.told[i].step * step_unit != two.told[i].step) refuse(&one, i, "another trial if scaled");
}

static void units_of_loss_and_step_do_not_matter(void **unused)
{
  (void)unused;
  check_all(check_scaling);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_accepted_point_satisfies_the_conditions),
      cmocka_unit_test(a_point_with_the_conditions_ends_the_search),
      cmocka_unit_test(every_search_finds_a_point_on_the_functions_of_more_and_thuente),
      cmocka_unit_test(every_trial_is_a_positive_finite_step_not_tried_before),
      cmocka_unit_test(a_step_that_is_not_finite_is_too_long),
      cmocka_unit_test(whatever_is_not_finite_halves_the_first_step),
      cmocka_unit_test(a_search_that_meets_nothing_finite_ends_at_its_start),
      cmocka_unit_test(a_first_trial_with_the_conditions_costs_one_evaluation),
      cmocka_unit_test(a_line_is_followed_to_the_longest_step),
      cmocka_unit_test(iterations_and_evaluations_end_where_their_limits_say),
      cmocka_unit_test(a_search_that_is_cut_anywhere_ends_at_the_best_point_it_can),
      cmocka_unit_test(a_bracket_below_the_tolerance_ends_the_search),
      cmocka_unit_test(units_of_loss_and_step_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
