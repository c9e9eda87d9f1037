/* The weights of a tile: a stored diagonal, or that of a metric (vectors.h), made of the tile's part of its pairs. */

/* What is wanted from memory after pair i of a metric: the next pair, in the end that of the next tile. */
static SECANT_FN(ahead) SECANT_FN(ahead_of_metric)(const secanti_tile *tile, const secanti_metric *metric, int i)
{
  if (i + 1 < metric->pairs) return SECANT_FN(ahead_of_pair)(tile, metric->order[i + 1]);
  return SECANT_FN(ahead_of_pair)(tile + 1, metric->order[0]);
}

/* a = a + (scale s)^2, b = b + (scale y)^2. */
static void SECANT_FN(add_squares)(size_t n, const SECANT_H *restrict s, double scale, const SECANT_FN(ahead) * ahead,
                                   double *restrict a, double *restrict b)
{
  const SECANT_H *restrict y = s + n;
  const SECANT_FN(ahead) next = *ahead;
  for (size_t j = 0; j < n; j += SECANTI_LANES) {
    SECANT_FN(fetch)(&next, j);
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) si = scale * SECANT_FN(read_h)(s + i), yi = scale * SECANT_FN(read_h)(y + i);
      SECANT_FN(write)(a + i, SECANT_FN(read)(a + i) + si * si);
      SECANT_FN(write)(b + i, SECANT_FN(read)(b + i) + yi * yi);
    }
  }
}

/*
 * w = sqrt(w / b) / reference within its bounds; 1 where that is 0 or not finite. Compilers make vectors of the loop if
 * sqrt need not set errno, and if nothing in it is conditional.
 */
static void SECANT_FN(divide_squares)(size_t n, const double *restrict b, double reference, double *restrict w)
{
  const double least = 1e-8, most = 1e8;
  for (size_t j = 0; j < n; j++) {
    const double quotient = sqrt(w[j] / b[j]) / reference;
    const double above = quotient > least ? quotient : least, within = above < most ? above : most;
    const bool known = (quotient > 0.0) & (quotient <= DBL_MAX);
    w[j] = known ? within : 1.0;
  }
}

/*
 * w = the diagonal of a metric. Pairs are divided by the root of their curvature before they are squared: the squares
 * neither overflow nor vanish with the size of a pair. Uses b up.
 */
static __attribute__((noinline)) void SECANT_FN(form_metric)(const secanti_tile *tile, const secanti_metric *metric,
                                                             double *w, double *b)
{
  memset(w, 0, tile->padded * sizeof *w);
  memset(b, 0, tile->padded * sizeof *b);
  for (int i = 0; i < metric->pairs; i++) {
    const SECANT_FN(ahead) ahead = SECANT_FN(ahead_of_metric)(tile, metric, i);
    const double scale = 1.0 / sqrt(metric->curvature[i]);
    SECANT_FN(add_squares)(tile->padded, SECANT_FN(slot_s)(tile, metric->order[i]), scale, &ahead, w, b);
  }
  SECANT_FN(divide_squares)(tile->padded, b, metric->reference, w);
}

/* The tile's weights, [padded] in w; NULL if all are 1. Uses buffer up. */
static const double *SECANT_FN(weights)(const secanti_tile *tile, const secanti_metric *metric, double *restrict w,
                                        double *buffer)
{
  const SECANT_T *restrict stored = tile->weights;
  if (metric->pairs > 0) {
    SECANT_FN(form_metric)(tile, metric, w, buffer);
  } else if (stored != NULL) {
    for (size_t j = 0; j < tile->padded; j++) w[j] = (double)stored[j];
  } else {
    return NULL;
  }
  return w;
}

/* out = w in. */
static void SECANT_FN(weigh)(size_t n, const double *restrict w, const double *restrict in, double *restrict out)
{
  for (size_t j = 0; j < n; j++) out[j] = w[j] * in[j];
}
