/*
 * Row A19 of docs/parity.md: torch.optim.LBFGS wants all parameters on one device, this library does not. Run it with
 * up to four ranks: it makes communicators of the first 1, 2, ... of them.
 */
#include "support/mpi_check.h"
#include "support/valley.h"

#include <math.h>
#include <secant/mpi.h>

enum { N = 20000, CALLS = 4 };

/* What a run leaves: the losses that the calls returned, where they ended, and this rank's part of the point. */
typedef struct outcome {
  double loss[CALLS];
  secant_info info;
  valley v;
  secant_status status;
} outcome;

/* CALLS steps on the valley, cut over the ranks of `comm`. Collective over it. */
static outcome run(secant_comm *comm, secant_direction direction, secant_line_search search)
{
  outcome o = {.v = valley_create(N, secant_comm_size(comm), secant_comm_rank(comm))};
  const secant_parameter parameter = valley_parameter(&o.v);
  secant_options options = secant_options_torch();
  options.direction = direction;
  options.line_search = search;
  options.max_iter = 10;
  options.lr = search == SECANT_LINE_SEARCH_NONE ? 0.1 : 1.0;
  secant_optimizer *optimizer;
  o.status = secant_create(&optimizer, &parameter, 1, &options, comm, NULL);
  for (int call = 0; call < CALLS && o.status == SECANT_OK; call++)
    o.status = secant_step(optimizer, valley_evaluate, &o.v, &o.loss[call]);
  if (o.status == SECANT_OK) o.info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return o;
}

/* Several ranks add in another order: rounding of the sums, amplified by CALLS times 10 iterations. */
static void compare(struct verdict *verdict, const outcome *alone, const outcome *ranks, int size)
{
  CHECK(verdict, alone->status == SECANT_OK && ranks->status == SECANT_OK, "a run on %d ranks failed", size);
  CHECK(verdict, ranks->info.n_iter == alone->info.n_iter, "%d ranks: other iterations", size);
  CHECK(verdict, ranks->info.func_evals == alone->info.func_evals, "%d ranks: other evaluations", size);
  CHECK(verdict, ranks->info.pairs == alone->info.pairs, "%d ranks: another history", size);
  CHECK(verdict, ranks->info.reason == alone->info.reason, "%d ranks: another reason", size);
  for (int call = 0; call < CALLS; call++) {
    const double want = alone->loss[call], got = ranks->loss[call];
    CHECK(verdict, fabs(got - want) <= 1e-9 * fabs(want), "%d ranks: loss %a, not %a", size, got, want);
  }
  for (size_t i = 0; i < ranks->v.count; i++) {
    const double want = alone->v.x[(size_t)ranks->v.first + i], got = ranks->v.x[i];
    CHECK(verdict, fabs(got - want) <= 1e-9, "%d ranks: x is %a, not %a", size, got, want);
  }
}

/* The run on the first `size` ranks against the run on one process. Collective over those ranks. */
static void check_size(struct verdict *verdict, int size, secant_direction direction, secant_line_search search)
{
  MPI_Comm part;
  MPI_Comm_split(MPI_COMM_WORLD, mpi_world_rank() < size ? 0 : MPI_UNDEFINED, 0, &part);
  if (part == MPI_COMM_NULL) return;
  secant_comm *comm = NULL;
  if (secant_comm_from_mpi(&comm, part, NULL) != SECANT_OK) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  outcome alone = run(NULL, direction, search), ranks = run(comm, direction, search);
  compare(verdict, &alone, &ranks, size);
  valley_destroy(&alone.v);
  valley_destroy(&ranks.v);
  secant_comm_destroy(comm);
  MPI_Comm_free(&part);
}

static void A19_any_number_of_ranks_takes_the_same_path(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int size = 1; size <= mpi_world_size(); size++)
    for (int direction = 0; direction < 2; direction++)
      for (int search = 0; search < 2; search++)
        check_size(&verdict, size, (secant_direction)direction, (secant_line_search)search);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(A19_any_number_of_ranks_takes_the_same_path),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
