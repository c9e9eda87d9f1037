/*
 * Problems of few unknowns without data. Sums of squares of the residuals r_i; the numbers are those of the source.
 *
 *    1  rosenbrock-2            10 (x2 - x1^2), 1 - x1
 *    2  freudenstein-roth       -13 + x1 + ((5 - x2) x2 - 2) x2, -29 + x1 + ((x2 + 1) x2 - 14) x2
 *    3  powell-badly-scaled     10^4 x1 x2 - 1, exp(-x1) + exp(-x2) - 1.0001
 *    4  brown-badly-scaled      x1 - 10^6, x2 - 2 10^-6, x1 x2 - 2
 *    5  beale                   y_i - x1 (1 - x2^i), i = 1, 2, 3
 *    6  jennrich-sampson        2 + 2 i - (exp(i x1) + exp(i x2)), i = 1 .. 10
 *    7  helical-valley          10 (x3 - 10 theta), 10 (sqrt(x1^2 + x2^2) - 1), x3, with 2 pi theta the angle of (x1, x2)
 *   12  box-3d                  exp(-t x1) - exp(-t x2) - x3 (exp(-t) - exp(-10 t)), t = i/10, i = 1 .. 10
 *   13  powell-singular         x1 + 10 x2, sqrt(5) (x3 - x4), (x2 - 2 x3)^2, sqrt(10) (x1 - x4)^2
 *   14  wood                    10 (x2 - x1^2), 1 - x1, sqrt(90) (x4 - x3^2), 1 - x3, sqrt(10) (x2 + x4 - 2),
 *                               (x2 - x4)/sqrt(10)
 *   16  brown-dennis            (x1 + t x2 - exp(t))^2 + (x3 + x4 sin(t) - cos(t))^2, t = i/5, i = 1 .. 20
 *   18  biggs-exp6              x3 exp(-t x1) - x4 exp(-t x2) + x6 exp(-t x5) - y, t = i/10, i = 1 .. 13,
 *                               y = exp(-t) - 5 exp(-10 t) + 3 exp(-4 t)
 *
 * Source: Moré, Garbow, Hillstrom, Testing Unconstrained Optimization Software, TOMS 7 (1981); starts and minima too.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static double residual_rosenbrock(int i, int n, const double *x, double *row)
{
  (void)n;
  if (i == 0) {
    row[0] = -20.0 * x[0];
    row[1] = 10.0;
    return 10.0 * (x[1] - x[0] * x[0]);
  }
  row[0] = -1.0;
  return 1.0 - x[0];
}

static double rosenbrock(int n, const double *x, double *gradient)
{
  return suite_squares(residual_rosenbrock, 2, n, x, gradient);
}

static void start_rosenbrock(int n, double *x)
{
  suite_fill(x, n, (const double[]){-1.2, 1.0});
}

static double residual_freudenstein_roth(int i, int n, const double *x, double *row)
{
  (void)n;
  const double v = x[1];
  row[0] = 1.0;
  if (i == 0) {
    row[1] = (10.0 - 3.0 * v) * v - 2.0;
    return -13.0 + x[0] + ((5.0 - v) * v - 2.0) * v;
  }
  row[1] = (3.0 * v + 2.0) * v - 14.0;
  return -29.0 + x[0] + ((v + 1.0) * v - 14.0) * v;
}

static double freudenstein_roth(int n, const double *x, double *gradient)
{
  return suite_squares(residual_freudenstein_roth, 2, n, x, gradient);
}

static void start_freudenstein_roth(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.5, -2.0});
}

static double residual_powell_badly_scaled(int i, int n, const double *x, double *row)
{
  (void)n;
  if (i == 0) {
    row[0] = 1e4 * x[1];
    row[1] = 1e4 * x[0];
    return 1e4 * x[0] * x[1] - 1.0;
  }
  row[0] = -exp(-x[0]);
  row[1] = -exp(-x[1]);
  return exp(-x[0]) + exp(-x[1]) - 1.0001;
}

static double powell_badly_scaled(int n, const double *x, double *gradient)
{
  return suite_squares(residual_powell_badly_scaled, 2, n, x, gradient);
}

static void start_powell_badly_scaled(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.0, 1.0});
}

static double residual_brown_badly_scaled(int i, int n, const double *x, double *row)
{
  (void)n;
  if (i < 2) {
    row[i] = 1.0;
    return i == 0 ? x[0] - 1e6 : x[1] - 2e-6;
  }
  row[0] = x[1];
  row[1] = x[0];
  return x[0] * x[1] - 2.0;
}

static double brown_badly_scaled(int n, const double *x, double *gradient)
{
  return suite_squares(residual_brown_badly_scaled, 3, n, x, gradient);
}

static void start_at_ones(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

static double residual_beale(int i, int n, const double *x, double *row)
{
  (void)n;
  static const double y[] = {1.5, 2.25, 2.625};
  const double power = pow(x[1], i + 1);
  row[0] = power - 1.0;
  row[1] = x[0] * (i + 1) * pow(x[1], i);
  return y[i] - x[0] * (1.0 - power);
}

static double beale(int n, const double *x, double *gradient)
{
  return suite_squares(residual_beale, 3, n, x, gradient);
}

static double residual_jennrich_sampson(int i, int n, const double *x, double *row)
{
  (void)n;
  const double k = i + 1;
  row[0] = -k * exp(k * x[0]);
  row[1] = -k * exp(k * x[1]);
  return 2.0 + 2.0 * k - (exp(k * x[0]) + exp(k * x[1]));
}

static double jennrich_sampson(int n, const double *x, double *gradient)
{
  return suite_squares(residual_jennrich_sampson, 10, n, x, gradient);
}

static void start_jennrich_sampson(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.3, 0.4});
}

/* The angle has its jump where x1 = 0 and x2 < 0: atan2 would have it where x2 = 0. */
static double residual_helical_valley(int i, int n, const double *x, double *row)
{
  (void)n;
  const double square = x[0] * x[0] + x[1] * x[1];
  const double turn = 2.0 * acos(-1.0);
  if (i == 0) {
    row[0] = 100.0 * x[1] / (turn * square);
    row[1] = -100.0 * x[0] / (turn * square);
    row[2] = 10.0;
    return 10.0 * (x[2] - 10.0 * (atan(x[1] / x[0]) / turn + (x[0] < 0.0 ? 0.5 : 0.0)));
  }
  if (i == 1) {
    row[0] = 10.0 * x[0] / sqrt(square);
    row[1] = 10.0 * x[1] / sqrt(square);
    return 10.0 * (sqrt(square) - 1.0);
  }
  row[2] = 1.0;
  return x[2];
}

static double helical_valley(int n, const double *x, double *gradient)
{
  return suite_squares(residual_helical_valley, 3, n, x, gradient);
}

static void start_helical_valley(int n, double *x)
{
  suite_fill(x, n, (const double[]){-1.0, 0.0, 0.0});
}

static double residual_box(int i, int n, const double *x, double *row)
{
  (void)n;
  const double t = 0.1 * (i + 1);
  const double known = exp(-t) - exp(-10.0 * t);
  row[0] = -t * exp(-t * x[0]);
  row[1] = t * exp(-t * x[1]);
  row[2] = -known;
  return exp(-t * x[0]) - exp(-t * x[1]) - x[2] * known;
}

static double box(int n, const double *x, double *gradient)
{
  return suite_squares(residual_box, 10, n, x, gradient);
}

static void start_box(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.0, 10.0, 20.0});
}

static double residual_powell_singular(int i, int n, const double *x, double *row)
{
  (void)n;
  if (i == 0) {
    row[0] = 1.0;
    row[1] = 10.0;
    return x[0] + 10.0 * x[1];
  }
  if (i == 1) {
    row[2] = sqrt(5.0);
    row[3] = -sqrt(5.0);
    return sqrt(5.0) * (x[2] - x[3]);
  }
  const double root = i == 2 ? x[1] - 2.0 * x[2] : x[0] - x[3];
  const double weight = i == 2 ? 1.0 : sqrt(10.0);
  row[i == 2 ? 1 : 0] = 2.0 * weight * root;
  row[i == 2 ? 2 : 3] = (i == 2 ? -4.0 : -2.0) * weight * root;
  return weight * root * root;
}

static double powell_singular(int n, const double *x, double *gradient)
{
  return suite_squares(residual_powell_singular, 4, n, x, gradient);
}

static void start_powell_singular(int n, double *x)
{
  suite_fill(x, n, (const double[]){3.0, -1.0, 0.0, 1.0});
}

/* Residuals 0 .. 3 are two valleys; 4 and 5 link them. */
static double residual_wood(int i, int n, const double *x, double *row)
{
  (void)n;
  const int pair = i < 2 ? 0 : 2;
  if (i == 0 || i == 2) {
    const double weight = i == 0 ? 10.0 : sqrt(90.0);
    row[pair] = -2.0 * weight * x[pair];
    row[pair + 1] = weight;
    return weight * (x[pair + 1] - x[pair] * x[pair]);
  }
  if (i < 4) {
    row[pair] = -1.0;
    return 1.0 - x[pair];
  }
  const double weight = i == 4 ? sqrt(10.0) : sqrt(0.1);
  row[1] = weight;
  row[3] = i == 4 ? weight : -weight;
  return i == 4 ? weight * (x[1] + x[3] - 2.0) : weight * (x[1] - x[3]);
}

static double wood(int n, const double *x, double *gradient)
{
  return suite_squares(residual_wood, 6, n, x, gradient);
}

static void start_wood(int n, double *x)
{
  suite_fill(x, n, (const double[]){-3.0, -1.0, -3.0, -1.0});
}

static double residual_brown_dennis(int i, int n, const double *x, double *row)
{
  (void)n;
  const double t = (i + 1) / 5.0;
  const double a = x[0] + t * x[1] - exp(t), b = x[2] + x[3] * sin(t) - cos(t);
  row[0] = 2.0 * a;
  row[1] = 2.0 * a * t;
  row[2] = 2.0 * b;
  row[3] = 2.0 * b * sin(t);
  return a * a + b * b;
}

static double brown_dennis(int n, const double *x, double *gradient)
{
  return suite_squares(residual_brown_dennis, 20, n, x, gradient);
}

static void start_brown_dennis(int n, double *x)
{
  suite_fill(x, n, (const double[]){25.0, 5.0, -5.0, -1.0});
}

static double residual_biggs(int i, int n, const double *x, double *row)
{
  (void)n;
  const double t = 0.1 * (i + 1);
  const double y = exp(-t) - 5.0 * exp(-10.0 * t) + 3.0 * exp(-4.0 * t);
  const double a = exp(-t * x[0]), b = exp(-t * x[1]), c = exp(-t * x[4]);
  row[0] = -t * x[2] * a;
  row[1] = t * x[3] * b;
  row[2] = a;
  row[3] = -b;
  row[4] = -t * x[5] * c;
  row[5] = c;
  return x[2] * a - x[3] * b + x[5] * c - y;
}

static double biggs(int n, const double *x, double *gradient)
{
  return suite_squares(residual_biggs, 13, n, x, gradient);
}

static void start_biggs(int n, double *x)
{
  suite_fill(x, n, (const double[]){1.0, 2.0, 1.0, 1.0, 1.0, 1.0});
}

#define MORE(number) "Moré, Garbow, Hillstrom 1981, problem " #number

static const suite_problem problems[] = {
    {"rosenbrock-2", MORE(1), 2, 0, 2, 0.0, 0, start_rosenbrock, rosenbrock},
    {"freudenstein-roth", MORE(2), 2, 0, 2, 0.0, 0, start_freudenstein_roth, freudenstein_roth},
    {"powell-badly-scaled", MORE(3), 2, 0, 2, 0.0, 0, start_powell_badly_scaled, powell_badly_scaled},
    {"brown-badly-scaled", MORE(4), 2, 0, 2, 0.0, 0, start_at_ones, brown_badly_scaled},
    {"beale", MORE(5), 2, 0, 2, 0.0, 0, start_at_ones, beale},
    {"jennrich-sampson", MORE(6), 2, 0, 2, 124.362, 0, start_jennrich_sampson, jennrich_sampson},
    {"helical-valley", MORE(7), 3, 0, 3, 0.0, SUITE_UNDEFINED, start_helical_valley, helical_valley},
    {"box-3d", MORE(12), 3, 0, 3, 0.0, 0, start_box, box},
    {"powell-singular", MORE(13), 4, 0, 4, 0.0, 0, start_powell_singular, powell_singular},
    {"wood", MORE(14), 4, 0, 4, 0.0, 0, start_wood, wood},
    {"brown-dennis", MORE(16), 4, 0, 4, 85822.2, 0, start_brown_dennis, brown_dennis},
    {"biggs-exp6", MORE(18), 6, 0, 6, 0.0, 0, start_biggs, biggs},
};

const suite_family suite_more_plain = {problems, sizeof problems / sizeof *problems};
