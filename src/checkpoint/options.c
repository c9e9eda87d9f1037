/* The options of a save. Builds without HDF5 have them too, so that a program need not know. */
#include "checkpoint/options.h"
#include "checkpoint/series.h"
#include <string.h>

void secant_checkpoint_options_init(secant_checkpoint_options *options, size_t size)
{
  const secant_checkpoint_options all = {.size = size, .keep = 2, .io = SECANT_IO_AUTO};
  memset(options, 0, size); /* fields that this library does not know yet are zero */
  memcpy(options, &all, size < sizeof all ? size : sizeof all);
}

/* Bytes that a newer caller knows and this library does not must be zero: defaults of features it lacks. */
static bool unknown_bytes_are_zero(const secant_checkpoint_options *options)
{
  const char *bytes = (const char *)options;
  for (size_t i = sizeof *options; i < options->size; i++) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

bool secanti_checkpoint_options_import(const secant_checkpoint_options *from, secant_checkpoint_options *to)
{
  *to = secant_checkpoint_options_default();
  if (!from) return true;
  if (from->size < sizeof from->size || !unknown_bytes_are_zero(from)) return false;
  memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
  to->size = sizeof *to;
  if (to->incremental != 0 && to->incremental != 1) return false;
  return to->keep >= 1 && to->keep <= SECANTI_SERIES_LONGEST && to->io >= SECANT_IO_AUTO && to->io <= SECANT_IO_GATHER;
}
