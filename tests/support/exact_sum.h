/* The exact sum of doubles, slowly: an integer in units of 2^-1074 that is long enough for all of them. */
#ifndef SECANT_TESTS_EXACT_SUM_H
#define SECANT_TESTS_EXACT_SUM_H

#include <stdint.h>

/* 32 bits a limb: 2098 bits for the largest double, and room for 2^31 of them. */
enum { EXACT_SUM_LIMBS = 68 };

/* Sum of limb[i] 2^(32 i - 1074). Limbs may be larger than 32 bits, and negative. All zero is the empty sum. */
typedef struct exact_sum {
  int64_t limb[EXACT_SUM_LIMBS];
} exact_sum;

/* Adds a finite term; up to 2^30 of them. */
void exact_sum_add(exact_sum *sum, double term);

/* The sum, to within 2^-60 of itself. */
long double exact_sum_value(const exact_sum *sum);

#endif
