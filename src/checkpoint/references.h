/*
 * Incremental checkpoints. A stored pair never changes, so each is written once, to a file of its own in a directory
 * beside the checkpoint, and checkpoints refer to it.
 *
 *   run.h5                      everything but the vectors of the pairs; dataset /pairs names their files, oldest first
 *   run.h5.pairs/<label>.h5     s and y of one pair, of every parameter
 *
 * The label is a hash of all of s and y, in 32 hexadecimal digits. So a pair has the same file whoever wrote it, and no
 * pair ever takes another one's place.
 */
#ifndef SECANT_REFERENCES_H
#define SECANT_REFERENCES_H

#include "checkpoint/h5_file.h"
#include "engine/history.h"

/* The dataset of a checkpoint that names its pairs, as a path. */
#define SECANTI_REFERENCES "/pairs"

/* The pairs that a checkpoint refers to. */
typedef struct secanti_references {
  char *directory;       /* owned; without the directories that lead to the checkpoint */
  secanti_label *labels; /* owned [count], oldest first */
  size_t count;          /* 0: the checkpoint needs no other file */
} secanti_references;

void secanti_references_destroy(secanti_references *references);

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* Room for the name of a pair's file: 32 digits, ".h5" and a zero. */
enum { SECANTI_PAIR_NAME = 36 };

void secanti_pair_name(const secanti_label *label, char name[SECANTI_PAIR_NAME]);

/* Whether `name` is such a name, but for `suffix` at its end; and the label that it stands for. */
bool secanti_pair_parse(const char *name, const char *suffix, secanti_label *label);

/* Where a checkpoint at `path` keeps its pairs: the name of a directory beside it; and `directory` with what leads to
 * `path`, and the file of a pair in it unless `label` is NULL. In memory of the caller; NULL without memory. */
char *secanti_pairs_directory(const char *path);
char *secanti_pairs_path(const char *path, const char *directory, const secanti_label *label);

static inline bool secanti_same_label(const secanti_label *a, const secanti_label *b)
{
  return a->high == b->high && a->low == b->low;
}

static inline bool secanti_is_labelled(const secanti_label *label)
{
  return label->high != 0 || label->low != 0;
}

/* ---- in a checkpoint ---------------------------------------------------------------------------------------------- */

/* Writes /pairs. Collective; the outcome is common. */
secant_status secanti_references_write(const secanti_h5_file *file, const secanti_references *references);

/* Makes a dataset of pairs, [k][n], whose rows are those of other files: what HDF5 calls virtual. Collective; the
 * outcome is common. */
secant_status secanti_references_map(const secanti_h5_file *file, const secanti_references *references, hid_t group,
                                     size_t parameter, const char *name, const secanti_h5_shape *shape);

/* Reads /pairs; count is 0 if the file has none. secanti_references_destroy() them, also after a failure. To be called
 * within secanti_h5_read_together(); the status is this rank's. */
secant_status secanti_references_read(const secanti_h5_file *file, secanti_references *references);

/* Whether dataset `path` of a checkpoint that has references may be virtual: such a one must not be opened by one rank
 * of several, for HDF5 then copies the communicator of all. `path` has no slash at its beginning. */
bool secanti_references_may_map(const char *path);

#endif
