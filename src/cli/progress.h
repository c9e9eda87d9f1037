/* Where the run stands, on stderr: a live line on a terminal, now and then a plain line elsewhere. */
#ifndef SECANT_CLI_PROGRESS_H
#define SECANT_CLI_PROGRESS_H

#include <secant/secant.h>
#include <stdbool.h>

typedef struct cli_progress {
  bool silent;    /* --quiet, or not rank 0 */
  bool live;      /* stderr is a terminal */
  bool unended;   /* the cursor stands in a live line */
  double started; /* clock_seconds() at the start */
  double due;     /* seconds after the start when the next line may be printed */
} cli_progress;

/* Seconds of a monotonic clock. */
double clock_seconds(void);

cli_progress progress_begin(bool quiet, const secant_comm *comm);

/* Prints a line if one is due. */
void progress_show(cli_progress *progress, const secant_info *info);

/* Ends a live line: before anything else is printed on stderr, and at the end of the run. */
void progress_break(cli_progress *progress);

#endif
