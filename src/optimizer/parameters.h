/* The optimizer's own record of the caller's parameters: names, shapes, extents. The arrays stay the caller's. */
#ifndef SECANT_PARAMETERS_H
#define SECANT_PARAMETERS_H

#include "comm/comm.h"
#include "vector/vectors.h"
#include <secant/secant.h>

typedef struct secanti_parameter {
  char *name;     /* the caller's, or its position "0", "1", ... if the parameters are unnamed */
  int64_t *shape; /* [dimensions] */
  int dimensions;
  int64_t extent; /* global count */
  int64_t first;  /* this rank's first element in it */
  size_t group;
  bool absent;   /* its gradient counts as zero */
  bool poisoned; /* absent, and its array holds the mark that tells whether the closure wrote to it */
} secanti_parameter;

typedef struct secanti_parameters {
  size_t count;
  secant_dtype dtype;
  secanti_parameter *entries; /* [count] */
  secanti_segment *segments;  /* [count] this rank's arrays */
  int64_t extent;             /* unknowns in all, over all ranks */
  int64_t starts;             /* bitwise or of where all ranks' parts of all parameters begin, empty parts left out */
  bool named;                 /* by the caller, all of them */
  size_t groups;
} secanti_parameters;

/* Checks and copies: one group. Collective: a rank's failure, or parameters that differ between ranks, fail
 * everywhere. */
secant_status secanti_parameters_create(secanti_parameters *parameters, const secant_parameter *from, size_t count,
                                        secant_comm *comm, secant_error *error);

/* As secanti_parameters_create(), with a further group after copies of those of `base`, which stays as it is. */
secant_status secanti_parameters_extend(secanti_parameters *parameters, const secanti_parameters *base,
                                        const secant_parameter *from, size_t count, secant_comm *comm,
                                        secant_error *error);
void secanti_parameters_destroy(secanti_parameters *parameters);

/* Whether every rank's part of every parameter begins at a tile's boundary, so that tiles are the same on any number of
 * ranks that are cut like that. The same on all ranks. */
bool secanti_parameters_cut_at_tiles(const secanti_parameters *parameters);

/* Decides which of the gradients marked absent have been written to: those are present from now on, the others are zero
 * (gradients.c). Not collective. */
void secanti_gradients_settle(secanti_parameters *parameters);

#endif
