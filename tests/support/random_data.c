#include "support/random_data.h"
#include "support/random.h"
#include <stdlib.h>

void random_sparse(uint64_t *state, size_t rows, size_t columns, dataset *data)
{
  *data = (dataset){.path = "random data", .rows = rows, .total_rows = (int64_t)rows, .columns = (int64_t)columns};
  data->row_start = calloc(rows + 1, sizeof *data->row_start);
  data->column = calloc(rows * columns + 1, sizeof *data->column);
  data->value = calloc(rows * columns + 1, sizeof *data->value);
  if (!data->row_start || !data->column || !data->value) abort();
  size_t entries = 0;
  for (size_t row = 0; row < rows; row++) {
    for (size_t column = 0; column < columns; column++) {
      if (random_next(state) % 3 != 0) continue;
      data->column[entries] = (int32_t)column;
      data->value[entries++] = random_symmetric(state);
    }
    data->row_start[row + 1] = entries;
  }
}

void densify(const dataset *sparse, dataset *dense)
{
  const size_t columns = (size_t)sparse->columns;
  *dense = (dataset){
      .path = sparse->path, .rows = sparse->rows, .total_rows = sparse->total_rows, .columns = sparse->columns};
  dense->value = calloc(sparse->rows * columns + 1, sizeof *dense->value);
  if (!dense->value) abort();
  for (size_t row = 0; row < sparse->rows; row++) {
    for (size_t e = sparse->row_start[row]; e < sparse->row_start[row + 1]; e++) {
      dense->value[row * columns + (size_t)sparse->column[e]] = sparse->value[e];
    }
  }
}
