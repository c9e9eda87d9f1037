/*
 * Losses of one row: a function of its scores z [classes] and its target. Each is safe for any finite score: no exp()
 * overflows where the loss is representable, and nothing cancels. NaN in a score gives a NaN loss.
 */
#ifndef SECANT_CLI_LOSSES_H
#define SECANT_CLI_LOSSES_H

#include <stdbool.h>

/* Returns the loss and replaces the scores by its derivatives. */
typedef double loss_rule(double *scores, int classes, double target);

typedef struct loss_kind {
  const char *name;
  loss_rule *rule;
  bool classifies; /* targets are classes, not values */
} loss_kind;

/*
 *   logistic  target -1 or +1             log(1 + exp(-target z))
 *   softmax   target 0 .. classes-1       log(sum_k exp(z_k)) - z_target
 *   squared   any target                  (z - target)^2 / 2
 *   poisson   target >= 0, a count        exp(z) - target z
 */
loss_rule loss_logistic;
loss_rule loss_softmax;
loss_rule loss_squared;
loss_rule loss_poisson;

/* The loss called `name`, or NULL. */
const loss_kind *loss_find(const char *name);

/* The names of all losses, for messages: "logistic, softmax, squared, poisson". */
extern const char loss_names[];

/* What the scores predict: the class (logistic: -1 or +1; softmax: the index of the largest), or the expected value. */
double loss_predict(const loss_kind *kind, const double *scores, int classes);

#endif
