/* Drives the library through a recorded case: its options, its calls and what happens between them. */
#ifndef SECANT_TEST_GOLDEN_RUN_H
#define SECANT_TEST_GOLDEN_RUN_H

#include "golden_compare.h"
#include "golden_layout.h"

/* The processes that share a case. */
typedef struct golden_ranks {
  secant_comm *comm; /* NULL: one process */
  int rank;
  int size;
  /* Puts the shard of every rank r at bytes first[r] .. first[r+1) of `whole`; returns 0 if it worked. Collective. */
  int (*gather)(const void *shard, void *whole, const int *first);
} golden_ranks;

/* How a case is run. */
typedef struct golden_setup {
  secant_direction direction;
  secant_loss loss;
  const char *file; /* path that save_load events write to, equal on all ranks */
  golden_layout layout;
  golden_ranks ranks;
} golden_setup;

/* How the state gets from the old optimizer to the new one at a save_load event. */
typedef enum golden_passage {
  GOLDEN_STATE_DICT,   /* in memory */
  GOLDEN_STATE_FILE,   /* by a file that holds the state dict */
  GOLDEN_CHECKPOINT,   /* by a checkpoint */
  GOLDEN_UNINTERRUPTED /* there is no new optimizer */
} golden_passage;

/* What a run may do in more than one way without consequences. */
typedef struct golden_way {
  golden_passage passage;
  bool writes_zeros; /* gradients that the recorded run never set: written as zeros, or left absent */
} golden_way;

/* One process. */
golden_ranks golden_one_process(void);

/* Makes all calls of the case; seen [step_count]. False after a failure, which is in the report. Collective. */
bool golden_follow(const golden_case *golden, const golden_setup *setup, golden_way way, golden_observed *seen,
                   golden_report *report);

#endif
