/*
 * Checksums that any number of ranks compute together: sums mod 2^64 of hashes, one for each element or block, each
 * with its index as the seed. A sum does not depend on how the parts are cut or on the order in which they come.
 *
 * A change of one number of 4 or 8 bytes is always found, for XXH3 with a given seed is one to one there. Any other
 * accident goes unnoticed with probability 2^-64, as far as the hashes behave like random numbers. This guards against
 * broken disks and cut files, not against somebody who computes the sum anew.
 */
#ifndef SECANT_CHECKSUM_H
#define SECANT_CHECKSUM_H

#include "comm/comm.h"

/* Sum over elements first .. first+count of a dataset: of numbers of 4 or 8 bytes as they lie in memory, hashed in
 * little-endian order; or of elements of any `size` as they lie in the file. */
uint64_t secanti_checksum_numbers(const void *data, size_t size, size_t count, uint64_t first);
uint64_t secanti_checksum_bytes(const void *data, size_t size, size_t count, uint64_t first);

/* Adds each of `count` sums up over the ranks, exactly. Collective; the outcome is common. */
secant_status secanti_checksum_add_up(secant_comm *comm, uint64_t *sums, size_t count, secant_error *error);

/* A hash of 128 bits of such sums, in their order: a name for all data that they belong to. The sums are used up. */
void secanti_checksum_of_sums(uint64_t *sums, size_t count, uint64_t *high, uint64_t *low);

#endif
