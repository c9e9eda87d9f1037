#include "vector/vectors.h"
#include <secant/secant.h>

/* Rank r gets tiles floor(T r / P) .. floor(T (r+1) / P), without the overflow of the product T r. */
static int64_t first_tile(int64_t tiles, int size, int rank)
{
  return tiles / size * rank + tiles % size * rank / size;
}

/* Where tile number `index` begins; the last tile may be cut, so that index * tile could overflow. */
static int64_t first_element(int64_t n, int64_t tile, int64_t index)
{
  return index <= n / tile ? index * tile : n;
}

secant_status secant_partition(int64_t n, int size, int rank, int64_t *first, int64_t *count)
{
  if (n < 0 || size < 1 || rank < 0 || rank >= size || !first || !count) return SECANT_ERR_ARGUMENT;
  const int64_t tile = (int64_t)secanti_tile_size(n);
  const int64_t tiles = n / tile + (n % tile != 0);
  *first = first_element(n, tile, first_tile(tiles, size, rank));
  *count = first_element(n, tile, first_tile(tiles, size, rank + 1)) - *first;
  return SECANT_OK;
}
