#include "numerics/search.h"
#include <math.h>

/* No line search: the first finite trial is accepted, whatever its value; one that is not finite halves the step. */
secanti_verdict secanti_search_none(secanti_search *search, double loss, double slope)
{
  if (isfinite(loss)) {
    search->best = (secanti_point){search->trial, loss, slope};
    return SECANTI_SEARCH_ACCEPT;
  }
  const int64_t halvings = search->evaluations - 1;
  if (halvings >= search->limits.max_iterations) return SECANTI_SEARCH_GIVE_UP;
  search->trial /= 2.0;
  return SECANTI_SEARCH_TRY;
}
