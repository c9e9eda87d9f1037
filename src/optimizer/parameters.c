#include "optimizer/parameters.h"
#include "base/base.h"
#include "comm/equal.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- this rank's part -------------------------------------------------------------------------------------------- */

static secant_status check_one(const secant_parameter *all, size_t index, secant_error *error)
{
  const secant_parameter *p = &all[index];
  if (p->dtype != SECANT_F64 && p->dtype != SECANT_F32) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has element type %d, but must be F64 or F32", index,
                        (int)p->dtype);
  }
  if (p->dtype != all[0].dtype) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has another element type than parameter 0", index);
  }
  if (p->local_count && (!p->values || !p->gradient)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has %zu local elements, but a NULL array", index,
                        p->local_count);
  }
  for (int j = 0; p->shape && j < p->dimensions; j++) {
    if (p->shape[j] < 0) {
      return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has the negative extent %" PRId64 " in its shape",
                          index, p->shape[j]);
    }
  }
  if (p->dimensions < 0 || (p->dimensions > 0 && !p->shape)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has %d dimensions, but no shape", index,
                        p->dimensions);
  }
  return SECANT_OK;
}

/* A parameter without a name is called by its position. */
static char *copy_name(const char *name, size_t index)
{
  char position[32];
  snprintf(position, sizeof position, "%zu", index);
  return strdup(name ? name : position);
}

static secant_status copy_one(secanti_parameters *parameters, const secant_parameter *from, size_t index)
{
  secanti_parameter *entry = &parameters->entries[index];
  const size_t dimensions = (size_t)from->dimensions;
  parameters->segments[index] =
      (secanti_segment){.values = from->values, .gradient = from->gradient, .count = from->local_count};
  entry->dimensions = from->dimensions;
  entry->name = copy_name(from->name, index);
  entry->shape = secanti_alloc(dimensions, sizeof *entry->shape);
  if (!entry->name || !entry->shape) return SECANT_ERR_MEMORY;
  if (dimensions) memcpy(entry->shape, from->shape, dimensions * sizeof *entry->shape);
  return SECANT_OK;
}

static secant_status check_names(const secanti_parameters *parameters, secant_error *error)
{
  for (size_t i = 0; i < parameters->count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (strcmp(parameters->entries[i].name, parameters->entries[j].name) == 0) {
        return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameters %zu and %zu have the same name, '%s'", j, i,
                            parameters->entries[i].name);
      }
    }
  }
  return SECANT_OK;
}

static secant_status copy_all(secanti_parameters *parameters, const secant_parameter *from, size_t count,
                              secant_error *error)
{
  secant_status status = SECANT_OK;
  if (!from || count == 0) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "an optimizer needs at least one parameter");
  }
  parameters->entries = secanti_alloc(count, sizeof *parameters->entries);
  parameters->segments = secanti_alloc(count, sizeof *parameters->segments);
  if (!parameters->entries || !parameters->segments) {
    return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the description of %zu parameters", count);
  }
  parameters->count = count;
  parameters->dtype = from[0].dtype;
  for (size_t i = 0; i < count; i++) {
    SECANT_TRY(check_one(from, i, error));
    if (copy_one(parameters, &from[i], i) != SECANT_OK) {
      return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the description of parameter %zu", i);
    }
  }
  status = check_names(parameters, error);
done:
  return status;
}

/* ---- over all ranks ------------------------------------------------------------------------------------------------ */

static uint64_t fingerprint(const secanti_parameters *parameters)
{
  uint64_t hash = secanti_hash(SECANTI_HASH_START, &parameters->dtype, sizeof parameters->dtype);
  for (size_t i = 0; i < parameters->count; i++) {
    const secanti_parameter *entry = &parameters->entries[i];
    hash = secanti_hash(hash, entry->name, strlen(entry->name) + 1);
    hash = secanti_hash(hash, &entry->dimensions, sizeof entry->dimensions);
    hash = secanti_hash(hash, entry->shape, (size_t)entry->dimensions * sizeof *entry->shape);
  }
  return hash;
}

/* Global extents and this rank's place in them: one sum over a table [parameter][rank] of local counts. */
static secant_status find_extents(secanti_parameters *parameters, secant_comm *comm, secant_error *error)
{
  const size_t ranks = (size_t)comm->size, rank = (size_t)comm->rank;
  double *counts = secanti_alloc(parameters->count * ranks, sizeof *counts);
  secant_status status = SECANT_OK;
  if (!counts) secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the extents of the parameters");
  SECANT_TRY(secant_comm_agree(comm, error));
  for (size_t i = 0; i < parameters->count; i++) counts[i * ranks + rank] = (double)parameters->segments[i].count;
  SECANT_TRY(secant_comm_sum(comm, counts, parameters->count * ranks));
  for (size_t i = 0; i < parameters->count; i++) {
    secanti_parameter *entry = &parameters->entries[i];
    for (size_t r = 0; r < ranks; r++) {
      if (r == rank) entry->first = entry->extent;
      entry->extent += (int64_t)counts[i * ranks + r];
    }
    parameters->extent += entry->extent;
  }
done:
  free(counts);
  return status;
}

/* Extents are common by now, so all ranks find the same fault. */
static secant_status check_shapes(const secanti_parameters *parameters, secant_error *error)
{
  for (size_t i = 0; i < parameters->count; i++) {
    const secanti_parameter *entry = &parameters->entries[i];
    double product = 1.0;
    for (int j = 0; j < entry->dimensions; j++) product *= (double)entry->shape[j];
    if (entry->dimensions > 0 && product != (double)entry->extent) {
      return secanti_fail(error, SECANT_ERR_ARGUMENT,
                          "the shape of parameter '%s' holds %.0f elements, but the ranks have %" PRId64, entry->name,
                          product, entry->extent);
    }
  }
  if (parameters->extent == 0) return secanti_fail(error, SECANT_ERR_ARGUMENT, "no rank has any unknown");
  return SECANT_OK;
}

secant_status secanti_parameters_create(secanti_parameters *parameters, const secant_parameter *from, size_t count,
                                        secant_comm *comm, secant_error *error)
{
  *parameters = (secanti_parameters){0};
  secant_status status = copy_all(parameters, from, count, error);
  SECANT_TRY(secant_comm_agree(comm, error));
  SECANT_TRY(secanti_require_equal(comm, fingerprint(parameters),
                                   "the number, names, types or shapes of the parameters", error));
  SECANT_TRY(find_extents(parameters, comm, error));
  SECANT_TRY(check_shapes(parameters, error));
done:
  if (status != SECANT_OK) secanti_parameters_destroy(parameters);
  return status;
}

void secanti_parameters_destroy(secanti_parameters *parameters)
{
  for (size_t i = 0; parameters->entries && i < parameters->count; i++) {
    free(parameters->entries[i].name);
    free(parameters->entries[i].shape);
  }
  free(parameters->entries);
  free(parameters->segments);
  *parameters = (secanti_parameters){0};
}
