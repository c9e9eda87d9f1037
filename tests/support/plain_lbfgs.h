/* Algorithm 7.5 of Nocedal & Wright 2006 on plain arrays, for comparison: the two-loop recursion from the unscaled
 * identity. */
#ifndef SECANT_TESTS_PLAIN_LBFGS_H
#define SECANT_TESTS_PLAIN_LBFGS_H

#include "support/minimize_problems.h"

/* Takes `iterations` (at most 64) iterations with m pairs and Paddle's line search from x [count], which is moved on,
 * with g. */
void plain_lbfgs(problem *problem, int m, int iterations, double *x, double *g);

#endif
