/* The cubic minimiser, against cubics built from their minimiser, and at its degenerate cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/search.h"
#include "support/random.h"
#include <inttypes.h>
#include <math.h>

enum { SEEDS = 2000 };

/* A cubic whose local minimum is at `minimiser`: curvature/2 (t - minimiser)^2 + third (t - minimiser)^3. */
typedef struct cubic {
  double minimiser, curvature, third;
} cubic;

static secanti_point on(cubic p, double step)
{
  const double u = step - p.minimiser;
  return (secanti_point){step, (p.curvature / 2.0 + p.third * u) * u * u, (p.curvature + 3.0 * p.third * u) * u};
}

static void minimiser_of_a_cubic_is_found_from_any_two_points(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    uint64_t state = seed;
    const cubic p = {.minimiser = 3.0 * random_symmetric(&state),
                     .curvature = 0.5 + random_uniform(&state),
                     .third = random_symmetric(&state)};
    const secanti_point a = on(p, 3.0 * random_symmetric(&state));
    const secanti_point b = on(p, a.step + 0.5 + random_uniform(&state));

    const double found = secanti_cubic_minimiser(a, b, -100.0, 100.0);

    if (!(fabs(found - p.minimiser) <= 1e-11 * (1.0 + fabs(p.third) * 100.0)))
      fail_msg("seed %" PRIu64 ": %a, not %a", seed, found, p.minimiser);
  }
}

static void order_of_the_points_changes_no_bit(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    uint64_t state = seed;
    const secanti_point a = {random_uniform(&state), random_symmetric(&state), random_symmetric(&state)};
    const secanti_point b = {random_uniform(&state), random_symmetric(&state), random_symmetric(&state)};

    const double forward = secanti_cubic_minimiser(a, b, -9.0, 9.0);
    const double backward = secanti_cubic_minimiser(b, a, -9.0, 9.0);

    if (forward != backward) fail_msg("seed %" PRIu64 ": %a and %a", seed, forward, backward);
  }
}

static void minimiser_of_a_parabola_is_exact(void **unused)
{
  (void)unused;
  const secanti_point a = {0.0, 4.0, -4.0}; /* (t - 2)^2 */
  const secanti_point b = {3.0, 1.0, 2.0};
  assert_true(secanti_cubic_minimiser(a, b, 0.0, 3.0) == 2.0);
}

static void result_is_clamped_to_both_bounds(void **unused)
{
  (void)unused;
  const secanti_point a = {0.0, 4.0, -4.0};
  const secanti_point b = {3.0, 1.0, 2.0};
  assert_true(secanti_cubic_minimiser(a, b, 0.0, 1.5) == 1.5);
  assert_true(secanti_cubic_minimiser(a, b, 2.5, 3.0) == 2.5);
}

static void falling_line_and_concave_parabola_lead_to_the_upper_bound(void **unused)
{
  (void)unused;
  const secanti_point start = {0.0, 0.0, -1.0};
  const secanti_point line = {1.0, -1.0, -1.0};
  const secanti_point parabola = {1.0, -2.0, -3.0}; /* -t - t^2 */
  assert_true(secanti_cubic_minimiser(start, line, 1.01, 10.0) == 10.0);
  assert_true(secanti_cubic_minimiser(start, parabola, 1.01, 10.0) == 10.0);
}

static void cubic_without_a_minimum_yields_the_midpoint(void **unused)
{
  (void)unused;
  const secanti_point a = {0.0, 0.0, -1.0}; /* -t - t^3: always falling */
  const secanti_point b = {1.0, -2.0, -4.0};
  assert_true(secanti_cubic_minimiser(a, b, 0.0, 3.0) == 1.5);
}

static void undetermined_cubic_yields_the_midpoint(void **unused)
{
  (void)unused;
  const secanti_point flat[] = {{0.0, 1.0, 0.0}, {1.0, 1.0, 0.0}};
  const secanti_point same = {1.0, 2.0, -3.0};
  assert_true(secanti_cubic_minimiser(flat[0], flat[1], 0.0, 1.0) == 0.5);
  assert_true(secanti_cubic_minimiser(same, same, 1.0, 1.0) == 1.0);
}

/* Whatever the slope of the finite point, on whichever side it lies. */
static void values_that_are_not_finite_yield_the_midpoint(void **unused)
{
  (void)unused;
  const double broken[] = {INFINITY, NAN};
  const double slopes[] = {-2.0, 0.0, 2.0};
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 3; j++) {
      const secanti_point left = {1.0, 5.0, slopes[j]};
      const secanti_point right = {2.0, broken[i], broken[i]};
      const secanti_point broken_left = {1.0, broken[i], broken[i]};
      const secanti_point finite_right = {2.0, 5.0, slopes[j]};
      assert_true(secanti_cubic_minimiser(left, right, 1.0, 2.0) == 1.5);
      assert_true(secanti_cubic_minimiser(right, left, 1.0, 2.0) == 1.5);
      assert_true(secanti_cubic_minimiser(broken_left, finite_right, 1.0, 2.0) == 1.5);
      assert_true(secanti_cubic_minimiser(finite_right, broken_left, 1.0, 2.0) == 1.5);
    }
}

static void overflow_on_the_way_yields_a_point_within_the_bounds(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    uint64_t state = seed;
    const double size = random_power_of_ten(&state, 140.0, 308.0);
    const secanti_point a = {0.0, size * random_symmetric(&state), size * random_symmetric(&state)};
    const secanti_point b = {1e-3, size * random_symmetric(&state), size * random_symmetric(&state)};

    const double found = secanti_cubic_minimiser(a, b, 0.0, 1e-3);

    if (!(0.0 <= found && found <= 1e-3)) fail_msg("seed %" PRIu64 ": %a", seed, found);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(minimiser_of_a_cubic_is_found_from_any_two_points),
      cmocka_unit_test(order_of_the_points_changes_no_bit),
      cmocka_unit_test(minimiser_of_a_parabola_is_exact),
      cmocka_unit_test(result_is_clamped_to_both_bounds),
      cmocka_unit_test(falling_line_and_concave_parabola_lead_to_the_upper_bound),
      cmocka_unit_test(cubic_without_a_minimum_yields_the_midpoint),
      cmocka_unit_test(undetermined_cubic_yields_the_midpoint),
      cmocka_unit_test(values_that_are_not_finite_yield_the_midpoint),
      cmocka_unit_test(overflow_on_the_way_yields_a_point_within_the_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
