/* Checkpoints of runs in which the pairs imply a diagonal H0: exact continuation, and loading where it cannot be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_fixture.h"
#include "support/defined_direction.h"
#include "support/steep_run.h"
#include "support/verdict_assert.h"

#define PROBLEM "steep"
enum { N = 50 };

static secant_options options_with(secant_scaling scaling, int64_t history_size)
{
  secant_options options = secant_options_default();
  options.scaling = scaling;
  options.history_size = history_size;
  options.threads = 1;
  return options;
}

/* A run that has ended after `iterations`, its last pair still pending. */
static steep_run *run_ended(const secant_options *options, int iterations)
{
  secant_options few = *options;
  few.max_iter = iterations;
  steep_run *run = steep_run_create(NULL, N, 1.0, &few, 0.0);
  assert_non_null(run);
  assert_int_equal(secant_minimize(run->optimizer, steep_run_evaluate, run), SECANT_OK);
  assert_int_equal(secant_get_info(run->optimizer).n_iter, iterations);
  return run;
}

/* A run after `told` evaluations, with one more asked for or not. */
static steep_run *run_within(const secant_options *options, int told, bool ask)
{
  steep_run *run = steep_run_create(NULL, N, 1.0, options, 0.0);
  secant_request request;
  assert_non_null(run);
  assert_int_equal(steep_run_advance(run, told), told);
  if (ask) assert_int_equal(secant_ask(run->optimizer, &request), SECANT_OK);
  return run;
}

static steep_run *load_into(const secant_options *options, const char *from)
{
  steep_run *run = steep_run_create(NULL, N, 1.0, options, 2.0);
  assert_non_null(run);
  const secant_status status = secant_checkpoint_load(run->optimizer, from, PROBLEM);
  if (status != SECANT_OK) fail_msg("%s", secant_message(run->optimizer));
  return run;
}

static void a_loaded_run_goes_on_bit_for_bit_with_a_diagonal_before_and_after(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = options_with(SECANT_SCALING_ADAPTIVE, 10);
  steep_run *straight = run_within(&options, 0, false);
  const int all = steep_run_advance(straight, 1000);
  int diagonal = 0;
  for (int told = 15; told < all; told++) {
    char when[40];
    snprintf(when, sizeof when, "saved after %d evaluations", told);
    steep_run *saver = run_within(&options, told, told % 2 == 0);
    assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
    steep_run *loader = load_into(&options, path);
    diagonal += steep_run_is_diagonal(loader);
    CHECK(&verdict, steep_run_is_diagonal(saver) == steep_run_is_diagonal(loader), "%s: another diagonal", when);
    steep_run_advance(saver, 1000);
    steep_run_advance(loader, 1000);
    steep_run_compare(&verdict, straight, saver, when);
    steep_run_compare(&verdict, straight, loader, when);
    steep_run_destroy(saver);
    steep_run_destroy(loader);
  }
  assert_true(steep_run_is_diagonal(straight));
  steep_run_destroy(straight);
  assert_good(&verdict);
  assert_true(diagonal > 40);
}

static void a_run_that_ended_goes_on_as_if_it_had_not(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = options_with(SECANT_SCALING_ADAPTIVE, 10);
  steep_run *straight = run_within(&options, 0, false);
  steep_run_advance(straight, 1000);
  for (int iterations = 19; iterations < 45; iterations++) {
    char when[40];
    snprintf(when, sizeof when, "saved after %d iterations", iterations);
    steep_run *saver = run_ended(&options, iterations);
    assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
    steep_run *loader = load_into(&options, path);
    steep_run_advance(loader, 1000);
    steep_run_compare(&verdict, straight, loader, when);
    steep_run_destroy(saver);
    steep_run_destroy(loader);
  }
  steep_run_destroy(straight);
  assert_good(&verdict);
}

static steep_run *valley_run(void)
{
  const secant_options options = options_with(SECANT_SCALING_ADAPTIVE, 10);
  steep_run *run = steep_run_create(NULL, N, 0.0, &options, 0.0);
  assert_non_null(run);
  steep_run_enter_valley(run);
  return run;
}

static void a_loaded_run_knows_how_often_the_diagonal_was_withdrawn(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  steep_run *run = valley_run();
  assert_int_equal(steep_run_advance(run, 3000), 3000);
  assert_true(run->optimizer->engine.here.diagonal.withdrawals > 3);
  assert_int_equal(secant_checkpoint_save(run->optimizer, path, PROBLEM), SECANT_OK);
  steep_run *loader = valley_run(), *forgetful = valley_run();
  steep_run *const runs[] = {run, loader, forgetful};
  for (size_t i = 1; i < 3; i++) assert_int_equal(secant_checkpoint_load(runs[i]->optimizer, path, PROBLEM), SECANT_OK);
  forgetful->optimizer->engine.here.diagonal.withdrawals = 0;
  for (size_t i = 0; i < 3; i++) assert_int_equal(steep_run_advance(runs[i], 2000), 2000);
  steep_run_compare(&verdict, run, loader, "saved after withdrawals");
  assert_memory_not_equal(run->x, forgetful->x, N * sizeof *run->x);
  for (size_t i = 0; i < 3; i++) steep_run_destroy(runs[i]);
  assert_good(&verdict);
}

/* Goes on for some iterations and checks their directions. */
static void check_directions(struct verdict *verdict, steep_run *run, const char *when)
{
  secant_request request;
  for (int i = 0; i < 8; i++) {
    assert_int_equal(secant_ask(run->optimizer, &request), SECANT_OK);
    const secanti_engine *engine = &run->optimizer->engine;
    if (request == SECANT_DONE) return;
    if (engine->phase == SECANTI_TRIAL && !engine->searching)
      expect_defined_direction(verdict, run->optimizer, when, i);
    double loss;
    steep_run_evaluate(run, &loss);
    assert_int_equal(secant_tell(run->optimizer, loss, 0), SECANT_OK);
  }
}

static void other_options_go_on_from_it_with_directions_of_their_own(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  static const struct {
    const char *what;
    secant_scaling scaling;
    int64_t history_size;
    secant_direction direction;
  } others[] = {{"fewer pairs", SECANT_SCALING_ADAPTIVE, 4, SECANT_DIRECTION_GRAM},
                {"one pair", SECANT_SCALING_ADAPTIVE, 1, SECANT_DIRECTION_GRAM},
                {"more pairs", SECANT_SCALING_ADAPTIVE, 12, SECANT_DIRECTION_GRAM},
                {"room for far more pairs", SECANT_SCALING_ADAPTIVE, 40, SECANT_DIRECTION_GRAM},
                {"last_pair", SECANT_SCALING_LAST_PAIR, 8, SECANT_DIRECTION_GRAM},
                {"textbook loop", SECANT_SCALING_ADAPTIVE, 8, SECANT_DIRECTION_TWO_LOOP}};
  const secant_options options = options_with(SECANT_SCALING_ADAPTIVE, 8);
  for (int told = 30; told < 36; told++) {
    steep_run *saver = told % 2 ? run_ended(&options, told) : run_within(&options, told, told % 4 == 0);
    assert_true(steep_run_is_diagonal(saver));
    assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
      secant_options other = options_with(others[i].scaling, others[i].history_size);
      other.direction = others[i].direction;
      steep_run *loader = load_into(&other, path);
      check_directions(&verdict, loader, others[i].what);
      steep_run_destroy(loader);
    }
    steep_run_destroy(saver);
  }
  assert_good(&verdict);
}

/* The diagonal leaves with the option, not an iteration later: what is saved then goes on as what was not. */
static void another_scaling_is_saved_as_it_goes_on(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int scaling = 0; scaling < SECANT_SCALING_ADAPTIVE; scaling++) {
    secant_options options = options_with(SECANT_SCALING_ADAPTIVE, 8);
    steep_run *run = run_ended(&options, 30);
    assert_true(steep_run_is_diagonal(run));
    options.scaling = (secant_scaling)scaling;
    assert_int_equal(secant_set_options(run->optimizer, &options), SECANT_OK);
    assert_false(steep_run_is_diagonal(run));
    assert_int_equal(secant_checkpoint_save(run->optimizer, path, PROBLEM), SECANT_OK);
    steep_run *loader = load_into(&options, path);
    steep_run_advance(run, 100);
    steep_run_advance(loader, 100);
    steep_run_compare(&verdict, run, loader, "another scaling");
    steep_run_destroy(run);
    steep_run_destroy(loader);
  }
  assert_good(&verdict);
}

static int make_directory(void **state)
{
  (void)state;
  return make_directory_for("run.h5");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_run_goes_on_bit_for_bit_with_a_diagonal_before_and_after),
      cmocka_unit_test(a_run_that_ended_goes_on_as_if_it_had_not),
      cmocka_unit_test(a_loaded_run_knows_how_often_the_diagonal_was_withdrawn),
      cmocka_unit_test(other_options_go_on_from_it_with_directions_of_their_own),
      cmocka_unit_test(another_scaling_is_saved_as_it_goes_on),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
