/*
 * IDX files of unsigned bytes, as MNIST and its kin come: a big-endian magic number, the extent of each dimension, then
 * the bytes. Images have magic 0x00000803 (three dimensions), labels 0x00000801 (one).
 */
#include "cli/dataset.h"
#include <stdlib.h>
#include <string.h>

enum { MAGIC_LABELS = 0x00000801, MAGIC_IMAGES = 0x00000803, DIMENSIONS_MOST = 3 };

/* An open IDX file at its first item. */
typedef struct idx_file {
  text_input input;
  int64_t header_bytes;
  int64_t items;
  int64_t item_bytes;
} idx_file;

static secant_status say_truncated(const idx_file *file, secant_error *error)
{
  return input_fail(error, SECANT_ERR_FORMAT,
                    "%s is truncated: it ends before the data its header announces; copy it again", file->input.path);
}

static secant_status read_exactly(idx_file *file, void *out, size_t bytes, secant_error *error)
{
  size_t got = 0;
  const secant_status status = text_input_read(&file->input, out, bytes, &got, error);
  if (status != SECANT_OK) return status;
  return got == bytes ? SECANT_OK : say_truncated(file, error);
}

static secant_status read_big_endian(idx_file *file, uint32_t *number, secant_error *error)
{
  unsigned char bytes[4];
  const secant_status status = read_exactly(file, bytes, sizeof bytes, error);
  if (status != SECANT_OK) return status;
  *number = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
  return SECANT_OK;
}

static secant_status refuse_magic(const idx_file *file, uint32_t found, uint32_t wanted, secant_error *error)
{
  const char *what = wanted == MAGIC_IMAGES ? "images" : "labels";
  const char *advice = found == MAGIC_LABELS   ? "this is a label file; give it to --labels"
                       : found == MAGIC_IMAGES ? "this is an image file; give it as DATA"
                                               : "only IDX data of unsigned bytes can be read";
  return input_fail(error, SECANT_ERR_FORMAT, "%s begins with 0x%08x, but IDX %s begin with 0x%08x; %s",
                    file->input.path, (unsigned)found, what, (unsigned)wanted, advice);
}

/* Reads magic and extents: the first extent counts items, the product of the others is the size of an item. */
static secant_status read_header(idx_file *file, uint32_t magic, secant_error *error)
{
  uint32_t number = 0;
  secant_status status = read_big_endian(file, &number, error);
  if (status != SECANT_OK) return status;
  if (number != magic) return refuse_magic(file, number, magic, error);
  const int dimensions = (int)(magic & 0xff);
  uint32_t extent[DIMENSIONS_MOST] = {0};
  for (int i = 0; i < dimensions; i++) {
    status = read_big_endian(file, &extent[i], error);
    if (status != SECANT_OK) return status;
  }
  const uint64_t item_bytes = dimensions == 1 ? 1 : (uint64_t)extent[1] * extent[2];
  if (item_bytes == 0 || item_bytes > INT32_MAX) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has images of %llu pixels; they must have 1 to 2147483647",
                      file->input.path, (unsigned long long)item_bytes);
  }
  file->header_bytes = 4 * (1 + dimensions);
  file->items = extent[0];
  file->item_bytes = (int64_t)item_bytes;
  return SECANT_OK;
}

static secant_status open_idx(idx_file *file, const char *path, uint32_t magic, secant_error *error)
{
  secant_status status = text_input_open(&file->input, path, error);
  if (status == SECANT_OK) status = read_header(file, magic, error);
  if (status != SECANT_OK) text_input_close(&file->input);
  return status;
}

/* A file must be able to hold what its header announces, before memory is asked for. */
static secant_status check_size(idx_file *file, secant_error *error)
{
  int64_t most = 0;
  const secant_status status = text_input_most(&file->input, &most, error);
  if (status != SECANT_OK) return status;
  const int64_t items = (most - file->header_bytes) / file->item_bytes;
  return items < file->items ? say_truncated(file, error) : SECANT_OK;
}

/* Behind the last item nothing may follow; this also makes zlib verify its checksum. */
static secant_status check_end(idx_file *file, secant_error *error)
{
  char byte = 0;
  size_t got = 0;
  const secant_status status = text_input_read(&file->input, &byte, 1, &got, error);
  if (status != SECANT_OK || got == 0) return status;
  return input_fail(error, SECANT_ERR_FORMAT, "%s holds more data than its header announces; it is damaged",
                    file->input.path);
}

/* Reads items first .. first+count into numbers, each byte divided by `scale`. */
static secant_status read_items(idx_file *file, int64_t first, size_t count, double scale, double *out,
                                secant_error *error)
{
  const size_t bytes = (size_t)file->item_bytes;
  unsigned char *item = malloc(bytes);
  if (!item) return input_fail(error, SECANT_ERR_MEMORY, "no memory for an image of %s", file->input.path);
  secant_status status = text_input_seek(&file->input, file->header_bytes + first * file->item_bytes, error);
  for (size_t i = 0; status == SECANT_OK && i < count; i++) {
    status = read_exactly(file, item, bytes, error);
    for (size_t b = 0; status == SECANT_OK && b < bytes; b++) out[i * bytes + b] = item[b] / scale;
  }
  free(item);
  if (status == SECANT_OK && first + (int64_t)count == file->items) status = check_end(file, error);
  return status;
}

static secant_status read_part(idx_file *file, int64_t first, size_t count, double scale, double **out,
                               secant_error *error)
{
  secant_status status = check_size(file, error);
  if (status != SECANT_OK) return status;
  const size_t most = SIZE_MAX / sizeof **out / (size_t)file->item_bytes;
  *out = count < most ? malloc((count * (size_t)file->item_bytes + 1) * sizeof **out) : NULL;
  if (!*out) return input_fail(error, SECANT_ERR_MEMORY, "no memory for the rows of %s", file->input.path);
  return read_items(file, first, count, scale, *out, error);
}

/* Rows to use; the counts of the two files must agree. `labels` is NULL without labels. */
static secant_status agree_on_rows(const data_source *source, const idx_file *images, const idx_file *labels,
                                   int64_t *rows, secant_error *error)
{
  if (labels && labels->items != images->items) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has %lld labels but %s has %lld images; give files of one pair",
                      source->labels, (long long)labels->items, source->path, (long long)images->items);
  }
  if (source->row_limit > images->items) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has %lld rows, fewer than --rows %lld; ask for fewer", source->path,
                      (long long)images->items, (long long)source->row_limit);
  }
  if (source->columns > 0 && images->item_bytes > source->columns) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has images of %lld pixels, more than %lld features", source->path,
                      (long long)images->item_bytes, (long long)source->columns);
  }
  *rows = source->row_limit > 0 ? source->row_limit : images->items;
  return SECANT_OK;
}

/* Reads rows `first` .. `end` of the open files. */
static secant_status read_rows(const data_source *source, idx_file *images, idx_file *labels, int64_t first,
                               dataset *out, secant_error *error)
{
  const secant_status status = read_part(images, first, out->rows, source->scale, &out->value, error);
  if (status != SECANT_OK || !labels) return status;
  return read_part(labels, first, out->rows, 1.0, &out->label, error);
}

secant_status read_idx(const data_source *source, int rank, int size, dataset *out, secant_error *error)
{
  idx_file images = {0};
  idx_file labels = {0};
  idx_file *labels_or_null = source->labels ? &labels : NULL;
  int64_t rows = 0;
  *out = (dataset){0};

  secant_status status = open_idx(&images, source->path, MAGIC_IMAGES, error);
  if (status == SECANT_OK && labels_or_null) status = open_idx(&labels, source->labels, MAGIC_LABELS, error);
  if (status == SECANT_OK) status = agree_on_rows(source, &images, labels_or_null, &rows, error);
  if (status == SECANT_OK) {
    const int64_t first = even_cut(rows, rank, size);
    const int64_t count = even_cut(rows, rank + 1, size) - first;
    out->rows = (size_t)count;
    out->columns = images.item_bytes;
    if (count >= INT32_MAX) {
      status = input_fail(error, SECANT_ERR_FORMAT, "%s has too many rows for one rank; use more ranks", source->path);
    }
    if (status == SECANT_OK) status = read_rows(source, &images, labels_or_null, first, out, error);
  }
  text_input_close(&images.input);
  text_input_close(&labels.input);
  if (status != SECANT_OK) dataset_free(out);
  return status;
}
