/* The file of one pair (references.h): sealed, with datasets /parameters/<i>/s and y of one dimension. */
#ifndef SECANT_PAIR_FILE_H
#define SECANT_PAIR_FILE_H

#include "checkpoint/checkpoint.h"

/* Adds this rank's part of the checksums of row `row` to `sums`: s and y of the first parameter, of the second, ... */
void secanti_pair_add_sums(const secanti_checkpoint *checkpoint, size_t row, uint64_t *sums);

/* Writes row `row` to the file at `path` and puts it in its place. Collective; the outcome is common. */
secant_status secanti_pair_write(const secanti_checkpoint *checkpoint, const char *path, size_t row);

/* What becomes of a vector of a pair that has been read. */
typedef struct secanti_pair_reader {
  secanti_h5_row *copy;
  void *(*target)(void *user, size_t parameter, const secanti_vector_entry *entry); /* what `copy` is called with */
  void *user;
} secanti_pair_reader;

/* Reads pair `row` of the open checkpoint's references. Fails with a sentence that names the file, also if it is
 * missing or another pair's. Collective; the outcome is common. */
secant_status secanti_pair_read(const secanti_checkpoint *checkpoint, size_t row, const secanti_pair_reader *reader);

/* Whether the file of a pair that the checkpoint at `path` refers to is there, sealed, and that pair's; `whole` also
 * compares the checksum of each dataset. Collective; the outcome is common. */
secant_status secanti_pair_check(const char *path, const char *directory, const secanti_label *label, bool whole,
                                 secant_comm *comm, secant_checkpoint_io io, secant_error *error);

/* All pairs of an open checkpoint, in this process. */
secant_status secanti_pairs_check(const secanti_h5_file *file, bool whole);

#endif
