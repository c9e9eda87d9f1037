/* When a run of the library counts as equal to a recorded one. Rules: tests/data/torch_lbfgs.md. */
#ifndef SECANT_TEST_GOLDEN_COMPARE_H
#define SECANT_TEST_GOLDEN_COMPARE_H

#include "golden_file.h"

/* What one call of the library did. */
typedef struct golden_observed {
  double *x;     /* [n], the whole point reached */
  double f;      /* evaluated there by the test */
  double ginf;   /* likewise */
  double loss;   /* as returned by the call */
  double *trace; /* [evaluations], losses of the closure calls; at most GOLDEN_TRACE are kept */
  size_t evaluations;
  secant_info info;
} golden_observed;

enum { GOLDEN_LINES = 20, GOLDEN_TRACE = 512 };

/* Failures of one case, as text. */
typedef struct golden_report {
  const char *id;
  int failures; /* all of them; only the first GOLDEN_LINES are kept as text */
  char lines[GOLDEN_LINES][240];
} golden_report;

/* Adds one failure, described printf-style, to the report. */
void golden_report_add(golden_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the lines to stderr. */
void golden_report_print(const golden_report *report);

/* Compares all calls; observed [step_count]. */
void golden_compare(const golden_case *golden, const golden_observed *observed, golden_report *report);

/* Reports every difference, in bits, between two runs of the library. */
void golden_compare_bits(const golden_case *golden, const golden_observed *one, const golden_observed *other,
                         golden_report *report);

#endif
