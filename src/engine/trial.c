/* Told an evaluation at x0 + t d: check the direction, let the line search judge, settle on a point. */
#include "base/base.h"
#include "engine/engine.h"
#include <math.h>

/* Whether the slope that the coefficients promised is not the one that was measured: d is not what it should be. */
static bool direction_disagrees(const secanti_engine *engine, const secanti_reading *reading)
{
  const double difference = fabs(reading->base_slope - engine->slope);
  return !(difference <= cbrt(engine->history_rounding) * fabs(engine->slope));
}

/* The evaluation limit cuts the iteration short: it does not count, its evaluations do, and a later call begins it
 * anew. */
static void take_back_iteration(secanti_engine *engine)
{
  secanti_counters *now = &engine->now;
  secanti_engine_restore_point(engine);
  now->n_iter = engine->boundary.n_iter;
  now->iterations = engine->boundary.iterations;
  engine->here.pending = false;
  secanti_engine_finish(engine, SECANTI_BOUNDARY, SECANT_REASON_MAX_EVAL);
}

bool secanti_engine_stops_here(secanti_engine *engine)
{
  const secant_reason reason = secanti_engine_requested_stop(engine);
  if (reason == SECANT_REASON_NONE) return false;
  secanti_engine_roll_back(engine);
  secanti_engine_finish(engine, SECANTI_BOUNDARY, reason);
  return true;
}

/*
 * Forms d again by the textbook loop, from where the iteration began, and asks for its first trial. That is one more
 * evaluation, so a stop or the limit comes first.
 */
static secant_status redo_direction(secanti_engine *engine)
{
  if (secanti_engine_stops_here(engine)) return SECANT_OK;
  if (secanti_engine_out_of_evaluations(engine)) {
    take_back_iteration(engine);
    return SECANT_OK;
  }
  secanti_engine_restore_point(engine);
  engine->textbook = true;
  engine->now.redone_directions++;
  const secant_status status = secanti_direction_two_loop(engine);
  if (status != SECANT_OK) return status;
  if (secanti_engine_direction_is_lost(engine)) return secanti_engine_forget_history(engine);
  const secant_reason reason = secanti_stop_before_move(&engine->settings.stop, engine->slope);
  if (reason == SECANT_REASON_NONE) {
    secanti_engine_move_along(engine);
  } else {
    secanti_engine_end_before_move(engine, -1, reason);
  }
  return SECANT_OK;
}

static void begin_search(secanti_engine *engine, const secanti_reading *reading)
{
  secanti_search_limits limits = engine->settings.search;
  const int64_t before = engine->now.evaluations - 1;
  limits.max_evaluations = engine->settings.max_eval_hard ? engine->settings.stop.max_eval - before : INT64_MAX;
  secanti_search_begin(&engine->search, engine->settings.rule, &limits, engine->here.loss, reading->base_slope,
                       reading->direction_inf, engine->search.trial);
  engine->promised = fabs(reading->base_slope) * engine->search.trial;
  engine->direction_inf = reading->direction_inf;
  engine->searching = true;
}

/*
 * Where the gradient of the best point is kept: in a slot that is free, so that memory of its own, which is not touched
 * before, is taken only by a search that needs it with a full history.
 */
static secanti_vector kept_gradient(const secanti_engine *engine)
{
  const secanti_vectors *vectors = engine->vectors;
  const int slot = secanti_history_free_slot(&engine->history);
  const bool fits = secanti_vectors_dtype(vectors, SECANTI_S) == secanti_vectors_dtype(vectors, SECANTI_G);
  return slot >= 0 && fits ? (secanti_vector){SECANTI_S, slot} : (secanti_vector){SECANTI_KEPT, 0};
}

/* The search is not done: another trial, unless somebody asked to stop. */
static void go_on_searching(secanti_engine *engine)
{
  if (secanti_engine_stops_here(engine)) return;
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  if (engine->search.keep) {
    secanti_vectors_copy(engine->vectors, (secanti_vector){SECANTI_G, 0}, kept_gradient(engine));
  }
  secanti_vectors_move_to(engine->vectors, engine->history.pending, engine->search.trial);
  secanti_timer_enter(&engine->timer, before);
}

/* Puts x and g to the point that the search settled on, which need not be the one evaluated last. */
static void move_to_best(secanti_engine *engine)
{
  const secanti_vector g = {SECANTI_G, 0};
  const double best = engine->search.best.step;
  if (best == 0.0) {
    secanti_engine_restore_point(engine);
  } else if (best != engine->told) {
    const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
    secanti_vectors_move_to(engine->vectors, engine->history.pending, best);
    secanti_vectors_copy(engine->vectors, kept_gradient(engine), g);
    secanti_timer_enter(&engine->timer, before);
  }
}

/* The search found nothing better than its start. If the evaluation limit cut it short, that says nothing. */
static secant_status stay(secanti_engine *engine)
{
  if (!secanti_engine_out_of_evaluations(engine)) return secanti_engine_search_failed(engine);
  take_back_iteration(engine);
  return SECANT_OK;
}

/* The accepted point is a boundary: what the observer sees, and may save, is what a checkpoint holds. */
static void show_point(secanti_engine *engine)
{
  engine->here.trials = engine->now.trials;
  engine->now.trials = 0;
  engine->boundary = engine->now;
  if (!engine->observer.accepted) return;
  engine->phase = SECANTI_BOUNDARY;
  if (engine->observer.accepted(engine->observer.user) != 0) engine->observer_stops = true;
  engine->phase = SECANTI_TRIAL;
}

/* The search has settled: learn all about its point, unless all about the one told last is known already. */
static secant_status settle(secanti_engine *engine, secanti_verdict verdict, bool all_known, secanti_reading *reading)
{
  const bool known = all_known && engine->search.best.step == engine->told;
  move_to_best(engine);
  if (verdict == SECANTI_SEARCH_GIVE_UP && engine->search.best.step == 0.0) return stay(engine);
  if (!known) {
    const secant_status status = secanti_observe_all(engine, 0.0, true, engine->search.best.step, reading);
    if (status != SECANT_OK) return status;
  }
  const double previous = engine->here.loss;
  reading->loss = engine->search.best.loss;
  secanti_observe_keep(engine, reading, true);
  engine->here.previous_loss = previous;
  engine->here.step = engine->search.best.step;
  engine->here.step_inf = fabs(engine->here.step) * engine->direction_inf;
  engine->here.direction_inf = engine->direction_inf;
  engine->here.search_failed = false;
  engine->now.accepted++;
  secanti_engine_watch_progress(engine);
  show_point(engine);
  return secanti_engine_leave_boundary(engine);
}

/*
 * An evaluation at x0 + t d. The first of a search brings all inner products, so that its acceptance costs no more,
 * unless it is certain to be refused.
 */
secant_status secanti_engine_tell_trial(secanti_engine *engine, double loss)
{
  if (engine->check.active) return secanti_engine_tell_check(engine, loss);
  secanti_reading reading;
  const bool first = !engine->searching, fixed = engine->settings.rule == secanti_search_none;
  const bool all = first && (fixed || !secanti_observe_knows_rise(engine, loss));
  secant_status status = all ? secanti_observe_all(engine, loss, true, engine->search.trial, &reading)
                             : secanti_observe_slope(engine, loss, first, &reading);
  if (status != SECANT_OK) return status;
  const double slope = isfinite(reading.grad_inf) ? reading.slope : NAN;
  if (first) {
    if (!engine->textbook && direction_disagrees(engine, &reading)) return redo_direction(engine);
    if (!isfinite(reading.loss) || !isfinite(slope)) {
      bool done = false;
      status = secanti_engine_bend(engine, &done);
      if (status != SECANT_OK || done) return status;
    }
    begin_search(engine, &reading);
  }
  engine->told = engine->search.trial;
  secanti_verdict verdict = secanti_search_tell(&engine->search, reading.loss, slope);
  const bool bottomless = isfinite(slope) && secanti_engine_is_bottomless(engine, engine->search.best.loss);
  if (bottomless) verdict = SECANTI_SEARCH_GIVE_UP; /* with its best point */
  if (verdict != SECANTI_SEARCH_TRY) return settle(engine, verdict, all, &reading);
  go_on_searching(engine);
  return SECANT_OK;
}
