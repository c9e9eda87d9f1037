#include "optimizer/optimizer.h"
#include "support/state_dict_scene.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/verdict_assert.h"

enum { N = 37 + 1 + 1500 };

/* Leaves what torch would have written. */
static void strip(secant_node *dict)
{
  static const char *const torch[] = {
      "lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change", "history_size", "line_search_fn", "params"};
  secant_node *group = secant_node_find(dict, "param_groups/0");
  secant_node_remove(secant_node_find(dict, "state"), "secant");
  for (size_t i = secant_node_size(group); i-- > 0;) {
    const char *key = secant_node_key(group, i);
    bool known = false;
    for (size_t j = 0; j < sizeof torch / sizeof *torch; j++) known = known || strcmp(key, torch[j]) == 0;
    if (!known) secant_node_remove(group, key);
  }
}

/* ---- round trips ------------------------------------------------------------------------------------------------- */

static void check_all_round_trips(secant_dtype dtype, secant_direction direction)
{
  struct verdict verdict = {0};
  state_dict_case cases[STATE_DICT_CASES];
  const size_t count = state_dict_cases(cases);
  for (size_t i = 0; i < count; i++) {
    state_dict_check_round_trip(&verdict, NULL, dtype, direction, &cases[i]);
  }
  assert_good(&verdict);
}

static void a_loaded_run_goes_on_in_the_same_bits_gram_f64(void **state)
{
  (void)state;
  check_all_round_trips(SECANT_F64, SECANT_DIRECTION_GRAM);
}

static void a_loaded_run_goes_on_in_the_same_bits_two_loop_f64(void **state)
{
  (void)state;
  check_all_round_trips(SECANT_F64, SECANT_DIRECTION_TWO_LOOP);
}

static void a_loaded_run_goes_on_in_the_same_bits_gram_f32(void **state)
{
  (void)state;
  check_all_round_trips(SECANT_F32, SECANT_DIRECTION_GRAM);
}

static void a_loaded_run_goes_on_in_the_same_bits_two_loop_f32(void **state)
{
  (void)state;
  check_all_round_trips(SECANT_F32, SECANT_DIRECTION_TWO_LOOP);
}

static void what_is_loaded_is_exported_again(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    const secant_options other = state_dict_options((secant_direction)direction);
    continuation *run = state_dict_run(SECANT_F64, (secant_direction)direction, 2);
    continuation *next = continuation_create(NULL, SECANT_F64, &other, 1.0);
    secant_node *dict = state_dict_of(run->optimizer);
    assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
    secant_node *again = state_dict_of(next->optimizer);
    secant_node_remove(secant_node_find(dict, "state/0"), "al"); /* scratch */
    secant_node_remove(secant_node_find(again, "state/0"), "al");
    assert_true(state_dict_same_trees(dict, again));
    secant_node_destroy(again);
    secant_node_destroy(dict);
    continuation_destroy(next);
    continuation_destroy(run);
  }
}

static void a_fresh_state_makes_a_run_fresh(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = state_dict_options(SECANT_DIRECTION_GRAM);
  continuation *fresh = continuation_create(NULL, SECANT_F64, &options, 0.0);
  continuation *used = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2);
  secant_node *dict = state_dict_of(fresh->optimizer);
  assert_int_equal(secant_node_size(secant_node_find(dict, "state")), 0);
  assert_int_equal(secant_load_state_dict(used->optimizer, dict), SECANT_OK);
  const secant_info info = secant_get_info(used->optimizer);
  assert_int_equal(info.n_iter, 0);
  assert_int_equal(info.pairs, 0);
  assert_true(info.h_diag == 1.0);
  assert_true(isnan(info.loss));
  state_dict_copy_point(fresh, used);
  state_dict_advance(&verdict, fresh, 3, "fresh");
  state_dict_advance(&verdict, used, 3, "used");
  state_dict_compare(&verdict, fresh, used, "a fresh state");
  assert_good(&verdict);
  secant_node_destroy(dict);
  continuation_destroy(used);
  continuation_destroy(fresh);
}

/* What a first step after a forgotten history is measured by. */
static void a_state_knows_how_large_the_unknowns_were_at_the_start(void **state)
{
  (void)state;
  const secant_options options = state_dict_options(SECANT_DIRECTION_GRAM);
  continuation *fresh = continuation_create(NULL, SECANT_F64, &options, 0.0);
  continuation *used = continuation_create(NULL, SECANT_F64, &options, 0.0);
  secant_options unit = options;
  unit.first_step = SECANT_FIRST_STEP_UNIT;
  assert_int_equal(secant_set_options(used->optimizer, &unit), SECANT_OK);
  double loss;
  assert_int_equal(secant_step(used->optimizer, continuation_closure, used, &loss), SECANT_OK);
  secant_node *none = state_dict_of(fresh->optimizer), *dict = state_dict_of(used->optimizer);
  const double start_inf = used->optimizer->engine.here.start_inf;
  assert_true(start_inf > 0.0);
  assert_int_equal(secant_load_state_dict(fresh->optimizer, dict), SECANT_OK);
  assert_true(fresh->optimizer->engine.here.start_inf == start_inf);
  assert_int_equal(secant_load_state_dict(fresh->optimizer, none), SECANT_OK);
  assert_true(fresh->optimizer->engine.here.start_inf == 0.0);
  assert_int_equal(secant_node_set(secant_node_find(dict, "state/secant"), "start_inf", secant_node_real(-1.0)),
                   SECANT_OK);
  assert_int_equal(secant_load_state_dict(fresh->optimizer, dict), SECANT_ERR_MISMATCH);
  assert_non_null(strstr(secant_message(fresh->optimizer), "state/secant/start_inf"));
  secant_node_destroy(none);
  secant_node_destroy(dict);
  continuation_destroy(used);
  continuation_destroy(fresh);
}

/* A stop asked for by the objective itself, in the middle of a search. */
typedef struct interrupter {
  continuation *run;
  int left;
} interrupter;

static int interrupt(void *user, double *loss)
{
  interrupter *context = user;
  if (--context->left == 0) secant_request_stop(context->run->optimizer);
  return continuation_closure(context->run, loss);
}

static void a_stopped_run_can_be_exported_too(void **state)
{
  (void)state;
  for (int at = 1; at <= 8; at++) {
    struct verdict verdict = {0};
    const secant_options options = state_dict_options(SECANT_DIRECTION_GRAM);
    continuation *a = continuation_create(NULL, SECANT_F64, &options, 0.0);
    continuation *b = continuation_create(NULL, SECANT_F64, &options, 2.0);
    interrupter context = {a, at};
    assert_int_equal(secant_step(a->optimizer, interrupt, &context, NULL), SECANT_OK);
    secant_node *dict = state_dict_of(a->optimizer);
    assert_int_equal(secant_load_state_dict(b->optimizer, dict), SECANT_OK);
    assert_int_equal(secant_load_state_dict(a->optimizer, dict), SECANT_OK);
    state_dict_copy_point(a, b);
    state_dict_advance(&verdict, a, 2, "stopped");
    state_dict_advance(&verdict, b, 2, "loaded");
    state_dict_compare(&verdict, a, b, "after a stop");
    assert_good(&verdict);
    secant_node_destroy(dict);
    continuation_destroy(b);
    continuation_destroy(a);
  }
}

/* ---- copies ------------------------------------------------------------------------------------------------------ */

static void a_dict_and_an_optimizer_share_nothing(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2),
               *twin = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2);
  secant_node *dict = state_dict_of(run->optimizer);
  secant_node *copy = secant_node_copy(dict);
  assert_true(state_dict_same_trees(dict, copy));
  state_dict_advance(&verdict, run, 2, "later");
  assert_true(state_dict_same_trees(dict, copy)); /* a later step does not reach the dict */

  secant_tensor d;
  assert_int_equal(secant_load_state_dict(twin->optimizer, dict), SECANT_OK);
  assert_int_equal(secant_node_get_tensor(secant_node_find(dict, "state/0/d"), &d), SECANT_OK);
  memset(d.data, 0x7f, d.local_count * sizeof(double)); /* nor the dict the optimizer */
  secant_node_destroy(dict);
  state_dict_advance(&verdict, twin, 2, "loaded");
  state_dict_compare(&verdict, run, twin, "a dict that was spoilt after loading");
  continuation_destroy(run);
  continuation_destroy(twin);
  assert_int_equal(secant_node_size(secant_node_find(copy, "state/0/old_dirs")), 4); /* outlives the optimizer */
  secant_node_destroy(copy);
  assert_good(&verdict);
}

/* ---- from elsewhere ---------------------------------------------------------------------------------------------- */

/* Rounding differs where the inner products are computed anew. */
static void a_dict_without_our_part_gives_the_same_trajectory(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    struct verdict verdict = {0};
    const secant_options other = state_dict_options((secant_direction)direction);
    continuation *run = state_dict_run(SECANT_F64, (secant_direction)direction, 2);
    continuation *next = continuation_create(NULL, SECANT_F64, &other, 1.0);
    secant_node *dict = state_dict_of(run->optimizer);
    strip(dict);
    assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
    secant_options loaded = secant_options_default();
    secant_get_options(next->optimizer, &loaded);
    assert_int_equal(loaded.line_search, SECANT_LINE_SEARCH_STRONG_WOLFE);
    state_dict_copy_point(run, next);
    state_dict_advance(&verdict, run, 1, "whole");
    state_dict_advance(&verdict, next, 1, "loaded");
    assert_good(&verdict);
    assert_true(state_dict_distance(run, next) <= 1e-12);
    assert_int_equal(secant_get_info(run->optimizer).func_evals, secant_get_info(next->optimizer).func_evals);
    secant_node_destroy(dict);
    continuation_destroy(next);
    continuation_destroy(run);
  }
}

static void inner_products_that_contradict_the_pairs_are_computed_anew(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_tensor sy;
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2),
               *next = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 1);
  secant_node *dict = state_dict_of(run->optimizer);
  assert_int_equal(secant_node_get_tensor(secant_node_find(dict, "state/secant/gram_sy"), &sy), SECANT_OK);
  for (size_t i = 0; i < sy.local_count; i++) ((double *)sy.data)[i] *= 1.5;
  assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
  state_dict_copy_point(run, next);
  state_dict_advance(&verdict, run, 1, "whole");
  state_dict_advance(&verdict, next, 1, "loaded");
  assert_good(&verdict);
  assert_true(state_dict_distance(run, next) <= 1e-12);
  secant_node_destroy(dict);
  continuation_destroy(next);
  continuation_destroy(run);
}

static void a_smaller_history_keeps_the_newest_pairs(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    for (int ours = 0; ours < 2; ours++) {
      continuation *run = state_dict_run(SECANT_F64, (secant_direction)direction, 2);
      secant_node *dict = state_dict_of(run->optimizer);
      if (!ours) secant_node_remove(secant_node_find(dict, "state"), "secant");
      assert_int_equal(
          secant_node_set(secant_node_find(dict, "param_groups/0"), "history_size", secant_node_integer(2)), SECANT_OK);
      assert_int_equal(secant_load_state_dict(run->optimizer, dict), SECANT_OK);
      assert_int_equal(secant_get_info(run->optimizer).pairs, 2);
      secant_node *again = state_dict_of(run->optimizer);
      for (int i = 0; i < 2; i++) {
        char from[40], to[40];
        snprintf(from, sizeof from, "state/0/y/%d", i + 2);
        snprintf(to, sizeof to, "state/0/y/%d", i);
        assert_true(state_dict_same_trees(secant_node_find(dict, from), secant_node_find(again, to)));
        from[8] = to[8] = 's';
        assert_true(state_dict_same_trees(secant_node_find(dict, from), secant_node_find(again, to)));
        double want = 0.0, got = 1.0;
        snprintf(from, sizeof from, "state/0/ro/%d", i + 2);
        snprintf(to, sizeof to, "state/0/ro/%d", i);
        assert_int_equal(secant_node_get_real(secant_node_find(dict, from), &want), SECANT_OK);
        assert_int_equal(secant_node_get_real(secant_node_find(again, to), &got), SECANT_OK);
        assert_true(fabs(got - want) <= 1e-12 * want);
      }
      struct verdict verdict = {0};
      state_dict_advance(&verdict, run, 2, "after a smaller history");
      assert_good(&verdict);
      secant_node_destroy(again);
      secant_node_destroy(dict);
      continuation_destroy(run);
    }
  }
}

/* The pairs themselves are rounded, everything else follows from them. */
static void doubles_are_rounded_for_single_parameters(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = state_dict_options(SECANT_DIRECTION_GRAM);
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2);
  continuation *single = continuation_create(NULL, SECANT_F32, &options, 0.0);
  secant_node *dict = state_dict_of(run->optimizer);
  assert_int_equal(secant_load_state_dict(single->optimizer, dict), SECANT_OK);
  secant_node *again = state_dict_of(single->optimizer);
  secant_tensor full, half;
  assert_int_equal(secant_node_get_tensor(secant_node_find(dict, "state/0/s/2"), &full), SECANT_OK);
  assert_int_equal(secant_node_get_tensor(secant_node_find(again, "state/0/s/2"), &half), SECANT_OK);
  assert_int_equal(half.dtype, SECANT_F32);
  for (size_t i = 0; i < N; i++) {
    assert_true(((const float *)half.data)[i] == (float)((const double *)full.data)[i]);
  }
  state_dict_copy_point(run, single);
  state_dict_advance(&verdict, run, 1, "double");
  state_dict_advance(&verdict, single, 1, "single");
  assert_good(&verdict);
  assert_true(state_dict_distance(run, single) <= 1e-2);

  continuation *back = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 0);
  assert_int_equal(secant_load_state_dict(back->optimizer, again), SECANT_OK); /* and singles are doubles already */
  secant_node_destroy(again);
  secant_node_destroy(dict);
  continuation_destroy(back);
  continuation_destroy(single);
  continuation_destroy(run);
}

static void a_vector_that_is_whole_here_is_taken_too(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_tensor d;
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2),
               *next = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 0);
  secant_node *dict = state_dict_of(run->optimizer);
  const secant_piece halves[] = {{0, 20}, {20, 0}, {20, 700}, {720, N - 720}}, whole = {0, N};
  assert_int_equal(secant_node_get_tensor(secant_node_find(dict, "state/0/d"), &d), SECANT_OK);
  assert_int_equal(d.pieces, CONTINUATION_PARAMETERS); /* one for each, the empty one too */
  secant_tensor view = d;
  view.pieces = 1;
  view.piece = &whole;
  secant_node *one = secant_node_tensor(&view);
  view.pieces = 4;
  view.piece = halves;
  secant_node *four = secant_node_tensor(&view);
  secant_node *entry = secant_node_find(dict, "state/0");
  assert_int_equal(secant_node_set(entry, "d", one), SECANT_OK);
  assert_int_equal(secant_node_get_tensor(secant_node_find(entry, "prev_flat_grad"), &d), SECANT_OK);
  secant_tensor gradient;
  assert_int_equal(secant_node_get_tensor(four, &gradient), SECANT_OK);
  memcpy(gradient.data, d.data, N * sizeof(double));
  assert_int_equal(secant_node_set(entry, "prev_flat_grad", four), SECANT_OK);
  assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
  state_dict_copy_point(run, next);
  state_dict_advance(&verdict, run, 1, "whole");
  state_dict_advance(&verdict, next, 1, "loaded");
  state_dict_compare(&verdict, run, next, "other pieces");
  assert_good(&verdict);
  secant_node_destroy(dict);
  continuation_destroy(next);
  continuation_destroy(run);
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

static void options_come_with_the_state_but_for_those_of_the_process(void **state)
{
  (void)state;
  secant_options from = state_dict_options(SECANT_DIRECTION_TWO_LOOP), to = secant_options_default(), now = to;
  from.loss = SECANT_LOSS_REPLICATED;
  from.lr = 0.1 + 0.2;
  from.max_eval = -1;
  from.max_time = 1234.5;
  continuation *run = continuation_create(NULL, SECANT_F64, &from, 0.0);
  continuation *next = continuation_create(NULL, SECANT_F64, &to, 0.0);
  secant_node *dict = state_dict_of(run->optimizer);
  secant_node_remove(secant_node_find(dict, "param_groups/0"), "max_search");
  assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
  secant_get_options(next->optimizer, &now);
  secant_options want = from;
  want.direction = to.direction;
  want.loss = to.loss;
  want.threads = to.threads;
  want.max_search = to.max_search; /* a missing option stays */
  for (size_t i = 0; i < secant_options_count(); i++) {
    char a[64], b[64];
    const char *name = secant_options_describe(i)->name;
    assert_int_equal(secant_options_get(&want, name, a, sizeof a), SECANT_OK);
    assert_int_equal(secant_options_get(&now, name, b, sizeof b), SECANT_OK);
    if (strcmp(a, b) != 0) fail_msg("option %s is %s, not %s", name, b, a);
  }
  secant_node_destroy(dict);
  continuation_destroy(next);
  continuation_destroy(run);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_gram_f64),
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_two_loop_f64),
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_gram_f32),
      cmocka_unit_test(a_loaded_run_goes_on_in_the_same_bits_two_loop_f32),
      cmocka_unit_test(what_is_loaded_is_exported_again),
      cmocka_unit_test(a_fresh_state_makes_a_run_fresh),
      cmocka_unit_test(a_state_knows_how_large_the_unknowns_were_at_the_start),
      cmocka_unit_test(a_stopped_run_can_be_exported_too),
      cmocka_unit_test(a_dict_and_an_optimizer_share_nothing),
      cmocka_unit_test(a_dict_without_our_part_gives_the_same_trajectory),
      cmocka_unit_test(inner_products_that_contradict_the_pairs_are_computed_anew),
      cmocka_unit_test(a_smaller_history_keeps_the_newest_pairs),
      cmocka_unit_test(doubles_are_rounded_for_single_parameters),
      cmocka_unit_test(a_vector_that_is_whole_here_is_taken_too),
      cmocka_unit_test(options_come_with_the_state_but_for_those_of_the_process),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
