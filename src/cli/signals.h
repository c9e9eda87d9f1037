/*
 * SIGUSR1, SIGUSR2, SIGTERM and SIGINT ask the running optimizer to stop; the library carries the request to all ranks.
 * A signal that comes before there is an optimizer, while data are read, is remembered for it.
 */
#ifndef SECANT_CLI_SIGNALS_H
#define SECANT_CLI_SIGNALS_H

#include <secant/secant.h>
#include <stdbool.h>

/* Installs the handlers. A second SIGINT ends the program at once. Returns false if the system refused. */
bool signals_install(void);

/* From now on signals go to `optimizer`, and so does one that came earlier. NULL: it is about to be destroyed. */
void signals_attach(secant_optimizer *optimizer);

#endif
