/* Hooks around step, export and load as torch.optim.Optimizer has them. */
#include "support/hook_scene.h"
#include "support/schedule_scene.h"
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ---- step -------------------------------------------------------------------------------------------------------- */

static void C1_step_pre_hooks_run_before_the_body_in_order_and_may_replace_the_closure(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  hook_actor a = {.scene = &s, .letter = 'a'}, b = {.scene = &s, .letter = 'b'}, c = {.scene = &s, .letter = 'c'};
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &a, NULL), SECANT_OK);
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  assert_int_equal(s.log[0], 'a');
  assert_int_equal(s.log[1], 'e');

  b.answer = SECANT_HOOK_REPLACE;
  b.call = (secant_step_call){hook_scene_empty_closure, &s};
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &b, NULL), SECANT_OK);
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &c, NULL), SECANT_OK);
  double loss = 0.0;
  memset(s.log, 0, sizeof s.log);
  assert_int_equal(secant_step(s.optimizer, hook_scene_closure, &s, &loss), SECANT_OK);
  assert_string_equal(s.log, "abcx"); /* its gradient is zero: one evaluation */
  assert_true(loss == 42.0);
  assert_true(a.call.closure == hook_scene_closure);
  assert_true(c.call.closure == hook_scene_empty_closure); /* later hooks see the replacement */
  hook_scene_end(&s);
}

static void C2_any_other_answer_of_a_step_pre_hook_fails_and_the_body_does_not_run(void **state)
{
  (void)state;
  const int answers[] = {2, -1, 1000};
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    hook_scene s;
    hook_scene_begin(&s);
    hook_actor bad = {.scene = &s, .letter = 'b', .answer = answers[i]}, after = {.scene = &s, .letter = 'p'};
    secant_hook *handle;
    assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &bad, &handle), SECANT_OK);
    assert_int_equal(secant_register_step_post_hook(s.optimizer, hook_actor_step, &after, NULL), SECANT_OK);
    double before[HOOK_SCENE_N];
    memcpy(before, s.valley.x, sizeof before);
    assert_int_equal(hook_scene_step(&s), SECANT_ERR_HOOK);
    assert_string_equal(s.log, "b");
    assert_string_equal(secant_message(s.optimizer), "a hook before secant_step() reported failure on rank 0");
    assert_int_equal(s.valley.evaluations, 0);
    assert_int_equal(secant_get_info(s.optimizer).func_evals, 0);
    assert_memory_equal(before, s.valley.x, sizeof before);
    secant_hook_remove(handle);
    secant_hook_release(handle);
    assert_int_equal(hook_scene_step(&s), SECANT_OK);
    assert_true(s.valley.evaluations > 0);
    hook_scene_end(&s);
  }
}

static void C3_step_post_hooks_run_after_the_body_with_the_final_arguments(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  hook_actor swap = {.scene = &s, .letter = 'b', .answer = SECANT_HOOK_REPLACE, .call = {hook_scene_empty_closure, &s}};
  hook_actor post = {.scene = &s, .letter = 'p'};
  secant_hook *handle;
  assert_int_equal(secant_register_step_post_hook(s.optimizer, hook_actor_step, &post, NULL), SECANT_OK);
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  assert_int_equal(s.log[strlen(s.log) - 2], 'e');
  assert_int_equal(s.log[strlen(s.log) - 1], 'p');
  assert_true(post.call.closure == hook_scene_closure && post.call.user == &s);

  assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &swap, &handle), SECANT_OK);
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  assert_string_equal(s.log, "bxp");
  assert_true(post.call.closure == hook_scene_empty_closure);
  secant_hook_remove(handle);
  secant_hook_release(handle);

  s.valley.fail_at = s.valley.evaluations + 1;
  assert_int_equal(hook_scene_step(&s), SECANT_ERR_CLOSURE);
  assert_string_equal(s.log, "e");
  hook_scene_end(&s);
}

/* The answer of a post-hook replaces nothing: the returned loss and the next step are as without it. */
static void C3_the_answer_of_a_step_post_hook_replaces_nothing(void **state)
{
  (void)state;
  hook_scene s, plain;
  hook_scene_begin(&s);
  hook_scene_begin(&plain);
  hook_actor post = {.scene = &s, .letter = 'p', .answer = SECANT_HOOK_REPLACE, .call = {hook_scene_empty_closure, &s}};
  assert_int_equal(secant_register_step_post_hook(s.optimizer, hook_actor_step, &post, NULL), SECANT_OK);
  for (int i = 0; i < 3; i++) {
    double loss = 0.0, expected = 1.0;
    assert_int_equal(secant_step(s.optimizer, hook_scene_closure, &s, &loss), SECANT_OK);
    assert_int_equal(secant_step(plain.optimizer, hook_scene_closure, &plain, &expected), SECANT_OK);
    assert_true(loss == expected);
    assert_memory_equal(s.valley.x, plain.valley.x, HOOK_SCENE_N * sizeof(double));
  }
  hook_scene_end(&s);
  hook_scene_end(&plain);
}

/* ---- export ------------------------------------------------------------------------------------------------------ */

static int change_lr(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  assert_null(*dict);
  secant_options options = secant_options_default();
  secant_get_options(optimizer, &options);
  options.lr = *(const double *)user;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  return SECANT_HOOK_KEEP;
}

static void C4_a_state_dict_pre_hook_runs_before_packing(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  double lr = 0.0625;
  assert_int_equal(secant_register_state_dict_pre_hook(s.optimizer, change_lr, &lr, 0, NULL), SECANT_OK);
  secant_node *dict = hook_scene_export(&s);
  assert_true(schedule_scene_number(dict, "param_groups/0/lr") == lr);
  assert_true(schedule_scene_lr(s.optimizer) == lr);
  secant_node_destroy(dict);
  hook_scene_end(&s);
}

static secant_node *add_note(secant_node *dict)
{
  assert_int_equal(secant_node_set(dict, "note", secant_node_integer(1)), SECANT_OK);
  return dict;
}

static secant_node *replace_by_copy(secant_node *dict)
{
  secant_node *other = secant_node_dict();
  assert_int_equal(secant_node_set(other, "inside", secant_node_copy(dict)), SECANT_OK);
  return other;
}

static secant_node *add_to_inside(secant_node *dict)
{
  assert_int_equal(secant_node_set(secant_node_find(dict, "inside"), "last", secant_node_integer(3)), SECANT_OK);
  return dict;
}

static void C5_state_dict_post_hooks_edit_or_replace_what_the_caller_gets(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  hook_actor edits = {.scene = &s, .letter = 'a', .edit = add_note};
  hook_actor replaces = {.scene = &s, .letter = 'b', .edit = replace_by_copy, .answer = SECANT_HOOK_REPLACE};
  hook_actor chains = {.scene = &s, .letter = 'c', .edit = add_to_inside};
  assert_int_equal(secant_register_state_dict_post_hook(s.optimizer, hook_actor_state, &edits, 0, NULL), SECANT_OK);
  assert_int_equal(secant_register_state_dict_post_hook(s.optimizer, hook_actor_state, &replaces, 0, NULL), SECANT_OK);
  assert_int_equal(secant_register_state_dict_post_hook(s.optimizer, hook_actor_state, &chains, 0, NULL), SECANT_OK);
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  secant_node *dict = hook_scene_export(&s);
  assert_string_equal(s.log, "abc");
  assert_int_equal(secant_node_size(dict), 1);
  assert_true(schedule_scene_number(dict, "inside/note") == 1.0);
  assert_true(schedule_scene_number(dict, "inside/last") == 3.0);
  assert_true(schedule_scene_number(dict, "inside/state/0/func_evals") == (double)s.valley.evaluations);
  secant_node_destroy(dict);
  hook_scene_end(&s);
}

static secant_node *replace_by_nothing(secant_node *dict)
{
  (void)dict;
  return NULL;
}

static void C5_a_dict_replaced_by_null_fails_and_the_caller_gets_none(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  hook_actor bad = {.scene = &s, .letter = 'a', .edit = replace_by_nothing, .answer = SECANT_HOOK_REPLACE};
  assert_int_equal(secant_register_state_dict_post_hook(s.optimizer, hook_actor_state, &bad, 0, NULL), SECANT_OK);
  secant_node *dict = NULL;
  assert_int_equal(secant_state_dict(s.optimizer, &dict), SECANT_ERR_HOOK);
  assert_null(dict);
  assert_non_null(strstr(secant_message(s.optimizer), "after secant_state_dict()"));
  hook_scene_end(&s);
}

/* ---- load -------------------------------------------------------------------------------------------------------- */

/* Keeps the first group only. */
static secant_node *repair_groups(secant_node *dict)
{
  secant_node *groups = secant_node_find(dict, "param_groups");
  while (secant_node_size(groups) > 1) secant_node_remove(groups, "1");
  return dict;
}

static secant_node *repair_in_a_copy(secant_node *dict)
{
  return repair_groups(secant_node_copy(dict));
}

static void C6_a_load_pre_hook_repairs_a_dict_before_it_is_checked(void **state)
{
  (void)state;
  hook_scene from;
  hook_scene_begin(&from);
  assert_int_equal(hook_scene_step(&from), SECANT_OK);
  secant_node *bad = hook_scene_export(&from);
  secant_node *groups = secant_node_find(bad, "param_groups");
  assert_int_equal(secant_node_append(groups, secant_node_copy(secant_node_at(groups, 0))), SECANT_OK);
  for (int replace = 0; replace < 2; replace++) {
    hook_scene s;
    hook_scene_begin(&s);
    hook_actor repair = {
        .scene = &s, .letter = 'r', .edit = replace ? repair_in_a_copy : repair_groups, .answer = replace};
    assert_int_equal(hook_scene_load(&s, bad), SECANT_ERR_MISMATCH);
    assert_int_equal(secant_register_load_state_dict_pre_hook(s.optimizer, hook_actor_state, &repair, 0, NULL),
                     SECANT_OK);
    assert_int_equal(hook_scene_load(&s, bad), SECANT_OK);
    assert_string_equal(s.log, "r");
    assert_int_equal(secant_get_info(s.optimizer).n_iter, secant_get_info(from.optimizer).n_iter);
    assert_int_equal(secant_node_size(secant_node_find(bad, "param_groups")), 2); /* the caller's dict is unchanged */
    hook_scene_end(&s);
  }
  secant_node_destroy(bad);
  hook_scene_end(&from);
}

static void C7_a_load_post_hook_runs_once_after_a_load_that_succeeded(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  secant_node *good = hook_scene_export(&s), *bad = secant_node_copy(good);
  secant_node_remove(bad, "param_groups");
  hook_actor post = {.scene = &s, .letter = 'p'};
  assert_int_equal(secant_register_load_state_dict_post_hook(s.optimizer, hook_actor_state, &post, 0, NULL), SECANT_OK);
  assert_int_equal(hook_scene_load(&s, bad), SECANT_ERR_MISMATCH);
  assert_string_equal(s.log, "");
  assert_int_equal(hook_scene_load(&s, good), SECANT_OK);
  assert_string_equal(s.log, "p");
  assert_false(post.saw_dict);
  secant_node_destroy(good);
  secant_node_destroy(bad);
  hook_scene_end(&s);
}

/* ---- order, handles, arguments ----------------------------------------------------------------------------------- */

typedef secant_status register_state_hook(secant_optimizer *, secant_state_hook *, void *, int, secant_hook **);

static register_state_hook *const state_kinds[] = {
    secant_register_state_dict_pre_hook, secant_register_state_dict_post_hook, secant_register_load_state_dict_pre_hook,
    secant_register_load_state_dict_post_hook};

enum { STATE_KINDS = sizeof state_kinds / sizeof *state_kinds };

static void C8_a_prepended_hook_runs_before_those_registered_so_far(void **state)
{
  (void)state;
  for (size_t kind = 0; kind < STATE_KINDS; kind++) {
    hook_scene s;
    hook_scene_begin(&s);
    hook_actor a = {.scene = &s, .letter = 'A'}, b = {.scene = &s, .letter = 'B'}, c = {.scene = &s, .letter = 'C'};
    assert_int_equal(state_kinds[kind](s.optimizer, hook_actor_state, &a, 0, NULL), SECANT_OK);
    assert_int_equal(state_kinds[kind](s.optimizer, hook_actor_state, &b, 0, NULL), SECANT_OK);
    assert_int_equal(state_kinds[kind](s.optimizer, hook_actor_state, &c, 1, NULL), SECANT_OK);
    secant_node *dict = hook_scene_export(&s);
    if (kind >= 2) assert_int_equal(hook_scene_load(&s, dict), SECANT_OK);
    assert_string_equal(s.log, "CAB");
    secant_node_destroy(dict);
    hook_scene_end(&s);
  }
}

static void C9_a_handle_removes_its_hook_as_often_as_one_likes_also_after_the_optimizer(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  hook_actor a = {.scene = &s, .letter = 'a'}, b = {.scene = &s, .letter = 'b'};
  secant_hook *first, *second, *third;
  assert_int_equal(secant_register_state_dict_pre_hook(s.optimizer, hook_actor_state, &a, 0, &first), SECANT_OK);
  assert_int_equal(secant_register_state_dict_pre_hook(s.optimizer, hook_actor_state, &b, 0, &second), SECANT_OK);
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &a, &third), SECANT_OK);
  secant_hook_remove(first);
  secant_hook_remove(first);
  secant_node_destroy(hook_scene_export(&s));
  assert_string_equal(s.log, "b");
  secant_hook_remove(third);
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  assert_int_equal(s.log[0], 'e');
  hook_scene_end(&s);
  secant_hook_remove(second);
  secant_hook_remove(first);
  secant_hook_release(first);
  secant_hook_release(second);
  secant_hook_release(third);
}

static void C10_hooks_get_the_optimizer_first_and_the_callers_data(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  hook_actor steps[2] = {{.scene = &s, .letter = '0'}, {.scene = &s, .letter = '1'}}, states[STATE_KINDS];
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &steps[0], NULL), SECANT_OK);
  assert_int_equal(secant_register_step_post_hook(s.optimizer, hook_actor_step, &steps[1], NULL), SECANT_OK);
  for (size_t kind = 0; kind < STATE_KINDS; kind++) {
    states[kind] = (hook_actor){.scene = &s, .letter = 's'};
    assert_int_equal(state_kinds[kind](s.optimizer, hook_actor_state, &states[kind], 0, NULL), SECANT_OK);
  }
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  secant_node *dict = hook_scene_export(&s);
  assert_int_equal(hook_scene_load(&s, dict), SECANT_OK);
  for (size_t i = 0; i < 2; i++) assert_ptr_equal(steps[i].optimizer, s.optimizer);
  for (size_t kind = 0; kind < STATE_KINDS; kind++) {
    assert_ptr_equal(states[kind].optimizer, s.optimizer);
    assert_int_equal(states[kind].saw_dict, kind == 1 || kind == 2);
  }
  secant_node_destroy(dict);
  hook_scene_end(&s);
}

static void C11_global_step_hooks_lie_outside_of_the_optimizers_own(void **state)
{
  (void)state;
  hook_scene s;
  hook_scene_begin(&s);
  hook_actor own_pre = {.scene = &s, .letter = 'b'}, own_post = {.scene = &s, .letter = 'y'};
  hook_actor global_pre = {.scene = &s, .letter = 'a'}, global_post = {.scene = &s, .letter = 'z'};
  secant_hook *pre, *post;
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, hook_actor_step, &own_pre, NULL), SECANT_OK);
  assert_int_equal(secant_register_global_step_post_hook(hook_actor_step, &global_post, &post), SECANT_OK);
  assert_int_equal(secant_register_step_post_hook(s.optimizer, hook_actor_step, &own_post, NULL), SECANT_OK);
  assert_int_equal(secant_register_global_step_pre_hook(hook_actor_step, &global_pre, &pre), SECANT_OK);
  assert_int_equal(hook_scene_step(&s), SECANT_OK);
  assert_memory_equal(s.log, "abe", 3);
  assert_string_equal(s.log + strlen(s.log) - 3, "eyz");
  secant_hook_remove(pre);
  secant_hook_remove(post);
  secant_hook_release(pre);
  secant_hook_release(post);
  hook_scene_end(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(C1_step_pre_hooks_run_before_the_body_in_order_and_may_replace_the_closure),
      cmocka_unit_test(C2_any_other_answer_of_a_step_pre_hook_fails_and_the_body_does_not_run),
      cmocka_unit_test(C3_step_post_hooks_run_after_the_body_with_the_final_arguments),
      cmocka_unit_test(C3_the_answer_of_a_step_post_hook_replaces_nothing),
      cmocka_unit_test(C4_a_state_dict_pre_hook_runs_before_packing),
      cmocka_unit_test(C5_state_dict_post_hooks_edit_or_replace_what_the_caller_gets),
      cmocka_unit_test(C5_a_dict_replaced_by_null_fails_and_the_caller_gets_none),
      cmocka_unit_test(C6_a_load_pre_hook_repairs_a_dict_before_it_is_checked),
      cmocka_unit_test(C7_a_load_post_hook_runs_once_after_a_load_that_succeeded),
      cmocka_unit_test(C8_a_prepended_hook_runs_before_those_registered_so_far),
      cmocka_unit_test(C9_a_handle_removes_its_hook_as_often_as_one_likes_also_after_the_optimizer),
      cmocka_unit_test(C10_hooks_get_the_optimizer_first_and_the_callers_data),
      cmocka_unit_test(C11_global_step_hooks_lie_outside_of_the_optimizers_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
