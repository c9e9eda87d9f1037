/* Pass B over one tile: every inner product with the new gradient. */

/* What pairs are multiplied with, [padded] each: g and v, and with weights w, which are NULL without, w g and w v. */
typedef struct SECANT_FN(factors) {
  const double *g, *v, *w, *wg, *wv;
} SECANT_FN(factors);

/*
 * The four products s.g, y.wg, s.v, y.wv of a pair in one stream over it. Inlined, so that without weights, where wg
 * and wv are g and v, nothing is loaded or compared for them.
 */
static inline __attribute__((always_inline)) void SECANT_FN(four_products)(bool weighted, size_t n,
                                                                           const SECANT_H *restrict s,
                                                                           const SECANT_FN(factors) * by,
                                                                           const SECANT_FN(ahead) * ahead, double *out)
{
  const double *restrict g = by->g, *restrict v = by->v, *restrict wg = by->wg, *restrict wv = by->wv;
  const SECANT_H *restrict y = s + n;
  const SECANT_FN(ahead) next = *ahead;
  SECANT_FN(lanes) sg = {0}, yg = {0}, sv = {0}, yv = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES) {
    SECANT_FN(fetch)(&next, j);
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) si = SECANT_FN(read_h)(s + i), yi = SECANT_FN(read_h)(y + i);
      const SECANT_FN(wide) gi = SECANT_FN(read)(g + i), vi = SECANT_FN(read)(v + i);
      sg.part[r] += si * gi;
      yg.part[r] += yi * (weighted ? SECANT_FN(read)(wg + i) : gi);
      sv.part[r] += si * vi;
      yv.part[r] += yi * (weighted ? SECANT_FN(read)(wv + i) : vi);
    }
  }
  out[SECANTI_PAIR_SG] = SECANT_FN(lane_sum)(&sg);
  out[SECANTI_PAIR_YG] = SECANT_FN(lane_sum)(&yg);
  out[SECANTI_PAIR_SY] = SECANT_FN(lane_sum)(&sv);
  out[SECANTI_PAIR_YY] = SECANT_FN(lane_sum)(&yv);
}

/* Each in a function of its own: GCC makes slower code of both loops where it sees them side by side. */
static __attribute__((noinline)) void SECANT_FN(plain_products)(size_t n, const SECANT_H *s,
                                                                const SECANT_FN(factors) * by,
                                                                const SECANT_FN(ahead) * ahead, double *out)
{
  SECANT_FN(four_products)(false, n, s, by, ahead, out);
}

static __attribute__((noinline)) void SECANT_FN(weighted_products)(size_t n, const SECANT_H *s,
                                                                   const SECANT_FN(factors) * by,
                                                                   const SECANT_FN(ahead) * ahead, double *out)
{
  SECANT_FN(four_products)(true, n, s, by, ahead, out);
}

static void SECANT_FN(pair_products)(const secanti_tile *tile, int slot, const SECANT_FN(factors) * by,
                                     const SECANT_FN(ahead) * ahead, double *out)
{
  const SECANT_H *s = SECANT_FN(slot_s)(tile, slot);
  if (by->w == NULL) {
    SECANT_FN(plain_products)(tile->padded, s, by, ahead, out);
  } else {
    SECANT_FN(weighted_products)(tile->padded, s, by, ahead, out);
  }
}

/* A whole number of lanes of one of the caller's arrays, as doubles: where it lies, if nothing is to be done for that. */
static const double *SECANT_FN(widened)(const secanti_tile *tile, const SECANT_T *array, double *buffer)
{
  if (sizeof(SECANT_T) == sizeof(double)) {
    return (const double *)(const void *)SECANT_FN(padded)(tile, array, (SECANT_T *)(void *)buffer);
  }
  for (size_t j = 0; j < tile->length; j++) buffer[j] = (double)array[j];
  for (size_t j = tile->length; j < tile->padded; j++) buffer[j] = 0.0;
  return buffer;
}

/* The sums of the gradient alone, and its largest entry. */
typedef struct SECANT_FN(of_gradient) {
  SECANT_FN(lanes) gg, one, max;
} SECANT_FN(of_gradient);

static void SECANT_FN(report_gradient)(const SECANT_FN(of_gradient) * sums, const secanti_tile *tile,
                                       secanti_worker *worker)
{
  double *row = worker->row, *maximum = &worker->group_maxima[tile->group];
  row[SECANTI_SUM_GG] = row[SECANTI_SUM_GWG] = SECANT_FN(lane_sum)(&sums->gg);
  row[SECANTI_SUM_G1] = SECANT_FN(lane_sum)(&sums->one);
  *maximum = secanti_max(*maximum, SECANT_FN(lane_maximum)(&sums->max, row[SECANTI_SUM_G1]));
}

static void SECANT_FN(multiply_gradient)(const secanti_tile *tile, const double *restrict g, secanti_worker *worker)
{
  SECANT_FN(of_gradient) sums = {0};
  for (size_t j = 0; j < tile->padded; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) gi = SECANT_FN(read)(g + i), size = SECANT_FN(absolute)(gi);
      sums.gg.part[r] += gi * gi;
      sums.one.part[r] += size;
      sums.max.part[r] = SECANT_FN(larger)(size, sums.max.part[r]);
    }
  SECANT_FN(report_gradient)(&sums, tile, worker);
}

/* The products of the pending slot with itself and with the gradient. */
typedef struct SECANT_FN(of_pending) {
  SECANT_FN(lanes) gd, g0d, sg, yg, sy, yy, ss;
} SECANT_FN(of_pending);

static void SECANT_FN(report_pending)(const SECANT_FN(of_pending) * sums, double *row)
{
  row[SECANTI_SUM_GD] = SECANT_FN(lane_sum)(&sums->gd);
  row[SECANTI_SUM_G0D] = SECANT_FN(lane_sum)(&sums->g0d);
  row[SECANTI_SUM_SG] = SECANT_FN(lane_sum)(&sums->sg);
  row[SECANTI_SUM_YG] = SECANT_FN(lane_sum)(&sums->yg);
  row[SECANTI_SUM_SY] = SECANT_FN(lane_sum)(&sums->sy);
  row[SECANTI_SUM_YY] = row[SECANTI_SUM_YWY] = SECANT_FN(lane_sum)(&sums->yy);
  row[SECANTI_SUM_SS] = SECANT_FN(lane_sum)(&sums->ss);
}

/*
 * All products of the gradient and the pending slot, whose pair is (s, y) = (step d, g - g0), rounded as it would be
 * stored. Leaves y in v. One register of each sum at a time: that many sums fit into no processor's registers at once.
 */
static void SECANT_FN(multiply_pending)(const secanti_tile *tile, const secanti_products *products,
                                        const SECANT_FN(ahead) * ahead, const double *restrict g, double *restrict v,
                                        secanti_worker *worker)
{
  const SECANT_H *restrict d = SECANT_FN(slot_s)(tile, products->pending);
  const SECANT_T *restrict g0 = SECANT_FN(old_gradient)(tile, products->pending);
  const SECANT_FN(ahead) next = *ahead;
  const double step = products->step;
  SECANT_FN(of_gradient) alone = {0};
  SECANT_FN(of_pending) pair = {0};
  for (size_t r = 0; r < SECANT_FN(registers); r++) {
    SECANT_FN(wide)
    gg = {0}, one = {0}, max = {0}, gd = {0}, g0d = {0}, sg = {0}, yg = {0}, sy = {0}, yy = {0}, ss = {0};
    for (size_t i = r * SECANT_WIDTH; i < tile->padded; i += SECANTI_LANES) {
      if (r == 0) SECANT_FN(fetch)(&next, i);
      const SECANT_FN(wide) gi = SECANT_FN(read)(g + i), di = SECANT_FN(read_h)(d + i), old = SECANT_FN(read_t)(g0 + i);
      const SECANT_FN(wide) si = SECANT_FN(rounded)(step * di), yi = SECANT_FN(rounded)(gi - old);
      const SECANT_FN(wide) size = SECANT_FN(absolute)(gi);
      SECANT_FN(write)(v + i, yi);
      gg += gi * gi, one += size, max = SECANT_FN(larger)(size, max);
      gd += di * gi, g0d += di * old;
      sg += si * gi, yg += yi * gi, sy += si * yi, yy += yi * yi, ss += si * si;
    }
    alone.gg.part[r] = gg, alone.one.part[r] = one, alone.max.part[r] = max;
    pair.gd.part[r] = gd, pair.g0d.part[r] = g0d, pair.sg.part[r] = sg, pair.yg.part[r] = yg;
    pair.sy.part[r] = sy, pair.yy.part[r] = yy, pair.ss.part[r] = ss;
  }
  SECANT_FN(report_gradient)(&alone, tile, worker);
  SECANT_FN(report_pending)(&pair, worker->row);
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

/* The products that weights change. */
static void SECANT_FN(multiply_weighted)(const secanti_tile *tile, const SECANT_FN(factors) * by, bool pending,
                                         secanti_worker *worker)
{
  double *row = worker->row;
  SECANT_FN(weigh)(tile->padded, by->w, by->g, worker->wide[2]);
  row[SECANTI_SUM_GWG] = SECANT_FN(tile_dot)(tile->padded, by->g, by->wg);
  if (!pending) return;
  SECANT_FN(weigh)(tile->padded, by->w, by->v, worker->wide[3]);
  row[SECANTI_SUM_YG] = SECANT_FN(tile_dot)(tile->padded, by->v, by->wg);
  row[SECANTI_SUM_YWY] = SECANT_FN(tile_dot)(tile->padded, by->v, by->wv);
}

/* Leaves y of the pending pair where it will be stored. */
static void SECANT_FN(store_y)(const secanti_tile *tile, int slot, const double *restrict v, bool past_caches,
                               SECANT_H *restrict buffer)
{
  for (size_t j = 0; j < tile->padded; j++) buffer[j] = (SECANT_H)v[j];
  secanti_deposit(SECANT_FN(slot_y)(tile, slot), buffer, tile->padded * sizeof *buffer, past_caches);
}

/* What pass B wants from memory after pair i of a tile: the next pair, then the next tile's pending slot. */
static SECANT_FN(ahead) SECANT_FN(ahead_of_products)(const secanti_tile *tile, const secanti_products *products, int i)
{
  if (i + 1 < products->pairs) return SECANT_FN(ahead_of_pair)(tile, products->order[i + 1]);
  if (products->pending >= 0) return SECANT_FN(ahead_of_pending)(tile + 1, products->pending);
  return SECANT_FN(ahead_of_pair)(tile + 1, products->order[0]);
}

/* The products beyond the fixed ones and the four of each pair; out of the way where they are not asked for. */
static __attribute__((noinline)) void SECANT_FN(further_products)(const secanti_tile *tile,
                                                                  const secanti_products *products, const double *w,
                                                                  secanti_worker *worker)
{
  double *next = worker->row + secanti_product_sums(products->pairs);
  if (products->all) next = SECANT_FN(all_products)(tile, products, w, worker->wide[5], next);
  if (products->candidate.pairs > 0) SECANT_FN(rate)(tile, products, worker, next);
}

/* Asks for the next tile's gradient, which lies apart from the history: the memory would rest while sums are added. */
static void SECANT_FN(fetch_gradient)(const secanti_tile *tile)
{
  const SECANT_T *next = tile[1].gradient;
  for (size_t j = 0; j < tile->padded; j += SECANTI_LANES) __builtin_prefetch(next + j);
}

/* Without a pending slot g takes the place of its y: as good as any for products that are omitted, and at hand. */
static void SECANT_FN(products)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  const secanti_products *products = task->products;
  const bool pending = products->pending >= 0;
  double *const *wide = worker->wide;
  const double *g = SECANT_FN(widened)(tile, tile->gradient, wide[0]);
  SECANT_FN(factors) by = {g, pending ? wide[1] : g, NULL, wide[2], wide[pending ? 3 : 2]};

  if (pending) {
    const SECANT_FN(ahead) ahead = SECANT_FN(ahead_of_products)(tile, products, -1);
    SECANT_FN(multiply_pending)(tile, products, &ahead, g, wide[1], worker);
    if (SECANT_NARROW) SECANT_FN(store_y)(tile, products->pending, wide[1], task->past_caches, worker->narrow[0]);
  } else {
    SECANT_FN(multiply_gradient)(tile, g, worker);
  }
  by.w = SECANT_FN(weights)(tile, &products->metric, wide[4], wide[5]);
  if (by.w != NULL) SECANT_FN(multiply_weighted)(tile, &by, pending, worker);
  for (int i = 0; i < products->pairs; i++) {
    const SECANT_FN(ahead) ahead = SECANT_FN(ahead_of_products)(tile, products, i);
    SECANT_FN(pair_products)(tile, products->order[i], &by, &ahead, worker->row + secanti_product_sums(i));
  }
  if (!pending) SECANT_FN(omit_pending)(products, worker->row);
  if (products->all || products->candidate.pairs > 0) SECANT_FN(further_products)(tile, products, by.w, worker);
  SECANT_FN(fetch_gradient)(tile);
  secanti_sums_add(&worker->sums, worker->row, (size_t)task->sums);
}

/* s.v and y.wv of the pairs, v = y of slot from.slot: pass B's, with v in the place of g too. */
static void SECANT_FN(column)(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker)
{
  double pair[SECANTI_SUMS_PER_PAIR], *v = worker->wide[1], *wv = worker->wide[3];
  SECANT_FN(factors) by = {v, v, NULL, wv, wv};
  const SECANT_H *y = SECANT_FN(slot_y)(tile, task->from.slot);
  for (size_t j = 0; j < tile->padded; j++) v[j] = (double)y[j];
  by.w = SECANT_FN(weights)(tile, &(secanti_metric){0}, worker->wide[4], worker->wide[5]);
  if (by.w != NULL) SECANT_FN(weigh)(tile->padded, by.w, v, wv);
  for (int i = 0; i < task->pairs; i++) {
    const SECANT_FN(ahead) ahead = SECANT_FN(ahead_of_pair)(tile, task->order[i]);
    SECANT_FN(pair_products)(tile, task->order[i], &by, &ahead, pair);
    worker->row[2 * i] = pair[SECANTI_PAIR_SY];
    worker->row[2 * i + 1] = pair[SECANTI_PAIR_YY];
  }
  secanti_sums_add(&worker->sums, worker->row, (size_t)task->sums);
}
