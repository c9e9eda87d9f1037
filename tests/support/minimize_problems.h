/*
 * Objectives for tests of secant_minimize_lbfgs(): formulas in double behind one secant_objective of either element
 * type, and runs on them.
 */
#ifndef SECANT_TESTS_MINIMIZE_PROBLEMS_H
#define SECANT_TESTS_MINIMIZE_PROBLEMS_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROBLEM_CAPACITY = 128 };

struct problem;

/* Value and gradient of this rank's part of x, all in double; g is never NULL. */
typedef double problem_formula(const struct problem *problem, const double *x, double *g);

typedef struct problem {
  problem_formula *formula;
  secant_dtype dtype;
  size_t count;  /* local unknowns, at most PROBLEM_CAPACITY */
  int64_t first; /* global index of the first one */
  double a, b;   /* constants of the formula */
  double c[PROBLEM_CAPACITY], m[PROBLEM_CAPACITY];
  bool has_no_gradient; /* fails if asked for one */
  int64_t fail_at;      /* evaluation that reports failure, counted from 1; 0: none */
  int64_t evaluations;
} problem;

/* <x, x> */
problem_formula problem_square;
/* sum_i c_i (x_i - m_i)^2 */
problem_formula problem_quadratic;
/* x^3 / 3 - (a + b) x^2 / 2 + a b x: no lower bound, minimum at b, maximum at a */
problem_formula problem_cubic;
/* 3 x^4 + 0.4 x^3 - 5.64 x^2 + 2.112 x: minima at -1.1 and 0.8 */
problem_formula problem_two_minima;
/* (a - x)^2 + b (y - x^2)^2 */
problem_formula problem_rosenbrock;
/* sum over i of 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2 */
problem_formula problem_chained_rosenbrock;
/* sum over pairs of c (v - u^2)^2 + (1 - u)^2, c = 1 + pair mod 7; may be cut between pairs */
problem_formula problem_valleys;
/* sum_i x_i - log x_i, infinite for x_i <= 0 */
problem_formula problem_log_barrier;
/* sum_i a x_i: no minimum */
problem_formula problem_line;
/* |x|^2 with the sign of the gradient wrong: no way down */
problem_formula problem_wrong_gradient;

/* <x, x> in two unknowns: the example of Paddle's documentation, which begins at PROBLEM_EXAMPLE = (1.3, 2.7). */
extern const double PROBLEM_EXAMPLE[2];
problem problem_example(secant_dtype dtype);

/* A chained Rosenbrock valley of 30 unknowns, which fifty iterations do not get through, and its usual start. */
problem problem_long_valley(double *start);

/* A secant_objective: `user` is the problem. */
int problem_objective(void *user, const void *x, double *f, void *g);

/* One parameter with the problem's type and count and the given values, no gradient. */
secant_parameter problem_position(const problem *problem, void *values);

/* A minimisation of the problem from there. */
secant_minimization problem_minimization(problem *problem, const secant_parameter *position);

/* An empty record to be filled. */
secant_result problem_record(void);

/*
 * Minimises from `start` [count]; NULL options are Paddle's. Fails the running test on any error, and if the number of
 * calls in the record is not that of the evaluations made. Free the record with secant_result_free().
 */
secant_result problem_minimised(problem *problem, const double *start, const secant_options *options);

/* Element i of an array of the problem's type. */
double problem_element(const problem *problem, const void *array, size_t i);

/* The largest absolute element of an array of the problem's type and count. */
double problem_norm_inf(const problem *problem, const void *array);

/* Stores doubles as the problem's type. */
void problem_store(const problem *problem, const double *from, void *to);

#endif
