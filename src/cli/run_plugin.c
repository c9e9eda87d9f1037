#include "cli/run_plugin.h"
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/memory_plan.h"
#include "cli/plugin.h"
#include "cli/say.h"
#include <math.h>

/* Hands the result to the objective; what it cannot keep is a failure of the run. */
static void finish(cli_plugin *plugin, cli_job_result *result)
{
  secant_error error = {SECANT_OK, ""};
  if (plugin_finish(plugin, &result->info, &error) == SECANT_OK) return;
  say(plugin->comm, "%s", error.message);
  result->exit_status = EXIT_FAILED;
}

static int minimise(const cli_arguments *arguments, cli_plugin *plugin, const memory_plan *plan)
{
  const cli_job job = {.problem = plugin->text,
                       .parameters = plugin->parameters,
                       .parameter_count = plugin->parameter_count,
                       .closure = plugin_evaluate,
                       .user = plugin,
                       .loss_terms = &plugin->loss_terms,
                       .arguments = arguments,
                       .memory_bytes = plan->bytes,
                       .comm = plugin->comm};
  cli_job_result result;
  if (!job_run(&job, &result)) return result.exit_status;
  finish(plugin, &result);

  cli_report *const report = report_create();
  job_describe(&job, &result, report);
  report_text(report, "problem", plugin->text);
  const double optimum = plugin_optimum(plugin);
  if (isfinite(optimum)) report_number(report, "optimum", optimum);
  return job_finish(&job, &result, report);
}

int run_plugin(const cli_arguments *arguments, const char *const *options, int count, secant_comm *comm)
{
  cli_plugin plugin;
  memory_plan plan;
  secant_error error = {SECANT_OK, ""};
  secant_status status = plugin_open(&plugin, arguments->positional[0], options, count,
                                     secant_thread_count(&arguments->options, comm), comm, &error);
  if (status == SECANT_OK)
    status = memory_plan_announce(&plan, plugin_unknowns(&plugin), plugin.parameters[0].dtype, arguments, comm, &error);
  int exit_status = status == SECANT_ERR_MEMORY || status == SECANT_ERR_COMM ? EXIT_FAILED : EXIT_USAGE;
  if (status == SECANT_OK)
    exit_status = minimise(arguments, &plugin, &plan);
  else
    say(comm, "%s", error.message);
  plugin_close(&plugin);
  return exit_status;
}
