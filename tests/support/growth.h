/*
 * A separable objective over three parameters, the third of which can join a run later as a group of its own, and the
 * question what becomes of that run. Separable: what the first two parameters do does not depend on the third, as long
 * as steps are not.
 */
#ifndef TESTS_GROWTH_H
#define TESTS_GROWTH_H

#include "support/verdict.h"
#include <secant/secant.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GROWTH_PARAMETERS = 3, GROWTH_FIRST = 2 };

typedef struct growth_run {
  secant_dtype dtype;
  secant_parameter parameters[GROWTH_PARAMETERS];
  int64_t first[GROWTH_PARAMETERS]; /* global index of this rank's first element */
  bool grown;                       /* the closure evaluates the third parameter, too */
  secant_optimizer *optimizer;
} growth_run;

/* A run over the first two parameters. The third lies on the last rank only. NULL after a failure. */
growth_run *growth_create(secant_comm *comm, secant_dtype dtype, const secant_options *options);
void growth_destroy(growth_run *run);

/* Adds the third parameter. */
secant_status growth_add(growth_run *run, const secant_options *options);

/* Share of the sum of w_i (x_i - c_i)^2 / 2 + (x_i - c_i)^4 / 20 with c_i in [-1, 1], w_i in [1, 97], in the third
 * parameter 1/2. */
int growth_closure(void *user, double *loss);

/* The largest |x_i - c_i| on this rank, over all parameters that take part. */
double growth_error(const growth_run *run);

/* Checks that the first two parameters have the same bits in both runs. */
void growth_compare(struct verdict *verdict, const growth_run *a, const growth_run *b, const char *when);

/* Options of both kinds of steps: few iterations a call, a history that is full when the group comes. */
secant_options growth_options(secant_direction direction, secant_line_search search);

/* In what way a run is made. */
typedef struct growth_kind {
  secant_dtype dtype;
  secant_direction direction;
  secant_line_search search;
  secant_initial_kind initial; /* of the first two parameters; one step with it is no Newton step */
} growth_kind;

/* All ways, 0 <= index < GROWTH_KINDS; the initial matrix is not dense. */
enum { GROWTH_KINDS = 32 };
growth_kind growth_kind_of(int index);

/* Everything that is to be shown of a group that joins in mid-run. */
void growth_check(struct verdict *verdict, secant_comm *comm, const growth_kind *kind);

/* The n-th collective call of adding a group fails, for n = 1, 2, ...: the optimizer is as it was each time. */
void growth_check_failures(struct verdict *verdict, secant_comm *comm);

#endif
