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

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
/** Marks what the library exports. */
#define SECANT_API __attribute__((visibility("default")))
/** Marks a function whose result must not be ignored. */
#define SECANT_NODISCARD __attribute__((warn_unused_result))
#else
#define SECANT_API
#define SECANT_NODISCARD
#endif

/* ------------------------------------------------------------------------------------------------------------------ */
/* Status and reason                                                                                                   */
/* ------------------------------------------------------------------------------------------------------------------ */

/** Every status once: name, value, text. Calls `_` for each. */
#define SECANT_STATUS_LIST(_)                                                                                          \
  _(OK, 0, "success")                                                                                                  \
  _(ERR_ARGUMENT, 1, "an argument is outside its documented range")                                                    \
  _(ERR_MEMORY, 2, "memory could not be allocated")                                                                    \
  _(ERR_CLOSURE, 3, "the objective reported failure on at least one rank")                                             \
  _(ERR_COMM, 4, "the communication layer reported failure")                                                           \
  _(ERR_IO, 5, "a file could not be read or written")                                                                  \
  _(ERR_FORMAT, 6, "a file is damaged or is not of the expected kind")                                                 \
  _(ERR_MISMATCH, 7, "the data belong to another problem")                                                             \
  _(ERR_STATE, 8, "the call does not fit the state of the object")                                                     \
  _(ERR_UNSUPPORTED, 9, "this build of the library lacks the feature")                                                 \
  _(ERR_HOOK, 10, "a hook reported failure on at least one rank")

/** Whether a call worked: SECANT_OK or one of SECANT_ERR_..., see SECANT_STATUS_LIST. Equal on all ranks after a
 *  collective call. */
typedef enum secant_status {
#define SECANT_STATUS_ENUM(name, value, text) SECANT_##name = (value),
  SECANT_STATUS_LIST(SECANT_STATUS_ENUM)
#undef SECANT_STATUS_ENUM
} secant_status;

/** Every reason once: name, value, text. Calls `_` for each. */
#define SECANT_REASON_LIST(_)                                                                                          \
  _(NONE, 0, "not ended")                                                                                              \
  _(GRADIENT, 1, "gradient tolerance reached")                                                                         \
  _(STEP, 2, "step below the change tolerance")                                                                        \
  _(LOSS, 3, "loss change below the change tolerance")                                                                 \
  _(DIRECTIONAL_DERIVATIVE, 4, "directional derivative below the change tolerance")                                    \
  _(PRECISION, 5, "precision limit: no further decrease in this arithmetic")                                           \
  _(MAX_ITER, 6, "iteration limit")                                                                                    \
  _(MAX_EVAL, 7, "evaluation limit")                                                                                   \
  _(MAX_TIME, 8, "time limit")                                                                                         \
  _(STOP_REQUESTED, 9, "stop requested")                                                                               \
  _(LINE_SEARCH, 10, "line search failed")                                                                             \
  _(NOT_FINITE, 11, "loss or gradient not finite at the start")                                                        \
  _(DIRECTION, 12, "direction below the change tolerance")                                                             \
  _(UNBOUNDED, 13, "the loss falls without bound")                                                                     \
  _(WRONG_GRADIENT, 14, "the gradient contradicts differences of the loss")

/** Why a run ended: the names of SECANT_REASON_LIST. */
typedef enum secant_reason {
#define SECANT_REASON_ENUM(name, value, text) SECANT_REASON_##name = (value),
  SECANT_REASON_LIST(SECANT_REASON_ENUM)
#undef SECANT_REASON_ENUM
} secant_reason;

/** What went wrong, where. Filled by functions that have no object yet to hold their message. */
typedef struct secant_error {
  secant_status status; /**< SECANT_OK if nothing did */
  char message[504];    /**< one sentence, zero-terminated, equal on all ranks after a collective call */
} secant_error;

/** Text of a status, such as "success". Never NULL. Not collective. */
SECANT_API const char *secant_status_text(secant_status status);

/** Text of a reason, such as "iteration limit". Never NULL. Not collective. */
SECANT_API const char *secant_reason_text(secant_reason reason);

/** Identifier of a reason in lower case, such as "max_iter"; what the command prints in JSON. Not collective. */
SECANT_API const char *secant_reason_name(secant_reason reason);

/** Version of the library, "major.minor.patch". Not collective. */
SECANT_API const char *secant_version(void);

/* ------------------------------------------------------------------------------------------------------------------ */
/* Communicator                                                                                                        */
/* ------------------------------------------------------------------------------------------------------------------ */

/** The ranks that share a parameter vector. NULL stands for one process wherever a communicator is asked for.
 *  Made by secant_comm_from_mpi() of secant/mpi.h or by secant_session_begin() of secant/session.h. */
typedef struct secant_comm secant_comm;

/** Rank of this process, 0 <= rank < size. Not collective. */
SECANT_API int secant_comm_rank(const secant_comm *comm);

/** Number of ranks, >= 1. Not collective. */
SECANT_API int secant_comm_size(const secant_comm *comm);

/**
 * Adds `values` [count] over all ranks, in place. Collective.
 * NaN and Inf propagate. All ranks get the same bits.
 * @return SECANT_OK or SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_comm_sum(secant_comm *comm, double *values, size_t count);

/** Copies `bytes` bytes of `data` from rank `root` to all ranks. Collective.
 *  @return SECANT_OK or SECANT_ERR_COMM */
SECANT_API SECANT_NODISCARD secant_status secant_comm_broadcast(secant_comm *comm, void *data, size_t bytes, int root);

/**
 * Sends `bytes` bytes of `send` to rank `to` and receives as many from rank `from` into `receive`.
 * A rank below 0 means "nobody" (the edge of a mesh). Pairs must match over the ranks; the buffers must not overlap.
 * The halo exchange of a mesh that is cut into strips is two such calls.
 * @return SECANT_OK or SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_comm_exchange(secant_comm *comm, const void *send, int to,
                                                               void *receive, int from, size_t bytes);

/**
 * Makes a local outcome collective: every rank passes its own status and message, and all ranks leave with those of
 * the lowest rank that failed, or with SECANT_OK if none did. Collective.
 * @param error  in: this rank's outcome (status SECANT_OK if it went well); out: the common one
 * @return the common status
 */
SECANT_API SECANT_NODISCARD secant_status secant_comm_agree(secant_comm *comm, secant_error *error);

/** Frees the communicator; the caller's own MPI communicator is left alone. NULL is allowed. Collective. */
SECANT_API void secant_comm_destroy(secant_comm *comm);

/**
 * The library's own partition of n unknowns: contiguous, in rank order, cut at tile boundaries, as even as tiles allow.
 * Sums that are formed tile by tile then do not depend on where the cuts fall. A tile has 1024 unknowns; for n < 16384
 * fewer, a multiple of 8. Ranks can be empty. Not collective.
 * @param n      global count, >= 0
 * @param first  out: index of this rank's first unknown
 * @param count  out: number of this rank's unknowns, possibly 0
 * @return SECANT_OK or SECANT_ERR_ARGUMENT
 */
SECANT_API SECANT_NODISCARD secant_status secant_partition(int64_t n, int size, int rank, int64_t *first,
                                                           int64_t *count);

/* ------------------------------------------------------------------------------------------------------------------ */
/* Options                                                                                                             */
/* ------------------------------------------------------------------------------------------------------------------ */

/** How the search direction is formed. */
typedef enum secant_direction {
  SECANT_DIRECTION_GRAM = 0,    /**< recursion on inner products: one reduction an iteration */
  SECANT_DIRECTION_TWO_LOOP = 1 /**< textbook recursion on vectors: 2k + 2 reductions an iteration */
} secant_direction;

/** How the step length is found. */
typedef enum secant_line_search {
  SECANT_LINE_SEARCH_NONE = 0,         /**< fixed step `lr`; halved while the trial value is not finite */
  SECANT_LINE_SEARCH_STRONG_WOLFE = 1, /**< cubic interpolation, strong Wolfe conditions, as torch.optim.LBFGS */
  SECANT_LINE_SEARCH_NOCEDAL_WRIGHT =
      2, /**< Nocedal & Wright 3.5 and 3.6, strong Wolfe conditions, as Paddle documents */
  SECANT_LINE_SEARCH_MORE_THUENTE = 3, /**< More & Thuente 1994, strong Wolfe conditions */
  SECANT_LINE_SEARCH_HAGER_ZHANG = 4,  /**< Hager & Zhang 2005, Wolfe or approximate Wolfe conditions */
  SECANT_LINE_SEARCH_BACKTRACKING = 5  /**< the step shrinks until the loss decreases enough; slopes are not tested */
} secant_line_search;

/** What the closure returns as loss. */
typedef enum secant_loss {
  SECANT_LOSS_SHARE = 0,     /**< this rank's share; the library adds the shares */
  SECANT_LOSS_REPLICATED = 1 /**< the global loss, equal on every rank; rank 0's value is used */
} secant_loss;

/** When a curvature pair (s, y) is kept. */
typedef enum secant_curvature {
  SECANT_CURVATURE_ABSOLUTE = 0, /**< s.y > tolerance_curvature, as torch.optim.LBFGS */
  SECANT_CURVATURE_RELATIVE = 1  /**< s.y > tolerance_curvature |s| |y|, independent of the scale of f and x */
} secant_curvature;

/** How sums over elements are formed. In a reproducible sum a term of 2^991 or more counts as infinite. */
typedef enum secant_reduction {
  SECANT_REDUCTION_REPRODUCIBLE = 0, /**< the same bits on any number of threads, and of ranks if cuts are at tiles */
  SECANT_REDUCTION_FAST = 1          /**< plain sums: the same bits on the same number of ranks and threads */
} secant_reduction;

/** Element type of the stored curvature pairs and the direction. Sums are formed in double, whatever it is. */
typedef enum secant_history_dtype {
  SECANT_HISTORY_SAME = 0, /**< that of the parameters */
  SECANT_HISTORY_F32 = 1   /**< f32, also under parameters in f64: half the memory and traffic of the history */
} secant_history_dtype;

/** Scale of the initial inverse Hessian H0. */
typedef enum secant_scaling {
  SECANT_SCALING_LAST_PAIR = 0, /**< gamma H0 with gamma = s.y / y.H0 y of the newest pair */
  SECANT_SCALING_NONE = 1,      /**< H0 as it is, as minimize_lbfgs of Paddle */
  SECANT_SCALING_ADAPTIVE = 2 /**< as last_pair; and where the pairs imply a diagonal W that fits them much better than
                                     the identity, gamma W, formed anew from them in every iteration at no further
                                     reduction or memory. With direction gram, history_size 2 .. 30 and no initial
                                     matrix by the caller; else exactly last_pair */
} secant_scaling;

/** Length of the first trial step of the first iteration. */
typedef enum secant_first_step {
  SECANT_FIRST_STEP_SCALED = 0, /**< min(1, 1 / |g|_1) lr, as torch.optim.LBFGS */
  SECANT_FIRST_STEP_LR = 1,     /**< lr, as minimize_lbfgs of Paddle */
  SECANT_FIRST_STEP_UNIT =
      2 /**< a move of length lr in the 2-norm, or of lr |x|_inf / 10 if |x|_inf is not within 1e-6 .. 1e6;
                                     until there are curvature pairs, lr times the last one's */
} secant_first_step;

/** What `tolerance_change` is compared with. */
typedef enum secant_change_test {
  SECANT_CHANGE_STEP_AND_LOSS = 0, /**< step, loss change and slope, as torch.optim.LBFGS */
  SECANT_CHANGE_DIRECTION = 1      /**< |d|_inf alone, as minimize_lbfgs of Paddle */
} secant_change_test;

/**
 * Options of one optimizer. Start from secant_options_default(), secant_options_torch() or secant_options_paddle(),
 * then assign fields. The same names, with dashes, are the flags of the command, but for `loss`.
 */
typedef struct secant_options {
  size_t struct_size;              /**< filled by the initialiser; tells the library which fields exist */
  secant_direction direction;      /**< default gram */
  secant_line_search line_search;  /**< default hager_zhang; torch preset: none */
  secant_loss loss;                /**< default share */
  secant_curvature curvature_test; /**< default relative; torch preset: absolute */
  int64_t history_size;            /**< pairs kept, >= 0; 0 is steepest descent; memory 2(m+1)+1 vectors */
  int64_t max_iter;                /**< iterations of one call, >= 0 */
  int64_t
      max_eval;    /**< evaluations of one call, >= 0; -1 means floor(5 max_iter / 4); default 20000, torch preset -1 */
  double max_time; /**< seconds of one call, > 0; 0 means no limit */
  double lr;       /**< first trial step of every iteration but the first, >= 0 */
  double tolerance_grad;      /**< stop when |g|_inf <= this, >= 0 */
  double tolerance_change;    /**< stop when |t d|_inf <= this, or |f - f_prev| < this, or g.d > -this; >= 0 */
  double tolerance_curvature; /**< threshold of curvature_test, >= 0 */
  double armijo;              /**< c1 of the sufficient decrease condition, 0 < c1 < wolfe */
  double wolfe;               /**< c2 of the curvature condition, c1 < c2 < 1 */
  int64_t max_search;         /**< iterations of one line search, >= 1; a search costs at most one evaluation more */
  double tolerance_search; /**< a narrower bracket ends the search, >= 0; of t with nocedal_wright, else of t |d|_inf */
  int32_t max_eval_hard;   /**< 1: the line search stops at max_eval; 0: tested after an iteration, as torch */
  int32_t convergence_first;      /**< 1: convergence is judged before the limits; 0: after them, as torch */
  int32_t threads;                /**< OpenMP threads of a rank, >= 1; 0: secant_thread_count() tells */
  secant_first_step first_step;   /**< default unit; torch preset: scaled; Paddle preset: lr */
  secant_scaling scaling;         /**< default: adaptive; torch preset: last_pair; Paddle preset: none */
  secant_change_test change_test; /**< default and torch preset: step_and_loss; Paddle preset: direction */
  double max_step;                /**< longest step t of nocedal_wright, more_thuente, hager_zhang, > 0 */
  int32_t strict_tests; /**< 1: gradient and change must be below their tolerances, as Paddle; 0: at most, as torch */
  secant_reduction reduction;         /**< default reproducible, in every preset */
  secant_history_dtype history_dtype; /**< default same, in every preset */
  int32_t safeguards; /**< default 1; torch and Paddle presets: 0. 1: after a failed search the history is forgotten and
                           the run goes on down the gradient; if that fails too, differences of the loss tell a wrong
                           gradient from the precision limit (up to 82 evaluations). A loss below -1e20 max(1, |f
                           at the start|), or a drop of 1e10 times that in an iteration in which nothing bent, ends
                           the run as unbounded, many iterations that lower neither the loss nor
                           |g|_inf as at the precision limit. Where a first trial is not finite, the next one holds
                           back only the unknowns that would change their sign */
  double loss_slack;  /**< hager_zhang may accept a loss higher by this times |f|, which it takes for rounding; >= 0 */
} secant_options;

/** Fills the first `size` bytes with the robust defaults. Use secant_options_default(). Not collective. */
SECANT_API void secant_options_init(secant_options *options, size_t size);

/** Fills the first `size` bytes with the behaviour of torch.optim.LBFGS. Use secant_options_torch(). Not collective. */
SECANT_API void secant_options_init_torch(secant_options *options, size_t size);

/** The robust defaults: search of Hager and Zhang, relative curvature test, no limit that ends a healthy run early. */
static inline secant_options secant_options_default(void)
{
  secant_options options; /* sized by the caller's header, so older callers stay valid */
  secant_options_init(&options, sizeof options);
  return options;
}

/** The constructor's defaults of torch.optim.LBFGS: 20 iterations a step, 100 pairs, fixed step. */
static inline secant_options secant_options_torch(void)
{
  secant_options options;
  secant_options_init_torch(&options, sizeof options);
  return options;
}

/** Fills the first `size` bytes with the behaviour of minimize_lbfgs. Use secant_options_paddle(). Not collective. */
SECANT_API void secant_options_init_paddle(secant_options *options, size_t size);

/** The defaults of Paddle's minimize_lbfgs: 50 iterations, 100 pairs, H0 unscaled, every search begins at step 1. */
static inline secant_options secant_options_paddle(void)
{
  secant_options options;
  secant_options_init_paddle(&options, sizeof options);
  return options;
}

/**
 * Checks every field against its range. Not collective.
 * @param error  out, may be NULL: names the option, its value and its range
 * @return SECANT_OK or SECANT_ERR_ARGUMENT
 */
SECANT_API SECANT_NODISCARD secant_status secant_options_check(const secant_options *options, secant_error *error);

/** One row of the option table: what the command's flags, its help and the checkpoint's attributes are made of. */
typedef struct secant_option_description {
  const char *name;  /**< "history_size" */
  const char *range; /**< "integer >= 0" or "gram | two_loop" */
  const char *text;  /**< one line of help */
} secant_option_description;

/** Number of rows of the option table. Not collective. */
SECANT_API size_t secant_options_count(void);

/** Row `index` of the option table, 0 <= index < secant_options_count(), else NULL. Not collective. */
SECANT_API const secant_option_description *secant_options_describe(size_t index);

/**
 * Sets one option from text, strictly parsed: "1e-8", "two_loop". Not collective.
 * @param error  out, may be NULL: names the option, its value and its range
 * @return SECANT_OK or SECANT_ERR_ARGUMENT; the options are unchanged then
 */
SECANT_API SECANT_NODISCARD secant_status secant_options_set(secant_options *options, const char *name,
                                                             const char *value, secant_error *error);

/** Writes the value of option `name` as text that secant_options_set() restores exactly. Not collective.
 *  @return SECANT_OK, or SECANT_ERR_ARGUMENT if the name is unknown or `capacity` is too small (40 bytes suffice) */
SECANT_API SECANT_NODISCARD secant_status secant_options_get(const secant_options *options, const char *name,
                                                             char *value, size_t capacity);

/**
 * Threads that option `threads` means on this rank: its value, or for 0 as many as OpenMP would use. Unless that number
 * has been set (by the environment variable OMP_NUM_THREADS, or to another one than that of the processors), the ranks
 * of a computer share out the processors that they may use. An optimizer starts fewer where they would not pay: at most
 * one for each 8192 unknowns of the rank. Not collective.
 * @param comm  NULL means one process
 * @return >= 1
 */
SECANT_API int secant_thread_count(const secant_options *options, const secant_comm *comm);

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

/** A running minimisation: options, history, counters. Two optimizers share nothing. */
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
 * is left out is small: names and shapes of parameters, and for each thread buffers of 50 KB and 320 bytes a pair. Over
 * all ranks it is the sum of their shares. More is needed by an initial inverse Hessian, see
 * secant_initial_memory_estimate(), and, while they work, by secant_checkpoint_load() and for a new history_size.
 * Not collective.
 * @param options  NULL means secant_options_default()
 * @return UINT64_MAX if the number is too large for its type; 0 if the options are not valid
 */
SECANT_API uint64_t secant_memory_estimate(uint64_t n, secant_dtype dtype, const secant_options *options);

#ifdef __cplusplus
}
#endif

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
