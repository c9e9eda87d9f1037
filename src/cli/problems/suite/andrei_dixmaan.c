/*
 * The problems of Dixon and Maany. With n = 3 m, a minimum of 1 at 0, and
 *
 *   f = 1 + sum over i <= n    of (i/n)^k x_i^2        + b sum over i < n  of x_i^2 (x_{i+1} + x_{i+1}^2)^2
 *         + c sum over i <= 2m of x_i^2 x_{i+m}^4      + c sum over i <= m of (i/n)^k x_i x_{i+2m}
 *
 *   dixmaan-    a     d     e     h     i     l
 *   b           0     0.26  0     0.26  0     0.26
 *   c           1/8   0.26  1/8   0.26  1/8   0.26
 *   k           0     0     1     1     2     2
 *
 * Source: N. Andrei, An Unconstrained Optimization Test Functions Collection, Adv. Model. Optim. 10 (2008) 147-161,
 * number 51; Dixon, Maany, A family of test problems with sparse Hessians, Hatfield Polytechnic TR 206 (1988).
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

/* factor x_i x_j. */
static double bilinear(double factor, const double *x, double *gradient, int i, int j)
{
  gradient[i] += factor * x[j];
  gradient[j] += factor * x[i];
  return factor * x[i] * x[j];
}

/* b x_i^2 (x_j + x_j^2)^2. */
static double sextic(double b, const double *x, double *gradient, int i, int j)
{
  const double inner = x[j] + x[j] * x[j];
  gradient[i] += 2.0 * b * x[i] * inner * inner;
  gradient[j] += 2.0 * b * x[i] * x[i] * inner * (1.0 + 2.0 * x[j]);
  return b * x[i] * x[i] * inner * inner;
}

/* c x_i^2 x_j^4. */
static double product(double c, const double *x, double *gradient, int i, int j)
{
  const double square = x[j] * x[j];
  gradient[i] += 2.0 * c * x[i] * square * square;
  gradient[j] += 4.0 * c * x[i] * x[i] * square * x[j];
  return c * x[i] * x[i] * square * square;
}

static double dixmaan(double b, double c, double k, int n, const double *x, double *gradient)
{
  const int m = n / 3;
  double f = 1.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i++) {
    const double weight = pow((double)(i + 1) / n, k);
    f += weight * x[i] * x[i];
    gradient[i] += 2.0 * weight * x[i];
    if (i + 1 < n) f += sextic(b, x, gradient, i, i + 1);
    if (i < 2 * m) f += product(c, x, gradient, i, i + m);
    if (i < m) f += bilinear(c * weight, x, gradient, i, i + 2 * m);
  }
  return f;
}

double andrei_dixmaan_a(int n, const double *x, double *gradient)
{
  return dixmaan(0.0, 0.125, 0.0, n, x, gradient);
}

double andrei_dixmaan_d(int n, const double *x, double *gradient)
{
  return dixmaan(0.26, 0.26, 0.0, n, x, gradient);
}

double andrei_dixmaan_e(int n, const double *x, double *gradient)
{
  return dixmaan(0.0, 0.125, 1.0, n, x, gradient);
}

double andrei_dixmaan_h(int n, const double *x, double *gradient)
{
  return dixmaan(0.26, 0.26, 1.0, n, x, gradient);
}

double andrei_dixmaan_i(int n, const double *x, double *gradient)
{
  return dixmaan(0.0, 0.125, 2.0, n, x, gradient);
}

double andrei_dixmaan_l(int n, const double *x, double *gradient)
{
  return dixmaan(0.26, 0.26, 2.0, n, x, gradient);
}
