/* The parts of a checkpoint's making, and what they hand to each other. */
#ifndef SECANT_CHECKPOINT_H
#define SECANT_CHECKPOINT_H

#include "checkpoint/h5_file.h"
#include "checkpoint/schema.h"

/* One save or load in progress. */
typedef struct secanti_checkpoint {
  secant_optimizer *optimizer;
  const char *problem;
  secanti_h5_file file;
  secanti_snapshot snapshot;
  size_t longest; /* the most elements of one parameter that any rank has */
  size_t piece;   /* elements that one transfer moves at most */
  void *buffer;   /* [piece] */
} secanti_checkpoint;

/* Writes everything into the file, which is new and open (write.c). Collective; the outcome is common. */
secant_status secanti_checkpoint_write(secanti_checkpoint *checkpoint);

/* Reads and checks everything in the open file, then changes the optimizer (read.c). Collective; the outcome is common,
 * and after an error nothing has changed. */
secant_status secanti_checkpoint_read(secanti_checkpoint *checkpoint);

/* Whether the inner products of the stored pairs are needed, but not in the file (products.c). */
bool secanti_checkpoint_lacks_products(const secanti_checkpoint *checkpoint);

/* Computes them for the snapshot from the vectors in `storage` and the gradient `g`, this rank's of all parameters one
 * after the other (products.c). Collective; the outcome is common. */
secant_status secanti_checkpoint_complete_products(secanti_checkpoint *checkpoint, secanti_storage *storage, char *g);

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

#endif
