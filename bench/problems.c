/* Objectives for counting evaluations; see problems.h. */
#include "problems.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- Rosenbrock's valleys ---------------------------------------------------------------------------------------- */

static void valley_start(size_t n, double *x)
{
  for (size_t i = 0; i < n; i++) x[i] = i % 2 == 0 ? -1.2 : 1.0;
}

/* Adds the gradient of 100 (v - u^2)^2 + (1 - u)^2 and returns its value. */
static double valley(double u, double v, double *gu, double *gv)
{
  const double off = v - u * u;
  *gu += -400.0 * u * off - 2.0 * (1.0 - u);
  *gv += 200.0 * off;
  return 100.0 * off * off + (1.0 - u) * (1.0 - u);
}

/* Extended: n/2 valleys that do not know of each other. Source: Moré, Garbow, Hillstrom 1981, problem 21. */
static double rosenbrock(size_t n, const double *x, double *g)
{
  double sum = 0.0;
  memset(g, 0, n * sizeof *g);
  for (size_t i = 0; i + 1 < n; i += 2) sum += valley(x[i], x[i + 1], &g[i], &g[i + 1]);
  return sum;
}

/* Chained: the v of one valley is the u of the next, so corrections travel along the chain. */
static double chained_rosenbrock(size_t n, const double *x, double *g)
{
  double sum = 0.0;
  memset(g, 0, n * sizeof *g);
  for (size_t i = 0; i + 1 < n; i++) sum += valley(x[i], x[i + 1], &g[i], &g[i + 1]);
  return sum;
}

/* ---- an ill-conditioned quadratic: f = sum w_i x_i^2 / 2, w_i between 1 and 10^4 --------------------------------- */

static double weight(size_t n, size_t i)
{
  return pow(10.0, 4.0 * (double)i / (double)(n - 1));
}

/* Every eigenvalue has the same share of f. */
static void quadratic_start(size_t n, double *x)
{
  for (size_t i = 0; i < n; i++) x[i] = 1.0 / sqrt(weight(n, i));
}

static double quadratic(size_t n, const double *x, double *g)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    g[i] = weight(n, i) * x[i];
    sum += 0.5 * g[i] * x[i];
  }
  return sum;
}

/* ---- the least surface over a square of k x k inner nodes, n = k^2, with x^2 - y^2 on the boundary --------------- */

static double height(size_t k, const double *u, size_t row, size_t column)
{
  if (row > 0 && row <= k && column > 0 && column <= k) return u[(row - 1) * k + column - 1];
  const double h = 1.0 / (double)(k + 1), x = h * (double)column, y = h * (double)row;
  return x * x - y * y;
}

static void add_at(size_t k, double *g, size_t row, size_t column, double value)
{
  if (row > 0 && row <= k && column > 0 && column <= k) g[(row - 1) * k + column - 1] += value;
}

/* A triangle with its right angle at (row, column) and legs in direction `to`, 1 or -1: its area h^2/2 |(p, q, 1)|. */
static double triangle(size_t k, const double *u, double *g, size_t row, size_t column, int to)
{
  const double h = 1.0 / (double)(k + 1);
  const size_t beside = to > 0 ? column + 1 : column - 1, above = to > 0 ? row + 1 : row - 1;
  const double here = height(k, u, row, column);
  const double p = (height(k, u, row, beside) - here) / h, q = (height(k, u, above, column) - here) / h;
  const double slant = sqrt(1.0 + p * p + q * q), scale = 0.5 * h / slant;
  add_at(k, g, row, column, -scale * (p + q));
  add_at(k, g, row, beside, scale * p);
  add_at(k, g, above, column, scale * q);
  return 0.5 * h * h * slant;
}

static double minimal_surface(size_t n, const double *u, double *g)
{
  const size_t k = (size_t)lround(sqrt((double)n));
  double area = 0.0;
  memset(g, 0, n * sizeof *g);
  for (size_t row = 0; row <= k; row++)
    for (size_t column = 0; column <= k; column++) {
      area += triangle(k, u, g, row, column, 1);
      area += triangle(k, u, g, row + 1, column + 1, -1);
    }
  return area;
}

/* ---- logistic regression on 4n made-up rows of 8 entries, l2 = 1e-4 ---------------------------------------------- */

enum { ROWS_PER_UNKNOWN = 4, ENTRIES = 8 };

/* A number in [0, 1) that depends on all bits of the key. Source: Steele, Lea, Flood 2014, SplitMix64. */
static double scatter(uint64_t key)
{
  key += 0x9e3779b97f4a7c15U;
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9U;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebU;
  return (double)((key ^ (key >> 31)) >> 11) * 0x1p-53;
}

typedef struct entry {
  size_t column;
  double value;
} entry;

/* Columns differ in scale by up to 100, as columns of data do. */
static entry entry_of(size_t n, size_t row, size_t k)
{
  const uint64_t key = 2 * (row * ENTRIES + k);
  const size_t column = (size_t)(scatter(key) * (double)n);
  return (entry){column, (2.0 * scatter(key + 1) - 1.0) * pow(10.0, (double)(column % 3) - 1.0)};
}

/* The label follows the sign of the entries' sum in nine rows of ten. */
static double row_loss(size_t n, size_t row, double share, const double *x, double *g)
{
  double inner = 0.0, sum = 0.0;
  entry entries[ENTRIES];
  for (size_t k = 0; k < ENTRIES; k++) {
    entries[k] = entry_of(n, row, k);
    inner += entries[k].value * x[entries[k].column];
    sum += entries[k].value;
  }
  const double label = (sum > 0.0) == (scatter(~(uint64_t)row) < 0.9) ? 1.0 : -1.0, margin = label * inner;
  const double slope = -label / (1.0 + exp(margin));
  for (size_t k = 0; k < ENTRIES; k++) g[entries[k].column] += share * slope * entries[k].value;
  return share * (margin > 0.0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin);
}

static void zero_start(size_t n, double *x)
{
  memset(x, 0, n * sizeof *x);
}

static double logistic(size_t n, const double *x, double *g)
{
  const size_t rows = ROWS_PER_UNKNOWN * n;
  const double l2 = 1e-4, share = 1.0 / (double)rows;
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    g[i] = l2 * x[i];
    sum += 0.5 * l2 * x[i] * x[i];
  }
  for (size_t row = 0; row < rows; row++) sum += row_loss(n, row, share, x, g);
  return sum;
}

const bench_problem *bench_problem_find(const char *name)
{
  static const bench_problem problems[] = {
      {"rosenbrock", valley_start, rosenbrock},  {"chained_rosenbrock", valley_start, chained_rosenbrock},
      {"quadratic", quadratic_start, quadratic}, {"minimal_surface", zero_start, minimal_surface},
      {"logistic", zero_start, logistic},
  };
  for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
    if (strcmp(problems[i].name, name) == 0) return &problems[i];
  }
  return NULL;
}
