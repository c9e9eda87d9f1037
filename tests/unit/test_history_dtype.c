/* A history in f32 under parameters in f64: what is stored, what the direction makes of it, and how it travels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/arrays.h"
#include "optimizer/optimizer.h"
#include "support/golden_file.h"
#include "support/random.h"
#include "support/state_dict_scene.h"
#include "support/stored_pairs.h"
#include "support/verdict_assert.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNKNOWNS = 37 + 1 + 1500 }; /* of a continuation */

static secant_options options_with(secant_history_dtype history)
{
  secant_options options = state_dict_options(SECANT_DIRECTION_GRAM);
  options.history_dtype = history;
  return options;
}

static continuation *run_with(secant_dtype dtype, secant_history_dtype history, int calls)
{
  struct verdict verdict = {0};
  const secant_options options = options_with(history);
  continuation *run = continuation_create(NULL, dtype, &options, 0.0);
  state_dict_advance(&verdict, run, calls, "a run");
  assert_good(&verdict);
  return run;
}

/* ---- what is stored ---------------------------------------------------------------------------------------------- */

static void direction_and_pairs_are_f32_and_all_else_f64(void **state)
{
  (void)state;
  continuation *run = run_with(SECANT_F64, SECANT_HISTORY_F32, 1);
  const secanti_vectors *vectors = run->optimizer->engine.vectors;
  assert_int_equal(secanti_vectors_dtype(vectors, SECANTI_S), SECANT_F32);
  assert_int_equal(secanti_vectors_dtype(vectors, SECANTI_Y), SECANT_F32);
  assert_int_equal(secanti_vectors_dtype(vectors, SECANTI_G0), SECANT_F64);
  assert_int_equal(secanti_vectors_dtype(vectors, SECANTI_BASE), SECANT_F64);
  assert_int_equal(secanti_vectors_dtype(vectors, SECANTI_X), SECANT_F64);
  assert_true(run->optimizer->engine.rounding == DBL_EPSILON);
  assert_true(run->optimizer->engine.history_rounding == (double)FLT_EPSILON);
  continuation_destroy(run);
}

static void a_single_precision_run_is_the_same_with_either_value(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *same = run_with(SECANT_F32, SECANT_HISTORY_SAME, 3);
  continuation *single = run_with(SECANT_F32, SECANT_HISTORY_F32, 3);
  continuation_compare(&verdict, same, single, "f32 parameters");
  continuation_destroy(same);
  continuation_destroy(single);
  assert_good(&verdict);
}

/* Each vector of a slot is half as long; the gradient at x0 is one of its own. */
static void it_takes_four_bytes_a_pair_element_less(void **state)
{
  (void)state;
  const secant_options same = options_with(SECANT_HISTORY_SAME), single = options_with(SECANT_HISTORY_F32);
  const uint64_t n = 100000, m = (uint64_t)same.history_size;
  const uint64_t wide = secant_memory_estimate(n, SECANT_F64, &same);
  assert_int_equal(wide - secant_memory_estimate(n, SECANT_F64, &single), 4 * 2 * (m + 1) * n - 8 * n);
  assert_int_equal(secant_memory_estimate(n, SECANT_F32, &same), secant_memory_estimate(n, SECANT_F32, &single));
}

static void it_is_fixed_when_the_optimizer_is_created(void **state)
{
  (void)state;
  continuation *run = run_with(SECANT_F64, SECANT_HISTORY_F32, 1);
  const secant_options other = options_with(SECANT_HISTORY_SAME);
  assert_int_equal(secant_set_options(run->optimizer, &other), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(secant_message(run->optimizer), "history_dtype"));
  continuation_destroy(run);
}

static void check_pairs(struct verdict *verdict, secant_optimizer *optimizer, const char *when)
{
  secant_node *dict = state_dict_of(optimizer);
  const stored_pairs pairs = stored_pairs_of(dict);
  CHECK(verdict, pairs.single, "%s: a pair is not of floats", when);
  stored_pairs_check(verdict, &pairs, dict, when);
  secant_node_destroy(dict);
}

static void the_tables_are_those_of_the_rounded_pairs(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = options_with(SECANT_HISTORY_F32);
  continuation *run = continuation_create(NULL, SECANT_F64, &options, 0.0);
  for (int call = 0; call < 6; call++) {
    state_dict_advance(&verdict, run, 1, "a run");
    check_pairs(&verdict, run->optimizer, "after a call");
  }
  continuation_destroy(run);
  assert_good(&verdict);
}

/* ---- the direction ----------------------------------------------------------------------------------------------- */

static void export_whole(const continuation *run, secanti_vector vector, double *out)
{
  for (size_t p = 0; p < CONTINUATION_PARAMETERS; p++) {
    const secanti_range range = {p, 0, run->parameters[p].local_count};
    secanti_vectors_export_as(run->optimizer->engine.vectors, vector, range, SECANT_F64, out);
    out += range.count;
  }
}

static void set_gradient(const continuation *run, const double *g)
{
  for (size_t p = 0; p < CONTINUATION_PARAMETERS; p++) {
    const size_t count = run->parameters[p].local_count;
    memcpy(run->parameters[p].gradient, g, count * sizeof *g);
    g += count;
  }
}

/* d = -H v by inner products, as an iteration forms it. */
static void gram_direction(continuation *run, const double *v, double *d)
{
  secanti_engine *engine = &run->optimizer->engine;
  const secanti_history *history = &engine->history;
  secanti_reading reading;
  set_gradient(run, v);
  assert_int_equal(secanti_observe_all(engine, 0.0, false, 0.0, &reading), SECANT_OK);
  secanti_observe_keep(engine, &reading, false);
  assert_true(secanti_direction_gram(engine));
  const secanti_move pass = {.finish = -1,
                             .pairs = history->pairs,
                             .order = history->order,
                             .cg = -history->gamma,
                             .cs = engine->cs,
                             .cy = engine->cy,
                             .into = history->pending};
  secanti_pass_move(engine->vectors, &pass);
  export_whole(run, (secanti_vector){SECANTI_S, history->pending}, d);
}

static void textbook_direction(continuation *run, const double *v, double *d)
{
  secanti_engine *engine = &run->optimizer->engine;
  set_gradient(run, v);
  assert_int_equal(secanti_direction_two_loop(engine), SECANT_OK);
  export_whole(run, (secanti_vector){SECANTI_S, engine->history.pending}, d);
}

/* The largest difference a - factor b, over the largest b. */
static double difference(const double *a, double factor, const double *b)
{
  double most = 0.0, size = 0.0;
  for (size_t i = 0; i < UNKNOWNS; i++) {
    most = fmax(most, fabs(a[i] - factor * b[i]));
    size = fmax(size, fabs(b[i]));
  }
  return most / size;
}

/* H y = s for the newest pair, whatever the others are. */
static void the_newest_rounded_pair_satisfies_the_secant_equation(void **state)
{
  (void)state;
  double s[UNKNOWNS], y[UNKNOWNS], d[UNKNOWNS];
  for (int calls = 1; calls < 6; calls++) {
    continuation *run = run_with(SECANT_F64, SECANT_HISTORY_F32, calls);
    const secanti_history *history = &run->optimizer->engine.history;
    const int newest = history->order[history->pairs - 1];
    export_whole(run, (secanti_vector){SECANTI_S, newest}, s);
    export_whole(run, (secanti_vector){SECANTI_Y, newest}, y);
    gram_direction(run, y, d);
    assert_true(difference(d, -1.0, s) <= 1e-7);
    textbook_direction(run, y, d);
    assert_true(difference(d, -1.0, s) <= 1e-6);
    continuation_destroy(run);
  }
}

static void both_ways_to_the_direction_agree(void **state)
{
  (void)state;
  double v[UNKNOWNS], gram[UNKNOWNS], textbook[UNKNOWNS];
  uint64_t seed = 5;
  for (int calls = 1; calls < 6; calls++) {
    continuation *run = run_with(SECANT_F64, SECANT_HISTORY_F32, calls);
    for (size_t i = 0; i < UNKNOWNS; i++) v[i] = random_symmetric(&seed);
    gram_direction(run, v, gram);
    textbook_direction(run, v, textbook);
    assert_true(difference(gram, 1.0, textbook) <= 2e-6);
    continuation_destroy(run);
  }
}

/* ---- on its way -------------------------------------------------------------------------------------------------- */

static void a_run_goes_on_in_the_same_bits_from_its_state_dict(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  state_dict_case cases[STATE_DICT_CASES];
  const size_t count = state_dict_cases(cases);
  for (size_t i = 0; i < 2 * count; i++) {
    state_dict_case *one = &cases[i / 2];
    one->options.history_dtype = SECANT_HISTORY_F32;
    one->reason = SECANT_REASON_NONE; /* other digits, another end */
    state_dict_check_round_trip(&verdict, NULL, SECANT_F64, i % 2 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                                one);
  }
  assert_good(&verdict);
}

/* The state of a run with one type of history, loaded into an optimizer with the other. */
static continuation *pass_on(continuation *run, secant_history_dtype history)
{
  const secant_options options = options_with(history);
  continuation *next = continuation_create(NULL, SECANT_F64, &options, 5.0);
  secant_node *dict = state_dict_of(run->optimizer);
  assert_int_equal(secant_load_state_dict(next->optimizer, dict), SECANT_OK);
  secant_node_destroy(dict);
  state_dict_copy_point(run, next);
  return next;
}

static void pairs_that_are_rounded_get_tables_of_their_own(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *run = run_with(SECANT_F64, SECANT_HISTORY_SAME, 3);
  continuation *next = pass_on(run, SECANT_HISTORY_F32);
  check_pairs(&verdict, next->optimizer, "rounded");
  state_dict_advance(&verdict, run, 4, "in double");
  state_dict_advance(&verdict, next, 4, "rounded");
  const double distance = state_dict_distance(run, next);
  CHECK(&verdict, distance <= 1e-4, "the points are %a apart", distance);
  check_pairs(&verdict, next->optimizer, "later");
  continuation_destroy(run);
  continuation_destroy(next);
  assert_good(&verdict);
}

static void pairs_that_are_widened_stay_as_they_are(void **state)
{
  (void)state;
  static const char *const paths[] = {"state/0/old_stps",     "state/0/old_dirs",     "state/0/prev_flat_grad",
                                      "state/secant/gram_sy", "state/secant/gram_yy", "state/0/d"};
  struct verdict verdict = {0};
  continuation *run = run_with(SECANT_F64, SECANT_HISTORY_F32, 3);
  continuation *next = pass_on(run, SECANT_HISTORY_SAME);
  secant_node *want = state_dict_of(run->optimizer), *got = state_dict_of(next->optimizer);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    const bool same = state_dict_same_trees(secant_node_find(want, paths[i]), secant_node_find(got, paths[i]));
    CHECK(&verdict, same, "%s has changed", paths[i]);
  }
  state_dict_advance(&verdict, next, 4, "in double");
  secant_node_destroy(want);
  secant_node_destroy(got);
  continuation_destroy(run);
  continuation_destroy(next);
  assert_good(&verdict);
}

static void pairs_survive_another_history_size(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *run = run_with(SECANT_F64, SECANT_HISTORY_F32, 3);
  secant_options options = options_with(SECANT_HISTORY_F32);
  secant_node *before = state_dict_of(run->optimizer);
  options.history_size = 6;
  assert_int_equal(secant_set_options(run->optimizer, &options), SECANT_OK);
  secant_node *after = state_dict_of(run->optimizer);
  assert_true(state_dict_same_trees(secant_node_find(before, "state/secant"), secant_node_find(after, "state/secant")));
  assert_true(state_dict_same_trees(secant_node_find(before, "state/0/prev_flat_grad"),
                                    secant_node_find(after, "state/0/prev_flat_grad")));
  state_dict_advance(&verdict, run, 2, "more pairs");
  check_pairs(&verdict, run->optimizer, "more pairs");
  secant_node_destroy(before);
  secant_node_destroy(after);
  continuation_destroy(run);
  assert_good(&verdict);
}

/* ---- how many evaluations it takes ------------------------------------------------------------------------------- */

/* A golden problem under way. */
typedef struct descent {
  golden_problem *problem;
  double *x, *g;
} descent;

static int evaluate(void *user, double *loss)
{
  const descent *d = user;
  *loss = golden_problem_f64(d->problem, d->x, d->g);
  return 0;
}

static secant_info minimize(const golden_objective *objective, secant_history_dtype history)
{
  descent d = {.problem = golden_problem_create(objective->problem, objective->n, &objective->args),
               .x = calloc(objective->n, sizeof *d.x),
               .g = calloc(objective->n, sizeof *d.g)};
  assert_true(d.problem && d.x && d.g);
  golden_problem_start(d.problem, d.x);
  const secant_parameter parameter = {.values = d.x, .gradient = d.g, .local_count = objective->n};
  secant_options options = secant_options_default();
  secant_optimizer *optimizer = NULL;
  options.history_dtype = history;
  options.threads = 1;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, evaluate, &d), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  golden_problem_destroy(d.problem);
  free(d.x);
  free(d.g);
  return info;
}

/*
 * Evaluations to the gradient tolerance, at most a tenth more than with a history in f64; a problem without a minimum has
 * none. No direction is doubted because d is rounded.
 */
static void golden_problems_take_as_many_evaluations(void **state)
{
  (void)state;
  const char *complaint = NULL;
  int compared = 0;
  golden_file *file = golden_file_read(SECANT_TEST_DATA "/torch_lbfgs.json", &complaint);
  assert_non_null(file);
  for (size_t i = 0; i < file->check_count; i++) {
    const golden_objective *objective = &file->checks[i].objective;
    const secant_info wide = minimize(objective, SECANT_HISTORY_SAME), single = minimize(objective, SECANT_HISTORY_F32);
    print_message("%-10s n = %2zu: %lld evaluations, %lld with f32\n", objective->problem, objective->n,
                  (long long)wide.func_evals, (long long)single.func_evals);
    assert_int_equal(single.reason, wide.reason);
    if (wide.reason != SECANT_REASON_GRADIENT) continue;
    assert_true((double)single.func_evals <= 1.1 * (double)wide.func_evals);
    assert_int_equal(single.redone_directions, wide.redone_directions);
    compared++;
  }
  assert_true(compared > 10);
  golden_file_free(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(direction_and_pairs_are_f32_and_all_else_f64),
      cmocka_unit_test(a_single_precision_run_is_the_same_with_either_value),
      cmocka_unit_test(it_takes_four_bytes_a_pair_element_less),
      cmocka_unit_test(it_is_fixed_when_the_optimizer_is_created),
      cmocka_unit_test(the_tables_are_those_of_the_rounded_pairs),
      cmocka_unit_test(the_newest_rounded_pair_satisfies_the_secant_equation),
      cmocka_unit_test(both_ways_to_the_direction_agree),
      cmocka_unit_test(a_run_goes_on_in_the_same_bits_from_its_state_dict),
      cmocka_unit_test(pairs_that_are_rounded_get_tables_of_their_own),
      cmocka_unit_test(pairs_that_are_widened_stay_as_they_are),
      cmocka_unit_test(pairs_survive_another_history_size),
      cmocka_unit_test(golden_problems_take_as_many_evaluations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
