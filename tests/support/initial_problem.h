/*
 * Small problems with an initial inverse Hessian that is known entry by entry, cut into three parameters of which one
 * is empty, and the direction that the definition of BFGS asks for. For tests of initial matrices.
 */
#ifndef TESTS_INITIAL_PROBLEM_H
#define TESTS_INITIAL_PROBLEM_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stdint.h>

enum { INITIAL_N = 8, INITIAL_PARAMETERS = 3 };

/*
 * f(x) = x'A x / 2 + bend sum (x_i+1 - x_i^2)^2 over even i, A random, symmetric and positive definite. The matrix H0
 * is positive definite, diagonal or a multiple of the identity as `kind` says.
 */
typedef struct initial_problem {
  secant_dtype dtype;
  secant_initial_kind kind;
  double a[INITIAL_N][INITIAL_N], h0[INITIAL_N][INITIAL_N];
  double bend;
  double x[INITIAL_N], g[INITIAL_N]; /* room for either type */
  secant_parameter parameters[INITIAL_PARAMETERS];
  const void *diagonal[INITIAL_PARAMETERS];
  double diagonal_entries[INITIAL_N]; /* likewise */
  int64_t evaluations, multiplications;
  int64_t fail_at; /* multiplication that reports failure, counted from 1; 0: none */
  bool spoils;     /* multiplications give NaN */
} initial_problem;

/* Whether this build of the library has a kind of initial matrix. */
bool initial_kind_is_offered(int kind);

/* Addresses in it point into itself: it must stay where it is. */
void initial_problem_create(initial_problem *problem, secant_initial_kind kind, secant_dtype dtype, double bend,
                            uint64_t seed);

/* Random numbers once more, for x. */
void initial_problem_start(initial_problem *problem, uint64_t seed);

/* The matrix as secant_set_initial_matrix() takes it. */
secant_initial_matrix initial_problem_matrix(initial_problem *problem);

/* A secant_closure; `user` is the problem. */
int initial_problem_evaluate(void *user, double *loss);

/* A secant_operator that multiplies by h0; `user` is the problem. */
int initial_problem_multiply(void *user, const void *const *input, void *const *output);

/* Replaces h0 by the inverse of a. */
void initial_problem_invert(initial_problem *problem);

/* An element of x or of g, as a double. */
double initial_problem_get(const initial_problem *problem, const double *array, int index);

/*
 * d = -H g with H built as a matrix: H = gamma h0, then for every pair, oldest first, H = V'H V + rho s s', V = I -
 * rho y s', rho = 1 / s.y. gamma = s.y / y.h0 y of the newest pair if `scaled`, else 1.
 * Source: Nocedal and Wright 2006, equations 7.16 and 7.20.
 */
void initial_problem_direction(const initial_problem *problem, int pairs, double s[][INITIAL_N], double y[][INITIAL_N],
                               bool scaled, const double *g, double *d);

#endif
