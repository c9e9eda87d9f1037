#include "base/base.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 1 << 21 };

void *secanti_alloc(size_t count, size_t size)
{
  return calloc(count ? count : 1, size ? size : 1); /* calloc itself refuses a product that overflows */
}

void *secanti_alloc_aligned(size_t count, size_t size)
{
  if (size && count > (SIZE_MAX - SECANTI_CACHE_LINE) / size) return NULL;
  const size_t lines = (count * size + SECANTI_CACHE_LINE - 1) / SECANTI_CACHE_LINE;
  return aligned_alloc(SECANTI_CACHE_LINE, (lines ? lines : 1) * SECANTI_CACHE_LINE);
}

/* Only a hint: a system that refuses it works as well, more slowly. */
static void advise_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
  (void)madvise(memory, bytes, MADV_HUGEPAGE);
#else
  (void)memory, (void)bytes;
#endif
}

/* posix_memalign(), unlike aligned_alloc(), takes sizes that are no multiple of the alignment. */
void *secanti_alloc_huge(size_t count, size_t size)
{
  if (size && count > SIZE_MAX / size) return NULL;
  const size_t bytes = count * size;
  if (bytes < HUGE_PAGE) return secanti_alloc_aligned(count, size);
  void *memory;
  if (posix_memalign(&memory, HUGE_PAGE, bytes) != 0) return NULL;
  advise_huge_pages(memory, bytes);
  return memory;
}
