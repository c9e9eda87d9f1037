/**
 * @file schedule.h
 * Learning-rate schedules: they set option `lr` of an optimizer as a function of the number of their steps.
 *
 * With base the learning rate when the first schedule was created for the optimizer (kept as `initial_lr` in its state
 * dict) and k the steps taken, a schedule sets
 *
 *     constant            base factor               while k < total, then base
 *     step                base gamma^floor(k / size)
 *     exponential         base gamma^k
 *     cosine annealing    eta_min + (base - eta_min) (1 + cos(pi k / t_max)) / 2
 *     linear              base (start + (end - start) min(k, total) / total)
 *     sequential          schedule i, with its own k counted from milestone i - 1
 *
 * Creating a schedule sets the learning rate at once to its value for k = 0. So load the state of an optimizer after
 * creating its schedules: loading restores the saved learning rate, creating would overwrite it.
 *
 * Functions that set the learning rate are collective.
 */
#ifndef SECANT_SCHEDULE_H
#define SECANT_SCHEDULE_H

#include <secant/secant.h>
#include <secant/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A schedule of one optimizer, which must outlive it. */
typedef struct secant_schedule secant_schedule;

/*
 * The create functions are collective; `out` is NULL after an error. They return SECANT_OK, SECANT_ERR_ARGUMENT (a
 * number is not finite, negative, or, for counts, below 1; secant_message() explains), SECANT_ERR_MEMORY or
 * SECANT_ERR_COMM.
 */

/** base factor for the first `total` steps, then base. */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_constant(secant_schedule **out, secant_optimizer *optimizer,
                                                                   double factor, int64_t total);
/** base gamma^floor(k / size). */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_step_decay(secant_schedule **out, secant_optimizer *optimizer,
                                                                     int64_t size, double gamma);
/** base gamma^k. */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_exponential(secant_schedule **out,
                                                                      secant_optimizer *optimizer, double gamma);
/** From base down to eta_min in t_max steps along half a period of a cosine. */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_cosine_annealing(secant_schedule **out,
                                                                           secant_optimizer *optimizer, int64_t t_max,
                                                                           double eta_min);
/** From base start to base end in `total` steps, in equal parts. */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_linear(secant_schedule **out, secant_optimizer *optimizer,
                                                                 double start, double end, int64_t total);

/**
 * Runs `parts` one after the other: part i from step milestones[i - 1] on. Takes the parts over on success.
 * @param parts       [count], of the same optimizer, none of them sequential
 * @param milestones  [count - 1], increasing, > 0
 */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_sequential(secant_schedule **out, secant_optimizer *optimizer,
                                                                     secant_schedule *const *parts, size_t count,
                                                                     const int64_t *milestones);

/** Takes one step and sets the learning rate; call it after secant_step(). Collective.
 *  @return SECANT_OK, or as secant_set_options(): the schedule has not stepped then */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_advance(secant_schedule *schedule);

/** The learning rate that this schedule set last. Not collective. */
SECANT_API double secant_schedule_last_lr(const secant_schedule *schedule);

/** Steps taken, k. Not collective. */
SECANT_API int64_t secant_schedule_steps(const secant_schedule *schedule);

/** Exports the schedule: its kind, numbers, base learning rate, k and last learning rate. Not collective.
 *  @param dict  out: owned by the caller, free it with secant_node_destroy()
 *  @return SECANT_OK, SECANT_ERR_ARGUMENT or SECANT_ERR_MEMORY */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_state_dict(const secant_schedule *schedule,
                                                                     secant_node **dict);

/** Loads such a dict. The optimizer's learning rate is left alone: load the optimizer's state too, or take a step. Not
 *  collective.
 *  @param error  out, may be NULL: names the entry
 *  @return SECANT_OK, SECANT_ERR_ARGUMENT, or SECANT_ERR_MISMATCH (another kind of schedule, or an entry that is
 *    missing or senseless); after an error the schedule is unchanged */
SECANT_API SECANT_NODISCARD secant_status secant_schedule_load_state_dict(secant_schedule *schedule,
                                                                          const secant_node *dict, secant_error *error);

/** Frees a schedule and its parts; the learning rate stays. NULL is allowed. Not collective. */
SECANT_API void secant_schedule_destroy(secant_schedule *schedule);

#ifdef __cplusplus
}
#endif
#endif
