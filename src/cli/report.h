/*
 * The result that goes to stdout: a list of named values, printed as lines for people or as one JSON object. A failed
 * allocation is remembered and comes out of report_print(), so that filling a report needs no checks.
 */
#ifndef SECANT_CLI_REPORT_H
#define SECANT_CLI_REPORT_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct cli_report cli_report;

/* An empty report, or NULL without memory, which the calls below take as well. */
cli_report *report_create(void);
void report_destroy(cli_report *report);

/* Append one value. Keys are unique and in lower case with underscores; both strings are copied. */
void report_text(cli_report *report, const char *key, const char *value);
void report_integer(cli_report *report, const char *key, int64_t value);
void report_number(cli_report *report, const char *key, double value); /* 17 digits; null in JSON if not finite */
void report_null(cli_report *report, const char *key);                 /* "-" for people */

/*
 * Prints to stdout on rank 0, in the order of appending. Collective.
 * Returns SECANT_OK, SECANT_ERR_MEMORY or SECANT_ERR_IO, equal on all ranks; the failure has been said.
 */
secant_status report_print(const cli_report *report, bool json, secant_comm *comm);

#endif
