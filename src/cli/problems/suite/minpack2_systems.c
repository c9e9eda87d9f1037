/*
 * Systems of nonlinear equations as sums of squares; the minima are 0.
 *
 *   heart-dipole-1 .. 3   With complex p = x1 + i x3, q = x2 + i x4, z = x5 + i x7, w = x6 + i x8, the real and
 *                         imaginary parts of p z^k + q w^k - s_k, k = 0 .. 3: the dipole moment of the human heart.
 *                         Three sets of data s_k, of the experiments 791129, 791226 and 0121a.
 *
 *   propane-full          Chemical equilibrium of burning propane in air, 11 amounts, p = 40, R = 10, s = sqrt(p/x11):
 *                           x1 + x4 - 3
 *                           2 x1 + x2 + x4 + x7 + x8 + x9 + 2 x10 - R
 *                           2 x2 + 2 x5 + x6 + x7 - 8
 *                           2 x3 + x9 - 4 R
 *                           K5 x2 x4 - x1 x5
 *                           K6 sqrt(x2 x4) - sqrt(x1) x6 s
 *                           K7 sqrt(x1 x2) - sqrt(x4) x7 s
 *                           K8 x1 - x4 x8 s^2
 *                           K9 x1 sqrt(x3) - x4 x9 s
 *                           K10 x1^2 - x4^2 x10 s^2
 *                           x11 - (x1 + ... + x10)
 *                         It is not defined where x1 .. x4 or x11 are negative.
 *
 *   propane-reduced       The same in five unknowns, R5 = K5, R6, R7, R9 = K/sqrt(p), R8, R10 = K/p:
 *                           x1 x2 + x1 - 3 x5
 *                           2 x1 x2 + x1 + 2 R10 x2^2 + x2 x3^2 + R7 x2 x3 + R9 x2 x4 + R8 x2 - R x5
 *                           2 x2 x3^2 + R7 x2 x3 + 2 R5 x3^2 + R6 x3 - 8 x5
 *                           R9 x2 x4 + 2 x4^2 - 4 R x5
 *                           x1 x2 + x1 + R10 x2^2 + x2 x3^2 + R7 x2 x3 + R9 x2 x4 + R8 x2 + R5 x3^2 + R6 x3 + x4^2 - 1
 *
 * Source: Averick, Carter, Moré, Xue, The MINPACK-2 Test Problem Collection (1992), human heart dipole, combustion of
 * propane in full and reduced formulation; data and starts of its programs.
 */
#include "cli/problems/suite/least_squares.h"
#include "cli/problems/suite/minpack2.h"
#include <complex.h>
#include <math.h>

/* ---- human heart dipole ------------------------------------------------------------------------------------------ */

typedef struct heart {
  double moments[8]; /* real and imaginary parts of s_0 .. s_3 */
  double start[8];
} heart;

static const heart hearts[3] = {
    {{0.485, -0.0019, -0.0581, 0.015, 0.105, 0.0406, 0.167, -0.399},
     {0.299, 0.186, -0.0273, 0.0254, -0.474, 0.474, -0.0892, 0.0892}},
    {{-0.69, -0.044, -1.57, -1.31, -2.65, 2.0, -12.6, 9.48}, {-0.3, -0.39, 0.3, -0.344, -1.2, 2.69, 1.59, -1.5}},
    {{-0.816, -0.017, -1.826, -0.754, -4.839, -3.259, -14.023, 15.467},
     {-0.041, -0.775, 0.03, -0.047, -2.565, 2.565, -0.754, 0.754}},
};

static double complex power(double complex z, int exponent)
{
  double complex result = 1.0;
  for (int k = 0; k < exponent; k++) result *= z;
  return result;
}

/* The squares of the two parts of a residual. Its derivative with respect to a complex unknown is a factor of that. */
static double dipole_pair(const heart *data, int k, const double *x, double *gradient)
{
  const double complex p[2] = {x[0] + I * x[2], x[1] + I * x[3]}, z[2] = {x[4] + I * x[6], x[5] + I * x[7]};
  double complex residual = -(data->moments[2 * k] + I * data->moments[2 * k + 1]);
  for (int e = 0; e < 2; e++) residual += p[e] * power(z[e], k);
  for (int e = 0; e < 2; e++) {
    const double complex by_p = power(z[e], k), by_z = k > 0 ? k * p[e] * power(z[e], k - 1) : 0.0;
    const double complex slope_p = 2.0 * conj(by_p) * residual, slope_z = 2.0 * conj(by_z) * residual;
    gradient[e] += creal(slope_p);
    gradient[e + 2] += cimag(slope_p);
    gradient[e + 4] += creal(slope_z);
    gradient[e + 6] += cimag(slope_z);
  }
  return creal(conj(residual) * residual);
}

static double heart_dipole(const heart *data, int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int k = 0; k < 4; k++) f += dipole_pair(data, k, x, gradient);
  return f;
}

double minpack2_heart_dipole_1(int n, const double *x, double *gradient)
{
  return heart_dipole(&hearts[0], n, x, gradient);
}

double minpack2_heart_dipole_2(int n, const double *x, double *gradient)
{
  return heart_dipole(&hearts[1], n, x, gradient);
}

double minpack2_heart_dipole_3(int n, const double *x, double *gradient)
{
  return heart_dipole(&hearts[2], n, x, gradient);
}

void minpack2_start_heart_dipole_1(int n, double *x)
{
  suite_fill(x, n, hearts[0].start);
}

void minpack2_start_heart_dipole_2(int n, double *x)
{
  suite_fill(x, n, hearts[1].start);
}

void minpack2_start_heart_dipole_3(int n, double *x)
{
  suite_fill(x, n, hearts[2].start);
}

/* ---- combustion of propane --------------------------------------------------------------------------------------- */

enum { UNKNOWNS = 11 };
static const double pressure = 40.0;

/* Equilibrium constants K5 .. K10. */
static const double constants[6] = {1.930e-1, 2.597e-3, 3.448e-3, 1.799e-5, 2.155e-4, 3.846e-5};

/* The linear equations: coefficients of x1 .. x11, and the right-hand sides. */
static const double balance[5][UNKNOWNS] = {
    {1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0},
    {2.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 0.0},
    {0.0, 2.0, 0.0, 0.0, 2.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0},
    {0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0},
    {-1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 1.0},
};
static const double supply[5] = {3.0, 10.0, 8.0, 40.0, 0.0};

/*
 * Equilibrium k: K x^forward = p^(-backward_11) x^backward, products of powers with these exponents of x1, x2, x3, x4,
 * x_{k+5} and x11.
 */
static const double forward[6][6] = {
    {0.0, 1.0, 0.0, 1.0, 0.0, 0.0}, {0.0, 0.5, 0.0, 0.5, 0.0, 0.0}, {0.5, 0.5, 0.0, 0.0, 0.0, 0.0},
    {1.0, 0.0, 0.0, 0.0, 0.0, 0.0}, {1.0, 0.0, 0.5, 0.0, 0.0, 0.0}, {2.0, 0.0, 0.0, 0.0, 0.0, 0.0},
};
static const double backward[6][6] = {
    {1.0, 0.0, 0.0, 0.0, 1.0, 0.0},  {0.5, 0.0, 0.0, 0.0, 1.0, -0.5}, {0.0, 0.0, 0.0, 0.5, 1.0, -0.5},
    {0.0, 0.0, 0.0, 1.0, 1.0, -1.0}, {0.0, 0.0, 0.0, 1.0, 1.0, -0.5}, {0.0, 0.0, 0.0, 2.0, 1.0, -1.0},
};

/* factor times the product of the powers x_{of[e]}^exponents[e]; adds its gradient to `row`. */
static double product(double factor, int count, const double *exponents, const int *of, const double *x, double *row)
{
  double result = factor;
  for (int e = 0; e < count; e++) result *= pow(x[of[e]], exponents[e]);
  for (int e = 0; e < count; e++) {
    if (exponents[e] == 0.0) continue;
    double derivative = factor * exponents[e] * pow(x[of[e]], exponents[e] - 1.0);
    for (int o = 0; o < count; o++)
      if (o != e) derivative *= pow(x[of[o]], exponents[o]);
    row[of[e]] += derivative;
  }
  return result;
}

static double residual_full(int i, int n, const double *x, double *row)
{
  if (i < 5) {
    double sum = -supply[i];
    for (int j = 0; j < n; j++) {
      row[j] = balance[i][j];
      sum += balance[i][j] * x[j];
    }
    return sum;
  }
  const int k = i - 5, of[6] = {0, 1, 2, 3, k + 4, 10};
  return product(constants[k], 6, forward[k], of, x, row) +
         product(-pow(pressure, -backward[k][5]), 6, backward[k], of, x, row);
}

double minpack2_propane_full(int n, const double *x, double *gradient)
{
  return suite_squares(residual_full, UNKNOWNS, n, x, gradient);
}

void minpack2_start_propane_full(int n, double *x)
{
  static const double factors[6] = {0.05, 1.0, 50.0, 1e3, 500.0, 5e4};
  suite_fill(x, n, (const double[UNKNOWNS]){5.0, 2.5, 5.0, 0.1, [10] = 20.0});
  for (int k = 0; k < 6; k++) x[k + 4] = factors[k] * constants[k] * pow(pressure, backward[k][5]);
}

/* The products of which the reduced equations consist: exponents of x1 .. x5. The one of R5 .. R10 that is a factor of
 * each, or -1. */
enum { PRODUCTS = 11 };
static const double exponents[PRODUCTS][5] = {
    {1.0, 1.0, 0.0, 0.0, 0.0}, {1.0, 0.0, 0.0, 0.0, 0.0}, {0.0, 2.0, 0.0, 0.0, 0.0}, {0.0, 1.0, 0.0, 0.0, 0.0},
    {0.0, 1.0, 2.0, 0.0, 0.0}, {0.0, 1.0, 1.0, 0.0, 0.0}, {0.0, 1.0, 0.0, 1.0, 0.0}, {0.0, 0.0, 2.0, 0.0, 0.0},
    {0.0, 0.0, 1.0, 0.0, 0.0}, {0.0, 0.0, 0.0, 2.0, 0.0}, {0.0, 0.0, 0.0, 0.0, 1.0},
};
static const int reaction[PRODUCTS] = {-1, -1, 10, 8, -1, 7, 9, 5, 6, -1, -1};

/* How often each product is in each equation, and what is subtracted. */
static const double multiples[5][PRODUCTS] = {
    {1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -3.0}, {2.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, -10.0},
    {0.0, 0.0, 0.0, 0.0, 2.0, 1.0, 0.0, 2.0, 1.0, 0.0, -8.0}, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, -40.0},
    {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0},
};
static const double total[5] = {0.0, 0.0, 0.0, 0.0, 1.0};

static double residual_reduced(int i, int n, const double *x, double *row)
{
  static const int of[5] = {0, 1, 2, 3, 4};
  double sum = -total[i];
  for (int j = 0; j < PRODUCTS; j++) {
    const int k = reaction[j] - 5; /* the equilibria have the same powers of the pressure as in the full formulation */
    const double rate = k < 0 ? 1.0 : constants[k] * pow(pressure, backward[k][5]);
    if (multiples[i][j] != 0.0) sum += product(multiples[i][j] * rate, n, exponents[j], of, x, row);
  }
  return sum;
}

double minpack2_propane_reduced(int n, const double *x, double *gradient)
{
  return suite_squares(residual_reduced, 5, n, x, gradient);
}

void minpack2_start_propane_reduced(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.005, 0.005, 0.05, 0.5, 0.05});
}
