/*
 * HDF5 files of state dicts.
 *
 *   the file         attributes format, version, library; it is the group of the outermost dict
 *   dict             group; attribute `keys` names the entries in their order
 *   integer          attribute, int64
 *   real             attribute, float64
 *   text             attribute, fixed-length UTF-8
 *   none             attribute with a null dataspace
 *   tensor           contiguous dataset of the global shape, float32 or float64
 *   list of          integers, reals or texts: attribute [count]. A none among reals is the NaN SECANTI_STATE_NONE
 *                    equal vectors: dataset [count][n], attribute kind = "list"
 *                    anything else: group with entries "0", "1", ..., attribute kind = "list"
 *
 * Ahead of all that comes a seal (seal.h), and every dataset has its checksum in an attribute xxh3. A file without a seal,
 * such as one that was written by h5py, is read without being checked.
 *
 * What is too large for an attribute, or has the name of one of the attributes above, is a dataset with the same
 * contents and an attribute kind: "list", or "value" if it is no list. Beside old_dirs and old_stps lie hard links y
 * and s, which `keys` does not name.
 */
#ifndef SECANT_STATE_FILE_H
#define SECANT_STATE_FILE_H

#include "checkpoint/h5_file.h"
#include "optimizer/optimizer.h"
#include <secant/secant.h>

#define SECANTI_STATE_FORMAT "secant-state-dict"
enum { SECANTI_STATE_VERSION = 1 };

/* Bits of the quiet NaN that stands for none in a list of reals. */
#define SECANTI_STATE_NONE UINT64_C(0x7ff800004e4f4e45)

/* No dict of an optimizer comes near; a damaged file may. */
enum { SECANTI_STATE_DEEPEST = 32, SECANTI_STATE_MOST_NODES = 1 << 20 };

static const struct {
  const char *alias, *key;
} secanti_state_aliases[] = {{"y", "old_dirs"}, {"s", "old_stps"}};
enum { SECANTI_STATE_ALIASES = sizeof secanti_state_aliases / sizeof *secanti_state_aliases };

/* How a node lies in the file. */
typedef enum secanti_form {
  SECANTI_FORM_SCALAR,
  SECANTI_FORM_INTEGERS,
  SECANTI_FORM_REALS,
  SECANTI_FORM_TEXTS,
  SECANTI_FORM_TENSOR,
  SECANTI_FORM_VECTORS,
  SECANTI_FORM_GROUP
} secanti_form;

secanti_form secanti_form_of(const secant_node *node);

/* A dataset of numbers that are still to be moved between file and memory. */
typedef struct secanti_transfer {
  hid_t dataset; /* open */
  const secant_node *node;
} secanti_transfer;

/* One save or read in progress. */
typedef struct secanti_state_file {
  secanti_h5_file file;
  size_t piece;                         /* elements that one transfer moves at most */
  const secant_node *dict;              /* to be saved */
  const secanti_parameters *parameters; /* that the dict is read for */
  secant_piece *pieces;                 /* [parameters->count] this rank's parts of the vector of all unknowns */
  size_t local_count;                   /* elements in them */
  secant_node *root;                    /* read so far */
  size_t nodes;                         /* made so far */
  uint64_t bytes;                       /* size of the file that is read */
  secanti_transfer *transfers;          /* [transfer_count] */
  size_t transfer_count, transfer_capacity;
} secanti_state_file;

/* Notes a transfer; takes the dataset over, also on failure (state_transfer.c). */
secant_status secanti_state_file_note(secanti_state_file *state, hid_t dataset, const secant_node *node);

/* Moves all that was noted (state_transfer.c). Collective; the outcome is common. */
secant_status secanti_state_file_transfer(secanti_state_file *state);

/* Makes groups, attributes and datasets (state_write.c). Collective; the status is this rank's. */
secant_status secanti_state_file_lay_out(secanti_state_file *state);

/* Makes the nodes, their values and shapes, all but the numbers of the vectors (state_read.c). The status is this
 * rank's. */
secant_status secanti_state_file_build(secanti_state_file *state);

/* The public functions with a limit to the elements that one transfer moves. Equal on all ranks. */
secant_status secanti_state_file_save(const secant_node *dict, const char *path, secant_comm *comm, size_t piece,
                                      secant_error *error);
secant_status secanti_state_file_read(secant_optimizer *optimizer, const char *path, size_t piece, secant_node **dict);

#endif
