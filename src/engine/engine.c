#include "engine/engine.h"
#include "base/base.h"
#include <float.h>
#include <math.h>
#include <string.h>

/* ---- creation ------------------------------------------------------------------------------------------------- */

static double roundoff(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
}

void secanti_engine_create(secanti_engine *engine, secant_comm *comm, secanti_storage *storage, secant_dtype dtype)
{
  const secant_dtype slots = secanti_vectors_dtype(storage->vectors, SECANTI_S);
  *engine = (secanti_engine){.comm = comm, .rounding = roundoff(dtype), .history_rounding = roundoff(slots)};
  atomic_init(&engine->stop_requested, 0);
  atomic_init(&engine->checkpoint_requested, 0);
  secanti_engine_exchange(engine, storage);
  secanti_engine_reset(engine);
}

void secanti_engine_destroy(secanti_engine *engine)
{
  secanti_storage own = {0};
  secanti_engine_exchange(engine, &own);
  secanti_storage_destroy(&own);
  secanti_initial_destroy(&engine->initial);
  memset(engine, 0, sizeof *engine);
}

void secanti_engine_reset(secanti_engine *engine)
{
  if (engine->phase == SECANTI_TRIAL) secanti_engine_restore_point(engine);
  secanti_engine_forget_pairs(engine);
  engine->history.skipped = 0;
  engine->phase = SECANTI_IDLE;
  engine->reason = SECANT_REASON_NONE;
  engine->now = (secanti_counters){0};
  engine->boundary = engine->now;
  engine->restarted = false;
  engine->unevaluated = false;
  engine->initial.unscaled = false;
  engine->here.pending = false;
  engine->here.oldest_unknown = false;
  engine->here.search_failed = false;
  engine->here.at_precision = false;
  engine->here.gradient_wrong = false;
  engine->here.stalled = 0;
  engine->here.start_inf = 0.0;
  engine->check.active = false;
  engine->here.step = 0.0;
  engine->here.step_inf = 0.0;
  engine->here.direction_inf = 0.0;
  engine->here.trials = 0;
  engine->added = 0;
  memset(engine->here.fixed, 0, sizeof engine->here.fixed);
  atomic_store(&engine->stop_requested, 0);
  atomic_store(&engine->checkpoint_requested, 0);
  engine->checkpoint_due = false;
  engine->timer = (secanti_timer){0};
  engine->here.loss = NAN;
  engine->here.previous_loss = NAN;
  engine->here.grad_inf = NAN;
  engine->here.lowest_loss = NAN;
  engine->here.least_grad = NAN;
}

/* ---- ends of a call --------------------------------------------------------------------------------------------- */

/* A request that all ranks know of is met by whatever ends the call: the next one must not stop at once. */
void secanti_engine_finish(secanti_engine *engine, secanti_phase phase, secant_reason reason)
{
  engine->phase = phase;
  engine->reason = reason;
  if (engine->stop == SECANTI_STOP_REQUESTED) atomic_store(&engine->stop_requested, 0);
  engine->stop = SECANTI_STOP_NONE;
  if (phase == SECANTI_BOUNDARY) engine->boundary = engine->now;
}

secant_reason secanti_engine_requested_stop(const secanti_engine *engine)
{
  switch (engine->stop) {
  case SECANTI_STOP_TIME: return SECANT_REASON_MAX_TIME;
  case SECANTI_STOP_REQUESTED: return SECANT_REASON_STOP_REQUESTED;
  case SECANTI_STOP_NONE:
  case SECANTI_STOP_NOT_BUT_SAVE: break;
  }
  return SECANT_REASON_NONE;
}

void secanti_engine_restore_point(secanti_engine *engine)
{
  const secanti_vector g0 = {SECANTI_G0, engine->history.pending};
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  secanti_vectors_copy(engine->vectors, (secanti_vector){SECANTI_BASE, 0}, (secanti_vector){SECANTI_X, 0});
  secanti_vectors_copy(engine->vectors, g0, (secanti_vector){SECANTI_G, 0});
  secanti_timer_enter(&engine->timer, before);
}

void secanti_engine_roll_back(secanti_engine *engine)
{
  secanti_engine_restore_point(engine);
  engine->now = engine->boundary;
  engine->check.active = false;
  engine->here.pending = false; /* absorbed when the iteration began, and not to be absorbed again */
}

/* ---- boundaries --------------------------------------------------------------------------------------------------- */

bool secanti_engine_out_of_evaluations(const secanti_engine *engine)
{
  return engine->settings.max_eval_hard && engine->now.evaluations >= engine->settings.stop.max_eval;
}

secant_status secanti_engine_leave_boundary(secanti_engine *engine)
{
  const secanti_observation *here = &engine->here;
  const secanti_stop_limits *limits = &engine->settings.stop;
  const bool gradient_reached =
      secanti_stop_gradient(engine->groups, here->group_inf, engine->group_tolerance, limits->strict);
  engine->boundary = engine->now;
  secant_reason reason;
  if (engine->now.iterations == 0) {
    reason = secanti_stop_at_entry(here->loss, here->grad_inf, gradient_reached);
    if (reason == SECANT_REASON_NONE && limits->max_iter == 0) reason = SECANT_REASON_MAX_ITER;
    if (reason == SECANT_REASON_NONE && secanti_engine_out_of_evaluations(engine)) reason = SECANT_REASON_MAX_EVAL;
  } else {
    const secanti_progress progress = {.iterations = engine->now.iterations,
                                       .evaluations = engine->now.evaluations,
                                       .loss = here->loss,
                                       .previous_loss = here->previous_loss,
                                       .gradient_reached = gradient_reached,
                                       .step_inf = here->step_inf,
                                       .direction_inf = here->direction_inf,
                                       .unbounded = secanti_engine_is_unbounded(engine),
                                       .stalled = secanti_engine_is_stalled(engine),
                                       .search_failed = here->search_failed,
                                       .gradient_wrong = here->gradient_wrong,
                                       .at_precision = here->at_precision};
    reason = secanti_stop_after_iteration(limits, &progress);
  }
  if (reason == SECANT_REASON_NONE) reason = secanti_engine_requested_stop(engine);
  if (reason == SECANT_REASON_NONE) return secanti_engine_iterate(engine);
  secanti_engine_finish(engine, reason == SECANT_REASON_NOT_FINITE ? SECANTI_IDLE : SECANTI_BOUNDARY, reason);
  return SECANT_OK;
}

/* Whether a call that ended at a boundary goes on when it is started again. */
static bool goes_on(const secanti_engine *engine, secanti_start how)
{
  if (engine->phase != SECANTI_BOUNDARY) return false;
  switch (engine->reason) {
  case SECANT_REASON_STOP_REQUESTED:
  case SECANT_REASON_MAX_TIME: return true;
  case SECANT_REASON_NONE: /* a loaded boundary */
  case SECANT_REASON_MAX_ITER:
  case SECANT_REASON_MAX_EVAL: return how == SECANTI_START_RUN;
  default: return false;
  }
}

secant_status secanti_engine_start(secanti_engine *engine, secanti_start how)
{
  if (engine->phase == SECANTI_TRIAL) { /* whoever was asked never told: its trial point is no place to begin */
    secanti_engine_roll_back(engine);
    engine->phase = SECANTI_BOUNDARY;
  }
  const bool on = goes_on(engine, how);
  const double limit = engine->settings.max_time;
  engine->deadline = limit > 0.0 ? secanti_now() + limit : 0.0;
  engine->stop = SECANTI_STOP_NONE;
  engine->observer_stops = false;
  engine->reason = SECANT_REASON_NONE;
  engine->evaluate_last = how == SECANTI_START_RUN;
  if (on) return secanti_engine_leave_boundary(engine);
  engine->now.iterations = 0;
  engine->now.evaluations = 0;
  engine->now.accepted = 0;
  engine->phase = SECANTI_ENTRY;
  return SECANT_OK;
}

/* ---- told an evaluation ----------------------------------------------------------------------------------------- */

/* The move that ended the call before led to where the objective cannot be had: back to the last accepted point. */
static void take_back_move(secanti_engine *engine)
{
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  secanti_vectors_copy(engine->vectors, (secanti_vector){SECANTI_BASE, 0}, (secanti_vector){SECANTI_X, 0});
  secanti_timer_enter(&engine->timer, before);
  engine->unevaluated = false;
  engine->here.pending = false;
  engine->here.step = 0.0;
  engine->here.step_inf = 0.0;
  engine->here.direction_inf = 0.0;
}

/* The evaluation at the start of a call. It completes the pair of the last step of the call before. */
static secant_status tell_entry(secanti_engine *engine, double loss)
{
  secanti_reading reading;
  const secant_status status = secanti_observe_all(engine, loss, engine->here.pending, engine->here.step, &reading);
  if (status != SECANT_OK) {
    if (engine->unevaluated) take_back_move(engine);
    engine->phase = SECANTI_IDLE;
    return status;
  }
  engine->start_loss = reading.loss;
  if (!engine->here.pending) engine->here.start_inf = isfinite(reading.direction_inf) ? reading.direction_inf : 0.0;
  if (engine->unevaluated && !(isfinite(reading.loss) && isfinite(reading.grad_inf))) {
    take_back_move(engine);
    secanti_engine_finish(engine, SECANTI_IDLE, SECANT_REASON_LINE_SEARCH);
    return SECANT_OK;
  }
  engine->unevaluated = false;
  if (isfinite(reading.grad_inf)) engine->added = 0;
  secanti_observe_keep(engine, &reading, engine->here.pending);
  engine->here.search_failed = false;
  secanti_engine_begin_watch(engine);
  return secanti_engine_leave_boundary(engine);
}

secant_status secanti_engine_tell(secanti_engine *engine, double loss, bool failed)
{
  engine->failed = failed;
  engine->now.func_evals++;
  engine->now.evaluations++;
  if (engine->phase == SECANTI_ENTRY) return tell_entry(engine, loss);
  engine->now.trials++;
  const secant_status status = secanti_engine_tell_trial(engine, loss);
  if (status != SECANT_OK && engine->phase == SECANTI_TRIAL) {
    const int64_t evaluations = engine->now.func_evals;
    secanti_engine_roll_back(engine);
    engine->now.func_evals = evaluations;
    engine->phase = SECANTI_IDLE;
  }
  return status;
}
