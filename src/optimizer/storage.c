/* Storage for an optimizer's run: how large it must be follows from parameters and options. */
#include "base/base.h"
#include "optimizer/optimizer.h"
#include "optimizer/threads.h"
#include <inttypes.h>

bool secanti_options_keep_gradient(const secant_options *options)
{
  return options->line_search != SECANT_LINE_SEARCH_NONE;
}

bool secanti_options_narrow_history(const secant_options *options, secant_dtype dtype)
{
  return options->history_dtype == SECANT_HISTORY_F32 && dtype != SECANT_F32;
}

static void copy_weights(const secant_optimizer *optimizer, secanti_vectors *into)
{
  const secanti_parameters *own = &optimizer->parameters;
  const secanti_vector weight = {SECANTI_WEIGHT, 0};
  for (size_t i = 0; i < own->count; i++) {
    secanti_copy_segment(optimizer->engine.vectors, weight, into, weight, i, own->segments[i].count);
  }
}

/* Of this rank. */
static size_t unknowns_of(const secanti_parameters *parameters)
{
  size_t count = 0;
  for (size_t i = 0; i < parameters->count; i++) count += parameters->segments[i].count;
  return count;
}

static secant_status create_vectors(const secant_optimizer *optimizer, const secanti_parameters *parameters,
                                    int history_size, secanti_vectors **out)
{
  const secanti_vectors_shape shape = {.dtype = parameters->dtype,
                                       .segments = parameters->segments,
                                       .segment_count = parameters->count,
                                       .tile = secanti_tile_size(parameters->extent),
                                       .slots = history_size + 1,
                                       .kept = secanti_options_keep_gradient(&optimizer->options),
                                       .narrow = secanti_options_narrow_history(&optimizer->options, parameters->dtype),
                                       .threads =
                                           secanti_worthwhile_threads(unknowns_of(parameters), optimizer->threads),
                                       .binned = optimizer->options.reduction == SECANT_REDUCTION_REPRODUCIBLE,
                                       .groups = (int)parameters->groups};
  secant_status status = secanti_vectors_create(out, &shape);
  const secanti_vectors *running = optimizer->engine.vectors; /* none while the optimizer is being created */
  if (status != SECANT_OK || !running || !secanti_vectors_weighted(running)) return status;
  status = secanti_vectors_add_weights(*out);
  if (status == SECANT_OK) {
    copy_weights(optimizer, *out);
  } else {
    secanti_vectors_destroy(*out);
  }
  return status;
}

secant_status secanti_optimizer_storage(const secant_optimizer *optimizer, const secanti_parameters *parameters,
                                        int history_size, secanti_storage *out)
{
  secanti_vectors *vectors = NULL;
  *out = (secanti_storage){0};
  secant_status status = create_vectors(optimizer, parameters, history_size, &vectors);
  if (status != SECANT_OK) return status;
  status = secanti_storage_create(out, vectors, history_size, parameters->groups);
  if (status != SECANT_OK) {
    secanti_vectors_destroy(vectors);
    return status;
  }
  if (!secanti_initial_is_applied(&optimizer->engine.initial)) return SECANT_OK;
  status = secanti_scratch_create(&out->scratch, parameters->dtype, parameters->segments, parameters->count);
  if (status != SECANT_OK) secanti_storage_destroy(out);
  return status;
}

secant_status secanti_optimizer_no_room(secant_optimizer *optimizer, const secanti_parameters *parameters,
                                        int history_size, secant_status status)
{
  if (status != SECANT_ERR_MEMORY) {
    return secanti_fail(&optimizer->error, status, "%zu groups with a history of %d pairs do not fit into one message",
                        parameters->groups, history_size);
  }
  secant_options options = optimizer->options;
  options.history_size = history_size;
  const uint64_t bytes = secant_memory_estimate((uint64_t)parameters->extent, parameters->dtype, &options);
  return secanti_fail(&optimizer->error, status,
                      "no memory for a history of %d pairs of %" PRId64
                      " unknowns, %.3g GB over all ranks: take a smaller history_size or more ranks",
                      history_size, parameters->extent, (double)bytes / 1e9);
}
