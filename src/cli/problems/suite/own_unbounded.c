/*
 * Problems without a minimum: f has no lower bound, or has one that it does not attain. Indices count from 0.
 *
 *   unbounded-linear         sum (-1)^i x_i; start 0
 *   unbounded-concave        -1/2 |x|^2; start 1
 *   unbounded-cubic          sum x_i^3; start -1, below the flat point 0
 *   unbounded-indefinite     x0^2 - x1^2; start (1, 1)
 *   unbounded-exponential    -exp(x_0) + x_1^2; start (1, 1): it overflows soon
 *   unbounded-trough         10^4 (x1 - x0)^2 - x0; start (-1.2, 1): down along a narrow trough
 *   unbounded-root           -sum sqrt(1 + x_i^2) + x_i / 2; start 0.1: a slope that is bounded
 *   falling-logarithm        -sum ln(x_i); start 1: no lower bound, but a slope that vanishes
 *   cubic-well               sum x_i^3 - x_i; start 0: a local minimum at 1/sqrt(3), and no lower bound
 *
 *   infimum-exponential      sum exp(-x_i); start 0
 *   infimum-reciprocal       1 / (1 + |x|^2); start 1
 *   infimum-softplus         sum ln(1 + exp(-x_i)); start -10
 *   infimum-arctangent       -sum atan(x_i); start 0; infimum -n pi / 2
 *   infimum-hyperbola        (x0 x1 - 1)^2 + x0^2; start (1, 1): along x0 = 1/x1
 *
 * The infimum is 0 unless said otherwise.
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

static void start_at_minus_ones(int n, double *x)
{
  suite_fill_all(x, n, -1.0);
}

static double linear(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = i % 2 == 0 ? 1.0 : -1.0;
    f += gradient[i] * x[i];
  }
  return f;
}

static double concave(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = -x[i];
    f -= 0.5 * x[i] * x[i];
  }
  return f;
}

static double cubic(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = 3.0 * x[i] * x[i];
    f += x[i] * x[i] * x[i];
  }
  return f;
}

static double cubic_well(int n, const double *x, double *gradient)
{
  double f = cubic(n, x, gradient);
  for (int i = 0; i < n; i++) {
    gradient[i] -= 1.0;
    f -= x[i];
  }
  return f;
}

static double indefinite(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = 2.0 * x[0];
  gradient[1] = -2.0 * x[1];
  return x[0] * x[0] - x[1] * x[1];
}

static double logarithm(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = -1.0 / x[i];
    f -= log(x[i]);
  }
  return f;
}

static double falling_exponential(int n, const double *x, double *gradient)
{
  (void)n;
  gradient[0] = -exp(x[0]);
  gradient[1] = 2.0 * x[1];
  return gradient[0] + x[1] * x[1];
}

static double trough(int n, const double *x, double *gradient)
{
  (void)n;
  const double off = x[1] - x[0];
  gradient[0] = -2e4 * off - 1.0;
  gradient[1] = 2e4 * off;
  return 1e4 * off * off - x[0];
}

static void start_in_trough(int n, double *x)
{
  suite_fill(x, n, (const double[]){-1.2, 1.0});
}

static double root(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = 0.5 - x[i] / hypot(1.0, x[i]);
    f += 0.5 * x[i] - hypot(1.0, x[i]);
  }
  return f;
}

static void start_root(int n, double *x)
{
  suite_fill_all(x, n, 0.1);
}

static double exponential(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = -exp(-x[i]);
    f -= gradient[i];
  }
  return f;
}

static double reciprocal(int n, const double *x, double *gradient)
{
  double below = 1.0;
  for (int i = 0; i < n; i++) below += x[i] * x[i];
  for (int i = 0; i < n; i++) gradient[i] = -2.0 * x[i] / (below * below);
  return 1.0 / below;
}

static double softplus(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = -1.0 / (1.0 + exp(x[i]));
    f += fmax(-x[i], 0.0) + log1p(exp(-fabs(x[i])));
  }
  return f;
}

static void start_softplus(int n, double *x)
{
  suite_fill_all(x, n, -10.0);
}

static double arctangent(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = -1.0 / (1.0 + x[i] * x[i]);
    f -= atan(x[i]);
  }
  return f;
}

static double hyperbola(int n, const double *x, double *gradient)
{
  (void)n;
  const double off = x[0] * x[1] - 1.0;
  gradient[0] = 2.0 * off * x[1] + 2.0 * x[0];
  gradient[1] = 2.0 * off * x[0];
  return off * off + x[0] * x[0];
}

enum { DOWN = SUITE_UNBOUNDED, EDGE = SUITE_UNDEFINED, AWAY = SUITE_INFIMUM };

static const suite_problem problems[] = {
    {"unbounded-linear", "Secant", 5, 1, 1, -INFINITY, DOWN, start_at_zero, linear},
    {"unbounded-concave", "Secant", 3, 1, 1, -INFINITY, DOWN, start_at_ones, concave},
    {"unbounded-cubic", "Secant", 2, 1, 1, -INFINITY, DOWN, start_at_minus_ones, cubic},
    {"unbounded-indefinite", "Secant", 2, 0, 2, -INFINITY, DOWN, start_at_ones, indefinite},
    {"unbounded-exponential", "Secant", 2, 0, 2, -INFINITY, DOWN | EDGE, start_at_ones, falling_exponential},
    {"unbounded-trough", "Secant", 2, 0, 2, -INFINITY, DOWN, start_in_trough, trough},
    {"unbounded-root", "Secant", 3, 1, 1, -INFINITY, DOWN, start_root, root},
    {"falling-logarithm", "Secant", 4, 1, 1, -INFINITY, DOWN | EDGE, start_at_ones, logarithm},
    {"cubic-well", "Secant", 1, 1, 1, -INFINITY, DOWN, start_at_zero, cubic_well},
    {"infimum-exponential", "Secant", 3, 1, 1, 0.0, AWAY, start_at_zero, exponential},
    {"infimum-reciprocal", "Secant", 2, 1, 1, 0.0, AWAY, start_at_ones, reciprocal},
    {"infimum-softplus", "Secant", 4, 1, 1, 0.0, AWAY, start_softplus, softplus},
    {"infimum-arctangent", "Secant", 2, 0, 2, -3.141592653589793, AWAY, start_at_zero, arctangent},
    {"infimum-hyperbola", "Secant", 2, 0, 2, 0.0, AWAY, start_at_ones, hyperbola},
};

const suite_family suite_own_unbounded = {problems, sizeof problems / sizeof *problems};
