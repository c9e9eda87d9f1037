/*
 * The eleven objectives of the recorded trajectories, each with its gradient, in double and in single precision.
 * Formulas and starts: tests/data/torch_lbfgs.md.
 */
#ifndef SECANT_TEST_GOLDEN_PROBLEMS_H
#define SECANT_TEST_GOLDEN_PROBLEMS_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What some of the problems need beside n. Absent entries are 0. */
typedef struct golden_args {
  const double *lambda; /* quad: curvatures [n], borrowed while the problem is being made */
  size_t lambda_count;
  double c;      /* chain: weight of the valley */
  size_t m;      /* logistic: rows of data */
  double l2;     /* logistic: penalty */
  uint32_t seed; /* logistic: of the data */
} golden_args;

typedef struct golden_problem golden_problem;

/* Makes problem `name` in n unknowns; NULL if it is unknown, does not fit n or memory is short. */
golden_problem *golden_problem_create(const char *name, size_t n, const golden_args *args);
void golden_problem_destroy(golden_problem *problem);

/* The standard start x [n]. */
void golden_problem_start(const golden_problem *problem, double *x);

/* Value at x [n] and gradient g [n]. All arithmetic is done in the element type; only sums are longer. */
double golden_problem_f64(const golden_problem *problem, const double *x, double *g);
float golden_problem_f32(const golden_problem *problem, const float *x, float *g);

/* The same for arrays of either element type. */
double golden_problem_evaluate(const golden_problem *problem, secant_dtype dtype, const void *x, void *g);

/* Next number of s <- (1664525 s + 1013904223) mod 2^32, scaled to [0, 1); exact in double. */
double golden_random(uint32_t *state);

/* Data of the logistic problem: rows [m][d] with entries in [-1, 1), labels [m] of +1 and -1. */
void golden_logistic_data(size_t m, size_t d, uint32_t seed, double *rows, double *labels);

#endif
