/*
 * The line search of torch.optim.LBFGS a second time, as a plain loop with a callback and arrays, for comparison.
 * Only for functions that are finite wherever it looks.
 */
#ifndef SECANT_TESTS_PLAIN_STRONG_WOLFE_H
#define SECANT_TESTS_PLAIN_STRONG_WOLFE_H

#include "search_properties.h"

/* Searches with |d|_inf = 1, c1 = 1e-4, c2 = 0.9, bracket tolerance 1e-9 and 25 iterations. */
plain_search plain_strong_wolfe(const scalar_function *function, double first_trial);

#endif
