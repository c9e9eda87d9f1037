/*
 * Models fitted to published data by least squares: the residuals, y_i being datum i, counted from 1.
 *
 *    8  bard               y_i - (x1 + u/(v x2 + w x3)), u = i, v = 16 - i, w = min(u, v)
 *    9  gaussian           x1 exp(-x2 (t - x3)^2 / 2) - y_i, t = (8 - i)/2
 *   10  meyer              x1 exp(x2 / (t + x3)) - y_i, t = 45 + 5 i
 *   11  gulf               exp(-|y - x2|^x3 / x1) - t, t = i/100, y = 25 + (-50 ln t)^(2/3), i = 1 .. 99
 *   15  kowalik-osborne    y_i - x1 (u^2 + u x2) / (u^2 + u x3 + x4), u = u_i
 *   17  osborne-1          y_i - (x1 + x2 exp(-t x4) + x3 exp(-t x5)), t = 10 (i - 1)
 *   19  osborne-2          y_i - (x1 exp(-t x5) + sum_k x_k exp(-(t - x_{k+7})^2 x_{k+4}), k = 2, 3, 4), t = (i - 1)/10
 *   20  watson-N           p' - p^2 - 1 at t = i/29, i = 1 .. 29, with p(t) = x1 + x2 t + ... + xn t^(n-1); x1; x2 - x1^2 - 1
 *
 * In the formula of gulf the paper prints "y_i m i x_2", where it means the difference.
 *
 * Source: Moré, Garbow, Hillstrom, Testing Unconstrained Optimization Software, TOMS 7 (1981); starts and minima too.
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

static double residual_bard(int i, int n, const double *x, double *row)
{
  (void)n;
  static const double y[] = {0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39};
  const double u = i + 1, v = 15 - i, w = fmin(u, v);
  const double below = v * x[1] + w * x[2];
  row[0] = -1.0;
  row[1] = u * v / (below * below);
  row[2] = u * w / (below * below);
  return y[i] - (x[0] + u / below);
}

static double bard(int n, const double *x, double *gradient)
{
  return suite_squares(residual_bard, 15, n, x, gradient);
}

static void start_bard(int n, double *x)
{
  suite_fill_all(x, n, 1.0);
}

static double residual_gaussian(int i, int n, const double *x, double *row)
{
  (void)n;
  static const double y[] = {0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989};
  const double t = (7 - i) / 2.0, away = t - x[2];
  const double bell = exp(-0.5 * x[1] * away * away);
  row[0] = bell;
  row[1] = -0.5 * x[0] * away * away * bell;
  row[2] = x[0] * x[1] * away * bell;
  return x[0] * bell - y[i < 8 ? i : 14 - i];
}

static double gaussian(int n, const double *x, double *gradient)
{
  return suite_squares(residual_gaussian, 15, n, x, gradient);
}

static void start_gaussian(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.4, 1.0, 0.0});
}

static double residual_meyer(int i, int n, const double *x, double *row)
{
  (void)n;
  static const double y[] = {34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744,
                             8261,  7030,  6005,  5147,  4427,  3820,  3307,  2872};
  const double below = 50.0 + 5.0 * i + x[2];
  const double power = exp(x[1] / below);
  row[0] = power;
  row[1] = x[0] * power / below;
  row[2] = -x[0] * power * x[1] / (below * below);
  return x[0] * power - y[i];
}

static double meyer(int n, const double *x, double *gradient)
{
  return suite_squares(residual_meyer, 16, n, x, gradient);
}

static void start_meyer(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.02, 4000.0, 250.0});
}

/* The derivatives have the logarithm of the distance, which the power outweighs where it vanishes. */
static double residual_gulf(int i, int n, const double *x, double *row)
{
  (void)n;
  const double t = (i + 1) / 100.0;
  const double away = 25.0 + pow(-50.0 * log(t), 2.0 / 3.0) - x[1];
  const double power = pow(fabs(away), x[2]);
  const double decay = exp(-power / x[0]);
  if (away != 0.0) {
    row[0] = decay * power / (x[0] * x[0]);
    row[1] = decay * power * x[2] / (away * x[0]);
    row[2] = -decay * power * log(fabs(away)) / x[0];
  }
  return decay - t;
}

static double gulf(int n, const double *x, double *gradient)
{
  return suite_squares(residual_gulf, 99, n, x, gradient);
}

static void start_gulf(int n, double *x)
{
  suite_fill(x, n, (const double[]){5.0, 2.5, 0.15});
}

static double residual_kowalik_osborne(int i, int n, const double *x, double *row)
{
  (void)n;
  static const double y[] = {0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246};
  static const double units[] = {4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625};
  const double u = units[i], above = u * (u + x[1]), below = u * (u + x[2]) + x[3];
  row[0] = -above / below;
  row[1] = -x[0] * u / below;
  row[2] = x[0] * above * u / (below * below);
  row[3] = x[0] * above / (below * below);
  return y[i] - x[0] * above / below;
}

static double kowalik_osborne(int n, const double *x, double *gradient)
{
  return suite_squares(residual_kowalik_osborne, 11, n, x, gradient);
}

static void start_kowalik_osborne(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.25, 0.39, 0.415, 0.39});
}

static double residual_osborne_1(int i, int n, const double *x, double *row)
{
  (void)n;
  static const double y[] = {0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751,
                             0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490,
                             0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406};
  const double t = 10.0 * i;
  const double slow = exp(-t * x[3]), fast = exp(-t * x[4]);
  row[0] = -1.0;
  row[1] = -slow;
  row[2] = -fast;
  row[3] = t * x[1] * slow;
  row[4] = t * x[2] * fast;
  return y[i] - (x[0] + x[1] * slow + x[2] * fast);
}

static double osborne_1(int n, const double *x, double *gradient)
{
  return suite_squares(residual_osborne_1, 33, n, x, gradient);
}

static void start_osborne_1(int n, double *x)
{
  suite_fill(x, n, (const double[]){0.5, 1.5, -1.0, 0.01, 0.02});
}

static double residual_osborne_2(int i, int n, const double *x, double *row)
{
  (void)n;
  static const double y[] = {1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
                             0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
                             0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
                             0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
                             0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054};
  const double t = i / 10.0;
  const double decay = exp(-t * x[4]);
  double model = x[0] * decay;
  row[0] = -decay;
  row[4] = t * x[0] * decay;
  for (int k = 1; k < 4; k++) {
    const double away = t - x[k + 7];
    const double bell = exp(-away * away * x[k + 4]);
    model += x[k] * bell;
    row[k] = -bell;
    row[k + 4] = x[k] * away * away * bell;
    row[k + 7] = -2.0 * x[k] * x[k + 4] * away * bell;
  }
  return y[i] - model;
}

static double osborne_2(int n, const double *x, double *gradient)
{
  return suite_squares(residual_osborne_2, 65, n, x, gradient);
}

static void start_osborne_2(int n, double *x)
{
  suite_fill(x, n, (const double[]){1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5});
}

static double residual_watson(int i, int n, const double *x, double *row)
{
  if (i >= 29) {
    row[0] = i == 29 ? 1.0 : -2.0 * x[0];
    row[1] = i == 29 ? 0.0 : 1.0;
    return i == 29 ? x[0] : x[1] - x[0] * x[0] - 1.0;
  }
  const double t = (i + 1) / 29.0;
  double value = 0.0, slope = 0.0, power = 1.0;
  for (int j = 0; j < n; j++) {
    value += x[j] * power;
    row[j] = power;
    power *= t;
    if (j + 1 < n) slope += (j + 1) * x[j + 1] * row[j];
  }
  for (int j = n - 1; j >= 0; j--) row[j] = (j > 0 ? j * row[j - 1] : 0.0) - 2.0 * value * row[j];
  return slope - value * value - 1.0;
}

static double watson(int n, const double *x, double *gradient)
{
  return suite_squares(residual_watson, 31, n, x, gradient);
}

static void start_at_zero(int n, double *x)
{
  suite_fill_all(x, n, 0.0);
}

#define MORE(number) "Moré, Garbow, Hillstrom 1981, problem " #number

static const suite_problem problems[] = {
    {"bard", MORE(8), 3, 0, 3, 8.21487e-3, SUITE_UNDEFINED, start_bard, bard},
    {"gaussian", MORE(9), 3, 0, 3, 1.12793e-8, 0, start_gaussian, gaussian},
    {"meyer", MORE(10), 3, 0, 3, 87.9458, SUITE_UNDEFINED, start_meyer, meyer},
    {"gulf", MORE(11), 3, 0, 3, 0.0, SUITE_UNDEFINED, start_gulf, gulf},
    {"kowalik-osborne", MORE(15), 4, 0, 4, 3.07505e-4, SUITE_UNDEFINED, start_kowalik_osborne, kowalik_osborne},
    {"osborne-1", MORE(17), 5, 0, 5, 5.46489e-5, 0, start_osborne_1, osborne_1},
    {"osborne-2", MORE(19), 11, 0, 11, 4.01377e-2, 0, start_osborne_2, osborne_2},
    {"watson-6", MORE(20), 6, 0, 6, 2.28767e-3, 0, start_at_zero, watson},
    {"watson-9", MORE(20), 9, 0, 9, 1.39976e-6, 0, start_at_zero, watson},
    {"watson-12", MORE(20), 12, 0, 12, 4.72238e-10, 0, start_at_zero, watson},
    {"watson-20", MORE(20), 20, 0, 20, NAN, 0, start_at_zero, watson},
};

const suite_family suite_more_fits = {problems, sizeof problems / sizeof *problems};
