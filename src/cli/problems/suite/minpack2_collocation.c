/*
 * Boundary value problems on (0, 1), discretised by collocation at the four Gauss points of each of k equal intervals;
 * f is the sum of the squares of all residuals. The minimum is 0.
 *
 *   channel-flow     u'''' = R (u' u" - u u'''), u(0) = u'(0) = u'(1) = 0, u(1) = 1; R = 10
 *   swirling-flow    e u'''' + u u''' + g g' = 0, e g" + u g' - u' g = 0, u and u' 0 at both ends, g(0) = -1, g(1) = 1;
 *                    e = 0.1
 *   elastic-rod      y' = cos(s), z' = sin(s), s' = a y - b z + c, all 0 at 0, (y, z, s) = (0.2, 0.3, 0.31415) at 1;
 *                    the last three unknowns are a, b, c
 *
 * On an interval of length h a function of order m is
 *
 *   sum over j < m of (t^j/j!) c_j + h^m sum over j < 4 of (r^(m+j)/(m+j)!) c_{m+j},  r = t/h from 0 to 1,
 *
 * so its unknowns are its value and m - 1 derivatives at the left end and the four c_m .. c_{m+3}. It and its m - 1
 * derivatives are residuals where intervals meet.
 *
 * Source: Averick, Carter, Moré, Xue, The MINPACK-2 Test Problem Collection (1992), flow in a channel, swirling flow
 * between disks, incompressible elastic rods.
 */
#include "cli/problems/suite/least_squares.h"
#include "cli/problems/suite/minpack2.h"
#include <math.h>

enum { POINTS = 4, MOST = 4 + POINTS }; /* MOST: unknowns of a function on an interval */

static const double gauss[POINTS] = {0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263};

/* A function on an interval: its unknowns, and where their derivatives go. */
typedef struct piece {
  int order;
  double h;
  const double *c;
  double *slope;
} piece;

/* What each unknown contributes to a derivative at r. */
static void weights_of(piece p, int derivative, double r, double *weights)
{
  double factorial = 1.0, power = 1.0; /* power: of r, and of h as far as it goes with r */
  for (int j = 0; j < derivative && j < p.order; j++) weights[j] = 0.0;
  for (int j = derivative; j < p.order + POINTS; j++) {
    weights[j] = power / factorial;
    power *= j < p.order ? r * p.h : r;
    factorial *= j - derivative + 1;
  }
}

static double value(piece p, int derivative, double r)
{
  double weights[MOST], sum = 0.0;
  weights_of(p, derivative, r, weights);
  for (int j = 0; j < p.order + POINTS; j++) sum += weights[j] * p.c[j];
  return sum;
}

/* Adds the effect of a derivative of f with respect to what value() returns. */
static void push(piece p, int derivative, double r, double amount)
{
  double weights[MOST];
  weights_of(p, derivative, r, weights);
  for (int j = 0; j < p.order + POINTS; j++) p.slope[j] += amount * weights[j];
}

/* Residual: a derivative at r is to be `target`. */
static double tie(piece p, int derivative, double r, double target)
{
  const double off = value(p, derivative, r) - target;
  push(p, derivative, r, 2.0 * off);
  return off * off;
}

/* Residuals: the function and its derivatives go on in the next interval, whose unknowns are `stride` further. */
static double join(piece p, int stride)
{
  double f = 0.0;
  for (int d = 0; d < p.order; d++) {
    const double jump = p.c[stride + d] - value(p, d, 1.0);
    p.slope[stride + d] += 2.0 * jump;
    push(p, d, 1.0, -2.0 * jump);
    f += jump * jump;
  }
  return f;
}

static piece piece_of(int order, double h, const double *x, double *gradient, int first)
{
  return (piece){order, h, &x[first], &gradient[first]};
}

/* ---- flow in a channel ------------------------------------------------------------------------------------------- */

static double channel_point(piece u, double r)
{
  const double reynolds = 10.0;
  double w[5];
  for (int d = 0; d < 5; d++) w[d] = value(u, d, r);
  const double residual = w[4] - reynolds * (w[1] * w[2] - w[0] * w[3]);
  const double slope[5] = {reynolds * w[3], -reynolds * w[2], -reynolds * w[1], reynolds * w[0], 1.0};
  for (int d = 0; d < 5; d++) push(u, d, r, 2.0 * residual * slope[d]);
  return residual * residual;
}

double minpack2_channel_flow(int n, const double *x, double *gradient)
{
  const int intervals = n / 8;
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < intervals; i++) {
    const piece u = piece_of(4, 1.0 / intervals, x, gradient, 8 * i);
    for (int k = 0; k < POINTS; k++) f += channel_point(u, gauss[k]);
    if (i == 0) f += tie(u, 0, 0.0, 0.0) + tie(u, 1, 0.0, 0.0);
    f += i + 1 < intervals ? join(u, 8) : tie(u, 0, 1.0, 1.0) + tie(u, 1, 1.0, 0.0);
  }
  return f;
}

/* The solution for R = 0. */
void minpack2_start_channel_flow(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
  for (int i = 0; i < n; i += 8) {
    const double t = (double)i / n;
    suite_fill(&x[i], 4, (const double[]){t * t * (3.0 - 2.0 * t), 6.0 * t * (1.0 - t), 6.0 * (1.0 - 2.0 * t), -12.0});
  }
}

/* ---- swirling flow between disks --------------------------------------------------------------------------------- */

static double swirl_point(piece u, piece g, double r)
{
  const double viscosity = 0.1;
  double a[5], b[3];
  for (int d = 0; d < 5; d++) a[d] = value(u, d, r);
  for (int d = 0; d < 3; d++) b[d] = value(g, d, r);
  const double first = viscosity * a[4] + a[0] * a[3] + b[0] * b[1];
  const double second = viscosity * b[2] + a[0] * b[1] - a[1] * b[0];
  const double slope_u[5] = {first * a[3] + second * b[1], -second * b[0], 0.0, first * a[0], first * viscosity};
  const double slope_g[3] = {first * b[1] - second * a[1], first * b[0] + second * a[0], second * viscosity};
  for (int d = 0; d < 5; d++) push(u, d, r, 2.0 * slope_u[d]);
  for (int d = 0; d < 3; d++) push(g, d, r, 2.0 * slope_g[d]);
  return first * first + second * second;
}

double minpack2_swirling_flow(int n, const double *x, double *gradient)
{
  const int intervals = n / 14;
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < intervals; i++) {
    const piece u = piece_of(4, 1.0 / intervals, x, gradient, 14 * i);
    const piece g = piece_of(2, 1.0 / intervals, x, gradient, 14 * i + 8);
    for (int k = 0; k < POINTS; k++) f += swirl_point(u, g, gauss[k]);
    if (i == 0) f += tie(u, 0, 0.0, 0.0) + tie(u, 1, 0.0, 0.0) + tie(g, 0, 0.0, -1.0);
    f +=
        i + 1 < intervals ? join(u, 14) + join(g, 14) : tie(u, 0, 1.0, 0.0) + tie(u, 1, 1.0, 0.0) + tie(g, 0, 1.0, 1.0);
  }
  return f;
}

/* The solution for infinite viscosity: u = 0, g = 2 t - 1. */
void minpack2_start_swirling_flow(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
  for (int i = 0; i < n; i += 14) {
    x[i + 8] = 2.0 * i / n - 1.0;
    x[i + 9] = 2.0;
  }
}

/* ---- elastic rod ------------------------------------------------------------------------------------------------- */

static double rod_point(piece y, piece z, piece s, double r, const double *force, double *slope_force)
{
  const double u = value(y, 0, r), v = value(z, 0, r), angle = value(s, 0, r);
  const double first = value(y, 1, r) - cos(angle), second = value(z, 1, r) - sin(angle);
  const double third = value(s, 1, r) - force[0] * u + force[1] * v - force[2];
  push(y, 1, r, 2.0 * first);
  push(z, 1, r, 2.0 * second);
  push(s, 1, r, 2.0 * third);
  push(y, 0, r, -2.0 * third * force[0]);
  push(z, 0, r, 2.0 * third * force[1]);
  push(s, 0, r, 2.0 * (first * sin(angle) - second * cos(angle)));
  slope_force[0] -= 2.0 * third * u;
  slope_force[1] += 2.0 * third * v;
  slope_force[2] -= 2.0 * third;
  return first * first + second * second + third * third;
}

double minpack2_elastic_rod(int n, const double *x, double *gradient)
{
  static const double end[3] = {0.2, 0.3, 0.31415};
  const int intervals = n / 15;
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < intervals; i++) {
    piece p[3]; /* y, z, s */
    for (int e = 0; e < 3; e++) p[e] = piece_of(1, 1.0 / intervals, x, gradient, 15 * i + 5 * e);
    for (int k = 0; k < POINTS; k++) f += rod_point(p[0], p[1], p[2], gauss[k], &x[n - 3], &gradient[n - 3]);
    for (int e = 0; e < 3; e++) {
      if (i == 0) f += tie(p[e], 0, 0.0, 0.0);
      f += i + 1 < intervals ? join(p[e], 15) : tie(p[e], 0, 1.0, end[e]);
    }
  }
  return f;
}

/* A straight rod: y = t. */
void minpack2_start_elastic_rod(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
  for (int i = 0; i < n / 15; i++) {
    x[15 * i] = (double)i / (n / 15);
    x[15 * i + 1] = 1.0;
  }
}
