/*
 * What a checkpoint holds, each entry named once. write.c and read.c walk the same tables, so they cannot drift apart.
 *
 *   /                 attributes format, version, library, problem, dtype, history_dtype, n, initial_matrix
 *   /options          the options as text, for human readers; loading does not apply them
 *   /parameters/<i>   attributes name, shape, group; datasets of the table of vectors, one for every parameter
 *   /pairs            names of the files of the pairs, if these are not in the file itself (references.h)
 *   /state            attributes of the table of scalars, and group_inf; datasets of the table of small tables
 *
 * A seal comes ahead of all that (seal.h), and every dataset has its checksum in an attribute xxh3 (checksum.h).
 *
 * dtype is the type of the parameters, and of all vectors but s, y and d, which are of history_dtype.
 *
 * What is saved is always an accepted point: a boundary with f and g known, or, between calls, the point whose gradient
 * the next call will ask for. Within a line search it is the boundary that the search began from.
 */
#ifndef SECANT_SCHEMA_H
#define SECANT_SCHEMA_H

#include "optimizer/optimizer.h"

#define SECANTI_FORMAT "secant-checkpoint"
enum { SECANTI_FORMAT_VERSION = 7 };

/* No option allows a longer history; a hostile file may claim one, whose tables no number of bytes can count. */
enum { SECANTI_MOST_PAIRS = 10000 };

static inline const char *secanti_dtype_name(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? "float32" : "float64";
}

/* The state without its vectors, as a value of its own: taken from an engine, or read and checked before one
 * changes. */
typedef struct secanti_snapshot {
  int64_t phase; /* SECANTI_IDLE or SECANTI_BOUNDARY */
  int64_t reason;
  int64_t direction; /* secant_direction: the textbook loop keeps no inner products of different pairs */
  int64_t capacity;
  int64_t pairs;
  int64_t skipped;
  int64_t added; /* parameters at the end that came in after the last evaluation */
  size_t groups; /* of parameters */
  double gamma;
  double reference; /* s.y / y.y of the newest pair */
  double start_loss;
  bool unevaluated;
  bool restarted;
  bool unscaled;      /* gamma does not know the newest pair yet: an initial matrix that is applied failed */
  bool has_direction; /* the pending slot holds a direction and the gradient at its start */
  secanti_counters counters;
  secanti_observation here; /* its arrays are [pairs], or [groups], and lie in `storage` */
  double *gram_sy;          /* [pairs][pairs] */
  double *gram_yy;
  double *storage; /* owned */
} secanti_snapshot;

/* The state of the engine as it is to be saved. Changes nothing. */
secant_status secanti_snapshot_take(secanti_snapshot *snapshot, const secanti_engine *engine);
/* Room for the tables of a snapshot whose `pairs` and `groups` are known. */
secant_status secanti_snapshot_allocate(secanti_snapshot *snapshot);
void secanti_snapshot_destroy(secanti_snapshot *snapshot);

/* Forgets the oldest pairs, so that `pairs` are left. The scale of H0, gamma, stays what it was. A diagonal that is in
 * force and was made of those that are gone cannot be had any more: it is made of 0 pairs then. */
void secanti_snapshot_keep_newest(secanti_snapshot *snapshot, int64_t pairs);

/* Puts the state into the engine, in `storage`, which is of the engine's size, has pair i in slot i, and no history
 * yet; the engine's own is in `storage` afterwards. Cannot fail. */
void secanti_snapshot_restore(const secanti_snapshot *snapshot, secanti_engine *engine, secanti_storage *storage);

/* The history part of it, on its own; and the way back of the inner products of all pairs. */
void secanti_snapshot_restore_history(const secanti_snapshot *snapshot, secanti_history *history);
void secanti_snapshot_take_products(secanti_snapshot *snapshot, const secanti_gram *gram);

/* Identifier of a kind of initial matrix, such as "diagonal". */
const char *secanti_initial_name(secant_initial_kind kind);

/* ---- scalars: attributes of /state -------------------------------------------------------------------------------- */

typedef enum secanti_scalar_kind {
  SECANTI_INTEGER, /* int64_t, 0 .. INT64_MAX / 2 */
  SECANTI_REAL,    /* double [count] */
  SECANTI_FLAG,    /* bool, an integer 0 or 1 in the file */
  SECANTI_CHOICE   /* int64_t, a text in the file */
} secanti_scalar_kind;

typedef enum secanti_real_rule {
  SECANTI_ANY,
  SECANTI_FINITE,
  SECANTI_POSITIVE,
  SECANTI_FINITE_AT_BOUNDARY /* NaN before the first evaluation */
} secanti_real_rule;

typedef struct secanti_scalar {
  const char *name;
  secanti_scalar_kind kind;
  size_t offset; /* in secanti_snapshot */
  size_t count;
  secanti_real_rule rule;               /* of reals */
  const char *(*choice)(int64_t value); /* text of a choice; NULL past the last; "" for a value that is never saved */
} secanti_scalar;

extern const secanti_scalar secanti_scalars[];
extern const size_t secanti_scalar_count;

static inline void *secanti_scalar_at(const secanti_scalar *scalar, secanti_snapshot *snapshot)
{
  return (char *)snapshot + scalar->offset;
}

/* Value of a choice from its text; -1 if there is none. */
int64_t secanti_scalar_parse(const secanti_scalar *scalar, const char *text);

/* The first scalar whose value cannot be; NULL if all are sound. */
const secanti_scalar *secanti_snapshot_fault(secanti_snapshot *snapshot);

/* Whether the tables can belong to a run: every stored pair has s.y > 0, and the gradient is the largest of the
 * groups'. */
bool secanti_snapshot_tables_sound(const secanti_snapshot *snapshot);

/* ---- small tables: datasets of /state, absent without pairs -------------------------------------------------------- */

typedef struct secanti_table {
  const char *name;
  size_t offset;  /* of the pointer, in secanti_snapshot */
  int dimensions; /* 1: [pairs], 2: [pairs][pairs] */
} secanti_table;

extern const secanti_table secanti_tables[];
extern const size_t secanti_table_count;

static inline double *secanti_table_at(const secanti_table *table, const secanti_snapshot *snapshot)
{
  return *(double *const *)((const char *)snapshot + table->offset);
}

/* ---- vectors: datasets of every parameter -------------------------------------------------------------------------- */

typedef struct secanti_vector_entry {
  const char *name;
  secanti_vector_kind kind;
  bool of_pairs;                                    /* [pairs][extent], oldest first; else [extent] */
  size_t (*rows)(const secanti_snapshot *snapshot); /* 0: absent in this state */
} secanti_vector_entry;

extern const secanti_vector_entry secanti_vector_entries[];
extern const size_t secanti_vector_entry_count;

#endif
