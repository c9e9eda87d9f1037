/*
 * Problems that are not defined everywhere: a logarithm, a root or a pole ends the domain, or exp overflows. Indices
 * count from 0.
 *
 *   log-barrier            sum (i + 1) x_i - ln(x_i); start 1; minimum sum 1 + ln(i + 1)
 *   log-barrier-edge       the same; start 10^-8, beside the wall
 *   entropy                sum x_i ln(x_i) - (1 - i/2) x_i; start 1; minimum -sum exp(-i/2), where x_i = exp(-i/2)
 *   square-root-wall       sum x_i - 2 sqrt(x_i); start 50 (i + 1); minimum -n
 *   reciprocal-wall        sum x_i + 1/x_i, x_i > 0; start 10^-3; minimum 2 n
 *   exponential-overflow   sum exp((i + 1) x_i) - (i + 1) x_i; start -5: a step of |g| overflows; minimum n
 *   exponential-peak       the same; start 300 / (i + 1): f is 10^130 there; minimum n
 *   polytope-centre        -sum_k ln(1 - a_k.x) - sum ln(1 - x_i^2), a_ki = sin((k + 1)(i + 1)), k < 20; start 0
 *   covariance             tr(S X) - ln det(X) of a symmetric X = (x0 x1 x3; x1 x2 x4; x3 x4 x5), S given below; start
 *                          X = I; minimum 3 + ln det(S)
 *   bernoulli              -sum a_i ln(x_i) + (1 - a_i) ln(1 - x_i), a_i = 10^-(i+1), n = 6; start 1/2; minimum at x = a
 *   hemisphere             -sqrt(1 - |x|^2) - 5 x_0, n = 2; start 0; minimum -sqrt(26), close to the edge
 *   pole-between           sum x_i^2 + 10^-4 / x_i^2; start 3 (-1)^i; minimum n / 50; the pole parts two wells
 *   power-tower            sum x_i^x_i, x_i > 0; start 3; minimum n exp(-1/e) where x_i = 1/e
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static void start_at_zero(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
}

static void start_at_ones(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

static double log_barrier(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += (i + 1) * x[i] - log(x[i]);
    gradient[i] = (i + 1) - 1.0 / x[i];
  }
  return f;
}

static void start_beside_wall(int n, double *x)
{
  suite_fill_all(x, n, 1e-8);
}

static double entropy(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += x[i] * log(x[i]) - (1.0 - 0.5 * i) * x[i];
    gradient[i] = log(x[i]) + 0.5 * i;
  }
  return f;
}

static double square_root_wall(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f += x[i] - 2.0 * sqrt(x[i]);
    gradient[i] = 1.0 - 1.0 / sqrt(x[i]);
  }
  return f;
}

static void start_far_from_wall(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 50.0 * (i + 1);
}

/* Beyond the pole f would have no lower bound: it is not defined there. */
static double reciprocal_wall(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double u = x[i] > 0.0 ? x[i] : NAN;
    f += u + 1.0 / u;
    gradient[i] = 1.0 - 1.0 / (u * u);
  }
  return f;
}

static void start_reciprocal_wall(int n, double *x)
{
  suite_fill_all(x, n, 1e-3);
}

static double exponential(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double u = (i + 1) * x[i];
    f += exp(u) - u;
    gradient[i] = (i + 1) * expm1(u);
  }
  return f;
}

static void start_exponential_overflow(int n, double *x)
{
  suite_fill_all(x, n, -5.0);
}

static void start_exponential_peak(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 300.0 / (i + 1);
}

static double polytope_centre(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    f -= log(1.0 - x[i] * x[i]);
    gradient[i] = 2.0 * x[i] / (1.0 - x[i] * x[i]);
  }
  for (int k = 0; k < 20; k++) {
    double slack = 1.0;
    for (int i = 0; i < n; i++) slack -= sin((k + 1.0) * (i + 1.0)) * x[i];
    f -= log(slack);
    for (int i = 0; i < n; i++) gradient[i] += sin((k + 1.0) * (i + 1.0)) / slack;
  }
  return f;
}

/* The minors and the inverse by hand: X is positive definite if its three leading minors are positive. */
static double covariance(int n, const double *x, double *gradient)
{
  static const double s[] = {2.0, 0.5, 1.0, 0.3, 0.2, 0.5}; /* in the order of x */
  const double inner = x[0] * x[2] - x[1] * x[1];
  const double cofactor[] = {x[2] * x[5] - x[4] * x[4], x[3] * x[4] - x[1] * x[5], x[0] * x[5] - x[3] * x[3],
                             x[1] * x[4] - x[2] * x[3], x[1] * x[3] - x[0] * x[4], inner};
  const double determinant = x[0] * cofactor[0] + x[1] * cofactor[1] + x[3] * cofactor[3];
  double f = x[0] > 0.0 && inner > 0.0 ? -log(determinant) : NAN;
  for (int i = 0; i < n; i++) {
    const double times = i == 0 || i == 2 || i == 5 ? 1.0 : 2.0;
    f += times * s[i] * x[i];
    gradient[i] = times * (s[i] - cofactor[i] / determinant);
  }
  return f;
}

static void start_covariance(int n, double *x)
{
  suite_fill(x, n, (const double[]){1.0, 0.0, 1.0, 0.0, 0.0, 1.0});
}

static double bernoulli(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double a = pow(10.0, -(i + 1));
    f -= a * log(x[i]) + (1.0 - a) * log1p(-x[i]);
    gradient[i] = (1.0 - a) / (1.0 - x[i]) - a / x[i];
  }
  return f;
}

static void start_bernoulli(int n, double *x)
{
  suite_fill_all(x, n, 0.5);
}

static double hemisphere(int n, const double *x, double *gradient)
{
  (void)n;
  const double height = sqrt(1.0 - x[0] * x[0] - x[1] * x[1]);
  gradient[0] = x[0] / height - 5.0;
  gradient[1] = x[1] / height;
  return -height - 5.0 * x[0];
}

static double pole_between(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double square = x[i] * x[i];
    f += square + 1e-4 / square;
    gradient[i] = 2.0 * x[i] * (1.0 - 1e-4 / (square * square));
  }
  return f;
}

static void start_pole_between(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = i % 2 == 0 ? 3.0 : -3.0;
}

static double power_tower(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    const double logarithm = log(x[i]), power = exp(x[i] * logarithm);
    f += power;
    gradient[i] = power * (logarithm + 1.0);
  }
  return f;
}

static void start_power_tower(int n, double *x)
{
  suite_fill_all(x, n, 3.0);
}

enum { EDGE = SUITE_UNDEFINED };

static const suite_problem problems[] = {
    {"log-barrier", "Secant", 10, 1, 1, 25.104412573075514, EDGE, start_at_ones, log_barrier},
    {"log-barrier-edge", "Secant", 10, 1, 1, 25.104412573075514, EDGE, start_beside_wall, log_barrier},
    {"entropy", "Secant", 10, 1, 1, -2.524369630110176, EDGE, start_at_ones, entropy},
    {"square-root-wall", "Secant", 5, 1, 1, -5.0, EDGE, start_far_from_wall, square_root_wall},
    {"reciprocal-wall", "Secant", 4, 1, 1, 8.0, EDGE, start_reciprocal_wall, reciprocal_wall},
    {"exponential-overflow", "Secant", 8, 1, 1, 8.0, EDGE, start_exponential_overflow, exponential},
    {"exponential-peak", "Secant", 4, 1, 1, 4.0, EDGE, start_exponential_peak, exponential},
    {"polytope-centre", "Secant", 10, 1, 1, NAN, EDGE, start_at_zero, polytope_centre},
    {"covariance", "Secant", 6, 0, 6, 2.732120554844399, EDGE, start_covariance, covariance},
    {"bernoulli", "Secant", 6, 0, 6, 0.39015273661026606, EDGE, start_bernoulli, bernoulli},
    {"hemisphere", "Secant", 2, 0, 2, -5.0990195135927845, EDGE, start_at_zero, hemisphere},
    {"pole-between", "Secant", 4, 1, 1, 0.08, EDGE, start_pole_between, pole_between},
    {"power-tower", "Secant", 5, 1, 1, 3.461003137776732, EDGE, start_power_tower, power_tower},
};

const suite_family suite_own_domains = {problems, sizeof problems / sizeof *problems};
