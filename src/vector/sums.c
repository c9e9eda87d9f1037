/* Accumulators as plain doubles: the result depends on the order of the additions, which the caller keeps fixed. */
#include "vector/sums.h"

void secanti_sums_clear(secanti_sum *sums, size_t count)
{
  for (size_t i = 0; i < count; i++) sums[i].value = 0.0;
}

void secanti_sums_add(secanti_sum *sums, const double *row, size_t count)
{
  for (size_t i = 0; i < count; i++) sums[i].value += row[i];
}

void secanti_sums_merge(secanti_sum *into, const secanti_sum *from, size_t count)
{
  for (size_t i = 0; i < count; i++) into[i].value += from[i].value;
}

void secanti_sums_read(const secanti_sum *sums, size_t count, double *values)
{
  for (size_t i = 0; i < count; i++) values[i] = sums[i].value;
}
