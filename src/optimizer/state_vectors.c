/* Vectors of the optimizer as tensors of a state dict, and back. */
#include "base/base.h"
#include "optimizer/state_dict.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512 };

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
    if (count > 0) secanti_vectors_export(optimizer->engine.vectors, vector, i, 0, count, next);
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

static void convert(const secant_tensor *tensor, size_t at, size_t count, secant_dtype dtype, void *out)
{
  const float *single = tensor->data;
  const double *full = tensor->data;
  if (tensor->dtype == dtype) {
    const size_t bytes = secanti_element_bytes(dtype);
    memcpy(out, (const char *)tensor->data + at * bytes, count * bytes);
  } else if (dtype == SECANT_F32) {
    for (size_t i = 0; i < count; i++) ((float *)out)[i] = (float)full[at + i];
  } else {
    for (size_t i = 0; i < count; i++) ((double *)out)[i] = (double)single[at + i];
  }
}

/* Elements first .. first+count of the flat vector, as `dtype`; with `out` NULL only looks. False if some are not held
 * here. */
static bool take(reader *from, int64_t first, size_t count, secant_dtype dtype, char *out)
{
  const secant_tensor *tensor = &from->tensor;
  while (count > 0) {
    const secant_piece *piece = &tensor->piece[from->piece];
    while (piece->first + (int64_t)piece->count <= first) {
      if (from->piece + 1 == tensor->pieces) return false;
      from->before += piece->count;
      from->piece++;
      piece++;
    }
    if (piece->first > first) return false;
    const size_t skipped = (size_t)(first - piece->first), rest = piece->count - skipped;
    const size_t run = count < rest ? count : rest;
    if (out) {
      convert(tensor, from->before + skipped, run, dtype, out);
      out += run * secanti_element_bytes(dtype);
    }
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
    if (!take(&from, first, parameters->segments[i].count, parameters->dtype, NULL)) {
      return secanti_refuse_entry(error, path, "lacks elements that this rank holds");
    }
    begin += parameters->entries[i].extent;
  }
  return SECANT_OK;
}

void secanti_vector_unpack(const secant_optimizer *optimizer, const secant_node *node, secanti_vectors *into,
                           secanti_vector vector)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  reader from = {.piece = 0};
  double chunk[CHUNK]; /* room for elements of either type */
  int64_t begin = 0;
  if (secant_node_get_tensor(node, &from.tensor) != SECANT_OK) return;
  for (size_t i = 0; i < parameters->count; i++) {
    const size_t held = parameters->segments[i].count;
    for (size_t at = 0; at < held; at += CHUNK) {
      const size_t count = held - at < CHUNK ? held - at : CHUNK;
      const int64_t first = begin + parameters->entries[i].first + (int64_t)at;
      if (take(&from, first, count, parameters->dtype, (char *)chunk)) {
        secanti_vectors_import(into, vector, i, at, count, chunk);
      }
    }
    begin += parameters->entries[i].extent;
  }
}
