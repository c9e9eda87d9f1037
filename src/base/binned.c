#include "base/binned.h"
#include <math.h>
#include <string.h>

enum { WORD_INDEX, WORD_DIGITS, WORD_SPECIAL = WORD_DIGITS + SECANTI_BINNED_DIGITS };
enum { DIGIT_BITS = 32, LOWEST_EXPONENT = -992, HEADROOM = DIGIT_BITS - 1 };

double secanti_binned_unit(int index)
{
  return ldexp(1.0, DIGIT_BITS * index + LOWEST_EXPONENT);
}

/* |x| < 2^e with the smallest e must be at most 2^31 units. */
int secanti_binned_index(double term)
{
  int exponent;
  if (term == 0.0) return 0;
  frexp(term, &exponent);
  const int above = exponent - (LOWEST_EXPONENT + HEADROOM);
  return above <= 0 ? 0 : (above + DIGIT_BITS - 1) / DIGIT_BITS;
}

static void read_digits(const double *sum, int64_t *digits)
{
  memcpy(digits, sum + WORD_DIGITS, SECANTI_BINNED_DIGITS * sizeof *digits);
}

static void write_digits(double *sum, const int64_t *digits)
{
  memcpy(sum + WORD_DIGITS, digits, SECANTI_BINNED_DIGITS * sizeof *digits);
}

/* Digit of index `at` in a sum whose highest digit is that of `index`; 0 where there is none. */
static int64_t digit_at(const int64_t *digits, int index, int at)
{
  const int place = index - at;
  return place >= 0 && place < SECANTI_BINNED_DIGITS ? digits[place] : 0;
}

void secanti_binned_add_digits(double *sum, int index, const int64_t *digits)
{
  const int own = (int)sum[WORD_INDEX], top = own > index ? own : index;
  int64_t now[SECANTI_BINNED_DIGITS], next[SECANTI_BINNED_DIGITS];
  read_digits(sum, now);
  for (int place = 0; place < SECANTI_BINNED_DIGITS; place++) {
    next[place] = digit_at(now, own, top - place) + digit_at(digits, index, top - place);
  }
  sum[WORD_INDEX] = top;
  write_digits(sum, next);
}

void secanti_binned_add(double *sum, double term)
{
  const int index = isfinite(term) ? secanti_binned_index(term) : SECANTI_BINNED_HIGHEST + 1;
  if (index > SECANTI_BINNED_HIGHEST) {
    sum[WORD_SPECIAL] += isfinite(term) ? copysign(INFINITY, term) : term;
    return;
  }
  const int own = (int)sum[WORD_INDEX], top = own > index ? own : index;
  int64_t digits[SECANTI_BINNED_DIGITS];
  double unit = secanti_binned_unit(top);
  for (int place = 0; place < SECANTI_BINNED_DIGITS; place++) {
    const double digit = nearbyint(term / unit); /* ties to even, as adding a large number does */
    digits[place] = (int64_t)digit;
    term -= digit * unit;
    unit *= 0x1p-32;
  }
  secanti_binned_add_digits(sum, top, digits);
}

void secanti_binned_merge(const double *from, double *into)
{
  int64_t digits[SECANTI_BINNED_DIGITS];
  read_digits(from, digits);
  secanti_binned_add_digits(into, (int)from[WORD_INDEX], digits);
  into[WORD_SPECIAL] += from[WORD_SPECIAL];
}

/* Carries from `low` into `high` what is above half a unit of `high`. */
static void carry(int64_t *high, int64_t *low)
{
  const int64_t half = (int64_t)1 << (DIGIT_BITS - 1), whole = (int64_t)1 << DIGIT_BITS;
  const int64_t units = (*low >= 0 ? *low + half : *low - half) / whole;
  *high += units;
  *low -= units * whole;
}

double secanti_binned_value(const double *sum)
{
  if (isnan(sum[WORD_SPECIAL])) return (double)NAN; /* one for all, whichever came first */
  if (sum[WORD_SPECIAL] != 0.0) return sum[WORD_SPECIAL];
  int64_t digits[SECANTI_BINNED_DIGITS];
  read_digits(sum, digits);
  carry(&digits[1], &digits[2]);
  carry(&digits[0], &digits[1]);
  const double unit = secanti_binned_unit((int)sum[WORD_INDEX]);
  const double rest = (double)digits[1] * 0x1p32 + (double)digits[2];
  return (double)digits[0] * unit + rest * (unit * 0x1p-64);
}
