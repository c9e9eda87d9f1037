/* The communicator of one process: conformance, and what NULL stands for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "comm/comm.h"
#include "support/conformance_tests.h"

static void conforms(void **state)
{
  const conformance_case *given = *state;
  struct verdict verdict = {0};
  given->check->run(given->comm, &verdict);
  if (verdict.failures) fail_msg("%s", verdict.first);
}

static void null_stands_for_one_process(void **state)
{
  (void)state;
  double values[2] = {1.5, -2.0};
  int send = 7, receive = 0;
  assert_int_equal(secant_comm_rank(NULL), 0);
  assert_int_equal(secant_comm_size(NULL), 1);
  assert_int_equal(secant_comm_sum(NULL, values, 2), SECANT_OK);
  assert_true(values[0] == 1.5 && values[1] == -2.0);
  assert_int_equal(secant_comm_broadcast(NULL, values, sizeof values, 0), SECANT_OK);
  assert_int_equal(secant_comm_broadcast(NULL, values, sizeof values, 1), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_comm_exchange(NULL, &send, 0, &receive, 0, sizeof send), SECANT_OK);
  assert_int_equal(receive, 7);
  assert_int_equal(secant_comm_agree(NULL, NULL), SECANT_OK);
  secant_comm_destroy(NULL);
}

static void a_message_without_a_receiver_is_an_error(void **state)
{
  (void)state;
  int send = 7, receive = 1;
  assert_int_equal(secant_comm_exchange(NULL, &send, 0, &receive, -1, sizeof send), SECANT_ERR_COMM);
  assert_int_equal(secant_comm_exchange(NULL, &send, -1, &receive, 0, sizeof send), SECANT_ERR_COMM);
  assert_int_equal(receive, 1);
}

static void destroying_it_changes_nothing(void **state)
{
  (void)state;
  secant_comm_destroy(secanti_comm_self());
  assert_int_equal(secant_comm_size(secanti_comm_self()), 1);
  assert_null(secanti_comm_self()->h5);
}

int main(void)
{
  struct CMUnitTest checks[MOST_COMM_CHECKS];
  conformance_case cases[MOST_COMM_CHECKS];
  const size_t count = conformance_tests(checks, cases, secanti_comm_self(), conforms);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(null_stands_for_one_process),
      cmocka_unit_test(a_message_without_a_receiver_is_an_error),
      cmocka_unit_test(destroying_it_changes_nothing),
  };
  const int failed = _cmocka_run_group_tests("conformance of one process", checks, count, NULL, NULL);
  return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
