/* The objective of all timings; see objective.h. */
#include "objective.h"

#include <math.h>

enum { WEIGHTS = 64, CHUNK = 64 * WEIGHTS };

/* The weights of the elements that follow `first`, repeated once so that any shift can be read from one place. */
static void fill_weights(double weights[2 * WEIGHTS])
{
  for (int k = 0; k < 2 * WEIGHTS; k++) weights[k] = pow(10.0, 2.0 * (k % WEIGHTS) / (WEIGHTS - 1));
}

void bench_objective_start(const bench_objective *objective, double *x)
{
  if (objective->problem != NULL) {
    objective->problem->start(objective->count, x);
    return;
  }
  for (size_t i = 0; i < objective->count; i++) {
    const uint64_t index = (uint64_t)objective->first + i;
    x[i] = 2.0 + (double)(index * 2654435761U % 1024) / 1024.0;
  }
}

/* A run of elements that are at most as many as there are weights. */
static double evaluate_run(size_t length, const double *restrict w, const double *restrict x, double *restrict g)
{
  double sum[8] = {0.0};
  size_t i = 0;
  for (; i + 8 <= length; i += 8)
    for (size_t l = 0; l < 8; l++) {
      const double u = x[i + l] - 1.0, uu = u * u;
      g[i + l] = w[i + l] * (u + 0.1 * uu * u);
      sum[l] += w[i + l] * (0.5 * uu + 0.025 * uu * uu);
    }
  for (; i < length; i++) {
    const double u = x[i] - 1.0, uu = u * u;
    g[i] = w[i] * (u + 0.1 * uu * u);
    sum[0] += w[i] * (0.5 * uu + 0.025 * uu * uu);
  }
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

static double evaluate_chunk(const bench_objective *objective, const double *weights, size_t first, const double *x,
                             double *g)
{
  const size_t left = objective->count - first, length = left < CHUNK ? left : CHUNK;
  double sum = 0.0;
  for (size_t i = 0; i < length; i += WEIGHTS) {
    const size_t rest = length - i;
    sum += evaluate_run(rest < WEIGHTS ? rest : WEIGHTS, weights, x + first + i, g + first + i);
  }
  return sum;
}

double bench_objective_evaluate(const bench_objective *objective, const double *x, double *g)
{
  if (objective->problem != NULL) return objective->problem->evaluate(objective->count, x, g);
  static double weights[2 * WEIGHTS]; /* computing them would cost more than all the rest where n is small */
  if (weights[0] == 0.0) fill_weights(weights);
  const double *shifted = weights + objective->first % WEIGHTS;
  double sum = 0.0;
  if (objective->threads == 1) {
    for (size_t i = 0; i < objective->count; i += CHUNK) sum += evaluate_chunk(objective, shifted, i, x, g);
    return sum;
  }
#pragma omp parallel for num_threads(objective->threads) schedule(static) reduction(+ : sum)
  for (size_t i = 0; i < objective->count; i += CHUNK) sum += evaluate_chunk(objective, shifted, i, x, g);
  return sum;
}
