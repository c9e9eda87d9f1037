#include "cli/progress.h"
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

double clock_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

cli_progress progress_begin(bool quiet, const secant_comm *comm)
{
  cli_progress progress = {
      .silent = quiet || secant_comm_rank(comm) != 0, .live = isatty(STDERR_FILENO) == 1, .started = clock_seconds()};
  return progress;
}

/* A file gets lines at growing distances, so that the log of a week is as readable as that of a minute. */
static double interval(const cli_progress *progress, double seconds)
{
  if (progress->live) return 0.1;
  return seconds < 20.0 ? 1.0 : seconds / 20.0;
}

void progress_show(cli_progress *progress, const secant_info *info)
{
  if (progress->silent) return;
  const double seconds = clock_seconds() - progress->started;
  if (seconds < progress->due) return;
  progress->due = seconds + interval(progress, seconds);
  fprintf(stderr, "%siteration %" PRId64 "  loss %.10g  |g|_inf %.3e  step %.3g  evaluations %" PRId64 "  %.1f s%s",
          progress->live ? "\r" : "", info->n_iter, info->loss, info->grad_inf, info->step, info->func_evals, seconds,
          progress->live ? "\033[K" : "\n");
  fflush(stderr);
  progress->unended = progress->live;
}

void progress_break(cli_progress *progress)
{
  if (progress->unended) fputc('\n', stderr);
  progress->unended = false;
}
