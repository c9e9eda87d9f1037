/* The diagonal that pairs imply, and what pass A makes of it, against its formula in extended precision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/metric_scene.h"
#include "support/random.h"
#include "support/ring.h"
#include "vector/tiles.h"

#include <math.h>
#include <stdlib.h>

static const secanti_vector X = {SECANTI_X, 0}, G = {SECANTI_G, 0}, BASE = {SECANTI_BASE, 0};

static struct metric_scene make(size_t index, int types, int pairs, uint64_t seed)
{
  return metric_scene_create(metric_shapes[index], types, pairs, seed);
}

/* Fails unless the shard's base, once all 1, has become the diagonal. */
static void expect_diagonal(struct metric_scene *scene, const secanti_metric *metric, const char *what)
{
  const double unit = scene->shard.shape.dtype == SECANT_F32 ? 0x1p-23 : 0x1p-47;
  for (size_t j = 0; j < scene->shard.n; j++) shard_set(&scene->shard, BASE, j, 1.0);
  secanti_vectors_weigh(scene->shard.vectors, metric, BASE);
  double *w = shard_read(&scene->shard, BASE);
  for (size_t j = 0; j < scene->shard.n; j++) {
    const long double want = metric_scene_weight(scene, metric, j);
    if (!(fabsl(w[j] - want) <= unit * want)) fail_msg("%s: w[%zu] is %a, not %La", what, j, w[j], want);
  }
  free(w);
}

/* ---- the diagonal ------------------------------------------------------------------------------------------------ */

static void a_vector_is_weighed_by_the_formula(void **state)
{
  (void)state;
  for (size_t index = 0; index < METRIC_SHAPES; index++)
    for (int c = 0; c < 2 * METRIC_TYPES; c++) {
      struct metric_scene scene = make(index, c % METRIC_TYPES, 1 + 4 * (c / METRIC_TYPES), 3 + (uint64_t)c);
      const secanti_metric metric = metric_scene_from(&scene, c / METRIC_TYPES, 0.01), none = {0};
      expect_diagonal(&scene, &metric, "formula");
      expect_diagonal(&scene, &none, "none");
      metric_scene_destroy(&scene);
    }
}

/* For y = a s, W is the inverse of a, whatever the pairs are. */
static void pairs_of_a_diagonal_matrix_give_its_inverse(void **state)
{
  (void)state;
  struct metric_scene scene = make(0, METRIC_DOUBLE, 5, 17);
  uint64_t random = 5;
  for (size_t j = 0; j < scene.shard.n; j++) {
    const double a = random_power_of_ten(&random, -4.0, 4.0);
    for (int i = 0; i < scene.pairs; i++) {
      const double s = random_symmetric(&random);
      shard_set(&scene.shard, slot_s(scene.order[i]), j, s);
      shard_set(&scene.shard, slot_y(scene.order[i]), j, a * s);
    }
    shard_set(&scene.shard, BASE, j, a);
  }
  const secanti_metric metric = metric_scene_from(&scene, 0, 0.5);
  secanti_vectors_weigh(scene.shard.vectors, &metric, BASE);
  double *product = shard_read(&scene.shard, BASE);
  for (size_t j = 0; j < scene.shard.n; j++) assert_true(fabs(product[j] - 2.0) <= 1e-14);
  free(product);
  metric_scene_destroy(&scene);
}

/* Squares of the entries, and of their ratios to each other, are no doubles here. */
static void huge_and_tiny_pairs_give_the_same_diagonal(void **state)
{
  (void)state;
  for (int c = 0; c < 2; c++) {
    const double size = c == 0 ? 0x1p+480 : 0x1p-480;
    struct metric_scene scene = make(0, METRIC_DOUBLE, 3, 23);
    for (int i = 0; i < scene.pairs; i++) {
      scene.curvature[i] *= size * size;
      secanti_vectors_scale(scene.shard.vectors, size, slot_s(scene.order[i]));
      secanti_vectors_scale(scene.shard.vectors, size, slot_y(scene.order[i]));
    }
    metric_scene_read(&scene);
    const secanti_metric metric = metric_scene_from(&scene, 0, 10.0);
    expect_diagonal(&scene, &metric, c == 0 ? "huge" : "tiny");
    metric_scene_destroy(&scene);
  }
}

static void a_quotient_that_is_no_number_weighs_one(void **state)
{
  (void)state;
  const double bad[] = {INFINITY, NAN};
  for (int c = 0; c < 4; c++) {
    struct metric_scene scene = make(2, METRIC_DOUBLE, 2, 29);
    const secanti_metric metric = metric_scene_from(&scene, 0, 1.0);
    shard_set(&scene.shard, BASE, 4, 1.0);
    shard_set(&scene.shard, c / 2 ? slot_s(scene.order[0]) : slot_y(scene.order[0]), 4, bad[c % 2]);
    secanti_vectors_weigh(scene.shard.vectors, &metric, BASE);
    double *w = shard_read(&scene.shard, BASE);
    assert_true(same_bits(w[4], 1.0));
    free(w);
    metric_scene_destroy(&scene);
  }
}

/* ---- pass A ------------------------------------------------------------------------------------------------------ */

static void pass_a_weighs_gradients_and_leaves_steps(void **state)
{
  (void)state;
  for (size_t index = 0; index < METRIC_SHAPES; index++)
    for (int types = 0; types < METRIC_TYPES; types++) {
      struct metric_scene scene = make(index, types, 5, 31 + (uint64_t)types);
      const secanti_move move = metric_scene_move(&scene, metric_scene_from(&scene, 0, 0.1));
      double *g = shard_read(&scene.shard, G);
      const double inf = secanti_pass_move(scene.shard.vectors, &move),
                   unit = types == METRIC_DOUBLE ? 0x1p-46 : 0x1p-23;
      double *d = shard_read(&scene.shard, slot_s(scene.pending)), most = 0.0;
      metric_scene_read(&scene);
      for (size_t j = 0; j < scene.shard.n; j++) {
        const long double w = metric_scene_weight(&scene, &move.metric, j);
        long double want = move.cg * w * g[j], size = fabsl(want);
        for (int i = 0; i < scene.pairs; i++) {
          const long double of_y = scene.cy[i] * w * scene.y[i][j], of_s = (long double)scene.cs[i] * scene.s[i][j];
          want += of_y + of_s, size += fabsl(of_y) + fabsl(of_s);
        }
        if (!(fabsl(d[j] - want) <= unit * size)) fail_msg("shape %zu: d[%zu] is %a, not %La", index, j, d[j], want);
        most = fmax(most, fabs(d[j]));
      }
      assert_true(same_bits(inf, most));
      free(g), free(d);
      metric_scene_destroy(&scene);
    }
}

/* ---- bits -------------------------------------------------------------------------------------------------------- */

/* All that the passes make of a metric: the sums, then d. */
typedef struct outcome {
  double *sums, *d;
  size_t words, n;
} outcome;

static outcome run_everything(struct metric_scene *scene)
{
  const secanti_metric metric = metric_scene_from(scene, 0, 0.1);
  const secanti_move move = metric_scene_move(scene, metric);
  secanti_products products = {.metric = move.metric, .all = true, .candidate = metric};
  secanti_pass_move(scene->shard.vectors, &move);
  outcome out = {.sums = metric_scene_products(scene, &products), .n = scene->shard.n};
  out.words = (size_t)secanti_products_count(&products) * secanti_sums_words(scene->shard.shape.binned);
  secanti_vectors_weigh(scene->shard.vectors, &metric, slot_s(scene->pending));
  out.d = shard_read(&scene->shard, slot_s(scene->pending));
  return out;
}

static void expect_same_outcome(const char *what, outcome got, const outcome *want)
{
  expect_same_bits(what, 0, got.words, got.sums, want->sums);
  expect_same_bits(what, 0, got.n, got.d, want->d);
  free(got.sums), free(got.d);
}

static void threads_change_no_bit_of_binned_sums(void **state)
{
  (void)state;
  for (int types = 0; types < METRIC_TYPES; types++) {
    outcome one = {0};
    for (int threads = 1; threads <= 3; threads++) {
      shard_shape shape = metric_shapes[1];
      shape.threads = threads;
      shape.binned = true;
      struct metric_scene scene = metric_scene_create(shape, types, 5, 61);
      const outcome some = run_everything(&scene);
      assert_int_equal(scene.shard.vectors->shares, threads);
      if (threads == 1) one = some;
      if (threads > 1) expect_same_outcome("threads", some, &one);
      metric_scene_destroy(&scene);
    }
    free(one.sums), free(one.d);
  }
}

static void every_vector_width_gives_the_same_bits(void **state)
{
  (void)state;
  for (size_t index = 0; index < METRIC_SHAPES; index++)
    for (int types = 0; types < METRIC_TYPES; types++) {
      const secanti_passes *passes[3];
      const int count = shard_kernels(types == METRIC_SINGLE ? SECANT_F32 : SECANT_F64, types == METRIC_NARROW, passes);
      outcome first = {0};
      for (int i = 0; i < count; i++) {
        struct metric_scene scene = make(index, types, 5, 67);
        scene.shard.vectors->passes = passes[i];
        scene.shard.vectors->past_caches = i % 2;
        const outcome some = run_everything(&scene);
        if (i == 0) first = some;
        if (i > 0) expect_same_outcome("width", some, &first);
        metric_scene_destroy(&scene);
      }
      free(first.sums), free(first.d);
    }
}

/* The weights of padding are 1: a direction that is not finite leaves no trace behind the end of a vector. */
static void what_is_not_finite_stays_in_its_element(void **state)
{
  (void)state;
  for (int types = 0; types < METRIC_TYPES; types++) {
    struct metric_scene scene = make(2, types, 5, 71);
    const secanti_move move = metric_scene_move(&scene, metric_scene_from(&scene, 0, 0.1));
    shard_set(&scene.shard, G, 8, NAN);
    assert_true(isnan(secanti_pass_move(scene.shard.vectors, &move)));
    double *d = shard_read(&scene.shard, slot_s(scene.pending)), *x = shard_read(&scene.shard, X);
    for (size_t j = 0; j < scene.shard.n; j++) assert_true(isnan(d[j]) == (j == 8) && isnan(x[j]) == (j == 8));
    free(d), free(x);
    metric_scene_destroy(&scene);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_vector_is_weighed_by_the_formula),
      cmocka_unit_test(pairs_of_a_diagonal_matrix_give_its_inverse),
      cmocka_unit_test(huge_and_tiny_pairs_give_the_same_diagonal),
      cmocka_unit_test(a_quotient_that_is_no_number_weighs_one),
      cmocka_unit_test(pass_a_weighs_gradients_and_leaves_steps),
      cmocka_unit_test(threads_change_no_bit_of_binned_sums),
      cmocka_unit_test(every_vector_width_gives_the_same_bits),
      cmocka_unit_test(what_is_not_finite_stays_in_its_element),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
