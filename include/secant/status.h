/**
 * @file status.h
 * Whether a call worked, and why a run ended. Part of secant.h.
 */
#ifndef SECANT_SECANT_STATUS_H
#define SECANT_SECANT_STATUS_H

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

#ifdef __cplusplus
}
#endif

#endif
