/* The command `secant`: begins the session, hands over to a subcommand, ends the session. */
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "cli/signals.h"
#include <secant/session.h>
#include <stdio.h>
#include <string.h>

typedef struct subcommand {
  const char *name;
  const char *text;
  int (*main)(int argc, char **argv, secant_comm *comm);
  bool stoppable; /* a signal checkpoints and stops it, instead of ending the program */
} subcommand;

static const subcommand subcommands[] = {
    {"fit", "train a regularised linear model on a data file", fit_main, true},
    {"inspect", "tell what is in a checkpoint; verify, compare or copy it", inspect_main, false},
    {"predict", "apply a trained model to a data file", predict_main, false},
    {"run", "minimise a built-in problem", run_main, true},
};
enum { SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

static void print_help(void)
{
  puts("usage: secant SUBCOMMAND [ARGUMENTS]\n"
       "       mpirun -n RANKS secant SUBCOMMAND [ARGUMENTS]\n\n"
       "Minimises smooth functions of very many variables with L-BFGS.\n");
  for (int i = 0; i < SUBCOMMANDS; i++) printf("  %-10s %s\n", subcommands[i].name, subcommands[i].text);
  puts("\n  secant SUBCOMMAND --help   what it takes\n"
       "  secant --version           the version\n\n"
       "The result goes to stdout, everything else to stderr. SIGUSR1, SIGUSR2, SIGTERM, SIGINT and\n"
       "--max-time stop fit and run, with a checkpoint of the last accepted point if --checkpoint\n"
       "names a file; the same command with --resume goes on from there.\n\n"
       "Exit status:\n"
       "   0  converged, or at the precision limit\n"
       "   1  failed: anything that the others do not cover\n"
       "   2  bad usage or bad input\n"
       "   3  iteration or evaluation limit\n"
       "  75  stopped by a signal or --max-time, checkpoint written: run the same command again");
}

static int say_unknown(const char *name, const secant_comm *comm)
{
  const char *names[SUBCOMMANDS];
  for (int i = 0; i < SUBCOMMANDS; i++) names[i] = subcommands[i].name;
  say(comm, "there is no subcommand \"%s\"; did you mean \"%s\"?", name, arguments_nearest(name, names, SUBCOMMANDS));
  return EXIT_USAGE;
}

/* NULL if there is none of that name. */
static const subcommand *find(const char *name)
{
  for (int i = 0; i < SUBCOMMANDS; i++) {
    if (strcmp(name, subcommands[i].name) == 0) return &subcommands[i];
  }
  return NULL;
}

static int dispatch(int argc, char **argv, secant_comm *comm)
{
  if (argc < 2) {
    say(comm, "a subcommand is missing: fit, inspect, predict or run; secant --help explains");
    return EXIT_USAGE;
  }
  const char *const name = argv[1];
  const bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
  if (help || strcmp(name, "--version") == 0) {
    if (secant_comm_rank(comm) != 0) return EXIT_CONVERGED;
    if (help)
      print_help();
    else
      printf("secant %s\n", secant_version());
    return fflush(stdout) == 0 ? EXIT_CONVERGED : EXIT_FAILED;
  }
  const subcommand *const chosen = find(name);
  return chosen ? chosen->main(argc - 1, argv + 1, comm) : say_unknown(name, comm);
}

int main(int argc, char **argv)
{
  secant_comm *comm = NULL;
  secant_error error = {SECANT_OK, ""};
  const subcommand *const chosen = argc > 1 ? find(argv[1]) : NULL;
  /* MPI takes a while to start, and a signal in it must not end the program either. */
  if (chosen && chosen->stoppable && !signals_install()) {
    fputs("secant: signal handlers could not be installed\n", stderr);
    return EXIT_FAILED;
  }
  if (secant_session_begin(&argc, &argv, &comm, &error) != SECANT_OK) {
    fprintf(stderr, "secant: %s\n", error.message);
    return EXIT_FAILED;
  }
  const int exit_status = dispatch(argc, argv, comm);
  secant_session_end(comm);
  return exit_status;
}
