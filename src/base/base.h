/*
 * What every layer needs: checked allocation, error texts, a clock. Includes nothing of ours but the public header.
 * What is marked SECANT_API is used by libsecant_mpi too, so that a shared libsecant must export it.
 */
#ifndef SECANT_BASE_H
#define SECANT_BASE_H

#include <secant/secant.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Runs `call`, stores its status in the local variable `status` and jumps to the local label `done` if it failed, so
 * that no early return can leak.
 */
#define SECANT_TRY(call)                                                                                               \
  do {                                                                                                                 \
    status = (call);                                                                                                   \
    if (status != SECANT_OK) goto done;                                                                                \
  } while (0)

enum { SECANTI_CACHE_LINE = 64 };

/* Whether it is one of the element types, which a caller may get wrong. */
static inline bool secanti_is_element_type(secant_dtype dtype)
{
  return dtype == SECANT_F64 || dtype == SECANT_F32;
}

/* Bytes of one element. */
static inline size_t secanti_element_bytes(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
}

/* Cleared memory for `count` elements of `size` bytes, or NULL; also NULL if the product overflows. Free with free(). */
SECANT_API void *secanti_alloc(size_t count, size_t size);

/* As secanti_alloc, uncleared and aligned to a cache line, for large arrays of numbers. Free with free(). */
void *secanti_alloc_aligned(size_t count, size_t size);

/* The same on huge pages, where the system grants them. */
void *secanti_alloc_huge(size_t count, size_t size);

/* Fills `error` (may be NULL) with a status and a printf-style sentence; returns the status. */
SECANT_API secant_status secanti_fail(secant_error *error, secant_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ERR_IO: "'path' cannot be opened: the cause", for what = "opened"; the cause from errno. */
secant_status secanti_fail_on(secant_error *error, const char *path, const char *what);

/* `count`, but at least 1 and at most `most`, which is at least 1. */
static inline int secanti_one_to(int most, size_t count)
{
  if (count >= (size_t)most) return most;
  return count > 1 ? (int)count : 1;
}

/* Seconds of a monotonic clock. */
double secanti_now(void);

#endif
