/* Vectors of the optimizer as tensors of a state dict, and back. */
#include "base/base.h"
#include "engine/arrays.h"
#include "optimizer/state_dict.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- out --------------------------------------------------------------------------------------------------------- */

/* Where this rank's elements lie in the flat vector of all parameters: pieces [parameters]. Returns their number. */
static size_t find_pieces(const secanti_parameters *parameters, secant_piece *pieces)
{
  int64_t begin = 0;
  size_t held = 0;
  for (size_t i = 0; i < parameters->count; i++) {
    pieces[i] = (secant_piece){begin + parameters->entries[i].first, parameters->segments[i].count};
    begin += parameters->entries[i].extent;
    held += pieces[i].count;
  }
  return held;
}

secant_node *secanti_vector_pack(const secant_optimizer *optimizer, secanti_vector vector)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  const size_t bytes = secanti_element_bytes(parameters->dtype);
  secant_piece *pieces = secanti_alloc(parameters->count, sizeof *pieces);
  if (!pieces) return NULL;
  secant_tensor view = {.dtype = parameters->dtype,
                        .dimensions = 1,
                        .shape = &parameters->extent,
                        .pieces = parameters->count,
                        .piece = pieces,
                        .local_count = find_pieces(parameters, pieces)};
  secant_node *node = secant_node_tensor(&view);
  free(pieces);
  if (!node || secant_node_get_tensor(node, &view) != SECANT_OK) return NULL;
  char *next = view.data;
  for (size_t i = 0; i < parameters->count; i++) {
    const size_t count = parameters->segments[i].count;
    const secanti_range whole = {i, 0, count};
    if (count > 0) secanti_vectors_export_as(optimizer->engine.vectors, vector, whole, parameters->dtype, next);
    next += count * bytes;
  }
  return node;
}

/* ---- in ---------------------------------------------------------------------------------------------------------- */

/* Reads elements of a tensor in increasing order. */
typedef struct reader {
  secant_tensor tensor;
  size_t piece;  /* the one that was read last */
  size_t before; /* elements held in the pieces before it */
} reader;

/*
 * The longest run of elements first .. first+count of the flat vector that lies in one piece: `data` is where it is held,
 * the result its length, 0 if its first element is not held here.
 */
static size_t next_run(reader *from, int64_t first, size_t count, const void **data)
{
  const secant_tensor *tensor = &from->tensor;
  const secant_piece *piece = &tensor->piece[from->piece];
  while (piece->first + (int64_t)piece->count <= first) {
    if (from->piece + 1 == tensor->pieces) return 0;
    from->before += piece->count;
    from->piece++;
    piece++;
  }
  if (piece->first > first) return 0;
  const size_t skipped = (size_t)(first - piece->first), rest = piece->count - skipped;
  *data = (const char *)tensor->data + (from->before + skipped) * secanti_element_bytes(tensor->dtype);
  return count < rest ? count : rest;
}

/* Whether elements first .. first+count of the flat vector are held here. */
static bool holds(reader *from, int64_t first, size_t count)
{
  const void *data;
  while (count > 0) {
    const size_t run = next_run(from, first, count, &data);
    if (run == 0) return false;
    first += (int64_t)run;
    count -= run;
  }
  return true;
}

secant_status secanti_vector_check(const secant_optimizer *optimizer, const secant_node *node, const char *path,
                                   secant_error *error)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  reader from = {.piece = 0};
  int64_t begin = 0;
  if (secant_node_get_tensor(node, &from.tensor) != SECANT_OK) return secanti_refuse_entry(error, path, "is no vector");
  if (from.tensor.dimensions != 1 || from.tensor.shape[0] != parameters->extent) {
    char what[100];
    snprintf(what, sizeof what, "is not of shape [%lld], the number of unknowns", (long long)parameters->extent);
    return secanti_refuse_entry(error, path, what);
  }
  for (size_t i = 0; i < parameters->count; i++) {
    const int64_t first = begin + parameters->entries[i].first;
    if (!holds(&from, first, parameters->segments[i].count)) {
      return secanti_refuse_entry(error, path, "lacks elements that this rank holds");
    }
    begin += parameters->entries[i].extent;
  }
  return SECANT_OK;
}

bool secanti_vector_unpack(const secant_optimizer *optimizer, const secant_node *node, secanti_vectors *into,
                           secanti_vector vector)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  reader from = {.piece = 0};
  int64_t begin = 0;
  bool kept = true;
  if (secant_node_get_tensor(node, &from.tensor) != SECANT_OK) return false;
  for (size_t i = 0; i < parameters->count; i++) {
    secanti_range rest = {i, 0, parameters->segments[i].count};
    while (rest.count > 0) {
      const void *data;
      const int64_t first = begin + parameters->entries[i].first + (int64_t)rest.first;
      const size_t run = next_run(&from, first, rest.count, &data);
      if (run == 0) return false;
      const secanti_range piece = {i, rest.first, run};
      kept = secanti_vectors_import_as(into, vector, piece, from.tensor.dtype, data) && kept;
      rest.first += run;
      rest.count -= run;
    }
    begin += parameters->entries[i].extent;
  }
  return kept;
}
