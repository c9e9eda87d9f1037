/* Binned sums of the passes: the same bits on any number of threads and however tiles are shared out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/binned.h"
#include "support/random.h"
#include "support/shard.h"
#include "vector/tiles.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
  SLOTS = 3,
  MOST = 1493,
  PAIRS = 2,
  COLUMN = SECANTI_SUMS_FIXED + SECANTI_SUMS_PER_PAIR * PAIRS,
  SLOPE = COLUMN + 2 * PAIRS,
  DOT = SLOPE + 1,
  ALL_SUMS = DOT + 1
};

/* Every sum that passes form, one after the other; `words` doubles each. Also the maxima of pass B and of the slope. */
static void all_sums(const struct shard *shard, size_t words, double *sums, double *maxima)
{
  const int order[PAIRS] = {2, 1};
  secanti_products products = {
      .pairs = PAIRS, .order = order, .pending = 0, .step = 0.3, .sums = sums, .grad_inf = &maxima[0]};
  secanti_pass_products(shard->vectors, &products);
  secanti_pass_column(shard->vectors, PAIRS, order, 1, sums + COLUMN * words);
  secanti_pass_slope(shard->vectors, 0, sums + SLOPE * words, &maxima[1]);
  secanti_vectors_dot(shard->vectors, (secanti_vector){SECANTI_BASE, 0}, (secanti_vector){SECANTI_S, 1},
                      sums + DOT * words);
}

/* One parameter of so many elements, whose sizes differ widely. */
static struct shard scaled_shard(secant_dtype dtype, size_t n, int threads, bool weighted, bool binned, uint64_t seed)
{
  const shard_shape shape = {.dtype = dtype,
                             .tile = 8,
                             .slots = SLOTS,
                             .weighted = weighted,
                             .threads = threads,
                             .segments = 1,
                             .counts = {n},
                             .binned = binned};
  struct shard shard = shard_create(&shape, seed);
  uint64_t random = ~seed;
  for (size_t i = 0; i < n; i += 1 + random_next(&random) % 20) {
    const secanti_vector g = {SECANTI_G, 0};
    shard_set(&shard, g, i, random_symmetric(&random) * random_power_of_ten(&random, -15.0, 15.0));
  }
  return shard;
}

static const secanti_vector vectors[] = {{SECANTI_X, 0}, {SECANTI_G, 0}, {SECANTI_BASE, 0}, {SECANTI_WEIGHT, 0},
                                         {SECANTI_S, 0}, {SECANTI_Y, 0}, {SECANTI_S, 1},    {SECANTI_Y, 1},
                                         {SECANTI_S, 2}, {SECANTI_Y, 2}};

/* The elements from `first` on of another shard's vectors. */
static struct shard cut_out(const struct shard *whole, size_t first, size_t count)
{
  shard_shape shape = whole->shape;
  shape.counts[0] = count;
  struct shard part = shard_create(&shape, 0);
  for (size_t v = 0; v < sizeof vectors / sizeof *vectors; v++) {
    double buffer[MOST];
    if (vectors[v].kind == SECANTI_WEIGHT && !shape.weighted) continue;
    secanti_vectors_export(whole->vectors, vectors[v], 0, first, count, buffer);
    secanti_vectors_import(part.vectors, vectors[v], 0, 0, count, buffer);
  }
  return part;
}

static void expect_equal_sums(uint64_t seed, const char *what, const double *got, const double *want)
{
  for (int i = 0; i < ALL_SUMS * SECANTI_BINNED_WORDS; i++) {
    if (memcmp(&got[i], &want[i], sizeof *got) != 0) {
      fail_msg("seed %" PRIu64 ", %s: sum %d differs", seed, what, i / SECANTI_BINNED_WORDS);
    }
  }
}

static void expect_close_to_plain_sums(uint64_t seed, const struct shard *binned, const double *words)
{
  const shard_shape *shape = &binned->shape;
  struct shard plain = scaled_shard(shape->dtype, binned->n, 1, shape->weighted, false, seed);
  double sums[ALL_SUMS], maxima[2], largest = 0.0;
  all_sums(&plain, 1, sums, maxima);
  for (int i = 0; i < ALL_SUMS; i++) largest = fmax(largest, fabs(sums[i])); /* g.g, which bounds all terms */
  for (int i = 0; i < ALL_SUMS; i++) {
    const double value = secanti_binned_value(words + i * SECANTI_BINNED_WORDS);
    const double scale = i == SECANTI_SUM_SS || i == DOT ? (double)binned->n : largest;
    if (!(fabs(value - sums[i]) <= 450 * 0x1p-53 * scale)) {
      fail_msg("seed %" PRIu64 ", sum %d: %.17g, plain %.17g", seed, i, value, sums[i]);
    }
  }
  shard_destroy(&plain);
}

/* Tiles are shared out at random cuts; the parts' sums are merged from the last to the first. */
static void expect_equal_sums_of_parts(uint64_t seed, const struct shard *whole, const double *want,
                                       const double *want_maxima)
{
  uint64_t random = seed;
  double sums[ALL_SUMS * SECANTI_BINNED_WORDS] = {0}, part_sums[ALL_SUMS * SECANTI_BINNED_WORDS];
  double maxima[2] = {0.0, 0.0}, part_maxima[2];
  for (size_t end = whole->n, first; end > 0; end = first) {
    const size_t tiles = (end + 7) / 8;
    first = 8 * (random_next(&random) % tiles);
    struct shard part = cut_out(whole, first, end - first);
    all_sums(&part, SECANTI_BINNED_WORDS, part_sums, part_maxima);
    for (size_t i = 0; i < ALL_SUMS * SECANTI_BINNED_WORDS; i += SECANTI_BINNED_WORDS) {
      secanti_binned_merge(part_sums + i, sums + i);
    }
    for (int i = 0; i < 2; i++) maxima[i] = secanti_max(maxima[i], part_maxima[i]);
    shard_destroy(&part);
  }
  expect_equal_sums(seed, "cut", sums, want);
  assert_memory_equal(maxima, want_maxima, sizeof maxima);
}

static void binned_sums_do_not_depend_on_threads_or_on_how_tiles_are_shared_out(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 24; seed++) {
    const secant_dtype dtype = seed % 2 ? SECANT_F32 : SECANT_F64;
    const size_t n = MOST - 8 * (seed % 5); /* tiles enough for three threads, the last one incomplete */
    double want[ALL_SUMS * SECANTI_BINNED_WORDS], want_maxima[2];
    for (int threads = 1; threads <= 3; threads++) {
      struct shard shard = scaled_shard(dtype, n, threads, seed % 4 >= 2, true, seed);
      double got[ALL_SUMS * SECANTI_BINNED_WORDS], maxima[2];
      assert_int_equal(shard.vectors->shares, threads);
      assert_true(secanti_vectors_binned(shard.vectors));
      all_sums(&shard, SECANTI_BINNED_WORDS, threads == 1 ? want : got, threads == 1 ? want_maxima : maxima);
      if (threads > 1) expect_equal_sums(seed, "threads", got, want);
      if (threads == 1) expect_close_to_plain_sums(seed, &shard, want);
      expect_equal_sums_of_parts(seed + 100 * (uint64_t)threads, &shard, want, want_maxima);
      shard_destroy(&shard);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(binned_sums_do_not_depend_on_threads_or_on_how_tiles_are_shared_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
