/* Checksums of checkpoints: known values, independence of cuts and order, and what they notice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checkpoint/checksum.h"
#include <string.h>

enum { COUNT = 1000, FIRST = 123456789 };

static void fill(void *data, size_t bytes)
{
  uint64_t state = 88172645463325252U;
  for (size_t i = 0; i < bytes; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    ((unsigned char *)data)[i] = (unsigned char)state;
  }
}

/* By the Python package xxhash; the first one stands in the description of XXH3. */
static void sums_have_the_known_values(void **state)
{
  (void)state;
  const double reals[] = {0.0, 1.0, -2.5, 1e300};
  const float singles[] = {0.0F, 1.0F, -2.5F};
  unsigned char block[5000];
  for (size_t i = 0; i < sizeof block; i++) block[i] = (unsigned char)(i % 251);
  assert_int_equal(secanti_checksum_bytes("", 0, 1, 0), 0x2d06800538d394c2);
  assert_int_equal(secanti_checksum_numbers(reals, sizeof *reals, 4, 0), 0xe34627aa3155df46);
  assert_int_equal(secanti_checksum_numbers(singles, sizeof *singles, 3, 7), 0x738b85ab7b93b9f4);
  assert_int_equal(secanti_checksum_bytes("abcdef", 3, 2, 0), 0x100a68ea06595fc2);
  assert_int_equal(secanti_checksum_bytes(block, sizeof block, 1, 3), 0x7f62f69faf51ee7a);
}

static void no_elements_add_up_to_zero(void **state)
{
  (void)state;
  assert_int_equal(secanti_checksum_numbers(NULL, 8, 0, 5), 0);
  assert_int_equal(secanti_checksum_bytes(NULL, 3, 0, 5), 0);
}

static void check_cuts(size_t size)
{
  unsigned char data[COUNT * 8];
  fill(data, sizeof data);
  const uint64_t whole = secanti_checksum_numbers(data, size, COUNT, FIRST);
  for (size_t piece = 1; piece < COUNT; piece += 1 + piece / 3) {
    uint64_t forwards = 0, backwards = 0;
    for (size_t at = 0; at < COUNT; at += piece) {
      const size_t count = COUNT - at < piece ? COUNT - at : piece;
      forwards += secanti_checksum_numbers(data + at * size, size, count, FIRST + at);
    }
    for (size_t end = COUNT; end > 0;) {
      const size_t count = end < piece ? end : piece;
      end -= count;
      backwards += secanti_checksum_numbers(data + end * size, size, count, FIRST + end);
    }
    assert_int_equal(forwards, whole);
    assert_int_equal(backwards, whole);
  }
}

static void a_sum_does_not_depend_on_cuts_and_order(void **state)
{
  (void)state;
  check_cuts(4);
  check_cuts(8);
}

static void check_flips(size_t size)
{
  unsigned char data[64];
  fill(data, sizeof data);
  const size_t count = sizeof data / size;
  const uint64_t sound = secanti_checksum_numbers(data, size, count, FIRST);
  for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
    data[bit / 8] = (unsigned char)(data[bit / 8] ^ (1U << bit % 8));
    assert_int_not_equal(secanti_checksum_numbers(data, size, count, FIRST), sound);
    data[bit / 8] = (unsigned char)(data[bit / 8] ^ (1U << bit % 8));
  }
}

static void every_flipped_bit_shows(void **state)
{
  (void)state;
  check_flips(4);
  check_flips(8);
}

static void other_places_of_the_same_elements_show(void **state)
{
  (void)state;
  double data[] = {1.0, 2.0, 2.0, 0.0, 0.0};
  const uint64_t sound = secanti_checksum_numbers(data, sizeof *data, 5, 0);
  const double swapped[] = {2.0, 1.0, 2.0, 0.0, 0.0};
  assert_int_not_equal(secanti_checksum_numbers(swapped, sizeof *data, 5, 0), sound);
  assert_int_not_equal(secanti_checksum_numbers(data, sizeof *data, 5, 1), sound);
  assert_int_not_equal(secanti_checksum_numbers(data, sizeof *data, 4, 0), sound);
}

/* Bytes of the file are those of memory, on a little-endian processor. */
static void numbers_are_summed_in_little_endian_order(void **state)
{
  (void)state;
  const unsigned char bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
  const uint64_t number = 0x0807060504030201;
  const uint32_t halves[] = {0x04030201, 0x08070605};
  assert_int_equal(secanti_checksum_numbers(&number, 8, 1, 9), secanti_checksum_bytes(bytes, 8, 1, 9));
  assert_int_equal(secanti_checksum_numbers(halves, 4, 2, 9), secanti_checksum_bytes(bytes, 4, 2, 9));
}

static void sums_of_one_rank_stay_as_they_are(void **state)
{
  (void)state;
  uint64_t sums[600], before[600];
  fill(sums, sizeof sums);
  sums[0] = UINT64_MAX;
  memcpy(before, sums, sizeof sums);
  assert_int_equal(secanti_checksum_add_up(secanti_comm_self(), sums, 600, NULL), SECANT_OK);
  assert_memory_equal(sums, before, sizeof sums);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(sums_have_the_known_values),
                                     cmocka_unit_test(no_elements_add_up_to_zero),
                                     cmocka_unit_test(a_sum_does_not_depend_on_cuts_and_order),
                                     cmocka_unit_test(every_flipped_bit_shows),
                                     cmocka_unit_test(other_places_of_the_same_elements_show),
                                     cmocka_unit_test(numbers_are_summed_in_little_endian_order),
                                     cmocka_unit_test(sums_of_one_rank_stay_as_they_are)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
