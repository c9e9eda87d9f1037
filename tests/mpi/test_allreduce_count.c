/* The promise of one synchronisation an iteration, counted by the profiling interface of MPI. */
#include "support/mpi_check.h"
#include <secant/mpi.h>
#include <stdbool.h>
#include <stdlib.h>

static int64_t allreduces, others;

int MPI_Allreduce(const void *send, void *receive, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
  allreduces++;
  return PMPI_Allreduce(send, receive, count, type, op, comm);
}

int MPI_Bcast(void *data, int count, MPI_Datatype type, int root, MPI_Comm comm)
{
  others++;
  return PMPI_Bcast(data, count, type, root, comm);
}

int MPI_Barrier(MPI_Comm comm)
{
  others++;
  return PMPI_Barrier(comm);
}

int MPI_Reduce(const void *send, void *receive, int count, MPI_Datatype type, MPI_Op op, int root, MPI_Comm comm)
{
  others++;
  return PMPI_Reduce(send, receive, count, type, op, root, comm);
}

int MPI_Allgather(const void *send, int sends, MPI_Datatype stype, void *receive, int receives, MPI_Datatype rtype,
                  MPI_Comm comm)
{
  others++;
  return PMPI_Allgather(send, sends, stype, receive, receives, rtype, comm);
}

/* f = 1/2 sum lambda_i x_i^2 with lambda_i spread over 1 .. 1e4: well over 100 iterations to the tolerance with a scalar H0, some
 * 20 or 40 with a diagonal. */
typedef struct bowl {
  int64_t n, first;
  size_t count;
  double *x, *g;
} bowl;

static int evaluate(void *user, double *loss)
{
  bowl *b = user;
  *loss = 0.0;
  for (size_t i = 0; i < b->count; i++) {
    const double lambda = 1.0 + 1e4 * (double)(b->first + (int64_t)i) / (double)b->n;
    b->g[i] = lambda * b->x[i];
    *loss += 0.5 * b->g[i] * b->x[i];
  }
  return 0;
}

static bowl make_bowl(int64_t n)
{
  bowl b = {.n = n};
  int64_t count = 0;
  if (secant_partition(n, mpi_world_size(), mpi_world_rank(), &b.first, &count) != SECANT_OK) abort();
  b.count = (size_t)count;
  b.x = malloc((b.count + 1) * sizeof *b.x);
  b.g = malloc((b.count + 1) * sizeof *b.g);
  if (!b.x || !b.g) abort();
  for (size_t i = 0; i < b.count; i++) b.x[i] = 1.0;
  return b;
}

/* Runs one history size and scaling; every evaluation of an accepted first trial must cost one reduction and nothing else. */
static void count_one(struct verdict *verdict, secant_comm *comm, int64_t history_size, secant_scaling scaling)
{
  enum { ITERATIONS = 100, FEW = 15 };
  const bool scalar = scaling == SECANT_SCALING_LAST_PAIR;
  bowl b = make_bowl(5000);
  secant_optimizer *optimizer = NULL;
  secant_options options = secant_options_default();
  const secant_parameter parameter = {.values = b.x, .gradient = b.g, .local_count = b.count};
  options.history_size = history_size;
  options.max_iter = ITERATIONS;
  options.scaling = scaling;
  const secant_status created = secant_create(&optimizer, &parameter, 1, &options, comm, NULL);
  CHECK(verdict, created == SECANT_OK, "created: %s", secant_status_text(created));

  secant_request request = SECANT_EVALUATE;
  int trials = 0, first_trials = 0;
  secant_status status = created == SECANT_OK ? secant_ask(optimizer, &request) : created;
  for (int evaluation = 1; status == SECANT_OK && request == SECANT_EVALUATE; evaluation++) {
    double loss;
    const int64_t accepted = secant_get_info(optimizer).accepted;
    evaluate(&b, &loss);
    allreduces = others = 0;
    status = secant_tell(optimizer, loss, 0);
    const secant_info after = secant_get_info(optimizer);
    const bool is_entry = evaluation == 1, accepts = after.accepted > accepted;
    trials++;
    if (is_entry || (accepts && trials == 1)) {
      first_trials += accepts;
      CHECK(verdict, allreduces == 1 && others == 0, "m = %lld, evaluation %lld: %lld Allreduces, %lld other calls",
            (long long)history_size, (long long)after.call_evals, (long long)allreduces, (long long)others);
    }
    if (is_entry || accepts) trials = 0;
    if (status == SECANT_OK) status = secant_ask(optimizer, &request);
  }
  CHECK(verdict, first_trials > (scalar ? ITERATIONS / 2 : FEW), "only %d first trials were accepted", first_trials);
  const secant_info info = secant_get_info(optimizer);
  CHECK(verdict, status == SECANT_OK && (!scalar || info.accepted == ITERATIONS), "%lld iterations",
        (long long)info.accepted);
  if (mpi_world_rank() == 0)
    printf(
        "m = %lld: %lld iterations, %d by the first trial with one Allreduce each; %lld evaluations, %lld Allreduces\n",
        (long long)history_size, (long long)info.accepted, first_trials, (long long)info.call_evals,
        (long long)info.allreduces);
  secant_destroy(optimizer);
  free(b.x);
  free(b.g);
}

static void an_accepted_first_trial_costs_exactly_one_allreduce(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  if (made == SECANT_OK) {
    for (int64_t m = 5; m <= 20; m *= 2) {
      count_one(&verdict, comm, m, SECANT_SCALING_LAST_PAIR);
      count_one(&verdict, comm, m, SECANT_SCALING_ADAPTIVE);
    }
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(an_accepted_first_trial_costs_exactly_one_allreduce)};
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
