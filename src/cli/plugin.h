/* A user's objective from a shared object, as secant/objective.h describes it. */
#ifndef SECANT_CLI_PLUGIN_H
#define SECANT_CLI_PLUGIN_H

#include <limits.h>
#include <secant/objective.h>
#include <stdbool.h>

enum { PLUGIN_OPTIONS = 16, PLUGIN_TEXT = 1024 };

/* {0} is none. */
typedef struct cli_plugin {
  const char *path;             /* as it was typed; borrowed */
  secant_objective_table table; /* a copy, zero where the shared object's is shorter */
  secant_comm *comm;            /* borrowed */

  secant_objective_option options[PLUGIN_OPTIONS]; /* by name */
  char *typed[PLUGIN_OPTIONS];                     /* their texts */
  secant_objective_setup setup;

  bool created;
  void *objective;
  const secant_parameter *parameters; /* [parameter_count]: this rank's part, for the optimizer */
  size_t parameter_count;
  secant_data_parallel *adapter; /* of the flavour data-parallel, else NULL */
  secant_sum loss_terms;         /* of the last evaluation: the whole of this rank's share */
  char text[PLUGIN_TEXT];        /* "run NAME VERSION option=value ...": what checkpoints know the problem by */
} cli_plugin;

/* Whether the argument of `secant run` is the name of a file: it has a slash, or ends in ".so". */
bool plugin_is_file(const char *argument);

/*
 * Loads the shared object and creates the objective from its options [count], each "name=value"; of two with one name
 * the later counts. Everything but `comm` is borrowed for the call; path is kept. Collective.
 * Returns SECANT_OK, or a status with one sentence in `error` (never NULL), equal on all ranks. In any case
 * plugin_close() is due.
 */
secant_status plugin_open(cli_plugin *plugin, const char *path, const char *const *options, int count, int threads,
                          secant_comm *comm, secant_error *error);

/* Unknowns of this rank. */
int64_t plugin_unknowns(const cli_plugin *plugin);

/* The closure of the job, whose loss is all in `loss_terms`; `user` is the plug-in. Collective. */
int plugin_evaluate(void *user, double *loss);

/* The least value of the objective, NaN if it is not known. */
double plugin_optimum(const cli_plugin *plugin);

/* Hands the result to the objective. Collective. Returns as plugin_open(). */
secant_status plugin_finish(cli_plugin *plugin, const secant_info *info, secant_error *error);

void plugin_close(cli_plugin *plugin);

#endif
