/* Stored pairs of widely different sizes and the diagonal that they imply, in extended precision. */
#ifndef SECANT_TESTS_METRIC_SCENE_H
#define SECANT_TESTS_METRIC_SCENE_H

#include "support/shard.h"

enum { METRIC_PAIRS = SECANTI_METRIC_PAIRS, METRIC_SLOTS = METRIC_PAIRS + 1 };

/* The pairs of element types: parameters and history. */
enum { METRIC_SINGLE, METRIC_DOUBLE, METRIC_NARROW, METRIC_TYPES };

/* Pairs in a ring of slots, oldest first, with the pending slot behind the newest, and what the slots hold. */
struct metric_scene {
  struct shard shard;
  int pairs, order[METRIC_PAIRS], pending;
  double curvature[METRIC_PAIRS], cs[METRIC_PAIRS], cy[METRIC_PAIRS]; /* random */
  double *s[METRIC_PAIRS], *y[METRIC_PAIRS];
};

/* Lengths about the lanes and tiles; with tiles of 8 there is work for three threads. */
#define METRIC_LENGTHS .segments = 8, .counts = {0, 1, 7, 8, 9, 1023, 1025, 2100}
enum { METRIC_SHAPES = 4, METRIC_SMALL = 2 };
extern const shard_shape metric_shapes[METRIC_SHAPES];

/* `types` stands above the element types and slots of the shape. Fails the running test if memory is short. */
struct metric_scene metric_scene_create(shard_shape shape, int types, int pairs, uint64_t seed);
void metric_scene_destroy(struct metric_scene *scene);

/* Reads s and y once more, after they have changed. */
void metric_scene_read(struct metric_scene *scene);

/* The metric of the pairs from `first` on; it points into the scene. */
secanti_metric metric_scene_from(const struct metric_scene *scene, int first, double reference);

/* Element j of that metric's diagonal, by the definition. */
long double metric_scene_weight(const struct metric_scene *scene, const secanti_metric *metric, size_t j);

/* Pass B over the scene with what `products` asks for beyond the plain sums, which are returned, to be freed. */
double *metric_scene_products(const struct metric_scene *scene, secanti_products *products);

/* Pass A, whose newest pair is finished on the way and no part of the metric, as when it has just been accepted. */
secanti_move metric_scene_move(const struct metric_scene *scene, secanti_metric metric);

#endif
