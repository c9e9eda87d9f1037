/* Runs the conformance checks as CMocka tests: the sentence is the test's name. Include after <cmocka.h>. */
#ifndef TESTS_CONFORMANCE_TESTS_H
#define TESTS_CONFORMANCE_TESTS_H

#include "support/comm_conformance.h"

enum { MOST_COMM_CHECKS = 32 };

typedef struct conformance_case {
  const comm_check *check;
  secant_comm *comm;
} conformance_case;

/* Makes one test for each check, all of them run by `run`, whose state points to the case. Returns their number. */
static inline size_t conformance_tests(struct CMUnitTest *tests, conformance_case *cases, secant_comm *comm,
                                       CMUnitTestFunction run)
{
  size_t count = 0;
  for (; comm_checks[count].name && count < MOST_COMM_CHECKS; count++) {
    cases[count] = (conformance_case){.check = &comm_checks[count], .comm = comm};
    tests[count] = (struct CMUnitTest){comm_checks[count].name, run, NULL, NULL, &cases[count]};
  }
  return count;
}

#endif
