/* The faulty double itself, and what the communicator's own calls make of a broken exchange. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "comm/comm.h"
#include "support/conformance_tests.h"
#include "support/faulty_comm.h"
#include <string.h>

static void conforms_while_nothing_is_broken(void **state)
{
  const conformance_case *given = *state;
  struct verdict verdict = {0};
  given->check->run(given->comm, &verdict);
  if (verdict.failures) fail_msg("%s", verdict.first);
}

/* One call of each operation. */
static void call_each_operation(secant_comm *comm, secant_status *statuses)
{
  double words[SECANTI_HEADER] = {0}, a = 1.0, b = 0.0;
  const int64_t first[2] = {0, 1};
  statuses[0] = comm->operations->reduce(comm, words);
  statuses[1] = comm->operations->broadcast(comm, &a, sizeof a, 0);
  statuses[2] = comm->operations->exchange(comm, &a, 0, &b, 0, sizeof a);
  statuses[3] = comm->operations->gather(comm, &a, &b, first, SECANT_F64);
  statuses[4] = comm->operations->scatter_sum(comm, &a, &b, first, SECANT_F64);
}

static void exactly_the_chosen_call_fails(void **state)
{
  (void)state;
  for (int64_t fail_at = 0; fail_at <= 6; fail_at++) {
    secant_comm *comm = faulty_comm_create(NULL, fail_at);
    secant_status statuses[5];
    assert_non_null(comm);
    call_each_operation(comm, statuses);
    for (int i = 0; i < 5; i++) assert_int_equal(statuses[i], i + 1 == (int)fail_at ? SECANT_ERR_COMM : SECANT_OK);
    assert_int_equal(faulty_comm_calls(comm), 5);
    secant_comm_destroy(comm);
  }
}

static void a_broken_call_does_not_reach_the_wrapped_one(void **state)
{
  (void)state;
  secant_comm *comm = faulty_comm_create(NULL, 1);
  double send = 1.0, receive = 0.0;
  assert_int_equal(secant_comm_exchange(comm, &send, 0, &receive, 0, sizeof send), SECANT_ERR_COMM);
  assert_true(receive == 0.0);
  secant_comm_destroy(comm);
}

static void agreement_costs_one_reduction_and_on_failure_a_broadcast(void **state)
{
  (void)state;
  secant_comm *comm = faulty_comm_create(NULL, 0);
  secant_error error = {.status = SECANT_OK};
  assert_int_equal(secant_comm_agree(comm, &error), SECANT_OK);
  assert_int_equal(faulty_comm_calls(comm), 1);
  error.status = SECANT_ERR_IO;
  assert_int_equal(secant_comm_agree(comm, &error), SECANT_ERR_IO);
  assert_int_equal(faulty_comm_calls(comm), 3);
  secant_comm_destroy(comm);
}

static void agreement_over_a_broken_exchange_is_a_failure(void **state)
{
  (void)state;
  for (int64_t fail_at = 1; fail_at <= 2; fail_at++) {
    secant_comm *comm = faulty_comm_create(NULL, fail_at);
    secant_error error = {.status = SECANT_ERR_IO, .message = "disk"};
    assert_int_equal(secant_comm_agree(comm, &error), SECANT_ERR_COMM);
    assert_int_equal(error.status, SECANT_ERR_COMM);
    assert_true(strlen(error.message) > 0 && strcmp(error.message, "disk") != 0);
    secant_comm_destroy(comm);
  }
}

int main(void)
{
  struct CMUnitTest checks[MOST_COMM_CHECKS];
  conformance_case cases[MOST_COMM_CHECKS];
  secant_comm *comm = faulty_comm_create(NULL, 0);
  if (!comm) return 1;
  const size_t count = conformance_tests(checks, cases, comm, conforms_while_nothing_is_broken);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exactly_the_chosen_call_fails),
      cmocka_unit_test(a_broken_call_does_not_reach_the_wrapped_one),
      cmocka_unit_test(agreement_costs_one_reduction_and_on_failure_a_broadcast),
      cmocka_unit_test(agreement_over_a_broken_exchange_is_a_failure),
  };
  int failed = _cmocka_run_group_tests("conformance of the faulty double", checks, count, NULL, NULL);
  failed += cmocka_run_group_tests(tests, NULL, NULL);
  secant_comm_destroy(comm);
  return failed;
}
