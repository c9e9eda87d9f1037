/**
 * @file hooks.h
 * Functions of the caller's that run around secant_step(), secant_state_dict() and secant_load_state_dict().
 *
 * Hooks run in the order of their registration, on every rank; `prepend` puts one before all those registered so far.
 * The same function may be registered twice and runs twice. A hook that is added or removed while hooks of its kind run
 * takes effect when they are through. A hook may take steps and export or load states itself, which runs hooks again;
 * it must not destroy the optimizer. secant_minimize() and secant_ask() run no hooks.
 *
 * Register and remove alike on all ranks, in the same order, and not while an optimizer that spans several ranks steps
 * in another thread. A hook that fails on one rank fails the call on all ranks with SECANT_ERR_HOOK, and no rank runs a
 * later one. The ranks agree after each hook: one reduction more, which secant_info does not count.
 */
#ifndef SECANT_HOOKS_H
#define SECANT_HOOKS_H

#include <secant/secant.h>
#include <secant/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a hook returns; any other number means failure. REPLACE is as KEEP where nothing can be replaced. */
enum {
  SECANT_HOOK_KEEP = 0,   /**< go on as it was */
  SECANT_HOOK_REPLACE = 1 /**< use what the hook put in place of its arguments */
};

/** Arguments of secant_step() but for the optimizer. */
typedef struct secant_step_call {
  secant_closure *closure; /**< the objective */
  void *user;              /**< handed to it */
} secant_step_call;

/** Runs before or after a step. A pre-hook that returns REPLACE has put the arguments for all that follows into `call`;
 *  a change without REPLACE has no effect, a closure that is NULL is a failure. A post-hook sees the arguments that
 *  were used. */
typedef int secant_step_hook(secant_optimizer *optimizer, secant_step_call *call, void *user);

/**
 * Runs around the export and the load of a state. `*dict` is NULL for the state-dict pre-hook and the load post-hook.
 * The others may edit the dict, which takes effect as it is, or put another one in its place and return REPLACE: the
 * new one is taken over, the old one freed. NULL or a part of another dict in its place is a failure.
 */
typedef int secant_state_hook(secant_optimizer *optimizer, secant_node **dict, void *user);

/** A registration. Outlives the optimizer; belongs to the caller, who frees it with secant_hook_release(). */
typedef struct secant_hook secant_hook;

/*
 * All register functions: `user` is handed to the hook, `handle` is out and may be NULL. Not collective, but to be
 * called alike on all ranks. They return SECANT_OK, SECANT_ERR_ARGUMENT or SECANT_ERR_MEMORY.
 */

/** Before the body of secant_step(). A failing hook leaves everything untouched: the closure does not run. */
SECANT_API SECANT_NODISCARD secant_status secant_register_step_pre_hook(secant_optimizer *optimizer,
                                                                        secant_step_hook *hook, void *user,
                                                                        secant_hook **handle);

/** After the body of secant_step(), if it succeeded. If a hook fails, the step has been taken all the same. */
SECANT_API SECANT_NODISCARD secant_status secant_register_step_post_hook(secant_optimizer *optimizer,
                                                                         secant_step_hook *hook, void *user,
                                                                         secant_hook **handle);

/** First thing in secant_state_dict(). If a hook fails, no dict is made; what hooks changed stays changed. */
SECANT_API SECANT_NODISCARD secant_status secant_register_state_dict_pre_hook(secant_optimizer *optimizer,
                                                                              secant_state_hook *hook, void *user,
                                                                              int prepend, secant_hook **handle);

/** After packing: edits or replaces what the caller gets. If a hook fails, the caller gets no dict. */
SECANT_API SECANT_NODISCARD secant_status secant_register_state_dict_post_hook(secant_optimizer *optimizer,
                                                                               secant_state_hook *hook, void *user,
                                                                               int prepend, secant_hook **handle);

/** Before validation, on a deep copy of the caller's dict. If a hook fails, nothing is loaded. */
SECANT_API SECANT_NODISCARD secant_status secant_register_load_state_dict_pre_hook(secant_optimizer *optimizer,
                                                                                   secant_state_hook *hook, void *user,
                                                                                   int prepend, secant_hook **handle);

/** After a load that succeeded. If a hook fails, the state is loaded all the same. */
SECANT_API SECANT_NODISCARD secant_status secant_register_load_state_dict_post_hook(secant_optimizer *optimizer,
                                                                                    secant_state_hook *hook, void *user,
                                                                                    int prepend, secant_hook **handle);

/** For every optimizer of this process: before its own step pre-hooks. Safe from several threads. */
SECANT_API SECANT_NODISCARD secant_status secant_register_global_step_pre_hook(secant_step_hook *hook, void *user,
                                                                               secant_hook **handle);

/** For every optimizer of this process: after its own step post-hooks. Safe from several threads. */
SECANT_API SECANT_NODISCARD secant_status secant_register_global_step_post_hook(secant_step_hook *hook, void *user,
                                                                                secant_hook **handle);

/** Detaches the hook. Doing so twice, or after the optimizer is gone, is harmless; so is NULL. Safe from other threads,
 *  but hooks that are running at that time go on with it: keep its `user` until they are through. */
SECANT_API void secant_hook_remove(secant_hook *handle);

/** Frees the handle; the hook stays registered unless it was removed. NULL is allowed. */
SECANT_API void secant_hook_release(secant_hook *handle);

#ifdef __cplusplus
}
#endif
#endif
