/*
 * The initial inverse Hessian that a caller brings: checked on every rank, prepared beside the old one, and then
 * exchanged.
 */
#include "base/base.h"
#include "comm/equal.h"
#include "optimizer/dense_matrix.h"
#include "optimizer/optimizer.h"
#include <math.h>

/* ---- check ------------------------------------------------------------------------------------------------------- */

static secant_status check_scalar(double scalar, secant_error *error)
{
  if (isfinite(scalar) && scalar > 0.0) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_ARGUMENT,
                      "the initial inverse Hessian is %g times the identity: take a factor > 0", scalar);
}

static double entry(const void *array, secant_dtype dtype, size_t index)
{
  return dtype == SECANT_F32 ? (double)((const float *)array)[index] : ((const double *)array)[index];
}

static secant_status check_diagonal(const secanti_parameters *parameters, const void *const *diagonal,
                                    secant_error *error)
{
  for (size_t i = 0; i < parameters->count; i++) {
    const size_t count = parameters->segments[i].count;
    if (count > 0 && (!diagonal || !diagonal[i])) {
      return secanti_fail(error, SECANT_ERR_ARGUMENT,
                          "the diagonal of the initial inverse Hessian is NULL for parameter %zu", i);
    }
    for (size_t j = 0; j < count; j++) {
      const double value = entry(diagonal[i], parameters->dtype, j);
      if (!isfinite(value) || !(value > 0.0)) {
        return secanti_fail(error, SECANT_ERR_ARGUMENT,
                            "the diagonal of the initial inverse Hessian is %g for local element %zu of parameter %zu: "
                            "all its entries must be positive",
                            value, j, i);
      }
    }
  }
  return SECANT_OK;
}

static secant_status check(const secant_optimizer *o, const secant_initial_matrix *matrix, secant_error *error)
{
  switch (matrix->kind) {
  case SECANT_INITIAL_IDENTITY: return SECANT_OK;
  case SECANT_INITIAL_SCALAR: return check_scalar(matrix->scalar, error);
  case SECANT_INITIAL_DIAGONAL: return check_diagonal(&o->parameters, matrix->diagonal, error);
  case SECANT_INITIAL_DENSE: return secanti_dense_check(matrix->dense, o->parameters.extent, error);
  case SECANT_INITIAL_OPERATOR:
    if (matrix->apply) return SECANT_OK;
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "the initial inverse Hessian is an operator, but `apply` is NULL");
  }
  return secanti_fail(error, SECANT_ERR_ARGUMENT, "there is no kind %d of initial inverse Hessian", (int)matrix->kind);
}

/* Of what all ranks must pass alike. */
static uint64_t fingerprint(const secant_initial_matrix *matrix, size_t n)
{
  uint64_t hash = secanti_hash(SECANTI_HASH_START, &matrix->kind, sizeof matrix->kind);
  if (matrix->kind == SECANT_INITIAL_SCALAR) hash = secanti_hash(hash, &matrix->scalar, sizeof matrix->scalar);
  if (matrix->kind == SECANT_INITIAL_DENSE) hash = secanti_hash(hash, matrix->dense, n * n * sizeof *matrix->dense);
  return hash;
}

/* Pairs that are stored, on their way, or remembered in the scale. All of that is common to the ranks. */
static secant_status require_no_pairs(secant_optimizer *o)
{
  const secanti_history *history = &o->engine.history;
  const secant_status status = secanti_optimizer_between_steps(o, "secant_set_initial_matrix");
  if (status != SECANT_OK) return status;
  if (history->pairs == 0 && !o->engine.here.pending && history->gamma == history->initial_gamma) return SECANT_OK;
  return secanti_fail(
      &o->error, SECANT_ERR_STATE,
      "the initial inverse Hessian cannot change once there are curvature pairs: call secant_reset() first");
}

/* ---- exchange ---------------------------------------------------------------------------------------------------- */

/* What a new initial matrix needs, made beside the old one. */
typedef struct preparation {
  secanti_initial initial;
  secanti_scratch scratch;
  bool weights_are_new;
} preparation;

/* Collective; the outcome is common. On failure `made` holds what is to be thrown away. */
static secant_status prepare(secant_optimizer *o, const secant_initial_matrix *matrix, preparation *made)
{
  secant_status status = SECANT_OK;
  const secanti_parameters *parameters = &o->parameters;
  const bool diagonal = matrix->kind == SECANT_INITIAL_DIAGONAL;
  made->initial = (secanti_initial){.kind = matrix->kind, .failure = SECANT_ERR_CLOSURE};
  made->weights_are_new = diagonal && !secanti_vectors_weighted(o->engine.vectors);
  if (diagonal) {
    status = secanti_vectors_add_weights(o->engine.vectors);
  } else if (secanti_initial_is_applied(&made->initial)) {
    status = secanti_scratch_create(&made->scratch, parameters->dtype, parameters->segments, parameters->count);
  }
  if (status != SECANT_OK) secanti_fail(&o->error, status, "no memory for the initial inverse Hessian");
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  if (matrix->kind == SECANT_INITIAL_OPERATOR) {
    made->initial.apply = matrix->apply;
    made->initial.user = matrix->user;
  } else if (matrix->kind == SECANT_INITIAL_DENSE) {
    secanti_dense *dense = NULL;
    SECANT_TRY(secanti_dense_create(&dense, matrix->dense, parameters, o->comm, &o->error));
    made->initial.apply = secanti_dense_apply;
    made->initial.user = dense;
    made->initial.release = secanti_dense_destroy;
    made->initial.failure = SECANT_ERR_COMM;
  }
done:
  return status;
}

static void set_weights(secant_optimizer *o, const void *const *diagonal)
{
  const secanti_vector weight = {SECANTI_WEIGHT, 0};
  for (size_t i = 0; i < o->parameters.count; i++) {
    const size_t count = o->parameters.segments[i].count;
    if (count > 0) secanti_vectors_import(o->engine.vectors, weight, i, 0, count, diagonal[i]);
  }
}

/*
 * Makes it the engine's own; what was there before is left in `made`. A point that was known is known no longer: its
 * inner products are those of the old matrix.
 */
static void exchange(secant_optimizer *o, const secant_initial_matrix *matrix, preparation *made)
{
  secanti_engine *engine = &o->engine;
  const preparation old = {.initial = engine->initial, .scratch = engine->scratch};
  engine->initial = made->initial;
  engine->scratch = made->scratch;
  *made = old;
  if (matrix->kind == SECANT_INITIAL_DIAGONAL) {
    set_weights(o, matrix->diagonal);
  } else {
    secanti_vectors_drop_weights(engine->vectors);
  }
  engine->history.initial_gamma = matrix->kind == SECANT_INITIAL_SCALAR ? matrix->scalar : 1.0;
  engine->history.gamma = engine->history.initial_gamma;
  engine->phase = SECANTI_IDLE;
}

secant_status secant_set_initial_matrix(secant_optimizer *optimizer, const secant_initial_matrix *matrix)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_status status = SECANT_OK;
  const secant_initial_matrix identity = {.kind = SECANT_INITIAL_IDENTITY};
  const secant_initial_matrix *given = matrix ? matrix : &identity;
  secant_error *error = &optimizer->error;
  preparation made = {.weights_are_new = false};

  SECANT_TRY(require_no_pairs(optimizer));
  *error = (secant_error){.status = SECANT_OK};
  check(optimizer, given, error);
  SECANT_TRY(secant_comm_agree(optimizer->comm, error));
  SECANT_TRY(secanti_require_equal(optimizer->comm, fingerprint(given, (size_t)optimizer->parameters.extent),
                                   "the initial inverse Hessian", error));
  SECANT_TRY(prepare(optimizer, given, &made));
  exchange(optimizer, given, &made);
done:
  if (status != SECANT_OK && made.weights_are_new) secanti_vectors_drop_weights(optimizer->engine.vectors);
  secanti_initial_destroy(&made.initial);
  secanti_scratch_destroy(&made.scratch);
  if (status != SECANT_OK && error->status == SECANT_OK) secanti_fail(error, status, "%s", secant_status_text(status));
  return status;
}

/* The rows of a rank, and vectors in double precision: the whole one, and the rank's part of it and of the product. */
static uint64_t dense_bytes(uint64_t n, uint64_t extent)
{
  if (((double)n + 1.0) * ((double)extent + 2.0) > 0x1p60) return UINT64_MAX / 2;
  return (n * extent + 2 * n + extent) * sizeof(double);
}

uint64_t secant_initial_memory_estimate(uint64_t n, uint64_t extent, secant_dtype dtype, secant_initial_kind kind)
{
  const uint64_t vector = n * secanti_element_bytes(dtype);
  switch (kind) {
  case SECANT_INITIAL_IDENTITY:
  case SECANT_INITIAL_SCALAR: return 0;
  case SECANT_INITIAL_DIAGONAL: return vector;
  case SECANT_INITIAL_DENSE: return 2 * vector + dense_bytes(n, extent);
  case SECANT_INITIAL_OPERATOR: return 2 * vector;
  }
  return 0;
}
