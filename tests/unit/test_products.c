#include "engine/engine.h"
#include "optimizer/optimizer.h"
#include "support/continuation.h"
#include "support/faulty_comm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/ring.h"
#include <float.h>
#include <math.h>

static const shard_shape shapes[] = {
    {.dtype = SECANT_F64, .tile = 1024, .threads = 1, .slots = RING_SLOTS, .segments = 3, .counts = {7, 0, 3000}},
    {.dtype = SECANT_F32, .tile = 1024, .threads = 2, .slots = RING_SLOTS, .segments = 2, .counts = {1025, 9}},
    {.dtype = SECANT_F64, .tile = 8, .threads = 1, .slots = RING_SLOTS, .segments = 1, .counts = {5}},
};

/* sum a_i b_i w_i, and the sum of the absolute values of its terms. */
static long double weighted_dot(const double *a, const double *b, const double *w, size_t n, long double *size)
{
  long double sum = 0.0L;
  *size = 0.0L;
  for (size_t i = 0; i < n; i++) {
    const long double term = (long double)a[i] * b[i] * (w ? w[i] : 1.0);
    sum += term;
    *size += fabsl(term);
  }
  return sum;
}

static void expect_product(const char *what, int i, int j, double got, const double *a, const double *b,
                           const double *w, size_t n)
{
  long double size;
  const long double want = weighted_dot(a, b, w, n, &size);
  if (!(fabsl(got - want) <= 4.0L * DBL_EPSILON * size)) fail_msg("%s %d, %d: %a, not %La", what, i, j, got, want);
}

/* A history with the ring's pairs and random vectors. */
static secanti_history history_of(const struct ring *ring)
{
  secanti_history history;
  assert_int_equal(secanti_history_create(&history, RING_PAIRS), SECANT_OK);
  memcpy(history.order, ring->order, (size_t)ring->pairs * sizeof *history.order);
  history.pairs = ring->pairs;
  history.pending = ring->pending;
  return history;
}

static void compare_tables(const struct shard *shard, const secanti_history *history, bool weighted)
{
  double *s[RING_PAIRS], *y[RING_PAIRS], *w = weighted ? shard_read(shard, (secanti_vector){SECANTI_WEIGHT, 0}) : NULL;
  for (int i = 0; i < history->pairs; i++) {
    s[i] = shard_read(shard, slot_s(history->order[i]));
    y[i] = shard_read(shard, slot_y(history->order[i]));
  }
  assert_int_equal(history->gram.pairs, history->pairs);
  for (int j = 0; j < history->pairs; j++) {
    for (int i = 0; i < history->pairs; i++) {
      if (i <= j) expect_product("s.y", i, j, secanti_gram_sy(&history->gram, i, j), s[i], y[j], NULL, shard->n);
      expect_product("y.y", i, j, secanti_gram_yy(&history->gram, i, j), y[i], y[j], w, shard->n);
    }
  }
  for (int i = 0; i < history->pairs; i++) {
    free(s[i]);
    free(y[i]);
  }
  free(w);
}

static void check_products(bool weighted)
{
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
      const struct ring ring = ring_random(seed, (int)seed % (RING_PAIRS + 1));
      struct shard shard = shard_create(&shapes[k], seed);
      secanti_history history = history_of(&ring);
      secanti_reduction reduction;
      if (weighted) {
        assert_int_equal(secanti_vectors_add_weights(shard.vectors), SECANT_OK);
        for (size_t i = 0; i < shard.n; i++) {
          shard_set(&shard, (secanti_vector){SECANTI_WEIGHT, 0}, i, 0.5 + (double)(i % 8));
        }
      }
      assert_int_equal(secanti_reduction_create(&reduction, secanti_product_sums(RING_PAIRS), false), SECANT_OK);
      assert_int_equal(
          secanti_history_compute_products(&history, shard.vectors, secanti_comm_or_self(NULL), &reduction), SECANT_OK);
      compare_tables(&shard, &history, weighted);
      secanti_reduction_destroy(&reduction);
      secanti_history_destroy(&history);
      shard_destroy(&shard);
    }
  }
}

static void they_are_the_inner_products_of_the_pairs(void **state)
{
  (void)state;
  check_products(false);
}

static void weights_count_between_the_y(void **state)
{
  (void)state;
  check_products(true);
}

/* The run has formed its tables pair by pair, with pass B, while each y was that of the pending pair. */
static void they_are_those_of_the_run_to_the_bit(void **state)
{
  (void)state;
  for (int dtype = 0; dtype < 2; dtype++) {
    secant_options options = secant_options_default();
    options.history_size = 4;
    options.max_iter = 9;
    options.threads = 2;
    continuation *run = continuation_create(NULL, (secant_dtype)dtype, &options, 0.0);
    assert_int_equal(secant_step(run->optimizer, continuation_closure, run, NULL), SECANT_OK);
    secanti_engine *engine = &run->optimizer->engine;
    secanti_history own = engine->history, *history = &own;
    const size_t bytes = 16 * sizeof(double);
    double sy[16], yy[16];
    assert_int_equal(own.pairs, 4);
    memcpy(sy, own.gram.sy, bytes);
    memcpy(yy, own.gram.yy, bytes);
    memset(own.gram.sy, 0, bytes);
    memset(own.gram.yy, 0, bytes);
    assert_int_equal(secanti_history_compute_products(history, engine->vectors, engine->comm, &engine->reduction),
                     SECANT_OK);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        if (i <= j) assert_true(same_bits(own.gram.sy[4 * i + j], sy[4 * i + j]));
        assert_true(same_bits(own.gram.yy[4 * i + j], yy[4 * i + j]));
      }
    }
    continuation_destroy(run);
  }
}

static void failing_communication_is_reported(void **state)
{
  (void)state;
  const struct ring ring = ring_random(1, RING_PAIRS);
  for (int64_t fail_at = 1; fail_at <= RING_PAIRS + 1; fail_at++) {
    struct shard shard = shard_create(&shapes[2], 1);
    secanti_history history = history_of(&ring);
    secanti_reduction reduction;
    secant_comm *comm = faulty_comm_create(NULL, fail_at);
    assert_int_equal(secanti_reduction_create(&reduction, secanti_product_sums(RING_PAIRS), false), SECANT_OK);
    const secant_status status = secanti_history_compute_products(&history, shard.vectors, comm, &reduction);
    assert_int_equal(status, fail_at <= RING_PAIRS ? SECANT_ERR_COMM : SECANT_OK); /* one reduction a pair */
    secant_comm_destroy(comm);
    secanti_reduction_destroy(&reduction);
    secanti_history_destroy(&history);
    shard_destroy(&shard);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(they_are_the_inner_products_of_the_pairs),
      cmocka_unit_test(weights_count_between_the_y),
      cmocka_unit_test(they_are_those_of_the_run_to_the_bit),
      cmocka_unit_test(failing_communication_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
