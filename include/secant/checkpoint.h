/**
 * @file checkpoint.h
 * Checkpoints: stop today, go on tomorrow as if the run had never stopped.
 */
#ifndef SECANT_CHECKPOINT_FILE_H
#define SECANT_CHECKPOINT_FILE_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes the complete state to an HDF5 file: under a temporary name, synced, then renamed over `path`.
 * Can be called at any time, also between secant_ask() and secant_tell(): the last accepted point is what is saved.
 * Two saves to one path must not overlap.
 * Collective.
 * @param problem  a text that names the objective and its data, equal on all ranks, at most 64 KB; loading compares it
 * @return SECANT_OK; SECANT_ERR_IO (an older file at `path` is intact, or, if only the last sync of the directory
 *   failed, the new one is in its place); SECANT_ERR_ARGUMENT, SECANT_ERR_MEMORY (a buffer of up to 128 MB) or
 *   SECANT_ERR_COMM; SECANT_ERR_UNSUPPORTED (built without HDF5)
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_save(secant_optimizer *optimizer, const char *path,
                                                                 const char *problem);

/**
 * Restores the state and the parameters. The next secant_minimize() or secant_ask() goes on as if the run had never
 * stopped: bit for bit on the same number of ranks and threads. Options are the optimizer's own, so limits can be
 * raised. Collective.
 * @return SECANT_OK; after any error nothing in memory has changed:
 *   SECANT_ERR_IO        no such file, or it cannot be read
 *   SECANT_ERR_FORMAT    truncated, incomplete, or not a checkpoint
 *   SECANT_ERR_MISMATCH  other problem, parameters or types, or more pairs than history_size; secant_message() names
 *                        the difference
 *   SECANT_ERR_ARGUMENT, SECANT_ERR_MEMORY, SECANT_ERR_COMM
 *   SECANT_ERR_UNSUPPORTED  built without HDF5
 * Needs memory for a second history while it works.
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_load(secant_optimizer *optimizer, const char *path,
                                                                 const char *problem);

#ifdef __cplusplus
}
#endif
#endif
