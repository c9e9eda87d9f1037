/*
 * Gives the problems of the suite to a solver and records when each is solved. The recorder looks at every point that
 * is evaluated, alike for all solvers, whatever tests of their own they have: a problem counts as solved at the first
 * evaluation with
 *
 *   |g|_inf <= 1e-6 max(1, |f|), f and g finite, f no higher than at the start,
 *
 * if that is among the first SUITE_MOST_EVALUATIONS; where the least value f* is known and smaller than |f|, |f*|
 * stands for |f|. So neither trial points far out, where f is flat but higher, count, nor those where f is so large
 * that any gradient is small beside it.
 *
 * Each problem is solved in a process of its own, which the recorder ends as soon as the outcome is known; the record
 * is in memory that it shares with its parent, so that a solver that crashes or never returns spoils its own problem
 * only.
 * Parent: suite_recorder_begin(), fork, suite_recorder_print(). Child: suite_recorder_enter(), suite_recorder_start(),
 * the solver with suite_recorder_evaluate(), suite_recorder_end().
 */
#ifndef SECANT_BENCH_SUITE_RECORDER_H
#define SECANT_BENCH_SUITE_RECORDER_H

enum { SUITE_MOST_EVALUATIONS = 20000, SUITE_MOST_SECONDS = 60 };

typedef struct suite_recorder suite_recorder;

/* Returns NULL if there is no memory. */
suite_recorder *suite_recorder_create(void);

/* Name of problem `index` of the suite, NULL beyond the last. */
const char *suite_recorder_name(int index);

/*
 * Starts the record of a problem. With `to_the_end` the recorder never ends the solver, which must have limits of its
 * own: what it says when it stops can be held against the record. Returns n, or 0 if there is no such problem.
 */
int suite_recorder_begin(suite_recorder *recorder, const char *name, int to_the_end);

/* Limits this process to SUITE_MOST_SECONDS of processor time, whose end the parent sees as a signal. */
void suite_recorder_enter(void);

/* Fills x [n] with the start. */
void suite_recorder_start(const suite_recorder *recorder, double *x);

/* Returns f and fills gradient [n], unless the outcome is known: then it does not return, and the process has ended. */
double suite_recorder_evaluate(suite_recorder *recorder, const double *x, double *gradient);

/* The solver stopped by itself: why, in its words, and the point it returned [n]. Ends the process. */
_Noreturn void suite_recorder_end(suite_recorder *recorder, const char *reason, const double *x);

/* Prints the record as one line of JSON. `signal`: what ended the child, 0 if nothing did. Returns 0, or 1 if it could
 * not be written. */
int suite_recorder_print(const suite_recorder *recorder, int signal);

#endif
