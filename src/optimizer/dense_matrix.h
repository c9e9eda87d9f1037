/* A dense initial inverse Hessian: every rank keeps its own rows, and multiplies them with the gathered vector. */
#ifndef SECANT_DENSE_MATRIX_H
#define SECANT_DENSE_MATRIX_H

#include "optimizer/parameters.h"

typedef struct secanti_dense secanti_dense;

/* Whether a matrix [n][n] is finite, symmetric to 1e-10 of its largest entry, and positive definite. Not collective. */
secant_status secanti_dense_check(const double *matrix, int64_t n, secant_error *error);

/*
 * Copies this rank's rows of a matrix over all unknowns, in the order of the parameters and of the elements in each.
 * Collective; the outcome is common.
 */
secant_status secanti_dense_create(secanti_dense **out, const double *matrix, const secanti_parameters *parameters,
                                   secant_comm *comm, secant_error *error);

/* Frees a secanti_dense. */
void secanti_dense_destroy(void *dense);

/* output = matrix input, a secant_operator; nonzero if the ranks could not exchange the vector. Collective. */
int secanti_dense_apply(void *dense, const void *const *input, void *const *output);

#endif
