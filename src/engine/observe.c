/* What all ranks learn about a point: pass B, and the one reduction that makes it global. */
#include "base/base.h"
#include "engine/engine.h"
#include <math.h>
#include <string.h>

/* The request of this rank: its own flag, or its own clock. The reduction makes it common. */
static secanti_stop local_stop(secanti_engine *engine)
{
  if (atomic_load(&engine->stop_requested)) return SECANTI_STOP_REQUESTED;
  return engine->deadline > 0.0 && secanti_now() >= engine->deadline ? SECANTI_STOP_TIME : SECANTI_STOP_NONE;
}

secant_status secanti_engine_reduce(secanti_engine *engine, secant_status local)
{
  engine->reduction.status = local;
  engine->reduction.stop = local_stop(engine);
  engine->now.allreduces++;
  const secant_status status = secanti_reduce(engine->comm, &engine->reduction);
  engine->stop = engine->reduction.stop;
  return status;
}

/* A replicated loss counts once. A rank that disagrees by a value that is not finite still spoils the sum. */
static double loss_share(const secanti_engine *engine, double loss)
{
  const bool counts = engine->settings.loss == SECANT_LOSS_SHARE || engine->comm->rank == 0;
  return counts || !isfinite(loss) ? loss : 0.0;
}

/* The pairs whose products pass B forms: the textbook loop needs none. */
static int observed_pairs(const secanti_engine *engine)
{
  return engine->settings.direction == SECANT_DIRECTION_GRAM ? engine->history.pairs : 0;
}

/* |g|_inf over all groups; NaN if any group's is. */
static double largest(const double *group_inf, size_t groups)
{
  double most = 0.0;
  for (size_t i = 0; i < groups; i++) {
    if (isnan(group_inf[i])) return NAN;
    if (group_inf[i] > most) most = group_inf[i];
  }
  return most;
}

/* The maxima: |g|_inf of every group, then |d|_inf. */
secant_status secanti_observe_all(secanti_engine *engine, double loss, bool pending, double step,
                                  secanti_reading *reading)
{
  const int sums = secanti_product_sums(observed_pairs(engine));
  secanti_reduction_begin(&engine->reduction, 1 + sums, (int)engine->groups + 1);
  double *sum = secanti_reduction_sums(&engine->reduction);
  double *maximum = secanti_reduction_maxima(&engine->reduction);
  if (!engine->failed) {
    secanti_products products = {.pairs = observed_pairs(engine),
                                 .order = engine->history.order,
                                 .pending = pending ? engine->history.pending : -1,
                                 .step = step,
                                 .sums = sum + 1,
                                 .grad_inf = maximum};
    secanti_pass_products(engine->vectors, &products);
    sum[0] = loss_share(engine, loss);
    maximum[engine->groups] = engine->direction_inf;
  }
  const secant_status status = secanti_engine_reduce(engine, engine->failed ? SECANT_ERR_CLOSURE : SECANT_OK);
  if (status != SECANT_OK) return status;
  *reading = (secanti_reading){.loss = sum[0],
                               .slope = sum[1 + SECANTI_SUM_GD],
                               .base_slope = sum[1 + SECANTI_SUM_G0D],
                               .grad_inf = largest(maximum, engine->groups),
                               .direction_inf = maximum[engine->groups]};
  return SECANT_OK;
}

secant_status secanti_observe_slope(secanti_engine *engine, double loss, secanti_reading *reading)
{
  secanti_reduction_begin(&engine->reduction, 2, 1);
  double *sum = secanti_reduction_sums(&engine->reduction);
  double *maximum = secanti_reduction_maxima(&engine->reduction);
  if (!engine->failed) {
    sum[0] = loss_share(engine, loss);
    secanti_pass_slope(engine->vectors, engine->history.pending, &sum[1], &maximum[0]);
  }
  const secant_status status = secanti_engine_reduce(engine, engine->failed ? SECANT_ERR_CLOSURE : SECANT_OK);
  if (status != SECANT_OK) return status;
  *reading = (secanti_reading){.loss = sum[0], .slope = sum[1], .grad_inf = maximum[0]};
  return SECANT_OK;
}

void secanti_observe_keep(secanti_engine *engine, const secanti_reading *reading, bool pending)
{
  secanti_observation *here = &engine->here;
  const double *sum = secanti_reduction_sums(&engine->reduction) + 1;
  const double *pair = sum + SECANTI_SUMS_FIXED;
  memcpy(here->fixed, sum, sizeof here->fixed);
  memcpy(here->group_inf, secanti_reduction_maxima(&engine->reduction), engine->groups * sizeof *here->group_inf);
  for (int i = 0; i < observed_pairs(engine); i++, pair += SECANTI_SUMS_PER_PAIR) {
    here->sg[i] = pair[SECANTI_PAIR_SG];
    here->yg[i] = pair[SECANTI_PAIR_YG];
    here->sy[i] = pair[SECANTI_PAIR_SY];
    here->yy[i] = pair[SECANTI_PAIR_YY];
  }
  here->loss = reading->loss;
  here->grad_inf = reading->grad_inf;
  here->pending = pending;
}
