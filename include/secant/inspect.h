/**
 * @file inspect.h
 * What is in a checkpoint: described, compared and copied without the program that wrote it.
 *
 * These functions are for one process: each opens its files by itself and needs no communicator. They take checkpoints
 * and files of state dicts; memory does not grow with the vectors. Before HDF5 sees a file that has a seal, the seal is
 * checked, so that a damaged file is refused as secant_checkpoint_load() refuses it. The files of the pairs of an
 * incremental checkpoint count as parts of it: one that is missing or damaged makes it a damaged one. One thread of a
 * process at a time, see checkpoint.h.
 */
#ifndef SECANT_INSPECT_H
#define SECANT_INSPECT_H

#include <secant/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Describes a file as a tree:
 *
 *     file, bytes    path and size
 *     format, version, library, problem, dtype, history_dtype, n, initial_matrix
 *                    who wrote it, and for what; what a file has not is left out
 *     attributes/    other attributes of the file
 *     options/       the options of the run, as text
 *     state/         numbers and flags of the run by name: n_iter, loss, grad_inf, reason, pairs, ...
 *     parameters/    a list; for each name, shape (a list), group, and types: the element type of each of its vectors
 *     datasets/      a list; for each path, type, shape (a list), bytes, checksum (text of 16 hexadecimal digits), and
 *                    of reals minimum, maximum and inf_norm (none without a finite entry) over the finite entries, and
 *                    nonfinite, their number; attributes/ if it has others
 *     groups/        a list; for each other group with attributes path and attributes/
 *
 * Whatever is in the file is there, also what users added. A slash in the name of an attribute becomes a colon.
 * @param out  owned by the caller, free it with secant_node_destroy(); NULL after an error
 * @return SECANT_OK, or, with a sentence in `error` (may be NULL):
 *   SECANT_ERR_ARGUMENT  an argument is NULL
 *   SECANT_ERR_IO        no such file, or it cannot be read
 *   SECANT_ERR_FORMAT    a checkpoint or state dict that is damaged
 *   SECANT_ERR_MISMATCH  neither a checkpoint nor a state dict
 *   SECANT_ERR_MEMORY
 *   SECANT_ERR_UNSUPPORTED  built without HDF5
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_describe(const char *path, secant_node **out,
                                                                     secant_error *error);

/**
 * Compares two files, every dataset and every attribute, bit by bit: 0 and -0 differ, a NaN equals a NaN of the same
 * bits. Checksums are not compared: they follow from the values; nor does it count whether pairs have files of their own.
 * The tree:
 *
 *     equal          1 or 0
 *     a, b           the paths
 *     datasets/      a list with each dataset of either file, and each group that one of them lacks
 *     attributes/    a list with each attribute
 *
 * and for each entry
 *
 *     path           of the dataset or group, or of the object that has the attribute `name`
 *     equal          1 or 0
 *     only_in        "a" or "b", if the other lacks it
 *     different      "shape", "type" or "kind" (dataset and group), with the two as texts `a` and `b`; values of types
 *                    that are not alike are not compared
 *     differing, count                     how many values differ, of how many
 *     first/         index (a list), a and b: the first of them, as texts; of reals with 17 digits, and in a_hex and
 *                    b_hex to the bit
 *     largest_absolute, largest_relative   of numbers: the largest |a - b| and |a - b| / max(|a|, |b|); infinite where
 *                    one of the two is not finite
 *
 * @param out  as in secant_checkpoint_describe()
 * @return as secant_checkpoint_describe(); SECANT_OK also if the files differ
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_diff(const char *a, const char *b, secant_node **out,
                                                                 secant_error *error);

/**
 * Writes a copy that needs no other file: all groups, attributes and datasets, each read and written anew, with new
 * checksums. Written under a temporary name, synced, then renamed over `to`, as secant_checkpoint_save() does.
 * @return as secant_checkpoint_describe(); SECANT_ERR_ARGUMENT also if `to` or its temporary name is the file itself;
 *   after an error an older file at `to` is intact
 */
SECANT_API SECANT_NODISCARD secant_status secant_checkpoint_export(const char *path, const char *to,
                                                                   secant_error *error);

#ifdef __cplusplus
}
#endif
#endif
