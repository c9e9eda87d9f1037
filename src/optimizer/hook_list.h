/* Lists of hooks. A hook is shared by the list it is registered in, by the handle of the caller, and by whoever runs
 * it. */
#ifndef SECANT_HOOK_LIST_H
#define SECANT_HOOK_LIST_H

#include <secant/hooks.h>
#include <stdatomic.h>
#include <stdbool.h>

struct secant_hook {
  atomic_int references; /* the last one frees it */
  atomic_bool removed;   /* no firing that begins from now on runs it */
  secant_step_hook *step;
  secant_state_hook *state; /* one of the two is NULL */
  void *user;
};

typedef struct secanti_hook_list {
  secant_hook **hooks; /* [capacity], in the order they run */
  size_t count;
  size_t capacity;
} secanti_hook_list;

/* What is to be registered, and where. */
typedef struct secanti_registration {
  secant_step_hook *step;
  secant_state_hook *state;
  void *user;
  bool prepend; /* before all that are in the list */
} secanti_registration;

/* Makes a hook and puts it into the list. `handle` may be NULL, and is set to NULL on failure. ERR_ARGUMENT (no
 * function) or ERR_MEMORY. */
secant_status secanti_hook_list_register(secanti_hook_list *list, const secanti_registration *what,
                                         secant_hook **handle);

/* Drops the removed hooks of `from` and appends the others to `to`. ERR_MEMORY leaves `to` as it was. */
secant_status secanti_hook_list_append(secanti_hook_list *to, secanti_hook_list *from);

/* Whether a hook of the list would run. */
bool secanti_hook_list_any(const secanti_hook_list *list);

/* Empties the list; its capacity stays. */
void secanti_hook_list_clear(secanti_hook_list *list);

/* Empties the list and frees its memory. */
void secanti_hook_list_destroy(secanti_hook_list *list);

#endif
