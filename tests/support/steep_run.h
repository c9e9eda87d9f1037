/*
 * A run on a problem of condition 1e12 whose curvatures lie along the axes, so that the stored pairs ask for a diagonal
 * H0. It can be interrupted anywhere, and cut at tiles over any number of ranks without a change of bits.
 */
#ifndef TESTS_STEEP_RUN_H
#define TESTS_STEEP_RUN_H

#include "optimizer/optimizer.h"
#include "support/verdict.h"

typedef struct steep_run {
  int64_t n, first, count;
  double *x, *g; /* [count] */
  double bend;   /* of the quartic terms; 0: the problem is quadratic */
  secant_closure *evaluate;
  secant_optimizer *optimizer;
} steep_run;

/* NULL if memory is out or the optimizer is refused. `shift` moves the start. Collective. */
steep_run *steep_run_create(secant_comm *comm, int64_t n, double bend, const secant_options *options, double shift);
void steep_run_destroy(steep_run *run);

/*
 * Gives a new run another function and start: (x_1 - 1)^2 + 100 sum (x_{i+1} - x_i^3)^2 from (-1.2, 1, -1.2, ..), in
 * whose bends a diagonal comes and goes. Only for a run of one rank.
 */
void steep_run_enter_valley(steep_run *run);

/* sum l_i (u_i^2 / 2 + bend u_i^4 / 4), u = x - 1, l_i from 1e-6 to 1e6. A secant_closure; `user` is the run. */
int steep_run_evaluate(void *user, double *loss);

/* Asks and tells until `evaluations` have been told or the run has ended. Returns the number told; -1 on an error. */
int steep_run_advance(steep_run *run, int evaluations);

/* Whether a diagonal H0 is in force. */
bool steep_run_is_diagonal(const steep_run *run);

/* Checks that two runs are at the same point with the same counters, to the bit: `b` may own a part of `a`. */
void steep_run_compare(struct verdict *verdict, const steep_run *a, const steep_run *b, const char *when);

#endif
