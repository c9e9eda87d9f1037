/* Learning-rate schedules beside saved states: the order of creating and loading. */
#include "support/schedule_scene.h"
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 8, TRAINED = 35, STEPS = 120 };

static const double base = 3e-4;

/* A run of the documented example that is to be saved, and its two dicts. */
typedef struct saved {
  valley valley;
  secant_optimizer *optimizer;
  secant_schedule *schedule;
  secant_node *optimizer_dict;
  secant_node *schedule_dict;
} saved;

static void advance(secant_schedule *schedule)
{
  assert_int_equal(secant_schedule_advance(schedule), SECANT_OK);
}

static void begin(saved *s)
{
  s->valley = valley_create(N, 1, 0);
  s->optimizer = schedule_scene_optimizer(&s->valley, base);
  s->schedule = schedule_scene_warm_up_then_cosine(s->optimizer);
  for (int k = 0; k < TRAINED; k++) {
    assert_int_equal(secant_step(s->optimizer, valley_evaluate, &s->valley, NULL), SECANT_OK);
    advance(s->schedule);
  }
  assert_int_equal(secant_state_dict(s->optimizer, &s->optimizer_dict), SECANT_OK);
  assert_int_equal(secant_schedule_state_dict(s->schedule, &s->schedule_dict), SECANT_OK);
  assert_true(schedule_scene_number(s->optimizer_dict, "param_groups/0/initial_lr") == base);
  assert_true(schedule_scene_number(s->optimizer_dict, "param_groups/0/lr") == secant_schedule_last_lr(s->schedule));
}

static void end(saved *s)
{
  secant_node_destroy(s->optimizer_dict);
  secant_node_destroy(s->schedule_dict);
  secant_schedule_destroy(s->schedule);
  secant_destroy(s->optimizer);
  valley_destroy(&s->valley);
}

/* As documented: the schedules are created, then both states are loaded, and all goes on. */
static void B14_a_load_after_the_schedules_keeps_the_loaded_rate_and_goes_on(void **state)
{
  (void)state;
  saved s;
  begin(&s);
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = schedule_scene_optimizer(&v, 1e-3);
  secant_schedule *schedule = schedule_scene_warm_up_then_cosine(optimizer);
  assert_true(fabs(schedule_scene_lr(optimizer) - 0.1 * 1e-3) < 1e-18); /* its own base, so far */
  assert_int_equal(secant_schedule_load_state_dict(schedule, s.schedule_dict, NULL), SECANT_OK);
  assert_int_equal(secant_load_state_dict(optimizer, s.optimizer_dict), SECANT_OK);
  assert_true(schedule_scene_lr(optimizer) == schedule_scene_lr(s.optimizer));
  for (int k = TRAINED; k < STEPS; k++) {
    advance(s.schedule);
    advance(schedule);
    assert_true(schedule_scene_lr(optimizer) == schedule_scene_lr(s.optimizer));
  }
  secant_schedule_destroy(schedule);
  secant_destroy(optimizer);
  valley_destroy(&v);
  end(&s);
}

/* The other way round the loaded rate is lost to the first one of the schedules, which start from the loaded base. */
static void B14_schedules_created_after_the_load_overwrite_the_loaded_rate(void **state)
{
  (void)state;
  saved s;
  begin(&s);
  valley v = valley_create(N, 1, 0);
  secant_optimizer *optimizer = schedule_scene_optimizer(&v, 1e-3);
  assert_int_equal(secant_load_state_dict(optimizer, s.optimizer_dict), SECANT_OK);
  assert_true(schedule_scene_lr(optimizer) == schedule_scene_number(s.optimizer_dict, "param_groups/0/lr"));
  secant_schedule *schedule = schedule_scene_warm_up_then_cosine(optimizer);
  assert_true(fabs(schedule_scene_lr(optimizer) - 0.1 * base) < 1e-18);
  assert_int_equal(secant_schedule_steps(schedule), 0);
  secant_schedule_destroy(schedule);
  secant_destroy(optimizer);
  valley_destroy(&v);
  end(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(B14_a_load_after_the_schedules_keeps_the_loaded_rate_and_goes_on),
      cmocka_unit_test(B14_schedules_created_after_the_load_overwrite_the_loaded_rate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
