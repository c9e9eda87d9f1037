/*
 * Statistical models on small made-up data: row k has the features a_kj, j < n, with a_k0 = 1 and a_kj =
 * sin(1.3 (k + 1) (j + 1) + j). With the score z_k = sum_j a_kj x_j and s_k = sin(2.1 k), start 0:
 *
 *   logistic                 sum ln(1 + exp(-y_k z_k)), k < 40, n = 5; y_k is the sign of a_k1 - a_k2, turned for each
 *                            seventh k
 *   logistic-separable       the same without turning: the infimum is 0
 *   logistic-ridge           the same plus 10^-3 |x|^2
 *   logistic-steep           the same, not turned, with the features times 1000, plus 1/2 |x|^2: exp would overflow
 *   softmax                  sum ln(sum_c exp(z_kc)) - z_{k,c(k)}, 3 classes of 4 weights each, c(k) = k^2 mod 3, k < 30:
 *                            weights can be shifted in all classes
 *   poisson                  sum exp(z_k) - y_k z_k, y_k = k mod 4, k < 30, n = 4; start 2
 *   huber-line               sum of u^2/2 where |u| < 1/10, else (|u| - 1/20)/10, u = z_k - t_k, t_k = a_k1 + s_k/5, + 10
 *                            for each ninth k: outliers; k < 30, n = 4
 *   cauchy-line              sum ln(1 + 10 u^2) of the same u: not convex
 *   welsch-line              sum 1 - exp(-u^2) of the same u: far outliers have no slope
 *   squared-hinge            sum max(0, 1 - y_k z_k)^2 with y_k of logistic: second derivatives jump
 *   smooth-hinge             sum ln(1 + exp(50 (1 - y_k z_k))) / 50, + 1/200 |x|^2
 *   least-squares-deficient  1/2 sum (z_k - a_k1)^2, where features j >= 4 repeat j - 4, n = 8: rank 4, minimum 0
 *   absolute-smoothed        sum sqrt(u^2 + 10^-6) of the u of huber-line: nearly the sum of |u|
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static double feature(int k, int j)
{
  return j == 0 ? 1.0 : sin(1.3 * (k + 1) * (j + 1) + j);
}

static double score(int k, int n, const double *x)
{
  double z = 0.0;
  for (int j = 0; j < n; j++) z += feature(k, j) * x[j];
  return z;
}

/* A loss of one row as a function of its score; returns it and its derivative. */
typedef double row_loss(int k, double score, double *slope);

/* The sum over rows 0 .. count - 1. */
static double sum_rows(row_loss *loss, int count, int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int k = 0; k < count; k++) {
    double slope = 0.0;
    f += loss(k, score(k, n, x), &slope);
    for (int j = 0; j < n; j++) gradient[j] += slope * feature(k, j);
  }
  return f;
}

static double add_ridge(double weight, int n, const double *x, double *gradient)
{
  double square = 0.0;
  for (int j = 0; j < n; j++) {
    square += x[j] * x[j];
    gradient[j] += 2.0 * weight * x[j];
  }
  return weight * square;
}

static void start_at_zero(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
}

/* ln(1 + exp(u)) and its derivative, without overflow. */
static double soft_plus(double u, double *slope)
{
  *slope = 0.5 * (1.0 + tanh(0.5 * u));
  return fmax(u, 0.0) + log1p(exp(-fabs(u)));
}

static double side(int k)
{
  return feature(k, 1) > feature(k, 2) ? 1.0 : -1.0;
}

static double side_with_errors(int k)
{
  return k % 7 == 3 ? -side(k) : side(k);
}

static double logistic_row(double y, double z, double *slope)
{
  const double f = soft_plus(-y * z, slope);
  *slope *= -y;
  return f;
}

static double row_logistic(int k, double z, double *slope)
{
  return logistic_row(side_with_errors(k), z, slope);
}

static double logistic(int n, const double *x, double *gradient)
{
  return sum_rows(row_logistic, 40, n, x, gradient);
}

static double row_separable(int k, double z, double *slope)
{
  return logistic_row(side(k), z, slope);
}

static double logistic_separable(int n, const double *x, double *gradient)
{
  return sum_rows(row_separable, 40, n, x, gradient);
}

static double logistic_ridge(int n, const double *x, double *gradient)
{
  const double f = sum_rows(row_separable, 40, n, x, gradient);
  return f + add_ridge(1e-3, n, x, gradient);
}

static double row_steep(int k, double z, double *slope)
{
  const double f = logistic_row(side(k), 1000.0 * z, slope);
  *slope *= 1000.0;
  return f;
}

static double logistic_steep(int n, const double *x, double *gradient)
{
  const double f = sum_rows(row_steep, 40, n, x, gradient);
  return f + add_ridge(0.5, n, x, gradient);
}

/* Weights of class c are x[4 c] .. x[4 c + 3]. */
static double softmax(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int k = 0; k < 30; k++) {
    const int class = k * k % 3;
    double z[3], sum = 0.0;
    for (int c = 0; c < 3; c++) z[c] = score(k, 4, x + 4 * c);
    const double most = fmax(z[0], fmax(z[1], z[2]));
    for (int c = 0; c < 3; c++) sum += exp(z[c] - most);
    f += log(sum) + most - z[class];
    for (int i = 0; i < n; i++) {
      const double slope = exp(z[i / 4] - most) / sum - (i / 4 == class ? 1.0 : 0.0);
      gradient[i] += slope * feature(k, i % 4);
    }
  }
  return f;
}

static double row_poisson(int k, double z, double *slope)
{
  const double y = k % 4;
  *slope = exp(z) - y;
  return exp(z) - y * z;
}

static double poisson(int n, const double *x, double *gradient)
{
  return sum_rows(row_poisson, 30, n, x, gradient);
}

static void start_at_twos(int n, double *x)
{
  suite_fill_all(x, n, 2.0);
}

/* How far a row is from its target, which is 10 off where the row is an outlier. */
static double distance(int k, double z)
{
  return z - (feature(k, 1) + 0.2 * sin(2.1 * k) + (k % 9 == 4 ? 10.0 : 0.0));
}

static double row_huber(int k, double z, double *slope)
{
  const double u = distance(k, z);
  *slope = fmax(-0.1, fmin(0.1, u));
  return fabs(u) < 0.1 ? 0.5 * u * u : 0.1 * (fabs(u) - 0.05);
}

static double huber_line(int n, const double *x, double *gradient)
{
  return sum_rows(row_huber, 30, n, x, gradient);
}

static double row_cauchy(int k, double z, double *slope)
{
  const double u = distance(k, z);
  *slope = 20.0 * u / (1.0 + 10.0 * u * u);
  return log1p(10.0 * u * u);
}

static double cauchy_line(int n, const double *x, double *gradient)
{
  return sum_rows(row_cauchy, 30, n, x, gradient);
}

static double row_welsch(int k, double z, double *slope)
{
  const double u = distance(k, z);
  *slope = 2.0 * u * exp(-u * u);
  return -expm1(-u * u);
}

static double welsch_line(int n, const double *x, double *gradient)
{
  return sum_rows(row_welsch, 30, n, x, gradient);
}

static double row_absolute(int k, double z, double *slope)
{
  const double u = distance(k, z), root = sqrt(u * u + 1e-6);
  *slope = u / root;
  return root;
}

static double absolute_smoothed(int n, const double *x, double *gradient)
{
  return sum_rows(row_absolute, 30, n, x, gradient);
}

static double row_squared_hinge(int k, double z, double *slope)
{
  const double y = side_with_errors(k), missing = fmax(0.0, 1.0 - y * z);
  *slope = -2.0 * y * missing;
  return missing * missing;
}

static double squared_hinge(int n, const double *x, double *gradient)
{
  return sum_rows(row_squared_hinge, 40, n, x, gradient);
}

static double row_smooth_hinge(int k, double z, double *slope)
{
  const double y = side_with_errors(k);
  const double f = soft_plus(50.0 * (1.0 - y * z), slope) / 50.0;
  *slope *= -y;
  return f;
}

static double smooth_hinge(int n, const double *x, double *gradient)
{
  const double f = sum_rows(row_smooth_hinge, 40, n, x, gradient);
  return f + add_ridge(0.005, n, x, gradient);
}

static double deficient(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int k = 0; k < 20; k++) {
    double r = -feature(k, 1);
    for (int j = 0; j < n; j++) r += feature(k, j % 4) * x[j];
    f += 0.5 * r * r;
    for (int j = 0; j < n; j++) gradient[j] += r * feature(k, j % 4);
  }
  return f;
}

static const suite_problem problems[] = {
    {"logistic", "Secant", 5, 0, 5, NAN, 0, start_at_zero, logistic},
    {"logistic-separable", "Secant", 5, 0, 5, 0.0, SUITE_INFIMUM, start_at_zero, logistic_separable},
    {"logistic-ridge", "Secant", 5, 0, 5, NAN, 0, start_at_zero, logistic_ridge},
    {"logistic-steep", "Secant", 5, 0, 5, NAN, 0, start_at_zero, logistic_steep},
    {"softmax", "Secant", 12, 0, 12, NAN, 0, start_at_zero, softmax},
    {"poisson", "Secant", 4, 0, 4, NAN, SUITE_UNDEFINED, start_at_twos, poisson},
    {"huber-line", "Secant", 4, 0, 4, NAN, 0, start_at_zero, huber_line},
    {"cauchy-line", "Secant", 4, 0, 4, NAN, 0, start_at_zero, cauchy_line},
    {"welsch-line", "Secant", 4, 0, 4, NAN, 0, start_at_zero, welsch_line},
    {"squared-hinge", "Secant", 5, 0, 5, NAN, 0, start_at_zero, squared_hinge},
    {"smooth-hinge", "Secant", 5, 0, 5, NAN, 0, start_at_zero, smooth_hinge},
    {"least-squares-deficient", "Secant", 8, 0, 8, 0.0, 0, start_at_zero, deficient},
    {"absolute-smoothed", "Secant", 4, 0, 4, NAN, 0, start_at_zero, absolute_smoothed},
};

const suite_family suite_own_models = {problems, sizeof problems / sizeof *problems};
