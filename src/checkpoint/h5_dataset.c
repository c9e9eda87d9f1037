/* Datasets: made and checked, tables moved whole, vectors moved shard by shard. */
#include "base/base.h"
#include "checkpoint/checksum.h"
#include "checkpoint/h5_block.h"
#include <stdlib.h>

hid_t secanti_h5_stored_type(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
}

/* Room is reserved at once and not filled: every element is about to be written. */
static hid_t make_in_space(hid_t parent, const char *name, hid_t space, secant_dtype dtype)
{
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  hid_t dataset = H5I_INVALID_HID;
  if (space >= 0 && how >= 0 && H5Pset_layout(how, H5D_CONTIGUOUS) >= 0 &&
      H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY) >= 0 && H5Pset_fill_time(how, H5D_FILL_TIME_NEVER) >= 0) {
    dataset = H5Dcreate2(parent, name, secanti_h5_stored_type(dtype), space, H5P_DEFAULT, how, H5P_DEFAULT);
  }
  if (how >= 0) H5Pclose(how);
  return dataset;
}

static hid_t make_dataset(hid_t parent, const char *name, const secanti_h5_shape *shape)
{
  const hsize_t extents[2] = {shape->rows, (hsize_t)shape->columns};
  const hid_t space = H5Screate_simple(shape->dimensions, extents + (2 - shape->dimensions), NULL);
  const hid_t dataset = make_in_space(parent, name, space, shape->dtype);
  if (space >= 0) H5Sclose(space);
  return dataset;
}

secant_status secanti_h5_make_tensor(const secanti_h5_file *file, hid_t parent, const char *name,
                                     const secant_tensor *tensor, hid_t *dataset)
{
  hsize_t extents[H5S_MAX_RANK];
  const int dimensions = tensor->dimensions;
  *dataset = H5I_INVALID_HID;
  if (secanti_h5_is_absent(file)) return SECANT_OK;
  if (dimensions > H5S_MAX_RANK) {
    return secanti_h5_fail(file, parent, "a tensor has at most %d dimensions; '%s' has %d", H5S_MAX_RANK, name,
                           dimensions);
  }
  for (int i = 0; i < dimensions; i++) extents[i] = (hsize_t)tensor->shape[i];
  const hid_t space = dimensions ? H5Screate_simple(dimensions, extents, NULL) : H5Screate(H5S_SCALAR);
  *dataset = make_in_space(parent, name, space, tensor->dtype);
  if (space >= 0) H5Sclose(space);
  return *dataset >= 0 ? SECANT_OK : secanti_h5_fail(file, parent, "dataset '%s' cannot be made", name);
}

static bool has_shape(hid_t dataset, const secanti_h5_shape *shape)
{
  hsize_t extents[2] = {1, 0};
  const hid_t space = H5Dget_space(dataset);
  const bool good = space >= 0 && H5Sget_simple_extent_ndims(space) == shape->dimensions &&
                    H5Sget_simple_extent_dims(space, extents + (2 - shape->dimensions), NULL) == shape->dimensions &&
                    extents[0] == shape->rows && extents[1] == (hsize_t)shape->columns;
  if (space >= 0) H5Sclose(space);
  return good;
}

static bool has_type(hid_t dataset, secant_dtype dtype)
{
  const hid_t type = H5Dget_type(dataset);
  const bool good = type >= 0 && secanti_h5_alike(type, secanti_h5_element_type(dtype));
  if (type >= 0) H5Tclose(type);
  return good;
}

/* Whether all elements are in the file. A file that was repacked in chunks or compressed cannot be judged by size. */
static bool is_stored(hid_t dataset, const secanti_h5_shape *shape)
{
  const hid_t how = H5Dget_create_plist(dataset);
  const bool contiguous = how >= 0 && H5Pget_layout(how) == H5D_CONTIGUOUS;
  if (how >= 0) H5Pclose(how);
  const uint64_t bytes = (uint64_t)shape->rows * (uint64_t)shape->columns * secanti_element_bytes(shape->dtype);
  return !contiguous || H5Dget_storage_size(dataset) == bytes;
}

secant_status secanti_h5_dataset(const secanti_h5_file *file, hid_t parent, const char *name,
                                 const secanti_h5_shape *shape, hid_t *dataset)
{
  *dataset = H5I_INVALID_HID;
  if (secanti_h5_is_absent(file)) return SECANT_OK;
  *dataset = file->writing ? make_dataset(parent, name, shape) : H5Dopen2(parent, name, H5P_DEFAULT);
  if (*dataset < 0) {
    return secanti_h5_fail(file, parent, "dataset '%s' cannot be %s", name, file->writing ? "made" : "opened");
  }
  if (file->writing || (has_shape(*dataset, shape) && has_type(*dataset, shape->dtype) && is_stored(*dataset, shape))) {
    return SECANT_OK;
  }
  const secant_status status =
      secanti_h5_fail(file, parent, "dataset '%s' has not the expected shape, type or size", name);
  H5Dclose(*dataset);
  *dataset = H5I_INVALID_HID;
  return status;
}

/* The type in memory of a dataset's elements. */
static hid_t memory_type(hid_t dataset)
{
  const hid_t type = H5Dget_type(dataset);
  const bool single = type >= 0 && H5Tget_size(type) == sizeof(float);
  if (type >= 0) H5Tclose(type);
  return secanti_h5_element_type(single ? SECANT_F32 : SECANT_F64);
}

static size_t elements_of(hid_t dataset)
{
  const hid_t space = H5Dget_space(dataset);
  const hssize_t elements = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
  if (space >= 0) H5Sclose(space);
  return elements > 0 ? (size_t)elements : 0;
}

/* Rank 0 alone, whose values are those that count. */
static secant_status write_table(const secanti_h5_file *file, hid_t dataset, void *values)
{
  if (!secanti_h5_is_filling(file)) {
    if (secanti_h5_is_absent(file)) return SECANT_OK;
    const size_t size = H5Tget_size(memory_type(dataset));
    return secanti_h5_confirm_later(file, dataset, secanti_checksum_numbers(values, size, elements_of(dataset), 0));
  }
  const secant_status status = file->comm->rank == 0 ? secanti_h5_write_whole(file, values) : SECANT_OK;
  secanti_h5_next(file);
  return status;
}

secant_status secanti_h5_table(const secanti_h5_file *file, hid_t dataset, void *values)
{
  if (file->writing) return write_table(file, dataset, values);
  if (secanti_h5_is_absent(file)) return secanti_h5_recall(file, values);
  const hid_t type = memory_type(dataset);
  const size_t elements = elements_of(dataset), size = H5Tget_size(type);
  if (elements > 0 && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    return secanti_h5_fail(file, dataset, "the table cannot be read");
  }
  const secant_status status = secanti_h5_confirm(file, dataset, secanti_checksum_numbers(values, size, elements, 0));
  return status == SECANT_OK ? secanti_h5_remember(file, values, elements * size) : status;
}

/* ---- vectors ----------------------------------------------------------------------------------------------------- */

static void copy_block(const secanti_h5_shape *shape, const secanti_h5_shard *shard, const secanti_h5_block *part,
                       secanti_h5_row *copy, void *user)
{
  const size_t bytes = part->count * secanti_element_bytes(shape->dtype);
  if (part->count == 0) return;
  for (size_t i = 0; i < part->rows; i++) {
    copy(user, part->row + i, part->first, part->count, (char *)shard->buffer + i * bytes);
  }
}

/* Adds the checksum of a block that is in the buffer. */
static void add_block(const secanti_h5_shape *shape, const secanti_h5_shard *shard, const secanti_h5_block *part)
{
  const size_t size = secanti_element_bytes(shape->dtype);
  for (size_t i = 0; i < part->rows; i++) {
    const uint64_t row = (uint64_t)(part->row + i) * (uint64_t)shape->columns;
    const char *data = (const char *)shard->buffer + i * part->count * size;
    *shard->sum += secanti_checksum_numbers(data, size, part->count, row + (uint64_t)shard->first + part->first);
  }
}

/* Moves one block, or adds it to the checksum, or both. On its way out the buffer may be used for what other ranks have. */
static void pass_block(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                       const secanti_h5_shard *shard, const secanti_h5_block *part, secanti_h5_row *copy, void *user)
{
  if (file->writing) {
    copy_block(shape, shard, part, copy, user);
    if (secanti_h5_is_filling(file)) {
      secanti_h5_move_block(file, dataset, shape, shard, part);
    } else {
      add_block(shape, shard, part);
    }
  } else if (secanti_h5_move_block(file, dataset, shape, shard, part) == SECANT_OK) {
    add_block(shape, shard, part);
    copy_block(shape, shard, part, copy, user);
  }
}

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* A rank that fails goes on calling, so that none waits for it; the agreement comes at the end. */
secant_status secanti_h5_vectors(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                                 const secanti_h5_shard *shard, secanti_h5_row *copy, void *user)
{
  const size_t longest = smaller(shard->longest, (size_t)shape->columns);
  if (longest == 0) return SECANT_OK;
  const size_t columns = smaller(longest, shard->piece), rows = shard->piece / columns;
  for (size_t row = 0; row < shape->rows; row += rows) {
    for (size_t first = 0; first < longest; first += columns) {
      const secanti_h5_block part = {.row = row,
                                     .rows = smaller(rows, shape->rows - row),
                                     .first = first,
                                     .count = first < shard->count ? smaller(columns, shard->count - first) : 0};
      pass_block(file, dataset, shape, shard, &part, copy, user);
    }
  }
  return secant_comm_agree(file->comm, file->error);
}
