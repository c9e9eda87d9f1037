#include "cli/say.h"
#include <stdarg.h>
#include <stdio.h>

void say(const secant_comm *comm, const char *format, ...)
{
  if (secant_comm_rank(comm) != 0) return;
  va_list list;
  va_start(list, format);
  fputs("secant: ", stderr);
  vfprintf(stderr, format, list);
  fputc('\n', stderr);
  va_end(list);
}
