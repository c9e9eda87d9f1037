/*
 * HDF5 for the checkpoint's needs: one file that all ranks share, attributes, tables that every rank holds, and vectors
 * of which every rank holds a shard. Every failure becomes a sentence that names the file and the object.
 *
 * A file that is read is open on all ranks, or, gathered, on rank 0 alone. Then the other ranks make the same calls, which
 * repeat what rank 0 has read (secanti_h5_read_together), and vectors pass through rank 0.
 *
 * A file is written in two rounds of the same calls. In the first one rank 0 makes the structure, checksums included, in
 * memory (draft.h), and all ranks compute the checksums of their parts. In the second one nothing but the data of vectors
 * and tables is written, by each rank to the disk, or, gathered, through rank 0.
 *
 * Where a rank has not got the file, identifiers are negative and what would touch it does nothing.
 *
 * Objects left open are closed with the file, so an early return leaks nothing.
 */
#ifndef SECANT_H5_FILE_H
#define SECANT_H5_FILE_H

#include "checkpoint/draft.h"
#include "checkpoint/record.h"
#include "comm/comm.h"
#include <hdf5.h>
#include <secant/checkpoint.h>
#include <stdbool.h>

typedef struct secanti_h5_file {
  const char *path;    /* borrowed */
  secant_comm *comm;   /* borrowed */
  secant_error *error; /* borrowed: where the sentences go */
  bool writing;
  bool gathered; /* rank 0 alone touches the disk */
  bool sealed;   /* while reading: it has a seal (seal.h), and so its datasets have checksums */
  hid_t id;
  hid_t transfer;         /* while reading */
  secanti_record *record; /* owned: what rank 0 has read; NULL unless gathered and reading */
  secanti_draft *draft;   /* owned: while writing */
  int disk;               /* the file on the disk, in the second round of writing; else -1 */
} secanti_h5_file;

/* A file that is not open. */
static inline secanti_h5_file secanti_h5_closed(void)
{
  return (secanti_h5_file){.id = H5I_INVALID_HID, .transfer = H5I_INVALID_HID, .disk = -1};
}

/* Whether HDF5 has not got the file on this rank. */
static inline bool secanti_h5_is_absent(const secanti_h5_file *file)
{
  return file->writing ? file->id < 0 : file->gathered && file->comm->rank > 0;
}

/* Whether the file is in its second round of writing. */
static inline bool secanti_h5_is_filling(const secanti_h5_file *file)
{
  return file->draft && file->draft->filling;
}

/* Whether files on this communicator are opened by all ranks: on `io` SECANT_IO_AUTO wherever it knows how. */
bool secanti_h5_in_parallel(const secant_comm *comm, secant_checkpoint_io io);

/* Begins a file for writing, with room for a seal ahead of HDF5's own bytes, or opens one for reading. Collective; the
 * outcome is common. */
secant_status secanti_h5_begin(secanti_h5_file *file, secant_comm *comm, const char *path, bool writing,
                               secant_checkpoint_io io, secant_error *error);

/* After the first round of writing: puts the structure into the file on the disk, which is there and empty, and opens it
 * for the second round on all ranks that touch the disk. Collective; the outcome is common. */
secant_status secanti_h5_fill(secanti_h5_file *file);

/* Closes the file, or what there is of it. Collective while reading. */
void secanti_h5_close(secanti_h5_file *file);

/* Fills the file's error with "'path': /object: sentence (cause)"; no object if its identifier is negative. While
 * writing: ERR_IO. While reading: ERR_IO if the system refused, else ERR_FORMAT. */
secant_status secanti_h5_fail(const secanti_h5_file *file, hid_t object, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is read of a file without moving vectors: attributes and tables. The status is this rank's. */
typedef secant_status secanti_h5_reading(void *user);

/* Lets all ranks read the same: at once where they have the file, else from what rank 0 has read. Collective; the
 * outcome is common. */
secant_status secanti_h5_read_together(const secanti_h5_file *file, secanti_h5_reading *read, void *user);

/* Keeps what was just read for the ranks that have not got the file, if there are such; gives it on one of them. */
secant_status secanti_h5_remember(const secanti_h5_file *file, const void *item, size_t bytes);
secant_status secanti_h5_recall(const secanti_h5_file *file, void *item);

/* Same class and size; the byte order may differ, HDF5 converts it. */
bool secanti_h5_alike(hid_t type, hid_t expected);

/* Whether cells of the type may hold addresses of what lies elsewhere, as texts of any length do. */
bool secanti_h5_is_variable(hid_t type);

/* ---- groups and attributes ----------------------------------------------------------------------------------------- */

/* A group of `parent`: made while writing, opened while reading. H5Gclose() it. */
secant_status secanti_h5_group(const secanti_h5_file *file, hid_t parent, const char *name, hid_t *group);

/* Attributes of `object`. */
secant_status secanti_h5_write_text(const secanti_h5_file *file, hid_t object, const char *name, const char *text);
secant_status secanti_h5_write_integers(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                        const int64_t *values);
secant_status secanti_h5_write_reals(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                     const double *values);

/* An attribute with elements of `type`, none if `values` is NULL. `space` is closed. */
secant_status secanti_h5_write_attribute(const secanti_h5_file *file, hid_t object, const char *name, hid_t type,
                                         hid_t space, const void *values);

/* The type of texts of at most `size` bytes, the zero included. H5Tclose() it. */
hid_t secanti_h5_text_type(size_t size);

/* The same attributes read back; type and count must be as written. `text` is allocated: free() it. */
secant_status secanti_h5_read_text(const secanti_h5_file *file, hid_t object, const char *name, char **text);
secant_status secanti_h5_read_integers(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                       int64_t *values);
secant_status secanti_h5_read_reals(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                    double *values);

/* Number of values of an attribute. */
secant_status secanti_h5_attribute_count(const secanti_h5_file *file, hid_t object, const char *name, size_t *count);

/* ---- datasets -------------------------------------------------------------------------------------------------------- */

/* The extent of a dataset: [columns], or [rows][columns]. */
typedef struct secanti_h5_shape {
  int dimensions; /* 1 or 2 */
  size_t rows;    /* 1 if one-dimensional */
  int64_t columns;
  secant_dtype dtype;
} secanti_h5_shape;

/* Makes a contiguous dataset while writing; while reading opens one and checks type, shape and storage. H5Dclose()
 * it. */
secant_status secanti_h5_dataset(const secanti_h5_file *file, hid_t parent, const char *name,
                                 const secanti_h5_shape *shape, hid_t *dataset);

/* Makes a contiguous dataset of a tensor's shape and type, of any number of dimensions. H5Dclose() it. */
secant_status secanti_h5_make_tensor(const secanti_h5_file *file, hid_t parent, const char *name,
                                     const secant_tensor *tensor, hid_t *dataset);

/* The whole of a dataset of reals that every rank holds in full, rank 0's counting; in memory they are as long as in the
 * file. Its checksum is written, or compared. The status is this rank's. */
secant_status secanti_h5_table(const secanti_h5_file *file, hid_t dataset, void *values);

/* This rank's columns of a dataset, and how they are cut so that every rank makes the same number of calls. */
typedef struct secanti_h5_shard {
  int64_t first;
  size_t count;
  size_t longest; /* no rank has more columns; equal on all ranks */
  size_t piece;   /* elements moved by one call at most; equal on all ranks */
  void *buffer;   /* [piece] elements */
  uint64_t *sum;  /* the checksum of what this rank moves is added to it */
} secanti_h5_shard;

/* Copies elements first .. first+count of this rank's part of row `row` to `data` (writing, the same in both rounds) or
 * from it (reading). */
typedef void secanti_h5_row(void *user, size_t row, size_t first, size_t count, void *data);

/* Moves every rank's shard of all rows between file and memory; in the first round of writing it only adds them up. To be
 * followed by secanti_h5_confirm_parts(). Collective; the outcome is common. */
secant_status secanti_h5_vectors(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                                 const secanti_h5_shard *shard, secanti_h5_row *copy, void *user);

/* ---- checksums of datasets (h5_checksum.c) ---------------------------------------------------------------------------- */

/* Writes the checksum of a dataset, or compares it with the one in the file, if that is sealed: ERR_FORMAT if they
 * differ. The status is this rank's. */
secant_status secanti_h5_confirm(const secanti_h5_file *file, hid_t dataset, uint64_t sum);

/* The same with the sum over the ranks of what each of them has moved. While writing, it also tells the second round
 * where the data go, and goes on to the next dataset in that round. Collective; the outcome is common. */
secant_status secanti_h5_confirm_parts(const secanti_h5_file *file, hid_t dataset, uint64_t part);

/* The same for data that this rank has in full. In the first round of writing; the status is this rank's. */
secant_status secanti_h5_confirm_later(const secanti_h5_file *file, hid_t dataset, uint64_t sum);

/* Where the data go that are written now, in the second round; and goes on to those of the next dataset. */
const secanti_extent *secanti_h5_place_of_data(const secanti_h5_file *file);
void secanti_h5_next(const secanti_h5_file *file);

/* Reads a dataset that is small and compares its checksum, if the file is sealed. The status is this rank's. */
secant_status secanti_h5_confirm_whole(const secanti_h5_file *file, hid_t dataset);

/* The checksum in the file; and the error that the data have another one. */
secant_status secanti_h5_read_checksum(const secanti_h5_file *file, hid_t dataset, uint64_t *sum);
secant_status secanti_h5_damaged(const secanti_h5_file *file, hid_t dataset, uint64_t actual, uint64_t expected);

#endif
