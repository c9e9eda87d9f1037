/*
 * One unknown x.
 *
 *   single-quartic        (x - 2)^4; start 0
 *   single-cosine         cos(x); start 0.1, where the curvature is negative; minimum -1
 *   single-power          |x|^(3/2): the second derivative is infinite at the minimum; start 1
 *   single-log-cosh       log(cosh(x)): nearly linear far away; start 50
 *   single-arctangent     x atan(x) - log(1 + x^2) / 2, whose derivative is atan(x): Newton's method diverges; start 20
 *   single-double-well    (x^2 - 1)^2; start 0.01, beside the maximum
 *   single-huber          x^2 / 2 where |x| < 1, else |x| - 1/2; start 1000
 *   single-two-slopes     x^2 / 2 where x < 0, else 5000 x^2: curvatures 1 and 10^4 that meet at the minimum; start -10
 *   single-staircase      x^2 / 100 + the sum of s(20 (x - k)), k = 1 .. 5, s(u) = 1 / (1 + exp(-u)); start 5.5
 *   single-waves          x^2 / 50 + sin(10 x) / 10; start 3
 *   single-constant       5: its start is its minimum; start 1
 *   single-softplus       10^-2 log(1 + exp(100 (x - 1))) + (x - 2)^2 / 20: a hinge, made smooth; start -4
 *   single-cubic-gap      |x - 1|^3 + 10^-3 |x|^3; start 10
 *
 * The minimum is 0 unless said otherwise; nothing is known in closed form of staircase, waves, softplus and cubic-gap.
 */
#include "cli/problems/suite/families.h"
#include <math.h>

static void start_at_0(int n, double *x)
{
  (void)n;
  x[0] = 0.0;
}

static double quartic(int n, const double *x, double *gradient)
{
  (void)n;
  const double u = x[0] - 2.0;
  gradient[0] = 4.0 * u * u * u;
  return u * u * u * u;
}

static double cosine(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = -sin(x[0]);
  return cos(x[0]);
}

static void start_at_tenth(int n, double *x)
{
  (void)n;
  x[0] = 0.1;
}

static double power(int n, const double *x, double *gradient)
{
  (void)n;
  const double root = sqrt(fabs(x[0]));
  gradient[0] = copysign(1.5 * root, x[0]);
  return fabs(x[0]) * root;
}

static void start_at_1(int n, double *x)
{
  (void)n;
  x[0] = 1.0;
}

/* cosh overflows where its logarithm is small. */
static double log_cosh(int n, const double *x, double *gradient)
{
  (void)n;
  const double u = fabs(x[0]);
  gradient[0] = tanh(x[0]);
  return u + log1p(expm1(-2.0 * u) / 2.0);
}

static void start_at_50(int n, double *x)
{
  (void)n;
  x[0] = 50.0;
}

static double arctangent(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = atan(x[0]);
  return x[0] * atan(x[0]) - 0.5 * log1p(x[0] * x[0]);
}

static void start_at_20(int n, double *x)
{
  (void)n;
  x[0] = 20.0;
}

static double double_well(int n, const double *x, double *gradient)
{
  (void)n;
  const double well = x[0] * x[0] - 1.0;
  gradient[0] = 4.0 * well * x[0];
  return well * well;
}

static void start_at_hundredth(int n, double *x)
{
  (void)n;
  x[0] = 0.01;
}

static double huber(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = fmax(-1.0, fmin(1.0, x[0]));
  return fabs(x[0]) < 1.0 ? 0.5 * x[0] * x[0] : fabs(x[0]) - 0.5;
}

static void start_at_1000(int n, double *x)
{
  (void)n;
  x[0] = 1000.0;
}

static double two_slopes(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = (x[0] < 0.0 ? 1.0 : 1e4) * x[0];
  return 0.5 * gradient[0] * x[0];
}

static void start_at_minus_10(int n, double *x)
{
  (void)n;
  x[0] = -10.0;
}

static double staircase(int n, const double *x, double *gradient)
{
  (void)n;
  double f = 0.01 * x[0] * x[0];
  gradient[0] = 0.02 * x[0];
  for (int k = 1; k <= 5; k++) {
    const double half = tanh(10.0 * (x[0] - k)); /* s(u) = (1 + tanh(u/2)) / 2 cannot overflow */
    f += 0.5 * (1.0 + half);
    gradient[0] += 5.0 * (1.0 - half * half);
  }
  return f;
}

static void start_on_stairs(int n, double *x)
{
  (void)n;
  x[0] = 5.5;
}

static double waves(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = 0.04 * x[0] + cos(10.0 * x[0]);
  return 0.02 * x[0] * x[0] + 0.1 * sin(10.0 * x[0]);
}

static void start_at_3(int n, double *x)
{
  (void)n;
  x[0] = 3.0;
}

static double constant(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = 0.0 * x[0];
  return 5.0 + 0.0 * x[0];
}

static double softplus(int n, const double *x, double *gradient)
{
  (void)n;
  const double u = 100.0 * (x[0] - 1.0), away = x[0] - 2.0;
  gradient[0] = 0.5 * (1.0 + tanh(0.5 * u)) + 0.1 * away;
  return 0.01 * (fmax(u, 0.0) + log1p(exp(-fabs(u)))) + 0.05 * away * away;
}

static void start_at_minus_4(int n, double *x)
{
  (void)n;
  x[0] = -4.0;
}

static double cubic_gap(int n, const double *x, double *gradient)
{
  (void)n;
  const double u = x[0] - 1.0;
  gradient[0] = 3.0 * u * fabs(u) + 3e-3 * x[0] * fabs(x[0]);
  return u * u * fabs(u) + 1e-3 * x[0] * x[0] * fabs(x[0]);
}

static void start_at_10(int n, double *x)
{
  (void)n;
  x[0] = 10.0;
}

static const suite_problem problems[] = {
    {"single-quartic", "Secant", 1, 0, 1, 0.0, 0, start_at_0, quartic},
    {"single-cosine", "Secant", 1, 0, 1, -1.0, 0, start_at_tenth, cosine},
    {"single-power", "Secant", 1, 0, 1, 0.0, 0, start_at_1, power},
    {"single-log-cosh", "Secant", 1, 0, 1, 0.0, 0, start_at_50, log_cosh},
    {"single-arctangent", "Secant", 1, 0, 1, 0.0, 0, start_at_20, arctangent},
    {"single-double-well", "Secant", 1, 0, 1, 0.0, 0, start_at_hundredth, double_well},
    {"single-huber", "Secant", 1, 0, 1, 0.0, 0, start_at_1000, huber},
    {"single-two-slopes", "Secant", 1, 0, 1, 0.0, 0, start_at_minus_10, two_slopes},
    {"single-staircase", "Secant", 1, 0, 1, NAN, 0, start_on_stairs, staircase},
    {"single-waves", "Secant", 1, 0, 1, NAN, 0, start_at_3, waves},
    {"single-constant", "Secant", 1, 0, 1, 5.0, 0, start_at_1, constant},
    {"single-softplus", "Secant", 1, 0, 1, NAN, 0, start_at_minus_4, softplus},
    {"single-cubic-gap", "Secant", 1, 0, 1, NAN, 0, start_at_10, cubic_gap},
};

const suite_family suite_own_single = {problems, sizeof problems / sizeof *problems};
