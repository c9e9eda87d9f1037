/*
 * Models of StRD made of powers. From each of the two starts of its data file:
 *
 *   nist-misra1b    b1 (1 - (1 + b2 x/2)^-2)
 *   nist-misra1c    b1 (1 - (1 + 2 b2 x)^(-1/2))
 *   nist-danwood    b1 x^b2
 *   nist-bennett5   b1 (b2 + x)^(-1/b3)
 *
 * Source: NIST, see nist_data.h.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/nist_data.h"
#include <math.h>

/* With u = b2 x/2, 1 - (1 + u)^-2 = u (2 + u) / (1 + u)^2, which takes no difference of nearly equal numbers. */
static double inverse_square(double x, const double *b, double *row)
{
  const double u = 0.5 * b[1] * x;
  const double share = u * (2.0 + u) / ((1.0 + u) * (1.0 + u));
  row[0] = share;
  row[1] = b[0] * x / ((1.0 + u) * (1.0 + u) * (1.0 + u));
  return b[0] * share;
}

static double misra1b(int n, const double *b, double *gradient)
{
  return suite_fit(inverse_square, &nist_misra1, n, b, gradient);
}

static void misra1b_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){500.0, 0.0001});
}

static void misra1b_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){300.0, 0.0002});
}

/* With root^2 = 1 + 2 b2 x, 1 - 1/root = 2 b2 x / (root (root + 1)), for the same reason. */
static double inverse_root(double x, const double *b, double *row)
{
  const double root = sqrt(1.0 + 2.0 * b[1] * x);
  const double share = 2.0 * b[1] * x / (root * (root + 1.0));
  row[0] = share;
  row[1] = b[0] * x / (root * root * root);
  return b[0] * share;
}

static double misra1c(int n, const double *b, double *gradient)
{
  return suite_fit(inverse_root, &nist_misra1, n, b, gradient);
}

static void misra1c_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){500.0, 0.0001});
}

static void misra1c_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){600.0, 0.0002});
}

static double power_law(double x, const double *b, double *row)
{
  const double power = pow(x, b[1]);
  row[0] = power;
  row[1] = b[0] * power * log(x);
  return b[0] * power;
}

static double danwood(int n, const double *b, double *gradient)
{
  return suite_fit(power_law, &nist_danwood, n, b, gradient);
}

static void danwood_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){1.0, 5.0});
}

static void danwood_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){0.7, 4.0});
}

static double shifted_power(double x, const double *b, double *row)
{
  const double base = b[1] + x;
  const double power = pow(base, -1.0 / b[2]);
  row[0] = power;
  row[1] = -b[0] * power / (b[2] * base);
  row[2] = b[0] * power * log(base) / (b[2] * b[2]);
  return b[0] * power;
}

static double bennett5(int n, const double *b, double *gradient)
{
  return suite_fit(shifted_power, &nist_bennett5, n, b, gradient);
}

static void bennett5_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){-2000.0, 50.0, 0.8});
}

static void bennett5_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){-1500.0, 45.0, 0.85});
}

/* name, source, n, step, least, optimum, traits, start, evaluate */
static const suite_problem problems[] = {
    {"nist-misra1b-1", NIST("Misra1b"), 2, 0, 2, 0.075464681533, SUITE_UNDEFINED, misra1b_1, misra1b},
    {"nist-misra1b-2", NIST("Misra1b"), 2, 0, 2, 0.075464681533, SUITE_UNDEFINED, misra1b_2, misra1b},
    {"nist-misra1c-1", NIST("Misra1c"), 2, 0, 2, 0.040966836971, SUITE_UNDEFINED, misra1c_1, misra1c},
    {"nist-misra1c-2", NIST("Misra1c"), 2, 0, 2, 0.040966836971, SUITE_UNDEFINED, misra1c_2, misra1c},
    {"nist-danwood-1", NIST("DanWood"), 2, 0, 2, 0.0043173084083, 0, danwood_1, danwood},
    {"nist-danwood-2", NIST("DanWood"), 2, 0, 2, 0.0043173084083, 0, danwood_2, danwood},
    {"nist-bennett5-1", NIST("Bennett5"), 3, 0, 3, 0.00052404744073, SUITE_UNDEFINED, bennett5_1, bennett5},
    {"nist-bennett5-2", NIST("Bennett5"), 3, 0, 3, 0.00052404744073, SUITE_UNDEFINED, bennett5_2, bennett5},
};

const suite_family suite_nist_powers = {problems, sizeof problems / sizeof *problems};
