/* Products with a sparse matrix: by rows in the data as read, by columns in a transposed copy. */
#include "cli/matrix.h"
#include <stdlib.h>

/* Products formed in one pass over a column: the entries are read once for so many classes. */
enum { CLASS_BLOCK = 16 };

static double sparse_dot(const double *value, const int32_t *index, size_t count, const double *dense)
{
  double sum = 0.0;
  for (size_t e = 0; e < count; e++) sum += value[e] * dense[index[e]];
  return sum;
}

static void forward(const feature_matrix *matrix, int classes, const double *weight, double *scores)
{
  const size_t k = (size_t)classes;
#pragma omp parallel for schedule(dynamic, 256)
  for (size_t row = 0; row < matrix->rows; row++) {
    const size_t first = matrix->row_start[row];
    const size_t count = matrix->row_start[row + 1] - first;
    for (size_t c = 0; c < k; c++) {
      scores[row * k + c] =
          sparse_dot(matrix->value + first, matrix->column + first, count, weight + c * matrix->columns);
    }
  }
}

/* sums[c] = sum over the entries of one column of value * residual[row, c], for `classes` classes from `residual` on. */
static void column_products(const feature_matrix *matrix, size_t column, const double *residual, size_t stride,
                            size_t classes, double *sums)
{
  for (size_t c = 0; c < classes; c++) sums[c] = 0.0;
  for (size_t e = matrix->column_start[column]; e < matrix->column_start[column + 1]; e++) {
    const double value = matrix->transposed_value[e];
    const double *row = residual + (size_t)matrix->transposed_row[e] * stride;
    for (size_t c = 0; c < classes; c++) sums[c] += value * row[c];
  }
}

static void backward(const feature_matrix *matrix, int classes, const double *residual, double *gradient)
{
  const size_t k = (size_t)classes;
  /* Small chunks: the first columns of real data often hold most of the entries. */
#pragma omp parallel for schedule(dynamic, matrix->columns / 1024 + 1)
  for (size_t column = 0; column < matrix->columns; column++) {
    double sums[CLASS_BLOCK];
    for (size_t first = 0; first < k; first += CLASS_BLOCK) {
      const size_t count = k - first < CLASS_BLOCK ? k - first : CLASS_BLOCK;
      column_products(matrix, column, residual + first, k, count, sums);
      for (size_t c = 0; c < count; c++) gradient[(first + c) * matrix->columns + column] = sums[c];
    }
  }
}

/* Counting sort of the entries by column; within a column the rows stay in order. */
static void transpose(feature_matrix *matrix)
{
  size_t *start = matrix->column_start;
  const size_t entries = matrix->row_start[matrix->rows];
  for (size_t e = 0; e < entries; e++) start[matrix->column[e] + 1]++;
  for (size_t column = 0; column < matrix->columns; column++) start[column + 1] += start[column];
  for (size_t row = 0; row < matrix->rows; row++) {
    for (size_t e = matrix->row_start[row]; e < matrix->row_start[row + 1]; e++) {
      const size_t to = start[matrix->column[e]]++;
      matrix->transposed_value[to] = matrix->value[e];
      matrix->transposed_row[to] = (int32_t)row;
    }
  }
  /* Each start has moved to its column's end, which is where the next column starts. */
  for (size_t column = matrix->columns; column > 0; column--) start[column] = start[column - 1];
  start[0] = 0;
}

secant_status matrix_create_sparse(feature_matrix *matrix, const dataset *data, secant_error *error)
{
  const size_t entries = data->row_start[data->rows];
  *matrix = (struct feature_matrix){.forward = forward,
                                    .backward = backward,
                                    .rows = data->rows,
                                    .columns = (size_t)data->columns,
                                    .value = data->value,
                                    .column = data->column,
                                    .row_start = data->row_start};
  matrix->transposed_value = malloc((entries + 1) * sizeof *matrix->transposed_value);
  matrix->transposed_row = malloc((entries + 1) * sizeof *matrix->transposed_row);
  matrix->column_start = calloc(matrix->columns + 1, sizeof *matrix->column_start);
  if (!matrix->transposed_value || !matrix->transposed_row || !matrix->column_start) {
    matrix_free(matrix);
    return input_fail(error, SECANT_ERR_MEMORY, "no memory for the transposed copy of %zu values in %lld columns",
                      entries, (long long)data->columns);
  }
  transpose(matrix);
  return SECANT_OK;
}

secant_status matrix_create(feature_matrix *matrix, const dataset *data, secant_error *error)
{
  return data->row_start ? matrix_create_sparse(matrix, data, error) : matrix_create_dense(matrix, data);
}

void matrix_free(feature_matrix *matrix)
{
  free(matrix->transposed_value);
  free(matrix->transposed_row);
  free(matrix->column_start);
  *matrix = (struct feature_matrix){0};
}
