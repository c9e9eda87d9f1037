/* A gradient for objectives that have none: central differences over the global vector. */
#ifndef SECANT_FINITE_DIFFERENCES_H
#define SECANT_FINITE_DIFFERENCES_H

#include "comm/comm.h"
#include <secant/secant.h>

typedef struct secanti_differences {
  secant_objective *objective;
  void *user;
  secant_comm *comm; /* borrowed */
  secant_loss loss;
  secant_dtype dtype;
  size_t count;                /* local unknowns */
  int64_t first;               /* global index of the first one */
  int64_t extent;              /* unknowns in all, over all ranks */
  void *probe;                 /* [count] the point evaluated, owned */
  secant_status status;        /* of the last exchange; ERR_CLOSURE if the objective failed on any rank */
  secanti_reduction reduction; /* owned */
} secanti_differences;

/* Allocates what an evaluation needs; all other members are set by the caller. Not collective. Destroy it also after a
 * failure. */
secant_status secanti_differences_create(secanti_differences *differences);
void secanti_differences_destroy(secanti_differences *differences);

/*
 * A secant_objective with a gradient, made of one without; `user` is a secanti_differences.
 *   g_i = (f(x + h_i e_i) - f(x - h_i e_i)) / 2 h_i,   h_i = cbrt(eps) max(1, |x_i|),   eps of the element type
 * 2 n + 1 evaluations, each with a reduction, so that a failure on one rank ends it on all. Collective.
 * Returns non-zero where the objective failed, or the communication.
 */
int secanti_differences_objective(void *user, const void *x, double *f, void *g);

#endif
