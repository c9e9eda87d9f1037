/*
 * Parts of tiles, and sums over them in lanes: the ground floor of passes.inc.h, which tells what SECANT_T and its kin
 * are.
 */
#include "vector/passes.h"

#include <stdint.h>
#include <string.h>

/* ---- access ------------------------------------------------------------------------------------------------------ */

static SECANT_T *SECANT_FN(part)(const secanti_tile *tile, secanti_vector vector)
{
  return secanti_tile_part(tile, vector, sizeof(SECANT_T));
}

static SECANT_T *SECANT_FN(slot_s)(const secanti_tile *tile, int slot)
{
  return SECANT_FN(part)(tile, (secanti_vector){SECANTI_S, slot});
}

static SECANT_T *SECANT_FN(slot_y)(const secanti_tile *tile, int slot)
{
  return SECANT_FN(part)(tile, (secanti_vector){SECANTI_Y, slot});
}

/* out [padded] = in [length] as doubles, then zeros. */
static void SECANT_FN(load)(const secanti_tile *tile, const SECANT_T *restrict in, double *restrict out)
{
  for (size_t j = 0; j < tile->length; j++) out[j] = (double)in[j];
  for (size_t j = tile->length; j < tile->padded; j++) out[j] = 0.0;
}

/* ---- sums over a tile -------------------------------------------------------------------------------------------- */

/*
 * The 8 lanes of a sum, as registers of SECANT_WIDTH doubles. Compilers make poor code of 8 independent sums in plain
 * C, three to ten times slower than the memory; GNU vectors say what is meant.
 */
enum { SECANT_FN(registers) = SECANTI_LANES / SECANT_WIDTH };
typedef double SECANT_FN(wide) __attribute__((vector_size(SECANT_WIDTH * sizeof(double))));
typedef int64_t SECANT_FN(mask) __attribute__((vector_size(SECANT_WIDTH * sizeof(double))));
typedef double SECANT_FN(wide_memory)
    __attribute__((vector_size(SECANT_WIDTH * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef SECANT_T SECANT_FN(narrow_memory)
    __attribute__((vector_size(SECANT_WIDTH * sizeof(SECANT_T)), aligned(sizeof(SECANT_T)), may_alias));
typedef struct SECANT_FN(lanes) {
  SECANT_FN(wide) part[SECANT_FN(registers)];
} SECANT_FN(lanes);

static inline SECANT_FN(wide) SECANT_FN(read)(const double *from)
{
  return *(const SECANT_FN(wide_memory) *)from;
}

static inline SECANT_FN(wide) SECANT_FN(widen)(const SECANT_T *from)
{
  return __builtin_convertvector(*(const SECANT_FN(narrow_memory) *)from, SECANT_FN(wide));
}

static inline double SECANT_FN(lane)(const SECANT_FN(lanes) * lanes, int l)
{
  return lanes->part[l / SECANT_WIDTH][l % SECANT_WIDTH];
}

/* The sum of the lanes: halves, quarters, then neighbours. */
static inline double SECANT_FN(lane_sum)(const SECANT_FN(lanes) * lanes)
{
  double sum[SECANTI_LANES];
  memcpy(sum, lanes, sizeof sum);
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* a.b over n elements, a multiple of 8. */
static double SECANT_FN(tile_dot)(size_t n, const double *restrict a, const double *restrict b)
{
  SECANT_FN(lanes) sum = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH)
      sum.part[r] += SECANT_FN(read)(a + i) * SECANT_FN(read)(b + i);
  return SECANT_FN(lane_sum)(&sum);
}

/*
 * |a|_1 and |a|_inf over n elements, a multiple of 8.
 * The comparison passes over a NaN. The sum of absolute values does not: it is NaN exactly if an entry is.
 */
static void SECANT_FN(tile_norms)(size_t n, const double *restrict a, double *one, double *inf)
{
  SECANT_FN(lanes) sum = {0}, max = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) size = (SECANT_FN(wide))((SECANT_FN(mask))SECANT_FN(read)(a + i) & INT64_MAX);
      const SECANT_FN(mask) larger = size > max.part[r];
      sum.part[r] += size;
      max.part[r] = (SECANT_FN(wide))((larger & (SECANT_FN(mask))size) | (~larger & (SECANT_FN(mask))max.part[r]));
    }
  *one = *inf = SECANT_FN(lane_sum)(&sum);
  if (*one != *one) return;
  *inf = 0.0;
  for (int l = 0; l < SECANTI_LANES; l++) *inf = secanti_max(*inf, SECANT_FN(lane)(&max, l));
}
