/*
 * The suite of analytic test problems: formulas alone, which know nothing of ranks, threads or the library, so that
 * other solvers can be given the same functions. A problem is evaluated as a whole: they are small.
 */
#ifndef SECANT_CLI_SUITE_H
#define SECANT_CLI_SUITE_H

#include <stddef.h>

/* What a solver must be prepared for. */
enum {
  SUITE_UNBOUNDED = 1, /* f has no lower bound */
  SUITE_UNDEFINED = 2, /* f or g is not finite somewhere, on the way or near it */
  SUITE_INFIMUM = 4,   /* f is bounded below, but attains no minimum: g vanishes at infinity only */
  SUITE_NOISY = 8      /* f carries rounding errors far above those of its last digit */
};

/* One problem: f of n unknowns and its gradient. */
typedef struct suite_problem {
  const char *name;   /* lower case, words joined by "-" */
  const char *source; /* where formula and start are published, or "Secant" for our own */
  int n;              /* unknowns, unless another number is asked for */
  int step;           /* n may be any multiple of this from `least` on; 0: n is what it is */
  int least;
  double optimum; /* the least value of f at n unknowns as published or from a closed form; NAN if unknown, -INFINITY if
                     unbounded */
  unsigned traits;
  void (*start)(int n, double *x);                              /* fills x [n] */
  double (*evaluate)(int n, const double *x, double *gradient); /* returns f, fills gradient [n] */
} suite_problem;

/* The problems of one source file, in the order of its source. */
typedef struct suite_family {
  const suite_problem *problems;
  size_t count;
} suite_family;

/* Problem `index` of all families, NULL beyond the last. */
const suite_problem *suite_at(int index);

/* The problem of that name, or NULL. */
const suite_problem *suite_find(const char *name);

#endif
