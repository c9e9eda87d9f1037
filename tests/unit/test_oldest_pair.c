/*
 * Pass B leaves out the oldest pair of a full history, which the pending one is about to replace. Where that one is
 * refused, or the history grows in between, the run must be that of the textbook loop, which leaves nothing out.
 */
#include "optimizer/optimizer.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 12, STEPS = 24, MOST_PAIRS = 4 };

/* f = sum of w_i (1 - cos(x_i - i/2)) and a coupling of neighbours: curvature of either sign along a fixed step. */
typedef struct waves {
  double x[N], g[N];
} waves;

static int evaluate(void *user, double *loss)
{
  waves *w = user;
  *loss = 0.0;
  for (int i = 0; i < N; i++) {
    const double weight = 1.0 + i % 5, at = w->x[i] - 0.5 * i;
    *loss += weight * (1.0 - cos(at));
    w->g[i] = weight * sin(at);
  }
  for (int i = 0; i + 1 < N; i++) {
    const double apart = w->x[i] - w->x[i + 1];
    *loss += 0.05 * apart * apart;
    w->g[i] += 0.1 * apart;
    w->g[i + 1] -= 0.1 * apart;
  }
  return 0;
}

static secant_optimizer *begin(waves *w, secant_direction direction, int64_t history_size)
{
  for (int i = 0; i < N; i++) w->x[i] = 2.5 * sin(1.0 + 3.0 * i);
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = w->x, .gradient = w->g, .local_count = N};
  secant_options options = secant_options_torch();
  options.direction = direction;
  options.history_size = history_size;
  options.lr = 0.6;
  options.max_eval = 1000;
  options.tolerance_change = options.tolerance_grad = 0.0;
  options.curvature_test = SECANT_CURVATURE_RELATIVE;
  secant_optimizer *optimizer = NULL;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  return optimizer;
}

/* Goes on to iteration `last` of one run, with room for `history_size` pairs from here on. */
static void go_on(secant_optimizer *optimizer, waves *w, int64_t last, int64_t history_size)
{
  secant_options options = secant_options_default();
  secant_get_options(optimizer, &options);
  options.max_iter = last;
  options.history_size = history_size;
  options.tolerance_curvature = last % 3 == 0 ? 0.999999 : 1e-9; /* refuses pairs again and again */
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, evaluate, w), SECANT_OK);
}

static void assert_near(const waves *a, const waves *b)
{
  for (int i = 0; i < N; i++) assert_true(fabs(a->x[i] - b->x[i]) <= 1e-9 * fmax(1.0, fabs(b->x[i])));
}

/* Both directions side by side; returns how many pairs a full history refused. */
static int64_t compare(int64_t history_size)
{
  waves one, two;
  secant_optimizer *gram = begin(&one, SECANT_DIRECTION_GRAM, history_size);
  secant_optimizer *textbook = begin(&two, SECANT_DIRECTION_TWO_LOOP, history_size);
  int64_t refused = 0, before = 0;
  for (int i = 1; i <= STEPS; i++) {
    const bool full = secant_get_info(gram).pairs == history_size;
    go_on(gram, &one, i, history_size);
    go_on(textbook, &two, i, history_size);
    assert_near(&one, &two);
    const secant_info info = secant_get_info(gram);
    assert_int_equal(info.skipped_pairs, secant_get_info(textbook).skipped_pairs);
    if (full) refused += info.skipped_pairs - before;
    before = info.skipped_pairs;
  }
  const secant_info info = secant_get_info(gram);
  assert_int_equal(info.redone_directions, 0);
  assert_int_equal(info.allreduces, info.func_evals + refused);
  secant_destroy(textbook);
  secant_destroy(gram);
  return refused;
}

static void a_refused_pair_leaves_the_oldest_one_its_products(void **state)
{
  (void)state;
  int64_t refused = 0;
  for (int64_t m = 1; m <= MOST_PAIRS; m++) refused += compare(m);
  assert_true(refused >= 12);
}

static void a_history_that_grows_while_a_pair_is_pending_keeps_the_oldest_one(void **state)
{
  (void)state;
  waves one, two;
  secant_optimizer *gram = begin(&one, SECANT_DIRECTION_GRAM, 1);
  secant_optimizer *textbook = begin(&two, SECANT_DIRECTION_TWO_LOOP, 1);
  int grown = 0;
  for (int i = 1; i <= STEPS; i++) {
    const int64_t history_size = 1 + i / 5;
    if (i % 5 == 0 && gram->engine.here.oldest_unknown) grown++;
    go_on(gram, &one, i, history_size);
    go_on(textbook, &two, i, history_size);
    assert_near(&one, &two);
  }
  assert_int_equal(secant_get_info(gram).redone_directions, 0);
  assert_true(secant_get_info(gram).pairs > 2);
  secant_destroy(textbook);
  secant_destroy(gram);
  assert_true(grown >= 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_refused_pair_leaves_the_oldest_one_its_products),
      cmocka_unit_test(a_history_that_grows_while_a_pair_is_pending_keeps_the_oldest_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
