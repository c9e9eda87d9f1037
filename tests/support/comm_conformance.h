/* What every communicator must do: one list of checks, run on each implementation at each number of ranks. */
#ifndef TESTS_COMM_CONFORMANCE_H
#define TESTS_COMM_CONFORMANCE_H

#include "support/verdict.h"
#include <secant/secant.h>

typedef struct comm_check {
  const char *name; /* a sentence */
  void (*run)(secant_comm *comm, struct verdict *verdict);
} comm_check;

/* The checks; the last entry has no name. Every check is collective. */
extern const comm_check comm_checks[];

#endif
