/*
 * One table drives defaults, validation, the command's flags and the checkpoint's attributes: a new option is one row.
 */
#include "optimizer/options.h"
#include "base/base.h"
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_kind { OPTION_CHOICE, OPTION_INTEGER, OPTION_SMALL, OPTION_REAL } option_kind;

typedef enum preset { PRESET_STANDARD, PRESET_TORCH, PRESET_PADDLE, PRESETS } preset;

typedef struct option_row {
  secant_option_description description;
  option_kind kind;
  size_t offset;
  double lowest, highest;     /* inclusive, unless `open` */
  bool open;                  /* the ends are excluded */
  double preset[PRESETS];     /* the value in each preset */
  const char *const *choices; /* of OPTION_CHOICE, ends with NULL; the index is the enum's value */
} option_row;

static const char *const direction_choices[] = {"gram", "two_loop", NULL};
static const char *const search_choices[] = {
    "none", "strong_wolfe", "nocedal_wright", "more_thuente", "hager_zhang", "backtracking", NULL};
static const char *const loss_choices[] = {"share", "replicated", NULL};
static const char *const curvature_choices[] = {"absolute", "relative", NULL};
static const char *const scaling_choices[] = {"last_pair", "none", "adaptive", NULL};
static const char *const first_step_choices[] = {"scaled", "lr", "unit", NULL};
static const char *const reduction_choices[] = {"reproducible", "fast", NULL};
static const char *const history_choices[] = {"same", "f32", NULL};
static const char *const change_choices[] = {"step_and_loss", "direction", NULL};

#define AT(field) offsetof(secant_options, field)
#define MOST 9007199254740992.0 /* 2^53: integers up to here are exact in a double */

/* clang-format off */
static const option_row rows[] = {
    {{"direction", "gram | two_loop", "how the direction is formed: one reduction an iteration, or the textbook loop"},
     OPTION_CHOICE, AT(direction), 0, 1, false,
     {SECANT_DIRECTION_GRAM, SECANT_DIRECTION_GRAM, SECANT_DIRECTION_GRAM}, direction_choices},
    {{"line_search", "none | strong_wolfe | nocedal_wright | more_thuente | hager_zhang | backtracking",
      "how the step length is found"},
     OPTION_CHOICE, AT(line_search), 0, 5, false,
     {SECANT_LINE_SEARCH_HAGER_ZHANG, SECANT_LINE_SEARCH_NONE, SECANT_LINE_SEARCH_NOCEDAL_WRIGHT}, search_choices},
    {{"reduction", "reproducible | fast", "sums with the same bits on any number of threads and ranks, or plain ones"},
     OPTION_CHOICE, AT(reduction), 0, 1, false, {0, 0, 0}, reduction_choices},
    {{"loss", "share | replicated", "what the closure returns: this rank's share, or the global loss"},
     OPTION_CHOICE, AT(loss), 0, 1, false, {SECANT_LOSS_SHARE, SECANT_LOSS_SHARE, SECANT_LOSS_SHARE}, loss_choices},
    {{"curvature_test", "absolute | relative", "when a curvature pair is kept"},
     OPTION_CHOICE, AT(curvature_test), 0, 1, false,
     {SECANT_CURVATURE_RELATIVE, SECANT_CURVATURE_ABSOLUTE, SECANT_CURVATURE_RELATIVE}, curvature_choices},
    {{"scaling", "last_pair | none | adaptive", "scale of the initial inverse Hessian: a factor, none, or also a diagonal"},
     OPTION_CHOICE, AT(scaling), 0, 2, false,
     {SECANT_SCALING_ADAPTIVE, SECANT_SCALING_LAST_PAIR, SECANT_SCALING_NONE}, scaling_choices},
    {{"first_step", "scaled | lr | unit", "first trial step: min(1, 1/|g|_1) lr, or lr, or such that the move has length lr"},
     OPTION_CHOICE, AT(first_step), 0, 2, false,
     {SECANT_FIRST_STEP_UNIT, SECANT_FIRST_STEP_SCALED, SECANT_FIRST_STEP_LR}, first_step_choices},
    {{"change_test", "step_and_loss | direction", "what tolerance_change is compared with"},
     OPTION_CHOICE, AT(change_test), 0, 1, false,
     {SECANT_CHANGE_STEP_AND_LOSS, SECANT_CHANGE_STEP_AND_LOSS, SECANT_CHANGE_DIRECTION}, change_choices},
    {{"history_size", "integer 0 .. 10000", "curvature pairs kept; memory 2(m+1)+1 vectors"},
     OPTION_INTEGER, AT(history_size), 0, 10000, false, {10, 100, 100}, NULL},
    {{"history_dtype", "same | f32", "element type of the pairs: that of the parameters, or f32 for half the memory"},
     OPTION_CHOICE, AT(history_dtype), 0, 1, false,
     {SECANT_HISTORY_SAME, SECANT_HISTORY_SAME, SECANT_HISTORY_SAME}, history_choices},
    {{"max_iter", "integer >= 0", "iteration limit of a run"},
     OPTION_INTEGER, AT(max_iter), 0, MOST, false, {10000, 20, 50}, NULL},
    {{"max_eval", "integer >= -1", "evaluation limit of a run; -1: 5/4 of max_iter"},
     OPTION_INTEGER, AT(max_eval), -1, MOST, false, {20000, -1, MOST}, NULL},
    {{"max_time", "seconds >= 0", "time limit of a run; 0: none"},
     OPTION_REAL, AT(max_time), 0, DBL_MAX, false, {0, 0, 0}, NULL},
    {{"lr", "number >= 0", "first trial step of an iteration"},
     OPTION_REAL, AT(lr), 0, DBL_MAX, false, {1, 1, 1}, NULL},
    {{"tolerance_grad", "number >= 0", "stop when the largest gradient entry is at most this"},
     OPTION_REAL, AT(tolerance_grad), 0, DBL_MAX, false, {1e-7, 1e-7, 1e-8}, NULL},
    {{"tolerance_change", "number >= 0", "stop when step, loss change or slope are below this"},
     OPTION_REAL, AT(tolerance_change), 0, DBL_MAX, false, {0, 1e-9, 1e-8}, NULL},
    {{"tolerance_curvature", "number >= 0", "threshold of the curvature test"},
     OPTION_REAL, AT(tolerance_curvature), 0, DBL_MAX, false, {1e-12, 1e-10, 1e-10}, NULL},
    {{"armijo", "number in (0, 1), below wolfe", "c1 of the sufficient decrease condition"},
     OPTION_REAL, AT(armijo), 0, 1, true, {1e-4, 1e-4, 1e-4}, NULL},
    {{"wolfe", "number in (0, 1), above armijo", "c2 of the curvature condition"},
     OPTION_REAL, AT(wolfe), 0, 1, true, {0.7, 0.9, 0.9}, NULL},
    {{"max_search", "integer >= 1", "iterations of one line search"},
     OPTION_INTEGER, AT(max_search), 1, 1000000, false, {25, 25, 50}, NULL},
    {{"tolerance_search", "number >= 0", "width of a bracket that ends a line search"},
     OPTION_REAL, AT(tolerance_search), 0, DBL_MAX, false, {0, 1e-9, 1e-8}, NULL},
    {{"max_step", "number > 0", "longest step of line searches nocedal_wright, more_thuente, hager_zhang"},
     OPTION_REAL, AT(max_step), 0, INFINITY, true, {1e100, 1e10, 10}, NULL},
    {{"loss_slack", "number >= 0", "rise of the loss, relative to itself, that hager_zhang takes for rounding"},
     OPTION_REAL, AT(loss_slack), 0, DBL_MAX, false, {1e-6, 1e-6, 1e-6}, NULL},
    {{"max_eval_hard", "0 | 1", "1: a line search stops at max_eval; 0: tested after an iteration"},
     OPTION_SMALL, AT(max_eval_hard), 0, 1, false, {1, 0, 1}, NULL},
    {{"convergence_first", "0 | 1", "1: convergence is judged before the limits; 0: after them"},
     OPTION_SMALL, AT(convergence_first), 0, 1, false, {1, 0, 1}, NULL},
    {{"strict_tests", "0 | 1", "1: gradient and change must be below their tolerances; 0: at most"},
     OPTION_SMALL, AT(strict_tests), 0, 1, false, {0, 0, 1}, NULL},
    {{"safeguards", "0 | 1", "1: restart after a failed search, look into its cause, recognise an unbounded loss"},
     OPTION_SMALL, AT(safeguards), 0, 1, false, {1, 0, 0}, NULL},
    {{"threads", "integer 0 .. 4096", "OpenMP threads of a rank; 0: its share of the processors, or what OMP_NUM_THREADS says"},
     OPTION_SMALL, AT(threads), 0, 4096, false, {0, 0, 0}, NULL},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof *rows };

/* ---- one value ------------------------------------------------------------------------------------------------- */

static double read_value(const option_row *row, const secant_options *options)
{
  const char *at = (const char *)options + row->offset;
  switch (row->kind) {
  case OPTION_INTEGER: return (double)*(const int64_t *)(const void *)at;
  case OPTION_REAL: return *(const double *)(const void *)at;
  case OPTION_SMALL: return (double)*(const int32_t *)(const void *)at;
  case OPTION_CHOICE: break;
  }
  return (double)*(const unsigned *)(const void *)at;
}

static void write_value(const option_row *row, secant_options *options, double value)
{
  char *at = (char *)options + row->offset;
  switch (row->kind) {
  case OPTION_INTEGER: *(int64_t *)(void *)at = (int64_t)value; return;
  case OPTION_REAL: *(double *)(void *)at = value; return;
  case OPTION_SMALL: *(int32_t *)(void *)at = (int32_t)value; return;
  case OPTION_CHOICE: *(unsigned *)(void *)at = (unsigned)value; return;
  }
}

/* A NaN is in no range. */
static bool in_range(const option_row *row, double value)
{
  if (row->open) return value > row->lowest && value < row->highest;
  return value >= row->lowest && value <= row->highest;
}

static const option_row *find_row(const char *name)
{
  for (size_t i = 0; i < ROWS; i++) {
    if (strcmp(rows[i].description.name, name) == 0) return &rows[i];
  }
  return NULL;
}

/* ---- presets and checks ------------------------------------------------------------------------------------------ */

static void fill(secant_options *options, size_t size, preset which)
{
  secant_options all = {.struct_size = size};
  for (size_t i = 0; i < ROWS; i++) write_value(&rows[i], &all, rows[i].preset[which]);
  memset(options, 0, size); /* fields that this library does not know yet are zero */
  memcpy(options, &all, size < sizeof all ? size : sizeof all);
}

void secant_options_init(secant_options *options, size_t size)
{
  fill(options, size, PRESET_STANDARD);
}

void secant_options_init_torch(secant_options *options, size_t size)
{
  fill(options, size, PRESET_TORCH);
}

void secant_options_init_paddle(secant_options *options, size_t size)
{
  fill(options, size, PRESET_PADDLE);
}

/* Bytes that a newer caller knows and this library does not must be zero: defaults of features it lacks. */
static bool unknown_bytes_are_zero(const secant_options *options)
{
  const char *bytes = (const char *)options;
  for (size_t i = sizeof *options; i < options->struct_size; i++) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

secant_status secanti_options_import(const secant_options *from, secant_options *to, secant_error *error)
{
  *to = secant_options_default();
  if (!from) return SECANT_OK;
  if (from->struct_size < sizeof from->struct_size || !unknown_bytes_are_zero(from)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT,
                        "the options were not made by secant_options_default() or belong to a newer library");
  }
  memcpy(to, from, from->struct_size < sizeof *to ? from->struct_size : sizeof *to);
  to->struct_size = sizeof *to;
  return secant_options_check(to, error);
}

secant_status secant_options_check(const secant_options *options, secant_error *error)
{
  if (!options) return secanti_fail(error, SECANT_ERR_ARGUMENT, "the options are NULL");
  for (size_t i = 0; i < ROWS; i++) {
    const double value = read_value(&rows[i], options);
    if (!in_range(&rows[i], value)) {
      return secanti_fail(error, SECANT_ERR_ARGUMENT, "option %s is %.17g, but must be %s", rows[i].description.name,
                          value, rows[i].description.range);
    }
  }
  if (!(options->armijo < options->wolfe)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "option armijo (%g) must be smaller than option wolfe (%g)",
                        options->armijo, options->wolfe);
  }
  return SECANT_OK;
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

size_t secant_options_count(void)
{
  return ROWS;
}

const secant_option_description *secant_options_describe(size_t index)
{
  return index < ROWS ? &rows[index].description : NULL;
}

secant_node_kind secanti_options_kind(size_t index)
{
  switch (rows[index].kind) {
  case OPTION_INTEGER:
  case OPTION_SMALL: return SECANT_NODE_INTEGER;
  case OPTION_REAL: return SECANT_NODE_REAL;
  case OPTION_CHOICE: break;
  }
  return SECANT_NODE_TEXT;
}

/* The whole text must be one number. */
static bool parse_number(const option_row *row, const char *text, double *value)
{
  char *end;
  errno = 0;
  if (row->kind == OPTION_REAL) {
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
  }
  const long long whole = strtoll(text, &end, 10);
  *value = (double)whole;
  return end != text && *end == '\0' && errno == 0;
}

static bool parse_choice(const option_row *row, const char *text, double *value)
{
  for (int i = 0; row->choices[i]; i++) {
    if (strcmp(row->choices[i], text) == 0) {
      *value = i;
      return true;
    }
  }
  return false;
}

secant_status secant_options_set(secant_options *options, const char *name, const char *value, secant_error *error)
{
  if (!options || !name || !value) return secanti_fail(error, SECANT_ERR_ARGUMENT, "an argument is NULL");
  const option_row *row = find_row(name);
  if (!row) return secanti_fail(error, SECANT_ERR_ARGUMENT, "there is no option %s", name);
  double number;
  const bool parsed =
      row->kind == OPTION_CHOICE ? parse_choice(row, value, &number) : parse_number(row, value, &number);
  if (!parsed || !in_range(row, number)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "option %s is '%s', but must be %s", name, value,
                        row->description.range);
  }
  write_value(row, options, number);
  return SECANT_OK;
}

secant_status secant_options_get(const secant_options *options, const char *name, char *value, size_t capacity)
{
  const option_row *row = options && name ? find_row(name) : NULL;
  if (!row || !value) return SECANT_ERR_ARGUMENT;
  const double number = read_value(row, options);
  int length;
  if (row->kind == OPTION_CHOICE) {
    length = snprintf(value, capacity, "%s", row->choices[(int)number]);
  } else {
    length = snprintf(value, capacity, "%.17g", number);
  }
  return length > 0 && (size_t)length < capacity ? SECANT_OK : SECANT_ERR_ARGUMENT;
}
