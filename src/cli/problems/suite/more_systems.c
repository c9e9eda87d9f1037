/*
 * Systems of equations in n unknowns and linear least squares, by the sum of the squares of their residuals:
 *
 *   27  brown-almost-linear      x_i + S - n - 1 for i < n, with S = sum_j x_j; x_1 x_2 ... x_n - 1
 *   28  discrete-boundary-value  2 x_i - x_{i-1} - x_{i+1} + h^2 (x_i + t_i + 1)^3 / 2, h = 1/(n + 1), t_i = i h,
 *                                x_0 = x_{n+1} = 0
 *   29  discrete-integral        x_i + h/2 ((1 - t_i) sum_{j <= i} t_j c_j + t_i sum_{j > i} (1 - t_j) c_j),
 *                                c_j = (x_j + t_j + 1)^3
 *   30  broyden-tridiagonal      (3 - 2 x_i) x_i - x_{i-1} - 2 x_{i+1} + 1, x_0 = x_{n+1} = 0
 *   31  broyden-banded           x_i (2 + 5 x_i^2) + 1 - sum x_j (1 + x_j) over j = i - 5 .. i + 1, j != i, as far as
 *                                there are any
 *   32  linear-full-rank         x_i - S/n - 1 for i <= n, -S/n - 1 for n < i <= 2 n, with S = sum_j x_j; minimum n
 *   33  linear-rank-1            i S - 1 for i <= 2 n, with S = sum_j j x_j; minimum m (m - 1) / (2 (2 m + 1)), m = 2 n
 *   34  linear-rank-1-zeros      the same with S = sum_j (j + 1) x_{j+1}, j <= n - 2, (i - 1) S - 1 for 1 < i < m, and -1
 *                                for i = 1, m; minimum (m^2 + 3 m - 6) / (2 (2 m - 3)), m = 2 n
 *
 * Source: Moré, Garbow, Hillstrom, Testing Unconstrained Optimization Software, TOMS 7 (1981); starts and minima too.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

/* The product without x_i is the product of what is left of it and what is right of it: no division by an x_i of 0. */
static double brown_almost_linear(int n, const double *x, double *gradient)
{
  double sum = 0.0, product = 1.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = product;
    sum += x[i];
    product *= x[i];
  }
  double f = (product - 1.0) * (product - 1.0), residuals = 0.0, right = 1.0;
  for (int i = n - 1; i >= 0; i--) {
    gradient[i] *= 2.0 * (product - 1.0) * right;
    right *= x[i];
  }
  for (int i = 0; i < n - 1; i++) {
    const double r = x[i] + sum - (n + 1.0);
    f += r * r;
    gradient[i] += 2.0 * r;
    residuals += r;
  }
  for (int i = 0; i < n; i++) gradient[i] += 2.0 * residuals;
  return f;
}

static void start_brown_almost_linear(int n, double *x)
{
  suite_fill_all(x, n, 0.5);
}

static double boundary_value(int n, const double *x, double *gradient)
{
  const double h = 1.0 / (n + 1.0);
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i++) {
    const double load = x[i] + (i + 1) * h + 1.0;
    const double left = i > 0 ? x[i - 1] : 0.0, right = i + 1 < n ? x[i + 1] : 0.0;
    const double r = 2.0 * x[i] - left - right + h * h * load * load * load / 2.0;
    f += r * r;
    gradient[i] += 2.0 * r * (2.0 + 1.5 * h * h * load * load);
    if (i > 0) gradient[i - 1] -= 2.0 * r;
    if (i + 1 < n) gradient[i + 1] -= 2.0 * r;
  }
  return f;
}

static void start_boundary_value(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = (i + 1.0) / (n + 1.0) * ((i + 1.0) / (n + 1.0) - 1.0);
}

static double cube(double u)
{
  return u * u * u;
}

/* Fills r [n]: one sweep to the right for the sums over j <= i, one to the left for the others. */
static void integral_residuals(int n, const double *x, double *r)
{
  const double h = 1.0 / (n + 1.0);
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    const double t = (i + 1) * h;
    sum += t * cube(x[i] + t + 1.0);
    r[i] = x[i] + 0.5 * h * (1.0 - t) * sum;
  }
  sum = 0.0;
  for (int i = n - 1; i >= 0; i--) {
    const double t = (i + 1) * h;
    r[i] += 0.5 * h * t * sum;
    sum += (1.0 - t) * cube(x[i] + t + 1.0);
  }
}

/* The gradient is 2 (r_j + h/2 c_j' (t_j sum_{i >= j} (1 - t_i) r_i + (1 - t_j) sum_{i < j} t_i r_i)), in place of r. */
static double integral(int n, const double *x, double *gradient)
{
  const double h = 1.0 / (n + 1.0);
  double f = 0.0, left = 0.0, right = 0.0;
  integral_residuals(n, x, gradient);
  for (int i = n - 1; i >= 0; i--) {
    f += gradient[i] * gradient[i];
    right += (1.0 - (i + 1) * h) * gradient[i];
  }
  for (int i = 0; i < n; i++) {
    const double t = (i + 1) * h, load = x[i] + t + 1.0, r = gradient[i];
    gradient[i] = 2.0 * (r + 1.5 * h * load * load * (t * right + (1.0 - t) * left));
    right -= (1.0 - t) * r;
    left += t * r;
  }
  return f;
}

static void start_broyden(int n, double *x)
{
  suite_fill_all(x, n, -1.0);
}

static double broyden_tridiagonal(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i++) {
    const double left = i > 0 ? x[i - 1] : 0.0, right = i + 1 < n ? x[i + 1] : 0.0;
    const double r = (3.0 - 2.0 * x[i]) * x[i] - left - 2.0 * right + 1.0;
    f += r * r;
    gradient[i] += 2.0 * r * (3.0 - 4.0 * x[i]);
    if (i > 0) gradient[i - 1] -= 2.0 * r;
    if (i + 1 < n) gradient[i + 1] -= 4.0 * r;
  }
  return f;
}

static double broyden_banded(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i++) {
    const int first = i > 5 ? i - 5 : 0, last = i + 1 < n ? i + 1 : n - 1;
    double r = x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0;
    for (int j = first; j <= last; j++)
      if (j != i) r -= x[j] * (1.0 + x[j]);
    f += r * r;
    gradient[i] += 2.0 * r * (2.0 + 15.0 * x[i] * x[i]);
    for (int j = first; j <= last; j++)
      if (j != i) gradient[j] -= 2.0 * r * (1.0 + 2.0 * x[j]);
  }
  return f;
}

static void start_at_ones(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

/* A residual common to all, -S/n - 1, to which the first n add their x_i. */
static double full_rank(int n, const double *x, double *gradient)
{
  double sum = 0.0, residuals = 0.0, f = 0.0;
  for (int i = 0; i < n; i++) sum += x[i];
  const double common = -sum / n - 1.0;
  for (int i = 0; i < n; i++) {
    const double r = x[i] + common;
    f += r * r + common * common;
    residuals += r + common;
    gradient[i] = 2.0 * r;
  }
  for (int i = 0; i < n; i++) gradient[i] -= 2.0 * residuals / n;
  return f;
}

/* Adds the squares of i S - 1 for i = 1 .. count; returns the derivative by S in `slope`. */
static double multiples(int count, double sum, double *slope)
{
  double f = 0.0;
  *slope = 0.0;
  for (int i = 1; i <= count; i++) {
    const double r = i * sum - 1.0;
    f += r * r;
    *slope += 2.0 * i * r;
  }
  return f;
}

static double rank_1(int n, const double *x, double *gradient)
{
  double sum = 0.0, slope = 0.0;
  for (int j = 0; j < n; j++) sum += (j + 1.0) * x[j];
  const double f = multiples(2 * n, sum, &slope);
  for (int j = 0; j < n; j++) gradient[j] = (j + 1.0) * slope;
  return f;
}

static double rank_1_zeros(int n, const double *x, double *gradient)
{
  double sum = 0.0, slope = 0.0;
  for (int j = 1; j < n - 1; j++) sum += (j + 1.0) * x[j];
  const double f = 2.0 + multiples(2 * n - 2, sum, &slope);
  suite_fill_all(gradient, n, 0.0);
  for (int j = 1; j < n - 1; j++) gradient[j] = (j + 1.0) * slope;
  return f;
}

#define MORE(number) "Moré, Garbow, Hillstrom 1981, problem " #number

static const suite_problem problems[] = {
    {"brown-almost-linear", MORE(27), 10, 1, 2, 0.0, 0, start_brown_almost_linear, brown_almost_linear},
    {"discrete-boundary-value", MORE(28), 10, 1, 1, 0.0, 0, start_boundary_value, boundary_value},
    {"discrete-integral", MORE(29), 10, 1, 1, 0.0, 0, start_boundary_value, integral},
    {"broyden-tridiagonal", MORE(30), 10, 1, 1, 0.0, 0, start_broyden, broyden_tridiagonal},
    {"broyden-banded", MORE(31), 10, 1, 1, 0.0, 0, start_broyden, broyden_banded},
    {"linear-full-rank", MORE(32), 10, 1, 1, 10.0, 0, start_at_ones, full_rank},
    {"linear-rank-1", MORE(33), 10, 0, 10, 380.0 / 82.0, 0, start_at_ones, rank_1},
    {"linear-rank-1-zeros", MORE(34), 10, 0, 10, 454.0 / 74.0, 0, start_at_ones, rank_1_zeros},
};

const suite_family suite_more_systems = {problems, sizeof problems / sizeof *problems};
