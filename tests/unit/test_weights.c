/* Weights, columns and groups: what the two passes do beyond the plain case, against the plain case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/ring.h"
#include "support/shard.h"
#include "vector/vectors.h"

#include <math.h>
#include <stdlib.h>

enum { SLOTS = RING_SLOTS, PAIRS = RING_PAIRS, SUMS = SECANTI_SUMS_FIXED + SECANTI_SUMS_PER_PAIR * PAIRS };

static const secanti_vector X = {SECANTI_X, 0}, G = {SECANTI_G, 0};

#define EVERY_LENGTH .segments = 9, .counts = {0, 1, 7, 8, 9, 1023, 1024, 1025, 5000}

static const shard_shape SHAPES[] = {
    {.tile = 1024, .threads = 1, EVERY_LENGTH},
    {.tile = 8, .threads = 3, EVERY_LENGTH},
    {.tile = 8, .threads = 1, .segments = 1, .counts = {9}},
    {.tile = 8, .threads = 2, .segments = 2, .counts = {0, 0}},
    {.tile = 8, .threads = 2, .segments = 0},
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

static struct shard make(size_t index, secant_dtype dtype, uint64_t seed, bool weighted)
{
  shard_shape shape = SHAPES[index];
  shape.dtype = dtype;
  shape.slots = SLOTS;
  shape.weighted = weighted;
  return shard_create(&shape, seed);
}

static void expect_vector(const struct shard *got, const struct shard *want, secanti_vector vector, uint64_t seed)
{
  double *a = shard_read(got, vector), *b = shard_read(want, vector);
  expect_same_bits("element", seed, want->n, a, b);
  free(a), free(b);
}

static void weights_of_one_change_no_bit(void **state)
{
  (void)state;
  for (size_t index = 0; index < SHAPE_COUNT; index++)
    for (uint64_t seed = 1; seed <= 4; seed++) {
      const secant_dtype dtype = seed % 2 ? SECANT_F64 : SECANT_F32;
      const struct ring ring = ring_random(seed, (int)(seed + 1));
      struct shard plain = make(index, dtype, seed, false), weighted = make(index, dtype, seed, false);
      double want[SUMS], got[SUMS];
      assert_int_equal(secanti_vectors_add_weights(weighted.vectors), SECANT_OK);
      ring_run_passes(&plain, &ring, want);
      ring_run_passes(&weighted, &ring, got);
      expect_same_bits("sum", seed, (size_t)secanti_product_sums(ring.pairs), got, want);
      expect_vector(&weighted, &plain, slot_s(ring.pending), seed);
      expect_vector(&weighted, &plain, X, seed);
      shard_destroy(&plain);
      shard_destroy(&weighted);
    }
}

/* The tables of a history can be made again from its vectors, and nobody can tell. */
static void a_column_has_the_bits_of_pass_b(void **state)
{
  (void)state;
  for (size_t index = 0; index < SHAPE_COUNT; index++)
    for (uint64_t seed = 1; seed <= 8; seed++) {
      const secant_dtype dtype = seed % 2 ? SECANT_F64 : SECANT_F32;
      struct shard shard = make(index, dtype, seed, seed % 4 < 2);
      const struct ring ring = ring_random(seed, (int)(seed % SLOTS));
      double sums[SUMS], column[2 * SLOTS], inf;
      int order[SLOTS];
      for (int i = 0; i < ring.pairs; i++) order[i] = ring.order[i];
      order[ring.pairs] = ring.pending;
      ring_products(&shard, &ring, ring.pending, sums, &inf);
      secanti_vectors_finish_pair(shard.vectors, ring.pending, ring.step);
      secanti_pass_column(shard.vectors, ring.pairs + 1, order, ring.pending, column);
      for (int i = 0; i < ring.pairs; i++) {
        const double *pair = sums + secanti_product_sums(i);
        expect_same_bits("s.y", seed, 1, &column[2 * i], &pair[SECANTI_PAIR_SY]);
        expect_same_bits("y.wy", seed, 1, &column[2 * i + 1], &pair[SECANTI_PAIR_YY]);
      }
      expect_same_bits("s.y", seed, 1, &column[2 * ring.pairs], &sums[SECANTI_SUM_SY]);
      expect_same_bits("y.wy", seed, 1, &column[2 * ring.pairs + 1], &sums[SECANTI_SUM_YWY]);
      shard_destroy(&shard);
    }
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

static void every_group_has_the_maximum_of_its_own_segments(void **state)
{
  (void)state;
  enum { GROUPS = 4 };
  const struct ring ring = ring_random(3, 2);
  for (int c = 0; c < 4; c++)
    for (int spoilt = -1; spoilt < GROUPS; spoilt++) {
      shard_shape shape = {.tile = 8, .threads = 1 + c, .slots = SLOTS, .groups = GROUPS, EVERY_LENGTH};
      shape.dtype = c % 2 ? SECANT_F32 : SECANT_F64;
      struct shard shard = shard_create(&shape, (uint64_t)c + 1);
      double sums[SUMS], got[GROUPS], want[GROUPS] = {0.0, 0.0, 0.0, 0.0};
      for (size_t i = 0, at = 0; i < shape.segments; at += shape.counts[i++])
        if (shape.counts[i] > 0 && (int)i % GROUPS == spoilt) shard_set(&shard, G, at + shape.counts[i] / 2, NAN);
      double *g = shard_read(&shard, G);
      for (size_t i = 0, at = 0; i < shape.segments; i++)
        for (size_t j = 0; j < shape.counts[i]; j++, at++)
          want[i % GROUPS] = isnan(g[at]) ? NAN : fmax(want[i % GROUPS], fabs(g[at]));
      if (spoilt >= 0) want[spoilt] = NAN;
      ring_products(&shard, &ring, ring.pending, sums, got);
      expect_same_bits("|g|_inf of a group", (uint64_t)c, GROUPS, got, want);
      free(g);
      shard_destroy(&shard);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_of_one_change_no_bit),
      cmocka_unit_test(a_column_has_the_bits_of_pass_b),
      cmocka_unit_test(every_group_has_the_maximum_of_its_own_segments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
