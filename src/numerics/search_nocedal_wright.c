/*
 * The strong Wolfe search of Nocedal & Wright 2006, algorithms 3.5 and 3.6, trial by trial. Steps double, up to the
 * longest one, until a bracket is found; then the bracket shrinks by cubic interpolation or bisection. Choices that the
 * book leaves open:
 *   - growing and shrinking share one budget of iterations;
 *   - a search that spent it, or whose bracket is narrow, ends at the best point with sufficient decrease;
 *   - so does one that reaches the longest step while the loss still falls.
 * Where the function is not finite it counts as +inf: such a trial is the high end of a bracket, never the best point.
 */
#include "numerics/search.h"
#include <math.h>

/* A step while growing is this multiple of the one before. */
static const double GROWTH = 2.0;

/* A trial closer to an end of the bracket than this fraction of its width makes way for the midpoint. */
static const double END_MARGIN = 0.1;

/* The end of the bracket with sufficient decrease and the smaller loss is bracket[LOW]; a minimum lies towards
 * bracket[HIGH]. */
enum { LOW, HIGH };

static secanti_verdict accept(secanti_search *search, secanti_point told)
{
  search->best = told;
  return SECANTI_SEARCH_ACCEPT;
}

/* The search goes on at step `next`, if the budget allows; `best` may have been told just now. */
static secanti_verdict go_on(secanti_search *search, secanti_point told, secanti_point best, double next)
{
  search->best = best;
  if (search->evaluations > search->limits.max_iterations) return SECANTI_SEARCH_GIVE_UP;
  search->keep = best.step == told.step; /* otherwise it is the start or was kept before */
  search->trial = next;
  return SECANTI_SEARCH_TRY;
}

static secanti_verdict give_up(secanti_search *search, secanti_point best)
{
  search->best = best;
  return SECANTI_SEARCH_GIVE_UP;
}

/* The minimiser of the cubic through both ends, or the midpoint if that is close to an end. */
static double interpolated_step(secanti_point low, secanti_point high)
{
  const double left = fmin(low.step, high.step), right = fmax(low.step, high.step);
  const double trial = secanti_cubic_minimiser(low, high, left, right);
  return fmin(trial - left, right - trial) < END_MARGIN * (right - left) ? left + (right - left) / 2.0 : trial;
}

/* Next trial within the bracket, unless the bracket is narrow or no number lies within. */
static secanti_verdict interpolate(secanti_search *search, secanti_point told)
{
  const secanti_point low = search->bracket[LOW], high = search->bracket[HIGH];
  if (fabs(high.step - low.step) < search->limits.width_tolerance) return give_up(search, low);
  const double next = interpolated_step(low, high);
  if (next == low.step || next == high.step) return give_up(search, low);
  return go_on(search, told, low, next);
}

static secanti_verdict begin_zoom(secanti_search *search, secanti_point low, secanti_point high, secanti_point told)
{
  search->zooming = true;
  search->bracket[LOW] = low;
  search->bracket[HIGH] = high;
  return interpolate(search, told);
}

/* Next trial beyond `told`, which still leads downhill, unless it is the longest step already. */
static secanti_verdict extrapolate(secanti_search *search, secanti_point told)
{
  const double next = fmin(GROWTH * told.step, search->limits.max_step);
  if (!(next > told.step)) return give_up(search, told);
  search->previous = told;
  return go_on(search, told, told, next);
}

/* Algorithm 3.5 */
static secanti_verdict grow(secanti_search *search, secanti_point told)
{
  const secanti_point previous = search->previous;
  const bool rises = search->evaluations > 1 && told.loss >= previous.loss;
  if (rises || !secanti_search_decreases_enough(search, told)) return begin_zoom(search, previous, told, told);
  if (secanti_search_is_flat_enough(search, told)) return accept(search, told);
  return told.slope >= 0.0 ? begin_zoom(search, told, previous, told) : extrapolate(search, told);
}

/* Algorithm 3.6: replaces one end of the bracket by `told`, such that a minimum stays between them. */
static secanti_verdict shrink(secanti_search *search, secanti_point told)
{
  secanti_point *low = &search->bracket[LOW], *high = &search->bracket[HIGH];
  if (!secanti_search_decreases_enough(search, told) || told.loss >= low->loss) {
    *high = told;
    return interpolate(search, told);
  }
  if (secanti_search_is_flat_enough(search, told)) return accept(search, told);
  if (told.slope * (high->step - low->step) >= 0.0) *high = *low;
  *low = told;
  return interpolate(search, told);
}

secanti_verdict secanti_search_nocedal_wright(secanti_search *search, double loss, double slope)
{
  const secanti_point told = {search->trial, loss, slope};
  return search->zooming ? shrink(search, told) : grow(search, told);
}
