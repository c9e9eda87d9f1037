/*
 * Models of StRD made of exponentials: decay, saturation and growth. From each of the two starts of its data file:
 *
 *   nist-misra1a, nist-boxbod    b1 (1 - exp(-b2 x))
 *   nist-chwirut1, -chwirut2     exp(-b1 x) / (b2 + b3 x)
 *   nist-lanczos1 .. -lanczos3   b1 exp(-b2 x) + b3 exp(-b4 x) + b5 exp(-b6 x)
 *   nist-mgh10                   b1 exp(b2 / (x + b3))
 *   nist-mgh17                   b1 + b2 exp(-b4 x) + b3 exp(-b5 x)
 *   nist-nelson                  b1 - b2 x exp(-b3 u), fitted to log y; u is the temperature
 *   nist-rat42                   b1 / (1 + exp(b2 - b3 x))
 *   nist-rat43                   b1 / (1 + exp(b2 - b3 x))^(1/b4)
 *
 * From their second starts MGH10 and MGH17 are meyer and osborne-1, which more_fits.c has.
 *
 * Source: NIST, see nist_data.h.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/nist_data.h"
#include <math.h>

static double saturation(double x, const double *b, double *row)
{
  const double share = -expm1(-b[1] * x);
  row[0] = share;
  row[1] = b[0] * x * exp(-b[1] * x);
  return b[0] * share;
}

static double misra1a(int n, const double *b, double *gradient)
{
  return suite_fit(saturation, &nist_misra1, n, b, gradient);
}

static void misra1a_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){500.0, 0.0001});
}

static void misra1a_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){250.0, 0.0005});
}

static double boxbod(int n, const double *b, double *gradient)
{
  return suite_fit(saturation, &nist_boxbod, n, b, gradient);
}

static void boxbod_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){1.0, 1.0});
}

static void boxbod_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){100.0, 0.75});
}

static double damped_reciprocal(double x, const double *b, double *row)
{
  const double below = b[1] + b[2] * x;
  const double height = exp(-b[0] * x) / below;
  row[0] = -x * height;
  row[1] = -height / below;
  row[2] = -x * height / below;
  return height;
}

static double chwirut1(int n, const double *b, double *gradient)
{
  return suite_fit(damped_reciprocal, &nist_chwirut1, n, b, gradient);
}

static void chwirut_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){0.1, 0.01, 0.02});
}

static void chwirut_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){0.15, 0.008, 0.01});
}

static double chwirut2(int n, const double *b, double *gradient)
{
  return suite_fit(damped_reciprocal, &nist_chwirut2, n, b, gradient);
}

static double three_decays(double x, const double *b, double *row)
{
  double sum = 0.0;
  for (int k = 0; k < 6; k += 2) {
    const double decay = exp(-b[k + 1] * x);
    row[k] = decay;
    row[k + 1] = -b[k] * x * decay;
    sum += b[k] * decay;
  }
  return sum;
}

static double lanczos1(int n, const double *b, double *gradient)
{
  return suite_fit(three_decays, &nist_lanczos1, n, b, gradient);
}

static void lanczos_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){1.2, 0.3, 5.6, 5.5, 6.5, 7.6});
}

static void lanczos_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){0.5, 0.7, 3.6, 4.2, 4.0, 6.3});
}

static double lanczos2(int n, const double *b, double *gradient)
{
  return suite_fit(three_decays, &nist_lanczos2, n, b, gradient);
}

static double lanczos3(int n, const double *b, double *gradient)
{
  return suite_fit(three_decays, &nist_lanczos3, n, b, gradient);
}

static double shifted_reciprocal(double x, const double *b, double *row)
{
  const double below = x + b[2];
  const double power = exp(b[1] / below);
  row[0] = power;
  row[1] = b[0] * power / below;
  row[2] = -b[0] * power * b[1] / (below * below);
  return b[0] * power;
}

static double mgh10(int n, const double *b, double *gradient)
{
  return suite_fit(shifted_reciprocal, &nist_mgh10, n, b, gradient);
}

static void mgh10_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){2.0, 400000.0, 25000.0});
}

static double two_decays(double x, const double *b, double *row)
{
  const double first = exp(-b[3] * x), second = exp(-b[4] * x);
  row[0] = 1.0;
  row[1] = first;
  row[2] = second;
  row[3] = -b[1] * x * first;
  row[4] = -b[2] * x * second;
  return b[0] + b[1] * first + b[2] * second;
}

static double mgh17(int n, const double *b, double *gradient)
{
  return suite_fit(two_decays, &nist_mgh17, n, b, gradient);
}

static void mgh17_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){50.0, 150.0, -100.0, 1.0, 2.0});
}

/* Fades with time, the faster the hotter. */
static double residual_nelson(int i, int n, const double *b, double *row)
{
  (void)n;
  const double time = nist_nelson.x[i], temperature = nist_nelson_temperature[i];
  const double rate = exp(-b[2] * temperature);
  row[0] = 1.0;
  row[1] = -time * rate;
  row[2] = b[1] * time * temperature * rate;
  return b[0] - b[1] * time * rate - log(nist_nelson.y[i]);
}

static double nelson(int n, const double *b, double *gradient)
{
  return suite_squares(residual_nelson, nist_nelson.count, n, b, gradient);
}

static void nelson_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){2.0, 0.0001, -0.01});
}

static void nelson_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){2.5, 5e-9, -0.05});
}

/* share and rest add up to 1, but neither is taken as the difference, which would be inexact where it is small. */
static double logistic(double x, const double *b, double *row)
{
  const double away = b[1] - b[2] * x;
  const double share = 1.0 / (1.0 + exp(away)), rest = 1.0 / (1.0 + exp(-away));
  row[0] = share;
  row[1] = -b[0] * share * rest;
  row[2] = b[0] * share * rest * x;
  return b[0] * share;
}

static double rat42(int n, const double *b, double *gradient)
{
  return suite_fit(logistic, &nist_rat42, n, b, gradient);
}

static void rat42_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){100.0, 1.0, 0.1});
}

static void rat42_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){75.0, 2.5, 0.07});
}

static double generalized_logistic(double x, const double *b, double *row)
{
  const double away = b[1] - b[2] * x;
  const double rest = 1.0 / (1.0 + exp(-away)), logarithm = fmax(away, 0.0) + log1p(exp(-fabs(away)));
  const double share = exp(-logarithm / b[3]);
  row[0] = share;
  row[1] = -b[0] * share * rest / b[3];
  row[2] = b[0] * share * rest * x / b[3];
  row[3] = b[0] * share * logarithm / (b[3] * b[3]);
  return b[0] * share;
}

static double rat43(int n, const double *b, double *gradient)
{
  return suite_fit(generalized_logistic, &nist_rat43, n, b, gradient);
}

static void rat43_1(int n, double *b)
{
  suite_fill(b, n, (const double[]){100.0, 10.0, 1.0, 1.0});
}

static void rat43_2(int n, double *b)
{
  suite_fill(b, n, (const double[]){700.0, 5.0, 0.75, 1.3});
}

/* name, source, n, step, least, optimum, traits, start, evaluate */
static const suite_problem problems[] = {
    {"nist-misra1a-1", NIST("Misra1a"), 2, 0, 2, 0.12455138894, 0, misra1a_1, misra1a},
    {"nist-misra1a-2", NIST("Misra1a"), 2, 0, 2, 0.12455138894, 0, misra1a_2, misra1a},
    {"nist-boxbod-1", NIST("BoxBOD"), 2, 0, 2, 1168.0088766, 0, boxbod_1, boxbod},
    {"nist-boxbod-2", NIST("BoxBOD"), 2, 0, 2, 1168.0088766, 0, boxbod_2, boxbod},
    {"nist-chwirut1-1", NIST("Chwirut1"), 3, 0, 3, 2384.4771393, SUITE_UNDEFINED, chwirut_1, chwirut1},
    {"nist-chwirut1-2", NIST("Chwirut1"), 3, 0, 3, 2384.4771393, SUITE_UNDEFINED, chwirut_2, chwirut1},
    {"nist-chwirut2-1", NIST("Chwirut2"), 3, 0, 3, 513.04802941, SUITE_UNDEFINED, chwirut_1, chwirut2},
    {"nist-chwirut2-2", NIST("Chwirut2"), 3, 0, 3, 513.04802941, SUITE_UNDEFINED, chwirut_2, chwirut2},
    {"nist-lanczos1-1", NIST("Lanczos1"), 6, 0, 6, 1.4307867721e-25, 0, lanczos_1, lanczos1},
    {"nist-lanczos1-2", NIST("Lanczos1"), 6, 0, 6, 1.4307867721e-25, 0, lanczos_2, lanczos1},
    {"nist-lanczos2-1", NIST("Lanczos2"), 6, 0, 6, 2.2299428125e-11, 0, lanczos_1, lanczos2},
    {"nist-lanczos2-2", NIST("Lanczos2"), 6, 0, 6, 2.2299428125e-11, 0, lanczos_2, lanczos2},
    {"nist-lanczos3-1", NIST("Lanczos3"), 6, 0, 6, 1.6117193594e-8, 0, lanczos_1, lanczos3},
    {"nist-lanczos3-2", NIST("Lanczos3"), 6, 0, 6, 1.6117193594e-8, 0, lanczos_2, lanczos3},
    {"nist-mgh10-1", NIST("MGH10"), 3, 0, 3, 87.945855171, SUITE_UNDEFINED, mgh10_1, mgh10},
    {"nist-mgh17-1", NIST("MGH17"), 5, 0, 5, 5.4648946975e-5, SUITE_UNDEFINED, mgh17_1, mgh17},
    {"nist-nelson-1", NIST("Nelson"), 3, 0, 3, 3.7976833176, 0, nelson_1, nelson},
    {"nist-nelson-2", NIST("Nelson"), 3, 0, 3, 3.7976833176, 0, nelson_2, nelson},
    {"nist-rat42-1", NIST("Rat42"), 3, 0, 3, 8.0565229338, 0, rat42_1, rat42},
    {"nist-rat42-2", NIST("Rat42"), 3, 0, 3, 8.0565229338, 0, rat42_2, rat42},
    {"nist-rat43-1", NIST("Rat43"), 4, 0, 4, 8786.4049080, SUITE_UNDEFINED, rat43_1, rat43},
    {"nist-rat43-2", NIST("Rat43"), 4, 0, 4, 8786.4049080, SUITE_UNDEFINED, rat43_2, rat43},
};

const suite_family suite_nist_exponentials = {problems, sizeof problems / sizeof *problems};
