/* The trace: a file with one row for each accepted iteration, as CSV or JSON Lines, written by rank 0. */
#ifndef SECANT_CLI_TRACE_H
#define SECANT_CLI_TRACE_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct cli_trace {
  FILE *file; /* NULL: no trace, or not rank 0 */
  const char *path;
  bool lines; /* JSON Lines, not CSV */
} cli_trace;

/* Whether the name tells a format that can be written: FILE.csv and a name without a suffix are CSV, FILE.jsonl is JSON
 * Lines. NULL is good. Returns SECANT_OK, or SECANT_ERR_ARGUMENT with one sentence in `error`. Not collective. */
secant_status trace_check_name(const char *path, secant_error *error);

/*
 * Opens the trace at `path` (NULL: none). A run that went on from iteration `resumed_from` keeps the rows up to there
 * and drops the later ones, which it is about to write again; with -1 the file begins anew. Not collective: call it on
 * rank 0 only. Returns SECANT_OK, or SECANT_ERR_IO, SECANT_ERR_FORMAT or SECANT_ERR_ARGUMENT with one sentence in
 * `error`; a file that is no trace is left alone when resuming.
 */
secant_status trace_open(cli_trace *trace, const char *path, int64_t resumed_from, secant_error *error);

/* Writes one row, of what a monitor was shown. A value that is not finite is left empty, in JSON null. After a failure the trace is closed and false
 * is returned, once. */
bool trace_write(cli_trace *trace, const secant_info *info, double seconds);

/* Returns false if rows may be missing. */
bool trace_close(cli_trace *trace);

#endif
