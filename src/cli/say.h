/* Sentences on stderr. */
#ifndef SECANT_CLI_SAY_H
#define SECANT_CLI_SAY_H

#include <secant/secant.h>

/* Prints "secant: ", a printf-style sentence and a newline on stderr, by rank 0 only. `comm` may be NULL. Not collective. */
void say(const secant_comm *comm, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
