/* Learning-rate schedules against what torch.optim.lr_scheduler sets. */
#include "support/schedule_scene.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 4, MOST_PARTS = 4 };

/* ---- against torch ----------------------------------------------------------------------------------------------- */

static cJSON *read_recorded(void)
{
  FILE *file = fopen(SECANT_TEST_DATA "/schedules.json", "rb");
  static char text[1 << 16];
  assert_non_null(file);
  const size_t length = fread(text, 1, sizeof text - 1, file);
  assert_int_equal(fclose(file), 0);
  text[length] = '\0';
  cJSON *recorded = cJSON_Parse(text);
  assert_non_null(recorded);
  return recorded;
}

static double argument(const cJSON *part, int index)
{
  const cJSON *item = cJSON_GetArrayItem(cJSON_GetObjectItem(part, "arguments"), index);
  assert_true(cJSON_IsNumber(item));
  return item->valuedouble;
}

static secant_schedule *make_part(secant_optimizer *o, const cJSON *part)
{
  const char *kind = cJSON_GetStringValue(cJSON_GetObjectItem(part, "kind"));
  const double first = argument(part, 0);
  secant_schedule *s = NULL;
  secant_status status = SECANT_ERR_ARGUMENT;
  if (strcmp(kind, "constant") == 0) status = secant_schedule_constant(&s, o, first, (int64_t)argument(part, 1));
  if (strcmp(kind, "step_decay") == 0) status = secant_schedule_step_decay(&s, o, (int64_t)first, argument(part, 1));
  if (strcmp(kind, "exponential") == 0) status = secant_schedule_exponential(&s, o, first);
  if (strcmp(kind, "cosine_annealing") == 0)
    status = secant_schedule_cosine_annealing(&s, o, (int64_t)first, argument(part, 1));
  if (strcmp(kind, "linear") == 0)
    status = secant_schedule_linear(&s, o, first, argument(part, 1), (int64_t)argument(part, 2));
  assert_int_equal(status, SECANT_OK);
  return s;
}

/* The schedule of a recorded case: its only part, or a sequence. */
static secant_schedule *make_recorded(secant_optimizer *o, const cJSON *recorded)
{
  const cJSON *parts = cJSON_GetObjectItem(recorded, "parts"),
              *milestones = cJSON_GetObjectItem(recorded, "milestones");
  const int count = cJSON_GetArraySize(parts);
  secant_schedule *made[MOST_PARTS], *sequence;
  int64_t begins[MOST_PARTS] = {0};
  assert_in_range(count, 1, MOST_PARTS);
  for (int i = 0; i < count; i++) made[i] = make_part(o, cJSON_GetArrayItem(parts, i));
  if (count == 1) return made[0];
  for (int i = 0; i + 1 < count; i++) begins[i] = (int64_t)cJSON_GetArrayItem(milestones, i)->valuedouble;
  assert_int_equal(secant_schedule_sequential(&sequence, o, made, (size_t)count, begins), SECANT_OK);
  return sequence;
}

static void compare_case(const cJSON *recorded)
{
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(recorded, "name"));
  const double base = cJSON_GetObjectItem(recorded, "base")->valuedouble;
  const cJSON *expected = cJSON_GetObjectItem(recorded, "lr");
  valley v = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, base);
  secant_schedule *schedule = make_recorded(o, recorded);
  for (int k = 0; k < cJSON_GetArraySize(expected); k++) {
    if (k > 0) assert_int_equal(secant_schedule_advance(schedule), SECANT_OK);
    const double want = cJSON_GetArrayItem(expected, k)->valuedouble, got = schedule_scene_lr(o);
    if (!(fabs(got - want) <= 1e-12 * base)) fail_msg("%s, step %d: %.17g, torch has %.17g", name, k, got, want);
    assert_true(secant_schedule_last_lr(schedule) == got);
    assert_int_equal(secant_schedule_steps(schedule), k);
  }
  secant_schedule_destroy(schedule);
  secant_destroy(o);
  valley_destroy(&v);
}

static void every_recorded_schedule_sets_the_learning_rates_of_torch(void **state)
{
  (void)state;
  cJSON *recorded = read_recorded();
  const cJSON *cases = cJSON_GetObjectItem(recorded, "cases"), *one;
  assert_true(cJSON_GetArraySize(cases) >= 11);
  cJSON_ArrayForEach(one, cases) compare_case(one);
  cJSON_Delete(recorded);
}

/* The rate must not be below 0 by rounding, where the options would refuse it: the last step is exact. */
static void a_linear_schedule_gets_down_to_zero(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, 0.3);
  for (int64_t total = 1; total <= 60; total++) {
    for (int hundredths = 1; hundredths <= 100; hundredths += 9) {
      secant_schedule *schedule;
      const double start = hundredths / 100.0;
      assert_int_equal(secant_schedule_linear(&schedule, o, start, 0.0, total), SECANT_OK);
      assert_true(schedule_scene_lr(o) == 0.3 * start);
      for (int64_t k = 1; k <= total; k++) {
        const double before = schedule_scene_lr(o);
        assert_int_equal(secant_schedule_advance(schedule), SECANT_OK);
        assert_true(schedule_scene_lr(o) < before);
      }
      assert_true(schedule_scene_lr(o) == 0.0);
      secant_schedule_destroy(schedule);
    }
  }
  secant_destroy(o);
  valley_destroy(&v);
}

/* ---- the base ---------------------------------------------------------------------------------------------------- */

/* The second schedule starts from the optimizer's base too, not from what the first one made of it. */
static void schedules_of_one_optimizer_share_the_base_of_the_first(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, 0.8);
  secant_schedule *first, *second;
  assert_int_equal(secant_schedule_constant(&first, o, 0.5, 3), SECANT_OK);
  assert_true(schedule_scene_lr(o) == 0.4);
  assert_int_equal(secant_schedule_exponential(&second, o, 0.25), SECANT_OK);
  assert_true(schedule_scene_lr(o) == 0.8);
  assert_int_equal(secant_schedule_advance(second), SECANT_OK);
  assert_true(schedule_scene_lr(o) == 0.2);
  secant_schedule_destroy(first);
  secant_schedule_destroy(second);
  assert_true(schedule_scene_lr(o) == 0.2);
  secant_destroy(o);
  valley_destroy(&v);
}

static void a_step_uses_the_learning_rate_of_the_schedule(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0), w = valley_create(N, 1, 0);
  secant_optimizer *scheduled = schedule_scene_optimizer(&v, 1e-3), *by_hand = schedule_scene_optimizer(&w, 1e-3);
  secant_schedule *schedule;
  assert_int_equal(secant_schedule_exponential(&schedule, scheduled, 0.5), SECANT_OK);
  for (int k = 0; k < 6; k++) {
    secant_options options = secant_options_torch();
    options.lr = 1e-3 * pow(0.5, k);
    assert_int_equal(secant_set_options(by_hand, &options), SECANT_OK);
    assert_int_equal(secant_step(by_hand, valley_evaluate, &w, NULL), SECANT_OK);
    assert_int_equal(secant_step(scheduled, valley_evaluate, &v, NULL), SECANT_OK);
    assert_int_equal(secant_schedule_advance(schedule), SECANT_OK);
    assert_memory_equal(v.x, w.x, N * sizeof(double));
  }
  secant_schedule_destroy(schedule);
  secant_destroy(scheduled);
  secant_destroy(by_hand);
  valley_destroy(&v);
  valley_destroy(&w);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static void expect_refused(secant_optimizer *o, secant_schedule *const *made, secant_status status, const char *word)
{
  assert_int_equal(status, SECANT_ERR_ARGUMENT);
  assert_null(*made);
  if (!strstr(secant_message(o), word)) fail_msg("no '%s' in '%s'", word, secant_message(o));
  assert_true(schedule_scene_lr(o) == 1.0);
}

static void senseless_numbers_are_refused_and_change_nothing(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, 1.0);
  secant_schedule *s = NULL;
  expect_refused(o, &s, secant_schedule_constant(&s, o, -0.5, 3), "factor");
  expect_refused(o, &s, secant_schedule_constant(&s, o, 0.5, 0), "total");
  expect_refused(o, &s, secant_schedule_step_decay(&s, o, 0, 0.1), "size");
  expect_refused(o, &s, secant_schedule_step_decay(&s, o, 2, (double)NAN), "gamma");
  expect_refused(o, &s, secant_schedule_exponential(&s, o, (double)INFINITY), "gamma");
  expect_refused(o, &s, secant_schedule_cosine_annealing(&s, o, -1, 0.0), "t_max");
  expect_refused(o, &s, secant_schedule_cosine_annealing(&s, o, 5, -1.0), "eta_min");
  expect_refused(o, &s, secant_schedule_linear(&s, o, -1.0, 1.0, 5), "start");
  expect_refused(o, &s, secant_schedule_linear(&s, o, 0.5, -1.0, 5), "end");
  expect_refused(o, &s, secant_schedule_exponential(NULL, o, 0.5), "out");
  assert_int_equal(secant_schedule_exponential(&s, NULL, 0.5), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_schedule_advance(NULL), SECANT_ERR_ARGUMENT);
  secant_schedule_destroy(NULL);

  /* a refused schedule has not fixed the base */
  secant_options options = secant_options_torch();
  options.lr = 4.0;
  assert_int_equal(secant_set_options(o, &options), SECANT_OK);
  assert_int_equal(secant_schedule_constant(&s, o, 0.5, 3), SECANT_OK);
  assert_true(schedule_scene_lr(o) == 2.0);
  secant_schedule_destroy(s);
  secant_destroy(o);
  valley_destroy(&v);
}

static void a_learning_rate_out_of_range_stops_the_schedule_where_it_is(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, 1e300);
  secant_schedule *s;
  assert_int_equal(secant_schedule_exponential(&s, o, 1e8), SECANT_OK);
  assert_int_equal(secant_schedule_advance(s), SECANT_OK);
  assert_int_equal(secant_schedule_advance(s), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_schedule_steps(s), 1);
  assert_true(schedule_scene_lr(o) == secant_schedule_last_lr(s));
  secant_schedule_destroy(s);
  secant_destroy(o);
  valley_destroy(&v);
}

static void parts_that_make_no_sequence_are_refused_and_stay_the_callers(void **state)
{
  (void)state;
  valley v = valley_create(N, 1, 0), w = valley_create(N, 1, 0);
  secant_optimizer *o = schedule_scene_optimizer(&v, 1.0), *other = schedule_scene_optimizer(&w, 1.0);
  secant_schedule *a, *b, *foreign, *s = NULL;
  assert_int_equal(secant_schedule_exponential(&a, o, 0.5), SECANT_OK);
  assert_int_equal(secant_schedule_exponential(&b, o, 0.25), SECANT_OK);
  assert_int_equal(secant_schedule_exponential(&foreign, other, 0.5), SECANT_OK);
  const int64_t good[] = {2, 5}, flat[] = {2, 2}, zero[] = {0};
  secant_schedule *twice[] = {a, a}, *mixed[] = {a, foreign}, *hole[] = {a, NULL}, *pair[] = {a, b};
  expect_refused(o, &s, secant_schedule_sequential(&s, o, twice, 2, good), "twice");
  expect_refused(o, &s, secant_schedule_sequential(&s, o, mixed, 2, good), "another optimizer");
  expect_refused(o, &s, secant_schedule_sequential(&s, o, hole, 2, good), "NULL");
  expect_refused(o, &s, secant_schedule_sequential(&s, o, pair, 2, zero), "milestone");
  expect_refused(o, &s, secant_schedule_sequential(&s, o, pair, 2, NULL), "milestone");
  expect_refused(o, &s, secant_schedule_sequential(&s, o, pair, 0, NULL), "part");
  assert_int_equal(secant_schedule_sequential(&s, o, pair, 2, good), SECANT_OK);
  secant_schedule *c, *d, *e, *nested[] = {s, NULL}, *taken = NULL;
  assert_int_equal(secant_schedule_exponential(&c, o, 0.5), SECANT_OK);
  assert_int_equal(secant_schedule_exponential(&d, o, 0.5), SECANT_OK);
  assert_int_equal(secant_schedule_exponential(&e, o, 0.5), SECANT_OK);
  nested[1] = c;
  expect_refused(o, &taken, secant_schedule_sequential(&taken, o, nested, 2, good), "sequence");
  nested[0] = a;
  expect_refused(o, &taken, secant_schedule_sequential(&taken, o, nested, 2, good), "sequence");
  secant_schedule *three[] = {c, d, e};
  expect_refused(o, &taken, secant_schedule_sequential(&taken, o, three, 3, flat), "milestone");
  secant_schedule_destroy(s);
  secant_schedule_destroy(c);
  secant_schedule_destroy(d);
  secant_schedule_destroy(e);
  secant_schedule_destroy(foreign);
  secant_destroy(o);
  secant_destroy(other);
  valley_destroy(&v);
  valley_destroy(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_recorded_schedule_sets_the_learning_rates_of_torch),
      cmocka_unit_test(a_linear_schedule_gets_down_to_zero),
      cmocka_unit_test(schedules_of_one_optimizer_share_the_base_of_the_first),
      cmocka_unit_test(a_step_uses_the_learning_rate_of_the_schedule),
      cmocka_unit_test(senseless_numbers_are_refused_and_change_nothing),
      cmocka_unit_test(a_learning_rate_out_of_range_stops_the_schedule_where_it_is),
      cmocka_unit_test(parts_that_make_no_sequence_are_refused_and_stay_the_callers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
