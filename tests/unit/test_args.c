/* The command line: flags of all three owners, strict values, usage errors, suggestions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ARGUMENTS = 16 };

typedef struct seen_flags {
  char seen[256]; /* "name=value;" for each flag, in order */
} seen_flags;

static secant_status record(void *user, const char *name, const char *value, secant_error *error)
{
  seen_flags *const settings = user;
  if (value && strcmp(value, "bad") == 0) return arguments_fail(error, "%s is bad", name);
  const size_t length = strlen(settings->seen);
  snprintf(settings->seen + length, sizeof settings->seen - length, "%s=%s;", name, value ? value : "");
  return SECANT_OK;
}

static const cli_flag flags[] = {{"output", "FILE", "a file"}, {"twice", NULL, "a switch"}, {"lr", "X", "hides lr"}};

static const cli_command optimizing = {.name = "test",
                                       .arguments = "DATA",
                                       .summary = "Tests.",
                                       .optimizes = true,
                                       .flags = flags,
                                       .flag_count = 3,
                                       .positional_min = 1,
                                       .positional_max = 1,
                                       .set = record};

static const cli_command plain = {.name = "test", .arguments = "A B", .summary = "Tests.", .positional_max = 2};

/* Parses a line of words, separated by single blanks, as the subcommand would get them. */
static int parse(const cli_command *command, const char *line, cli_arguments *arguments, seen_flags *settings)
{
  static char words[512]; /* the strings must outlive the parse */
  char *argv[MOST_ARGUMENTS + 1] = {NULL};
  int argc = 0;
  snprintf(words, sizeof words, "test%s%s", *line ? " " : "", line);
  char *rest = NULL;
  for (char *word = strtok_r(words, " ", &rest); word && argc < MOST_ARGUMENTS; word = strtok_r(NULL, " ", &rest))
    argv[argc++] = word;
  *arguments = arguments_default();
  settings->seen[0] = '\0';
  const int verdict = arguments_parse(arguments, command, settings, argc, argv, NULL);
  /* argv dies here: what the tests look at is its strings. */
  static char *positional[MOST_ARGUMENTS];
  for (int i = 0; verdict == ARGUMENTS_GO && i < arguments->positional_count; i++)
    positional[i] = arguments->positional[i];
  arguments->positional = positional;
  return verdict;
}

static void flags_of_every_run_are_understood(void **state)
{
  (void)state;
  cli_arguments a;
  seen_flags s;
  const char *const line = "--checkpoint c.h5 data.svm --checkpoint-every 20 --resume --trace=t.csv --json --quiet";
  assert_int_equal(parse(&optimizing, line, &a, &s), ARGUMENTS_GO);
  assert_string_equal(a.checkpoint, "c.h5");
  assert_int_equal(a.checkpoint_every, 20);
  assert_true(a.resume && a.json && a.quiet);
  assert_string_equal(a.trace, "t.csv");
  assert_int_equal(a.positional_count, 1);
  assert_string_equal(a.positional[0], "data.svm");
}

static void every_row_of_the_option_table_but_loss_is_a_flag(void **state)
{
  (void)state;
  flag_table *table = flags_create(&optimizing);
  assert_non_null(table);
  for (size_t i = 0; i < secant_options_count(); i++) {
    char name[64];
    snprintf(name, sizeof name, "%s", secant_options_describe(i)->name);
    for (char *c = name; *c; c++)
      if (*c == '_') *c = '-';
    assert_true((flags_find(table, name) != NULL) == (strcmp(name, "loss") != 0));
  }
  flags_destroy(table);
}

static void options_of_the_library_take_dashes(void **state)
{
  (void)state;
  cli_arguments a;
  seen_flags s;
  const char *const line = "x --history-size 7 --tolerance-grad=1e-3 --line-search none --direction two-loop "
                           "--max-eval -1 --max-time 2.5 --threads 3";
  assert_int_equal(parse(&optimizing, line, &a, &s), ARGUMENTS_GO);
  assert_int_equal(a.options.history_size, 7);
  assert_true(a.options.tolerance_grad == 1e-3 && a.options.max_time == 2.5);
  assert_int_equal(a.options.line_search, SECANT_LINE_SEARCH_NONE);
  assert_int_equal(a.options.direction, SECANT_DIRECTION_TWO_LOOP);
  assert_int_equal(a.options.max_eval, -1);
  assert_int_equal(a.options.threads, 3);
  assert_int_equal(parse(&optimizing, "x --line-search strong-wolfe", &a, &s), ARGUMENTS_GO);
  assert_int_equal(parse(&optimizing, "x --line-search strong_wolfe", &a, &s), ARGUMENTS_GO);
  assert_int_equal(a.options.line_search, SECANT_LINE_SEARCH_STRONG_WOLFE);
}

static void own_flags_arrive_in_order_and_hide_others(void **state)
{
  (void)state;
  cli_arguments a;
  seen_flags s;
  const double lr = arguments_default().options.lr;
  assert_int_equal(parse(&optimizing, "--twice --lr high x --output a --output b", &a, &s), ARGUMENTS_GO);
  assert_string_equal(s.seen, "twice=;lr=high;output=a;output=b;");
  assert_true(a.options.lr == lr);
}

static void bad_usage_is_refused(void **state)
{
  (void)state;
  static const char *const lines[] = {
      "",                           /* DATA is missing */
      "a b",                        /* one too many */
      "x --histroy-size 5",         /* unknown */
      "x --histroy-size=5",         /* unknown, with a value */
      "x -z",                       /* unknown letter */
      "x --loss share",             /* an option, but not the user's */
      "x --history-size",           /* no value */
      "x --history-size -1",        /* out of range */
      "x --history-size 5x",        /* not a number */
      "x --json=yes",               /* takes none */
      "x --hist 5",                 /* cut short */
      "x --histo=5",                /* cut short, with a value */
      "x --tolerance 5",            /* cut short, of several */
      "x --resum",                  /* cut short, without a value */
      "x --resume",                 /* without --checkpoint */
      "x --checkpoint-every 5",     /* without --checkpoint */
      "x --checkpoint=",            /* empty */
      "x --output bad",             /* refused by the subcommand */
      "x --armijo 0.5 --wolfe 0.4", /* each in its range, but not together */
      "x --line-search wolfe",      /* not one of the words */
  };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    cli_arguments a;
    seen_flags s;
    const int verdict = parse(&optimizing, lines[i], &a, &s);
    if (verdict != EXIT_USAGE) fail_msg("\"%s\" gave %d", lines[i], verdict);
  }
}

static void commands_that_do_not_optimize_take_no_options_of_the_run(void **state)
{
  (void)state;
  cli_arguments a;
  seen_flags s;
  assert_int_equal(parse(&plain, "--json a b", &a, &s), ARGUMENTS_GO);
  assert_int_equal(a.positional_count, 2);
  assert_int_equal(parse(&plain, "--quiet", &a, &s), ARGUMENTS_GO);
  assert_int_equal(a.positional_count, 0);
  assert_int_equal(parse(&plain, "--checkpoint c", &a, &s), EXIT_USAGE);
  assert_int_equal(parse(&plain, "--history-size 3", &a, &s), EXIT_USAGE);
}

static void arguments_after_two_dashes_are_positional(void **state)
{
  (void)state;
  cli_arguments a;
  seen_flags s;
  assert_int_equal(parse(&plain, "-- --json", &a, &s), ARGUMENTS_GO);
  assert_int_equal(a.positional_count, 1);
  assert_string_equal(a.positional[0], "--json");
  assert_false(a.json);
}

static void nearest_is_by_edit_distance(void **state)
{
  (void)state;
  flag_table *table = flags_create(&optimizing);
  assert_non_null(table);
  assert_string_equal(flags_nearest(table, "histroy-size"), "history-size");
  assert_string_equal(flags_nearest(table, "tolerance_grad"), "tolerance-grad");
  assert_string_equal(flags_nearest(table, "quite"), "quiet");
  assert_string_equal(flags_nearest(table, "jsn"), "json");
  assert_string_equal(flags_nearest(table, "checkpoint-e"), "checkpoint-every");
  flags_destroy(table);
  assert_string_equal(arguments_nearest("kitten", (const char *[]){"mitten", "kit", "sitting"}, 3), "mitten");
  assert_null(arguments_nearest("x", NULL, 0));
}

static void numbers_are_converted_strictly(void **state)
{
  (void)state;
  static const char *const bad[] = {"", " 1", "1 ", "1x", "x", "nan", "inf", "-0.5", "5.5", "1e400"};
  secant_error error;
  double number = 7.0;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(arguments_number("rate", bad[i], 0.0, 5.0, &number, &error), SECANT_ERR_ARGUMENT);
    assert_true(number == 7.0);
  }
  assert_int_equal(arguments_number("rate", "-1", 0.0, 5.0, &number, &error), SECANT_ERR_ARGUMENT);
  assert_string_equal(error.message, "rate is -1; it must be a number between 0 and 5");
  assert_int_equal(arguments_number("rate", "-1", 0.0, INFINITY, &number, &error), SECANT_ERR_ARGUMENT);
  assert_string_equal(error.message, "rate is -1; it must be a number >= 0");
  assert_int_equal(arguments_number("rate", "0.1", 0.0, 5.0, &number, &error), SECANT_OK);
  assert_true(number == 0.1);
}

static void integers_are_converted_strictly(void **state)
{
  (void)state;
  static const char *const bad[] = {"", " 1", "1.0", "1e3", "0x10", "x", "99999999999999999999", "-4", "9"};
  secant_error error;
  int64_t number = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(arguments_integer("count", bad[i], -3, 8, &number, &error), SECANT_ERR_ARGUMENT);
    assert_int_equal(number, 7);
  }
  assert_int_equal(arguments_integer("count", "-3", -3, 8, &number, &error), SECANT_OK);
  assert_int_equal(number, -3);
  assert_int_equal(arguments_integer("count", "9223372036854775807", 0, INT64_MAX, &number, &error), SECANT_OK);
  assert_true(number == INT64_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(flags_of_every_run_are_understood),
      cmocka_unit_test(every_row_of_the_option_table_but_loss_is_a_flag),
      cmocka_unit_test(options_of_the_library_take_dashes),
      cmocka_unit_test(own_flags_arrive_in_order_and_hide_others),
      cmocka_unit_test(bad_usage_is_refused),
      cmocka_unit_test(commands_that_do_not_optimize_take_no_options_of_the_run),
      cmocka_unit_test(arguments_after_two_dashes_are_positional),
      cmocka_unit_test(nearest_is_by_edit_distance),
      cmocka_unit_test(numbers_are_converted_strictly),
      cmocka_unit_test(integers_are_converted_strictly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
