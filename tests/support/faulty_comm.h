/* A communicator that fails on purpose: it wraps another one, counts the collective calls, and breaks one of them. */
#ifndef TESTS_FAULTY_COMM_H
#define TESTS_FAULTY_COMM_H

#include <secant/secant.h>

/*
 * Wraps `inner` (NULL: one process), which must outlive the wrapper. Call number `fail_at`, counted from 1, returns
 * SECANT_ERR_COMM on all ranks without reaching `inner`; 0 breaks none. Later calls work again. Every operation counts:
 * reduce, broadcast, exchange, gather, scatter_sum. NULL if memory is out. secant_comm_destroy() frees the wrapper only.
 */
secant_comm *faulty_comm_create(secant_comm *inner, int64_t fail_at);

/* Calls made so far, the broken one included. */
int64_t faulty_comm_calls(const secant_comm *comm);

#endif
