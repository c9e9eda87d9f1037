/*
 * Problems with a singular Hessian, flat parts, ridges or saddle points. Indices count from 0.
 *
 *   quartics               sum (i + 1) (x_i - 1)^4; start 0
 *   eighth-powers          sum x_i^8; start 2
 *   mixed-powers           sum |x_i|^(i + 2); start 1
 *   rank-one-quadratic     1/2 (sum x_i - 1)^2; start 1: a minimum along a plane
 *   chained-quartic        (x_0 - 1)^2 + sum (x_i - x_{i-1})^4; start 3 (-1)^i
 *   gaussian-well          1 - exp(-|x|^2 / 2); start 2.5: the curvature is negative there
 *   rational-well          sum x_i^2 / (1 + x_i^2); start 10 + i
 *   tanh-well              sum tanh(x_i - i/2)^2; start 4
 *   ridge-walk             50 x_1^2 - exp(-x_0^2 / 200); start (15, 1)
 *   saddle-start           x_0^2 - x_1^2 + x_1^4 / 4; start (1, 10^-9), next to the line that leads to the saddle point 0
 *   saddle-line            the same; start (1, 0), on that line
 *   stationary-start       the same; start 0, at the saddle point
 *   monkey-saddle          x_0^3 - 3 x_0 x_1^2 + |x|^4; start 0.01; minimum -27/256 where |x| = 3/4
 *   double-well-chain      sum (x_i^2 - 1)^2 + 1/2 sum (x_{i+1} - x_i)^2; start (-1)^i / 10
 *   ring                   (|x|^2 - 1)^2: minima all over a sphere; start 10^-3
 *   flat-then-steep        sum u^4 + u^2 (1 + tanh(10 (u - 3))) / 2, u = x_i; start 5
 *   cosine-mixture         sum x_i^2 / 10 - cos(5 x_i) / 2 + 1/2; start 0.4 (i + 1) / n: waves inside a bowl
 *
 * The minimum is 0, unless another one follows: ridge-walk and those of the saddle have -1.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static void start_at_zero(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
}

static void start_at_ones(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

static double quartics(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double u = x[i] - 1.0, cube = u * u * u;
    f += (i + 1) * u * cube;
    gradient[i] = 4.0 * (i + 1) * cube;
  }
  return f;
}

static double eighth_powers(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += pow(x[i], 8.0);
    gradient[i] = 8.0 * pow(x[i], 7.0);
  }
  return f;
}

static void start_at_twos(int n, double *x)
{
  suite_fill_all(x, n, 2.0);
}

static double mixed_powers(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += pow(fabs(x[i]), i + 2);
    gradient[i] = (i + 2) * pow(fabs(x[i]), i) * x[i];
  }
  return f;
}

static double rank_one_quadratic(int n, const double *x, double *gradient)
{
  double sum = -1.0;
  for (int i = 0; i < n; i++) sum += x[i];
  suite_fill_all(gradient, n, sum);
  return 0.5 * sum * sum;
}

static double chained_quartic(int n, const double *x, double *gradient)
{
  double f = (x[0] - 1.0) * (x[0] - 1.0);
  gradient[0] = 2.0 * (x[0] - 1.0);
  for (int i = 1; i < n; i++) {
    const double u = x[i] - x[i - 1], cube = u * u * u;
    f += u * cube;
    gradient[i] = 4.0 * cube;
    gradient[i - 1] -= 4.0 * cube;
  }
  return f;
}

static void start_alternating(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = i % 2 == 0 ? 3.0 : -3.0;
}

static double gaussian_well(int n, const double *x, double *gradient)
{
  double square = 0.0;
  for (int i = 0; i < n; i++) square += x[i] * x[i];
  for (int i = 0; i < n; i++) gradient[i] = x[i] * exp(-0.5 * square);
  return -expm1(-0.5 * square);
}

static void start_gaussian_well(int n, double *x)
{
  suite_fill_all(x, n, 2.5);
}

static double rational_well(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double below = 1.0 + x[i] * x[i];
    f += x[i] * x[i] / below;
    gradient[i] = 2.0 * x[i] / (below * below);
  }
  return f;
}

static void start_rational_well(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 10.0 + i;
}

static double tanh_well(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double u = x[i] - 0.5 * i, slope = 1.0 / cosh(u);
    f += tanh(u) * tanh(u);
    gradient[i] = 2.0 * tanh(u) * slope * slope;
  }
  return f;
}

static void start_tanh_well(int n, double *x)
{
  suite_fill_all(x, n, 4.0);
}

static double ridge_walk(int n, const double *x, double *gradient)
{
  (void)n;
  const double bell = exp(-x[0] * x[0] / 200.0);
  gradient[0] = x[0] / 100.0 * bell;
  gradient[1] = 100.0 * x[1];
  return 50.0 * x[1] * x[1] - bell;
}

static void start_ridge_walk(int n, double *x)
{
  suite_fill(x, n, (const double[]){15.0, 1.0});
}

static double saddle(int n, const double *x, double *gradient)
{
  (void)n;
  const double square = x[1] * x[1];
  gradient[0] = 2.0 * x[0];
  gradient[1] = (square - 2.0) * x[1];
  return x[0] * x[0] + (0.25 * square - 1.0) * square;
}

static void start_beside_saddle(int n, double *x)
{
  suite_fill(x, n, (const double[]){1.0, 1e-9});
}

static void start_towards_saddle(int n, double *x)
{
  suite_fill(x, n, (const double[]){1.0, 0.0});
}

static double monkey_saddle(int n, const double *x, double *gradient)
{
  (void)n;
  const double square = x[0] * x[0] + x[1] * x[1];
  gradient[0] = 3.0 * (x[0] * x[0] - x[1] * x[1]) + 4.0 * square * x[0];
  gradient[1] = -6.0 * x[0] * x[1] + 4.0 * square * x[1];
  return x[0] * (x[0] * x[0] - 3.0 * x[1] * x[1]) + square * square;
}

static void start_monkey_saddle(int n, double *x)
{
  suite_fill_all(x, n, 0.01);
}

static double double_well_chain(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double well = x[i] * x[i] - 1.0, link = i > 0 ? x[i] - x[i - 1] : 0.0;
    f += well * well + 0.5 * link * link;
    gradient[i] = 4.0 * well * x[i] + link;
    if (i > 0) gradient[i - 1] -= link;
  }
  return f;
}

static void start_double_well_chain(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = i % 2 == 0 ? 0.1 : -0.1;
}

static double ring(int n, const double *x, double *gradient)
{
  double square = -1.0;
  for (int i = 0; i < n; i++) square += x[i] * x[i];
  for (int i = 0; i < n; i++) gradient[i] = 4.0 * square * x[i];
  return square * square;
}

static void start_ring(int n, double *x)
{
  suite_fill_all(x, n, 1e-3);
}

static double flat_then_steep(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double u = x[i], t = tanh(10.0 * (u - 3.0));
    f += u * u * (u * u + 0.5 * (1.0 + t));
    gradient[i] = u * (4.0 * u * u + 1.0 + t + 5.0 * u * (1.0 - t * t));
  }
  return f;
}

static void start_at_fives(int n, double *x)
{
  suite_fill_all(x, n, 5.0);
}

static double cosine_mixture(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += 0.1 * x[i] * x[i] + 0.5 * (1.0 - cos(5.0 * x[i]));
    gradient[i] = 0.2 * x[i] + 2.5 * sin(5.0 * x[i]);
  }
  return f;
}

static void start_cosine_mixture(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 0.4 * (i + 1.0) / n;
}

static const suite_problem problems[] = {
    {"quartics", "Secant", 10, 1, 1, 0.0, 0, start_at_zero, quartics},
    {"eighth-powers", "Secant", 5, 1, 1, 0.0, 0, start_at_twos, eighth_powers},
    {"mixed-powers", "Secant", 6, 1, 1, 0.0, 0, start_at_ones, mixed_powers},
    {"rank-one-quadratic", "Secant", 10, 1, 1, 0.0, 0, start_at_ones, rank_one_quadratic},
    {"chained-quartic", "Secant", 20, 1, 1, 0.0, 0, start_alternating, chained_quartic},
    {"gaussian-well", "Secant", 2, 0, 2, 0.0, 0, start_gaussian_well, gaussian_well},
    {"rational-well", "Secant", 4, 1, 1, 0.0, 0, start_rational_well, rational_well},
    {"tanh-well", "Secant", 6, 1, 1, 0.0, 0, start_tanh_well, tanh_well},
    {"ridge-walk", "Secant", 2, 0, 2, -1.0, 0, start_ridge_walk, ridge_walk},
    {"saddle-start", "Secant", 2, 0, 2, -1.0, 0, start_beside_saddle, saddle},
    {"saddle-line", "Secant", 2, 0, 2, -1.0, 0, start_towards_saddle, saddle},
    {"stationary-start", "Secant", 2, 0, 2, -1.0, 0, start_at_zero, saddle},
    {"monkey-saddle", "Secant", 2, 0, 2, -27.0 / 256.0, 0, start_monkey_saddle, monkey_saddle},
    {"double-well-chain", "Secant", 50, 1, 2, 0.0, 0, start_double_well_chain, double_well_chain},
    {"ring", "Secant", 5, 1, 1, 0.0, 0, start_ring, ring},
    {"flat-then-steep", "Secant", 3, 1, 1, 0.0, 0, start_at_fives, flat_then_steep},
    {"cosine-mixture", "Secant", 8, 1, 1, 0.0, 0, start_cosine_mixture, cosine_mixture},
};

const suite_family suite_own_flat = {problems, sizeof problems / sizeof *problems};
