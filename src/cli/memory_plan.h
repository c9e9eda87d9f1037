/* What a run will allocate, said before it does. */
#ifndef SECANT_CLI_MEMORY_PLAN_H
#define SECANT_CLI_MEMORY_PLAN_H

#include "cli/args.h"
#include <secant/secant.h>

typedef struct memory_plan {
  double bytes;    /* of the optimizer, over all ranks */
  double unknowns; /* over all ranks */
  size_t element;  /* bytes of one */
} memory_plan;

/* "1.92 GB", with three digits. */
enum { MEMORY_TEXT = 32 };
const char *memory_text(double bytes, char text[MEMORY_TEXT]);

/*
 * Draws up the plan for an optimizer with `count` unknowns of type `dtype` on this rank, and prints it on stderr
 * unless --quiet forbids. Warns if a rank needs more than its machine has, parameters and gradient included: the system
 * may grant such memory, and end the process when it is used. Collective.
 * Returns SECANT_OK, or SECANT_ERR_COMM with one sentence in `error` (never NULL).
 */
secant_status memory_plan_announce(memory_plan *plan, int64_t count, secant_dtype dtype, const cli_arguments *arguments,
                                   secant_comm *comm, secant_error *error);

#endif
