/**
 * @file sum.h
 * Sums whose bits do not depend on the order of their terms, for closures: a loss summed over cells or rows is then the
 * same on any number of ranks and threads, as the library's own sums are.
 *
 * A closure adds the terms of its part, say one for each cell, to a secant_sum, one for each thread if it likes, and
 * hands it over by secant_add_to_loss(). A term is a double that does not depend on how the problem is cut. Up to 2^31
 * terms over all ranks, each below 2^991 in size: larger ones count as infinite. Where there are more cells, a term is
 * the plain sum over a block of cells that no cut divides, such as the 1024 of a tile. For N terms the error is at most
 * N 2^-64 of the largest term and 2^-51 of the sum.
 */
#ifndef SECANT_SUM_H
#define SECANT_SUM_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A sum under way. All zero is the empty sum. */
typedef struct secant_sum {
  double word[5]; /**< the library's business */
} secant_sum;

/** Adds a term. NaN and Inf propagate. Not collective. */
SECANT_API void secant_sum_add(secant_sum *sum, double term);

/** Adds a sum to another one. Not collective. */
SECANT_API void secant_sum_merge(secant_sum *into, const secant_sum *from);

/** The sum so far, rounded. Not collective. */
SECANT_API double secant_sum_value(const secant_sum *sum);

/**
 * Adds `terms` to this rank's loss of the evaluation in progress, on top of what the closure returns as its loss. To be
 * called by a closure, or between secant_ask() and secant_tell(). Not collective, not from several threads at once.
 */
SECANT_API void secant_add_to_loss(secant_optimizer *optimizer, const secant_sum *terms);

#ifdef __cplusplus
}
#endif
#endif
