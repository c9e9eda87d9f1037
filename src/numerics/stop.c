#include "numerics/stop.h"
#include <math.h>

/* Whether a value has reached its tolerance. False for NaN. */
static bool reached(double value, double tolerance, bool strict)
{
  return strict ? value < tolerance : value <= tolerance;
}

bool secanti_stop_gradient(size_t groups, const double *grad_inf, const double *tolerance, bool strict)
{
  for (size_t i = 0; i < groups; i++) {
    if (grad_inf[i] != 0.0 && !reached(grad_inf[i], tolerance[i], strict)) return false;
  }
  return true;
}

secant_reason secanti_stop_at_entry(double loss, double grad_inf, bool gradient_reached)
{
  if (!isfinite(loss) || !isfinite(grad_inf)) return SECANT_REASON_NOT_FINITE;
  return gradient_reached ? SECANT_REASON_GRADIENT : SECANT_REASON_NONE;
}

secant_reason secanti_stop_before_move(const secanti_stop_limits *limits, double slope)
{
  if (limits->change_test == SECANT_CHANGE_DIRECTION)
    return slope >= 0.0 ? SECANT_REASON_LINE_SEARCH : SECANT_REASON_NONE;
  return slope > -limits->tolerance_change ? SECANT_REASON_DIRECTIONAL_DERIVATIVE : SECANT_REASON_NONE;
}

static secant_reason limit_reached(const secanti_stop_limits *limits, const secanti_progress *progress)
{
  if (progress->iterations >= limits->max_iter) return SECANT_REASON_MAX_ITER;
  if (progress->evaluations >= limits->max_eval) return SECANT_REASON_MAX_EVAL;
  return SECANT_REASON_NONE;
}

/*
 * A failed search leaves step and loss unchanged: it must not be taken for the convergence that this would mean. It
 * says nothing about the direction, whose test therefore comes before.
 */
static secant_reason no_more_progress(const secanti_stop_limits *limits, const secanti_progress *progress)
{
  const double tolerance = limits->tolerance_change;
  const bool by_direction = limits->change_test == SECANT_CHANGE_DIRECTION;
  if (progress->gradient_reached) return SECANT_REASON_GRADIENT;
  if (by_direction && reached(progress->direction_inf, tolerance, limits->strict)) return SECANT_REASON_DIRECTION;
  if (progress->unbounded) return SECANT_REASON_UNBOUNDED;
  if (progress->search_failed && progress->gradient_wrong) return SECANT_REASON_WRONG_GRADIENT;
  if (progress->search_failed) return progress->at_precision ? SECANT_REASON_PRECISION : SECANT_REASON_LINE_SEARCH;
  if (progress->stalled) return SECANT_REASON_PRECISION;
  if (by_direction) return SECANT_REASON_NONE;
  if (reached(progress->step_inf, tolerance, limits->strict)) return SECANT_REASON_STEP;
  if (fabs(progress->loss - progress->previous_loss) < tolerance) return SECANT_REASON_LOSS;
  return SECANT_REASON_NONE;
}

secant_reason secanti_stop_after_iteration(const secanti_stop_limits *limits, const secanti_progress *progress)
{
  const secant_reason limit = limit_reached(limits, progress);
  const secant_reason ended = no_more_progress(limits, progress);
  const secant_reason first = limits->convergence_first ? ended : limit;
  const secant_reason second = limits->convergence_first ? limit : ended;
  return first != SECANT_REASON_NONE ? first : second;
}
