/*
 * The bytes are a data file: LIBSVM text or IDX, plain or gzip, read by one rank or by three. A reader refuses it with a
 * sentence, or the rows are whole: columns increase within a row and stay below what was announced.
 */
#include "choices.h"
#include "cli/dataset.h"
#include "scene.h"

typedef secant_status reader(const data_source *source, int rank, int size, dataset *out, secant_error *error);

static void check_rows(const dataset *data)
{
  for (size_t i = 0; data->row_start && i < data->rows; i++) {
    PROMISE(data->row_start[i] <= data->row_start[i + 1], "row %zu", i);
    for (size_t j = data->row_start[i]; j < data->row_start[i + 1]; j++) {
      PROMISE(data->column[j] >= 0 && data->column[j] < data->columns, "row %zu", i);
      PROMISE(j == data->row_start[i] || data->column[j - 1] < data->column[j], "row %zu", i);
    }
  }
}

/* Returns the number of rows; -1 if the part is refused. */
static int64_t read_part(reader *read, const data_source *source, int rank, int size)
{
  secant_error error = {.message = ""};
  dataset data;
  if (read(source, rank, size, &data, &error) != SECANT_OK) {
    PROMISE(error.status != SECANT_OK && *error.message && !strchr(error.message, '\n'), "'%s'", error.message);
    PROMISE(!data.label && !data.value && !data.column && !data.row_start, "rows after an error");
    return -1;
  }
  check_rows(&data);
  const int64_t rows = (int64_t)data.rows;
  dataset_free(&data);
  return rows;
}

/* What one rank reads, three read. */
static void check_reader(reader *read, const data_source *source)
{
  const int64_t all = read_part(read, source, 0, 1);
  int64_t sum = 0;
  bool refused = false;
  for (int rank = 0; rank < 3; rank++) {
    const int64_t rows = read_part(read, source, rank, 3);
    refused = refused || rows < 0;
    sum += rows;
  }
  PROMISE(refused == (all < 0), "one rank %lld", (long long)all);
  PROMISE(refused || sum == all, "%lld rows, not %lld", (long long)sum, (long long)all);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  choices from = {bytes, count};
  const unsigned how = choose_byte(&from);
  const char *path = scene_path("file.h5"), *labels = scene_path("base.h5");
  const size_t split = how & 2 ? from.left / 4 : 0;
  scene_write(labels, from.bytes, split);
  scene_write(path, from.bytes + split, from.left - split);
  const data_source source = {.path = path,
                              .labels = split > 0 ? labels : NULL,
                              .scale = 1.0,
                              .row_limit = how & 4 ? 3 : 0,
                              .columns = how & 8 ? 10 : 0};
  if (how & 1)
    check_reader(read_idx, &source);
  else if (!source.labels && source.row_limit == 0)
    check_reader(read_libsvm, &source);
  return 0;
}
