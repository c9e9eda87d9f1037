/*
 * Problems whose f is known with less digits than its changes need: a large constant is added, noise, or rounding. With
 * r(x) = sum 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2 for i = 0, 2, 4, ..., start (-1.2, 1, -1.2, ...), and
 * q(x) = 1/2 sum 10^(4 i / (n - 1)) (x_i - 1)^2, start 0:
 *
 *   rosenbrock-plus-1e8      r + 10^8
 *   rosenbrock-minus-1e12    r - 10^12
 *   quadratic-plus-1e8       q + 10^8
 *   quartic-plus-1e8         sum (x_i - 1)^4 + 10^8, start 0
 *   noisy-rosenbrock         (r + 1) (1 + 10^-10 e), where e is a pseudo-random number of [-1, 1), a hash of the bits of x
 *   noisy-quadratic          (q + 1) (1 + 10^-10 e)
 *   noisy-gradient           q + 1, both it and each component of its gradient times a (1 + 10^-10 e) of its own
 *   single-precision-values  r + 1, rounded to single precision; the gradient is not
 *   cancelled-values         (r + 10^8) - 10^8
 *   difference-gradient      r, with a gradient from forward differences of step 10^-8
 *   central-differences      r, with a gradient from central differences of step 10^-5
 *
 * The minimum is that of r or q, which is 0, and the constant.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { DIFFERENCED = 10 }; /* unknowns where the gradient is from differences */

static double quadratic(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = pow(10.0, 4.0 * i / (n - 1.0)) * (x[i] - 1.0);
    f += 0.5 * gradient[i] * (x[i] - 1.0);
  }
  return f;
}

static void start_at_zero(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
}

/* Mixes the bits of x [n] and a number into one of [-1, 1): the multipliers are those of FNV-1a and of SplitMix64. */
static double noise(int n, const double *x, uint64_t number)
{
  uint64_t hash = 0xcbf29ce484222325u ^ number;
  for (int i = 0; i < n; i++) {
    uint64_t bits = 0;
    memcpy(&bits, &x[i], sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3u;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 27;
  }
  return (double)(hash >> 11) * 0x1p-52 - 1.0;
}

static double plus_1e8(int n, const double *x, double *gradient)
{
  return suite_rosenbrock(n, x, gradient) + 1e8;
}

static double minus_1e12(int n, const double *x, double *gradient)
{
  return suite_rosenbrock(n, x, gradient) - 1e12;
}

static double quadratic_plus_1e8(int n, const double *x, double *gradient)
{
  return quadratic(n, x, gradient) + 1e8;
}

static double quartic_plus_1e8(int n, const double *x, double *gradient)
{
  double f = 1e8;
  for (int i = 0; i < n; i++) {
    const double u = x[i] - 1.0;
    f += u * u * u * u;
    gradient[i] = 4.0 * u * u * u;
  }
  return f;
}

static double noisy_rosenbrock(int n, const double *x, double *gradient)
{
  return (suite_rosenbrock(n, x, gradient) + 1.0) * (1.0 + 1e-10 * noise(n, x, 0));
}

static double noisy_quadratic(int n, const double *x, double *gradient)
{
  return (quadratic(n, x, gradient) + 1.0) * (1.0 + 1e-10 * noise(n, x, 0));
}

static double noisy_gradient(int n, const double *x, double *gradient)
{
  const double f = noisy_quadratic(n, x, gradient);
  for (int i = 0; i < n; i++) gradient[i] *= 1.0 + 1e-10 * noise(n, x, (uint64_t)i + 1);
  return f;
}

static double single_precision_values(int n, const double *x, double *gradient)
{
  return (double)(float)(suite_rosenbrock(n, x, gradient) + 1.0);
}

/* The compiler must not cancel the constant: volatile has it add and subtract. */
static double cancelled_values(int n, const double *x, double *gradient)
{
  volatile double f = suite_rosenbrock(n, x, gradient) + 1e8;
  return f - 1e8;
}

static double difference_gradient(int n, const double *x, double *gradient)
{
  double moved[DIFFERENCED], unused[DIFFERENCED];
  suite_fill(moved, n, x);
  const double f = suite_rosenbrock(n, x, unused);
  for (int i = 0; i < n; i++) {
    moved[i] = x[i] + 1e-8;
    gradient[i] = (suite_rosenbrock(n, moved, unused) - f) / (moved[i] - x[i]);
    moved[i] = x[i];
  }
  return f;
}

static double central_differences(int n, const double *x, double *gradient)
{
  double moved[DIFFERENCED], unused[DIFFERENCED];
  suite_fill(moved, n, x);
  for (int i = 0; i < n; i++) {
    moved[i] = x[i] + 1e-5;
    const double right = suite_rosenbrock(n, moved, unused);
    moved[i] = x[i] - 1e-5;
    gradient[i] = (right - suite_rosenbrock(n, moved, unused)) / 2e-5;
    moved[i] = x[i];
  }
  return suite_rosenbrock(n, x, unused);
}

enum { NOISY = SUITE_NOISY };

static const suite_problem problems[] = {
    {"rosenbrock-plus-1e8", "Secant", 10, 2, 2, 1e8, NOISY, suite_start_rosenbrock, plus_1e8},
    {"rosenbrock-minus-1e12", "Secant", 2, 2, 2, -1e12, NOISY, suite_start_rosenbrock, minus_1e12},
    {"quadratic-plus-1e8", "Secant", 20, 1, 2, 1e8, NOISY, start_at_zero, quadratic_plus_1e8},
    {"quartic-plus-1e8", "Secant", 10, 1, 1, 1e8, NOISY, start_at_zero, quartic_plus_1e8},
    {"noisy-rosenbrock", "Secant", 10, 2, 2, 1.0, NOISY, suite_start_rosenbrock, noisy_rosenbrock},
    {"noisy-quadratic", "Secant", 20, 1, 2, 1.0, NOISY, start_at_zero, noisy_quadratic},
    {"noisy-gradient", "Secant", 20, 1, 2, 1.0, NOISY, start_at_zero, noisy_gradient},
    {"single-precision-values", "Secant", 10, 2, 2, 1.0, NOISY, suite_start_rosenbrock, single_precision_values},
    {"cancelled-values", "Secant", 10, 2, 2, 0.0, NOISY, suite_start_rosenbrock, cancelled_values},
    {"difference-gradient", "Secant", DIFFERENCED, 0, DIFFERENCED, 0.0, NOISY, suite_start_rosenbrock,
     difference_gradient},
    {"central-differences", "Secant", DIFFERENCED, 0, DIFFERENCED, 0.0, NOISY, suite_start_rosenbrock,
     central_differences},
};

const suite_family suite_own_offsets = {problems, sizeof problems / sizeof *problems};
