/* Fails one allocation after the other by wrapping the allocator at link time: after an error nothing has changed, and
 * nothing leaks. */
#include "support/memory.h"
#include "support/state_dict_runs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static continuation *run_of(int calls)
{
  struct verdict verdict = {0};
  secant_options options = secant_options_default();
  options.max_iter = 3;
  options.history_size = 3;
  continuation *run = continuation_create(NULL, SECANT_F64, &options, 0.0);
  state_dict_advance(&verdict, run, calls, "a run");
  if (verdict.failures) fail_msg("%s", verdict.first);
  return run;
}

static void an_export_without_memory_makes_no_dict(void **state)
{
  (void)state;
  continuation *run = run_of(2);
  secant_node *dict = NULL;
  secant_status status = SECANT_ERR_MEMORY;
  int64_t number = 0;
  while (status != SECANT_OK) {
    memory_begin(++number);
    status = secant_state_dict(run->optimizer, &dict);
    memory_end();
    if (status == SECANT_OK) break;
    assert_int_equal(status, SECANT_ERR_MEMORY);
    assert_null(dict);
  }
  assert_true(number > 100); /* every node is one at least */
  secant_node_destroy(dict);
  continuation_destroy(run);
}

static int keep(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  (void)optimizer;
  (void)dict;
  (void)user;
  return SECANT_HOOK_KEEP;
}

/* With a hook the dict is copied first, so that the copy can fail too. */
static void a_load_without_memory_changes_nothing(void **state)
{
  (void)state;
  continuation *run = run_of(1), *donor = run_of(3);
  secant_node *dict = NULL, *before = NULL;
  assert_int_equal(secant_state_dict(donor->optimizer, &dict), SECANT_OK);
  assert_int_equal(secant_state_dict(run->optimizer, &before), SECANT_OK);
  assert_int_equal(secant_register_load_state_dict_pre_hook(run->optimizer, keep, NULL, 0, NULL), SECANT_OK);
  secant_status status = SECANT_ERR_MEMORY;
  int64_t number = 0;
  while (status != SECANT_OK) {
    secant_node *after = NULL;
    memory_begin(++number);
    status = secant_load_state_dict(run->optimizer, dict);
    memory_end();
    if (status == SECANT_OK) break;
    assert_int_equal(status, SECANT_ERR_MEMORY);
    assert_int_equal(secant_state_dict(run->optimizer, &after), SECANT_OK);
    if (!state_dict_same_trees(before, after)) fail_msg("allocation %lld: something changed", (long long)number);
    secant_node_destroy(after);
  }
  assert_true(number > 100);
  secant_node_destroy(before);
  secant_node_destroy(dict);
  continuation_destroy(donor);
  continuation_destroy(run);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_export_without_memory_makes_no_dict),
      cmocka_unit_test(a_load_without_memory_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
