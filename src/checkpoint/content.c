#include "checkpoint/content.h"
#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- opening ---------------------------------------------------------------------------------------------------- */

/* A type of HDF5's own whose cells take eight bytes; negative for anything but a number that fits there. */
static hid_t type_of_numbers(hid_t type, secanti_cell *cell)
{
  const H5T_class_t class = H5Tget_class(type);
  if (H5Tget_size(type) > sizeof(double)) return H5I_INVALID_HID;
  if (class == H5T_FLOAT) {
    *cell = SECANTI_CELL_REAL;
    return H5Tcopy(H5T_NATIVE_DOUBLE);
  }
  if (class != H5T_INTEGER && class != H5T_ENUM) return H5I_INVALID_HID;
  *cell = class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE ? SECANTI_CELL_NATURAL : SECANTI_CELL_INTEGER;
  return H5Tcopy(*cell == SECANTI_CELL_NATURAL ? H5T_NATIVE_UINT64 : H5T_NATIVE_INT64);
}

static void choose_memory(secanti_content *content, secanti_cells_as as)
{
  content->cell = SECANTI_CELL_OTHER;
  if (as == SECANTI_AS_VALUES) {
    content->memory = type_of_numbers(content->type, &content->cell);
    if (H5Tget_class(content->type) == H5T_STRING) content->cell = SECANTI_CELL_TEXT;
  }
  if (content->memory < 0) content->memory = H5Tcopy(content->type);
  content->size = H5Tget_size(content->memory);
  content->variable = secanti_h5_is_variable(content->memory);
}

/* The product of the extents; false if it cannot be. */
static bool count_cells(secanti_content *content)
{
  const H5S_class_t extent = H5Sget_simple_extent_type(content->space);
  const hsize_t most = INT64_MAX / (content->size > sizeof(double) ? content->size : sizeof(double));
  hsize_t count = 1;
  content->null = extent == H5S_NULL;
  content->dimensions = extent == H5S_SIMPLE ? H5Sget_simple_extent_dims(content->space, content->shape, NULL) : 0;
  if (content->dimensions < 0 || extent == H5S_NO_CLASS) return false;
  for (int i = 0; i < content->dimensions; i++) {
    const hsize_t length = content->shape[i];
    if (length > most || (length > 0 && count > most / length)) return false;
    count *= length;
  }
  content->count = content->null ? 0 : count;
  return true;
}

/* Whether the file holds so many cells. Chunks and other files cannot be judged by size. */
static bool is_stored(const secanti_content *content)
{
  const uint64_t bytes = content->count * H5Tget_size(content->type);
  hsize_t all = 0;
  if (content->attribute) return H5Fget_filesize(content->file->id, &all) >= 0 && bytes <= all;
  const hid_t how = H5Dget_create_plist(content->object);
  const bool here = how >= 0 && H5Pget_layout(how) == H5D_CONTIGUOUS && H5Pget_external_count(how) == 0;
  if (how >= 0) H5Pclose(how);
  return !here || H5Dget_storage_size(content->object) == bytes;
}

static secant_status look_at(secanti_content *content, const char *name, secanti_cells_as as)
{
  const secanti_h5_file *file = content->file;
  const char *what = content->attribute ? "attribute" : "dataset";
  if (content->object >= 0) {
    content->type = content->attribute ? H5Aget_type(content->object) : H5Dget_type(content->object);
    content->space = content->attribute ? H5Aget_space(content->object) : H5Dget_space(content->object);
  }
  if (content->type >= 0 && content->space >= 0) choose_memory(content, as);
  if (content->memory < 0 || content->size == 0) {
    return secanti_h5_fail(file, H5I_INVALID_HID, "%s '%.80s' cannot be opened", what, name);
  }
  if (count_cells(content) && is_stored(content)) return SECANT_OK;
  return secanti_h5_fail(file, H5I_INVALID_HID, "%s '%.80s' has an impossible shape or is not stored as a whole", what,
                         name);
}

static secanti_content closed(const secanti_h5_file *file, bool attribute)
{
  return (secanti_content){.file = file,
                           .attribute = attribute,
                           .object = H5I_INVALID_HID,
                           .type = H5I_INVALID_HID,
                           .memory = H5I_INVALID_HID,
                           .space = H5I_INVALID_HID};
}

secant_status secanti_content_attribute(const secanti_h5_file *file, hid_t object, const char *name,
                                        secanti_cells_as as, secanti_content *content)
{
  *content = closed(file, true);
  content->object = H5Aopen(object, name, H5P_DEFAULT);
  return look_at(content, name, as);
}

secant_status secanti_content_dataset(const secanti_h5_file *file, const char *path, secanti_cells_as as,
                                      secanti_content *content)
{
  *content = closed(file, false);
  content->object = H5Dopen2(file->id, path, H5P_DEFAULT);
  return look_at(content, path, as);
}

void secanti_content_close(secanti_content *content)
{
  if (content->space >= 0) H5Sclose(content->space);
  if (content->memory >= 0) H5Tclose(content->memory);
  if (content->type >= 0) H5Tclose(content->type);
  if (content->object >= 0 && content->attribute) H5Aclose(content->object);
  if (content->object >= 0 && !content->attribute) H5Dclose(content->object);
  *content = closed(content->file, content->attribute);
}

/* ---- cells ------------------------------------------------------------------------------------------------------ */

void *secanti_content_room(const secanti_content *content, size_t piece, size_t *most)
{
  *most = content->attribute || content->count < piece ? (size_t)content->count : piece;
  void *room = secanti_alloc(*most + 1, content->size);
  if (!room) {
    secanti_fail(content->file->error, SECANT_ERR_MEMORY, "'%s': no memory for %zu values", content->file->path, *most);
  }
  return room;
}

void secanti_content_coordinates(const secanti_content *content, hsize_t cell, hsize_t *coordinates)
{
  for (int i = content->dimensions - 1; i >= 0; i--) {
    coordinates[i] = cell % content->shape[i];
    cell /= content->shape[i];
  }
}

size_t secanti_content_box(const secanti_content *content, hsize_t first, size_t most, hsize_t *start, hsize_t *extent)
{
  hsize_t inner = 1;
  secanti_content_coordinates(content, first, start);
  for (int i = 0; i < content->dimensions; i++) extent[i] = 1;
  for (int i = content->dimensions - 1; i >= 0; i--) {
    const hsize_t left = content->shape[i] - start[i], room = most / inner;
    extent[i] = left < room ? left : room;
    inner *= extent[i];
    if (extent[i] < content->shape[i]) break; /* more would not be in a row */
  }
  return (size_t)inner;
}

/* Selects the run in `space`, a copy of the dataset's, and makes its like in memory. */
static size_t select_run(const secanti_content *content, hsize_t first, size_t most, hid_t space, hid_t *memory)
{
  hsize_t start[H5S_MAX_RANK] = {0}, extent[H5S_MAX_RANK] = {0};
  const size_t cells = secanti_content_box(content, first, most, start, extent);
  const hsize_t length = cells;
  *memory = H5Screate_simple(1, &length, NULL);
  if (content->dimensions == 0) return cells;
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 ? cells : 0;
}

static herr_t read_run(const secanti_content *content, hsize_t first, size_t most, void *cells, size_t *count)
{
  const hid_t space = H5Scopy(content->space);
  hid_t memory = H5I_INVALID_HID;
  herr_t code = -1;
  const size_t length = space >= 0 ? select_run(content, first, most, space, &memory) : 0;
  if (length > 0 && memory >= 0) code = H5Dread(content->object, content->memory, memory, space, H5P_DEFAULT, cells);
  if (code >= 0) *count = length;
  if (memory >= 0) H5Sclose(memory);
  if (space >= 0) H5Sclose(space);
  return code;
}

secant_status secanti_content_read(const secanti_content *content, hsize_t first, size_t most, void *cells,
                                   size_t *count)
{
  herr_t code = 0;
  *count = 0;
  if (first >= content->count) return SECANT_OK;
  if (content->attribute) {
    code = H5Aread(content->object, content->memory, cells);
    if (code >= 0) *count = (size_t)content->count;
  } else {
    code = read_run(content, first, most, cells, count);
  }
  return code >= 0 ? SECANT_OK : secanti_h5_fail(content->file, content->object, "the values cannot be read");
}

void secanti_content_release(const secanti_content *content, size_t count, void *cells)
{
  const hsize_t length = count;
  if (!content->variable || count == 0) return;
  const hid_t space = H5Screate_simple(1, &length, NULL);
  if (space < 0) return;
  H5Dvlen_reclaim(content->memory, space, H5P_DEFAULT, cells);
  H5Sclose(space);
}

/* ---- for people ------------------------------------------------------------------------------------------------- */

const char *secanti_content_text(const secanti_content *content, const void *cells, size_t index, size_t *length)
{
  const char *cell = (const char *)cells + index * content->size, *text = cell;
  if (content->variable) memcpy(&text, cell, sizeof text);
  if (!text) text = ""; /* HDF5's empty text of variable length */
  *length = content->variable ? strlen(text) : strnlen(text, content->size);
  return text;
}

void secanti_content_type_name(const secanti_content *content, char *name, size_t capacity)
{
  const size_t bits = 8 * H5Tget_size(content->type);
  switch (H5Tget_class(content->type)) {
  case H5T_FLOAT: snprintf(name, capacity, "float%zu", bits); break;
  case H5T_STRING: snprintf(name, capacity, "text"); break;
  case H5T_INTEGER:
    snprintf(name, capacity, "%sint%zu", H5Tget_sign(content->type) == H5T_SGN_NONE ? "u" : "", bits);
    break;
  case H5T_ENUM: snprintf(name, capacity, "enumeration of %zu bits", bits); break;
  default: snprintf(name, capacity, "other, %zu bits", bits); break;
  }
}
