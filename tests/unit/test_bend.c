/* Directions that are bent away from zero: the pass against its definition, and what a run makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/binned.h"
#include "support/shard.h"
#include "vector/vectors.h"

#include <math.h>
#include <secant/secant.h>
#include <stdlib.h>

/* ---- the pass ---------------------------------------------------------------------------------------------------- */

enum { SLOTS = 3, PENDING = 1 };

static const secanti_vector D = {SECANTI_S, PENDING}, G0 = {SECANTI_G0, PENDING}, BASE = {SECANTI_BASE, 0};

/* f64, f32, and f64 with slots in f32. */
enum { TYPES = 3 };

static struct shard make(int type, bool binned, uint64_t seed)
{
  const shard_shape shape = {.dtype = type == 1 ? SECANT_F32 : SECANT_F64,
                             .narrow = type == 2,
                             .tile = seed % 2 ? 8 : 1024,
                             .threads = (int)(seed % 3) + 1,
                             .slots = SLOTS,
                             .binned = binned,
                             .segments = 8,
                             .counts = {0, 1, 7, 8, 9, 1023, 1025, 5000}};
  return shard_create(&shape, seed);
}

/* What is to come out: d, as it is stored, its largest entry, and the sums with what rounding may do to the first. */
typedef struct outcome {
  double *d;
  double inf, crossings, slope, size;
} outcome;

static outcome expected(const struct shard *shard, double step, double part)
{
  double *g0 = shard_read(shard, G0), *base = shard_read(shard, BASE);
  outcome want = {.d = shard_read(shard, D)};
  long double slope = 0.0L;
  for (size_t i = 0; i < shard->n; i++) {
    const double end = base[i] + step * want.d[i];
    if (base[i] * end < 0.0 || (end == 0.0 && base[i] != 0.0)) {
      want.d[i] = -part * base[i] / step;
      want.crossings += 1.0;
    }
    slope += (long double)g0[i] * want.d[i];
    want.size += fabs(g0[i] * want.d[i]);
    want.inf = fmax(want.inf, fabs(want.d[i]));
    want.d[i] = shard_round_pair(shard, want.d[i]);
  }
  want.slope = (double)slope;
  free(g0), free(base);
  return want;
}

static double value(const struct shard *shard, const double *sums, int index)
{
  return shard->shape.binned ? secanti_binned_value(sums + index * SECANTI_BINNED_WORDS) : sums[index];
}

static void the_pass_bends_what_crosses_zero_and_nothing_else(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 12; seed++)
    for (int type = 0; type < TYPES; type++) {
      struct shard shard = make(type, seed % 4 < 2, seed);
      for (size_t i = 0; i < shard.n; i += 5) shard_set(&shard, BASE, i, 0.0);
      secanti_bend bend = {.pending = PENDING, .step = 0.25 * (double)seed, .part = 0.75};
      const outcome want = expected(&shard, bend.step, bend.part);
      double *before = shard_read(&shard, D);
      for (int stores = 0; stores < 2; stores++) {
        double sums[2 * SECANTI_BINNED_WORDS] = {0};
        bend.stores = stores != 0;
        assert_true(secanti_pass_bend(shard.vectors, &bend, sums) == want.inf);
        assert_true(fabs(value(&shard, sums, 0) - want.slope) <= 1e-14 * want.size);
        assert_true(value(&shard, sums, 1) == want.crossings);
        double *d = shard_read(&shard, D);
        assert_memory_equal(d, stores ? want.d : before, shard.n * sizeof *d);
        free(d);
      }
      assert_in_range((uintmax_t)want.crossings, 1, shard.n * 4 / 5);
      free(before), free(want.d);
      shard_destroy(&shard);
    }
}

static void threads_change_no_bit(void **state)
{
  (void)state;
  const secanti_bend bend = {.pending = PENDING, .step = 1.5, .part = 0.75};
  double sums[3][2 * SECANTI_BINNED_WORDS] = {{0}};
  for (int threads = 1; threads <= 3; threads++) {
    const shard_shape shape = {
        .tile = 8, .threads = threads, .slots = SLOTS, .binned = true, .segments = 1, .counts = {4001}};
    struct shard shard = shard_create(&shape, 99);
    secanti_pass_bend(shard.vectors, &bend, sums[threads - 1]);
    shard_destroy(&shard);
  }
  assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
  assert_memory_equal(sums[0], sums[2], sizeof sums[0]);
}

/* ---- a run --------------------------------------------------------------------------------------------------------- */

enum { N = 2, MOST = 400 };

/* sum x_i - 0.01 log x_i, least at 0.01, where all x_i are above `wall`; and the points where it was asked for. */
typedef struct scene {
  double x[N], g[N], wall;
  bool falls_straight; /* f is the sum of x_i instead */
  secant_operator *h0; /* an initial matrix, or NULL */
  secant_optimizer *optimizer;
  int stop_at; /* the evaluation that asks for a stop */
  double seen[MOST][N];
  int evaluations;
} scene;

static int evaluate(void *user, double *loss)
{
  scene *s = user;
  assert_in_range(s->evaluations, 0, MOST - 1);
  *loss = 0.0;
  for (int i = 0; i < N; i++) {
    s->seen[s->evaluations][i] = s->x[i];
    const double weight = s->falls_straight ? 0.0 : 0.01;
    *loss += s->x[i] > s->wall ? s->x[i] - weight * log(s->x[i]) : NAN;
    s->g[i] = 1.0 - weight / s->x[i];
  }
  s->evaluations++;
  if (s->evaluations == s->stop_at) secant_request_stop(s->optimizer);
  return 0;
}

static scene above(double wall)
{
  return (scene){.x = {0.5, 3.0}, .wall = wall};
}

/* To the end, and if it was stopped before, on from there. */
static secant_info run(scene *s, const secant_options *options)
{
  const secant_parameter parameter = {
      .name = "x", .dtype = SECANT_F64, .values = s->x, .gradient = s->g, .local_count = N};
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, options, NULL, NULL), SECANT_OK);
  if (s->h0) {
    const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_OPERATOR, .apply = s->h0};
    assert_int_equal(secant_set_initial_matrix(s->optimizer, &matrix), SECANT_OK);
  }
  assert_int_equal(secant_minimize(s->optimizer, evaluate, s), SECANT_OK);
  if (secant_get_info(s->optimizer).reason == SECANT_REASON_STOP_REQUESTED) {
    assert_int_equal(secant_minimize(s->optimizer, evaluate, s), SECANT_OK);
  }
  const secant_info info = secant_get_info(s->optimizer);
  secant_destroy(s->optimizer);
  return info;
}

static double shift(const scene *s, int evaluation, int i)
{
  return s->seen[evaluation][i] - s->seen[0][i];
}

/* The first trial is 1 away in round figures, so that x0 would be below zero and x1 not. */
static void only_what_crosses_is_held_back(void **state)
{
  (void)state;
  const secant_options options = secant_options_default();
  scene s = above(0.0);
  const secant_info info = run(&s, &options);
  assert_true(s.seen[1][0] < 0.0 && s.seen[1][1] > 2.0);
  assert_true(fabs(s.seen[2][0] - 0.2 * s.seen[0][0]) <= 1e-15);
  assert_true(s.seen[2][1] == s.seen[1][1]);
  assert_int_equal(info.reason, SECANT_REASON_GRADIENT);
  for (int i = 0; i < N; i++) assert_true(fabs(s.x[i] - 0.01) <= 1e-6);
}

/* Bent once, a direction that is of no use even so is contracted as a whole. */
static void a_wall_elsewhere_is_met_by_contraction(void **state)
{
  (void)state;
  const secant_options options = secant_options_default();
  scene s = above(0.3);
  (void)run(&s, &options);
  assert_true(fabs(s.seen[2][0] - 0.2 * s.seen[0][0]) <= 1e-15);
  for (int i = 0; i < N; i++) assert_true(fabs(shift(&s, 3, i) - 0.5 * shift(&s, 2, i)) <= 1e-15);

  scene crossing_nothing = above(2.5);
  crossing_nothing.x[0] = 4.0;
  (void)run(&crossing_nothing, &options);
  for (int i = 0; i < N; i++) {
    assert_true(fabs(shift(&crossing_nothing, 2, i) - 0.5 * shift(&crossing_nothing, 1, i)) <= 1e-15);
  }
}

/* (10, -2; -2, 1), positive definite. */
static int multiply(void *user, const void *const *input, void *const *output)
{
  const double *in = input[0];
  double *out = output[0];
  (void)user;
  out[0] = 10.0 * in[0] - 2.0 * in[1];
  out[1] = in[1] - 2.0 * in[0];
  return 0;
}

/* d = (-8, 1) with g = (1, 1): without most of what x0 contributes, it would lead uphill. */
static void a_direction_is_not_bent_uphill(void **state)
{
  (void)state;
  secant_options options = secant_options_default();
  options.max_iter = 1;
  scene s = above(0.0);
  s.x[0] = 0.05, s.h0 = multiply, s.falls_straight = true;
  (void)run(&s, &options);
  assert_true(s.seen[1][0] < 0.0 && s.seen[1][1] > 3.0);
  for (int i = 0; i < N; i++) assert_true(fabs(shift(&s, 2, i) - 0.5 * shift(&s, 1, i)) <= 1e-15);
}

static void without_safeguards_nothing_is_bent(void **state)
{
  (void)state;
  secant_options options = secant_options_default();
  options.safeguards = 0;
  scene s = above(0.0);
  (void)run(&s, &options);
  assert_true(s.seen[1][0] < 0.0);
  for (int i = 0; i < N; i++) assert_true(fabs(shift(&s, 2, i) - 0.5 * shift(&s, 1, i)) <= 1e-15);
}

/* Stopped at any evaluation, before or after a direction is bent, a run goes on as if it had not been. */
static void a_stop_in_between_changes_no_bit(void **state)
{
  (void)state;
  const secant_options options = secant_options_default();
  scene whole = above(0.0);
  const secant_info want = run(&whole, &options);
  for (int at = 1; at <= whole.evaluations; at++) {
    scene halted = above(0.0);
    halted.stop_at = at;
    const secant_info got = run(&halted, &options);
    assert_memory_equal(halted.x, whole.x, sizeof whole.x);
    assert_int_equal(got.n_iter, want.n_iter);
    assert_int_equal(got.reason, want.reason);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_pass_bends_what_crosses_zero_and_nothing_else),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(only_what_crosses_is_held_back),
      cmocka_unit_test(a_wall_elsewhere_is_met_by_contraction),
      cmocka_unit_test(a_direction_is_not_bent_uphill),
      cmocka_unit_test(without_safeguards_nothing_is_bent),
      cmocka_unit_test(a_stop_in_between_changes_no_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
