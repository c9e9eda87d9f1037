/* IDX image and label files, plain and compressed: what is read, how ranks share it, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/dataset.h"
#include "support/data_file.h"
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 11, HEIGHT = 2, WIDTH = 3, PIXELS = HEIGHT * WIDTH };
enum { IMAGE_BYTES = 16 + IMAGES * PIXELS, LABEL_BYTES = 8 + IMAGES };

typedef char *writer(const void *bytes, size_t count);

static void put_big_endian(unsigned char *at, uint32_t number)
{
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(number >> (24 - 8 * i));
}

/* Images whose pixel p of image i is 7 i + p, and labels i mod 5. */
static void make_pair(unsigned char *images, unsigned char *labels)
{
  const uint32_t image_header[] = {0x00000803, IMAGES, HEIGHT, WIDTH};
  const uint32_t label_header[] = {0x00000801, IMAGES};
  for (size_t i = 0; i < 4; i++) put_big_endian(images + 4 * i, image_header[i]);
  for (size_t i = 0; i < 2; i++) put_big_endian(labels + 4 * i, label_header[i]);
  for (int i = 0; i < IMAGES; i++) {
    labels[8 + i] = (unsigned char)(i % 5);
    for (int p = 0; p < PIXELS; p++) images[16 + i * PIXELS + p] = (unsigned char)(7 * i + p);
  }
}

static data_source write_pair(writer *write)
{
  unsigned char images[IMAGE_BYTES], labels[LABEL_BYTES];
  make_pair(images, labels);
  const data_source source = {.path = write(images, IMAGE_BYTES), .labels = write(labels, LABEL_BYTES), .scale = 2.0};
  assert_non_null(source.path);
  assert_non_null(source.labels);
  return source;
}

static void remove_pair(const data_source *source)
{
  data_file_remove((char *)source->path);
  data_file_remove((char *)source->labels);
}

/* Ranks hold consecutive images; all together hold the first `rows`. */
static void check_ranks(const data_source *source, int size, int rows)
{
  int row = 0;
  for (int rank = 0; rank < size; rank++) {
    dataset data;
    secant_error error = {.message = ""};
    if (read_idx(source, rank, size, &data, &error) != SECANT_OK) fail_msg("%s", error.message);
    assert_true(data.columns == PIXELS);
    assert_null(data.row_start);
    for (size_t i = 0; i < data.rows; i++, row++) {
      assert_true(data.label[i] == row % 5);
      for (int p = 0; p < PIXELS; p++) assert_true(data.value[i * PIXELS + (size_t)p] == (7 * row + p) / 2.0);
    }
    dataset_free(&data);
  }
  assert_int_equal(row, rows);
}

static void ranks_together_hold_every_image_once(void **state)
{
  (void)state;
  writer *const writers[] = {data_file_write, data_file_write_gzip};
  for (int kind = 0; kind < 2; kind++) {
    data_source source = write_pair(writers[kind]);
    for (int size = 1; size <= IMAGES + 3; size++) check_ranks(&source, size, IMAGES);
    source.row_limit = 4;
    for (int size = 1; size <= 6; size++) check_ranks(&source, size, 4);
    remove_pair(&source);
  }
}

static void images_without_labels_have_none(void **state)
{
  (void)state;
  data_source source = write_pair(data_file_write);
  const char *labels = source.labels;
  source.labels = NULL;
  dataset data;
  secant_error error;
  assert_int_equal(read_idx(&source, 0, 1, &data, &error), SECANT_OK);
  assert_int_equal(data.rows, IMAGES);
  assert_null(data.label);
  dataset_free(&data);
  source.labels = labels;
  remove_pair(&source);
}

static void format_is_told_by_the_first_bytes(void **state)
{
  (void)state;
  const data_source source = write_pair(data_file_write_gzip);
  char *text = data_file_write("1 1:1\n", 6);
  char *short_text = data_file_write("1", 1);
  bool is_idx = false;
  secant_error error;
  assert_int_equal(data_is_idx(source.path, &is_idx, &error), SECANT_OK);
  assert_true(is_idx);
  assert_int_equal(data_is_idx(text, &is_idx, &error), SECANT_OK);
  assert_false(is_idx);
  assert_int_equal(data_is_idx(short_text, &is_idx, &error), SECANT_OK);
  assert_false(is_idx);
  data_file_remove(text);
  data_file_remove(short_text);
  remove_pair(&source);
}

/* Every rank of three must refuse, with the same words. */
static void refuses(const data_source *source, const char *part)
{
  for (int rank = 0; rank < 3; rank++) {
    dataset data;
    secant_error error = {.message = ""};
    assert_int_equal(read_idx(source, rank, 3, &data, &error), SECANT_ERR_FORMAT);
    if (!strstr(error.message, part)) fail_msg("'%s' lacks '%s'", error.message, part);
    assert_null(data.value);
  }
}

static void truncated_files_are_refused_at_every_length(void **state)
{
  (void)state;
  const data_source source = write_pair(data_file_write);
  for (size_t bytes = LABEL_BYTES; bytes-- > 0;) {
    assert_int_equal(data_file_truncate(source.labels, bytes), 0);
    refuses(&source, "is truncated");
  }
  for (size_t bytes = IMAGE_BYTES; bytes-- > 0;) {
    assert_int_equal(data_file_truncate(source.path, bytes), 0);
    refuses(&source, "is truncated");
  }
  remove_pair(&source);
}

static void truncated_gzip_is_refused_by_the_last_rank_at_least(void **state)
{
  (void)state;
  const data_source source = write_pair(data_file_write_gzip);
  for (size_t bytes = data_file_size(source.path) - 1; bytes >= 18; bytes--) {
    dataset data;
    secant_error error = {.message = ""};
    assert_int_equal(data_file_truncate(source.path, bytes), 0);
    if (read_idx(&source, 2, 3, &data, &error) == SECANT_OK) fail_msg("%zu bytes were taken", bytes);
    assert_non_null(strstr(error.message, "is truncated"));
  }
  remove_pair(&source);
}

static void files_of_different_length_are_refused(void **state)
{
  (void)state;
  unsigned char images[IMAGE_BYTES], labels[LABEL_BYTES];
  make_pair(images, labels);
  put_big_endian(labels + 4, IMAGES - 1);
  const data_source source = {
      .path = data_file_write(images, IMAGE_BYTES), .labels = data_file_write(labels, LABEL_BYTES - 1), .scale = 1.0};
  refuses(&source, "10 labels but");
  remove_pair(&source);
}

static void swapped_and_foreign_files_are_refused(void **state)
{
  (void)state;
  const data_source pair = write_pair(data_file_write);
  const data_source swapped = {.path = pair.labels, .labels = pair.path, .scale = 1.0};
  refuses(&swapped, "this is a label file; give it to --labels");
  const data_source twice = {.path = pair.path, .labels = pair.path, .scale = 1.0};
  refuses(&twice, "this is an image file; give it as DATA");
  char *floats = data_file_write("\0\0\x0d\x03 and so on", 14);
  const data_source foreign = {.path = floats, .scale = 1.0};
  refuses(&foreign, "0x00000d03");
  data_file_remove(floats);
  remove_pair(&pair);
}

static void more_rows_than_the_files_have_are_refused(void **state)
{
  (void)state;
  data_source source = write_pair(data_file_write);
  source.row_limit = IMAGES + 1;
  refuses(&source, "has 11 rows, fewer than --rows 12");
  remove_pair(&source);
}

static void bytes_behind_the_last_image_are_refused(void **state)
{
  (void)state;
  unsigned char images[IMAGE_BYTES + 1] = {0}, labels[LABEL_BYTES];
  make_pair(images, labels);
  const data_source source = {.path = data_file_write(images, IMAGE_BYTES + 1), .scale = 1.0};
  dataset data;
  secant_error error = {.message = ""};
  assert_int_equal(read_idx(&source, 0, 1, &data, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, "more data than its header announces"));
  data_file_remove((char *)source.path);
}

/* A damaged header must not make the reader ask for the memory that it announces. */
static void announced_sizes_are_checked_against_the_file(void **state)
{
  (void)state;
  unsigned char images[IMAGE_BYTES], labels[LABEL_BYTES];
  make_pair(images, labels);
  put_big_endian(images + 4, 0xffffffff);
  data_source source = {.path = data_file_write(images, IMAGE_BYTES), .scale = 1.0};
  refuses(&source, "is truncated");
  data_file_remove((char *)source.path);
  put_big_endian(images + 8, 0xffffffff);
  source.path = data_file_write(images, IMAGE_BYTES);
  refuses(&source, "pixels; they must have 1 to 2147483647");
  data_file_remove((char *)source.path);
}

static void checksum_depends_on_every_pixel_and_label(void **state)
{
  (void)state;
  const data_source source = write_pair(data_file_write);
  dataset data;
  secant_error error;
  uint32_t before = 0, after = 0;
  assert_int_equal(dataset_load(&source, NULL, &data, &error), SECANT_OK);
  assert_int_equal(dataset_checksum(&data, NULL, &before, &error), SECANT_OK);
  for (int i = 0; i < IMAGES * PIXELS; i++) {
    data.value[i] += 0.5;
    assert_int_equal(dataset_checksum(&data, NULL, &after, &error), SECANT_OK);
    data.value[i] -= 0.5;
    assert_true(after != before);
  }
  for (int i = 0; i < IMAGES; i++) {
    data.label[i] += 1.0;
    assert_int_equal(dataset_checksum(&data, NULL, &after, &error), SECANT_OK);
    data.label[i] -= 1.0;
    assert_true(after != before);
  }
  dataset_free(&data);
  remove_pair(&source);
}

static void distinct_labels_come_in_increasing_order(void **state)
{
  (void)state;
  const data_source source = write_pair(data_file_write);
  dataset data;
  secant_error error;
  double *values = NULL;
  size_t count = 0;
  assert_int_equal(dataset_load(&source, NULL, &data, &error), SECANT_OK);
  assert_int_equal(dataset_distinct_labels(&data, NULL, &values, &count, &error), SECANT_OK);
  assert_int_equal(count, 5);
  for (size_t i = 0; i < count; i++) assert_true(values[i] == (double)i);
  free(values);
  dataset_free(&data);
  remove_pair(&source);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_together_hold_every_image_once),
      cmocka_unit_test(images_without_labels_have_none),
      cmocka_unit_test(format_is_told_by_the_first_bytes),
      cmocka_unit_test(truncated_files_are_refused_at_every_length),
      cmocka_unit_test(truncated_gzip_is_refused_by_the_last_rank_at_least),
      cmocka_unit_test(files_of_different_length_are_refused),
      cmocka_unit_test(swapped_and_foreign_files_are_refused),
      cmocka_unit_test(more_rows_than_the_files_have_are_refused),
      cmocka_unit_test(bytes_behind_the_last_image_are_refused),
      cmocka_unit_test(announced_sizes_are_checked_against_the_file),
      cmocka_unit_test(checksum_depends_on_every_pixel_and_label),
      cmocka_unit_test(distinct_labels_come_in_increasing_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
