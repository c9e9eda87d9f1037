#include "optimizer/hook_list.h"
#include "base/base.h"
#include <stdlib.h>
#include <string.h>

static secant_hook *share(secant_hook *hook)
{
  atomic_fetch_add(&hook->references, 1);
  return hook;
}

static void let_go(secant_hook *hook)
{
  if (atomic_fetch_sub(&hook->references, 1) == 1) free(hook);
}

void secant_hook_remove(secant_hook *handle)
{
  if (handle) atomic_store(&handle->removed, true);
}

void secant_hook_release(secant_hook *handle)
{
  if (handle) let_go(handle);
}

static void drop_removed(secanti_hook_list *list)
{
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++) {
    secant_hook *hook = list->hooks[i];
    if (atomic_load(&hook->removed)) {
      let_go(hook);
    } else {
      list->hooks[kept++] = hook;
    }
  }
  list->count = kept;
}

/* Room for `count` hooks. Grows by doubling, so that registering many costs little. */
static secant_status reserve(secanti_hook_list *list, size_t count)
{
  if (count <= list->capacity) return SECANT_OK;
  const size_t capacity = count > 2 * list->capacity ? count : 2 * list->capacity;
  secant_hook **hooks = secanti_alloc(capacity, sizeof(secant_hook *));
  if (!hooks) return SECANT_ERR_MEMORY;
  if (list->count > 0) memcpy(hooks, list->hooks, list->count * sizeof(secant_hook *));
  free(list->hooks);
  list->hooks = hooks;
  list->capacity = capacity;
  return SECANT_OK;
}

static secant_hook *make(const secanti_registration *what)
{
  secant_hook *hook = secanti_alloc(1, sizeof *hook);
  if (!hook) return NULL;
  atomic_init(&hook->references, 1);
  atomic_init(&hook->removed, false);
  hook->step = what->step;
  hook->state = what->state;
  hook->user = what->user;
  return hook;
}

secant_status secanti_hook_list_register(secanti_hook_list *list, const secanti_registration *what,
                                         secant_hook **handle)
{
  if (handle) *handle = NULL;
  if (!what->step && !what->state) return SECANT_ERR_ARGUMENT;
  drop_removed(list); /* a program that only adds and removes must not grow the list */
  if (reserve(list, list->count + 1) != SECANT_OK) return SECANT_ERR_MEMORY;
  secant_hook *hook = make(what);
  if (!hook) return SECANT_ERR_MEMORY;
  const size_t at = what->prepend ? 0 : list->count;
  memmove(list->hooks + at + 1, list->hooks + at, (list->count - at) * sizeof(secant_hook *));
  list->hooks[at] = hook;
  list->count++;
  if (handle) *handle = share(hook);
  return SECANT_OK;
}

secant_status secanti_hook_list_append(secanti_hook_list *to, secanti_hook_list *from)
{
  drop_removed(from);
  if (reserve(to, to->count + from->count) != SECANT_OK) return SECANT_ERR_MEMORY;
  for (size_t i = 0; i < from->count; i++) to->hooks[to->count++] = share(from->hooks[i]);
  return SECANT_OK;
}

bool secanti_hook_list_any(const secanti_hook_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    if (!atomic_load(&list->hooks[i]->removed)) return true;
  }
  return false;
}

void secanti_hook_list_clear(secanti_hook_list *list)
{
  for (size_t i = 0; i < list->count; i++) let_go(list->hooks[i]);
  list->count = 0;
}

void secanti_hook_list_destroy(secanti_hook_list *list)
{
  secanti_hook_list_clear(list);
  free(list->hooks);
  *list = (secanti_hook_list){0};
}
