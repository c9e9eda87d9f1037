#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/metric_scene.h"
#include "support/random.h"
#include "support/ring.h"
#include "vector/sums.h"

#include <math.h>
#include <stdlib.h>

const shard_shape metric_shapes[METRIC_SHAPES] = {
    {.tile = 1024, .threads = 1, METRIC_LENGTHS},
    {.tile = 8, .threads = 3, METRIC_LENGTHS},
    {.tile = 8, .threads = 1, .segments = 1, .counts = {9}},
    {.tile = 8, .threads = 2, .segments = 2, .counts = {0, 0}},
};

/* Some elements never moved, some have no curvature, and the others ask for weights within the bounds and beyond. */
static void spread(const struct metric_scene *scene, int slot, uint64_t seed)
{
  uint64_t random = seed; /* the same for all pairs */
  double *s = shard_read(&scene->shard, slot_s(slot)), *y = shard_read(&scene->shard, slot_y(slot));
  for (size_t j = 0; j < scene->shard.n; j++) {
    const double grow = random_power_of_ten(&random, -6.0, 6.0), shrink = random_power_of_ten(&random, -6.0, 6.0);
    shard_set(&scene->shard, slot_s(slot), j, j % 7 == 3 ? 0.0 : grow * s[j]);
    shard_set(&scene->shard, slot_y(slot), j, j % 11 == 5 || j == 3 ? 0.0 : shrink * y[j]);
  }
  free(s), free(y);
}

void metric_scene_read(struct metric_scene *scene)
{
  for (int i = 0; i < scene->pairs; i++) {
    free(scene->s[i]), free(scene->y[i]);
    scene->s[i] = shard_read(&scene->shard, slot_s(scene->order[i]));
    scene->y[i] = shard_read(&scene->shard, slot_y(scene->order[i]));
  }
}

struct metric_scene metric_scene_create(shard_shape shape, int types, int pairs, uint64_t seed)
{
  uint64_t random = ~seed;
  struct metric_scene scene = {.pairs = pairs};
  const int oldest = (int)(random_next(&random) % METRIC_SLOTS);
  shape.dtype = types == METRIC_SINGLE ? SECANT_F32 : SECANT_F64;
  shape.narrow = types == METRIC_NARROW;
  shape.slots = METRIC_SLOTS;
  scene.shard = shard_create(&shape, seed);
  scene.pending = (oldest + pairs) % METRIC_SLOTS;
  for (int i = 0; i < pairs; i++) {
    scene.order[i] = (oldest + i) % METRIC_SLOTS;
    scene.curvature[i] = random_power_of_ten(&random, -5.0, 5.0);
    scene.cs[i] = random_symmetric(&random);
    scene.cy[i] = random_symmetric(&random);
    spread(&scene, scene.order[i], seed + 1);
  }
  metric_scene_read(&scene);
  return scene;
}

void metric_scene_destroy(struct metric_scene *scene)
{
  for (int i = 0; i < scene->pairs; i++) free(scene->s[i]), free(scene->y[i]);
  shard_destroy(&scene->shard);
}

secanti_metric metric_scene_from(const struct metric_scene *scene, int first, double reference)
{
  return (secanti_metric){scene->pairs - first, scene->order + first, scene->curvature + first, reference};
}

long double metric_scene_weight(const struct metric_scene *scene, const secanti_metric *metric, size_t j)
{
  long double a = 0.0L, b = 0.0L;
  if (metric->pairs == 0) return 1.0L;
  const int first = (int)(metric->order - scene->order);
  for (int k = 0; k < metric->pairs; k++) {
    a += (long double)scene->s[first + k][j] * scene->s[first + k][j] / metric->curvature[k];
    b += (long double)scene->y[first + k][j] * scene->y[first + k][j] / metric->curvature[k];
  }
  if (a == 0.0L || b == 0.0L) return 1.0L;
  return fminl(fmaxl(sqrtl(a / b) / metric->reference, 1e-8L), 1e8L);
}

double *metric_scene_products(const struct metric_scene *scene, secanti_products *products)
{
  double inf;
  products->pairs = scene->pairs;
  products->order = scene->order;
  products->pending = scene->pending;
  products->step = 0.3;
  products->grad_inf = &inf;
  const size_t words = secanti_sums_words(secanti_vectors_binned(scene->shard.vectors));
  double *sums = calloc((size_t)secanti_products_count(products) * words, sizeof *sums);
  assert_non_null(sums);
  products->sums = sums;
  secanti_pass_products(scene->shard.vectors, products);
  products->grad_inf = NULL;
  return sums;
}

secanti_move metric_scene_move(const struct metric_scene *scene, secanti_metric metric)
{
  metric.pairs--;
  return (secanti_move){.finish = scene->order[scene->pairs - 1],
                        .finish_step = 1.0,
                        .pairs = scene->pairs,
                        .order = scene->order,
                        .cg = -0.7,
                        .cs = scene->cs,
                        .cy = scene->cy,
                        .into = scene->pending,
                        .step = 0.3,
                        .move = true,
                        .metric = metric};
}
