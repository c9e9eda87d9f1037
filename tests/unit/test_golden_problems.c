/* The objectives of the recorded trajectories, against values and gradients recorded beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/golden_file.h"
#include <math.h>
#include <stdlib.h>

/* Everything a check needs at one point, in both precisions. */
typedef struct evaluation {
  double f;
  double g[64];
} evaluation;

enum { MOST_UNKNOWNS = 64 };

static golden_problem *make(const golden_objective *objective)
{
  golden_problem *problem = golden_problem_create(objective->problem, objective->n, &objective->args);
  assert_non_null(problem);
  return problem;
}

static evaluation evaluate_f64(const golden_objective *objective, const double *x)
{
  evaluation result = {0};
  golden_problem *problem = make(objective);
  assert_true(objective->n <= MOST_UNKNOWNS);
  result.f = golden_problem_f64(problem, x, result.g);
  golden_problem_destroy(problem);
  return result;
}

static evaluation evaluate_f32(const golden_objective *objective, const double *x)
{
  evaluation result = {0};
  float narrow_x[MOST_UNKNOWNS], narrow_g[MOST_UNKNOWNS];
  golden_problem *problem = make(objective);
  assert_true(objective->n <= MOST_UNKNOWNS);
  for (size_t i = 0; i < objective->n; i++) narrow_x[i] = (float)x[i];
  result.f = (double)golden_problem_f32(problem, narrow_x, narrow_g);
  for (size_t i = 0; i < objective->n; i++) result.g[i] = (double)narrow_g[i];
  golden_problem_destroy(problem);
  return result;
}

static double largest(const double *values, size_t count)
{
  double most = 0.0;
  for (size_t i = 0; i < count; i++) most = fmax(most, fabs(values[i]));
  return most;
}

static void assert_near(const char *what, const char *name, double got, double want, double tolerance)
{
  if (fabs(got - want) <= tolerance) return;
  fail_msg("%s of %s: got %.17g want %.17g tolerance %.2g", what, name, got, want, tolerance);
}

static void assert_check(const golden_check *check, const evaluation *got, double relative)
{
  const golden_objective *objective = &check->objective;
  const double scale = largest(check->g, objective->n);
  assert_near("value", objective->problem, got->f, check->f, relative * fmax(1.0, fabs(check->f)));
  for (size_t i = 0; i < objective->n; i++)
    assert_near("gradient", objective->problem, got->g[i], check->g[i], relative * fmax(1.0, scale));
}

static void double_values_and_gradients_are_those_recorded(void **state)
{
  const golden_file *file = *state;
  for (size_t i = 0; i < file->check_count; i++) {
    const golden_check *check = &file->checks[i];
    const evaluation got = evaluate_f64(&check->objective, check->x);
    assert_check(check, &got, 1e-13);
  }
}

/* Rounding x and a few operations on the largest terms: some tens of units in the last place of a float. */
static void float_values_and_gradients_agree_to_single_precision(void **state)
{
  const golden_file *file = *state;
  for (size_t i = 0; i < file->check_count; i++) {
    const golden_check *check = &file->checks[i];
    const evaluation got = evaluate_f32(&check->objective, check->x);
    assert_check(check, &got, 1e-5);
  }
}

/* Every point that a recorded run reached, with its loss and its largest gradient entry. */
static void recorded_points_have_the_recorded_loss_and_gradient_norm(void **state)
{
  const golden_file *file = *state;
  for (size_t i = 0; i < file->case_count; i++) {
    const golden_case *golden = &file->cases[i];
    if (golden->dtype != SECANT_F64 || golden->quirk || golden->objective.n > MOST_UNKNOWNS) continue;
    for (size_t k = 0; k < golden->step_count; k++) {
      const golden_step *step = &golden->steps[k];
      evaluation got = evaluate_f64(&golden->objective, step->x);
      size_t offset = 0;
      for (size_t tensor = 0; tensor < golden->tensors; tensor++) {
        const size_t extent = golden_case_extent(golden, tensor);
        for (size_t j = 0; golden->without_gradient[tensor] && j < extent; j++) got.g[offset + j] = 0.0;
        offset += extent;
      }
      assert_near("loss", golden->id, got.f, step->f, 1e-12 * fmax(1.0, fabs(step->f)));
      /* near a minimum the entries are small differences of terms as large as the curvature */
      const double curvature = fmax(1.0, largest(golden->objective.args.lambda, golden->objective.args.lambda_count));
      assert_near("|g|_inf", golden->id, largest(got.g, golden->objective.n), step->ginf,
                  1e-12 * fmax(curvature * 1e2, step->ginf));
    }
  }
}

/* The first evaluation of every run, which shows starts, also the standard ones of the large problems. */
static void starts_have_the_recorded_first_loss(void **state)
{
  const golden_file *file = *state;
  for (size_t i = 0; i < file->case_count; i++) {
    const golden_case *golden = &file->cases[i];
    const size_t n = golden->objective.n;
    golden_problem *problem = make(&golden->objective);
    double *x = malloc(n * sizeof *x), *g = malloc(n * sizeof *g);
    assert_non_null(x);
    assert_non_null(g);
    golden_problem_start(problem, x);
    for (size_t j = 0; golden->x0 && j < n; j++) x[j] = golden->x0[j];
    const double f = golden_problem_f64(problem, x, g), want = golden->steps[0].trace[0];
    assert_near("first loss", golden->id, f, want, (golden->dtype == SECANT_F64 ? 1e-12 : 1e-5) * fmax(1.0, want));
    free(x);
    free(g);
    golden_problem_destroy(problem);
  }
}

static void random_numbers_are_those_of_the_generator(void **state)
{
  (void)state;
  uint32_t seed = 12345;
  assert_near("number 1", "seed 12345", golden_random(&seed), 0.02040268573909998, 1e-17);
  assert_near("number 2", "seed 12345", golden_random(&seed), 0.01654784823767841, 1e-17);
  assert_near("number 3", "seed 12345", golden_random(&seed), 0.5431557944975793, 1e-16);
}

static void logistic_data_are_those_of_the_generator(void **state)
{
  (void)state;
  enum { M = 60, D = 5 };
  double rows[M * D], labels[M];
  const double first_row[3] = {-0.9591946285218, -0.9669043035246432, 0.08631158899515867};
  const double first_labels[5] = {1, -1, -1, -1, -1};
  int positive = 0;
  golden_logistic_data(M, D, 12345, rows, labels);
  for (int j = 0; j < 3; j++) assert_near("entry", "first row", rows[j], first_row[j], 1e-13);
  for (int i = 0; i < 5; i++) assert_near("label", "first rows", labels[i], first_labels[i], 0.0);
  for (int i = 0; i < M; i++) positive += labels[i] > 0.0;
  assert_int_equal(positive, 34);
}

static void unknown_names_and_sizes_are_refused(void **state)
{
  (void)state;
  const golden_args none = {0};
  assert_null(golden_problem_create("rosenbrok", 2, &none));
  assert_null(golden_problem_create("rosenbrock", 3, &none));
  assert_null(golden_problem_create("powell", 6, &none));
  assert_null(golden_problem_create("quad", 4, &none));
}

static int open_file(void **state)
{
  const char *complaint = NULL;
  *state = golden_file_read(SECANT_TEST_DATA "/torch_lbfgs.json", &complaint);
  if (!*state) print_error("%s/torch_lbfgs.json: %s\n", SECANT_TEST_DATA, complaint);
  return *state ? 0 : -1;
}

static int close_file(void **state)
{
  golden_file_free(*state);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(double_values_and_gradients_are_those_recorded),
      cmocka_unit_test(float_values_and_gradients_agree_to_single_precision),
      cmocka_unit_test(recorded_points_have_the_recorded_loss_and_gradient_norm),
      cmocka_unit_test(starts_have_the_recorded_first_loss),
      cmocka_unit_test(random_numbers_are_those_of_the_generator),
      cmocka_unit_test(logistic_data_are_those_of_the_generator),
      cmocka_unit_test(unknown_names_and_sizes_are_refused),
  };
  return cmocka_run_group_tests(tests, open_file, close_file);
}
