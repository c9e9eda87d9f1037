/* What pass B forms on demand: the products of all pairs with each other, and the rating of a diagonal. */

/* ---- all pairs --------------------------------------------------------------------------------------------------- */

/* So many sums at once keep the adders busy; with short vectors they still fit into the registers. */
enum { SECANT_FN(at_once) = 4 };

/* out[k] = y[k].v for k < count: so many streams. Inlined, so that count is a constant. */
static inline __attribute__((always_inline)) void SECANT_FN(dots)(int count, size_t n, const SECANT_H *const *y,
                                                                  const double *restrict v, double *out)
{
  SECANT_FN(lanes) sum[SECANT_FN(at_once)] = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) vi = SECANT_FN(read)(v + i);
      for (int k = 0; k < count; k++) sum[k].part[r] += SECANT_FN(read_h)(y[k] + i) * vi;
    }
  for (int k = 0; k < count; k++) out[k] = SECANT_FN(lane_sum)(&sum[k]);
}

/* out[j] = y_j.v for j = 0 .. last, four at a time and then what is left. */
static void SECANT_FN(row_of_products)(const secanti_tile *tile, const int *order, int last, const double *v,
                                       double *out)
{
  for (int first = 0; first <= last; first += SECANT_FN(at_once), out += SECANT_FN(at_once)) {
    const SECANT_H *y[SECANT_FN(at_once)];
    const int left = last + 1 - first;
    for (int k = 0; k < SECANT_FN(at_once) && k < left; k++) y[k] = SECANT_FN(slot_y)(tile, order[first + k]);
    switch (left) {
    case 1: SECANT_FN(dots)(1, tile->padded, y, v, out); break;
    case 2: SECANT_FN(dots)(2, tile->padded, y, v, out); break;
    case 3: SECANT_FN(dots)(3, tile->padded, y, v, out); break;
    default: SECANT_FN(dots)(SECANT_FN(at_once), tile->padded, y, v, out);
    }
  }
}

/*
 * y_j.wy_i for j = 0 .. i, row after row: the bits that the pair i had with older ones while it was pending. Returns
 * where the next sum belongs.
 */
static double *SECANT_FN(all_products)(const secanti_tile *tile, const secanti_products *products, const double *w,
                                       double *restrict wy, double *out)
{
  for (int i = 0; i < products->pairs; i++) {
    const SECANT_H *restrict y = SECANT_FN(slot_y)(tile, products->order[i]);
    for (size_t j = 0; j < tile->padded; j++) wy[j] = (double)y[j];
    if (w != NULL)
      for (size_t j = 0; j < tile->padded; j++) wy[j] *= w[j];
    SECANT_FN(row_of_products)(tile, products->order, i, wy, out);
    out += i + 1;
  }
  return out;
}

/* ---- rating ------------------------------------------------------------------------------------------------------ */

static void SECANT_FN(rate_pair)(size_t n, const SECANT_H *restrict s, const double *restrict w, double *out)
{
  const SECANT_H *restrict y = s + n;
  SECANT_FN(lanes) ss = {0}, yy = {0}, sws = {0}, ywy = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) si = SECANT_FN(read_h)(s + i), yi = SECANT_FN(read_h)(y + i);
      const SECANT_FN(wide) wi = SECANT_FN(read)(w + i);
      ss.part[r] += si * si;
      yy.part[r] += yi * yi;
      sws.part[r] += si * (si / wi);
      ywy.part[r] += yi * (yi * wi);
    }
  out[SECANTI_RATING_SS] = SECANT_FN(lane_sum)(&ss);
  out[SECANTI_RATING_YY] = SECANT_FN(lane_sum)(&yy);
  out[SECANTI_RATING_SWS] = SECANT_FN(lane_sum)(&sws);
  out[SECANTI_RATING_YWY] = SECANT_FN(lane_sum)(&ywy);
}

/* Four sums for each pair. */
static void SECANT_FN(rate)(const secanti_tile *tile, const secanti_products *products, secanti_worker *worker,
                            double *out)
{
  double *w = worker->wide[4];
  SECANT_FN(form_metric)(tile, &products->candidate, w, worker->wide[5]);
  for (int i = 0; i < products->pairs; i++) {
    SECANT_FN(rate_pair)
    (tile->padded, SECANT_FN(slot_s)(tile, products->order[i]), w, out + SECANTI_SUMS_PER_RATING * i);
  }
}
