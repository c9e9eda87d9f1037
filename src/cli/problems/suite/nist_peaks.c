/*
 * Models of StRD made of bell curves. From each of the two starts of its data file:
 *
 *   nist-gauss1 .. -gauss3   b1 exp(-b2 x) + b3 exp(-((x - b4)/b5)^2) + b6 exp(-((x - b7)/b8)^2)
 *   nist-eckerle4            b1/b2 exp(-((x - b3)/b2)^2 / 2)
 *
 * Source: NIST, see nist_data.h.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/nist_data.h"
#include <math.h>

/* Three parameters: height, place, width. */
static double bell(double x, const double *b, double *row)
{
  const double away = (x - b[1]) / b[2];
  const double share = exp(-away * away);
  row[0] = share;
  row[1] = 2.0 * b[0] * share * away / b[2];
  row[2] = 2.0 * b[0] * share * away * away / b[2];
  return b[0] * share;
}

static double two_bells_on_decay(double x, const double *b, double *row)
{
  const double decay = exp(-b[1] * x);
  row[0] = decay;
  row[1] = -b[0] * x * decay;
  return b[0] * decay + bell(x, b + 2, row + 2) + bell(x, b + 5, row + 5);
}

static double gauss1(int n, const double *b, double *gradient)
{
  return suite_fit(two_bells_on_decay, &nist_gauss1, n, b, gradient);
}

static void gauss1_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){97.0, 0.009, 100.0, 65.0, 20.0, 70.0, 178.0, 16.5});
}

static void gauss1_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){94.0, 0.0105, 99.0, 63.0, 25.0, 71.0, 180.0, 20.0});
}

static double gauss2(int n, const double *b, double *gradient)
{
  return suite_fit(two_bells_on_decay, &nist_gauss2, n, b, gradient);
}

static void gauss2_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){96.0, 0.009, 103.0, 106.0, 18.0, 72.0, 151.0, 18.0});
}

static void gauss2_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){98.0, 0.0105, 103.0, 105.0, 20.0, 73.0, 150.0, 20.0});
}

static double gauss3(int n, const double *b, double *gradient)
{
  return suite_fit(two_bells_on_decay, &nist_gauss3, n, b, gradient);
}

static void gauss3_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){94.9, 0.009, 90.1, 113.0, 20.0, 73.8, 140.0, 20.0});
}

static void gauss3_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){96.0, 0.0096, 80.0, 110.0, 25.0, 74.0, 139.0, 25.0});
}

static double normal_density(double x, const double *b, double *row)
{
  const double away = (x - b[2]) / b[1];
  const double share = exp(-0.5 * away * away) / b[1];
  row[0] = share;
  row[1] = b[0] * share * (away * away - 1.0) / b[1];
  row[2] = b[0] * share * away / b[1];
  return b[0] * share;
}

static double eckerle4(int n, const double *b, double *gradient)
{
  return suite_fit(normal_density, &nist_eckerle4, n, b, gradient);
}

static void eckerle4_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){1.0, 10.0, 500.0});
}

static void eckerle4_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){1.5, 5.0, 450.0});
}

/* name, source, n, step, least, optimum, traits, start, evaluate */
static const suite_problem problems[] = {
    {"nist-gauss1-1", NIST("Gauss1"), 8, 0, 8, 1315.8222432, SUITE_UNDEFINED, gauss1_1, gauss1},
    {"nist-gauss1-2", NIST("Gauss1"), 8, 0, 8, 1315.8222432, SUITE_UNDEFINED, gauss1_2, gauss1},
    {"nist-gauss2-1", NIST("Gauss2"), 8, 0, 8, 1247.5282092, SUITE_UNDEFINED, gauss2_1, gauss2},
    {"nist-gauss2-2", NIST("Gauss2"), 8, 0, 8, 1247.5282092, SUITE_UNDEFINED, gauss2_2, gauss2},
    {"nist-gauss3-1", NIST("Gauss3"), 8, 0, 8, 1244.4846360, SUITE_UNDEFINED, gauss3_1, gauss3},
    {"nist-gauss3-2", NIST("Gauss3"), 8, 0, 8, 1244.4846360, SUITE_UNDEFINED, gauss3_2, gauss3},
    {"nist-eckerle4-1", NIST("Eckerle4"), 3, 0, 3, 0.0014635887487, SUITE_UNDEFINED, eckerle4_1, eckerle4},
    {"nist-eckerle4-2", NIST("Eckerle4"), 3, 0, 3, 0.0014635887487, SUITE_UNDEFINED, eckerle4_2, eckerle4},
};

const suite_family suite_nist_peaks = {problems, sizeof problems / sizeof *problems};
