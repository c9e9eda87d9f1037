/*
 * Minimisation problems of any number n of unknowns. The residuals, whose squares are added:
 *
 *   21  extended-rosenbrock       10 (x_{i+1} - x_i^2), 1 - x_i for i = 1, 3, 5, ...
 *   22  extended-powell-singular  for each four (a, b, c, d): a + 10 b, sqrt(5) (c - d), (b - 2 c)^2, sqrt(10) (a - d)^2
 *   23  penalty-1                 sqrt(10^-5) (x_i - 1); |x|^2 - 1/4
 *   24  penalty-2                 x_1 - 1/5; sqrt(10^-5) (exp(x_i/10) + exp(x_{i-1}/10) - exp(i/10) - exp((i-1)/10)), i > 1;
 *                                 sqrt(10^-5) (exp(x_i/10) - exp(-1/10)), i > 1; sum_i (n - i + 1) x_i^2 - 1
 *   25  variably-dimensioned      x_i - 1; S; S^2, with S = sum_i i (x_i - 1)
 *   26  trigonometric             n - sum_j cos(x_j) + i (1 - cos(x_i)) - sin(x_i)
 *   35  chebyquad-N               the mean of T_i over the points x_1 .. x_n, less the integral of T_i over [0, 1], where
 *                                 T_i is the Chebyshev polynomial of degree i shifted to [0, 1], i = 1 .. n
 *
 * Source: Moré, Garbow, Hillstrom, Testing Unconstrained Optimization Software, TOMS 7 (1981); starts and minima too.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static double extended_powell_singular(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i += 4) {
    const double *const p = x + i;
    double *const g = gradient + i;
    const double sum = p[0] + 10.0 * p[1], difference = p[2] - p[3];
    const double inner = p[1] - 2.0 * p[2], outer = p[0] - p[3];
    const double inner_cube = inner * inner * inner, outer_cube = outer * outer * outer;
    f += sum * sum + 5.0 * difference * difference + inner * inner_cube + 10.0 * outer * outer_cube;
    g[0] = 2.0 * sum + 40.0 * outer_cube;
    g[1] = 20.0 * sum + 4.0 * inner_cube;
    g[2] = 10.0 * difference - 8.0 * inner_cube;
    g[3] = -10.0 * difference - 40.0 * outer_cube;
  }
  return f;
}

static void start_extended_powell_singular(int n, double *x)
{
  for (int i = 0; i < n; i += 4) suite_fill(x + i, 4, (const double[]){3.0, -1.0, 0.0, 1.0});
}

static double penalty_1(int n, const double *x, double *gradient)
{
  double off = 0.0, square = 0.0;
  for (int i = 0; i < n; i++) {
    off += (x[i] - 1.0) * (x[i] - 1.0);
    square += x[i] * x[i];
  }
  for (int i = 0; i < n; i++) gradient[i] = 2e-5 * (x[i] - 1.0) + 4.0 * (square - 0.25) * x[i];
  return 1e-5 * off + (square - 0.25) * (square - 0.25);
}

static void start_penalty_1(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = i + 1;
}

static double penalty_2(int n, const double *x, double *gradient)
{
  double square = -1.0;
  for (int i = 0; i < n; i++) square += (n - i) * x[i] * x[i];
  for (int i = 0; i < n; i++) gradient[i] = 4.0 * square * (n - i) * x[i];
  double f = (x[0] - 0.2) * (x[0] - 0.2) + square * square;
  gradient[0] += 2.0 * (x[0] - 0.2);
  for (int i = 1; i < n; i++) {
    const double here = exp(x[i] / 10.0), before = exp(x[i - 1] / 10.0);
    const double pair = here + before - exp((i + 1) / 10.0) - exp(i / 10.0);
    const double alone = here - exp(-0.1);
    f += 1e-5 * (pair * pair + alone * alone);
    gradient[i] += 2e-6 * (pair + alone) * here;
    gradient[i - 1] += 2e-6 * pair * before;
  }
  return f;
}

static void start_penalty_2(int n, double *x)
{
  suite_fill_all(x, n, 0.5);
}

static double variably_dimensioned(int n, const double *x, double *gradient)
{
  double off = 0.0, sum = 0.0;
  for (int i = 0; i < n; i++) {
    off += (x[i] - 1.0) * (x[i] - 1.0);
    sum += (i + 1.0) * (x[i] - 1.0);
  }
  for (int i = 0; i < n; i++) gradient[i] = 2.0 * (x[i] - 1.0) + (i + 1.0) * (2.0 * sum + 4.0 * sum * sum * sum);
  return off + sum * sum + sum * sum * sum * sum;
}

static void start_variably_dimensioned(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 1.0 - (i + 1.0) / n;
}

static double trigonometric(int n, const double *x, double *gradient)
{
  double cosines = 0.0, f = 0.0, sum = 0.0;
  for (int i = 0; i < n; i++) cosines += cos(x[i]);
  for (int i = 0; i < n; i++) {
    const double r = n - cosines + (i + 1.0) * (1.0 - cos(x[i])) - sin(x[i]);
    f += r * r;
    sum += r;
    gradient[i] = 2.0 * r * ((i + 1.0) * sin(x[i]) - cos(x[i]));
  }
  for (int i = 0; i < n; i++) gradient[i] += 2.0 * sum * sin(x[i]);
  return f;
}

static void start_trigonometric(int n, double *x)
{
  suite_fill_all(x, n, 1.0 / n);
}

/* T_{k+1} = 2 u T_k - T_{k-1} with u = 2 x - 1, and the same differentiated. */
static double residual_chebyquad(int i, int n, const double *x, double *row)
{
  const int degree = i + 1;
  double mean = 0.0;
  for (int j = 0; j < n; j++) {
    const double u = 2.0 * x[j] - 1.0;
    double before = 1.0, value = u, slope_before = 0.0, slope = 2.0;
    for (int k = 1; k < degree; k++) {
      const double next = 2.0 * u * value - before, slope_next = 4.0 * value + 2.0 * u * slope - slope_before;
      before = value;
      value = next;
      slope_before = slope;
      slope = slope_next;
    }
    mean += value / n;
    row[j] = slope / n;
  }
  return degree % 2 == 0 ? mean + 1.0 / ((double)degree * degree - 1.0) : mean;
}

static double chebyquad(int n, const double *x, double *gradient)
{
  return suite_squares(residual_chebyquad, n, n, x, gradient);
}

static void start_chebyquad(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = (i + 1.0) / (n + 1.0);
}

#define MORE(number) "Moré, Garbow, Hillstrom 1981, problem " #number

static const suite_problem problems[] = {
    {"extended-rosenbrock", MORE(21), 10, 2, 2, 0.0, 0, suite_start_rosenbrock, suite_rosenbrock},
    {"extended-powell-singular", MORE(22), 12, 4, 4, 0.0, 0, start_extended_powell_singular, extended_powell_singular},
    {"penalty-1-4", MORE(23), 4, 0, 4, 2.24997e-5, 0, start_penalty_1, penalty_1},
    {"penalty-1", MORE(23), 10, 1, 1, 7.08765e-5, 0, start_penalty_1, penalty_1},
    {"penalty-2-4", MORE(24), 4, 0, 4, 9.37629e-6, 0, start_penalty_2, penalty_2},
    {"penalty-2", MORE(24), 10, 1, 2, 2.93660e-4, 0, start_penalty_2, penalty_2},
    {"variably-dimensioned", MORE(25), 10, 1, 1, 0.0, 0, start_variably_dimensioned, variably_dimensioned},
    {"trigonometric", MORE(26), 10, 1, 1, 0.0, 0, start_trigonometric, trigonometric},
    {"chebyquad-8", MORE(35), 8, 0, 8, 3.51687e-3, 0, start_chebyquad, chebyquad},
    {"chebyquad-9", MORE(35), 9, 0, 9, 0.0, 0, start_chebyquad, chebyquad},
    {"chebyquad-10", MORE(35), 10, 0, 10, 6.50395e-3, 0, start_chebyquad, chebyquad},
};

const suite_family suite_more_scalable = {problems, sizeof problems / sizeof *problems};
