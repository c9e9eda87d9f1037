/*
 * Sums over tiles. Every tile delivers a row of values; each thread adds its rows to accumulators of its own, and the
 * accumulators are merged in the order of the threads. They are plain doubles, whose sum depends on the order of the
 * rows, or binned (base/binned.h), whose bits do not.
 *
 * NaN and Inf propagate through all of it.
 */
#ifndef SECANT_SUMS_H
#define SECANT_SUMS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct secanti_sums secanti_sums;

/* Adds one tile's row [count], which is used up. */
typedef void secanti_add_row(secanti_sums *sums, double *row, size_t count);

/* Running sums, as many as `capacity`. The arrays belong to whoever made them. */
struct secanti_sums {
  secanti_add_row *add_row; /* that suits the processor best */
  bool binned;
  size_t capacity;
  size_t rows;    /* added since the digits below were counted last */
  double *words;  /* [capacity][secanti_sums_words(binned)]: the sums as they travel */
  double *digits; /* binned: [3][capacity], of the rows that are not in `words` yet, as multiples of their units */
  double *unit;   /* binned: [capacity] of the highest digit */
};

/* Doubles that one sum takes as it travels. */
size_t secanti_sums_words(bool binned);

/* Doubles that the arrays of `capacity` sums take, and where they lie in them. */
size_t secanti_sums_storage(size_t capacity, bool binned);
secanti_sums secanti_sums_in(double *storage, size_t capacity, bool binned);

/* Sets the first `count` sums to zero. */
void secanti_sums_clear(secanti_sums *sums, size_t count);

/* Adds one tile's row [count], which is used up. */
static inline void secanti_sums_add(secanti_sums *sums, double *row, size_t count)
{
  sums->add_row(sums, row, count);
}

/* Adds the sums `from` to `into`, the first `count`. Uses `from` up. */
void secanti_sums_merge(secanti_sums *into, secanti_sums *from, size_t count);

/* Writes the first `count` sums as they travel: [count][secanti_sums_words(binned)]. */
void secanti_sums_read(secanti_sums *sums, size_t count, double *words);

/* The larger of a and b; NaN if either is. */
static inline double secanti_max(double a, double b)
{
  return a > b || a != a ? a : b; /* if only b is NaN, both tests fail and b is returned */
}

#endif
