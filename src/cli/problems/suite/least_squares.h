/* Sums of squares for the suite: a problem gives its residuals one by one, each with its gradient. */
#ifndef SECANT_CLI_SUITE_LEAST_SQUARES_H
#define SECANT_CLI_SUITE_LEAST_SQUARES_H

enum { SUITE_ROW = 32 }; /* most unknowns of such a problem */

/* Returns residual `index` and adds its gradient to `row` [n], which is zero on entry. */
typedef double suite_residual(int index, int n, const double *x, double *row);

/* Returns the sum of the squares of residuals 0 .. count - 1 and fills `gradient` [n]; n is at most SUITE_ROW. */
double suite_squares(suite_residual *residual, int count, int n, const double *x, double *gradient);

/* Observations to which a model is fitted: y of each x. */
typedef struct suite_data {
  const double *x, *y;
  int count;
} suite_data;

/* Returns what a model with the parameters b expects at x, and fills `row` with its derivatives by each of them. */
typedef double suite_model(double x, const double *b, double *row);

/* The same for the residuals of a model: what it expects less what was observed. Its parameters are the n unknowns. */
double suite_fit(suite_model *model, const suite_data *data, int n, const double *b, double *gradient);

/* Copies `values` [n] into x: a start. */
void suite_fill(double *x, int n, const double *values);

/* Sets x [n] to `value`. */
void suite_fill_all(double *x, int n, double value);

/* The extended Rosenbrock function of an even n (Moré, Garbow, Hillstrom 1981, problem 21), and its start. */
double suite_rosenbrock(int n, const double *x, double *gradient);
void suite_start_rosenbrock(int n, double *x);

#endif
