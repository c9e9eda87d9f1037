/* Runs on one process whose state dicts are looked at. Failed calls fail the running CMocka test. */
#ifndef TESTS_STATE_DICT_SCENE_H
#define TESTS_STATE_DICT_SCENE_H

#include "support/state_dict_runs.h"

/* The torch preset with the strong Wolfe search, at most 5 iterations a step and 4 pairs. */
secant_options state_dict_options(secant_direction direction);

/* A run with these options that has taken `calls` steps. */
continuation *state_dict_run(secant_dtype dtype, secant_direction direction, int calls);

/* The state of an optimizer; the caller's. */
secant_node *state_dict_of(secant_optimizer *optimizer);

/* Checks a number in a dict; `what` names it. */
void state_dict_expect_integer(const secant_node *node, const char *what, int64_t want);

#endif
