/* The data-parallel adapter over several ranks. Values are small integers, so that every sum is exact. */
#include "support/mpi_check.h"

#include "support/faulty_comm.h"
#include <secant/mpi.h>
#include <string.h>

enum { PARAMETERS = 4, LARGEST = 5000 };
static const size_t extents[PARAMETERS] = {100, 0, 3, LARGEST};

/* A whole problem on each rank: parameter p has extents[p] elements. */
struct problem {
  secant_dtype dtype;
  double values[PARAMETERS][LARGEST]; /* floats in the same memory if dtype says so */
  double gradients[PARAMETERS][LARGEST];
  secant_parameter whole[PARAMETERS];
  int rank, size;
  int fails_on; /* this rank's function reports failure */
  int calls;
};

static void set_element(void *array, secant_dtype dtype, size_t i, double value)
{
  if (dtype == SECANT_F32)
    ((float *)array)[i] = (float)value;
  else
    ((double *)array)[i] = value;
}

static double get_element(const void *array, secant_dtype dtype, size_t i)
{
  return dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

/* Start values that tell parameter, position and rank. */
static double start_value(size_t p, size_t i, int rank)
{
  return (double)(100 * p + i % 97) + 10000.0 * rank;
}

static struct problem *new_problem(secant_comm *comm, secant_dtype dtype)
{
  struct problem *problem = calloc(1, sizeof *problem);
  if (!problem) abort();
  problem->dtype = dtype;
  problem->rank = secant_comm_rank(comm);
  problem->size = secant_comm_size(comm);
  problem->fails_on = -1;
  for (size_t p = 0; p < PARAMETERS; p++) {
    problem->whole[p] = (secant_parameter){.dtype = dtype,
                                           .values = extents[p] ? problem->values[p] : NULL,
                                           .gradient = extents[p] ? problem->gradients[p] : NULL,
                                           .local_count = extents[p]};
    for (size_t i = 0; i < extents[p]; i++) set_element(problem->values[p], dtype, i, start_value(p, i, problem->rank));
  }
  return problem;
}

/* Rank r's share of the gradient is (r + 1) w, its share of the loss r + 1. */
static int scaled_gradient(void *user, double *loss)
{
  struct problem *problem = user;
  problem->calls++;
  for (size_t p = 0; p < PARAMETERS; p++)
    for (size_t i = 0; i < extents[p]; i++)
      set_element(problem->gradients[p], problem->dtype, i,
                  (problem->rank + 1) * get_element(problem->values[p], problem->dtype, i));
  *loss = problem->rank + 1.0;
  return problem->rank == problem->fails_on;
}

static secant_data_parallel *create(secant_comm *comm, struct problem *problem, struct verdict *verdict)
{
  secant_data_parallel *adapter = NULL;
  secant_error error = {.status = SECANT_OK};
  const secant_status status =
      secant_data_parallel_create(&adapter, problem->whole, PARAMETERS, scaled_gradient, problem, comm, &error);
  CHECK(verdict, status == SECANT_OK, "%s", error.message);
  return adapter;
}

/* The element of the whole parameter that begins this rank's shard. */
static size_t shard_begin(const struct problem *problem, size_t p)
{
  int64_t first = 0, count = 0;
  if (secant_partition((int64_t)extents[p], problem->size, problem->rank, &first, &count) != SECANT_OK) abort();
  return (size_t)first;
}

static void check_start(secant_comm *comm, secant_dtype dtype, struct verdict *verdict)
{
  struct problem *problem = new_problem(comm, dtype);
  secant_data_parallel *adapter = create(comm, problem, verdict);
  const secant_parameter *shards = adapter ? secant_data_parallel_shards(adapter) : NULL;
  for (size_t p = 0; shards && p < PARAMETERS; p++) {
    const size_t begin = shard_begin(problem, p);
    for (size_t i = 0; i < extents[p]; i++)
      CHECK(verdict, get_element(problem->values[p], dtype, i) == start_value(p, i, 0), "parameter %zu[%zu]", p, i);
    for (size_t i = 0; i < shards[p].local_count; i++)
      CHECK(verdict, get_element(shards[p].values, dtype, i) == start_value(p, begin + i, 0), "shard %zu[%zu]", p, i);
  }
  secant_data_parallel_destroy(adapter);
  free(problem);
}

static void the_start_is_rank_0s_everywhere(void **state)
{
  struct verdict verdict = {0};
  check_start(*state, SECANT_F64, &verdict);
  check_start(*state, SECANT_F32, &verdict);
  mpi_assert(&verdict);
}

static void the_shards_make_up_the_whole(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  struct problem *problem = new_problem(comm, SECANT_F64);
  secant_data_parallel *adapter = create(comm, problem, &verdict);
  double counts[PARAMETERS] = {0};
  for (size_t p = 0; adapter && p < PARAMETERS; p++)
    counts[p] = (double)secant_data_parallel_shards(adapter)[p].local_count;
  CHECK(&verdict, secant_comm_sum(comm, counts, PARAMETERS) == SECANT_OK, "sum failed");
  for (size_t p = 0; p < PARAMETERS; p++)
    CHECK(&verdict, counts[p] == (double)extents[p], "parameter %zu: %g of %zu", p, counts[p], extents[p]);
  secant_data_parallel_destroy(adapter);
  free(problem);
  mpi_assert(&verdict);
}

/* Moves the shards as an optimizer would: w = 3 i + 7 p. */
static void move_shards(const struct problem *problem, const secant_parameter *shards)
{
  for (size_t p = 0; p < PARAMETERS; p++)
    for (size_t i = 0; i < shards[p].local_count; i++)
      set_element(shards[p].values, problem->dtype, i, 3.0 * (double)(shard_begin(problem, p) + i) + 7.0 * (double)p);
}

/* One evaluation at moved shards; `sum` is the sum of the factors of the ranks that do not fail. */
static void check_evaluation(secant_comm *comm, secant_dtype dtype, int fails_on, struct verdict *verdict)
{
  struct problem *problem = new_problem(comm, dtype);
  secant_data_parallel *adapter = create(comm, problem, verdict);
  const secant_parameter *shards = adapter ? secant_data_parallel_shards(adapter) : NULL;
  double loss = 0.0, sum = 0.0;
  for (int r = 0; r < problem->size; r++) sum += r == fails_on ? 0.0 : r + 1.0;
  problem->fails_on = fails_on;
  if (shards) move_shards(problem, shards);
  const bool failed = adapter && secant_data_parallel_closure(adapter, &loss) != 0;
  CHECK(verdict, failed == (problem->rank == fails_on), "rank %d fails, here %d", fails_on, failed);
  CHECK(verdict, problem->calls == 1 && loss == problem->rank + 1.0, "%d calls, loss %a", problem->calls, loss);
  for (size_t p = 0; shards && p < PARAMETERS; p++) {
    for (size_t i = 0; i < extents[p]; i++)
      CHECK(verdict, get_element(problem->values[p], dtype, i) == 3.0 * (double)i + 7.0 * (double)p,
            "parameter %zu[%zu] is %a", p, i, get_element(problem->values[p], dtype, i));
    for (size_t i = 0; i < shards[p].local_count; i++) {
      const double want = sum * get_element(shards[p].values, dtype, i);
      const double got = get_element(shards[p].gradient, dtype, i);
      CHECK(verdict, got == want, "gradient %zu[%zu] is %a, not %a", p, i, got, want);
    }
  }
  secant_data_parallel_destroy(adapter);
  free(problem);
}

static void shards_are_gathered_and_gradients_added(void **state)
{
  struct verdict verdict = {0};
  check_evaluation(*state, SECANT_F64, -1, &verdict);
  check_evaluation(*state, SECANT_F32, -1, &verdict);
  mpi_assert(&verdict);
}

static void a_failing_rank_adds_nothing_and_keeps_nobody_waiting(void **state)
{
  struct verdict verdict = {0};
  for (int r = 0; r < secant_comm_size(*state); r++) check_evaluation(*state, SECANT_F64, r, &verdict);
  mpi_assert(&verdict);
}

static void the_result_is_gathered_for_the_user(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  struct problem *problem = new_problem(comm, SECANT_F32);
  secant_data_parallel *adapter = create(comm, problem, &verdict);
  if (adapter) {
    move_shards(problem, secant_data_parallel_shards(adapter));
    CHECK(&verdict, secant_data_parallel_gather(adapter) == SECANT_OK, "gather failed");
    CHECK(&verdict, problem->calls == 0, "the function was called");
    const double last = get_element(problem->values[3], SECANT_F32, LARGEST - 1);
    CHECK(&verdict, last == 3.0 * (LARGEST - 1) + 21.0, "last value %a", last);
  }
  secant_data_parallel_destroy(adapter);
  free(problem);
  mpi_assert(&verdict);
}

/* ---- ranks that disagree --------------------------------------------------------------------------------------------- */

enum difference { OTHER_COUNT, OTHER_EXTENT, OTHER_TYPE, NO_VALUES, NO_FUNCTION, DIFFERENCES };

static const char *const sentences[DIFFERENCES] = {"on rank 0", "parameter 0 has 99 elements, but 100 on rank 0",
                                                   "parameter 2 has another element type", "parameter 3 lacks",
                                                   "needs a function"};

/* The last rank differs from the others: all must leave with the same status and the same sentence. */
static void check_difference(secant_comm *comm, enum difference difference, struct verdict *verdict)
{
  struct problem *problem = new_problem(comm, SECANT_F64);
  const bool odd = problem->rank == problem->size - 1;
  size_t count = PARAMETERS;
  if (odd && difference == OTHER_COUNT) count--;
  if (odd && difference == OTHER_EXTENT) problem->whole[0].local_count--;
  if (odd && difference == OTHER_TYPE) problem->whole[2].dtype = SECANT_F32;
  if (odd && difference == NO_VALUES) problem->whole[3].values = NULL;
  secant_closure *function = odd && difference == NO_FUNCTION ? NULL : scaled_gradient;

  secant_data_parallel *adapter = (secant_data_parallel *)problem;
  secant_error error = {.status = SECANT_OK};
  const secant_status status =
      secant_data_parallel_create(&adapter, problem->whole, count, function, problem, comm, &error);
  CHECK(verdict, status == SECANT_ERR_ARGUMENT && error.status == status, "difference %d: status %d", (int)difference,
        (int)status);
  CHECK(verdict, !adapter, "an adapter in spite of the error");
  CHECK(verdict, strstr(error.message, sentences[difference]) != NULL, "difference %d: \"%s\"", (int)difference,
        error.message);
  free(problem);
}

static void ranks_that_disagree_are_told_how(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  const int first = secant_comm_size(comm) == 1 ? NO_VALUES : OTHER_COUNT; /* one rank cannot disagree with itself */
  for (int difference = first; difference < DIFFERENCES; difference++)
    check_difference(comm, (enum difference)difference, &verdict);
  mpi_assert(&verdict);
}

/* ---- broken exchanges ------------------------------------------------------------------------------------------------ */

/* Breaks the n-th collective call of creating, evaluating, gathering, for n = 1, 2, ... until nothing breaks. */
static void every_broken_exchange_is_reported_by_all(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  bool broken = true;
  for (int64_t fail_at = 1; broken; fail_at++) {
    secant_comm *faulty = faulty_comm_create(comm, fail_at);
    struct problem *problem = new_problem(comm, SECANT_F64);
    secant_data_parallel *adapter = NULL;
    double loss = 0.0;
    const secant_status created =
        secant_data_parallel_create(&adapter, problem->whole, PARAMETERS, scaled_gradient, problem, faulty, NULL);
    const bool evaluated = adapter && secant_data_parallel_closure(adapter, &loss) == 0;
    const bool gathered = adapter && secant_data_parallel_gather(adapter) == SECANT_OK;
    broken = faulty_comm_calls(faulty) >= fail_at;
    const int failures = (created != SECANT_OK) + (adapter && !evaluated) + (adapter && !gathered);
    CHECK(&verdict, failures == (broken ? 1 : 0), "call %d broken: %d failures", (int)fail_at, failures);
    CHECK(&verdict, created == SECANT_OK || created == SECANT_ERR_COMM, "status %d", (int)created);
    secant_data_parallel_destroy(adapter);
    free(problem);
    secant_comm_destroy(faulty);
  }
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  secant_comm *comm = NULL;
  mpi_tests_begin(&argc, &argv);
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) != SECANT_OK) return mpi_tests_end(1);
#define WITH_COMM(test) cmocka_unit_test_prestate(test, comm)
  const struct CMUnitTest tests[] = {
      WITH_COMM(the_start_is_rank_0s_everywhere),
      WITH_COMM(the_shards_make_up_the_whole),
      WITH_COMM(shards_are_gathered_and_gradients_added),
      WITH_COMM(a_failing_rank_adds_nothing_and_keeps_nobody_waiting),
      WITH_COMM(the_result_is_gathered_for_the_user),
      WITH_COMM(ranks_that_disagree_are_told_how),
      WITH_COMM(every_broken_exchange_is_reported_by_all),
  };
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  secant_comm_destroy(comm);
  return mpi_tests_end(failed);
}
