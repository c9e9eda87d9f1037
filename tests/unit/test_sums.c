#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/random.h"
#include "vector/sums.h"

#include <math.h>

enum { COUNT = 5 };

/* Integers are added without rounding, so that the grouping into threads must not show. */
static void merged_accumulators_hold_the_sum_of_all_rows(void **state)
{
  (void)state;
  secanti_sum threads[3][COUNT];
  double want[COUNT] = {0}, got[COUNT];
  uint64_t random = 1;
  for (int t = 0; t < 3; t++) secanti_sums_clear(threads[t], COUNT);
  for (int tile = 0; tile < 100; tile++) {
    double row[COUNT];
    for (int i = 0; i < COUNT; i++) want[i] += row[i] = (double)(random_next(&random) % 1000) - 500.0;
    secanti_sums_add(threads[tile / 34], row, COUNT);
  }

  for (int t = 1; t < 3; t++) secanti_sums_merge(threads[0], threads[t], COUNT);
  secanti_sums_read(threads[0], COUNT, got);

  for (int i = 0; i < COUNT; i++) assert_true(got[i] == want[i]);
}

static void clear_sums_read_zero(void **state)
{
  (void)state;
  secanti_sum sums[COUNT];
  double got[COUNT];
  secanti_sums_clear(sums, COUNT);
  secanti_sums_add(sums, (double[COUNT]){1, 2, 3, NAN, INFINITY}, COUNT);
  secanti_sums_clear(sums, COUNT);
  secanti_sums_read(sums, COUNT, got);
  for (int i = 0; i < COUNT; i++) assert_true(got[i] == 0.0);
}

static void nan_and_infinity_survive_adding_and_merging(void **state)
{
  (void)state;
  secanti_sum into[COUNT], from[COUNT];
  double got[COUNT];
  secanti_sums_clear(into, COUNT);
  secanti_sums_clear(from, COUNT);
  secanti_sums_add(from, (double[COUNT]){NAN, INFINITY, -INFINITY, INFINITY, 1}, COUNT);
  secanti_sums_add(from, (double[COUNT]){1, 1, 1, -INFINITY, 1}, COUNT);
  secanti_sums_merge(into, from, COUNT);
  secanti_sums_read(into, COUNT, got);
  assert_true(isnan(got[0]));
  assert_true(got[1] == INFINITY);
  assert_true(got[2] == -INFINITY);
  assert_true(isnan(got[3]));
  assert_true(got[4] == 2.0);
}

static void maximum_is_nan_if_either_argument_is(void **state)
{
  (void)state;
  assert_true(secanti_max(1.0, 2.0) == 2.0);
  assert_true(secanti_max(2.0, 1.0) == 2.0);
  assert_true(secanti_max(0.0, INFINITY) == INFINITY);
  assert_true(isnan(secanti_max(NAN, 1.0)));
  assert_true(isnan(secanti_max(1.0, NAN)));
  assert_true(isnan(secanti_max(INFINITY, NAN)));
  assert_true(isnan(secanti_max(NAN, INFINITY)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(merged_accumulators_hold_the_sum_of_all_rows),
      cmocka_unit_test(clear_sums_read_zero),
      cmocka_unit_test(nan_and_infinity_survive_adding_and_merging),
      cmocka_unit_test(maximum_is_nan_if_either_argument_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
