/*
 * The search of Hager & Zhang 2005 (SIAM J. Optim. 16, 170-192, section 4) and 2006 (TOMS 32, 113-137), one trial at a
 * time. A step is accepted by the Wolfe conditions or, with the slack e = loss_slack |phi(0)|, by the approximate ones,
 *   phi(t) <= phi(0) + e   and   (2 c1 - 1) phi'(0) >= phi'(t) >= c2 phi'(0),
 * which look at slopes where the loss has run out of digits. The bracket [a, b] has phi(a) <= phi(0) + e, phi'(a) < 0
 * and phi'(b) >= 0. It is found by growing steps and shrunk in rounds of two secant steps on the slope, and of a
 * bisection where they leave too much. Unlike in the paper, steps grow to the minimiser of the cubic through the last two
 * points, within bounds, instead of fivefold, and a round begins with that of the cubic through both ends where their
 * losses differ by more than the slack: such losses are not all rounding, and to heed them costs fewer evaluations.
 *
 * Progress: a step that is accepted without lowering the loss raises it by no more than the slack, and its slope is the
 * smaller one. A search that is given up yields the lowest loss seen, and its start if that is the lowest: a point of
 * no lower loss whose slope is worth the step would have been accepted, and any other could be stepped on for ever.
 *
 * Where the function is not finite it counts as too high a loss, never as an end of the bracket: the interval up to it
 * is halved.
 */
#include "numerics/search.h"
#include <math.h>

/* A step that still leads downhill grows by at least as much as it has grown before, and at most to this multiple. */
static const double GROWTH = 10.0;
static const double REDUCTION =
    0.66; /* gamma: secant steps that leave more of the bracket are followed by a bisection */

/* What the trial is for: to find a bracket (B3), to halve the interval up to a loss too high (U3), the first and the
 * second secant step (S1, S4), or the bisection (L2). */
enum { GROW, HALVE, SECANT, SECOND_SECANT, BISECT };

/* The ends of the bracket. While HALVE, the high end is a point whose loss is too high. */
enum { LOW, HIGH };

/* ---- points ------------------------------------------------------------------------------------------------------ */

static double slack(const secanti_search *search)
{
  return search->limits.loss_slack * fabs(search->start.loss);
}

static bool is_low_enough(const secanti_search *search, secanti_point point)
{
  return point.loss <= search->start.loss + slack(search);
}

static bool rises(secanti_point point)
{
  return isfinite(point.loss) && point.slope >= 0.0;
}

/* T1 or T2 */
static bool is_acceptable(const secanti_search *search, secanti_point point)
{
  const double slope = search->start.slope, armijo = search->limits.armijo;
  if (!isfinite(point.loss) || !(point.slope >= search->limits.wolfe * slope)) return false;
  const bool shallow = (2.0 * armijo - 1.0) * slope >= point.slope;
  return secanti_search_decreases_enough(search, point) || (is_low_enough(search, point) && shallow);
}

/* The zero of the line through the slopes at a and b. */
static double secant(secanti_point a, secanti_point b)
{
  return (a.step * b.slope - b.step * a.slope) / (b.slope - a.slope);
}

/* ---- the bracket ------------------------------------------------------------------------------------------------- */

static double width(const secanti_search *search)
{
  return search->bracket[HIGH].step - search->bracket[LOW].step;
}

static bool lies_inside(const secanti_search *search, double step)
{
  return search->bracket[LOW].step < step && step < search->bracket[HIGH].step;
}

/* Asks for a step within the bracket, unless that is narrower than the tolerance or no number lies within. */
static secanti_verdict try_inside(secanti_search *search, int stage, double step)
{
  const bool narrow = width(search) * search->direction_inf < search->limits.width_tolerance;
  if (narrow || !lies_inside(search, step)) return SECANTI_SEARCH_GIVE_UP;
  search->stage = stage;
  return secanti_search_go_on(search, step);
}

static secanti_verdict try_middle(secanti_search *search, int stage)
{
  return try_inside(search, stage, search->bracket[LOW].step + width(search) / 2.0);
}

/* S1: the first step of a round. */
static double first_step(const secanti_search *search)
{
  const secanti_point a = search->bracket[LOW], b = search->bracket[HIGH];
  const bool losses_differ = fabs(b.loss - a.loss) > slack(search);
  return losses_differ ? secanti_cubic_minimiser(a, b, a.step, b.step) : secant(a, b);
}

/* A bisection if the first step would leave the bracket. */
static secanti_verdict begin_round(secanti_search *search)
{
  const double step = first_step(search);
  search->width[0] = width(search);
  return lies_inside(search, step) ? try_inside(search, SECANT, step) : try_middle(search, BISECT);
}

/* L2: bisects the bracket if the secant steps of this round have not made it small enough. */
static secanti_verdict end_round(secanti_search *search)
{
  const bool too_wide = search->stage != BISECT && width(search) > REDUCTION * search->width[0];
  return too_wide ? try_middle(search, BISECT) : begin_round(search);
}

/* S2 to S4: the second secant step goes through the end of the bracket that was replaced. */
static secanti_verdict follow_secant(secanti_search *search, secanti_point replaced, secanti_point told)
{
  const double step = secant(replaced, told);
  return lies_inside(search, step) ? try_inside(search, SECOND_SECANT, step) : end_round(search);
}

/* U1 to U3: replaces one end of the bracket by a point within it. */
static secanti_verdict shrink(secanti_search *search, secanti_point told)
{
  const bool low = is_low_enough(search, told) && !rises(told);
  const int end = low ? LOW : HIGH;
  const secanti_point replaced = search->bracket[end];
  search->bracket[end] = told;
  if (!low && !rises(told)) return try_middle(search, HALVE);
  return search->stage == SECANT ? follow_secant(search, replaced, told) : end_round(search);
}

/* U3 a to c */
static secanti_verdict halve(secanti_search *search, secanti_point told)
{
  const bool low = is_low_enough(search, told) && !rises(told);
  search->bracket[low ? LOW : HIGH] = told;
  return rises(told) ? end_round(search) : try_middle(search, HALVE);
}

/* B1 to B3. The low end is the longest step so far. */
static secanti_verdict grow(secanti_search *search, secanti_point told)
{
  if (rises(told)) {
    search->bracket[HIGH] = told;
    return begin_round(search);
  }
  if (!is_low_enough(search, told)) {
    search->bracket[HIGH] = told;
    search->width[0] = INFINITY;
    return try_middle(search, HALVE);
  }
  const secanti_point before = search->bracket[LOW];
  search->bracket[LOW] = told;
  const double least = told.step + (told.step - before.step), most = GROWTH * told.step;
  const double next = fmin(secanti_cubic_minimiser(before, told, least, most), search->limits.max_step);
  return next > told.step ? secanti_search_go_on(search, next) : SECANTI_SEARCH_GIVE_UP;
}

secanti_verdict secanti_search_hager_zhang(secanti_search *search, double loss, double slope)
{
  const secanti_point told = {search->trial, loss, slope};
  if (search->evaluations == 1) search->bracket[LOW] = search->start;
  secanti_search_remember(search, told);
  if (is_acceptable(search, told)) return secanti_search_accept(search, told);
  switch (search->stage) {
  case GROW: return grow(search, told);
  case HALVE: return halve(search, told);
  default: return shrink(search, told);
  }
}
