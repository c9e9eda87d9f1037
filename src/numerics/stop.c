#include "numerics/stop.h"
#include <math.h>

secant_reason secanti_stop_at_entry(const secanti_stop_limits *limits, double loss, double grad_inf)
{
  if (!isfinite(loss) || !isfinite(grad_inf)) return SECANT_REASON_NOT_FINITE;
  return grad_inf <= limits->tolerance_grad ? SECANT_REASON_GRADIENT : SECANT_REASON_NONE;
}

secant_reason secanti_stop_before_move(const secanti_stop_limits *limits, double slope)
{
  return slope > -limits->tolerance_change ? SECANT_REASON_DIRECTIONAL_DERIVATIVE : SECANT_REASON_NONE;
}

static secant_reason limit_reached(const secanti_stop_limits *limits, const secanti_progress *progress)
{
  if (progress->iterations >= limits->max_iter) return SECANT_REASON_MAX_ITER;
  if (progress->evaluations >= limits->max_eval) return SECANT_REASON_MAX_EVAL;
  return SECANT_REASON_NONE;
}

/* A failed search leaves step and loss unchanged: it must not be taken for the convergence that this would mean. */
static secant_reason no_more_progress(const secanti_stop_limits *limits, const secanti_progress *progress)
{
  if (progress->grad_inf <= limits->tolerance_grad) return SECANT_REASON_GRADIENT;
  if (progress->search_failed) return progress->at_precision ? SECANT_REASON_PRECISION : SECANT_REASON_LINE_SEARCH;
  if (progress->step_inf <= limits->tolerance_change) return SECANT_REASON_STEP;
  if (fabs(progress->loss - progress->previous_loss) < limits->tolerance_change) return SECANT_REASON_LOSS;
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
