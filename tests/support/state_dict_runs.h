/*
 * Runs that end somewhere, are exported and go on elsewhere: what a state dict must bring about, on any number of
 * ranks. The objective is that of continuation.h, over four named parameters, one of them empty, and uneven shards.
 */
#ifndef TESTS_STATE_DICT_RUNS_H
#define TESTS_STATE_DICT_RUNS_H

#include "support/continuation.h"

/* One way to run: options, and how the calls are expected to end. */
typedef struct state_dict_case {
  const char *name;
  secant_options options;
  int before;           /* calls of secant_step() before the export */
  int after;            /* and after it */
  secant_reason reason; /* of the last call before the export; NONE: whatever it is */
} state_dict_case;

enum { STATE_DICT_CASES = 16 };

/* Cases for every exit, with and without a line search. Returns their number. */
size_t state_dict_cases(state_dict_case *cases);

/* Takes `calls` steps. */
void state_dict_advance(struct verdict *verdict, continuation *run, int calls, const char *when);

/* Copies the point, which is no part of a state. */
void state_dict_copy_point(const continuation *from, continuation *to);

/* Checks that two runs have the same bits: point, state and the last call. */
void state_dict_compare(struct verdict *verdict, const continuation *want, const continuation *got, const char *when);

/* The largest difference of the two points, relative to the larger of 1 and the coordinate; over this rank. */
double state_dict_distance(const continuation *a, const continuation *b);

/* Checks that a run that is exported into a new optimizer goes on in the same bits as one that is not. Collective. */
void state_dict_check_round_trip(struct verdict *verdict, secant_comm *comm, secant_dtype dtype,
                                 secant_direction direction, const state_dict_case *what);

/* Whether two trees are equal in every bit. */
bool state_dict_same_trees(const secant_node *a, const secant_node *b);

/* ---- dicts that must be refused ---------------------------------------------------------------------------------- */

/* Spoils a sound dict. */
typedef struct state_dict_fault {
  const char *name;
  const char *entry; /* what the message must contain */
  void (*spoil)(secant_node *dict);
} state_dict_fault;

extern const state_dict_fault state_dict_faults[];
extern const size_t state_dict_fault_count;

#endif
