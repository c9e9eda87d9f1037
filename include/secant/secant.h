/**
 * @file secant.h
 * Secant: minimise a smooth function of very many variables with L-BFGS.
 *
 * The parameter vector is cut into shards, one per rank of a communicator; a program without MPI is the case of one
 * rank. No type of MPI or HDF5 appears here, and no type depends on a build option.
 *
 * Two enums answer two questions: secant_status says whether a *call* worked, secant_reason says why a *run* ended.
 * The library never prints, exits or aborts, and never calls MPI_Init or MPI_Finalize.
 *
 * Terms: n is the global number of unknowns, m the history size, x the parameters, f the loss, g its gradient,
 * |.|_inf the largest absolute entry. "Collective" means: every rank of the communicator makes the call, in the same
 * order.
 */
#ifndef SECANT_SECANT_H
#define SECANT_SECANT_H

#include <secant/comm.h>
#include <secant/options.h>
#include <secant/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------------------ */
/* Optimizer                                                                                                           */
/* ------------------------------------------------------------------------------------------------------------------ */

/** Element type of parameters, gradients and history. Sums and scalars are double always. */
typedef enum secant_dtype {
  SECANT_F64 = 0, /**< double */
  SECANT_F32 = 1  /**< float */
} secant_dtype;

/** One named parameter. The arrays belong to the caller and must outlive the optimizer, which works on them in
 *  place. */
typedef struct secant_parameter {
  const char *name;   /**< copied; unique; NULL for all parameters or for none */
  secant_dtype dtype; /**< one type for all parameters of an optimizer */
  void *values;       /**< this rank's values [local_count]; NULL only if local_count is 0. See secant/array.h */
  void *gradient;     /**< this rank's gradient [local_count]; NULL only if local_count is 0 */
  size_t local_count; /**< may be 0; the global extent is the sum over ranks, in rank order */
  const int64_t
      *shape;     /**< copied; global shape [dimensions], row-major; its product is the global extent. May be NULL */
  int dimensions; /**< 0 without a shape */
} secant_parameter;

/** A running minimisation: options, history, counters. Two optimizers share nothing, and may run in two threads; only
 *  files are written and read in one thread of a process at a time, see secant/checkpoint.h. */
typedef struct secant_optimizer secant_optimizer;

/** A value in a state dict, see secant/state.h. */
typedef struct secant_node secant_node;

/**
 * The objective at the current parameters: reads the values, fills this rank's gradients completely and sets `loss` as
 * option `loss` says. Runs on every rank, equally often.
 * @return 0, or any other number for failure: all ranks then get SECANT_ERR_CLOSURE from the same call
 */
typedef int secant_closure(void *user, double *loss);

/**
 * Creates an optimizer and allocates all that its runs need: 2 history_size + 3 vectors of the parameters' type, one
 * more with a line search. Collective.
 * @param out         out: the optimizer, NULL after an error
 * @param parameters  [count], copied; the arrays they point to are borrowed until secant_destroy()
 * @param options     copied; NULL means secant_options_default(). Must be equal on all ranks
 * @param comm        borrowed until secant_destroy(); NULL means one process
 * @param error       out, may be NULL
 * @return SECANT_OK, SECANT_ERR_ARGUMENT, SECANT_ERR_MEMORY or SECANT_ERR_COMM, equal on all ranks
 */
SECANT_API SECANT_NODISCARD secant_status secant_create(secant_optimizer **out, const secant_parameter *parameters,
                                                        size_t count, const secant_options *options, secant_comm *comm,
                                                        secant_error *error);

/** Frees the optimizer, not the parameters. NULL is allowed. Not collective. */
SECANT_API void secant_destroy(secant_optimizer *optimizer);

/**
 * Takes one step as torch.optim.LBFGS does: evaluates at the current parameters, then up to max_iter iterations.
 * Goes on with the interrupted call if the last one ended by a stop request or the time limit. Runs the step hooks.
 * Collective; `closure` runs on every rank, equally often. Allocates nothing, unless hooks are more than ever before.
 *
 * @param user  handed to `closure`; neither stored nor freed
 * @param loss  out, may be NULL: global loss at the start of the call, equal on all ranks
 * @return SECANT_OK, also at a limit: secant_get_info().reason tells. Else, equal on all ranks:
 *   SECANT_ERR_ARGUMENT  `optimizer` or `closure` is NULL; nothing was touched
 *   SECANT_ERR_CLOSURE   the parameters are back at the last accepted point; the history is kept; gradients undefined
 *   SECANT_ERR_COMM      as SECANT_ERR_CLOSURE, as far as this rank can tell
 *   SECANT_ERR_HOOK      a pre-hook failed: nothing was touched; or a post-hook: the step has been taken
 *   SECANT_ERR_MEMORY    no room to run hooks: as SECANT_ERR_HOOK
 */
SECANT_API SECANT_NODISCARD secant_status secant_step(secant_optimizer *optimizer, secant_closure *closure, void *user,
                                                      double *loss);

/**
 * Minimises until a reason to stop appears. Limits count from the beginning of the run; a run that ended at a limit or
 * by a stop request goes on where it was when the limit is raised and the call repeated, also in a new process that
 * loaded its checkpoint. Such a run takes it that parameters, gradients and objective are as it left them: after a
 * change of any of them call secant_reset() first. A run that ended for another reason begins anew when the call is
 * repeated. The loss and the gradient at the point reached are known on return. Collective.
 * @return as secant_step()
 */
SECANT_API SECANT_NODISCARD secant_status secant_minimize(secant_optimizer *optimizer, secant_closure *closure,
                                                          void *user);

/**
 * Forgets history, counters, stop requests and the run in progress: the next call begins as on a new optimizer, from
 * the current parameters (the last accepted point if a trial was out). Options stay. Logically collective.
 */
SECANT_API void secant_reset(secant_optimizer *optimizer);

/** What secant_ask() wants done. */
typedef enum secant_request {
  SECANT_EVALUATE = 0, /**< the parameters hold the point: evaluate, then secant_tell() */
  SECANT_DONE = 1      /**< the run has ended: secant_get_info().reason tells why */
} secant_request;

/**
 * Reverse communication: begins (or goes on with) a run as secant_minimize() does and says what is wanted next.
 * Asking twice without telling repeats the answer; after SECANT_DONE the next call starts again. Collective.
 * @return SECANT_OK, SECANT_ERR_ARGUMENT, or SECANT_ERR_COMM as secant_step()
 */
SECANT_API SECANT_NODISCARD secant_status secant_ask(secant_optimizer *optimizer, secant_request *request);

/**
 * Answers SECANT_EVALUATE. Collective.
 * @param loss    as a closure sets it
 * @param failed  as a closure returns it: 0, or any other number for failure on this rank
 * @return as secant_step(); SECANT_ERR_STATE if nothing was asked
 */
SECANT_API SECANT_NODISCARD secant_status secant_tell(secant_optimizer *optimizer, double loss, int failed);

/**
 * Asks the run to stop at the next reduction; all ranks stop at the same iteration even if one rank was asked.
 * A line search in progress is given up: parameters and counters go back to the last accepted point, so that what
 * follows is what would have followed without the stop. Time slots shorter than one line search thus make no progress.
 * Not collective. Safe in a signal handler and from other threads.
 */
SECANT_API void secant_request_stop(secant_optimizer *optimizer);

/** Replaces the options between calls. threads, direction, reduction and history_dtype cannot change. A new
 *  history_size keeps the newest pairs; it allocates a second history while it works. Turning a line search on for the
 *  first time allocates the vector it needs. Collective.
 *  @return SECANT_OK; after SECANT_ERR_ARGUMENT, SECANT_ERR_STATE (a new history_size while an evaluation is wanted),
 *          SECANT_ERR_MEMORY or SECANT_ERR_COMM the options are unchanged on all ranks and secant_message() explains */
SECANT_API SECANT_NODISCARD secant_status secant_set_options(secant_optimizer *optimizer,
                                                             const secant_options *options);

/** The options in force. `options->struct_size` says how much the caller knows. Not collective. */
SECANT_API void secant_get_options(const secant_optimizer *optimizer, secant_options *options);

/** Wall time of this rank since creation or secant_reset(), by what it went to; no second counts twice. What is not
 *  here is work on scalars and the caller's own. */
typedef struct secant_timings {
  double pass_a;     /**< forming directions and moving along them, with multiplications by an initial matrix */
  double pass_b;     /**< inner products: of pass B, of the slope at further trials, of direction two_loop */
  double reduction;  /**< reductions, as `allreduces` counts them; waiting for other ranks included */
  double closure;    /**< the closure, or from secant_ask() to secant_tell(), less what is counted here otherwise */
  double checkpoint; /**< secant_checkpoint_save() and secant_checkpoint_load(), with reductions of their own */
} secant_timings;

/** Where a run stands: everything but the seconds refers to the last accepted point and is equal on all ranks. */
typedef struct secant_info {
  size_t struct_size;        /**< filled by secant_get_info() */
  secant_reason reason;      /**< NONE while the run goes on */
  int32_t resumed;           /**< 1 after a checkpoint was loaded */
  double loss;               /**< f there; NaN before the first evaluation */
  double grad_inf;           /**< |g|_inf there */
  double grad_l1;            /**< |g|_1 there */
  double step;               /**< t of the last iteration */
  double step_inf;           /**< |t d|_inf of the last iteration */
  double h_diag;             /**< gamma: H0 = gamma I */
  double previous_loss;      /**< f before the last iteration */
  int64_t n_iter;            /**< iterations entered in the life of the optimizer, as torch counts them */
  int64_t func_evals;        /**< evaluations in the life of the optimizer */
  int64_t accepted;          /**< iterations of this run that led to an accepted point */
  int64_t call_evals;        /**< evaluations of this run */
  int64_t pairs;             /**< curvature pairs stored */
  int64_t skipped_pairs;     /**< pairs refused by the curvature test */
  int64_t redone_directions; /**< directions formed again by the textbook loop, the slope being in doubt or wrong */
  int64_t allreduces;        /**< reductions made for this optimizer */
  double optimizer_seconds;  /**< wall time spent inside the library */
  secant_timings timings;    /**< where time went; like optimizer_seconds no part of a checkpoint */
  int32_t any_ranks;         /**< 1 if the library's sums have the same bits on any number of ranks: option reduction is
                                  reproducible and every rank's part of every parameter begins at a multiple of the tile
                                  size, as secant_partition() cuts a single parameter. 0: on this number of ranks only */
  int32_t checkpoint_due;    /**< 1 after secant_request_checkpoint() on any rank, until the next save */
  int64_t trials;            /**< evaluations of the last iteration; 0 before the first one and after a load */
  double step_norm;          /**< |s|_2, of the last iteration whose end was evaluated: s is its step, */
  double curvature;          /**< s.y, y the change of the gradient over it, */
  double cosine;             /**< s.y / (|s|_2 |y|_2); NaN if one of them is 0 */
  int32_t pair_skipped;      /**< 1 if the curvature test refuses (s, y); skipped_pairs counts it an iteration later */
} secant_info;

/** Fills the first `size` bytes. Use secant_get_info(). Not collective. */
SECANT_API void secant_fill_info(const secant_optimizer *optimizer, secant_info *info, size_t size);

/** Where the run stands. Not collective. */
static inline secant_info secant_get_info(const secant_optimizer *optimizer)
{
  secant_info info;
  secant_fill_info(optimizer, &info, sizeof info);
  return info;
}

/** The message of the last failed call on this optimizer; "" if none failed. Valid until the next call. */
SECANT_API const char *secant_message(const secant_optimizer *optimizer);

/**
 * Bytes that secant_create() would allocate on a rank with n local unknowns: vectors and tables of inner products. What
 * is left out is small: names and shapes of parameters, and for each thread eight buffers of 8 KB and its sums, which
 * makes at most 73, 80, 99 or 124 thousand bytes for 5, 10, 20 or 30 pairs, and 320 bytes for each pair more. Over all
 * ranks it is the sum of their shares. More is needed by an initial inverse Hessian, see
 * secant_initial_memory_estimate(), and, while they work, by secant_checkpoint_load() and for a new history_size.
 * Not collective.
 * @param options  NULL means secant_options_default()
 * @return UINT64_MAX if the number is too large for its type; 0 if the options are not valid
 */
SECANT_API uint64_t secant_memory_estimate(uint64_t n, secant_dtype dtype, const secant_options *options);

#ifdef __cplusplus
}
#endif

#include <secant/array.h>
#include <secant/check_gradient.h>
#include <secant/checkpoint.h>
#include <secant/data_parallel.h>
#include <secant/groups.h>
#include <secant/hooks.h>
#include <secant/minimize.h>
#include <secant/monitor.h>
#include <secant/schedule.h>
#include <secant/state.h>
#include <secant/sum.h>

#endif
