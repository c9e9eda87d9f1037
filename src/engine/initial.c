#include "engine/initial.h"
#include "base/base.h"
#include "engine/arrays.h"
#include <stdlib.h>
#include <string.h>

/* Lays the segments out, one behind the other, first for the input and then for the output. */
static void lay_out(secanti_scratch *scratch, size_t element)
{
  char *next = scratch->elements;
  for (size_t i = 0; i < scratch->segments; i++) {
    scratch->input[i] = next;
    scratch->output[i] = next + scratch->bytes;
    next += scratch->counts[i] * element;
  }
}

secant_status secanti_scratch_create(secanti_scratch *scratch, secant_dtype dtype, const secanti_segment *segments,
                                     size_t count)
{
  const size_t element = secanti_element_bytes(dtype);
  *scratch = (secanti_scratch){.segments = count};
  scratch->counts = secanti_alloc(count, sizeof *scratch->counts);
  scratch->input = secanti_alloc(count, sizeof *scratch->input);
  scratch->output = secanti_alloc(count, sizeof *scratch->output);
  if (scratch->counts && scratch->input && scratch->output) {
    for (size_t i = 0; i < count; i++) scratch->bytes += (scratch->counts[i] = segments[i].count) * element;
    scratch->elements = secanti_alloc(2, scratch->bytes);
  }
  if (!scratch->elements) {
    secanti_scratch_destroy(scratch);
    return SECANT_ERR_MEMORY;
  }
  lay_out(scratch, element);
  return SECANT_OK;
}

void secanti_scratch_destroy(secanti_scratch *scratch)
{
  free(scratch->counts);
  free(scratch->input);
  free(scratch->output);
  free(scratch->elements);
  *scratch = (secanti_scratch){0};
}

void secanti_initial_destroy(secanti_initial *initial)
{
  if (initial->release) initial->release(initial->user);
  *initial = (secanti_initial){0};
}

secant_status secanti_initial_apply(const secanti_initial *initial, secanti_scratch *scratch, secanti_vectors *vectors,
                                    secanti_vector from, secanti_vector to)
{
  const secant_dtype dtype = secanti_vectors_dtype(vectors, SECANTI_X);
  for (size_t i = 0; i < scratch->segments; i++) {
    secanti_vectors_export_as(vectors, from, (secanti_range){i, 0, scratch->counts[i]}, dtype, scratch->input[i]);
  }
  if (initial->kind == SECANT_INITIAL_DENSE) {
    memcpy((char *)scratch->elements + scratch->bytes, scratch->elements, scratch->bytes);
  }
  const bool failed = initial->apply(initial->user, (const void *const *)scratch->input, scratch->output) != 0;
  for (size_t i = 0; !failed && i < scratch->segments; i++) {
    secanti_vectors_import_as(vectors, to, (secanti_range){i, 0, scratch->counts[i]}, dtype, scratch->output[i]);
  }
  return failed ? initial->failure : SECANT_OK;
}
