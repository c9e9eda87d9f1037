/*
 * The search direction d = -H g: from inner products, from inner products about one multiplication by H0, or by the
 * textbook loop. All three agree to rounding.
 */
#include "base/base.h"
#include "engine/engine.h"
#include <math.h>

/*
 * Coefficients of d = W (-gamma g + sum cy_i y_i) + sum cs_i s_i and of g.d, from inner products alone; H0 = gamma W, where W
 * is I, or a diagonal by the caller or by the pairs.
 * Source: Chen, Wang and Zhou 2014, Large-scale L-BFGS using MapReduce; see numerics/gram.c.
 */
bool secanti_direction_gram(secanti_engine *engine)
{
  const secanti_observation *here = &engine->here;
  const secanti_history *history = &engine->history;
  const double gamma = history->gamma;
  double scale;
  secanti_gram_direction(&history->gram, gamma, here->sg, here->yg, engine->alpha, engine->beta);
  for (int i = 0; i < history->pairs; i++) {
    engine->cs[i] = -(engine->alpha[i] - engine->beta[i]);
    engine->cy[i] = gamma * engine->alpha[i];
  }
  engine->slope = secanti_gram_slope(history->pairs, gamma, here->fixed[SECANTI_SUM_GWG], here->sg, here->yg,
                                     engine->alpha, engine->beta, &scale);
  return engine->slope <
         -64.0 * engine->history_rounding * scale; /* else rounding may have turned its sign; false if NaN */
}

/* Whether gamma is still to learn from the newest pair, because that takes a multiplication by H0. */
static bool scale_is_due(const secanti_engine *engine)
{
  const secanti_history *history = &engine->history;
  return engine->initial.unscaled && (history->pairs > 0 || history->capacity == 0);
}

/*
 * This rank's part of y.H0 y for the newest pair, as sum `index` of the message, by way of the pending slot's s.
 * Without slots the newest pair lies in the pending slot, and is gone once d takes its place: then there is no second
 * attempt.
 */
static secant_status multiply_newest(secanti_engine *engine, int index)
{
  const secanti_history *history = &engine->history;
  const int slot = history->pairs > 0 ? history->order[history->pairs - 1] : history->pending;
  const secanti_vector y = {SECANTI_Y, slot}, product = {SECANTI_S, history->pending};
  engine->initial.unscaled = history->pairs > 0;
  const secant_status status = secanti_initial_apply(&engine->initial, &engine->scratch, engine->vectors, y, product);
  secanti_engine_dot(engine, y, product, index);
  return status;
}

static void learn_scale(secanti_engine *engine, double yhy)
{
  secanti_history *history = &engine->history;
  const int newest = history->pairs - 1;
  const double sy = newest >= 0 ? secanti_gram_sy(&history->gram, newest, newest) : engine->here.fixed[SECANTI_SUM_SY];
  history->gamma = sy / yhy;
  engine->initial.unscaled = false;
}

/* -q = -g + sum alpha_i y_i, rounded once, into the pending slot. */
static void form_q(secanti_engine *engine)
{
  const secanti_history *history = &engine->history;
  for (int i = 0; i < history->pairs; i++) {
    engine->cs[i] = 0.0;
    engine->cy[i] = engine->alpha[i];
  }
  const secanti_move pass = {.finish = -1,
                             .pairs = history->pairs,
                             .order = history->order,
                             .cg = -1.0,
                             .cs = engine->cs,
                             .cy = engine->cy,
                             .into = history->pending};
  secanti_pass_move(engine->vectors, &pass);
}

/*
 * The second half: beta, the slope, and d = gamma p - sum (alpha_i - beta_i) s_i with p = -H0 q in the pending slot.
 * yp, gp are inner products with p. Returns whether the slope is negative beyond doubt.
 */
static bool finish_direction(secanti_engine *engine, const double *yp, double gp)
{
  secanti_vectors *v = engine->vectors;
  const secanti_history *history = &engine->history;
  const secanti_vector d = {SECANTI_S, history->pending};
  double *yr = engine->cy, scale;
  for (int i = 0; i < history->pairs; i++) yr[i] = -history->gamma * yp[i];
  secanti_gram_second_loop(&history->gram, yr, engine->alpha, engine->beta);
  engine->slope = history->gamma * gp;
  scale = fabs(engine->slope);
  secanti_vectors_scale(v, history->gamma, d);
  for (int i = 0; i < history->pairs; i++) {
    engine->cs[i] = -(engine->alpha[i] - engine->beta[i]);
    engine->slope += engine->cs[i] * engine->here.sg[i];
    scale += fabs(engine->cs[i] * engine->here.sg[i]);
    secanti_vectors_add(v, engine->cs[i], (secanti_vector){SECANTI_S, history->order[i]}, d);
  }
  engine->direction_inf = secanti_vectors_inf(v, d);
  return engine->slope < -64.0 * engine->history_rounding * scale;
}

secant_status secanti_direction_applied(secanti_engine *engine, bool *descends)
{
  secant_status status = SECANT_OK, newest = SECANT_OK;
  secanti_vectors *v = engine->vectors;
  const secanti_history *history = &engine->history;
  const int k = history->pairs;
  const secanti_vector g = {SECANTI_G, 0}, p = {SECANTI_S, history->pending};
  const bool learns = scale_is_due(engine);
  const double *sum;
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);

  secanti_begin_sums(&engine->reduction, engine->vectors, k + 2, 0);
  if (learns) newest = multiply_newest(engine, k + 1);
  secanti_gram_first_loop(&history->gram, engine->here.sg, engine->alpha);
  form_q(engine);
  /* Also after a failure: it may be collective. */
  status = secanti_initial_apply(&engine->initial, &engine->scratch, v, p, p);
  for (int i = 0; i < k; i++) secanti_engine_dot(engine, (secanti_vector){SECANTI_Y, history->order[i]}, p, i);
  secanti_engine_dot(engine, g, p, k);
  SECANT_TRY(secanti_engine_reduce(engine, newest == SECANT_OK ? status : newest));
  sum = secanti_reduction_sums(&engine->reduction);
  if (learns) learn_scale(engine, sum[k + 1]);
  *descends = finish_direction(engine, sum, sum[k]);
done:
  secanti_timer_enter(&engine->timer, before);
  return status;
}

/* gamma from the newest pair, in a reduction of its own. Collective. */
static secant_status find_scale(secanti_engine *engine)
{
  secanti_begin_sums(&engine->reduction, engine->vectors, 1, 0);
  const secant_status local = multiply_newest(engine, 0);
  const secant_status status = secanti_engine_reduce(engine, local);
  if (status != SECANT_OK) return status;
  engine->boundary.allreduces = engine->now.allreduces; /* whoever comes back to the boundary finds the scale known */
  learn_scale(engine, *secanti_reduction_sums(&engine->reduction));
  return SECANT_OK;
}

/* vector = gamma H0 vector. */
static secant_status multiply_by_initial(secanti_engine *engine, secanti_vector vector)
{
  secant_status status = SECANT_OK;
  if (secanti_initial_is_applied(&engine->initial)) {
    status = secanti_initial_apply(&engine->initial, &engine->scratch, engine->vectors, vector, vector);
  }
  secanti_vectors_scale(engine->vectors, engine->history.gamma, vector);
  if (engine->here.diagonal.in_force) {
    const secanti_metric metric = secanti_engine_metric(engine);
    secanti_vectors_weigh(engine->vectors, &metric, vector);
  } else if (secanti_vectors_weighted(engine->vectors)) {
    secanti_vectors_multiply(engine->vectors, (secanti_vector){SECANTI_WEIGHT, 0}, vector);
  }
  return status;
}

/*
 * One inner product over all ranks, and the status of this one: a reduction of its own, as the textbook has it.
 * Collective.
 */
static secant_status global_dot(secanti_engine *engine, secant_status local, secanti_vector a, secanti_vector b,
                                double *dot)
{
  secanti_begin_sums(&engine->reduction, engine->vectors, 1, 0);
  secanti_engine_dot(engine, a, b, 0);
  const secant_status status = secanti_engine_reduce(engine, local);
  *dot = secanti_reduction_sums(&engine->reduction)[0];
  return status;
}

/*
 * q = -g;  newest to oldest: alpha_i = s_i.q / s_i.y_i, q -= alpha_i y_i;  r = gamma H0 q;
 * oldest to newest: beta_i = y_i.r / s_i.y_i, r += (alpha_i - beta_i) s_i;  d = r.
 * Source: Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4. q, r and d share the pending slot's s.
 */
secant_status secanti_direction_two_loop(secanti_engine *engine)
{
  secant_status status = SECANT_OK, local;
  secanti_vectors *v = engine->vectors;
  const secanti_history *history = &engine->history;
  const secanti_vector g = {SECANTI_G, 0};
  const secanti_vector d = {SECANTI_S, history->pending};
  const secanti_activity before = secanti_timer_enter(&engine->timer, SECANTI_ACTIVITY_PASS_A);
  double dot;

  if (scale_is_due(engine)) SECANT_TRY(find_scale(engine));
  secanti_vectors_copy(v, g, (secanti_vector){SECANTI_G0, history->pending});
  secanti_vectors_copy(v, g, d);
  secanti_vectors_scale(v, -1.0, d);
  for (int i = history->pairs - 1; i >= 0; i--) {
    const secanti_vector s = {SECANTI_S, history->order[i]}, y = {SECANTI_Y, history->order[i]};
    SECANT_TRY(global_dot(engine, SECANT_OK, s, d, &dot));
    engine->alpha[i] = dot / secanti_gram_sy(&history->gram, i, i);
    secanti_vectors_add(v, -engine->alpha[i], y, d);
  }
  local = multiply_by_initial(engine, d);
  for (int i = 0; i < history->pairs; i++) {
    const secanti_vector s = {SECANTI_S, history->order[i]}, y = {SECANTI_Y, history->order[i]};
    SECANT_TRY(global_dot(engine, local, y, d, &dot));
    engine->beta[i] = dot / secanti_gram_sy(&history->gram, i, i);
    secanti_vectors_add(v, engine->alpha[i] - engine->beta[i], s, d);
  }
  SECANT_TRY(global_dot(engine, local, g, d, &engine->slope));
  engine->direction_inf = secanti_vectors_inf(v, d);
done:
  secanti_timer_enter(&engine->timer, before);
  return status;
}
