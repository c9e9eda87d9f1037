/* The data-parallel adapter on one process: shards are the caller's arrays; arguments are checked. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "support/faulty_comm.h"
#include <secant/secant.h>
#include <string.h>

enum { COUNT = 5 };

/* f = |w|^2 / 2, or failure if the first value is negative. */
static int half_square(void *user, double *loss)
{
  const secant_parameter *w = user;
  const double *values = w->values;
  double *gradient = w->gradient;
  *loss = 0.0;
  for (size_t i = 0; i < w->local_count; i++) {
    *loss += 0.5 * values[i] * values[i];
    gradient[i] = values[i];
  }
  return values[0] < 0.0;
}

static void shards_are_the_callers_own_arrays(void **state)
{
  (void)state;
  double values[COUNT] = {1, 2, 3, 4, 5}, gradient[COUNT] = {0}, loss = 0.0;
  const int64_t shape[1] = {COUNT};
  const secant_parameter whole = {"w", SECANT_F64, values, gradient, COUNT, shape, 1};
  secant_data_parallel *adapter = NULL;
  secant_error error;
  assert_int_equal(secant_data_parallel_create(&adapter, &whole, 1, half_square, (void *)&whole, NULL, &error),
                   SECANT_OK);
  assert_int_equal(error.status, SECANT_OK);
  const secant_parameter *shard = secant_data_parallel_shards(adapter);
  assert_ptr_equal(shard->values, values);
  assert_ptr_equal(shard->gradient, gradient);
  assert_int_equal(shard->local_count, COUNT);
  assert_string_equal(shard->name, "w");
  assert_int_equal(shard->dimensions, 1);
  assert_int_equal(shard->shape[0], COUNT);
  assert_int_equal(secant_data_parallel_closure(adapter, &loss), 0);
  assert_true(loss == 27.5);
  assert_memory_equal(gradient, values, sizeof values);
  values[0] = -1.0;
  assert_int_not_equal(secant_data_parallel_closure(adapter, &loss), 0);
  assert_int_equal(secant_data_parallel_gather(adapter), SECANT_OK);
  secant_data_parallel_destroy(adapter);
  assert_true(values[1] == 2.0);
}

static secant_status create_from(const secant_parameter *whole, size_t count, secant_closure *function,
                                 secant_error *error)
{
  secant_data_parallel *adapter = (secant_data_parallel *)error;
  const secant_status status = secant_data_parallel_create(&adapter, whole, count, function, NULL, NULL, error);
  assert_int_equal(status, error->status);
  if (status == SECANT_OK)
    secant_data_parallel_destroy(adapter);
  else
    assert_null(adapter);
  return status;
}

static void wrong_arguments_are_named(void **state)
{
  (void)state;
  double array[COUNT] = {0};
  const secant_parameter good = {NULL, SECANT_F64, array, array, COUNT, NULL, 0};
  secant_parameter no_values = good, no_gradient = good, no_type = good, no_shape = good, too_large = good;
  no_values.values = NULL;
  no_gradient.gradient = NULL;
  no_type.dtype = (secant_dtype)7;
  no_shape.dimensions = 2;
  too_large.local_count = SIZE_MAX / 4;
  const struct {
    const secant_parameter *whole;
    size_t count;
    secant_closure *function;
    const char *sentence;
  } cases[] = {
      {&good, 1, NULL, "needs a function"},
      {&good, 0, half_square, "at least one parameter"},
      {NULL, 1, half_square, "at least one parameter"},
      {&no_values, 1, half_square, "parameter 0 lacks"},
      {&no_gradient, 1, half_square, "parameter 0 lacks"},
      {&no_type, 1, half_square, "element type"},
      {&no_shape, 1, half_square, "no shape"},
      {&too_large, 1, half_square, "too many elements"},
  };
  secant_error error;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(create_from(cases[i].whole, cases[i].count, cases[i].function, &error), SECANT_ERR_ARGUMENT);
    if (!strstr(error.message, cases[i].sentence)) fail_msg("case %zu: \"%s\"", i, error.message);
  }
  assert_int_equal(create_from(&good, 1, half_square, &error), SECANT_OK);
}

static void a_parameter_may_be_empty(void **state)
{
  (void)state;
  const secant_parameter empty = {"e", SECANT_F32, NULL, NULL, 0, NULL, 0};
  secant_error error;
  assert_int_equal(create_from(&empty, 1, half_square, &error), SECANT_OK);
}

static void a_failing_exchange_fails_the_creation_without_a_leak(void **state)
{
  (void)state;
  double array[COUNT] = {0};
  const int64_t shape[1] = {COUNT};
  const secant_parameter whole = {"w", SECANT_F64, array, array, COUNT, shape, 1};
  secant_status status = SECANT_ERR_COMM;
  for (int64_t fail_at = 1; status != SECANT_OK; fail_at++) {
    secant_comm *comm = faulty_comm_create(NULL, fail_at);
    secant_data_parallel *adapter = NULL;
    secant_error error = {.status = SECANT_OK};
    status = secant_data_parallel_create(&adapter, &whole, 1, half_square, NULL, comm, &error);
    assert_true(status == SECANT_ERR_COMM || faulty_comm_calls(comm) < fail_at);
    assert_int_equal(error.status, status);
    assert_true((adapter == NULL) == (status != SECANT_OK));
    secant_data_parallel_destroy(adapter);
    secant_comm_destroy(comm);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shards_are_the_callers_own_arrays),
      cmocka_unit_test(wrong_arguments_are_named),
      cmocka_unit_test(a_parameter_may_be_empty),
      cmocka_unit_test(a_failing_exchange_fails_the_creation_without_a_leak),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
