/* One CMocka test per recorded case, way of forming the direction and way of cutting tensors, named after all three. */
#ifndef SECANT_TEST_GOLDEN_TRIALS_H
#define SECANT_TEST_GOLDEN_TRIALS_H

#include "golden_check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct golden_trial {
  char name[96]; /* "rosen2_sw gram", over several ranks "rosen2_sw gram holes" */
  const golden_case *golden;
  golden_setup setup;
} golden_trial;

/*
 * Runs `test` on every trial from tests/data/torch_lbfgs.json whose name contains `filter`; its state is the trial.
 * File and ranks are those of `common`; the kinds of loss take turns. Returns the number of failures, 1 also if nothing
 * could be run.
 */
int golden_trials_run(const char *filter, const golden_setup *common, CMUnitTestFunction test);

#endif
