#include "checkpoint/h5_block.h"
#include "base/base.h"
#include <endian.h>
#include <string.h>

hid_t secanti_h5_element_type(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

/* ---- between the buffer and the file ------------------------------------------------------------------------------ */

/* A rectangle of a dataset. */
typedef struct rectangle {
  hsize_t row, rows;
  hsize_t column, columns; /* columns 0: nothing, but the call is made */
} rectangle;

/* Selects the rectangle in the file. `memory` gets the matching extent of the buffer. */
static bool select_in(hid_t space, int dimensions, const rectangle *what, hid_t *memory)
{
  const hsize_t elements = what->columns ? what->rows * what->columns : 1;
  const hsize_t start[2] = {what->row, what->column}, count[2] = {what->rows, what->columns};
  const int skip = 2 - dimensions;
  *memory = H5Screate_simple(1, &elements, NULL);
  if (space < 0 || *memory < 0) return false;
  if (what->columns == 0) return H5Sselect_none(space) >= 0 && H5Sselect_none(*memory) >= 0;
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start + skip, NULL, count + skip, NULL) >= 0;
}

/* One read by HDF5 into the buffer. */
static secant_status read_rectangle(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                                    const rectangle *what, void *buffer)
{
  const hid_t type = secanti_h5_element_type(shape->dtype), space = H5Dget_space(dataset);
  hid_t memory = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  herr_t code = -1;
  if (select_in(space, shape->dimensions, what, &memory)) {
    code = H5Dread(dataset, type, memory, space, file->transfer, buffer);
  }
  if (code < 0) status = secanti_h5_fail(file, dataset, "the vector cannot be read");
  if (memory >= 0) H5Sclose(memory);
  if (space >= 0) H5Sclose(space);
  return status;
}

/* Numbers as they lie in the file, or back again; on most machines there is nothing to do. */
static void to_little_endian(char *data, size_t size, size_t count)
{
  if (htole32(1) == 1) return;
  for (size_t i = 0; i < count; i++, data += size) {
    uint32_t single;
    uint64_t number;
    if (size == sizeof single) {
      memcpy(&single, data, size);
      single = htole32(single);
      memcpy(data, &single, size);
    } else {
      memcpy(&number, data, size);
      number = htole64(number);
      memcpy(data, &number, size);
    }
  }
}

/* One rectangle to the disk, in as few runs as it takes. A rank on which something failed writes no more. */
static secant_status write_rectangle(const secanti_h5_file *file, const secanti_h5_shape *shape, const rectangle *what,
                                     void *buffer)
{
  const secanti_extent *where = secanti_h5_place_of_data(file);
  const uint64_t columns = (uint64_t)shape->columns, size = where->size;
  const bool whole = what->columns == columns;
  const size_t runs = whole ? 1 : (size_t)what->rows,
               length = (size_t)((whole ? what->rows : 1) * what->columns * size);
  if (what->columns > 0) to_little_endian(buffer, (size_t)size, (size_t)(what->rows * what->columns));
  for (size_t i = 0; length > 0 && i < runs && file->error->status == SECANT_OK; i++) {
    const uint64_t at = where->offset + ((what->row + i) * columns + what->column) * size;
    secanti_draft_write(file->disk, file->path, (char *)buffer + i * length, length, at, file->error);
  }
  if (what->columns > 0) to_little_endian(buffer, (size_t)size, (size_t)(what->rows * what->columns));
  return file->error->status;
}

secant_status secanti_h5_write_whole(const secanti_h5_file *file, void *values)
{
  const secanti_extent *where = secanti_h5_place_of_data(file);
  const secanti_h5_shape shape = {.rows = 1, .columns = (int64_t)where->elements};
  const rectangle all = {.rows = 1, .columns = where->elements};
  return write_rectangle(file, &shape, &all, values);
}

static secant_status transfer(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                              const rectangle *what, void *buffer)
{
  return file->writing ? write_rectangle(file, shape, what, buffer)
                       : read_rectangle(file, dataset, shape, what, buffer);
}

static rectangle rectangle_of(const secanti_h5_shard *shard, const secanti_h5_block *part)
{
  return (rectangle){part->row, part->rows, (hsize_t)shard->first + part->first, part->count};
}

/* ---- through rank 0 ----------------------------------------------------------------------------------------------- */

static secant_status send_to(const secanti_h5_file *file, int rank, const void *data, size_t bytes)
{
  if (secant_comm_exchange(file->comm, data, rank, NULL, -1, bytes) == SECANT_OK) return SECANT_OK;
  return secanti_fail(file->error, SECANT_ERR_COMM, "'%s': a vector could not be sent to rank %d", file->path, rank);
}

static secant_status receive_from(const secanti_h5_file *file, int rank, void *data, size_t bytes)
{
  if (secant_comm_exchange(file->comm, NULL, -1, data, rank, bytes) == SECANT_OK) return SECANT_OK;
  return secanti_fail(file->error, SECANT_ERR_COMM, "'%s': a vector of rank %d did not arrive", file->path, rank);
}

static size_t bytes_of(const secanti_h5_shape *shape, const rectangle *what)
{
  return (size_t)(what->rows * what->columns) * secanti_element_bytes(shape->dtype);
}

/* Rank 0 reads or writes, unless something has failed: then the ranks go on passing blocks, and agree in the end. */
static void transfer_if_good(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                             const rectangle *what, void *buffer)
{
  if (file->error->status == SECANT_OK && what->columns > 0) transfer(file, dataset, shape, what, buffer);
}

/* Rank 0 serves another rank. That its own block lies in the buffer must be past, or is still to come. */
static void serve(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape, int rank, void *buffer)
{
  rectangle what = {0};
  const bool known = receive_from(file, rank, &what, sizeof what) == SECANT_OK;
  if (!known) return;
  if (file->writing) receive_from(file, rank, buffer, bytes_of(shape, &what));
  transfer_if_good(file, dataset, shape, &what, buffer);
  if (!file->writing) send_to(file, rank, buffer, bytes_of(shape, &what));
}

/* Any other rank says where its block lies and passes it on, or gets it. */
static secant_status be_served(const secanti_h5_file *file, const secanti_h5_shape *shape, const rectangle *what,
                               void *buffer)
{
  const secant_status status = send_to(file, 0, what, sizeof *what);
  if (status != SECANT_OK) return status;
  return file->writing ? send_to(file, 0, buffer, bytes_of(shape, what))
                       : receive_from(file, 0, buffer, bytes_of(shape, what));
}

/* Rank by rank: rank 0 needs its buffer for the others, so it writes its own block first and reads it last. */
static secant_status pass_through_first(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                                        const secanti_h5_shard *shard, const rectangle *own)
{
  if (file->comm->rank > 0) return be_served(file, shape, own, shard->buffer);
  if (file->writing) transfer_if_good(file, dataset, shape, own, shard->buffer);
  for (int rank = 1; rank < file->comm->size; rank++) serve(file, dataset, shape, rank, shard->buffer);
  if (!file->writing) transfer_if_good(file, dataset, shape, own, shard->buffer);
  return file->error->status;
}

secant_status secanti_h5_move_block(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                                    const secanti_h5_shard *shard, const secanti_h5_block *part)
{
  const rectangle own = rectangle_of(shard, part);
  return file->gathered ? pass_through_first(file, dataset, shape, shard, &own)
                        : transfer(file, dataset, shape, &own, shard->buffer);
}
