/* Binned sums against exact ones: how large their error is, and that no order of the terms shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/binned.h"
#include "support/exact_sum.h"
#include "support/random.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST = 400, SEEDS = 4000, WORDS = SECANTI_BINNED_WORDS };

/* ---- terms of many kinds ------------------------------------------------------------------------------------------- */

static int random_below(uint64_t *random, int bound)
{
  return (int)(random_next(random) % (uint64_t)bound);
}

/* In (-1, 1) times a power of two between the two. */
static double of_any_size(uint64_t *random, int lowest, int highest)
{
  return ldexp(random_symmetric(random), lowest + random_below(random, highest - lowest + 1));
}

/* k + 1/2 of a digit of some grid, or beside it by the last bit. */
static double tie(uint64_t *random)
{
  const int exponent = 32 * (random_below(random, SECANTI_BINNED_HIGHEST + 3) - 33);
  const int bits = 1 + random_below(random, 31);
  const double k = (double)(int64_t)(random_next(random) >> (64 - bits)) + 0.5;
  const double at = ldexp(random_next(random) % 2 ? k : -k, exponent);
  const int beside = random_below(random, 4);
  return beside == 0 ? nextafter(at, INFINITY) : beside == 1 ? nextafter(at, -INFINITY) : at;
}

typedef enum kind { PLAIN, MODERATE, WIDE, DENORMAL, TIES, LARGE, CANCELLING, GROWING, EQUAL, KINDS } kind;

static double term_of(kind which, int i, int count, const double *before, uint64_t *random)
{
  switch (which) {
  case MODERATE: return of_any_size(random, -60, 60);
  case WIDE: return of_any_size(random, -1074, 991);
  case DENORMAL: return of_any_size(random, -1074, -985);
  case TIES: return tie(random);
  case LARGE: return of_any_size(random, 900, 991);
  case CANCELLING: return i % 2 ? -before[i - 1] : of_any_size(random, -300, 300);
  case GROWING: return of_any_size(random, 0, 0) * ldexp(1.0, 900 * i / count - 200);
  case EQUAL: return i == 0 ? tie(random) : before[0];
  default: return random_symmetric(random);
  }
}

/* Terms of one kind, now and then with one of another or a zero in between. */
static int make_terms(uint64_t seed, double *terms)
{
  uint64_t random = seed;
  const kind which = (kind)(seed % KINDS);
  const int count = 1 + random_below(&random, seed % 3 == 0 ? 8 : MOST);
  for (int i = 0; i < count; i++) {
    const int odd = random_below(&random, 200);
    terms[i] = term_of(odd == 0 ? MODERATE : which, i, count, terms, &random);
    if (odd == 1) terms[i] = i % 2 ? 0.0 : -0.0;
  }
  return count;
}

static void shuffle(double *terms, int count, uint64_t *random)
{
  for (int i = count - 1; i > 0; i--) {
    const int j = random_below(random, i + 1);
    const double kept = terms[i];
    terms[i] = terms[j];
    terms[j] = kept;
  }
}

/* ---- sums of them -------------------------------------------------------------------------------------------------- */

static void add_all(double *sum, const double *terms, int count)
{
  memset(sum, 0, WORDS * sizeof *sum);
  for (int i = 0; i < count; i++) secanti_binned_add(sum, terms[i]);
}

static double value_of(const double *terms, int count)
{
  double sum[WORDS];
  add_all(sum, terms, count);
  return secanti_binned_value(sum);
}

/* The same terms in another order, joined as a random binary tree whose leaves hold one to three of them. */
static void add_as_tree(double *sum, const double *terms, int count, uint64_t *random)
{
  double mixed[MOST], part[MOST][WORDS];
  int parts = 0;
  memcpy(mixed, terms, (size_t)count * sizeof *terms);
  shuffle(mixed, count, random);
  for (int first = 0, length; first < count; first += length) {
    length = 1 + random_below(random, 3);
    if (length > count - first) length = count - first;
    add_all(part[parts++], mixed + first, length);
  }
  while (parts > 1) {
    const int from = random_below(random, parts), into = (from + 1 + random_below(random, parts - 1)) % parts;
    secanti_binned_merge(part[from], part[into]);
    memmove(part[from], part[--parts], WORDS * sizeof(double));
  }
  memcpy(sum, part[0], WORDS * sizeof *sum);
}

static void expect_equal_words(uint64_t seed, const char *how, const double *got, const double *want)
{
  for (int i = 0; i < WORDS; i++) {
    if (memcmp(&got[i], &want[i], sizeof *got) != 0) fail_msg("seed %" PRIu64 ", %s: word %d differs", seed, how, i);
  }
}

static void expect_bits(double got, double want)
{
  if (memcmp(&got, &want, sizeof got) != 0) fail_msg("%a, not %a", got, want);
}

/* ---- the reference itself ------------------------------------------------------------------------------------------- */

static void the_reference_knows_sums_in_closed_form(void **state)
{
  (void)state;
  exact_sum sum = {{0}};
  assert_true(exact_sum_value(&sum) == 0.0L);
  for (int i = -1074; i < 1024; i++) exact_sum_add(&sum, ldexp(1.0, i));
  exact_sum_add(&sum, 0x1p-1074);
  assert_true(exact_sum_value(&sum) == ldexpl(1.0L, 1024));
  for (int i = -1074; i < 1024; i++) exact_sum_add(&sum, ldexp(-1.0, i));
  assert_true(exact_sum_value(&sum) == 0x1p-1074L);
  exact_sum_add(&sum, -0x1p-1073);
  assert_true(exact_sum_value(&sum) == -0x1p-1074L);
  sum = (exact_sum){{0}};
  for (int i = 0; i < 1000; i++) exact_sum_add(&sum, DBL_MAX);
  for (int i = 0; i < 999; i++) exact_sum_add(&sum, -DBL_MAX);
  exact_sum_add(&sum, -0.75);
  exact_sum_add(&sum, -DBL_MAX);
  assert_true(exact_sum_value(&sum) == -0.75L);
}

/* ---- accuracy ------------------------------------------------------------------------------------------------------ */

/* What binned.h promises; both sides are compared in the reference's own rounding. */
static void the_error_is_below_the_promised_bound(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    double terms[MOST], largest = 0.0;
    const int count = make_terms(seed, terms);
    exact_sum exact = {{0}};
    for (int i = 0; i < count; i++) {
      exact_sum_add(&exact, terms[i]);
      largest = fmax(largest, fabs(terms[i]));
    }
    const long double wanted = exact_sum_value(&exact);
    const double got = value_of(terms, count);
    exact_sum_add(&exact, -got);
    const long double error = fabsl(exact_sum_value(&exact)), n = count;
    const long double bound =
        (n * 0x1p-64L + 0x1p-52L) * (long double)largest + 0x1p-52L * fabsl(wanted) + n * 0x1p-1057L;
    if (!(error <= bound)) fail_msg("seed %" PRIu64 ": error %Lg of %Lg, bound %Lg", seed, error, wanted, bound);
  }
}

/* The bound of sum.h: no more than the rounding of the result where nothing was dropped. */
static void a_sum_that_cancels_keeps_what_is_left(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    uint64_t random = seed;
    double terms[MOST], largest = 0.0;
    const int pairs = 1 + random_below(&random, MOST / 2 - 1), level = random_below(&random, 1600) - 800;
    for (int i = 0; i < 2 * pairs; i++) {
      terms[i] = i % 2 ? -terms[i - 1] : of_any_size(&random, level - 30, level);
      largest = fmax(largest, fabs(terms[i]));
    }
    terms[2 * pairs] = ldexp(random_symmetric(&random), level - 40);
    shuffle(terms, 2 * pairs + 1, &random);
    exact_sum exact = {{0}};
    for (int i = 0; i <= 2 * pairs; i++) exact_sum_add(&exact, terms[i]);
    const long double wanted = exact_sum_value(&exact), error = (long double)value_of(terms, 2 * pairs + 1) - wanted;
    const long double bound = (2 * pairs + 1) * 0x1p-64L * (long double)largest + 0x1p-51L * fabsl(wanted);
    if (!(fabsl(error) <= bound)) fail_msg("seed %" PRIu64 ": error %Lg of %Lg", seed, error, wanted);
  }
}

static void one_term_comes_back_as_it_was(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 20 * SEEDS; seed++) {
    uint64_t random = seed;
    const double term = seed % 2 ? tie(&random) : of_any_size(&random, -950, 991);
    if (fabs(term) < 0x1p-993) continue; /* below half a unit of the lowest grid digits are fewer */
    if (value_of(&term, 1) != term) fail_msg("seed %" PRIu64 ": %a became %a", seed, term, value_of(&term, 1));
  }
}

static void a_sum_of_opposite_terms_is_the_opposite(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    double terms[MOST];
    const int count = make_terms(seed, terms);
    const double value = value_of(terms, count);
    for (int i = 0; i < count; i++) terms[i] = -terms[i];
    if (value_of(terms, count) != -value) fail_msg("seed %" PRIu64 ": %a and %a", seed, value, value_of(terms, count));
  }
}

/* ---- order --------------------------------------------------------------------------------------------------------- */

static void no_order_of_the_terms_shows(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    uint64_t random = ~seed;
    double terms[MOST], mixed[MOST], want[WORDS], got[WORDS];
    const int count = make_terms(seed, terms);
    add_all(want, terms, count);
    memcpy(mixed, terms, sizeof mixed[0] * (size_t)count);
    for (int i = 0; i < 3; i++) {
      shuffle(mixed, count, &random);
      add_all(got, mixed, count);
      expect_equal_words(seed, "terms in another order", got, want);
      add_as_tree(got, terms, count, &random);
      expect_equal_words(seed, "merged as a tree", got, want);
    }
  }
}

static void an_empty_sum_adds_nothing(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 100; seed++) {
    double terms[MOST], want[WORDS], got[WORDS], empty[WORDS] = {0};
    add_all(want, terms, make_terms(seed, terms));
    memcpy(got, want, sizeof got);
    secanti_binned_merge(empty, got);
    expect_equal_words(seed, "with an empty sum", got, want);
    secanti_binned_merge(want, empty);
    expect_equal_words(seed, "into an empty sum", empty, want);
  }
}

/* Digits that were counted apart, up to the largest sums that may come together. */
static void counted_digits_add_exactly(void **state)
{
  (void)state;
  const int64_t digits[SECANTI_BINNED_DIGITS] = {(int64_t)1 << 53, -((int64_t)1 << 53), (int64_t)1 << 53};
  for (int index = 0; index <= SECANTI_BINNED_HIGHEST; index++) {
    double sum[WORDS] = {0};
    for (int i = 0; i < 512; i++) secanti_binned_add_digits(sum, index, digits);
    const double unit = secanti_binned_unit(index);
    const long double want = (1.0L - 0x1p-32L + 0x1p-64L) * 0x1p62L * (long double)unit;
    const long double error = (long double)secanti_binned_value(sum) - want;
    assert_true(fabsl(error) <= 0x1p-52L * want);
  }
}

/* ---- the ends of the range ------------------------------------------------------------------------------------------ */

static void zeros_of_either_sign_sum_to_positive_zero(void **state)
{
  (void)state;
  expect_bits(value_of((const double[]){0.0}, 1), 0.0);
  expect_bits(value_of((const double[]){-0.0}, 1), 0.0);
  expect_bits(value_of((const double[]){-0.0, -0.0, -0.0}, 3), 0.0);
  expect_bits(value_of((const double[]){-1.5, 1.5}, 2), 0.0);
  expect_bits(value_of((const double[]){-0x1p-1074}, 1), 0.0);
}

static void terms_count_as_infinite_from_2_to_the_991(void **state)
{
  (void)state;
  const double edge = 0x1p991, below = nextafter(edge, 0.0);
  double many[1000];
  for (int i = 0; i < 1000; i++) many[i] = below;
  expect_bits(value_of(&below, 1), below);
  expect_bits(value_of((const double[]){-below, -below}, 2), -2.0 * below);
  expect_bits(value_of((const double[]){below, 1.0, -below}, 3), 0.0);
  expect_bits(value_of((const double[]){0x1p950, below, -below}, 3), 0x1p950);
  expect_bits(value_of(many, 1000), 1000.0 * below);
  expect_bits(value_of(&edge, 1), INFINITY);
  expect_bits(value_of((const double[]){1.0, -edge, 2.0}, 3), -INFINITY);
  expect_bits(value_of((const double[]){DBL_MAX}, 1), INFINITY);
  expect_bits(value_of((const double[]){edge, -edge}, 2), (double)NAN);
}

static void the_grid_holds_every_term_below_and_no_lower_one_does(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 20 * SEEDS; seed++) {
    uint64_t random = seed;
    const double term = of_any_size(&random, -1074, 1023), size = fabs(term);
    const int index = secanti_binned_index(term);
    if ((index > SECANTI_BINNED_HIGHEST) != (size >= 0x1p991)) fail_msg("seed %" PRIu64 ": index %d", seed, index);
    if (index > SECANTI_BINNED_HIGHEST) continue;
    if (!(size < 0x1p31 * secanti_binned_unit(index))) fail_msg("seed %" PRIu64 ": %a above %d", seed, term, index);
    if (index > 0 && size < 0x1p31 * secanti_binned_unit(index - 1)) fail_msg("seed %" PRIu64 ": %a", seed, term);
  }
}

/* ---- what is not finite --------------------------------------------------------------------------------------------- */

static double nan_with(uint64_t payload)
{
  const uint64_t bits = UINT64_C(0x7ff8000000000000) | (payload << 63) | (payload & 0xffffffff);
  double nan;
  memcpy(&nan, &bits, sizeof nan);
  return nan;
}

/* What a plain sum would be, had all NaN one pattern. */
static double special_sum(const double *terms, int count)
{
  double sum = 0.0;
  for (int i = 0; i < count; i++) sum += isfinite(terms[i]) ? 0.0 : terms[i];
  return isnan(sum) ? (double)NAN : sum;
}

static void what_is_not_finite_propagates_in_any_order(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    uint64_t random = seed;
    double terms[MOST], sum[WORDS];
    const int count = make_terms(seed, terms);
    for (int specials = 1 + random_below(&random, 3); specials > 0; specials--) {
      const int what = random_below(&random, 4), i = random_below(&random, count);
      terms[i] = what == 0 ? nan_with(random_next(&random)) : what == 1 ? -(double)INFINITY : (double)INFINITY;
    }
    const double want = special_sum(terms, count);
    for (int i = 0; i < 3; i++) {
      add_as_tree(sum, terms, count, &random);
      const double got = secanti_binned_value(sum);
      if (memcmp(&got, &want, sizeof got) != 0) fail_msg("seed %" PRIu64 ": %a, not %a", seed, got, want);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_reference_knows_sums_in_closed_form),
      cmocka_unit_test(the_error_is_below_the_promised_bound),
      cmocka_unit_test(a_sum_that_cancels_keeps_what_is_left),
      cmocka_unit_test(one_term_comes_back_as_it_was),
      cmocka_unit_test(a_sum_of_opposite_terms_is_the_opposite),
      cmocka_unit_test(no_order_of_the_terms_shows),
      cmocka_unit_test(an_empty_sum_adds_nothing),
      cmocka_unit_test(counted_digits_add_exactly),
      cmocka_unit_test(zeros_of_either_sign_sum_to_positive_zero),
      cmocka_unit_test(terms_count_as_infinite_from_2_to_the_991),
      cmocka_unit_test(the_grid_holds_every_term_below_and_no_lower_one_does),
      cmocka_unit_test(what_is_not_finite_propagates_in_any_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
