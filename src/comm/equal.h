/* Refuses what should be equal on all ranks and is not. */
#ifndef SECANT_EQUAL_H
#define SECANT_EQUAL_H

#include "comm/comm.h"

#define SECANTI_HASH_START UINT64_C(14695981039346656037)

/* Continues a hash with `bytes` bytes of `data`. Source: FNV-1a (Fowler, Noll and Vo). */
uint64_t secanti_hash(uint64_t hash, const void *data, size_t bytes);

/*
 * SECANT_OK if all ranks pass the same hash; else SECANT_ERR_ARGUMENT on all of them, "the ranks disagree about `what`".
 * Collective: one reduction.
 */
secant_status secanti_require_equal(secant_comm *comm, uint64_t hash, const char *what, secant_error *error);

#endif
