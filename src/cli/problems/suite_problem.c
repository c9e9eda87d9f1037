/*
 * A problem of the suite as a problem of the command. The suite evaluates as a whole, so each rank does: it gathers x,
 * computes f and all of g, and keeps its part of g. Nothing is added up over the ranks, so that a run has the same bits on
 * any number of them; rank 0 alone reports f as its loss.
 */
#include "cli/problems/problem.h"
#include "cli/problems/suite/suite.h"
#include <stdlib.h>
#include <string.h>

/* All unknowns, on every rank. */
typedef struct cli_whole {
  int n;
  double *x; /* [n] */
  double *g; /* [n] */
} cli_whole;

static void end(cli_problem *problem)
{
  cli_whole *const whole = problem->own;
  if (!whole) return;
  free(whole->g);
  free(whole->x);
  free(whole);
}

static secant_status begin(cli_problem *problem)
{
  cli_whole *const whole = problem->own = calloc(1, sizeof *whole);
  if (!whole) return SECANT_ERR_MEMORY;
  whole->n = (int)problem->option[0];
  whole->x = calloc((size_t)whole->n, sizeof(double));
  whole->g = calloc((size_t)whole->n, sizeof(double));
  if (!whole->x || !whole->g) return SECANT_ERR_MEMORY;
  problem->kind->suite->start(whole->n, whole->x);
  memcpy(problem->x, whole->x + problem->first, (size_t)problem->count * sizeof(double));
  return SECANT_OK;
}

/* Every rank tells its part to the others. Collective. */
static secant_status gather(const cli_problem *problem, cli_whole *whole)
{
  const int size = secant_comm_size(problem->comm);
  memcpy(whole->x + problem->first, problem->x, (size_t)problem->count * sizeof(double));
  for (int rank = 0; rank < size; rank++) {
    int64_t first = 0, count = 0;
    secant_status status = secant_partition(whole->n, size, rank, &first, &count);
    if (status == SECANT_OK && count > 0)
      status = secant_comm_broadcast(problem->comm, whole->x + first, (size_t)count * sizeof(double), rank);
    if (status != SECANT_OK) return status;
  }
  return SECANT_OK;
}

static int evaluate(void *user, double *loss)
{
  cli_problem *const problem = user;
  cli_whole *const whole = problem->own;
  if (gather(problem, whole) != SECANT_OK) return 1;
  const double f = problem->kind->suite->evaluate(whole->n, whole->x, whole->g);
  memcpy(problem->g, whole->g + problem->first, (size_t)problem->count * sizeof(double));
  *loss = secant_comm_rank(problem->comm) == 0 ? f : 0.0;
  problem->loss_terms = (secant_sum){0};
  secant_sum_add(&problem->loss_terms, *loss);
  return 0;
}

cli_problem_kind problem_of_suite(const suite_problem *suite)
{
  cli_problem_kind kind = {.name = suite->name,
                           .text = suite->source,
                           .source = suite->source,
                           .optimum = suite->optimum,
                           .suite = suite,
                           .cut = problem_cut_evenly,
                           .begin = begin,
                           .evaluate = evaluate,
                           .end = end};
  kind.options[0].value = suite->n;
  if (suite->step > 0) {
    kind.options[0].name = "n";
    kind.options[0].least = suite->least;
    kind.options[0].most = 1e6; /* an int, and what one process evaluates */
    kind.options[0].step = suite->step;
    kind.options[0].text = "unknowns";
  }
  return kind;
}
