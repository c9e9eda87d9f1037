#include "support/valley.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void valley_start(valley *v)
{
  for (size_t i = 0; i < v->count; i++) {
    const int64_t index = v->first + (int64_t)i;
    v->x[i] = (index % 2 == 0 ? -1.2 : 1.0) + 1e-3 * (double)(index % 11);
  }
}

valley valley_create(int64_t n, int ranks, int rank)
{
  valley v = {0};
  int64_t count = 0;
  if (secant_partition(n, ranks, rank, &v.first, &count) != SECANT_OK) abort();
  v.count = (size_t)count;
  v.x = calloc(v.count + 1, sizeof *v.x);
  v.g = calloc(v.count + 1, sizeof *v.g);
  if (!v.x || !v.g) abort();
  valley_start(&v);
  return v;
}

void valley_destroy(valley *v)
{
  free(v->x);
  free(v->g);
  *v = (valley){0};
}

secant_parameter valley_parameter(const valley *v)
{
  return (secant_parameter){.name = "x", .values = v->x, .gradient = v->g, .local_count = v->count};
}

int valley_evaluate(void *user, double *loss)
{
  valley *v = user;
  v->evaluations++;
  *loss = v->first == 0 && v->count > 0 ? v->offset : 0.0;
  for (size_t i = 0; i < v->count; i += 2) {
    const double c = 1.0 + (double)((v->first + (int64_t)i) / 2 % 7);
    const double u = v->x[i], bend = v->x[i + 1] - u * u, rest = 1.0 - u;
    *loss += c * bend * bend + rest * rest;
    v->g[i] = -4.0 * c * u * bend - 2.0 * rest;
    v->g[i + 1] = 2.0 * c * bend;
  }
  if (v->last) memcpy(v->last, v->x, v->count * sizeof *v->x);
  if (v->evaluations == v->nan_at) *loss = NAN;
  return v->evaluations == v->fail_at;
}
