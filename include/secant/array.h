/**
 * @file array.h
 * Memory for the values and the gradient of a parameter. Any other memory does as well; this is what the passes over it
 * are fastest in: on huge pages where the system grants them, and on a computer with several memories near the threads
 * that will work on it.
 */
#ifndef SECANT_SECANT_ARRAY_H
#define SECANT_SECANT_ARRAY_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Allocates an array of zeros, aligned to 64 bytes. Each of as many threads as an optimizer would start for `count`
 * unknowns touches its part of it first, so that the system takes pages from the memory next to that thread. An array
 * that is one of several parameters is cut at places of its own, which need not be those of the optimizer. Not
 * collective.
 * @param array    out: the array, owned by the caller, who frees it with secant_array_destroy(); NULL after an error
 * @param count    elements; 0 gives an array that may not be read
 * @param threads  what secant_thread_count() says, >= 1
 * @return SECANT_OK; SECANT_ERR_ARGUMENT (NULL, an unknown type, threads < 1); SECANT_ERR_MEMORY
 */
SECANT_API SECANT_NODISCARD secant_status secant_array_create(void **array, secant_dtype dtype, size_t count,
                                                              int threads);

/** Frees it; NULL is allowed. Not collective. */
SECANT_API void secant_array_destroy(void *array);

#ifdef __cplusplus
}
#endif

#endif
