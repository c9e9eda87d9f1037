/* One rank's vectors for tests: arrays between guards of NaN, random contents, and access by one flat index. */
#ifndef SECANT_TESTS_SHARD_H
#define SECANT_TESTS_SHARD_H

#include "vector/passes.h"
#include "vector/vectors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHARD_SEGMENTS = 12 };

typedef struct shard_shape {
  secant_dtype dtype;
  size_t tile;
  int threads;
  int slots;
  bool kept;
  bool narrow;   /* f32 slots under f64 */
  bool weighted; /* by weights in [1/2, 3/2) */
  size_t segments;
  size_t counts[SHARD_SEGMENTS];
  int groups;  /* 0: one; else segment i belongs to group i mod groups */
  bool binned; /* sums are binned */
} shard_shape;

struct shard {
  shard_shape shape;
  size_t n; /* sum of the counts */
  void *arrays[2 * SHARD_SEGMENTS];
  secanti_segment segments[SHARD_SEGMENTS];
  secanti_vectors *vectors;
};

/* Creates a shard; every element of every vector is random in [-1, 1). Fails the running test if memory is short. */
struct shard shard_create(const shard_shape *shape, uint64_t seed);
void shard_destroy(struct shard *shard);

/* Kernels for these types that this processor can run, the narrowest first; returns how many of passes [3]. */
int shard_kernels(secant_dtype dtype, bool narrow, const secanti_passes **passes);

/* All elements of a vector, as doubles; free() the result. */
double *shard_read(const struct shard *shard, secanti_vector vector);

/* All weights, ones if it has none; free() the result. */
double *shard_weights(const struct shard *shard);

/* Sets one element, 0 <= index < n. */
void shard_set(const struct shard *shard, secanti_vector vector, size_t index, double value);

/* x as a parameter, or an entry of s or y, is stored. */
double shard_round(const struct shard *shard, double x);
double shard_round_pair(const struct shard *shard, double x);

/* Whether two doubles are the same bits, any NaN being equal to any other. */
bool same_bits(double a, double b);

#endif
