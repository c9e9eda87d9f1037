/* Every problem of the suite, minimised by all ranks and by each alone: the same path and the same bits. */
#include "cli/problems/problem.h"
#include "cli/problems/suite/suite.h"
#include "support/mpi_check.h"

#include <secant/mpi.h>
#include <string.h>

enum { MOST_EVALUATIONS = 60 };

/* What a run leaves. */
typedef struct outcome {
  cli_problem *problem; /* with this rank's part of the point */
  secant_status status;
  secant_info info;
} outcome;

/* Collective over `comm`. */
static outcome run(const cli_problem_kind *kind, int threads, secant_comm *comm)
{
  outcome o = {.problem = NULL};
  double values[PROBLEM_OPTIONS];
  problem_defaults(kind, values);
  o.status = problem_create(&o.problem, kind, values, 1, comm);
  if (o.status != SECANT_OK) return o;
  const secant_parameter parameter = problem_parameter(o.problem);
  secant_options options = secant_options_default();
  options.max_eval = MOST_EVALUATIONS;
  options.threads = threads;
  secant_optimizer *optimizer = NULL;
  o.status = secant_create(&optimizer, &parameter, 1, &options, comm, NULL);
  if (o.status == SECANT_OK) o.status = secant_minimize(optimizer, kind->evaluate, o.problem);
  if (o.status == SECANT_OK) o.info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return o;
}

static bool same_numbers(const secant_info *a, const secant_info *b)
{
  return a->reason == b->reason && a->n_iter == b->n_iter && a->func_evals == b->func_evals &&
         memcmp(&a->loss, &b->loss, sizeof a->loss) == 0 && memcmp(&a->grad_inf, &b->grad_inf, sizeof a->grad_inf) == 0;
}

/* Part of the whole point: bits, not values, so that a NaN would count as well. */
static bool same_point(const cli_problem *whole, const cli_problem *part)
{
  return memcmp(whole->x + part->first, part->x, (size_t)part->count * sizeof(double)) == 0;
}

/* Collective over `comm`. */
static void check(struct verdict *verdict, const suite_problem *suite, secant_comm *comm)
{
  const cli_problem_kind kind = problem_of_suite(suite);
  outcome alone = run(&kind, 1, NULL), ranks = run(&kind, 2, comm);
  const bool ended = alone.status == SECANT_OK && ranks.status == SECANT_OK;
  CHECK(verdict, ended, "%s: %s alone, %s on all ranks", suite->name, secant_status_text(alone.status),
        secant_status_text(ranks.status));
  if (ended) {
    CHECK(verdict, same_numbers(&alone.info, &ranks.info), "%s: %a alone, %a on all ranks", suite->name,
          alone.info.loss, ranks.info.loss);
    CHECK(verdict, same_point(alone.problem, ranks.problem), "%s ends at another point", suite->name);
  }
  problem_destroy(alone.problem);
  problem_destroy(ranks.problem);
}

static void ranks_and_threads_do_not_change_the_bits(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int i = 0; made == SECANT_OK && suite_at(i); i++) check(&verdict, suite_at(i), comm);
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_and_threads_do_not_change_the_bits),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
