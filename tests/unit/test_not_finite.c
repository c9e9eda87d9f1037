/* A loss or gradient that is not finite at any evaluation does no harm, with any search: one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/not_finite.h"
#include "support/verdict_assert.h"

static void no_search_lets_a_value_that_is_not_finite_in(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int search = 0; search < NOT_FINITE_SEARCHES; search++)
    for (int kind = 0; kind < NOT_FINITE_KINDS; kind++)
      for (int64_t at = 2; at <= NOT_FINITE_LAST; at++)
        not_finite_check(&verdict, NULL, (secant_line_search)search, kind, at);
  assert_good(&verdict);
}

static void a_start_that_is_not_finite_is_reported_and_not_left(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int search = 0; search < NOT_FINITE_SEARCHES; search++)
    for (int kind = 0; kind < NOT_FINITE_KINDS; kind++)
      not_finite_check(&verdict, NULL, (secant_line_search)search, kind, 1);
  assert_good(&verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_search_lets_a_value_that_is_not_finite_in),
      cmocka_unit_test(a_start_that_is_not_finite_is_reported_and_not_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
