#include "support/minimize_problems.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

double problem_square(const problem *p, const double *x, double *g)
{
  double f = 0.0;
  for (size_t i = 0; i < p->count; i++) {
    f += x[i] * x[i];
    g[i] = 2.0 * x[i];
  }
  return f;
}

double problem_quadratic(const problem *p, const double *x, double *g)
{
  double f = 0.0;
  for (size_t i = 0; i < p->count; i++) {
    const double distance = x[i] - p->m[i];
    f += p->c[i] * distance * distance;
    g[i] = 2.0 * p->c[i] * distance;
  }
  return f;
}

double problem_cubic(const problem *p, const double *x, double *g)
{
  const double u = x[0];
  g[0] = (u - p->a) * (u - p->b);
  return u * u * u / 3.0 - (p->a + p->b) * u * u / 2.0 + p->a * p->b * u;
}

double problem_two_minima(const problem *p, const double *x, double *g)
{
  (void)p;
  const double u = x[0];
  g[0] = 12.0 * (u + 1.1) * (u - 0.2) * (u - 0.8);
  return ((3.0 * u + 0.4) * u - 5.64) * u * u + 2.112 * u;
}

double problem_rosenbrock(const problem *p, const double *x, double *g)
{
  const double rest = p->a - x[0], bend = x[1] - x[0] * x[0];
  g[0] = -2.0 * rest - 4.0 * p->b * x[0] * bend;
  g[1] = 2.0 * p->b * bend;
  return rest * rest + p->b * bend * bend;
}

double problem_chained_rosenbrock(const problem *p, const double *x, double *g)
{
  double f = 0.0;
  for (size_t i = 0; i < p->count; i++) g[i] = 0.0;
  for (size_t i = 0; i + 1 < p->count; i++) {
    const double rest = 1.0 - x[i], bend = x[i + 1] - x[i] * x[i];
    f += rest * rest + 100.0 * bend * bend;
    g[i] += -2.0 * rest - 400.0 * x[i] * bend;
    g[i + 1] += 200.0 * bend;
  }
  return f;
}

double problem_valleys(const problem *p, const double *x, double *g)
{
  double f = 0.0;
  for (size_t i = 0; i + 1 < p->count; i += 2) {
    const double c = 1.0 + (double)((p->first + (int64_t)i) / 2 % 7);
    const double rest = 1.0 - x[i], bend = x[i + 1] - x[i] * x[i];
    f += c * bend * bend + rest * rest;
    g[i] = -4.0 * c * x[i] * bend - 2.0 * rest;
    g[i + 1] = 2.0 * c * bend;
  }
  return f;
}

double problem_log_barrier(const problem *p, const double *x, double *g)
{
  double f = 0.0;
  for (size_t i = 0; i < p->count; i++) {
    f += x[i] > 0.0 ? x[i] - log(x[i]) : (double)INFINITY;
    g[i] = 1.0 - 1.0 / x[i];
  }
  return f;
}

double problem_line(const problem *p, const double *x, double *g)
{
  double f = 0.0;
  for (size_t i = 0; i < p->count; i++) {
    f += p->a * x[i];
    g[i] = p->a;
  }
  return f;
}

double problem_wrong_gradient(const problem *p, const double *x, double *g)
{
  const double f = problem_square(p, x, g);
  for (size_t i = 0; i < p->count; i++) g[i] = -g[i];
  return f;
}

const double PROBLEM_EXAMPLE[2] = {1.3, 2.7};

problem problem_example(secant_dtype dtype)
{
  return (problem){.formula = problem_square, .dtype = dtype, .count = 2};
}

problem problem_long_valley(double *start)
{
  const problem p = {.formula = problem_chained_rosenbrock, .dtype = SECANT_F64, .count = 30};
  for (size_t i = 0; i < p.count; i++) start[i] = i % 2 ? 1.0 : -1.2;
  return p;
}

double problem_element(const problem *p, const void *array, size_t i)
{
  return p->dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

void problem_store(const problem *p, const double *from, void *to)
{
  for (size_t i = 0; i < p->count; i++) {
    if (p->dtype == SECANT_F32) {
      ((float *)to)[i] = (float)from[i];
    } else {
      ((double *)to)[i] = from[i];
    }
  }
}

int problem_objective(void *user, const void *x, double *f, void *g)
{
  problem *p = user;
  double at[PROBLEM_CAPACITY] = {0}, gradient[PROBLEM_CAPACITY] = {0};
  if (p->count > PROBLEM_CAPACITY || (g && p->has_no_gradient)) return 1;
  for (size_t i = 0; i < p->count; i++) at[i] = problem_element(p, x, i);
  *f = p->formula(p, at, gradient);
  p->evaluations++;
  if (g) problem_store(p, gradient, g);
  return p->evaluations == p->fail_at;
}

secant_parameter problem_position(const problem *p, void *values)
{
  return (secant_parameter){.dtype = p->dtype, .values = values, .local_count = p->count};
}

secant_minimization problem_minimization(problem *p, const secant_parameter *position)
{
  secant_minimization minimization = secant_minimization_default();
  minimization.objective = problem_objective;
  minimization.user = p;
  minimization.initial_position = position;
  minimization.dtype = p->dtype;
  minimization.finite_differences = p->has_no_gradient;
  return minimization;
}

secant_result problem_record(void)
{
  return (secant_result){.struct_size = sizeof(secant_result)};
}

secant_result problem_minimised(problem *p, const double *start, const secant_options *options)
{
  double values[PROBLEM_CAPACITY];
  secant_result result = problem_record();
  secant_error error = {.status = SECANT_OK};
  const secant_parameter position = problem_position(p, values);
  secant_minimization task = problem_minimization(p, &position);
  problem_store(p, start, values);
  task.options = options;
  p->evaluations = 0;
  if (secant_minimize_lbfgs(&task, &result, &error) != SECANT_OK) fail_msg("%s", error.message);
  assert_int_equal(result.num_func_calls, p->evaluations);
  return result;
}

double problem_norm_inf(const problem *p, const void *array)
{
  double largest = 0.0;
  for (size_t i = 0; i < p->count; i++) largest = fmax(largest, fabs(problem_element(p, array, i)));
  return largest;
}
