/* `secant run PROBLEM`: minimises a built-in problem, or hands over to run_plugin.h. */
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/memory_plan.h"
#include "cli/plugin.h"
#include "cli/problems/list.h"
#include "cli/problems/problem.h"
#include "cli/run_plugin.h"
#include "cli/say.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_OPTIONS = 16 };

/* The problem options as they were typed; they wait for the problem's name, which may come later. */
typedef struct cli_run_settings {
  bool list;
  const char *options[MOST_OPTIONS];
  int count;
} cli_run_settings;

static const cli_flag run_flags[] = {
    {"problem-option", "NAME=VALUE", "an option of the problem; can be repeated"},
    {"list", NULL, "print all problems, and end"},
};

static const char summary[] =
    "Minimises a built-in problem, or the objective in a shared object such as ./objective.so\n"
    "(docs/objectives.md), with its unknowns sharded over the ranks. For tests, the variable\n"
    "SECANT_FAULT orders faults (docs/faults.md).";

static secant_status set_flag(void *user, const char *name, const char *value, secant_error *error)
{
  cli_run_settings *const settings = user;
  if (strcmp(name, "list") == 0) {
    settings->list = true;
    return SECANT_OK;
  }
  if (settings->count == MOST_OPTIONS) return arguments_fail(error, "--%s is given too often", name);
  settings->options[settings->count++] = value;
  return SECANT_OK;
}

/* Appends a printf-style piece to a text that is cut off at its capacity. */
__attribute__((format(printf, 4, 5))) static size_t append(char *text, size_t capacity, size_t length,
                                                           const char *format, ...)
{
  va_list list;
  va_start(list, format);
  const int written = length < capacity ? vsnprintf(text + length, capacity - length, format, list) : 0;
  va_end(list);
  return length + (written > 0 ? (size_t)written : 0);
}

/* The large problems and their options, for the help. */
static const char *list_problems(char *text, size_t capacity)
{
  size_t length = append(text, capacity, 0, "Problems:\n");
  for (int k = 0; problem_kind_at(k); k++) {
    const cli_problem_kind *const kind = problem_kind_at(k);
    length = append(text, capacity, length, "  %-16s %s\n", kind->name, kind->text);
    for (int i = 0; i < PROBLEM_OPTIONS && kind->options[i].name; i++)
      length = append(text, capacity, length, "  %-16s   %s: %s (default %g)\n", "", kind->options[i].name,
                      kind->options[i].text, kind->options[i].value);
  }
  length = append(text, capacity, length, "secant run --list prints these and all problems of the suite of tests\n");
  text[length < capacity && length > 0 ? length - 1 : capacity - 1] = '\0'; /* the last newline is the printer's */
  return text;
}

/* Fills in the kind that is meant and its options in force, from the command line. */
static secant_status choose(const cli_arguments *arguments, const cli_run_settings *settings, cli_problem_kind *kind,
                            double *values, secant_error *error)
{
  secant_status status = problem_find(arguments->positional[0], kind, error);
  if (status != SECANT_OK) return status;
  problem_defaults(kind, values);
  for (int i = 0; i < settings->count && status == SECANT_OK; i++)
    status = problem_set_option(kind, values, settings->options[i], error);
  return status;
}

/* Unknowns of this rank in a problem that has not been created yet. */
static int64_t count_unknowns(const cli_problem_kind *kind, const double *values, const secant_comm *comm)
{
  cli_problem shard = {.kind = kind};
  memcpy(shard.option, values, sizeof shard.option);
  kind->cut(&shard, secant_comm_size(comm), secant_comm_rank(comm));
  return shard.count;
}

/* The problem itself, once it is known and said how much memory the run will take. Collective. */
static cli_problem *create(const cli_problem_kind *kind, const double *values, const cli_arguments *arguments,
                           secant_comm *comm, memory_plan *plan)
{
  cli_problem *problem = NULL;
  secant_error error = {SECANT_OK, ""};
  if (memory_plan_announce(plan, count_unknowns(kind, values, comm), SECANT_F64, arguments, comm, &error) !=
      SECANT_OK) {
    say(comm, "%s", error.message);
  } else if (problem_create(&problem, kind, values, secant_thread_count(&arguments->options, comm), comm) !=
             SECANT_OK) {
    char text[MEMORY_TEXT];
    say(comm,
        "no memory for a problem of %.0f unknowns: parameters and gradient alone are %s over all ranks; take a "
        "smaller problem or more machines",
        plan->unknowns, memory_text(2.0 * sizeof(double) * plan->unknowns, text));
  }
  return problem;
}

static int minimise(const cli_arguments *arguments, cli_problem *problem, const char *text, const memory_plan *plan,
                    secant_comm *comm)
{
  const secant_parameter parameter = problem_parameter(problem);
  const cli_job job = {.problem = text,
                       .parameters = &parameter,
                       .parameter_count = 1,
                       .closure = problem->kind->evaluate,
                       .user = problem,
                       .loss_terms = &problem->loss_terms,
                       .arguments = arguments,
                       .memory_bytes = plan->bytes,
                       .comm = comm};
  cli_job_result result;
  if (!job_run(&job, &result)) return result.exit_status;

  cli_report *const report = report_create();
  job_describe(&job, &result, report);
  report_text(report, "problem", text);
  const double optimum = problem_optimum(problem);
  if (isfinite(optimum)) report_number(report, "optimum", optimum);
  return job_finish(&job, &result, report);
}

int run_main(int argc, char **argv, secant_comm *comm)
{
  char problems[2048];
  const cli_command command = {.name = "run",
                               .arguments = "PROBLEM",
                               .summary = summary,
                               .notes = list_problems(problems, sizeof problems),
                               .optimizes = true,
                               .flags = run_flags,
                               .flag_count = sizeof run_flags / sizeof *run_flags,
                               .positional_min = 0, /* --list needs none */
                               .positional_max = 1,
                               .set = set_flag};
  cli_arguments arguments = arguments_default();
  cli_run_settings settings = {.count = 0};
  const int verdict = arguments_parse(&arguments, &command, &settings, argc, argv, comm);
  if (verdict != ARGUMENTS_GO) return verdict;
  if (settings.list) return problem_list(arguments.json, comm);
  if (arguments.positional_count == 0) {
    say(comm, "secant run needs PROBLEM");
    return EXIT_USAGE;
  }
  if (plugin_is_file(arguments.positional[0])) return run_plugin(&arguments, settings.options, settings.count, comm);

  cli_problem_kind kind;
  double values[PROBLEM_OPTIONS];
  secant_error error = {SECANT_OK, ""};
  if (choose(&arguments, &settings, &kind, values, &error) != SECANT_OK) {
    say(comm, "%s", error.message);
    return EXIT_USAGE;
  }
  char text[256];
  problem_describe(&kind, values, text, sizeof text);
  memory_plan plan;
  cli_problem *const problem = create(&kind, values, &arguments, comm, &plan);
  if (!problem) return EXIT_FAILED;
  const int exit_status = minimise(&arguments, problem, text, &plan, comm);
  problem_destroy(problem);
  return exit_status;
}
