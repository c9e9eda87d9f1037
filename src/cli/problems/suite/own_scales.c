/*
 * Problems whose scales are far apart, or far from 1. Indices count from 0; r(u, v) = 100 (v - u^2)^2 + (1 - u)^2.
 *
 *   scaled-diagonal       1/2 sum 10^(i - 8) x_i^2, n = 17: weights from 10^-8 to 10^8; start 1
 *   rotated-quadratic     1/2 sum k_i z_i^2, z = Q (x - c), k_i = 10^(8 i / (n - 1)), c_i = 1, with the reflection
 *                         Q = I - 2 v v', v_i = (-1)^i / sqrt(n): condition 10^8, and no axis is an eigenvector; start 0
 *   hilbert               1/2 (x - 1)' H (x - 1), H_ij = 1 / (i + j + 1), n = 10: condition 10^13; start 0
 *   mixed-units           r(10^6 x0, 10^-6 x1); start (-1.2 10^-6, 10^6)
 *   tiny-unknowns         r(10^100 x0, 10^100 x1); start (-1.2, 1) 10^-100
 *   huge-start            1/2 sum (i + 1) x_i^2; start 10^100
 *   huge-values           10^200 (1/2 |x|^2 + 1/4 sum x_i^4): the squares of its derivatives overflow; start 1
 *   subnormal-weights     1/2 sum 10^(-31 i) (x_i - 1)^2, n = 11: the last derivative is subnormal; start 0
 *   steep-valley-1e4      10^4 (x1 - x0^2)^2 + (1 - x0)^2; start (-1.2, 1)
 *   steep-valley-1e6      10^6 (x1 - x0^2)^2 + (1 - x0)^2; start (-1.2, 1)
 *   sine-valley           100 (x1 - sin(x0))^2 + x0^2 / 4; start (3 pi / 2, -1)
 *   rotated-valley        r(u, v) of u = (x0 + x1) / sqrt(2), v = 1000 (x1 - x0) / sqrt(2); start u = -1.2, v = 1
 *   growing-chain         sum 10^(i/2) (x_{i+1} - x_i^2)^2 + (1 - x_i)^2 / 10^(i/2), n = 8; start -1
 *
 * All have the minimum 0.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

/* weight (v - u^2)^2 + (1 - u)^2, and its derivatives by u and v. */
static double valley(double weight, double u, double v, double *by_u, double *by_v)
{
  const double bend = v - u * u, rest = 1.0 - u;
  *by_u = -4.0 * weight * bend * u - 2.0 * rest;
  *by_v = 2.0 * weight * bend;
  return weight * bend * bend + rest * rest;
}

static void start_at_ones(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

static void start_at_zero(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
}

static void start_in_valley(int n, double *x)
{
  suite_fill(x, n, (const double[]){-1.2, 1.0});
}

static double scaled_diagonal(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = pow(10.0, i - 8) * x[i];
    f += 0.5 * x[i] * gradient[i];
  }
  return f;
}

/* Reflects z [n] in place: z - 2 v (v.z). */
static void reflect(int n, double *z)
{
  double product = 0.0;
  for (int i = 0; i < n; i++) product += i % 2 == 0 ? z[i] : -z[i];
  for (int i = 0; i < n; i++) z[i] -= (i % 2 == 0 ? 2.0 : -2.0) * product / n;
}

static double rotated_quadratic(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) gradient[i] = x[i] - 1.0;
  reflect(n, gradient);
  for (int i = 0; i < n; i++) {
    const double z = gradient[i];
    gradient[i] = pow(10.0, 8.0 * i / (n - 1.0)) * z;
    f += 0.5 * z * gradient[i];
  }
  reflect(n, gradient);
  return f;
}

static double hilbert(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = 0.0;
    for (int j = 0; j < n; j++) gradient[i] += (x[j] - 1.0) / (i + j + 1.0);
    f += 0.5 * (x[i] - 1.0) * gradient[i];
  }
  return f;
}

static double mixed_units(int n, const double *x, double *gradient)
{
  (void)n;
  const double f = valley(100.0, 1e6 * x[0], 1e-6 * x[1], &gradient[0], &gradient[1]);
  gradient[0] *= 1e6;
  gradient[1] *= 1e-6;
  return f;
}

static void start_mixed_units(int n, double *x)
{
  suite_fill(x, n, (const double[]){-1.2e-6, 1e6});
}

static double tiny_unknowns(int n, const double *x, double *gradient)
{
  const double f = valley(100.0, 1e100 * x[0], 1e100 * x[1], &gradient[0], &gradient[1]);
  for (int i = 0; i < n; i++) gradient[i] *= 1e100;
  return f;
}

static void start_tiny_unknowns(int n, double *x)
{
  suite_fill(x, n, (const double[]){-1.2e-100, 1e-100});
}

static double huge_start(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = (i + 1) * x[i];
    f += 0.5 * x[i] * gradient[i];
  }
  return f;
}

static void start_huge(int n, double *x)
{
  suite_fill_all(x, n, 1e100);
}

static double huge_values(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double square = x[i] * x[i];
    f += 1e200 * (0.5 * square + 0.25 * square * square);
    gradient[i] = 1e200 * (1.0 + square) * x[i];
  }
  return f;
}

static double subnormal_weights(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = pow(10.0, -31.0 * i) * (x[i] - 1.0);
    f += 0.5 * (x[i] - 1.0) * gradient[i];
  }
  return f;
}

static double steep_valley_1e4(int n, const double *x, double *gradient)
{
  (void)n;
  return valley(1e4, x[0], x[1], &gradient[0], &gradient[1]);
}

static double steep_valley_1e6(int n, const double *x, double *gradient)
{
  (void)n;
  return valley(1e6, x[0], x[1], &gradient[0], &gradient[1]);
}

static double sine_valley(int n, const double *x, double *gradient)
{
  (void)n;
  const double bend = x[1] - sin(x[0]);
  gradient[0] = -200.0 * bend * cos(x[0]) + 0.5 * x[0];
  gradient[1] = 200.0 * bend;
  return 100.0 * bend * bend + 0.25 * x[0] * x[0];
}

static void start_sine_valley(int n, double *x)
{
  suite_fill(x, n, (const double[]){4.71238898038469, -1.0});
}

static double rotated_valley(int n, const double *x, double *gradient)
{
  (void)n;
  const double by_sum = sqrt(0.5), by_difference = 1000.0 * sqrt(0.5);
  double by_u = 0.0, by_v = 0.0;
  const double f = valley(100.0, by_sum * (x[0] + x[1]), by_difference * (x[1] - x[0]), &by_u, &by_v);
  gradient[0] = by_sum * by_u - by_difference * by_v;
  gradient[1] = by_sum * by_u + by_difference * by_v;
  return f;
}

static void start_rotated_valley(int n, double *x)
{
  const double sum = -1.2 * sqrt(2.0), difference = sqrt(2.0) / 1000.0;
  suite_fill(x, n, (const double[]){(sum - difference) / 2.0, (sum + difference) / 2.0});
}

static double growing_chain(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i + 1 < n; i++) {
    const double weight = pow(10.0, 0.5 * i);
    const double bend = x[i + 1] - x[i] * x[i], rest = 1.0 - x[i];
    f += weight * bend * bend + rest * rest / weight;
    gradient[i] -= 4.0 * weight * bend * x[i] + 2.0 * rest / weight;
    gradient[i + 1] += 2.0 * weight * bend;
  }
  return f;
}

static void start_growing_chain(int n, double *x)
{
  suite_fill_all(x, n, -1.0);
}

static const suite_problem problems[] = {
    {"scaled-diagonal", "Secant", 17, 0, 17, 0.0, 0, start_at_ones, scaled_diagonal},
    {"rotated-quadratic", "Secant", 50, 1, 2, 0.0, 0, start_at_zero, rotated_quadratic},
    {"hilbert", "Secant", 10, 1, 1, 0.0, 0, start_at_zero, hilbert},
    {"mixed-units", "Secant", 2, 0, 2, 0.0, 0, start_mixed_units, mixed_units},
    {"tiny-unknowns", "Secant", 2, 0, 2, 0.0, 0, start_tiny_unknowns, tiny_unknowns},
    {"huge-start", "Secant", 10, 1, 1, 0.0, 0, start_huge, huge_start},
    {"huge-values", "Secant", 4, 1, 1, 0.0, 0, start_at_ones, huge_values},
    {"subnormal-weights", "Secant", 11, 0, 11, 0.0, 0, start_at_zero, subnormal_weights},
    {"steep-valley-1e4", "Secant", 2, 0, 2, 0.0, 0, start_in_valley, steep_valley_1e4},
    {"steep-valley-1e6", "Secant", 2, 0, 2, 0.0, 0, start_in_valley, steep_valley_1e6},
    {"sine-valley", "Secant", 2, 0, 2, 0.0, 0, start_sine_valley, sine_valley},
    {"rotated-valley", "Secant", 2, 0, 2, 0.0, 0, start_rotated_valley, rotated_valley},
    {"growing-chain", "Secant", 8, 0, 8, 0.0, 0, start_growing_chain, growing_chain},
};

const suite_family suite_own_scales = {problems, sizeof problems / sizeof *problems};
