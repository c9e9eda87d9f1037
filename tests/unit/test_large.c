/* More unknowns than a 32-bit number counts: this is rank 3 of 4, and 1.4e10 elements of each parameter come before its
 * own. */
#include "optimizer/optimizer.h"
#include "support/large_run.h"
#include "support/phantom_comm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RANKS = 4, RANK = 3 };
static const int64_t before = RANK * LARGE_PHANTOM;

static large_run *create(int stride, int place, int64_t hidden)
{
  const secant_options options = large_run_options();
  large_run *run = large_run_create(NULL, stride, place, hidden, &options);
  assert_non_null(run);
  return run;
}

static void step(large_run *run)
{
  if (secant_step(run->optimizer, large_run_evaluate, run, NULL) != SECANT_OK) {
    fail_msg("%s", secant_message(run->optimizer));
  }
}

static void extents_and_offsets_are_those_of_all_ranks(void **state)
{
  (void)state;
  large_run *run = create(RANKS, RANK, 0);
  const secanti_parameters *parameters = &run->optimizer->parameters;
  for (int i = 0; i < LARGE_PARAMETERS; i++) {
    assert_true(parameters->entries[i].first == before);
    assert_true(parameters->entries[i].extent == before + (int64_t)run->parts[i].count);
  }
  assert_true(parameters->extent == run->extents[0] + run->extents[1]);
  assert_int_equal(secant_get_info(run->optimizer).any_ranks, 1);
  large_run_destroy(run);
}

/* The phantoms add nothing to any sum, so a run on the small part alone must have the same bits. */
static void a_run_has_the_bits_of_its_own_part(void **state)
{
  (void)state;
  large_run *large = create(RANKS, RANK, 0), *small = create(1, 0, before);
  for (int i = 0; i < 4; i++) {
    step(large);
    step(small);
    assert_true(large_run_same(large, small));
  }
  assert_int_equal(secant_get_info(large->optimizer).pairs, 3);
  large_run_destroy(large);
  large_run_destroy(small);
}

static void expect_place(const secant_node *node, const large_run *run)
{
  secant_tensor tensor;
  assert_int_equal(secant_node_get_tensor(node, &tensor), SECANT_OK);
  assert_int_equal(tensor.dimensions, 1);
  assert_true(tensor.shape[0] == run->extents[0] + run->extents[1]);
  assert_int_equal(tensor.pieces, 2);
  assert_true(tensor.piece[0].first == before && tensor.piece[0].count == run->parts[0].count);
  assert_true(tensor.piece[1].first == run->extents[0] + before && tensor.piece[1].count == run->parts[1].count);
}

static void a_state_dict_knows_its_place_and_goes_on_bit_for_bit(void **state)
{
  (void)state;
  large_run *saver = create(RANKS, RANK, 0), *loader = create(RANKS, RANK, 0);
  secant_node *dict = NULL;
  step(saver);
  assert_int_equal(secant_state_dict(saver->optimizer, &dict), SECANT_OK);
  expect_place(secant_node_find(dict, "state/0/d"), saver);
  expect_place(secant_node_at(secant_node_find(dict, "state/0/old_dirs"), 2), saver);

  if (secant_load_state_dict(loader->optimizer, dict) != SECANT_OK) fail_msg("%s", secant_message(loader->optimizer));
  for (int i = 0; i < LARGE_PARAMETERS; i++) {
    memcpy(loader->parts[i].x, saver->parts[i].x, saver->parts[i].count * sizeof(double));
  }
  step(saver);
  step(loader);
  assert_true(large_run_same(saver, loader));
  secant_node_destroy(dict);
  large_run_destroy(saver);
  large_run_destroy(loader);
}

/* ---- more than can be counted ----------------------------------------------------------------------------------------- */

static secant_status create_with(size_t local, int64_t phantoms, secant_error *error)
{
  static double x[8], g[8];
  const secant_parameter parameter = {.values = x, .gradient = g, .local_count = local};
  secant_comm *comm = phantom_comm_create(NULL, 2, 0, phantoms);
  secant_optimizer *optimizer = NULL;
  assert_non_null(comm);
  const secant_status status = secant_create(&optimizer, &parameter, 1, NULL, comm, error);
  secant_destroy(optimizer);
  secant_comm_destroy(comm);
  return status;
}

static void unknowns_beyond_what_a_double_counts_are_refused(void **state)
{
  (void)state;
  const int64_t most = INT64_C(1) << 53;
  secant_error error;
  assert_int_equal(create_with(8, most - 8, &error), SECANT_OK);
  assert_int_equal(create_with(8, most, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "2^53"));
  assert_int_equal(create_with((size_t)most + 1, 0, &error), SECANT_ERR_ARGUMENT);
  assert_int_equal(create_with(SIZE_MAX, 0, &error), SECANT_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(extents_and_offsets_are_those_of_all_ranks),
      cmocka_unit_test(a_run_has_the_bits_of_its_own_part),
      cmocka_unit_test(a_state_dict_knows_its_place_and_goes_on_bit_for_bit),
      cmocka_unit_test(unknowns_beyond_what_a_double_counts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
