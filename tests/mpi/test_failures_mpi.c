/* A closure that fails, or returns NaN, on one rank only: all ranks leave the same call with the same answer. */
#include "support/mpi_check.h"
#include "support/valley.h"
#include <math.h>
#include <secant/mpi.h>
#include <stdbool.h>
#include <string.h>

enum { N = 64, EVALUATIONS = 10 };

typedef struct outcome {
  secant_status status;
  secant_info info;
} outcome;

/* One run in which rank `culprit` misbehaves at evaluation `at`, and, if that failed, a second one in good order. */
static outcome run(valley *v, secant_comm *comm, int direction, struct verdict *verdict)
{
  outcome result = {.status = SECANT_ERR_STATE};
  secant_optimizer *optimizer = NULL;
  secant_options options = secant_options_default();
  const secant_parameter parameter = valley_parameter(v);
  options.direction = (secant_direction)direction;
  options.lr = 3.0;
  const secant_status created = secant_create(&optimizer, &parameter, 1, &options, comm, NULL);
  CHECK(verdict, created == SECANT_OK, "created: %s", secant_status_text(created));
  if (created != SECANT_OK) return result;
  result.status = secant_minimize(optimizer, valley_evaluate, v);
  if (result.status != SECANT_OK) {
    const secant_status again = secant_minimize(optimizer, valley_evaluate, v);
    CHECK(verdict, again == SECANT_OK, "a second run: %s", secant_status_text(again));
  }
  result.info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return result;
}

static void check_common(struct verdict *verdict, int value, const char *what, int64_t at)
{
  int lowest = value, highest = value;
  MPI_Allreduce(&value, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  MPI_Allreduce(&value, &highest, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  CHECK(verdict, lowest == highest, "%s differs at evaluation %lld: %d .. %d", what, (long long)at, lowest, highest);
}

static void misbehave(bool nan, struct verdict *verdict)
{
  const int ranks = mpi_world_size(), rank = mpi_world_rank();
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int direction = 0; made == SECANT_OK && direction < 2; direction++) {
    for (int64_t at = 1; at <= EVALUATIONS; at++) {
      valley v = valley_create(N, ranks, rank);
      const bool culprit = rank == (int)(at % ranks);
      if (culprit && nan) v.nan_at = at;
      if (culprit && !nan) v.fail_at = at;

      const outcome got = run(&v, comm, direction, verdict);

      const secant_status want = nan ? SECANT_OK : SECANT_ERR_CLOSURE;
      const secant_reason end = nan && at == 1 ? SECANT_REASON_NOT_FINITE : SECANT_REASON_GRADIENT;
      CHECK(verdict, got.status == want, "evaluation %lld: %s", (long long)at, secant_status_text(got.status));
      CHECK(verdict, got.info.reason == end, "evaluation %lld: %s", (long long)at, secant_reason_text(got.info.reason));
      check_common(verdict, (int)got.status, "status", at);
      check_common(verdict, (int)v.evaluations, "number of evaluations", at);
      for (size_t i = 0; i < v.count; i++) CHECK(verdict, isfinite(v.x[i]), "x is %a", v.x[i]);
      valley_destroy(&v);
    }
  }
  secant_comm_destroy(comm);
}

static void failure_on_one_rank_is_the_same_status_everywhere(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  misbehave(false, &verdict);
  mpi_assert(&verdict);
}

static void nan_on_one_rank_is_never_accepted_anywhere(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  misbehave(true, &verdict);
  mpi_assert(&verdict);
}

/* Creates an optimizer with options and element type of this rank's own; all ranks must refuse. */
static void refuse_to_create(const secant_options *options, secant_dtype dtype, const char *word)
{
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  secant_optimizer *optimizer = NULL;
  secant_error error = {.status = SECANT_OK};
  double x[4] = {0}, g[4] = {0};
  const secant_parameter parameter = {.dtype = dtype, .values = x, .gradient = g, .local_count = 4};
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  const secant_status created = secant_create(&optimizer, &parameter, 1, options, comm, &error);
  CHECK(&verdict, created == SECANT_ERR_ARGUMENT && !optimizer, "created: %s", secant_status_text(created));
  CHECK(&verdict, strstr(error.message, word), "no '%s' in '%s'", word, error.message);
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

static void ranks_with_other_options_or_types_are_refused(void **state)
{
  (void)state;
  const bool odd = mpi_world_rank() == mpi_world_size() - 1;
  secant_options options = secant_options_default();
  if (odd) options.max_iter++;
  refuse_to_create(&options, SECANT_F64, "options");
  options = secant_options_default();
  if (odd) options.direction = SECANT_DIRECTION_TWO_LOOP;
  refuse_to_create(&options, SECANT_F64, "options");
  refuse_to_create(NULL, odd ? SECANT_F32 : SECANT_F64, "types");
}

/* A change of options that one rank refuses, or makes otherwise, is made by none; a checkpoint has one name. */
static void what_ranks_disagree_about_is_done_by_none(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  secant_optimizer *optimizer = NULL;
  const bool odd = mpi_world_rank() == 1;
  valley v = valley_create(N, mpi_world_size(), mpi_world_rank());
  const secant_parameter parameter = valley_parameter(&v);
  secant_status status = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  if (status == SECANT_OK) status = secant_create(&optimizer, &parameter, 1, NULL, comm, NULL);
  CHECK(&verdict, status == SECANT_OK, "created: %s", secant_status_text(status));

  secant_options options = secant_options_default();
  options.max_iter = odd ? -1 : 3;
  status = secant_set_options(optimizer, &options);
  CHECK(&verdict, status == SECANT_ERR_ARGUMENT, "out of range: %s", secant_status_text(status));
  options.max_iter = odd ? 4 : 3;
  status = secant_set_options(optimizer, &options);
  CHECK(&verdict, status == SECANT_ERR_ARGUMENT, "different: %s", secant_status_text(status));
  status = secant_checkpoint_save(optimizer, "/tmp/secant_never_written.h5", odd ? "one problem" : "another");
  CHECK(&verdict, status == SECANT_ERR_ARGUMENT || status == SECANT_ERR_UNSUPPORTED, "saved: %s",
        secant_status_text(status));

  status = secant_minimize(optimizer, valley_evaluate, &v);
  CHECK(&verdict, status == SECANT_OK && secant_get_info(optimizer).reason == SECANT_REASON_GRADIENT, "run: %s, %s",
        secant_status_text(status), secant_reason_text(secant_get_info(optimizer).reason));
  secant_destroy(optimizer);
  secant_comm_destroy(comm);
  valley_destroy(&v);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(failure_on_one_rank_is_the_same_status_everywhere),
      cmocka_unit_test(nan_on_one_rank_is_never_accepted_anywhere),
      cmocka_unit_test(ranks_with_other_options_or_types_are_refused),
      cmocka_unit_test(what_ranks_disagree_about_is_done_by_none),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
