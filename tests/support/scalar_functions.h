/* Random functions of one variable with known derivative, and a line search run on one of them. */
#ifndef SECANT_TESTS_SCALAR_FUNCTIONS_H
#define SECANT_TESTS_SCALAR_FUNCTIONS_H

#include "numerics/search.h"
#include <stdbool.h>
#include <stdint.h>

/* All begin downhill at t = 0. The kinds from SCALAR_FIRST_BROKEN on are not finite everywhere on t >= 0. */
typedef enum scalar_kind {
  SCALAR_QUADRATIC,   /* minimiser anywhere between 1e-6 and 1e6 */
  SCALAR_QUARTIC,     /* up to two minima */
  SCALAR_EXPONENTIAL, /* a rising wall, smooth, that overflows far out */
  SCALAR_OSCILLATING, /* a sine on a parabola: many local minima */
  SCALAR_FLAT_TAIL,   /* slope tends to 0 at infinity, minimum in between */
  SCALAR_CONCAVE,     /* unbounded below, ever steeper */
  SCALAR_LINEAR,      /* unbounded below */
  SCALAR_LOG_BARRIER, /* NaN beyond a point, +inf at it */
  SCALAR_WALL,        /* linear, then +inf from some point on */
  SCALAR_PIT,         /* linear, then -inf from some point on */
  SCALAR_NAN_ISLAND,  /* a quartic with an interval where it is NaN */
  SCALAR_NAN_SLOPE,   /* a quadratic whose slope alone is NaN beyond a point */
  SCALAR_KINDS,
  SCALAR_FIRST_BROKEN = SCALAR_LOG_BARRIER
} scalar_kind;

typedef struct scalar_function {
  scalar_kind kind;
  double loss_unit; /* multiplies the loss */
  double step_unit; /* divides t */
  double offset;    /* added to the loss */
  double a, b, c, edge;
} scalar_function;

/* A function drawn from `seed`, its kind being seed modulo `kinds`. */
scalar_function scalar_random(uint64_t seed, int kinds);

/* phi(t) and phi'(t). */
secanti_point scalar_evaluate(const scalar_function *function, double step);

/* What a search did, seen by an engine that keeps the start, the last point told and the last point kept. */
enum { SCALAR_RUN_CAPACITY = 64 };
typedef struct scalar_run {
  secanti_verdict verdict;
  secanti_point start, best;
  int trials;
  bool all_finite;       /* the start and every trial */
  bool best_is_in_store; /* best.step is one of the three steps the engine has a gradient for */
  double steps[SCALAR_RUN_CAPACITY];
} scalar_run;

/* Runs a search with |d|_inf = 1 to its end, or to SCALAR_RUN_CAPACITY trials with verdict TRY. */
scalar_run scalar_search(const scalar_function *function, secanti_search_rule *rule,
                         const secanti_search_limits *limits, double first_trial);

#endif
