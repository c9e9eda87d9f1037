/* A group that joins a run on several ranks, all of it on the last one; and groups that only one rank finds fault
 * with. */
#include "support/mpi_check.h"

#include "support/growth.h"
#include <math.h>
#include <secant/mpi.h>
#include <string.h>

static secant_comm *comm;

static void a_group_that_joins_in_mid_run_disturbs_nothing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int index = 0; index < GROWTH_KINDS; index++) {
    const growth_kind kind = growth_kind_of(index);
    growth_check(&verdict, comm, &kind);
  }
  mpi_assert(&verdict);
}

static void a_growth_that_fails_changes_nothing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  growth_check_failures(&verdict, comm);
  mpi_assert(&verdict);
}

/* One rank's view of a group that is not right there, on all others it is. */
typedef enum fault {
  NO_GROUP,
  NO_PARAMETERS,
  OVERLAP,
  A_NAME,
  OTHER_TYPE,
  OTHER_SHAPE,
  OTHER_OPTIONS,
  NO_OPTIONS,
  FAULTS
} fault;

static secant_status add_with(growth_run *run, fault what, bool here)
{
  static const int64_t shape[] = {75, 2};
  secant_options options = secant_options_default();
  secant_get_options(run->optimizer, &options);
  secant_parameter parameter = run->parameters[GROWTH_FIRST];
  secant_group group = {.parameters = &parameter, .count = 1, .options = &options};
  if (here) {
    switch (what) {
    case NO_GROUP: return secant_add_param_group(run->optimizer, NULL);
    case NO_PARAMETERS: group.count = 0; break;
    case OVERLAP: parameter = run->parameters[0]; break;
    case A_NAME: parameter.name = "late"; break;
    case OTHER_TYPE: parameter.dtype = SECANT_F32; break;
    case OTHER_SHAPE:
      parameter.shape = shape;
      parameter.dimensions = 2;
      break;
    case OTHER_OPTIONS: options.tolerance_grad *= 2.0; break;
    case NO_OPTIONS: group.options = NULL; break; /* its tolerance would follow the first group's, the others' not */
    case FAULTS: break;
    }
  }
  return secant_add_param_group(run->optimizer, &group);
}

static void a_fault_on_one_rank_is_refused_on_all_and_changes_nothing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const int size = secant_comm_size(comm), rank = secant_comm_rank(comm);
  const secant_options options = growth_options(SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE);
  growth_run *straight = growth_create(comm, SECANT_F64, &options), *run = growth_create(comm, SECANT_F64, &options);
  for (int what = 0; what < FAULTS && size > 1; what++) {
    for (int faulty = 0; faulty < size; faulty++) {
      const secant_status status = add_with(run, (fault)what, rank == faulty);
      char message[504], first[504];
      snprintf(message, sizeof message, "%s", secant_message(run->optimizer));
      memcpy(first, message, sizeof first);
      CHECK(&verdict, secant_comm_broadcast(comm, first, sizeof first, 0) == SECANT_OK, "no broadcast");
      CHECK(&verdict, status == SECANT_ERR_ARGUMENT && *message, "fault %d on rank %d: status %d, '%s'", what, faulty,
            (int)status, message);
      CHECK(&verdict, strcmp(message, first) == 0, "'%s' here, but '%s' on rank 0", message, first);
      CHECK(&verdict, secant_group_count(run->optimizer) == 1, "fault %d on rank %d left a group", what, faulty);
    }
    CHECK(&verdict, secant_step(straight->optimizer, growth_closure, straight, NULL) == SECANT_OK, "no step");
    CHECK(&verdict, secant_step(run->optimizer, growth_closure, run, NULL) == SECANT_OK, "no step after fault %d",
          what);
    growth_compare(&verdict, straight, run, "after a fault");
  }
  growth_destroy(straight);
  growth_destroy(run);
  mpi_assert(&verdict);
}

/* The largest gradient entry of each group, wherever it lies: the gradient test must not end a run too early on any
 * rank. */
static void a_tolerance_is_met_by_all_ranks_together(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_options options = growth_options(SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE);
  options.tolerance_change = 0.0;
  options.tolerance_grad = 1e9;
  growth_run *run = growth_create(comm, SECANT_F64, &options);
  secant_options own = options;
  own.tolerance_grad = 1e-8;
  CHECK(&verdict, growth_add(run, &own) == SECANT_OK, "%s", secant_message(run->optimizer));
  CHECK(&verdict, secant_step(run->optimizer, growth_closure, run, NULL) == SECANT_OK, "no step");
  CHECK(&verdict, secant_get_info(run->optimizer).reason == SECANT_REASON_MAX_ITER, "ends too early");
  options.max_iter = 10000;
  options.max_eval = 20000;
  CHECK(&verdict, secant_set_options(run->optimizer, &options) == SECANT_OK, "%s", secant_message(run->optimizer));
  CHECK(&verdict, secant_step(run->optimizer, growth_closure, run, NULL) == SECANT_OK, "no step");
  CHECK(&verdict, secant_get_info(run->optimizer).reason == SECANT_REASON_GRADIENT, "ends for another reason");
  const secant_parameter *last = &run->parameters[GROWTH_FIRST];
  for (size_t i = 0; i < last->local_count; i++) {
    const double g = ((const double *)last->gradient)[i];
    CHECK(&verdict, fabs(g) <= 1e-8, "entry %zu of the gradient is %g", i, g);
  }
  growth_destroy(run);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_group_that_joins_in_mid_run_disturbs_nothing),
      cmocka_unit_test(a_growth_that_fails_changes_nothing),
      cmocka_unit_test(a_fault_on_one_rank_is_refused_on_all_and_changes_nothing),
      cmocka_unit_test(a_tolerance_is_met_by_all_ranks_together),
  };
  mpi_tests_begin(&argc, &argv);
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) != SECANT_OK) MPI_Abort(MPI_COMM_WORLD, 1);
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  secant_comm_destroy(comm);
  return mpi_tests_end(failed);
}
