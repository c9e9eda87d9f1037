/* The subcommands of `secant`, and what their exit statuses mean. */
#ifndef SECANT_CLI_COMMANDS_H
#define SECANT_CLI_COMMANDS_H

#include <secant/secant.h>

/* Equal on all ranks, so that mpirun has one status to hand on. */
enum exit_status {
  EXIT_CONVERGED = 0, /* converged, or at the precision limit; also help, version, a prediction, a sound file */
  EXIT_FAILED = 1,    /* anything that the others do not cover */
  EXIT_USAGE = 2,     /* bad usage or bad input */
  EXIT_LIMIT = 3,     /* iteration or evaluation limit */
  EXIT_STOPPED = 75   /* stopped by a signal or --max-time, checkpoint written: run the same command again */
};

/*
 * Each runs one subcommand on every rank of `comm`; argv[0] is the subcommand's own name. Collective.
 * Returns the exit status. Errors have been said by then, once, by rank 0 (say.h).
 */
int fit_main(int argc, char **argv, secant_comm *comm);
int inspect_main(int argc, char **argv, secant_comm *comm);
int predict_main(int argc, char **argv, secant_comm *comm);
int run_main(int argc, char **argv, secant_comm *comm);

#endif
