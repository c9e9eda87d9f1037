/* Trees of named values for tests of their files: one with every kind of value, random ones, and a comparison. */
#ifndef SECANT_TESTS_STATE_TREES_H
#define SECANT_TESTS_STATE_TREES_H

#include "support/verdict.h"
#include <secant/secant.h>

/* A vector [n] that is cut into `pieces`; element i is seed + i, whoever holds it. */
secant_node *state_tree_vector(secant_dtype dtype, int64_t n, const secant_piece *pieces, size_t count, double seed);

/* A tensor that is whole, of this shape. */
secant_node *state_tree_tensor(secant_dtype dtype, int dimensions, const int64_t *shape, double seed);

/* Every kind of value and list; its vectors [n] are cut into `pieces`. NULL if memory is short. */
secant_node *state_tree_of_all_kinds(int64_t n, const secant_piece *pieces, size_t count);

/* A random dict without sharded vectors. */
secant_node *state_tree_random(uint64_t *seed, int depth);

/* Puts or appends; `good` becomes false if that fails. */
void state_tree_put(secant_node *dict, const char *key, secant_node *child, bool *good);
void state_tree_append(secant_node *list, secant_node *child, bool *good);

/* Compares kinds, order of keys, and all values by their bits. */
void state_tree_compare(struct verdict *verdict, const secant_node *a, const secant_node *b, const char *place);

#endif
