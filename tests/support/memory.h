/*
 * An allocator that counts and that fails on request, put in the place of the system's at link time. For one thread. A
 * test that uses it is declared with secant_memory_test() in CMake.
 */
#ifndef SECANT_TEST_MEMORY_H
#define SECANT_TEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Begins to count; allocation number `failing`, counted from 1, fails. 0: none does. */
void memory_begin(int64_t failing);

/* Ends the counting and the failing; the number of allocations since the beginning. */
int64_t memory_end(void);

/* Bytes asked for while counting, by the allocations that did not fail. */
size_t memory_bytes(void);

#endif
