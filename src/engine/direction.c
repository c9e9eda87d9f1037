/* The search direction d = -H g, by two routes that agree to rounding. */
#include "base/base.h"
#include "engine/engine.h"

/*
 * Coefficients of d = -gamma g + sum cs_i s_i + sum cy_i y_i and of g.d, from inner products alone.
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
  engine->slope = secanti_gram_slope(history->pairs, gamma, here->fixed[SECANTI_SUM_GG], here->sg, here->yg,
                                     engine->alpha, engine->beta, &scale);
  return engine->slope < -64.0 * engine->rounding * scale; /* else rounding may have turned its sign; false if NaN */
}

/* One inner product over all ranks: a reduction of its own, as the textbook has it. Collective. */
static secant_status global_dot(secanti_engine *engine, secanti_vector a, secanti_vector b, double *dot)
{
  secanti_reduction_begin(&engine->reduction, 1, 0);
  secanti_reduction_sums(&engine->reduction)[0] = secanti_vectors_dot(engine->vectors, a, b);
  const secant_status status = secanti_engine_reduce(engine, SECANT_OK);
  *dot = secanti_reduction_sums(&engine->reduction)[0];
  return status;
}

/*
 * q = -g;  newest to oldest: alpha_i = s_i.q / s_i.y_i, q -= alpha_i y_i;  r = gamma q;
 * oldest to newest: beta_i = y_i.r / s_i.y_i, r += (alpha_i - beta_i) s_i;  d = r.
 * Source: Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4. q, r and d share the pending slot's s.
 */
secant_status secanti_direction_two_loop(secanti_engine *engine)
{
  secant_status status = SECANT_OK;
  secanti_vectors *v = engine->vectors;
  const secanti_history *history = &engine->history;
  const secanti_vector g = {SECANTI_G, 0};
  const secanti_vector d = {SECANTI_S, history->pending};
  double dot;

  secanti_vectors_copy(v, g, (secanti_vector){SECANTI_Y, history->pending});
  secanti_vectors_copy(v, g, d);
  secanti_vectors_scale(v, -1.0, d);
  for (int i = history->pairs - 1; i >= 0; i--) {
    const secanti_vector s = {SECANTI_S, history->order[i]}, y = {SECANTI_Y, history->order[i]};
    SECANT_TRY(global_dot(engine, s, d, &dot));
    engine->alpha[i] = dot / secanti_gram_sy(&history->gram, i, i);
    secanti_vectors_add(v, -engine->alpha[i], y, d);
  }
  secanti_vectors_scale(v, history->gamma, d);
  for (int i = 0; i < history->pairs; i++) {
    const secanti_vector s = {SECANTI_S, history->order[i]}, y = {SECANTI_Y, history->order[i]};
    SECANT_TRY(global_dot(engine, y, d, &dot));
    engine->beta[i] = dot / secanti_gram_sy(&history->gram, i, i);
    secanti_vectors_add(v, engine->alpha[i] - engine->beta[i], s, d);
  }
  SECANT_TRY(global_dot(engine, g, d, &engine->slope));
  engine->direction_inf = secanti_vectors_inf(v, d);
done:
  return status;
}
