/* A checkpoint that was damaged anywhere is refused, with a sentence, before anything in memory changes. */
#include "checkpoint_fixture.h"

#include <secant/state.h>
#include <sys/stat.h>

/* A small run that loads, and the same that nobody disturbs. */
typedef struct victim {
  continuation *run, *straight;
} victim;

static victim begin_victim(void)
{
  const secant_options options = options_of(&usual, 12);
  const victim v = {continuation_create(NULL, usual.dtype, &options, 0.0),
                    continuation_create(NULL, usual.dtype, &options, 0.0)};
  assert_non_null(v.run);
  assert_non_null(v.straight);
  continuation_advance(v.run, 9, true);
  continuation_advance(v.straight, 9, true);
  return v;
}

static void end_victim(struct verdict *verdict, victim *v)
{
  continuation_compare(verdict, v->straight, v->run, "after damage");
  continuation_advance(v->straight, 1000, true);
  continuation_advance(v->run, 1000, true);
  continuation_compare(verdict, v->straight, v->run, "at the end");
  continuation_destroy(v->run);
  continuation_destroy(v->straight);
}

/* Loading fails as a matter of format, and the message holds `words`, and the path. */
static void check_refused(struct verdict *verdict, victim *v, const char *words, const char *what, off_t at)
{
  const secant_status status = secant_checkpoint_load(v->run->optimizer, path, PROBLEM);
  const char *message = secant_message(v->run->optimizer);
  CHECK(verdict, status == SECANT_ERR_FORMAT, "%s %lld: status %d, '%s'", what, (long long)at, (int)status, message);
  CHECK(verdict, strstr(message, path) && strstr(message, words), "%s %lld: '%s' lacks '%s'", what, (long long)at,
        message, words);
}

static int open_file(off_t *size)
{
  struct stat file;
  const int descriptor = open(path, O_RDWR);
  assert_true(descriptor >= 0 && fstat(descriptor, &file) == 0);
  *size = file.st_size;
  return descriptor;
}

/* Turns the bits of `mask` of one byte round. Twice is none. */
static void flip(int file, off_t at, unsigned mask)
{
  unsigned char byte;
  assert_int_equal(pread(file, &byte, 1, at), 1);
  byte = (unsigned char)(byte ^ mask);
  assert_int_equal(pwrite(file, &byte, 1, at), 1);
}

static void flip_and_load(struct verdict *verdict, victim *v, int file, off_t at)
{
  const unsigned mask = 1U << (at % 8);
  flip(file, at, mask);
  check_refused(verdict, v, "", "flipped byte", at);
  flip(file, at, mask);
}

/* The seal, HDF5's superblock and first objects byte by byte; the rest in steps that meet every kind of object; the
 * tail. */
static void a_flipped_bit_anywhere_is_refused(void **state)
{
  (void)state;
  enum { STEP = 37, CLOSE = 160 };
  struct verdict verdict = {0};
  off_t size;
  save_run_of(&usual);
  victim v = begin_victim();
  const int file = open_file(&size);
  for (off_t at = 0; at < CLOSE; at++) flip_and_load(&verdict, &v, file, at);
  for (off_t at = CLOSE; at < SECANTI_SEAL_BYTES; at += STEP) flip_and_load(&verdict, &v, file, at);
  for (off_t at = SECANTI_SEAL_BYTES; at < SECANTI_SEAL_BYTES + 4 * CLOSE; at++) flip_and_load(&verdict, &v, file, at);
  for (off_t at = SECANTI_SEAL_BYTES + 4 * CLOSE; at < size; at += STEP) flip_and_load(&verdict, &v, file, at);
  for (off_t at = size - CLOSE; at < size; at++) flip_and_load(&verdict, &v, file, at);
  assert_int_equal(secant_checkpoint_verify(path, NULL), SECANT_OK);
  close(file);
  end_victim(&verdict, &v);
  assert_good(&verdict);
}

static void a_file_of_another_length_is_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  off_t size;
  save_run_of(&usual);
  victim v = begin_victim();
  const int file = open_file(&size);
  assert_int_equal(ftruncate(file, size + 1), 0);
  check_refused(&verdict, &v, "bytes long", "longer than", size);
  for (off_t length = size - 1; length > 0; length -= 1 + length / 200) {
    assert_int_equal(ftruncate(file, length), 0);
    check_refused(&verdict, &v, length > SECANTI_SEAL_BYTES + 8 ? "bytes long" : "", "cut to", length);
  }
  close(file);
  end_victim(&verdict, &v);
  assert_good(&verdict);
}

static void a_file_without_a_seal_is_no_checkpoint(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_error error;
  save_run_of(&usual);
  victim v = begin_victim();
  clear_seal();
  check_refused(&verdict, &v, "has no seal", "cleared", 0);
  assert_int_equal(secant_checkpoint_verify(path, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, "has no seal"));
  end_victim(&verdict, &v);
  assert_good(&verdict);
}

/* ---- damage under a seal that fits: only the checksum of the dataset can tell --------------------------------------- */

/* Where the datasets lie. */
typedef struct dataset_list {
  size_t count;
  struct {
    char name[60];
    off_t offset, bytes;
  } all[64];
} dataset_list;

static herr_t note(hid_t group, const char *name, const H5L_info_t *link, void *user)
{
  (void)link;
  dataset_list *list = user;
  const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
  if (H5Iget_type(object) == H5I_DATASET && H5Dget_storage_size(object) > 0) {
    assert_true(list->count < sizeof list->all / sizeof *list->all);
    snprintf(list->all[list->count].name, sizeof list->all[0].name, "/%s:", name);
    list->all[list->count].offset = (off_t)H5Dget_offset(object);
    list->all[list->count++].bytes = (off_t)H5Dget_storage_size(object);
  }
  return H5Oclose(object);
}

static dataset_list find_datasets(void)
{
  dataset_list list = {.count = 0};
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, note, &list) >= 0);
  H5Fclose(file);
  return list;
}

static void a_damaged_dataset_is_named(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_error error;
  off_t size;
  save_run_of(&usual);
  const dataset_list list = find_datasets();
  assert_true(list.count > 20);
  victim v = begin_victim();
  const int file = open_file(&size);
  for (size_t i = 0; i < list.count; i++) {
    const off_t at = list.all[i].offset + (off_t)(i * 7919) % list.all[i].bytes;
    flip(file, at, 1U << (i % 8));
    seal_again();
    check_refused(&verdict, &v, list.all[i].name, "dataset", at);
    CHECK(&verdict, secant_checkpoint_verify(path, &error) == SECANT_ERR_FORMAT, "%s: verified", list.all[i].name);
    CHECK(&verdict, strstr(error.message, list.all[i].name), "'%s' lacks '%s'", error.message, list.all[i].name);
    flip(file, at, 1U << (i % 8));
  }
  seal_again();
  assert_int_equal(secant_checkpoint_verify(path, NULL), SECANT_OK);
  close(file);
  end_victim(&verdict, &v);
  assert_good(&verdict);
}

/* What is read back in several pieces: saving would fail if their checksums did not add up to that of the whole. */
static void a_dataset_of_several_pieces_has_the_checksum_of_the_whole(void **state)
{
  (void)state;
  enum { LENGTH = 300000 }; /* 2.4 MB; a piece is 1 MiB */
  const int64_t length = LENGTH;
  const secant_piece whole = {0, LENGTH};
  double *values = malloc(LENGTH * sizeof *values);
  assert_non_null(values);
  for (int i = 0; i < LENGTH; i++) values[i] = 1.0 / (i + 1);
  const secant_tensor tensor = {SECANT_F64, 1, &length, 1, &whole, LENGTH, values};
  secant_error error = {.message = ""};
  secant_node *dict = secant_node_dict();
  assert_int_equal(secant_node_set(dict, "vector", secant_node_tensor(&tensor)), SECANT_OK);
  if (secant_state_dict_save(dict, path, NULL, &error) != SECANT_OK) fail_msg("%s", error.message);
  secant_node_destroy(dict);
  free(values);
}

static void a_dataset_without_a_checksum_is_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  save_run_of(&usual);
  victim v = begin_victim();
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(H5Adelete_by_name(file, "/parameters/3/y", "xxh3", H5P_DEFAULT) >= 0);
  assert_true(H5Fclose(file) >= 0);
  seal_again();
  check_refused(&verdict, &v, "'xxh3'", "without", 0);
  end_victim(&verdict, &v);
  assert_good(&verdict);
}

/* ---- a disk that keeps something else than it was given ------------------------------------------------------------- */

static off_t spoil_before_seal, spoil_after_seal; /* where; 0: not at all */

static void spoil(const char *name, off_t at)
{
  const int file = at > 0 ? open(name, O_RDWR) : -1;
  if (file < 0) return;
  flip(file, at, 1);
  close(file);
}

/* These stand around what reads and seals a file that has been written, at link time. */
secant_status __real_secanti_verify_written(const secanti_h5_file *file, secant_comm *comm, secanti_seal *seal);
secant_status __wrap_secanti_verify_written(const secanti_h5_file *file, secant_comm *comm, secanti_seal *seal);
secant_status __wrap_secanti_verify_written(const secanti_h5_file *file, secant_comm *comm, secanti_seal *seal)
{
  spoil(file->path, spoil_before_seal);
  return __real_secanti_verify_written(file, comm, seal);
}

secant_status __real_secanti_seal_put(int file, const char *name, const secanti_seal *seal, secant_error *error);
secant_status __wrap_secanti_seal_put(int file, const char *name, const secanti_seal *seal, secant_error *error);
secant_status __wrap_secanti_seal_put(int file, const char *name, const secanti_seal *seal, secant_error *error)
{
  const secant_status status = __real_secanti_seal_put(file, name, seal, error);
  spoil(name, spoil_after_seal);
  return status;
}

static void expect_save_fails(struct verdict *verdict, victim *v, const char *words)
{
  const secant_status status = secant_checkpoint_save(v->run->optimizer, path, PROBLEM);
  const char *message = secant_message(v->run->optimizer);
  spoil_before_seal = spoil_after_seal = 0;
  CHECK(verdict, status == SECANT_ERR_IO && strstr(message, words), "status %d: '%s'", (int)status, message);
  CHECK(verdict, secant_checkpoint_verify(path, NULL) == SECANT_OK, "the older checkpoint is lost");
  CHECK(verdict, access(temporary, F_OK) != 0, "a temporary file was left");
}

static void a_write_that_went_wrong_is_noticed_before_the_older_file_is_replaced(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  save_run_of(&usual);
  const dataset_list list = find_datasets();
  victim v = begin_victim();
  assert_int_equal(secant_checkpoint_save(v.run->optimizer, path, PROBLEM), SECANT_OK);
  spoil_before_seal = find_datasets().all[list.count / 2].offset;
  expect_save_fails(&verdict, &v, "the data are damaged");
  for (off_t at = SECANTI_SEAL_BYTES; at < list.all[0].offset; at += 37) { /* HDF5's own */
    spoil_before_seal = at;
    expect_save_fails(&verdict, &v, "damaged");
  }
  spoil_after_seal = 20;
  expect_save_fails(&verdict, &v, "no seal");
  end_victim(&verdict, &v);
  assert_good(&verdict);
}

static void verification_tells_what_is_no_checkpoint(void **state)
{
  (void)state;
  secant_error error;
  assert_int_equal(secant_checkpoint_verify(NULL, &error), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_verify("", NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_verify("/nowhere/at/all.h5", &error), SECANT_ERR_IO);
  secant_node *dict = secant_node_dict();
  assert_int_equal(secant_state_dict_save(dict, path, NULL, NULL), SECANT_OK);
  secant_node_destroy(dict);
  assert_int_equal(secant_checkpoint_verify(path, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, "not a checkpoint"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_flipped_bit_anywhere_is_refused),
      cmocka_unit_test(a_file_of_another_length_is_refused),
      cmocka_unit_test(a_file_without_a_seal_is_no_checkpoint),
      cmocka_unit_test(a_damaged_dataset_is_named),
      cmocka_unit_test(a_dataset_of_several_pieces_has_the_checksum_of_the_whole),
      cmocka_unit_test(a_dataset_without_a_checksum_is_refused),
      cmocka_unit_test(a_write_that_went_wrong_is_noticed_before_the_older_file_is_replaced),
      cmocka_unit_test(verification_tells_what_is_no_checkpoint),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
