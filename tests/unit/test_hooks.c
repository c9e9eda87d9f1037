/* Hooks around a step: what runs when, while hooks add, remove and release hooks and fire others. */
#include "support/valley.h"
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 12 };

typedef struct scene {
  valley valley;
  secant_optimizer *optimizer;
  char log[64]; /* one letter for each hook that ran */
} scene;

static scene make_scene(void)
{
  scene s = {.valley = valley_create(N, 1, 0)};
  secant_options options = secant_options_default();
  options.max_iter = 2;
  const secant_parameter parameter = valley_parameter(&s.valley);
  assert_int_equal(secant_create(&s.optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  return s;
}

static void end_scene(scene *s)
{
  secant_destroy(s->optimizer);
  valley_destroy(&s->valley);
}

/* Runs a step and expects these hooks to have run, in this order. */
static void expect_step(scene *s, const char *log)
{
  memset(s->log, 0, sizeof s->log);
  assert_int_equal(secant_step(s->optimizer, valley_evaluate, &s->valley, NULL), SECANT_OK);
  assert_string_equal(s->log, log);
}

/* A hook that writes its letter and then does something to another one. */
typedef struct note {
  scene *scene;
  char letter;
  secant_hook *handle;
  struct note *removes; /* these hooks are removed and their handles released */
  struct note *adds;    /* registered for the same moment */
  bool steps;           /* takes a step of its own, once */
} note;

static int take_note(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  note *n = user;
  scene *s = n->scene;
  s->log[strlen(s->log)] = n->letter;
  if (n->removes) {
    secant_hook_remove(n->removes->handle);
    secant_hook_release(n->removes->handle);
    n->removes->handle = NULL;
  }
  if (n->adds) {
    note *added = n->adds;
    n->adds = NULL;
    if (secant_register_step_pre_hook(optimizer, take_note, added, &added->handle) != SECANT_OK) return 2;
  }
  if (n->steps) {
    n->steps = false;
    if (secant_step(optimizer, call->closure, call->user, NULL) != SECANT_OK) return 3;
  }
  return SECANT_HOOK_KEEP;
}

static void register_pre(note *n)
{
  assert_int_equal(secant_register_step_pre_hook(n->scene->optimizer, take_note, n, &n->handle), SECANT_OK);
}

static void a_hook_removed_by_an_earlier_one_still_runs_this_time(void **state)
{
  (void)state;
  scene s = make_scene();
  note c = {.scene = &s, .letter = 'c'}, b = {.scene = &s, .letter = 'b'},
       a = {.scene = &s, .letter = 'a', .removes = &c};
  register_pre(&a);
  register_pre(&b);
  register_pre(&c);
  expect_step(&s, "abc");
  expect_step(&s, "ab");
  secant_hook_release(a.handle);
  secant_hook_release(b.handle);
  end_scene(&s);
}

static void a_hook_can_remove_and_release_itself(void **state)
{
  (void)state;
  scene s = make_scene();
  note a = {.scene = &s, .letter = 'a'}, b = {.scene = &s, .letter = 'b'};
  a.removes = &a;
  register_pre(&a);
  register_pre(&b);
  expect_step(&s, "ab");
  expect_step(&s, "b");
  secant_hook_release(b.handle);
  end_scene(&s);
}

static void hooks_added_while_hooks_run_wait_for_the_next_time(void **state)
{
  (void)state;
  scene s = make_scene();
  note c = {.scene = &s, .letter = 'c'}, b = {.scene = &s, .letter = 'b', .adds = &c},
       a = {.scene = &s, .letter = 'a', .adds = &b};
  register_pre(&a);
  expect_step(&s, "a");
  expect_step(&s, "ab");
  expect_step(&s, "abc");
  secant_hook_release(a.handle);
  secant_hook_release(b.handle);
  secant_hook_release(c.handle);
  end_scene(&s);
}

/* The step inside drops the hook from the list while the firing outside has yet to run it. */
static void a_step_inside_a_hook_fires_hooks_of_its_own(void **state)
{
  (void)state;
  scene s = make_scene();
  note c = {.scene = &s, .letter = 'c'}, b = {.scene = &s, .letter = 'b', .steps = true},
       a = {.scene = &s, .letter = 'a', .removes = &c};
  register_pre(&a);
  register_pre(&b);
  register_pre(&c);
  expect_step(&s, "ababc");
  expect_step(&s, "ab");
  assert_int_equal(secant_get_info(s.optimizer).n_iter, 6);
  secant_hook_release(a.handle);
  secant_hook_release(b.handle);
  end_scene(&s);
}

static void the_same_function_registered_twice_runs_twice(void **state)
{
  (void)state;
  scene s = make_scene();
  note a = {.scene = &s, .letter = 'a'};
  secant_hook *first;
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, take_note, &a, &first), SECANT_OK);
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, take_note, &a, NULL), SECANT_OK);
  expect_step(&s, "aa");
  secant_hook_remove(first);
  expect_step(&s, "a");
  secant_hook_release(first);
  end_scene(&s);
}

static void a_released_handle_leaves_its_hook_registered(void **state)
{
  (void)state;
  scene s = make_scene();
  note a = {.scene = &s, .letter = 'a'};
  register_pre(&a);
  secant_hook_release(a.handle);
  expect_step(&s, "a");
  expect_step(&s, "a");
  end_scene(&s);
}

static void handles_outlive_the_optimizer(void **state)
{
  (void)state;
  scene s = make_scene();
  note a = {.scene = &s, .letter = 'a'}, b = {.scene = &s, .letter = 'b'};
  register_pre(&a);
  register_pre(&b);
  secant_hook_remove(a.handle);
  end_scene(&s);
  secant_hook_remove(a.handle);
  secant_hook_remove(b.handle);
  secant_hook_release(a.handle);
  secant_hook_release(b.handle);
  secant_hook_remove(NULL);
  secant_hook_release(NULL);
}

static void hundreds_of_hooks_keep_their_order(void **state)
{
  (void)state;
  enum { MANY = 300 };
  scene s = make_scene();
  static note notes[MANY];
  for (int i = 0; i < MANY; i++) {
    notes[i] = (note){.scene = &s, .letter = (char)('0' + i % 50)};
    register_pre(&notes[i]);
    if (i % 50 != 0 && i != 299) secant_hook_remove(notes[i].handle);
  }
  expect_step(&s, "000000a");
  for (int i = 0; i < MANY; i++) secant_hook_release(notes[i].handle);
  end_scene(&s);
}

static void what_cannot_be_registered_is_refused(void **state)
{
  (void)state;
  scene s = make_scene();
  secant_hook *handle = (secant_hook *)(void *)&s;
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, NULL, NULL, &handle), SECANT_ERR_ARGUMENT);
  assert_null(handle);
  handle = (secant_hook *)(void *)&s;
  assert_int_equal(secant_register_step_post_hook(NULL, take_note, NULL, &handle), SECANT_ERR_ARGUMENT);
  assert_null(handle);
  assert_int_equal(secant_register_state_dict_pre_hook(s.optimizer, NULL, NULL, 0, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_register_global_step_pre_hook(NULL, NULL, NULL), SECANT_ERR_ARGUMENT);
  expect_step(&s, "");
  end_scene(&s);
}

/* ---- what hooks do to the call ----------------------------------------------------------------------------------- */

static int other_closure(void *user, double *loss)
{
  *(int *)user += 1;
  *loss = 7.0;
  return 0;
}

typedef struct swap {
  secant_closure *closure;
  void *user;
  int answer;
  secant_step_call seen; /* the call as this hook got it */
} swap;

static int swap_call(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  (void)optimizer;
  swap *s = user;
  s->seen = *call;
  *call = (secant_step_call){s->closure, s->user};
  return s->answer;
}

static void a_changed_call_counts_only_if_the_hook_says_so(void **state)
{
  (void)state;
  scene s = make_scene();
  int calls = 0;
  swap silent = {other_closure, &calls, SECANT_HOOK_KEEP, {0}}, later = silent;
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, swap_call, &silent, NULL), SECANT_OK);
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, swap_call, &later, NULL), SECANT_OK);
  expect_step(&s, "");
  assert_int_equal(calls, 0);
  assert_true(later.seen.closure == valley_evaluate);
  assert_ptr_equal(later.seen.user, &s.valley);
  end_scene(&s);
}

static void a_closure_replaced_by_null_is_a_failure(void **state)
{
  (void)state;
  scene s = make_scene();
  swap bad = {NULL, NULL, SECANT_HOOK_REPLACE, {0}};
  assert_int_equal(secant_register_step_pre_hook(s.optimizer, swap_call, &bad, NULL), SECANT_OK);
  assert_int_equal(secant_step(s.optimizer, valley_evaluate, &s.valley, NULL), SECANT_ERR_HOOK);
  assert_non_null(strstr(secant_message(s.optimizer), "NULL on rank 0"));
  assert_int_equal(s.valley.evaluations, 0);
  end_scene(&s);
}

static int take_a_part(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  (void)optimizer;
  (void)user;
  *dict = secant_node_find(*dict, "param_groups");
  return SECANT_HOOK_REPLACE;
}

/* A part is not the hook's to give away: it is freed with the dict that it belongs to. */
static void a_dict_replaced_by_a_part_of_itself_is_a_failure(void **state)
{
  (void)state;
  scene s = make_scene();
  secant_node *dict = NULL;
  assert_int_equal(secant_register_state_dict_post_hook(s.optimizer, take_a_part, NULL, 0, NULL), SECANT_OK);
  assert_int_equal(secant_state_dict(s.optimizer, &dict), SECANT_ERR_HOOK);
  assert_null(dict);
  assert_non_null(strstr(secant_message(s.optimizer), "part of a dict"));
  end_scene(&s);
}

static void a_post_hook_cannot_replace_what_the_next_one_sees(void **state)
{
  (void)state;
  scene s = make_scene();
  swap first = {NULL, NULL, SECANT_HOOK_REPLACE, {0}}, second = {NULL, NULL, SECANT_HOOK_KEEP, {0}};
  assert_int_equal(secant_register_step_post_hook(s.optimizer, swap_call, &first, NULL), SECANT_OK);
  assert_int_equal(secant_register_step_post_hook(s.optimizer, swap_call, &second, NULL), SECANT_OK);
  expect_step(&s, "");
  assert_true(second.seen.closure == valley_evaluate);
  end_scene(&s);
}

static void a_failing_post_hook_fails_the_call_but_the_step_is_taken(void **state)
{
  (void)state;
  scene s = make_scene(), plain = make_scene();
  swap bad = {NULL, NULL, -1, {0}};
  note after = {.scene = &s, .letter = 'z'};
  secant_hook *handle;
  double loss = 0.0, plain_loss = 0.0;
  assert_int_equal(secant_register_step_post_hook(s.optimizer, swap_call, &bad, &handle), SECANT_OK);
  assert_int_equal(secant_register_step_post_hook(s.optimizer, take_note, &after, NULL), SECANT_OK);
  assert_int_equal(secant_step(s.optimizer, valley_evaluate, &s.valley, &loss), SECANT_ERR_HOOK);
  assert_string_equal(secant_message(s.optimizer), "a hook after secant_step() reported failure on rank 0");
  assert_string_equal(s.log, ""); /* hooks behind a failed one do not run */
  assert_int_equal(secant_step(plain.optimizer, valley_evaluate, &plain.valley, &plain_loss), SECANT_OK);
  assert_memory_equal(s.valley.x, plain.valley.x, N * sizeof(double));
  assert_true(loss == plain_loss);

  secant_hook_remove(handle);
  expect_step(&s, "z");
  expect_step(&plain, "");
  assert_memory_equal(s.valley.x, plain.valley.x, N * sizeof(double));
  secant_hook_release(handle);
  end_scene(&s);
  end_scene(&plain);
}

/* ---- process-wide hooks ------------------------------------------------------------------------------------------ */

static int count_steps(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  (void)optimizer;
  (void)call;
  *(int *)user += 1;
  return SECANT_HOOK_KEEP;
}

static void global_hooks_run_for_every_optimizer_until_removed(void **state)
{
  (void)state;
  scene a = make_scene();
  int before = 0, after = 0;
  secant_hook *pre, *post;
  assert_int_equal(secant_register_global_step_pre_hook(count_steps, &before, &pre), SECANT_OK);
  scene b = make_scene();
  assert_int_equal(secant_register_global_step_post_hook(count_steps, &after, &post), SECANT_OK);
  expect_step(&a, "");
  expect_step(&b, "");
  assert_int_equal(before, 2);
  assert_int_equal(after, 2);
  secant_hook_remove(pre);
  expect_step(&a, "");
  assert_int_equal(before, 2);
  assert_int_equal(after, 3);
  secant_hook_remove(post);
  expect_step(&b, "");
  assert_int_equal(after, 3);
  secant_hook_release(pre);
  secant_hook_release(post);
  end_scene(&a);
  end_scene(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hook_removed_by_an_earlier_one_still_runs_this_time),
      cmocka_unit_test(a_hook_can_remove_and_release_itself),
      cmocka_unit_test(hooks_added_while_hooks_run_wait_for_the_next_time),
      cmocka_unit_test(a_step_inside_a_hook_fires_hooks_of_its_own),
      cmocka_unit_test(the_same_function_registered_twice_runs_twice),
      cmocka_unit_test(a_released_handle_leaves_its_hook_registered),
      cmocka_unit_test(handles_outlive_the_optimizer),
      cmocka_unit_test(hundreds_of_hooks_keep_their_order),
      cmocka_unit_test(what_cannot_be_registered_is_refused),
      cmocka_unit_test(a_changed_call_counts_only_if_the_hook_says_so),
      cmocka_unit_test(a_closure_replaced_by_null_is_a_failure),
      cmocka_unit_test(a_dict_replaced_by_a_part_of_itself_is_a_failure),
      cmocka_unit_test(a_post_hook_cannot_replace_what_the_next_one_sees),
      cmocka_unit_test(a_failing_post_hook_fails_the_call_but_the_step_is_taken),
      cmocka_unit_test(global_hooks_run_for_every_optimizer_until_removed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
