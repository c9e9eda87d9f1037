/* Memory for parameters: zero, aligned, asked to be on huge pages; refused without harm. */
#include <inttypes.h>
#include <secant/array.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/memory.h"

static void every_element_is_zero_whatever_was_there(void **state)
{
  (void)state;
  static const size_t counts[] = {0, 1, 7, 8, 1000, 16384, 16384 + 3, 300001};
  for (int threads = 1; threads <= 5; threads++) {
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
      for (int single = 0; single < 2; single++) {
        const size_t bytes = counts[i] * (single ? sizeof(float) : sizeof(double));
        void *dirty = malloc(bytes + 64), *array;
        assert_non_null(dirty);
        memset(dirty, 0xff, bytes + 64);
        free(dirty); /* the next array is likely to get it */
        assert_int_equal(secant_array_create(&array, single ? SECANT_F32 : SECANT_F64, counts[i], threads), SECANT_OK);
        assert_non_null(array);
        assert_int_equal((uintptr_t)array % 64, 0);
        for (size_t j = 0; j < bytes; j++) assert_int_equal(((const char *)array)[j], 0);
        secant_array_destroy(array);
      }
    }
  }
  secant_array_destroy(NULL);
}

static void what_cannot_be_had_is_refused(void **state)
{
  (void)state;
  char other;
  void *array = &other;
  assert_int_equal(secant_array_create(NULL, SECANT_F64, 1, 1), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_array_create(&array, (secant_dtype)7, 1, 1), SECANT_ERR_ARGUMENT);
  assert_null(array);
  assert_int_equal(secant_array_create(&array, SECANT_F64, 1, 0), SECANT_ERR_ARGUMENT);
  array = &other;
  assert_int_equal(secant_array_create(&array, SECANT_F64, SIZE_MAX / 4, 1), SECANT_ERR_MEMORY);
  assert_null(array);
  static const size_t counts[] = {1000, 1 << 20}; /* on ordinary pages, on huge ones */
  for (size_t i = 0; i < 2; i++) {
    array = &other;
    memory_begin(1);
    const secant_status status = secant_array_create(&array, SECANT_F64, counts[i], 1);
    assert_int_equal(memory_end(), 1);
    assert_int_equal(status, SECANT_ERR_MEMORY);
    assert_null(array);
  }
}

/* Whether the page at an address was asked to be a huge one: flag "hg" of its mapping. */
static bool is_advised(const void *address)
{
  FILE *const maps = fopen("/proc/self/smaps", "r");
  char line[512];
  bool inside = false, advised = false;
  if (!maps) return false;
  while (fgets(line, sizeof line, maps)) {
    uintptr_t first, end;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &first, &end) == 2)
      inside = first <= (uintptr_t)address && (uintptr_t)address < end;
    if (inside && strncmp(line, "VmFlags:", 8) == 0) advised = strstr(line, " hg") != NULL;
  }
  fclose(maps);
  return advised;
}

static void a_large_array_asks_for_huge_pages(void **state)
{
  (void)state;
  void *array;
  const size_t count = 1 << 20;
  if (access("/sys/kernel/mm/transparent_hugepage/enabled", R_OK) != 0) skip();
  assert_int_equal(secant_array_create(&array, SECANT_F64, count, 2), SECANT_OK);
  assert_true(is_advised((const double *)array + count / 2));
  assert_true(is_advised((const double *)array + count - 1));
  secant_array_destroy(array);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_element_is_zero_whatever_was_there),
      cmocka_unit_test(what_cannot_be_had_is_refused),
      cmocka_unit_test(a_large_array_asks_for_huge_pages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
