#include "cli/flags.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cli_flag common_flags[] = {
    {"json", NULL, "print the result as one JSON object"},
    {"quiet", NULL, "no progress on stderr"},
};

static const cli_flag run_flags[] = {
    {"checkpoint", "FILE", "HDF5 file to save the run to, at a stop and at the end"},
    {"checkpoint-every", "N|TIME", "save too every N accepted iterations, or every 90s, 10m, 2h (default 0: do not)"},
    {"checkpoint-keep", "K", "keep the last K checkpoints: FILE, FILE.1, FILE.2, ... (default 2)"},
    {"checkpoint-incremental", NULL, "write each curvature pair once, to a file of its own in directory FILE.pairs"},
    {"io", "auto|mpio|gather", "who opens checkpoints: all ranks (mpio) or rank 0 alone (gather) (default auto)"},
    {"resume", NULL, "go on from the newest checkpoint that can be loaded; start afresh if there is no file"},
    {"check-gradient", NULL, "test the gradient against differences of the loss first; do not begin with a wrong one"},
    {"trace", "FILE", "a row for each accepted iteration, as CSV; FILE.jsonl: as JSON Lines"},
};

enum { COMMON_FLAGS = sizeof common_flags / sizeof *common_flags, RUN_FLAGS = sizeof run_flags / sizeof *run_flags };

const flag_row *flags_find(const flag_table *table, const char *name)
{
  for (size_t i = 0; i < table->count; i++)
    if (strcmp(table->rows[i].name, name) == 0) return &table->rows[i];
  return NULL;
}

/* Appends a row unless an earlier one has its name. Underscores of the option table become dashes. */
static void append(flag_table *table, const cli_flag *flag, flag_owner owner)
{
  flag_row *const row = &table->rows[table->count];
  snprintf(row->name, sizeof row->name, "%s", flag->name);
  for (char *c = row->name; *c; c++)
    if (*c == '_') *c = '-';
  if (flags_find(table, row->name)) return;
  row->argument = flag->argument;
  row->text = flag->text;
  row->option = flag->name;
  row->owner = owner;
  const int has_argument = flag->argument ? required_argument : no_argument;
  table->getopt[table->count++] = (struct option){row->name, has_argument, NULL, 0};
}

static void append_options(flag_table *table)
{
  for (size_t i = 0; i < secant_options_count(); i++) {
    const secant_option_description *const row = secant_options_describe(i);
    /* What a closure returns is for the subcommand to know, not for its user. */
    if (strcmp(row->name, "loss") == 0) continue;
    append(table, &(cli_flag){row->name, row->range, row->text}, FLAG_OPTION);
  }
}

flag_table *flags_create(const cli_command *command)
{
  static const cli_flag help = {"help", NULL, "this page"};
  const size_t most = (size_t)command->flag_count + COMMON_FLAGS + RUN_FLAGS + secant_options_count() + 1;
  flag_table *table = calloc(1, sizeof *table);
  if (!table) return NULL;
  table->rows = calloc(most, sizeof *table->rows);
  table->getopt = calloc(most + 1, sizeof *table->getopt);
  if (!table->rows || !table->getopt) {
    flags_destroy(table);
    return NULL;
  }
  for (int i = 0; i < command->flag_count; i++) append(table, &command->flags[i], FLAG_COMMAND);
  for (int i = 0; i < COMMON_FLAGS; i++) append(table, &common_flags[i], FLAG_COMMON);
  for (int i = 0; command->optimizes && i < RUN_FLAGS; i++) append(table, &run_flags[i], FLAG_COMMON);
  append(table, &help, FLAG_HELP);
  if (command->optimizes) append_options(table);
  return table;
}

void flags_destroy(flag_table *table)
{
  if (!table) return;
  free(table->getopt);
  free(table->rows);
  free(table);
}

static int least_of(int a, int b, int c)
{
  const int ab = a < b ? a : b;
  return ab < c ? ab : c;
}

/*
 * Edit distance: insertions, deletions and replacements that turn `a` into `b`, by dynamic programming over one row.
 * Names longer than the row count as infinitely far. Source: Wagner and Fischer 1974.
 */
static int edit_distance(const char *a, const char *b)
{
  enum { LONGEST = 63 };
  const size_t length = strlen(b);
  if (length > LONGEST || strlen(a) > LONGEST) return LONGEST + 1;
  int row[LONGEST + 1];
  for (size_t j = 0; j <= length; j++) row[j] = (int)j;
  for (size_t i = 1; a[i - 1]; i++) {
    int diagonal = row[0];
    row[0] = (int)i;
    for (size_t j = 1; j <= length; j++) {
      const int above = row[j];
      row[j] = least_of(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
      diagonal = above;
    }
  }
  return row[length];
}

/* How far a typed name is from a good one: 0 for one that was cut short, which edits would put far away. */
static int difference(const char *typed, const char *name)
{
  return strncmp(typed, name, strlen(typed)) == 0 ? 0 : edit_distance(typed, name);
}

const char *arguments_nearest(const char *name, const char *const *names, size_t count)
{
  const char *nearest = count > 0 ? names[0] : NULL;
  for (size_t i = 1; i < count; i++)
    if (difference(name, names[i]) < difference(name, nearest)) nearest = names[i];
  return nearest;
}

const char *flags_nearest(const flag_table *table, const char *name)
{
  const char *nearest = table->rows[0].name;
  for (size_t i = 1; i < table->count; i++)
    if (difference(name, table->rows[i].name) < difference(name, nearest)) nearest = table->rows[i].name;
  return nearest;
}

/* "1e-07" for 9.9999999999999995e-08: the help need not restore a value to the last bit. */
static void shorten(char *value, size_t capacity)
{
  char *end = NULL;
  const double number = strtod(value, &end);
  if (*end == '\0') snprintf(value, capacity, "%g", number);
}

enum { TEXT_COLUMN = 32, LAST_COLUMN = 96 };

/* Ends the current line, which stands at `indent`, with the words of `text`, going on below where they do not fit. */
static void print_words(const char *text, int indent)
{
  int column = indent;
  for (const char *word = text; *word;) {
    const int length = (int)strcspn(word, " ");
    const bool fits = column + 1 + length <= LAST_COLUMN || column == indent;
    if (!fits) column = printf("\n%*s", indent, "") - 1;
    column += printf("%s%.*s", column > indent ? " " : "", length, word);
    word += length;
    word += strspn(word, " ");
  }
  putchar('\n');
}

static void print_row(const flag_row *row, const cli_arguments *defaults)
{
  char left[96], value[64], range[200];
  const bool is_option = row->owner == FLAG_OPTION;
  snprintf(left, sizeof left, "--%s %s", row->name, is_option ? "VALUE" : row->argument ? row->argument : "");
  printf("  %-29s ", left);
  print_words(row->text, TEXT_COLUMN);
  if (!is_option || secant_options_get(&defaults->options, row->option, value, sizeof value) != SECANT_OK) return;
  shorten(value, sizeof value);
  snprintf(range, sizeof range, "%s; default %s", row->argument, value);
  printf("%*s", TEXT_COLUMN + 2, "");
  print_words(range, TEXT_COLUMN + 2);
}

void flags_print_help(const flag_table *table, const cli_command *command, const cli_arguments *defaults)
{
  static const char *const titles[] = {[FLAG_COMMAND] = "Flags of this subcommand",
                                       [FLAG_COMMON] = "Flags of the run",
                                       [FLAG_OPTION] = "Options of the optimizer",
                                       [FLAG_HELP] = NULL};
  printf("usage: secant %s %s [FLAGS]\n\n%s\n", command->name, command->arguments, command->summary);
  flag_owner last = FLAG_HELP;
  for (size_t i = 0; i < table->count; i++) {
    const flag_row *const row = &table->rows[i];
    if (row->owner != last && titles[row->owner]) printf("\n%s:\n", titles[row->owner]);
    if (row->owner != FLAG_HELP) last = row->owner;
    print_row(row, defaults);
  }
  if (command->notes) printf("\n%s\n", command->notes);
}
