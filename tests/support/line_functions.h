/* Functions of one variable, each with a peculiarity that a line search must cope with; all have phi'(0) < 0. */
#ifndef SECANT_TESTS_LINE_FUNCTIONS_H
#define SECANT_TESTS_LINE_FUNCTIONS_H

#include "more_thuente.h"
#include <stdbool.h>

typedef enum line_kind {
  LINE_MORE_THUENTE_1, /* and 2 to 6 */
  LINE_QUADRATIC = MORE_THUENTE_FUNCTIONS,
  LINE_NARROW,      /* a quadratic with its minimum at 1e-5 */
  LINE_EXPONENTIAL, /* rises like exp(50 t) */
  LINE_FLAT_TAIL,
  LINE_NOISY,     /* a quadratic of size 1e-7 on a loss of 1e8, whose last digit is 1.5e-8 */
  LINE_BARRIER,   /* NaN from t = 2e-3 on */
  LINE_WALL,      /* falls up to where it is infinite */
  LINE_PIT,       /* falls up to where it is -infinite */
  LINE_UNBOUNDED, /* falls for ever */
  LINE_KINDS
} line_kind;

/* phi(t) and phi'(t). */
secanti_point line_function_at(line_kind kind, double step);

/* Whether loss and slope are finite. */
bool line_is_good(secanti_point point);

/* The limits with c1 and c2 as More and Thuente have them for their functions. */
secanti_search_limits line_limits(line_kind kind, const secanti_search_limits *usual);

#endif
