/*
 * The seal is what docs/checkpoint-format.md says, also of files of several blocks; and a file that gets its name is on
 * the disk, and then its name is.
 */
#include "checkpoint_fixture.h"

#include "checkpoint/checksum.h"
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { BLOCK = 1 << 20 }; /* docs/checkpoint-format.md */

static void write_room_and(const uint8_t *bytes, size_t count)
{
  static const char zeros[SECANTI_SEAL_BYTES];
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(zeros, sizeof zeros, 1, file), 1);
  assert_int_equal(fwrite(bytes, 1, count, file), count);
  assert_int_equal(fclose(file), 0);
}

/* What the format says, computed here. */
static void expect_seal(const uint8_t *bytes, size_t count)
{
  char want[SECANTI_SEAL_BYTES] = "", got[SECANTI_SEAL_BYTES];
  uint64_t sum = 0;
  for (size_t at = 0; at < count; at += BLOCK) {
    sum += XXH3_64bits_withSeed(bytes + at, count - at < BLOCK ? count - at : BLOCK, at / BLOCK);
  }
  snprintf(want, sizeof want, "secant seal 1 length %zu sum %016" PRIx64 "\n", count, sum);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fread(got, sizeof got, 1, file), 1);
  fclose(file);
  assert_memory_equal(got, want, sizeof got);
}

static secant_status check_seal(void)
{
  secant_error error = {.status = SECANT_OK};
  return secanti_seal_check(path, secanti_comm_self(), &error);
}

static void a_seal_is_the_sum_of_blocks_each_at_its_place(void **state)
{
  (void)state;
  const size_t lengths[] = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 5};
  uint8_t *bytes = malloc(4 * BLOCK);
  uint64_t random = 1;
  assert_non_null(bytes);
  for (size_t i = 0; i < 4 * BLOCK; i++) {
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    bytes[i] = (uint8_t)(random >> 56);
  }
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    write_room_and(bytes, lengths[i]);
    seal_again();
    expect_seal(bytes, lengths[i]);
    assert_int_equal(check_seal(), SECANT_OK);
  }
  const int file = open(path, O_RDWR); /* the first two blocks change places */
  assert_int_equal(pwrite(file, bytes + BLOCK, BLOCK, SECANTI_SEAL_BYTES), BLOCK);
  assert_int_equal(pwrite(file, bytes, BLOCK, SECANTI_SEAL_BYTES + BLOCK), BLOCK);
  close(file);
  free(bytes);
  assert_int_equal(check_seal(), SECANT_ERR_FORMAT);
}

/* A change that spares the lower half of the sum, and one that spares the upper half. */
static void every_digit_of_a_seal_counts(void **state)
{
  (void)state;
  enum { LENGTH = 1, DIGITS = 16 };
  const uint8_t byte = 7;
  write_room_and(&byte, LENGTH);
  seal_again();
  const off_t digits = (off_t)strlen("secant seal 1 length 1 sum ");
  const int file = open(path, O_RDWR);
  for (off_t at = digits; at < digits + DIGITS; at++) {
    char digit;
    assert_int_equal(pread(file, &digit, 1, at), 1);
    const char other = digit == '0' ? '1' : '0';
    assert_int_equal(pwrite(file, &other, 1, at), 1);
    assert_int_equal(check_seal(), SECANT_ERR_FORMAT);
    assert_int_equal(pwrite(file, &digit, 1, at), 1);
  }
  close(file);
  assert_int_equal(check_seal(), SECANT_OK);
}

/* Only 4096 zeros are no seal: a file whose seal is half gone is a damaged one. */
static void a_seal_that_is_partly_erased_is_damaged(void **state)
{
  (void)state;
  const uint8_t byte = 7;
  const char zeros[128] = "", mark = 'x';
  secant_error error = {.status = SECANT_OK};
  bool sealed = true;
  write_room_and(&byte, 1);
  assert_int_equal(secanti_seal_check_if_any(path, secanti_comm_self(), &sealed, &error), SECANT_OK);
  assert_false(sealed);
  const int file = open(path, O_RDWR);
  assert_int_equal(pwrite(file, &mark, 1, SECANTI_SEAL_BYTES - 1), 1);
  assert_int_equal(secanti_seal_check_if_any(path, secanti_comm_self(), &sealed, &error), SECANT_ERR_FORMAT);
  seal_again();
  assert_int_equal(pwrite(file, &mark, 1, SECANTI_SEAL_BYTES - 1), 1);
  assert_int_equal(pwrite(file, zeros, sizeof zeros, 0), sizeof zeros);
  close(file);
  error = (secant_error){.status = SECANT_OK};
  assert_int_equal(secanti_seal_check_if_any(path, secanti_comm_self(), &sealed, &error), SECANT_ERR_FORMAT);
}

/* ---- sums over ranks ------------------------------------------------------------------------------------------------ */

/* Of three ranks that all hold the same. */
static secant_status reduce_threefold(secant_comm *comm, double *words)
{
  (void)comm;
  for (int i = 0; i < (int)words[2]; i++) words[SECANTI_HEADER + i] *= 3.0;
  return SECANT_OK;
}

static void sums_of_several_ranks_are_added_modulo_2_to_the_64(void **state)
{
  (void)state;
  enum { SUMS = 600 };
  static const secanti_comm_operations operations = {.reduce = reduce_threefold};
  secant_comm three = {.operations = &operations, .size = 3};
  uint64_t sums[SUMS], random = 1;
  for (int i = 0; i < SUMS; i++) sums[i] = random = random * UINT64_C(6364136223846793005) + 1;
  assert_int_equal(secanti_checksum_add_up(&three, sums, SUMS, NULL), SECANT_OK);
  random = 1;
  for (int i = 0; i < SUMS; i++) {
    random = random * UINT64_C(6364136223846793005) + 1;
    assert_int_equal(sums[i], 3 * random);
  }
}

/* ---- what the disk has, and when ------------------------------------------------------------------------------------ */

/* What a save did in order: 's' synced the file, 'r' renamed it to its place, 'd' synced the directory. */
static char events[20];
static bool disk_fails;

static void note_event(char event)
{
  const size_t length = strlen(events);
  if (length + 1 < sizeof events) events[length] = event;
}

/* These stand around fsync() and rename() at link time. */
int __real_fsync(int file);
int __wrap_fsync(int file);
int __wrap_fsync(int file)
{
  struct stat about;
  if (fstat(file, &about) == 0) note_event(S_ISDIR(about.st_mode) ? 'd' : 's');
  if (!disk_fails) return __real_fsync(file);
  errno = EIO;
  return -1;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
  if (strcmp(to, path) == 0) note_event('r');
  return __real_rename(from, to);
}

static void a_file_is_synced_before_it_gets_its_name_and_the_name_after(void **state)
{
  (void)state;
  memset(events, 0, sizeof events);
  save_run_of(&usual);
  assert_string_equal(events, "srd");
}

static void a_seal_that_cannot_be_written_or_read_is_a_matter_of_the_disk(void **state)
{
  (void)state;
  const uint8_t byte = 7;
  secant_error error = {.status = SECANT_OK};
  write_room_and(&byte, 1);
  disk_fails = true;
  assert_int_equal(secanti_seal_write(path, secanti_comm_self(), &error), SECANT_ERR_IO);
  disk_fails = false;
  assert_non_null(strstr(error.message, path));
  error = (secant_error){.status = SECANT_OK};
  assert_int_equal(secanti_seal_check(directory, secanti_comm_self(), &error), SECANT_ERR_IO);
  assert_non_null(strstr(error.message, directory));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_seal_is_the_sum_of_blocks_each_at_its_place),
      cmocka_unit_test(every_digit_of_a_seal_counts),
      cmocka_unit_test(a_seal_that_is_partly_erased_is_damaged),
      cmocka_unit_test(sums_of_several_ranks_are_added_modulo_2_to_the_64),
      cmocka_unit_test(a_file_is_synced_before_it_gets_its_name_and_the_name_after),
      cmocka_unit_test(a_seal_that_cannot_be_written_or_read_is_a_matter_of_the_disk),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
