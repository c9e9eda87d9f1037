/* Learning-rate schedules as dicts: exported, loaded, and refused. */
#include "support/schedule_scene.h"
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 4 };

static secant_node *export(const secant_schedule *s)
{
  secant_node *dict;
  assert_int_equal(secant_schedule_state_dict(s, &dict), SECANT_OK);
  return dict;
}

static void a_loaded_schedule_goes_on_as_the_exported_one(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0), w = valley_create(N, 1, 0);
  for (int steps = 0; steps <= 100; steps += 10) {
    secant_optimizer *o = schedule_scene_optimizer(&v, 3e-4), *again = schedule_scene_optimizer(&w, 0.9);
    secant_schedule *s = schedule_scene_warm_up_then_cosine(o), *loaded = schedule_scene_warm_up_then_cosine(again);
    for (int k = 0; k < steps; k++) assert_int_equal(secant_schedule_advance(s), SECANT_OK);
    const double before = schedule_scene_lr(again);
    secant_node *dict = export(s);
    assert_int_equal(secant_schedule_load_state_dict(loaded, dict, NULL), SECANT_OK);
    assert_true(schedule_scene_lr(again) == before); /* the optimizer is left alone */
    assert_int_equal(secant_schedule_steps(loaded), steps);
    assert_true(secant_schedule_last_lr(loaded) == secant_schedule_last_lr(s));
    for (int k = steps; k < 120; k++) {
      assert_int_equal(secant_schedule_advance(s), SECANT_OK);
      assert_int_equal(secant_schedule_advance(loaded), SECANT_OK);
      assert_true(schedule_scene_lr(o) == schedule_scene_lr(again));
    }
    secant_node_destroy(dict);
    secant_schedule_destroy(s);
    secant_schedule_destroy(loaded);
    secant_destroy(o);
    secant_destroy(again);
  }
  valley_destroy(&v);
  valley_destroy(&w);
}

static void a_dict_names_kind_numbers_and_position(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, 0.5);
  secant_schedule *s = schedule_scene_warm_up_then_cosine(o);
  for (int k = 0; k < 30; k++) assert_int_equal(secant_schedule_advance(s), SECANT_OK);
  secant_node *dict = export(s);
  assert_string_equal(secant_node_get_text(secant_node_find(dict, "kind")), "sequential");
  assert_string_equal(secant_node_get_text(secant_node_find(dict, "parts/0/kind")), "linear");
  assert_string_equal(secant_node_get_text(secant_node_find(dict, "parts/1/kind")), "cosine_annealing");
  assert_true(schedule_scene_number(dict, "base_lr") == 0.5);
  assert_true(schedule_scene_number(dict, "last_epoch") == 30.0);
  assert_true(schedule_scene_number(dict, "last_lr") == schedule_scene_lr(o));
  assert_true(schedule_scene_number(dict, "milestones/0") == 20.0);
  assert_true(schedule_scene_number(dict, "parts/0/start") == 0.1);
  assert_true(schedule_scene_number(dict, "parts/0/end") == 1.0);
  assert_true(schedule_scene_number(dict, "parts/0/total") == 20.0);
  assert_true(schedule_scene_number(dict, "parts/1/t_max") == 80.0);
  assert_true(schedule_scene_number(dict, "parts/1/eta_min") == 3e-5);
  assert_true(schedule_scene_number(dict, "parts/1/last_epoch") == 10.0);
  secant_node_destroy(dict);
  secant_schedule_destroy(s);
  secant_destroy(o);
  valley_destroy(&v);
}

/* Puts a value in, or takes it out, somewhere in a good dict: the load must name the place and change nothing. */
static void expect_mismatch(secant_schedule *s, const secant_node *good, const char *parent, const char *key,
                            secant_node *value)
{
  secant_node *bad = secant_node_copy(good), *unchanged = export(s), *after;
  secant_node *dict = *parent ? secant_node_find(bad, parent) : bad;
  secant_error error;
  if (value && secant_node_get_kind(dict) == SECANT_NODE_LIST) {
    secant_node_remove(dict, key);
    assert_int_equal(secant_node_append(dict, value), SECANT_OK);
  } else if (value) {
    assert_int_equal(secant_node_set(dict, key, value), SECANT_OK);
  } else {
    secant_node_remove(dict, key);
  }
  assert_int_equal(secant_schedule_load_state_dict(s, bad, &error), SECANT_ERR_MISMATCH);
  const char *named = secant_node_get_kind(dict) == SECANT_NODE_LIST ? parent : key;
  if (!strstr(error.message, named)) fail_msg("no '%s' in '%s'", named, error.message);
  after = export(s);
  assert_true(schedule_scene_number(after, "last_epoch") == schedule_scene_number(unchanged, "last_epoch"));
  assert_true(schedule_scene_number(after, "parts/1/eta_min") == schedule_scene_number(unchanged, "parts/1/eta_min"));
  assert_true(schedule_scene_number(after, "milestones/0") == schedule_scene_number(unchanged, "milestones/0"));
  secant_node_destroy(after);
  secant_node_destroy(unchanged);
  secant_node_destroy(bad);
}

static void a_senseless_entry_is_named_and_nothing_is_loaded(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, 0.5);
  secant_schedule *s = schedule_scene_warm_up_then_cosine(o), *plain;
  for (int k = 0; k < 30; k++) assert_int_equal(secant_schedule_advance(s), SECANT_OK);
  secant_node *good = export(s);
  expect_mismatch(s, good, "", "kind", secant_node_text("linear"));
  expect_mismatch(s, good, "", "kind", NULL);
  expect_mismatch(s, good, "", "last_epoch", secant_node_integer(-1));
  expect_mismatch(s, good, "", "last_epoch", secant_node_real(3.0));
  expect_mismatch(s, good, "", "last_epoch", secant_node_integer(INT64_MAX));
  expect_mismatch(s, good, "", "base_lr", secant_node_real((double)NAN));
  expect_mismatch(s, good, "", "last_lr", NULL);
  expect_mismatch(s, good, "", "parts", secant_node_list());
  expect_mismatch(s, good, "", "milestones", secant_node_integer(20));
  expect_mismatch(s, good, "milestones", "0", secant_node_integer(0));
  expect_mismatch(s, good, "parts", "0", NULL);
  expect_mismatch(s, good, "parts/1", "kind", secant_node_text("constant"));
  expect_mismatch(s, good, "parts/1", "eta_min", secant_node_real(-1.0));
  expect_mismatch(s, good, "parts/0", "total", secant_node_integer(0));
  expect_mismatch(s, good, "parts/1", "last_epoch", NULL);
  assert_int_equal(secant_schedule_exponential(&plain, o, 0.5), SECANT_OK);
  assert_int_equal(secant_schedule_load_state_dict(plain, good, NULL), SECANT_ERR_MISMATCH);
  assert_int_equal(secant_schedule_load_state_dict(s, NULL, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_schedule_state_dict(s, NULL), SECANT_ERR_ARGUMENT);
  secant_schedule_destroy(plain);
  secant_node_destroy(good);
  secant_schedule_destroy(s);
  secant_destroy(o);
  valley_destroy(&v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_schedule_goes_on_as_the_exported_one),
      cmocka_unit_test(a_dict_names_kind_numbers_and_position),
      cmocka_unit_test(a_senseless_entry_is_named_and_nothing_is_loaded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
