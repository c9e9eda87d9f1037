/*
 * One rank's data: the caller's parameter and gradient arrays seen through tiles, the history, and the two fused passes
 * over them. Element type and OpenMP live behind this header; no formula of L-BFGS does.
 *
 * Memory of the history is tile-major: all that belongs to tile 0, then all of tile 1, ... so one pass over the history
 * is one sequential stream. A block holds, each padded with zeros to a multiple of 8 elements,
 *
 *   | base | s_0 | y_0 | s_1 | y_1 | ... | s_m | y_m |
 *
 *   base      x0, where the line search began
 *   s_i, y_i  slot i: a finished pair, or, in the pending slot, the direction d and the gradient at x0
 *
 * The gradient of a line search's best point, `kept`, is no part of the passes and lies apart.
 */
#ifndef SECANT_VECTORS_H
#define SECANT_VECTORS_H

#include <secant/secant.h>
#include <stdbool.h>

typedef struct secanti_vectors secanti_vectors;

/* One parameter's local arrays. */
typedef struct secanti_segment {
  void *values;
  void *gradient;
  size_t count;
  int group; /* 0 .. groups - 1 of the shape */
} secanti_segment;

typedef struct secanti_vectors_shape {
  secant_dtype dtype;
  const secanti_segment *segments; /* [segment_count], copied */
  size_t segment_count;
  size_t tile; /* elements of a tile: a power of two, 8 .. 1024 */
  int slots;   /* pairs stored + 1, >= 1 */
  bool kept;   /* allocate the `kept` vector */
  bool narrow; /* the slots are f32 under parameters that are f64 */
  int threads; /* that share the tiles, >= 1; never more than there are tiles */
  int groups;  /* parameter groups, each with a maximum of its own; 0 means 1 */
  bool binned; /* sums are binned: their bits do not depend on the number of threads, nor on how tiles are shared out */
} secanti_vectors_shape;

/* Tile size for a problem of n unknowns in all: 1024, smaller when n is tiny. A function of n alone. */
size_t secanti_tile_size(int64_t n);

secant_status secanti_vectors_create(secanti_vectors **out, const secanti_vectors_shape *shape);
void secanti_vectors_destroy(secanti_vectors *vectors);

/* Allocates `kept` unless that has been done. */
secant_status secanti_vectors_add_kept(secanti_vectors *vectors);

/*
 * Allocates the weights w of a diagonal H0, all 1, unless that has been done. From then on pass A forms d = w (cg g +
 * sum cy y) + sum cs s, and pass B weighs the products that its table says.
 */
secant_status secanti_vectors_add_weights(secanti_vectors *vectors);
void secanti_vectors_drop_weights(secanti_vectors *vectors);
bool secanti_vectors_weighted(const secanti_vectors *vectors);

/* Whether sums are binned. */
bool secanti_vectors_binned(const secanti_vectors *vectors);

/* Bytes of vector storage for n local unknowns; of the shape, dtype, slots, kept and narrow count. */
uint64_t secanti_vectors_bytes(uint64_t n, const secanti_vectors_shape *shape);

/* Bytes of the table that finds a tile's part of them, if the n unknowns are the whole problem. */
uint64_t secanti_tile_table_bytes(uint64_t n);

/* ---- a diagonal that pairs imply -------------------------------------------------------------------------------- */

/*
 * The diagonal W of
 *
 *   w_i = sqrt(sum_k s_ki^2 / c_k / sum_k y_ki^2 / c_k) / reference,  at least 1e-8 and at most 1e8,
 *
 * over pairs k with the curvatures c_k = s_k.y_k; 1 where the quotient is 0 or not a number that a double can hold.
 * Entry i minimizes sum_k (s_ki^2 / w + w y_ki^2) / c_k up to the factor `reference`. It is nowhere stored: a pass
 * makes it anew, tile by tile. An all-zero metric is W = I.
 */
typedef struct secanti_metric {
  int pairs;               /* 0: W = I */
  const int *order;        /* [pairs] slots, oldest first */
  const double *curvature; /* [pairs] s.y of each, > 0 */
  double reference;        /* > 0 */
} secanti_metric;

/* Most pairs of which a metric is made, and of which pass B forms all products. */
enum { SECANTI_METRIC_PAIRS = 30 };

/* ---- pass A: finish the last pair, form d, move -------------------------------------------------------------------- */

typedef struct secanti_move {
  int finish; /* slot whose (d, g0) becomes the pair (s, y) = (finish_step d, g - g0) first; -1: none */
  double finish_step;
  int pairs;        /* then d = cg g + sum cs[i] s_i + sum cy[i] y_i over the pairs in slots order[i] */
  const int *order; /* [pairs] */
  double cg;
  const double *cs; /* [pairs] */
  const double *cy; /* [pairs] */
  int into;         /* slot that receives d and, as g0, the current gradient; not one of `order` */
  double step;      /* then base = x and, if `move`, x = x + step d */
  bool move;
  secanti_metric metric; /* of pairs that are finished: d = W (cg g + sum cy y) + sum cs s */
} secanti_move;

/* Runs pass A. Returns this rank's |d|_inf; NaN if any entry of d is NaN. */
double secanti_pass_move(secanti_vectors *vectors, const secanti_move *move);

/* ---- pass B: all inner products with the new gradient ---------------------------------------------------------------- */

/* A sum is written as it travels: one double, or, where the shape says binned, the words of base/binned.h. */

/* Layout of the sums: the fixed ones, then four for every pair, then those that are asked for. g is the current
 * gradient; d, g0 the pending slot; s = step d and y = g - g0, both rounded to the element type as they would be
 * stored. Zero without a pending slot. */
enum {
  SECANTI_SUM_GG,  /* g.g   */
  SECANTI_SUM_G1,  /* |g|_1 */
  SECANTI_SUM_GD,  /* g.d   */
  SECANTI_SUM_G0D, /* g0.d  */
  SECANTI_SUM_SG,  /* s.g   */
  SECANTI_SUM_YG,  /* y.w g; w = 1 without weights and without a metric */
  SECANTI_SUM_SY,  /* s.y   */
  SECANTI_SUM_YY,  /* y.y   */
  SECANTI_SUM_SS,  /* s.s   */
  SECANTI_SUM_GWG, /* g.w g */
  SECANTI_SUM_YWY, /* y.w y */
  SECANTI_SUMS_FIXED
};
enum { SECANTI_PAIR_SG, SECANTI_PAIR_YG, SECANTI_PAIR_SY, SECANTI_PAIR_YY, SECANTI_SUMS_PER_PAIR };

/* What tells how well a diagonal W turns a pair's y towards its s. */
enum {
  SECANTI_RATING_SS,  /* s.s      */
  SECANTI_RATING_YY,  /* y.y      */
  SECANTI_RATING_SWS, /* s.W^-1 s */
  SECANTI_RATING_YWY, /* y.W y    */
  SECANTI_SUMS_PER_RATING
};

static inline int secanti_product_sums(int pairs)
{
  return SECANTI_SUMS_FIXED + SECANTI_SUMS_PER_PAIR * pairs;
}

/*
 * Behind the fixed sums: s_i.g, y_i.w g, s_i.y, y_i.w y for i = order[0], order[1], ...; if `all`, the rows y_i.w y_j,
 * j = 0 .. i, for i = 0, 1, ... in `order`; then with a candidate the four sums of its rating for order[0], order[1], ...
 */
typedef struct secanti_products {
  int pairs;
  const int *order;         /* [pairs] slots */
  int pending;              /* slot of d and g0; -1: none */
  double step;              /* t of the pending slot */
  secanti_metric metric;    /* its W is the w of the sums; no diagonal that is stored comes with it */
  bool all;                 /* form also y_i.w y_j of all pairs, at most SECANTI_METRIC_PAIRS of them */
  secanti_metric candidate; /* with pairs: rate its W too, on all pairs */
  double *sums;             /* out [secanti_products_count()] */
  double *grad_inf;         /* out [groups]: |g|_inf of each group, NaN if any entry is NaN */
} secanti_products;

/* How many sums pass B makes, and the most that it makes of `pairs` pairs. */
int secanti_products_count(const secanti_products *products);
int secanti_most_product_sums(int pairs);

/* Runs pass B. Sums are accumulated in double, over a fixed order for a fixed number of threads. */
void secanti_pass_products(secanti_vectors *vectors, secanti_products *products);

/*
 * s_i.v and y_i.w v for the pairs in slots order[0 .. pairs), v = y of `slot`: two sums each, with the bits that pass
 * B gives them while v is the pending pair's y.
 */
void secanti_pass_column(secanti_vectors *vectors, int pairs, const int *order, int slot, double *sums);

/* What a rejected trial needs: g.d for the pending slot, and |g|_inf (NaN if any entry is). */
void secanti_pass_slope(secanti_vectors *vectors, int pending, double *slope, double *grad_inf);

/*
 * Bends the direction d of slot `pending` away from zero: where x0_i and x0_i + step d_i are not on the same side of
 * it, d_i becomes -part x0_i / step. Two sums: g0.d with that d, and the number of such i. d itself changes only if
 * `stores`. Returns this rank's |d|_inf with it.
 */
typedef struct secanti_bend {
  int pending;
  double step; /* > 0 */
  double part; /* of the way to zero, between 0 and 1 */
  bool stores;
} secanti_bend;

double secanti_pass_bend(secanti_vectors *vectors, const secanti_bend *bend, double *sums);

/* ---- single vectors: line search, textbook recursion, checkpoints ------------------------------------------------- */

typedef enum secanti_vector_kind {
  SECANTI_X,      /* the parameters */
  SECANTI_G,      /* the gradient */
  SECANTI_BASE,   /* x0 */
  SECANTI_KEPT,   /* only if allocated */
  SECANTI_WEIGHT, /* likewise */
  SECANTI_S,      /* s of `slot`; d of the pending one */
  SECANTI_Y,      /* y of `slot` */
  SECANTI_G0      /* the gradient at x0, which belongs to the pending slot: in the place of its y, or, where the slots
                     are narrow, in a vector of its own */
} secanti_vector_kind;

typedef struct secanti_vector {
  secanti_vector_kind kind;
  int slot;
} secanti_vector;

/* x = base + step s[slot]. The same bits as the move of pass A with that step. */
void secanti_vectors_move_to(secanti_vectors *vectors, int slot, double step);

/* (s, y)[slot] = (step s, g - y): pass A's finishing of a pair, on its own, with the same bits. */
void secanti_vectors_finish_pair(secanti_vectors *vectors, int slot, double step);

void secanti_vectors_copy(secanti_vectors *vectors, secanti_vector from, secanti_vector to);
void secanti_vectors_scale(secanti_vectors *vectors, double factor, secanti_vector vector);
void secanti_vectors_multiply(secanti_vectors *vectors, secanti_vector from,
                              secanti_vector to); /* to_i = from_i to_i */
void secanti_vectors_weigh(secanti_vectors *vectors, const secanti_metric *metric,
                           secanti_vector vector); /* vector = W vector */
void secanti_vectors_add(secanti_vectors *vectors, double factor, secanti_vector from, secanti_vector to);
void secanti_vectors_dot(secanti_vectors *vectors, secanti_vector a, secanti_vector b, double *sum); /* one sum */
double secanti_vectors_inf(secanti_vectors *vectors, secanti_vector a); /* NaN if any entry is */

/* The type of a vector's elements: f32 for s and y where the slots are narrow, else that of the parameters. */
secant_dtype secanti_vectors_dtype(const secanti_vectors *vectors, secanti_vector_kind kind);

/* Elements first .. first+count of the part of `vector` that belongs to a segment, to or from an array of its type. */
void secanti_vectors_export(secanti_vectors *vectors, secanti_vector vector, size_t segment, size_t first, size_t count,
                            void *out);
void secanti_vectors_import(secanti_vectors *vectors, secanti_vector vector, size_t segment, size_t first, size_t count,
                            const void *in);

#endif
