/**
 * @file data_parallel.h
 * The data-parallel adapter: for objectives that see the whole parameter vector and a part of the data.
 */
#ifndef SECANT_DATA_PARALLEL_H
#define SECANT_DATA_PARALLEL_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * For objectives that see the whole parameter vector and this rank's part of the data. The adapter gathers the shards
 * before each evaluation and adds the gradients afterwards, each rank keeping its shard: optimizer state stays sharded.
 */
typedef struct secant_data_parallel secant_data_parallel;

/**
 * Creates the adapter. Collective.
 * @param whole     [count]: every parameter in full; `values` and `gradient` [local_count] belong to the caller, hold
 *                  the complete arrays on each rank and are borrowed. The start is rank 0's values
 * @param function  the objective: reads all `values`, fills all of `gradient` and its loss with the share of this
 *                  rank's data. A term that belongs to no row, such as a penalty, is added on one rank only
 * @return SECANT_OK, SECANT_ERR_ARGUMENT, SECANT_ERR_MEMORY or SECANT_ERR_COMM, equal on all ranks
 */
SECANT_API SECANT_NODISCARD secant_status secant_data_parallel_create(secant_data_parallel **out,
                                                                      const secant_parameter *whole, size_t count,
                                                                      secant_closure *function, void *user,
                                                                      secant_comm *comm, secant_error *error);

/** The shards: `count` parameters for secant_create(). Valid until the adapter is destroyed. Not collective. */
SECANT_API const secant_parameter *secant_data_parallel_shards(const secant_data_parallel *adapter);

/** The closure for secant_step() and its kin; `user` is the adapter. Collective. */
SECANT_API int secant_data_parallel_closure(void *user, double *loss);

/** Gathers the current shards into the whole arrays, for use of the result. Collective.
 *  @return SECANT_OK or SECANT_ERR_COMM */
SECANT_API SECANT_NODISCARD secant_status secant_data_parallel_gather(secant_data_parallel *adapter);

/** Frees the adapter and its shards; destroy the optimizer first. NULL is allowed. Not collective. */
SECANT_API void secant_data_parallel_destroy(secant_data_parallel *adapter);

#ifdef __cplusplus
}
#endif
#endif
