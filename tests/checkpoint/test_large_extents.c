/* Datasets with more elements than a 32-bit number counts, by one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checkpoint/h5.h"
#include "checkpoint/h5_file.h"
#include "large_extents.h"
#include "scratch_fixture.h"
#include "support/verdict_assert.h"

static int begin(void **state)
{
  (void)state;
  return make_directory_for("large.h5");
}

/* ---- a whole checkpoint: this is rank 0 of two, and the other one has 4.6e9 elements of each parameter ------------- */

static int64_t file_access(const secant_comm *comm)
{
  (void)comm;
  return H5Pcreate(H5P_FILE_ACCESS);
}

static int64_t transfer(const secant_comm *comm)
{
  (void)comm;
  return H5Pcreate(H5P_DATASET_XFER);
}

static const secanti_h5_driver one_process = {.file_access = file_access, .transfer = transfer};

static large_run *create(void)
{
  const secant_options options = large_run_options();
  large_run *run = large_run_create(NULL, LARGE_STRIDE, LARGE_PLACE, 0, &options);
  assert_non_null(run);
  run->comm->h5 = &one_process;
  return run;
}

static void a_checkpoint_of_large_extents_goes_on_bit_for_bit(void **state)
{
  (void)state;
  if (!sparse_files_work(path, largest_checkpoint(1))) skip();
  struct verdict verdict = {0};
  large_run *saver = create(), *loader = create();
  check_save_and_load(&verdict, path, saver, loader);
  large_run_destroy(saver);
  large_run_destroy(loader);
  assert_good(&verdict);
}

/* ---- one dataset, of which this process has the end --------------------------------------------------------------- */

enum { ROWS = 2, COUNT = 5000, PIECE = 1500 };

static double value(size_t row, size_t column)
{
  return (double)(row * COUNT + column) + 0.25;
}

static void write_row(void *user, size_t row, size_t first, size_t count, void *data)
{
  (void)user;
  for (size_t i = 0; i < count; i++) ((double *)data)[i] = value(row, first + i);
}

static void expect_row(void *user, size_t row, size_t first, size_t count, void *data)
{
  size_t *seen = user;
  for (size_t i = 0; i < count; i++) assert_true(((double *)data)[i] == value(row, first + i));
  *seen += count;
}

/* Moves the end of a dataset [rows][columns] in pieces. */
static void move_end(bool writing, int64_t columns, secanti_h5_row *copy, void *user)
{
  static double buffer[PIECE];
  secant_error error = {.status = SECANT_OK};
  secanti_h5_file file;
  hid_t dataset;
  const secanti_h5_shape shape = {.dimensions = 2, .rows = ROWS, .columns = columns, .dtype = SECANT_F64};
  uint64_t sum = 0;
  const secanti_h5_shard shard = {
      .first = columns - COUNT, .count = COUNT, .longest = COUNT, .piece = PIECE, .buffer = buffer, .sum = &sum};
  bool moved = secanti_h5_begin(&file, secanti_comm_self(), path, writing, SECANT_IO_AUTO, &error) == SECANT_OK;
  if (writing) close(open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600));
  for (int round = 1; moved && round <= (writing ? 2 : 1); round++) {
    moved = (round == 1 || secanti_h5_fill(&file) == SECANT_OK) &&
            secanti_h5_dataset(&file, file.id, "end", &shape, &dataset) == SECANT_OK &&
            secanti_h5_vectors(&file, dataset, &shape, &shard, copy, user) == SECANT_OK &&
            secanti_h5_confirm_parts(&file, dataset, sum) == SECANT_OK;
    if (dataset >= 0) H5Dclose(dataset);
  }
  secanti_h5_close(&file);
  if (!moved) fail_msg("%s", error.message);
}

/* One element of the dataset, read by HDF5 alone. */
static double element(hsize_t row, int64_t column)
{
  const hsize_t at[2] = {row, (hsize_t)column};
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, "end", H5P_DEFAULT);
  const hid_t space = H5Dget_space(dataset), one = H5Screate(H5S_SCALAR);
  double read = 0.0;
  const bool good = H5Sselect_elements(space, H5S_SELECT_SET, 1, at) >= 0 &&
                    H5Dread(dataset, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &read) >= 0;
  H5Sclose(one);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  assert_true(good);
  return read;
}

static void the_end_of_a_long_dataset_is_moved_in_pieces(void **state)
{
  (void)state;
  static const int64_t columns[] = {(INT64_C(1) << 31) + 1, (INT64_C(1) << 32) + 7, INT64_C(9216000000)};
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    size_t seen = 0;
    if (!sparse_files_work(path, ROWS * 8 * columns[i] + (1 << 20))) skip();
    move_end(true, columns[i], write_row, NULL);
    move_end(false, columns[i], expect_row, &seen);
    assert_int_equal(seen, ROWS * COUNT);
    assert_true(element(0, columns[i] - COUNT) == value(0, 0));
    assert_true(element(ROWS - 1, columns[i] - 1) == value(ROWS - 1, COUNT - 1));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_checkpoint_of_large_extents_goes_on_bit_for_bit),
      cmocka_unit_test(the_end_of_a_long_dataset_is_moved_in_pieces),
  };
  return cmocka_run_group_tests(tests, begin, remove_directory);
}
