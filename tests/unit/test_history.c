#include "engine/history.h"
#include "support/random.h"
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 6, APPENDED = 20 };

static secanti_history make(int capacity)
{
  secanti_history history;
  assert_int_equal(secanti_history_create(&history, capacity), SECANT_OK);
  return history;
}

/* Appends pair number `number`, whose products name the two pairs they belong to: s_i.y_j = 100 + i + j/100. */
static bool append_numbered(secanti_history *history, int number)
{
  double sy[MOST + 1], yy[MOST + 1];
  const int oldest = number - history->pairs;
  for (int i = 0; i <= history->pairs; i++) {
    sy[i] = 100.0 + (oldest + i) + number / 100.0;
    yy[i] = 200.0 + (oldest + i) + number / 100.0;
  }
  const secanti_candidate pair = {
      .sy = sy[history->pairs], .yy = 1.0, .yhy = yy[history->pairs], .ss = 1.0, .column_sy = sy, .column_yy = yy};
  return secanti_history_append(history, &pair);
}

static void ring_keeps_the_newest_pairs_each_in_its_slot(void **state)
{
  (void)state;
  for (int m = 1; m <= MOST; m++) {
    secanti_history history = make(m);
    int slot_of[APPENDED];
    for (int number = 0; number < APPENDED; number++) {
      slot_of[number] = history.pending;
      const bool dropped = append_numbered(&history, number);
      const int kept = number + 1 < m ? number + 1 : m;
      assert_true(dropped == (number >= m));
      assert_int_equal(history.pairs, kept);
      for (int i = 0; i < kept; i++) {
        const int which = number + 1 - kept + i;
        assert_int_equal(history.order[i], slot_of[which]);
        assert_int_not_equal(history.order[i], history.pending);
        for (int j = i; j < kept; j++)
          assert_true(secanti_gram_sy(&history.gram, i, j) == 100.0 + which + (number + 1 - kept + j) / 100.0);
      }
      assert_true(history.pending >= 0 && history.pending <= m);
      const int free_slot = secanti_history_free_slot(&history);
      assert_true(kept < m ? free_slot >= 0 && free_slot <= m : free_slot == -1);
      assert_int_not_equal(free_slot, history.pending);
      for (int i = 0; i < kept; i++) assert_int_not_equal(free_slot, history.order[i]);
    }
    secanti_history_destroy(&history);
  }
}

static void without_slots_only_the_scaling_is_learnt(void **state)
{
  (void)state;
  secanti_history history = make(0);
  const double column[] = {3.0};
  const secanti_candidate pair = {
      .sy = 3.0, .yy = 7.0, .yhy = 6.0, .ss = 2.0, .column_sy = column, .column_yy = column};
  assert_false(secanti_history_append(&history, &pair));
  assert_int_equal(history.pairs, 0);
  assert_int_equal(history.pending, 0);
  assert_true(history.gamma == 0.5);
  secanti_history_destroy(&history);
}

static void clearing_forgets_pairs_and_scaling(void **state)
{
  (void)state;
  secanti_history history = make(3);
  for (int number = 0; number < 5; number++) append_numbered(&history, number);
  secanti_history_clear(&history);
  assert_int_equal(history.pairs, 0);
  assert_true(history.gamma == 1.0);
  assert_false(append_numbered(&history, 0));
  assert_int_equal(history.order[0], 0);
  assert_int_equal(history.pending, 1);
  secanti_history_destroy(&history);
}

static void a_fixed_scale_is_that_of_the_initial_matrix(void **state)
{
  (void)state;
  secanti_history history = make(3);
  history.initial_gamma = 0.25;
  secanti_history_clear(&history);
  assert_true(history.gamma == 0.25);
  append_numbered(&history, 0);
  assert_true(history.gamma == 100.0 / 200.0);
  history.fixed_gamma = true;
  append_numbered(&history, 1);
  assert_true(history.gamma == 0.25);
  assert_int_equal(history.pairs, 2);
  secanti_history_destroy(&history);
}

static void relative_test_does_not_depend_on_the_scale_of_f_and_x(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 500; seed++) {
    uint64_t random = seed;
    const double f_scale = pow(2.0, floor(60.0 * random_symmetric(&random)));
    const double x_scale = pow(2.0, floor(60.0 * random_symmetric(&random)));
    const double ss = random_uniform(&random) + 0.1, yy = random_uniform(&random) + 0.1;
    const double sy = 1e-3 * random_symmetric(&random) * sqrt(ss * yy);
    const secanti_candidate plain = {.sy = sy, .yy = yy, .ss = ss};
    const secanti_candidate scaled = {
        .sy = f_scale * sy, .yy = f_scale * f_scale / x_scale / x_scale * yy, .ss = x_scale * x_scale * ss};
    const double tolerance = 1e-4;
    const bool accepted = secanti_history_accepts(&plain, SECANT_CURVATURE_RELATIVE, tolerance);
    if (accepted != (sy > tolerance * sqrt(ss) * sqrt(yy)) ||
        accepted != secanti_history_accepts(&scaled, SECANT_CURVATURE_RELATIVE, tolerance))
      fail_msg("seed %" PRIu64 ": s.y %a, s.s %a, y.y %a", seed, sy, ss, yy);
  }
}

static void absolute_test_is_strict_and_nothing_nonfinite_passes(void **state)
{
  (void)state;
  const double tolerance = 1e-10, beyond = nextafter(tolerance, 1.0);
  const secanti_candidate at = {.sy = tolerance, .yy = 1.0, .ss = 1.0}, above = {.sy = beyond, .yy = 1.0, .ss = 1.0};
  assert_false(secanti_history_accepts(&at, SECANT_CURVATURE_ABSOLUTE, tolerance));
  assert_true(secanti_history_accepts(&above, SECANT_CURVATURE_ABSOLUTE, tolerance));

  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    for (int test = 0; test < 2; test++) {
      const secanti_candidate sy = {.sy = bad[i], .yy = 1.0, .ss = 1.0}, yy = {.sy = 1.0, .yy = bad[i], .ss = 1.0};
      assert_false(secanti_history_accepts(&sy, (secant_curvature)test, 0.0));
      assert_false(secanti_history_accepts(&yy, (secant_curvature)test, 0.0));
    }
  }
  const secanti_candidate zero = {.sy = 0.0, .yy = 0.0, .ss = 0.0};
  assert_false(secanti_history_accepts(&zero, SECANT_CURVATURE_RELATIVE, 0.0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ring_keeps_the_newest_pairs_each_in_its_slot),
      cmocka_unit_test(without_slots_only_the_scaling_is_learnt),
      cmocka_unit_test(clearing_forgets_pairs_and_scaling),
      cmocka_unit_test(a_fixed_scale_is_that_of_the_initial_matrix),
      cmocka_unit_test(relative_test_does_not_depend_on_the_scale_of_f_and_x),
      cmocka_unit_test(absolute_test_is_strict_and_nothing_nonfinite_passes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
