/*
 * Pass A over one tile: finish the newest pair, form d, move.
 *
 * Loops that write whole lanes write into buffers or to memory that ends with whole lanes. What lies in a history
 * vector behind the tile's length must stay zero whatever is written: a coefficient that is not finite would turn it
 * into NaN.
 */

/* x = base + step d. */
static void SECANT_FN(advance)(size_t length, const SECANT_T *restrict base, const SECANT_H *restrict d, double step,
                               SECANT_T *restrict x)
{
  for (size_t j = 0; j < length; j++) x[j] = (SECANT_T)((double)base[j] + step * (double)d[j]);
}

/* (s, y)[slot] = (step s, g - g0), in place. */
static void SECANT_FN(finish_slot)(const secanti_tile *tile, int slot, double step, bool y_is_formed)
{
  SECANT_H *s = SECANT_FN(slot_s)(tile, slot), *y = SECANT_FN(slot_y)(tile, slot);
  const SECANT_T *g = tile->gradient, *g0 = SECANT_FN(old_gradient)(tile, slot);
  if (step != 1.0)
    for (size_t j = 0; j < tile->length; j++) s[j] = (SECANT_H)(step * (double)s[j]);
  if (!y_is_formed)
    for (size_t j = 0; j < tile->length; j++) y[j] = (SECANT_H)((double)g[j] - (double)g0[j]);
}

/* What a pair adds to d: cs s + cy y. */
typedef struct SECANT_FN(term) {
  const SECANT_H *s, *y;
  double cs, cy;
} SECANT_FN(term);

static SECANT_FN(term) SECANT_FN(term_of)(const secanti_tile *tile, const secanti_move *move, int i)
{
  const int slot = move->order[i];
  return (SECANT_FN(term)){SECANT_FN(slot_s)(tile, slot), SECANT_FN(slot_y)(tile, slot), move->cs[i], move->cy[i]};
}

/* sum = sum + cs s + cy y, added in this order. */
static void SECANT_FN(accumulate)(size_t n, const SECANT_FN(term) * term, const SECANT_FN(ahead) * ahead,
                                  double *restrict sum)
{
  const SECANT_FN(term) a = *term;
  const SECANT_FN(ahead) next = *ahead;
  for (size_t j = 0; j < n; j += SECANTI_LANES) {
    SECANT_FN(fetch)(&next, j);
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) si = SECANT_FN(read_h)(a.s + i), yi = SECANT_FN(read_h)(a.y + i);
      SECANT_FN(write)(sum + i, (SECANT_FN(read)(sum + i) + a.cs * si) + a.cy * yi);
    }
  }
}

/* sum = sum + cs s + cy w y, likewise. */
static void SECANT_FN(accumulate_weighted)(size_t n, const SECANT_FN(term) * term, const SECANT_FN(ahead) * ahead,
                                           const double *restrict w, double *restrict sum)
{
  const SECANT_FN(term) a = *term;
  const SECANT_FN(ahead) next = *ahead;
  for (size_t j = 0; j < n; j += SECANTI_LANES) {
    SECANT_FN(fetch)(&next, j);
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) si = SECANT_FN(read_h)(a.s + i), yi = SECANT_FN(read_h)(a.y + i);
      SECANT_FN(write)(sum + i, (SECANT_FN(read)(sum + i) + a.cs * si) + a.cy * (SECANT_FN(read)(w + i) * yi));
    }
  }
}

/* sum = cg g, or with weights cg w g, over n elements, whole lanes. */
static void SECANT_FN(begin_direction)(size_t n, double cg, const SECANT_T *restrict g, const double *restrict w,
                                       double *restrict sum)
{
  if (w == NULL) {
    for (size_t j = 0; j < n; j++) sum[j] = cg * (double)g[j];
  } else {
    for (size_t j = 0; j < n; j++) sum[j] = cg * (w[j] * (double)g[j]);
  }
}

/* What pass A wants from memory after pair i of a tile: the next pair; x and the next tile's gradient; its pairs. */
static SECANT_FN(ahead) SECANT_FN(ahead_of_move)(const secanti_tile *tile, const secanti_move *move, int i)
{
  if (i + 1 < move->pairs) return SECANT_FN(ahead_of_pair)(tile, move->order[i + 1]);
  if (i + 1 > move->pairs && move->pairs > 0) return SECANT_FN(ahead_of_pair)(tile + 1, move->order[0]);
  return (SECANT_FN(ahead)){tile->values, tile[1].gradient, sizeof(SECANT_T), sizeof(SECANT_T)};
}

/*
 * sum = cg g + sum cs[i] s_i + sum cy[i] y_i, in double, in the order of the pairs. With weights w (cg g + sum cy[i]
 * y_i) + sum cs[i] s_i; with w = 1 it has the same bits. A pair is finished when it is reached, because then its memory
 * has been asked for.
 */
static void SECANT_FN(combine)(const secanti_tile *tile, const secanti_move *move, bool y_is_formed, const SECANT_T *g,
                               const double *w, double *sum)
{
  SECANT_FN(begin_direction)(tile->padded, move->cg, g, w, sum);
  for (int i = 0; i < move->pairs; i++) {
    if (move->order[i] == move->finish) SECANT_FN(finish_slot)(tile, move->finish, move->finish_step, y_is_formed);
    const SECANT_FN(term) term = SECANT_FN(term_of)(tile, move, i);
    const SECANT_FN(ahead) ahead = SECANT_FN(ahead_of_move)(tile, move, i);
    if (w == NULL) {
      SECANT_FN(accumulate)(tile->padded, &term, &ahead, sum);
    } else {
      SECANT_FN(accumulate_weighted)(tile->padded, &term, &ahead, w, sum);
    }
  }
}

/* d = sum, rounded once, in whole lanes; returns |d|_inf. */
static double SECANT_FN(round_direction)(const secanti_tile *tile, const secanti_move *move, const double *restrict sum,
                                         SECANT_H *restrict d)
{
  const SECANT_FN(ahead) next = SECANT_FN(ahead_of_move)(tile, move, move->pairs);
  SECANT_FN(lanes) one = {0}, max = {0};
  for (size_t j = 0; j < tile->padded; j += SECANTI_LANES) {
    SECANT_FN(fetch)(&next, j);
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      SECANT_FN(write_h)(d + i, SECANT_FN(read)(sum + i));
      const SECANT_FN(wide) size = SECANT_FN(absolute)(SECANT_FN(read_h)(d + i));
      one.part[r] += size;
      max.part[r] = SECANT_FN(larger)(size, max.part[r]);
    }
  }
  memset(d + tile->length, 0, (tile->padded - tile->length) * sizeof *d);
  return SECANT_FN(lane_maximum)(&max, SECANT_FN(lane_sum)(&one));
}

static void SECANT_FN(move)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  const secanti_move *move = task->move;
  const size_t bytes = tile->padded * sizeof(SECANT_T);
  double *sum = worker->wide[0];
  SECANT_H *d = worker->narrow[0];
  const SECANT_T *g = SECANT_FN(padded)(tile, tile->gradient, worker->narrow[1]);

  if (move->finish >= 0 && !task->finish_is_pair) {
    SECANT_FN(finish_slot)(tile, move->finish, move->finish_step, task->y_is_formed);
  }
  const double *w = SECANT_FN(weights)(tile, &move->metric, worker->wide[1], worker->wide[2]);
  SECANT_FN(combine)(tile, move, task->y_is_formed, g, w, sum);
  worker->maximum = secanti_max(worker->maximum, SECANT_FN(round_direction)(tile, move, sum, d));
  secanti_deposit(SECANT_FN(slot_s)(tile, move->into), d, tile->padded * sizeof *d, task->past_caches);
  secanti_deposit(SECANT_FN(old_gradient)(tile, move->into), g, bytes, task->past_caches);
  const SECANT_T *x = SECANT_FN(padded)(tile, tile->values, worker->narrow[1]);
  secanti_deposit(tile->block, x, bytes, task->past_caches);
  if (move->move) SECANT_FN(advance)(tile->length, x, d, move->step, tile->values);
}
