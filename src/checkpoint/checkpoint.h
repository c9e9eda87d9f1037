/* The parts of a checkpoint's making, and what they hand to each other. */
#ifndef SECANT_CHECKPOINT_H
#define SECANT_CHECKPOINT_H

#include "checkpoint/h5_file.h"
#include "checkpoint/references.h"
#include "checkpoint/schema.h"

/* One save or load in progress. */
typedef struct secanti_checkpoint {
  secant_optimizer *optimizer;
  const char *problem;
  secanti_h5_file file;
  secanti_snapshot snapshot;
  secant_dtype dtype;         /* of the parameters in the file */
  secant_dtype history_dtype; /* of s, y and d in the file */
  bool rounded;     /* on some rank a vector lost digits, for it is of a narrower type here than in the file */
  size_t longest;   /* the most elements of one parameter that any rank has */
  size_t piece;     /* elements that one transfer moves at most */
  void *buffer;     /* [piece] */
  int keep;         /* checkpoints of the series; 0: this file alone */
  bool incremental; /* the pairs go to files of their own */
  secanti_references references; /* to these files, once they are known; none: the file has the pairs itself */
  secant_checkpoint_io io;
} secanti_checkpoint;

/* The memory that writing needs: the snapshot and the buffer (write.c). Collective; the outcome is common. */
secant_status secanti_checkpoint_prepare(secanti_checkpoint *checkpoint);

/* Writes everything into the file, which is new and open (write.c). Collective; the outcome is common. */
secant_status secanti_checkpoint_write(secanti_checkpoint *checkpoint);

/* Reads and checks everything in the open file, then changes the optimizer (read.c). Collective; the outcome is common,
 * and after an error nothing has changed. */
secant_status secanti_checkpoint_read(secanti_checkpoint *checkpoint);

/* Refuses an open file that is no checkpoint, or one of another version (identity.c). The outcome is this rank's. */
secant_status secanti_checkpoint_check_format(const secanti_h5_file *file);

/* Refuses an open file that is no checkpoint or not one of this optimizer; finds the types in it (identity.c).
 * The outcome is this rank's. */
secant_status secanti_checkpoint_check_identity(secanti_checkpoint *checkpoint);

/* Whether the optimizer as it was created can go on with the snapshot that was read (identity.c). */
secant_status secanti_checkpoint_check_fits(const secanti_checkpoint *checkpoint);

/* Opens group /parameters/<index> (identity.c). */
secant_status secanti_checkpoint_open_parameter(const secanti_checkpoint *checkpoint, size_t index, hid_t *group);

/* Whether the file has not the inner products that are needed: not those of different pairs, or not those of the pairs
 * as they are stored here (products.c). */
bool secanti_checkpoint_lacks_products(const secanti_checkpoint *checkpoint);

/* Computes them for the snapshot from the vectors in `storage` and the gradient `g`, this rank's of all parameters one
 * after the other (products.c). Collective; the outcome is common. */
secant_status secanti_checkpoint_complete_products(secanti_checkpoint *checkpoint, secanti_storage *storage, char *g);

/* Pairs of the file that the optimizer keeps: as many of the newest as it has room for (checkpoint.c). */
int64_t secanti_checkpoint_kept_pairs(const secanti_checkpoint *checkpoint);

/* The buffer for transfers, once the snapshot's `pairs` is known (checkpoint.c). This rank's outcome. */
secant_status secanti_checkpoint_buffer(secanti_checkpoint *checkpoint);

/* Shape of the dataset of `entry` for a parameter; rows is 0 if there is none in this state (checkpoint.c). */
secanti_h5_shape secanti_checkpoint_shape(const secanti_checkpoint *checkpoint, const secanti_vector_entry *entry,
                                          size_t parameter);
secanti_h5_shape secanti_checkpoint_table_shape(const secanti_checkpoint *checkpoint, const secanti_table *table);

/* This rank's shard of a parameter (checkpoint.c). */
secanti_h5_shard secanti_checkpoint_shard(const secanti_checkpoint *checkpoint, size_t parameter);

/* The public functions with a limit to the elements that one transfer moves, so that a test reaches the paths for
 * large vectors with small ones. Equal on all ranks. */
secant_status secanti_checkpoint_save(secant_optimizer *optimizer, const char *path, const char *problem, size_t piece);
secant_status secanti_checkpoint_load(secant_optimizer *optimizer, const char *path, const char *problem, size_t piece);
secant_status secanti_checkpoint_save_with(secant_optimizer *optimizer, const char *path, const char *problem,
                                           const secant_checkpoint_options *options, size_t piece);

/* A hash of the path of a series, never 0: which series has a newest file that could not be loaded (newest.c). */
uint64_t secanti_checkpoint_mark(const char *path);

#endif
