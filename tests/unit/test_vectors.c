#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/shard.h"
#include "vector/tiles.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 3, SINGLE = 5, KINDS = SINGLE + 2 * SLOTS };

static const shard_shape SHAPES[] = {
    {.tile = 8,
     .slots = SLOTS,
     .kept = true,
     .weighted = true,
     .threads = 3,
     .segments = 5,
     .counts = {9, 0, 1, 1500, 7}},
    {.tile = 1024,
     .slots = SLOTS,
     .kept = true,
     .weighted = true,
     .threads = 3,
     .segments = 4,
     .counts = {1023, 1025, 0, 5000}},
    {.tile = 8, .slots = SLOTS, .kept = true, .weighted = true, .threads = 3, .segments = 1, .counts = {0}},
    {.tile = 8, .slots = SLOTS, .kept = true, .weighted = true, .threads = 3, .segments = 0},
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

/* f64, f32, and f64 with slots in f32. */
enum { TYPES = 3 };

static shard_shape shape_of(int shape_and_type)
{
  shard_shape shape = SHAPES[shape_and_type / TYPES];
  shape.dtype = shape_and_type % TYPES == 1 ? SECANT_F32 : SECANT_F64;
  shape.narrow = shape_and_type % TYPES == 2;
  return shape;
}

static struct shard make(int shape_and_type, uint64_t seed)
{
  const shard_shape shape = shape_of(shape_and_type);
  return shard_create(&shape, seed);
}

/* x as `vector` stores it. */
static double rounded(const struct shard *shard, secanti_vector vector, double x)
{
  const bool in_history = vector.kind == SECANTI_S || vector.kind == SECANTI_Y;
  return in_history ? shard_round_pair(shard, x) : shard_round(shard, x);
}

/* Every vector of a shard, by number. */
static secanti_vector vector_number(int i)
{
  static const secanti_vector_kind single[SINGLE] = {SECANTI_X, SECANTI_G, SECANTI_BASE, SECANTI_KEPT, SECANTI_WEIGHT};
  if (i < SINGLE) return (secanti_vector){single[i], 0};
  return (secanti_vector){(i - SINGLE) % 2 ? SECANTI_Y : SECANTI_S, (i - SINGLE) / 2};
}

static void expect_vector(const struct shard *shard, secanti_vector vector, const double *want)
{
  double *got = shard_read(shard, vector);
  for (size_t i = 0; i < shard->n; i++)
    if (!same_bits(got[i], want[i])) fail_msg("element %zu: %a, not %a", i, got[i], want[i]);
  free(got);
}

static void tile_size_is_1024_unless_the_problem_is_small(void **state)
{
  (void)state;
  assert_int_equal(secanti_tile_size(INT64_MAX / 2), 1024);
  assert_int_equal(secanti_tile_size(16384), 1024);
  assert_int_equal(secanti_tile_size(16383), 512);
  assert_int_equal(secanti_tile_size(256), 16);
  assert_int_equal(secanti_tile_size(255), 8);
  assert_int_equal(secanti_tile_size(0), 8);
}

static void memory_is_two_vectors_a_slot_and_one(void **state)
{
  (void)state;
  const secanti_vectors_shape wide = {.dtype = SECANT_F64, .slots = 11};
  const secanti_vectors_shape single = {.dtype = SECANT_F32, .slots = 11, .kept = true};
  const secanti_vectors_shape narrow = {.dtype = SECANT_F64, .slots = 11, .narrow = true};
  assert_int_equal(secanti_vectors_bytes(1000, &wide), 23 * 8000);
  assert_int_equal(secanti_vectors_bytes(1000, &single), 24 * 4000);
  assert_int_equal(secanti_vectors_bytes(1000, &narrow), 22 * 4000 + 2 * 8000);
  assert_int_equal(secanti_vectors_bytes(0, &single), 0);
}

static void the_old_gradient_of_narrow_slots_is_one_vector_in_full_precision(void **state)
{
  (void)state;
  const shard_shape shape = {.narrow = true, .tile = 8, .slots = SLOTS, .threads = 1, .segments = 1, .counts = {21}};
  struct shard shard = shard_create(&shape, 7);
  for (size_t i = 0; i < shard.n; i++) shard_set(&shard, (secanti_vector){SECANTI_G0, 0}, i, 1.0 / (double)(i + 3));
  double *got = shard_read(&shard, (secanti_vector){SECANTI_G0, 2});
  for (size_t i = 0; i < shard.n; i++) assert_true(got[i] == 1.0 / (double)(i + 3));
  free(got);
  assert_int_equal(secanti_vectors_dtype(shard.vectors, SECANTI_G0), SECANT_F64);
  assert_int_equal(secanti_vectors_dtype(shard.vectors, SECANTI_S), SECANT_F32);
  shard_destroy(&shard);
}

static void no_thread_goes_without_a_tile(void **state)
{
  (void)state;
  const size_t counts[] = {0, 8, 9, 5 * 8};
  const int threads[] = {4, 4, 4, 4}, want[] = {1, 1, 2, 4};
  for (int i = 0; i < 4; i++) {
    const shard_shape shape = {.tile = 8, .threads = threads[i], .slots = 1, .segments = 1, .counts = {counts[i]}};
    struct shard shard = shard_create(&shape, 1);
    assert_int_equal(shard.vectors->shares, want[i]);
    shard_destroy(&shard);
  }
}

static void fresh_history_is_zero(void **state)
{
  (void)state;
  double values[100], gradient[100], out[100];
  const secanti_segment segment = {.values = values, .gradient = gradient, .count = 100};
  const secanti_vectors_shape shape = {SECANT_F64, &segment, 1, 8, SLOTS, .kept = true, .threads = 2};
  secanti_vectors *vectors;
  assert_int_equal(secanti_vectors_create(&vectors, &shape), SECANT_OK);
  for (int v = 2; v < KINDS; v++) {
    if (vector_number(v).kind == SECANTI_WEIGHT) continue; /* there are none */
    if (vector_number(v).kind == SECANTI_KEPT) continue;   /* not touched before it is needed */
    memset(out, 0xff, sizeof out);
    secanti_vectors_export(vectors, vector_number(v), 0, 0, 100, out);
    for (int i = 0; i < 100; i++) assert_true(out[i] == 0.0);
  }
  secanti_vectors_destroy(vectors);
}

static void every_vector_has_memory_of_its_own(void **state)
{
  (void)state;
  for (int c = 0; c < TYPES * SHAPE_COUNT; c++) {
    struct shard shard = make(c, 1);
    for (int v = 0; v < KINDS; v++)
      for (size_t i = 0; i < shard.n; i++) shard_set(&shard, vector_number(v), i, (double)(v + 16 * (int)i));
    if (shard.shape.narrow) secanti_vectors_scale(shard.vectors, 0.0, (secanti_vector){SECANTI_G0, 1});
    for (int v = 0; v < KINDS; v++) {
      double *got = shard_read(&shard, vector_number(v));
      for (size_t i = 0; i < shard.n; i++) assert_true(got[i] == (double)(v + 16 * (int)i));
      free(got);
    }
    shard_destroy(&shard);
  }
}

static void weights_are_one_at_first_and_can_be_dropped(void **state)
{
  (void)state;
  for (int c = 0; c < TYPES * SHAPE_COUNT; c++) {
    shard_shape shape = shape_of(c);
    shape.weighted = false;
    struct shard shard = shard_create(&shape, 1);
    const secanti_vector weight = {SECANTI_WEIGHT, 0};
    for (int round = 0; round < 2; round++) {
      assert_false(secanti_vectors_weighted(shard.vectors));
      assert_int_equal(secanti_vectors_add_weights(shard.vectors), SECANT_OK);
      assert_true(secanti_vectors_weighted(shard.vectors));
      double *got = shard_read(&shard, weight);
      for (size_t i = 0; i < shard.n; i++) assert_true(got[i] == 1.0);
      free(got);
      secanti_vectors_scale(shard.vectors, 3.0, weight);
      assert_int_equal(secanti_vectors_add_weights(shard.vectors), SECANT_OK); /* the old ones stay */
      assert_true(shard.n == 0 || secanti_vectors_inf(shard.vectors, weight) == 3.0);
      secanti_vectors_drop_weights(shard.vectors);
    }
    shard_destroy(&shard);
  }
}

static void storage_that_cannot_be_had_is_an_error(void **state)
{
  (void)state;
  const secanti_segment segment = {.count = (size_t)1 << 30}; /* 2^30 times 2^32 vectors of 8 bytes overflow */
  const secanti_vectors_shape shape = {SECANT_F64, &segment, 1, 1024, INT_MAX, .kept = false, .threads = 1};
  secanti_vectors *vectors;
  assert_int_equal(secanti_vectors_create(&vectors, &shape), SECANT_ERR_MEMORY);
  assert_null(vectors);
  secanti_vectors_destroy(vectors);
}

static void imported_values_are_exported_again(void **state)
{
  (void)state;
  double in[700], out[700];
  const shard_shape shape = {
      .tile = 8, .slots = SLOTS, .kept = true, .weighted = true, .threads = 1, .segments = 2, .counts = {5, 700}};
  struct shard shard = shard_create(&shape, 2);
  for (int i = 0; i < 700; i++) in[i] = i;
  for (int v = 0; v < KINDS; v++)
    for (size_t first = 0; first < 20; first += 3)
      for (size_t count = 0; first + count <= 700; count += 97) {
        double *want = shard_read(&shard, vector_number(v));
        memcpy(want + 5 + first, in, count * sizeof *in);
        secanti_vectors_import(shard.vectors, vector_number(v), 1, first, count, in);
        secanti_vectors_export(shard.vectors, vector_number(v), 1, first, count, out);
        assert_memory_equal(out, in, count * sizeof *in);
        expect_vector(&shard, vector_number(v), want);
        free(want);
      }
  shard_destroy(&shard);
}

/* ---- single vectors, for every pair of kinds ------------------------------------------------------------------------- */

static void copy_scale_multiply_and_add_work_between_all_kinds(void **state)
{
  (void)state;
  for (int c = 0; c < TYPES * SHAPE_COUNT; c++) {
    struct shard shard = make(c, 3);
    for (int i = 0; i < KINDS * KINDS; i++) {
      const secanti_vector from = vector_number(i / KINDS), to = vector_number(i % KINDS);
      double *a = shard_read(&shard, from), *b = shard_read(&shard, to);
      for (size_t j = 0; j < shard.n; j++) b[j] = rounded(&shard, to, b[j] + 0.3 * a[j]);
      secanti_vectors_add(shard.vectors, 0.3, from, to);
      expect_vector(&shard, to, b);
      for (size_t j = 0; j < shard.n; j++) b[j] = rounded(&shard, to, 0.7 * b[j]);
      secanti_vectors_scale(shard.vectors, 0.7, to);
      expect_vector(&shard, to, b);
      free(a);
      a = shard_read(&shard, from);
      for (size_t j = 0; j < shard.n; j++) b[j] = rounded(&shard, to, a[j] * b[j]);
      secanti_vectors_multiply(shard.vectors, from, to);
      expect_vector(&shard, to, b);
      free(a);
      a = shard_read(&shard, from);
      secanti_vectors_copy(shard.vectors, from, to);
      for (size_t j = 0; j < shard.n; j++) b[j] = rounded(&shard, to, a[j]);
      expect_vector(&shard, to, b);
      if (to.kind != from.kind || to.slot != from.slot) expect_vector(&shard, from, a);
      free(a), free(b);
      shard_destroy(&shard);
      shard = make(c, 3);
    }
    shard_destroy(&shard);
  }
}

/* The dot product of a shard whose sums are plain. */
static double dot_of(const struct shard *shard, secanti_vector a, secanti_vector b)
{
  double sum;
  secanti_vectors_dot(shard->vectors, a, b, &sum);
  return sum;
}

static void dot_and_maximum_agree_with_extended_precision(void **state)
{
  (void)state;
  for (int c = 0; c < TYPES * SHAPE_COUNT; c++) {
    struct shard shard = make(c, 4);
    for (int i = 0; i < KINDS * KINDS; i++) {
      const secanti_vector va = vector_number(i / KINDS), vb = vector_number(i % KINDS);
      double *a = shard_read(&shard, va), *b = shard_read(&shard, vb), inf = 0.0;
      long double dot = 0.0, size = 0.0;
      for (size_t j = 0; j < shard.n; j++) {
        dot += (long double)a[j] * b[j];
        size += fabsl((long double)a[j] * b[j]);
        inf = fmax(inf, fabs(a[j]));
      }
      /* a term goes through at most 128 + 3 additions in its tile and fewer than 300 over tiles and threads */
      assert_true(fabsl(dot_of(&shard, va, vb) - dot) <= 450 * 0x1p-53L * size);
      assert_true(secanti_vectors_inf(shard.vectors, va) == inf);
      free(a), free(b);
    }
    shard_destroy(&shard);
  }
}

/* The textbook recursion and pass B must see the same s.y. */
static void dot_gives_the_bits_of_pass_b(void **state)
{
  (void)state;
  for (int c = 0; c < TYPES * SHAPE_COUNT; c++) {
    struct shard shard = make(c, 5);
    const int order[] = {2};
    double sums[SECANTI_SUMS_FIXED + SECANTI_SUMS_PER_PAIR], inf;
    secanti_products products = {.pairs = 1, .order = order, .pending = 0, .step = 0.3, .sums = sums, .grad_inf = &inf};
    const secanti_vector s = {SECANTI_S, 0}, y = {SECANTI_Y, 0}, g = {SECANTI_G, 0}, s2 = {SECANTI_S, 2};
    secanti_pass_products(shard.vectors, &products);
    secanti_vectors_finish_pair(shard.vectors, 0, 0.3);
    assert_true(same_bits(dot_of(&shard, s, y), sums[SECANTI_SUM_SY]));
    assert_true(same_bits(dot_of(&shard, y, y), sums[SECANTI_SUM_YY]));
    assert_true(same_bits(dot_of(&shard, g, g), sums[SECANTI_SUM_GG]));
    assert_true(same_bits(dot_of(&shard, s2, y), sums[SECANTI_SUMS_FIXED + SECANTI_PAIR_SY]));
    shard_destroy(&shard);
  }
}

static void moving_alone_gives_the_bits_of_pass_a(void **state)
{
  (void)state;
  for (int c = 0; c < TYPES * SHAPE_COUNT; c++) {
    struct shard fused = make(c, 6), apart = make(c, 6);
    const int order[] = {2, 0};
    const double cs[] = {0.3, -0.7}, cy[] = {1.1, 0.9};
    secanti_move move = {.finish = 0, .finish_step = 0.37, .pairs = 2, .order = order, .cg = -0.9, .cs = cs, .cy = cy};
    move.into = 1;
    move.step = 0.123;
    move.move = true;
    const double inf = secanti_pass_move(fused.vectors, &move);

    secanti_vectors_finish_pair(apart.vectors, 0, 0.37);
    move.finish = -1;
    move.move = false;
    assert_true(same_bits(secanti_pass_move(apart.vectors, &move), inf));
    secanti_vectors_move_to(apart.vectors, 1, 0.123);

    for (int v = 0; v < KINDS; v++) {
      double *want = shard_read(&fused, vector_number(v));
      expect_vector(&apart, vector_number(v), want);
      free(want);
    }
    shard_destroy(&fused);
    shard_destroy(&apart);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tile_size_is_1024_unless_the_problem_is_small),
      cmocka_unit_test(memory_is_two_vectors_a_slot_and_one),
      cmocka_unit_test(the_old_gradient_of_narrow_slots_is_one_vector_in_full_precision),
      cmocka_unit_test(no_thread_goes_without_a_tile),
      cmocka_unit_test(fresh_history_is_zero),
      cmocka_unit_test(every_vector_has_memory_of_its_own),
      cmocka_unit_test(weights_are_one_at_first_and_can_be_dropped),
      cmocka_unit_test(storage_that_cannot_be_had_is_an_error),
      cmocka_unit_test(imported_values_are_exported_again),
      cmocka_unit_test(copy_scale_multiply_and_add_work_between_all_kinds),
      cmocka_unit_test(dot_and_maximum_agree_with_extended_precision),
      cmocka_unit_test(dot_gives_the_bits_of_pass_b),
      cmocka_unit_test(moving_alone_gives_the_bits_of_pass_a),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
