/* Sums over tiles, plain and binned: rows of many columns, spread over the accumulators of several threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/binned.h"
#include "support/random.h"
#include "vector/sums.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 5, CAPACITY = 7, THREADS = 4, WORDS = COUNT * SECANTI_BINNED_WORDS };

/* As many accumulators as THREADS, all clear; their arrays begin as garbage. free() the storage. */
static double *make(secanti_sums *threads, bool binned)
{
  const size_t each = secanti_sums_storage(CAPACITY, binned);
  double *storage = malloc(THREADS * each * sizeof *storage);
  assert_non_null(storage);
  memset(storage, 0xff, THREADS * each * sizeof *storage);
  for (size_t t = 0; t < THREADS; t++) {
    threads[t] = secanti_sums_in(storage + t * each, CAPACITY, binned);
    secanti_sums_clear(&threads[t], COUNT);
  }
  return storage;
}

/* The first COUNT sums as numbers. */
static void read_values(secanti_sums *sums, double *values)
{
  double words[WORDS];
  secanti_sums_read(sums, COUNT, words);
  for (int i = 0; i < COUNT; i++) {
    values[i] = sums->binned ? secanti_binned_value(words + i * SECANTI_BINNED_WORDS) : words[i];
  }
}

/* Integers are added without rounding, so that the grouping into threads must not show. */
static void merged_accumulators_hold_the_sum_of_all_rows(void **state)
{
  (void)state;
  for (int binned = 0; binned <= 1; binned++) {
    secanti_sums threads[THREADS];
    double *storage = make(threads, binned), want[COUNT] = {0}, got[COUNT];
    uint64_t random = 1;
    for (int tile = 0; tile < 100; tile++) {
      double row[COUNT];
      for (int i = 0; i < COUNT; i++) want[i] += row[i] = (double)(random_next(&random) % 1000) - 500.0;
      secanti_sums_add(&threads[tile / 34], row, COUNT);
    }
    for (int t = 1; t < THREADS; t++) secanti_sums_merge(&threads[0], &threads[t], COUNT);
    read_values(&threads[0], got);
    for (int i = 0; i < COUNT; i++) assert_true(got[i] == want[i]);
    free(storage);
  }
}

static void clear_sums_read_zero(void **state)
{
  (void)state;
  for (int binned = 0; binned <= 1; binned++) {
    secanti_sums threads[THREADS];
    double *storage = make(threads, binned), got[COUNT];
    secanti_sums_add(&threads[0], (double[COUNT]){1, 0x1p900, 3, NAN, INFINITY}, COUNT);
    secanti_sums_clear(&threads[0], COUNT);
    read_values(&threads[0], got);
    for (int i = 0; i < COUNT; i++) assert_true(got[i] == 0.0);
    secanti_sums_add(&threads[0], (double[COUNT]){0x1p-800, 0x1p-800, 0x1p-800, 0x1p-800, 0x1p-800}, COUNT);
    read_values(&threads[0], got);
    for (int i = 0; i < COUNT; i++) assert_true(got[i] == 0x1p-800);
    free(storage);
  }
}

static void nan_and_infinity_survive_adding_and_merging(void **state)
{
  (void)state;
  for (int binned = 0; binned <= 1; binned++) {
    secanti_sums threads[THREADS];
    double *storage = make(threads, binned), got[COUNT];
    secanti_sums_add(&threads[1], (double[COUNT]){NAN, INFINITY, -INFINITY, INFINITY, 1}, COUNT);
    secanti_sums_add(&threads[1], (double[COUNT]){1, 1, 1, -INFINITY, 1}, COUNT);
    secanti_sums_merge(&threads[0], &threads[1], COUNT);
    read_values(&threads[0], got);
    assert_true(isnan(got[0]));
    assert_true(got[1] == INFINITY);
    assert_true(got[2] == -INFINITY);
    assert_true(isnan(got[3]));
    assert_true(got[4] == 2.0);
    free(storage);
  }
}

/* ---- binned -------------------------------------------------------------------------------------------------------- */

/* A term whose size has nothing to do with that of the term before; now and then one that no grid holds. */
static double wild_term(uint64_t *random, int lowest, int highest)
{
  const uint64_t odd = random_next(random) % 400;
  const int exponent = lowest + (int)(random_next(random) % (uint64_t)(highest - lowest + 1));
  const double term = ldexp(random_symmetric(random), exponent), halves = floor(term) + 0.5;
  if (odd == 0) return 0x1p991;
  if (odd == 1) return -0.0;
  if (odd % 4 == 2) return fabs(term) < 0x1p51 ? halves : term;
  return odd % 4 == 3 ? ldexp(1.0, exponent) : term; /* the first that the grid below does not hold, if 31 modulo 32 */
}

/*
 * Whichever thread gets a row, and in whichever order threads are merged or read half-way: the words are those of the
 * definition, which takes one term after the other.
 */
static void binned_rows_give_the_words_of_single_terms(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 500; seed++) {
    uint64_t random = seed;
    secanti_sums threads[THREADS];
    double *storage = make(threads, true), want[WORDS] = {0}, got[WORDS];
    const int rows = 1 + (int)(random_next(&random) % 100), reach = (int)(random_next(&random) % 900);
    for (int tile = 0; tile < rows; tile++) {
      double row[COUNT];
      for (int i = 0; i < COUNT; i++) {
        row[i] = wild_term(&random, -reach, i % 2 ? 40 : reach);
        secanti_binned_add(want + i * SECANTI_BINNED_WORDS, row[i]);
      }
      secanti_sums *thread = &threads[random_next(&random) % THREADS];
      secanti_sums_add(thread, row, COUNT);
      if (random_next(&random) % 50 == 0) secanti_sums_read(thread, COUNT, got);
    }
    const size_t into = random_next(&random) % THREADS;
    for (size_t t = 1; t < THREADS; t++) secanti_sums_merge(&threads[into], &threads[(into + t) % THREADS], COUNT);
    secanti_sums_read(&threads[into], COUNT, got);
    for (int i = 0; i < WORDS; i++) {
      if (memcmp(&got[i], &want[i], sizeof *got) != 0) fail_msg("seed %" PRIu64 ": word %d differs", seed, i);
    }
    free(storage);
  }
}

/* Every digit as large as it can be: a double would round their sums from 2^22 rows on. */
static void digits_are_counted_before_a_double_is_full(void **state)
{
  (void)state;
  const int64_t rows = ((int64_t)1 << 23) + 12345, most = ((int64_t)1 << 31) - 1;
  const double top = (double)most;
  secanti_sums threads[THREADS];
  double *storage = make(threads, true), words[WORDS];
  secanti_sums_add(&threads[0], (double[COUNT]){1, 1, 1, 1, 1}, COUNT); /* the unit is 1 from here on */
  for (int64_t i = 0; i < rows; i++) {
    double row[COUNT] = {top, -top, top * 0x1p-32, -top * 0x1p-32, top * 0x1p-64};
    secanti_sums_add(&threads[0], row, COUNT);
  }
  secanti_sums_read(&threads[0], COUNT, words);
  const int64_t sum = rows * most;
  const int64_t want[COUNT][SECANTI_BINNED_DIGITS] = {{1 + sum}, {1 - sum}, {1, sum}, {1, -sum}, {1, 0, sum}};
  for (int i = 0; i < COUNT; i++) assert_memory_equal(words + i * SECANTI_BINNED_WORDS + 1, want[i], sizeof want[i]);
  free(storage);
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
      cmocka_unit_test(binned_rows_give_the_words_of_single_terms),
      cmocka_unit_test(digits_are_counted_before_a_double_is_full),
      cmocka_unit_test(maximum_is_nan_if_either_argument_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
