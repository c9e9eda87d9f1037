/* A directory for one test program's checkpoints, and the run that most tests save. Included once by each program. */
#ifndef TESTS_CHECKPOINT_FIXTURE_H
#define TESTS_CHECKPOINT_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "continuation_tests.h"
#include "scratch_fixture.h"
#include "support/verdict_assert.h"

static const variant usual = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 5,
                              SECANT_HISTORY_SAME};

static inline void save_run_of(const variant *v)
{
  const secant_options options = options_of(v, 12);
  continuation *run = continuation_create(NULL, v->dtype, &options, 0.0);
  assert_non_null(run);
  continuation_advance(run, 1000, true);
  assert_int_equal(secant_checkpoint_save(run->optimizer, path, PROBLEM), SECANT_OK);
  continuation_destroy(run);
}

static inline int make_directory(void **state)
{
  (void)state;
  return make_directory_for("run.h5");
}

#endif
