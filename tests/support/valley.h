/*
 * An objective for tests of the whole optimizer: uncoupled curved valleys of different steepness,
 *   f(x) = sum over pairs i of c_i (v_i - u_i^2)^2 + (1 - u_i)^2,   c_i = 1 + i mod 7,   minimum 0 at (1, 1, ...).
 * It knows where its shard lies, so it means the same problem on any number of ranks, and it fails on demand.
 */
#ifndef SECANT_TESTS_VALLEY_H
#define SECANT_TESTS_VALLEY_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct valley {
  size_t count;  /* local unknowns, even */
  int64_t first; /* global index of the first one, even */
  double *x;     /* [count] */
  double *g;
  int64_t evaluations;
  int64_t fail_at; /* evaluation that reports failure, counted from 1; 0: none */
  int64_t nan_at;  /* evaluation whose loss is NaN */
  double offset;   /* added to the loss of whoever owns unknown 0 */
  double *last;    /* [count] or NULL: receives x at each evaluation */
} valley;

/* Allocates the arrays and sets the start (-1.2, 1, ...) + a small shift by index; free with valley_destroy(). */
valley valley_create(int64_t n, int ranks, int rank);
void valley_destroy(valley *v);
void valley_start(valley *v);

secant_parameter valley_parameter(const valley *v);

/* A secant_closure: `user` is the valley. */
int valley_evaluate(void *user, double *loss);

#endif
