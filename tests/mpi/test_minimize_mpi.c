/* The one call on several ranks: the same answer as on one, and one rank's failure is everybody's. */
#include "support/minimize_problems.h"
#include "support/mpi_check.h"
#include <math.h>
#include <secant/mpi.h>
#include <string.h>

enum { N = 60 };

/* An even cut that leaves the pairs of the valleys whole; the last of several ranks stays empty if asked. */
static problem cut(problem_formula *formula, int ranks, int rank, bool last_is_empty)
{
  problem p = {.formula = formula, .dtype = SECANT_F64};
  const int workers = last_is_empty && ranks > 1 ? ranks - 1 : ranks;
  const int pairs = N / 2, begin = rank < workers ? pairs * rank / workers : pairs;
  const int end = rank < workers ? pairs * (rank + 1) / workers : pairs;
  p.first = 2 * begin;
  p.count = 2 * (size_t)(end - begin);
  return p;
}

static void set_start(const problem *p, double *x)
{
  for (size_t i = 0; i < p->count; i++)
    x[i] = (i % 2 == 0 ? -1.2 : 1.0) + 1e-3 * (double)((p->first + (int64_t)i) % 11);
}

static secant_comm *world(struct verdict *verdict)
{
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  return comm;
}

static secant_status minimise(problem *p, secant_comm *comm, secant_result *result, secant_error *error)
{
  double x[PROBLEM_CAPACITY];
  const secant_parameter position = problem_position(p, x);
  secant_minimization task = problem_minimization(p, &position);
  secant_options options = secant_options_paddle();
  options.max_iter = 300;
  options.tolerance_grad = 1e-6;
  set_start(p, x);
  task.options = &options;
  task.comm = comm;
  task.name = "valleys";
  *result = (secant_result){.struct_size = sizeof *result};
  return secant_minimize_lbfgs(&task, result, error);
}

static void check_common(struct verdict *verdict, int64_t value, const char *what)
{
  int64_t lowest = value, highest = value;
  MPI_Allreduce(&value, &lowest, 1, MPI_INT64_T, MPI_MIN, MPI_COMM_WORLD);
  MPI_Allreduce(&value, &highest, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD);
  CHECK(verdict, lowest == highest, "%s: %lld .. %lld", what, (long long)lowest, (long long)highest);
}

/* Compares with a run of this rank alone on the whole problem. */
static void compare_with_one_rank(bool differences, bool last_is_empty)
{
  struct verdict verdict = {0};
  secant_comm *comm = world(&verdict);
  secant_result parts, whole;
  secant_error error = {.status = SECANT_OK};
  problem part = cut(problem_valleys, mpi_world_size(), mpi_world_rank(), last_is_empty);
  problem all = cut(problem_valleys, 1, 0, false);
  part.has_no_gradient = all.has_no_gradient = differences;

  const secant_status status = minimise(&part, comm, &parts, &error);
  CHECK(&verdict, status == SECANT_OK, "on all ranks: %s", error.message);
  const secant_status alone = minimise(&all, NULL, &whole, &error);
  CHECK(&verdict, alone == SECANT_OK, "on one rank: %s", error.message);

  if (status == SECANT_OK && alone == SECANT_OK) {
    const double bound = differences ? 1e-5 : 1e-7;
    CHECK(&verdict, parts.is_converge == 1 && parts.reason == whole.reason, "%s, alone %s",
          secant_reason_text(parts.reason), secant_reason_text(whole.reason));
    CHECK(&verdict, parts.num_func_calls == part.evaluations, "%lld calls", (long long)parts.num_func_calls);
    CHECK(&verdict, parts.local_count == part.count, "%zu unknowns", parts.local_count);
    for (size_t i = 0; i < part.count; i++) {
      const double got = problem_element(&part, parts.position, i);
      const double want = problem_element(&all, whole.position, (size_t)part.first + i);
      CHECK(&verdict, fabs(got - want) <= bound, "x[%zu] is %a, not %a", i, got, want);
    }
  }
  check_common(&verdict, parts.num_func_calls, "calls");
  check_common(&verdict, parts.iterations, "iterations");
  secant_result_free(&parts);
  secant_result_free(&whole);
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

static void all_numbers_of_ranks_find_the_same_minimiser(void **state)
{
  (void)state;
  compare_with_one_rank(false, false);
  compare_with_one_rank(false, true);
}

static void finite_differences_do_so_too(void **state)
{
  (void)state;
  compare_with_one_rank(true, false);
  compare_with_one_rank(true, true);
}

static void failure_on_one_rank_is_the_same_status_everywhere(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = world(&verdict);
  for (int differences = 0; differences <= 1; differences++) {
    for (int64_t at = 1; at <= 9; at++) {
      secant_result result;
      secant_error error = {.status = SECANT_OK};
      const int culprit = (int)(at % mpi_world_size());
      problem p = cut(problem_valleys, mpi_world_size(), mpi_world_rank(), false);
      p.has_no_gradient = differences;
      p.fail_at = mpi_world_rank() == culprit ? at : 0;
      const secant_status status = minimise(&p, comm, &result, &error);
      char rank[32];
      snprintf(rank, sizeof rank, "rank %d", culprit);
      CHECK(&verdict, status == SECANT_ERR_CLOSURE, "evaluation %d: %s", (int)at, secant_status_text(status));
      CHECK(&verdict, strstr(error.message, rank), "no '%s' in '%s'", rank, error.message);
      CHECK(&verdict, !result.position && !result.objective_gradient, "arrays after a failure");
      check_common(&verdict, p.evaluations, "evaluations");
    }
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

/* Whatever differs between the ranks: all of them refuse, none waits. */
static void what_one_rank_does_otherwise_is_refused_by_all(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = world(&verdict);
  const bool odd = mpi_world_rank() == mpi_world_size() - 1;
  for (int way = 0; way < 5; way++) {
    double x[PROBLEM_CAPACITY];
    secant_error error = {.status = SECANT_OK};
    problem p = cut(problem_valleys, mpi_world_size(), mpi_world_rank(), false);
    secant_parameter position = problem_position(&p, x);
    secant_minimization task = problem_minimization(&p, &position);
    secant_options options = secant_options_paddle();
    secant_result result = {.struct_size = sizeof result};
    set_start(&p, x);
    task.comm = comm;
    task.options = &options;
    if (odd && way == 0) task.dtype = SECANT_F32;
    if (odd && way == 1) task.finite_differences = 1;
    if (odd && way == 2) options.max_iter++;
    if (odd && way == 3) task.objective = NULL;
    const secant_status status = secant_minimize_lbfgs(&task, odd && way == 4 ? NULL : &result, &error);
    const bool alone = mpi_world_size() == 1 && (way == 1 || way == 2);
    CHECK(&verdict, status == (alone ? SECANT_OK : SECANT_ERR_ARGUMENT), "way %d: %s", way, error.message);
    secant_result_free(&result);
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_numbers_of_ranks_find_the_same_minimiser),
      cmocka_unit_test(finite_differences_do_so_too),
      cmocka_unit_test(failure_on_one_rank_is_the_same_status_everywhere),
      cmocka_unit_test(what_one_rank_does_otherwise_is_refused_by_all),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
