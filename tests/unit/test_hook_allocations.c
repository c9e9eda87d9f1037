/* Hooks and schedules when memory runs out: the allocator is wrapped at link time, counts, and fails at the n-th
 * call. */
#include "support/memory.h"
#include "support/valley.h"
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 8, HOOKS = 20 };

static secant_optimizer *make_optimizer(const valley *v)
{
  secant_options options = secant_options_default();
  options.max_iter = 2;
  secant_optimizer *optimizer;
  const secant_parameter parameter = valley_parameter(v);
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  return optimizer;
}

static int count_runs(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  (void)optimizer;
  (void)call;
  *(int *)user += 1;
  return SECANT_HOOK_KEEP;
}

/* A step whose n-th allocation fails; `allocations` is out and may be NULL. */
static secant_status counted_step(secant_optimizer *optimizer, valley *v, int n, int64_t *allocations)
{
  memory_begin(n);
  const secant_status status = secant_step(optimizer, valley_evaluate, v, NULL);
  const int64_t made = memory_end();
  if (allocations) *allocations = made;
  return status;
}

static void a_step_allocates_only_when_there_are_more_hooks_than_ever(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = make_optimizer(&v);
  int runs = 0;
  int64_t calls;
  assert_int_equal(counted_step(optimizer, &v, 0, &calls), SECANT_OK);
  assert_int_equal(calls, 0);
  for (int i = 0; i < HOOKS; i++) {
    assert_int_equal(secant_register_step_pre_hook(optimizer, count_runs, &runs, NULL), SECANT_OK);
    assert_int_equal(secant_register_step_post_hook(optimizer, count_runs, &runs, NULL), SECANT_OK);
  }
  assert_int_equal(counted_step(optimizer, &v, 0, &calls), SECANT_OK);
  assert_int_equal(calls, 1);
  assert_int_equal(counted_step(optimizer, &v, 0, &calls), SECANT_OK);
  assert_int_equal(calls, 0);
  assert_int_equal(runs, 2 * 2 * HOOKS);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

static void without_memory_for_its_hooks_a_step_fails_and_can_be_repeated(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = make_optimizer(&v);
  int runs = 0;
  assert_int_equal(secant_register_step_pre_hook(optimizer, count_runs, &runs, NULL), SECANT_OK);
  assert_int_equal(counted_step(optimizer, &v, 1, NULL), SECANT_ERR_MEMORY);
  assert_int_equal(runs, 0);
  assert_int_equal(v.evaluations, 0);
  assert_int_equal(counted_step(optimizer, &v, 0, NULL), SECANT_OK);
  assert_int_equal(runs, 1);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

static void without_memory_a_hook_is_not_registered(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = make_optimizer(&v);
  int runs = 0, n = 0;
  secant_status status;
  secant_hook *handle;
  do {
    memory_begin(++n);
    status = secant_register_step_pre_hook(optimizer, count_runs, &runs, &handle);
    memory_end();
    if (status == SECANT_OK) break;
    assert_int_equal(status, SECANT_ERR_MEMORY);
    assert_null(handle);
  } while (n < 100);
  assert_int_equal(status, SECANT_OK);
  assert_true(n > 1);
  assert_int_equal(counted_step(optimizer, &v, 0, NULL), SECANT_OK);
  assert_int_equal(runs, 1);
  secant_hook_release(handle);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

/* Makes two parts and a sequence of them; on failure nothing is left. */
static secant_status make_sequence(secant_schedule **out, secant_optimizer *optimizer)
{
  secant_schedule *parts[2] = {NULL, NULL};
  const int64_t milestone = 2;
  secant_status status = secant_schedule_linear(&parts[0], optimizer, 0.5, 1.0, 2);
  if (status == SECANT_OK) status = secant_schedule_exponential(&parts[1], optimizer, 0.5);
  if (status == SECANT_OK) status = secant_schedule_sequential(out, optimizer, parts, 2, &milestone);
  if (status == SECANT_OK) return status;
  secant_schedule_destroy(parts[0]);
  secant_schedule_destroy(parts[1]);
  return status;
}

static void a_schedule_is_made_and_exported_whole_or_not_at_all(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = make_optimizer(&v);
  secant_schedule *schedule = NULL;
  secant_node *dict = NULL;
  secant_status status = SECANT_ERR_MEMORY;
  int n = 0;
  while (status != SECANT_OK && n < 100) {
    memory_begin(++n);
    status = make_sequence(&schedule, optimizer);
    memory_end();
    if (status != SECANT_OK) assert_int_equal(status, SECANT_ERR_MEMORY);
  }
  assert_int_equal(n, 6); /* two parts, the sequence and its two arrays can fail */
  for (n = 1, status = SECANT_ERR_MEMORY; status != SECANT_OK && n < 1000; n++) {
    memory_begin(n);
    status = secant_schedule_state_dict(schedule, &dict);
    memory_end();
    if (status == SECANT_OK) break;
    assert_int_equal(status, SECANT_ERR_MEMORY);
    assert_null(dict);
  }
  assert_int_equal(status, SECANT_OK);
  assert_true(n > 20);
  secant_node_destroy(dict);
  secant_schedule_destroy(schedule);
  secant_destroy(optimizer);
  valley_destroy(&v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_step_allocates_only_when_there_are_more_hooks_than_ever),
      cmocka_unit_test(without_memory_for_its_hooks_a_step_fails_and_can_be_repeated),
      cmocka_unit_test(without_memory_a_hook_is_not_registered),
      cmocka_unit_test(a_schedule_is_made_and_exported_whole_or_not_at_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
