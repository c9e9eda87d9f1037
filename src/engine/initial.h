/*
 * The initial inverse Hessian H0 of a run, apart from its scale gamma. The identity and its multiples cost nothing; a
 * diagonal lives in the weights of the vectors, and the passes see to it. What is left, a dense matrix or an operator,
 * is applied to a vector that is spread out into plain arrays, one for each parameter.
 */
#ifndef SECANT_INITIAL_H
#define SECANT_INITIAL_H

#include "vector/vectors.h"
#include <secant/secant.h>
#include <stdbool.h>

/* A vector as plain arrays of the parameters' type, going into the operator and coming out. All NULL unless H0 is
 * applied. */
typedef struct secanti_scratch {
  size_t segments;
  size_t *counts; /* [segments] */
  void **input;   /* [segments] */
  void **output;  /* [segments] */
  void *elements; /* what they point into: the input, then the output */
  size_t bytes;   /* of each of the two */
} secanti_scratch;

/* All zero is the identity. */
typedef struct secanti_initial {
  secant_initial_kind kind;
  secant_operator *apply;      /* of DENSE and OPERATOR */
  void *user;                  /* handed to it */
  void (*release)(void *user); /* frees `user`; NULL: borrowed */
  secant_status failure;       /* what it means if `apply` fails */
  bool unscaled;               /* gamma does not know the newest pair yet: y.H0 y is missing */
} secanti_initial;

secant_status secanti_scratch_create(secanti_scratch *scratch, secant_dtype dtype, const secanti_segment *segments,
                                     size_t count);
void secanti_scratch_destroy(secanti_scratch *scratch);

void secanti_initial_destroy(secanti_initial *initial);

/* Whether a multiplication by H0 is a call, not a factor that the passes know. */
static inline bool secanti_initial_is_applied(const secanti_initial *initial)
{
  return initial->kind == SECANT_INITIAL_DENSE || initial->kind == SECANT_INITIAL_OPERATOR;
}

/*
 * to = H0 from, rounded to the type of `to`; needs a H0 that is applied. Parameters that a dense matrix does not
 * reach, because they were added later, are multiplied by 1. Returns `failure` on the ranks where the operator failed:
 * the caller takes that into its next reduction.
 */
secant_status secanti_initial_apply(const secanti_initial *initial, secanti_scratch *scratch, secanti_vectors *vectors,
                                    secanti_vector from, secanti_vector to);

#endif
