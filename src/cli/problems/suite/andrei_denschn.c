/*
 * Sums of squares of few unknowns by Dennis and Schnabel, companions of problems 77 and 78 of the collection; the
 * residuals are
 *
 *   denschna   x_1^2, x_1 + x_2, exp(x_2) - 1
 *   denschnc   x_1^2 + x_2^2 - 2, exp(x_1 - 1) + x_2^3 - 2
 *   denschnd   x_1^2 + x_2^3 - x_3^4, 2 x_1 x_2 x_3, 2 x_1 x_2 - 3 x_2 x_3 + x_1 x_3
 *   denschne   x_1, x_2 + x_2^2, exp(x_3) - 1
 *
 * and the minima 0.
 *
 * Source: CUTE: Bongartz, Conn, Gould, Toint, TOMS 21 (1995); Dennis, Schnabel, Numerical Methods for Unconstrained
 * Optimization and Nonlinear Equations (1983).
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static double residual_denschna(int i, int n, const double *x, double *row)
{
  (void)n;
  if (i == 0) {
    row[0] = 2.0 * x[0];
    return x[0] * x[0];
  }
  if (i == 1) {
    row[0] = 1.0;
    row[1] = 1.0;
    return x[0] + x[1];
  }
  row[1] = exp(x[1]);
  return exp(x[1]) - 1.0;
}

double andrei_denschna(int n, const double *x, double *gradient)
{
  return suite_squares(residual_denschna, 3, n, x, gradient);
}

static double residual_denschnc(int i, int n, const double *x, double *row)
{
  (void)n;
  if (i == 0) {
    row[0] = 2.0 * x[0];
    row[1] = 2.0 * x[1];
    return x[0] * x[0] + x[1] * x[1] - 2.0;
  }
  row[0] = exp(x[0] - 1.0);
  row[1] = 3.0 * x[1] * x[1];
  return exp(x[0] - 1.0) + x[1] * x[1] * x[1] - 2.0;
}

double andrei_denschnc(int n, const double *x, double *gradient)
{
  return suite_squares(residual_denschnc, 2, n, x, gradient);
}

static double residual_denschnd(int i, int n, const double *x, double *row)
{
  (void)n;
  const double u = x[0], v = x[1], w = x[2];
  if (i == 0) {
    row[0] = 2.0 * u;
    row[1] = 3.0 * v * v;
    row[2] = -4.0 * w * w * w;
    return u * u + v * v * v - w * w * w * w;
  }
  if (i == 1) {
    row[0] = 2.0 * v * w;
    row[1] = 2.0 * u * w;
    row[2] = 2.0 * u * v;
    return 2.0 * u * v * w;
  }
  row[0] = 2.0 * v + w;
  row[1] = 2.0 * u - 3.0 * w;
  row[2] = u - 3.0 * v;
  return 2.0 * u * v - 3.0 * v * w + u * w;
}

double andrei_denschnd(int n, const double *x, double *gradient)
{
  return suite_squares(residual_denschnd, 3, n, x, gradient);
}

static double residual_denschne(int i, int n, const double *x, double *row)
{
  (void)n;
  row[i] = i == 0 ? 1.0 : i == 1 ? 1.0 + 2.0 * x[1] : exp(x[2]);
  return i == 0 ? x[0] : i == 1 ? x[1] + x[1] * x[1] : exp(x[2]) - 1.0;
}

double andrei_denschne(int n, const double *x, double *gradient)
{
  return suite_squares(residual_denschne, 3, n, x, gradient);
}
