#include "cli/trace.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char header[] = "iteration,evaluations,loss,grad_inf,step,step_inf,seconds\n";

static secant_status fail(secant_error *error, secant_status status, const char *path, const char *what)
{
  error->status = status;
  snprintf(error->message, sizeof error->message, "trace %s: %s", path, what);
  return status;
}

/* Offset behind the last row that belongs to the iterations up to `last`; -1 if the file is no trace. */
static long end_of_rows(FILE *file, int64_t last)
{
  char line[512];
  if (!fgets(line, sizeof line, file) || strcmp(line, header) != 0) return -1;
  long end = ftell(file);
  while (end >= 0 && fgets(line, sizeof line, file)) {
    char *comma = NULL;
    const intmax_t iteration = strtoimax(line, &comma, 10);
    const bool complete = *comma == ',' && strchr(line, '\n');
    if (!complete || iteration > last) break;
    end = ftell(file);
  }
  return end;
}

/* Cuts the open file behind the rows to keep; an empty file gets its header. */
static secant_status continue_rows(const cli_trace *trace, int64_t resumed_from, secant_error *error)
{
  FILE *const file = trace->file;
  const int first = fgetc(file);
  rewind(file);
  if (first == EOF) {
    if (fputs(header, file) >= 0) return SECANT_OK;
    return fail(error, SECANT_ERR_IO, trace->path, strerror(errno));
  }
  const long end = end_of_rows(file, resumed_from);
  if (end < 0) return fail(error, SECANT_ERR_FORMAT, trace->path, "not a trace of secant, so it cannot be continued");
  if (fseek(file, end, SEEK_SET) == 0 && ftruncate(fileno(file), end) == 0) return SECANT_OK;
  return fail(error, SECANT_ERR_IO, trace->path, strerror(errno));
}

secant_status trace_open(cli_trace *trace, const char *path, int64_t resumed_from, secant_error *error)
{
  *trace = (cli_trace){.path = path};
  if (!path) return SECANT_OK;
  const bool exists = access(path, F_OK) == 0;
  trace->file = fopen(path, resumed_from >= 0 && exists ? "r+" : "w+");
  if (!trace->file) return fail(error, SECANT_ERR_IO, path, strerror(errno));
  /* A row leaves the process as soon as it is complete: a killed run has all rows up to its last checkpoint. */
  secant_status status = SECANT_OK;
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
  const int written = fprintf(trace->file, "%" PRId64 ",%" PRId64 ",%.17g,%.17g,%.17g,%.17g,%.17g\n", info->n_iter,
                              info->func_evals, info->loss, info->grad_inf, info->step, info->step_inf, seconds);
  if (written > 0) return true;
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
