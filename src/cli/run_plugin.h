/* `secant run ./objective.so`. */
#ifndef SECANT_CLI_RUN_PLUGIN_H
#define SECANT_CLI_RUN_PLUGIN_H

#include "cli/args.h"

/* Minimises the objective in the shared object that the first positional argument names, with its options [count].
 * Collective. Returns the exit status; errors have been said. */
int run_plugin(const cli_arguments *arguments, const char *const *options, int count, secant_comm *comm);

#endif
