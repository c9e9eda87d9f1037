/* A run moves into another storage: a history of another size between calls, and nothing else changes. */
#include "optimizer/optimizer.h"
#include "support/faulty_comm.h"
#include "support/growth.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_good(const struct verdict *verdict)
{
  if (verdict->failures) fail_msg("%s", verdict->first);
}

static secant_options options_of(int kind, int64_t history_size)
{
  secant_options options = growth_options(kind & 1 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                                          kind & 2 ? SECANT_LINE_SEARCH_STRONG_WOLFE : SECANT_LINE_SEARCH_NONE);
  options.history_size = history_size;
  options.max_iter = 9;
  options.max_eval = 1000;
  options.tolerance_change = 0.0;
  return options;
}

static void step(growth_run *run)
{
  assert_int_equal(secant_step(run->optimizer, growth_closure, run, NULL), SECANT_OK);
}

static void set_history(growth_run *run, int64_t history_size)
{
  secant_options options = secant_options_default();
  secant_get_options(run->optimizer, &options);
  options.history_size = history_size;
  if (secant_set_options(run->optimizer, &options) != SECANT_OK) fail_msg("%s", secant_message(run->optimizer));
  assert_int_equal(run->optimizer->engine.history.capacity, history_size);
}

/* All elements of a vector; free() the result. */
static double *contents(const growth_run *run, secanti_vector vector)
{
  const size_t n = run->parameters[0].local_count, m = run->parameters[1].local_count;
  double *all = calloc(n + m, sizeof *all);
  assert_non_null(all);
  secanti_vectors_export(run->optimizer->engine.vectors, vector, 0, 0, n, all);
  secanti_vectors_export(run->optimizer->engine.vectors, vector, 1, 0, m, all + n);
  return all;
}

static void expect_equal_vectors(const growth_run *a, secanti_vector from, const growth_run *b, secanti_vector to)
{
  const size_t bytes = (a->parameters[0].local_count + a->parameters[1].local_count) * sizeof(double);
  double *want = contents(a, from), *got = contents(b, to);
  assert_memory_equal(want, got, bytes);
  free(want);
  free(got);
}

/* Everything of the `k` newest pairs of `a` is in `b`. */
static void expect_newest_pairs(const growth_run *a, const growth_run *b, int k)
{
  const secanti_engine *from = &a->optimizer->engine, *to = &b->optimizer->engine;
  const int first = from->history.pairs - k;
  assert_int_equal(to->history.pairs, k);
  for (int i = 0; i < k; i++) {
    const int old = from->history.order[first + i], slot = to->history.order[i];
    expect_equal_vectors(a, (secanti_vector){SECANTI_S, old}, b, (secanti_vector){SECANTI_S, slot});
    expect_equal_vectors(a, (secanti_vector){SECANTI_Y, old}, b, (secanti_vector){SECANTI_Y, slot});
    for (int j = i; j < k; j++) {
      assert_true(secanti_gram_sy(&from->history.gram, first + i, first + j) ==
                  secanti_gram_sy(&to->history.gram, i, j));
      assert_true(secanti_gram_yy(&from->history.gram, first + i, first + j) ==
                  secanti_gram_yy(&to->history.gram, i, j));
    }
  }
  const int pending = from->history.pending, new_pending = to->history.pending;
  expect_equal_vectors(a, (secanti_vector){SECANTI_S, pending}, b, (secanti_vector){SECANTI_S, new_pending});
  expect_equal_vectors(a, (secanti_vector){SECANTI_Y, pending}, b, (secanti_vector){SECANTI_Y, new_pending});
  expect_equal_vectors(a, (secanti_vector){SECANTI_BASE, 0}, b, (secanti_vector){SECANTI_BASE, 0});
  assert_true(from->history.gamma == to->history.gamma);
}

static void a_shorter_history_keeps_the_newest_pairs(void **state)
{
  (void)state;
  for (int kind = 0; kind < 4; kind++) {
    for (int64_t next = 0; next <= 5; next++) {
      const secant_options options = options_of(kind, 5);
      growth_run *a = growth_create(NULL, SECANT_F64, &options), *b = growth_create(NULL, SECANT_F64, &options);
      step(a);
      step(b);
      assert_int_equal(secant_get_info(a->optimizer).pairs, 5);
      set_history(b, next);
      expect_newest_pairs(a, b, (int)next);
      step(b);
      assert_int_equal(secant_get_info(b->optimizer).pairs, next);
      growth_destroy(a);
      growth_destroy(b);
    }
  }
}

/* As long as it is not full, a history of any size gives the same bits: growing it leaves no trace. */
static void a_longer_history_goes_on_as_if_it_had_been_long_from_the_start(void **state)
{
  (void)state;
  for (int kind = 0; kind < 4; kind++) {
    struct verdict verdict = {0};
    const secant_options small = options_of(kind, 9), large = options_of(kind, 40);
    growth_run *a = growth_create(NULL, SECANT_F64, &large), *b = growth_create(NULL, SECANT_F64, &small);
    for (int i = 0; i < 3; i++) {
      step(a);
      step(b);
      growth_compare(&verdict, a, b, "a history that grows");
      assert_good(&verdict);
      assert_int_equal(secant_get_info(a->optimizer).pairs, secant_get_info(b->optimizer).pairs);
      set_history(b, 9 * (i + 2));
    }
    growth_destroy(a);
    growth_destroy(b);
  }
}

/* A run that ended at a limit knows all inner products; they move, too, so that it goes on without an evaluation. */
static void a_run_at_its_limit_goes_on_with_another_history(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_options small = options_of(2, 12), large = options_of(2, 40);
  growth_run *a = growth_create(NULL, SECANT_F64, &large), *b = growth_create(NULL, SECANT_F64, &small);
  assert_int_equal(secant_minimize(a->optimizer, growth_closure, a), SECANT_OK);
  assert_int_equal(secant_minimize(b->optimizer, growth_closure, b), SECANT_OK);
  assert_int_equal(secant_get_info(b->optimizer).reason, SECANT_REASON_MAX_ITER);
  small.history_size = 40;
  small.max_iter = large.max_iter = 20;
  assert_int_equal(secant_set_options(a->optimizer, &large), SECANT_OK);
  assert_int_equal(secant_set_options(b->optimizer, &small), SECANT_OK);
  assert_int_equal(secant_minimize(a->optimizer, growth_closure, a), SECANT_OK);
  assert_int_equal(secant_minimize(b->optimizer, growth_closure, b), SECANT_OK);
  growth_compare(&verdict, a, b, "a history that grew at a limit");
  assert_good(&verdict);
  assert_int_equal(secant_get_info(a->optimizer).func_evals, secant_get_info(b->optimizer).func_evals);
  growth_destroy(a);
  growth_destroy(b);
}

static void direction_and_threads_are_fixed_and_a_trial_fixes_the_history(void **state)
{
  (void)state;
  const secant_options options = options_of(2, 5);
  growth_run *run = growth_create(NULL, SECANT_F64, &options);
  secant_options other = options;
  other.direction = SECANT_DIRECTION_TWO_LOOP;
  assert_int_equal(secant_set_options(run->optimizer, &other), SECANT_ERR_ARGUMENT);
  other = options;
  other.threads = 3;
  assert_int_equal(secant_set_options(run->optimizer, &other), SECANT_ERR_ARGUMENT);
  secant_request request;
  assert_int_equal(secant_ask(run->optimizer, &request), SECANT_OK);
  other = options;
  other.history_size = 6;
  assert_int_equal(secant_set_options(run->optimizer, &other), SECANT_ERR_STATE);
  assert_int_equal(run->optimizer->options.history_size, 5);
  other = options;
  other.lr = 0.75;
  assert_int_equal(secant_set_options(run->optimizer, &other), SECANT_OK);
  growth_destroy(run);
}

/* The n-th collective call of a change fails, until none is left to fail. */
static void a_change_that_fails_leaves_options_and_history(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = options_of(2, 5);
  bool failed = true;
  for (int64_t n = 1; failed; n++) {
    growth_run *straight = growth_create(NULL, SECANT_F64, &options);
    secant_comm *counting = faulty_comm_create(NULL, 0);
    growth_run *run = growth_create(counting, SECANT_F64, &options);
    step(run);
    secant_comm *faulty = faulty_comm_create(NULL, faulty_comm_calls(counting) + n);
    growth_destroy(run);
    run = growth_create(faulty, SECANT_F64, &options);
    step(straight);
    step(run);
    secant_options other = options;
    other.history_size = 2;
    failed = secant_set_options(run->optimizer, &other) != SECANT_OK;
    assert_int_equal(run->optimizer->options.history_size, failed ? 5 : 2);
    assert_int_equal(run->optimizer->engine.history.capacity, failed ? 5 : 2);
    if (failed) {
      step(straight);
      step(run);
      growth_compare(&verdict, straight, run, "after a change that failed");
      assert_good(&verdict);
    }
    growth_destroy(straight);
    growth_destroy(run);
    secant_comm_destroy(counting);
    secant_comm_destroy(faulty);
  }
}

/* H0 = I / 2; reports failure at the multiplication that `user` counts down to. */
static int halve(void *user, const void *const *input, void *const *output)
{
  int *left = user;
  const size_t counts[] = {501, 200};
  for (size_t p = 0; p < 2; p++) {
    for (size_t i = 0; i < counts[p]; i++) ((double *)output[p])[i] = 0.5 * ((const double *)input[p])[i];
  }
  return *left > 0 && --*left == 0;
}

/* An operator failed while the scale was to learn from the newest pair. Without pairs there is nothing to learn. */
static void a_scale_still_to_learn_goes_with_the_last_pair(void **state)
{
  (void)state;
  for (int forget = 0; forget < 2; forget++) {
    secant_options options = options_of(2, 5);
    options.max_iter = 100;
    growth_run *run = growth_create(NULL, SECANT_F64, &options);
    int left = 5;
    const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_OPERATOR, .apply = halve, .user = &left};
    assert_int_equal(secant_set_initial_matrix(run->optimizer, &matrix), SECANT_OK);
    assert_int_equal(secant_minimize(run->optimizer, growth_closure, run), SECANT_ERR_CLOSURE);
    assert_true(run->optimizer->engine.initial.unscaled);
    if (forget) secant_reset(run->optimizer);
    set_history(run, 0);
    const double before = secant_get_info(run->optimizer).loss;
    assert_int_equal(secant_minimize(run->optimizer, growth_closure, run), SECANT_OK);
    assert_true(secant_get_info(run->optimizer).h_diag > 0.0);
    assert_true(forget || secant_get_info(run->optimizer).loss < before);
    assert_true(secant_get_info(run->optimizer).accepted > 1);
    growth_destroy(run);
  }
}

/* Two storages of different sizes change places twice: as if nothing had happened. */
static void an_exchange_is_its_own_inverse(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = options_of(0, 5);
  growth_run *a = growth_create(NULL, SECANT_F64, &options), *b = growth_create(NULL, SECANT_F64, &options);
  step(a);
  step(b);
  secanti_storage other;
  secant_optimizer *o = b->optimizer;
  assert_int_equal(secanti_optimizer_storage(o, &o->parameters, 17, &other), SECANT_OK);
  const secanti_vectors *own = o->engine.vectors, *fresh = other.vectors;
  secanti_engine_exchange(&o->engine, &other);
  assert_ptr_equal(o->engine.vectors, fresh);
  assert_ptr_equal(other.vectors, own);
  assert_int_equal(o->engine.history.capacity, 17);
  assert_int_equal(o->engine.history.pairs, 0);
  secanti_engine_exchange(&o->engine, &other);
  secanti_storage_destroy(&other);
  step(a);
  step(b);
  growth_compare(&verdict, a, b, "after two exchanges");
  assert_good(&verdict);
  growth_destroy(a);
  growth_destroy(b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_shorter_history_keeps_the_newest_pairs),
      cmocka_unit_test(a_longer_history_goes_on_as_if_it_had_been_long_from_the_start),
      cmocka_unit_test(a_run_at_its_limit_goes_on_with_another_history),
      cmocka_unit_test(direction_and_threads_are_fixed_and_a_trial_fixes_the_history),
      cmocka_unit_test(a_change_that_fails_leaves_options_and_history),
      cmocka_unit_test(a_scale_still_to_learn_goes_with_the_last_pair),
      cmocka_unit_test(an_exchange_is_its_own_inverse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
