/*
 * Sums over the neighbours (u, v) = (x_i, x_{i+1}), i = 1 .. n - 1, some with a term of the ends: the Hessian is
 * tridiagonal. The numbers are those of the collection; the minimum is 0 where nothing is said. Generalized White and
 * Holst (22) and generalized tridiagonal 1 (15) have the terms of andrei_pairs.c.
 *
 *    4  generalized-rosenbrock   100 (v - u^2)^2 + (1 - u)^2
 *   23  generalized-psc1         (u^2 + v^2 + u v)^2 + sin(u)^2 + cos(u)^2; minimum n - 1
 *   39  extended-tridiagonal-2   (u v - 1)^2 + (u + 1) (v + 1)/10
 *   41  fletchcr                 100 (v - u + 1 - u^2)^2
 *   43  tridia                   (i + 1) (2 v - u)^2, and (x_1 - 1)^2
 *   60  engval1                  (u^2 + v^2)^2 - 4 u + 3
 *   62  edensch                  (u - 2)^4 + (u v - 2 v)^2 + (v + 1)^2, and 16
 *   64  cube                     100 (v - u^3)^2, and (x_1 - 1)^2
 *   70  genhumps                 sin(2 u)^2 sin(2 v)^2 + (u^2 + v^2)/20
 *   72  nonscomp                 4 (v - u^2)^2, and (x_1 - 1)^2
 *   81  cosine                   cos(u^2 - v/2); minimum 1 - n
 *   82  sine                     sin(u^2 - v/2); minimum 1 - n
 *   83  biggsb1                  (v - u)^2, and (x_1 - 1)^2 + (1 - x_n)^2
 *   84  generalized-quartic      u^2 + (v + u^2)^2
 *
 * Source: N. Andrei, An Unconstrained Optimization Test Functions Collection, Adv. Model. Optim. 10 (2008) 147-161,
 * many of them after CUTE: Bongartz, Conn, Gould, Toint, TOMS 21 (1995).
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/sums.h"
#include <math.h>

/* Returns (x - 1)^2 and adds its derivative, where x is an end of the chain. */
static double pull_to_one(double x, double *derivative)
{
  *derivative += 2.0 * (x - 1.0);
  return (x - 1.0) * (x - 1.0);
}

static double term_rosenbrock(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double bend = v - u * u, rest = 1.0 - u;
  *du = -400.0 * bend * u - 2.0 * rest;
  *dv = 200.0 * bend;
  return 100.0 * bend * bend + rest * rest;
}

double andrei_generalized_rosenbrock(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_rosenbrock, n, x, gradient);
}

static double term_psc1(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u * u + v * v + u * v;
  *du = 2.0 * r * (2.0 * u + v);
  *dv = 2.0 * r * (2.0 * v + u);
  return r * r + 1.0; /* 1 is sin(u)^2 + cos(u)^2 */
}

double andrei_generalized_psc1(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_psc1, n, x, gradient);
}

static double term_tridiagonal_2(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u * v - 1.0;
  *du = 2.0 * r * v + 0.1 * (v + 1.0);
  *dv = 2.0 * r * u + 0.1 * (u + 1.0);
  return r * r + 0.1 * (u + 1.0) * (v + 1.0);
}

double andrei_extended_tridiagonal_2(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_tridiagonal_2, n, x, gradient);
}

static double term_fletchcr(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = v - u + 1.0 - u * u;
  *du = -200.0 * r * (1.0 + 2.0 * u);
  *dv = 200.0 * r;
  return 100.0 * r * r;
}

double andrei_fletchcr(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_fletchcr, n, x, gradient);
}

static double term_tridia(double i, double u, double v, double *du, double *dv)
{
  const double r = 2.0 * v - u;
  *du = -2.0 * (i + 1.0) * r;
  *dv = 4.0 * (i + 1.0) * r;
  return (i + 1.0) * r * r;
}

double andrei_tridia(int n, const double *x, double *gradient)
{
  const double f = suite_sum_chain(term_tridia, n, x, gradient);
  return f + pull_to_one(x[0], &gradient[0]);
}

static double term_engval1(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u * u + v * v;
  *du = 4.0 * r * u - 4.0;
  *dv = 4.0 * r * v;
  return r * r - 4.0 * u + 3.0;
}

double andrei_engval1(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_engval1, n, x, gradient);
}

static double term_edensch(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = u - 2.0, s = v + 1.0;
  *du = 4.0 * r * r * r + 2.0 * r * v * v;
  *dv = 2.0 * r * r * v + 2.0 * s;
  return r * r * r * r + r * r * v * v + s * s;
}

double andrei_edensch(int n, const double *x, double *gradient)
{
  return 16.0 + suite_sum_chain(term_edensch, n, x, gradient);
}

static double term_cube(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double bend = v - u * u * u;
  *du = -600.0 * bend * u * u;
  *dv = 200.0 * bend;
  return 100.0 * bend * bend;
}

double andrei_cube(int n, const double *x, double *gradient)
{
  const double f = suite_sum_chain(term_cube, n, x, gradient);
  return f + pull_to_one(x[0], &gradient[0]);
}

static double term_genhumps(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double a = sin(2.0 * u) * sin(2.0 * u), b = sin(2.0 * v) * sin(2.0 * v);
  *du = 2.0 * sin(4.0 * u) * b + 0.1 * u;
  *dv = 2.0 * sin(4.0 * v) * a + 0.1 * v;
  return a * b + 0.05 * (u * u + v * v);
}

double andrei_genhumps(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_genhumps, n, x, gradient);
}

static double term_nonscomp(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double bend = v - u * u;
  *du = -16.0 * bend * u;
  *dv = 8.0 * bend;
  return 4.0 * bend * bend;
}

double andrei_nonscomp(int n, const double *x, double *gradient)
{
  const double f = suite_sum_chain(term_nonscomp, n, x, gradient);
  return f + pull_to_one(x[0], &gradient[0]);
}

static double term_cosine(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double angle = u * u - 0.5 * v;
  *du = -2.0 * u * sin(angle);
  *dv = 0.5 * sin(angle);
  return cos(angle);
}

double andrei_cosine(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_cosine, n, x, gradient);
}

static double term_sine(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double angle = u * u - 0.5 * v;
  *du = 2.0 * u * cos(angle);
  *dv = -0.5 * cos(angle);
  return sin(angle);
}

double andrei_sine(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_sine, n, x, gradient);
}

static double term_biggsb1(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  *dv = 2.0 * (v - u);
  *du = -*dv;
  return (v - u) * (v - u);
}

double andrei_biggsb1(int n, const double *x, double *gradient)
{
  const double f = suite_sum_chain(term_biggsb1, n, x, gradient);
  return f + pull_to_one(x[0], &gradient[0]) + pull_to_one(x[n - 1], &gradient[n - 1]);
}

static double term_quartic(double i, double u, double v, double *du, double *dv)
{
  (void)i;
  const double r = v + u * u;
  *du = 2.0 * u + 4.0 * r * u;
  *dv = 2.0 * r;
  return u * u + r * r;
}

double andrei_generalized_quartic(int n, const double *x, double *gradient)
{
  return suite_sum_chain(term_quartic, n, x, gradient);
}
