/*
 * Functions of sums of many unknowns, most of them quadratic. The numbers are those of the collection; the minimum is 0
 * where nothing is said. s_i = x_1 + ... + x_i, all other sums are over i = 1 .. n unless others are given.
 *
 *    8  perturbed-quadratic              sum of i x_i^2, and s_n^2/100
 *   26  full-hessian-1                   (x_1 - 3)^2, and sum over i > 1 of (x_1 - 3 - 2 s_i^2)^2
 *   27  full-hessian-2                   (x_1 - 5)^2, and sum over i > 1 of (s_i - 1)^2
 *   31  quadratic-diagonal-perturbed     s_n^2, and sum of i x_i^2/100
 *   34  qf1                              sum of i x_i^2/2, and -x_n; minimum -1/(2 n)
 *   35  qp1                              sum over i < n of (x_i^2 - 2)^2, and (sum of x_i^2 - 1/2)^2; minimum
 *                                        n (2 - 5/(2 n))^2, at x_n = 0 and all other x_i^2 = 5/(2 n)
 *   36  qp2                              sum over i < n of (x_i^2 - sin(x_i))^2, and (sum of x_i^2 - 100)^2
 *   37  qf2                              sum of i (x_i^2 - 1)^2/2, and -x_n; minimum at 2 n x_n (x_n^2 - 1) = 1
 *   52  partial-perturbed-quadratic      x_1^2, and sum of i x_i^2 + s_i^2/100
 *   54  almost-perturbed-quadratic       sum of i x_i^2, and (x_1 + x_n)^2/100
 *   55  perturbed-tridiagonal-quadratic  x_1^2, and sum over 1 < i < n of i x_i^2 + (x_{i-1} + x_i + x_{i+1})^2
 *   56  staircase-1                      sum of s_i^2
 *   57  staircase-2                      sum of (s_i - i)^2
 *
 * Source: N. Andrei, An Unconstrained Optimization Test Functions Collection, Adv. Model. Optim. 10 (2008) 147-161.
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/sums.h"
#include <math.h>

/* Returns weight r^2, and adds its derivative with respect to r to `derivative`. */
static double square(double weight, double r, double *derivative)
{
  *derivative += 2.0 * weight * r;
  return weight * r * r;
}

static double term_indexed_square(double i, double u, double *du)
{
  *du = 2.0 * i * u;
  return i * u * u;
}

double andrei_perturbed_quadratic(int n, const double *x, double *gradient)
{
  const double f = suite_sum_singles(term_indexed_square, n, x, gradient), total = suite_total(n, x);
  for (int i = 0; i < n; i++) gradient[i] += 0.02 * total;
  return f + 0.01 * total * total;
}

double andrei_quadratic_diagonal_perturbed(int n, const double *x, double *gradient)
{
  const double f = suite_sum_singles(term_indexed_square, n, x, gradient), total = suite_total(n, x);
  for (int i = 0; i < n; i++) gradient[i] = 0.01 * gradient[i] + 2.0 * total;
  return 0.01 * f + total * total;
}

double andrei_qf1(int n, const double *x, double *gradient)
{
  const double f = suite_sum_singles(term_indexed_square, n, x, gradient);
  for (int i = 0; i < n; i++) gradient[i] *= 0.5;
  gradient[n - 1] -= 1.0;
  return 0.5 * f - x[n - 1];
}

static double term_qf2(double i, double u, double *du)
{
  const double r = u * u - 1.0;
  *du = 2.0 * i * r * u;
  return 0.5 * i * r * r;
}

double andrei_qf2(int n, const double *x, double *gradient)
{
  const double f = suite_sum_singles(term_qf2, n, x, gradient);
  gradient[n - 1] -= 1.0;
  return f - x[n - 1];
}

/* The terms of all but the last unknown, and the square of what |x|^2 is off `goal`. */
static double penalty(suite_term_of_one *term, double goal, int n, const double *x, double *gradient)
{
  double f = suite_sum_singles(term, n - 1, x, gradient), off = -goal;
  gradient[n - 1] = 0.0;
  for (int i = 0; i < n; i++) off += x[i] * x[i];
  for (int i = 0; i < n; i++) gradient[i] += 4.0 * off * x[i];
  return f + off * off;
}

static double term_qp1(double i, double u, double *du)
{
  (void)i;
  const double r = u * u - 2.0;
  *du = 4.0 * r * u;
  return r * r;
}

double andrei_qp1(int n, const double *x, double *gradient)
{
  return penalty(term_qp1, 0.5, n, x, gradient);
}

static double term_qp2(double i, double u, double *du)
{
  (void)i;
  const double r = u * u - sin(u);
  *du = 2.0 * r * (2.0 * u - cos(u));
  return r * r;
}

double andrei_qp2(int n, const double *x, double *gradient)
{
  return penalty(term_qp2, 100.0, n, x, gradient);
}

double andrei_almost_perturbed_quadratic(int n, const double *x, double *gradient)
{
  const double f = suite_sum_singles(term_indexed_square, n, x, gradient);
  double derivative = 0.0;
  const double ends = square(0.01, x[0] + x[n - 1], &derivative);
  gradient[0] += derivative;
  gradient[n - 1] += derivative;
  return f + ends;
}

double andrei_perturbed_tridiagonal_quadratic(int n, const double *x, double *gradient)
{
  double f = suite_sum_singles(term_indexed_square, n - 1, x, gradient);
  gradient[n - 1] = 0.0;
  for (int i = 1; i + 1 < n; i++) {
    double derivative = 0.0;
    f += square(1.0, x[i - 1] + x[i] + x[i + 1], &derivative);
    for (int j = i - 1; j <= i + 1; j++) gradient[j] += derivative;
  }
  return f;
}

static double term_square(double i, double s, double *ds)
{
  (void)i;
  *ds = 2.0 * s;
  return s * s;
}

double andrei_staircase_1(int n, const double *x, double *gradient)
{
  return suite_sum_partial(term_square, n, x, gradient);
}

static double term_step(double i, double s, double *ds)
{
  *ds = 2.0 * (s - i);
  return (s - i) * (s - i);
}

double andrei_staircase_2(int n, const double *x, double *gradient)
{
  return suite_sum_partial(term_step, n, x, gradient);
}

double andrei_partial_perturbed_quadratic(int n, const double *x, double *gradient)
{
  double f = 0.01 * suite_sum_partial(term_square, n, x, gradient);
  for (int i = 0; i < n; i++) {
    gradient[i] *= 0.01;
    f += square(i + 1, x[i], &gradient[i]);
  }
  return f + square(1.0, x[0], &gradient[0]);
}

static double term_full_hessian_2(double i, double s, double *ds)
{
  const double r = s - (i > 1.0 ? 1.0 : 5.0);
  *ds = 2.0 * r;
  return r * r;
}

double andrei_full_hessian_2(int n, const double *x, double *gradient)
{
  return suite_sum_partial(term_full_hessian_2, n, x, gradient);
}

/* Each residual depends on x_1 directly and through s_i; the latter goes to all unknowns up to i. */
double andrei_full_hessian_1(int n, const double *x, double *gradient)
{
  double direct = 0.0, sum = x[0];
  double f = square(1.0, x[0] - 3.0, &direct);
  gradient[0] = 0.0;
  for (int i = 1; i < n; i++) {
    sum += x[i];
    double derivative = 0.0;
    f += square(1.0, x[0] - 3.0 - 2.0 * sum * sum, &derivative);
    direct += derivative;
    gradient[i] = -4.0 * sum * derivative;
  }
  for (int i = n - 1; i > 0; i--) gradient[i - 1] += gradient[i];
  gradient[0] += direct;
  return f;
}
