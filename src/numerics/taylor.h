/*
 * The Taylor test of a gradient, as scalars: what the remainders R(h) = f(x + h d) - f(x) - h g.d of a sequence of halved
 * steps say of g.d. No vector is touched here.
 */
#ifndef SECANT_TAYLOR_H
#define SECANT_TAYLOR_H

#include <secant/secant.h>
#include <stdbool.h>

enum { SECANTI_TAYLOR_STEPS = 40 };

typedef struct secanti_taylor {
  double loss;                            /* f(x) */
  double told;                            /* g.d */
  double typical;                         /* size of the slope along any direction: |g|_2 / sqrt(n) */
  double tolerance;                       /* errors of g.d that are no fault, relative to the larger of both */
  double noise;                           /* of f or of g.s, known beforehand apart from the rounding of f; 0: none */
  double variation;                       /* largest change of f that was seen, in all sequences of steps */
  int count;                              /* steps below: the longest at which f is finite, and all that are shorter */
  double step[SECANTI_TAYLOR_STEPS];      /* each half of the one before */
  double moved[SECANTI_TAYLOR_STEPS];     /* f at their ends */
  double remainder[SECANTI_TAYLOR_STEPS]; /* R */
} secanti_taylor;

typedef struct secanti_taylor_result {
  secant_gradient_verdict verdict;
  double error;     /* f'(x; d) - g.d */
  double precision; /* to within which `error` is known */
  double order;
  double noise; /* of R at the best step */
  double bend;  /* R(h) / h^2 there, less the error */
  int best;     /* the step that `error` was taken from, together with the next one */
} secanti_taylor_result;

/* Takes f at the end of a step and g.s of the move s that was made. Returns whether a shorter step could tell more. */
bool secanti_taylor_add(secanti_taylor *taylor, double step, double loss, double linear);

secanti_taylor_result secanti_taylor_judge(const secanti_taylor *taylor);

/*
 * The longest of the steps to be tried instead before this verdict is believed, 0 if it can be: where g.s is larger than
 * all that f has been seen to vary by, steps are too long to tell anything of a slope at x.
 */
double secanti_taylor_shorten(const secanti_taylor *taylor, const secanti_taylor_result *result);

/*
 * The error of g.d from the remainders at -h and -h/2, h the best step. A wrong gradient has the same error on both
 * sides; if it has not, the loss has a kink at x, and the verdict becomes CANNOT_TELL. Sides that are not finite change
 * nothing.
 */
void secanti_taylor_confirm(const secanti_taylor *taylor, double behind, double half_behind,
                            secanti_taylor_result *result);

#endif
