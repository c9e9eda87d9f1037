#include "cli/dataset.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

secant_status data_is_idx(const char *path, bool *is_idx, secant_error *error)
{
  text_input input;
  unsigned char start[2] = {1, 1};
  size_t got = 0;
  secant_status status = text_input_open(&input, path, error);
  if (status != SECANT_OK) return status;
  status = text_input_read(&input, start, sizeof start, &got, error);
  text_input_close(&input);
  *is_idx = start[0] == 0 && start[1] == 0;
  return status;
}

static secant_status read_part(const data_source *source, int rank, int size, dataset *out, secant_error *error)
{
  bool is_idx = false;
  const secant_status status = data_is_idx(source->path, &is_idx, error);
  if (status != SECANT_OK) return status;
  if (is_idx) return read_idx(source, rank, size, out, error);
  if (source->labels) {
    return input_fail(
        error, SECANT_ERR_ARGUMENT,
        "%s is not an IDX image file, so --labels does not apply: the labels of LIBSVM text are in the text",
        source->path);
  }
  return read_libsvm(source, rank, size, out, error);
}

/* Every rank's `value`, in rank order, in `all` [size]. Collective. Values up to 2^53 are exact. */
static secant_status gather_counts(secant_comm *comm, int64_t value, double *all)
{
  const int size = secant_comm_size(comm);
  for (int i = 0; i < size; i++) all[i] = 0.0;
  all[secant_comm_rank(comm)] = (double)value;
  return secant_comm_sum(comm, all, (size_t)size);
}

/* Fills in what only the ranks together know: total_rows, first_row, columns. `all` is room for [size] numbers. */
static secant_status agree_on_sizes(const data_source *source, secant_comm *comm, double *all, dataset *data)
{
  secant_status status = gather_counts(comm, (int64_t)data->rows, all);
  if (status != SECANT_OK) return status;
  data->total_rows = data->first_row = 0;
  for (int i = 0; i < secant_comm_size(comm); i++) {
    if (i == secant_comm_rank(comm)) data->first_row = data->total_rows;
    data->total_rows += (int64_t)all[i];
  }
  status = gather_counts(comm, data->columns, all);
  for (int i = 0; status == SECANT_OK && i < secant_comm_size(comm); i++) {
    if ((int64_t)all[i] > data->columns) data->columns = (int64_t)all[i];
  }
  if (source->columns > data->columns && data->row_start) data->columns = source->columns;
  return status;
}

static secant_status refuse_useless(const data_source *source, const dataset *data, secant_error *error)
{
  if (data->total_rows == 0) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has no rows; give a file with at least one", source->path);
  }
  if (!data->row_start && source->columns > data->columns) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has images of %lld pixels, not of %lld features", source->path,
                      (long long)data->columns, (long long)source->columns);
  }
  if (data->columns == 0) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has no feature in any row; give --features or other data",
                      source->path);
  }
  return SECANT_OK;
}

secant_status dataset_load(const data_source *source, secant_comm *comm, dataset *out, secant_error *error)
{
  const int size = secant_comm_size(comm);
  double *all = malloc((size_t)size * sizeof *all);
  *out = (dataset){0};
  *error = (secant_error){.status = SECANT_OK};
  if (all) {
    read_part(source, secant_comm_rank(comm), size, out, error);
  } else {
    input_fail(error, SECANT_ERR_MEMORY, "no memory to read %s", source->path);
  }
  secant_status status = secant_comm_agree(comm, error);
  if (status == SECANT_OK) {
    status = agree_on_sizes(source, comm, all, out);
    if (status != SECANT_OK) input_fail(error, status, "the ranks could not agree on the size of %s", source->path);
  }
  if (status == SECANT_OK) status = refuse_useless(source, out, error);
  out->path = source->path;
  free(all);
  if (status != SECANT_OK) dataset_free(out);
  return status;
}

void dataset_free(dataset *data)
{
  free(data->label);
  free(data->value);
  free(data->column);
  free(data->row_start);
  *data = (dataset){0};
}

static uLong crc_of(uLong crc, const void *bytes, size_t count)
{
  return crc32_z(crc, bytes, count);
}

static uint32_t row_checksum(const dataset *data, size_t row)
{
  const bool sparse = data->row_start;
  const size_t columns = (size_t)data->columns;
  const size_t first = sparse ? data->row_start[row] : row * columns;
  const size_t count = sparse ? data->row_start[row + 1] - first : columns;
  uLong crc = crc32(0, NULL, 0);
  if (data->label) crc = crc_of(crc, &data->label[row], sizeof data->label[row]);
  if (sparse) crc = crc_of(crc, data->column + first, count * sizeof *data->column);
  crc = crc_of(crc, data->value + first, count * sizeof *data->value);
  return (uint32_t)crc;
}

/* The sum of the rows' CRC-32 modulo 2^32: exact in any order. */
secant_status dataset_checksum(const dataset *data, secant_comm *comm, uint32_t *checksum, secant_error *error)
{
  uint32_t local = 0;
#pragma omp parallel for schedule(static) reduction(+ : local)
  for (size_t row = 0; row < data->rows; row++) local += row_checksum(data, row);

  double sum = local; /* below 2^32 for each rank, so the sum over ranks is exact as well */
  const secant_status status = secant_comm_sum(comm, &sum, 1);
  if (status != SECANT_OK) return input_fail(error, status, "the checksums of the data could not be added");
  *checksum = (uint32_t)(uint64_t)sum;
  return SECANT_OK;
}

static int compare_numbers(const void *a, const void *b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorts, and moves the distinct values to the front. Returns how many there are. */
static size_t sort_distinct(double *values, size_t count)
{
  if (count == 0) return 0;
  qsort(values, count, sizeof *values, compare_numbers);
  size_t distinct = 1;
  for (size_t i = 1; i < count; i++) {
    if (values[i] != values[distinct - 1]) values[distinct++] = values[i];
  }
  return distinct;
}

/* This rank's distinct labels. */
static secant_status own_labels(const dataset *data, double **values, size_t *count, secant_error *error)
{
  *values = malloc((data->rows + 1) * sizeof **values);
  if (!*values) return input_fail(error, SECANT_ERR_MEMORY, "no memory for the labels");
  for (size_t i = 0; i < data->rows; i++) (*values)[i] = data->label[i];
  *count = sort_distinct(*values, data->rows);
  return SECANT_OK;
}

/* Puts every rank's labels, one rank after the other, into `all`; `counts` [size] says how many each has. Collective. */
static secant_status share_labels(secant_comm *comm, const double *own, const double *counts, double *all)
{
  secant_status status = SECANT_OK;
  for (int r = 0; status == SECANT_OK && r < secant_comm_size(comm); r++) {
    const size_t count = (size_t)counts[r];
    if (r == secant_comm_rank(comm) && count > 0) memcpy(all, own, count * sizeof *all);
    if (count > 0) status = secant_comm_broadcast(comm, all, count * sizeof *all, r);
    all += count;
  }
  return status;
}

secant_status dataset_distinct_labels(const dataset *data, secant_comm *comm, double **values, size_t *count,
                                      secant_error *error)
{
  const int size = secant_comm_size(comm);
  double *own = NULL;
  double *counts = malloc((size_t)size * sizeof *counts);
  *error = (secant_error){.status = SECANT_OK};
  *values = NULL;
  *count = 0;
  if (!counts) input_fail(error, SECANT_ERR_MEMORY, "no memory for the labels");
  if (counts) own_labels(data, &own, count, error);
  secant_status status = secant_comm_agree(comm, error);

  if (status == SECANT_OK) status = gather_counts(comm, (int64_t)*count, counts);
  if (status == SECANT_OK) {
    *count = 0;
    for (int r = 0; r < size; r++) *count += (size_t)counts[r];
    *values = malloc((*count + 1) * sizeof **values);
    if (!*values) input_fail(error, SECANT_ERR_MEMORY, "no memory for the labels");
    status = secant_comm_agree(comm, error);
  }
  if (status == SECANT_OK) status = share_labels(comm, own, counts, *values);
  if (status == SECANT_OK) *count = sort_distinct(*values, *count);
  if (status != SECANT_OK && error->status == SECANT_OK) input_fail(error, status, "the labels could not be exchanged");
  free(own);
  free(counts);
  return status;
}
