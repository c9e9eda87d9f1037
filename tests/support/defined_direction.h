/*
 * The direction of an optimizer whose trial step is wanted, against the definition in long double, formed from the
 * pairs themselves: H0 = gamma W with the diagonal W that is in force, or W = I.
 */
#ifndef TESTS_DEFINED_DIRECTION_H
#define TESTS_DEFINED_DIRECTION_H

#include "optimizer/optimizer.h"
#include "support/verdict.h"

/* Checks d, that it descends, the slope that was predicted, and gamma. f64, at most 100 unknowns and 16 pairs, one rank,
 * scaling by the newest pair. */
void expect_defined_direction(struct verdict *verdict, const secant_optimizer *optimizer, const char *when, int at);

#endif
