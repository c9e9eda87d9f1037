/* The table of options in docs/migration.md has a row for every option, with its values in all presets. */
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 6, MOST_OPTIONS = 64 }; /* name, torch's name, Paddle's name, default, torch preset, Paddle preset */

/* Cuts a row "| a | b |  | d |" into its cells, without the blanks around them. Returns their number. */
static int split(char *line, char *cells[COLUMNS])
{
  int count = 0;
  for (char *cell = line + 1, *end; (end = strchr(cell, '|')) && count < COLUMNS; cell = end + 1) {
    *end = '\0';
    while (*cell == ' ') cell++;
    for (char *last = end; last > cell && last[-1] == ' ';) *--last = '\0';
    cells[count++] = cell;
  }
  return count;
}

/* A cell says the value, and after a colon what it means; "no limit" is the largest integer. */
static void expect_cell(const secant_options *preset, const char *name, char *cell)
{
  secant_options parsed = secant_options_default();
  char said[40], is[40];
  cell[strcspn(cell, ":")] = '\0';
  const char *value = strcmp(cell, "no limit") == 0 ? "9007199254740992" : cell;
  if (secant_options_set(&parsed, name, value, NULL) != SECANT_OK) fail_msg("%s cannot be '%s'", name, cell);
  assert_int_equal(secant_options_get(&parsed, name, said, sizeof said), SECANT_OK);
  assert_int_equal(secant_options_get(preset, name, is, sizeof is), SECANT_OK);
  if (strcmp(said, is) != 0) fail_msg("%s is %s, the table says '%s'", name, is, cell);
}

/* The option that a row begins with, or the number of options if it is no row of the table. */
static size_t option_of(const char *cell)
{
  char quoted[64];
  size_t i = 0;
  for (; i < secant_options_count(); i++) {
    snprintf(quoted, sizeof quoted, "`%s`", secant_options_describe(i)->name);
    if (strcmp(cell, quoted) == 0) break;
  }
  return i;
}

static void every_option_has_a_row_with_its_values_in_all_presets(void **state)
{
  (void)state;
  const secant_options presets[] = {secant_options_default(), secant_options_torch(), secant_options_paddle()};
  int rows[MOST_OPTIONS] = {0};
  char line[1024], *cells[COLUMNS];
  assert_true(secant_options_count() <= MOST_OPTIONS);
  FILE *stream = fopen(SECANT_TEST_DOCS "/migration.md", "r");
  assert_non_null(stream);
  while (fgets(line, sizeof line, stream)) {
    if (line[0] != '|' || split(line, cells) != COLUMNS) continue;
    const size_t option = option_of(cells[0]);
    if (option == secant_options_count()) continue;
    rows[option]++;
    for (int i = 0; i < 3; i++) expect_cell(&presets[i], secant_options_describe(option)->name, cells[3 + i]);
  }
  fclose(stream);
  for (size_t i = 0; i < secant_options_count(); i++)
    if (rows[i] != 1) fail_msg("option %s has %d rows", secant_options_describe(i)->name, rows[i]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_option_has_a_row_with_its_values_in_all_presets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
