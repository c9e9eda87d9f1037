/*
 * Runs whose n-th evaluation is not finite in some way, on one rank of all: what no search may accept, store or return.
 */
#ifndef SECANT_TESTS_NOT_FINITE_H
#define SECANT_TESTS_NOT_FINITE_H

#include "support/verdict.h"
#include <secant/secant.h>

enum {
  NOT_FINITE_SEARCHES = SECANT_LINE_SEARCH_BACKTRACKING + 1,
  NOT_FINITE_KINDS = 7, /* loss NaN, Inf, -Inf; an entry of the gradient likewise; everything NaN */
  NOT_FINITE_LAST = 20  /* evaluation */
};

/*
 * Checks a run with `search` in which evaluation `at`, counted from 1, is spoilt in way `kind` on one rank: x, loss and
 * everything that a state dict holds are finite all the time, and the run converges; or ends at its start as not finite
 * if `at` is 1. Collective; NULL is one process.
 */
void not_finite_check(struct verdict *verdict, secant_comm *comm, secant_line_search search, int kind, int64_t at);

#endif
