/* `secant run --list`: what there is to minimise. */
#ifndef SECANT_CLI_PROBLEM_LIST_H
#define SECANT_CLI_PROBLEM_LIST_H

#include <secant/secant.h>
#include <stdbool.h>

/*
 * Prints every problem by rank 0, with its number of unknowns, its least value and its source: a line for people, an
 * object of an array in JSON. Collective. Returns the exit status, equal on all ranks.
 */
int problem_list(bool json, secant_comm *comm);

#endif
