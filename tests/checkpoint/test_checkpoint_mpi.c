/* Checkpoints through parallel HDF5, on any number of ranks. */
#include "support/mpi_check.h"

#include "continuation_tests.h"
#include "support/stored_pairs.h"
#include "support/valley.h"
#include <secant/mpi.h>
#include <string.h>
#include <unistd.h>

static secant_comm *comm;
static char path[200]; /* the same on all ranks */

static void a_loaded_run_goes_on_bit_for_bit_from_every_instant(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < 8; i++) {
    const variant v = {.dtype = i & 1 ? SECANT_F32 : SECANT_F64,
                       .direction = i & 2 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                       .line_search = i & 4 ? SECANT_LINE_SEARCH_NONE : SECANT_LINE_SEARCH_STRONG_WOLFE,
                       .history_size = i % 3 == 0 ? 5 : i % 3 - 1};
    check_every_instant(&verdict, comm, path, &v, 5);
    check_raised_limit(&verdict, comm, path, &v);
    check_steps(&verdict, comm, path, &v, 0.0, 0.0);
  }
  mpi_assert(&verdict);
}

static void a_run_with_a_history_in_f32_goes_on_bit_for_bit(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < 4; i++) {
    const variant v = {.dtype = SECANT_F64,
                       .direction = i & 1 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                       .line_search = i & 2 ? SECANT_LINE_SEARCH_NONE : SECANT_LINE_SEARCH_STRONG_WOLFE,
                       .history_size = 5,
                       .history_dtype = SECANT_HISTORY_F32};
    check_every_instant(&verdict, comm, path, &v, 5);
    check_steps(&verdict, comm, path, &v, 0.0, 0.0);
  }
  mpi_assert(&verdict);
}

static void add_up(stored_products products)
{
  MPI_Allreduce(MPI_IN_PLACE, products, STORED_PAIRS_MOST * STORED_PAIRS_MOST, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

/* The pairs are rounded as they are loaded, and get inner products over all ranks that are their own. */
static void a_wider_history_is_rounded_on_all_ranks(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant wide = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  variant single = wide;
  single.history_dtype = SECANT_HISTORY_F32;
  const secant_options ours = options_of(&wide, 12), theirs = options_of(&single, 12);
  for (int told = 3; told < 16; told++) {
    secant_node *dict = NULL;
    continuation *saver = continuation_create(comm, wide.dtype, &ours, 0.0);
    continuation *loader = continuation_create(comm, wide.dtype, &theirs, 0.25);
    continuation_advance(saver, told, true);
    continuation_expect(&verdict, saver, secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK, "save");
    continuation_expect(&verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK, "load");
    continuation_expect(&verdict, loader, secant_state_dict(loader->optimizer, &dict), SECANT_OK, "state");
    stored_pairs pairs = stored_pairs_of(dict);
    CHECK(&verdict, pairs.single, "a pair is not of floats");
    add_up(pairs.sy);
    add_up(pairs.yy);
    add_up(pairs.ss);
    if (pairs.count > 0) stored_pairs_check(&verdict, &pairs, dict, "rounded");
    secant_node_destroy(dict);
    continuation_destroy(saver);
    continuation_destroy(loader);
  }
  mpi_assert(&verdict);
}

static void check_other_ranks(secant_history_dtype history_dtype)
{
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, history_dtype};
  const secant_options options = options_of(&v, 12);
  continuation *saver = continuation_create(comm, v.dtype, &options, 0.0);
  CHECK(&verdict, saver, "no optimizer");
  if (saver) {
    continuation_advance(saver, 6, true);
    continuation_expect(&verdict, saver, secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK, "saving");
  }
  continuation *alone = continuation_create(NULL, v.dtype, &options, 0.25);
  CHECK(&verdict, alone, "no optimizer");
  if (alone && mpi_world_rank() == 0) {
    continuation_expect(&verdict, alone, secant_checkpoint_load(alone->optimizer, path, PROBLEM), SECANT_OK, "alone");
    continuation_expect(&verdict, alone, secant_checkpoint_save(alone->optimizer, path, PROBLEM), SECANT_OK, "alone");
  }
  MPI_Barrier(MPI_COMM_WORLD);
  continuation *loader = continuation_create(comm, v.dtype, &options, 0.25);
  CHECK(&verdict, loader, "no optimizer");
  if (loader && saver) {
    continuation_expect(&verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK, "again");
    continuation_advance(saver, 1000, true);
    continuation_advance(loader, 1000, true);
    continuation_compare(&verdict, saver, loader, "through one process and back");
  }
  continuation_destroy(saver);
  continuation_destroy(alone);
  continuation_destroy(loader);
  mpi_assert(&verdict);
}

static void a_file_loads_on_another_number_of_ranks(void **state)
{
  (void)state;
  check_other_ranks(SECANT_HISTORY_SAME);
  check_other_ranks(SECANT_HISTORY_F32);
}

/* What cannot work fails everywhere with the same words, and nobody waits for anybody. */
static void failures_are_common(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5, SECANT_HISTORY_SAME};
  const secant_options options = options_of(&v, 12);
  continuation *run = continuation_create(comm, v.dtype, &options, 0.0);
  CHECK(&verdict, run, "no optimizer");
  if (run) {
    secant_optimizer *o = run->optimizer;
    continuation_advance(run, 6, true);
    continuation_expect(&verdict, run, secant_checkpoint_save(o, "/nowhere/at/all", PROBLEM), SECANT_ERR_IO, "save");
    CHECK(&verdict, strstr(secant_message(o), "/nowhere/at/all"), "message: %s", secant_message(o));
    continuation_expect(&verdict, run, secant_checkpoint_load(o, "/nowhere/at/all", PROBLEM), SECANT_ERR_IO, "load");
    continuation_expect(&verdict, run, secant_checkpoint_save(o, path, PROBLEM), SECANT_OK, "save");
    continuation_expect(&verdict, run, secant_checkpoint_load(o, path, "another"), SECANT_ERR_MISMATCH, "problem");
    MPI_Barrier(MPI_COMM_WORLD);
    if (mpi_world_rank() == 0) CHECK(&verdict, truncate(path, 4000) == 0, "cannot truncate");
    MPI_Barrier(MPI_COMM_WORLD);
    continuation_expect(&verdict, run, secant_checkpoint_load(o, path, PROBLEM), SECANT_ERR_FORMAT, "truncated");
  }
  continuation_destroy(run);
  mpi_assert(&verdict);
}

enum { UNKNOWNS = 40 };

/* An optimizer of the valley on all ranks; a first trial too long makes its searches reject some. */
static secant_optimizer *valley_run(valley *v)
{
  secant_optimizer *optimizer = NULL;
  secant_options options = secant_options_default();
  const secant_parameter parameter = valley_parameter(v);
  options.lr = 3.0;
  return secant_create(&optimizer, &parameter, 1, &options, comm, NULL) == SECANT_OK ? optimizer : NULL;
}

/* Runs to the end, asking for a stop on one rank alone at evaluation `at`; returns whether it came within a search. */
static bool run_asking_to_stop(valley *v, secant_optimizer *optimizer, int64_t at)
{
  secant_request request = SECANT_DONE;
  int64_t before = 0;
  double loss = 0.0;
  secant_status status = secant_ask(optimizer, &request);
  for (int64_t i = 1; status == SECANT_OK && request == SECANT_EVALUATE; i++) {
    before = secant_get_info(optimizer).accepted;
    const int failed = valley_evaluate(v, &loss);
    if (i == at && mpi_world_rank() == (int)(at % mpi_world_size())) secant_request_stop(optimizer);
    status = secant_tell(optimizer, loss, failed);
    if (status == SECANT_OK) status = secant_ask(optimizer, &request);
  }
  const secant_info info = secant_get_info(optimizer);
  return info.reason == SECANT_REASON_STOP_REQUESTED && at > 1 && info.accepted == before;
}

/* One stop, its checkpoint, and a new optimizer that goes on from it, against the run `want` that never stopped. */
static bool stop_save_load(struct verdict *verdict, const valley *whole, const secant_info *want, int64_t at)
{
  valley first = valley_create(UNKNOWNS, mpi_world_size(), mpi_world_rank());
  valley second = valley_create(UNKNOWNS, mpi_world_size(), mpi_world_rank());
  secant_optimizer *stopped = valley_run(&first), *resumed = valley_run(&second);
  const bool within = run_asking_to_stop(&first, stopped, at);
  secant_status status = secant_checkpoint_save(stopped, path, PROBLEM);
  CHECK(verdict, status == SECANT_OK, "stop at %lld, save: %s", (long long)at, secant_message(stopped));
  status = secant_checkpoint_load(resumed, path, PROBLEM);
  CHECK(verdict, status == SECANT_OK, "stop at %lld, load: %s", (long long)at, secant_message(resumed));
  status = secant_minimize(resumed, valley_evaluate, &second);
  const secant_info got = secant_get_info(resumed);
  CHECK(verdict, status == SECANT_OK && got.reason == want->reason, "stop at %lld: %s", (long long)at,
        secant_reason_text(got.reason));
  CHECK(verdict, memcmp(second.x, whole->x, whole->count * sizeof *whole->x) == 0, "stop at %lld: x", (long long)at);
  CHECK(verdict, got.loss == want->loss && got.grad_inf == want->grad_inf, "stop at %lld: loss %a, not %a",
        (long long)at, got.loss, want->loss);
  CHECK(verdict, got.n_iter == want->n_iter && got.func_evals == want->func_evals && got.accepted == want->accepted,
        "stop at %lld: %lld evaluations, not %lld", (long long)at, (long long)got.func_evals,
        (long long)want->func_evals);
  CHECK(verdict, got.allreduces == want->allreduces && got.pairs == want->pairs, "stop at %lld: counters",
        (long long)at);
  secant_destroy(stopped);
  secant_destroy(resumed);
  valley_destroy(&first);
  valley_destroy(&second);
  return within;
}

static void a_stop_asked_for_on_one_rank_at_any_evaluation_leaves_no_trace(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  valley whole = valley_create(UNKNOWNS, mpi_world_size(), mpi_world_rank());
  secant_optimizer *straight = valley_run(&whole);
  const secant_status status = secant_minimize(straight, valley_evaluate, &whole);
  const secant_info want = secant_get_info(straight);
  CHECK(&verdict, status == SECANT_OK && want.reason == SECANT_REASON_GRADIENT, "%s", secant_reason_text(want.reason));
  int within_searches = 0;
  for (int64_t at = 1; at < want.func_evals && at <= 40; at++)
    within_searches += stop_save_load(&verdict, &whole, &want, at);
  CHECK(&verdict, within_searches > 5, "only %d stops came within a search", within_searches);
  secant_destroy(straight);
  valley_destroy(&whole);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_run_goes_on_bit_for_bit_from_every_instant),
      cmocka_unit_test(a_run_with_a_history_in_f32_goes_on_bit_for_bit),
      cmocka_unit_test(a_wider_history_is_rounded_on_all_ranks),
      cmocka_unit_test(a_file_loads_on_another_number_of_ranks),
      cmocka_unit_test(failures_are_common),
      cmocka_unit_test(a_stop_asked_for_on_one_rank_at_any_evaluation_leaves_no_trace),
  };
  mpi_tests_begin(&argc, &argv);
  int process = (int)getpid();
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  snprintf(path, sizeof path, "test_checkpoint_mpi.%d.h5", process);
  secant_error error;
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, &error) != SECANT_OK) return mpi_tests_end(1);
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) unlink(path);
  secant_comm_destroy(comm);
  return mpi_tests_end(failed);
}
