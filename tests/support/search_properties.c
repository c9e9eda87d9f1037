#include "search_properties.h"
#include "random.h"
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

double search_first_trial(const searched *search, uint64_t seed)
{
  uint64_t state = ~seed;
  return random_uniform(&state) < 0.3 ? 1.0 : random_power_of_ten(&state, -3.0, search->longest_first_trial);
}

scalar_run search_run(const searched *search, uint64_t seed, const secanti_search_limits *limits)
{
  const scalar_function function = scalar_random(seed, SCALAR_KINDS);
  return scalar_search(&function, search->rule, limits, search_first_trial(search, seed));
}

void search_expect_same_end(uint64_t seed, const scalar_run *run, const plain_search *plain)
{
  if (run->trials != plain->trials) fail_msg("seed %" PRIu64 ": %d trials, not %d", seed, run->trials, plain->trials);
  for (int i = 0; i < run->trials; i++)
    if (run->steps[i] != plain->steps[i])
      fail_msg("seed %" PRIu64 ", trial %d: %a, not %a", seed, i, run->steps[i], plain->steps[i]);
  if (run->best.step != plain->step || run->best.loss != plain->loss || run->best.slope != plain->slope)
    fail_msg("seed %" PRIu64 ": settled at %a, not %a", seed, run->best.step, plain->step);
  assert_true((run->verdict == SECANTI_SEARCH_ACCEPT) == plain->accepted);
}

/* ---- on all functions -------------------------------------------------------------------------------------------- */

static bool has_minimum(int kind)
{
  return kind != SCALAR_CONCAVE && kind != SCALAR_LINEAR && kind != SCALAR_WALL && kind != SCALAR_PIT;
}

void search_accepts_points_that_satisfy_the_strong_wolfe_conditions(void **state)
{
  const searched *search = *state;
  int accepted[SCALAR_KINDS] = {0};
  for (uint64_t seed = 1; seed <= SEARCH_SEEDS; seed++) {
    const scalar_run run = search_run(search, seed, &search->limits);
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
  for (int kind = 0; kind < SCALAR_KINDS; kind++)
    if (has_minimum(kind) && accepted[kind] < SEARCH_SEEDS / SCALAR_KINDS / search->accepts_one_in)
      fail_msg("kind %d: %d accepted", kind, accepted[kind]);
}

void search_costs_at_most_one_evaluation_more_than_its_iterations(void **state)
{
  const searched *search = *state;
  for (int64_t iterations = 0; iterations <= search->limits.max_iterations; iterations += 5) {
    secanti_search_limits limits = search->limits;
    limits.max_iterations = iterations;
    limits.width_tolerance = 0.0;
    for (uint64_t seed = 1; seed <= SEARCH_SEEDS / 10; seed++) {
      const scalar_run run = search_run(search, seed, &limits);
      if (run.verdict == SECANTI_SEARCH_TRY || run.trials > iterations + 1)
        fail_msg("seed %" PRIu64 ": verdict %d after %d trials", seed, (int)run.verdict, run.trials);
    }
  }
}

void search_settles_on_a_point_whose_gradient_one_of_three_slots_has(void **state)
{
  const searched *search = *state;
  for (int64_t cap = 1; cap <= search->limits.max_iterations + 2; cap++) {
    secanti_search_limits limits = search->limits;
    limits.max_evaluations = cap;
    for (uint64_t seed = 1; seed <= SEARCH_SEEDS / 10; seed++) {
      const scalar_run run = search_run(search, seed, &limits);
      if (!run.best_is_in_store)
        fail_msg("seed %" PRIu64 ", cap %d: %a is lost after %d trials", seed, (int)cap, run.best.step, run.trials);
    }
  }
}

void search_obeys_the_hard_cap_exactly(void **state)
{
  const searched *search = *state;
  for (uint64_t seed = 1; seed <= SEARCH_SEEDS / 10; seed++) {
    const scalar_run full = search_run(search, seed, &search->limits);
    for (int cap = 1; cap <= search->limits.max_iterations + 2; cap++) {
      secanti_search_limits limits = search->limits;
      limits.max_evaluations = cap;
      const scalar_run run = search_run(search, seed, &limits);
      const bool cut = cap < full.trials;
      assert_int_equal(run.trials, cut ? cap : full.trials);
      assert_int_equal(run.verdict, cut ? SECANTI_SEARCH_GIVE_UP : full.verdict);
      for (int i = 0; i < run.trials; i++) assert_true(run.steps[i] == full.steps[i]);
      assert_true(isfinite(run.best.loss) && run.best.loss <= run.start.loss);
      assert_true(cut || run.best.step == full.best.step);
    }
  }
}

/* ---- single rules ------------------------------------------------------------------------------------------------ */

secanti_search search_begun(const searched *search, double first_trial)
{
  secanti_search begun;
  secanti_search_begin(&begun, search->rule, &search->limits, 0.0, -1.0, 1.0, first_trial);
  return begun;
}

void search_accepts_a_step_that_satisfies_both_conditions_at_once(void **state)
{
  secanti_search search = search_begun(*state, 1.0);
  assert_int_equal(secanti_search_tell(&search, -1e-4, -0.9), SECANTI_SEARCH_ACCEPT); /* both with equality */
  assert_true(search.best.step == 1.0 && search.best.loss == -1e-4 && search.best.slope == -0.9);
}

void search_bisects_steps_that_are_not_finite(void **state)
{
  const double broken[] = {NAN, INFINITY, -INFINITY};
  for (int k = 0; k < 3; k++) {
    secanti_search search = search_begun(*state, 1.0);
    assert_int_equal(secanti_search_tell(&search, broken[k], -1.0), SECANTI_SEARCH_TRY);
    assert_true(search.trial == 0.5);
    assert_int_equal(secanti_search_tell(&search, -5.0, broken[k]), SECANTI_SEARCH_TRY);
    assert_true(search.trial == 0.25);
    assert_int_equal(secanti_search_tell(&search, -0.1, -0.5), SECANTI_SEARCH_ACCEPT);
  }
}
