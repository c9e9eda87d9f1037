/*
 * A verdict collects failed checks instead of jumping away at the first, so that a test which runs on several ranks
 * reaches all its collective calls on every rank. It needs neither CMocka nor MPI; mpi_check.h asserts it on all ranks.
 */
#ifndef TESTS_VERDICT_H
#define TESTS_VERDICT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

struct verdict {
  int failures;
  char first[400]; /* place and text of the first failed check */
};

/* CHECK(struct verdict *, condition, "format", ...): the format tells the values that matter; numbers as %a. */
#define CHECK(verdict_, condition, ...) verdict_check((verdict_), (condition), __FILE__, __LINE__, __VA_ARGS__)

static inline void verdict_check(struct verdict *verdict, bool good, const char *file, int line, const char *format,
                                 ...) __attribute__((format(printf, 5, 6)));

static inline void verdict_check(struct verdict *verdict, bool good, const char *file, int line, const char *format,
                                 ...)
{
  if (good || verdict->failures++ > 0) return;
  va_list arguments;
  va_start(arguments, format);
  const int used = snprintf(verdict->first, sizeof verdict->first, "%s:%d: ", file, line);
  if (used > 0 && (size_t)used < sizeof verdict->first)
    vsnprintf(verdict->first + used, sizeof verdict->first - (size_t)used, format, arguments);
  va_end(arguments);
}

#endif
