/* What an incremental save does before and after it writes the checkpoint itself (references.h). */
#ifndef SECANT_INCREMENTAL_H
#define SECANT_INCREMENTAL_H

#include "checkpoint/checkpoint.h"

/* Fills the references of a checkpoint that is about to be written to `path`, and writes those pairs that have no file
 * yet: when this returns, the disk has all of them. The snapshot and the buffer must be there. Collective; the outcome is
 * common. */
secant_status secanti_incremental_write_pairs(secanti_checkpoint *checkpoint, const char *path);

/* Removes pairs that no checkpoint of `path` refers to any more, and what is left of saves that were killed. To be called
 * when the one that `references` are of is in its place (kept_pairs.c). Rank 0 alone. What cannot be removed stays: the
 * next save tries again. */
void secanti_incremental_clean(secant_optimizer *optimizer, const char *path, const secanti_references *references);

#endif
