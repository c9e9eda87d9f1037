/*
 * Adding a row: the part of sums.c that every tile pays for, included for each processor family, whose vectors compilers
 * make of it. SECANT_FN makes the names.
 */

/* Whether all terms are below 2^31 units. */
static bool SECANT_FN(all_fit)(const secanti_sums *sums, const double *row, size_t count)
{
  int misfits = 0;
  for (size_t i = 0; i < count; i++) misfits += !(fabs(row[i]) < 0x1p31 * sums->unit[i]);
  return misfits == 0;
}

/* Adding 1.5 2^52 units and taking it off again leaves the nearest multiple of the unit. */
static void SECANT_FN(add_digits)(secanti_sums *sums, const double *restrict row, size_t count)
{
  double *restrict high = sums->digits, *restrict middle = high + sums->capacity;
  double *restrict low = middle + sums->capacity;
  const double *restrict unit = sums->unit;
  for (size_t i = 0; i < count; i++) {
    const double large = 0x1.8p52 * unit[i], medium = 0x1p-32 * large, small = 0x1p-64 * large;
    const double first = (row[i] + large) - large, rest = row[i] - first;
    const double second = (rest + medium) - medium, last = rest - second;
    high[i] += first;
    middle[i] += second;
    low[i] += (last + small) - small;
  }
}

static void SECANT_FN(add_row)(secanti_sums *sums, double *row, size_t count)
{
  if (!sums->binned) {
    for (size_t i = 0; i < count; i++) sums->words[i] += row[i];
    return;
  }
  if (sums->rows == MOST_ROWS) count_all(sums, count);
  if (!SECANT_FN(all_fit)(sums, row, count)) {
    for (size_t i = 0; i < count; i++) make_fit(sums, row, i);
  }
  SECANT_FN(add_digits)(sums, row, count);
  sums->rows++;
}
