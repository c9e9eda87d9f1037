/* The hooks of one optimizer, and the step hooks of the whole process: lists of the caller's functions, kind by
 * kind. */
#ifndef SECANT_OPTIMIZER_HOOKS_H
#define SECANT_OPTIMIZER_HOOKS_H

#include "optimizer/hook_list.h"
#include <secant/hooks.h>
#include <stdbool.h>

typedef enum secanti_hook_kind {
  SECANTI_HOOK_STEP_PRE,
  SECANTI_HOOK_STEP_POST,
  SECANTI_HOOK_STATE_DICT_PRE,
  SECANTI_HOOK_STATE_DICT_POST,
  SECANTI_HOOK_LOAD_PRE,
  SECANTI_HOOK_LOAD_POST,
  SECANTI_HOOK_KINDS
} secanti_hook_kind;

typedef struct secanti_hooks {
  secanti_hook_list lists[SECANTI_HOOK_KINDS];
  secanti_hook_list spare; /* empty; lends its memory to a firing, so that a step allocates nothing once it has grown */
} secanti_hooks;

/* Lets go of all hooks; handles that the caller holds stay valid. */
void secanti_hooks_destroy(secanti_hooks *hooks);

/* Whether a hook of this state kind would run. */
bool secanti_hooks_any(const secant_optimizer *optimizer, secanti_hook_kind kind);

/* Runs the hooks of a step kind, the process-wide ones too; `call` is what the body then uses. Collective if any is
 * registered; the outcome is common, in the optimizer's error too. */
secant_status secanti_hooks_run_step(secant_optimizer *optimizer, secanti_hook_kind kind, secant_step_call *call);

/* Runs the hooks of a state kind; `dict` may be NULL where hooks see none. A dict that a hook puts in place of *dict
 * and announces with REPLACE is the optimizer's from then on, and the old one is freed; also if a later hook fails.
 * Collective if any is registered; as above. */
secant_status secanti_hooks_run_state(secant_optimizer *optimizer, secanti_hook_kind kind, secant_node **dict);

/* Appends the process-wide hooks of a step kind to `to`. ERR_MEMORY leaves `to` as it was. Safe from several threads
 * (global_hooks.c). */
secant_status secanti_global_hooks_append(secanti_hook_kind kind, secanti_hook_list *to);

#endif
