/* LIBSVM text: what is read, how ranks share it, and what is refused with which sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/dataset.h"
#include "support/data_file.h"
#include "support/random.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static data_source source_of(const char *path)
{
  return (data_source){.path = path, .scale = 1.0};
}

static char *write_text(const char *text)
{
  char *path = data_file_write(text, strlen(text));
  assert_non_null(path);
  return path;
}

static void read_well(const data_source *source, int rank, int size, dataset *data)
{
  secant_error error = {.message = ""};
  if (read_libsvm(source, rank, size, data, &error) != SECANT_OK) fail_msg("%s", error.message);
}

/* The sentence that reading `path` is refused with. */
static void read_badly(const data_source *source, secant_status wanted, secant_error *error)
{
  dataset data;
  *error = (secant_error){.message = ""};
  const secant_status status = read_libsvm(source, 0, 1, &data, error);
  if (status != wanted) fail_msg("status %d instead of %d: %s", (int)status, (int)wanted, error->message);
  assert_int_equal(error->status, wanted);
  assert_null(data.label);
  assert_null(data.value);
}

static void refuses_text(const char *text, const char *part)
{
  secant_error error;
  char *path = write_text(text);
  const data_source source = source_of(path);
  read_badly(&source, SECANT_ERR_FORMAT, &error);
  if (!strstr(error.message, part)) fail_msg("'%s' lacks '%s'", error.message, part);
  data_file_remove(path);
}

static void rows_labels_and_entries_are_read_as_written(void **state)
{
  (void)state;
  char *path = write_text("# header\n+1 1:0.5 3:-2e1\n\n-1\t2:1e-320 # note 9:9\r\n  \n2.5 2147483647:7");
  const data_source source = source_of(path);
  dataset data;

  read_well(&source, 0, 1, &data);

  assert_int_equal(data.rows, 3);
  assert_true(data.columns == 2147483647);
  assert_true(data.label[0] == 1.0 && data.label[1] == -1.0 && data.label[2] == 2.5);
  const size_t start[] = {0, 2, 3, 4};
  const int32_t column[] = {0, 2, 1, 2147483646};
  const double value[] = {0.5, -20.0, 1e-320, 7.0};
  assert_memory_equal(data.row_start, start, sizeof start);
  assert_memory_equal(data.column, column, sizeof column);
  assert_memory_equal(data.value, value, sizeof value);
  dataset_free(&data);
  data_file_remove(path);
}

static void scale_divides_every_value(void **state)
{
  (void)state;
  char *path = write_text("1 1:255 2:51\n");
  data_source source = source_of(path);
  source.scale = 255.0;
  dataset data;
  read_well(&source, 0, 1, &data);
  assert_true(data.value[0] == 1.0 && data.value[1] == 0.2);
  dataset_free(&data);
  data_file_remove(path);
}

static void row_limit_counts_rows_not_lines(void **state)
{
  (void)state;
  char *path = write_text("# c\n1 1:1\n\n2 1:2\n3 1:3\nmalformed\n");
  data_source source = source_of(path);
  source.row_limit = 3;
  for (int rank = 0; rank < 2; rank++) {
    dataset data;
    read_well(&source, rank, 2, &data);
    for (size_t i = 0; i < data.rows; i++) assert_true(data.label[i] <= 3.0);
    dataset_free(&data);
  }

  secant_error error;
  source.row_limit = 5;
  read_badly(&source, SECANT_ERR_FORMAT, &error);
  assert_non_null(strstr(error.message, "fewer than --rows 5"));
  data_file_remove(path);
}

/* Text of rows of random lengths with comments and blank lines between them. Returns its length. */
static size_t random_text(uint64_t *state, char *text, size_t capacity, int lines)
{
  size_t length = 0;
  for (int i = 0; i < lines; i++) {
    char *at = text + length;
    const size_t room = capacity - length;
    const uint64_t kind = random_next(state) % 8;
    int written = 0;
    if (kind == 0) written = snprintf(at, room, "\n");
    if (kind == 1) written = snprintf(at, room, "# line %d\n", i);
    if (kind > 1) written = snprintf(at, room, "%d", i);
    for (uint64_t k = 1; kind > 1 && k < kind; k++) {
      written += snprintf(at + written, room - (size_t)written, " %" PRIu64 ":%.17g", 3 * k, random_symmetric(state));
    }
    if (kind > 1) written += snprintf(at + written, room - (size_t)written, "\n");
    length += (size_t)written;
  }
  return length;
}

/* Compares rows first .. of `whole` with all rows of `part`. */
static void same_rows(const dataset *whole, size_t first, const dataset *part, uint64_t seed)
{
  assert_true(first + part->rows <= whole->rows);
  for (size_t i = 0; i < part->rows; i++) {
    const size_t from = whole->row_start[first + i];
    const size_t count = whole->row_start[first + i + 1] - from;
    const size_t at = part->row_start[i];
    if (part->label[i] != whole->label[first + i] || part->row_start[i + 1] - at != count) {
      fail_msg("seed %" PRIu64 ", row %zu", seed, first + i);
    }
    assert_memory_equal(part->column + at, whole->column + from, count * sizeof *part->column);
    assert_memory_equal(part->value + at, whole->value + from, count * sizeof *part->value);
  }
}

static void ranks_together_read_what_one_reads(const data_source *source, int size, uint64_t seed)
{
  dataset whole;
  size_t rows = 0;
  read_well(source, 0, 1, &whole);
  for (int rank = 0; rank < size; rank++) {
    dataset part;
    read_well(source, rank, size, &part);
    same_rows(&whole, rows, &part, seed);
    rows += part.rows;
    dataset_free(&part);
  }
  if (rows != whole.rows) fail_msg("seed %" PRIu64 ", %d ranks: %zu rows of %zu", seed, size, rows, whole.rows);
  dataset_free(&whole);
}

/* As the text and the number of ranks vary, the cuts fall on every kind of byte: newlines, first bytes, middles. */
static void byte_ranges_together_hold_every_row_once(void **state)
{
  (void)state;
  char text[8192];
  for (uint64_t seed = 1; seed <= 60; seed++) {
    uint64_t random = seed;
    const size_t length = random_text(&random, text, sizeof text, 1 + (int)(seed % 23));
    char *path = data_file_write(text, seed % 2 ? length : length - 1); /* with and without a last newline */
    char *packed = data_file_write_gzip(text, length);
    assert_non_null(path);
    assert_non_null(packed);
    data_source source = source_of(path);
    for (int size = 1; size <= 40; size++) ranks_together_read_what_one_reads(&source, size, seed);
    source.path = packed;
    for (int size = 1; size <= 5; size++) ranks_together_read_what_one_reads(&source, size, seed);
    data_file_remove(path);
    data_file_remove(packed);
  }
}

static void more_ranks_than_bytes_leave_ranks_without_rows(void **state)
{
  (void)state;
  char *path = write_text("1 1:1\n2 2:2");
  const data_source source = source_of(path);
  ranks_together_read_what_one_reads(&source, 64, 0);
  data_file_remove(path);
}

static void a_line_longer_than_the_buffer_is_read(void **state)
{
  (void)state;
  const size_t entries = 100000;
  char *text = malloc(entries * 16);
  assert_non_null(text);
  size_t length = (size_t)sprintf(text, "1");
  for (size_t k = 1; k <= entries; k++) length += (size_t)sprintf(text + length, " %zu:%zu", k, k % 10);
  char *path = data_file_write(text, length);
  assert_non_null(path);
  const data_source source = source_of(path);
  dataset data;
  read_well(&source, 0, 1, &data);
  assert_int_equal(data.rows, 1);
  assert_int_equal(data.row_start[1], entries);
  assert_true(data.value[entries - 1] == (double)(entries % 10));
  dataset_free(&data);
  data_file_remove(path);
  free(text);
}

static void malformed_lines_are_named_by_file_and_line(void **state)
{
  (void)state;
  refuses_text("1 1:1\n\n# c\n1 x:1\n", ":4: 'x:1' is not index:value");
  refuses_text("1 1:1\none 1:1\n", ":2: the label 'one' is not a finite number");
  refuses_text("1 1\n", ":1: '1' is not index:value");
  refuses_text("1 1:\n", ":1: the value of '1:' is not a finite number");
  refuses_text("1 1:2x\n", "the value of '1:2x'");
  refuses_text("1 1:0x10\n", "the value of '1:0x10'");
  refuses_text("1 1:1:1\n", "the value of '1:1:1'");
  refuses_text("1,2 1:1\n", "the label '1,2'");
  refuses_text("1 qid:3 1:1\n", "'qid:3' is not index:value");
}

static void indices_outside_their_range_are_refused(void **state)
{
  (void)state;
  refuses_text("1 0:1\n", "the index of '0:1' is not within 1 .. 2147483647");
  refuses_text("1 -3:1\n", "the index of '-3:1' is not within");
  refuses_text("1 2147483648:1\n", "the index of '2147483648:1' is not within");
  refuses_text("1 99999999999999999999999:1\n", "is not within");
  refuses_text("1 :1\n", "is not within");
  refuses_text("1 3:1 3:1\n", "the index of '3:1' is not larger than the one before it");
  refuses_text("1 3:1 2:1\n", "the index of '2:1' is not larger");
}

static void numbers_that_are_not_finite_are_refused(void **state)
{
  (void)state;
  refuses_text("1 1:nan\n", "the value of '1:nan' is not a finite number");
  refuses_text("1 1:-inf\n", "the value of '1:-inf'");
  refuses_text("1 1:1e309\n", "the value of '1:1e309'");
  refuses_text("nan 1:1\n", "the label 'nan'");
  refuses_text("-Infinity 1:1\n", "the label '-Infinity'");
  refuses_text("1e999 1:1\n", "the label '1e999'");
}

static void garbage_is_refused_in_readable_words(void **state)
{
  (void)state;
  refuses_text("\x7f"
               "ELF\x02\x01\x01 \xff\xfe\n",
               ":1: the label '?ELF");
  secant_error error;
  char *path = data_file_write("1 1:1\n1 \0 1:1\n", 14);
  assert_non_null(path);
  const data_source source = source_of(path);
  read_badly(&source, SECANT_ERR_FORMAT, &error);
  assert_non_null(strstr(error.message, ":2: it holds zero bytes"));
  data_file_remove(path);
}

static void features_beyond_the_limit_are_refused(void **state)
{
  (void)state;
  char *path = write_text("1 4:1\n1 5:1\n");
  data_source source = source_of(path);
  source.columns = 4;
  secant_error error;
  read_badly(&source, SECANT_ERR_FORMAT, &error);
  assert_non_null(strstr(error.message, ":2: the index of '5:1' is larger than the number of features"));
  data_file_remove(path);
}

/* With byte ranges the failing rank has not seen the lines before its own. */
static void the_line_number_is_that_of_the_whole_file_on_any_rank(void **state)
{
  (void)state;
  char text[4096];
  size_t length = 0;
  for (int i = 1; i <= 100; i++) length += (size_t)sprintf(text + length, i == 77 ? "1 0:1\n" : "1 1:%d\n", i);
  for (int packed = 0; packed < 2; packed++) {
    char *path = packed ? data_file_write_gzip(text, length) : data_file_write(text, length);
    assert_non_null(path);
    const data_source source = source_of(path);
    int failures = 0;
    for (int rank = 0; rank < 4; rank++) {
      dataset data;
      secant_error error = {.message = ""};
      if (read_libsvm(&source, rank, 4, &data, &error) != SECANT_OK) {
        failures++;
        assert_non_null(strstr(error.message, ":77: "));
      }
      dataset_free(&data);
    }
    assert_int_equal(failures, 1);
    data_file_remove(path);
  }
}

static void files_that_cannot_be_read_are_refused(void **state)
{
  (void)state;
  secant_error error;
  data_source source = source_of("/nonexistent/data.svm");
  read_badly(&source, SECANT_ERR_IO, &error);
  assert_non_null(strstr(error.message, "/nonexistent/data.svm cannot be opened: No such file"));
  source.path = "/tmp";
  read_badly(&source, SECANT_ERR_IO, &error);
  assert_non_null(strstr(error.message, "/tmp is a directory"));
  source.path = "/dev/null";
  read_badly(&source, SECANT_ERR_IO, &error);
  assert_non_null(strstr(error.message, "/dev/null is not a regular file"));
}

/* However much of a gzip file is missing, it is refused on every rank, or it is too short to be known as gzip. */
static void truncated_gzip_is_refused_at_every_length(void **state)
{
  (void)state;
  char text[4096];
  uint64_t random = 5;
  const size_t length = random_text(&random, text, sizeof text, 30);
  char *path = data_file_write_gzip(text, length);
  assert_non_null(path);
  const data_source source = source_of(path);
  for (size_t bytes = data_file_size(path) - 1; bytes >= 2; bytes--) {
    assert_int_equal(data_file_truncate(path, bytes), 0);
    for (int rank = 0; rank < 3; rank++) {
      dataset data;
      secant_error error = {.message = ""};
      if (read_libsvm(&source, rank, 3, &data, &error) == SECANT_OK) fail_msg("%zu bytes were taken", bytes);
      if (bytes >= 18) assert_non_null(strstr(error.message, "truncated"));
    }
  }
  data_file_remove(path);
}

static void damaged_gzip_is_refused(void **state)
{
  (void)state;
  char *path = data_file_write("\x1f\x8b\x08\x00 this is no deflate stream at all", 34);
  assert_non_null(path);
  const data_source source = source_of(path);
  secant_error error;
  read_badly(&source, SECANT_ERR_FORMAT, &error);
  assert_non_null(strstr(error.message, "gzip"));
  data_file_remove(path);
}

static void an_empty_file_is_refused(void **state)
{
  (void)state;
  char *path = data_file_write("", 0);
  assert_non_null(path);
  const data_source source = source_of(path);
  secant_error error = {.message = ""};
  dataset data;
  assert_int_equal(dataset_load(&source, NULL, &data, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, "has no rows"));
  data_file_remove(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_labels_and_entries_are_read_as_written),
      cmocka_unit_test(scale_divides_every_value),
      cmocka_unit_test(row_limit_counts_rows_not_lines),
      cmocka_unit_test(byte_ranges_together_hold_every_row_once),
      cmocka_unit_test(more_ranks_than_bytes_leave_ranks_without_rows),
      cmocka_unit_test(a_line_longer_than_the_buffer_is_read),
      cmocka_unit_test(malformed_lines_are_named_by_file_and_line),
      cmocka_unit_test(indices_outside_their_range_are_refused),
      cmocka_unit_test(numbers_that_are_not_finite_are_refused),
      cmocka_unit_test(garbage_is_refused_in_readable_words),
      cmocka_unit_test(features_beyond_the_limit_are_refused),
      cmocka_unit_test(the_line_number_is_that_of_the_whole_file_on_any_rank),
      cmocka_unit_test(files_that_cannot_be_read_are_refused),
      cmocka_unit_test(truncated_gzip_is_refused_at_every_length),
      cmocka_unit_test(damaged_gzip_is_refused),
      cmocka_unit_test(an_empty_file_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
