#include "cli/problems/suite/least_squares.h"
#include <string.h>

/* Adds what the square of a residual contributes to the gradient, and returns the square. */
static double add_square(double residual, int n, const double *row, double *gradient)
{
  for (int j = 0; j < n; j++) gradient[j] += 2.0 * residual * row[j];
  return residual * residual;
}

double suite_squares(suite_residual *residual, int count, int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < count; i++) {
    double row[SUITE_ROW] = {0.0};
    const double r = residual(i, n, x, row);
    f += add_square(r, n, row, gradient);
  }
  return f;
}

double suite_fit(suite_model *model, const suite_data *data, int n, const double *b, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i < data->count; i++) {
    double row[SUITE_ROW];
    const double r = model(data->x[i], b, row) - data->y[i];
    f += add_square(r, n, row, gradient);
  }
  return f;
}

void suite_fill(double *x, int n, const double *values)
{
  memcpy(x, values, (size_t)n * sizeof *x);
}

void suite_fill_all(double *x, int n, double value)
{
  for (int i = 0; i < n; i++) x[i] = value;
}

double suite_rosenbrock(int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i += 2) {
    const double bend = x[i + 1] - x[i] * x[i], rest = 1.0 - x[i];
    f += 100.0 * bend * bend + rest * rest;
    gradient[i] = -400.0 * bend * x[i] - 2.0 * rest;
    gradient[i + 1] = 200.0 * bend;
  }
  return f;
}

void suite_start_rosenbrock(int n, double *x)
{
  for (int i = 0; i < n; i++) x[i] = i % 2 == 0 ? -1.2 : 1.0;
}
