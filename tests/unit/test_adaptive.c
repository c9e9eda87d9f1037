/*
 * Option scaling = adaptive: H0 = gamma W with the diagonal W that the stored pairs imply. Directions against the
 * definition in long double, whatever happens to the history in between.
 */
#include "support/defined_direction.h"
#include "support/steep_run.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/verdict_assert.h"

enum { N = 50 };

static secant_options options_with(secant_scaling scaling)
{
  secant_options options = secant_options_default();
  options.scaling = scaling;
  options.threads = 1;
  return options;
}

/* ---- what it is good for --------------------------------------------------------------------------------------------- */

static int64_t evaluations_with(secant_scaling scaling, secant_reason *reason)
{
  const secant_options options = options_with(scaling);
  steep_run *run = steep_run_create(NULL, N, 0.0, &options, 0.0);
  assert_non_null(run);
  assert_int_equal(secant_minimize(run->optimizer, steep_run_evaluate, run), SECANT_OK);
  const secant_info info = secant_get_info(run->optimizer);
  *reason = info.reason;
  steep_run_destroy(run);
  return info.func_evals;
}

static void a_badly_scaled_quadratic_takes_far_fewer_evaluations(void **state)
{
  (void)state;
  secant_reason plain, adaptive;
  const int64_t before = evaluations_with(SECANT_SCALING_LAST_PAIR, &plain);
  const int64_t after = evaluations_with(SECANT_SCALING_ADAPTIVE, &adaptive);
  assert_int_equal(adaptive, SECANT_REASON_GRADIENT);
  if (after > before / 3) fail_msg("%d evaluations, and %d with last_pair", (int)after, (int)before);
}

/* The area of a surface over the unit square, cut into triangles, its edge held on a saddle. */
enum { SIDE = 50 };

typedef struct membrane {
  double x[SIDE + 2][SIDE + 2], g[SIDE + 2][SIDE + 2];
} membrane;

/* Adds the triangle with the right angle at (i, j), whose neighbours lie to the side `to`, 1 or -1. */
static void add_triangle(membrane *m, int i, int j, int to, double *loss)
{
  const double h = 1.0 / (SIDE + 1);
  const double u = (m->x[i + to][j] - m->x[i][j]) / h, v = (m->x[i][j + to] - m->x[i][j]) / h;
  const double stretch = sqrt(1.0 + u * u + v * v), weight = 0.5 * h / stretch;
  *loss += 0.5 * h * h * stretch;
  m->g[i + to][j] += weight * u;
  m->g[i][j + to] += weight * v;
  m->g[i][j] -= weight * (u + v);
}

static bool is_edge(int i)
{
  return i == 0 || i == SIDE + 1;
}

static double saddle(int i)
{
  return cosh(2.0 * i / (SIDE + 1) - 1.0);
}

static int evaluate_membrane(void *user, double *loss)
{
  membrane *m = user;
  memset(m->g, 0, sizeof m->g);
  *loss = 0.0;
  for (int i = 0; i <= SIDE; i++)
    for (int j = 0; j <= SIDE; j++) {
      add_triangle(m, i, j, 1, loss);
      add_triangle(m, i + 1, j + 1, -1, loss);
    }
  for (int i = 0; i <= SIDE + 1; i++)
    for (int j = 0; j <= SIDE + 1; j++)
      if (is_edge(i) || is_edge(j)) m->g[i][j] = 0.0;
  return 0;
}

static int64_t evaluations_of_membrane(secant_scaling scaling)
{
  static membrane m;
  for (int i = 0; i <= SIDE + 1; i++)
    for (int j = 0; j <= SIDE + 1; j++) {
      const double edge = saddle(i) - saddle(j);
      m.x[i][j] = is_edge(i) || is_edge(j) ? edge : 0.5 * edge; /* the mean of two linear interpolations */
    }
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = m.x, .gradient = m.g, .local_count = sizeof m.x / sizeof m.x[0][0]};
  const secant_options options = options_with(scaling);
  secant_optimizer *optimizer = NULL;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, evaluate_membrane, &m), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  assert_int_equal(info.reason, SECANT_REASON_GRADIENT);
  secant_destroy(optimizer);
  return info.func_evals;
}

/* The pairs of a smooth start imply a diagonal that fits them well and nothing else. */
static void a_hessian_that_is_not_diagonal_takes_no_more_evaluations(void **state)
{
  (void)state;
  const int64_t plain = evaluations_of_membrane(SECANT_SCALING_LAST_PAIR);
  const int64_t adaptive = evaluations_of_membrane(SECANT_SCALING_ADAPTIVE);
  if (10 * adaptive > 11 * plain) fail_msg("%d evaluations, and %d with last_pair", (int)adaptive, (int)plain);
}

/* ---- directions ------------------------------------------------------------------------------------------------------ */

/* f = sum of w_i (1 - cos(x_i - i/2)) and a coupling of neighbours, w from 1 to 1e4: pairs are refused now and then. */
typedef struct waves {
  double x[2][N], g[2][N]; /* the second ones come in later */
  int parameters;
  secant_optimizer *optimizer;
} waves;

static int evaluate_waves(void *user, double *loss)
{
  waves *w = user;
  *loss = 0.0;
  for (int p = 0; p < w->parameters; p++) {
    for (int i = 0; i < N; i++) {
      const double steep = pow(10.0, i % 5), at = w->x[p][i] - 0.5 * i, apart = w->x[p][i] - w->x[p][(i + 1) % N];
      *loss += steep * (1.0 - cos(at)) + 0.05 * apart * apart;
      w->g[p][i] = steep * sin(at) + 0.1 * apart - 0.1 * (w->x[p][(i + N - 1) % N] - w->x[p][i]);
    }
  }
  return 0;
}

static void begin_waves(waves *w, const secant_options *options)
{
  *w = (waves){.parameters = 1};
  for (int p = 0; p < 2; p++)
    for (int i = 0; i < N; i++) w->x[p][i] = 0.5 * i + 1.4 * sin(1.0 + 3.0 * i + p);
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = w->x[0], .gradient = w->g[0], .local_count = N};
  assert_int_equal(secant_create(&w->optimizer, &parameter, 1, options, NULL, NULL), SECANT_OK);
}

static secant_options waves_options(int64_t history_size)
{
  secant_options options = options_with(SECANT_SCALING_ADAPTIVE);
  options.history_size = history_size;
  options.line_search = SECANT_LINE_SEARCH_BACKTRACKING;
  options.max_iter = options.max_eval = 100000;
  options.safeguards = 0;
  return options;
}

/* What the directions were formed with, and how. */
typedef struct tally {
  int trials, diagonal, switches, refused;
} tally;

/* Asks and tells `iterations` times, checks every direction, and wants a diagonal or not as a seed has it; always without
 * one. */
static void check_directions(struct verdict *verdict, waves *w, int iterations, uint64_t *seed, const char *when,
                             tally *seen)
{
  secanti_engine *engine = &w->optimizer->engine;
  secant_request request = SECANT_EVALUATE;
  int64_t last = -1;
  for (int i = 0; i < iterations; i++) {
    bool before = engine->here.diagonal.in_force;
    assert_int_equal(secant_ask(w->optimizer, &request), SECANT_OK);
    if (request == SECANT_DONE) continue; /* the next question begins another call */
    if (engine->phase == SECANTI_TRIAL && engine->now.n_iter != last) {
      expect_defined_direction(verdict, w->optimizer, when, seen->trials++);
      seen->diagonal += engine->here.diagonal.in_force;
      last = engine->now.n_iter;
      const bool wanted = engine->here.diagonal.wanted;
      engine->here.diagonal.wanted = !seed || (random_symmetric(seed) < -0.3 ? !wanted : wanted);
    }
    double loss;
    evaluate_waves(w, &loss);
    assert_int_equal(secant_tell(w->optimizer, loss, 0), SECANT_OK);
    seen->switches += before != engine->here.diagonal.in_force;
  }
  seen->refused = (int)engine->history.skipped;
}

static void directions_are_those_of_the_definition(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  tally all = {0};
  for (uint64_t seed = 1; seed <= 12; seed++) {
    waves w;
    uint64_t random = seed;
    tally seen = {0};
    char when[40];
    secant_options options = waves_options(3 + (int64_t)seed % 6);
    options.tolerance_curvature = 0.05; /* refuses pairs, also of a full history */
    begin_waves(&w, &options);
    snprintf(when, sizeof when, "seed %d", (int)seed);
    check_directions(&verdict, &w, 60, &random, when, &seen);
    all.trials += seen.trials, all.diagonal += seen.diagonal, all.switches += seen.switches;
    all.refused += seen.refused;
    secant_destroy(w.optimizer);
  }
  assert_good(&verdict);
  if (all.diagonal < 100 || all.switches < 50 || all.refused < 20) {
    fail_msg("%d trials, %d with a diagonal, %d switches, %d refused pairs", all.trials, all.diagonal, all.switches,
             all.refused);
  }
}

static void set_options(waves *w, int64_t history_size, secant_scaling scaling)
{
  secant_options options = secant_options_default();
  secant_get_options(w->optimizer, &options);
  options.history_size = history_size;
  options.scaling = scaling;
  assert_int_equal(secant_set_options(w->optimizer, &options), SECANT_OK);
}

static void add_parameters(waves *w)
{
  const secant_parameter further = {
      .name = "more", .dtype = SECANT_F64, .values = w->x[1], .gradient = w->g[1], .local_count = N};
  const secant_group group = {.parameters = &further, .count = 1};
  assert_int_equal(secant_add_param_group(w->optimizer, &group), SECANT_OK);
  w->parameters = 2;
}

static void save_and_load(waves *w)
{
  secant_node *dict = NULL;
  assert_int_equal(secant_state_dict(w->optimizer, &dict), SECANT_OK);
  assert_int_equal(secant_load_state_dict(w->optimizer, dict), SECANT_OK);
  secant_node_destroy(dict);
}

static void stop(waves *w)
{
  double loss;
  secant_request request;
  secant_request_stop(w->optimizer);
  for (int i = 0; i < 20; i++) {
    assert_int_equal(secant_ask(w->optimizer, &request), SECANT_OK);
    if (request == SECANT_DONE) return;
    evaluate_waves(w, &loss);
    assert_int_equal(secant_tell(w->optimizer, loss, 0), SECANT_OK);
  }
  fail_msg("a request to stop was not met");
}

static void directions_stay_right_whatever_happens_to_the_history(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  static const char *const events[] = {
      "fewer pairs", "more pairs", "far more pairs and back", "last_pair and back", "parameters",
      "state dict",  "reset"};
  for (int event = 0; event < 7; event++) {
    waves w;
    uint64_t random = 77 + (uint64_t)event;
    tally seen = {0};
    const secant_options options = waves_options(6);
    begin_waves(&w, &options);
    for (int round = 0; round < 4; round++) {
      check_directions(&verdict, &w, 14, &random, events[event], &seen);
      check_directions(&verdict, &w, 5, NULL, events[event], &seen);
      stop(&w);
      switch (event) {
      case 0: set_options(&w, 5 - round, SECANT_SCALING_ADAPTIVE); break;
      case 1: set_options(&w, 7 + round, SECANT_SCALING_ADAPTIVE); break;
      case 2:
        set_options(&w, 40, SECANT_SCALING_ADAPTIVE);
        check_directions(&verdict, &w, 2, &random, events[event], &seen);
        stop(&w);
        set_options(&w, 6, SECANT_SCALING_ADAPTIVE);
        break;
      case 3:
        set_options(&w, 6, SECANT_SCALING_LAST_PAIR);
        check_directions(&verdict, &w, 4, &random, events[event], &seen);
        set_options(&w, 6, SECANT_SCALING_ADAPTIVE);
        break;
      case 4:
        if (round == 1) add_parameters(&w);
        break;
      case 5: save_and_load(&w); break;
      default:
        if (round == 1) secant_reset(w.optimizer);
      }
    }
    CHECK(&verdict, seen.diagonal > 10, "%s: a diagonal only %d times", events[event], seen.diagonal);
    secant_destroy(w.optimizer);
  }
  assert_good(&verdict);
}

static void read_direction(const secant_optimizer *o, double *d)
{
  secanti_vectors_export(o->engine.vectors, (secanti_vector){SECANTI_S, o->engine.history.pending}, 0, 0, N, d);
}

/* The textbook loop takes the place of the coefficients while a trial is wanted: x and g0 are as where it began. */
static void the_textbook_loop_forms_the_same_direction(void **state)
{
  (void)state;
  secant_options options = options_with(SECANT_SCALING_ADAPTIVE);
  steep_run *run = steep_run_create(NULL, N, 0.5, &options, 0.0);
  assert_non_null(run);
  int compared = 0;
  secant_request request;
  for (int i = 0; i < 60; i++) {
    secanti_engine *engine = &run->optimizer->engine;
    assert_int_equal(secant_ask(run->optimizer, &request), SECANT_OK);
    if (request == SECANT_DONE) break;
    if (engine->phase == SECANTI_TRIAL && !engine->searching && engine->here.diagonal.in_force) {
      const double slope = engine->slope;
      double gram[N], textbook[N];
      read_direction(run->optimizer, gram);
      assert_int_equal(secanti_direction_two_loop(engine), SECANT_OK);
      read_direction(run->optimizer, textbook);
      double off = 0.0, size = 0.0;
      for (int k = 0; k < N; k++) off += pow(gram[k] - textbook[k], 2), size += pow(textbook[k], 2);
      assert_true(off <= 1e-16 * size);
      assert_true(fabs(slope - engine->slope) <= 1e-8 * fabs(slope));
      compared++;
    }
    double loss;
    steep_run_evaluate(run, &loss);
    assert_int_equal(secant_tell(run->optimizer, loss, 0), SECANT_OK);
  }
  assert_true(compared > 10);
  steep_run_destroy(run);
}

/* ---- cost ------------------------------------------------------------------------------------------------------------ */

static void an_accepted_first_trial_costs_one_reduction_also_where_the_diagonal_is_rated(void **state)
{
  (void)state;
  secant_options options = options_with(SECANT_SCALING_ADAPTIVE);
  steep_run *run = steep_run_create(NULL, N, 1.0, &options, 0.0);
  assert_non_null(run);
  int counted = 0, rated = 0;
  secant_info before = secant_get_info(run->optimizer);
  while (steep_run_advance(run, 1) == 1) {
    const secant_info now = secant_get_info(run->optimizer);
    if (now.n_iter == before.n_iter + 1 && now.func_evals == before.func_evals + 1) {
      assert_int_equal(now.allreduces, before.allreduces + 1);
      counted++;
      rated += now.n_iter % 20 == 0;
    }
    before = now;
  }
  assert_true(counted > 50 && rated > 1);
  steep_run_destroy(run);
}

/* ---- where it is last_pair ------------------------------------------------------------------------------------------- */

static secant_status give_scalar(steep_run *run, double scalar)
{
  const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_SCALAR, .scalar = scalar};
  return secant_set_initial_matrix(run->optimizer, &matrix);
}

static void it_is_last_pair_where_no_diagonal_can_be_had(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const struct {
    const char *what;
    secant_direction direction;
    int64_t history_size;
    double scalar;
  } cases[] = {
      {"textbook loop", SECANT_DIRECTION_TWO_LOOP, 10, 0.0}, {"no pair", SECANT_DIRECTION_GRAM, 0, 0.0},
      {"one pair", SECANT_DIRECTION_GRAM, 1, 0.0},           {"two pairs", SECANT_DIRECTION_GRAM, 2, 0.0},
      {"31 pairs", SECANT_DIRECTION_GRAM, 31, 0.0},          {"a scalar matrix", SECANT_DIRECTION_GRAM, 10, 0.5}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    steep_run *runs[2];
    for (int adaptive = 0; adaptive < 2; adaptive++) {
      secant_options options = options_with(adaptive ? SECANT_SCALING_ADAPTIVE : SECANT_SCALING_LAST_PAIR);
      options.direction = cases[i].direction;
      options.history_size = cases[i].history_size;
      steep_run *run = runs[adaptive] = steep_run_create(NULL, N, 0.0, &options, 0.0);
      assert_non_null(run);
      if (cases[i].scalar > 0.0) assert_int_equal(give_scalar(run, cases[i].scalar), SECANT_OK);
      assert_int_equal(steep_run_advance(run, 100), 100);
    }
    steep_run_compare(&verdict, runs[0], runs[1], cases[i].what);
    steep_run_destroy(runs[0]);
    steep_run_destroy(runs[1]);
  }
  assert_good(&verdict);
}

/* ---- one that comes and goes ------------------------------------------------------------------------------------------ */

static steep_run *valley_run(int64_t max_iter)
{
  secant_options options = options_with(SECANT_SCALING_ADAPTIVE);
  options.max_iter = max_iter;
  options.tolerance_grad = 0.0;
  steep_run *run = steep_run_create(NULL, N, 0.0, &options, 0.0);
  assert_non_null(run);
  steep_run_enter_valley(run);
  return run;
}

/* Of 6000 evaluations, with the count of withdrawals as it is or always zero; in how many a diagonal was in force. */
static int evaluations_in_force(bool forget, int *withdrawn)
{
  steep_run *run = valley_run(10000);
  secanti_diagonal *diagonal = &run->optimizer->engine.here.diagonal;
  int in_force = 0;
  *withdrawn = 0;
  for (int i = 0; i < 6000; i++) {
    const bool wanted = diagonal->wanted;
    assert_int_equal(steep_run_advance(run, 1), 1);
    *withdrawn += wanted && !diagonal->wanted;
    in_force += diagonal->in_force;
    if (forget) diagonal->withdrawals = 0;
  }
  if (!forget) assert_int_equal(diagonal->withdrawals, *withdrawn);
  steep_run_destroy(run);
  return in_force;
}

static void each_withdrawal_makes_it_harder_to_come_back(void **state)
{
  (void)state;
  int often, seldom;
  const int before = evaluations_in_force(true, &often), after = evaluations_in_force(false, &seldom);
  assert_true(seldom > 3);
  if (seldom >= often || after > before / 4) {
    fail_msg("in force %d times, withdrawn %d times; %d and %d if forgotten", after, seldom, before, often);
  }
}

/* ---- state dicts ----------------------------------------------------------------------------------------------------- */

static void a_state_dict_goes_on_bit_for_bit(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_options options = options_with(SECANT_SCALING_ADAPTIVE);
  options.max_iter = 7;
  options.tolerance_grad = 0.0;
  steep_run *run = steep_run_create(NULL, N, 0.1, &options, 0.0);
  assert_non_null(run);
  int diagonal = 0;
  for (int step = 0; step < 8; step++) {
    double loss;
    secant_node *dict = NULL;
    steep_run *next = steep_run_create(NULL, N, 0.1, &options, 3.0);
    assert_non_null(next);
    assert_int_equal(secant_step(run->optimizer, steep_run_evaluate, run, &loss), SECANT_OK);
    assert_int_equal(secant_state_dict(run->optimizer, &dict), SECANT_OK);
    assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
    memcpy(next->x, run->x, N * sizeof *run->x);
    assert_int_equal(secant_step(run->optimizer, steep_run_evaluate, run, &loss), SECANT_OK);
    assert_int_equal(secant_step(next->optimizer, steep_run_evaluate, next, &loss), SECANT_OK);
    steep_run_compare(&verdict, run, next, "state dict");
    diagonal += steep_run_is_diagonal(run);
    secant_node_destroy(dict);
    steep_run_destroy(next);
  }
  steep_run_destroy(run);
  assert_good(&verdict);
  assert_true(diagonal > 3);
}

static void step_often(steep_run *run)
{
  double loss;
  for (int i = 0; i < 5; i++) assert_int_equal(secant_step(run->optimizer, run->evaluate, run, &loss), SECANT_OK);
}

static steep_run *valley_run_from(const steep_run *run)
{
  secant_node *dict = NULL;
  steep_run *next = valley_run(500);
  assert_int_equal(secant_state_dict(run->optimizer, &dict), SECANT_OK);
  assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
  secant_node_destroy(dict);
  memcpy(next->x, run->x, N * sizeof *run->x);
  return next;
}

static void a_state_dict_knows_how_often_the_diagonal_was_withdrawn(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  steep_run *run = valley_run(500);
  step_often(run);
  assert_true(run->optimizer->engine.here.diagonal.withdrawals > 3);
  steep_run *next = valley_run_from(run), *forgetful = valley_run_from(run);
  forgetful->optimizer->engine.here.diagonal.withdrawals = 0;
  steep_run *const runs[] = {run, next, forgetful};
  for (size_t i = 0; i < 3; i++) step_often(runs[i]);
  steep_run_compare(&verdict, run, next, "state dict");
  assert_memory_not_equal(run->x, forgetful->x, N * sizeof *run->x);
  for (size_t i = 0; i < 3; i++) steep_run_destroy(runs[i]);
  assert_good(&verdict);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_badly_scaled_quadratic_takes_far_fewer_evaluations),
      cmocka_unit_test(a_hessian_that_is_not_diagonal_takes_no_more_evaluations),
      cmocka_unit_test(directions_are_those_of_the_definition),
      cmocka_unit_test(directions_stay_right_whatever_happens_to_the_history),
      cmocka_unit_test(the_textbook_loop_forms_the_same_direction),
      cmocka_unit_test(an_accepted_first_trial_costs_one_reduction_also_where_the_diagonal_is_rated),
      cmocka_unit_test(it_is_last_pair_where_no_diagonal_can_be_had),
      cmocka_unit_test(each_withdrawal_makes_it_harder_to_come_back),
      cmocka_unit_test(a_state_dict_goes_on_bit_for_bit),
      cmocka_unit_test(a_state_dict_knows_how_often_the_diagonal_was_withdrawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
