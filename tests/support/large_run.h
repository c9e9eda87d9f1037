/*
 * A run whose parameters have billions of elements, of which the real ranks hold a few thousand each and phantoms the
 * rest (support/phantom_comm.h).
 */
#ifndef TESTS_LARGE_RUN_H
#define TESTS_LARGE_RUN_H

#include "support/valley.h"
#include <secant/secant.h>

enum { LARGE_PARAMETERS = 2 };

/* Elements of a parameter on a phantom: a multiple of the tile, above 2^32. */
#define LARGE_PHANTOM INT64_C(4608000000)

typedef struct large_run {
  secant_comm *comm; /* the phantoms' */
  valley parts[LARGE_PARAMETERS];
  int64_t extents[LARGE_PARAMETERS]; /* over all ranks, phantoms included */
  secant_parameter parameters[LARGE_PARAMETERS];
  secant_optimizer *optimizer;
} large_run;

/* A run on rank r * stride + place for rank r of `inner` (NULL: one process, r = 0). stride 1: there is no phantom, but
 * the objective is that of the shard behind `hidden` elements. NULL after a failure. */
large_run *large_run_create(secant_comm *inner, int stride, int place, int64_t hidden, const secant_options *options);
void large_run_destroy(large_run *run);

/* A secant_closure: `user` is the run. */
int large_run_evaluate(void *user, double *loss);

/* Whether both runs are at the same point, to the bit. */
bool large_run_same(const large_run *a, const large_run *b);

/* Few iterations a call, three pairs, no tolerance: the second call evicts. */
secant_options large_run_options(void);

#endif
