/* LIBSVM text: one row a line, "label index:value index:value ... # comment"; indices from 1, increasing in a row. */
#include "cli/dataset.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows so far, and where the next ones come from. */
typedef struct libsvm_reader {
  const data_source *source;
  text_input input;
  dataset *data;
  size_t row_capacity;
  size_t entry_capacity;
  size_t entries;
  int64_t line_position; /* of the line being read */
  char complaint[320];   /* what is wrong with it */
} libsvm_reader;

static const char *skip_blanks(const char *text)
{
  while (*text == ' ' || *text == '\t' || *text == '\r') text++;
  return text;
}

static bool ends_token(char c)
{
  return c == '\0' || c == ' ' || c == '\t' || c == '\r' || c == '#';
}

/* Formats the complaint about the current line; the token is cut so that garbage stays readable. Returns false. */
static bool complain(libsvm_reader *reader, const char *what, const char *token)
{
  char shown[25];
  size_t length = 0;
  while (length + 1 < sizeof shown && !ends_token(token[length])) {
    const char c = token[length];
    shown[length++] = c >= ' ' && c <= '~' ? c : '?';
  }
  shown[length] = '\0';
  snprintf(reader->complaint, sizeof reader->complaint, what, shown);
  return false;
}

/*
 * A decimal number that ends where `*text` stops matching. strtod alone would take "inf", "nan", hexadecimal and leading
 * blanks. Underflow is rounding and welcome; overflow is not.
 */
static bool parse_number(const char **text, double *number)
{
  const char *first = *text;
  if (strspn(first, "+-.0123456789") == 0) return false;
  char *end = NULL;
  errno = 0;
  *number = strtod(first, &end);
  for (const char *c = first; c < end; c++) {
    if (!strchr("+-.0123456789eE", *c)) return false;
  }
  *text = end;
  return end != first && isfinite(*number);
}

/* The integer at `*text`, or 0 if it is outside 1 .. INT32_MAX. Stops behind it. */
static int64_t parse_index(const char **text)
{
  int64_t index = 0;
  const char *c = *text;
  const bool negative = *c == '-';
  if (negative) c++;
  for (; *c >= '0' && *c <= '9'; c++) {
    if (index <= INT32_MAX) index = 10 * index + (*c - '0');
  }
  *text = c;
  return negative || index > INT32_MAX ? 0 : index;
}

/* Makes `*array` hold one more element of `bytes` bytes than `count`. */
static bool grow(void **array, size_t *capacity, size_t count, size_t bytes)
{
  if (count < *capacity) return true;
  const size_t larger = *capacity ? 2 * *capacity : 1024;
  void *moved = larger <= SIZE_MAX / bytes ? realloc(*array, larger * bytes) : NULL;
  if (!moved) return false;
  *array = moved;
  *capacity = larger;
  return true;
}

static bool append_entry(libsvm_reader *reader, int64_t index, double value)
{
  dataset *data = reader->data;
  size_t columns = reader->entry_capacity; /* the two arrays grow in step */
  if (!grow((void **)&data->column, &columns, reader->entries, sizeof *data->column)) return false;
  if (!grow((void **)&data->value, &reader->entry_capacity, reader->entries, sizeof *data->value)) return false;
  data->column[reader->entries] = (int32_t)(index - 1);
  data->value[reader->entries] = value;
  reader->entries++;
  return true;
}

static bool append_row(libsvm_reader *reader, double label)
{
  dataset *data = reader->data;
  size_t labels = reader->row_capacity;
  if (!grow((void **)&data->label, &labels, data->rows + 1, sizeof *data->label)) return false;
  if (!grow((void **)&data->row_start, &reader->row_capacity, data->rows + 1, sizeof *data->row_start)) return false;
  data->label[data->rows] = label;
  data->rows++;
  data->row_start[data->rows] = reader->entries;
  return true;
}

/* One "index:value" at `*text`; false with a complaint if it is malformed, or without one if memory ran out. */
static bool parse_entry(libsvm_reader *reader, const char **text, int64_t *previous)
{
  const char *token = *text;
  double value = 0.0;
  const int64_t index = parse_index(text);
  if (**text != ':') return complain(reader, "'%s' is not index:value", token);
  if (index == 0) return complain(reader, "the index of '%s' is not within 1 .. 2147483647", token);
  if (index <= *previous) return complain(reader, "the index of '%s' is not larger than the one before it", token);
  if (reader->source->columns > 0 && index > reader->source->columns) {
    return complain(reader, "the index of '%s' is larger than the number of features", token);
  }
  *text += 1;
  if (!parse_number(text, &value) || !ends_token(**text)) {
    return complain(reader, "the value of '%s' is not a finite number", token);
  }
  *previous = index;
  if (index > reader->data->columns) reader->data->columns = index;
  value /= reader->source->scale;
  if (!isfinite(value)) return complain(reader, "the value of '%s' divided by --scale is not finite", token);
  return append_entry(reader, index, value);
}

/* The row of one line, if it holds one. */
static bool parse_line(libsvm_reader *reader, const char *line, size_t length)
{
  const char *text = skip_blanks(line);
  const char *token = text;
  double label = 0.0;
  int64_t previous = 0;
  if (memchr(line, '\0', length)) return complain(reader, "it holds zero bytes; this is not LIBSVM text", token);
  if (ends_token(*text)) return true;
  if (strncmp(line, "\xef\xbb\xbf", 3) == 0) return complain(reader, "it begins with a byte order mark", token);
  if (!parse_number(&text, &label) || !ends_token(*text)) {
    return complain(reader, "the label '%s' is not a finite number", token);
  }
  for (text = skip_blanks(text); !ends_token(*text); text = skip_blanks(text)) {
    if (!parse_entry(reader, &text, &previous)) return false;
  }
  return append_row(reader, label);
}

static secant_status refuse_line(libsvm_reader *reader, secant_error *error)
{
  const char *path = reader->source->path;
  if (!reader->complaint[0]) return input_fail(error, SECANT_ERR_MEMORY, "no memory for the rows of %s", path);
  const long long line = (long long)text_input_line_number(&reader->input, reader->line_position);
  return input_fail(error, SECANT_ERR_FORMAT, "%s:%lld: %s; correct or remove the line", path, line, reader->complaint);
}

static bool holds_row(const char *line)
{
  return !ends_token(*skip_blanks(line));
}

/* End of the bytes to share out: that of the file, or of row row_limit. */
static secant_status find_extent(libsvm_reader *reader, int64_t *extent, secant_error *error)
{
  const int64_t limit = reader->source->row_limit;
  if (limit == 0) return text_input_size(&reader->input, extent, error);
  int64_t rows = 0;
  while (rows < limit) {
    char *line = NULL;
    size_t length = 0;
    const secant_status status = text_input_line(&reader->input, &line, &length, error);
    if (status != SECANT_OK) return status;
    if (!line) {
      return input_fail(error, SECANT_ERR_FORMAT, "%s has %lld rows, fewer than --rows %lld; ask for fewer",
                        reader->source->path, (long long)rows, (long long)limit);
    }
    rows += holds_row(line);
  }
  *extent = reader->input.position;
  return SECANT_OK;
}

/* Goes to the first line that starts at or after `first`. */
static secant_status go_to_line(text_input *input, int64_t first, secant_error *error)
{
  if (first == 0) return text_input_seek(input, 0, error);
  char *line = NULL;
  size_t length = 0;
  const secant_status status = text_input_seek(input, first - 1, error); /* byte first-1 may be the newline before it */
  return status == SECANT_OK ? text_input_line(input, &line, &length, error) : status;
}

static secant_status read_lines(libsvm_reader *reader, int64_t first, int64_t end, secant_error *error)
{
  secant_status status = go_to_line(&reader->input, first, error);
  while (status == SECANT_OK && reader->input.position < end) {
    char *line = NULL;
    size_t length = 0;
    reader->line_position = reader->input.position;
    status = text_input_line(&reader->input, &line, &length, error);
    if (status != SECANT_OK || !line) break;
    if (!parse_line(reader, line, length)) return refuse_line(reader, error);
    if (reader->data->rows == INT32_MAX) {
      return input_fail(error, SECANT_ERR_FORMAT, "%s has too many rows for one rank; use more ranks",
                        reader->input.path);
    }
  }
  return status;
}

static bool begin_rows(dataset *data)
{
  *data = (dataset){.label = calloc(1, sizeof *data->label),
                    .row_start = calloc(1, sizeof *data->row_start),
                    .column = calloc(1, sizeof *data->column),
                    .value = calloc(1, sizeof *data->value)};
  return data->label && data->row_start && data->column && data->value;
}

secant_status read_libsvm(const data_source *source, int rank, int size, dataset *out, secant_error *error)
{
  libsvm_reader reader = {.source = source, .data = out, .row_capacity = 1, .entry_capacity = 1};
  if (!begin_rows(out)) {
    dataset_free(out);
    return input_fail(error, SECANT_ERR_MEMORY, "no memory for the rows of %s", source->path);
  }
  int64_t extent = 0;
  secant_status status = text_input_open(&reader.input, source->path, error);
  if (status == SECANT_OK) status = find_extent(&reader, &extent, error);
  if (status == SECANT_OK) {
    status = read_lines(&reader, even_cut(extent, rank, size), even_cut(extent, rank + 1, size), error);
  }
  text_input_close(&reader.input);
  if (status != SECANT_OK) dataset_free(out);
  return status;
}
