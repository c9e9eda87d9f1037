#include "support/initial_problem.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = INITIAL_N };

static const size_t counts[INITIAL_PARAMETERS] = {3, 0, 5};

bool initial_kind_is_offered(int kind)
{
#ifdef SECANT_HAVE_LAPACK
  (void)kind;
  return true;
#else
  return kind != SECANT_INITIAL_DENSE;
#endif
}

static void put(const initial_problem *p, void *array, int index, double value)
{
  if (p->dtype == SECANT_F32) {
    ((float *)array)[index] = (float)value;
  } else {
    ((double *)array)[index] = value;
  }
}

double initial_problem_get(const initial_problem *p, const double *array, int index)
{
  return p->dtype == SECANT_F32 ? (double)((const float *)(const void *)array)[index] : array[index];
}

/* I + sum of v v' over three random v, times scale. */
static void random_definite(double matrix[N][N], double scale, uint64_t *random)
{
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) matrix[i][j] = i == j ? scale : 0.0;
  for (int k = 0; k < 3; k++) {
    double v[N];
    for (int i = 0; i < N; i++) v[i] = 2.0 * random_symmetric(random);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) matrix[i][j] += scale * (v[i] * v[j]);
  }
}

static void choose_matrix(initial_problem *p, uint64_t *random)
{
  const double scalar = random_power_of_ten(random, -1.0, 0.5);
  random_definite(p->h0, 0.2, random);
  if (p->kind == SECANT_INITIAL_DENSE || p->kind == SECANT_INITIAL_OPERATOR) return;
  for (int i = 0; i < N; i++) {
    const double diagonal = p->kind == SECANT_INITIAL_DIAGONAL ? random_power_of_ten(random, -1.0, 0.5) : scalar;
    for (int j = 0; j < N; j++) p->h0[i][j] = 0.0;
    p->h0[i][i] = p->kind == SECANT_INITIAL_IDENTITY ? 1.0 : diagonal;
    put(p, p->diagonal_entries, i, p->h0[i][i]);
    if (p->kind == SECANT_INITIAL_DIAGONAL) p->h0[i][i] = initial_problem_get(p, p->diagonal_entries, i);
  }
}

void initial_problem_start(initial_problem *p, uint64_t seed)
{
  uint64_t random = seed + 1000;
  for (int i = 0; i < N; i++) put(p, p->x, i, random_symmetric(&random));
}

void initial_problem_create(initial_problem *p, secant_initial_kind kind, secant_dtype dtype, double bend,
                            uint64_t seed)
{
  static const char *const names[INITIAL_PARAMETERS] = {"head", "empty", "tail"};
  const size_t element = dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  uint64_t random = seed;
  *p = (initial_problem){.dtype = dtype, .kind = kind, .bend = bend};
  random_definite(p->a, 1.0, &random);
  choose_matrix(p, &random);
  initial_problem_start(p, seed);
  size_t first = 0;
  for (int i = 0; i < INITIAL_PARAMETERS; first += counts[i++]) {
    p->parameters[i] = (secant_parameter){.name = names[i],
                                          .dtype = dtype,
                                          .values = (char *)p->x + first * element,
                                          .gradient = (char *)p->g + first * element,
                                          .local_count = counts[i]};
    p->diagonal[i] = counts[i] ? (char *)p->diagonal_entries + first * element : NULL;
  }
}

secant_initial_matrix initial_problem_matrix(initial_problem *p)
{
  return (secant_initial_matrix){.kind = p->kind,
                                 .scalar = p->h0[0][0],
                                 .diagonal = p->diagonal,
                                 .dense = &p->h0[0][0],
                                 .apply = initial_problem_multiply,
                                 .user = p};
}

int initial_problem_evaluate(void *user, double *loss)
{
  initial_problem *p = user;
  double x[N], g[N] = {0.0};
  p->evaluations++;
  *loss = 0.0;
  for (int i = 0; i < N; i++) x[i] = initial_problem_get(p, p->x, i);
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) g[i] += p->a[i][j] * x[j];
    *loss += 0.5 * g[i] * x[i];
  }
  for (int i = 0; i < N; i += 2) {
    const double rest = x[i + 1] - x[i] * x[i];
    *loss += p->bend * rest * rest;
    g[i] -= 4.0 * p->bend * rest * x[i];
    g[i + 1] += 2.0 * p->bend * rest;
  }
  for (int i = 0; i < N; i++) put(p, p->g, i, g[i]);
  return 0;
}

int initial_problem_multiply(void *user, const void *const *input, void *const *output)
{
  initial_problem *p = user;
  double in[N], out[N] = {0.0};
  int at = 0;
  p->multiplications++;
  for (int k = 0; k < INITIAL_PARAMETERS; k++)
    for (int j = 0; j < (int)counts[k]; j++) in[at++] = initial_problem_get(p, input[k], j);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) out[i] += p->h0[i][j] * in[j];
  at = 0;
  for (int k = 0; k < INITIAL_PARAMETERS; k++)
    for (int j = 0; j < (int)counts[k]; j++) put(p, output[k], j, p->spoils ? NAN : out[at++]);
  return p->multiplications == p->fail_at;
}

/* Gauss and Jordan, without pivots: the matrix is positive definite. */
void initial_problem_invert(initial_problem *p)
{
  double work[N][2 * N];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) work[i][j] = p->a[i][j], work[i][N + j] = i == j ? 1.0 : 0.0;
  for (int k = 0; k < N; k++) {
    const double pivot = work[k][k];
    for (int j = 0; j < 2 * N; j++) work[k][j] /= pivot;
    for (int i = 0; i < N; i++) {
      const double factor = i == k ? 0.0 : work[i][k];
      for (int j = 0; j < 2 * N; j++) work[i][j] -= factor * work[k][j];
    }
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) p->h0[i][j] = 0.5 * (work[i][N + j] + work[j][N + i]);
}

static double form(double matrix[N][N], const double *a, const double *b)
{
  double sum = 0.0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) sum += a[i] * matrix[i][j] * b[j];
  return sum;
}

static double dot(const double *a, const double *b)
{
  double sum = 0.0;
  for (int i = 0; i < N; i++) sum += a[i] * b[i];
  return sum;
}

/* H = V'H V + rho s s', written out: H - rho (s (Hy)' + (Hy) s') + rho (1 + rho y.Hy) s s'. */
static void update(double h[N][N], const double *s, const double *y)
{
  const double rho = 1.0 / dot(s, y), yhy = form(h, y, y);
  double hy[N];
  for (int i = 0; i < N; i++) hy[i] = dot(h[i], y);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) h[i][j] += rho * ((1.0 + rho * yhy) * s[i] * s[j] - s[i] * hy[j] - hy[i] * s[j]);
}

void initial_problem_direction(const initial_problem *p, int pairs, double s[][INITIAL_N], double y[][INITIAL_N],
                               bool scaled, const double *g, double *d)
{
  double h[N][N];
  memcpy(h, p->h0, sizeof h);
  if (scaled && pairs > 0) {
    const double gamma = dot(s[pairs - 1], y[pairs - 1]) / form(h, y[pairs - 1], y[pairs - 1]);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) h[i][j] *= gamma;
  }
  for (int i = 0; i < pairs; i++) update(h, s[i], y[i]);
  for (int i = 0; i < N; i++) d[i] = -dot(h[i], g);
}
