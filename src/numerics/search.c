#include "numerics/search.h"
#include <math.h>

void secanti_search_begin(secanti_search *search, secanti_search_rule *rule, const secanti_search_limits *limits,
                          double loss, double slope, double direction_inf, double trial)
{
  const secanti_point start = {.step = 0.0, .loss = loss, .slope = slope};
  *search = (secanti_search){.rule = rule,
                             .limits = *limits,
                             .direction_inf = direction_inf,
                             .start = start,
                             .trial = trial,
                             .best = start,
                             .previous = start};
}

/*
 * Counts the evaluation, hands the values to the rule and enforces the hard cap. The rules keep `best` valid after each
 * point, so a search can be given up at any time. Where the function is not finite it is +inf and rising, which every
 * rule takes for a step too long.
 */
secanti_verdict secanti_search_tell(secanti_search *search, double loss, double slope)
{
  const bool finite = isfinite(loss) && isfinite(slope);
  search->evaluations += 1;
  search->keep = false;
  const secanti_verdict verdict = search->rule(search, finite ? loss : INFINITY, finite ? slope : INFINITY);
  const bool spent = search->evaluations >= search->limits.max_evaluations;
  if (verdict == SECANTI_SEARCH_TRY && !spent) return verdict;
  search->keep = false;
  return verdict == SECANTI_SEARCH_TRY ? SECANTI_SEARCH_GIVE_UP : verdict;
}

bool secanti_search_decreases_enough(const secanti_search *search, secanti_point point)
{
  return point.loss <= search->start.loss + search->limits.armijo * point.step * search->start.slope;
}

bool secanti_search_is_flat_enough(const secanti_search *search, secanti_point point)
{
  return fabs(point.slope) <= -search->limits.wolfe * search->start.slope;
}

void secanti_search_remember(secanti_search *search, secanti_point told)
{
  if (!(told.loss < search->best.loss)) return;
  search->best = told;
  search->keep = true;
}

secanti_verdict secanti_search_go_on(secanti_search *search, double step)
{
  const int64_t iterations = search->evaluations - 1;
  if (iterations >= search->limits.max_iterations || !(step > 0.0 && isfinite(step))) return SECANTI_SEARCH_GIVE_UP;
  search->trial = step;
  return SECANTI_SEARCH_TRY;
}

secanti_verdict secanti_search_accept(secanti_search *search, secanti_point told)
{
  search->best = told;
  return SECANTI_SEARCH_ACCEPT;
}
