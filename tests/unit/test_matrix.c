/* The two products of both kinds of matrix, against sums written out, and with one and several threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/matrix.h"
#include "support/random.h"
#include "support/random_data.h"
#include <float.h>
#include <inttypes.h>
#include <math.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 40, MOST_CLASSES = 35 };

static double *random_numbers(uint64_t *state, size_t count)
{
  double *numbers = malloc((count + 1) * sizeof *numbers);
  assert_non_null(numbers);
  for (size_t i = 0; i < count; i++) numbers[i] = random_symmetric(state);
  return numbers;
}

/* |error| of a sum of `terms` products below 1 is at most terms^2 eps, in any order. */
static void assert_close(const double *got, const double *want, size_t count, size_t terms, uint64_t seed)
{
  for (size_t i = 0; i < count; i++) {
    const double tolerance = (double)(terms + 1) * (double)(terms + 1) * DBL_EPSILON;
    if (!(fabs(got[i] - want[i]) <= tolerance)) {
      fail_msg("seed %" PRIu64 ", element %zu: %a, not %a", seed, i, got[i], want[i]);
    }
  }
}

static void naive_forward(const dataset *dense, size_t classes, const double *weight, double *scores)
{
  const size_t columns = (size_t)dense->columns;
  for (size_t i = 0; i < dense->rows * classes; i++) {
    const double *row = dense->value + i / classes * columns;
    scores[i] = 0.0;
    for (size_t j = 0; j < columns; j++) scores[i] += row[j] * weight[i % classes * columns + j];
  }
}

static void naive_backward(const dataset *dense, size_t classes, const double *residual, double *gradient)
{
  const size_t columns = (size_t)dense->columns;
  for (size_t i = 0; i < classes * columns; i++) {
    gradient[i] = 0.0;
    for (size_t row = 0; row < dense->rows; row++) {
      gradient[i] += residual[row * classes + i / columns] * dense->value[row * columns + i % columns];
    }
  }
}

static void check_products(const dataset *data, const dataset *dense, int classes, uint64_t seed)
{
  uint64_t random = seed;
  const size_t k = (size_t)classes, columns = (size_t)data->columns;
  double *weight = random_numbers(&random, k * columns), *residual = random_numbers(&random, k * data->rows);
  double *scores = random_numbers(&random, k * data->rows), *wanted_scores = random_numbers(&random, k * data->rows);
  double *gradient = random_numbers(&random, k * columns), *wanted_gradient = random_numbers(&random, k * columns);
  feature_matrix matrix;
  secant_error error;
  assert_int_equal(matrix_create(&matrix, data, &error), SECANT_OK);

  matrix.forward(&matrix, classes, weight, scores);
  matrix.backward(&matrix, classes, residual, gradient);

  naive_forward(dense, k, weight, wanted_scores);
  naive_backward(dense, k, residual, wanted_gradient);
  assert_close(scores, wanted_scores, k * data->rows, columns, seed);
  assert_close(gradient, wanted_gradient, k * columns, data->rows, seed);
  double *all[] = {weight, residual, scores, wanted_scores, gradient, wanted_gradient};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
  matrix_free(&matrix);
}

static void products_match_written_out_sums(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    uint64_t random = seed;
    dataset sparse, dense;
    const size_t rows = seed % 7 == 0 ? 0 : random_next(&random) % 700; /* more than one block of rows, or none */
    random_sparse(&random, rows, 1 + random_next(&random) % 150, &sparse);
    densify(&sparse, &dense);
    const int classes = seed % 2 ? 1 : 1 + (int)(random_next(&random) % MOST_CLASSES);
    check_products(&sparse, &dense, classes, seed);
    check_products(&dense, &dense, classes, seed);
    dataset_free(&sparse);
    dataset_free(&dense);
  }
}

static void products_with(int threads, const dataset *data, int classes, double *scores, double *gradient)
{
  uint64_t random = 3;
  double *weight = random_numbers(&random, (size_t)classes * (size_t)data->columns);
  feature_matrix matrix;
  secant_error error;
  assert_int_equal(matrix_create(&matrix, data, &error), SECANT_OK);
#ifdef _OPENMP
  omp_set_num_threads(threads);
#else
  (void)threads;
#endif
  matrix.forward(&matrix, classes, weight, scores);
  matrix.backward(&matrix, classes, scores, gradient);
  matrix_free(&matrix);
  free(weight);
}

static void threads_do_not_change_a_bit(void **state)
{
  (void)state;
  uint64_t random = 11;
  dataset pair[2];
  random_sparse(&random, 900, 200, &pair[0]);
  densify(&pair[0], &pair[1]);
  for (int kind = 0; kind < 2; kind++) {
    for (int classes = 1; classes <= 10; classes += 9) {
      const size_t k = (size_t)classes;
      double *scores[2] = {random_numbers(&random, 900 * k), random_numbers(&random, 900 * k)};
      double *gradient[2] = {random_numbers(&random, 200 * k), random_numbers(&random, 200 * k)};
      products_with(1, &pair[kind], classes, scores[0], gradient[0]);
      products_with(3, &pair[kind], classes, scores[1], gradient[1]);
      assert_memory_equal(scores[0], scores[1], 900 * k * sizeof(double));
      assert_memory_equal(gradient[0], gradient[1], 200 * k * sizeof(double));
      for (int i = 0; i < 2; i++) {
        free(scores[i]);
        free(gradient[i]);
      }
    }
  }
  dataset_free(&pair[0]);
  dataset_free(&pair[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_match_written_out_sums),
      cmocka_unit_test(threads_do_not_change_a_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
