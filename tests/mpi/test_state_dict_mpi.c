/* State dicts of sharded runs: round trips, dicts that are wrong on one rank only, and ranks that disagree. */
#include "support/mpi_check.h"
#include "support/state_dict_runs.h"
#include "support/stored_pairs.h"
#include <secant/mpi.h>
#include <string.h>

static secant_comm *comm;

static secant_options searching(void)
{
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = 5;
  options.history_size = 4;
  return options;
}

static continuation *run_of(struct verdict *verdict, int calls)
{
  const secant_options options = searching();
  continuation *run = continuation_create(comm, SECANT_F64, &options, 0.0);
  state_dict_advance(verdict, run, calls, "a run");
  return run;
}

/* The same status on all ranks, and the same message. */
static void check_common(struct verdict *verdict, const continuation *run, secant_status status, const char *what)
{
  char message[512] = "", other[512];
  int lowest = (int)status, highest = (int)status;
  strncpy(message, secant_message(run->optimizer), sizeof message - 1);
  memcpy(other, message, sizeof other);
  MPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &highest, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Bcast(other, (int)sizeof other, MPI_CHAR, 0, MPI_COMM_WORLD);
  CHECK(verdict, lowest == highest, "%s: statuses from %d to %d", what, lowest, highest);
  CHECK(verdict, strcmp(message, other) == 0, "%s: '%s' is not '%s'", what, message, other);
}

static void check_round_trips(secant_dtype dtype, secant_direction direction)
{
  struct verdict verdict = {0};
  state_dict_case cases[STATE_DICT_CASES];
  const size_t count = state_dict_cases(cases);
  for (size_t i = 0; i < count; i++) state_dict_check_round_trip(&verdict, comm, dtype, direction, &cases[i]);
  mpi_assert(&verdict);
}

static void a_loaded_run_goes_on_in_the_same_bits_gram_f64(void **state)
{
  (void)state;
  check_round_trips(SECANT_F64, SECANT_DIRECTION_GRAM);
}

static void a_loaded_run_goes_on_in_the_same_bits_gram_f32(void **state)
{
  (void)state;
  check_round_trips(SECANT_F32, SECANT_DIRECTION_GRAM);
}

static void a_loaded_run_goes_on_in_the_same_bits_two_loop_f64(void **state)
{
  (void)state;
  check_round_trips(SECANT_F64, SECANT_DIRECTION_TWO_LOOP);
}

static void a_loaded_run_goes_on_in_the_same_bits_two_loop_f32(void **state)
{
  (void)state;
  check_round_trips(SECANT_F32, SECANT_DIRECTION_TWO_LOOP);
}

static void a_loaded_run_goes_on_in_the_same_bits_with_a_history_in_f32(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  state_dict_case cases[STATE_DICT_CASES];
  const size_t count = state_dict_cases(cases);
  for (size_t i = 0; i < count; i++) {
    cases[i].options.history_dtype = SECANT_HISTORY_F32;
    cases[i].reason = SECANT_REASON_NONE; /* other digits may lead to another end */
    state_dict_check_round_trip(&verdict, comm, SECANT_F64, SECANT_DIRECTION_GRAM, &cases[i]);
  }
  mpi_assert(&verdict);
}

static void add_up(stored_products products)
{
  MPI_Allreduce(MPI_IN_PLACE, products, STORED_PAIRS_MOST * STORED_PAIRS_MOST, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

/* Changes one element of the newest s on rank `where` to no float. */
static void spoil_one_element(secant_node *dict, int where)
{
  secant_node *list = secant_node_find(dict, "state/0/old_stps");
  secant_tensor s;
  if (secant_node_get_tensor(secant_node_at(list, secant_node_size(list) - 1), &s) != SECANT_OK) return;
  if (mpi_world_rank() == where && s.local_count > 0) ((double *)s.data)[s.local_count - 1] *= 1.0 + 1e-4 / 3.0;
}

/* The tables of a dict whose pairs change on one rank only, as they are rounded, are of use to none. */
static void a_pair_that_is_rounded_on_one_rank_is_known_to_all(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_options options = searching();
  options.history_dtype = SECANT_HISTORY_F32;
  for (int where = 0; where < mpi_world_size(); where++) {
    secant_node *dict = NULL, *loaded = NULL;
    continuation *run = continuation_create(comm, SECANT_F64, &options, 0.0);
    continuation *next = continuation_create(comm, SECANT_F64, &options, 5.0);
    state_dict_advance(&verdict, run, 2, "a run");
    continuation_expect(&verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, "export");
    spoil_one_element(dict, where);
    continuation_expect(&verdict, next, secant_load_state_dict(next->optimizer, dict), SECANT_OK, "load");
    continuation_expect(&verdict, next, secant_state_dict(next->optimizer, &loaded), SECANT_OK, "export again");
    stored_pairs pairs = stored_pairs_of(loaded);
    CHECK(&verdict, pairs.single, "a pair is not of floats");
    add_up(pairs.sy);
    add_up(pairs.yy);
    add_up(pairs.ss);
    stored_pairs_check(&verdict, &pairs, loaded, "rounded");
    secant_node_destroy(dict);
    secant_node_destroy(loaded);
    continuation_destroy(run);
    continuation_destroy(next);
  }
  mpi_assert(&verdict);
}

/* Each rank holds its own elements of the global vectors, a piece for each parameter. */
static void the_pieces_of_all_ranks_make_the_whole_vector(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_node *dict = NULL;
  secant_tensor d = {0};
  continuation *run = run_of(&verdict, 1);
  continuation_expect(&verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, "export");
  const secant_status read = secant_node_get_tensor(secant_node_find(dict, "state/0/d"), &d);
  CHECK(&verdict, read == SECANT_OK && d.dimensions == 1 && d.pieces == CONTINUATION_PARAMETERS, "d is no such vector");
  double owners[37 + 1 + 1500] = {0};
  for (size_t p = 0; p < d.pieces; p++) {
    for (size_t i = 0; i < d.piece[p].count; i++) owners[(size_t)d.piece[p].first + i] += 1.0;
  }
  const int n = (int)(sizeof owners / sizeof *owners);
  MPI_Allreduce(MPI_IN_PLACE, owners, n, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  CHECK(&verdict, read == SECANT_OK && d.shape[0] == n, "d is not of the global length");
  for (int i = 0; i < n; i++) CHECK(&verdict, owners[i] == 1.0, "element %d is held by %g ranks", i, owners[i]);
  secant_node_destroy(dict);
  continuation_destroy(run);
  mpi_assert(&verdict);
}

/* A dict without inner products, to be computed over all ranks. */
static void inner_products_are_computed_over_all_ranks(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_node *dict = NULL;
  continuation *run = run_of(&verdict, 2), *next = run_of(&verdict, 1);
  continuation_expect(&verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, "export");
  secant_node_remove(secant_node_find(dict, "state/secant"), "gram_sy");
  continuation_expect(&verdict, next, secant_load_state_dict(next->optimizer, dict), SECANT_OK, "load");
  state_dict_copy_point(run, next);
  state_dict_advance(&verdict, run, 2, "whole");
  state_dict_advance(&verdict, next, 2, "loaded");
  const double distance = state_dict_distance(run, next);
  CHECK(&verdict, distance <= 1e-10, "the points are %a apart", distance);
  secant_node_destroy(dict);
  continuation_destroy(next);
  continuation_destroy(run);
  mpi_assert(&verdict);
}

/* Each fault on one rank in turn; the other ranks hold a sound dict. */
static void a_dict_that_is_wrong_on_one_rank_is_refused_on_all(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_node *dict = NULL;
  continuation *run = run_of(&verdict, 2), *twin = run_of(&verdict, 2);
  continuation_expect(&verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, "export");
  for (size_t i = 0; i < state_dict_fault_count; i++) {
    const state_dict_fault *fault = &state_dict_faults[i];
    secant_node *mine = secant_node_copy(dict);
    if (mpi_world_rank() == (int)i % mpi_world_size()) fault->spoil(mine);
    const secant_status status = secant_load_state_dict(run->optimizer, mine);
    continuation_expect(&verdict, run, status, SECANT_ERR_MISMATCH, fault->name);
    CHECK(&verdict, strstr(secant_message(run->optimizer), fault->entry), "%s: '%s'", fault->name,
          secant_message(run->optimizer));
    check_common(&verdict, run, status, fault->name);
    secant_node_destroy(mine);
  }
  state_dict_advance(&verdict, run, 2, "after all refusals");
  state_dict_advance(&verdict, twin, 2, "untouched");
  state_dict_compare(&verdict, twin, run, "after all refusals");
  secant_node_destroy(dict);
  continuation_destroy(twin);
  continuation_destroy(run);
  mpi_assert(&verdict);
}

static void set(struct verdict *verdict, secant_node *dict, const char *path, const char *key, secant_node *child)
{
  const secant_status status = secant_node_set(secant_node_find(dict, path), key, child);
  CHECK(verdict, status == SECANT_OK, "%s/%s cannot be set", path, key);
}

/* Edits that each make a sound dict, but another one than that of the other ranks. */
static void differ(struct verdict *verdict, secant_node *dict, int how)
{
  switch (how) {
  case 0: set(verdict, dict, "state/0", "n_iter", secant_node_integer(3)); break;
  case 1: set(verdict, dict, "state/0", "t", secant_node_real(0.5)); break;
  case 2: set(verdict, dict, "param_groups/0", "lr", secant_node_real(0.5)); break;
  case 3: secant_node_remove(secant_node_find(dict, "state/secant"), "gram_yy"); break;
  case 4: set(verdict, dict, "state/secant", "pending", secant_node_integer(0)); break;
  case 5: secant_node_remove(secant_node_find(dict, "param_groups/0"), "param_names"); break;
  case 6: secant_node_remove(secant_node_find(dict, "state"), "0"); break;
  default: set(verdict, dict, "param_groups/0", "initial_lr", secant_node_real(2.0)); break;
  }
}

static void ranks_that_disagree_are_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *run = run_of(&verdict, 2), *twin = run_of(&verdict, 2);
  for (int how = 0; how < 8; how++) {
    secant_node *dict = NULL;
    char what[40];
    snprintf(what, sizeof what, "difference %d", how);
    continuation_expect(&verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, what);
    if (how == 6) secant_node_remove(secant_node_find(dict, "state"), "secant");
    if (mpi_world_rank() == mpi_world_size() - 1) differ(&verdict, dict, how);
    const secant_status status = secant_load_state_dict(run->optimizer, dict);
    continuation_expect(&verdict, run, status, SECANT_ERR_MISMATCH, what);
    check_common(&verdict, run, status, what);
    secant_node_destroy(dict);
  }
  state_dict_advance(&verdict, run, 1, "after disagreements");
  state_dict_advance(&verdict, twin, 1, "untouched");
  state_dict_compare(&verdict, twin, run, "after disagreements");
  continuation_destroy(twin);
  continuation_destroy(run);
  mpi_assert(&verdict);
}

static void a_rank_without_a_dict_fails_all(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_node *dict = NULL;
  continuation *run = run_of(&verdict, 2);
  const bool culprit = mpi_world_rank() == 1;
  secant_status status = secant_state_dict(run->optimizer, culprit ? NULL : &dict);
  continuation_expect(&verdict, run, status, SECANT_ERR_ARGUMENT, "export");
  CHECK(&verdict, dict == NULL, "a dict came out");
  check_common(&verdict, run, status, "export");
  continuation_expect(&verdict, run, secant_state_dict(run->optimizer, &dict), SECANT_OK, "export again");
  status = secant_load_state_dict(run->optimizer, culprit ? NULL : dict);
  continuation_expect(&verdict, run, status, SECANT_ERR_ARGUMENT, "load");
  check_common(&verdict, run, status, "load");
  secant_node_destroy(dict);
  continuation_destroy(run);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_gram_f64),
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_gram_f32),
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_two_loop_f64),
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_two_loop_f32),
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_with_a_history_in_f32),
      cmocka_unit_test(a_pair_that_is_rounded_on_one_rank_is_known_to_all),
      cmocka_unit_test(the_pieces_of_all_ranks_make_the_whole_vector),
      cmocka_unit_test(inner_products_are_computed_over_all_ranks),
      cmocka_unit_test(a_dict_that_is_wrong_on_one_rank_is_refused_on_all),
      cmocka_unit_test(ranks_that_disagree_are_refused),
      cmocka_unit_test(a_rank_without_a_dict_fails_all),
  };
  mpi_tests_begin(&argc, &argv);
  int failed = 1;
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) == SECANT_OK) {
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    secant_comm_destroy(comm);
  }
  return mpi_tests_end(failed);
}
