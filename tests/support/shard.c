#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/shard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 16 };

static size_t element(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
}

static void put(secant_dtype dtype, void *array, size_t index, double value)
{
  if (dtype == SECANT_F32)
    ((float *)array)[index] = (float)value;
  else
    ((double *)array)[index] = value;
}

static double get(secant_dtype dtype, const void *array, size_t index)
{
  return dtype == SECANT_F32 ? (double)((const float *)array)[index] : ((const double *)array)[index];
}

static secant_dtype type_of(const struct shard *shard, secanti_vector vector)
{
  return secanti_vectors_dtype(shard->vectors, vector.kind);
}

/* An array of `count` elements between two guards of NaN; array number `index` of the shard. */
static void *guarded(struct shard *shard, size_t index, size_t count)
{
  const secant_dtype dtype = shard->shape.dtype;
  shard->arrays[index] = malloc((count + 2 * GUARD) * element(dtype));
  assert_non_null(shard->arrays[index]);
  for (size_t i = 0; i < count + 2 * GUARD; i++) put(dtype, shard->arrays[index], i, NAN);
  return (char *)shard->arrays[index] + GUARD * element(dtype);
}

static void fill(const struct shard *shard, secanti_vector vector, uint64_t *random)
{
  for (size_t i = 0; i < shard->shape.segments; i++) {
    const size_t count = shard->shape.counts[i];
    const secant_dtype dtype = type_of(shard, vector);
    void *values = malloc((count + 1) * element(dtype));
    assert_non_null(values);
    for (size_t j = 0; j < count; j++) put(dtype, values, j, random_symmetric(random));
    secanti_vectors_import(shard->vectors, vector, i, 0, count, values);
    free(values);
  }
}

static void fill_all(const struct shard *shard, uint64_t seed)
{
  uint64_t random = seed;
  fill(shard, (secanti_vector){SECANTI_X, 0}, &random);
  fill(shard, (secanti_vector){SECANTI_G, 0}, &random);
  fill(shard, (secanti_vector){SECANTI_BASE, 0}, &random);
  if (shard->shape.kept) fill(shard, (secanti_vector){SECANTI_KEPT, 0}, &random);
  if (shard->shape.narrow) fill(shard, (secanti_vector){SECANTI_G0, 0}, &random);
  for (int slot = 0; slot < shard->shape.slots; slot++) {
    fill(shard, (secanti_vector){SECANTI_S, slot}, &random);
    fill(shard, (secanti_vector){SECANTI_Y, slot}, &random);
  }
  for (size_t i = 0; shard->shape.weighted && i < shard->n; i++) {
    shard_set(shard, (secanti_vector){SECANTI_WEIGHT, 0}, i, 1.0 + 0.5 * random_symmetric(&random));
  }
}

struct shard shard_create(const shard_shape *shape, uint64_t seed)
{
  struct shard shard = {.shape = *shape};
  for (size_t i = 0; i < shape->segments; i++) {
    shard.segments[i].count = shape->counts[i];
    shard.segments[i].group = shape->groups > 0 ? (int)i % shape->groups : 0;
    shard.segments[i].values = guarded(&shard, 2 * i, shape->counts[i]);
    shard.segments[i].gradient = guarded(&shard, 2 * i + 1, shape->counts[i]);
    shard.n += shape->counts[i];
  }
  const secanti_vectors_shape vectors = {
      .dtype = shape->dtype,
      .segments = shard.segments,
      .segment_count = shape->segments,
      .tile = shape->tile,
      .slots = shape->slots,
      .kept = shape->kept,
      .narrow = shape->narrow,
      .threads = shape->threads,
      .groups = shape->groups,
      .binned = shape->binned,
  };
  assert_int_equal(secanti_vectors_create(&shard.vectors, &vectors), SECANT_OK);
  if (shape->weighted) assert_int_equal(secanti_vectors_add_weights(shard.vectors), SECANT_OK);
  fill_all(&shard, seed);
  return shard;
}

void shard_destroy(struct shard *shard)
{
  secanti_vectors_destroy(shard->vectors);
  for (size_t i = 0; i < 2 * shard->shape.segments; i++) free(shard->arrays[i]);
}

/* The one of three that is for these types. */
static const secanti_passes *choose(secant_dtype dtype, bool narrow, const secanti_passes *f32,
                                    const secanti_passes *f64, const secanti_passes *mixed)
{
  return dtype == SECANT_F32 ? f32 : narrow ? mixed : f64;
}

int shard_kernels(secant_dtype dtype, bool narrow, const secanti_passes **passes)
{
  int count = 0;
  passes[count++] = choose(dtype, narrow, &secanti_passes_f32, &secanti_passes_f64, &secanti_passes_mixed);
#ifdef SECANTI_X86
  if (__builtin_cpu_supports("avx2")) {
    passes[count++] =
        choose(dtype, narrow, &secanti_passes_f32_avx2, &secanti_passes_f64_avx2, &secanti_passes_mixed_avx2);
  }
  if (__builtin_cpu_supports("avx512f")) {
    passes[count++] =
        choose(dtype, narrow, &secanti_passes_f32_avx512, &secanti_passes_f64_avx512, &secanti_passes_mixed_avx512);
  }
#endif
  return count;
}

double *shard_read(const struct shard *shard, secanti_vector vector)
{
  double *all = malloc((shard->n + 1) * sizeof *all);
  assert_non_null(all);
  for (size_t i = 0, next = 0; i < shard->shape.segments; i++) {
    const size_t count = shard->shape.counts[i];
    const secant_dtype dtype = type_of(shard, vector);
    void *values = malloc((count + 1) * element(dtype));
    assert_non_null(values);
    secanti_vectors_export(shard->vectors, vector, i, 0, count, values);
    for (size_t j = 0; j < count; j++) all[next++] = get(dtype, values, j);
    free(values);
  }
  return all;
}

double *shard_weights(const struct shard *shard)
{
  if (secanti_vectors_weighted(shard->vectors)) return shard_read(shard, (secanti_vector){SECANTI_WEIGHT, 0});
  double *ones = malloc((shard->n + 1) * sizeof *ones);
  assert_non_null(ones);
  for (size_t i = 0; i < shard->n; i++) ones[i] = 1.0;
  return ones;
}

void shard_set(const struct shard *shard, secanti_vector vector, size_t index, double value)
{
  size_t segment = 0;
  while (index >= shard->shape.counts[segment]) index -= shard->shape.counts[segment++];
  double stored;
  put(type_of(shard, vector), &stored, 0, value);
  secanti_vectors_import(shard->vectors, vector, segment, index, 1, &stored);
}

double shard_round(const struct shard *shard, double x)
{
  return shard->shape.dtype == SECANT_F32 ? (double)(float)x : x;
}

double shard_round_pair(const struct shard *shard, double x)
{
  return shard->shape.narrow ? (double)(float)x : shard_round(shard, x);
}

bool same_bits(double a, double b)
{
  return (a != a && b != b) || memcmp(&a, &b, sizeof a) == 0;
}
