/* A session as a program meets it that never names MPI; also started without mpirun, as a single process. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <mpi.h>
#include <secant/session.h>
#include <string.h>

/* Nothing is asserted between collective calls: the ranks meet in each of them whatever happens. */
static void a_session_starts_mpi_and_ends_it(void **state)
{
  (void)state;
  secant_comm *comm = NULL, *again = NULL;
  secant_error error = {.status = SECANT_OK};
  double ones = 1.0;
  int provided = -1, finalised = 0;

  const secant_status begun = secant_session_begin(NULL, NULL, &comm, &error);
  if (begun != SECANT_OK) fail_msg("%s", error.message);
  const int size = secant_comm_size(comm);
  const secant_status added = secant_comm_sum(comm, &ones, 1);
  MPI_Query_thread(&provided);
  secant_session_end(comm);
  MPI_Finalized(&finalised);

  assert_int_equal(added, SECANT_OK);
  assert_true(ones == (double)size);
  assert_true(provided >= MPI_THREAD_FUNNELED);
  assert_true(finalised);
  assert_int_equal(secant_session_begin(NULL, NULL, &again, &error), SECANT_ERR_COMM);
  assert_null(again);
  assert_non_null(strstr(error.message, "finalised"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_session_starts_mpi_and_ends_it)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
