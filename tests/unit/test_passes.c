#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/ring.h"
#include "support/shard.h"
#include "vector/tiles.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = RING_SLOTS, PAIRS = RING_PAIRS, SUMS = SECANTI_SUMS_FIXED + SECANTI_SUMS_PER_PAIR * PAIRS };

static const secanti_vector X = {SECANTI_X, 0}, G = {SECANTI_G, 0}, BASE = {SECANTI_BASE, 0};

#define EVERY_LENGTH .segments = 9, .counts = {0, 1, 7, 8, 9, 1023, 1024, 1025, 5000}

/* Lengths about the lanes and tiles; with tiles of 8, and in the long segment, there is work for three threads. */
static const shard_shape SHAPES[] = {
    {.tile = 1024, .threads = 1, EVERY_LENGTH},
    {.tile = 1024, .threads = 3, EVERY_LENGTH},
    {.tile = 8, .threads = 1, EVERY_LENGTH},
    {.tile = 8, .threads = 2, EVERY_LENGTH},
    {.tile = 8, .threads = 3, EVERY_LENGTH},
    {.tile = 8, .threads = 1, .segments = 1, .counts = {1}},
    {.tile = 8, .threads = 1, .segments = 1, .counts = {7}},
    {.tile = 8, .threads = 1, .segments = 1, .counts = {8}},
    {.tile = 8, .threads = 1, .segments = 1, .counts = {9}},
    {.tile = 1024, .threads = 1, .segments = 1, .counts = {1025}},
    {.tile = 1024, .threads = 1, .segments = 1, .counts = {5000}},
    {.tile = 1024, .threads = 2, .segments = 1, .counts = {140001}},
    {.tile = 8, .threads = 2, .segments = 2, .counts = {0, 0}},
    {.tile = 8, .threads = 2, .segments = 0},
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

/* The pairs of element types. */
enum { SINGLE, DOUBLE, NARROW, TYPES };

/* Every fourth seed has weights. */
static struct shard make(size_t index, int types, uint64_t seed)
{
  shard_shape shape = SHAPES[index];
  shape.dtype = types == SINGLE ? SECANT_F32 : SECANT_F64;
  shape.narrow = types == NARROW;
  shape.slots = SLOTS;
  shape.weighted = seed % 4 == 0;
  return shard_create(&shape, seed);
}

/* ---- pass A ---------------------------------------------------------------------------------------------------------- */

/* All that pass A writes, by the definition, one element after the other. */
typedef struct moved {
  double *s, *y; /* of the finished slot */
  double *d, *g, *base, *x;
  double inf;
} moved;

static moved reference_move(const struct shard *shard, const secanti_move *move)
{
  double *s[PAIRS], *y[PAIRS], *w = shard_weights(shard);
  moved want = {.d = shard_read(shard, G), .g = shard_read(shard, G), .base = shard_read(shard, X)};
  want.x = shard_read(shard, X);
  for (int i = 0; i < move->pairs; i++) {
    s[i] = shard_read(shard, slot_s(move->order[i]));
    y[i] = shard_read(shard, slot_y(move->order[i]));
    if (move->order[i] == move->finish) want.s = s[i], want.y = y[i];
  }
  double *g0 = shard_read(shard, old_gradient(move->finish < 0 ? 0 : move->finish));
  for (size_t j = 0; j < shard->n; j++) {
    if (want.s != NULL) {
      want.s[j] = shard_round_pair(shard, move->finish_step * want.s[j]);
      want.y[j] = shard_round_pair(shard, want.g[j] - g0[j]);
    }
    double d = move->cg * (w[j] * want.g[j]);
    for (int i = 0; i < move->pairs; i++) {
      d += move->cs[i] * s[i][j];
      d += move->cy[i] * (w[j] * y[i][j]);
    }
    want.d[j] = shard_round_pair(shard, d);
    if (move->move) want.x[j] = shard_round(shard, want.base[j] + move->step * want.d[j]);
    want.inf = fmax(want.inf, fabs(want.d[j]));
  }
  for (int i = 0; i < move->pairs; i++) {
    if (s[i] != want.s) free(s[i]), free(y[i]);
  }
  free(w), free(g0);
  return want;
}

static void check_vector(const struct shard *shard, secanti_vector vector, const char *what, uint64_t seed,
                         double *want)
{
  double *got = shard_read(shard, vector);
  expect_same_bits(what, seed, shard->n, got, want);
  free(got);
  free(want);
}

static void check_move(const struct shard *shard, uint64_t seed, const secanti_move *move)
{
  moved want = reference_move(shard, move);
  const double inf = secanti_pass_move(shard->vectors, move);
  expect_same_bits("|d|_inf", seed, 1, &inf, &want.inf);
  if (want.s != NULL) {
    check_vector(shard, slot_s(move->finish), "s", seed, want.s);
    check_vector(shard, slot_y(move->finish), "y", seed, want.y);
  }
  check_vector(shard, slot_s(move->into), "d", seed, want.d);
  check_vector(shard, old_gradient(move->into), "g0", seed, want.g);
  check_vector(shard, BASE, "base", seed, want.base);
  check_vector(shard, X, "x", seed, want.x);
}

static void pass_a_finishes_combines_and_moves_to_the_bit(void **state)
{
  (void)state;
  for (size_t index = 0; index < SHAPE_COUNT; index++)
    for (uint64_t seed = 1; seed <= 24; seed++) {
      struct shard shard = make(index, (int)(seed % TYPES), seed);
      const struct ring ring = ring_random(seed, (int)(seed % SLOTS));
      const secanti_move move = {
          .finish = ring.pairs > 0 && seed % 4 < 2 ? ring.order[ring.pairs - 1] : -1,
          .finish_step = seed % 3 ? 0.3 : 1.0,
          .pairs = ring.pairs,
          .order = ring.order,
          .cg = ring.cg,
          .cs = ring.cs,
          .cy = ring.cy,
          .into = ring.pending,
          .step = ring.step,
          .move = seed % 5 != 0,
      };
      check_move(&shard, seed, &move);
      shard_destroy(&shard);
    }
}

/* Pass B leaves y of narrow slots where pass A finds it; what has changed in between must not be overlooked. */
static void a_pair_is_finished_alike_with_and_without_what_pass_b_left(void **state)
{
  (void)state;
  for (int c = 0; c < 3 * TYPES; c++) {
    struct shard shard = make(0, c % TYPES, 5);
    const struct ring all = ring_random(5, 3), older = {.pairs = 2, .order = {all.order[0], all.order[1]}, .step = 0.3};
    const int newest = all.order[2], before = c / TYPES;
    double sums[SUMS], inf;
    if (before > 0) ring_products(&shard, &older, newest, sums, &inf);
    if (before > 1) secanti_vectors_scale(shard.vectors, 0.5, old_gradient(newest));
    const secanti_move move = {.finish = newest,
                               .finish_step = 0.3,
                               .pairs = 3,
                               .order = all.order,
                               .cg = all.cg,
                               .cs = all.cs,
                               .cy = all.cy,
                               .into = all.pending,
                               .step = 0.7,
                               .move = true};
    check_move(&shard, 5, &move);
    shard_destroy(&shard);
  }
}

/* ---- pass B ---------------------------------------------------------------------------------------------------------- */

/* A sum in extended precision, and the sum of the absolute values of its terms. */
typedef struct exact {
  long double value, size;
} exact;

static void add_product(exact *sum, double a, double b)
{
  const long double term = (long double)a * b;
  sum->value += term;
  sum->size += fabsl(term);
}

static void reference_products(const struct shard *shard, const struct ring *ring, exact *sums, double *inf)
{
  double *g = shard_read(shard, G), *d = shard_read(shard, slot_s(ring->pending)),
         *g0 = shard_read(shard, old_gradient(ring->pending)), *w = shard_weights(shard);
  double *s[PAIRS], *y[PAIRS];
  for (int i = 0; i < ring->pairs; i++) s[i] = shard_read(shard, slot_s(ring->order[i]));
  for (int i = 0; i < ring->pairs; i++) y[i] = shard_read(shard, slot_y(ring->order[i]));
  memset(sums, 0, SUMS * sizeof *sums);
  *inf = 0.0;
  for (size_t j = 0; j < shard->n; j++) {
    const double sj = shard_round_pair(shard, ring->step * d[j]), yj = shard_round_pair(shard, g[j] - g0[j]);
    *inf = fmax(*inf, fabs(g[j]));
    add_product(&sums[SECANTI_SUM_GG], g[j], g[j]);
    add_product(&sums[SECANTI_SUM_G1], fabs(g[j]), 1.0);
    add_product(&sums[SECANTI_SUM_GD], g[j], d[j]);
    add_product(&sums[SECANTI_SUM_G0D], g0[j], d[j]);
    add_product(&sums[SECANTI_SUM_SG], sj, g[j]);
    add_product(&sums[SECANTI_SUM_YG], yj, w[j] * g[j]);
    add_product(&sums[SECANTI_SUM_SY], sj, yj);
    add_product(&sums[SECANTI_SUM_YY], yj, yj);
    add_product(&sums[SECANTI_SUM_SS], sj, sj);
    add_product(&sums[SECANTI_SUM_GWG], g[j], w[j] * g[j]);
    add_product(&sums[SECANTI_SUM_YWY], yj, w[j] * yj);
    for (int i = 0; i < ring->pairs; i++) {
      exact *pair = sums + secanti_product_sums(i);
      add_product(&pair[SECANTI_PAIR_SG], s[i][j], g[j]);
      add_product(&pair[SECANTI_PAIR_YG], y[i][j], w[j] * g[j]);
      add_product(&pair[SECANTI_PAIR_SY], s[i][j], yj);
      add_product(&pair[SECANTI_PAIR_YY], y[i][j], w[j] * yj);
    }
  }
  for (int i = 0; i < ring->pairs; i++) free(s[i]), free(y[i]);
  free(g), free(d), free(g0), free(w);
}

/* Bound of the rounding error of a recursive sum: one unit for each addition that a term goes through. */
static double tolerance(const struct shard *shard)
{
  const double additions = (double)(shard->shape.tile / 8 + shard->n / shard->shape.tile) + 20.0;
  return additions * 0x1p-53;
}

static void pass_b_agrees_with_extended_precision(void **state)
{
  (void)state;
  for (size_t index = 0; index < SHAPE_COUNT; index++)
    for (uint64_t seed = 1; seed <= 12; seed++) {
      struct shard shard = make(index, (int)(seed % TYPES), seed);
      const struct ring ring = ring_random(seed, (int)(seed % SLOTS));
      exact want[SUMS];
      double sums[SUMS], inf, got_inf, slope, slope_inf;

      reference_products(&shard, &ring, want, &inf);
      ring_products(&shard, &ring, ring.pending, sums, &got_inf);
      secanti_pass_slope(shard.vectors, ring.pending, &slope, &slope_inf);

      for (int i = 0; i < secanti_product_sums(ring.pairs); i++)
        if (!(fabsl(sums[i] - want[i].value) <= tolerance(&shard) * want[i].size))
          fail_msg("shape %zu, seed %" PRIu64 ", sum %d: %a, not %La", index, seed, i, sums[i], want[i].value);
      expect_same_bits("|g|_inf", seed, 1, &got_inf, &inf);
      expect_same_bits("|g|_inf of the slope", seed, 1, &slope_inf, &inf);
      expect_same_bits("slope", seed, 1, &slope, &sums[SECANTI_SUM_GD]);
      shard_destroy(&shard);
    }
}

static void without_a_pending_slot_its_sums_are_zero(void **state)
{
  (void)state;
  struct shard shard = make(4, DOUBLE, 3);
  const struct ring ring = ring_random(3, PAIRS);
  double with[SUMS], without[SUMS], inf;
  shard_set(&shard, G, 17, INFINITY);
  ring_products(&shard, &ring, ring.pending, with, &inf);
  ring_products(&shard, &ring, -1, without, &inf);
  for (int i = 0; i < SUMS; i++) {
    const int in_pair = (i - SECANTI_SUMS_FIXED) % SECANTI_SUMS_PER_PAIR;
    const bool of_gradient = i < SECANTI_SUMS_FIXED ? i < SECANTI_SUM_GD || i == SECANTI_SUM_GWG
                                                    : in_pair == SECANTI_PAIR_SG || in_pair == SECANTI_PAIR_YG;
    assert_true(same_bits(without[i], of_gradient ? with[i] : 0.0));
  }
  shard_destroy(&shard);
}

/* ---- bits ------------------------------------------------------------------------------------------------------------ */

static void repeated_runs_agree_to_the_bit_and_thread_counts_to_rounding(void **state)
{
  (void)state;
  const struct ring ring = ring_random(5, PAIRS);
  double one[SUMS], three[SUMS], again[SUMS];
  struct shard single = make(2, DOUBLE, 5), triple = make(4, DOUBLE, 5);
  exact want[SUMS];
  double inf;
  ring_run_passes(&single, &ring, one);
  ring_run_passes(&triple, &ring, three);
  reference_products(&single, &ring, want, &inf);
  assert_int_equal(triple.vectors->shares, 3);
  for (int i = 0; i < SUMS; i++)
    assert_true(fabs(one[i] - three[i]) <= 2.0 * tolerance(&single) * (double)want[i].size);
  for (int repeat = 0; repeat < 20; repeat++) {
    ring_products(&triple, &ring, ring.pending, again, &inf);
    expect_same_bits("sum", 5, SUMS, again, three);
  }
  shard_destroy(&single);
  shard_destroy(&triple);
}

static void every_vector_width_gives_the_same_bits(void **state)
{
  (void)state;
  const struct ring ring = ring_random(7, PAIRS);
  for (size_t index = 0; index < SHAPE_COUNT; index++)
    for (int types = 0; types < TYPES; types++) {
      const secanti_passes *passes[3];
      const int count = shard_kernels(types == SINGLE ? SECANT_F32 : SECANT_F64, types == NARROW, passes);
      double sums[3][SUMS], *x[3];
      for (int i = 0; i < count; i++) {
        struct shard shard = make(index, types, 7 + index % 3);
        shard.vectors->passes = passes[i];
        shard.vectors->past_caches = i % 2;
        ring_run_passes(&shard, &ring, sums[i]);
        x[i] = shard_read(&shard, X);
        expect_same_bits("sum", index, SUMS, sums[i], sums[0]);
        expect_same_bits("x", index, shard.n, x[i], x[0]);
        shard_destroy(&shard);
      }
      for (int i = 0; i < count; i++) free(x[i]);
    }
}

/* ---- what is not finite ---------------------------------------------------------------------------------------------- */

static const shard_shape SMALL = {.tile = 8, .threads = 1, .slots = SLOTS, .segments = 5, .counts = {9, 1, 0, 16, 7}};

/* `got` must be NaN if `bad` is, and infinite or NaN if it is infinite. */
static void expect_spoilt(double got, double bad)
{
  assert_true(isnan(bad) ? isnan(got) : !isfinite(got));
}

static void a_bad_gradient_entry_reaches_every_result(void **state)
{
  (void)state;
  const double values[] = {NAN, INFINITY, -INFINITY};
  const struct ring ring = ring_random(11, 3);
  for (int c = 0; c < 3 * TYPES; c++) {
    const double bad = values[c / TYPES];
    shard_shape shape = SMALL;
    shape.dtype = c % TYPES == SINGLE ? SECANT_F32 : SECANT_F64;
    shape.narrow = c % TYPES == NARROW;
    for (size_t i = 0; i < 33; i++) {
      struct shard shard = shard_create(&shape, 11);
      double sums[SUMS], slope, inf, grad_inf;
      shard_set(&shard, G, i, bad);
      ring_products(&shard, &ring, ring.pending, sums, &grad_inf);
      for (int k = 0; k < secanti_product_sums(ring.pairs); k++)
        if (k != SECANTI_SUM_G0D && k != SECANTI_SUM_SS) expect_spoilt(sums[k], bad);
      assert_true(same_bits(grad_inf, fabs(bad)));
      assert_true(same_bits(sums[SECANTI_SUM_G1], fabs(bad)));
      secanti_pass_slope(shard.vectors, ring.pending, &slope, &inf);
      expect_spoilt(slope, bad);
      assert_true(same_bits(inf, fabs(bad)));
      assert_true(same_bits(secanti_vectors_inf(shard.vectors, G), fabs(bad)));
      const secanti_move move = {.finish = -1, .cg = -1.0, .into = 0, .step = 1.0, .move = true};
      assert_true(same_bits(secanti_pass_move(shard.vectors, &move), fabs(bad)));
      shard_destroy(&shard);
    }
  }
}

/* A direction that is not finite must leave no trace in the padding once its slot is overwritten. */
static void padding_stays_zero_whatever_is_written(void **state)
{
  (void)state;
  for (int c = 0; c < 2 * TYPES; c++) {
    shard_shape shape = SMALL;
    shape.dtype = c % TYPES == SINGLE ? SECANT_F32 : SECANT_F64;
    shape.narrow = c % TYPES == NARROW;
    shape.weighted = c / TYPES;
    struct shard shard = shard_create(&shape, 13);
    const struct ring ring = ring_random(13, PAIRS);
    double before[SUMS], after[SUMS], inf;
    double *d = shard_read(&shard, slot_s(ring.pending)), *g0 = shard_read(&shard, old_gradient(ring.pending));
    ring_products(&shard, &ring, ring.pending, before, &inf);

    const double nan[PAIRS] = {NAN, NAN, NAN, NAN, NAN};
    const secanti_move spoil = {
        .finish = -1, .pairs = PAIRS, .order = ring.order, .cg = NAN, .cs = nan, .cy = nan, .into = ring.pending};
    assert_true(isnan(secanti_pass_move(shard.vectors, &spoil)));
    secanti_vectors_finish_pair(shard.vectors, ring.pending, NAN);
    secanti_vectors_scale(shard.vectors, NAN, slot_s(ring.pending));
    secanti_vectors_add(shard.vectors, NAN, G, old_gradient(ring.pending));
    for (size_t i = 0; i < shard.n; i++) {
      shard_set(&shard, slot_s(ring.pending), i, d[i]);
      shard_set(&shard, old_gradient(ring.pending), i, g0[i]);
    }

    ring_products(&shard, &ring, ring.pending, after, &inf);
    expect_same_bits("sum", 13, SUMS, after, before);
    free(d), free(g0);
    shard_destroy(&shard);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pass_a_finishes_combines_and_moves_to_the_bit),
      cmocka_unit_test(a_pair_is_finished_alike_with_and_without_what_pass_b_left),
      cmocka_unit_test(pass_b_agrees_with_extended_precision),
      cmocka_unit_test(without_a_pending_slot_its_sums_are_zero),
      cmocka_unit_test(repeated_runs_agree_to_the_bit_and_thread_counts_to_rounding),
      cmocka_unit_test(every_vector_width_gives_the_same_bits),
      cmocka_unit_test(a_bad_gradient_entry_reaches_every_result),
      cmocka_unit_test(padding_stays_zero_whatever_is_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
