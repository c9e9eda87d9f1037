/*
 * Sums over independent pairs (u, v) = (x_1, x_2), (x_3, x_4), ... The numbers are those of the collection; the minimum
 * of a sum is n/2 times that of its term, which is 0 where nothing is said.
 *
 *    5  extended-white-holst     100 (v - u^3)^2 + (1 - u)^2
 *   16  extended-tridiagonal-1   (u + v - 3)^2 + (u - v + 1)^4
 *   17  extended-tet             exp(u + 3 v - 1/10) + exp(u - 3 v - 1/10) + exp(-u - 1/10); sqrt(8) exp(-1/10)
 *   19  diagonal-4               (u^2 + 100 v^2)/2
 *   21  extended-himmelblau      (u^2 + v - 11)^2 + (u + v^2 - 7)^2
 *   24  extended-psc1            (u^2 + v^2 + u v)^2 + sin(u)^2 + cos(v)^2
 *   28  extended-bd1             (u^2 + v^2 - 2)^2 + (exp(u - 1) - v)^2
 *   29  extended-maratos         u + 100 (u^2 + v^2 - 1)^2; at v = 0 and the least root of 400 u (u^2 - 1) = -1
 *   30  extended-cliff           ((u - 3)/100)^2 - (u - v) + exp(20 (u - v)); (1 + log 20)/20
 *   38  extended-ep1             (exp(d) - 5)^2 + d^2 (d - 11)^2, d = u - v
 *   77  extended-denschnb        (u - 2)^2 + (u - 2)^2 v^2 + (v + 1)^2
 *   78  extended-denschnf        (2 (u + v)^2 + (u - v)^2 - 8)^2 + (5 u^2 + (v - 3)^2 - 9)^2
 *   90  himmelbg                 (2 u^2 + 3 v^2) exp(-u - v)
 *
 * Source: N. Andrei, An Unconstrained Optimization Test Functions Collection, Adv. Model. Optim. 10 (2008) 147-161.
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/sums.h"
#include <math.h>

static double term_white_holst(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double bend = v - u * u * u, rest = 1.0 - u;
  *du = -600.0 * bend * u * u - 2.0 * rest;
  *dv = 200.0 * bend;
  return 100.0 * bend * bend + rest * rest;
}

double andrei_extended_white_holst(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_white_holst, n, x, gradient);
}

double andrei_generalized_white_holst(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_white_holst, n, x, gradient);
}

static double term_tridiagonal_1(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double sum = u + v - 3.0, difference = u - v + 1.0, cube = difference * difference * difference;
  *du = 2.0 * sum + 4.0 * cube;
  *dv = 2.0 * sum - 4.0 * cube;
  return sum * sum + cube * difference;
}

double andrei_extended_tridiagonal_1(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_tridiagonal_1, n, x, gradient);
}

double andrei_generalized_tridiagonal_1(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_tridiagonal_1, n, x, gradient);
}

static double term_tet(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double a = exp(u + 3.0 * v - 0.1), b = exp(u - 3.0 * v - 0.1), c = exp(-u - 0.1);
  *du = a + b - c;
  *dv = 3.0 * (a - b);
  return a + b + c;
}

double andrei_extended_tet(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_tet, n, x, gradient);
}

static double term_diagonal_4(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  *du = u;
  *dv = 100.0 * v;
  return 0.5 * (u * u + 100.0 * v * v);
}

double andrei_diagonal_4(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_diagonal_4, n, x, gradient);
}

static double term_himmelblau(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u * u + v - 11.0, s = u + v * v - 7.0;
  *du = 4.0 * r * u + 2.0 * s;
  *dv = 2.0 * r + 4.0 * s * v;
  return r * r + s * s;
}

double andrei_extended_himmelblau(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_himmelblau, n, x, gradient);
}

static double term_psc1(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u * u + v * v + u * v;
  *du = 2.0 * r * (2.0 * u + v) + sin(2.0 * u);
  *dv = 2.0 * r * (2.0 * v + u) - sin(2.0 * v);
  return r * r + sin(u) * sin(u) + cos(v) * cos(v);
}

double andrei_extended_psc1(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_psc1, n, x, gradient);
}

static double term_bd1(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u * u + v * v - 2.0, growth = exp(u - 1.0), s = growth - v;
  *du = 4.0 * r * u + 2.0 * s * growth;
  *dv = 4.0 * r * v - 2.0 * s;
  return r * r + s * s;
}

double andrei_extended_bd1(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_bd1, n, x, gradient);
}

static double term_maratos(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u * u + v * v - 1.0;
  *du = 1.0 + 400.0 * r * u;
  *dv = 400.0 * r * v;
  return u + 100.0 * r * r;
}

double andrei_extended_maratos(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_maratos, n, x, gradient);
}

static double term_cliff(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = (u - 3.0) / 100.0, wall = exp(20.0 * (u - v));
  *du = 0.02 * r - 1.0 + 20.0 * wall;
  *dv = 1.0 - 20.0 * wall;
  return r * r - (u - v) + wall;
}

double andrei_extended_cliff(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_cliff, n, x, gradient);
}

static double term_ep1(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double d = u - v, r = exp(d) - 5.0, s = d * (d - 11.0);
  *du = 2.0 * r * exp(d) + 2.0 * s * (2.0 * d - 11.0);
  *dv = -*du;
  return r * r + s * s;
}

double andrei_extended_ep1(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_ep1, n, x, gradient);
}

static double term_denschnb(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u - 2.0, s = v + 1.0;
  *du = 2.0 * r * (1.0 + v * v);
  *dv = 2.0 * r * r * v + 2.0 * s;
  return r * r * (1.0 + v * v) + s * s;
}

double andrei_extended_denschnb(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_denschnb, n, x, gradient);
}

static double term_denschnf(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double sum = u + v, difference = u - v;
  const double r = 2.0 * sum * sum + difference * difference - 8.0, s = 5.0 * u * u + (v - 3.0) * (v - 3.0) - 9.0;
  *du = 2.0 * r * (4.0 * sum + 2.0 * difference) + 20.0 * s * u;
  *dv = 2.0 * r * (4.0 * sum - 2.0 * difference) + 4.0 * s * (v - 3.0);
  return r * r + s * s;
}

double andrei_extended_denschnf(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_denschnf, n, x, gradient);
}

static double term_himmelbg(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double form = 2.0 * u * u + 3.0 * v * v, decay = exp(-u - v);
  *du = (4.0 * u - form) * decay;
  *dv = (6.0 * v - form) * decay;
  return form * decay;
}

double andrei_himmelbg(int n, const double *x, double *gradient)
{
  return suite_sum_pairs(term_himmelbg, n, x, gradient);
}
