/* Table, data and starts of the recorded problems; the formulas are in golden_problems.inc.h. */
#include "golden_problems.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct kind kind;

struct golden_problem {
  const kind *kind;
  size_t n;
  double c;
  double l2;
  size_t m;
  double *lambda;  /* quad [n] */
  double *centre;  /* quad [n] */
  double *rows;    /* logistic [m][n-1] */
  double *labels;  /* logistic [m] */
  double *scratch; /* logistic [m]: derivatives of the rows' losses */
};

#define REAL double
#define FN(name) name##_f64
#define MATH(function) function
#include "golden_problems.inc.h"
#undef REAL
#undef FN
#undef MATH

#define REAL float
#define FN(name) name##_f32
#define MATH(function) function##f
#include "golden_problems.inc.h"
#undef REAL
#undef FN
#undef MATH

struct kind {
  const char *name;
  double (*f64)(const golden_problem *problem, const double *x, double *g);
  float (*f32)(const golden_problem *problem, const float *x, float *g);
  size_t least_n;
  size_t block;    /* n is a multiple of this */
  double start[4]; /* repeated */
};

#define KIND(name) #name, name##_f64, name##_f32

static const kind kinds[] = {
    {KIND(rosenbrock), 2, 2, {-1.2, 1, -1.2, 1}},
    {KIND(quad), 1, 1, {1, -1, 1, -1}},
    {KIND(beale), 2, 2, {1, 1, 1, 1}},
    {KIND(wood), 4, 4, {-3, -1, -3, -1}},
    {KIND(powell), 4, 4, {3, -1, 0, 1}},
    {KIND(himmelblau), 2, 2, {0, 0, 0, 0}},
    {KIND(logistic), 2, 1, {0, 0, 0, 0}},
    {KIND(chain), 2, 1, {-1.2, 1, -1.2, 1}},
    {KIND(negquartic), 1, 1, {1, 1, 1, 1}}, /* scaled by 2^-i */
    {KIND(barrier), 1, 1, {0.1, 0.1, 0.1, 0.1}},
    {KIND(overflow), 1, 1, {-1, -1, -1, -1}},
};

static const kind *find_kind(const char *name, size_t n)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, name) == 0) return n >= kinds[i].least_n && n % kinds[i].block == 0 ? &kinds[i] : NULL;
  return NULL;
}

double golden_random(uint32_t *state)
{
  *state = 1664525u * *state + 1013904223u;
  return *state / 4294967296.0;
}

static double symmetric_random(uint32_t *state)
{
  return 2.0 * golden_random(state) - 1.0;
}

/* Label of a row: the sign of sum_j (j - (d+1)/2) a_j plus noise, j counted from 1. */
void golden_logistic_data(size_t m, size_t d, uint32_t seed, double *rows, double *labels)
{
  uint32_t state = seed;
  for (size_t i = 0; i < m; i++) {
    double z = 0.0;
    for (size_t j = 0; j < d; j++) {
      rows[i * d + j] = symmetric_random(&state);
      z += ((double)(j + 1) - 0.5 * (double)(d + 1)) * rows[i * d + j];
    }
    z += 0.5 * symmetric_random(&state);
    labels[i] = z > 0.0 ? 1.0 : -1.0;
  }
}

static bool fill_quad(golden_problem *problem, const golden_args *args)
{
  if (args->lambda_count != problem->n) return false;
  problem->lambda = malloc(problem->n * sizeof(double));
  problem->centre = malloc(problem->n * sizeof(double));
  if (!problem->lambda || !problem->centre) return false;
  memcpy(problem->lambda, args->lambda, problem->n * sizeof(double));
  for (size_t i = 0; i < problem->n; i++) problem->centre[i] = (double)(37 * (i + 1) % 101) / 101.0 - 0.5;
  return true;
}

static bool fill_logistic(golden_problem *problem, const golden_args *args)
{
  if (args->m == 0) return false;
  problem->m = args->m;
  problem->rows = malloc(args->m * (problem->n - 1) * sizeof(double));
  problem->labels = malloc(args->m * sizeof(double));
  problem->scratch = malloc(args->m * sizeof(double));
  if (!problem->rows || !problem->labels || !problem->scratch) return false;
  golden_logistic_data(args->m, problem->n - 1, args->seed, problem->rows, problem->labels);
  return true;
}

static bool fill(golden_problem *problem, const golden_args *args)
{
  problem->c = args->c;
  problem->l2 = args->l2;
  if (problem->kind->f64 == quad_f64) return fill_quad(problem, args);
  if (problem->kind->f64 == logistic_f64) return fill_logistic(problem, args);
  return true;
}

golden_problem *golden_problem_create(const char *name, size_t n, const golden_args *args)
{
  const kind *found = find_kind(name, n);
  golden_problem *problem = found ? calloc(1, sizeof *problem) : NULL;
  if (!problem) return NULL;
  problem->kind = found;
  problem->n = n;
  if (fill(problem, args)) return problem;
  golden_problem_destroy(problem);
  return NULL;
}

void golden_problem_destroy(golden_problem *problem)
{
  if (!problem) return;
  free(problem->lambda);
  free(problem->centre);
  free(problem->rows);
  free(problem->labels);
  free(problem->scratch);
  free(problem);
}

void golden_problem_start(const golden_problem *problem, double *x)
{
  const bool halving = problem->kind->f64 == negquartic_f64;
  for (size_t i = 0; i < problem->n; i++) x[i] = problem->kind->start[i % 4] * (halving ? ldexp(1.0, -(int)i) : 1.0);
}

double golden_problem_f64(const golden_problem *problem, const double *x, double *g)
{
  return problem->kind->f64(problem, x, g);
}

float golden_problem_f32(const golden_problem *problem, const float *x, float *g)
{
  return problem->kind->f32(problem, x, g);
}

double golden_problem_evaluate(const golden_problem *problem, secant_dtype dtype, const void *x, void *g)
{
  return dtype == SECANT_F64 ? golden_problem_f64(problem, x, g) : (double)golden_problem_f32(problem, x, g);
}
