/*
 * Backtracking: the step shrinks until the loss decreases enough; the slope there does not matter. The next step is the
 * minimiser of the parabola through phi(0), phi'(0) and phi(t), from the second rejection on that of the cubic through
 * the last two trials, and always between a tenth and a half of the last step.
 * Source: Dennis & Schnabel 1983, algorithm A6.3.1.
 * Where the function is not finite, nothing can be interpolated: the step is halved.
 */
#include "numerics/search.h"
#include <math.h>

static const double LEAST_FRACTION = 0.1;
static const double LARGEST_FRACTION = 0.5;

/* (phi(t) - phi(0) - t phi'(0)) / t^2: what the point adds to the line through the start. */
static double curvature(const secanti_search *search, secanti_point point)
{
  return (point.loss - search->start.loss - point.step * search->start.slope) / (point.step * point.step);
}

/*
 * The minimiser of phi(0) + phi'(0) t + b t^2 + a t^3, which takes the values at `told` and at the trial before it;
 * a = 0 if there is none with a finite value. NaN if it has none.
 */
static double model_minimiser(const secanti_search *search, secanti_point told)
{
  const secanti_point previous = search->previous;
  const double slope = search->start.slope, bend = curvature(search, told);
  double a = 0.0, b = bend;
  if (previous.step > 0.0) {
    a = (bend - curvature(search, previous)) / (told.step - previous.step);
    b = bend - a * told.step;
  }
  return -slope / (b + sqrt(b * b - 3.0 * a * slope));
}

secanti_verdict secanti_search_backtracking(secanti_search *search, double loss, double slope)
{
  const secanti_point told = {search->trial, loss, slope};
  secanti_search_remember(search, told);
  if (isfinite(loss) && secanti_search_decreases_enough(search, told)) return secanti_search_accept(search, told);
  if (told.step * search->direction_inf < search->limits.width_tolerance) return SECANTI_SEARCH_GIVE_UP;
  const double least = LEAST_FRACTION * told.step, most = LARGEST_FRACTION * told.step;
  const double next = isfinite(loss) ? model_minimiser(search, told) : most;
  if (isfinite(loss)) search->previous = told;
  return secanti_search_go_on(search, isnan(next) ? most : fmin(fmax(next, least), most));
}
