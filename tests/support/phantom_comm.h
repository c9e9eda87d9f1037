/*
 * A communicator that claims to have many more ranks than it has, each with billions of unknowns: so that extents and
 * offsets become larger than any memory, while every real rank holds little.
 */
#ifndef TESTS_PHANTOM_COMM_H
#define TESTS_PHANTOM_COMM_H

#include <secant/secant.h>

/*
 * Wraps `inner` (NULL: one process), which must outlive the wrapper. Real rank r is rank r * stride + place of
 * size * stride ranks; the others are phantoms. A phantom has `elements` elements of every parameter of the first
 * optimizer that is created; it adds nothing to any later sum or maximum, as if its gradient were zero. Exchange, gather
 * and scatter_sum fail. NULL if memory is out. secant_comm_destroy() frees the wrapper only.
 */
secant_comm *phantom_comm_create(secant_comm *inner, int stride, int place, int64_t elements);

#endif
