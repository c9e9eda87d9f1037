/**
 * @file comm.h
 * The ranks that share a parameter vector, and how it is cut over them. Part of secant.h.
 */
#ifndef SECANT_SECANT_COMM_H
#define SECANT_SECANT_COMM_H

#include <secant/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The ranks that share a parameter vector. NULL stands for one process wherever a communicator is asked for.
 *  Made by secant_comm_from_mpi() of secant/mpi.h or by secant_session_begin() of secant/session.h. */
typedef struct secant_comm secant_comm;

/** Rank of this process, 0 <= rank < size. Not collective. */
SECANT_API int secant_comm_rank(const secant_comm *comm);

/** Number of ranks, >= 1. Not collective. */
SECANT_API int secant_comm_size(const secant_comm *comm);

/**
 * Adds `values` [count] over all ranks, in place. Collective.
 * NaN and Inf propagate. All ranks get the same bits.
 * @return SECANT_OK or SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_comm_sum(secant_comm *comm, double *values, size_t count);

/** Copies `bytes` bytes of `data` from rank `root` to all ranks. Collective.
 *  @return SECANT_OK or SECANT_ERR_COMM */
SECANT_API SECANT_NODISCARD secant_status secant_comm_broadcast(secant_comm *comm, void *data, size_t bytes, int root);

/**
 * Sends `bytes` bytes of `send` to rank `to` and receives as many from rank `from` into `receive`.
 * A rank below 0 means "nobody" (the edge of a mesh). Pairs must match over the ranks; the buffers must not overlap.
 * The halo exchange of a mesh that is cut into strips is two such calls.
 * @return SECANT_OK or SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_comm_exchange(secant_comm *comm, const void *send, int to,
                                                               void *receive, int from, size_t bytes);

/**
 * Makes a local outcome collective: every rank passes its own status and message, and all ranks leave with those of
 * the lowest rank that failed, or with SECANT_OK if none did. Collective.
 * @param error  in: this rank's outcome (status SECANT_OK if it went well); out: the common one
 * @return the common status
 */
SECANT_API SECANT_NODISCARD secant_status secant_comm_agree(secant_comm *comm, secant_error *error);

/** Frees the communicator; the caller's own MPI communicator is left alone. NULL is allowed. Collective. */
SECANT_API void secant_comm_destroy(secant_comm *comm);

/**
 * The library's own partition of n unknowns: contiguous, in rank order, cut at tile boundaries, as even as tiles allow.
 * Sums that are formed tile by tile then do not depend on where the cuts fall. A tile has 1024 unknowns; for n < 16384
 * fewer, a multiple of 8. Ranks can be empty. Not collective.
 * @param n      global count, >= 0
 * @param first  out: index of this rank's first unknown
 * @param count  out: number of this rank's unknowns, possibly 0
 * @return SECANT_OK or SECANT_ERR_ARGUMENT
 */
SECANT_API SECANT_NODISCARD secant_status secant_partition(int64_t n, int size, int rank, int64_t *first,
                                                           int64_t *count);

#ifdef __cplusplus
}
#endif

#endif
