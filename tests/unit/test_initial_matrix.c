/* Initial inverse Hessians of all kinds: every direction of a run, against H built as a matrix from its definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/arrays.h"
#include "optimizer/optimizer.h"
#include "support/initial_problem.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = INITIAL_N, KINDS = SECANT_INITIAL_OPERATOR + 1, MOST_PAIRS = 6 };

static secant_options small_options(void)
{
  secant_options options = secant_options_default();
  options.scaling = SECANT_SCALING_LAST_PAIR; /* also where there is no matrix */
  options.history_size = 4;
  options.max_iter = 25;
  options.first_step = SECANT_FIRST_STEP_LR;
  options.threads = 1;
  return options;
}

static secant_optimizer *create(initial_problem *p, const secant_options *options)
{
  secant_optimizer *optimizer = NULL;
  const secant_initial_matrix matrix = initial_problem_matrix(p);
  assert_int_equal(secant_create(&optimizer, p->parameters, INITIAL_PARAMETERS, options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_OK);
  return optimizer;
}

/* A vector of the optimizer, as doubles. */
static void read_vector(const initial_problem *p, secant_optimizer *optimizer, secanti_vector vector, double *out)
{
  double piece[N];
  for (size_t i = 0; i < INITIAL_PARAMETERS; i++) {
    const size_t count = p->parameters[i].local_count;
    secanti_vectors_export_as(optimizer->engine.vectors, vector, (secanti_range){i, 0, count}, p->dtype, piece);
    for (size_t j = 0; j < count; j++) *out++ = initial_problem_get(p, piece, (int)j);
  }
}

/* The last step's pair, for a history without slots: there the scale is all that is left of it. */
typedef struct step {
  bool known;
  double d[N], g[N];
} step;

/* The direction that an optimizer with a first trial out should have taken. */
static void expected_direction(const initial_problem *p, secant_optimizer *optimizer, const step *last, const double *g,
                               double *d)
{
  const secanti_engine *engine = &optimizer->engine;
  const secanti_history *history = &engine->history;
  const bool scaled = optimizer->options.scaling == SECANT_SCALING_LAST_PAIR;
  double s[MOST_PAIRS][N], y[MOST_PAIRS][N], none[N];
  for (int i = 0; i < history->pairs; i++) {
    read_vector(p, optimizer, (secanti_vector){SECANTI_S, history->order[i]}, s[i]);
    read_vector(p, optimizer, (secanti_vector){SECANTI_Y, history->order[i]}, y[i]);
  }
  initial_problem_direction(p, history->pairs, s, y, scaled, g, d);
  if (history->capacity > 0 || !scaled || !last->known) return;
  for (int i = 0; i < N; i++) s[0][i] = engine->here.step * last->d[i], y[0][i] = g[i] - last->g[i];
  double sy = 0.0, yhy = 0.0;
  initial_problem_direction(p, 0, s, y, false, y[0], none);
  for (int i = 0; i < N; i++) sy += s[0][i] * y[0][i], yhy -= y[0][i] * none[i];
  for (int i = 0; i < N; i++) d[i] *= sy / yhy;
}

/* Compares the direction of each iteration with the definition. Returns the number of iterations. */
static int check_run(initial_problem *p, secant_optimizer *optimizer, double tolerance, const char *what)
{
  secanti_engine *engine = &optimizer->engine;
  secant_request request;
  step last = {.known = false};
  int checked = 0;
  assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
  while (request == SECANT_EVALUATE) {
    double loss, want[N], size = 0.0, error = 0.0;
    initial_problem_evaluate(p, &loss);
    assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
    if (engine->phase == SECANTI_TRIAL && !engine->searching) {
      step now = {.known = true};
      read_vector(p, optimizer, (secanti_vector){SECANTI_S, engine->history.pending}, now.d);
      read_vector(p, optimizer, (secanti_vector){SECANTI_G0, engine->history.pending}, now.g);
      expected_direction(p, optimizer, &last, now.g, want);
      for (int i = 0; i < N; i++) size = fmax(size, fabs(want[i])), error = fmax(error, fabs(now.d[i] - want[i]));
      if (!(error <= tolerance * size)) {
        fail_msg("%s, iteration %d, %d pairs: error %a of %a", what, checked + 1, engine->history.pairs, error, size);
      }
      last = now;
      checked++;
    }
    assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
  }
  assert_int_equal(optimizer->engine.now.redone_directions, 0);
  return checked;
}

/* How a run can be set up: kind, direction, scaling, number of pairs. */
static void check_all_runs(secant_dtype dtype, secant_history_dtype history_dtype, double bend, double tolerance_grad,
                           double tolerance)
{
  static const int64_t history_sizes[] = {0, 1, 4};
  for (int c = 0; c < KINDS * 2 * 2 * 3; c++) {
    const int kind = c % KINDS, direction = c / KINDS % 2, scaling = c / KINDS / 2 % 2;
    for (uint64_t seed = 1; initial_kind_is_offered(kind) && seed <= 12; seed++) {
      initial_problem p;
      char what[100];
      secant_options options = small_options();
      options.direction = (secant_direction)direction;
      options.scaling = (secant_scaling)scaling;
      options.history_size = history_sizes[c / KINDS / 4];
      options.tolerance_grad = tolerance_grad;
      options.history_dtype = history_dtype;
      snprintf(what, sizeof what, "kind %d, direction %d, scaling %d, m = %d, seed %" PRIu64, kind, direction, scaling,
               (int)options.history_size, seed);
      initial_problem_create(&p, (secant_initial_kind)kind, dtype, bend, seed);
      secant_optimizer *optimizer = create(&p, &options);
      assert_true(check_run(&p, optimizer, tolerance, what) >= 2);
      secant_destroy(optimizer);
    }
  }
}

static void directions_on_quadratics_are_those_of_the_definition(void **state)
{
  (void)state;
  check_all_runs(SECANT_F64, SECANT_HISTORY_SAME, 0.0, 1e-4, 1e-10);
}

static void directions_in_a_curved_valley_are_those_of_the_definition(void **state)
{
  (void)state;
  check_all_runs(SECANT_F64, SECANT_HISTORY_SAME, 3.0, 1e-4, 1e-10);
}

static void directions_in_single_precision_are_those_of_the_definition(void **state)
{
  (void)state;
  check_all_runs(SECANT_F32, SECANT_HISTORY_SAME, 0.0, 1e-2, 1e-4);
}

static void directions_of_a_history_in_f32_are_those_of_its_pairs(void **state)
{
  (void)state;
  check_all_runs(SECANT_F64, SECANT_HISTORY_F32, 0.0, 1e-2, 1e-4);
}

/* Both ways of forming the direction, from the same start: the same iterates. */
static void gram_and_textbook_loop_take_the_same_way(void **state)
{
  (void)state;
  for (int kind = 0; kind < KINDS; kind++) {
    for (uint64_t seed = 1; initial_kind_is_offered(kind) && seed <= 20; seed++) {
      initial_problem p[2];
      for (int direction = 0; direction < 2; direction++) {
        secant_options options = small_options();
        options.direction = (secant_direction)direction;
        options.max_iter = 6;
        initial_problem_create(&p[direction], (secant_initial_kind)kind, SECANT_F64, 3.0, seed);
        secant_optimizer *optimizer = create(&p[direction], &options);
        assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p[direction]), SECANT_OK);
        secant_destroy(optimizer);
      }
      for (int i = 0; i < N; i++) {
        if (!(fabs(p[0].x[i] - p[1].x[i]) <= 1e-8)) {
          fail_msg("kind %d, seed %" PRIu64 ": %a and %a", kind, seed, p[0].x[i], p[1].x[i]);
        }
      }
    }
  }
}

static void the_exact_inverse_hessian_takes_one_iteration(void **state)
{
  (void)state;
  for (int c = 0; c < 4; c++) {
    const secant_initial_kind kind = c % 2 ? SECANT_INITIAL_OPERATOR : SECANT_INITIAL_DENSE;
    for (uint64_t seed = 1; initial_kind_is_offered((int)kind) && seed <= 20; seed++) {
      initial_problem p;
      secant_options options = small_options();
      options.direction = (secant_direction)(c / 2);
      options.tolerance_grad = 1e-10;
      initial_problem_create(&p, kind, SECANT_F64, 0.0, seed);
      initial_problem_invert(&p);
      secant_optimizer *optimizer = create(&p, &options);
      assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_OK);
      const secant_info info = secant_get_info(optimizer);
      assert_int_equal(info.n_iter, 1);
      assert_int_equal(info.func_evals, 2);
      assert_int_equal(info.reason, SECANT_REASON_GRADIENT);
      secant_destroy(optimizer);
    }
  }
}

/*
 * One reduction an evaluation, and with an operator one more for each direction; no more in the case that pairs are
 * scaled.
 */
static void an_operator_costs_one_more_reduction_an_iteration(void **state)
{
  (void)state;
  for (int c = 0; c < 2 * KINDS; c++) {
    const int kind = c % KINDS;
    if (!initial_kind_is_offered(kind)) continue;
    initial_problem p;
    secant_options options = small_options();
    options.line_search = SECANT_LINE_SEARCH_NONE;
    options.lr = 0.01;
    options.scaling = (secant_scaling)(c / KINDS);
    initial_problem_create(&p, (secant_initial_kind)kind, SECANT_F64, 0.0, 3);
    secant_optimizer *optimizer = create(&p, &options);
    assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_OK);
    const secant_info info = secant_get_info(optimizer);
    const bool applied = kind == SECANT_INITIAL_DENSE || kind == SECANT_INITIAL_OPERATOR;
    assert_int_equal(info.n_iter, options.max_iter);
    assert_int_equal(info.allreduces, info.func_evals + (applied ? info.n_iter : 0));
    if (kind == SECANT_INITIAL_OPERATOR) {
      const bool scaled = options.scaling == SECANT_SCALING_LAST_PAIR;
      assert_int_equal(p.multiplications, info.n_iter + (scaled ? info.n_iter - 1 : 0));
    }
    secant_destroy(optimizer);
  }
}

/* The scale that the textbook loop learns in a reduction of its own is not learnt again after a stop. */
static void a_run_that_is_stopped_counts_the_same_reductions(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    int64_t allreduces[2];
    for (int stops = 0; stops < 2; stops++) {
      initial_problem p;
      secant_request request;
      secant_options options = small_options();
      options.direction = (secant_direction)direction;
      initial_problem_create(&p, SECANT_INITIAL_OPERATOR, SECANT_F64, 1.0, 3);
      secant_optimizer *optimizer = create(&p, &options);
      for (int told = 0; secant_get_info(optimizer).n_iter < 8; told++) {
        double loss;
        assert_true(told < 100);
        assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
        if (request == SECANT_DONE) assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
        assert_int_equal(initial_problem_evaluate(&p, &loss), 0);
        if (stops && told % 7 == 4) secant_request_stop(optimizer);
        assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
      }
      allreduces[stops] = secant_get_info(optimizer).allreduces;
      secant_destroy(optimizer);
    }
    assert_int_equal(allreduces[0], allreduces[1]);
  }
}

/* After a failure x is a point that was accepted, and a second run goes on to the minimum. */
static void an_operator_that_fails_is_a_failure_of_the_call(void **state)
{
  (void)state;
  for (int c = 0; c < 2 * 2 * 2; c++) {
    for (int64_t at = 1; at <= 12; at++) {
      initial_problem p;
      secant_options options = small_options();
      options.direction = (secant_direction)(c % 2);
      options.history_size = c / 2 % 2 ? 4 : 0;
      options.scaling = (secant_scaling)(c / 4);
      options.max_iter = 200;
      initial_problem_create(&p, SECANT_INITIAL_OPERATOR, SECANT_F64, 3.0, 5);
      p.fail_at = at;
      secant_optimizer *optimizer = create(&p, &options);
      assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_ERR_CLOSURE);
      double loss;
      const double known = secant_get_info(optimizer).loss;
      initial_problem_evaluate(&p, &loss);
      assert_true(loss == known);
      assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_OK);
      assert_true(isfinite(secant_get_info(optimizer).loss));
      if (options.history_size > 0) assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
      secant_destroy(optimizer);
    }
  }
}

static void an_operator_that_gives_nan_ends_the_run(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    initial_problem p;
    secant_options options = small_options();
    options.direction = (secant_direction)direction;
    options.max_iter = 3;
    initial_problem_create(&p, SECANT_INITIAL_OPERATOR, SECANT_F64, 3.0, 5);
    secant_optimizer *optimizer = create(&p, &options);
    assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_OK);
    p.spoils = true;
    options.max_iter = 100;
    assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
    assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_OK);
    assert_int_not_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
    assert_true(isfinite(secant_get_info(optimizer).loss));
    for (int i = 0; i < N; i++) assert_true(isfinite(p.x[i]));
    secant_destroy(optimizer);
  }
}

/* ---- when it can be set, and what becomes of it ------------------------------------------------------------------ */

static void it_can_be_set_only_before_the_first_pair(void **state)
{
  (void)state;
  for (int kind = 0; kind < KINDS; kind++) {
    if (!initial_kind_is_offered(kind)) continue;
    initial_problem p;
    secant_options options = small_options();
    secant_request request;
    double loss;
    initial_problem_create(&p, (secant_initial_kind)kind, SECANT_F64, 3.0, 2);
    const secant_initial_matrix matrix = initial_problem_matrix(&p);
    secant_optimizer *optimizer = create(&p, &options);
    assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_OK);
    assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
    assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_ERR_STATE);
    initial_problem_evaluate(&p, &loss);
    assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
    assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_ERR_STATE);
    assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_OK);
    assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_ERR_STATE);
    assert_int_equal(secant_set_initial_matrix(optimizer, NULL), SECANT_ERR_STATE);
    secant_reset(optimizer);
    assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_OK);
    secant_destroy(optimizer);
  }
}

static void it_outlives_a_reset_and_goes_with_null(void **state)
{
  (void)state;
  for (int kind = 0; kind < KINDS; kind++) {
    if (!initial_kind_is_offered(kind)) continue;
    initial_problem p;
    secant_options options = small_options();
    initial_problem_create(&p, (secant_initial_kind)kind, SECANT_F64, 3.0, 2);
    secant_optimizer *optimizer = create(&p, &options);
    assert_true(check_run(&p, optimizer, 1e-8, "first run") > 2);
    secant_reset(optimizer);
    initial_problem_start(&p, 9);
    assert_true(check_run(&p, optimizer, 1e-8, "second run") > 2);
    secant_reset(optimizer);
    assert_int_equal(secant_set_initial_matrix(optimizer, NULL), SECANT_OK);
    assert_false(secanti_vectors_weighted(optimizer->engine.vectors));
    initial_problem_start(&p, 10);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) p.h0[i][j] = i == j ? 1.0 : 0.0;
    assert_true(check_run(&p, optimizer, 1e-8, "third run, identity") > 2);
    secant_destroy(optimizer);
  }
}

/* What was known of the entry point must not survive a new matrix. */
static void it_can_be_set_between_an_entry_and_the_first_iteration(void **state)
{
  (void)state;
  initial_problem p;
  secant_options options = small_options();
  options.max_iter = 0;
  initial_problem_create(&p, SECANT_INITIAL_DIAGONAL, SECANT_F64, 3.0, 2);
  const secant_initial_matrix matrix = initial_problem_matrix(&p);
  secant_optimizer *optimizer = NULL;
  assert_int_equal(secant_create(&optimizer, p.parameters, INITIAL_PARAMETERS, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p), SECANT_OK);
  assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_OK);
  options.max_iter = 25;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  assert_true(check_run(&p, optimizer, 1e-8, "after the entry") > 2);
  secant_destroy(optimizer);
}

static void it_stays_when_the_history_is_resized(void **state)
{
  (void)state;
  for (int kind = 0; kind < KINDS; kind++) {
    if (!initial_kind_is_offered(kind)) continue;
    initial_problem p;
    secant_options options = small_options();
    options.max_iter = 5;
    options.tolerance_grad = options.tolerance_change = 0.0;
    initial_problem_create(&p, (secant_initial_kind)kind, SECANT_F64, 3.0, 4);
    secant_optimizer *optimizer = create(&p, &options);
    assert_int_equal(check_run(&p, optimizer, 1e-8, "m = 4"), 5);
    options.history_size = MOST_PAIRS;
    options.max_iter = 10;
    assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
    assert_true(check_run(&p, optimizer, 1e-8, "m = 6") >= 3);
    options.history_size = 2;
    options.max_iter = 13;
    assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
    assert_true(check_run(&p, optimizer, 1e-8, "m = 2") >= 1);
    assert_int_equal(optimizer->engine.history.pairs, 2);
    secant_destroy(optimizer);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(directions_on_quadratics_are_those_of_the_definition),
      cmocka_unit_test(directions_in_a_curved_valley_are_those_of_the_definition),
      cmocka_unit_test(directions_in_single_precision_are_those_of_the_definition),
      cmocka_unit_test(directions_of_a_history_in_f32_are_those_of_its_pairs),
      cmocka_unit_test(gram_and_textbook_loop_take_the_same_way),
      cmocka_unit_test(the_exact_inverse_hessian_takes_one_iteration),
      cmocka_unit_test(an_operator_costs_one_more_reduction_an_iteration),
      cmocka_unit_test(a_run_that_is_stopped_counts_the_same_reductions),
      cmocka_unit_test(an_operator_that_fails_is_a_failure_of_the_call),
      cmocka_unit_test(an_operator_that_gives_nan_ends_the_run),
      cmocka_unit_test(it_can_be_set_only_before_the_first_pair),
      cmocka_unit_test(it_outlives_a_reset_and_goes_with_null),
      cmocka_unit_test(it_can_be_set_between_an_entry_and_the_first_iteration),
      cmocka_unit_test(it_stays_when_the_history_is_resized),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
