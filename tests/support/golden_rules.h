/* How far a number may be from the recorded one: tests/data/torch_lbfgs.md, "Comparison". */
#ifndef SECANT_TEST_GOLDEN_RULES_H
#define SECANT_TEST_GOLDEN_RULES_H

#include "golden_file.h"
#include <math.h>

/* Bounds that depend on the element type. A tolerance is 20 times the measured drift, but at least a floor. */
typedef struct golden_rules {
  double drift_limit;    /* a point known less well than this is not compared */
  double floor;          /* for x and f */
  double ratio_floor;    /* for t and H_diag, ratios of small differences */
  double inner_floor;    /* for losses in the middle of a call, whose drift is not known */
  double converged_loss; /* for the loss at the end of a converged run whose points are not compared */
} golden_rules;

static inline golden_rules golden_rules_for(secant_dtype dtype)
{
  return dtype == SECANT_F64 ? (golden_rules){1e-6, 1e-12, 1e-9, 1e-6, 1e-6}
                             : (golden_rules){1e-2, 1e-5, 1e-3, 1e-3, 1e-3};
}

static inline double golden_allowance(double floor, double drift)
{
  return fmax(floor, 20.0 * drift);
}

#endif
