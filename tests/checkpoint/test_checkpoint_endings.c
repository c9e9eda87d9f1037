/*
 * Runs that fail on their way: searches that find nothing, restarts, the test of the gradient, iterations that lead
 * nowhere. Interrupted after any evaluation and loaded elsewhere, they go on and end in the same bits.
 */
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { N = 6, LONGEST = 3000 };

/* What is wrong with the objective; a function of x alone, so that it is the same after a load. */
typedef struct defect {
  double noise;  /* of the loss */
  double factor; /* of the gradient, where |x_0| < 1 */
  secant_line_search search;
  secant_reason reason; /* that it leads to */
} defect;

typedef struct scene {
  const defect *wrong;
  double x[N], g[N];
  secant_optimizer *optimizer;
} scene;

/* A number in [-1, 1) that a point determines. */
static double noise_at(const double *x)
{
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < N * sizeof *x; i++) hash = (hash ^ ((const unsigned char *)x)[i]) * UINT64_C(1099511628211);
  return (double)(hash >> 11) * 0x1p-52 - 1.0;
}

static int evaluate(void *user, double *loss)
{
  scene *s = user;
  const double factor = fabs(s->x[0]) < 1.0 ? s->wrong->factor : 1.0;
  *loss = s->wrong->noise * noise_at(s->x);
  for (int i = 0; i < N; i += 2) {
    const double bend = s->x[i + 1] - s->x[i] * s->x[i], rest = 1.0 - s->x[i];
    *loss += 100.0 * bend * bend + rest * rest;
    s->g[i] = factor * (-400.0 * bend * s->x[i] - 2.0 * rest);
    s->g[i + 1] = factor * 200.0 * bend;
  }
  return 0;
}

/* `soft_limit` on evaluations, 0 for none. */
static void open_scene(scene *s, const defect *wrong, double start, int64_t soft_limit)
{
  secant_options options = secant_options_default();
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = s->x, .gradient = s->g, .local_count = N};
  *s = (scene){.wrong = wrong};
  for (int i = 0; i < N; i++) s->x[i] = start * (i % 2 == 0 ? -1.2 : 1.0);
  options.line_search = wrong->search;
  options.tolerance_grad = 0.0;
  options.threads = 1;
  if (soft_limit > 0) options.max_eval = soft_limit, options.max_eval_hard = 0;
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
}

/* Tells up to `most` evaluations; returns how many it told. */
static int advance(scene *s, int most)
{
  int told = 0;
  secant_request request;
  assert_int_equal(secant_ask(s->optimizer, &request), SECANT_OK);
  while (request == SECANT_EVALUATE && told < most) {
    double loss = 0.0;
    const int failed = evaluate(s, &loss);
    assert_int_equal(secant_tell(s->optimizer, loss, failed), SECANT_OK);
    told++;
    assert_int_equal(secant_ask(s->optimizer, &request), SECANT_OK);
  }
  return told;
}

static void check_same_end(const scene *a, const scene *b, int told)
{
  const secant_info here = secant_get_info(a->optimizer), there = secant_get_info(b->optimizer);
  if (here.reason != there.reason || here.func_evals != there.func_evals || here.n_iter != there.n_iter ||
      here.skipped_pairs != there.skipped_pairs || memcmp(a->x, b->x, sizeof a->x) != 0 ||
      memcmp(&here.loss, &there.loss, sizeof here.loss) != 0)
    fail_msg("interrupted after %d: %s after %d evaluations, not %s after %d", told, secant_reason_name(there.reason),
             (int)there.func_evals, secant_reason_name(here.reason), (int)here.func_evals);
}

static char path[] = "endings-XXXXXX";

static const defect defects[] = {
    {0.0, -1.0, SECANT_LINE_SEARCH_HAGER_ZHANG, SECANT_REASON_WRONG_GRADIENT},
    {0.0, -1.0, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_REASON_WRONG_GRADIENT},
    {1e-6, 1.0, SECANT_LINE_SEARCH_HAGER_ZHANG, SECANT_REASON_PRECISION},
    {1e-6, 1.0, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_REASON_PRECISION},
    {1e-9, 1.0, SECANT_LINE_SEARCH_MORE_THUENTE, SECANT_REASON_PRECISION},
};

/* Saves after so many evaluations, goes on for some, then loads into another optimizer and into the same one. */
static void interrupt(const scene *straight, int told, int64_t soft_limit)
{
  scene saver, loader;
  open_scene(&saver, straight->wrong, 1.0, soft_limit);
  open_scene(&loader, straight->wrong, 0.7, soft_limit);
  advance(&saver, told);
  assert_int_equal(secant_checkpoint_save(saver.optimizer, path, "defects"), SECANT_OK);
  advance(&saver, told % 97);
  scene *const both[] = {&loader, &saver};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(secant_checkpoint_load(both[i]->optimizer, path, "defects"), SECANT_OK);
    advance(both[i], 2 * LONGEST);
    check_same_end(straight, both[i], told);
    secant_destroy(both[i]->optimizer);
  }
}

static void a_failing_run_goes_on_bit_for_bit_from_every_instant(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof defects / sizeof *defects; i++) {
    scene straight;
    open_scene(&straight, &defects[i], 1.0, 0);
    const int all = advance(&straight, LONGEST);
    const secant_reason reason = secant_get_info(straight.optimizer).reason;
    if (reason != defects[i].reason) fail_msg("defect %d: %s", (int)i, secant_reason_name(reason));
    for (int told = 1; told < all; told += 1 + told / 60) interrupt(&straight, told, 0);
    secant_destroy(straight.optimizer);
  }
}

/* A limit that is met only after an iteration, wherever it falls: also within a search whose failure is forgotten. */
static void a_soft_limit_ends_it_at_the_same_evaluation(void **state)
{
  (void)state;
  scene whole;
  open_scene(&whole, &defects[3], 1.0, 0);
  const int all = advance(&whole, LONGEST);
  secant_destroy(whole.optimizer);
  int limited = 0;
  for (int limit = all / 2; limit < all; limit++) {
    scene straight;
    open_scene(&straight, &defects[3], 1.0, limit);
    const int told = advance(&straight, LONGEST);
    limited += secant_get_info(straight.optimizer).reason == SECANT_REASON_MAX_EVAL;
    for (int before = 1; before < 4; before++) interrupt(&straight, told - before, limit);
    secant_destroy(straight.optimizer);
  }
  assert_true(limited > 20);
}

/* With a full history, whose oldest pair the pending one was about to replace. */
static void what_was_reset_or_came_from_a_dict_can_be_saved_and_loaded(void **state)
{
  (void)state;
  for (int dict = 0; dict < 2; dict++) {
    scene s;
    secant_node *fresh = NULL;
    open_scene(&s, &defects[4], 1.0, 30);
    assert_int_equal(secant_state_dict(s.optimizer, &fresh), SECANT_OK);
    advance(&s, LONGEST);
    assert_int_equal(secant_get_info(s.optimizer).pairs, 10);
    if (dict) {
      assert_int_equal(secant_load_state_dict(s.optimizer, fresh), SECANT_OK);
    } else {
      secant_reset(s.optimizer);
    }
    assert_int_equal(secant_get_info(s.optimizer).trials, 0);
    assert_int_equal(secant_checkpoint_save(s.optimizer, path, "defects"), SECANT_OK);
    assert_int_equal(secant_checkpoint_load(s.optimizer, path, "defects"), SECANT_OK);
    secant_node_destroy(fresh);
    secant_destroy(s.optimizer);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_failing_run_goes_on_bit_for_bit_from_every_instant),
      cmocka_unit_test(a_soft_limit_ends_it_at_the_same_evaluation),
      cmocka_unit_test(what_was_reset_or_came_from_a_dict_can_be_saved_and_loaded),
  };
  const int file = mkstemp(path);
  if (file < 0 || close(file) != 0) return EXIT_FAILURE;
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return remove(path) == 0 ? failed : EXIT_FAILURE;
}
