/*
 * Rows of data on one rank: features, sparse or dense, and a label each. Ranks hold consecutive rows in rank order.
 *
 *   sparse   row i has entries row_start[i] .. row_start[i+1] of column[] (from 0, increasing) and value[]
 *   dense    row i is value[i * columns .. (i + 1) * columns); row_start and column are NULL
 */
#ifndef SECANT_CLI_DATASET_H
#define SECANT_CLI_DATASET_H

#include "cli/text_input.h"
#include <secant/secant.h>
#include <stdbool.h>

typedef struct dataset {
  const char *path;   /* where the rows come from, for messages; borrowed */
  size_t rows;        /* on this rank, at most INT32_MAX */
  int64_t first_row;  /* global index of row 0 */
  int64_t total_rows; /* of all ranks */
  int64_t columns;    /* features, equal on all ranks; at most INT32_MAX */
  double *label;      /* [rows]; NULL if the data have none */
  double *value;
  int32_t *column;
  size_t *row_start; /* [rows + 1] */
} dataset;

/* Which part of which file to read. */
typedef struct data_source {
  const char *path;
  const char *labels; /* the label file of an IDX pair, or NULL */
  double scale;       /* values are divided by it */
  int64_t row_limit;  /* use the first so many rows; 0: all */
  int64_t columns;    /* features, larger ones refused; 0: as many as the data have */
} data_source;

/*
 * Readers of one rank's part, not collective: rank `rank` of `size` gets its rows. They leave first_row and total_rows
 * alone; columns is what this part needs. `out` is empty after an error.
 *
 * LIBSVM text, "label index:value ... # comment", by byte range: a rank takes the lines that start in its range.
 * IDX, as published by LeCun for MNIST, unsigned bytes: rows are cut evenly.
 */
secant_status read_libsvm(const data_source *source, int rank, int size, dataset *out, secant_error *error);
secant_status read_idx(const data_source *source, int rank, int size, dataset *out, secant_error *error);

/* True if the file begins like IDX: two zero bytes. Not collective. */
secant_status data_is_idx(const char *path, bool *is_idx, secant_error *error);

/*
 * Reads the data in whichever format they are and agrees on their sizes. Collective.
 * Returns the status of the lowest failing rank, with one sentence about file and line in `error`, equal on all ranks.
 */
secant_status dataset_load(const data_source *source, secant_comm *comm, dataset *out, secant_error *error);

/* Frees the arrays; an empty dataset is allowed. Not collective. */
void dataset_free(dataset *data);

/* A number that depends on labels and values, not on how the rows are spread over ranks. Collective. */
secant_status dataset_checksum(const dataset *data, secant_comm *comm, uint32_t *checksum, secant_error *error);

/* The distinct labels of all ranks, increasing; free *values. Collective. */
secant_status dataset_distinct_labels(const dataset *data, secant_comm *comm, double **values, size_t *count,
                                      secant_error *error);

/* First row of rank `rank` when `rows` are cut evenly over `size` ranks. */
static inline int64_t even_cut(int64_t rows, int rank, int size)
{
  const int64_t most = rows % size;
  return rows / size * rank + (rank < most ? rank : most);
}

#endif
