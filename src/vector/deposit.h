/*
 * Copies into memory that is not read again soon. An ordinary store fetches a line before it changes it, and turns
 * out another one that may be wanted; a store past the caches does neither.
 */
#ifndef SECANT_DEPOSIT_H
#define SECANT_DEPOSIT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* to = from, `bytes` of them, a multiple of 32. `to` lies at a multiple of 32. */
static inline void secanti_deposit(void *restrict to, const void *restrict from, size_t bytes, bool past_caches)
{
#ifdef __SSE2__
  if (past_caches) {
    for (size_t i = 0; i < bytes; i += sizeof(__m128i)) {
      _mm_stream_si128((__m128i *)(void *)((char *)to + i),
                       _mm_loadu_si128((const __m128i *)(const void *)((const char *)from + i)));
    }
    return;
  }
#endif
  (void)past_caches;
  memcpy(to, from, bytes);
}

/* Makes all deposits of this thread visible to the others. */
static inline void secanti_deposits_done(void)
{
#ifdef __SSE2__
  _mm_sfence();
#endif
}

#endif
