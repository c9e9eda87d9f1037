#include "base/base.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64 };

void *secanti_alloc(size_t count, size_t size)
{
  return calloc(count ? count : 1, size ? size : 1); /* calloc itself refuses a product that overflows */
}

void *secanti_alloc_aligned(size_t count, size_t size)
{
  if (size && count > (SIZE_MAX - CACHE_LINE) / size) return NULL;
  const size_t lines = (count * size + CACHE_LINE - 1) / CACHE_LINE;
  return aligned_alloc(CACHE_LINE, (lines ? lines : 1) * CACHE_LINE);
}
