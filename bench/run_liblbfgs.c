/* Times liblbfgs, with the line search it chooses itself. */
#include "measure.h"

#include <lbfgs.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct runner {
  bench_measure *measure;
  int completed;
} runner;

static lbfgsfloatval_t evaluate(void *user, const lbfgsfloatval_t *x, lbfgsfloatval_t *g, const int n,
                                const lbfgsfloatval_t step)
{
  (void)n, (void)step;
  const runner *self = user;
  return bench_measure_evaluate(self->measure, self->completed, x, g);
}

static int progress(void *user, const lbfgsfloatval_t *x, const lbfgsfloatval_t *g, const lbfgsfloatval_t fx,
                    const lbfgsfloatval_t xnorm, const lbfgsfloatval_t gnorm, const lbfgsfloatval_t step, int n, int k,
                    int trials)
{
  (void)x, (void)g, (void)fx, (void)xnorm, (void)gnorm, (void)step, (void)n, (void)trials;
  runner *self = user;
  self->completed = k;
  return bench_measure_done(self->measure) ? 1 : 0;
}

static void run_round(runner *self, double *x)
{
  lbfgs_parameter_t parameter;
  lbfgs_parameter_init(&parameter);
  parameter.m = self->measure->given.m;
  parameter.epsilon = 0.0;
  parameter.max_iterations = bench_measure_iterations(self->measure);
  self->completed = 0;
  bench_measure_begin(self->measure, x, NULL);
  lbfgs((int)self->measure->given.n, x, NULL, evaluate, progress, self, &parameter);
}

int main(int argc, char **argv)
{
  runner self = {.measure = bench_measure_create(argc, argv)};
  const size_t count = bench_measure_count(self.measure);
  double loss, grad_inf, *x = lbfgs_malloc((int)count);
  if (x == NULL) return fputs("liblbfgs: out of memory, or n is no multiple of 8\n", stderr), 1;
  for (int round = 0; round < self.measure->given.rounds; round++) run_round(&self, x);

  double *g = malloc(count * sizeof *g);
  if (g == NULL) return fputs("liblbfgs: out of memory\n", stderr), 1;
  bench_measure_final(self.measure, x, g, &loss, &grad_inf);
  const int code = bench_measure_report(self.measure, "liblbfgs", 1, loss, grad_inf);
  free(g);
  lbfgs_free(x);
  bench_measure_destroy(self.measure);
  return code;
}
