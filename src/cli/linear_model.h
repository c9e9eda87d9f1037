/*
 * A linear model and its objective on one rank's rows. Scores z = W x + b with W [K, D], b [K]; K is 1 but for softmax.
 *
 *   loss = (1 / N) sum over rows of loss(z, target) + (l2 / 2) |W|^2,  N the rows of all ranks
 *
 * The shares of the ranks add up to it: the penalty is in the share of one rank only.
 */
#ifndef SECANT_CLI_LINEAR_MODEL_H
#define SECANT_CLI_LINEAR_MODEL_H

#include "cli/losses.h"
#include "cli/matrix.h"

/* What the model is, apart from its numbers; equal on all ranks. */
typedef struct model_shape {
  const loss_kind *loss;
  double l2;
  bool intercept;
  double scale;    /* the data were divided by it */
  int64_t columns; /* D */
  int classes;     /* K */
  double *label;   /* owned: the labels that the classes stand for, [2] for logistic, [K] for softmax; else NULL */
} model_shape;

/* Number of entries of `label`. */
int model_label_count(const model_shape *shape);

typedef struct linear_model {
  model_shape shape;
  double *weight; /* [K * D] */
  double *bias;   /* [K]; stays 0 without an intercept */
  double *weight_gradient;
  double *bias_gradient;

  /* What the objective needs besides; set by linear_model_attach(). */
  const feature_matrix *features; /* borrowed */
  double *target;                 /* [rows], what the loss rule takes */
  double *scores;                 /* [rows * K]; residuals after an evaluation */
  double *partial;                /* [blocks * (K + 1)]: loss and bias gradient of each block of rows */
  int64_t total_rows;
  bool adds_penalty;
} linear_model;

/* A model of zeros. Takes over shape->label, also after an error. Not collective. */
secant_status linear_model_create(linear_model *model, const model_shape *shape, secant_error *error);
void linear_model_free(linear_model *model);

/* Prepares the evaluation on `data` (its labels, if any, must fit the model) and its matrix, which must outlive it. */
secant_status linear_model_attach(linear_model *model, const dataset *data, const feature_matrix *features,
                                  bool adds_penalty, secant_error *error);

/* Sets the targets from labels; SECANT_ERR_FORMAT names a row whose label the model does not know. */
secant_status linear_model_set_targets(linear_model *model, const dataset *data, secant_error *error);

/* Fills model->scores. */
void linear_model_score(linear_model *model);

/* The objective's share of this rank, as secant_closure wants it; `user` is the model. Fills the gradients. */
int linear_model_evaluate(void *user, double *loss);

/* Label or value that row `row` of the scores predicts. */
double linear_model_prediction(const linear_model *model, size_t row);

/* After linear_model_score(): right predictions for a classifier, else the sum of squared errors. */
double linear_model_merit(const linear_model *model);

#endif
