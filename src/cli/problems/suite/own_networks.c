/*
 * Products of unknowns: small networks and factorisations, which have saddle points and equivalent minima. A layer of
 * weights w [outputs][inputs] and biases b [outputs] gives w v + b; weights come first. Losses are sums of squares.
 *
 *   autoencoder           4 inputs, 2 hidden units tanh, 4 outputs, on the 4 unit vectors; start sin(3 i) / 2; minimum 1,
 *                         the square of what a plane cannot hold of them
 *   autoencoder-small     the same; start sin(3 i) / 1000: near the saddle point 0
 *   exclusive-or          2 inputs, 2 hidden units tanh, 1 output, on the corners of a square; start cos(5 i)
 *   sine-network          1 input, 5 hidden units tanh, 1 output: sin(x) at 20 points of [-3, 3]; start cos(7 i)
 *   deep-product          1/2 (x0 x1 ... x5 - 1)^2, start 1/2: flat at first
 *   deep-product-ridge    the same, start 1/10, + 10^-4 |x|^2: 0 is a minimum, too
 *   matrix-factorisation  the squares of U V' - M, U 5 x 2, V 4 x 2, M_rc = cos(r + 1) cos(c + 2) + sin(2 r) (c + 1) / 4 of
 *                         rank 2, start sin(3 i) / 2; minimum 0
 *   factorisation-shared  |X X' - I|^2 / 4, X 6 x 3, start sin(i^2) / 10; minimum 3/4
 */
#include "cli/problems/suite/families.h"
#include "cli/problems/suite/least_squares.h"
#include <math.h>

enum { MOST_HIDDEN = 8, MOST_INPUTS = 4 };

typedef struct network {
  int inputs, hidden, outputs;
} network;

/* Where the parts of x begin. */
static int hidden_biases(const network *net)
{
  return net->hidden * net->inputs;
}

static int output_weights(const network *net)
{
  return hidden_biases(net) + net->hidden;
}

static int output_biases(const network *net)
{
  return output_weights(net) + net->outputs * net->hidden;
}

/* Adds what one example contributes to the gradient, and returns its loss: forwards, then backwards. */
static double learn(const network *net, const double *input, const double *target, const double *x, double *gradient)
{
  double unit[MOST_HIDDEN], by_unit[MOST_HIDDEN] = {0.0}, f = 0.0;
  for (int h = 0; h < net->hidden; h++) {
    double sum = x[hidden_biases(net) + h];
    for (int j = 0; j < net->inputs; j++) sum += x[h * net->inputs + j] * input[j];
    unit[h] = tanh(sum);
  }
  for (int o = 0; o < net->outputs; o++) {
    const int weights = output_weights(net) + o * net->hidden;
    double r = x[output_biases(net) + o] - target[o];
    for (int h = 0; h < net->hidden; h++) r += x[weights + h] * unit[h];
    f += r * r;
    gradient[output_biases(net) + o] += 2.0 * r;
    for (int h = 0; h < net->hidden; h++) {
      gradient[weights + h] += 2.0 * r * unit[h];
      by_unit[h] += 2.0 * r * x[weights + h];
    }
  }
  for (int h = 0; h < net->hidden; h++) {
    const double slope = by_unit[h] * (1.0 - unit[h] * unit[h]);
    gradient[hidden_biases(net) + h] += slope;
    for (int j = 0; j < net->inputs; j++) gradient[h * net->inputs + j] += slope * input[j];
  }
  return f;
}

static double autoencoder(int n, const double *x, double *gradient)
{
  static const network net = {4, 2, 4};
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int k = 0; k < 4; k++) {
    double input[MOST_INPUTS] = {0.0};
    input[k] = 1.0;
    f += learn(&net, input, input, x, gradient);
  }
  return f;
}

static void start_half_sines(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 0.5 * sin(3.0 * i);
}

static void start_small_sines(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 1e-3 * sin(3.0 * i);
}

static double exclusive_or(int n, const double *x, double *gradient)
{
  static const network net = {2, 2, 1};
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int k = 0; k < 4; k++) {
    const double input[] = {k % 2, k / 2}, target = k == 1 || k == 2;
    f += learn(&net, input, &target, x, gradient);
  }
  return f;
}

static void start_cosines(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = cos(5.0 * i);
}

static double sine_network(int n, const double *x, double *gradient)
{
  static const network net = {1, 5, 1};
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int k = 0; k < 20; k++) {
    const double input = -3.0 + 6.0 * k / 19.0, target = sin(input);
    f += learn(&net, &input, &target, x, gradient);
  }
  return f;
}

static void start_fast_cosines(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = cos(7.0 * i);
}

/* The product without x_i: of what is left of it and of what is right of it. */
static double deep_product(int n, const double *x, double *gradient)
{
  double product = 1.0, right = 1.0;
  for (int i = 0; i < n; i++) {
    gradient[i] = product;
    product *= x[i];
  }
  for (int i = n - 1; i >= 0; i--) {
    gradient[i] *= (product - 1.0) * right;
    right *= x[i];
  }
  return 0.5 * (product - 1.0) * (product - 1.0);
}

static void start_at_halves(int n, double *x)
{
  suite_fill_all(x, n, 0.5);
}

static double deep_product_ridge(int n, const double *x, double *gradient)
{
  double f = deep_product(n, x, gradient);
  for (int i = 0; i < n; i++) {
    f += 1e-4 * x[i] * x[i];
    gradient[i] += 2e-4 * x[i];
  }
  return f;
}

static void start_at_tenths(int n, double *x)
{
  suite_fill_all(x, n, 0.1);
}

/* U is the first 10 unknowns in rows, V the other 8. */
static double matrix_factorisation(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int row = 0; row < 5; row++) {
    for (int column = 0; column < 4; column++) {
      const double *const u = x + 2 * row, *const v = x + 10 + 2 * column;
      const double m = cos(row + 1.0) * cos(column + 2.0) + sin(2.0 * row) * (column + 1) / 4.0;
      const double r = u[0] * v[0] + u[1] * v[1] - m;
      f += r * r;
      for (int k = 0; k < 2; k++) {
        gradient[2 * row + k] += 2.0 * r * v[k];
        gradient[10 + 2 * column + k] += 2.0 * r * u[k];
      }
    }
  }
  return f;
}

static double factorisation_shared(int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int row = 0; row < 6; row++) {
    for (int column = 0; column < 6; column++) {
      const double *const u = x + 3 * row, *const v = x + 3 * column;
      const double r = u[0] * v[0] + u[1] * v[1] + u[2] * v[2] - (row == column ? 1.0 : 0.0);
      f += 0.25 * r * r;
      for (int k = 0; k < 3; k++) gradient[3 * row + k] += r * v[k];
    }
  }
  return f;
}

static void start_squared_sines(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = 0.1 * sin((double)i * i);
}

static const suite_problem problems[] = {
    {"autoencoder", "Secant", 22, 0, 22, 1.0, 0, start_half_sines, autoencoder},
    {"autoencoder-small", "Secant", 22, 0, 22, 1.0, 0, start_small_sines, autoencoder},
    {"exclusive-or", "Secant", 9, 0, 9, 0.0, 0, start_cosines, exclusive_or},
    {"sine-network", "Secant", 16, 0, 16, NAN, 0, start_fast_cosines, sine_network},
    {"deep-product", "Secant", 6, 1, 2, 0.0, 0, start_at_halves, deep_product},
    {"deep-product-ridge", "Secant", 6, 1, 2, NAN, 0, start_at_tenths, deep_product_ridge},
    {"matrix-factorisation", "Secant", 18, 0, 18, 0.0, 0, start_half_sines, matrix_factorisation},
    {"factorisation-shared", "Secant", 18, 0, 18, 0.75, 0, start_squared_sines, factorisation_shared},
};

const suite_family suite_own_networks = {problems, sizeof problems / sizeof *problems};
