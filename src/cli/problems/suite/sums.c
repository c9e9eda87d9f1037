#include "cli/problems/suite/sums.h"
#include "cli/problems/suite/least_squares.h"

double suite_sum_singles(suite_term_of_one *term, int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i++) f += term(i + 1, x[i], &gradient[i]);
  return f;
}

double suite_sum_pairs(suite_term_of_two *term, int n, const double *x, double *gradient)
{
  double f = 0.0;
  for (int i = 0; i < n; i += 2) f += term(i / 2 + 1, x[i], x[i + 1], &gradient[i], &gradient[i + 1]);
  return f;
}

double suite_sum_chain(suite_term_of_two *term, int n, const double *x, double *gradient)
{
  double f = 0.0;
  suite_fill_all(gradient, n, 0.0);
  for (int i = 0; i + 1 < n; i++) {
    double du = 0.0, dv = 0.0;
    f += term(i + 1, x[i], x[i + 1], &du, &dv);
    gradient[i] += du;
    gradient[i + 1] += dv;
  }
  return f;
}

/* x_j is in the partial sums j .. n, so its derivative is the sum of theirs. */
double suite_sum_partial(suite_term_of_one *term, int n, const double *x, double *gradient)
{
  double f = 0.0, sum = 0.0;
  for (int i = 0; i < n; i++) {
    sum += x[i];
    f += term(i + 1, sum, &gradient[i]);
  }
  for (int i = n - 1; i > 0; i--) gradient[i - 1] += gradient[i];
  return f;
}

double suite_total(int n, const double *x)
{
  double sum = 0.0;
  for (int i = 0; i < n; i++) sum += x[i];
  return sum;
}
