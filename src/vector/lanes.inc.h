/*
 * Parts of tiles, and sums over them in lanes: the ground floor of passes.inc.h, which tells what SECANT_T, SECANT_H
 * and their kin are.
 */
#include "vector/deposit.h"
#include "vector/passes.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- access ------------------------------------------------------------------------------------------------------ */

static void *SECANT_FN(part)(const secanti_tile *tile, secanti_vector vector)
{
  return secanti_tile_part(tile, vector, sizeof(SECANT_T), sizeof(SECANT_H));
}

static SECANT_H *SECANT_FN(slot_s)(const secanti_tile *tile, int slot)
{
  return SECANT_FN(part)(tile, (secanti_vector){SECANTI_S, slot});
}

static SECANT_H *SECANT_FN(slot_y)(const secanti_tile *tile, int slot)
{
  return SECANT_FN(slot_s)(tile, slot) + tile->padded;
}

/* The gradient where the line search began. */
static SECANT_T *SECANT_FN(old_gradient)(const secanti_tile *tile, int slot)
{
  return SECANT_FN(part)(tile, (secanti_vector){SECANTI_G0, slot});
}

/* A whole number of lanes of a vector that the caller owns: itself, or where it ends earlier a copy, then zeros. */
static const SECANT_T *SECANT_FN(padded)(const secanti_tile *tile, const SECANT_T *restrict array,
                                         SECANT_T *restrict buffer)
{
  if (tile->length == tile->padded) return array;
  memcpy(buffer, array, tile->length * sizeof *array);
  memset(buffer + tile->length, 0, (tile->padded - tile->length) * sizeof *array);
  return buffer;
}

/* ---- registers --------------------------------------------------------------------------------------------------- */

/*
 * The 8 lanes of a sum, as registers of SECANT_WIDTH doubles. Compilers make poor code of 8 independent sums in plain
 * C, three to ten times slower than the memory; GNU vectors say what is meant.
 */
enum { SECANT_FN(registers) = SECANTI_LANES / SECANT_WIDTH };
typedef double SECANT_FN(wide) __attribute__((vector_size(SECANT_WIDTH * sizeof(double))));
typedef int64_t SECANT_FN(mask) __attribute__((vector_size(SECANT_WIDTH * sizeof(double))));
typedef double SECANT_FN(wide_memory)
    __attribute__((vector_size(SECANT_WIDTH * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef SECANT_T SECANT_FN(t_memory)
    __attribute__((vector_size(SECANT_WIDTH * sizeof(SECANT_T)), aligned(sizeof(SECANT_T)), may_alias));
typedef SECANT_H SECANT_FN(h_memory)
    __attribute__((vector_size(SECANT_WIDTH * sizeof(SECANT_H)), aligned(sizeof(SECANT_H)), may_alias));
typedef struct SECANT_FN(lanes) {
  SECANT_FN(wide) part[SECANT_FN(registers)];
} SECANT_FN(lanes);

static inline SECANT_FN(wide) SECANT_FN(read)(const double *from)
{
  return *(const SECANT_FN(wide_memory) *)from;
}

static inline void SECANT_FN(write)(double *to, SECANT_FN(wide) value)
{
  *(SECANT_FN(wide_memory) *)to = value;
}

static inline SECANT_FN(wide) SECANT_FN(read_t)(const SECANT_T *from)
{
  return __builtin_convertvector(*(const SECANT_FN(t_memory) *)from, SECANT_FN(wide));
}

static inline SECANT_FN(wide) SECANT_FN(read_h)(const SECANT_H *from)
{
  return __builtin_convertvector(*(const SECANT_FN(h_memory) *)from, SECANT_FN(wide));
}

/* Rounds once. */
static inline void SECANT_FN(write_h)(SECANT_H *to, SECANT_FN(wide) value)
{
  *(SECANT_FN(h_memory) *)to = __builtin_convertvector(value, SECANT_FN(h_memory));
}

/* As the history would store it. */
static inline SECANT_FN(wide) SECANT_FN(rounded)(SECANT_FN(wide) value)
{
  return __builtin_convertvector(__builtin_convertvector(value, SECANT_FN(h_memory)), SECANT_FN(wide));
}

static inline SECANT_FN(wide) SECANT_FN(absolute)(SECANT_FN(wide) value)
{
  return (SECANT_FN(wide))((SECANT_FN(mask))value & INT64_MAX);
}

/* The larger in each lane, `most` where `size` is NaN. */
static inline SECANT_FN(wide) SECANT_FN(larger)(SECANT_FN(wide) size, SECANT_FN(wide) most)
{
  const SECANT_FN(mask) larger = size > most;
  return (SECANT_FN(wide))((larger & (SECANT_FN(mask))size) | (~larger & (SECANT_FN(mask))most));
}

/* ---- sums over a tile -------------------------------------------------------------------------------------------- */

/* The sum of the lanes: halves, quarters, then neighbours. */
static inline double SECANT_FN(lane_sum)(const SECANT_FN(lanes) * lanes)
{
  double sum[SECANTI_LANES];
  memcpy(sum, lanes, sizeof sum);
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/*
 * The largest lane. Comparisons pass over a NaN; the sum of absolute values does not: it is NaN exactly if one of them
 * is.
 */
static inline double SECANT_FN(lane_maximum)(const SECANT_FN(lanes) * lanes, double sum)
{
  double max[SECANTI_LANES], most = 0.0;
  if (sum != sum) return sum;
  memcpy(max, lanes, sizeof max);
  for (int l = 0; l < SECANTI_LANES; l++) most = secanti_max(most, max[l]);
  return most;
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

/* |a|_inf over n elements, a multiple of 8; NaN if an entry is. */
static double SECANT_FN(tile_inf)(size_t n, const double *restrict a)
{
  SECANT_FN(lanes) sum = {0}, max = {0};
  for (size_t j = 0; j < n; j += SECANTI_LANES)
    for (size_t r = 0, i = j; r < SECANT_FN(registers); r++, i += SECANT_WIDTH) {
      const SECANT_FN(wide) size = SECANT_FN(absolute)(SECANT_FN(read)(a + i));
      sum.part[r] += size;
      max.part[r] = SECANT_FN(larger)(size, max.part[r]);
    }
  return SECANT_FN(lane_maximum)(&max, SECANT_FN(lane_sum)(&sum));
}

/* ---- what comes next --------------------------------------------------------------------------------------------- */

/*
 * Memory that will be wanted next. Tiles are short, so that the processor would otherwise begin to fetch each of their
 * parts only when it is late.
 */
typedef struct SECANT_FN(ahead) {
  const char *first, *second;
  size_t first_stride, second_stride; /* bytes to ask for, for every element that is worked on meanwhile */
} SECANT_FN(ahead);

/* A pair's s and y lie one behind the other, and are asked for in the order of their addresses: memory likes that. */
static SECANT_FN(ahead) SECANT_FN(ahead_of_pair)(const secanti_tile *tile, int slot)
{
  const char *pair = (const char *)SECANT_FN(slot_s)(tile, slot);
  const size_t stride = 2 * sizeof(SECANT_H);
  return (SECANT_FN(ahead)){pair, pair + SECANTI_LANES * sizeof(SECANT_H), stride, stride};
}

/* Of the pending slot d and the old gradient are wanted, which with narrow slots lie apart. */
static SECANT_FN(ahead) SECANT_FN(ahead_of_pending)(const secanti_tile *tile, int slot)
{
  if (!SECANT_NARROW) return SECANT_FN(ahead_of_pair)(tile, slot);
  return (SECANT_FN(ahead)){(const char *)SECANT_FN(slot_s)(tile, slot),
                            (const char *)SECANT_FN(old_gradient)(tile, slot), sizeof(SECANT_H), sizeof(SECANT_T)};
}

/* While the elements j, ..., j + 7 are worked on. */
static inline void SECANT_FN(fetch)(const SECANT_FN(ahead) * ahead, size_t j)
{
  __builtin_prefetch(ahead->first + j * ahead->first_stride);
  __builtin_prefetch(ahead->second + j * ahead->second_stride);
}
