/*
 * When a run gets no further: what follows a line search that found nothing better than its start, and how a run that
 * only seems to go on is told from one that does.
 */
#include "base/base.h"
#include "engine/engine.h"
#include <float.h>
#include <math.h>

/* A loss this far below 0, in units of the first one or of 1, has no minimum that anybody looks for. */
static const double LOWEST = 1e20;

/* A drop this large in one iteration, in the same units, is suspect. */
static const double STRAIGHT = 1e10;

/* A further gain of this part of all that a run has gained is none. */
static const double LITTLE = 1e-12;

/* Iterations without a lower loss or half the gradient that end a run: at least so many, and half of all before. */
enum { PATIENCE = 30 };

/* What x and f are known to within, of all that matters for differences. */
typedef struct precision {
  double noise;     /* error of a loss by rounding */
  double magnitude; /* |x|_inf */
} precision;

/* ---- going on without getting anywhere ---------------------------------------------------------------------------- */

void secanti_engine_begin_watch(secanti_engine *engine)
{
  secanti_observation *here = &engine->here;
  here->at_precision = false;
  here->gradient_wrong = false;
  here->stalled = 0;
  here->lowest_loss = here->loss;
  here->least_grad = here->grad_inf;
}

void secanti_engine_watch_progress(secanti_engine *engine)
{
  secanti_observation *here = &engine->here;
  const double last_digits = 4.0 * engine->rounding * fabs(here->lowest_loss);
  const bool lower = here->loss < here->lowest_loss - last_digits, flatter = here->grad_inf < 0.5 * here->least_grad;
  if (here->loss < here->lowest_loss) here->lowest_loss = here->loss;
  if (flatter) here->least_grad = here->grad_inf;
  here->stalled = lower || flatter ? 0 : here->stalled + 1;
}

bool secanti_engine_is_stalled(const secanti_engine *engine)
{
  const int64_t stalled = engine->here.stalled, before = engine->now.accepted - stalled;
  return engine->settings.safeguards && stalled >= PATIENCE && stalled >= before / 2;
}

/*
 * Whether the last iteration went down a straight line without an end: far, and nothing bent on the way. A search that
 * tests slopes stops there only if it may not go further.
 */
static bool fell_straight(const secanti_engine *engine, double unit)
{
  secanti_search_rule *const rule = engine->settings.rule;
  const secanti_observation *here = &engine->here;
  const double drop = here->previous_loss - here->loss;
  const bool tests_slopes = rule != secanti_search_none && rule != secanti_search_backtracking;
  return tests_slopes && drop >= STRAIGHT * unit && fabs(here->fixed[SECANTI_SUM_SY]) <= 0.1 * drop;
}

bool secanti_engine_is_bottomless(const secanti_engine *engine, double loss)
{
  return engine->settings.safeguards && loss < -LOWEST * fmax(1.0, fabs(engine->start_loss));
}

/* Whether a search failed so far down that the first loss is below the last digit: the fall has outrun the digits. */
static bool fell_out_of_digits(const secanti_engine *engine, double unit)
{
  return engine->here.search_failed && engine->here.loss < -unit / DBL_EPSILON;
}

bool secanti_engine_is_unbounded(const secanti_engine *engine)
{
  const double unit = fmax(1.0, fabs(engine->start_loss));
  if (secanti_engine_is_bottomless(engine, engine->here.loss)) return true;
  return engine->settings.safeguards && (fell_straight(engine, unit) || fell_out_of_digits(engine, unit));
}

/* ---- a failed search ------------------------------------------------------------------------------------------------ */

/*
 * The rounding error of the loss: that of its value, and what rounding each x_i does to it, at most eps |g| |x|.
 * Collective.
 */
static secant_status measure_precision(secanti_engine *engine, precision *p)
{
  const secanti_vector x = {SECANTI_X, 0};
  secanti_begin_sums(&engine->reduction, engine->vectors, 1, 1);
  secanti_engine_dot(engine, x, x, 0);
  *secanti_reduction_maxima(&engine->reduction) = secanti_vectors_inf(engine->vectors, x);
  const secant_status status = secanti_engine_reduce(engine, SECANT_OK);
  const double xx = secanti_reduction_sums(&engine->reduction)[0], gg = engine->here.fixed[SECANTI_SUM_GG];
  p->noise = engine->rounding * (fabs(engine->here.loss) + sqrt(gg) * sqrt(xx));
  p->magnitude = *secanti_reduction_maxima(&engine->reduction);
  return status;
}

/* Whether there is a history to forget, so that the gradient is another direction than the one that failed. */
static bool can_begin_again(const secanti_engine *engine)
{
  return engine->settings.safeguards && !engine->restarted && engine->history.pairs > 0;
}

/* Whether there is a slope to be tested, and an evaluation left for it. */
static bool can_check(const secanti_engine *engine)
{
  const bool within = engine->now.evaluations < engine->settings.stop.max_eval;
  return engine->settings.safeguards && within && engine->search.start.slope != 0.0 && engine->direction_inf > 0.0 &&
         isfinite(engine->direction_inf);
}

/* The observation changes here and not before: whoever goes back to the boundary in the middle of a test must find it as
 * it was. */
static secant_status end_search(secanti_engine *engine, bool gradient_wrong, bool at_precision)
{
  secanti_observation *here = &engine->here;
  here->pending = false;
  here->step = 0.0;
  here->step_inf = 0.0;
  here->direction_inf = engine->direction_inf;
  here->previous_loss = here->loss;
  here->gradient_wrong = gradient_wrong;
  here->at_precision = at_precision;
  here->search_failed = true;
  return secanti_engine_leave_boundary(engine);
}

static void move_to_step(secanti_engine *engine, double step)
{
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  engine->check.step = step;
  secanti_vectors_move_to(engine->vectors, engine->history.pending, step);
  secanti_timer_enter(&engine->timer, before);
}

/* What the largest entry of x is measured by: itself, but for small ones 1, or what the run began with if that is tiny. */
static double size_of_unknowns(const secanti_engine *engine, double magnitude)
{
  return fmax(magnitude, secanti_engine_began_tiny(engine) ? engine->here.start_inf : 1.0);
}

/*
 * The longest step moves an entry by a part of the size of x. That g.s is formed from the slope, not from the move as
 * it was rounded, is an error that the noise accounts for.
 */
static void begin_check(secanti_engine *engine, const precision *p)
{
  const double slope = engine->search.start.slope;
  engine->check = (secanti_check){.active = true};
  engine->check.taylor = (secanti_taylor){
      .loss = engine->here.loss, .told = slope, .typical = fabs(slope), .tolerance = 0.1, .noise = p->noise};
  move_to_step(engine, 0x1p-6 * size_of_unknowns(engine, p->magnitude) / engine->direction_inf);
}

secant_status secanti_engine_search_failed(secanti_engine *engine)
{
  if (can_begin_again(engine)) return secanti_engine_forget_history(engine);
  precision p;
  const secant_status status = measure_precision(engine, &p);
  if (status != SECANT_OK) return status;
  const bool at_precision = engine->promised > 0.0 && isfinite(p.noise) && engine->promised <= 100.0 * p.noise;
  if (at_precision || !can_check(engine)) return end_search(engine, false, at_precision);
  begin_check(engine, &p);
  return SECANT_OK;
}

/* Whether a slope promises next to nothing: slope^2 / (4 bend), which a parabola has to offer, is hidden by noise, or
 * nothing beside what the run has gained. */
static bool promises_little(const secanti_engine *engine, double slope)
{
  const secanti_taylor_result *result = &engine->check.result;
  const double gained = engine->start_loss - engine->here.loss;
  return slope * slope <= 4.0 * result->bend * fmax(100.0 * result->noise, LITTLE * gained);
}

/*
 * A gradient that differences of the loss contradict is wrong, unless it is small by both and owes its error to rounding
 * or to differences that it was made of. If noise hides the slope, or what it has to offer, the run is at its precision
 * limit. Else the search has failed for a reason of its own.
 */
static secant_status judge_gradient(secanti_engine *engine)
{
  const secanti_taylor_result *result = &engine->check.result;
  const double told = fabs(engine->search.start.slope), measured = fabs(engine->search.start.slope + result->error);
  const bool little = promises_little(engine, fmax(told, measured)), hidden = result->precision > 0.1 * told;
  const bool contradicted = result->verdict == SECANT_GRADIENT_FAILS;
  return end_search(engine, contradicted && !little, little || (hidden && !contradicted));
}

static secant_status end_check(secanti_engine *engine)
{
  engine->check.active = false;
  secanti_engine_restore_point(engine);
  return judge_gradient(engine);
}

/* Out of evaluations, nothing is told of the gradient. */
static secant_status give_up_check(secanti_engine *engine)
{
  engine->check.active = false;
  secanti_engine_restore_point(engine);
  return end_search(engine, false, false);
}

/* A sequence is through: a shorter one, steps to the other side before a gradient is called wrong, or an end. */
static secant_status leave_sequence(secanti_engine *engine)
{
  secanti_check *check = &engine->check;
  check->result = secanti_taylor_judge(&check->taylor);
  const double shorter = secanti_taylor_shorten(&check->taylor, &check->result);
  if (shorter > 0.0 && check->shorter) check->result.verdict = SECANT_GRADIENT_CANNOT_TELL;
  if (check->result.verdict != SECANT_GRADIENT_FAILS) return end_check(engine);
  if (!can_check(engine)) return give_up_check(engine);
  if (shorter > 0.0) {
    check->shorter = true;
    check->tried = 0;
    check->taylor.count = 0;
    move_to_step(engine, shorter);
    return SECANT_OK;
  }
  check->behind = 1;
  move_to_step(engine, -check->taylor.step[check->result.best]);
  return SECANT_OK;
}

static secant_status tell_behind(secanti_engine *engine, double remainder)
{
  secanti_check *check = &engine->check;
  if (check->behind == 2) {
    secanti_taylor_confirm(&check->taylor, check->before, remainder, &check->result);
    return end_check(engine);
  }
  if (!can_check(engine)) return give_up_check(engine);
  check->behind = 2;
  check->before = remainder;
  move_to_step(engine, 0.5 * check->step);
  return SECANT_OK;
}

secant_status secanti_engine_tell_check(secanti_engine *engine, double loss)
{
  secanti_check *check = &engine->check;
  secanti_reading reading;
  const secant_status status = secanti_observe_slope(engine, loss, false, &reading);
  if (status != SECANT_OK) return status;
  if (secanti_engine_stops_here(engine)) return SECANT_OK;
  const double linear = check->step * check->taylor.told;
  if (check->behind > 0) return tell_behind(engine, (reading.loss - check->taylor.loss) - linear);
  check->tried++;
  const bool more = secanti_taylor_add(&check->taylor, check->step, reading.loss, linear);
  if (!more || check->tried == SECANTI_TAYLOR_STEPS) return leave_sequence(engine);
  if (!can_check(engine)) return give_up_check(engine);
  move_to_step(engine, 0.5 * check->step);
  return SECANT_OK;
}
