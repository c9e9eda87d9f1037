/* The tests that end a run, as scalars. One place for all line searches and presets. */
#ifndef SECANT_STOP_H
#define SECANT_STOP_H

#include <secant/secant.h>
#include <stdbool.h>

typedef struct secanti_stop_limits {
  int64_t max_iter;
  int64_t max_eval;
  double tolerance_grad;
  double tolerance_change;
  bool convergence_first; /* false: the limits are tested first, as torch does */
} secanti_stop_limits;

typedef struct secanti_progress {
  int64_t iterations; /* of this call */
  int64_t evaluations;
  double loss;
  double previous_loss;
  double grad_inf;
  double step_inf;    /* |t d|_inf */
  bool search_failed; /* the line search found nothing better than its start: t = 0 */
  bool at_precision;  /* ... and the decrease it was looking for is below the rounding error of the loss */
} secanti_progress;

/* After the first evaluation: GRADIENT, NOT_FINITE or NONE. */
secant_reason secanti_stop_at_entry(const secanti_stop_limits *limits, double loss, double grad_inf);

/* Before a move along d: DIRECTIONAL_DERIVATIVE if slope = g.d > -tolerance_change, else NONE. */
secant_reason secanti_stop_before_move(const secanti_stop_limits *limits, double slope);

/*
 * After an iteration. Tests, in the order of torch.optim.LBFGS:
 *   MAX_ITER   iterations >= max_iter
 *   MAX_EVAL   evaluations >= max_eval
 *   GRADIENT   grad_inf <= tolerance_grad
 *   STEP       step_inf <= tolerance_change (PRECISION or LINE_SEARCH if the search failed, which implies step_inf = 0)
 *   LOSS       |loss - previous_loss| < tolerance_change
 * With convergence_first the three last come first. A NaN never fires a test. NONE to go on.
 */
secant_reason secanti_stop_after_iteration(const secanti_stop_limits *limits, const secanti_progress *progress);

#endif
