/* One iteration, from a boundary to the first trial point: new pair, direction, move. */
#include "base/base.h"
#include "engine/engine.h"
#include <math.h>
#include <string.h>

/* The pending pair as it is judged; its own products join the columns of the others. */
static secanti_candidate candidate(secanti_observation *here, int k)
{
  here->sy[k] = here->fixed[SECANTI_SUM_SY];
  here->yy[k] = here->fixed[SECANTI_SUM_YWY];
  here->sg[k] = here->fixed[SECANTI_SUM_SG];
  here->yg[k] = here->fixed[SECANTI_SUM_YG];
  return (secanti_candidate){.sy = here->sy[k],
                             .yy = here->fixed[SECANTI_SUM_YY],
                             .ss = here->fixed[SECANTI_SUM_SS],
                             .yhy = here->yy[k],
                             .column_sy = here->sy,
                             .column_yy = here->yy};
}

/*
 * Lets the pending (d, g0) become the newest pair if it passes the curvature test, and completes the inner products
 * with its own. `slot` gets the slot whose vectors are still to be finished, or -1.
 */
static secant_status absorb_pair(secanti_engine *engine, int *slot)
{
  secanti_observation *here = &engine->here;
  secanti_history *history = &engine->history;
  *slot = -1;
  if (!here->pending) return SECANT_OK;
  const int k = history->pairs, pending = history->pending;
  const bool accepted = !secanti_engine_pair_is_refused(engine);
  if (here->oldest_unknown && (!accepted || k < history->capacity)) {
    const secant_status status = secanti_observe_oldest(engine);
    if (status != SECANT_OK) return status;
  }
  const secanti_candidate pair = candidate(here, k);
  here->pending = false;
  here->oldest_unknown = false;
  if (!accepted) {
    history->skipped++;
    return SECANT_OK;
  }
  const bool applied = secanti_initial_is_applied(&engine->initial), scaled = engine->settings.scale_initial;
  engine->restarted = false;
  engine->initial.unscaled = applied && scaled;
  history->fixed_gamma = applied || !scaled;
  if (secanti_history_append(history, &pair)) {
    memmove(here->sg, here->sg + 1, (size_t)k * sizeof *here->sg);
    memmove(here->yg, here->yg + 1, (size_t)k * sizeof *here->yg);
  }
  *slot = history->capacity > 0 || engine->initial.unscaled ? pending : -1;
  return SECANT_OK;
}

bool secanti_engine_pair_is_refused(const secanti_engine *engine)
{
  const secanti_observation *here = &engine->here;
  const secanti_candidate pair = {
      .sy = here->fixed[SECANTI_SUM_SY], .yy = here->fixed[SECANTI_SUM_YY], .ss = here->fixed[SECANTI_SUM_SS]};
  return !secanti_history_accepts(&pair, engine->settings.curvature_test, engine->settings.tolerance_curvature);
}

/* Pass A: finishes slot `finish`, forms d from the coefficients, and moves along it unless told to stay. */
static void form_and_move(secanti_engine *engine, int finish, bool move)
{
  const secanti_history *history = &engine->history;
  const secanti_move pass = {.finish = finish,
                             .finish_step = engine->here.step,
                             .pairs = history->pairs,
                             .order = history->order,
                             .cg = -history->gamma,
                             .cs = engine->cs,
                             .cy = engine->cy,
                             .into = history->pending,
                             .step = engine->search.trial,
                             .move = move,
                             .metric = secanti_engine_metric(engine)};
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  engine->direction_inf = secanti_pass_move(engine->vectors, &pass);
  secanti_timer_enter(&engine->timer, before);
}

/* Where d and g0 are in the pending slot already, what remains is the move. */
void secanti_engine_move_along(secanti_engine *engine)
{
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  secanti_vectors_copy(engine->vectors, (secanti_vector){SECANTI_X, 0}, (secanti_vector){SECANTI_BASE, 0});
  secanti_vectors_move_to(engine->vectors, engine->history.pending, engine->search.trial);
  secanti_timer_enter(&engine->timer, before);
}

/* Whether nothing is known yet of the scale of H: the option first_step applies. */
static bool scale_is_unknown(const secanti_engine *engine)
{
  if (engine->settings.first_step == SECANT_FIRST_STEP_UNIT && engine->history.pairs == 0) return true;
  return engine->now.n_iter == 1 || engine->restarted;
}

/*
 * The length of a move that nothing is known of: where pairs are refused, that of the last one says more than a guess;
 * else 1, unless the unknowns are so large that it would change nothing, or so small that they would be lost in it.
 */
static double natural_length(const secanti_engine *engine)
{
  const double last = sqrt(engine->here.fixed[SECANTI_SUM_SS]), size = engine->here.start_inf;
  if (engine->now.n_iter > 1 && !engine->restarted && last > 0.0 && isfinite(last)) return last;
  return secanti_engine_began_tiny(engine) || size > 1e6 ? 0.1 * size : 1.0;
}

/*
 * The first trial step: lr, but where the scale of H is unknown, as option first_step says: min(1, 1/|g|_1) lr (source:
 * torch.optim.LBFGS), or for a move as long as it is natural, times lr, whatever f is multiplied by.
 */
static double first_trial(const secanti_engine *engine)
{
  const double *fixed = engine->here.fixed;
  secanti_search_rule *const rule = engine->settings.rule;
  const bool bounded = rule == secanti_search_nocedal_wright || rule == secanti_search_more_thuente ||
                       rule == secanti_search_hager_zhang;
  const double lr = bounded ? fmin(engine->settings.lr, engine->settings.search.max_step) : engine->settings.lr;
  if (engine->settings.first_step == SECANT_FIRST_STEP_LR || !scale_is_unknown(engine)) return lr;
  if (engine->settings.first_step == SECANT_FIRST_STEP_SCALED) return fmin(1.0, 1.0 / fixed[SECANTI_SUM_G1]) * lr;
  const double trial = natural_length(engine) * lr / (engine->history.gamma * sqrt(fixed[SECANTI_SUM_GG]));
  return trial > 0.0 && isfinite(trial) ? trial : lr;
}

static void finish_pair(secanti_engine *engine, int slot)
{
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  secanti_vectors_finish_pair(engine->vectors, slot, engine->here.step);
  secanti_timer_enter(&engine->timer, before);
}

/*
 * The direction of this iteration: slope, and d itself unless it comes from coefficients, which leave it to the move.
 * `slot` is the pair still to be finished, -1 if that has been done.
 */
static secant_status form_direction(secanti_engine *engine, int *slot)
{
  const bool applied = secanti_initial_is_applied(&engine->initial);
  engine->textbook = engine->settings.direction == SECANT_DIRECTION_TWO_LOOP;
  if (!engine->textbook && !applied) {
    if (secanti_direction_gram(engine)) return SECANT_OK;
    engine->textbook = true;
    engine->now.redone_directions++;
  }
  if (*slot >= 0) finish_pair(engine, *slot);
  *slot = -1;
  if (!engine->textbook) {
    bool descends = false;
    const secant_status status = secanti_direction_applied(engine, &descends);
    if (status != SECANT_OK || descends) return status;
    engine->textbook = true;
    engine->now.redone_directions++;
  }
  return secanti_direction_two_loop(engine);
}

/* Whether the direction lies in the pending slot already, and not in coefficients only. */
static bool direction_is_formed(const secanti_engine *engine)
{
  return engine->textbook || secanti_initial_is_applied(&engine->initial);
}

bool secanti_engine_direction_is_lost(const secanti_engine *engine)
{
  const bool learnt = engine->history.pairs > 0 || engine->history.gamma != engine->history.initial_gamma;
  const bool uphill = engine->settings.safeguards && engine->slope >= 0.0;
  return engine->textbook && learnt && (uphill || !isfinite(engine->slope));
}

/* A boundary of its own: whoever goes back to it or loads it must not find the history again, nor its cost missing. */
secant_status secanti_engine_forget_history(secanti_engine *engine)
{
  secanti_engine_forget_pairs(engine);
  engine->restarted = true;
  engine->now.n_iter = engine->boundary.n_iter;
  engine->now.iterations = engine->boundary.iterations;
  engine->boundary = engine->now;
  if (engine->now.evaluations < engine->settings.stop.max_eval) return secanti_engine_iterate(engine);
  secanti_engine_finish(engine, SECANTI_BOUNDARY, SECANT_REASON_MAX_EVAL);
  return SECANT_OK;
}

/* d is kept for the record, as torch keeps it. */
void secanti_engine_end_before_move(secanti_engine *engine, int slot, secant_reason reason)
{
  if (!direction_is_formed(engine)) form_and_move(engine, slot, false);
  engine->here.step = engine->search.trial;
  engine->here.step_inf = 0.0;
  engine->here.direction_inf = 0.0;
  engine->here.previous_loss = engine->here.loss;
  secanti_engine_finish(engine, SECANTI_BOUNDARY, reason);
}

/* Whether torch would not evaluate at the new point: a fixed step, the last of the call. */
static bool is_last_move(const secanti_engine *engine)
{
  return engine->settings.rule == secanti_search_none && !engine->evaluate_last &&
         engine->now.iterations >= engine->settings.stop.max_iter;
}

/* The next call's first evaluation will complete the pair of this move. */
static void end_after_move(secanti_engine *engine)
{
  engine->here.previous_loss = engine->here.loss;
  engine->here.step = engine->search.trial;
  engine->here.pending = true;
  engine->unevaluated = true;
  secanti_engine_finish(engine, SECANTI_IDLE, SECANT_REASON_MAX_ITER);
}

secant_status secanti_engine_iterate(secanti_engine *engine)
{
  engine->now.iterations++;
  engine->now.n_iter++;
  engine->searching = false;
  engine->bent = false;
  if (engine->now.n_iter == 1) {
    secanti_engine_forget_pairs(engine);
    engine->here.pending = false;
  }
  int slot = -1;
  secant_status status = absorb_pair(engine, &slot);
  if (status == SECANT_OK) status = form_direction(engine, &slot);
  engine->search.trial = first_trial(engine);
  if (status != SECANT_OK) {
    engine->now = engine->boundary;
    engine->phase = SECANTI_IDLE;
    return status;
  }
  if (secanti_engine_direction_is_lost(engine)) return secanti_engine_forget_history(engine);
  const secant_reason reason = secanti_stop_before_move(&engine->settings.stop, engine->slope);
  if (reason != SECANT_REASON_NONE) {
    secanti_engine_end_before_move(engine, slot, reason);
    return SECANT_OK;
  }
  if (direction_is_formed(engine)) {
    secanti_engine_move_along(engine);
  } else {
    form_and_move(engine, slot, true);
  }
  engine->phase = SECANTI_TRIAL;
  if (is_last_move(engine)) end_after_move(engine);
  return SECANT_OK;
}
