/* Where the time goes: what is slow on purpose is what has taken long, and nothing counts twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "comm/comm.h"
#include "support/valley.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { N = 64, EVALUATIONS = 4 };

static const double nap = 0.01, rounding = 1e-9; /* seconds; the clock does not come back early */
static const char path[] = "test_timers.h5";

static void sleep_for(double seconds)
{
  const double end = secanti_now() + seconds;
  const struct timespec piece = {.tv_nsec = 1000000};
  while (secanti_now() < end) nanosleep(&piece, NULL);
}

/* ---- what is slow -------------------------------------------------------------------------------------------------- */

typedef struct scene {
  secant_comm comm;
  secanti_comm_operations operations;
  valley v;
  double slowness;  /* of the closure */
  double operation; /* of the multiplication by H0 */
  secant_optimizer *optimizer;
  double begin;
} scene;

static secant_status slow_reduce(secant_comm *comm, double *words)
{
  (void)comm;
  (void)words;
  sleep_for(nap);
  return SECANT_OK;
}

static int slow_closure(void *user, double *loss)
{
  scene *s = user;
  sleep_for(s->slowness);
  return valley_evaluate(&s->v, loss);
}

static int slow_operator(void *user, const void *const *in, void *const *out)
{
  const scene *s = user;
  sleep_for(s->operation);
  memcpy(out[0], in[0], s->v.count * sizeof(double));
  return 0;
}

static secant_options options_with(secant_direction direction, int64_t max_eval)
{
  secant_options options = secant_options_default();
  options.direction = direction;
  options.max_eval = max_eval;
  options.tolerance_grad = 0.0;
  options.threads = 1;
  return options;
}

static void open_with(scene *s, int64_t n, bool slow_reductions, const secant_options *options)
{
  *s = (scene){.comm = *secanti_comm_self(), .v = valley_create(n, 1, 0)};
  s->operations = *s->comm.operations;
  if (slow_reductions) s->operations.reduce = slow_reduce;
  s->comm.operations = &s->operations;
  const secant_parameter parameter = valley_parameter(&s->v);
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, options, &s->comm, NULL), SECANT_OK);
  s->begin = secanti_now();
}

/* A run of EVALUATIONS evaluations. */
static void open_scene(scene *s, bool slow_reductions)
{
  const secant_options options = options_with(SECANT_DIRECTION_GRAM, EVALUATIONS);
  open_with(s, N, slow_reductions, &options);
}

static void close_scene(scene *s)
{
  secant_destroy(s->optimizer);
  valley_destroy(&s->v);
  remove(path);
}

static secant_timings timings(const scene *s)
{
  return secant_get_info(s->optimizer).timings;
}

/* What has gone into all phases is no more than what has passed since the scene was opened, and what has gone into
 * those of the library no more than what has been spent inside. */
static secant_timings consistent_timings(const scene *s)
{
  const secant_info info = secant_get_info(s->optimizer);
  const secant_timings t = info.timings;
  const double inside = t.pass_a + t.pass_b + t.reduction;
  assert_true(t.pass_a >= 0.0 && t.pass_b >= 0.0 && t.reduction >= 0.0 && t.closure >= 0.0 && t.checkpoint >= 0.0);
  assert_true(inside <= info.optimizer_seconds + rounding);
  assert_true(inside + t.closure + t.checkpoint <= secanti_now() - s->begin + rounding);
  return t;
}

static void minimize(scene *s)
{
  assert_int_equal(secant_minimize(s->optimizer, slow_closure, s), SECANT_OK);
}

/* ---- which counter grows ------------------------------------------------------------------------------------------- */

static void a_slow_closure_is_closure_time_of_minimize_and_of_step(void **state)
{
  (void)state;
  for (int steps = 0; steps < 2; steps++) {
    scene s;
    open_scene(&s, false);
    s.slowness = nap;
    if (steps) {
      assert_int_equal(secant_step(s.optimizer, slow_closure, &s, NULL), SECANT_OK);
    } else {
      minimize(&s);
    }
    const secant_timings t = consistent_timings(&s);
    assert_int_equal(s.v.evaluations, EVALUATIONS);
    assert_true(t.closure >= EVALUATIONS * nap);
    assert_true(t.checkpoint == 0.0);
    close_scene(&s);
  }
}

static void slow_reductions_are_reduction_time_in_both_directions(void **state)
{
  (void)state;
  const secant_direction directions[] = {SECANT_DIRECTION_GRAM, SECANT_DIRECTION_TWO_LOOP};
  for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
    scene s;
    const secant_options options = options_with(directions[i], EVALUATIONS);
    open_with(&s, N, true, &options);
    minimize(&s);
    const secant_timings t = consistent_timings(&s);
    const int64_t reductions = secant_get_info(s.optimizer).allreduces;
    assert_true(reductions >= EVALUATIONS);
    assert_true(t.reduction >= (double)reductions * nap);
    close_scene(&s);
  }
}

static void a_slow_initial_matrix_is_time_of_pass_a(void **state)
{
  (void)state;
  scene s;
  open_scene(&s, false);
  s.operation = nap;
  const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_OPERATOR, .apply = slow_operator, .user = &s};
  assert_int_equal(secant_set_initial_matrix(s.optimizer, &matrix), SECANT_OK);
  minimize(&s);
  const secant_timings t = consistent_timings(&s);
  assert_true(t.pass_a >= (double)secant_get_info(s.optimizer).accepted * nap);
  close_scene(&s);
}

/* An evaluation at the start of a run is pass B and a reduction; going on from there is pass A and neither. */
static void each_pass_has_a_counter_of_its_own(void **state)
{
  (void)state;
  scene s;
  secant_options options = options_with(SECANT_DIRECTION_GRAM, 1);
  open_with(&s, 100000, false, &options);
  minimize(&s);
  const secant_timings entry = consistent_timings(&s);
  assert_true(entry.pass_b > 0.0 && entry.reduction > 0.0 && entry.pass_a == 0.0);

  options.max_eval = 2;
  assert_int_equal(secant_set_options(s.optimizer, &options), SECANT_OK);
  secant_request request;
  assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
  assert_int_equal(request, SECANT_EVALUATE);
  const secant_timings moved = consistent_timings(&s);
  assert_true(moved.pass_a > 0.0);
  assert_true(moved.pass_b == entry.pass_b && moved.reduction == entry.reduction && moved.closure == entry.closure);
  close_scene(&s);
}

/* With vectors that are not tiny, little is left for what no phase counts. */
static void the_phases_are_most_of_the_optimizers_time(void **state)
{
  (void)state;
  scene s;
  const secant_options options = options_with(SECANT_DIRECTION_GRAM, 30);
  open_with(&s, 200000, false, &options);
  minimize(&s);
  const secant_timings t = consistent_timings(&s);
  assert_true(t.pass_a + t.pass_b + t.reduction >= 0.5 * secant_get_info(s.optimizer).optimizer_seconds);
  close_scene(&s);
}

/* ---- ask and tell ---------------------------------------------------------------------------------------------------- */

static void what_passes_between_ask_and_tell_is_closure_time_and_what_passes_after_is_not(void **state)
{
  (void)state;
  scene s;
  double loss, between = 0.0;
  secant_request request;
  open_scene(&s, false);
  for (;;) {
    assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
    if (request == SECANT_DONE) break;
    const double begin = secanti_now();
    sleep_for(nap);
    assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK); /* asking again begins nothing anew */
    valley_evaluate(&s.v, &loss);
    between += secanti_now() - begin;
    assert_int_equal(secant_tell(s.optimizer, loss, 0), SECANT_OK);
    const double told = timings(&s).closure;
    sleep_for(nap);
    assert_true(timings(&s).closure == told);
  }
  const secant_timings t = consistent_timings(&s);
  assert_true(t.closure >= between - rounding);
  assert_true(t.closure <= secanti_now() - s.begin - EVALUATIONS * nap + rounding);
  close_scene(&s);
}

static void a_question_that_is_never_answered_counts_nowhere(void **state)
{
  (void)state;
  scene s;
  secant_request request;
  open_scene(&s, false);
  assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
  sleep_for(nap);
  s.begin = secanti_now(); /* what follows is no more than what passes from here */
  minimize(&s);
  assert_true(consistent_timings(&s).closure > 0.0);
  close_scene(&s);
}

/* ---- checkpoints --------------------------------------------------------------------------------------------------- */

/* Saves, or skips the test in a build that cannot. */
static void save(scene *s)
{
  const secant_status status = secant_checkpoint_save(s->optimizer, path, "a valley");
  if (status == SECANT_ERR_UNSUPPORTED) {
    close_scene(s);
    skip();
  }
  assert_int_equal(status, SECANT_OK);
}

/* Its reductions are its own, also while an evaluation is wanted. */
static void saving_is_checkpoint_time_and_nothing_else(void **state)
{
  (void)state;
  scene s;
  secant_request request;
  double loss;
  open_scene(&s, true);
  const double begin = secanti_now();
  assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
  save(&s);
  const secant_timings saved = timings(&s);
  assert_true(saved.checkpoint >= nap && saved.reduction == 0.0);
  sleep_for(nap);
  valley_evaluate(&s.v, &loss);
  assert_int_equal(secant_tell(s.optimizer, loss, 0), SECANT_OK);
  const secant_timings told = consistent_timings(&s);
  assert_true(told.closure >= nap && told.reduction >= nap);
  assert_true(told.checkpoint == saved.checkpoint);
  assert_true(told.closure + told.reduction + told.checkpoint <= secanti_now() - begin + rounding);
  close_scene(&s);
}

static void a_loaded_run_begins_with_the_time_of_loading_alone(void **state)
{
  (void)state;
  scene first, second;
  open_scene(&first, false);
  minimize(&first);
  save(&first);
  open_scene(&second, true);
  assert_int_equal(secant_checkpoint_load(second.optimizer, path, "a valley"), SECANT_OK);
  const secant_timings t = consistent_timings(&second);
  assert_int_equal(secant_get_info(second.optimizer).func_evals, EVALUATIONS);
  assert_true(t.checkpoint >= nap);
  assert_true(t.closure == 0.0 && t.pass_a == 0.0 && t.pass_b == 0.0 && t.reduction == 0.0);
  close_scene(&second);
  close_scene(&first);
}

static void loading_ends_what_was_asked(void **state)
{
  (void)state;
  scene s;
  secant_request request;
  open_scene(&s, false);
  save(&s);
  assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
  assert_int_equal(secant_checkpoint_load(s.optimizer, path, "a valley"), SECANT_OK);
  const double closure = timings(&s).closure;
  sleep_for(nap);
  save(&s);
  assert_true(timings(&s).closure == closure);
  close_scene(&s);
}

/* ---- the record ------------------------------------------------------------------------------------------------------ */

static void reset_begins_at_zero(void **state)
{
  (void)state;
  const secant_timings zero = {0};
  scene s;
  open_scene(&s, false);
  secant_timings t = timings(&s);
  assert_memory_equal(&t, &zero, sizeof zero);
  minimize(&s);
  secant_request request;
  assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
  t = timings(&s);
  assert_true(t.pass_a > 0.0 && t.pass_b > 0.0 && t.reduction > 0.0 && t.closure > 0.0);
  secant_reset(s.optimizer);
  t = timings(&s);
  assert_memory_equal(&t, &zero, sizeof zero);
  s.begin = secanti_now();
  minimize(&s);
  consistent_timings(&s);
  close_scene(&s);
}

/* A program that was compiled before there were timings hands over a record that ends before them. */
static void an_older_record_is_filled_as_far_as_it_goes(void **state)
{
  (void)state;
  scene s;
  open_scene(&s, false);
  minimize(&s);
  const size_t older = offsetof(secant_info, timings);
  unsigned char bytes[sizeof(secant_info)], untouched[sizeof(secant_info)];
  memset(bytes, 0x5a, sizeof bytes);
  memset(untouched, 0x5a, sizeof untouched);
  secant_fill_info(s.optimizer, (secant_info *)(void *)bytes, older);
  const secant_info info = secant_get_info(s.optimizer);
  assert_memory_equal(bytes + sizeof info.struct_size, (const unsigned char *)&info + sizeof info.struct_size,
                      older - sizeof info.struct_size);
  assert_memory_equal(bytes + older, untouched, sizeof bytes - older);
  close_scene(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slow_closure_is_closure_time_of_minimize_and_of_step),
      cmocka_unit_test(slow_reductions_are_reduction_time_in_both_directions),
      cmocka_unit_test(a_slow_initial_matrix_is_time_of_pass_a),
      cmocka_unit_test(each_pass_has_a_counter_of_its_own),
      cmocka_unit_test(the_phases_are_most_of_the_optimizers_time),
      cmocka_unit_test(what_passes_between_ask_and_tell_is_closure_time_and_what_passes_after_is_not),
      cmocka_unit_test(a_question_that_is_never_answered_counts_nowhere),
      cmocka_unit_test(saving_is_checkpoint_time_and_nothing_else),
      cmocka_unit_test(a_loaded_run_begins_with_the_time_of_loading_alone),
      cmocka_unit_test(loading_ends_what_was_asked),
      cmocka_unit_test(reset_begins_at_zero),
      cmocka_unit_test(an_older_record_is_filled_as_far_as_it_goes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
