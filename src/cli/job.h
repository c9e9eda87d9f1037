/*
 * A job: one minimisation from the command line, from its first evaluation (or its checkpoint) to its result. It drives
 * the optimizer by ask and tell, and does what every run needs: progress, trace, checkpoints, resume, signals, and the
 * exit status. What is minimised is the subcommand's business.
 *
 * Use:
 *
 *   const cli_job job = {.problem = "fit data.svm logistic l2=0.1", .parameters = p, .parameter_count = 2,
 *                    .closure = evaluate, .user = &model, .arguments = &arguments, .comm = comm};
 *   cli_job_result result;
 *   if (!job_run(&job, &result)) return result.exit_status;  // an error was said
 *   ... write a model from the parameters, which hold the result ...
 *   cli_report *report = report_create();
 *   job_describe(&job, &result, report);                     // status, reason, loss, ...
 *   report_number(report, "accuracy", accuracy);             // and what the subcommand adds
 *   return job_finish(&job, &result, report);                // prints, frees the report, returns the exit status
 */
#ifndef SECANT_CLI_JOB_H
#define SECANT_CLI_JOB_H

#include "cli/args.h"
#include "cli/report.h"
#include <limits.h>
#include <secant/secant.h>
#include <stdbool.h>

/* What to minimise, and how. Everything is borrowed for the calls below. */
typedef struct cli_job {
  /*
   * Names the objective, its options and its data, equal on all ranks: a checkpoint of another text is refused. Leave
   * out what does not change the problem, such as the number of ranks or a limit.
   */
  const char *problem;
  const secant_parameter *parameters; /* [parameter_count]; the values are the start, and the result afterwards */
  size_t parameter_count;
  secant_closure *closure; /* the objective, as secant_step() takes it; options.loss says what its loss means */
  void *user;
  const secant_sum *loss_terms; /* what the closure filled with the terms of its loss, which then count instead of their
                                   rounded sum; NULL: there are none */
  const cli_arguments *arguments;
  double memory_bytes; /* of the optimizer, over all ranks, as planned; it is reported */
  secant_comm *comm;
} cli_job;

/* How it went. Equal on all ranks. */
typedef struct cli_job_result {
  int exit_status;             /* of enum exit_status in commands.h */
  secant_info info;            /* reason, loss, counters: where the run ended */
  int threads;                 /* OpenMP threads of a rank */
  secant_gradient_check check; /* of --check-gradient; evaluations 0: none was made */
  double seconds;              /* wall time of job_run */
  int64_t resumed_from;        /* n_iter of the checkpoint that the run went on from; -1 if it started afresh */
  char resumed_file[PATH_MAX]; /* its name; "" if the run started afresh */
} cli_job_result;

/*
 * Runs the job. Collective. The parameters hold the last accepted point on return.
 * Returns true if there is a result to report, also one that did not converge; false if there is none: the reason has
 * been said, and result->exit_status is the status to leave with. Equal on all ranks.
 */
bool job_run(const cli_job *job, cli_job_result *result);

/* Adds what every run reports: status, reason, loss, grad_inf, n_iter, ... Not collective. */
void job_describe(const cli_job *job, const cli_job_result *result, cli_report *report);

/* Prints the report (rank 0), frees it, and returns the exit status: that of the result, or EXIT_FAILED if the report
 * could not be printed. Collective. */
int job_finish(const cli_job *job, const cli_job_result *result, cli_report *report);

#endif
