/* Asserts a verdict in a test on one process; mpi_check.h does it on several ranks. Include after <cmocka.h>. */
#ifndef TESTS_VERDICT_ASSERT_H
#define TESTS_VERDICT_ASSERT_H

#include "support/verdict.h"

/* Fails the running test with the first check that failed. */
static inline void assert_good(const struct verdict *verdict)
{
  if (verdict->failures) fail_msg("%s", verdict->first);
}

#endif
