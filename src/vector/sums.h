/*
 * Sums over tiles. Every tile delivers a row of values; each thread adds its rows to accumulators of its own, and the
 * accumulators are merged in the order of the threads. What an accumulator is made of is known to sums.c alone.
 *
 * NaN and Inf propagate through all of it.
 */
#ifndef SECANT_SUMS_H
#define SECANT_SUMS_H

#include <stddef.h>

/* One running sum. */
typedef struct secanti_sum {
  double value;
} secanti_sum;

/* Sets sums [count] to zero. */
void secanti_sums_clear(secanti_sum *sums, size_t count);

/* Adds one tile's row [count] to sums [count]. */
void secanti_sums_add(secanti_sum *sums, const double *row, size_t count);

/* Adds the accumulators `from` [count] to `into` [count]. */
void secanti_sums_merge(secanti_sum *into, const secanti_sum *from, size_t count);

/* Writes the rounded sums to `values` [count]. */
void secanti_sums_read(const secanti_sum *sums, size_t count, double *values);

/* The larger of a and b; NaN if either is. */
static inline double secanti_max(double a, double b)
{
  return a > b || a != a ? a : b; /* if only b is NaN, both tests fail and b is returned */
}

#endif
