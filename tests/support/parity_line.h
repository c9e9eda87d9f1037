/* Steps of the optimizer on functions of one variable. */
#ifndef SECANT_TESTS_PARITY_LINE_H
#define SECANT_TESTS_PARITY_LINE_H

#include <secant/secant.h>

enum { LINE_TRIALS = 64 };

/* Value and slope at x. A test may tell a value and a slope that belong to no function. */
typedef void line_function(double x, double *f, double *g);

typedef struct line {
  line_function *of;
  double x, g;
  double trial[LINE_TRIALS]; /* points of all evaluations */
  int evaluations;
} line;

/* A secant_closure: `user` is the line. */
int line_evaluate(void *user, double *loss);

/* One step of a new optimizer from `start`; fails the running test if there is an error. */
secant_info line_step(line *l, line_function *of, double start, const secant_options *options);

/* f = x^2 / 2. */
void line_parabola(double x, double *f, double *g);

#endif
