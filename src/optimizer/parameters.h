/* The optimizer's own record of the caller's parameters: names, shapes, extents. The arrays stay the caller's. */
#ifndef SECANT_PARAMETERS_H
#define SECANT_PARAMETERS_H

#include "comm/comm.h"
#include "vector/vectors.h"
#include <secant/secant.h>

typedef struct secanti_parameter {
  char *name;
  int64_t *shape; /* [dimensions] */
  int dimensions;
  int64_t extent; /* global count */
  int64_t first;  /* this rank's first element in it */
} secanti_parameter;

typedef struct secanti_parameters {
  size_t count;
  secant_dtype dtype;
  secanti_parameter *entries; /* [count] */
  secanti_segment *segments;  /* [count] this rank's arrays */
  int64_t extent;             /* unknowns in all, over all ranks */
} secanti_parameters;

/* Checks and copies. Collective: a rank's failure, or parameters that differ between ranks, fail everywhere. */
secant_status secanti_parameters_create(secanti_parameters *parameters, const secant_parameter *from, size_t count,
                                        secant_comm *comm, secant_error *error);
void secanti_parameters_destroy(secanti_parameters *parameters);

#endif
