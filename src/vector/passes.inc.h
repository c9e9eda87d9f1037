/*
 * The kernels, written once over the element type SECANT_T and included by passes_f32.c and passes_f64.c, for each
 * processor family again with vectors of SECANT_WIDTH doubles.
 *
 * A sum over a tile is kept in 8 lanes, lane l for the elements l, l+8, l+16, ..., and the lanes are added as a fixed
 * tree. Together with a build that never contracts a*b+c this gives the same bits for any vector width. History
 * vectors are padded with zeros to whole groups of 8; the caller's arrays are not, so they are loaded into buffers that
 * are. Loops that write to history run over `length` only, because the padding must stay zero whatever is written: a
 * coefficient that is not finite would turn it into NaN.
 */
#include "vector/lanes.inc.h"

/* ---- products -------------------------------------------------------------------------------------------------------- */

/* What pairs are multiplied with, [padded] each: g and v, and with weights w g and w v. */
typedef struct SECANT_FN(factors) {
  const double *g, *v, *wg, *wv;
} SECANT_FN(factors);

/*
 * The four products s.g, y.wg, s.v, y.wv of a pair in one stream over it. Inlined, so that without weights, where wg
 * and wv are g and v, nothing is loaded or compared for them.
 */
static inline __attribute__((always_inline)) void SECANT_FN(four_products)(bool weighted, size_t n,
                                                                           const SECANT_T *restrict s,
                                                                           const SECANT_T *restrict y,
                                                                           const SECANT_FN(factors) * by, double *out)
{
  const double *restrict g = by->g, *restrict v = by->v, *restrict wg = by->wg, *restrict wv = by->wv;
  SECANT_FN(lanes) sg = {0}, yg = {0}, sv = {0}, yv = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) si = SECANT_FN(widen)(s + i), yi = SECANT_FN(widen)(y + i);
      const SECANT_FN(wide) gi = SECANT_FN(read)(g + i), vi = SECANT_FN(read)(v + i);
      sg.part[r] += si * gi;
      yg.part[r] += yi * (weighted ? SECANT_FN(read)(wg + i) : gi);
      sv.part[r] += si * vi;
      yv.part[r] += yi * (weighted ? SECANT_FN(read)(wv + i) : vi);
    }
  out[SECANTI_PAIR_SG] = SECANT_FN(lane_sum)(&sg);
  out[SECANTI_PAIR_YG] = SECANT_FN(lane_sum)(&yg);
  out[SECANTI_PAIR_SY] = SECANT_FN(lane_sum)(&sv);
  out[SECANTI_PAIR_YY] = SECANT_FN(lane_sum)(&yv);
}

/* Each in a function of its own: GCC makes slower code of both loops where it sees them side by side. */
static __attribute__((noinline)) void SECANT_FN(plain_products)(size_t n, const SECANT_T *s, const SECANT_T *y,
                                                                const SECANT_FN(factors) * by, double *out)
{
  SECANT_FN(four_products)(false, n, s, y, by, out);
}

static __attribute__((noinline)) void SECANT_FN(weighted_products)(size_t n, const SECANT_T *s, const SECANT_T *y,
                                                                   const SECANT_FN(factors) * by, double *out)
{
  SECANT_FN(four_products)(true, n, s, y, by, out);
}

static void SECANT_FN(pair_products)(const secanti_tile *tile, const SECANT_T *s, const SECANT_T *y,
                                     const SECANT_FN(factors) * by, double *out)
{
  if (tile->weights == NULL) {
    SECANT_FN(plain_products)(tile->padded, s, y, by, out);
  } else {
    SECANT_FN(weighted_products)(tile->padded, s, y, by, out);
  }
}

/* The products of the pending slot with itself and with the gradient that are not those of a pair. */
static void SECANT_FN(pending_products)(size_t n, const SECANT_T *restrict d, const SECANT_T *restrict g0,
                                        const SECANT_T *restrict s, const double *restrict g, double *row)
{
  SECANT_FN(lanes) gd = {0}, g0d = {0}, ss = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) di = SECANT_FN(widen)(d + i), si = SECANT_FN(widen)(s + i);
      gd.part[r] += di * SECANT_FN(read)(g + i);
      g0d.part[r] += di * SECANT_FN(widen)(g0 + i);
      ss.part[r] += si * si;
    }
  row[SECANTI_SUM_GD] = SECANT_FN(lane_sum)(&gd);
  row[SECANTI_SUM_G0D] = SECANT_FN(lane_sum)(&g0d);
  row[SECANTI_SUM_SS] = SECANT_FN(lane_sum)(&ss);
}

/* ---- formulas of one element ------------------------------------------------------------------------------------------ */

/* x = base + step d. */
static void SECANT_FN(advance)(size_t length, const SECANT_T *restrict base, const SECANT_T *restrict d, double step,
                               SECANT_T *restrict x)
{
  for (size_t j = 0; j < length; j++) x[j] = (SECANT_T)((double)base[j] + step * (double)d[j]);
}

/* An entry of s and of y, as a pair is stored. */
static inline SECANT_T SECANT_FN(scaled)(double step, SECANT_T d)
{
  return (SECANT_T)(step * (double)d);
}

static inline SECANT_T SECANT_FN(difference)(SECANT_T g, SECANT_T g0)
{
  return (SECANT_T)((double)g - (double)g0);
}

/* sum = sum + cs s + cy y, added in this order. */
static void SECANT_FN(accumulate)(size_t n, const SECANT_T *restrict s, const SECANT_T *restrict y, double cs,
                                  double cy, double *restrict sum)
{
  for (size_t j = 0; j < n; j++) sum[j] = (sum[j] + cs * (double)s[j]) + cy * (double)y[j];
}

/* sum = sum + cs s + cy w y, likewise. */
static void SECANT_FN(accumulate_weighted)(size_t n, const SECANT_T *restrict s, const SECANT_T *restrict y, double cs,
                                           double cy, const double *restrict w, double *restrict sum)
{
  for (size_t j = 0; j < n; j++) sum[j] = (sum[j] + cs * (double)s[j]) + cy * (w[j] * (double)y[j]);
}

/* out = w in, over the tile's weights. */
static void SECANT_FN(weigh)(const secanti_tile *tile, const double *restrict in, double *restrict out)
{
  const SECANT_T *restrict w = tile->weights;
  for (size_t j = 0; j < tile->length; j++) out[j] = (double)w[j] * in[j];
  for (size_t j = tile->length; j < tile->padded; j++) out[j] = 0.0;
}

/* ---- pass A ---------------------------------------------------------------------------------------------------------- */

/* (s, y)[slot] = (step s, g - y), in place. */
static void SECANT_FN(finish_slot)(const secanti_tile *tile, int slot, double step)
{
  SECANT_T *s = SECANT_FN(slot_s)(tile, slot), *y = SECANT_FN(slot_y)(tile, slot);
  const SECANT_T *g = tile->gradient;
  for (size_t j = 0; j < tile->length; j++) s[j] = SECANT_FN(scaled)(step, s[j]);
  for (size_t j = 0; j < tile->length; j++) y[j] = SECANT_FN(difference)(g[j], y[j]);
}

/* d = cg g + sum cs[i] s_i + sum cy[i] y_i, summed in double in the order of the pairs and rounded once. */
static void SECANT_FN(combine)(const secanti_tile *tile, const secanti_move *move, double *restrict sum,
                               SECANT_T *restrict d)
{
  SECANT_FN(load)(tile, tile->gradient, sum);
  for (size_t j = 0; j < tile->length; j++) sum[j] *= move->cg;
  for (int i = 0; i < move->pairs; i++) {
    const int slot = move->order[i];
    SECANT_FN(accumulate)
    (tile->padded, SECANT_FN(slot_s)(tile, slot), SECANT_FN(slot_y)(tile, slot), move->cs[i], move->cy[i], sum);
  }
  for (size_t j = 0; j < tile->length; j++) d[j] = (SECANT_T)sum[j];
}

/* The same with weights: d = w (cg g + sum cy[i] y_i) + sum cs[i] s_i. With w = 1 it has the same bits. */
static void SECANT_FN(combine_weighted)(const secanti_tile *tile, const secanti_move *move, double *restrict w,
                                        double *restrict sum, SECANT_T *restrict d)
{
  SECANT_FN(load)(tile, tile->gradient, sum);
  SECANT_FN(load)(tile, tile->weights, w);
  for (size_t j = 0; j < tile->length; j++) sum[j] = move->cg * (w[j] * sum[j]);
  for (int i = 0; i < move->pairs; i++) {
    const int slot = move->order[i];
    SECANT_FN(accumulate_weighted)
    (tile->padded, SECANT_FN(slot_s)(tile, slot), SECANT_FN(slot_y)(tile, slot), move->cs[i], move->cy[i], w, sum);
  }
  for (size_t j = 0; j < tile->length; j++) d[j] = (SECANT_T)sum[j];
}

/* maximum = max(maximum, |a|_inf), by way of a buffer. */
static void SECANT_FN(raise_maximum)(const secanti_tile *tile, const SECANT_T *a, secanti_worker *worker)
{
  double one, inf;
  SECANT_FN(load)(tile, a, worker->wide[0]);
  SECANT_FN(tile_norms)(tile->padded, worker->wide[0], &one, &inf);
  worker->maximum = secanti_max(worker->maximum, inf);
}

static void SECANT_FN(move)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  const secanti_move *move = task->move;
  const size_t bytes = tile->length * sizeof(SECANT_T);
  SECANT_T *d = SECANT_FN(slot_s)(tile, move->into);

  if (move->finish >= 0) SECANT_FN(finish_slot)(tile, move->finish, move->finish_step);
  if (tile->weights == NULL) {
    SECANT_FN(combine)(tile, move, worker->wide[0], d);
  } else {
    SECANT_FN(combine_weighted)(tile, move, worker->wide[1], worker->wide[0], d);
  }
  memcpy(SECANT_FN(slot_y)(tile, move->into), tile->gradient, bytes);
  memcpy(tile->block, tile->values, bytes);
  if (move->move) SECANT_FN(advance)(tile->length, tile->block, d, move->step, tile->values);
  SECANT_FN(raise_maximum)(tile, d, worker);
}

/* ---- pass B ---------------------------------------------------------------------------------------------------------- */

/* The pending pair as it would be stored, padded with zeros. */
static void SECANT_FN(form_pair)(const secanti_tile *tile, int pending, double step, SECANT_T *restrict s,
                                 SECANT_T *restrict y)
{
  const SECANT_T *d = SECANT_FN(slot_s)(tile, pending), *g0 = SECANT_FN(slot_y)(tile, pending), *g = tile->gradient;
  for (size_t j = 0; j < tile->length; j++) s[j] = SECANT_FN(scaled)(step, d[j]);
  for (size_t j = 0; j < tile->length; j++) y[j] = SECANT_FN(difference)(g[j], g0[j]);
  for (size_t j = tile->length; j < tile->padded; j++) s[j] = y[j] = 0;
}

/* Products of the pending slot with the gradient; leaves its y and w y in the buffers of v and w v. */
static void SECANT_FN(multiply_pending)(const secanti_tile *tile, const secanti_products *products,
                                        const SECANT_FN(factors) * by, secanti_worker *worker)
{
  const int slot = products->pending;
  SECANT_T *s = worker->narrow[0], *y = worker->narrow[1];
  double *row = worker->row, pair[SECANTI_SUMS_PER_PAIR];

  SECANT_FN(form_pair)(tile, slot, products->step, s, y);
  SECANT_FN(load)(tile, y, worker->wide[1]);
  SECANT_FN(pending_products)
  (tile->padded, SECANT_FN(slot_s)(tile, slot), SECANT_FN(slot_y)(tile, slot), s, worker->wide[0], row);
  if (tile->weights != NULL) SECANT_FN(weigh)(tile, worker->wide[1], worker->wide[3]);
  SECANT_FN(pair_products)(tile, s, y, by, pair);
  row[SECANTI_SUM_SG] = pair[SECANTI_PAIR_SG];
  row[SECANTI_SUM_YG] = pair[SECANTI_PAIR_YG];
  row[SECANTI_SUM_SY] = pair[SECANTI_PAIR_SY];
  row[SECANTI_SUM_YY] = row[SECANTI_SUM_YWY] = pair[SECANTI_PAIR_YY];
  if (tile->weights != NULL) row[SECANTI_SUM_YY] = SECANT_FN(tile_dot)(tile->padded, worker->wide[1], worker->wide[1]);
}

/* Without a pending slot its products are zero by definition, even where the gradient is not finite. */
static void SECANT_FN(omit_pending)(const secanti_products *products, double *row)
{
  for (int i = SECANTI_SUM_GD; i <= SECANTI_SUM_SS; i++) row[i] = 0.0;
  row[SECANTI_SUM_YWY] = 0.0;
  for (int i = 0; i < products->pairs; i++) {
    double *pair = row + secanti_product_sums(i);
    pair[SECANTI_PAIR_SY] = pair[SECANTI_PAIR_YY] = 0.0;
  }
}

/* Products of the gradient with itself; leaves it in worker->wide[0], and w g in wide[2]. */
static void SECANT_FN(multiply_gradient)(const secanti_tile *tile, secanti_worker *worker)
{
  double *g = worker->wide[0], *row = worker->row, *maximum = &worker->group_maxima[tile->group], inf;
  SECANT_FN(load)(tile, tile->gradient, g);
  row[SECANTI_SUM_GG] = row[SECANTI_SUM_GWG] = SECANT_FN(tile_dot)(tile->padded, g, g);
  SECANT_FN(tile_norms)(tile->padded, g, &row[SECANTI_SUM_G1], &inf);
  *maximum = secanti_max(*maximum, inf);
  if (tile->weights == NULL) return;
  SECANT_FN(weigh)(tile, g, worker->wide[2]);
  row[SECANTI_SUM_GWG] = SECANT_FN(tile_dot)(tile->padded, g, worker->wide[2]);
}

/* Without a pending slot g takes the place of its y: as good as any for products that are omitted, and at hand. */
static void SECANT_FN(products)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  const secanti_products *products = task->products;
  const bool pending = products->pending >= 0;
  double *const *wide = worker->wide;
  const SECANT_FN(factors) by = {wide[0], wide[pending ? 1 : 0], wide[2], wide[pending ? 3 : 2]};

  SECANT_FN(multiply_gradient)(tile, worker);
  if (pending) SECANT_FN(multiply_pending)(tile, products, &by, worker);
  for (int i = 0; i < products->pairs; i++) {
    const int slot = products->order[i];
    SECANT_FN(pair_products)
    (tile, SECANT_FN(slot_s)(tile, slot), SECANT_FN(slot_y)(tile, slot), &by, worker->row + secanti_product_sums(i));
  }
  if (!pending) SECANT_FN(omit_pending)(products, worker->row);
  secanti_sums_add(&worker->sums, worker->row, (size_t)task->sums);
}

/* s.v and y.wv of the pairs, v = y of slot from.slot: pass B's, with v in the place of g too. */
static void SECANT_FN(column)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  double pair[SECANTI_SUMS_PER_PAIR], *v = worker->wide[1], *wv = worker->wide[3];
  const SECANT_FN(factors) by = {v, v, wv, wv};
  SECANT_FN(load)(tile, SECANT_FN(slot_y)(tile, task->from.slot), v);
  if (tile->weights != NULL) SECANT_FN(weigh)(tile, v, wv);
  for (int i = 0; i < task->pairs; i++) {
    const int slot = task->order[i];
    SECANT_FN(pair_products)(tile, SECANT_FN(slot_s)(tile, slot), SECANT_FN(slot_y)(tile, slot), &by, pair);
    worker->row[2 * i] = pair[SECANTI_PAIR_SY];
    worker->row[2 * i + 1] = pair[SECANTI_PAIR_YY];
  }
  secanti_sums_add(&worker->sums, worker->row, (size_t)task->sums);
}

/* ---- single vectors -------------------------------------------------------------------------------------------------- */

static void SECANT_FN(clear)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  const secanti_vector end = {SECANTI_S, task->to.slot};
  memset(tile->block, 0, (size_t)((char *)SECANT_FN(part)(tile, end) - (char *)tile->block));
}

static void SECANT_FN(move_to)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  SECANT_FN(advance)(tile->length, tile->block, SECANT_FN(part)(tile, task->from), task->factor, tile->values);
}

static void SECANT_FN(finish_pair)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  SECANT_FN(finish_slot)(tile, task->from.slot, task->factor);
}

static void SECANT_FN(fill)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  SECANT_T *to = SECANT_FN(part)(tile, task->to);
  for (size_t j = 0; j < tile->length; j++) to[j] = (SECANT_T)task->factor;
}

static void SECANT_FN(copy)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  memmove(SECANT_FN(part)(tile, task->to), SECANT_FN(part)(tile, task->from), tile->length * sizeof(SECANT_T));
}

static void SECANT_FN(scale)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  SECANT_T *to = SECANT_FN(part)(tile, task->to);
  for (size_t j = 0; j < tile->length; j++) to[j] = (SECANT_T)(task->factor * (double)to[j]);
}

static void SECANT_FN(multiply)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  const SECANT_T *from = SECANT_FN(part)(tile, task->from);
  SECANT_T *to = SECANT_FN(part)(tile, task->to);
  for (size_t j = 0; j < tile->length; j++) to[j] = (SECANT_T)((double)from[j] * (double)to[j]);
}

static void SECANT_FN(add)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  (void)worker;
  const SECANT_T *from = SECANT_FN(part)(tile, task->from);
  SECANT_T *to = SECANT_FN(part)(tile, task->to);
  for (size_t j = 0; j < tile->length; j++) to[j] = (SECANT_T)((double)to[j] + task->factor * (double)from[j]);
}

static void SECANT_FN(dot)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  SECANT_FN(load)(tile, SECANT_FN(part)(tile, task->from), worker->wide[0]);
  SECANT_FN(load)(tile, SECANT_FN(part)(tile, task->to), worker->wide[1]);
  worker->row[0] = SECANT_FN(tile_dot)(tile->padded, worker->wide[0], worker->wide[1]);
  secanti_sums_add(&worker->sums, worker->row, 1);
}

static void SECANT_FN(inf)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  SECANT_FN(raise_maximum)(tile, SECANT_FN(part)(tile, task->from), worker);
}

static void SECANT_FN(slope)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  SECANT_FN(dot)(tile, task, worker);
  SECANT_FN(raise_maximum)(tile, tile->gradient, worker);
}

const secanti_passes SECANT_FN(secanti_passes) = {
    .element = sizeof(SECANT_T),
    .clear = SECANT_FN(clear),
    .move = SECANT_FN(move),
    .products = SECANT_FN(products),
    .column = SECANT_FN(column),
    .slope = SECANT_FN(slope),
    .move_to = SECANT_FN(move_to),
    .finish_pair = SECANT_FN(finish_pair),
    .fill = SECANT_FN(fill),
    .copy = SECANT_FN(copy),
    .scale = SECANT_FN(scale),
    .multiply = SECANT_FN(multiply),
    .add = SECANT_FN(add),
    .dot = SECANT_FN(dot),
    .inf = SECANT_FN(inf),
};
