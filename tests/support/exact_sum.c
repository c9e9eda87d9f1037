#include "support/exact_sum.h"

#include <math.h>
#include <stdbool.h>

enum { LIMB_BITS = 32, LOWEST = -1074, MANTISSA = 53 };

/* A double is an integer below 2^53 times a power of two; it is cut where the limbs are. */
void exact_sum_add(exact_sum *sum, double term)
{
  int exponent;
  const double fraction = frexp(fabs(term), &exponent);
  int shift = exponent - MANTISSA - LOWEST; /* below 0 only for denormals, whose last bits are zero then */
  const double whole = ldexp(fraction, shift < 0 ? MANTISSA + shift : MANTISSA);
  if (shift < 0) shift = 0;
  const uint64_t bits = (uint64_t)whole, limb = (uint64_t)1 << LIMB_BITS;
  const int64_t sign = term < 0.0 ? -1 : 1;
  const int first = shift / LIMB_BITS, offset = shift % LIMB_BITS;
  const uint64_t low = (bits % limb) << offset, high = (bits / limb) << offset; /* of 64 and of 53 bits */
  sum->limb[first] += sign * (int64_t)(low % limb);
  sum->limb[first + 1] += sign * (int64_t)(low / limb + high % limb);
  sum->limb[first + 2] += sign * (int64_t)(high / limb);
}

/* Carries until all limbs but the last are in [0, 2^32); returns whether the sum is negative. */
static bool carry_all(exact_sum *sum)
{
  for (int i = 0; i + 1 < EXACT_SUM_LIMBS; i++) {
    const int64_t low = (int64_t)((uint64_t)sum->limb[i] & 0xffffffffu);
    sum->limb[i + 1] += (sum->limb[i] - low) / ((int64_t)1 << LIMB_BITS);
    sum->limb[i] = low;
  }
  return sum->limb[EXACT_SUM_LIMBS - 1] < 0;
}

/* Limbs of one sign, so that nothing cancels while they are added. */
long double exact_sum_value(const exact_sum *sum)
{
  exact_sum size = *sum;
  const bool negative = carry_all(&size);
  if (negative) {
    for (int i = 0; i < EXACT_SUM_LIMBS; i++) size.limb[i] = -size.limb[i];
    carry_all(&size);
  }
  long double value = 0.0L;
  for (int i = 0; i < EXACT_SUM_LIMBS; i++) value += ldexpl((long double)size.limb[i], LIMB_BITS * i + LOWEST);
  return negative ? -value : value;
}
