/* Lines for people: short, aligned, and what is wanted most first. */
#include "cli/inspect_print.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ------------------------------------------------------------------------------------------------------- */

/* A value as text: "-" for none, "[2, 3]" for a list of integers, and so on. */
static const char *text_of(const secant_node *node, char *room, size_t capacity)
{
  int64_t integer = 0;
  double real = 0.0;
  snprintf(room, capacity, "-");
  if (secant_node_get_text(node)) return secant_node_get_text(node);
  if (secant_node_get_integer(node, &integer) == SECANT_OK) {
    snprintf(room, capacity, "%" PRId64, integer);
  } else if (secant_node_get_real(node, &real) == SECANT_OK) {
    snprintf(room, capacity, "%.17g", real);
  } else if (secant_node_get_kind(node) == SECANT_NODE_LIST) {
    size_t at = (size_t)snprintf(room, capacity, "[");
    for (size_t i = 0; i < secant_node_size(node) && at < capacity; i++) {
      char value[40];
      const char *text = text_of(secant_node_at(node, i), value, sizeof value);
      at += (size_t)snprintf(room + at, capacity - at, "%s%s", i ? ", " : "", text);
    }
    if (at < capacity) snprintf(room + at, capacity - at, "]");
  }
  return room;
}

static int64_t integer_at(const secant_node *tree, const char *path)
{
  int64_t value = 0;
  return secant_node_get_integer(secant_node_find(tree, path), &value) == SECANT_OK ? value : 0;
}

static void print_line(const char *name, const secant_node *value)
{
  char room[200];
  if (value) printf("%-18s %s\n", name, text_of(value, room, sizeof room));
}

/* Six digits are enough to look at. */
static const char *short_of(const secant_node *node, char *room, size_t capacity)
{
  double real = 0.0;
  if (secant_node_get_real(node, &real) != SECANT_OK) return text_of(node, room, capacity);
  snprintf(room, capacity, "%.6g", real);
  return room;
}

void inspect_print_values(const secant_node *tree)
{
  for (size_t i = 0; i < secant_node_size(tree); i++) print_line(secant_node_key(tree, i), secant_node_at(tree, i));
}

/* ---- a description ------------------------------------------------------------------------------------------------ */

static void print_head(const secant_node *tree)
{
  static const char *const rows[][2] = {{"problem", "problem"},
                                        {"n", "n"},
                                        {"n_iter", "state/n_iter"},
                                        {"func_evals", "state/func_evals"},
                                        {"loss", "state/loss"},
                                        {"grad_inf", "state/grad_inf"},
                                        {"reason", "state/reason"},
                                        {"pairs", "state/pairs"},
                                        {"dtype", "dtype"},
                                        {"history_dtype", "history_dtype"},
                                        {"initial_matrix", "initial_matrix"},
                                        {"format", "format"},
                                        {"version", "version"},
                                        {"library", "library"},
                                        {"bytes", "bytes"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) print_line(rows[i][0], secant_node_find(tree, rows[i][1]));
  inspect_print_values(secant_node_find(tree, "attributes"));
}

/* "1e-07" for 9.9999999999999995e-08. */
static void shorten(const char *text, char *room, size_t capacity)
{
  char *end = NULL;
  const double number = strtod(text, &end);
  if (*text && *end == '\0') {
    snprintf(room, capacity, "%g", number);
  } else {
    snprintf(room, capacity, "%s", text);
  }
}

static void print_options(const secant_node *options)
{
  const secant_options defaults = secant_options_default();
  bool first = true;
  for (size_t i = 0; i < secant_node_size(options); i++) {
    char usual[64] = "", short_usual[64], short_value[64], room[64];
    const char *name = secant_node_key(options, i), *value = text_of(secant_node_at(options, i), room, sizeof room);
    const bool known = secant_options_get(&defaults, name, usual, sizeof usual) == SECANT_OK;
    if (known && strcmp(usual, value) == 0) continue;
    if (first) puts("\noptions that are not the default");
    first = false;
    shorten(value, short_value, sizeof short_value);
    shorten(usual, short_usual, sizeof short_usual);
    printf("  %-20s %-16s (default %s)\n", name, short_value, known ? short_usual : "unknown");
  }
}

enum { LONGEST_LIST = 60 };

static void print_rest(size_t count)
{
  if (count > LONGEST_LIST) printf("  and %zu more, which --json shows\n", count - LONGEST_LIST);
}

static void print_parameters(const secant_node *parameters)
{
  const size_t count = secant_node_size(parameters);
  if (count > 0) puts("\nparameters");
  for (size_t i = 0; i < count && i < LONGEST_LIST; i++) {
    char name[200], shape[100], group[40];
    const secant_node *entry = secant_node_at(parameters, i);
    printf("  %-4zu %-28s %-20s group %s\n", i, text_of(secant_node_find(entry, "name"), name, sizeof name),
           text_of(secant_node_find(entry, "shape"), shape, sizeof shape),
           text_of(secant_node_find(entry, "group"), group, sizeof group));
  }
  print_rest(count);
}

static void print_datasets(const secant_node *datasets)
{
  const size_t count = secant_node_size(datasets);
  if (count > 0)
    printf("\n%-26s %-9s %-16s %13s %13s %11s\n", "datasets", "type", "shape", "minimum", "maximum", "not finite");
  for (size_t i = 0; i < count && i < LONGEST_LIST; i++) {
    char path[200], type[40], shape[100], minimum[40], maximum[40], nonfinite[40];
    const secant_node *entry = secant_node_at(datasets, i);
    printf("  %-24s %-9s %-16s %13s %13s %11s\n", text_of(secant_node_find(entry, "path"), path, sizeof path),
           text_of(secant_node_find(entry, "type"), type, sizeof type),
           text_of(secant_node_find(entry, "shape"), shape, sizeof shape),
           short_of(secant_node_find(entry, "minimum"), minimum, sizeof minimum),
           short_of(secant_node_find(entry, "maximum"), maximum, sizeof maximum),
           text_of(secant_node_find(entry, "nonfinite"), nonfinite, sizeof nonfinite));
  }
  print_rest(count);
}

void inspect_print_description(const secant_node *tree)
{
  print_head(tree);
  print_options(secant_node_find(tree, "options"));
  print_parameters(secant_node_find(tree, "parameters"));
  print_datasets(secant_node_find(tree, "datasets"));
}

/* ---- a comparison ------------------------------------------------------------------------------------------------- */

static size_t count_different(const secant_node *list)
{
  size_t count = 0;
  for (size_t i = 0; i < secant_node_size(list); i++) count += integer_at(secant_node_at(list, i), "equal") == 0;
  return count;
}

/* How many values differ, and by how much. */
static void print_values_of(const secant_node *entry)
{
  char index[200], a[40], b[40];
  const secant_node *first = secant_node_find(entry, "first"), *where = secant_node_find(first, "index");
  if (!first) return;
  if (secant_node_find(entry, "count") && integer_at(entry, "count") > 1) {
    printf("%" PRId64 " of %" PRId64, integer_at(entry, "differing"), integer_at(entry, "count"));
    if (secant_node_find(entry, "largest_absolute")) {
      printf(", largest |a-b| %s, relative %s", short_of(secant_node_find(entry, "largest_absolute"), a, sizeof a),
             short_of(secant_node_find(entry, "largest_relative"), b, sizeof b));
    }
    printf("; first at %s: ", text_of(where, index, sizeof index));
  }
  printf("%s | %s", text_of(secant_node_find(first, "a"), a, sizeof a),
         text_of(secant_node_find(first, "b"), b, sizeof b));
}

static void print_entry(const secant_node *entry)
{
  const char *path = secant_node_get_text(secant_node_find(entry, "path"));
  const char *name = secant_node_get_text(secant_node_find(entry, "name"));
  const char *only = secant_node_get_text(secant_node_find(entry, "only_in"));
  const char *what = secant_node_get_text(secant_node_find(entry, "different"));
  char left[300], a[40], b[40];
  snprintf(left, sizeof left, "%s%s%s", path ? path : "", name ? " " : "", name ? name : "");
  printf("  %-26s ", left);
  if (only) printf("only in %s", only);
  if (what) {
    printf("%s %s | %s", what, text_of(secant_node_find(entry, "a"), a, sizeof a),
           text_of(secant_node_find(entry, "b"), b, sizeof b));
    if (secant_node_find(entry, "first")) printf("; ");
  }
  print_values_of(entry);
  putchar('\n');
}

static void print_list(const char *title, const secant_node *list)
{
  const size_t count = count_different(list);
  size_t shown = 0;
  if (count > 0) printf("\n%s that differ (%zu of %zu)\n", title, count, secant_node_size(list));
  for (size_t i = 0; i < secant_node_size(list) && shown < LONGEST_LIST; i++) {
    if (integer_at(secant_node_at(list, i), "equal") != 0) continue;
    print_entry(secant_node_at(list, i));
    shown++;
  }
  print_rest(count);
}

void inspect_print_difference(const secant_node *tree)
{
  print_line("a", secant_node_find(tree, "a"));
  print_line("b", secant_node_find(tree, "b"));
  printf("%-18s %s\n", "equal", integer_at(tree, "equal") ? "yes" : "no");
  print_list("datasets", secant_node_find(tree, "datasets"));
  print_list("attributes", secant_node_find(tree, "attributes"));
}
