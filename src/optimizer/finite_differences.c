#include "optimizer/finite_differences.h"
#include "base/base.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

secant_status secanti_differences_create(secanti_differences *differences)
{
  differences->probe = secanti_alloc(differences->count + 1, secanti_element_bytes(differences->dtype));
  return differences->probe ? secanti_reduction_create(&differences->reduction, 1, false) : SECANT_ERR_MEMORY;
}

void secanti_differences_destroy(secanti_differences *differences)
{
  free(differences->probe);
  differences->probe = NULL;
  secanti_reduction_destroy(&differences->reduction);
}

static double read_element(secant_dtype dtype, const void *array, size_t i)
{
  return dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static void write_element(secant_dtype dtype, void *array, size_t i, double value)
{
  if (dtype == SECANT_F32) {
    ((float *)array)[i] = (float)value;
  } else {
    ((double *)array)[i] = value;
  }
}

/* A replicated value counts once. A rank that disagrees by a value that is not finite still spoils the sum. */
static double share(const secanti_differences *differences, double f)
{
  const bool counts = differences->loss == SECANT_LOSS_SHARE || differences->comm->rank == 0;
  return counts || !isfinite(f) ? f : 0.0;
}

/*
 * Evaluates at the probe: `local` as the objective sets it, `global` the value on all ranks. Returns whether the
 * objective failed on this rank; `status` tells whether it did on any. Collective.
 */
static bool evaluate(secanti_differences *differences, double *local, double *global)
{
  secanti_reduction *reduction = &differences->reduction;
  *local = 0.0;
  const bool failed = differences->objective(differences->user, differences->probe, local, NULL) != 0;
  secanti_reduction_begin(reduction, 1, 0);
  reduction->status = failed ? SECANT_ERR_CLOSURE : SECANT_OK;
  secanti_reduction_sums(reduction)[0] = failed ? 0.0 : share(differences, *local);
  differences->status = secanti_reduce(differences->comm, reduction);
  *global = secanti_reduction_sums(reduction)[0];
  return failed;
}

/* Sets the probe's element i to `value`; returns what the element type made of it. */
static double set_probe(secanti_differences *differences, size_t i, double value)
{
  write_element(differences->dtype, differences->probe, i, value);
  return read_element(differences->dtype, differences->probe, i);
}

/*
 * The derivative by global coordinate `index`. All ranks evaluate, its owner moves. The divisor is the distance of the
 * points as rounded, which leaves no error of rounding x. Returns whether the objective failed on this rank.
 */
static bool differentiate(secanti_differences *differences, int64_t index, const void *x, void *g)
{
  const bool mine = index >= differences->first && index - differences->first < (int64_t)differences->count;
  const size_t i = mine ? (size_t)(index - differences->first) : 0;
  const double at = mine ? read_element(differences->dtype, x, i) : 0.0;
  const double step = cbrt(differences->dtype == SECANT_F32 ? (double)FLT_EPSILON : DBL_EPSILON) * fmax(1.0, fabs(at));
  double local, above, below, right = 0.0, left = 0.0;

  if (mine) right = set_probe(differences, i, at + step);
  if (evaluate(differences, &local, &above)) return true;
  if (differences->status != SECANT_OK) return false;
  if (mine) left = set_probe(differences, i, at - step);
  if (evaluate(differences, &local, &below)) return true;
  if (!mine) return false;
  set_probe(differences, i, at);
  write_element(differences->dtype, g, i, (above - below) / (right - left));
  return false;
}

int secanti_differences_objective(void *user, const void *x, double *f, void *g)
{
  secanti_differences *differences = user;
  double global;
  if (differences->count) memcpy(differences->probe, x, differences->count * secanti_element_bytes(differences->dtype));
  bool failed = evaluate(differences, f, &global);
  for (int64_t i = 0; g && i < differences->extent && differences->status == SECANT_OK; i++) {
    failed = differentiate(differences, i, x, g);
  }
  return failed || (differences->status != SECANT_OK && differences->status != SECANT_ERR_CLOSURE);
}
