#include "support/defined_direction.h"
#include <math.h>
#include <stdlib.h>

enum { MOST = 100, MOST_PAIRS = 16 };

/* All that the definition of a direction needs, taken from an optimizer whose trial step is wanted. */
typedef struct scene {
  int n, pairs, implied; /* the diagonal is made of the `implied` oldest pairs */
  double gamma, reference;
  double g[MOST], d[MOST], s[MOST_PAIRS][MOST], y[MOST_PAIRS][MOST];
} scene;

static void read_vector(const secant_optimizer *o, secanti_vector_kind kind, int slot, double *into)
{
  for (size_t i = 0; i < o->parameters.count; i++) {
    const size_t count = o->parameters.segments[i].count;
    secanti_vectors_export(o->engine.vectors, (secanti_vector){kind, slot}, i, 0, count, into);
    into += count;
  }
}

static scene scene_of(const secant_optimizer *o)
{
  const secanti_history *history = &o->engine.history;
  const secanti_diagonal *diagonal = &o->engine.here.diagonal;
  scene s = {.pairs = history->pairs,
             .implied = diagonal->in_force ? (int)diagonal->pairs : 0,
             .gamma = history->gamma,
             .reference = diagonal->reference};
  for (size_t i = 0; i < o->parameters.count; i++) s.n += (int)o->parameters.segments[i].count;
  if (s.n > MOST || s.pairs > MOST_PAIRS) abort();
  read_vector(o, SECANTI_G0, history->pending, s.g);
  read_vector(o, SECANTI_S, history->pending, s.d);
  for (int i = 0; i < s.pairs; i++) {
    read_vector(o, SECANTI_S, history->order[i], s.s[i]);
    read_vector(o, SECANTI_Y, history->order[i], s.y[i]);
  }
  return s;
}

static long double dot(const double *a, const long double *b, int n)
{
  long double sum = 0.0L;
  for (int i = 0; i < n; i++) sum += (long double)a[i] * b[i];
  return sum;
}

static long double curvature(const scene *s, int k)
{
  long double sum = 0.0L;
  for (int i = 0; i < s->n; i++) sum += (long double)s->s[k][i] * s->y[k][i];
  return sum;
}

/* sqrt(sum s^2 / c / sum y^2 / c) / reference between 1e-8 and 1e8, or 1. */
static long double weight(const scene *s, int i)
{
  long double a = 0.0L, b = 0.0L;
  for (int k = 0; k < s->implied; k++) {
    const long double c = curvature(s, k), sk = s->s[k][i], yk = s->y[k][i];
    a += sk * sk / c;
    b += yk * yk / c;
  }
  if (!(a > 0.0L && b > 0.0L)) return 1.0L;
  return fminl(1e8L, fmaxl(1e-8L, sqrtl(a / b) / s->reference));
}

/* The textbook's two loops. Source: Nocedal and Wright 2006, algorithm 7.4. */
static void defined_direction(const scene *s, long double *d)
{
  long double alpha[MOST_PAIRS];
  for (int i = 0; i < s->n; i++) d[i] = -(long double)s->g[i];
  for (int k = s->pairs - 1; k >= 0; k--) {
    alpha[k] = dot(s->s[k], d, s->n) / curvature(s, k);
    for (int i = 0; i < s->n; i++) d[i] -= alpha[k] * s->y[k][i];
  }
  for (int i = 0; i < s->n; i++) d[i] *= s->gamma * weight(s, i);
  for (int k = 0; k < s->pairs; k++) {
    const long double beta = dot(s->y[k], d, s->n) / curvature(s, k);
    for (int i = 0; i < s->n; i++) d[i] += (alpha[k] - beta) * s->s[k][i];
  }
}

/* gamma is s.y / y.W y of the newest pair. */
static long double defined_gamma(const scene *s)
{
  long double ywy = 0.0L;
  const double *y = s->y[s->pairs - 1];
  for (int i = 0; i < s->n; i++) ywy += weight(s, i) * y[i] * y[i];
  return curvature(s, s->pairs - 1) / ywy;
}

static void expect_direction(struct verdict *verdict, const scene *s, double predicted, const char *when, int at)
{
  long double d[MOST], off = 0.0L, size = 0.0L, slope = 0.0L;
  defined_direction(s, d);
  for (int i = 0; i < s->n; i++) {
    off += (s->d[i] - d[i]) * (s->d[i] - d[i]);
    size += d[i] * d[i];
    slope += (long double)s->g[i] * s->d[i];
  }
  CHECK(verdict, slope < 0.0L, "%s, trial %d: slope %La", when, at, slope);
  CHECK(verdict, fabsl(predicted - slope) <= -1e-8L * slope, "%s, trial %d: slope %a, not %La", when, at, predicted,
        slope);
  CHECK(verdict, off <= 1e-16L * size, "%s, trial %d: %La of d is wrong, %d pairs, %d in the diagonal", when, at,
        sqrtl(off / size), s->pairs, s->implied);
  if (s->pairs == 0) return;
  const long double gamma = defined_gamma(s);
  CHECK(verdict, fabsl(s->gamma - gamma) <= 1e-10L * gamma, "%s, trial %d: gamma is %a, not %La", when, at, s->gamma,
        gamma);
}

void expect_defined_direction(struct verdict *verdict, const secant_optimizer *optimizer, const char *when, int at)
{
  const scene s = scene_of(optimizer);
  expect_direction(verdict, &s, optimizer->engine.slope, when, at);
}
