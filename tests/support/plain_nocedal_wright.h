/*
 * The line search of Nocedal & Wright 2006, algorithms 3.5 and 3.6, a second time: two plain loops with a callback, for
 * comparison. Only for functions that are finite wherever it looks.
 */
#ifndef SECANT_TESTS_PLAIN_NOCEDAL_WRIGHT_H
#define SECANT_TESTS_PLAIN_NOCEDAL_WRIGHT_H

#include "search_properties.h"

/* Searches with c1 = 1e-4, c2 = 0.9, longest step 10, bracket tolerance 1e-8 and 50 iterations in all. */
plain_search plain_nocedal_wright(const scalar_function *function, double first_trial);

#endif
