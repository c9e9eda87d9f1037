/*
 * The search of More & Thuente 1994 (TOMS 20, 286-307), one trial at a time. It keeps an interval that contains a step
 * with the strong Wolfe conditions, between the best point x and another one, y, first of the modified function
 *   psi(t) = phi(t) - phi(0) - c1 t phi'(0),
 * and of phi once psi(t) <= 0 and phi'(t) >= 0 were seen. The trials come from cubic and quadratic interpolation,
 * distinguished by four cases (section 4), and a bisection follows where two of them have not made the interval a third
 * smaller. Before there is an interval, steps grow up to five times as long.
 *
 * The search is given up where no number lies in the interval, where that is narrower than the tolerance, and where the
 * function still falls at the longest step.
 * Where the function is not finite, the next step is halfway back to x, and later ones stay below.
 */
#include "numerics/search.h"
#include <math.h>

static const double LEAST_EXTENSION = 1.1; /* a growing step adds 1.1 to 4 times the last increase */
static const double LARGEST_EXTENSION = 4.0;
static const double REDUCTION = 0.66;    /* two trials must leave less than this of the interval */
static const double END_FRACTION = 0.66; /* of the way to y: as far as case 3 goes */

enum { X, Y };                     /* ends of the interval: the best point, and the other one */
enum { ON_MODIFIED, ON_FUNCTION }; /* the stage */

/* The steps that a trial is chosen from. */
typedef struct choice {
  double least, most;
} choice;

/* ---- trial steps ------------------------------------------------------------------------------------------------- */

/* The minimiser of the cubic through two points, as a fraction of the way between them; infinite if there is none. */
static double cubic_fraction(secanti_point from, secanti_point to)
{
  const double theta = 3.0 * (from.loss - to.loss) / (to.step - from.step) + from.slope + to.slope;
  const double scale = fmax(fabs(theta), fmax(fabs(from.slope), fabs(to.slope)));
  const double under_root = (theta / scale) * (theta / scale) - (from.slope / scale) * (to.slope / scale);
  if (!(under_root > 0.0)) return INFINITY;
  const double root = copysign(scale * sqrt(under_root), to.step - from.step);
  return ((root - from.slope) + theta) / (((root - from.slope) + root) + to.slope);
}

static double towards(secanti_point from, secanti_point to, double fraction)
{
  return from.step + fraction * (to.step - from.step);
}

/* The zero of the line through both slopes, as a fraction of the way. */
static double secant_fraction(secanti_point from, secanti_point to)
{
  return from.slope / (from.slope - to.slope);
}

/* The minimiser of the parabola through both losses and the slope at `from`, as a fraction of the way. */
static double quadratic_fraction(secanti_point from, secanti_point to)
{
  return from.slope / ((from.loss - to.loss) / (to.step - from.step) + from.slope) / 2.0;
}

/* Case 1, a higher loss: the cubic step if it is closer to x, else halfway between it and the quadratic one. */
static double between_higher(secanti_point x, secanti_point told)
{
  const double cubic = towards(x, told, cubic_fraction(x, told));
  const double quadratic = towards(x, told, quadratic_fraction(x, told));
  return fabs(cubic - x.step) < fabs(quadratic - x.step) ? cubic : cubic + (quadratic - cubic) / 2.0;
}

/* Case 2, a lower loss and a slope of the other sign: the farther of cubic and secant step, seen from `told`. */
static double between_opposite(secanti_point x, secanti_point told)
{
  const double cubic = towards(told, x, cubic_fraction(told, x));
  const double secant = towards(told, x, secant_fraction(told, x));
  return fabs(cubic - told.step) > fabs(secant - told.step) ? cubic : secant;
}

/*
 * Case 3, a lower loss and a smaller slope of the same sign: beyond `told`, by the closer of cubic and secant step but
 * not too close to y, or by the farther one if there is no interval yet. A cubic that does not rise again beyond `told`
 * counts as infinitely far.
 */
static double beyond_smaller(const secanti_search *search, secanti_point x, secanti_point told, choice from)
{
  const double fraction = cubic_fraction(told, x), farthest = told.step > x.step ? from.most : from.least;
  const double cubic = fraction < 0.0 ? towards(told, x, fraction) : farthest;
  const double secant = towards(told, x, secant_fraction(told, x));
  const bool cubic_is_closer = fabs(cubic - told.step) < fabs(secant - told.step);
  if (!search->zooming) return fmin(fmax(cubic_is_closer ? secant : cubic, from.least), from.most);
  const double next = cubic_is_closer ? cubic : secant;
  const double bound = towards(told, search->bracket[Y], END_FRACTION);
  return told.step > x.step ? fmin(next, bound) : fmax(next, bound);
}

/* Case 4, a lower loss and a slope no smaller: the cubic step between `told` and y, or as far as allowed. */
static double beyond_steeper(const secanti_search *search, secanti_point x, secanti_point y, secanti_point told,
                             choice from)
{
  if (search->zooming) return towards(told, y, cubic_fraction(told, y));
  return told.step > x.step ? from.most : from.least;
}

/* ---- the interval ------------------------------------------------------------------------------------------------ */

/* The point of psi; phi(0), which all have in common, is left out. */
static secanti_point modified(const secanti_search *search, secanti_point point)
{
  const double slope = search->limits.armijo * search->start.slope;
  return (secanti_point){point.step, point.loss - point.step * slope, point.slope - slope};
}

static bool is_opposite(secanti_point x, secanti_point told)
{
  return (x.slope < 0.0 && told.slope > 0.0) || (x.slope > 0.0 && told.slope < 0.0);
}

static choice interval(const secanti_search *search)
{
  const double x = search->bracket[X].step, y = search->bracket[Y].step;
  return (choice){.least = fmin(x, y), .most = fmax(x, y)};
}

/* Before there is an interval. The first extension may be as small as interpolation says. */
static choice extension(const secanti_search *search, double step)
{
  const double increase = step - search->bracket[X].step;
  return (choice){.least = search->evaluations > 1 ? step + LEAST_EXTENSION * increase : 0.0,
                  .most = step + LARGEST_EXTENSION * increase};
}

/* The next step by the case that `told` is, seen from x; `other` is y. All three are of phi or all of psi. */
static double interpolated(const secanti_search *search, secanti_point x, secanti_point other, secanti_point told)
{
  const choice from = search->zooming ? interval(search) : extension(search, told.step);
  if (told.loss > x.loss) return between_higher(x, told);
  if (is_opposite(x, told)) return between_opposite(x, told);
  if (fabs(told.slope) < fabs(x.slope)) return beyond_smaller(search, x, told, from);
  return beyond_steeper(search, x, other, told, from);
}

/* Replaces an end of the interval: y by a higher point or, where the slope changes its sign, by x; and x by a lower. */
static void replace_end(secanti_search *search, bool higher, bool opposite, secanti_point told)
{
  if (higher) search->bracket[Y] = told;
  if (!higher && opposite) search->bracket[Y] = search->bracket[X];
  if (!higher) search->bracket[X] = told;
  search->zooming = search->zooming || higher || opposite;
}

/* Chooses the next step and updates the interval, as psi says as long as it is above 0, else as phi says. */
static double select_step(secanti_search *search, secanti_point told)
{
  secanti_point x = search->bracket[X], y = search->bracket[Y], p = told;
  if (search->stage == ON_MODIFIED && told.loss <= x.loss && !secanti_search_decreases_enough(search, told)) {
    x = modified(search, x);
    y = modified(search, y);
    p = modified(search, told);
  }
  const double next = interpolated(search, x, y, p);
  replace_end(search, p.loss > x.loss, is_opposite(x, p), told);
  return next;
}

/* Whether the tolerance does not tell two steps apart. */
static bool is_narrow(const secanti_search *search, double width)
{
  return width * search->direction_inf < search->limits.width_tolerance;
}

/* A step within the interval: that of the cases, or the middle. */
static secanti_verdict try_inside(secanti_search *search, double next)
{
  const double x = search->bracket[X].step, y = search->bracket[Y].step, width = fabs(y - x);
  const bool too_wide = width >= REDUCTION * search->width[1];
  const double step = too_wide || !isfinite(next) ? x + (y - x) / 2.0 : next;
  const choice inside = interval(search);
  search->width[1] = search->width[0];
  search->width[0] = width;
  if (is_narrow(search, width) || !(inside.least < step && step < inside.most)) return SECANTI_SEARCH_GIVE_UP;
  return secanti_search_go_on(search, step);
}

/* Halfway from x to a step where the function is not finite. */
static secanti_verdict halve(secanti_search *search, double step)
{
  const double x = search->bracket[X].step, next = x + (step - x) / 2.0;
  return is_narrow(search, fabs(step - x)) || next == x || next == step ? SECANTI_SEARCH_GIVE_UP
                                                                        : secanti_search_go_on(search, next);
}

/* A step beyond all so far, which lead downhill. */
static secanti_verdict try_beyond(secanti_search *search, double next)
{
  const double x = search->bracket[X].step, longest = search->limits.max_step;
  const double step = fmin(next, longest);
  if (step >= search->not_finite) return halve(search, search->not_finite);
  return step > x ? secanti_search_go_on(search, step) : SECANTI_SEARCH_GIVE_UP;
}

static void begin(secanti_search *search)
{
  search->bracket[X] = search->bracket[Y] = search->start;
  search->stage = ON_MODIFIED;
  search->width[0] = search->limits.max_step;
  search->width[1] = 2.0 * search->limits.max_step;
  search->not_finite = INFINITY;
}

secanti_verdict secanti_search_more_thuente(secanti_search *search, double loss, double slope)
{
  const secanti_point told = {search->trial, loss, slope};
  if (search->evaluations == 1) begin(search);
  if (!isfinite(loss)) {
    if (!search->zooming) search->not_finite = told.step;
    return halve(search, told.step);
  }
  secanti_search_remember(search, told);
  const bool decreases = secanti_search_decreases_enough(search, told);
  if (decreases && secanti_search_is_flat_enough(search, told)) return secanti_search_accept(search, told);
  if (decreases && slope >= 0.0) search->stage = ON_FUNCTION;

  const double next = select_step(search, told);
  return search->zooming ? try_inside(search, next) : try_beyond(search, next);
}
