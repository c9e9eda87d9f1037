#include "cli/job.h"
#include "cli/check_gradient.h"
#include "cli/commands.h"
#include "cli/fault.h"
#include "cli/files.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/signals.h"
#include "cli/text_input.h"
#include "cli/trace.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What job_run() has in hand. */
typedef struct cli_run {
  const cli_job *job;
  const cli_arguments *arguments;
  secant_comm *comm;
  secant_optimizer *optimizer;
  cli_progress progress;
  cli_trace trace;
  cli_faults faults;
  int64_t resumed_from;
  char resumed_file[PATH_MAX];
  double save_at; /* when a save by time is due; rank 0's clock counts */
  secant_gradient_check check;
  bool finished; /* the checkpoint holds a result that needs no further evaluation */
} cli_run;

/* What the user can mend is bad input; the rest is failure. */
static int exit_status_of(secant_status status)
{
  switch (status) {
  case SECANT_OK: return EXIT_CONVERGED;
  case SECANT_ERR_ARGUMENT:
  case SECANT_ERR_IO:
  case SECANT_ERR_FORMAT:
  case SECANT_ERR_MISMATCH:
  case SECANT_ERR_UNSUPPORTED: return EXIT_USAGE;
  default: return EXIT_FAILED;
  }
}

/* A message of the optimizer, or the text of the status where it has none. */
static const char *sentence(const secant_optimizer *optimizer, secant_status status)
{
  const char *const message = secant_message(optimizer);
  return *message ? message : secant_status_text(status);
}

/* ---- before the run ------------------------------------------------------------------------------------------------ */

/* Files that could not be written at the end are found now. Collective. */
static secant_status check_files(const cli_run *run, secant_error *error)
{
  const cli_file files[] = {{"checkpoint", run->arguments->checkpoint, true}, {"trace", run->arguments->trace, true}};
#ifndef SECANT_HAVE_HDF5
  if (run->arguments->checkpoint)
    return input_fail(error, SECANT_ERR_UNSUPPORTED, "--checkpoint needs HDF5, and this build has none");
#endif
  secant_status status = files_check(files, sizeof files / sizeof *files, run->comm, error);
  if (status == SECANT_OK && run->arguments->incremental) {
    status = files_check_pairs(run->arguments->checkpoint, run->comm, error);
  }
  return status == SECANT_OK ? trace_check_name(run->arguments->trace, error) : status;
}

/*
 * Rank 0 looks, because other ranks may see another disk; all do as it found. Where a file system has no hard links, a
 * kill can leave FILE.1 without FILE.
 */
static secant_status find_checkpoint(const cli_run *run, bool *found)
{
  char older[PATH_MAX];
  const char *const path = run->arguments->checkpoint;
  snprintf(older, sizeof older, "%s.1", path ? path : "");
  *found = path && (files_exist(path) || (run->arguments->resume && files_exist(older)));
  return secant_comm_broadcast(run->comm, found, sizeof *found, 0);
}

static secant_status fail_with_message(const cli_run *run, secant_status status, secant_error *error)
{
  return input_fail(error, status, "%s", sentence(run->optimizer, status));
}

/*
 * Whether a loaded run ended because it converged, and would by today's tolerances. Where the checkpoint does not hold
 * what its test looked at, one evaluation tells.
 */
static bool still_converged(const secant_info *info, const secant_options *options)
{
  switch (info->reason) {
  case SECANT_REASON_GRADIENT: return info->grad_inf <= options->tolerance_grad;
  case SECANT_REASON_STEP: return info->step_inf <= options->tolerance_change;
  case SECANT_REASON_LOSS: return fabs(info->loss - info->previous_loss) < options->tolerance_change;
  default: return false;
  }
}

/* Loads the checkpoint if the user wants it and it is there; says what happens to the file otherwise. */
static secant_status resume(cli_run *run, secant_error *error)
{
  const char *const path = run->arguments->checkpoint;
  bool found = false;
  secant_status status = find_checkpoint(run, &found);
  if (status != SECANT_OK) return fail_with_message(run, status, error);
  if (!found && run->arguments->resume) say(run->comm, "there is no checkpoint %s yet: starting afresh", path);
  if (found && !run->arguments->resume)
    say(run->comm, "checkpoint %s exists and will be overwritten; --resume would go on from it", path);
  if (!found || !run->arguments->resume) return SECANT_OK;

  status = secant_checkpoint_load_newest(run->optimizer, path, run->job->problem, run->resumed_file,
                                         sizeof run->resumed_file);
  if (status != SECANT_OK) return fail_with_message(run, status, error);
  if (*secant_message(run->optimizer)) say(run->comm, "%s", secant_message(run->optimizer));
  const secant_info info = secant_get_info(run->optimizer);
  run->resumed_from = info.n_iter;
  run->finished = still_converged(&info, &run->arguments->options);
  if (run->finished)
    say(run->comm, "the run of checkpoint %s had converged at iteration %" PRId64 ": nothing is left to do",
        run->resumed_file, info.n_iter);
  else
    say(run->comm, "resuming from checkpoint %s at iteration %" PRId64, run->resumed_file, info.n_iter);
  return SECANT_OK;
}

/* A secant_monitor: one row for each accepted point, as it was before the next iteration began. */
static int write_row(const secant_info *info, void *user)
{
  cli_run *const run = user;
  if (trace_write(&run->trace, info, clock_seconds() - run->progress.started)) return 0;
  progress_break(&run->progress);
  say(run->comm, "trace %s could not be written and ends here", run->trace.path);
  return 0;
}

static secant_status open_trace(cli_run *run, secant_error *error)
{
  if (secant_comm_rank(run->comm) == 0)
    error->status = trace_open(&run->trace, run->arguments->trace, run->resumed_from, error);
  if (run->trace.file) secant_set_monitor(run->optimizer, write_row, run);
  return secant_comm_agree(run->comm, error);
}

static secant_status prepare(cli_run *run, secant_error *error)
{
  const cli_job *const job = run->job;
  secant_status status = faults_read(&run->faults, getenv("SECANT_FAULT"), run->comm, error);
  if (status == SECANT_OK) status = check_files(run, error);
  if (status == SECANT_OK)
    status = secant_create(&run->optimizer, job->parameters, job->parameter_count, &run->arguments->options, run->comm,
                           error);
  if (status != SECANT_OK) return status;
  signals_attach(run->optimizer);
  if (run->arguments->checkpoint) status = secant_checkpoint_set_io(run->optimizer, run->arguments->io);
  if (status != SECANT_OK) return fail_with_message(run, status, error);
  status = resume(run, error);
  if (status == SECANT_OK) status = open_trace(run, error);
  return status;
}

/* ---- the run ------------------------------------------------------------------------------------------------------- */

/* Saves the last accepted point. A failure is said, and the file of an earlier save is intact. Collective. */
static bool save(cli_run *run)
{
  const char *const path = run->arguments->checkpoint;
  secant_checkpoint_options options = secant_checkpoint_options_default();
  options.keep = (int)run->arguments->checkpoint_keep;
  options.incremental = run->arguments->incremental;
  const secant_status status = secant_checkpoint_save_with(run->optimizer, path, run->job->problem, &options);
  run->save_at = clock_seconds() + run->arguments->checkpoint_seconds;
  if (status == SECANT_OK) return true;
  progress_break(&run->progress);
  say(run->comm, "checkpoint %s was not written: %s", path, sentence(run->optimizer, status));
  return false;
}

static void after_iteration(cli_run *run, const secant_info *info)
{
  progress_show(&run->progress, info);
  const int64_t every = run->arguments->checkpoint_every;
  const bool due = info->checkpoint_due || (every > 0 && info->accepted % every == 0);
  if (due) save(run); /* the run goes on without this one */
}

/* Asked before an evaluation is told, the wish travels in its reduction, and all ranks save at one iteration. */
static void watch_clock(const cli_run *run)
{
  const bool timed = run->arguments->checkpoint_seconds > 0.0 && secant_comm_rank(run->comm) == 0;
  if (timed && clock_seconds() >= run->save_at) secant_request_checkpoint(run->optimizer);
}

/* The objective as it is: a secant_closure without faults. */
static int evaluate(void *user, double *loss)
{
  const cli_run *const run = user;
  const int failed = run->job->closure(run->job->user, loss);
  if (!run->job->loss_terms) return failed;
  secant_add_to_loss(run->optimizer, run->job->loss_terms);
  *loss = 0.0;
  return failed;
}

/* --check-gradient: a gradient that is wrong is not followed. */
static secant_status check_first(cli_run *run)
{
  if (!run->arguments->check_gradient) return SECANT_OK;
  return check_gradient(run->optimizer, evaluate, run, run->comm, &run->check);
}

/* Evaluates until the run is done: the loop that secant_minimize() is, with a look at each accepted point. */
static secant_status drive(cli_run *run)
{
  const cli_job *const job = run->job;
  run->save_at = clock_seconds() + run->arguments->checkpoint_seconds;
  int64_t seen = secant_get_info(run->optimizer).accepted;
  secant_request request = SECANT_EVALUATE;
  secant_status status = secant_ask(run->optimizer, &request);
  while (status == SECANT_OK && request == SECANT_EVALUATE) {
    double loss = 0.0;
    int failed = evaluate(run, &loss);
    failed = faults_make(&run->faults, job->parameters, job->parameter_count, &loss, failed);
    watch_clock(run);
    status = secant_tell(run->optimizer, loss, failed);
    const secant_info info = secant_get_info(run->optimizer);
    if (status == SECANT_OK && info.accepted > seen) after_iteration(run, &info);
    seen = info.accepted;
    if (status == SECANT_OK) status = secant_ask(run->optimizer, &request);
  }
  return status;
}

/* ---- after the run ------------------------------------------------------------------------------------------------- */

/* The stop that the user asked for is a success only if the work is on disk. */
static int conclude_stop(const cli_run *run, int64_t n_iter, bool saved)
{
  if (!run->arguments->checkpoint)
    say(run->comm, "stopped at iteration %" PRId64 "; without --checkpoint no checkpoint was written", n_iter);
  else if (saved)
    say(run->comm, "stopped at iteration %" PRId64 "; the same command with --resume goes on from checkpoint %s",
        n_iter, run->arguments->checkpoint);
  return saved ? EXIT_STOPPED : EXIT_FAILED;
}

/* Writes the last checkpoint and derives the exit status from the reason. Collective. */
static int conclude(cli_run *run, const secant_info *info)
{
  progress_break(&run->progress);
  const bool saved = run->arguments->checkpoint && (run->finished || save(run));
  if (info->reason == SECANT_REASON_STOP_REQUESTED || info->reason == SECANT_REASON_MAX_TIME)
    return conclude_stop(run, info->n_iter, saved);
  if (run->arguments->checkpoint && !saved) return EXIT_FAILED;
  switch (info->reason) {
  case SECANT_REASON_MAX_ITER:
  case SECANT_REASON_MAX_EVAL: return EXIT_LIMIT;
  case SECANT_REASON_NONE:
  case SECANT_REASON_LINE_SEARCH:
  case SECANT_REASON_UNBOUNDED:
  case SECANT_REASON_WRONG_GRADIENT:
  case SECANT_REASON_NOT_FINITE: return EXIT_FAILED;
  default: return EXIT_CONVERGED;
  }
}

static void close_run(cli_run *run)
{
  if (!trace_close(&run->trace)) say(run->comm, "trace %s lacks its last rows", run->trace.path);
  signals_attach(NULL);
  secant_destroy(run->optimizer);
}

bool job_run(const cli_job *job, cli_job_result *result)
{
  cli_run run = {.job = job, .arguments = job->arguments, .comm = job->comm, .resumed_from = -1};
  run.progress = progress_begin(job->arguments->quiet, job->comm);
  *result = (cli_job_result){.exit_status = EXIT_FAILED, .resumed_from = -1};

  secant_error error = {SECANT_OK, ""};
  secant_status status = prepare(&run, &error);
  const bool prepared = status == SECANT_OK;
  if (prepared && !run.finished) status = check_first(&run);
  const bool wrong = run.check.evaluations > 0 && run.check.verdict == SECANT_GRADIENT_FAILS;
  if (prepared && !run.finished && !wrong && status == SECANT_OK) status = drive(&run);
  progress_break(&run.progress);
  if (status == SECANT_OK && !wrong) {
    result->info = secant_get_info(run.optimizer);
    result->exit_status = conclude(&run, &result->info);
    result->info.timings = secant_get_info(run.optimizer).timings; /* with the time of the last checkpoint */
    result->threads = secant_thread_count(&run.arguments->options, job->comm);
    result->resumed_from = run.resumed_from;
    result->check = run.check;
    memcpy(result->resumed_file, run.resumed_file, sizeof run.resumed_file);
  } else if (prepared && !wrong) {
    say(job->comm, "%s", sentence(run.optimizer, status));
  } else if (!prepared) {
    say(job->comm, "%s", *error.message ? error.message : secant_status_text(status));
    result->exit_status = exit_status_of(status);
  }
  close_run(&run);
  result->seconds = clock_seconds() - run.progress.started;
  return status == SECANT_OK && !wrong;
}

static const char *status_word(secant_reason reason)
{
  switch (reason) {
  case SECANT_REASON_MAX_ITER:
  case SECANT_REASON_MAX_EVAL: return "limit";
  case SECANT_REASON_MAX_TIME:
  case SECANT_REASON_STOP_REQUESTED: return "stopped";
  case SECANT_REASON_NONE:
  case SECANT_REASON_LINE_SEARCH:
  case SECANT_REASON_UNBOUNDED:
  case SECANT_REASON_WRONG_GRADIENT:
  case SECANT_REASON_NOT_FINITE: return "failed";
  default: return "converged";
  }
}

static void describe_timings(const secant_timings *timings, cli_report *report)
{
  report_number(report, "pass_a_s", timings->pass_a);
  report_number(report, "pass_b_s", timings->pass_b);
  report_number(report, "reduction_s", timings->reduction);
  report_number(report, "closure_s", timings->closure);
  report_number(report, "checkpoint_s", timings->checkpoint);
}

void job_describe(const cli_job *job, const cli_job_result *result, cli_report *report)
{
  const secant_info *const info = &result->info;
  const bool json = job->arguments->json;
  report_text(report, "status", status_word(info->reason));
  report_text(report, "reason", json ? secant_reason_name(info->reason) : secant_reason_text(info->reason));
  report_number(report, "loss", info->loss);
  report_number(report, "grad_inf", info->grad_inf);
  report_integer(report, "n_iter", info->n_iter);
  report_integer(report, "func_evals", info->func_evals);
  report_integer(report, "allreduces", info->allreduces);
  report_number(report, "wall_s", result->seconds);
  report_number(report, "optimizer_s", info->optimizer_seconds);
  if (json) describe_timings(&info->timings, report);
  if (json && result->check.evaluations > 0) check_gradient_describe(&result->check, report);
  if (json) report_number(report, "memory_bytes", job->memory_bytes);
  report_integer(report, "ranks", secant_comm_size(job->comm));
  report_integer(report, "threads", result->threads);
  if (result->resumed_from >= 0)
    report_integer(report, "resumed_from", result->resumed_from);
  else
    report_null(report, "resumed_from");
  if (json && *result->resumed_file) report_text(report, "resumed_file", result->resumed_file);
  if (json && !*result->resumed_file) report_null(report, "resumed_file");
}

int job_finish(const cli_job *job, const cli_job_result *result, cli_report *report)
{
  const secant_status status = report_print(report, job->arguments->json, job->comm);
  report_destroy(report);
  return status == SECANT_OK ? result->exit_status : EXIT_FAILED;
}
