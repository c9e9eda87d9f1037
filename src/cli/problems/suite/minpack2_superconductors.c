/*
 * The Ginzburg-Landau equations of superconductivity.
 *
 *   ginzburg-landau-1   Layers of lead and tin. v is periodic on (-d, d), d = 3.2, and linear on n intervals: n/4 on
 *                       each side in the tin, |x| > 1, the others in the lead. The integral of
 *                         alpha v^2 + beta v^4/2 + gamma v'^2, alpha and beta those of the material at 5 Kelvin.
 *
 *   ginzburg-landau-2   Vortices. A complex function p and a vector potential (a, b) on a grid of SIDE x SIDE cells of
 *                       hx x hy; the mean over the cells of
 *                         -|p|^2 + |p|^4/2 + |p' - p exp(i hx a)|^2/hx^2 + |p" - p exp(i hy b)|^2/hy^2
 *                         + kappa^2 ((b' - b)/hx - (a" - a)/hy)^2,  kappa = 5,
 *                       where ' is the next cell to the right and " the next one up. Upwards all are periodic, to the
 *                       right too, but for exp(2 pi i V row/SIDE), by which p is multiplied, and 2 pi V/(SIDE hy),
 *                       which is added to b: there are V = 8 vortices. Unknowns: all Re p, all Im p, all a, all b.
 *
 * Source: Averick, Carter, Moré, Xue, The MINPACK-2 Test Problem Collection (1992), inhomogeneous
 * superconductors in one and Ginzburg-Landau in two dimensions; constants and starts of its programs.
 */
#include "cli/problems/suite/least_squares.h"
#include "cli/problems/suite/minpack2.h"
#include <complex.h>
#include <math.h>
#include <stdbool.h>

#define PI 3.141592653589793

/* ---- one dimension ----------------------------------------------------------------------------------------------- */

typedef struct layer {
  double alpha, beta;
} layer;

/*
 * A material at 5 Kelvin: its critical temperature in Kelvin, its critical field in gauss, and its penetration depth in
 * centimetres. Lengths are in units of 10^-6 cm.
 */
static layer layer_of(double temperature, double field, double depth)
{
  const double mass = 9.11e-28, light = 2.99e10, charge = 4.80e-10, unit = 1e6, t = 5.0 / temperature;
  const double ratio = charge / light * charge / light / mass, strength = field * field * depth * depth;
  const double unit3 = unit * unit * unit;
  return (layer){.alpha = -2.0 * ratio * strength * (1.0 - t * t) / (1.0 + t * t) * unit3,
                 .beta = 16.0 * PI * ratio * ratio * strength * depth * depth / ((1.0 + t * t) * (1.0 + t * t)) *
                         unit3 * unit3};
}

static layer lead(void)
{
  return layer_of(7.32, 803.0, 3.7e-6);
}

static layer tin(void)
{
  return layer_of(3.73, 309.0, 3.4e-6);
}

/* Over an interval of length h, on which v goes from u to w: the integrals of v^2 and v^4 are exact. */
static double interval(layer material, double h, double u, double w, double *du, double *dw)
{
  const double gamma = 1.05459e-27 * 1.05459e-27 / (4.0 * 9.11e-28) * 1e30;
  const double a = material.alpha / 3.0, b = material.beta / 10.0, rise = (w - u) / h;
  const double square = u * u + u * w + w * w;
  const double quartic = u * u * u * u + u * u * u * w + u * u * w * w + u * w * w * w + w * w * w * w;
  const double quartic_u = 4.0 * u * u * u + 3.0 * u * u * w + 2.0 * u * w * w + w * w * w;
  const double quartic_w = u * u * u + 2.0 * u * u * w + 3.0 * u * w * w + 4.0 * w * w * w;
  *du += h * (a * (2.0 * u + w) + b * quartic_u) - 2.0 * gamma * rise;
  *dw += h * (a * (u + 2.0 * w) + b * quartic_w) + 2.0 * gamma * rise;
  return h * (a * square + b * quartic + gamma * rise * rise);
}

double minpack2_ginzburg_landau_1(int n, const double *x, double *gradient)
{
  const int outer = n / 4, inner = n - 2 * outer;
  const layer inside = lead(), outside = tin();
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < n; i++) {
    const bool in_lead = i >= outer && i < outer + inner;
    const int next = (i + 1) % n;
    f += interval(in_lead ? inside : outside, in_lead ? 2.0 / inner : 2.2 / outer, x[i], x[next], &gradient[i],
                  &gradient[next]);
  }
  return f;
}

void minpack2_start_ginzburg_landau_1(int n, double *x)
{
  const layer inside = lead(), outside = tin();
  suite_fill_all(x, n, sqrt((inside.beta + outside.beta) / (2.0 * (fabs(inside.alpha) + fabs(outside.alpha)))));
}

/* ---- two dimensions ---------------------------------------------------------------------------------------------- */

enum { SIDE = MINPACK2_VORTEX_SIDE, CELLS = SIDE * SIDE, VORTICES = 8 };

static double hx(void)
{
  return 3.0 * sqrt(0.5 * VORTICES) / SIDE;
}

static double hy(void)
{
  return 3.0 * sqrt(1.5 * VORTICES) / SIDE;
}

static double complex order(const double *x, int cell)
{
  return x[cell] + I * x[CELLS + cell];
}

static void add_order(double *gradient, int cell, double complex value)
{
  gradient[cell] += creal(value);
  gradient[CELLS + cell] += cimag(value);
}

/*
 * |turn p(next) - p(cell) exp(i h potential)|^2/h^2, where the potential is unknown number `potential`. The gradient of
 * |d|^2 with respect to the real and imaginary part of p is that of a complex number: 2 conj(dd/dp) d.
 */
static double link(double h, double complex turn, const double *x, double *gradient, int cell, int next, int potential)
{
  const double weight = 1.0 / (h * h * CELLS);
  const double complex phase = cexp(I * h * x[potential]), carried = order(x, cell) * phase;
  const double complex d = turn * order(x, next) - carried;
  add_order(gradient, next, 2.0 * weight * conj(turn) * d);
  add_order(gradient, cell, -2.0 * weight * conj(phase) * d);
  gradient[potential] += 2.0 * weight * h * cimag(conj(d) * carried);
  return weight * creal(conj(d) * d);
}

static double condensation(const double *x, double *gradient, int cell)
{
  const double complex p = order(x, cell);
  const double square = creal(conj(p) * p);
  add_order(gradient, cell, 2.0 * (square - 1.0) / CELLS * p);
  return (0.5 * square - 1.0) * square / CELLS;
}

static double field(const double *x, double *gradient, int cell, int right, int above, double jump)
{
  const double *const a = &x[2 * CELLS], *const b = &x[3 * CELLS], weight = 25.0 / CELLS;
  double *const slope_a = &gradient[2 * CELLS], *const slope_b = &gradient[3 * CELLS];
  const double curl = (b[right] + jump - b[cell]) / hx() - (a[above] - a[cell]) / hy();
  const double slope = 2.0 * weight * curl;
  slope_b[right] += slope / hx();
  slope_b[cell] -= slope / hx();
  slope_a[above] -= slope / hy();
  slope_a[cell] += slope / hy();
  return weight * curl * curl;
}

double minpack2_ginzburg_landau_2(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int cell = 0; cell < CELLS; cell++) {
    const int column = cell % SIDE, row = cell / SIDE;
    const bool last = column == SIDE - 1;
    const int right = last ? row * SIDE : cell + 1, above = (cell + SIDE) % CELLS;
    const double complex turn = last ? cexp(I * (2.0 * PI * VORTICES * row / SIDE)) : 1.0;
    const double jump = last ? 2.0 * PI * VORTICES / (SIDE * hy()) : 0.0;
    f += condensation(x, gradient, cell) + field(x, gradient, cell, right, above, jump);
    f += link(hx(), turn, x, gradient, cell, right, 2 * CELLS + cell);
    f += link(hy(), 1.0, x, gradient, cell, above, 3 * CELLS + cell);
  }
  return f;
}

void minpack2_start_ginzburg_landau_2(int n, double *x)
{
  const double root = PI * sqrt(VORTICES), mean_field = 2.0 * PI * VORTICES / (CELLS * hx() * hy());
  suite_fill_all(x, n, 0.0);
  for (int cell = 0; cell < CELLS; cell++) {
    const double a = cell % SIDE * hx(), b = cell / SIDE * hy();
    const double wave = sin(root * a / 6.0) * sin(root * b / (6.0 * sqrt(3.0)));
    x[cell] = 1.0 - wave * wave;
    x[3 * CELLS + cell] = mean_field * a;
  }
}
