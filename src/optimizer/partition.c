#include "vector/vectors.h"
#include <secant/secant.h>

/* Rank r gets tiles floor(T r / P) .. floor(T (r+1) / P), without the overflow of the product T r. */
static int64_t first_tile(int64_t tiles, int size, int rank)
{
  return tiles / size * rank + tiles % size * rank / size;
}

static int64_t smaller(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

secant_status secant_partition(int64_t n, int size, int rank, int64_t *first, int64_t *count)
{
  if (n < 0 || size < 1 || rank < 0 || rank >= size || !first || !count) return SECANT_ERR_ARGUMENT;
  const int64_t tile = (int64_t)secanti_tile_size(n);
  const int64_t tiles = n / tile + (n % tile != 0);
  *first = smaller(n, first_tile(tiles, size, rank) * tile);
  *count = smaller(n, first_tile(tiles, size, rank + 1) * tile) - *first;
  return SECANT_OK;
}
