/* A recorded case, run in every way it can be run. */
#ifndef SECANT_TEST_GOLDEN_CHECK_H
#define SECANT_TEST_GOLDEN_CHECK_H

#include "golden_run.h"

/*
 * Runs the case and compares it with the record. If it saves and loads, or has absent gradients, runs it in the other
 * ways too: they must give the same bits. Collective.
 */
void golden_check_case(const golden_case *golden, const golden_setup *setup, golden_report *report);

/*
 * The same on one process for every case that is `wanted`, with both ways of forming the direction; prints what
 * differs. Returns the number of failed runs, and in `cases` how many cases there were.
 */
int golden_check_where(bool (*wanted)(const golden_case *golden, const void *user), const void *user, size_t *cases);

/* The same for the one case called `id`; 0 only if there is such a case and it is as recorded. */
int golden_check_named(const char *id);

#endif
