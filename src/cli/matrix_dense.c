/*
 * Products with a dense matrix, by BLAS on blocks of fixed size that are shared out to the threads. BLAS itself runs on
 * one thread: its own threads may cut a sum differently when their number changes.
 */
#include "cli/matrix.h"
#include <cblas.h>
#include <string.h>

enum { ROW_BLOCK = 256, COLUMN_BLOCK = 64, STRIP = 512 };

static size_t block_length(size_t first, size_t length, size_t total)
{
  return total - first < length ? total - first : length;
}

static void forward(const feature_matrix *matrix, int classes, const double *weight, double *scores)
{
  const int columns = (int)matrix->columns; /* at most INT32_MAX, as are the rows */
#pragma omp parallel for schedule(static)
  for (size_t first = 0; first < matrix->rows; first += ROW_BLOCK) {
    const int rows = (int)block_length(first, ROW_BLOCK, matrix->rows);
    const double *block = matrix->value + first * matrix->columns;
    double *out = scores + first * (size_t)classes;
    if (classes == 1) {
      cblas_dgemv(CblasRowMajor, CblasNoTrans, rows, columns, 1.0, block, columns, weight, 1, 0.0, out, 1);
    } else {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, classes, columns, 1.0, block, columns, weight, columns,
                  0.0, out, classes);
    }
  }
}

/* gradient[:, columns] += (or =, for the first rows) residual^T X for a block of rows and columns. */
static void backward_block(const feature_matrix *matrix, int classes, const double *residual, double *gradient,
                           size_t first_row, size_t first_column)
{
  const int columns = (int)matrix->columns;
  const int height = (int)block_length(first_row, STRIP, matrix->rows);
  const int width = (int)block_length(first_column, COLUMN_BLOCK, matrix->columns);
  const double *block = matrix->value + first_row * matrix->columns + first_column;
  const double *factors = residual + first_row * (size_t)classes;
  const double keep = first_row == 0 ? 0.0 : 1.0;
  double *out = gradient + first_column;
  if (classes == 1) {
    cblas_dgemv(CblasRowMajor, CblasTrans, height, width, 1.0, block, columns, factors, 1, keep, out, 1);
  } else {
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, classes, width, height, 1.0, factors, classes, block, columns,
                keep, out, columns);
  }
}

/* Each thread has its own columns, and takes them strip by strip so that all threads read the same rows at a time. */
static void backward(const feature_matrix *matrix, int classes, const double *residual, double *gradient)
{
  if (matrix->rows == 0) memset(gradient, 0, (size_t)classes * matrix->columns * sizeof *gradient);
#pragma omp parallel
  for (size_t row = 0; row < matrix->rows; row += STRIP) {
#pragma omp for schedule(static) nowait
    for (size_t column = 0; column < matrix->columns; column += COLUMN_BLOCK) {
      backward_block(matrix, classes, residual, gradient, row, column);
    }
  }
}

secant_status matrix_create_dense(feature_matrix *matrix, const dataset *data)
{
  openblas_set_num_threads(1);
  *matrix = (struct feature_matrix){.forward = forward,
                                    .backward = backward,
                                    .rows = data->rows,
                                    .columns = (size_t)data->columns,
                                    .value = data->value};
  return SECANT_OK;
}
