/*
 * Gradients that may be absent. What a closure wrote cannot be asked for; so absent arrays are filled with a mark, one
 * NaN out of all there are, and an array that has lost its mark when the evaluation is told has been written to.
 */
#include "optimizer/optimizer.h"
#include <string.h>

/* A quiet NaN that no arithmetic makes. */
static const uint64_t mark_f64 = UINT64_C(0x7ff85eca47ab5e47);
static const uint32_t mark_f32 = UINT32_C(0x7fc5eca4);

static const void *mark_of(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? (const void *)&mark_f32 : (const void *)&mark_f64;
}

/* Bit by bit: a NaN equals nothing, and its arithmetic may change it. */
static void fill_with_mark(const secanti_segment *segment, secant_dtype dtype)
{
  const size_t element = secanti_element_bytes(dtype);
  char *to = segment->gradient;
  for (size_t i = 0; i < segment->count; i++) memcpy(to + i * element, mark_of(dtype), element);
}

static void clear(const secanti_segment *segment, secant_dtype dtype)
{
  if (segment->count > 0) memset(segment->gradient, 0, segment->count * secanti_element_bytes(dtype));
}

static bool has_mark(const secanti_segment *segment, secant_dtype dtype)
{
  return segment->count == 0 || memcmp(segment->gradient, mark_of(dtype), secanti_element_bytes(dtype)) == 0;
}

/* A zero of either sign is zero. */
static bool is_zero(const secanti_segment *segment, secant_dtype dtype)
{
  const double *wide = segment->gradient;
  const float *narrow = segment->gradient;
  for (size_t i = 0; i < segment->count; i++) {
    const double entry = dtype == SECANT_F32 ? (double)narrow[i] : wide[i];
    if (!(entry == 0.0)) return false;
  }
  return true;
}

/* Whether an absent gradient is as it was left: nobody has written to it. */
static bool is_untouched(const secanti_parameters *parameters, size_t i)
{
  const secanti_segment *segment = &parameters->segments[i];
  return parameters->entries[i].poisoned ? has_mark(segment, parameters->dtype) : is_zero(segment, parameters->dtype);
}

void secanti_gradients_settle(secanti_parameters *parameters)
{
  for (size_t i = 0; i < parameters->count; i++) {
    secanti_parameter *entry = &parameters->entries[i];
    if (!entry->absent) continue;
    entry->absent = is_untouched(parameters, i);
    if (entry->absent && entry->poisoned) clear(&parameters->segments[i], parameters->dtype);
    entry->poisoned = false;
  }
}

void secant_zero_grad(secant_optimizer *optimizer, int set_to_none)
{
  if (!optimizer) return;
  secanti_parameters *parameters = &optimizer->parameters;
  const bool none = set_to_none != 0;
  for (size_t i = 0; i < parameters->count; i++) {
    const secanti_segment *segment = &parameters->segments[i];
    parameters->entries[i].absent = none;
    parameters->entries[i].poisoned = none;
    if (none) {
      fill_with_mark(segment, parameters->dtype);
    } else {
      clear(segment, parameters->dtype);
    }
  }
}

secant_status secant_set_gradient_absent(secant_optimizer *optimizer, size_t parameter, int absent)
{
  if (!optimizer || parameter >= optimizer->parameters.count) return SECANT_ERR_ARGUMENT;
  secanti_parameters *parameters = &optimizer->parameters;
  secanti_parameter *entry = &parameters->entries[parameter];
  const secanti_segment *segment = &parameters->segments[parameter];
  const bool marked = entry->poisoned && has_mark(segment, parameters->dtype);
  if (absent || marked) clear(segment, parameters->dtype);
  entry->absent = absent != 0;
  entry->poisoned = false;
  return SECANT_OK;
}

int secant_gradient_is_absent(const secant_optimizer *optimizer, size_t parameter)
{
  if (!optimizer || parameter >= optimizer->parameters.count) return 0;
  return optimizer->parameters.entries[parameter].absent && is_untouched(&optimizer->parameters, parameter);
}
