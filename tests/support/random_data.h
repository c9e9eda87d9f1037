/* Random data sets for tests, sparse and dense alike: the dense twin of a sparse set holds the same numbers. */
#ifndef SECANT_TESTS_RANDOM_DATA_H
#define SECANT_TESTS_RANDOM_DATA_H

#include "cli/dataset.h"

/* Rows whose entries are present with probability 1/3 (some rows and columns stay empty); no labels. */
void random_sparse(uint64_t *state, size_t rows, size_t columns, dataset *data);

/* The same rows, dense. */
void densify(const dataset *sparse, dataset *dense);

#endif
