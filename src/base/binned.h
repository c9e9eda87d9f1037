/*
 * A sum whose bits do not depend on the order of its terms: over tiles, threads and ranks alike.
 *
 * Every term is cut into three digits, multiples of u, u 2^-32 and u 2^-64, each rounded to the nearest; what is left
 * is dropped. The unit u belongs to a fixed grid of powers of 2^32 and suits the largest term: |x| < 2^31 u. Digits are
 * integers, so that adding them commits no error. If a larger term arrives, the grid moves up: the lowest digits are
 * dropped, and since a smaller term has the digit 0 in the new place, all terms are then cut as if the large one had
 * come first. For N terms
 *
 *     |sum - exact| <= (N 2^-64 + 2^-52) max |x| + 2^-52 |exact| + N 2^-1057,
 *
 * which is below the bound of a plain sum, N 2^-53 sum |x|. Up to 2^31 terms. Terms of 2^991 and more count as
 * infinite; NaN and Inf propagate.
 *
 * After Demmel and Nguyen, Parallel reproducible summation, IEEE Trans. Computers 64, 2015, who keep the digits in
 * floating point.
 */
#ifndef SECANT_BINNED_H
#define SECANT_BINNED_H

#include <secant/secant.h>
#include <stdint.h>

/* A sum as it travels: [0] index of the unit, [1] to [3] the digits, 64-bit integers, highest first, [4] the sum of all
 * terms that are not finite. All zero is the empty sum. */
enum { SECANTI_BINNED_WORDS = 5, SECANTI_BINNED_DIGITS = 3 };

/* Adds a term. */
void secanti_binned_add(double *sum, double term);

/* Adds digits that were counted apart, in the grid of `index`; none may be above 2^53. */
void secanti_binned_add_digits(double *sum, int index, const int64_t *digits);

/* Adds a sum to another one. */
void secanti_binned_merge(const double *from, double *into);

/* The sum, rounded. */
double secanti_binned_value(const double *sum);

/* ---- the grid, for those who count digits apart ------------------------------------------------------------------- */

enum { SECANTI_BINNED_HIGHEST = 61 }; /* the last index: terms below 2^991 */

/* Unit of the highest digit: 2^(32 index - 992). */
double secanti_binned_unit(int index);

/* The lowest index whose grid holds a term that is finite; above SECANTI_BINNED_HIGHEST if there is none. */
int secanti_binned_index(double term);

#endif
