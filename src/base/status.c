#include "base/base.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *secant_status_text(secant_status status)
{
  switch (status) {
#define STATUS_CASE(name, value, text)                                                                                 \
  case SECANT_##name: return text;
    SECANT_STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
  }
  return "unknown status";
}

const char *secant_reason_text(secant_reason reason)
{
  switch (reason) {
#define REASON_CASE(name, value, text)                                                                                 \
  case SECANT_REASON_##name: return text;
    SECANT_REASON_LIST(REASON_CASE)
#undef REASON_CASE
  }
  return "unknown reason";
}

const char *secant_reason_name(secant_reason reason)
{
  static const char *const names[] = {
      [SECANT_REASON_NONE] = "none",
      [SECANT_REASON_GRADIENT] = "gradient",
      [SECANT_REASON_STEP] = "step",
      [SECANT_REASON_LOSS] = "loss",
      [SECANT_REASON_DIRECTIONAL_DERIVATIVE] = "directional_derivative",
      [SECANT_REASON_PRECISION] = "precision",
      [SECANT_REASON_MAX_ITER] = "max_iter",
      [SECANT_REASON_MAX_EVAL] = "max_eval",
      [SECANT_REASON_MAX_TIME] = "max_time",
      [SECANT_REASON_STOP_REQUESTED] = "stop_requested",
      [SECANT_REASON_LINE_SEARCH] = "line_search",
      [SECANT_REASON_NOT_FINITE] = "not_finite",
      [SECANT_REASON_DIRECTION] = "direction",
      [SECANT_REASON_UNBOUNDED] = "unbounded",
      [SECANT_REASON_WRONG_GRADIENT] = "wrong_gradient",
  };
  const size_t index = (size_t)reason;
  return index < sizeof names / sizeof *names && names[index] ? names[index] : "unknown";
}

secant_status secanti_fail(secant_error *error, secant_status status, const char *format, ...)
{
  if (!error) return status;
  va_list arguments;
  va_start(arguments, format);
  error->status = status;
  vsnprintf(error->message, sizeof error->message, format, arguments); /* a longer sentence is cut */
  va_end(arguments);
  return status;
}

secant_status secanti_fail_on(secant_error *error, const char *path, const char *what)
{
  return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be %s: %s", path, what, strerror(errno));
}
