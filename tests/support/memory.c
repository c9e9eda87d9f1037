#include "support/memory.h"
#include <errno.h>
#include <stdbool.h>

static bool counting;
static int64_t allocations, fails_at;
static size_t bytes;

void memory_begin(int64_t failing)
{
  allocations = 0;
  bytes = 0;
  fails_at = failing;
  counting = true;
}

int64_t memory_end(void)
{
  counting = false;
  return allocations;
}

size_t memory_bytes(void)
{
  return bytes;
}

/* Whether this allocation is to fail. */
static bool fails(size_t size)
{
  if (!counting) return false;
  if (++allocations == fails_at) return true;
  bytes += size;
  return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **out, size_t alignment, size_t size);
char *__real_strdup(const char *text);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
  return fails(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
  return fails(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
  return fails(size) ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
  return fails(size) ? NULL : __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size)
{
  return fails(size) ? ENOMEM : __real_posix_memalign(out, alignment, size);
}

char *__wrap_strdup(const char *text)
{
  return fails(0) ? NULL : __real_strdup(text);
}
