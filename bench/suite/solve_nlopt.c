/* NLopt's L-BFGS on the suite. Its tolerances are zero unless set. */
#include "suite/runner.h"

#include <nlopt.h>
#include <stdio.h>
#include <stdlib.h>

static double evaluate(unsigned n, const double *x, double *g, void *user)
{
  (void)n;
  if (g) return suite_recorder_evaluate(user, x, g);
  fputs("nlopt: a value without gradient was asked for\n", stderr);
  exit(1);
}

static void solve(suite_recorder *recorder, int n, void *user)
{
  (void)user;
  double loss, *x = suite_vector(n);
  suite_recorder_start(recorder, x);
  nlopt_opt optimizer = nlopt_create(NLOPT_LD_LBFGS, (unsigned)n);
  if (!optimizer) return;
  nlopt_set_min_objective(optimizer, evaluate, recorder);
  nlopt_set_vector_storage(optimizer, 10);
  suite_recorder_end(recorder, nlopt_result_to_string(nlopt_optimize(optimizer, x, &loss)), x);
}

int main(int argc, char **argv)
{
  return suite_run(solve, NULL, argc, argv);
}
