#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A field without a row in the table would keep its poison. */
static void every_field_has_a_row_in_the_table(void **state)
{
  (void)state;
  enum { POISON = 0xA5, WORD = 4, WORDS = sizeof(secant_options) / WORD };
  const secant_options standard = secant_options_default();
  secant_options options;
  unsigned char poison[WORD], bytes[sizeof options];
  memset(poison, POISON, sizeof poison);
  memset(&options, POISON, sizeof options);
  for (size_t i = 0; i < secant_options_count(); i++) {
    char text[40];
    const char *name = secant_options_describe(i)->name;
    assert_int_equal(secant_options_get(&standard, name, text, sizeof text), SECANT_OK);
    assert_int_equal(secant_options_set(&options, name, text, NULL), SECANT_OK);
  }

  memcpy(bytes, &options, sizeof bytes);
  for (size_t word = 0; word < WORDS; word++) {
    const size_t at = word * WORD;
    if (at >= sizeof options.struct_size && memcmp(bytes + at, poison, WORD) == 0)
      fail_msg("byte %zu of the options has no row", at);
  }
}

static void torch_preset_has_the_documented_constructor_defaults(void **state)
{
  (void)state;
  const secant_options o = secant_options_torch();

  assert_true(o.lr == 1.0);
  assert_int_equal(o.max_iter, 20);
  assert_int_equal(o.max_eval, -1);
  assert_true(o.tolerance_grad == 1e-7);
  assert_true(o.tolerance_change == 1e-9);
  assert_int_equal(o.history_size, 100);
  assert_int_equal(o.line_search, SECANT_LINE_SEARCH_NONE);
}

static void paddle_preset_has_the_defaults_of_the_signature(void **state)
{
  (void)state;
  const secant_options o = secant_options_paddle();

  assert_int_equal(o.history_size, 100);
  assert_int_equal(o.max_iter, 50);
  assert_true(o.tolerance_grad == 1e-8);
  assert_true(o.tolerance_change == 1e-8);
  assert_int_equal(o.line_search, SECANT_LINE_SEARCH_NOCEDAL_WRIGHT);
  assert_int_equal(o.max_search, 50);
  assert_true(o.lr == 1.0);
  assert_true(o.armijo == 1e-4 && o.wolfe == 0.9);
  assert_true(o.max_step == 10.0);
  assert_true(o.tolerance_search == 1e-8);
  assert_int_equal(o.scaling, SECANT_SCALING_NONE);
  assert_int_equal(o.first_step, SECANT_FIRST_STEP_LR);
  assert_int_equal(o.change_test, SECANT_CHANGE_DIRECTION);
  assert_int_equal(o.strict_tests, 1);
}

/* The other presets know nothing of what Paddle does otherwise. */
static void the_standard_preset_begins_with_a_step_of_unit_length_and_torch_with_a_scaled_one(void **state)
{
  (void)state;
  assert_int_equal(secant_options_default().first_step, SECANT_FIRST_STEP_UNIT);
  assert_int_equal(secant_options_torch().first_step, SECANT_FIRST_STEP_SCALED);
}

static void standard_and_torch_presets_test_changes_as_torch_does(void **state)
{
  (void)state;
  const secant_options presets[] = {secant_options_default(), secant_options_torch()};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(presets[i].change_test, SECANT_CHANGE_STEP_AND_LOSS);
    assert_int_equal(presets[i].strict_tests, 0);
  }
  assert_int_equal(presets[0].scaling, SECANT_SCALING_ADAPTIVE);
  assert_int_equal(presets[1].scaling, SECANT_SCALING_LAST_PAIR);
}

static void presets_pass_their_own_check(void **state)
{
  (void)state;
  secant_error error;
  const secant_options presets[] = {secant_options_default(), secant_options_torch(), secant_options_paddle()};

  for (int i = 0; i < 3; i++) assert_int_equal(secant_options_check(&presets[i], &error), SECANT_OK);
}

static void presets_can_be_compared_byte_by_byte(void **state)
{
  (void)state;
  secant_options first, second;
  memset(&first, 0x5A, sizeof first);
  memset(&second, 0xA5, sizeof second);
  secant_options_init_paddle(&first, sizeof first);
  secant_options_init_paddle(&second, sizeof second);
  assert_memory_equal(&first, &second, sizeof first);
}

static void every_choice_is_set_by_its_name(void **state)
{
  (void)state;
  static const struct {
    const char *option, *value;
  } choices[] = {{"line_search", "nocedal_wright"}, {"line_search", "strong_wolfe"}, {"scaling", "none"},
                 {"scaling", "last_pair"},          {"scaling", "adaptive"},         {"first_step", "lr"},
                 {"first_step", "scaled"},          {"change_test", "direction"},    {"change_test", "step_and_loss"}};
  secant_options options = secant_options_default();
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
    char value[40];
    assert_int_equal(secant_options_set(&options, choices[i].option, choices[i].value, NULL), SECANT_OK);
    assert_int_equal(secant_options_get(&options, choices[i].option, value, sizeof value), SECANT_OK);
    assert_string_equal(value, choices[i].value);
  }
}

static void every_row_survives_the_way_to_text_and_back(void **state)
{
  (void)state;
  secant_options from = secant_options_torch();
  from.tolerance_grad = 1.0 / 3.0;
  from.max_iter = 123456789012345;
  from.direction = SECANT_DIRECTION_TWO_LOOP;
  from.threads = 7;
  secant_options to = secant_options_default();

  for (size_t i = 0; i < secant_options_count(); i++) {
    const char *name = secant_options_describe(i)->name;
    char text[40];
    assert_int_equal(secant_options_get(&from, name, text, sizeof text), SECANT_OK);
    assert_int_equal(secant_options_set(&to, name, text, NULL), SECANT_OK);
  }

  assert_memory_equal(&from, &to, sizeof from);
}

static void refuse(const char *name, const char *value)
{
  secant_options options = secant_options_default(), before = options;
  secant_error error = {.status = SECANT_OK};
  assert_int_equal(secant_options_set(&options, name, value, &error), SECANT_ERR_ARGUMENT);
  assert_memory_equal(&options, &before, sizeof options);
  assert_non_null(strstr(error.message, name));
}

static void text_that_is_no_value_in_range_is_refused_and_changes_nothing(void **state)
{
  (void)state;
  refuse("history_size", "-1");
  refuse("history_size", "3.5");
  refuse("history_size", "");
  refuse("history_size", "10x");
  refuse("history_size", "99999999999999999999");
  refuse("lr", "nan");
  refuse("lr", "inf");
  refuse("lr", "-1");
  refuse("tolerance_grad", "1e-8 ");
  refuse("line_search", "wolfe");
  refuse("direction", "GRAM");
  refuse("armijo", "0");
  refuse("armijo", "1");
  refuse("scaling", "2");
  refuse("scaling", "first_pair");
  refuse("first_step", "");
  refuse("change_test", "step");
  refuse("max_step", "0");
  refuse("max_step", "-1");
  refuse("strict_tests", "2");
  refuse("no_such_option", "1");
}

static void fields_out_of_range_are_named(void **state)
{
  (void)state;
  secant_error error;
  secant_options options = secant_options_default();
  options.lr = NAN;
  assert_int_equal(secant_options_check(&options, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "lr"));

  options = secant_options_default();
  options.max_step = 0.0;
  assert_int_equal(secant_options_check(&options, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "max_step"));

  options = secant_options_default();
  options.scaling = (secant_scaling)3;
  assert_int_equal(secant_options_check(&options, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "scaling"));

  options = secant_options_default();
  options.armijo = 0.95;
  assert_int_equal(secant_options_check(&options, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "armijo"));
}

/* An older program has a shorter struct; a newer one may have more, as long as it does not use it. */
static void options_of_other_sizes_are_understood(void **state)
{
  (void)state;
  struct {
    secant_options known;
    int64_t later[2];
  } newer = {.known = secant_options_default()};
  double x = 1.0, g = 0.0;
  const secant_parameter parameter = {.values = &x, .gradient = &g, .local_count = 1};
  secant_optimizer *optimizer;
  newer.known.struct_size = sizeof newer;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &newer.known, NULL, NULL), SECANT_OK);
  secant_destroy(optimizer);

  newer.later[1] = 1;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &newer.known, NULL, NULL), SECANT_ERR_ARGUMENT);
  assert_null(optimizer);

  secant_options older;
  secant_options_init(&older, offsetof(secant_options, armijo));
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &older, NULL, NULL), SECANT_OK);
  secant_options all = secant_options_default();
  secant_get_options(optimizer, &all);
  assert_true(all.armijo == secant_options_default().armijo);
  assert_true(all.max_step == secant_options_default().max_step);
  secant_destroy(optimizer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_field_has_a_row_in_the_table),
      cmocka_unit_test(torch_preset_has_the_documented_constructor_defaults),
      cmocka_unit_test(paddle_preset_has_the_defaults_of_the_signature),
      cmocka_unit_test(the_standard_preset_begins_with_a_step_of_unit_length_and_torch_with_a_scaled_one),
      cmocka_unit_test(standard_and_torch_presets_test_changes_as_torch_does),
      cmocka_unit_test(presets_pass_their_own_check),
      cmocka_unit_test(presets_can_be_compared_byte_by_byte),
      cmocka_unit_test(every_choice_is_set_by_its_name),
      cmocka_unit_test(every_row_survives_the_way_to_text_and_back),
      cmocka_unit_test(text_that_is_no_value_in_range_is_refused_and_changes_nothing),
      cmocka_unit_test(fields_out_of_range_are_named),
      cmocka_unit_test(options_of_other_sizes_are_understood),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
