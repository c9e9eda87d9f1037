#include "vector/vectors.h"
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const int64_t sizes[] = {0,
                                1,
                                7,
                                8,
                                9,
                                1000,
                                1000000,
                                1048577,
                                123456789,
                                (INT64_C(1) << 31) - 1,
                                INT64_C(1) << 31,
                                (INT64_C(1) << 31) + 1,
                                (INT64_C(1) << 32) + 1023,
                                5000000000,
                                INT64_C(1) << 33,
                                INT64_C(1) << 40,
                                9000000000000000000,
                                INT64_MAX};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void shards_follow_each_other_and_cover_all(void **state)
{
  (void)state;
  for (int s = 0; s < SIZES; s++) {
    for (int ranks = 1; ranks <= 70; ranks += 3) {
      int64_t next = 0;
      for (int rank = 0; rank < ranks; rank++) {
        int64_t first, count;
        assert_int_equal(secant_partition(sizes[s], ranks, rank, &first, &count), SECANT_OK);
        assert_true(first == next && count >= 0);
        next = first + count;
      }
      assert_true(next == sizes[s]);
    }
  }
}

/* Of the ranks of the largest machines a few stand for all: each begins where the one before it ends. */
static void shards_follow_each_other_on_very_many_ranks(void **state)
{
  (void)state;
  static const int sizes_of_comm[] = {4096, 100000, 1 << 24, INT32_MAX};
  for (int i = 0; i < SIZES * 4; i++) {
    const int64_t n = sizes[i / 4];
    const int ranks = sizes_of_comm[i % 4];
    int64_t first, count, next, more;
    for (int k = 0; k < 1000; k++) {
      const int rank = (int)((int64_t)(ranks - 1) * k / 1000);
      assert_int_equal(secant_partition(n, ranks, rank, &first, &count), SECANT_OK);
      assert_int_equal(secant_partition(n, ranks, rank + 1, &next, &more), SECANT_OK);
      assert_true(count >= 0 && first + count == next && next <= n);
    }
    assert_int_equal(secant_partition(n, ranks, ranks - 1, &first, &count), SECANT_OK);
    assert_true(first + count == n);
  }
}

static void cuts_fall_on_tiles_and_shards_differ_by_one_tile_at_most(void **state)
{
  (void)state;
  for (int s = 0; s < SIZES; s++) {
    const int64_t tile = (int64_t)secanti_tile_size(sizes[s]);
    for (int ranks = 1; ranks <= 17; ranks++) {
      int64_t fewest = INT64_MAX, most = 0;
      for (int rank = 0; rank < ranks; rank++) {
        int64_t first, count;
        assert_int_equal(secant_partition(sizes[s], ranks, rank, &first, &count), SECANT_OK);
        if (first < sizes[s]) assert_true(first % tile == 0);
        const int64_t tiles = count / tile + (count % tile != 0);
        if (tiles < fewest) fewest = tiles;
        if (tiles > most) most = tiles;
      }
      assert_true(most - fewest <= 1);
    }
  }
}

static void tile_size_is_a_power_of_two_between_8_and_1024(void **state)
{
  (void)state;
  assert_int_equal(secanti_tile_size(1), 8);
  assert_int_equal(secanti_tile_size(INT64_C(1) << 40), 1024);
  for (int64_t n = 1; n < 200000; n += 37) {
    const size_t tile = secanti_tile_size(n);
    assert_true(tile >= 8 && tile <= 1024 && (tile & (tile - 1)) == 0);
  }
}

static void nonsense_is_refused(void **state)
{
  (void)state;
  int64_t first, count;
  assert_int_equal(secant_partition(-1, 1, 0, &first, &count), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_partition(1, 0, 0, &first, &count), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_partition(1, 2, 2, &first, &count), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_partition(1, 2, -1, &first, &count), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_partition(1, 1, 0, NULL, &count), SECANT_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shards_follow_each_other_and_cover_all),
      cmocka_unit_test(shards_follow_each_other_on_very_many_ranks),
      cmocka_unit_test(cuts_fall_on_tiles_and_shards_differ_by_one_tile_at_most),
      cmocka_unit_test(tile_size_is_a_power_of_two_between_8_and_1024),
      cmocka_unit_test(nonsense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
