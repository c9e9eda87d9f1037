/* The tests that end a run, as scalars. One place for all line searches and presets. */
#ifndef SECANT_STOP_H
#define SECANT_STOP_H

#include <secant/secant.h>
#include <stdbool.h>

typedef struct secanti_stop_limits {
  int64_t max_iter;
  int64_t max_eval;
  double tolerance_change;
  secant_change_test change_test;
  bool strict;            /* gradient and change must be below their tolerances, not at most */
  bool convergence_first; /* false: the limits are tested first, as torch does */
} secanti_stop_limits;

typedef struct secanti_progress {
  int64_t iterations; /* of this call */
  int64_t evaluations;
  double loss;
  double previous_loss;
  bool gradient_reached; /* secanti_stop_gradient() */
  double step_inf;       /* |t d|_inf */
  double direction_inf;  /* |d|_inf */
  bool unbounded;        /* the loss has fallen further than any that has a minimum */
  bool search_failed;    /* the line search found nothing better than its start: t = 0 */
  bool gradient_wrong;   /* ... and the gradient contradicts the loss */
  bool at_precision;     /* ... and the decrease it was looking for is below the rounding error of the loss */
  bool stalled;          /* for many iterations nothing was gained that rounding leaves visible */
} secanti_progress;

/* Whether every group's |g|_inf is at most its tolerance, or below it if `strict`; a gradient of zero always is. False
 * for NaN. */
bool secanti_stop_gradient(size_t groups, const double *grad_inf, const double *tolerance, bool strict);

/* After the first evaluation: GRADIENT, NOT_FINITE or NONE. */
secant_reason secanti_stop_at_entry(double loss, double grad_inf, bool gradient_reached);

/* Before a move along d: DIRECTIONAL_DERIVATIVE if slope = g.d > -tolerance_change, else NONE. If the change test is
 * that of the direction: LINE_SEARCH if slope >= 0. */
secant_reason secanti_stop_before_move(const secanti_stop_limits *limits, double slope);

/*
 * After an iteration. Tests, in the order of torch.optim.LBFGS:
 *   MAX_ITER   iterations >= max_iter
 *   MAX_EVAL   evaluations >= max_eval
 *   GRADIENT   gradient_reached
 *   UNBOUNDED  unbounded
 *   WRONG_GRADIENT, PRECISION or LINE_SEARCH if the search failed; PRECISION if stalled
 *   STEP       step_inf <= tolerance_change, < if strict
 *   LOSS       |loss - previous_loss| < tolerance_change
 * or, if the change test is that of the direction, instead of STEP and LOSS
 *   DIRECTION  direction_inf <= tolerance_change, < if strict, before those of a failed search
 * With convergence_first MAX_ITER and MAX_EVAL come last. A NaN never fires a test. NONE to go on.
 */
secant_reason secanti_stop_after_iteration(const secanti_stop_limits *limits, const secanti_progress *progress);

#endif
