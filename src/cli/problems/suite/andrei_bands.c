/*
 * Terms of three or more unknowns: bands, and unknowns that are in every term. The numbers are those of the collection;
 * the minimum is 0 where nothing is said.
 *
 *   18  generalized-tridiagonal-2  sum of (5 x_i - 3 x_i^2 - x_i^3 - x_{i-1} - 3 x_{i+1} + 1)^2, x_0 = x_{n+1} = 0
 *   42  bdqrtic    sum over i <= n - 4 of (3 - 4 x_i)^2
 *                  + (x_i^2 + 2 x_{i+1}^2 + 3 x_{i+2}^2 + 4 x_{i+3}^2 + 5 x_n^2)^2
 *   45  arwhead    sum over i < n of (x_i^2 + x_n^2)^2 - 4 x_i + 3
 *   46  nondia     (x_1 - 1)^2, and sum over i < n of 100 (x_1 - x_i^2)^2
 *   47  nondquar   (x_1 - x_2)^2 + (x_{n-1} + x_n)^2, and sum over i <= n - 2 of (x_i + x_{i+1} + x_n)^4
 *   48  dqdrtic    sum over i <= n - 2 of x_i^2 + 100 x_{i+1}^2 + 100 x_{i+2}^2
 *   49  eg2        sum over i < n of sin(x_1 + x_i^2 - 1), and sin(x_n^2)/2; minimum 1/2 - n
 *   50  curly20    sum of q^4 - 20 q^2 - q/10, q = x_i + ... + x_{min(i+20,n)}; minimum n times the least value of the
 *                  term over q, since the map from x to q is regular
 *   58  liarwhd    sum of 4 (x_i^2 - x_1)^2 + (x_i - 1)^2
 *   61  cragglvy   sum over i = 1, 3, ... n - 3 of (exp(x_i) - x_{i+1})^4 + 100 (x_{i+1} - x_{i+2})^6
 *                  + (tan(d) + d)^4 + x_i^8 + (x_{i+3} - 1)^2, d = x_{i+2} - x_{i+3}
 *   63  indef      sum of x_i, and sum over 1 < i < n of cos(2 x_i - x_n - x_1)/2; unbounded, and nowhere stationary
 *   76  sinquad    (x_1 - 1)^4, sum over 1 < i < n of (sin(x_i - x_n) - x_1^2 + x_i^2)^2, and (x_n^2 - x_1^2)^2
 *
 * Source: N. Andrei, An Unconstrained Optimization Test Functions Collection, Adv. Model. Optim. 10 (2008) 147-161,
 * after CUTE: Bongartz, Conn, Gould, Toint, TOMS 21 (1995).
 */
#include "cli/problems/suite/andrei.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

double andrei_generalized_tridiagonal_2(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i++) {
    const double u = x[i], before = i > 0 ? x[i - 1] : 0.0, after = i + 1 < n ? x[i + 1] : 0.0;
    const double r = ((5.0 - 3.0 * u - u * u) * u) - before - 3.0 * after + 1.0;
    gradient[i] += 2.0 * r * (5.0 - 6.0 * u - 3.0 * u * u);
    if (i > 0) gradient[i - 1] -= 2.0 * r;
    if (i + 1 < n) gradient[i + 1] -= 6.0 * r;
    f += r * r;
  }
  return f;
}

double andrei_bdqrtic(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i + 4 < n; i++) {
    const double line = 3.0 - 4.0 * x[i];
    double form = 5.0 * x[n - 1] * x[n - 1];
    for (int k = 0; k < 4; k++) form += (k + 1) * x[i + k] * x[i + k];
    for (int k = 0; k < 4; k++) gradient[i + k] += 4.0 * (k + 1) * form * x[i + k];
    gradient[i] -= 8.0 * line;
    gradient[n - 1] += 20.0 * form * x[n - 1];
    f += line * line + form * form;
  }
  return f;
}

double andrei_arwhead(int n, const double *x, double *gradient)
{
  const double last = x[n - 1];
  double f = 0.0;
  gradient[n - 1] = 0.0;
  for (int i = 0; i + 1 < n; i++) {
    const double r = x[i] * x[i] + last * last;
    gradient[i] = 4.0 * r * x[i] - 4.0;
    gradient[n - 1] += 4.0 * r * last;
    f += r * r - 4.0 * x[i] + 3.0;
  }
  return f;
}

/* Returns the sum of weight (x_i^2 - x_1)^2 over i = 1 .. count, and fills the gradient [count]. */
static double bends_to_first(double weight, int count, const double *x, double *gradient)
{
  double f = 0.0, first = 0.0;
  for (int i = 0; i < count; i++) {
    const double bend = x[i] * x[i] - x[0];
    gradient[i] = 4.0 * weight * bend * x[i];
    first -= 2.0 * weight * bend;
    f += weight * bend * bend;
  }
  gradient[0] += first;
  return f;
}

double andrei_nondia(int n, const double *x, double *gradient)
{
  const double f = bends_to_first(100.0, n - 1, x, gradient), rest = x[0] - 1.0;
  gradient[0] += 2.0 * rest;
  gradient[n - 1] = 0.0;
  return f + rest * rest;
}

double andrei_liarwhd(int n, const double *x, double *gradient)
{
  double f = bends_to_first(4.0, n, x, gradient);
  for (int i = 0; i < n; i++) {
    gradient[i] += 2.0 * (x[i] - 1.0);
    f += (x[i] - 1.0) * (x[i] - 1.0);
  }
  return f;
}

double andrei_nondquar(int n, const double *x, double *gradient)
{
  const double head = x[0] - x[1], tail = x[n - 2] + x[n - 1];
  double f = head * head + tail * tail;
  suite_fill_all(gradient, n, 0.0);
  gradient[0] += 2.0 * head;
  gradient[1] -= 2.0 * head;
  gradient[n - 2] += 2.0 * tail;
  gradient[n - 1] += 2.0 * tail;
  for (int i = 0; i + 2 < n; i++) {
    const double r = x[i] + x[i + 1] + x[n - 1], cube = r * r * r;
    gradient[i] += 4.0 * cube;
    gradient[i + 1] += 4.0 * cube;
    gradient[n - 1] += 4.0 * cube;
    f += cube * r;
  }
  return f;
}

double andrei_dqdrtic(int n, const double *x, double *gradient)
{
  static const double weights[3] = {1.0, 100.0, 100.0};
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i + 2 < n; i++)
    for (int k = 0; k < 3; k++) {
      gradient[i + k] += 2.0 * weights[k] * x[i + k];
      f += weights[k] * x[i + k] * x[i + k];
    }
  return f;
}

double andrei_eg2(int n, const double *x, double *gradient)
{
  const double last = x[n - 1];
  double f = 0.5 * sin(last * last), first = 0.0;
  gradient[n - 1] = last * cos(last * last);
  for (int i = 0; i + 1 < n; i++) {
    const double angle = x[0] + x[i] * x[i] - 1.0;
    gradient[i] = 2.0 * x[i] * cos(angle);
    first += cos(angle);
    f += sin(angle);
  }
  gradient[0] += first;
  return f;
}

double andrei_curly20(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i++) {
    const int end = i + 20 < n ? i + 21 : n;
    double q = 0.0;
    for (int j = i; j < end; j++) q += x[j];
    for (int j = i; j < end; j++) gradient[j] += (4.0 * q * q - 40.0) * q - 0.1;
    f += (q * q - 20.0) * q * q - 0.1 * q;
  }
  return f;
}

/* Terms of x [4] at the head of a quadruple. */
static double cragglvy_terms(const double *x, double *gradient)
{
  const double growth = exp(x[0]), a = growth - x[1], b = x[1] - x[2], d = x[2] - x[3], c = tan(d) + d, e = x[3] - 1.0;
  const double a3 = a * a * a, b5 = b * b * b * b * b, c3 = c * c * c;
  const double slope = 4.0 * c3 * (2.0 + tan(d) * tan(d));
  gradient[0] += 4.0 * a3 * growth + 8.0 * pow(x[0], 7.0);
  gradient[1] += 600.0 * b5 - 4.0 * a3;
  gradient[2] += slope - 600.0 * b5;
  gradient[3] += 2.0 * e - slope;
  return a3 * a + 100.0 * b5 * b + c3 * c + pow(x[0], 8.0) + e * e;
}

double andrei_cragglvy(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i + 3 < n; i += 2) f += cragglvy_terms(&x[i], &gradient[i]);
  return f;
}

double andrei_indef(int n, const double *x, double *gradient)
{
  double f = x[0] + x[n - 1], ends = 1.0;
  for (int i = 1; i + 1 < n; i++) {
    const double angle = 2.0 * x[i] - x[n - 1] - x[0];
    gradient[i] = 1.0 - sin(angle);
    ends += 0.5 * sin(angle);
    f += x[i] + 0.5 * cos(angle);
  }
  gradient[0] = ends;
  gradient[n - 1] = ends;
  return f;
}

double andrei_sinquad(int n, const double *x, double *gradient)
{
  const double first = x[0], last = x[n - 1], a = first - 1.0, b = last * last - first * first;
  double f = a * a * a * a + b * b;
  gradient[0] = 4.0 * a * a * a - 4.0 * b * first;
  gradient[n - 1] = 4.0 * b * last;
  for (int i = 1; i + 1 < n; i++) {
    const double angle = x[i] - last, r = sin(angle) - first * first + x[i] * x[i];
    gradient[i] = 2.0 * r * (cos(angle) + 2.0 * x[i]);
    gradient[0] -= 4.0 * r * first;
    gradient[n - 1] -= 2.0 * r * cos(angle);
    f += r * r;
  }
  return f;
}
