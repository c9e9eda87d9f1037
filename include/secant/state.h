/**
 * @file state.h
 * State dicts: what an optimizer has learnt, as a tree of named values that a program can read, edit, keep and load.
 *
 * A state dict holds what torch.optim.LBFGS.state_dict() holds, under the same keys:
 *
 *     state/0/       func_evals, n_iter            integers, present after the first call
 *                    d                             last direction [n]
 *                    t                             step taken along it
 *                    old_dirs, alias y             y of the curvature pairs, oldest first: a list of vectors [n]
 *                    old_stps, alias s             s of the pairs
 *                    ro                            1 / s.y of the pairs: a list of reals
 *                    H_diag                        gamma: H0 = gamma I
 *                    prev_flat_grad                gradient before the last step [n]
 *                    prev_loss                     loss there
 *                    al                            coefficients of the last two-loop recursion; scratch, never loaded
 *     state/secant/  what torch lacks: inner products of the pairs and flags, so that a run goes on in the same bits.
 *                    May be left out, as in a dict that comes from torch: the inner products are then computed anew.
 *                    Whoever changes the vectors removes it.
 *     param_groups/  a list; for each group
 *                    every option under its name; max_eval = -1 stands for 5/4 of max_iter, which torch writes out
 *                    line_search_fn as torch has it: NONE or a text
 *                    initial_lr if a schedule set it
 *                    params (ids), and param_names if the parameters are named
 *
 * The parameters themselves are not in it (a checkpoint has both). Vectors are sharded as the parameters are: n is the
 * global number of unknowns, each rank holds its own elements. Everything is a deep copy: a dict and an optimizer never
 * share memory.
 */
#ifndef SECANT_STATE_H
#define SECANT_STATE_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of a secant_node: none, a number, a text, a tensor, a list of values, or a dict of named values. */
typedef enum secant_node_kind {
  SECANT_NODE_NONE = 0,    /**< no value */
  SECANT_NODE_INTEGER = 1, /**< 64 bits, signed */
  SECANT_NODE_REAL = 2,    /**< double */
  SECANT_NODE_TEXT = 3,    /**< zero-terminated */
  SECANT_NODE_TENSOR = 4,  /**< numbers of one type with a shape, possibly sharded */
  SECANT_NODE_LIST = 5,    /**< values in order */
  SECANT_NODE_DICT = 6     /**< values under unique keys, in order of insertion */
} secant_node_kind;

/** Consecutive elements of a tensor that a rank holds, counted in the flattened (row-major) tensor. */
typedef struct secant_piece {
  int64_t first; /**< index of the first element */
  size_t count;  /**< number of elements, possibly 0 */
} secant_piece;

/** A tensor as this rank sees it. A tensor that is not sharded is one piece, whole on every rank. */
typedef struct secant_tensor {
  secant_dtype dtype;        /**< of the elements */
  int dimensions;            /**< 0 for a single number */
  const int64_t *shape;      /**< [dimensions], global */
  size_t pieces;             /**< >= 1 */
  const secant_piece *piece; /**< [pieces], in increasing order; a piece may be empty */
  size_t local_count;        /**< elements held here: the sum of the pieces' counts */
  void *data;                /**< [local_count], piece after piece */
} secant_tensor;

/* ---- reading. None of these is collective. ----------------------------------------------------------------------- */

/** Kind of a node; NONE for NULL. */
SECANT_API secant_node_kind secant_node_get_kind(const secant_node *node);

/** Number of children of a list or dict; 0 of anything else. */
SECANT_API size_t secant_node_size(const secant_node *node);

/** Key of child `index` of a dict; NULL past the end or for another kind. Valid until the dict changes. */
SECANT_API const char *secant_node_key(const secant_node *node, size_t index);

/** Child `index` of a list or dict in order of insertion; NULL past the end. Owned by its parent. */
SECANT_API secant_node *secant_node_at(const secant_node *node, size_t index);

/** What lies under a path such as "state/0/n_iter" or "param_groups/0/lr"; a list's children are named by their
 *  position. "s" and "y" find "old_stps" and "old_dirs". NULL if there is none. Owned by its parent. */
SECANT_API secant_node *secant_node_find(const secant_node *node, const char *path);

/** Value of an INTEGER. @return SECANT_OK, or SECANT_ERR_MISMATCH for another kind or NULL; `value` is unchanged
 *  then */
SECANT_API SECANT_NODISCARD secant_status secant_node_get_integer(const secant_node *node, int64_t *value);

/** Value of a REAL or an INTEGER. @return as secant_node_get_integer() */
SECANT_API SECANT_NODISCARD secant_status secant_node_get_real(const secant_node *node, double *value);

/** Value of a TEXT, NULL for another kind. Valid until the node changes. */
SECANT_API const char *secant_node_get_text(const secant_node *node);

/** View of a TENSOR; its arrays belong to the node, and `data` may be written. @return as secant_node_get_integer() */
SECANT_API SECANT_NODISCARD secant_status secant_node_get_tensor(const secant_node *node, secant_tensor *view);

/* ---- making and changing. None of these is collective. ----------------------------------------------------------- */

/* Each returns a new node, or NULL if there is no memory or an argument makes no sense. */
/** A new NONE. */
SECANT_API secant_node *secant_node_none(void);
/** A new INTEGER. */
SECANT_API secant_node *secant_node_integer(int64_t value);
/** A new REAL. */
SECANT_API secant_node *secant_node_real(double value);
/** A new TEXT with a copy of `text`. */
SECANT_API secant_node *secant_node_text(const char *text);
/** A new LIST without children. */
SECANT_API secant_node *secant_node_list(void);
/** A new DICT without children. */
SECANT_API secant_node *secant_node_dict(void);

/** A tensor that copies shape and pieces of `view`, and its data unless that is NULL: then it is zero. */
SECANT_API secant_node *secant_node_tensor(const secant_tensor *view);

/** A deep copy; NULL if there is no memory or `node` is NULL. */
SECANT_API secant_node *secant_node_copy(const secant_node *node);

/** Frees a node and all below it. Only for a node without a parent. NULL is allowed. */
SECANT_API void secant_node_destroy(secant_node *node);

/** Puts `child` into a dict under `key` (not empty, without '/'), in place of what was there. Takes `child` over, also
 *  on failure. @return SECANT_OK, SECANT_ERR_ARGUMENT (also if `child` is NULL, has a parent or contains `dict`) or
 *  SECANT_ERR_MEMORY; a `child` that has a parent or contains `dict` is left alone */
SECANT_API SECANT_NODISCARD secant_status secant_node_set(secant_node *dict, const char *key, secant_node *child);

/** Appends `child` to a list. Ownership and return as secant_node_set(). */
SECANT_API SECANT_NODISCARD secant_status secant_node_append(secant_node *list, secant_node *child);

/** Takes the child under `key` (of a list: its position as text) out and frees it. Nothing happens if there is none. */
SECANT_API void secant_node_remove(secant_node *node, const char *key);

/* ---- of an optimizer --------------------------------------------------------------------------------------------- */

/**
 * Exports the state: runs the pre-hooks, packs a deep copy, runs the post-hooks. Collective. Call it between steps.
 * @param dict  out: owned by the caller, free it with secant_node_destroy(); NULL after an error
 * @return SECANT_OK, equal on all ranks; after an error the optimizer is as it was:
 *   SECANT_ERR_ARGUMENT  an argument is NULL
 *   SECANT_ERR_STATE     an evaluation is wanted: the call came from a closure, or between secant_ask() and
 *                        secant_tell()
 *   SECANT_ERR_HOOK      a hook reported failure
 *   SECANT_ERR_MEMORY, SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_state_dict(secant_optimizer *optimizer, secant_node **dict);

/**
 * Loads a state: runs the pre-hooks on a deep copy, checks all of it, takes it over, runs the post-hooks. Collective.
 * The next secant_step() goes on as the optimizer would have that the dict came from; the parameters are the caller's
 * business.
 *
 * Parameters are matched by position, never by name; names in the dict replace the current ones. Vectors of another
 * element type are converted. Of the options, those in the dict replace the current ones, except direction, loss,
 * reduction, history_dtype and threads, which say how this process computes; a missing option stays. If history_size is
 * smaller than the number of pairs in the dict, the newest are kept. A schedule created before the load finds its
 * learning rate overwritten; one created after it overwrites the loaded one.
 * @return SECANT_OK, equal on all ranks. Before SECANT_ERR_HOOK from a post-hook the state has been loaded; after any
 *   other error nothing has changed, and secant_message() names the entry:
 *   SECANT_ERR_ARGUMENT  an argument is NULL
 *   SECANT_ERR_STATE     as secant_state_dict()
 *   SECANT_ERR_MISMATCH  an entry is missing, has another kind or size, or does not fit the parameters
 *   SECANT_ERR_HOOK, SECANT_ERR_MEMORY, SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_load_state_dict(secant_optimizer *optimizer, const secant_node *dict);

/**
 * Writes a state dict to an HDF5 file: dicts are groups, numbers and texts are attributes, vectors are datasets; lists
 * of equal values become arrays. h5py reads it without this library. Written as `path`.tmp, synced, renamed: two saves
 * to one path must not overlap; one thread of a process at a time, see checkpoint.h. Collective.
 * @param comm  whose ranks hold the shards; NULL means one process
 * @return SECANT_OK, SECANT_ERR_ARGUMENT, SECANT_ERR_IO, SECANT_ERR_MEMORY, SECANT_ERR_COMM, or SECANT_ERR_UNSUPPORTED
 */
SECANT_API SECANT_NODISCARD secant_status secant_state_dict_save(const secant_node *dict, const char *path,
                                                                 secant_comm *comm, secant_error *error);

/**
 * Reads such a file. Vectors whose length is the optimizer's number of unknowns are sharded as its parameters are;
 * others are read whole on each rank. Nothing in the optimizer changes: hand the dict to secant_load_state_dict().
 * Collective.
 * @param dict  out: owned by the caller; NULL after an error
 * @return SECANT_OK, SECANT_ERR_ARGUMENT, SECANT_ERR_IO, SECANT_ERR_FORMAT, SECANT_ERR_MEMORY, SECANT_ERR_COMM, or
 *   SECANT_ERR_UNSUPPORTED; secant_message() explains
 */
SECANT_API SECANT_NODISCARD secant_status secant_state_dict_read(secant_optimizer *optimizer, const char *path,
                                                                 secant_node **dict);

#ifdef __cplusplus
}
#endif
#endif
