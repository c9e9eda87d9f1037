/* The objective of a linear model: gradient against differences, shares of ranks against the whole, targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/linear_model.h"
#include "support/random.h"
#include "support/random_data.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const LOSSES[] = {"logistic", "softmax", "squared", "poisson"};
enum { LOSS_COUNT = 4, CLASSES = 3, ROWS = 300, COLUMNS = 9 };

/* A data set whose labels suit `loss`, its matrix, and a model with random weights attached to it. */
typedef struct fixture {
  dataset data;
  feature_matrix matrix;
  linear_model model;
} fixture;

static double random_label(const char *loss, uint64_t *state)
{
  if (strcmp(loss, "logistic") == 0) return random_next(state) % 2 ? 5.0 : 2.0;
  if (strcmp(loss, "softmax") == 0) return 10.0 * (double)(random_next(state) % CLASSES);
  if (strcmp(loss, "poisson") == 0) return (double)(random_next(state) % 6);
  return 4.0 * random_symmetric(state);
}

static double *known_labels(const char *loss)
{
  const double two[CLASSES] = {2.0, 5.0}, three[CLASSES] = {0.0, 10.0, 20.0};
  double *labels = malloc(sizeof two);
  assert_non_null(labels);
  memcpy(labels, strcmp(loss, "softmax") == 0 ? three : two, sizeof two);
  return labels;
}

static void attach(fixture *f, const model_shape *shape, bool adds_penalty, uint64_t seed)
{
  uint64_t random = seed;
  secant_error error = {.message = ""};
  assert_int_equal(matrix_create(&f->matrix, &f->data, &error), SECANT_OK);
  assert_int_equal(linear_model_create(&f->model, shape, &error), SECANT_OK);
  if (linear_model_attach(&f->model, &f->data, &f->matrix, adds_penalty, &error) != SECANT_OK) {
    fail_msg("%s", error.message);
  }
  for (int i = 0; i < shape->classes * COLUMNS; i++) f->model.weight[i] = 0.3 * random_symmetric(&random);
  for (int k = 0; k < shape->classes && shape->intercept; k++) f->model.bias[k] = random_symmetric(&random);
}

static model_shape shape_of(const char *loss, bool intercept)
{
  const bool many = strcmp(loss, "softmax") == 0;
  return (model_shape){.loss = loss_find(loss),
                       .l2 = 0.25,
                       .intercept = intercept,
                       .scale = 1.0,
                       .columns = COLUMNS,
                       .classes = many ? CLASSES : 1,
                       .label = loss_find(loss)->classifies ? known_labels(loss) : NULL};
}

static void random_labels(const char *loss, uint64_t *state, dataset *data)
{
  data->label = malloc((data->rows + 1) * sizeof *data->label);
  assert_non_null(data->label);
  for (size_t i = 0; i < data->rows; i++) data->label[i] = random_label(loss, state);
}

static void set_up(fixture *f, const char *loss, bool intercept, uint64_t seed)
{
  uint64_t random = seed;
  random_sparse(&random, ROWS, COLUMNS, &f->data);
  random_labels(loss, &random, &f->data);
  const model_shape shape = shape_of(loss, intercept);
  attach(f, &shape, true, seed);
}

static void tear_down(fixture *f)
{
  linear_model_free(&f->model);
  matrix_free(&f->matrix);
  dataset_free(&f->data);
}

static double evaluate(linear_model *model)
{
  double loss = NAN;
  assert_int_equal(linear_model_evaluate(model, &loss), 0);
  return loss;
}

/* Central differences in every unknown. Losses are of order 1..100, so with h = 1e-5 the error is below 1e-7. */
static void check_gradient(linear_model *model, double *values, const double *gradient, int count, uint64_t seed)
{
  const double h = 1e-5;
  for (int i = 0; i < count; i++) {
    const double value = values[i];
    evaluate(model);
    const double wanted = gradient[i];
    values[i] = value + h;
    const double above = evaluate(model);
    values[i] = value - h;
    const double slope = (above - evaluate(model)) / (2.0 * h);
    values[i] = value;
    if (!(fabs(slope - wanted) <= 1e-7)) {
      fail_msg("seed %" PRIu64 ", %s, unknown %d: difference %a, gradient %a", seed, model->shape.loss->name, i, slope,
               wanted);
    }
  }
}

static void gradients_match_differences(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
      fixture f;
      const bool intercept = seed % 2;
      set_up(&f, LOSSES[loss], intercept, seed);
      const int classes = f.model.shape.classes;
      check_gradient(&f.model, f.model.weight, f.model.weight_gradient, classes * COLUMNS, seed);
      if (intercept) check_gradient(&f.model, f.model.bias, f.model.bias_gradient, classes, seed);
      tear_down(&f);
    }
  }
}

/* At W = 0, b = 0 every loss is known: log 2, log K, the mean of y^2 / 2, and 1. */
static void losses_at_zero_are_known(void **state)
{
  (void)state;
  for (int loss = 0; loss < LOSS_COUNT; loss++) {
    fixture f;
    set_up(&f, LOSSES[loss], true, 7);
    double squares = 0.0;
    for (size_t i = 0; i < ROWS; i++) squares += f.data.label[i] * f.data.label[i] / (2.0 * ROWS);
    const double wanted[LOSS_COUNT] = {log(2.0), log(CLASSES), squares, 1.0};
    memset(f.model.weight, 0, (size_t)f.model.shape.classes * COLUMNS * sizeof(double));
    memset(f.model.bias, 0, (size_t)f.model.shape.classes * sizeof(double));
    assert_true(fabs(evaluate(&f.model) - wanted[loss]) <= 1e-13 * wanted[loss]);
    tear_down(&f);
  }
}

static void penalty_spares_the_bias(void **state)
{
  (void)state;
  fixture f;
  set_up(&f, "squared", true, 3);
  double squares = 0.0;
  for (int i = 0; i < COLUMNS; i++) squares += f.model.weight[i] * f.model.weight[i];
  const double with = evaluate(&f.model);
  f.model.adds_penalty = false;
  const double without = evaluate(&f.model);
  assert_true(fabs(with - without - 0.125 * squares) < 1e-14);
  tear_down(&f);
}

/* Rows first .. first+count of a sparse set, as a rank would hold them. */
static void take_rows(const dataset *whole, size_t first, size_t count, dataset *part)
{
  const size_t entries = whole->row_start[whole->rows];
  *part = (dataset){.path = whole->path,
                    .rows = count,
                    .first_row = (int64_t)first,
                    .total_rows = whole->total_rows,
                    .columns = whole->columns,
                    .label = malloc((count + 1) * sizeof(double)),
                    .value = malloc((entries + 1) * sizeof(double)),
                    .column = malloc((entries + 1) * sizeof(int32_t)),
                    .row_start = malloc((count + 1) * sizeof(size_t))};
  assert_true(part->label && part->value && part->column && part->row_start);
  const size_t from = whole->row_start[first];
  const size_t taken = whole->row_start[first + count] - from;
  memcpy(part->label, whole->label + first, count * sizeof(double));
  memcpy(part->value, whole->value + from, taken * sizeof(double));
  memcpy(part->column, whole->column + from, taken * sizeof(int32_t));
  for (size_t i = 0; i <= count; i++) part->row_start[i] = whole->row_start[first + i] - from;
}

/* Four ranks, the last without rows: their losses and gradients add up to those of one. */
static void shares_of_ranks_add_up_to_the_whole(void **state)
{
  (void)state;
  const size_t cut[] = {0, 1, 120, ROWS, ROWS};
  for (int loss = 0; loss < LOSS_COUNT; loss++) {
    fixture whole;
    set_up(&whole, LOSSES[loss], true, 21);
    const double wanted = evaluate(&whole.model);
    const int weights = whole.model.shape.classes * COLUMNS;
    double sum = 0.0;
    double gradient[CLASSES * COLUMNS] = {0.0}, bias[CLASSES] = {0.0};
    for (int rank = 0; rank < 4; rank++) {
      fixture part;
      take_rows(&whole.data, cut[rank], cut[rank + 1] - cut[rank], &part.data);
      const model_shape shape = shape_of(LOSSES[loss], true);
      attach(&part, &shape, rank == 0, 21);
      sum += evaluate(&part.model);
      for (int i = 0; i < weights; i++) gradient[i] += part.model.weight_gradient[i];
      for (int k = 0; k < shape.classes; k++) bias[k] += part.model.bias_gradient[k];
      tear_down(&part);
    }
    assert_true(fabs(sum - wanted) <= 1e-12 * fabs(wanted));
    for (int i = 0; i < weights; i++) assert_true(fabs(gradient[i] - whole.model.weight_gradient[i]) < 1e-12);
    for (int k = 0; k < whole.model.shape.classes; k++) {
      assert_true(fabs(bias[k] - whole.model.bias_gradient[k]) < 1e-12);
    }
    tear_down(&whole);
  }
}

static void labels_the_model_does_not_know_are_refused(void **state)
{
  (void)state;
  secant_error error = {.message = ""};
  fixture f;
  set_up(&f, "softmax", true, 1);
  f.data.label[41] = 7.0;
  f.data.first_row = 100;
  assert_int_equal(linear_model_set_targets(&f.model, &f.data, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, "row 142 has label 7,"));
  tear_down(&f);
  set_up(&f, "poisson", true, 1);
  f.data.label[0] = -1.0;
  assert_int_equal(linear_model_set_targets(&f.model, &f.data, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, "row 1 has label -1, but poisson"));
  tear_down(&f);
}

static void predictions_are_labels_and_merit_counts_the_right_ones(void **state)
{
  (void)state;
  for (int loss = 0; loss < 2; loss++) {
    fixture f;
    set_up(&f, LOSSES[loss], true, 5);
    linear_model_score(&f.model);
    double right = 0.0;
    for (size_t row = 0; row < ROWS; row++) right += linear_model_prediction(&f.model, row) == f.data.label[row];
    assert_true(right > 0.0 && right < ROWS);
    assert_true(linear_model_merit(&f.model) == right);
    tear_down(&f);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_match_differences),
      cmocka_unit_test(losses_at_zero_are_known),
      cmocka_unit_test(penalty_spares_the_bias),
      cmocka_unit_test(shares_of_ranks_add_up_to_the_whole),
      cmocka_unit_test(labels_the_model_does_not_know_are_refused),
      cmocka_unit_test(predictions_are_labels_and_merit_counts_the_right_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
