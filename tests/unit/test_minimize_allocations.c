/* Fails one allocation after the other by wrapping the allocator at link time: an error and an empty record each
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/memory.h"
#include "support/minimize_problems.h"
#include <string.h>

/* Minimises with allocation number `failing` refused; what is left behind is for the leak checker to find. */
static secant_status attempt(int64_t failing, bool differences, secant_result *result, secant_error *error)
{
  double x[6] = {-1.2, 1.0, 0.3, 0.2, 1.5, 1.9};
  problem p = {.formula = problem_valleys, .dtype = SECANT_F64, .count = 6, .has_no_gradient = differences};
  const secant_parameter position = problem_position(&p, x);
  const secant_minimization task = problem_minimization(&p, &position);
  *result = (secant_result){.struct_size = sizeof *result};
  *error = (secant_error){.status = SECANT_OK};
  memory_begin(failing);
  const secant_status status = secant_minimize_lbfgs(&task, result, error);
  memory_end();
  return status;
}

static void every_allocation_that_fails_is_reported_and_leaves_an_empty_record(void **state)
{
  (void)state;
  for (int differences = 0; differences <= 1; differences++) {
    const secant_result empty = {.struct_size = sizeof empty};
    secant_result result;
    secant_error error;
    int64_t at = 0;
    for (secant_status status = SECANT_ERR_MEMORY; status != SECANT_OK;) {
      status = attempt(++at, differences, &result, &error);
      if (status == SECANT_OK) break;
      assert_int_equal(status, SECANT_ERR_MEMORY);
      assert_memory_equal(&result, &empty, sizeof empty);
      assert_non_null(strstr(error.message, "memory"));
    }
    assert_true(at > 10);
    secant_result_free(&result);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_that_fails_is_reported_and_leaves_an_empty_record),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
