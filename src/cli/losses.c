#include "cli/losses.h"
#include <math.h>
#include <stddef.h>
#include <string.h>

const char loss_names[] = "logistic, softmax, squared, poisson";

static const loss_kind kinds[] = {
    {"logistic", loss_logistic, true},
    {"softmax", loss_softmax, true},
    {"squared", loss_squared, false},
    {"poisson", loss_poisson, false},
};

const loss_kind *loss_find(const char *name)
{
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
  }
  return NULL;
}

/* With m = target z: log(1 + exp(-m)) = max(-m, 0) + log1p(exp(-|m|)), derivative -target / (1 + exp(m)). */
double loss_logistic(double *scores, int classes, double target)
{
  (void)classes;
  const double margin = target * scores[0];
  const double small = exp(-fabs(margin)); /* in (0, 1] */
  const double wrong = margin > 0.0 ? small / (1.0 + small) : 1.0 / (1.0 + small);
  scores[0] = -target * wrong;
  return (margin < 0.0 ? -margin : 0.0) + log1p(small);
}

static int largest(const double *scores, int classes)
{
  int best = 0;
  for (int k = 1; k < classes; k++) {
    if (scores[k] > scores[best]) best = k;
  }
  return best;
}

/*
 * With b the largest score: log sum_k exp(z_k) = z_b + log1p(sum_{k != b} exp(z_k - z_b)). The derivative of the target
 * is minus the probability of the others, which does not cancel as p - 1 would.
 */
double loss_softmax(double *scores, int classes, double target)
{
  const int t = (int)target;
  const int best = largest(scores, classes);
  const double top = scores[best]; /* NaN elsewhere still reaches the sum */
  const double distance = top - scores[t];
  double others = 0.0;
  double not_target = 0.0;
  for (int k = 0; k < classes; k++) {
    scores[k] = exp(scores[k] - top);
    if (k != best) others += scores[k];
    if (k != t) not_target += scores[k];
  }
  for (int k = 0; k < classes; k++) scores[k] /= 1.0 + others;
  scores[t] = -not_target / (1.0 + others);
  return distance + log1p(others);
}

double loss_squared(double *scores, int classes, double target)
{
  (void)classes;
  scores[0] -= target;
  return 0.5 * scores[0] * scores[0];
}

double loss_poisson(double *scores, int classes, double target)
{
  (void)classes;
  const double mean = exp(scores[0]);
  const double loss = mean - target * scores[0];
  scores[0] = mean - target;
  return loss;
}

double loss_predict(const loss_kind *kind, const double *scores, int classes)
{
  if (kind->rule == loss_softmax) return largest(scores, classes);
  if (kind->rule == loss_logistic) return scores[0] > 0.0 ? 1.0 : -1.0;
  return kind->rule == loss_poisson ? exp(scores[0]) : scores[0];
}
