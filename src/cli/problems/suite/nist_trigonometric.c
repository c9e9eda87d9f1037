/*
 * Models of StRD with trigonometric functions. From each of the two starts of its data file:
 *
 *   nist-enso       b1 + cycle(12, b2, b3) + cycle(b4, b5, b6) + cycle(b7, b8, b9), where
 *                   cycle(p, c, s) = c cos(2 pi x/p) + s sin(2 pi x/p)
 *   nist-roszman1   b1 - b2 x - arctan(b3 / (x - b4)) / pi
 *
 * Source: NIST, see nist_data.h.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/nist_data.h"
#include <math.h>

static const double pi = 3.14159265358979323846;

/* Three parameters: period, weight of the cosine, weight of the sine. */
static double cycle(double x, const double *b, double *row)
{
  const double angle = 2.0 * pi * x / b[0];
  row[0] = (b[1] * sin(angle) - b[2] * cos(angle)) * angle / b[0];
  row[1] = cos(angle);
  row[2] = sin(angle);
  return b[1] * row[1] + b[2] * row[2];
}

static double three_cycles(double x, const double *b, double *row)
{
  const double year = 2.0 * pi * x / 12.0;
  row[0] = 1.0;
  row[1] = cos(year);
  row[2] = sin(year);
  return b[0] + b[1] * row[1] + b[2] * row[2] + cycle(x, b + 3, row + 3) + cycle(x, b + 6, row + 6);
}

static double enso(int n, const double *b, double *gradient)
{
  return suite_fit(three_cycles, &nist_enso, n, b, gradient);
}

static void enso_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){11.0, 3.0, 0.5, 40.0, -0.7, -1.3, 25.0, -0.3, 1.4});
}

static void enso_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){10.0, 3.0, 0.5, 44.0, -1.5, 0.5, 26.0, -0.1, 1.5});
}

static double quantum_defect(double x, const double *b, double *row)
{
  const double away = x - b[3];
  const double below = pi * (away * away + b[2] * b[2]);
  row[0] = 1.0;
  row[1] = -x;
  row[2] = -away / below;
  row[3] = -b[2] / below;
  return b[0] - b[1] * x - atan(b[2] / away) / pi;
}

static double roszman1(int n, const double *b, double *gradient)
{
  return suite_fit(quantum_defect, &nist_roszman1, n, b, gradient);
}

static void roszman1_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){0.1, -1e-5, 1000.0, -100.0});
}

static void roszman1_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){0.2, -5e-6, 1200.0, -150.0});
}

/* name, source, n, step, least, optimum, traits, start, evaluate */
static const suite_problem problems[] = {
    {"nist-enso-1", NIST("ENSO"), 9, 0, 9, 788.53978668, SUITE_UNDEFINED, enso_1, enso},
    {"nist-enso-2", NIST("ENSO"), 9, 0, 9, 788.53978668, SUITE_UNDEFINED, enso_2, enso},
    {"nist-roszman1-1", NIST("Roszman1"), 4, 0, 4, 0.00049484847331, SUITE_UNDEFINED, roszman1_1, roszman1},
    {"nist-roszman1-2", NIST("Roszman1"), 4, 0, 4, 0.00049484847331, SUITE_UNDEFINED, roszman1_2, roszman1},
};

const suite_family suite_nist_trigonometric = {problems, sizeof problems / sizeof *problems};
