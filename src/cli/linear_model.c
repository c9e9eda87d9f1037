#include "cli/linear_model.h"
#include <stdlib.h>

/* Sums are formed block by block, each block by one thread: their bits do not depend on the number of threads. */
enum { ROW_BLOCK = 256, WEIGHT_BLOCK = 4096 };

static size_t blocks_of(size_t count, size_t length)
{
  return count / length + (count % length > 0);
}

static size_t block_end(size_t first, size_t length, size_t total)
{
  return total - first < length ? total : first + length;
}

static double *allocate(size_t rows, size_t columns)
{
  const size_t fit = columns > 0 ? SIZE_MAX / sizeof(double) / columns : SIZE_MAX;
  return rows < fit ? calloc(rows * columns + 1, sizeof(double)) : NULL;
}

int model_label_count(const model_shape *shape)
{
  if (!shape->loss->classifies) return 0;
  return shape->classes == 1 ? 2 : shape->classes; /* one score tells two classes apart */
}

secant_status linear_model_create(linear_model *model, const model_shape *shape, secant_error *error)
{
  const size_t classes = (size_t)shape->classes;
  const size_t columns = (size_t)shape->columns;
  *model = (linear_model){.shape = *shape};
  model->weight = allocate(classes, columns);
  model->weight_gradient = allocate(classes, columns);
  model->bias = allocate(classes, 1);
  model->bias_gradient = allocate(classes, 1);
  if (model->weight && model->weight_gradient && model->bias && model->bias_gradient) return SECANT_OK;
  linear_model_free(model);
  return input_fail(error, SECANT_ERR_MEMORY, "no memory for a model of %zu x %zu weights", classes, columns);
}

void linear_model_free(linear_model *model)
{
  free(model->shape.label);
  free(model->weight);
  free(model->bias);
  free(model->weight_gradient);
  free(model->bias_gradient);
  free(model->target);
  free(model->scores);
  free(model->partial);
  *model = (linear_model){0};
}

secant_status linear_model_attach(linear_model *model, const dataset *data, const feature_matrix *features,
                                  bool adds_penalty, secant_error *error)
{
  const size_t classes = (size_t)model->shape.classes;
  const size_t weights = classes * (size_t)model->shape.columns;
  const size_t row_blocks = blocks_of(data->rows, ROW_BLOCK);
  const size_t weight_blocks = blocks_of(weights, WEIGHT_BLOCK);
  const size_t row_partials = row_blocks * (classes + 1);
  model->features = features;
  model->total_rows = data->total_rows;
  model->adds_penalty = adds_penalty;
  model->target = allocate(data->rows, 1);
  model->scores = allocate(data->rows, classes);
  model->partial = allocate(row_partials > weight_blocks ? row_partials : weight_blocks, 1);
  if (!model->target || !model->scores || !model->partial) {
    return input_fail(error, SECANT_ERR_MEMORY, "no memory for the scores of %zu rows and %zu classes", data->rows,
                      classes);
  }
  return data->label ? linear_model_set_targets(model, data, error) : SECANT_OK;
}

/* Position of `label` in the increasing array `known`, or -1. */
static int find_label(const double *known, int count, double label)
{
  int low = 0;
  int high = count;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (known[middle] < label) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && known[low] == label ? low : -1;
}

secant_status linear_model_set_targets(linear_model *model, const dataset *data, secant_error *error)
{
  const model_shape *shape = &model->shape;
  const int count = model_label_count(shape);
  for (size_t row = 0; row < data->rows; row++) {
    const double label = data->label[row];
    const long long number = (long long)data->first_row + (long long)row + 1;
    const int position = count > 0 ? find_label(shape->label, count, label) : 0;
    if (position < 0) {
      return input_fail(error, SECANT_ERR_FORMAT, "%s: row %lld has label %.17g, which the model does not know",
                        data->path, number, label);
    }
    if (shape->loss->rule == loss_poisson && label < 0.0) {
      return input_fail(error, SECANT_ERR_FORMAT, "%s: row %lld has label %.17g, but poisson takes counts >= 0",
                        data->path, number, label);
    }
    model->target[row] = count == 0 ? label : shape->classes == 1 ? 2.0 * position - 1.0 : position;
  }
  return SECANT_OK;
}

static void add_bias(linear_model *model)
{
  const size_t classes = (size_t)model->shape.classes;
#pragma omp parallel for schedule(static)
  for (size_t row = 0; row < model->features->rows; row++) {
    for (size_t k = 0; k < classes; k++) model->scores[row * classes + k] += model->bias[k];
  }
}

void linear_model_score(linear_model *model)
{
  model->features->forward(model->features, model->shape.classes, model->weight, model->scores);
  if (model->shape.intercept) add_bias(model);
}

/* Turns the scores of rows first .. end into residuals / N; sums[0] gets their loss / N, sums[1 + k] their residuals. */
static void evaluate_rows(linear_model *model, size_t first, size_t end, double *sums)
{
  const int classes = model->shape.classes;
  const double share = 1.0 / (double)model->total_rows;
  double loss = 0.0;
  for (int k = 0; k < classes; k++) sums[1 + k] = 0.0;
  for (size_t row = first; row < end; row++) {
    double *scores = model->scores + row * (size_t)classes;
    loss += model->shape.loss->rule(scores, classes, model->target[row]);
    for (int k = 0; k < classes; k++) {
      scores[k] *= share;
      sums[1 + k] += scores[k];
    }
  }
  sums[0] = loss * share;
}

/* Loss and residuals of all rows, and the gradient of the bias. */
static double evaluate_losses(linear_model *model)
{
  const size_t rows = model->features->rows;
  const size_t classes = (size_t)model->shape.classes;
  const size_t blocks = blocks_of(rows, ROW_BLOCK);
#pragma omp parallel for schedule(static)
  for (size_t block = 0; block < blocks; block++) {
    const size_t first = block * ROW_BLOCK;
    evaluate_rows(model, first, block_end(first, ROW_BLOCK, rows), model->partial + block * (classes + 1));
  }

  double loss = 0.0;
  for (size_t k = 0; k < classes; k++) model->bias_gradient[k] = 0.0;
  for (size_t block = 0; block < blocks; block++) {
    const double *sums = model->partial + block * (classes + 1);
    loss += sums[0];
    for (size_t k = 0; k < classes; k++) model->bias_gradient[k] += sums[1 + k];
  }
  return loss;
}

/* Adds l2 W to the gradient of W; returns (l2 / 2) |W|^2. */
static double add_penalty(linear_model *model)
{
  const double l2 = model->shape.l2;
  const size_t weights = (size_t)model->shape.classes * (size_t)model->shape.columns;
  const size_t blocks = blocks_of(weights, WEIGHT_BLOCK);
#pragma omp parallel for schedule(static)
  for (size_t block = 0; block < blocks; block++) {
    const size_t end = block_end(block * WEIGHT_BLOCK, WEIGHT_BLOCK, weights);
    double squares = 0.0;
    for (size_t i = block * WEIGHT_BLOCK; i < end; i++) {
      model->weight_gradient[i] += l2 * model->weight[i];
      squares += model->weight[i] * model->weight[i];
    }
    model->partial[block] = squares;
  }

  double squares = 0.0;
  for (size_t block = 0; block < blocks; block++) squares += model->partial[block];
  return 0.5 * l2 * squares;
}

int linear_model_evaluate(void *user, double *loss)
{
  linear_model *model = user;
  linear_model_score(model);
  *loss = evaluate_losses(model);
  model->features->backward(model->features, model->shape.classes, model->scores, model->weight_gradient);
  if (model->adds_penalty) *loss += add_penalty(model);
  return 0;
}

/* What the rule predicts for a row, in the terms of the targets. */
static double predicted_target(const linear_model *model, size_t row)
{
  const int classes = model->shape.classes;
  return loss_predict(model->shape.loss, model->scores + row * (size_t)classes, classes);
}

double linear_model_prediction(const linear_model *model, size_t row)
{
  const double target = predicted_target(model, row);
  if (!model->shape.loss->classifies) return target;
  const int position = model->shape.classes == 1 ? target > 0.0 : (int)target;
  return model->shape.label[position];
}

double linear_model_merit(const linear_model *model)
{
  double sum = 0.0;
  for (size_t row = 0; row < model->features->rows; row++) {
    const double difference = predicted_target(model, row) - model->target[row];
    sum += model->shape.loss->classifies ? (difference == 0.0 ? 1.0 : 0.0) : difference * difference;
  }
  return sum;
}
