/*
 * What every runner shares: its arguments, its evaluations of the objective, the clock, and the line it prints.
 *
 * Time is taken from the first evaluation of one iteration to the first evaluation of another, `timed` iterations
 * later, and the time spent in the objective between the two is subtracted: what remains is the optimizer's own. The
 * first `warm` iterations fill the history and are not counted. Iterations that took one evaluation, because their
 * first trial step was accepted, are also counted by themselves.
 *
 * With --until it is not time that counts but evaluations: all, from the start to the first point whose |g|_inf is at
 * most that share of the start's. The solver is then to stop, in whatever way it has.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "objective.h"
#include "stream.h"

#include <stdbool.h>

/* Counts since the program started. */
typedef struct bench_traffic {
  long allreduces;
  double bytes;
} bench_traffic;

typedef struct bench_case {
  int64_t n;                    /* --n: unknowns */
  int m;                        /* --m: pairs of the history */
  int threads;                  /* --threads: of the objective, and of the optimizer if it has any */
  int warm;                     /* --warm: iterations before the clock starts */
  int timed;                    /* --timed: iterations under the clock */
  int rounds;                   /* --rounds: how often all this is done, for runs that are too short to be timed once */
  double until;                 /* --until: share of the first |g|_inf; 0 if time is to be taken */
  const bench_problem *problem; /* --problem: NULL for the objective of the timings */
} bench_case;

/* Readings of the clock and the counters, or sums of differences of such readings. */
typedef struct bench_tally {
  double seconds, objective_seconds;
  long evaluations;
  bench_traffic traffic;
} bench_tally;

typedef struct bench_measure {
  bench_case given;
  bench_objective objective;
  bench_traffic (*traffic)(void); /* NULL without MPI */
  bool open, closed;              /* the clock of this round */
  bool reached;                   /* what --until asks for */
  double grad_goal;               /* |g|_inf that --until asks for; 0 before the first evaluation */
  long evaluations;               /* of the objective, over all rounds */
  double objective_seconds;       /* likewise */
  double resident_before;         /* bytes of the process with x and g, before there is an optimizer; 0 if not known */
  bench_stream yardstick;         /* large problems: read off the clock at the beginning of each iteration under it */
  double yardstick_seconds;
  long yardstick_reads;
  int iteration;     /* completed ones when `begin` was read */
  bench_tally begin; /* at the first evaluation of this iteration */
  bench_tally total; /* over all iterations under the clock */
  bench_tally plain; /* over those that took one evaluation */
} bench_measure;

/* Reads the arguments. Ends the program if they make no sense. */
bench_measure *bench_measure_create(int argc, char **argv);

void bench_measure_destroy(bench_measure *measure);

/* This process has elements first, ..., first + count - 1 only. */
void bench_measure_place(bench_measure *measure, int64_t first, int64_t count);

/* Unknowns of this process. */
size_t bench_measure_count(const bench_measure *measure);

/* Iterations after which a solver may stop: one more than are looked at, or very many with --until. */
int bench_measure_iterations(const bench_measure *measure);

/* Begins a round: x = start, and g = 0 unless the solver has its own and g is NULL. */
void bench_measure_begin(bench_measure *measure, double *x, double *g);

/* f and g at x, for a solver that has completed so many iterations in this round. */
double bench_measure_evaluate(bench_measure *measure, int completed, const double *x, double *g);

/* Whether --until was given and nothing more is counted: the goal is reached, or the evaluations have been too many. */
bool bench_measure_done(const bench_measure *measure);

/* This process's share of f and its |g|_inf at the point reached, off the clock. g [count] is overwritten. */
void bench_measure_final(bench_measure *measure, const double *x, double *g, double *loss, double *grad_inf);

/* Prints the result as a line of JSON. Returns the exit status: not 0 if a solver stopped before the clock did. */
int bench_measure_report(const bench_measure *measure, const char *solver, int ranks, double loss, double grad_inf);

#endif
