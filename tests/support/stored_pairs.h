/*
 * The curvature pairs that a state dict holds, and the inner products that they ought to have: computed from the vectors
 * themselves, in long double, one product at a time.
 */
#ifndef TESTS_STORED_PAIRS_H
#define TESTS_STORED_PAIRS_H

#include "support/verdict.h"
#include <secant/state.h>
#include <stdbool.h>

enum { STORED_PAIRS_MOST = 8 };

typedef double stored_products[STORED_PAIRS_MOST][STORED_PAIRS_MOST];

typedef struct stored_pairs {
  int count;
  bool single;                /* every element of s and y that this rank has is a float */
  stored_products sy, yy, ss; /* of this rank's elements: a test on several ranks adds them up */
} stored_pairs;

/* Reads the pairs of a dict; none if there are more than STORED_PAIRS_MOST or their vectors are not in double. */
stored_pairs stored_pairs_of(const secant_node *dict);

/* Checks that every pair has s.y > 0, and that the tables in the dict are those of the pairs. */
void stored_pairs_check(struct verdict *verdict, const stored_pairs *pairs, const secant_node *dict, const char *when);

#endif
