/*
 * Registering hooks and running them. What runs is settled when a firing begins: the hooks are copied into a list of
 * the firing's own, which shares them, so that a hook may add, remove and release any hook, itself included.
 */
#include "optimizer/hooks.h"
#include "base/base.h"
#include "optimizer/node.h"
#include "optimizer/optimizer.h"
#include <stdlib.h>

/* ---- registration ------------------------------------------------------------------------------------------------ */

static secant_status add(secant_optimizer *optimizer, secanti_hook_kind kind, secanti_registration what,
                         secant_hook **handle)
{
  if (handle) *handle = NULL;
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  return secanti_hook_list_register(&optimizer->hooks.lists[kind], &what, handle);
}

secant_status secant_register_step_pre_hook(secant_optimizer *optimizer, secant_step_hook *hook, void *user,
                                            secant_hook **handle)
{
  return add(optimizer, SECANTI_HOOK_STEP_PRE, (secanti_registration){.step = hook, .user = user}, handle);
}

secant_status secant_register_step_post_hook(secant_optimizer *optimizer, secant_step_hook *hook, void *user,
                                             secant_hook **handle)
{
  return add(optimizer, SECANTI_HOOK_STEP_POST, (secanti_registration){.step = hook, .user = user}, handle);
}

static secant_status add_state(secant_optimizer *optimizer, secanti_hook_kind kind, secant_state_hook *hook, void *user,
                               int prepend, secant_hook **handle)
{
  return add(optimizer, kind, (secanti_registration){.state = hook, .user = user, .prepend = prepend != 0}, handle);
}

secant_status secant_register_state_dict_pre_hook(secant_optimizer *optimizer, secant_state_hook *hook, void *user,
                                                  int prepend, secant_hook **handle)
{
  return add_state(optimizer, SECANTI_HOOK_STATE_DICT_PRE, hook, user, prepend, handle);
}

secant_status secant_register_state_dict_post_hook(secant_optimizer *optimizer, secant_state_hook *hook, void *user,
                                                   int prepend, secant_hook **handle)
{
  return add_state(optimizer, SECANTI_HOOK_STATE_DICT_POST, hook, user, prepend, handle);
}

secant_status secant_register_load_state_dict_pre_hook(secant_optimizer *optimizer, secant_state_hook *hook, void *user,
                                                       int prepend, secant_hook **handle)
{
  return add_state(optimizer, SECANTI_HOOK_LOAD_PRE, hook, user, prepend, handle);
}

secant_status secant_register_load_state_dict_post_hook(secant_optimizer *optimizer, secant_state_hook *hook,
                                                        void *user, int prepend, secant_hook **handle)
{
  return add_state(optimizer, SECANTI_HOOK_LOAD_POST, hook, user, prepend, handle);
}

void secanti_hooks_destroy(secanti_hooks *hooks)
{
  for (size_t kind = 0; kind < SECANTI_HOOK_KINDS; kind++) secanti_hook_list_destroy(&hooks->lists[kind]);
  secanti_hook_list_destroy(&hooks->spare);
}

/* ---- firing ------------------------------------------------------------------------------------------------------ */

typedef struct firing {
  secant_optimizer *optimizer;
  secanti_hook_kind kind;
  secanti_hook_list hooks; /* what runs */
  bool any;                /* equal on all ranks if the caller registers alike */
  secant_error outcome;    /* of this rank, until the ranks agree on it */
  secant_status status;    /* which is common */
} firing;

static const char *describe(secanti_hook_kind kind)
{
  static const char *const moments[SECANTI_HOOK_KINDS] = {
      [SECANTI_HOOK_STEP_PRE] = "before secant_step()",
      [SECANTI_HOOK_STEP_POST] = "after secant_step()",
      [SECANTI_HOOK_STATE_DICT_PRE] = "before secant_state_dict()",
      [SECANTI_HOOK_STATE_DICT_POST] = "after secant_state_dict()",
      [SECANTI_HOOK_LOAD_PRE] = "before secant_load_state_dict()",
      [SECANTI_HOOK_LOAD_POST] = "after secant_load_state_dict()",
  };
  return moments[kind];
}

/* The process-wide hooks lie outside of the optimizer's own: before them in front of a step, after them behind it. */
static secant_status collect(firing *f)
{
  secant_status status = SECANT_OK;
  if (f->kind == SECANTI_HOOK_STEP_PRE) SECANT_TRY(secanti_global_hooks_append(f->kind, &f->hooks));
  SECANT_TRY(secanti_hook_list_append(&f->hooks, &f->optimizer->hooks.lists[f->kind]));
  if (f->kind == SECANTI_HOOK_STEP_POST) SECANT_TRY(secanti_global_hooks_append(f->kind, &f->hooks));
done:
  return status;
}

/* A hook may itself fire hooks of the same optimizer; the inner firing then finds the spare list lent and makes its
 * own. */
static firing begin(secant_optimizer *optimizer, secanti_hook_kind kind)
{
  firing f = {.optimizer = optimizer, .kind = kind, .hooks = optimizer->hooks.spare};
  optimizer->hooks.spare = (secanti_hook_list){0};
  const secant_status status = collect(&f);
  f.any = status != SECANT_OK || f.hooks.count > 0;
  if (status == SECANT_OK) return f;
  secanti_hook_list_clear(&f.hooks);
  secanti_fail(&f.outcome, status, "no memory to run the hooks %s on rank %d", describe(kind),
               secant_comm_rank(optimizer->comm));
  return f;
}

/* Makes the outcome common after each hook: the next one may be collective, and must run everywhere or nowhere.
 * Collective. */
static bool agree(firing *f)
{
  f->status = secant_comm_agree(f->optimizer->comm, &f->outcome);
  return f->status == SECANT_OK;
}

/* Where there was no memory for the hooks, the others find that out after their first one. */
static secant_status end(firing *f)
{
  secant_optimizer *optimizer = f->optimizer;
  if (f->any && f->hooks.count == 0) agree(f);
  secanti_hook_list_clear(&f->hooks);
  secanti_hook_list_destroy(&optimizer->hooks.spare);
  optimizer->hooks.spare = f->hooks;
  if (f->status != SECANT_OK) optimizer->error = f->outcome;
  return f->status;
}

static void fail(firing *f, const char *what)
{
  secanti_fail(&f->outcome, SECANT_ERR_HOOK, "a hook %s %s on rank %d", describe(f->kind), what,
               secant_comm_rank(f->optimizer->comm));
}

/* Whether the hook returned one of the two answers there are. */
static bool is_answer(firing *f, int result)
{
  if (result == SECANT_HOOK_KEEP || result == SECANT_HOOK_REPLACE) return true;
  fail(f, "reported failure");
  return false;
}

/* A hook sees a copy of the call, which counts only if it says so, and only where there is a body still to come. */
static void run_step_hook(firing *f, const secant_hook *hook, secant_step_call *call)
{
  secant_step_call seen = *call;
  const int result = hook->step(f->optimizer, &seen, hook->user);
  if (!is_answer(f, result) || result == SECANT_HOOK_KEEP || f->kind != SECANTI_HOOK_STEP_PRE) return;
  if (seen.closure) {
    *call = seen;
  } else {
    fail(f, "replaced the closure by NULL");
  }
}

static void run_state_hook(firing *f, const secant_hook *hook, secant_node **dict)
{
  secant_node *seen = dict ? *dict : NULL;
  const int result = hook->state(f->optimizer, &seen, hook->user);
  if (!is_answer(f, result) || result == SECANT_HOOK_KEEP || !dict || seen == *dict) return;
  if (!seen) {
    fail(f, "replaced the dict by NULL");
  } else if (!secanti_node_is_root(seen)) {
    fail(f, "replaced the dict by a part of a dict");
  } else {
    secant_node_destroy(*dict);
    *dict = seen;
  }
}

bool secanti_hooks_any(const secant_optimizer *optimizer, secanti_hook_kind kind)
{
  return secanti_hook_list_any(&optimizer->hooks.lists[kind]);
}

secant_status secanti_hooks_run_step(secant_optimizer *optimizer, secanti_hook_kind kind, secant_step_call *call)
{
  firing f = begin(optimizer, kind);
  for (size_t i = 0; i < f.hooks.count; i++) {
    run_step_hook(&f, f.hooks.hooks[i], call);
    if (!agree(&f)) break;
  }
  return end(&f);
}

secant_status secanti_hooks_run_state(secant_optimizer *optimizer, secanti_hook_kind kind, secant_node **dict)
{
  firing f = begin(optimizer, kind);
  for (size_t i = 0; i < f.hooks.count; i++) {
    run_state_hook(&f, f.hooks.hooks[i], dict);
    if (!agree(&f)) break;
  }
  return end(&f);
}
