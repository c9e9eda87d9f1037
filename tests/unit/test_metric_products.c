/* Pass B with the diagonal that pairs imply: weighed sums, products of all pairs, ratings, in extended precision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/metric_scene.h"
#include "support/ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const secanti_vector G = {SECANTI_G, 0};

static struct metric_scene make(size_t index, int types, int pairs, uint64_t seed)
{
  return metric_scene_create(metric_shapes[index], types, pairs, seed);
}

/* A sum in extended precision, and the sum of the absolute values of its terms. */
typedef struct exact {
  long double value, size;
} exact;

static void add_term(exact *sum, long double term)
{
  sum->value += term;
  sum->size += fabsl(term);
}

/* What an element adds to the sums that a metric touches; g and y are its entries of gradient and pending y. */
static void add_weighted(const struct metric_scene *scene, const secanti_products *products, size_t j, long double g,
                         long double y, exact *sums)
{
  const long double w = metric_scene_weight(scene, &products->metric, j),
                    v = metric_scene_weight(scene, &products->candidate, j);
  exact *next = sums + secanti_product_sums(products->pairs);
  add_term(&sums[SECANTI_SUM_GWG], g * w * g);
  add_term(&sums[SECANTI_SUM_YG], y * w * g);
  add_term(&sums[SECANTI_SUM_YWY], y * w * y);
  for (int i = 0; i < products->pairs; i++) {
    exact *pair = sums + secanti_product_sums(i);
    add_term(&pair[SECANTI_PAIR_YG], scene->y[i][j] * w * g);
    add_term(&pair[SECANTI_PAIR_YY], scene->y[i][j] * w * y);
    for (int k = 0; products->all && k <= i; k++) add_term(next++, scene->y[i][j] * w * scene->y[k][j]);
  }
  for (int i = 0; products->candidate.pairs > 0 && i < products->pairs; i++, next += SECANTI_SUMS_PER_RATING) {
    const long double sj = scene->s[i][j], yj = scene->y[i][j];
    add_term(&next[SECANTI_RATING_SS], sj * sj);
    add_term(&next[SECANTI_RATING_YY], yj * yj);
    add_term(&next[SECANTI_RATING_SWS], sj / v * sj);
    add_term(&next[SECANTI_RATING_YWY], yj * v * yj);
  }
}

/* Whether a sum of the plain ones is weighed. */
static bool weighed(int i)
{
  const int in_pair = (i - SECANTI_SUMS_FIXED) % SECANTI_SUMS_PER_PAIR;
  if (i < SECANTI_SUMS_FIXED) return i == SECANTI_SUM_YG || i == SECANTI_SUM_GWG || i == SECANTI_SUM_YWY;
  return in_pair == SECANTI_PAIR_YG || in_pair == SECANTI_PAIR_YY;
}

static void check_products(const struct metric_scene *scene, secanti_products products, const char *what)
{
  secanti_products plain = {0};
  double *got = metric_scene_products(scene, &products), *unweighed = metric_scene_products(scene, &plain);
  double *g = shard_read(&scene->shard, G), *g0 = shard_read(&scene->shard, old_gradient(scene->pending));
  exact *want = calloc((size_t)secanti_products_count(&products), sizeof *want);
  assert_non_null(want);
  for (size_t j = 0; j < scene->shard.n; j++)
    add_weighted(scene, &products, j, g[j], shard_round_pair(&scene->shard, g[j] - g0[j]), want);
  for (int i = 0; i < secanti_products_count(&products); i++) {
    const bool further = i >= secanti_product_sums(scene->pairs);
    if (further || weighed(i)) {
      if (!(fabsl(got[i] - want[i].value) <= 0x1p-42 * want[i].size)) {
        fail_msg("%s, sum %d: %a, not %La", what, i, got[i], want[i].value);
      }
    }
    if (!further && (!weighed(i) || products.metric.pairs == 0)) expect_same_bits(what, 0, 1, &got[i], &unweighed[i]);
  }
  free(got), free(unweighed), free(g), free(g0), free(want);
}

static void pass_b_forms_what_is_asked_for(void **state)
{
  (void)state;
  const int pairs[] = {1, 5, METRIC_PAIRS};
  for (size_t index = 0; index < METRIC_SHAPES; index++)
    for (int c = 0; c < 3 * METRIC_TYPES; c++) {
      struct metric_scene scene =
          make(c / METRIC_TYPES == 2 ? 2 : index, c % METRIC_TYPES, pairs[c / METRIC_TYPES], 41 + (uint64_t)c);
      const secanti_metric metric = metric_scene_from(&scene, 0, 0.1),
                           other = metric_scene_from(&scene, scene.pairs / 2, 3.0);
      check_products(&scene, (secanti_products){.metric = metric}, "metric");
      check_products(&scene, (secanti_products){.all = true}, "all");
      check_products(&scene, (secanti_products){.candidate = other}, "rating");
      check_products(&scene, (secanti_products){.metric = metric, .all = true}, "metric, all");
      check_products(&scene, (secanti_products){.metric = metric, .all = true, .candidate = other}, "everything");
      metric_scene_destroy(&scene);
    }
}

/* W of one pair has the entries |s_i| / |y_i| / reference; elements without an entry of s or y add nothing. */
static void a_pair_alone_is_rated_in_closed_form(void **state)
{
  (void)state;
  struct metric_scene scene = make(0, METRIC_DOUBLE, 1, 47);
  for (size_t j = 0; j < scene.shard.n; j++) {
    const bool moved = scene.s[0][j] != 0.0 && scene.y[0][j] != 0.0;
    shard_set(&scene.shard, slot_s(scene.order[0]), j, moved ? 1.0 + 0.5 * sin((double)j) : 0.0);
    shard_set(&scene.shard, slot_y(scene.order[0]), j, moved ? 1.0 + 0.5 * cos((double)j) : 0.0);
  }
  metric_scene_read(&scene);
  double product = 0.0;
  for (size_t j = 0; j < scene.shard.n; j++) product += scene.s[0][j] * scene.y[0][j];
  secanti_products products = {.candidate = metric_scene_from(&scene, 0, 0.25)};
  double *sums = metric_scene_products(&scene, &products), *rating = sums + secanti_product_sums(1);
  assert_true(fabs(rating[SECANTI_RATING_SWS] - 0.25 * product) <= 1e-12 * product);
  assert_true(fabs(rating[SECANTI_RATING_YWY] - 4.0 * product) <= 1e-12 * product);
  free(sums);
  metric_scene_destroy(&scene);
}

static void sums_are_counted_as_they_lie(void **state)
{
  (void)state;
  const int order[METRIC_PAIRS] = {0};
  const secanti_metric candidate = {.pairs = 4, .order = order};
  const secanti_products plain = {.pairs = 7}, all = {.pairs = 7, .all = true, .candidate = candidate};
  assert_int_equal(secanti_products_count(&plain), secanti_product_sums(7));
  assert_int_equal(secanti_products_count(&all), secanti_product_sums(7) + 28 + 28);
  assert_int_equal(secanti_most_product_sums(7), secanti_products_count(&all));
  assert_int_equal(secanti_most_product_sums(0), secanti_product_sums(0));
  assert_int_equal(secanti_most_product_sums(1000) - secanti_product_sums(1000),
                   secanti_most_product_sums(METRIC_PAIRS) - secanti_product_sums(METRIC_PAIRS));
}

/* The table of a metric can be made again from the vectors, and nobody can tell. */
static void a_row_has_the_bits_that_its_pair_had_while_pending(void **state)
{
  (void)state;
  for (int types = 0; types < METRIC_TYPES; types++) {
    struct metric_scene scene = make(0, types, 6, 53);
    const int order[] = {scene.order[1], scene.order[2], scene.order[3], scene.order[4], scene.order[5]};
    const secanti_metric metric = {5, order, scene.curvature, 0.1};
    secanti_products pending = {.metric = metric}, finished = {.metric = metric, .all = true};
    double *before = metric_scene_products(&scene, &pending);
    secanti_vectors_finish_pair(scene.shard.vectors, scene.pending, pending.step);
    memcpy(scene.order, order, sizeof order);
    scene.order[5] = scene.pending;
    double *after = metric_scene_products(&scene, &finished), *row = after + secanti_product_sums(6) + 15;
    for (int i = 0; i < 5; i++) {
      expect_same_bits("y.wy", 53, 1, &row[i], &before[secanti_product_sums(i + 1) + SECANTI_PAIR_YY]);
    }
    expect_same_bits("y.wy", 53, 1, &row[5], &before[SECANTI_SUM_YWY]);
    free(before), free(after);
    metric_scene_destroy(&scene);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pass_b_forms_what_is_asked_for),
      cmocka_unit_test(a_pair_alone_is_rated_in_closed_form),
      cmocka_unit_test(sums_are_counted_as_they_lie),
      cmocka_unit_test(a_row_has_the_bits_that_its_pair_had_while_pending),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
