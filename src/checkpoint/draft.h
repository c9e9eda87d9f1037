/*
 * A new file in the making. What HDF5 writes is diverted to memory: HDF5 1.10 cannot close a file that it cannot write,
 * and its collective calls do not end when one rank fails within them. So HDF5 makes the structure of a file, on one rank,
 * where no disk can fail, and gives every vector its place. Then the ranks fill the file on the disk by plain calls, whose
 * failures are theirs alone: one of them copies the structure, and each writes its parts of the vectors.
 */
#ifndef SECANT_DRAFT_H
#define SECANT_DRAFT_H

#include "comm/comm.h"
#include <stdbool.h>

/* Where the data of a dataset lie, and what they add up to. */
typedef struct secanti_extent {
  uint64_t offset; /* in the file */
  uint64_t elements;
  uint64_t size; /* bytes of an element */
  uint64_t sum;  /* checksum.h */
} secanti_extent;

typedef struct secanti_draft {
  int memory;              /* what HDF5 has written; -1 on ranks without it */
  uint64_t bytes;          /* of the whole file */
  uint64_t inode;          /* of the file on the disk */
  secanti_extent *extents; /* owned [count]: data that are not in memory, in the order they were noted */
  size_t count, capacity;
  bool filling; /* the structure is complete, and the extents are being written */
  size_t next;  /* extent */
} secanti_draft;

enum { SECANTI_DRAFT_NAME = 32 };

/* Makes room for the structure of a file; `name` is that of the memory, for HDF5 to open. One process. */
secant_status secanti_draft_begin(secanti_draft *draft, char name[SECANTI_DRAFT_NAME], secant_error *error);
void secanti_draft_destroy(secanti_draft *draft);

/* Notes that the data of an extent will be written to the disk and not to memory. */
secant_status secanti_draft_note(secanti_draft *draft, const secanti_extent *extent, secant_error *error);

/* Once HDF5 has closed the file in memory: opens the one on the disk, which is there and empty, reserves room, where the
 * file system can, and copies what is in memory. Close `file`, also after a failure, unless it is negative. One process. */
secant_status secanti_draft_put(secanti_draft *draft, const char *path, int *file, secant_error *error);

/* Gives what rank 0 knows of the file to all, or its failure. Collective; the outcome is common. */
secant_status secanti_draft_share(secanti_draft *draft, secant_comm *comm, secant_error *error);

/* Opens the same file on another rank. Close `file`, also after a failure, unless it is negative. */
secant_status secanti_draft_open(const secanti_draft *draft, const char *path, int *file, secant_error *error);

/* ERR_IO unless the file has these bytes. One process. */
secant_status secanti_draft_compare(const secanti_draft *draft, const char *path, secant_error *error);

/* Writes bytes at a place of a file, and lets the disk begin with many. ERR_IO with a sentence. */
secant_status secanti_draft_write(int file, const char *path, const void *data, size_t bytes, uint64_t at,
                                  secant_error *error);

#endif
