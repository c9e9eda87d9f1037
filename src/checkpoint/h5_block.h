/*
 * One piece of a vector on its way between the ranks and the file: every rank moves its own, and none waits for another
 * one; or all pass through rank 0. They are read by HDF5, and written by plain calls to where HDF5 wants them.
 */
#ifndef SECANT_H5_BLOCK_H
#define SECANT_H5_BLOCK_H

#include "checkpoint/h5_file.h"

/* Rows row .. row+rows of a rank's columns first .. first+count. `row` and `rows` are equal on all ranks. */
typedef struct secanti_h5_block {
  size_t row, rows;
  size_t first, count; /* within this rank's shard; count 0: takes part without data */
} secanti_h5_block;

/* The type in memory of elements of `dtype`. */
hid_t secanti_h5_element_type(secant_dtype dtype);

/* The type in the file: little-endian, whoever writes it, for checksums are those of the bytes there (h5_dataset.c). */
hid_t secanti_h5_stored_type(secant_dtype dtype);

/* Moves every rank's block of a dataset between the file and the shard's buffer, where it is dense. Collective if
 * gathered; the status is this rank's. */
secant_status secanti_h5_move_block(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                                    const secanti_h5_shard *shard, const secanti_h5_block *part);

/* Writes all elements of the dataset that is due in the second round. */
secant_status secanti_h5_write_whole(const secanti_h5_file *file, void *values);

#endif
