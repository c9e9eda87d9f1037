/*
 * Times NLopt's L-BFGS. It does not tell when an iteration ends, so evaluations stand for iterations, which flatters it
 * where a line search takes more than one.
 */
#include "measure.h"

#include <nlopt.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct runner {
  bench_measure *measure;
  int completed;
  nlopt_opt optimizer;
} runner;

static double evaluate(unsigned n, const double *x, double *g, void *user)
{
  (void)n;
  runner *self = user;
  const double loss = bench_measure_evaluate(self->measure, self->completed++, x, g);
  if (bench_measure_done(self->measure)) nlopt_force_stop(self->optimizer);
  return loss;
}

static void run_round(runner *self, double *x, double *g)
{
  double loss;
  self->completed = 0;
  bench_measure_begin(self->measure, x, g);
  nlopt_opt optimizer = self->optimizer = nlopt_create(NLOPT_LD_LBFGS, (unsigned)self->measure->given.n);
  nlopt_set_min_objective(optimizer, evaluate, self);
  nlopt_set_vector_storage(optimizer, (unsigned)self->measure->given.m);
  nlopt_set_maxeval(optimizer, bench_measure_iterations(self->measure) + 1);
  nlopt_optimize(optimizer, x, &loss);
  nlopt_destroy(optimizer);
}

int main(int argc, char **argv)
{
  runner self = {.measure = bench_measure_create(argc, argv)};
  const size_t count = bench_measure_count(self.measure);
  double loss, grad_inf, *x = malloc(count * sizeof *x), *g = malloc(count * sizeof *g);
  if (x == NULL || g == NULL) return fputs("nlopt: out of memory\n", stderr), 1;
  for (int round = 0; round < self.measure->given.rounds; round++) run_round(&self, x, g);
  bench_measure_final(self.measure, x, g, &loss, &grad_inf);
  const int code = bench_measure_report(self.measure, "nlopt", 1, loss, grad_inf);
  free(x);
  free(g);
  bench_measure_destroy(self.measure);
  return code;
}
