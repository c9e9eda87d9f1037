/*
 * A quadratic of known spectrum,
 *
 *   f = 1/2 sum_i lambda_i (x_i - c_i)^2,   lambda_i = condition^((i-1)/(n-1)),   c_i = (37 i mod 101)/101 - 1/2,
 *
 * i = 1 .. n, from x = (1, -1, 1, -1, ...). The eigenvalues fill 1 .. condition evenly on a logarithmic scale, so that
 * no short history can hold them all. Minimum 0 at c.
 */
#include "cli/problems/problem.h"
#include <math.h>
#include <stdlib.h>

static double centre(int64_t i)
{
  return (double)((37 * (i % 101)) % 101) / 101.0 - 0.5;
}

/* The eigenvalues are kept: a power for each unknown would cost more than all the rest of an evaluation. */
static secant_status begin(cli_problem *problem)
{
  double *const lambda = calloc((size_t)problem->count + 1, sizeof *lambda);
  if (!lambda) return SECANT_ERR_MEMORY;
  problem->own = lambda;
  const double n = problem->option[0], condition = problem->option[1];
  for (int64_t k = 0; k < problem->count; k++) {
    const int64_t i = problem->first + k + 1;
    lambda[k] = n > 1.0 ? pow(condition, (double)(i - 1) / (n - 1.0)) : 1.0;
    problem->x[k] = i % 2 == 1 ? 1.0 : -1.0;
  }
  return SECANT_OK;
}

static void end(cli_problem *problem)
{
  free(problem->own);
}

static double evaluate_block(const cli_problem *problem, int64_t first, int64_t end)
{
  const double *const lambda = problem->own;
  double loss = 0.0;
  for (int64_t k = first; k < end; k++) {
    const double distance = problem->x[k] - centre(problem->first + k + 1);
    problem->g[k] = lambda[k] * distance;
    loss += 0.5 * problem->g[k] * distance;
  }
  return loss;
}

static int evaluate(void *user, double *loss)
{
  *loss = problem_sum_blocks(user, evaluate_block);
  return 0;
}

const cli_problem_kind problem_quadratic = {
    .name = "quadratic",
    .text = "diagonal quadratic with eigenvalues from 1 to `condition`, minimum 0",
    .source = "Secant",
    .options =
        {{.name = "n", .value = 1000, .least = 1, .most = 1e15, .text = "unknowns"},
         {.name = "condition", .value = 1e6, .least = 1, .most = 1e16, .real = true, .text = "largest eigenvalue"}},
    .optimum = 0.0,
    .cut = problem_cut_evenly,
    .begin = begin,
    .evaluate = evaluate,
    .end = end,
};
