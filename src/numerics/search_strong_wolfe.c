/*
 * The strong Wolfe search of torch.optim.LBFGS, trial by trial: steps grow until a bracket is found, then the bracket
 * shrinks by safeguarded cubic interpolation. The scheme is that of Nocedal & Wright 2006, algorithms 3.5 and 3.6, with
 * four peculiarities that decide which points are visited:
 *   - the loss is compared with that of the previous trial from the third trial on only;
 *   - growing and shrinking share one budget of iterations;
 *   - a search that spent it while growing ends at the lower one of its start and its last trial, untested;
 *   - a bracket that stops shrinking yields its lower end, which need not satisfy either condition.
 * Where the function is not finite it counts as +inf: such a trial is the upper end of a bracket, never the lower.
 */
#include "numerics/search.h"
#include <math.h>

/* A growing step is extended by at least this fraction of the last increase, and at most to this multiple of itself. */
static const double LEAST_EXTENSION = 0.01;
static const double LARGEST_GROWTH = 10.0;

/* A trial closer to an end of the bracket than this fraction of its width is tolerated once, not twice. */
static const double END_MARGIN = 0.1;

/* Trial steps after the first. */
static int64_t iterations(const secanti_search *search)
{
  return search->evaluations - 1;
}

static secanti_point lower_of(secanti_point first, secanti_point second)
{
  return first.loss <= second.loss ? first : second;
}

static int lower_end(const secanti_point bracket[2])
{
  return bracket[0].loss <= bracket[1].loss ? 0 : 1;
}

static secanti_verdict settle(secanti_search *search, secanti_verdict verdict, secanti_point best)
{
  search->best = best;
  return verdict;
}

/* The bracket is narrower than the tolerance, measured in the parameter that moves most. */
static bool is_narrow(const secanti_search *search)
{
  const double width = fabs(search->bracket[1].step - search->bracket[0].step);
  return width * search->direction_inf < search->limits.width_tolerance;
}

/*
 * Moves `trial` a tenth of the width into the bracket if it lies on an end, or near an end for the second time in
 * succession: interpolation alone could creep towards an end for ever.
 */
static double away_from_ends(secanti_search *search, double trial)
{
  const double left = fmin(search->bracket[0].step, search->bracket[1].step);
  const double right = fmax(search->bracket[0].step, search->bracket[1].step);
  const double margin = END_MARGIN * (right - left);
  if (fmin(right - trial, trial - left) >= margin) {
    search->insufficient = false;
    return trial;
  }
  if (!search->insufficient && left < trial && trial < right) {
    search->insufficient = true;
    return trial;
  }
  search->insufficient = false;
  return fabs(trial - right) < fabs(trial - left) ? right - margin : left + margin;
}

/* Next trial within the bracket, unless the bracket is narrow or the budget is spent; `told` is the last trial. */
static secanti_verdict interpolate(secanti_search *search, secanti_point told)
{
  const secanti_point *ends = search->bracket;
  const secanti_point low = ends[search->low];
  if (iterations(search) >= search->limits.max_iterations || is_narrow(search))
    return settle(search, SECANTI_SEARCH_GIVE_UP, low);

  const double left = fmin(ends[0].step, ends[1].step);
  const double right = fmax(ends[0].step, ends[1].step);
  search->trial = away_from_ends(search, secanti_cubic_minimiser(ends[0], ends[1], left, right));
  search->keep = low.step == told.step; /* otherwise the low end is the start or was kept before */
  return settle(search, SECANTI_SEARCH_TRY, low);
}

static secanti_verdict begin_zoom(secanti_search *search, secanti_point told)
{
  search->zooming = true;
  search->bracket[0] = search->previous;
  search->bracket[1] = told;
  search->low = lower_end(search->bracket);
  return interpolate(search, told);
}

/* Next trial beyond `told`, which still leads downhill. */
static secanti_verdict extrapolate(secanti_search *search, secanti_point told)
{
  const secanti_point previous = search->previous;
  const double nearest = told.step + LEAST_EXTENSION * (told.step - previous.step);
  const double farthest = LARGEST_GROWTH * told.step;
  search->trial = secanti_cubic_minimiser(previous, told, nearest, farthest);
  search->previous = told;
  search->keep = true; /* it may become the low end of the bracket */
  return settle(search, SECANTI_SEARCH_TRY, lower_of(previous, told));
}

static secanti_verdict grow(secanti_search *search, secanti_point told)
{
  if (iterations(search) >= search->limits.max_iterations)
    return settle(search, SECANTI_SEARCH_GIVE_UP, lower_of(search->start, told));
  const bool rises = iterations(search) > 1 && told.loss >= search->previous.loss;
  if (rises || !secanti_search_decreases_enough(search, told)) return begin_zoom(search, told);
  if (secanti_search_is_flat_enough(search, told)) return settle(search, SECANTI_SEARCH_ACCEPT, told);
  return told.slope >= 0.0 ? begin_zoom(search, told) : extrapolate(search, told);
}

/* Replaces one end of the bracket by `told`, such that a minimum of the better kind stays between them. */
static secanti_verdict shrink(secanti_search *search, secanti_point told)
{
  secanti_point *low = &search->bracket[search->low];
  secanti_point *high = &search->bracket[1 - search->low];
  if (!secanti_search_decreases_enough(search, told) || told.loss >= low->loss) {
    *high = told;
    search->low = lower_end(search->bracket); /* may change: the old low end can lack sufficient decrease itself */
    return interpolate(search, told);
  }
  if (secanti_search_is_flat_enough(search, told)) return settle(search, SECANTI_SEARCH_ACCEPT, told);
  if (told.slope * (high->step - low->step) >= 0.0) *high = *low;
  *low = told;
  return interpolate(search, told);
}

secanti_verdict secanti_search_strong_wolfe(secanti_search *search, double loss, double slope)
{
  const secanti_point told = {search->trial, loss, slope};
  return search->zooming ? shrink(search, told) : grow(search, told);
}
