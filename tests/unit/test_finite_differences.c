/* Gradients by finite differences: their error, their count, and what they lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/minimize_problems.h"
#include <float.h>
#include <math.h>

/* f = x^3 / 3 ...: the error of a central difference is h^2 f''' / 6, and rounding adds eps |f| / h. */
static void differences_approximate_the_gradient_to_their_order(void **state)
{
  (void)state;
  const double starts[] = {-1.7, 0.3, 40.0};
  for (int k = 0; k < 6; k++) {
    const double start = starts[k % 3];
    problem p = {.formula = problem_cubic, .dtype = k < 3 ? SECANT_F64 : SECANT_F32, .count = 1, .a = -1.0, .b = 2.0};
    secant_options options = secant_options_paddle();
    options.max_iter = 0;
    p.has_no_gradient = true;
    secant_result result = problem_minimised(&p, &start, &options);
    const double eps = p.dtype == SECANT_F64 ? DBL_EPSILON : FLT_EPSILON;
    const double h = cbrt(eps) * fmax(1.0, fabs(start));
    const double x = problem_element(&p, result.position, 0), exact = (x + 1.0) * (x - 2.0);
    const double error = fabs(problem_element(&p, result.objective_gradient, 0) - exact);
    const double bound = 1.01 * h * h / 3.0 + 4.0 * DBL_EPSILON * fabs(result.objective_value) / h + eps * fabs(exact);
    if (!(error <= bound)) fail_msg("at %g: error %g, bound %g", start, error, bound);
    assert_int_equal(result.num_func_calls, 3);
    secant_result_free(&result);
  }
}

static void a_gradient_by_differences_leads_to_the_same_minimiser(void **state)
{
  (void)state;
  const double start[6] = {-1.2, 1.0, 0.5, 0.4, 1.7, 2.0};
  secant_options options = secant_options_paddle();
  options.tolerance_grad = 1e-6;
  options.max_iter = 200;
  problem p = {.formula = problem_valleys, .dtype = SECANT_F64, .count = 6, .has_no_gradient = true};
  secant_result result = problem_minimised(&p, start, &options);
  assert_int_equal(result.is_converge, 1);
  for (size_t i = 0; i < p.count; i++) assert_true(fabs(problem_element(&p, result.position, i) - 1.0) <= 1e-4);
  assert_int_equal(result.num_func_calls % 13, 0); /* 2 n + 1 evaluations each */
  assert_true(problem_norm_inf(&p, result.objective_gradient) < 1e-6);
  secant_result_free(&result);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(differences_approximate_the_gradient_to_their_order),
      cmocka_unit_test(a_gradient_by_differences_leads_to_the_same_minimiser),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
