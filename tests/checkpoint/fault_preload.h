/* For a program that is linked with fault_preload.c and makes its own calls fail. */
#ifndef SECANT_TEST_FAULT_PRELOAD_H
#define SECANT_TEST_FAULT_PRELOAD_H

#include <stdbool.h>

/* Begins a plan, as in FAULT_PLAN; NULL ends the one before. */
void fault_plan(const char *text);

/* Whether the last step of the plan has struck. */
bool fault_has_struck(void);

#endif
