/* What all ranks learn about a point: pass B, and the one reduction that makes it global. */
#include "base/base.h"
#include "engine/engine.h"
#include "vector/sums.h"
#include <math.h>
#include <string.h>

/* The request of this rank: its own flag, or its own clock. The reduction makes it common. */
static secanti_stop local_stop(secanti_engine *engine)
{
  if (engine->observer_stops || atomic_load(&engine->stop_requested)) return SECANTI_STOP_REQUESTED;
  if (engine->deadline > 0.0 && secanti_now() >= engine->deadline) return SECANTI_STOP_TIME;
  return atomic_load(&engine->checkpoint_requested) ? SECANTI_STOP_NOT_BUT_SAVE : SECANTI_STOP_NONE;
}

/* What all ranks agreed on. The wish for a checkpoint stays until a save, for a search in progress goes on first. */
static void take_request(secanti_engine *engine, secanti_stop request)
{
  const bool save = request == SECANTI_STOP_NOT_BUT_SAVE;
  engine->stop = save ? SECANTI_STOP_NONE : request;
  if (!save) return;
  engine->checkpoint_due = true;
  atomic_store(&engine->checkpoint_requested, 0);
}

void secanti_engine_dot(secanti_engine *engine, secanti_vector a, secanti_vector b, int index)
{
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_B);
  secanti_vectors_dot(engine->vectors, a, b, secanti_reduction_words(&engine->reduction, index));
  secanti_timer_enter(&engine->timer, before);
}

secant_status secanti_engine_reduce(secanti_engine *engine, secant_status local)
{
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_REDUCTION);
  engine->reduction.status = local;
  engine->reduction.stop = local_stop(engine);
  engine->now.allreduces++;
  const secant_status status = secanti_reduce(engine->comm, &engine->reduction);
  take_request(engine, engine->reduction.stop);
  secanti_timer_enter(&engine->timer, before);
  return status;
}

/*
 * The loss is sum 0: what the closure returned and what it added apart. A replicated loss counts once. A rank that
 * disagrees by a value that is not finite still spoils the sum.
 */
static void add_loss(secanti_engine *engine, double loss)
{
  const bool counts = engine->settings.loss == SECANT_LOSS_SHARE || engine->comm->rank == 0;
  const double terms = secanti_binned_value(engine->loss_terms);
  if (counts || !isfinite(loss)) secanti_reduction_add(&engine->reduction, 0, loss);
  if (!counts && isfinite(terms)) return;
  if (engine->reduction.binned) {
    secanti_binned_merge(engine->loss_terms, secanti_reduction_words(&engine->reduction, 0));
  } else {
    secanti_reduction_add(&engine->reduction, 0, terms);
  }
}

/* The first pair whose products pass B forms: a pending one that is accepted replaces the oldest of a full history. */
static int first_observed(const secanti_engine *engine, bool pending)
{
  const secanti_history *history = &engine->history;
  return pending && history->pairs > 0 && history->pairs == history->capacity ? 1 : 0;
}

/* Of how many it forms them: the textbook loop needs none. */
static int observed_pairs(const secanti_engine *engine, int first)
{
  return engine->settings.direction == SECANT_DIRECTION_GRAM ? engine->history.pairs - first : 0;
}

/* |g|_inf over all groups; NaN if any group's is. */
static double largest(const double *group_inf, size_t groups)
{
  double most = 0.0;
  for (size_t i = 0; i < groups; i++) most = secanti_max(most, group_inf[i]);
  return most;
}

/* |x|_inf of this rank, where the length of a first step depends on it. */
static double largest_unknown(const secanti_engine *engine)
{
  if (engine->settings.first_step != SECANT_FIRST_STEP_UNIT) return 0.0;
  return secanti_vectors_inf(engine->vectors, (secanti_vector){SECANTI_X, 0});
}

/* Pass B and its reduction, of what `request` says. The maxima: |g|_inf of every group, then |d|_inf, or without a pending
 * d |x|_inf. */
static secant_status observe(secanti_engine *engine, const secanti_request *request, double loss, bool pending,
                             double step, secanti_reading *reading)
{
  secanti_products products = {.pairs = observed_pairs(engine, request->first),
                               .order = engine->history.order + request->first,
                               .pending = pending ? engine->history.pending : -1,
                               .step = step};
  secanti_request_fill(engine, request, &products);
  secanti_begin_sums(&engine->reduction, engine->vectors, 1 + secanti_products_count(&products),
                     (int)engine->groups + 1);
  double *maximum = secanti_reduction_maxima(&engine->reduction);
  products.sums = secanti_reduction_words(&engine->reduction, 1);
  products.grad_inf = maximum;
  if (!engine->failed) {
    const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_B);
    secanti_pass_products(engine->vectors, &products);
    secanti_timer_enter(&engine->timer, before);
    add_loss(engine, loss);
    maximum[engine->groups] = pending ? engine->direction_inf : largest_unknown(engine);
  }
  const secant_status status = secanti_engine_reduce(engine, engine->failed ? SECANT_ERR_CLOSURE : SECANT_OK);
  if (status != SECANT_OK) return status;
  const double *sum = secanti_reduction_sums(&engine->reduction);
  *reading = (secanti_reading){.loss = sum[0],
                               .slope = sum[1 + SECANTI_SUM_GD],
                               .base_slope = sum[1 + SECANTI_SUM_G0D],
                               .grad_inf = largest(maximum, engine->groups),
                               .direction_inf = maximum[engine->groups]};
  return SECANT_OK;
}

secant_status secanti_observe_all(secanti_engine *engine, double loss, bool pending, double step,
                                  secanti_reading *reading)
{
  const secanti_request request = secanti_request_next(engine, first_observed(engine, pending));
  return observe(engine, &request, loss, pending, step, reading);
}

secant_status secanti_observe_slope(secanti_engine *engine, double loss, bool base, secanti_reading *reading)
{
  const secanti_vector d = {SECANTI_S, engine->history.pending}, g0 = {SECANTI_G0, engine->history.pending};
  secanti_begin_sums(&engine->reduction, engine->vectors, base ? 3 : 2, 1);
  double *maximum = secanti_reduction_maxima(&engine->reduction);
  if (!engine->failed) {
    add_loss(engine, loss);
    const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_B);
    secanti_pass_slope(engine->vectors, engine->history.pending, secanti_reduction_words(&engine->reduction, 1),
                       &maximum[0]);
    secanti_timer_enter(&engine->timer, before);
    if (base) secanti_engine_dot(engine, g0, d, 2);
  }
  const secant_status status = secanti_engine_reduce(engine, engine->failed ? SECANT_ERR_CLOSURE : SECANT_OK);
  if (status != SECANT_OK) return status;
  const double *sum = secanti_reduction_sums(&engine->reduction);
  *reading = (secanti_reading){.loss = sum[0],
                               .slope = sum[1],
                               .base_slope = base ? sum[2] : 0.0,
                               .grad_inf = maximum[0],
                               .direction_inf = engine->direction_inf};
  return SECANT_OK;
}

bool secanti_observe_knows_rise(const secanti_engine *engine, double loss)
{
  const double before = engine->here.loss, slack = engine->settings.search.loss_slack * fabs(before);
  if (engine->comm->size > 1 || engine->failed) return false;
  return !(loss + secanti_binned_value(engine->loss_terms) <= before + slack);
}

/* All products, as they came with the last reduction. */
static void keep_products(secanti_engine *engine, const secanti_request *request)
{
  const int first = request->first;
  secanti_observation *here = &engine->here;
  const double *fixed = secanti_reduction_sums(&engine->reduction) + 1, *pair = fixed + SECANTI_SUMS_FIXED;
  const int pairs = observed_pairs(engine, first);
  memcpy(here->fixed, fixed, sizeof here->fixed);
  here->oldest_unknown = first > 0 && engine->settings.direction == SECANT_DIRECTION_GRAM;
  if (here->oldest_unknown) here->sg[0] = here->yg[0] = here->sy[0] = here->yy[0] = 0.0;
  for (int i = first; i < first + pairs; i++, pair += SECANTI_SUMS_PER_PAIR) {
    here->sg[i] = pair[SECANTI_PAIR_SG];
    here->yg[i] = pair[SECANTI_PAIR_YG];
    here->sy[i] = pair[SECANTI_PAIR_SY];
    here->yy[i] = pair[SECANTI_PAIR_YY];
  }
  secanti_request_keep(engine, request, pair);
}

secant_status secanti_observe_oldest(secanti_engine *engine)
{
  secanti_reading reading;
  const secanti_request request = secanti_request_again(engine);
  const secant_status status = observe(engine, &request, 0.0, true, engine->here.step, &reading);
  engine->boundary.allreduces = engine->now.allreduces; /* whoever comes back here finds the work done */
  if (status == SECANT_OK) keep_products(engine, &request);
  return status;
}

void secanti_observe_keep(secanti_engine *engine, const secanti_reading *reading, bool pending)
{
  secanti_observation *here = &engine->here;
  const secanti_request request = secanti_request_next(engine, first_observed(engine, pending));
  memcpy(here->group_inf, secanti_reduction_maxima(&engine->reduction), engine->groups * sizeof *here->group_inf);
  keep_products(engine, &request);
  here->loss = reading->loss;
  here->grad_inf = reading->grad_inf;
  here->pending = pending;
}
