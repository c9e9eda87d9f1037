/*
 * Extended Rosenbrock function: n/2 independent pairs (u, v) = (x_1, x_2), (x_3, x_4), ..., each with
 *
 *   f = 100 (v - u^2)^2 + (1 - u)^2,   start (-1.2, 1),   minimum 0 at (1, 1).
 *
 * Source: Moré, Garbow, Hillstrom 1981, problem 21.
 */
#include "cli/problems/problem.h"

static secant_status begin(cli_problem *problem)
{
  for (int64_t i = 0; i < problem->count; i++) problem->x[i] = i % 2 == 0 ? -1.2 : 1.0;
  return SECANT_OK;
}

/* Pairs first, first + 1; ...; up to `end`. Tiles have an even number of elements, so no rank holds half a pair. */
static double evaluate_block(const cli_problem *problem, int64_t first, int64_t end)
{
  double loss = 0.0;
  for (int64_t i = first; i < end; i += 2) {
    const double u = problem->x[i], v = problem->x[i + 1];
    const double bend = v - u * u, rest = 1.0 - u;
    loss += 100.0 * bend * bend + rest * rest;
    problem->g[i] = -400.0 * bend * u - 2.0 * rest;
    problem->g[i + 1] = 200.0 * bend;
  }
  return loss;
}

static int evaluate(void *user, double *loss)
{
  *loss = problem_sum_blocks(user, evaluate_block);
  return 0;
}

const cli_problem_kind problem_rosenbrock = {
    .name = "rosenbrock",
    .text = "extended Rosenbrock function: n/2 curved valleys, minimum 0",
    .source = "Moré, Garbow, Hillstrom 1981, problem 21",
    .options = {{.name = "n", .value = 1000, .least = 2, .most = 1e15, .step = 2, .text = "unknowns, even"}},
    .optimum = 0.0,
    .cut = problem_cut_evenly,
    .begin = begin,
    .evaluate = evaluate,
};
