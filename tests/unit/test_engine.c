/* The engine's rare paths, provoked from inside. */
#include "optimizer/optimizer.h"
#include "support/valley.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 40, STOP_AT = 12 };

static secant_optimizer *make(const valley *v)
{
  secant_optimizer *optimizer;
  const secant_parameter parameter = valley_parameter(v);
  secant_options options = secant_options_default();
  options.tolerance_grad = 1e-9;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  return optimizer;
}

/* Runs until it is interrupted at a boundary with several pairs stored. */
static void run_to_boundary(valley *v, secant_optimizer *optimizer)
{
  secant_request request;
  double loss;
  for (int i = 1; secant_ask(optimizer, &request) == SECANT_OK && request == SECANT_EVALUATE; i++) {
    assert_int_equal(valley_evaluate(v, &loss), 0);
    if (i == STOP_AT) secant_request_stop(optimizer);
    assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
  }
  assert_int_equal(optimizer->engine.phase, SECANTI_BOUNDARY);
  assert_true(secant_get_info(optimizer).pairs >= 3);
}

/* x after the next accepted iteration. */
static void one_iteration(valley *v, secant_optimizer *optimizer, double *x)
{
  secant_request request;
  double loss;
  const int64_t accepted = secant_get_info(optimizer).accepted;
  while (secant_get_info(optimizer).accepted == accepted) {
    assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
    assert_int_equal(request, SECANT_EVALUATE);
    memcpy(x, v->x, N * sizeof *x);
    assert_int_equal(valley_evaluate(v, &loss), 0);
    assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
  }
}

/*
 * Spoils one inner product by `factor`, and expects the textbook loop, which needs none, to give the next direction after
 * `evaluations` evaluations more than a run in good order makes.
 */
static void spoil(double factor, int evaluations)
{
  valley good = valley_create(N, 1, 0), bad = valley_create(N, 1, 0);
  secant_optimizer *straight = make(&good), *spoilt = make(&bad);
  double want[N], got[N];
  run_to_boundary(&good, straight);
  run_to_boundary(&bad, spoilt);
  spoilt->engine.here.sg[0] *= factor;

  one_iteration(&good, straight, want);
  one_iteration(&bad, spoilt, got);

  const secant_info want_info = secant_get_info(straight), got_info = secant_get_info(spoilt);
  assert_int_equal(want_info.redone_directions, 0);
  assert_int_equal(got_info.redone_directions, 1);
  assert_int_equal(got_info.func_evals, want_info.func_evals + evaluations);
  for (int i = 0; i < N; i++) assert_true(fabs(got[i] - want[i]) <= 1e-10 * fmax(1.0, fabs(want[i])));
  assert_int_equal(secant_minimize(spoilt, valley_evaluate, &bad), SECANT_OK);
  assert_int_equal(secant_get_info(spoilt).reason, SECANT_REASON_GRADIENT);
  secant_destroy(straight);
  secant_destroy(spoilt);
  valley_destroy(&good);
  valley_destroy(&bad);
}

static void a_slope_that_the_measurement_contradicts_is_formed_again(void **state)
{
  (void)state;
  spoil(1.01, 1);
}

static void a_slope_whose_sign_is_in_doubt_is_formed_again_before_it_costs_an_evaluation(void **state)
{
  (void)state;
  spoil(NAN, 0);
}

/* The limit is hard for the evaluation that a second attempt costs, too. */
static void forming_a_direction_again_obeys_the_evaluation_limit(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = make(&v);
  run_to_boundary(&v, optimizer);
  double before[N];
  memcpy(before, v.x, sizeof before);
  optimizer->engine.here.sg[0] *= 1.01;
  secant_options options = optimizer->options;
  options.max_eval = STOP_AT + 1;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_MAX_EVAL);
  assert_int_equal(v.evaluations, STOP_AT + 1);
  assert_memory_equal(v.x, before, sizeof before);

  options.max_eval = 1000;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

/* Products that are not numbers make the history worthless: it is forgotten, and the run goes on down the gradient. */
static void a_history_that_gives_no_direction_is_forgotten(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = make(&v);
  double before[N], after[N], g[N];
  run_to_boundary(&v, optimizer);
  memcpy(before, v.x, sizeof before);
  memcpy(g, v.g, sizeof g);
  optimizer->engine.history.gram.sy[0] = NAN; /* s_0.y_0, which the textbook loop divides by */

  one_iteration(&v, optimizer, after);

  assert_int_equal(secant_get_info(optimizer).pairs, 1); /* that of the new iteration */
  for (int i = 0; i < N; i++) assert_true((after[i] - before[i]) * g[i] <= 0.0);
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

/* Forgetting is a boundary: a stop in the search that follows goes back to it, not to before it. */
static void a_stop_after_the_history_was_forgotten_leaves_no_trace(void **state)
{
  (void)state;
  valley a = valley_create(N, 1, 0), b = valley_create(N, 1, 0);
  secant_optimizer *straight = make(&a), *stopped = make(&b);
  run_to_boundary(&a, straight);
  run_to_boundary(&b, stopped);
  straight->engine.history.gram.sy[0] = NAN;
  stopped->engine.history.gram.sy[0] = NAN;
  assert_int_equal(secant_minimize(straight, valley_evaluate, &a), SECANT_OK);

  secant_request request;
  double loss;
  assert_int_equal(secant_ask(stopped, &request), SECANT_OK);
  assert_int_equal(request, SECANT_EVALUATE);
  assert_int_equal(valley_evaluate(&b, &loss), 0);
  secant_request_stop(stopped);
  assert_int_equal(secant_tell(stopped, loss + 1e6, 0), SECANT_OK); /* a loss that the search refuses */
  assert_int_equal(secant_get_info(stopped).reason, SECANT_REASON_STOP_REQUESTED);
  assert_int_equal(secant_minimize(stopped, valley_evaluate, &b), SECANT_OK);

  const secant_info want = secant_get_info(straight), got = secant_get_info(stopped);
  assert_memory_equal(a.x, b.x, N * sizeof *a.x);
  assert_true(got.func_evals == want.func_evals && got.n_iter == want.n_iter && got.allreduces == want.allreduces);
  assert_int_equal(got.redone_directions, want.redone_directions);
  secant_destroy(straight);
  secant_destroy(stopped);
  valley_destroy(&a);
  valley_destroy(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slope_that_the_measurement_contradicts_is_formed_again),
      cmocka_unit_test(a_slope_whose_sign_is_in_doubt_is_formed_again_before_it_costs_an_evaluation),
      cmocka_unit_test(forming_a_direction_again_obeys_the_evaluation_limit),
      cmocka_unit_test(a_history_that_gives_no_direction_is_forgotten),
      cmocka_unit_test(a_stop_after_the_history_was_forgotten_leaves_no_trace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
