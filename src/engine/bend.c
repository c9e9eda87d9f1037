/*
 * Steps into a region where the function is undefined. Most such regions begin where an unknown changes its sign: behind
 * logarithms, roots, entropies. Contraction alone brings the step back as a whole, for the sake of a few unknowns; bent,
 * only these are held back, each to a part of its own way to zero, as interior-point methods do (Nocedal and Wright
 * 2006, section 19.2, fraction to the boundary), and the others keep their full step.
 */
#include "base/base.h"
#include "engine/engine.h"
#include <math.h>

/* Of the way to zero; from 0.5 to 0.9 all is much the same. */
static const double PART = 0.8;

static bool may_bend(const secanti_engine *engine)
{
  return engine->settings.safeguards && !engine->bent && engine->search.trial > 0.0 &&
         !secanti_engine_out_of_evaluations(engine);
}

static double bend(secanti_engine *engine, bool stores, double *sums)
{
  const secanti_bend how = {
      .pending = engine->history.pending, .step = engine->search.trial, .part = PART, .stores = stores};
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  const double inf = secanti_pass_bend(engine->vectors, &how, sums);
  secanti_timer_enter(&engine->timer, before);
  return inf;
}

secant_status secanti_engine_bend(secanti_engine *engine, bool *done)
{
  if (!may_bend(engine)) return SECANT_OK;
  secanti_reduction *reduction = &engine->reduction;
  engine->bent = true;
  secanti_begin_sums(reduction, engine->vectors, 2, 0);
  bend(engine, false, secanti_reduction_words(reduction, 0));
  const secant_status status = secanti_engine_reduce(engine, SECANT_OK);
  if (status != SECANT_OK) return status;
  const double slope = secanti_reduction_sums(reduction)[0], crossings = secanti_reduction_sums(reduction)[1];
  *done = secanti_engine_stops_here(engine);
  if (*done || !(crossings > 0.0 && slope < 0.0 && isfinite(slope))) return SECANT_OK;
  engine->direction_inf = bend(engine, true, secanti_reduction_words(reduction, 0));
  engine->slope = slope;
  secanti_vectors_move_to(engine->vectors, engine->history.pending, engine->search.trial);
  *done = true;
  return SECANT_OK;
}
