#include "cli/trace.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a row is made of. */
typedef struct trace_row {
  secant_info info;
  double seconds;
} trace_row;

typedef struct trace_column {
  const char *name;
  bool integer; /* an int64_t, not a double */
  size_t offset;
} trace_column;

/* New columns go to the end: readers of the first ones need not change. */
static const trace_column columns[] = {
    {"iteration", true, offsetof(trace_row, info.n_iter)},
    {"evaluations", true, offsetof(trace_row, info.func_evals)},
    {"loss", false, offsetof(trace_row, info.loss)},
    {"grad_inf", false, offsetof(trace_row, info.grad_inf)},
    {"step", false, offsetof(trace_row, info.step)},
    {"step_inf", false, offsetof(trace_row, info.step_inf)},
    {"seconds", false, offsetof(trace_row, seconds)},
    {"trials", true, offsetof(trace_row, info.trials)},
    {"step_norm", false, offsetof(trace_row, info.step_norm)},
    {"curvature", false, offsetof(trace_row, info.curvature)},
    {"cosine", false, offsetof(trace_row, info.cosine)},
    {"pairs", true, offsetof(trace_row, info.pairs)},
    {"skipped_pairs", true, offsetof(trace_row, info.skipped_pairs)},
    {"allreduces", true, offsetof(trace_row, info.allreduces)},
    {"pass_a_s", false, offsetof(trace_row, info.timings.pass_a)},
    {"pass_b_s", false, offsetof(trace_row, info.timings.pass_b)},
    {"reduction_s", false, offsetof(trace_row, info.timings.reduction)},
    {"closure_s", false, offsetof(trace_row, info.timings.closure)},
};

enum { COLUMNS = sizeof columns / sizeof *columns, LINE = 2048 }; /* a column takes 45 bytes at most */

static secant_status fail(secant_error *error, secant_status status, const char *path, const char *what)
{
  error->status = status;
  snprintf(error->message, sizeof error->message, "trace %s: %s", path, what);
  return status;
}

/* ---- the format ---------------------------------------------------------------------------------------------------- */

/* ".csv" of "runs/a.csv"; "" where there is none. */
static const char *suffix_of(const char *path)
{
  const char *const slash = strrchr(path, '/');
  const char *const dot = strrchr(slash ? slash : path, '.');
  return dot ? dot : "";
}

secant_status trace_check_name(const char *path, secant_error *error)
{
  const char *const suffix = path ? suffix_of(path) : "";
  if (!*suffix || strcmp(suffix, ".csv") == 0 || strcmp(suffix, ".jsonl") == 0) return SECANT_OK;
  return fail(error, SECANT_ERR_ARGUMENT, path,
              "the name must end in .csv, for comma-separated values, or in .jsonl, for JSON Lines");
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

/* Appends a printf-style piece to a line, which is long enough. */
__attribute__((format(printf, 2, 3))) static void append(char line[LINE], const char *format, ...)
{
  const size_t length = strlen(line);
  va_list list;
  va_start(list, format);
  vsnprintf(line + length, LINE - length, format, list);
  va_end(list);
}

static void format_header(char line[LINE])
{
  *line = '\0';
  for (int i = 0; i < COLUMNS; i++) append(line, "%s%s", i > 0 ? "," : "", columns[i].name);
  append(line, "\n");
}

/* 17 digits restore a double exactly. */
static void append_value(char line[LINE], const trace_row *row, const trace_column *column, const char *missing)
{
  const void *const value = (const char *)row + column->offset;
  if (column->integer) {
    append(line, "%" PRId64, *(const int64_t *)value);
  } else {
    const double number = *(const double *)value;
    if (isfinite(number))
      append(line, "%.17g", number);
    else
      append(line, "%s", missing);
  }
}

static void format_row(char line[LINE], const trace_row *row, bool lines)
{
  *line = '\0';
  for (int i = 0; i < COLUMNS; i++) {
    if (lines)
      append(line, "%s\"%s\":", i > 0 ? "," : "{", columns[i].name);
    else if (i > 0)
      append(line, ",");
    append_value(line, row, &columns[i], lines ? "null" : "");
  }
  append(line, lines ? "}\n" : "\n");
}

/* ---- continuing a trace -------------------------------------------------------------------------------------------- */

/* The iteration of a complete row; -1 if the line is none. */
static int64_t iteration_of(const char *line, bool lines)
{
  char *end = NULL;
  int keys = 0, commas = 0;
  if (!strchr(line, '\n')) return -1;
  for (const char *c = line; *c; c++) commas += *c == ',';
  for (int i = 0; lines && i < COLUMNS; i++) {
    char key[64];
    snprintf(key, sizeof key, "%c\"%s\":", i > 0 ? ',' : '{', columns[i].name);
    keys += strstr(line, key) != NULL;
  }
  if (commas != COLUMNS - 1 || (lines && keys != COLUMNS)) return -1;
  const intmax_t iteration = strtoimax(lines ? strchr(line, ':') + 1 : line, &end, 10);
  return *end == ',' ? iteration : -1;
}

/* Offset behind the last row that belongs to the iterations up to `last`; -1 if the file, which is not empty, is no
 * trace of this kind. */
static long end_of_rows(FILE *file, bool lines, int64_t last)
{
  char line[LINE], header[LINE];
  format_header(header);
  if (!fgets(line, sizeof line, file)) return -1;
  if (lines ? iteration_of(line, lines) < 0 : strcmp(line, header) != 0) return -1;
  if (lines) rewind(file);
  long end = ftell(file);
  while (end >= 0 && fgets(line, sizeof line, file)) {
    const int64_t iteration = iteration_of(line, lines);
    if (iteration < 0 || iteration > last) break;
    end = ftell(file);
  }
  return end;
}

/* Cuts the open file behind the rows to keep; an empty one gets its header, if it is to have one. */
static secant_status continue_rows(const cli_trace *trace, int64_t resumed_from, secant_error *error)
{
  FILE *const file = trace->file;
  const int first = fgetc(file);
  rewind(file);
  if (first == EOF) {
    char header[LINE] = "";
    if (!trace->lines) format_header(header);
    if (fputs(header, file) >= 0) return SECANT_OK;
    return fail(error, SECANT_ERR_IO, trace->path, strerror(errno));
  }
  const long end = end_of_rows(file, trace->lines, resumed_from);
  if (end < 0)
    return fail(error, SECANT_ERR_FORMAT, trace->path,
                "not a trace of secant with the columns of this version, so it cannot be continued");
  if (fseek(file, end, SEEK_SET) == 0 && ftruncate(fileno(file), end) == 0) return SECANT_OK;
  return fail(error, SECANT_ERR_IO, trace->path, strerror(errno));
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

secant_status trace_open(cli_trace *trace, const char *path, int64_t resumed_from, secant_error *error)
{
  *trace = (cli_trace){.path = path};
  if (!path) return SECANT_OK;
  secant_status status = trace_check_name(path, error);
  if (status != SECANT_OK) return status;
  trace->lines = strcmp(suffix_of(path), ".jsonl") == 0;
  const bool exists = access(path, F_OK) == 0;
  trace->file = fopen(path, resumed_from >= 0 && exists ? "r+" : "w+");
  if (!trace->file) return fail(error, SECANT_ERR_IO, path, strerror(errno));
  /* A row leaves the process as soon as it is complete: a killed run has all rows up to its last checkpoint. */
  if (setvbuf(trace->file, NULL, _IOLBF, 4096) != 0) status = fail(error, SECANT_ERR_IO, path, "cannot be buffered");
  if (status == SECANT_OK) status = continue_rows(trace, resumed_from, error);
  if (status != SECANT_OK) {
    fclose(trace->file);
    trace->file = NULL;
  }
  return status;
}

bool trace_write(cli_trace *trace, const secant_info *info, double seconds)
{
  if (!trace->file) return true;
  char line[LINE];
  trace_row row = {.info = *info, .seconds = seconds};
  row.info.skipped_pairs += info->pair_skipped; /* that of this iteration is not counted yet */
  format_row(line, &row, trace->lines);
  if (fputs(line, trace->file) >= 0) return true;
  fclose(trace->file);
  trace->file = NULL;
  return false;
}

bool trace_close(cli_trace *trace)
{
  if (!trace->file) return true;
  const bool complete = fclose(trace->file) == 0;
  trace->file = NULL;
  return complete;
}
