/*
 * The kernels, written once over the types of a parameter's elements, SECANT_T, and of the history's, SECANT_H, and
 * included for each pair of types and each processor family with vectors of SECANT_WIDTH doubles (families.inc.h).
 *
 * A sum over a tile is kept in 8 lanes, lane l for the elements l, l+8, l+16, ..., and the lanes are added as a fixed
 * tree. Together with a build that never contracts a*b+c this gives the same bits for any vector width. History
 * vectors are padded with zeros to whole groups of 8; the caller's arrays are not, so that the last tile of each is
 * copied into a buffer that is.
 */
#include "vector/lanes.inc.h"
#include "vector/metric.inc.h"
#include "vector/pass_further.inc.h"
#include "vector/pass_move.inc.h"
#include "vector/pass_products.inc.h"

/* ---- single vectors ---------------------------------------------------------------------------------------------- */

static bool SECANT_FN(in_history)(secanti_vector vector)
{
  return vector.kind == SECANTI_S || vector.kind == SECANTI_Y;
}

/* out [padded] = a vector [length] as doubles, then zeros. */
static void SECANT_FN(load)(const secanti_tile *tile, secanti_vector vector, double *restrict out)
{
  if (SECANT_FN(in_history)(vector)) {
    const SECANT_H *restrict in = SECANT_FN(part)(tile, vector);
    for (size_t j = 0; j < tile->length; j++) out[j] = (double)in[j];
  } else {
    const SECANT_T *restrict in = SECANT_FN(part)(tile, vector);
    for (size_t j = 0; j < tile->length; j++) out[j] = (double)in[j];
  }
  for (size_t j = tile->length; j < tile->padded; j++) out[j] = 0.0;
}

/* A vector = in [length], rounded once. */
static void SECANT_FN(store)(const secanti_tile *tile, secanti_vector vector, const double *restrict in)
{
  if (SECANT_FN(in_history)(vector)) {
    SECANT_H *restrict out = SECANT_FN(part)(tile, vector);
    for (size_t j = 0; j < tile->length; j++) out[j] = (SECANT_H)in[j];
  } else {
    SECANT_T *restrict out = SECANT_FN(part)(tile, vector);
    for (size_t j = 0; j < tile->length; j++) out[j] = (SECANT_T)in[j];
  }
}

static void SECANT_FN(clear)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  memset(tile->block, 0, (size_t)((char *)SECANT_FN(slot_s)(tile, task->to.slot) - (char *)tile->block));
}

static void SECANT_FN(move_to)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  SECANT_FN(advance)(tile->length, tile->block, SECANT_FN(slot_s)(tile, task->from.slot), task->factor, tile->values);
}

static void SECANT_FN(finish_pair)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  SECANT_FN(finish_slot)(tile, task->from.slot, task->factor, false);
}

static void SECANT_FN(weigh_alike)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)task, (void)worker;
  SECANT_T *weights = tile->weights;
  for (size_t j = 0; j < tile->padded; j++) weights[j] = 1;
}

static void SECANT_FN(copy)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  if (!SECANT_NARROW) {
    memmove(SECANT_FN(part)(tile, task->to), SECANT_FN(part)(tile, task->from), tile->length * sizeof(SECANT_T));
    return;
  }
  SECANT_FN(load)(tile, task->from, worker->wide[0]);
  SECANT_FN(store)(tile, task->to, worker->wide[0]);
}

static void SECANT_FN(scale)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  double *to = worker->wide[0];
  SECANT_FN(load)(tile, task->to, to);
  for (size_t j = 0; j < tile->length; j++) to[j] *= task->factor;
  SECANT_FN(store)(tile, task->to, to);
}

static void SECANT_FN(weigh_vector)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  double *to = worker->wide[0], *w = worker->wide[1];
  SECANT_FN(load)(tile, task->to, to);
  SECANT_FN(form_metric)(tile, task->metric, w, worker->wide[2]);
  for (size_t j = 0; j < tile->length; j++) to[j] *= w[j];
  SECANT_FN(store)(tile, task->to, to);
}

static void SECANT_FN(multiply)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  double *restrict from = worker->wide[0], *restrict to = worker->wide[1];
  SECANT_FN(load)(tile, task->from, from);
  SECANT_FN(load)(tile, task->to, to);
  for (size_t j = 0; j < tile->length; j++) to[j] = from[j] * to[j];
  SECANT_FN(store)(tile, task->to, to);
}

static void SECANT_FN(add)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  double *restrict from = worker->wide[0], *restrict to = worker->wide[1];
  SECANT_FN(load)(tile, task->from, from);
  SECANT_FN(load)(tile, task->to, to);
  for (size_t j = 0; j < tile->length; j++) to[j] = to[j] + task->factor * from[j];
  SECANT_FN(store)(tile, task->to, to);
}

static void SECANT_FN(dot)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  SECANT_FN(load)(tile, task->from, worker->wide[0]);
  SECANT_FN(load)(tile, task->to, worker->wide[1]);
  worker->row[0] = SECANT_FN(tile_dot)(tile->padded, worker->wide[0], worker->wide[1]);
  secanti_sums_add(&worker->sums, worker->row, 1);
}

static void SECANT_FN(inf)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  SECANT_FN(load)(tile, task->from, worker->wide[0]);
  worker->maximum = secanti_max(worker->maximum, SECANT_FN(tile_inf)(tile->padded, worker->wide[0]));
}

/* Asked for with to = g, which dot() leaves in a buffer. */
static void SECANT_FN(slope)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  SECANT_FN(dot)(tile, task, worker);
  worker->maximum = secanti_max(worker->maximum, SECANT_FN(tile_inf)(tile->padded, worker->wide[1]));
}

/* What does not cross zero keeps its bits, and the sum is of d before it is rounded. */
static void SECANT_FN(bend)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  const secanti_bend *bend = task->bend;
  const secanti_vector direction = {SECANTI_S, bend->pending};
  double *d = worker->wide[0], *base = worker->wide[1], *g0 = worker->wide[2], crossings = 0.0;
  SECANT_FN(load)(tile, direction, d);
  SECANT_FN(load)(tile, (secanti_vector){SECANTI_BASE, 0}, base);
  SECANT_FN(load)(tile, (secanti_vector){SECANTI_G0, bend->pending}, g0);
  for (size_t j = 0; j < tile->length; j++) {
    const double end = base[j] + bend->step * d[j];
    if (!((base[j] > 0.0 && end <= 0.0) || (base[j] < 0.0 && end >= 0.0))) continue;
    d[j] = -bend->part * base[j] / bend->step;
    crossings++;
  }
  if (bend->stores) SECANT_FN(store)(tile, direction, d);
  worker->row[0] = SECANT_FN(tile_dot)(tile->padded, g0, d);
  worker->row[1] = crossings;
  secanti_sums_add(&worker->sums, worker->row, 2);
  worker->maximum = secanti_max(worker->maximum, SECANT_FN(tile_inf)(tile->padded, d));
}

const secanti_passes SECANT_FN(secanti_passes) = {
    .element = sizeof(SECANT_T),
    .history_element = sizeof(SECANT_H),
    .clear = SECANT_FN(clear),
    .move = SECANT_FN(move),
    .products = SECANT_FN(products),
    .column = SECANT_FN(column),
    .slope = SECANT_FN(slope),
    .move_to = SECANT_FN(move_to),
    .finish_pair = SECANT_FN(finish_pair),
    .bend = SECANT_FN(bend),
    .weigh_alike = SECANT_FN(weigh_alike),
    .copy = SECANT_FN(copy),
    .scale = SECANT_FN(scale),
    .weigh = SECANT_FN(weigh_vector),
    .multiply = SECANT_FN(multiply),
    .add = SECANT_FN(add),
    .dot = SECANT_FN(dot),
    .inf = SECANT_FN(inf),
};
