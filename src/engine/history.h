/*
 * The curvature pairs of a run: which slot of the vectors holds which pair, their inner products, and the scaling of
 * the initial matrix. The ring owns its count: a refused pair never shrinks it.
 *
 *   m + 1 slots:  order[0 .. pairs) are the stored pairs, oldest first; `pending` is the slot that the current
 *                 direction and the gradient at its start live in until they become a pair.
 */
#ifndef SECANT_HISTORY_H
#define SECANT_HISTORY_H

#include "numerics/gram.h"
#include <secant/secant.h>
#include <stdbool.h>

/* What the owner of a run calls a stored pair, to know it again. All zero: nothing yet. Equal on all ranks. */
typedef struct secanti_label {
  uint64_t high, low;
} secanti_label;

typedef struct secanti_history {
  int capacity; /* m */
  int pairs;
  int *order;            /* [m + 1] */
  secanti_label *labels; /* [m + 1] of each slot; gone when another pair comes into it */
  int pending;
  double gamma;         /* H0 is gamma times the initial matrix */
  double reference;     /* s.y / y.y of the newest pair */
  double initial_gamma; /* before the first pair: 1, or a scalar initial matrix */
  bool fixed_gamma;     /* pairs do not change gamma */
  secanti_gram gram;
  int64_t skipped; /* pairs refused so far */
} secanti_history;

/* The inner products that decide about a new pair and extend the tables. */
typedef struct secanti_candidate {
  double sy, yy, ss;       /* s.y, y.y, s.s of the new pair */
  double yhy;              /* y.H0 y, with H0 as in the tables */
  const double *column_sy; /* [pairs + 1] s_i . y, the new pair's own last */
  const double *column_yy; /* [pairs + 1] y_i . H0 y, likewise */
} secanti_candidate;

secant_status secanti_history_create(secanti_history *history, int capacity);
void secanti_history_destroy(secanti_history *history);

/* Forgets all pairs; gamma = initial_gamma. */
void secanti_history_clear(secanti_history *history);

/* Whether the pair passes the curvature test. A value that is not finite never passes. */
bool secanti_history_accepts(const secanti_candidate *pair, secant_curvature test, double tolerance);

/* A slot that neither a pair nor the pending one uses, or -1: until the history is full, the last one. */
int secanti_history_free_slot(const secanti_history *history);

/*
 * Makes the pending slot the newest pair, dropping the oldest if all m are in use, and sets gamma = s.y / y.H0 y
 * (Nocedal 1980, the scaling of Shanno and Phua 1978) unless it is fixed. With m = 0 only gamma changes: steepest
 * descent with the step length of Barzilai and Borwein 1988. Returns true if the oldest pair was dropped.
 */
bool secanti_history_append(secanti_history *history, const secanti_candidate *pair);

#endif
