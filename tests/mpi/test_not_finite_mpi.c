/* A loss or gradient that is not finite on one rank does no harm on any, with any search. */
#include "support/mpi_check.h"
#include "support/not_finite.h"
#include <secant/mpi.h>

static void no_search_lets_a_value_in_that_is_not_finite_on_one_rank(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const int kinds[] = {0, 1, 3, 4}; /* NaN and Inf in the loss and in the gradient: all are tested on one process */
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int search = 0; made == SECANT_OK && search < NOT_FINITE_SEARCHES; search++)
    for (int i = 0; i < 4; i++)
      for (int64_t at = 1; at <= NOT_FINITE_LAST; at++)
        not_finite_check(&verdict, comm, (secant_line_search)search, kinds[i], at);
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_search_lets_a_value_in_that_is_not_finite_on_one_rank),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
