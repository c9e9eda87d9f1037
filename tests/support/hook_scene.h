/* An optimizer whose closure and hooks write down in which order they run, and hooks that do as they are told.
 * Asserts. */
#ifndef TESTS_HOOK_SCENE_H
#define TESTS_HOOK_SCENE_H

#include "support/valley.h"
#include <secant/secant.h>
#include <stdbool.h>

enum { HOOK_SCENE_N = 8 };

typedef struct hook_scene {
  valley valley;
  secant_optimizer *optimizer;
  char log[64]; /* 'e' for an evaluation, 'x' for one of the empty closure, the letter of a hook for a hook */
} hook_scene;

void hook_scene_begin(hook_scene *s);
void hook_scene_end(hook_scene *s);
void hook_scene_log(hook_scene *s, char letter);

/* Closures; `user` is the scene. The empty one has loss 42 and no gradient. */
int hook_scene_closure(void *user, double *loss);
int hook_scene_empty_closure(void *user, double *loss);

/* Each begins a new log. */
secant_status hook_scene_step(hook_scene *s);
secant_node *hook_scene_export(hook_scene *s);
secant_status hook_scene_load(hook_scene *s, const secant_node *dict);

/* A hook: what it is to do, and what it saw. */
typedef struct hook_actor {
  hook_scene *scene;
  char letter;
  int answer;
  secant_step_call call; /* what a step hook that replaces puts; else what it saw */
  secant_node *(*edit)(secant_node *dict);
  secant_optimizer *optimizer; /* what the hook was handed */
  bool saw_dict;
} hook_actor;

/* Hooks; `user` is the actor. */
int hook_actor_step(secant_optimizer *optimizer, secant_step_call *call, void *user);
int hook_actor_state(secant_optimizer *optimizer, secant_node **dict, void *user);

#endif
