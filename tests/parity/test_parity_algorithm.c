/* Rows D1 to D6 and D10 of docs/parity.md: the algorithm of torch.optim.LBFGS. */
#include "support/golden_check.h"
#include "support/parity_line.h"
#include "support/random.h"
#include "support/valley.h"
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_recorded(const char *const *ids, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (golden_check_named(ids[i]) != 0) fail_msg("%s is not as recorded", ids[i]);
}

/* ---- D1 ---------------------------------------------------------------------------------------------------------- */

static bool any_case(const golden_case *golden, const void *unused)
{
  (void)unused;
  return !golden->quirk;
}

/* From x = -1/2 on the parabola, with numbers that are exact in binary: the first move is lr / 2. */
static secant_reason reason(double lr, double tolerance_change, int64_t max_iter, int64_t max_eval)
{
  line l;
  secant_options options = secant_options_torch();
  options.lr = lr;
  options.tolerance_change = tolerance_change;
  options.max_iter = max_iter;
  options.max_eval = max_eval;
  return line_step(&l, line_parabola, -0.5, &options).reason;
}

static void D1_of_several_exits_the_first_in_order_is_taken(void **state)
{
  (void)state;
  size_t cases;
  assert_int_equal(golden_check_where(any_case, NULL, &cases), 0);
  assert_true(cases > 80);
  /* slope -1/4; with lr 1 the move of 1/2 ends at the minimum, the loss falls by 1/8 */
  assert_int_equal(reason(1.0, 1.0, 1, 1), SECANT_REASON_DIRECTIONAL_DERIVATIVE);
  assert_int_equal(reason(1.0, 0.2, 1, 1), SECANT_REASON_MAX_ITER);
  assert_int_equal(reason(1.0, 0.2, 9, 2), SECANT_REASON_MAX_EVAL);
  assert_int_equal(reason(1.0, 0.2, 9, 9), SECANT_REASON_GRADIENT);
  /* with lr 1/4 the move is 1/8, the loss falls by less; with lr 2 the move is 1, to where the loss is what it was */
  assert_int_equal(reason(0.25, 0.2, 9, 9), SECANT_REASON_STEP);
  assert_int_equal(reason(2.0, 0.2, 9, 9), SECANT_REASON_LOSS);
}

/* ---- D2, D3 ------------------------------------------------------------------------------------------------------ */

static void hill(double x, double *f, double *g)
{
  *f = -x * x / 2.0;
  *g = -x;
}

/* Two iterations on a function with |f''| = 1 from x = 1, where the first move has length lr. */
static secant_info two_iterations(line_function *of, double lr)
{
  line l;
  secant_options options = secant_options_torch();
  options.lr = lr;
  options.max_iter = 2;
  options.max_eval = 10;
  options.tolerance_change = 0.0;
  return line_step(&l, of, 1.0, &options);
}

static void D2_a_pair_is_kept_if_its_curvature_exceeds_1e_10(void **state)
{
  (void)state;
  assert_int_equal(two_iterations(line_parabola, 1.01e-5).pairs, 1);
  for (int hills = 0; hills < 2; hills++) {
    const secant_info info = two_iterations(hills ? hill : line_parabola, hills ? 0.5 : 0.99e-5);
    assert_int_equal(info.pairs, 0);
    assert_int_equal(info.skipped_pairs, 1);
    assert_true(info.h_diag == 1.0);
  }
  expect_recorded((const char *[]){"himmelblau_concave_fixed", "powell_sw_it100_tol0"}, 2);
}

enum { N = 8, CALLS = 9 };

/* Points and gradients of the first evaluation of every call, and the step that the call took. */
typedef struct path {
  double x[CALLS + 1][N], g[CALLS + 1][N], step[CALLS], h_diag[CALLS];
} path;

/* CALLS calls of one iteration on the valley. */
static path walk(secant_direction direction, secant_line_search search)
{
  path p;
  valley v = valley_create(N, 1, 0);
  const secant_parameter parameter = valley_parameter(&v);
  secant_options options = secant_options_torch();
  options.direction = direction;
  options.line_search = search;
  options.max_iter = 1;
  options.lr = search == SECANT_LINE_SEARCH_NONE ? 0.1 : 1.0;
  secant_optimizer *optimizer;
  double loss;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  for (int k = 0; k < CALLS; k++) {
    valley_evaluate(&v, &loss);
    memcpy(p.x[k], v.x, sizeof p.x[k]);
    memcpy(p.g[k], v.g, sizeof p.g[k]);
    assert_int_equal(secant_step(optimizer, valley_evaluate, &v, NULL), SECANT_OK);
    p.step[k] = secant_get_info(optimizer).step;
    p.h_diag[k] = secant_get_info(optimizer).h_diag;
  }
  memcpy(p.x[CALLS], v.x, sizeof p.x[CALLS]);
  secant_destroy(optimizer);
  valley_destroy(&v);
  return p;
}

static long double dot(const long double *a, const long double *b)
{
  long double sum = 0.0L;
  for (int i = 0; i < N; i++) sum += a[i] * b[i];
  return sum;
}

/* s and y of pair k: between the points of calls k and k + 1. */
static void pair(const path *p, int k, long double *s, long double *y)
{
  for (int i = 0; i < N; i++) {
    s[i] = (long double)p->x[k + 1][i] - p->x[k][i];
    y[i] = (long double)p->g[k + 1][i] - p->g[k][i];
  }
}

static void D3_h_diag_is_sy_over_yy_of_the_newest_pair(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    const path p = walk((secant_direction)direction, SECANT_LINE_SEARCH_STRONG_WOLFE);
    assert_true(p.h_diag[0] == 1.0);
    for (int k = 1; k < CALLS; k++) {
      long double s[N], y[N];
      pair(&p, k - 1, s, y);
      const double want = (double)(dot(s, y) / dot(y, y));
      assert_true(fabs(p.h_diag[k] - want) <= 1e-9 * want);
    }
  }
  expect_recorded((const char *[]){"rosen2_sw", "wood_fixed_lr0.1"}, 2);
}

/* ---- D4 ---------------------------------------------------------------------------------------------------------- */

/* Direction of call k by the two loops as the textbook writes them (Nocedal & Wright, algorithm 7.4), from the path
 * alone. */
static void textbook_direction(const path *p, int k, long double *d)
{
  long double s[CALLS][N], y[CALLS][N], alpha[CALLS];
  for (int i = 0; i < N; i++) d[i] = -(long double)p->g[k][i];
  for (int j = 0; j < k; j++) pair(p, j, s[j], y[j]);
  for (int j = k - 1; j >= 0; j--) {
    alpha[j] = dot(s[j], d) / dot(s[j], y[j]);
    for (int i = 0; i < N; i++) d[i] -= alpha[j] * y[j][i];
  }
  if (k > 0) {
    const long double gamma = dot(s[k - 1], y[k - 1]) / dot(y[k - 1], y[k - 1]);
    for (int i = 0; i < N; i++) d[i] *= gamma;
  }
  for (int j = 0; j < k; j++) {
    const long double beta = dot(y[j], d) / dot(s[j], y[j]);
    for (int i = 0; i < N; i++) d[i] += (alpha[j] - beta) * s[j][i];
  }
}

static void expect_textbook_directions(const path *p)
{
  for (int k = 1; k < CALLS; k++) {
    long double d[N];
    textbook_direction(p, k, d);
    const double size = sqrt((double)dot(d, d));
    for (int i = 0; i < N; i++) {
      const double got = (p->x[k + 1][i] - p->x[k][i]) / p->step[k];
      if (fabs(got - (double)d[i]) > 1e-7 * size) fail_msg("call %d: %a, want %a", k, got, (double)d[i]);
    }
  }
}

/* A quadratic whose gradient is told as half the last one in evaluation `halve_at`, whatever the point. */
typedef struct bent {
  double x[N], g[N], curvature[N], points[CALLS][N];
  int evaluations, halve_at;
} bent;

static int evaluate_bent(void *user, double *loss)
{
  bent *b = user;
  const int now = b->evaluations++;
  memcpy(b->points[now], b->x, sizeof b->x);
  *loss = 0.0;
  for (int i = 0; i < N; i++) {
    *loss += b->curvature[i] * b->x[i] * b->x[i] / 2.0;
    b->g[i] = now == b->halve_at ? b->g[i] / 2.0 : b->curvature[i] * b->x[i];
  }
  return 0;
}

/*
 * H y = s for the newest pair, whatever the older ones. After a move s from gradient g to g / 2 the pair has y = -g /
 * 2, so the next direction is -H g / 2 = H y = s: with a fixed step the next move is lr times the last.
 */
static void expect_secant_equation(uint64_t seed, secant_direction direction)
{
  bent b = {.halve_at = 3 + (int)(seed % 4)};
  uint64_t random = seed;
  for (int i = 0; i < N; i++) {
    b.curvature[i] = 0.5 + random_uniform(&random);
    b.x[i] = random_uniform(&random) - 0.5;
  }
  const secant_parameter parameter = {.values = b.x, .gradient = b.g, .local_count = N};
  secant_options options = secant_options_torch();
  options.direction = direction;
  options.lr = 0.3;
  options.max_iter = b.halve_at + 2;
  secant_optimizer *optimizer;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_step(optimizer, evaluate_bent, &b, NULL), SECANT_OK);
  for (int i = 0; i < N; i++) {
    const double last = b.points[b.halve_at][i] - b.points[b.halve_at - 1][i];
    const double next = b.points[b.halve_at + 1][i] - b.points[b.halve_at][i];
    if (fabs(next - 0.3 * last) > 1e-9) fail_msg("seed %d: moved by %a after %a", (int)seed, next, last);
  }
  secant_destroy(optimizer);
}

static void D4_the_direction_is_that_of_the_two_loops_and_fulfils_the_secant_equation(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    for (int search = 0; search < 2; search++) {
      const path p = walk((secant_direction)direction, (secant_line_search)search);
      expect_textbook_directions(&p);
    }
    for (uint64_t seed = 1; seed <= 50; seed++) expect_secant_equation(seed, (secant_direction)direction);
  }
}

/* ---- D5, D6 ------------------------------------------------------------------------------------------------------ */

/* `calls` times `per_call` iterations on the valley. */
static secant_info iterate(valley *v, int calls, int64_t per_call)
{
  const secant_parameter parameter = valley_parameter(v);
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = per_call;
  options.max_eval = 1000;
  options.tolerance_grad = 0.0;
  options.tolerance_change = 0.0;
  secant_optimizer *optimizer;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  for (int call = 0; call < calls; call++)
    assert_int_equal(secant_step(optimizer, valley_evaluate, v, NULL), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return info;
}

static void D5_calls_of_one_iteration_equal_one_long_call(void **state)
{
  (void)state;
  for (int calls = 1; calls <= 12; calls++) {
    valley one = valley_create(N, 1, 0), many = valley_create(N, 1, 0);
    const secant_info whole = iterate(&one, 1, calls), parts = iterate(&many, calls, 1);
    for (size_t i = 0; i < N; i++) assert_true(fabs(one.x[i] - many.x[i]) <= 1e-10);
    assert_int_equal(whole.n_iter, parts.n_iter);
    assert_int_equal(whole.pairs, parts.pairs);
    assert_int_equal(whole.func_evals + calls - 1, parts.func_evals);
    valley_destroy(&one);
    valley_destroy(&many);
  }
  expect_recorded((const char *[]){"rosen2_sw_it1", "rosen2_fixed_it1"}, 2);
}

static void D6_options_are_read_again_in_every_step(void **state)
{
  (void)state;
  line l = {.of = line_parabola, .x = -0.25};
  const secant_parameter parameter = {.values = &l.x, .gradient = &l.g, .local_count = 1};
  secant_options options = secant_options_torch();
  options.max_iter = 1;
  secant_optimizer *optimizer;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  for (double lr = 0.5; lr > 0.1; lr /= 2.0) { /* on this parabola H is the exact inverse: x becomes (1 - lr) x */
    const double before = l.x;
    options.lr = lr;
    assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
    assert_int_equal(secant_step(optimizer, line_evaluate, &l, NULL), SECANT_OK);
    assert_true(l.x == (1.0 - lr) * before);
  }
  secant_destroy(optimizer);
  expect_recorded((const char *[]){"repeat_lr_change", "repeat_switch_line_search"}, 2);
}

/* ---- D10 --------------------------------------------------------------------------------------------------------- */

static bool in_single_precision(const golden_case *golden, const void *unused)
{
  (void)unused;
  return golden->dtype == SECANT_F32;
}

static void D10_single_precision_follows_the_recorded_trajectories(void **state)
{
  (void)state;
  size_t cases;
  assert_int_equal(golden_check_where(in_single_precision, NULL, &cases), 0);
  assert_int_equal(cases, 12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(D1_of_several_exits_the_first_in_order_is_taken),
      cmocka_unit_test(D2_a_pair_is_kept_if_its_curvature_exceeds_1e_10),
      cmocka_unit_test(D3_h_diag_is_sy_over_yy_of_the_newest_pair),
      cmocka_unit_test(D4_the_direction_is_that_of_the_two_loops_and_fulfils_the_secant_equation),
      cmocka_unit_test(D5_calls_of_one_iteration_equal_one_long_call),
      cmocka_unit_test(D6_options_are_read_again_in_every_step),
      cmocka_unit_test(D10_single_precision_follows_the_recorded_trajectories),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
