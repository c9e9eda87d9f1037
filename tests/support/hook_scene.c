#include "support/hook_scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void hook_scene_log(hook_scene *s, char letter)
{
  const size_t length = strlen(s->log);
  assert_true(length + 1 < sizeof s->log);
  s->log[length] = letter;
}

int hook_scene_closure(void *user, double *loss)
{
  hook_scene *s = user;
  hook_scene_log(s, 'e');
  return valley_evaluate(&s->valley, loss);
}

void hook_scene_begin(hook_scene *s)
{
  *s = (hook_scene){.valley = valley_create(HOOK_SCENE_N, 1, 0)};
  secant_options options = secant_options_torch();
  options.max_iter = 2;
  options.lr = 1e-3;
  const secant_parameter parameter = valley_parameter(&s->valley);
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
}

void hook_scene_end(hook_scene *s)
{
  secant_destroy(s->optimizer);
  valley_destroy(&s->valley);
}

secant_status hook_scene_step(hook_scene *s)
{
  memset(s->log, 0, sizeof s->log);
  return secant_step(s->optimizer, hook_scene_closure, s, NULL);
}

secant_node *hook_scene_export(hook_scene *s)
{
  secant_node *dict = NULL;
  memset(s->log, 0, sizeof s->log);
  assert_int_equal(secant_state_dict(s->optimizer, &dict), SECANT_OK);
  return dict;
}

secant_status hook_scene_load(hook_scene *s, const secant_node *dict)
{
  memset(s->log, 0, sizeof s->log);
  return secant_load_state_dict(s->optimizer, dict);
}

int hook_actor_step(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  hook_actor *a = user;
  hook_scene_log(a->scene, a->letter);
  a->optimizer = optimizer;
  if (a->answer == SECANT_HOOK_REPLACE) {
    *call = a->call;
  } else {
    a->call = *call;
  }
  return a->answer;
}

int hook_actor_state(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  hook_actor *a = user;
  hook_scene_log(a->scene, a->letter);
  a->optimizer = optimizer;
  a->saw_dict = *dict != NULL;
  if (a->edit) *dict = a->edit(*dict);
  return a->answer;
}

int hook_scene_empty_closure(void *user, double *loss)
{
  hook_scene_log(user, 'x');
  memset(((hook_scene *)user)->valley.g, 0, HOOK_SCENE_N * sizeof(double));
  *loss = 42.0;
  return 0;
}
