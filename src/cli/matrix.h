/*
 * The feature matrix X [rows, columns] of one rank and its two products with K vectors at a time:
 *
 *   forward    scores [rows, K]      = X weight^T            weight [K, columns]
 *   backward   gradient [K, columns] = residual^T X          residual [rows, K]
 *
 * All arrays are row-major. Each result element is formed by one thread in a fixed order, so the number of threads never
 * changes a bit. Implementations: matrix_sparse.c, matrix_dense.c.
 */
#ifndef SECANT_CLI_MATRIX_H
#define SECANT_CLI_MATRIX_H

#include "cli/dataset.h"

typedef struct feature_matrix feature_matrix;

struct feature_matrix {
  void (*forward)(const feature_matrix *matrix, int classes, const double *weight, double *scores);
  void (*backward)(const feature_matrix *matrix, int classes, const double *residual, double *gradient);
  size_t rows;
  size_t columns;
  const double *value; /* borrowed from the dataset, as are the next two; NULL if dense */
  const int32_t *column;
  const size_t *row_start;
  double *transposed_value; /* [entries]: the same entries by column, owned; NULL if dense */
  int32_t *transposed_row;  /* [entries] */
  size_t *column_start;     /* [columns + 1] */
};

/* The matrix of a dataset, which must outlive it. Returns SECANT_OK or SECANT_ERR_MEMORY. Not collective. */
secant_status matrix_create(feature_matrix *matrix, const dataset *data, secant_error *error);
void matrix_free(feature_matrix *matrix);

/* The two kinds of matrix_create(). */
secant_status matrix_create_sparse(feature_matrix *matrix, const dataset *data, secant_error *error);
secant_status matrix_create_dense(feature_matrix *matrix, const dataset *data);

#endif
