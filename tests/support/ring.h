/* A history ring with random coefficients, for tests of the two passes. */
#ifndef SECANT_TESTS_RING_H
#define SECANT_TESTS_RING_H

#include "support/shard.h"

enum { RING_SLOTS = 6, RING_PAIRS = RING_SLOTS - 1 };

/* A ring of `pairs` slots, oldest first, that wraps for most seeds; the pending slot follows the newest. */
struct ring {
  int pairs;
  int order[RING_PAIRS];
  int pending;
  double cg, step;
  double cs[RING_PAIRS], cy[RING_PAIRS];
};

/* 0 <= pairs <= RING_PAIRS. */
struct ring ring_random(uint64_t seed, int pairs);

/* Pass B over the ring. `pending` is the ring's own or -1; sums [secanti_product_sums(pairs)], grad_inf [groups]. */
void ring_products(const struct shard *shard, const struct ring *ring, int pending, double *sums, double *grad_inf);

/* Pass A over the ring, which moves x, then pass B. */
void ring_run_passes(const struct shard *shard, const struct ring *ring, double *sums);

secanti_vector slot_s(int slot);
secanti_vector slot_y(int slot);
secanti_vector old_gradient(int slot);

/* Fails the running test at the first of n elements that differs. */
void expect_same_bits(const char *what, uint64_t seed, size_t n, const double *got, const double *want);

#endif
