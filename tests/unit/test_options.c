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
    const bool has_no_row = at < sizeof options.struct_size || at == offsetof(secant_options, reserved);
    if (!has_no_row && memcmp(bytes + at, poison, WORD) == 0) fail_msg("byte %zu of the options has no row", at);
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

static void presets_pass_their_own_check(void **state)
{
  (void)state;
  secant_error error;
  const secant_options standard = secant_options_default(), torch = secant_options_torch();

  assert_int_equal(secant_options_check(&standard, &error), SECANT_OK);
  assert_int_equal(secant_options_check(&torch, &error), SECANT_OK);
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
  secant_destroy(optimizer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_field_has_a_row_in_the_table),
      cmocka_unit_test(torch_preset_has_the_documented_constructor_defaults),
      cmocka_unit_test(presets_pass_their_own_check),
      cmocka_unit_test(every_row_survives_the_way_to_text_and_back),
      cmocka_unit_test(text_that_is_no_value_in_range_is_refused_and_changes_nothing),
      cmocka_unit_test(fields_out_of_range_are_named),
      cmocka_unit_test(options_of_other_sizes_are_understood),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
