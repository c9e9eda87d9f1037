/* Drives the library through a recorded case: its options, its calls and what happens between them. */
#ifndef SECANT_TEST_GOLDEN_RUN_H
#define SECANT_TEST_GOLDEN_RUN_H

#include "golden_compare.h"

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
  const char *checkpoint; /* path of the file that save_load events write, equal on all ranks */
  golden_ranks ranks;
} golden_setup;

/* One process. */
golden_ranks golden_one_process(void);

/*
 * Runs the case, compares it with the record, and, if it saves and loads, with a run of the library that does not.
 * Rank r of P owns elements n r / P .. n (r + 1) / P of every tensor of n elements. Collective.
 */
void golden_check_case(const golden_case *golden, const golden_setup *setup, golden_report *report);

#endif
