#include "support/faulty_comm.h"
#include "support/state_dict_scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/verdict_assert.h"

static void a_pair_without_curvature_is_refused(void **state)
{
  (void)state;
  secant_tensor s;
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2);
  secant_node *dict = state_dict_of(run->optimizer);
  secant_node_remove(secant_node_find(dict, "state"), "secant");
  assert_int_equal(secant_node_get_tensor(secant_node_find(dict, "state/0/old_stps/1"), &s), SECANT_OK);
  for (size_t i = 0; i < s.local_count; i++) ((double *)s.data)[i] *= -1.0;
  assert_int_equal(secant_load_state_dict(run->optimizer, dict), SECANT_ERR_MISMATCH);
  assert_non_null(strstr(secant_message(run->optimizer), "'state/0/old_stps'"));
  secant_node_destroy(dict);
  continuation_destroy(run);
}

static void a_spoilt_dict_is_refused_and_nothing_changes(void **state)
{
  (void)state;
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2);
  continuation *twin = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2);
  secant_node *dict = state_dict_of(run->optimizer);
  for (size_t i = 0; i < state_dict_fault_count; i++) {
    const state_dict_fault *fault = &state_dict_faults[i];
    secant_node *spoilt = secant_node_copy(dict);
    fault->spoil(spoilt);
    const secant_status status = secant_load_state_dict(run->optimizer, spoilt);
    const char *message = secant_message(run->optimizer);
    if (status != SECANT_ERR_MISMATCH) fail_msg("%s: %s", fault->name, secant_status_text(status));
    if (!strstr(message, fault->entry)) fail_msg("%s: '%s' does not name %s", fault->name, message, fault->entry);
    secant_node *still = state_dict_of(run->optimizer);
    if (!state_dict_same_trees(dict, still)) fail_msg("%s changed something", fault->name);
    secant_node_destroy(still);
    secant_node_destroy(spoilt);
  }
  struct verdict verdict = {0};
  state_dict_advance(&verdict, run, 2, "after all refusals");
  state_dict_advance(&verdict, twin, 2, "untouched");
  state_dict_compare(&verdict, twin, run, "after all refusals");
  assert_good(&verdict);
  secant_node_destroy(dict);
  continuation_destroy(twin);
  continuation_destroy(run);
}

static void senseless_arguments_are_refused(void **state)
{
  (void)state;
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 1);
  secant_node *dict = state_dict_of(run->optimizer), *none = secant_node_none(), *list = secant_node_list(),
              *out = none;
  assert_int_equal(secant_state_dict(NULL, &out), SECANT_ERR_ARGUMENT);
  assert_null(out);
  assert_int_equal(secant_state_dict(run->optimizer, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_load_state_dict(NULL, dict), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_load_state_dict(run->optimizer, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_load_state_dict(run->optimizer, none), SECANT_ERR_MISMATCH);
  assert_int_equal(secant_load_state_dict(run->optimizer, list), SECANT_ERR_MISMATCH);
  secant_node_destroy(list);
  secant_node_destroy(none);
  secant_node_destroy(dict);
  continuation_destroy(run);
}

/* Calls both functions from where they must not be called. */
static int trespass(void *user, double *loss)
{
  continuation *run = user;
  secant_node *dict = secant_node_dict(), *out = dict;
  assert_int_equal(secant_state_dict(run->optimizer, &out), SECANT_ERR_STATE);
  assert_null(out);
  assert_int_equal(secant_load_state_dict(run->optimizer, dict), SECANT_ERR_STATE);
  secant_node_destroy(dict);
  return continuation_closure(user, loss);
}

static void a_closure_cannot_export_or_load(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  continuation *run = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 1),
               *twin = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 1);
  assert_int_equal(secant_step(run->optimizer, trespass, run, NULL), SECANT_OK);
  state_dict_advance(&verdict, twin, 1, "twin");
  state_dict_compare(&verdict, twin, run, "a closure that trespasses");
  assert_good(&verdict);
  continuation_destroy(twin);
  continuation_destroy(run);
}

static void failing_communication_changes_nothing(void **state)
{
  (void)state;
  const secant_options options = state_dict_options(SECANT_DIRECTION_GRAM);
  bool loaded = false;
  for (int64_t fail_at = 1; !loaded; fail_at++) {
    struct verdict verdict = {0};
    continuation *donor = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 3),
                 *twin = state_dict_run(SECANT_F64, SECANT_DIRECTION_GRAM, 2);
    secant_node *dict = state_dict_of(donor->optimizer), *out = NULL;
    secant_node_remove(secant_node_find(dict, "state"), "secant");
    secant_comm *counter = faulty_comm_create(NULL, 0);
    continuation *probe = continuation_create(counter, SECANT_F64, &options, 0.0);
    state_dict_advance(&verdict, probe, 2, "counted");
    const int64_t calls = faulty_comm_calls(counter);
    continuation_destroy(probe);
    secant_comm *comm = faulty_comm_create(NULL, calls + fail_at);
    continuation *run = continuation_create(comm, SECANT_F64, &options, 0.0);
    state_dict_advance(&verdict, run, 2, "before");
    const secant_status status = secant_load_state_dict(run->optimizer, dict);
    loaded = status == SECANT_OK;
    if (!loaded) {
      assert_int_equal(status, SECANT_ERR_COMM);
      assert_int_equal(secant_state_dict(run->optimizer, &out), SECANT_OK);
      secant_node_destroy(out);
      state_dict_advance(&verdict, run, 1, "after");
      state_dict_advance(&verdict, twin, 1, "twin");
      state_dict_compare(&verdict, twin, run, "communication failed");
    }
    assert_good(&verdict);
    continuation_destroy(run);
    secant_comm_destroy(comm);
    secant_comm_destroy(counter);
    secant_node_destroy(dict);
    continuation_destroy(twin);
    continuation_destroy(donor);
    assert_true(loaded ? fail_at > 5 : fail_at < 50);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_spoilt_dict_is_refused_and_nothing_changes),
      cmocka_unit_test(a_pair_without_curvature_is_refused),
      cmocka_unit_test(senseless_arguments_are_refused),
      cmocka_unit_test(a_closure_cannot_export_or_load),
      cmocka_unit_test(failing_communication_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
