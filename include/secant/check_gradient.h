/**
 * @file check_gradient.h
 * Whether a gradient belongs to its loss: a Taylor test at the current parameters.
 *
 * Along a direction d of unit length, with steps h, h/2, h/4, ..., the remainder
 *
 *     R(h) = f(x + h d) - f(x) - h g.d
 *
 * falls like h^2 if g is the gradient of f, until rounding hides it, and like h if it is not. What the remainders say of
 * R(h) / h at h = 0 is the error of g.d; how far they depart from a smooth curve is the error of that.
 */
#ifndef SECANT_CHECK_GRADIENT_H
#define SECANT_CHECK_GRADIENT_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a Taylor test says of a gradient. */
typedef enum secant_gradient_verdict {
  SECANT_GRADIENT_PASSES = 0,     /**< differences of the loss agree with it, to within `precision` */
  SECANT_GRADIENT_FAILS = 1,      /**< differences of the loss contradict it, beyond all errors of rounding */
  SECANT_GRADIENT_CANNOT_TELL = 2 /**< rounding hides the slope, or the loss is not smooth or not finite there */
} secant_gradient_verdict;

/** Along which direction. */
typedef enum secant_check_direction {
  SECANT_CHECK_RANDOM = 0,  /**< pseudo-random, of the same bits on any number of ranks: sees an error of any entry */
  SECANT_CHECK_GRADIENT = 1 /**< up the gradient: the steepest slope, which stands out best from rounding */
} secant_check_direction;

/** How to test. Start from secant_gradient_check_options_default(), then assign fields. */
typedef struct secant_gradient_check_options {
  size_t size;                  /**< filled by the initialiser; tells the library which fields exist */
  secant_check_direction along; /**< default random */
  uint64_t seed;                /**< of the random direction; default 0 */
  double step;                  /**< length of the longest step, > 0; 0: 2^-6 max(|x|_2, sqrt(n)). Give one where f
                                      varies on another scale than that of x */
} secant_gradient_check_options;

/** Fills the first `size` bytes. Use secant_gradient_check_options_default(). Not collective. */
SECANT_API void secant_gradient_check_options_init(secant_gradient_check_options *options, size_t size);

/** Random direction, seed 0, step from the size of x. */
static inline secant_gradient_check_options secant_gradient_check_options_default(void)
{
  secant_gradient_check_options options; /* sized by the caller's header, so older callers stay valid */
  secant_gradient_check_options_init(&options, sizeof options);
  return options;
}

/** What came out. Equal on all ranks. */
typedef struct secant_gradient_check {
  size_t size;                     /**< in: sizeof(secant_gradient_check) */
  secant_gradient_verdict verdict; /**< see there */
  double told;                     /**< g.d, as the gradient has it */
  double measured;                 /**< f'(x; d), as the losses have it; NaN if they do not tell */
  double precision;                /**< to within which `measured` is known; NaN with it */
  double order;                    /**< p of R(h) ~ h^p, by least squares over the shortest steps that stand out from
                                        rounding; NaN if these are fewer than 3 */
  int64_t evaluations;             /**< made, at most 83 */
} secant_gradient_check;

/**
 * Tests the gradient at the current parameters. Parameters and gradients, and whether these are absent, are afterwards as
 * they were, to the bit, also after an error; the run and its counters do not notice. Call it between steps. Collective;
 * `closure` runs on every rank, equally often. Takes 3 vectors of memory while it works.
 * @param closure  as secant_step() takes it
 * @param options  NULL means secant_gradient_check_options_default(); equal on all ranks
 * @param check    out; `check->size` is set by the caller; unchanged after an error
 * @return SECANT_OK, whatever the verdict. Else, equal on all ranks, explained by secant_message():
 *   SECANT_ERR_ARGUMENT  an argument is NULL or outside its range
 *   SECANT_ERR_STATE     an evaluation is wanted
 *   SECANT_ERR_CLOSURE   the objective reported failure
 *   SECANT_ERR_MEMORY, SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_check_gradient(secant_optimizer *optimizer, secant_closure *closure,
                                                                void *user,
                                                                const secant_gradient_check_options *options,
                                                                secant_gradient_check *check);

#ifdef __cplusplus
}
#endif
#endif
