/*
 * Step hooks of every optimizer of the process. The only mutable state of the library that belongs to no object; a
 * mutex guards the lists. Hooks run outside of it, so they may register others and may run in several threads at once.
 */
#include "optimizer/hooks.h"
#include <pthread.h>

static struct {
  pthread_mutex_t mutex;
  secanti_hook_list lists[2]; /* by kind: SECANTI_HOOK_STEP_PRE, SECANTI_HOOK_STEP_POST */
} registry = {.mutex = PTHREAD_MUTEX_INITIALIZER};

_Static_assert(SECANTI_HOOK_STEP_PRE == 0 && SECANTI_HOOK_STEP_POST == 1, "the step kinds index the registry");

static secant_status add(secanti_hook_kind kind, secant_step_hook *hook, void *user, secant_hook **handle)
{
  const secanti_registration what = {.step = hook, .user = user};
  pthread_mutex_lock(&registry.mutex);
  const secant_status status = secanti_hook_list_register(&registry.lists[kind], &what, handle);
  pthread_mutex_unlock(&registry.mutex);
  return status;
}

secant_status secant_register_global_step_pre_hook(secant_step_hook *hook, void *user, secant_hook **handle)
{
  return add(SECANTI_HOOK_STEP_PRE, hook, user, handle);
}

secant_status secant_register_global_step_post_hook(secant_step_hook *hook, void *user, secant_hook **handle)
{
  return add(SECANTI_HOOK_STEP_POST, hook, user, handle);
}

secant_status secanti_global_hooks_append(secanti_hook_kind kind, secanti_hook_list *to)
{
  pthread_mutex_lock(&registry.mutex);
  const secant_status status = secanti_hook_list_append(to, &registry.lists[kind]);
  pthread_mutex_unlock(&registry.mutex);
  return status;
}
