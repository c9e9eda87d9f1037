/*
 * A run that can be interrupted anywhere: an objective over several named parameters, some of them empty, and what is
 * left to compare when it has ended. For tests that a loaded checkpoint goes on as if nothing had happened.
 */
#ifndef TESTS_CONTINUATION_H
#define TESTS_CONTINUATION_H

#include "support/verdict.h"
#include <secant/secant.h>
#include <stdbool.h>

enum { CONTINUATION_PARAMETERS = 4 };

typedef struct continuation {
  secant_comm *comm; /* borrowed */
  secant_dtype dtype;
  secant_parameter parameters[CONTINUATION_PARAMETERS];
  int64_t first[CONTINUATION_PARAMETERS]; /* global index of this rank's first element */
  double wall;                            /* the objective is not finite where an entry exceeds this; 0: nowhere */
  secant_optimizer *optimizer;
} continuation;

/* Extents and start are the same for any number of ranks; rank 0 owns less than its part, so that cuts are uneven.
 * `shift` moves the start: 0 for the run itself, another number for one that must get its point from a file. */
continuation *continuation_create(secant_comm *comm, secant_dtype dtype, const secant_options *options, double shift);

/* The same with a rank, not the last, that owns nothing; -1: none is idle. */
continuation *continuation_create_with_idle(secant_comm *comm, secant_dtype dtype, const secant_options *options,
                                            double shift, int idle);
void continuation_destroy(continuation *run);

/* This rank's share of sum w_i (x_i - c_i)^2 / 2 + (x_i - c_i)^4 / 20, w_i in [1, 1000], and its gradient. */
int continuation_closure(void *user, double *loss);

/* Asks and tells until `evaluations` have been told or the run has ended. Returns the number told; -1 on an error. With
 * `ask`, an evaluation is asked for in the end. */
int continuation_advance(continuation *run, int evaluations, bool ask);

/* Checks that two runs are at the same point with the same counters, to the bit. */
void continuation_compare(struct verdict *verdict, const continuation *a, const continuation *b, const char *when);

/* Checks a status, with the optimizer's message. */
void continuation_expect(struct verdict *verdict, const continuation *run, secant_status status, secant_status expected,
                         const char *when);

#endif
