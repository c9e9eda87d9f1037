/*
 * Models of StRD that are quotients of polynomials. From each of the two starts of its data file:
 *
 *   nist-misra1d               b1 b2 x / (1 + b2 x)
 *   nist-kirby2                (b1 + b2 x + b3 x^2) / (1 + b4 x + b5 x^2)
 *   nist-hahn1, nist-thurber   (b1 + b2 x + b3 x^2 + b4 x^3) / (1 + b5 x + b6 x^2 + b7 x^3)
 *   nist-mgh09                 b1 (x^2 + b2 x) / (x^2 + b3 x + b4)
 *
 * From its second start MGH09 is kowalik-osborne, which more_fits.c has.
 *
 * Source: NIST, see nist_data.h.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/nist_data.h"
#include <math.h>

static double hyperbola(double x, const double *b, double *row)
{
  const double below = 1.0 + b[1] * x;
  row[0] = b[1] * x / below;
  row[1] = b[0] * x / (below * below);
  return b[0] * b[1] * x / below;
}

static double misra1d(int n, const double *b, double *gradient)
{
  return suite_fit(hyperbola, &nist_misra1, n, b, gradient);
}

static void misra1d_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){500.0, 0.0001});
}

static void misra1d_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){450.0, 0.0003});
}

/* Polynomials of one degree: the numerator has all coefficients b, the denominator, which begins with 1, the others. */
static double quotient(int degree, double x, const double *b, double *row)
{
  double above = b[0], below = 1.0, power = 1.0;
  for (int k = 1; k <= degree; k++) {
    power *= x;
    above += b[k] * power;
    below += b[degree + k] * power;
  }
  row[0] = 1.0 / below;
  for (int k = 1; k <= degree; k++) {
    row[k] = row[k - 1] * x;
    row[degree + k] = -row[k] * above / below;
  }
  return above / below;
}

static double quadratic_quotient(double x, const double *b, double *row)
{
  return quotient(2, x, b, row);
}

static double kirby2(int n, const double *b, double *gradient)
{
  return suite_fit(quadratic_quotient, &nist_kirby2, n, b, gradient);
}

static void kirby2_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){2.0, -0.1, 0.003, -0.001, 1e-5});
}

static void kirby2_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){1.5, -0.15, 0.0025, -0.0015, 2e-5});
}

static double cubic_quotient(double x, const double *b, double *row)
{
  return quotient(3, x, b, row);
}

static double hahn1(int n, const double *b, double *gradient)
{
  return suite_fit(cubic_quotient, &nist_hahn1, n, b, gradient);
}

static void hahn1_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){10.0, -1.0, 0.05, -1e-5, -0.05, 0.001, -1e-6});
}

static void hahn1_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){1.0, -0.1, 0.005, -1e-6, -0.005, 0.0001, -1e-7});
}

static double thurber(int n, const double *b, double *gradient)
{
  return suite_fit(cubic_quotient, &nist_thurber, n, b, gradient);
}

static void thurber_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){1000.0, 1000.0, 400.0, 40.0, 0.7, 0.3, 0.03});
}

static void thurber_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){1300.0, 1500.0, 500.0, 75.0, 1.0, 0.4, 0.05});
}

static double quotient_of_quadratics(double x, const double *b, double *row)
{
  const double above = x * (x + b[1]), below = x * (x + b[2]) + b[3];
  row[0] = above / below;
  row[1] = b[0] * x / below;
  row[2] = -b[0] * above * x / (below * below);
  row[3] = -b[0] * above / (below * below);
  return b[0] * above / below;
}

static double mgh09(int n, const double *b, double *gradient)
{
  return suite_fit(quotient_of_quadratics, &nist_mgh09, n, b, gradient);
}

static void mgh09_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){25.0, 39.0, 41.5, 39.0});
}

/* name, source, n, step, least, optimum, traits, start, evaluate */
static const suite_problem problems[] = {
    {"nist-misra1d-1", NIST("Misra1d"), 2, 0, 2, 0.056419295283, SUITE_UNDEFINED, misra1d_1, misra1d},
    {"nist-misra1d-2", NIST("Misra1d"), 2, 0, 2, 0.056419295283, SUITE_UNDEFINED, misra1d_2, misra1d},
    {"nist-kirby2-1", NIST("Kirby2"), 5, 0, 5, 3.9050739624, SUITE_UNDEFINED, kirby2_1, kirby2},
    {"nist-kirby2-2", NIST("Kirby2"), 5, 0, 5, 3.9050739624, SUITE_UNDEFINED, kirby2_2, kirby2},
    {"nist-hahn1-1", NIST("Hahn1"), 7, 0, 7, 1.5324382854, SUITE_UNDEFINED, hahn1_1, hahn1},
    {"nist-hahn1-2", NIST("Hahn1"), 7, 0, 7, 1.5324382854, SUITE_UNDEFINED, hahn1_2, hahn1},
    {"nist-thurber-1", NIST("Thurber"), 7, 0, 7, 5642.7082397, SUITE_UNDEFINED, thurber_1, thurber},
    {"nist-thurber-2", NIST("Thurber"), 7, 0, 7, 5642.7082397, SUITE_UNDEFINED, thurber_2, thurber},
    {"nist-mgh09-1", NIST("MGH09"), 4, 0, 4, 0.00030750560385, SUITE_UNDEFINED, mgh09_1, mgh09},
};

const suite_family suite_nist_rationals = {problems, sizeof problems / sizeof *problems};
