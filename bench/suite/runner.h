/* What the programs that bring a solver in C to the suite have in common. */
#ifndef SECANT_BENCH_SUITE_RUNNER_H
#define SECANT_BENCH_SUITE_RUNNER_H

#include "suite/recorder.h"

/* Minimises from the start and ends by suite_recorder_end(), in a process of its own. */
typedef void suite_solve(suite_recorder *recorder, int n, void *user);

/*
 * Prints a line of JSON for each problem: those named by --problem NAME, any number of times, or all. --to-the-end: see
 * suite_recorder_begin(). Returns the exit status.
 */
int suite_run(suite_solve *solve, void *user, int argc, char **argv);

/* Whether `flag` is among the arguments. */
int suite_has_flag(int argc, char **argv, const char *flag);

/* n zeros; ends the process if there is no memory. */
double *suite_vector(int n);

#endif
