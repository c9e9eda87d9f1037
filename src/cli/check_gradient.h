/* --check-gradient: the Taylor test of the library before a run, in words. */
#ifndef SECANT_CLI_CHECK_GRADIENT_H
#define SECANT_CLI_CHECK_GRADIENT_H

#include "cli/report.h"
#include <secant/secant.h>
#include <stdbool.h>

/*
 * Tests the gradient where the parameters stand, along a random direction and, if that does not tell, up the gradient;
 * says in one line what came out. Collective.
 * Returns SECANT_OK, whatever the verdict, which is in `check`; or the error of secant_check_gradient(), not said yet.
 */
secant_status check_gradient(secant_optimizer *optimizer, secant_closure *closure, void *user, secant_comm *comm,
                             secant_gradient_check *check);

/* Adds the outcome: gradient_check, told_slope, measured_slope, slope_precision, taylor_order, check_evals. */
void check_gradient_describe(const secant_gradient_check *check, cli_report *report);

#endif
