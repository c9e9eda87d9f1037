/* The six test functions of More & Thuente 1994, section 5, all with phi'(0) < 0. */
#ifndef SECANT_TESTS_MORE_THUENTE_H
#define SECANT_TESTS_MORE_THUENTE_H

#include "numerics/search.h"

enum { MORE_THUENTE_FUNCTIONS = 6 };

/* phi(t) and phi'(t) of function `number`, 1 to 6. */
secanti_point more_thuente_evaluate(int number, double step);

#endif
