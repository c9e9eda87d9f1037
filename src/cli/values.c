/* Strict conversions of flag values, and the sentences for those that do not fit. */
#include "cli/args.h"
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

secant_status arguments_fail(secant_error *error, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  vsnprintf(error->message, sizeof error->message, format, list);
  va_end(list);
  error->status = SECANT_ERR_ARGUMENT;
  return SECANT_ERR_ARGUMENT;
}

/* A most beyond all integers of 64 bits means that there is no upper end; DBL_MIN as least, that 0 is excluded. */
static secant_status fail_range(secant_error *error, const char *name, const char *value, const char *kind,
                                double least, double most)
{
  if (least == DBL_MIN) return arguments_fail(error, "%s is %s; it must be %s > 0", name, value, kind);
  if (most >= (double)INT64_MAX)
    return arguments_fail(error, "%s is %s; it must be %s >= %g", name, value, kind, least);
  return arguments_fail(error, "%s is %s; it must be %s between %g and %g", name, value, kind, least, most);
}

secant_status arguments_number(const char *name, const char *value, double least, double most, double *out,
                               secant_error *error)
{
  char *end = NULL;
  const double number = strtod(value, &end);
  const bool complete = end != value && *end == '\0' && !isspace((unsigned char)*value);
  if (!complete || !isfinite(number) || number < least || number > most)
    return fail_range(error, name, value, "a number", least, most);
  *out = number;
  return SECANT_OK;
}

/* Seconds in the unit of time that ends the text; 0 if none does. */
static double unit_of(const char *text)
{
  const size_t length = strlen(text);
  switch (length > 0 ? text[length - 1] : '\0') {
  case 's': return 1.0;
  case 'm': return 60.0;
  case 'h': return 3600.0;
  default: return 0.0;
  }
}

secant_status arguments_period(const char *name, const char *value, int64_t *count, double *seconds,
                               secant_error *error)
{
  const double unit = unit_of(value);
  char number[64];
  snprintf(number, sizeof number, "%.*s", (int)strlen(value) - (unit > 0.0), value);
  int64_t whole = 0;
  double time = 0.0;
  const bool good = strlen(value) < sizeof number &&
                    (unit > 0.0 ? arguments_number(name, number, DBL_MIN, DBL_MAX / 3600.0, &time, error)
                                : arguments_integer(name, number, 0, INT64_MAX, &whole, error)) == SECANT_OK;
  if (!good)
    return arguments_fail(error, "%s is %s; it must be an integer >= 0, or a time such as 90s, 10m or 2h", name, value);
  *count = whole;
  *seconds = time * unit;
  return SECANT_OK;
}

secant_status arguments_integer(const char *name, const char *value, int64_t least, int64_t most, int64_t *out,
                                secant_error *error)
{
  char *end = NULL;
  errno = 0;
  const intmax_t number = strtoimax(value, &end, 10);
  const bool complete = end != value && *end == '\0' && !isspace((unsigned char)*value);
  if (!complete || errno == ERANGE || number < least || number > most)
    return fail_range(error, name, value, "an integer", (double)least, (double)most);
  *out = number;
  return SECANT_OK;
}
