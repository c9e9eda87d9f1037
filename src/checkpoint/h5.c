#include "checkpoint/h5.h"
#include "base/base.h"
#include "checkpoint/h5_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- failures ----------------------------------------------------------------------------------------------------- */

/* Keeps the description of the innermost entry of HDF5's error stack, where the cause is. */
static herr_t keep_first(unsigned position, const H5E_error2_t *entry, void *user)
{
  if (position == 0 && entry->desc) snprintf(user, 160, "%s", entry->desc);
  return 0;
}

/* Asks for the cause first: the next call of HDF5 clears its error stack. */
secant_status secanti_h5_fail(const secanti_h5_file *file, hid_t object, const char *format, ...)
{
  char sentence[160], cause[160] = "", place[80] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, cause);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  const bool placed = object >= 0 && H5Iget_name(object, place, sizeof place) > 0;
  const char *advice = strstr(cause, "lock file") ? "; HDF5_USE_FILE_LOCKING=FALSE may help" : "";
  const bool refused = file->writing || strstr(cause, "errno");
  return secanti_fail(file->error, refused ? SECANT_ERR_IO : SECANT_ERR_FORMAT, "'%s': %s%s%s%s%s%s%s", file->path,
                      placed ? place : "", placed ? ": " : "", sentence, *cause ? " (HDF5: " : "", cause,
                      *cause ? ")" : "", advice);
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

/* Fills the property lists: shared access if the communicator knows how. */
static secant_status prepare(secanti_h5_file *file, hid_t *access)
{
  const secanti_h5_driver *parallel = file->comm->h5;
  *access = parallel ? (hid_t)parallel->file_access(file->comm) : H5Pcreate(H5P_FILE_ACCESS);
  file->transfer = parallel ? (hid_t)parallel->transfer(file->comm) : H5Pcreate(H5P_DATASET_XFER);
  if (*access < 0 || file->transfer < 0 || H5Pset_fclose_degree(*access, H5F_CLOSE_STRONG) < 0) {
    return secanti_fail(file->error, SECANT_ERR_IO, "'%s': HDF5 cannot prepare access to files", file->path);
  }
  return SECANT_OK;
}

secant_status secanti_h5_begin(secanti_h5_file *file, secant_comm *comm, const char *path, bool writing,
                               secant_error *error)
{
  hid_t access = H5I_INVALID_HID;
  *file = (secanti_h5_file){path, comm, error, writing, H5I_INVALID_HID, H5I_INVALID_HID};
  prepare(file, &access);
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) {
    file->id = file->writing ? H5Fcreate(file->path, H5F_ACC_TRUNC, H5P_DEFAULT, access)
                             : H5Fopen(file->path, H5F_ACC_RDONLY, access);
    if (file->id < 0) secanti_h5_fail(file, H5I_INVALID_HID, "cannot be %s", file->writing ? "created" : "opened");
    status = secant_comm_agree(file->comm, file->error);
  }
  if (access >= 0) H5Pclose(access);
  if (status != SECANT_OK) secanti_h5_close(file);
  return status;
}

secant_status secanti_h5_close(secanti_h5_file *file)
{
  secant_status status = SECANT_OK;
  if (file->transfer >= 0) H5Pclose(file->transfer);
  if (file->id >= 0 && H5Fclose(file->id) < 0) status = SECANT_ERR_IO;
  if (status != SECANT_OK && file->error->status == SECANT_OK)
    status = secanti_h5_fail(file, H5I_INVALID_HID, "cannot be closed");
  file->transfer = H5I_INVALID_HID;
  file->id = H5I_INVALID_HID;
  return status;
}

/* ---- groups and attributes ------------------------------------------------------------------------------------------ */

secant_status secanti_h5_group(const secanti_h5_file *file, hid_t parent, const char *name, hid_t *group)
{
  *group = file->writing ? H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)
                         : H5Gopen2(parent, name, H5P_DEFAULT);
  if (*group >= 0) return SECANT_OK;
  return secanti_h5_fail(file, parent, "group '%s' cannot be %s", name, file->writing ? "made" : "opened");
}

/* Writes an attribute with elements of `type`; `space` is closed. */
static secant_status write_attribute(const secanti_h5_file *file, hid_t object, const char *name, hid_t type,
                                     hid_t space, const void *values)
{
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const bool good = attribute >= 0 && H5Awrite(attribute, type, values) >= 0;
  secant_status status = SECANT_OK;
  if (!good) status = secanti_h5_fail(file, object, "attribute '%s' cannot be written", name);
  if (attribute >= 0) H5Aclose(attribute);
  if (space >= 0) H5Sclose(space);
  return status;
}

/* One value is a scalar, several are a list. */
static hid_t space_for(size_t count)
{
  const hsize_t extent = count;
  return count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
}

secant_status secanti_h5_write_integers(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                        const int64_t *values)
{
  return write_attribute(file, object, name, H5T_NATIVE_INT64, space_for(count), values);
}

secant_status secanti_h5_write_reals(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                     const double *values)
{
  return write_attribute(file, object, name, H5T_NATIVE_DOUBLE, space_for(count), values);
}

/* A text of `size` bytes, its zero included. */
static hid_t text_type(size_t size)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  if (type >= 0 && H5Tset_size(type, size) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0) return type;
  if (type >= 0) H5Tclose(type);
  return H5I_INVALID_HID;
}

secant_status secanti_h5_write_text(const secanti_h5_file *file, hid_t object, const char *name, const char *text)
{
  const hid_t type = text_type(strlen(text) + 1);
  const secant_status status = write_attribute(file, object, name, type, space_for(1), text);
  if (type >= 0) H5Tclose(type);
  return status;
}

/* An attribute opened for reading, with what there is to check about it. */
typedef struct attribute_view {
  hid_t id, type, space;
  hssize_t count; /* negative if the attribute is absent or unreadable */
} attribute_view;

static attribute_view view_attribute(hid_t object, const char *name)
{
  attribute_view view = {H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, -1};
  view.id = H5Aopen(object, name, H5P_DEFAULT);
  if (view.id >= 0) {
    view.type = H5Aget_type(view.id);
    view.space = H5Aget_space(view.id);
  }
  if (view.type >= 0 && view.space >= 0) view.count = H5Sget_simple_extent_npoints(view.space);
  return view;
}

static void close_view(attribute_view *view)
{
  if (view->space >= 0) H5Sclose(view->space);
  if (view->type >= 0) H5Tclose(view->type);
  if (view->id >= 0) H5Aclose(view->id);
}

static secant_status unreadable(const secanti_h5_file *file, hid_t object, const char *name)
{
  return secanti_h5_fail(file, object, "attribute '%s' is missing or not of the expected kind", name);
}

/* Same class and size; the byte order may differ, HDF5 converts it. */
static bool alike(hid_t type, hid_t expected)
{
  return H5Tget_class(type) == H5Tget_class(expected) && H5Tget_size(type) == H5Tget_size(expected);
}

static secant_status read_numbers(const secanti_h5_file *file, hid_t object, const char *name, hid_t type, size_t count,
                                  void *values)
{
  attribute_view view = view_attribute(object, name);
  const bool good =
      view.count == (hssize_t)count && alike(view.type, type) && (count == 0 || H5Aread(view.id, type, values) >= 0);
  const secant_status status = good ? SECANT_OK : unreadable(file, object, name);
  close_view(&view);
  return status;
}

secant_status secanti_h5_read_integers(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                       int64_t *values)
{
  return read_numbers(file, object, name, H5T_NATIVE_INT64, count, values);
}

secant_status secanti_h5_read_reals(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                    double *values)
{
  return read_numbers(file, object, name, H5T_NATIVE_DOUBLE, count, values);
}

secant_status secanti_h5_attribute_count(const secanti_h5_file *file, hid_t object, const char *name, size_t *count)
{
  attribute_view view = view_attribute(object, name);
  const secant_status status = view.count >= 0 ? SECANT_OK : unreadable(file, object, name);
  *count = view.count >= 0 ? (size_t)view.count : 0;
  close_view(&view);
  return status;
}

secant_status secanti_h5_read_text(const secanti_h5_file *file, hid_t object, const char *name, char **text)
{
  secant_status status = SECANT_OK;
  attribute_view view = view_attribute(object, name);
  const bool is_text = view.count == 1 && H5Tget_class(view.type) == H5T_STRING && H5Tis_variable_str(view.type) == 0;
  const size_t size = is_text ? H5Tget_size(view.type) : 0;
  const hid_t type = is_text ? text_type(size + 1) : H5I_INVALID_HID;
  *text = is_text ? secanti_alloc(size + 1, 1) : NULL;
  if (is_text && !*text) {
    status = secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for a text of %zu bytes", size);
  } else if (!is_text || type < 0 || H5Aread(view.id, type, *text) < 0) {
    status = unreadable(file, object, name);
  }
  if (type >= 0) H5Tclose(type);
  close_view(&view);
  return status;
}

/* ---- datasets ------------------------------------------------------------------------------------------------------- */

static hid_t element_type(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

/* Room is reserved at once and not filled: every element is about to be written. */
static hid_t make_dataset(hid_t parent, const char *name, const secanti_h5_shape *shape)
{
  const hsize_t extents[2] = {shape->rows, (hsize_t)shape->columns};
  const hid_t space = H5Screate_simple(shape->dimensions, extents + (2 - shape->dimensions), NULL);
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  hid_t dataset = H5I_INVALID_HID;
  if (space >= 0 && how >= 0 && H5Pset_layout(how, H5D_CONTIGUOUS) >= 0 &&
      H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY) >= 0 && H5Pset_fill_time(how, H5D_FILL_TIME_NEVER) >= 0) {
    dataset = H5Dcreate2(parent, name, element_type(shape->dtype), space, H5P_DEFAULT, how, H5P_DEFAULT);
  }
  if (how >= 0) H5Pclose(how);
  if (space >= 0) H5Sclose(space);
  return dataset;
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
  const bool good = type >= 0 && alike(type, element_type(dtype));
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

/* Rank 0 writes; the others take part without data. */
static herr_t write_table(const secanti_h5_file *file, hid_t dataset, const double *values)
{
  const hid_t space = H5Dget_space(dataset);
  if (space < 0) return -1;
  herr_t code = file->comm->rank == 0 ? 0 : H5Sselect_none(space);
  if (code >= 0) code = H5Dwrite(dataset, H5T_NATIVE_DOUBLE, space, space, file->transfer, values);
  H5Sclose(space);
  return code;
}

secant_status secanti_h5_table(const secanti_h5_file *file, hid_t dataset, double *values)
{
  const herr_t code = file->writing ? write_table(file, dataset, values)
                                    : H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  if (code >= 0) return SECANT_OK;
  return secanti_h5_fail(file, dataset, "the table cannot be %s", file->writing ? "written" : "read");
}

/* ---- vectors -------------------------------------------------------------------------------------------------------- */

/* Rows row .. row+rows of a rank's columns first .. first+count, moved by one call of HDF5. */
typedef struct block {
  size_t row, rows;
  size_t first, count; /* within this rank's shard; count 0: takes part without data */
} block;

/* Selects the block in the file. `memory` gets the matching extent of the buffer. */
static bool select_block(hid_t space, const secanti_h5_shape *shape, int64_t shard_first, const block *part,
                         hid_t *memory)
{
  const hsize_t elements = part->count ? part->rows * part->count : 1;
  const hsize_t start[2] = {part->row, (hsize_t)shard_first + part->first};
  const hsize_t count[2] = {part->rows, part->count};
  const int skip = 2 - shape->dimensions;
  *memory = H5Screate_simple(1, &elements, NULL);
  if (space < 0 || *memory < 0) return false;
  if (part->count == 0) return H5Sselect_none(space) >= 0 && H5Sselect_none(*memory) >= 0;
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start + skip, NULL, count + skip, NULL) >= 0;
}

/* One collective transfer of what the buffer holds, or is to hold. */
static secant_status move_block(const secanti_h5_file *file, hid_t dataset, const secanti_h5_shape *shape,
                                const secanti_h5_shard *shard, const block *part)
{
  const hid_t type = element_type(shape->dtype), space = H5Dget_space(dataset);
  hid_t memory = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  herr_t code = -1;
  if (select_block(space, shape, shard->first, part, &memory)) {
    code = file->writing ? H5Dwrite(dataset, type, memory, space, file->transfer, shard->buffer)
                         : H5Dread(dataset, type, memory, space, file->transfer, shard->buffer);
  }
  if (code < 0) {
    status = secanti_h5_fail(file, dataset, "the vector cannot be %s", file->writing ? "written" : "read");
  }
  if (memory >= 0) H5Sclose(memory);
  if (space >= 0) H5Sclose(space);
  return status;
}

static void copy_block(const secanti_h5_shape *shape, const secanti_h5_shard *shard, const block *part,
                       secanti_h5_row *copy, void *user)
{
  const size_t bytes = part->count * secanti_element_bytes(shape->dtype);
  if (part->count == 0) return;
  for (size_t i = 0; i < part->rows; i++) {
    copy(user, part->row + i, part->first, part->count, (char *)shard->buffer + i * bytes);
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
      const block part = {.row = row,
                          .rows = smaller(rows, shape->rows - row),
                          .first = first,
                          .count = first < shard->count ? smaller(columns, shard->count - first) : 0};
      if (file->writing) copy_block(shape, shard, &part, copy, user);
      if (move_block(file, dataset, shape, shard, &part) == SECANT_OK && !file->writing) {
        copy_block(shape, shard, &part, copy, user);
      }
    }
  }
  return secant_comm_agree(file->comm, file->error);
}
