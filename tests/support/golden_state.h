/* When an exported state counts as equal to a recorded one. Rules: tests/data/torch_lbfgs.md. */
#ifndef SECANT_TEST_GOLDEN_STATE_H
#define SECANT_TEST_GOLDEN_STATE_H

#include "golden_compare.h"

/* Compares the state dict exported at a save_load event: keys, kinds, sizes, values, options, ids. Collective. */
void golden_state_compare(const golden_case *golden, const golden_event *event, const secant_node *dict,
                          secant_comm *comm, golden_report *report);

#endif
