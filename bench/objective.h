/*
 * The one objective of all timings: convex, separable, cheap, and badly scaled enough that no solver is done before
 * the clock stops. f = sum_i w_i (u_i^2 / 2 + u_i^4 / 40), u_i = x_i - 1, with weights w_i between 1 and 100.
 */
#ifndef BENCH_OBJECTIVE_H
#define BENCH_OBJECTIVE_H

#include "problems.h"

#include <stdint.h>

/* The elements first, ..., first + count - 1 of the parameter vector. */
typedef struct bench_objective {
  int64_t first;
  size_t count;
  int threads;
  const bench_problem *problem; /* stands in for the objective of the timings where not NULL; all on one process */
} bench_objective;

/* Fills x [count] with the start, which does not depend on how the vector is cut. */
void bench_objective_start(const bench_objective *objective, double *x);

/* Fills g [count] with the gradient at x [count] and returns these elements' share of f. */
double bench_objective_evaluate(const bench_objective *objective, const double *x, double *g);

#endif
