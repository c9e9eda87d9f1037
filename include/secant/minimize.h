/**
 * @file minimize.h
 * Minimisation as one call that returns a record, as minimize_lbfgs of Paddle; and the initial inverse Hessian.
 */
#ifndef SECANT_MINIMIZE_H
#define SECANT_MINIMIZE_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- initial inverse Hessian ------------------------------------------------------------------------------------- */

/** What H0 is made of. Unless option `scaling` is none, gamma H0 takes its place once there are pairs, with
 *  gamma = s.y / y.H0 y; for DENSE and OPERATOR that is one more multiplication by H0 for each pair. */
typedef enum secant_initial_kind {
  SECANT_INITIAL_IDENTITY = 0, /**< costs nothing */
  SECANT_INITIAL_SCALAR = 1,   /**< a multiple of the identity */
  SECANT_INITIAL_DIAGONAL = 2, /**< one more vector of memory; an iteration still costs one reduction */
  SECANT_INITIAL_DENSE = 3,    /**< n x n on every rank, for small n; two reductions and one gather an iteration */
  SECANT_INITIAL_OPERATOR = 4  /**< a callback; two reductions an iteration besides its own, two vectors of memory */
} secant_initial_kind;

/**
 * Multiplies by H0, a symmetric positive definite operator: output = H0 input. Runs on every rank, equally often.
 * @param input   [parameters]: this rank's part of a vector, laid out as the parameters, in their element type
 * @param output  [parameters]: likewise; does not overlap the input
 * @return 0, or any other number for failure: all ranks then get SECANT_ERR_CLOSURE from the same call
 */
typedef int secant_operator(void *user, const void *const *input, void *const *output);

/** An initial inverse Hessian; only the fields of its kind are looked at. */
typedef struct secant_initial_matrix {
  secant_initial_kind kind;    /**< which */
  double scalar;               /**< of SCALAR: > 0, finite */
  const void *const *diagonal; /**< of DIAGONAL: [parameters], this rank's entries, as the parameters; > 0; copied */
  const double *dense;         /**< of DENSE: [n][n], row-major, equal on all ranks; copied */
  secant_operator *apply;      /**< of OPERATOR */
  void *user;                  /**< handed to `apply`; borrowed */
} secant_initial_matrix;

/**
 * Sets the initial inverse Hessian of an optimizer that has no curvature pairs yet (a new one, or after
 * secant_reset()). It is part of the problem, as the objective is: neither checkpoints nor state dicts hold it.
 * Collective.
 * @param matrix  NULL means the identity
 * @return SECANT_OK, equal on all ranks; after an error nothing has changed, and secant_message() explains:
 *   SECANT_ERR_ARGUMENT     an entry is not positive or not finite; a dense matrix is not symmetric (to 1e-10 of its
 *                           largest entry) or not positive definite (its Cholesky factorisation fails)
 *   SECANT_ERR_STATE        there are curvature pairs already, or an evaluation is wanted
 *   SECANT_ERR_UNSUPPORTED  dense, in a library built without LAPACK
 *   SECANT_ERR_MEMORY, SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_set_initial_matrix(secant_optimizer *optimizer,
                                                                    const secant_initial_matrix *matrix);

/**
 * Bytes that secant_set_initial_matrix() would allocate on a rank with n of `extent` unknowns. Checking a dense matrix
 * takes as much as the caller's own, extent x extent doubles, for a while. Not collective.
 */
SECANT_API uint64_t secant_initial_memory_estimate(uint64_t n, uint64_t extent, secant_dtype dtype,
                                                   secant_initial_kind kind);

/* ---- one call ---------------------------------------------------------------------------------------------------- */

/**
 * An objective that keeps no state between calls. Runs on every rank, equally often.
 * @param x  this rank's part of the position, read only
 * @param f  out: this rank's share of the value, or the value, as option `loss` says
 * @param g  out: this rank's part of the gradient, same type and length as x; NULL if only f is wanted
 * @return 0, or any other number for failure
 */
typedef int secant_objective(void *user, const void *x, double *f, void *g);

/** What to minimise. With finite differences a gradient takes 2 n evaluations: num_func_calls counts them all, option
 *  max_eval counts a value with its gradient as one. Start from secant_minimization_default(). */
typedef struct secant_minimization {
  size_t struct_size;          /**< filled by secant_minimization_default() */
  secant_objective *objective; /**< f and its gradient */
  void *user;                  /**< handed to the objective */
  const secant_parameter
      *initial_position;      /**< values are read, never written; `gradient` is not looked at and may be NULL */
  secant_dtype dtype;         /**< what the position is expected to be; default F32, as Paddle's */
  int32_t finite_differences; /**< 1: the objective has no gradient, central differences approximate it; for small n */
  const char *name;           /**< a label for messages; may be NULL */
  const secant_options *options;                        /**< NULL means secant_options_paddle() */
  const secant_initial_matrix *initial_inverse_hessian; /**< NULL means the identity, without an n x n array */
  secant_comm *comm;                                    /**< NULL means one process */
} secant_minimization;

/** Fills the first `size` bytes. Use secant_minimization_default(). Not collective. */
SECANT_API void secant_minimization_init(secant_minimization *minimization, size_t size);

/** All defaults: float32, options of Paddle, identity. */
static inline secant_minimization secant_minimization_default(void)
{
  secant_minimization minimization;
  secant_minimization_init(&minimization, sizeof minimization);
  return minimization;
}

/** The record of a minimisation. Position and gradient are this rank's parts [local_count]; free them with
 *  secant_result_free(). */
typedef struct secant_result {
  size_t struct_size;       /**< in: sizeof(secant_result) */
  int32_t is_converge;      /**< 1 if a tolerance was reached: secant_reason_is_convergence() of the reason, but 0 after
                                 a step of length 0 (lr is 0) and where the direction led uphill */
  secant_reason reason;     /**< why it ended */
  int64_t num_func_calls;   /**< evaluations made, all of them */
  int64_t iterations;       /**< iterations entered */
  secant_dtype dtype;       /**< of the two arrays */
  size_t local_count;       /**< their length on this rank */
  void *position;           /**< last iterate, the minimiser if converged */
  double objective_value;   /**< f there */
  void *objective_gradient; /**< its gradient there */
} secant_result;

/**
 * Minimises from a copy of the initial position. Collective.
 * @param result  out; `result->struct_size` is set by the caller to sizeof *result; all else is zero after an error
 * @return SECANT_OK, also without convergence; SECANT_ERR_ARGUMENT (also if dtype is not that of the position),
 *   SECANT_ERR_CLOSURE, SECANT_ERR_MEMORY, SECANT_ERR_COMM, SECANT_ERR_UNSUPPORTED; equal on all ranks, explained in
 *   `error`
 */
SECANT_API SECANT_NODISCARD secant_status secant_minimize_lbfgs(const secant_minimization *minimization,
                                                                secant_result *result, secant_error *error);

/** Frees the arrays of a record. Not collective. */
SECANT_API void secant_result_free(secant_result *result);

/** 1 if the reason is a tolerance that was reached: gradient, step, loss, directional_derivative or direction; else
 *  0. */
SECANT_API int secant_reason_is_convergence(secant_reason reason);

#ifdef __cplusplus
}
#endif
#endif
