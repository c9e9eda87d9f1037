/*
 * The diagonal W of H0 = gamma W that the stored pairs imply, under option scaling = adaptive: when it is in force, and
 * of which pairs it is made. It is no state: its entries are formed from pairs wherever a pass needs them.
 *
 * What is kept is one of two states, and a wish for the next observation:
 *
 *   not in force:  W = I, and the tables are plain
 *   in force:      W changes with the pairs, so every observation forms the table yy anew
 */
#include "base/base.h"
#include "engine/engine.h"
#include <math.h>

/* Iterations from one rating of the diagonal to the next. */
enum { RATING_INTERVAL = 20 };

/* What the rating must exceed for W to come into force, what each withdrawal adds to that, and what part the rating must
 * be of what W does for the pairs it is made of. */
static const double CLEAR_GAIN = 1.2, DOUBT = 0.1, GENERAL = 0.9;

bool secanti_engine_may_adapt(const secanti_engine *engine)
{
  const int m = engine->history.capacity;
  return engine->settings.adaptive && engine->settings.direction == SECANT_DIRECTION_GRAM &&
         engine->initial.kind == SECANT_INITIAL_IDENTITY && m >= 3 && m <= SECANTI_METRIC_PAIRS;
}

/* The diagonal that `pairs` pairs from pair `first` on imply. */
static secanti_metric metric_of(secanti_engine *engine, int first, int pairs, double reference)
{
  const secanti_history *history = &engine->history;
  for (int i = first; i < first + pairs; i++) engine->curvature[i] = secanti_gram_sy(&history->gram, i, i);
  return (secanti_metric){
      .pairs = pairs, .order = history->order + first, .curvature = engine->curvature + first, .reference = reference};
}

secanti_metric secanti_engine_metric(secanti_engine *engine)
{
  const secanti_diagonal *diagonal = &engine->here.diagonal;
  if (!diagonal->in_force) return (secanti_metric){0};
  return metric_of(engine, 0, (int)diagonal->pairs, diagonal->reference);
}

/* ---- observations ------------------------------------------------------------------------------------------------- */

/* Whether pairs from `first` on can imply a diagonal. A reference that has overflowed is no measure. */
static bool is_implied(const secanti_engine *engine, int first)
{
  const double reference = engine->history.reference;
  return engine->history.pairs > first && reference > 0.0 && isfinite(reference);
}

/* Back from a diagonal no pair is left out: the table must be plain again as a whole. */
secanti_request secanti_request_next(const secanti_engine *engine, int first)
{
  const secanti_history *history = &engine->history;
  const secanti_diagonal *diagonal = &engine->here.diagonal;
  const bool may = secanti_engine_may_adapt(engine) && is_implied(engine, first);
  const bool weighs = may && diagonal->wanted, all = weighs || (diagonal->in_force && history->pairs > 0);
  return (secanti_request){
      .first = all && !weighs ? 0 : first,
      .weighs = weighs,
      .all = all,
      .rates = may && history->pairs == history->capacity && engine->now.n_iter % RATING_INTERVAL == 0,
  };
}

secanti_request secanti_request_again(const secanti_engine *engine)
{
  const bool weighs = engine->here.diagonal.in_force && is_implied(engine, 0);
  return (secanti_request){.weighs = weighs, .all = weighs};
}

/* How many of the pairs, from the oldest on, make the diagonal that is rated. */
static int older_half(int pairs)
{
  return (pairs + 1) / 2;
}

void secanti_request_fill(secanti_engine *engine, const secanti_request *request, secanti_products *products)
{
  products->all = request->all;
  if (!request->weighs && !request->rates) return;
  const double reference = engine->history.reference;
  const secanti_metric metric = metric_of(engine, request->first, products->pairs, reference);
  if (request->weighs) products->metric = metric;
  if (!request->rates) return;
  products->candidate = metric;
  products->candidate.pairs = older_half(metric.pairs);
}

/* The mean over `pairs` pairs of log (s.s y.y / s.W^-1 s y.W y): how much better W y points along s than y does. */
static double score(const double *rating, int pairs)
{
  double sum = 0.0;
  for (int i = 0; i < pairs; i++, rating += SECANTI_SUMS_PER_RATING) {
    sum += log(rating[SECANTI_RATING_SS] / rating[SECANTI_RATING_SWS]);
    sum += log(rating[SECANTI_RATING_YY] / rating[SECANTI_RATING_YWY]);
  }
  return sum / pairs;
}

/* gamma follows the newest pair's y.W y, for W is another one now. */
static void replace_table(secanti_engine *engine, int first, const double *products)
{
  secanti_history *history = &engine->history;
  secanti_gram_replace_yy(&history->gram, first, products);
  if (history->fixed_gamma || !engine->settings.scale_initial) return;
  history->gamma = secanti_gram_scale(&history->gram);
}

/*
 * The pairs that a diagonal is made of are no judges of it: they would praise it also where y = A s with an A far from
 * diagonal. So that of the older half is rated on the newer half, and must do about as well there as on its own pairs.
 *
 * Along a curved valley the diagonal of one stretch misleads on the next. One that was withdrawn needs more to come back,
 * so that runs which gain nothing by it settle on W = I. Not wanted if a rating is NaN.
 */
static void judge(secanti_diagonal *diagonal, const double *rating, int pairs)
{
  const int older = older_half(pairs);
  const double own = score(rating, older), other = score(rating + SECANTI_SUMS_PER_RATING * older, pairs - older);
  const bool wanted = other > CLEAR_GAIN + DOUBT * (double)diagonal->withdrawals && other >= GENERAL * own;
  if (diagonal->wanted && !wanted) diagonal->withdrawals++;
  diagonal->wanted = wanted;
}

void secanti_request_keep(secanti_engine *engine, const secanti_request *request, const double *sums)
{
  secanti_diagonal *diagonal = &engine->here.diagonal;
  const int pairs = engine->history.pairs - request->first;
  if (request->all) {
    replace_table(engine, request->first, sums);
    sums += pairs * (pairs + 1) / 2;
  }
  if (request->rates) judge(diagonal, sums, pairs);
  diagonal->in_force = request->weighs;
  diagonal->pairs = request->weighs ? pairs : 0;
  diagonal->reference = request->weighs ? engine->history.reference : 0.0;
}

/* ---- back to W = I ---------------------------------------------------------------------------------------------------- */

void secanti_engine_leave_metric(secanti_engine *engine)
{
  secanti_diagonal *diagonal = &engine->here.diagonal;
  *diagonal = secanti_diagonal_without_products(diagonal);
  if (engine->settings.scale_initial) engine->history.gamma = engine->history.reference;
  if (engine->phase == SECANTI_BOUNDARY) engine->phase = SECANTI_IDLE;
}

void secanti_engine_forget_pairs(secanti_engine *engine)
{
  secanti_observation *here = &engine->here;
  secanti_history_clear(&engine->history);
  if (here->diagonal.in_force) {
    here->fixed[SECANTI_SUM_GWG] = here->fixed[SECANTI_SUM_GG];
    here->fixed[SECANTI_SUM_YWY] = here->fixed[SECANTI_SUM_YY];
  }
  here->diagonal = (secanti_diagonal){0};
}
