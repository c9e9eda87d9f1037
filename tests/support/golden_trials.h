/* One CMocka test per recorded case and way of forming the direction, named after both. */
#ifndef SECANT_TEST_GOLDEN_TRIALS_H
#define SECANT_TEST_GOLDEN_TRIALS_H

#include "golden_run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct golden_trial {
  char name[96]; /* "rosen2_sw gram" */
  const golden_case *golden;
  golden_setup setup;
} golden_trial;

/* Which cases to run: those that `wanted` (NULL: all), and whose name with the direction contains `filter`. */
typedef struct golden_choice {
  bool (*wanted)(const golden_case *golden);
  const char *filter;
} golden_choice;

/*
 * Runs `test` on every trial chosen from tests/data/torch_lbfgs.json; its state is the trial. Checkpoint and ranks are
 * those of `common`; the kinds of loss take turns. Returns the number of failures, 1 also if nothing could be run.
 */
int golden_trials_run(golden_choice choice, const golden_setup *common, CMUnitTestFunction test);

#endif
