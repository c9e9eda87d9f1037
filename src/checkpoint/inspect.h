/* What describing, comparing and copying a file have in common. */
#ifndef SECANT_CHECKPOINT_INSPECT_H
#define SECANT_CHECKPOINT_INSPECT_H

#include "checkpoint/content.h"
#include "checkpoint/walk.h"
#include <secant/inspect.h>

/* The checksum of a dataset, as an attribute of it: made by whoever writes the dataset. */
#define SECANTI_CHECKSUM_NAME "xxh3"

/* Cells that are in memory at a time. */
enum { SECANTI_INSPECTED_PIECE = 1 << 20 };

/* Opens a checkpoint or a file of a state dict in this process and lets the task read it. SECANT_ERR_MISMATCH if it is
 * neither (inspect_file.c). */
secant_status secanti_inspect_file(const char *path, secanti_h5_file *file, secant_status (*task)(void *user),
                                   void *user, secant_error *error);

/* Put a child into a dict or list and return it. NULL after a failure, which `error` then has; a NULL parent or child
 * counts as one, so that calls can follow each other unchecked (inspect_file.c). */
secant_node *secanti_tree_set(secant_node *dict, const char *key, secant_node *child, secant_error *error);
secant_node *secanti_tree_append(secant_node *list, secant_node *child, secant_error *error);

/* A list of integers, such as a shape (inspect_file.c). */
secant_node *secanti_tree_extents(const hsize_t *extents, int dimensions, secant_error *error);

/* The functions of secant/inspect.h with a limit to the cells that are in memory at a time, so that a test reaches the
 * paths for large vectors with small ones. */
secant_status secanti_checkpoint_describe(const char *path, size_t piece, secant_node **out, secant_error *error);
secant_status secanti_checkpoint_diff(const char *a, const char *b, size_t piece, secant_node **out,
                                      secant_error *error);
secant_status secanti_checkpoint_export(const char *path, const char *to, size_t piece, secant_error *error);

#endif
