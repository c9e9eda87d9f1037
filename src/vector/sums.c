#include "vector/sums.h"
#include "base/binned.h"
#include "vector/family.h"
#include <math.h>
#include <string.h>

/* So many digits below 2^31 units can be added in a double without error. */
static const size_t MOST_ROWS = (size_t)1 << 22;

/* ---- binned ------------------------------------------------------------------------------------------------------ */

static void clear_digits(secanti_sums *sums, size_t count)
{
  for (int place = 0; place < SECANTI_BINNED_DIGITS; place++) {
    memset(sums->digits + (size_t)place * sums->capacity, 0, count * sizeof *sums->digits);
  }
  sums->rows = 0;
}

static int index_of(double unit)
{
  return secanti_binned_index(unit * 0x1p30); /* the largest power of two in the grid of `unit` */
}

/* Counts the digits of sum i and adds them to its words. */
static void count_digits(secanti_sums *sums, size_t i)
{
  int64_t digits[SECANTI_BINNED_DIGITS];
  double unit = sums->unit[i];
  for (size_t place = 0; place < SECANTI_BINNED_DIGITS; place++, unit *= 0x1p-32) {
    digits[place] = (int64_t)(sums->digits[place * sums->capacity + i] / unit);
  }
  secanti_binned_add_digits(sums->words + i * SECANTI_BINNED_WORDS, index_of(sums->unit[i]), digits);
}

static void count_all(secanti_sums *sums, size_t count)
{
  if (sums->rows == 0) return;
  for (size_t i = 0; i < count; i++) count_digits(sums, i);
  clear_digits(sums, count);
}

/* Moves the grid of sum i up to a term; one that no grid holds goes straight to the words. */
static void make_fit(secanti_sums *sums, double *row, size_t i)
{
  if (fabs(row[i]) < 0x1p31 * sums->unit[i]) return;
  const int index = isfinite(row[i]) ? secanti_binned_index(row[i]) : SECANTI_BINNED_HIGHEST + 1;
  if (index > SECANTI_BINNED_HIGHEST) {
    secanti_binned_add(sums->words + i * SECANTI_BINNED_WORDS, row[i]);
    row[i] = 0.0;
    return;
  }
  count_digits(sums, i);
  for (size_t place = 0; place < SECANTI_BINNED_DIGITS; place++) sums->digits[place * sums->capacity + i] = 0.0;
  sums->unit[i] = secanti_binned_unit(index);
}

/* ---- rows, for every processor family -------------------------------------------------------------------------------- */

#define SECANT_FN(name) name
#include "vector/sums.inc.h"

#ifdef SECANTI_X86
SECANTI_TARGET_BEGIN(avx2)
#undef SECANT_FN
#define SECANT_FN(name) name##_avx2
#include "vector/sums.inc.h"
SECANTI_TARGET_END

SECANTI_TARGET_BEGIN(avx512f)
#undef SECANT_FN
#define SECANT_FN(name) name##_avx512
#include "vector/sums.inc.h"
SECANTI_TARGET_END
#endif

static secanti_add_row *choose_add_row(void)
{
#ifdef SECANTI_X86
  if (secanti_has_vectors(512)) return add_row_avx512;
  if (secanti_has_vectors(256)) return add_row_avx2;
#endif
  return add_row;
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

size_t secanti_sums_words(bool binned)
{
  return binned ? SECANTI_BINNED_WORDS : 1;
}

size_t secanti_sums_storage(size_t capacity, bool binned)
{
  return capacity * (secanti_sums_words(binned) + (binned ? SECANTI_BINNED_DIGITS + 1 : 0));
}

secanti_sums secanti_sums_in(double *storage, size_t capacity, bool binned)
{
  secanti_sums sums = {.add_row = choose_add_row(), .binned = binned, .capacity = capacity, .words = storage};
  if (binned) {
    sums.digits = storage + capacity * SECANTI_BINNED_WORDS;
    sums.unit = sums.digits + capacity * SECANTI_BINNED_DIGITS;
  }
  return sums;
}

void secanti_sums_clear(secanti_sums *sums, size_t count)
{
  memset(sums->words, 0, count * secanti_sums_words(sums->binned) * sizeof *sums->words);
  if (!sums->binned) return;
  clear_digits(sums, count);
  for (size_t i = 0; i < count; i++) sums->unit[i] = secanti_binned_unit(0);
}

void secanti_sums_merge(secanti_sums *into, secanti_sums *from, size_t count)
{
  if (!into->binned) {
    for (size_t i = 0; i < count; i++) into->words[i] += from->words[i];
    return;
  }
  count_all(into, count);
  count_all(from, count);
  for (size_t i = 0; i < count; i++) {
    secanti_binned_merge(from->words + i * SECANTI_BINNED_WORDS, into->words + i * SECANTI_BINNED_WORDS);
  }
}

void secanti_sums_read(secanti_sums *sums, size_t count, double *words)
{
  if (sums->binned) count_all(sums, count);
  memcpy(words, sums->words, count * secanti_sums_words(sums->binned) * sizeof *words);
}
