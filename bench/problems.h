/*
 * Objectives for counting evaluations, each a textbook difficulty. Unlike that of the timings they couple unknowns, so
 * a process has all n of them.
 */
#ifndef BENCH_PROBLEMS_H
#define BENCH_PROBLEMS_H

#include <stddef.h>

typedef struct bench_problem {
  const char *name;
  void (*start)(size_t n, double *x);                       /* fills x [n] */
  double (*evaluate)(size_t n, const double *x, double *g); /* fills g [n] and returns f */
} bench_problem;

/* The problem of that name, or NULL. n must be even for rosenbrock and a square for minimal_surface. */
const bench_problem *bench_problem_find(const char *name);

#endif
