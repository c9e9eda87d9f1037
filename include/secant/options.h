/**
 * @file options.h
 * How an optimizer works: its options, their presets, and their names. Part of secant.h.
 */
#ifndef SECANT_SECANT_OPTIONS_H
#define SECANT_SECANT_OPTIONS_H

#include <secant/comm.h>

#ifdef __cplusplus
extern "C" {
#endif

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
                                     reduction or memory. With direction gram, history_size 3 .. 30 and no initial
                                     matrix by the caller; else exactly last_pair */
} secant_scaling;

/** Length of the first trial step of the first iteration. */
typedef enum secant_first_step {
  SECANT_FIRST_STEP_SCALED = 0, /**< min(1, 1 / |g|_1) lr, as torch.optim.LBFGS */
  SECANT_FIRST_STEP_LR = 1,     /**< lr, as minimize_lbfgs of Paddle */
  SECANT_FIRST_STEP_UNIT =
      2 /**< a move of length lr in the 2-norm, or of lr |x|_inf / 10 if |x|_inf is not 0 and not within
                                     1e-6 .. 1e6; until there are curvature pairs, lr times the last one's */
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

#ifdef __cplusplus
}
#endif

#endif
