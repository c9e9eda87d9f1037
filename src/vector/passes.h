/*
 * Kernels: what is done to one tile, for one pair of element types. vectors.c runs a kernel over all tiles; a task tells
 * the kernel what to do, a worker gives it buffers and takes its sums.
 */
#ifndef SECANT_PASSES_H
#define SECANT_PASSES_H

#include "vector/family.h"
#include "vector/sums.h"
#include "vector/vectors.h"

/* Elements of a history vector come in groups of so many: a sum over a tile has one accumulator for each. */
enum { SECANTI_LANES = 8 };

typedef struct secanti_tile {
  void *values;   /* [length], the caller's */
  void *gradient; /* [length], the caller's */
  void *block;    /* base, with narrow slots g0 too, then the slots: s_0, y_0, s_1, y_1, ...; [padded] each */
  void *slots;    /* where they begin */
  void *kept;     /* [padded] in an array of its own, or NULL */
  void *weights;  /* likewise */
  size_t length;
  size_t padded; /* length rounded up to a multiple of SECANTI_LANES; the elements in between are always 0 */
  int group;     /* of its segment */
} secanti_tile;

/* A kernel may look at the tile that follows in the table, to ask for its memory; behind the last one there is another. */

/* Arguments of a kernel, and the number of sums it makes. A kernel reads only what its line in the table names. */
typedef struct secanti_task {
  const secanti_move *move;
  const secanti_products *products;
  const secanti_bend *bend;
  const secanti_metric *metric;
  secanti_vector from;
  secanti_vector to;
  double factor;
  int pairs;
  const int *order; /* [pairs] slots */
  int sums;
  bool y_is_formed;    /* y of the slot to finish is there already */
  bool finish_is_pair; /* the slot to finish is one of move->order */
  bool past_caches;    /* what is not read again soon is written past the caches */
} secanti_task;

/* What belongs to one thread, on cache lines of its own. */
typedef struct secanti_worker {
  _Alignas(64) double maximum; /* out: of the tiles seen so far */
  double *group_maxima;        /* out [groups]: likewise, for each group */
  secanti_sums sums;           /* out: over the tiles seen so far */
  double *row;                 /* sums of one tile */
  double *wide[6];             /* [tile] each */
  void *narrow[2];             /* [tile] elements each */
} secanti_worker;

typedef void secanti_kernel(const secanti_tile *tile, const secanti_task *task, secanti_worker *worker);

/* All kernels of one pair of types. Scalars are double; results are rounded to the element type once. */
typedef struct secanti_passes {
  size_t element;              /* bytes, of the parameters */
  size_t history_element;      /* of s and y */
  secanti_kernel *clear;       /* all of the block up to slot to.slot = 0, padding too */
  secanti_kernel *move;        /* pass A by task->move; maximum of |d| */
  secanti_kernel *products;    /* pass B by task->products; group maxima of |g| */
  secanti_kernel *column;      /* sums s.v, y.wv for task->order, v = y of slot from.slot */
  secanti_kernel *slope;       /* sum g.from; maximum of |g| */
  secanti_kernel *move_to;     /* x = base + factor from */
  secanti_kernel *finish_pair; /* (s, y) of slot from.slot = (factor s, g - y) */
  secanti_kernel *bend;        /* d by task->bend; sums g0.d, crossings; maximum of |d| */
  secanti_kernel *weigh_alike; /* all weights = 1, padding too: no product with them may spoil its zeros */
  secanti_kernel *copy;        /* to = from */
  secanti_kernel *scale;       /* to = factor to */
  secanti_kernel *weigh;       /* to = W to, W of task->metric */
  secanti_kernel *multiply;    /* to = from to, element by element */
  secanti_kernel *add;         /* to = to + factor from */
  secanti_kernel *dot;         /* sum from.to */
  secanti_kernel *inf;         /* maximum of |from| */
} secanti_passes;

extern const secanti_passes secanti_passes_f32;
extern const secanti_passes secanti_passes_f64;
extern const secanti_passes secanti_passes_mixed; /* f64 with a history in f32 */

/* The same with vectors of 32 and 64 bytes, for processors that have them: the same bits, faster. */
#ifdef SECANTI_X86
extern const secanti_passes secanti_passes_f32_avx2, secanti_passes_f32_avx512;
extern const secanti_passes secanti_passes_f64_avx2, secanti_passes_f64_avx512;
extern const secanti_passes secanti_passes_mixed_avx2, secanti_passes_mixed_avx512;
#endif

/* The kernels for these types that suit this processor best (passes.c). */
const secanti_passes *secanti_passes_choose(secant_dtype dtype, bool narrow);

/* Where a tile's part of `vector` begins; sizes of elements as in the table above. */
static inline void *secanti_tile_part(const secanti_tile *tile, secanti_vector vector, size_t element,
                                      size_t history_element)
{
  const size_t stride = tile->padded * history_element;
  switch (vector.kind) {
  case SECANTI_X: return tile->values;
  case SECANTI_G: return tile->gradient;
  case SECANTI_BASE: return tile->block;
  case SECANTI_KEPT: return tile->kept;
  case SECANTI_WEIGHT: return tile->weights;
  case SECANTI_S: return (char *)tile->slots + 2 * (size_t)vector.slot * stride;
  case SECANTI_G0:
    if (element != history_element) return (char *)tile->block + tile->padded * element;
    break;
  case SECANTI_Y: break;
  }
  return (char *)tile->slots + (2 * (size_t)vector.slot + 1) * stride;
}

#endif
