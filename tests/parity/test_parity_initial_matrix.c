/* Parity rows E8 to E10: the initial inverse Hessian of minimize_lbfgs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <secant/secant.h>
#include <stdlib.h>
#include <string.h>

/* f(x) = x'A x / 2 in two dimensions; A = 2 I gives <x, x>. */
typedef struct bowl {
  double a[2][2];
  double x[2], g[2];
} bowl;

static int evaluate_bowl(void *user, double *loss)
{
  bowl *b = user;
  *loss = 0.0;
  for (int i = 0; i < 2; i++) {
    b->g[i] = b->a[i][0] * b->x[0] + b->a[i][1] * b->x[1];
    *loss += 0.5 * b->g[i] * b->x[i];
  }
  return 0;
}

static secant_optimizer *create_bowl(bowl *b, const secant_options *options)
{
  secant_optimizer *optimizer = NULL;
  const secant_parameter x = {.name = "x", .dtype = SECANT_F64, .values = b->x, .gradient = b->g, .local_count = 2};
  assert_int_equal(secant_create(&optimizer, &x, 1, options, NULL, NULL), SECANT_OK);
  return optimizer;
}

static int multiply_four(void *user, const void *const *input, void *const *output)
{
  const double *h = user, *in = input[0];
  double *out = output[0];
  out[0] = h[0] * in[0] + h[1] * in[1];
  out[1] = h[2] * in[0] + h[3] * in[1];
  return 0;
}

/* Sets a matrix given as four entries: dense, or as an operator where the library has no LAPACK. */
static void set_four(secant_optimizer *optimizer, double h[4])
{
  const secant_initial_matrix dense = {.kind = SECANT_INITIAL_DENSE, .dense = h};
  const secant_initial_matrix product = {.kind = SECANT_INITIAL_OPERATOR, .apply = multiply_four, .user = h};
  const secant_status status = secant_set_initial_matrix(optimizer, &dense);
  if (status == SECANT_ERR_UNSUPPORTED) {
    assert_int_equal(secant_set_initial_matrix(optimizer, &product), SECANT_OK);
  } else {
    assert_int_equal(status, SECANT_OK);
  }
}

/* ---- E8 ---------------------------------------------------------------------------------------------------------- */

/* f(x) = sum c_i x_i^2 / 2, c_i in 1 .. 4. */
typedef struct plain {
  size_t n;
  double *x, *g;
} plain;

static int evaluate_plain(void *user, double *loss)
{
  plain *p = user;
  *loss = 0.0;
  for (size_t i = 0; i < p->n; i++) {
    p->g[i] = (double)(1 + i % 4) * p->x[i];
    *loss += 0.5 * p->g[i] * p->x[i];
  }
  return 0;
}

static void E8_without_an_estimate_the_first_direction_is_minus_g_for_a_million_unknowns(void **state)
{
  (void)state;
  const size_t n = 1000000;
  plain p = {.n = n, .x = malloc(n * sizeof(double)), .g = malloc(n * sizeof(double))};
  double *start = malloc(n * sizeof(double)), *g = malloc(n * sizeof(double)), loss;
  assert_true(p.x && p.g && start && g);
  for (size_t i = 0; i < n; i++) start[i] = p.x[i] = 1.0 + 1e-6 * (double)i;
  secant_options options = secant_options_paddle();
  options.history_size = 10;
  const secant_parameter x = {.name = "x", .dtype = SECANT_F64, .values = p.x, .gradient = p.g, .local_count = n};
  secant_optimizer *optimizer = NULL;
  secant_request request;
  assert_int_equal(secant_create(&optimizer, &x, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
  evaluate_plain(&p, &loss);
  memcpy(g, p.g, n * sizeof *g);
  assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
  for (size_t i = 0; i < n; i++) assert_true(p.x[i] == start[i] - g[i]); /* the first trial, x0 + d */
  assert_int_equal(secant_minimize(optimizer, evaluate_plain, &p), SECANT_OK);
  assert_int_equal(secant_reason_is_convergence(secant_get_info(optimizer).reason), 1);
  for (size_t i = 0; i < n; i++) assert_true(fabs(p.x[i]) < 1e-7);
  secant_destroy(optimizer);
  free(p.x), free(p.g), free(start), free(g);
}

/* ---- E9 ---------------------------------------------------------------------------------------------------------- */

static void E9_a_diagonal_estimate_on_the_square_of_x_converges_to_zero(void **state)
{
  (void)state;
  for (int kind = 0; kind < 2; kind++) {
    for (int direction = 0; direction < 2; direction++) {
      bowl b = {.a = {{2.0, 0.0}, {0.0, 2.0}}, .x = {1.3, 2.7}};
      secant_options options = secant_options_paddle();
      options.direction = (secant_direction)direction;
      secant_optimizer *optimizer = create_bowl(&b, &options);
      const double entries[2] = {2.0, 0.9};
      const void *diagonal[1] = {entries};
      const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = diagonal};
      double four[4] = {2.0, 0.0, 0.0, 0.9};
      if (kind == 0) {
        assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_OK);
      } else {
        set_four(optimizer, four);
      }
      assert_int_equal(secant_minimize(optimizer, evaluate_bowl, &b), SECANT_OK);
      assert_int_equal(secant_reason_is_convergence(secant_get_info(optimizer).reason), 1);
      assert_true(fabs(b.x[0]) < 1e-8 && fabs(b.x[1]) < 1e-8);
      secant_destroy(optimizer);
    }
  }
}

static void E9_the_exact_inverse_hessian_needs_one_iteration(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    bowl b = {.a = {{3.0, 1.0}, {1.0, 2.0}}, .x = {-4.0, 7.0}};
    double inverse[4] = {0.4, -0.2, -0.2, 0.6};
    secant_options options = secant_options_paddle();
    options.direction = (secant_direction)direction;
    secant_optimizer *optimizer = create_bowl(&b, &options);
    set_four(optimizer, inverse);
    assert_int_equal(secant_minimize(optimizer, evaluate_bowl, &b), SECANT_OK);
    const secant_info info = secant_get_info(optimizer);
    assert_int_equal(info.n_iter, 1);
    assert_int_equal(info.func_evals, 2);
    assert_int_equal(secant_reason_is_convergence(info.reason), 1);
    assert_true(fabs(b.x[0]) < 1e-12 && fabs(b.x[1]) < 1e-12);
    secant_destroy(optimizer);
  }
}

/* Used in every two-loop, unscaled: the second direction is that of the definition with H0 itself. */
static void E9_the_estimate_is_used_unscaled_in_every_direction(void **state)
{
  (void)state;
  bowl b = {.a = {{3.0, 1.0}, {1.0, 2.0}}, .x = {-4.0, 7.0}};
  double h[4] = {0.3, 0.1, 0.1, 0.2}, x[3][2], g[2][2], loss;
  secant_options options = secant_options_paddle();
  options.line_search = SECANT_LINE_SEARCH_NONE;
  secant_optimizer *optimizer = create_bowl(&b, &options);
  secant_request request;
  set_four(optimizer, h);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(secant_ask(optimizer, &request), SECANT_OK);
    memcpy(x[i], b.x, sizeof b.x);
    evaluate_bowl(&b, &loss);
    memcpy(g[i], b.g, sizeof b.g);
    assert_int_equal(secant_tell(optimizer, loss, 0), SECANT_OK);
  }
  memcpy(x[2], b.x, sizeof b.x);
  const double s[2] = {x[1][0] - x[0][0], x[1][1] - x[0][1]}, y[2] = {g[1][0] - g[0][0], g[1][1] - g[0][1]};
  const double sy = s[0] * y[0] + s[1] * y[1], alpha = (s[0] * g[1][0] + s[1] * g[1][1]) / sy;
  const double q[2] = {g[1][0] - alpha * y[0], g[1][1] - alpha * y[1]};
  const double r[2] = {h[0] * q[0] + h[1] * q[1], h[2] * q[0] + h[3] * q[1]};
  const double beta = (y[0] * r[0] + y[1] * r[1]) / sy;
  for (int i = 0; i < 2; i++) {
    const double first = -(h[2 * i] * g[0][0] + h[2 * i + 1] * g[0][1]), second = -(r[i] + (alpha - beta) * s[i]);
    assert_true(fabs(s[i] - first) <= 1e-14 * fabs(x[0][i]) + 1e-14);
    assert_true(fabs(x[2][i] - x[1][i] - second) <= 1e-12);
  }
  secant_destroy(optimizer);
}

/* ---- E10 --------------------------------------------------------------------------------------------------------- */

/* Refused, and the optimizer is as it was: the run that follows is that of the identity. */
static void expect_refusal(const secant_initial_matrix *matrix, secant_status want, const char *says)
{
  bowl b = {.a = {{2.0, 0.0}, {0.0, 2.0}}, .x = {1.3, 2.7}}, plain_run = b;
  const secant_options options = secant_options_paddle();
  secant_optimizer *optimizer = create_bowl(&b, &options), *other = create_bowl(&plain_run, &options);
  assert_int_equal(secant_set_initial_matrix(optimizer, matrix), want);
  if (!strstr(secant_message(optimizer), says)) fail_msg("'%s' lacks '%s'", secant_message(optimizer), says);
  assert_int_equal(secant_minimize(optimizer, evaluate_bowl, &b), SECANT_OK);
  assert_int_equal(secant_minimize(other, evaluate_bowl, &plain_run), SECANT_OK);
  assert_memory_equal(b.x, plain_run.x, sizeof b.x);
  assert_int_equal(secant_get_info(optimizer).func_evals, secant_get_info(other).func_evals);
  secant_destroy(optimizer);
  secant_destroy(other);
}

static void expect_dense_refusal(double a, double b, double c, double d, const char *says)
{
  const double four[4] = {a, b, c, d};
  const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_DENSE, .dense = four};
#ifdef SECANT_HAVE_LAPACK
  expect_refusal(&matrix, SECANT_ERR_ARGUMENT, says);
#else
  (void)says;
  expect_refusal(&matrix, SECANT_ERR_UNSUPPORTED, "SECANT_WITH_LAPACK");
#endif
}

static void E10_a_matrix_that_is_not_symmetric_is_an_error(void **state)
{
  (void)state;
  expect_dense_refusal(1.0, 2.0, 3.0, 1.0, "not symmetric: entry (0, 1) is 2, (1, 0) is 3");
  expect_dense_refusal(1.0, 1e-3, 1.001e-3, 1.0, "not symmetric");
}

static void E10_a_symmetric_matrix_that_is_not_positive_definite_is_an_error(void **state)
{
  (void)state;
  expect_dense_refusal(1.0, 2.0, 2.0, 1.0, "not positive definite: its leading minor of order 2");
  expect_dense_refusal(-1.0, 0.0, 0.0, 1.0, "not positive definite: its leading minor of order 1");
  expect_dense_refusal(0.0, 0.0, 0.0, 0.0, "not positive definite");
}

static void E10_an_entry_that_is_not_finite_or_not_positive_is_an_error(void **state)
{
  (void)state;
  const double bad[] = {NAN, INFINITY, 0.0, -1.0};
  expect_dense_refusal(1.0, NAN, NAN, 1.0, "not finite");
  expect_dense_refusal(INFINITY, 0.0, 0.0, 1.0, "not finite");
  for (int i = 0; i < 4; i++) {
    const double entries[2] = {1.0, bad[i]};
    const void *diagonal[1] = {entries};
    const secant_initial_matrix vector = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = diagonal};
    const secant_initial_matrix scalar = {.kind = SECANT_INITIAL_SCALAR, .scalar = bad[i]};
    expect_refusal(&vector, SECANT_ERR_ARGUMENT, "for local element 1 of parameter 0");
    expect_refusal(&scalar, SECANT_ERR_ARGUMENT, "times the identity");
  }
}

static void E10_a_matrix_that_is_missing_is_an_error(void **state)
{
  (void)state;
  const void *diagonal[1] = {NULL};
  const secant_initial_matrix none = {.kind = SECANT_INITIAL_DIAGONAL},
                              null = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = diagonal};
  const secant_initial_matrix callback = {.kind = SECANT_INITIAL_OPERATOR}, unknown = {.kind = (secant_initial_kind)9};
  expect_refusal(&none, SECANT_ERR_ARGUMENT, "NULL for parameter 0");
  expect_refusal(&null, SECANT_ERR_ARGUMENT, "NULL for parameter 0");
  expect_refusal(&callback, SECANT_ERR_ARGUMENT, "`apply` is NULL");
  expect_refusal(&unknown, SECANT_ERR_ARGUMENT, "no kind 9");
#ifdef SECANT_HAVE_LAPACK
  const secant_initial_matrix dense = {.kind = SECANT_INITIAL_DENSE};
  expect_refusal(&dense, SECANT_ERR_ARGUMENT, "is NULL");
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(E8_without_an_estimate_the_first_direction_is_minus_g_for_a_million_unknowns),
      cmocka_unit_test(E9_a_diagonal_estimate_on_the_square_of_x_converges_to_zero),
      cmocka_unit_test(E9_the_exact_inverse_hessian_needs_one_iteration),
      cmocka_unit_test(E9_the_estimate_is_used_unscaled_in_every_direction),
      cmocka_unit_test(E10_a_matrix_that_is_not_symmetric_is_an_error),
      cmocka_unit_test(E10_a_symmetric_matrix_that_is_not_positive_definite_is_an_error),
      cmocka_unit_test(E10_an_entry_that_is_not_finite_or_not_positive_is_an_error),
      cmocka_unit_test(E10_a_matrix_that_is_missing_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
