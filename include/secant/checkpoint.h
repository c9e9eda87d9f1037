/**
 * @file checkpoint.h
 * Checkpoints: stop today, go on tomorrow as if the run had never stopped.
 *
 * HDF5 is one for the whole process and, unless it was built for that, not made for threads. No two threads of a process
 * may be in functions of this file, of inspect.h or in secant_state_dict_save() and _read() at a time, nor in one of
 * them and in HDF5 itself.
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
 *   failed, the new one is in its place); SECANT_ERR_ARGUMENT, SECANT_ERR_MEMORY (a buffer of up to 1 MB) or
 *   SECANT_ERR_COMM; SECANT_ERR_UNSUPPORTED (built without HDF5)
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_save(secant_optimizer *optimizer, const char *path,
                                                                 const char *problem);

/** Who opens the file. The file is the same. */
typedef enum secant_checkpoint_io {
  SECANT_IO_AUTO = 0, /**< mpio if HDF5 and the communicator can, else gather */
  SECANT_IO_MPIO = 1, /**< all ranks open it, and each moves its own part */
  SECANT_IO_GATHER =
      2 /**< rank 0 alone: vectors pass through it, piece by piece; others need not see the file system */
} secant_checkpoint_io;

/**
 * How this optimizer's files are opened from now on where a call does not say: in loading, and in saving where
 * secant_checkpoint_options has `io` SECANT_IO_AUTO. Equal on all ranks, which the next save or load checks. Not
 * collective.
 * @return SECANT_OK; SECANT_ERR_ARGUMENT; SECANT_ERR_UNSUPPORTED (built without HDF5)
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_set_io(secant_optimizer *optimizer,
                                                                   secant_checkpoint_io io);

/** How to save. Start from secant_checkpoint_options_default(), then assign fields. */
typedef struct secant_checkpoint_options {
  size_t size;             /**< filled by the initialiser; tells the library which fields exist */
  int keep;                /**< 1 .. 1000 checkpoints: `path` is the newest, then `path`.1, `path`.2, ... */
  secant_checkpoint_io io; /**< SECANT_IO_AUTO: what secant_checkpoint_set_io() says */
  int incremental;         /**< 1: each curvature pair is written once, to a file of its own in directory `path`.pairs;
                                0: the checkpoint needs no other file */
} secant_checkpoint_options;

/** Fills the first `size` bytes. Use secant_checkpoint_options_default(). */
SECANT_API void secant_checkpoint_options_init(secant_checkpoint_options *options, size_t size);

/** keep 2, io auto, not incremental. */
static inline secant_checkpoint_options secant_checkpoint_options_default(void)
{
  secant_checkpoint_options options; /* sized by the caller's header, so older callers stay valid */
  secant_checkpoint_options_init(&options, sizeof options);
  return options;
}

/**
 * As secant_checkpoint_save(), and keeps the last `options->keep` checkpoints: when the new file is complete, the older
 * ones move one number up, and those beyond go. At every instant `path` is there; on file systems without hard links
 * `path`.1 is while `path` is not. secant_checkpoint_save() replaces `path` and leaves numbered files alone.
 *
 * With `options->incremental` a save writes the pairs that have come in since the last one, and everything else, but no
 * pair that is there already. A checkpoint then is complete with the directory `path`.pairs beside it only;
 * secant_checkpoint_export() makes one file of both. Any save to `path` removes from the directory what no checkpoint of
 * the series refers to. Loading needs no option. Collective.
 * @param options  NULL means secant_checkpoint_options_default(); equal on all ranks
 * @return as secant_checkpoint_save()
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_save_with(secant_optimizer *optimizer, const char *path,
                                                                      const char *problem,
                                                                      const secant_checkpoint_options *options);

/**
 * Asks for a checkpoint without stopping the run: the request of any one rank travels in the next reduction, and then
 * secant_get_info().checkpoint_due is 1 on all ranks until the next save. Not collective. Safe in a signal handler and
 * from other threads.
 */
SECANT_API void secant_request_checkpoint(secant_optimizer *optimizer);

/**
 * Restores the state and the parameters. The next secant_minimize() or secant_ask() goes on as if the run had never
 * stopped: bit for bit on the same number of ranks and threads. Options are the optimizer's own, so limits can be
 * raised. Collective.
 * @return SECANT_OK; after any error nothing in memory has changed:
 *   SECANT_ERR_IO        no such file, or it cannot be read
 *   SECANT_ERR_FORMAT    truncated, incomplete, or not a checkpoint
 *   SECANT_ERR_MISMATCH  other problem, names, shapes or kind of initial matrix; secant_message() names the difference
 *   SECANT_ERR_ARGUMENT, SECANT_ERR_MEMORY, SECANT_ERR_COMM
 *   SECANT_ERR_UNSUPPORTED  built without HDF5
 * Needs memory for a second history while it works.
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_load(secant_optimizer *optimizer, const char *path,
                                                                 const char *problem);

/**
 * Loads the newest checkpoint of a series that can be loaded: `path`, else `path`.1, and so on. Files that cannot be read
 * or are damaged are skipped, and secant_message() names each with the reason, also on success. What all of a series
 * would share (another problem, no memory) ends the search at once. Temporary files of a save that was killed are never
 * looked at. Collective.
 * @param loaded  out, may be NULL: name of the file that was loaded, zero-terminated, at most `size` bytes; "" if none was
 * @return SECANT_OK; after any error nothing in memory has changed: SECANT_ERR_IO (no file at all), or as
 *   secant_checkpoint_load() for the first file, or for the one that ended the search
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_load_newest(secant_optimizer *optimizer, const char *path,
                                                                        const char *problem, char *loaded, size_t size);

/**
 * Checks a checkpoint without loading it: its seal, which is a checksum of every byte, and the checksum of each dataset.
 * For one process.
 * @param error  may be NULL; gets a sentence that names what is damaged
 * @return SECANT_OK; SECANT_ERR_FORMAT (damaged, or not a checkpoint of this version), SECANT_ERR_IO, SECANT_ERR_ARGUMENT,
 *   SECANT_ERR_MEMORY; SECANT_ERR_UNSUPPORTED (built without HDF5)
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_verify(const char *path, secant_error *error);

#ifdef __cplusplus
}
#endif
#endif
