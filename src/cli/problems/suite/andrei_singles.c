/*
 * Sums of functions of one unknown each, so their Hessian is diagonal. The numbers are those of the collection.
 *
 *    9  raydan-1     (exp(x_i) - x_i) i/10                                minimum n (n + 1)/20
 *   10  raydan-2     exp(x_i) - x_i                                       minimum n
 *   11  diagonal-1   exp(x_i) - i x_i                                     minimum sum of i (1 - log i)
 *   12  diagonal-2   exp(x_i) - x_i/i                                     minimum sum of (1 + log i)/i
 *   13  diagonal-3   exp(x_i) - i sin(x_i)
 *   14  hager        exp(x_i) - sqrt(i) x_i                               minimum sum of sqrt(i) (1 - log(i)/2)
 *   20  diagonal-5   log(exp(x_i) + exp(-x_i))                            minimum n log 2
 *   59  power        (i x_i)^2                                            minimum 0
 *   74  quartc       (x_i - 1)^4                                          minimum 0
 *   89  diagonal-9   as diagonal-1 for i < n, and 10^4 x_n^2              minimum sum over i < n of i (1 - log i)
 *
 * Source: N. Andrei, An Unconstrained Optimization Test Functions Collection, Adv. Model. Optim. 10 (2008) 147-161.
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/sums.h"
#include <math.h>

static double term_raydan_1(double i, double u, double *du)
{
  *du = 0.1 * i * (exp(u) - 1.0);
  return 0.1 * i * (exp(u) - u);
}

double andrei_raydan_1(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_raydan_1, n, x, gradient);
}

static double term_raydan_2(double i, double u, double *du)
{
  (void)i;
  *du = exp(u) - 1.0;
  return exp(u) - u;
}

double andrei_raydan_2(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_raydan_2, n, x, gradient);
}

static double term_diagonal_1(double i, double u, double *du)
{
  *du = exp(u) - i;
  return exp(u) - i * u;
}

double andrei_diagonal_1(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_diagonal_1, n, x, gradient);
}

static double term_diagonal_2(double i, double u, double *du)
{
  *du = exp(u) - 1.0 / i;
  return exp(u) - u / i;
}

double andrei_diagonal_2(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_diagonal_2, n, x, gradient);
}

static double term_diagonal_3(double i, double u, double *du)
{
  *du = exp(u) - i * cos(u);
  return exp(u) - i * sin(u);
}

double andrei_diagonal_3(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_diagonal_3, n, x, gradient);
}

static double term_hager(double i, double u, double *du)
{
  *du = exp(u) - sqrt(i);
  return exp(u) - sqrt(i) * u;
}

double andrei_hager(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_hager, n, x, gradient);
}

/* |u| is taken out of the logarithm, so that no exponential overflows. */
static double term_diagonal_5(double i, double u, double *du)
{
  (void)i;
  *du = tanh(u);
  return fabs(u) + log1p(exp(-2.0 * fabs(u)));
}

double andrei_diagonal_5(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_diagonal_5, n, x, gradient);
}

static double term_power(double i, double u, double *du)
{
  *du = 2.0 * i * i * u;
  return i * i * u * u;
}

double andrei_power(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_power, n, x, gradient);
}

static double term_quartc(double i, double u, double *du)
{
  (void)i;
  const double r = u - 1.0;
  *du = 4.0 * r * r * r;
  return r * r * r * r;
}

double andrei_quartc(int n, const double *x, double *gradient)
{
  return suite_sum_singles(term_quartc, n, x, gradient);
}

double andrei_diagonal_9(int n, const double *x, double *gradient)
{
  const double f = suite_sum_singles(term_diagonal_1, n - 1, x, gradient), last = x[n - 1];
  gradient[n - 1] = 2e4 * last;
  return f + 1e4 * last * last;
}
