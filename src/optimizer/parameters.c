#include "optimizer/parameters.h"
#include "base/base.h"
#include "comm/equal.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Counts travel as doubles, which hold integers up to here exactly. */
static const size_t MOST_UNKNOWNS = (size_t)1 << 53;

/* ---- this rank's part -------------------------------------------------------------------------------------------- */

/* `index` counts over all groups. */
static secant_status check_one(const secanti_parameters *parameters, const secant_parameter *p, size_t index,
                               secant_error *error)
{
  if (!secanti_is_element_type(p->dtype)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has element type %d, but must be F64 or F32", index,
                        (int)p->dtype);
  }
  if (p->dtype != parameters->dtype) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has another element type than parameter 0", index);
  }
  if (p->local_count > MOST_UNKNOWNS) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has %zu local elements, but 2^53 are the most",
                        index, p->local_count);
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
  if ((p->name != NULL) != parameters->named) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT,
                        "parameter %zu has %s name, but parameter 0 has %s: name all or none", index,
                        p->name ? "a" : "no", p->name ? "none" : "one");
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

/* A description of its own; `shape` has `dimensions` entries. */
static secant_status copy_texts(secanti_parameter *entry, const char *name, size_t index, const int64_t *shape)
{
  const size_t dimensions = (size_t)entry->dimensions;
  entry->name = copy_name(name, index);
  entry->shape = secanti_alloc(dimensions, sizeof *entry->shape);
  if (!entry->name || !entry->shape) return SECANT_ERR_MEMORY;
  if (dimensions) memcpy(entry->shape, shape, dimensions * sizeof *entry->shape);
  return SECANT_OK;
}

static secant_status copy_one(secanti_parameters *parameters, const secant_parameter *from, size_t index)
{
  const size_t group = parameters->groups - 1;
  secanti_parameter *entry = &parameters->entries[index];
  parameters->segments[index] = (secanti_segment){
      .values = from->values, .gradient = from->gradient, .count = from->local_count, .group = (int)group};
  *entry = (secanti_parameter){.dimensions = from->dimensions, .group = group};
  return copy_texts(entry, from->name, index, from->shape);
}

static secant_status copy_base(secanti_parameters *parameters, const secanti_parameters *base)
{
  for (size_t i = 0; i < base->count; i++) {
    const secanti_parameter *from = &base->entries[i];
    secanti_parameter *entry = &parameters->entries[i];
    parameters->segments[i] = base->segments[i];
    *entry = *from;
    entry->name = NULL;
    entry->shape = NULL;
    const secant_status status = copy_texts(entry, from->name, i, from->shape);
    if (status != SECANT_OK) return status;
  }
  return SECANT_OK;
}

/* Compares the names of parameters `first` and later with all before them. */
static secant_status check_names(const secanti_parameters *parameters, size_t first, secant_error *error)
{
  for (size_t i = first; i < parameters->count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (strcmp(parameters->entries[i].name, parameters->entries[j].name) == 0) {
        return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameters %zu and %zu have the same name, '%s'", j, i,
                            parameters->entries[i].name);
      }
    }
  }
  return SECANT_OK;
}

/* Whether two arrays [a_bytes] and [b_bytes] share memory; an empty one shares none. */
static bool overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
  const uintptr_t p = (uintptr_t)a, q = (uintptr_t)b;
  return a_bytes > 0 && b_bytes > 0 && p < q + b_bytes && q < p + a_bytes;
}

static secant_status check_pair(const secanti_parameters *parameters, size_t i, size_t j, secant_error *error)
{
  static const char *const kinds[] = {"values", "gradient"};
  const secanti_segment *a = &parameters->segments[i], *b = &parameters->segments[j];
  const size_t element = secanti_element_bytes(parameters->dtype);
  const void *const own[] = {a->values, a->gradient}, *const other[] = {b->values, b->gradient};
  for (int m = 0; m < 2; m++) {
    for (int n = 0; n < 2; n++) {
      if ((i != j || m != n) && overlap(own[m], a->count * element, other[n], b->count * element)) {
        return secanti_fail(error, SECANT_ERR_ARGUMENT, "the %s of parameter %zu and the %s of parameter %zu overlap",
                            kinds[m], i, kinds[n], j);
      }
    }
  }
  return SECANT_OK;
}

/* Compares the arrays of parameters `first` and later with all before them, and with each other. */
static secant_status check_arrays(const secanti_parameters *parameters, size_t first, secant_error *error)
{
  for (size_t i = first; i < parameters->count; i++) {
    for (size_t j = 0; j <= i; j++) {
      const secant_status status = check_pair(parameters, i, j, error);
      if (status != SECANT_OK) return status;
    }
  }
  return SECANT_OK;
}

static secant_status allocate(secanti_parameters *parameters, size_t count, secant_error *error)
{
  parameters->entries = secanti_alloc(count, sizeof *parameters->entries);
  parameters->segments = secanti_alloc(count, sizeof *parameters->segments);
  if (!parameters->entries || !parameters->segments) {
    return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the description of %zu parameters", count);
  }
  parameters->count = count;
  return SECANT_OK;
}

static secant_status copy_all(secanti_parameters *parameters, const secanti_parameters *base,
                              const secant_parameter *from, size_t count, secant_error *error)
{
  secant_status status = SECANT_OK;
  if (!from || count == 0) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "a group of parameters needs at least one parameter");
  }
  const size_t first = base->count;
  parameters->dtype = first > 0 ? base->dtype : from[0].dtype;
  parameters->named = first > 0 ? base->named : from[0].name != NULL;
  parameters->groups = base->groups + 1;
  parameters->extent = base->extent;
  parameters->starts = base->starts;
  SECANT_TRY(allocate(parameters, first + count, error));
  if (copy_base(parameters, base) != SECANT_OK) {
    return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the description of %zu parameters", first);
  }
  for (size_t i = 0; i < count; i++) {
    SECANT_TRY(check_one(parameters, &from[i], first + i, error));
    if (copy_one(parameters, &from[i], first + i) != SECANT_OK) {
      return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the description of parameter %zu", first + i);
    }
  }
  SECANT_TRY(check_names(parameters, first, error));
  status = check_arrays(parameters, first, error);
done:
  return status;
}

/* ---- over all ranks ------------------------------------------------------------------------------------------------ */

static uint64_t fingerprint(const secanti_parameters *parameters)
{
  uint64_t hash = secanti_hash(SECANTI_HASH_START, &parameters->dtype, sizeof parameters->dtype);
  hash = secanti_hash(hash, &parameters->named, sizeof parameters->named);
  for (size_t i = 0; i < parameters->count; i++) {
    const secanti_parameter *entry = &parameters->entries[i];
    hash = secanti_hash(hash, entry->name, strlen(entry->name) + 1);
    hash = secanti_hash(hash, &entry->dimensions, sizeof entry->dimensions);
    hash = secanti_hash(hash, entry->shape, (size_t)entry->dimensions * sizeof *entry->shape);
  }
  return hash;
}

/* Whether the unknowns `before` and those of a table of counts are few enough in all. */
static secant_status check_total(int64_t before, const double *counts, size_t count, secant_error *error)
{
  double total = (double)before;
  for (size_t i = 0; i < count; i++) total += counts[i];
  if (total <= (double)MOST_UNKNOWNS) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_ARGUMENT, "the parameters have %.17g elements in all, but 2^53 are the most",
                      total);
}

/* Extent of a parameter and this rank's place in it, from the counts of all ranks. */
static void place(secanti_parameters *parameters, secanti_parameter *entry, const double *counts, secant_comm *comm)
{
  for (int r = 0; r < comm->size; r++) {
    if (r == comm->rank) entry->first = entry->extent;
    if (counts[r] > 0.0) parameters->starts |= entry->extent;
    entry->extent += (int64_t)counts[r];
  }
  parameters->extent += entry->extent;
}

/* Global extents of parameters `first` and later and this rank's place in them: one sum over a table [parameter][rank]
 * of local counts. */
static secant_status find_extents(secanti_parameters *parameters, size_t first, secant_comm *comm, secant_error *error)
{
  const size_t ranks = (size_t)comm->size, rank = (size_t)comm->rank, added = parameters->count - first;
  double *counts = secanti_alloc(added * ranks, sizeof *counts);
  secant_status status = SECANT_OK;
  if (!counts) secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the extents of the parameters");
  SECANT_TRY(secant_comm_agree(comm, error));
  for (size_t i = 0; i < added; i++) counts[i * ranks + rank] = (double)parameters->segments[first + i].count;
  SECANT_TRY(secant_comm_sum(comm, counts, added * ranks));
  SECANT_TRY(check_total(parameters->extent, counts, added * ranks, error));
  for (size_t i = 0; i < added; i++) place(parameters, &parameters->entries[first + i], counts + i * ranks, comm);
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

secant_status secanti_parameters_extend(secanti_parameters *parameters, const secanti_parameters *base,
                                        const secant_parameter *from, size_t count, secant_comm *comm,
                                        secant_error *error)
{
  *parameters = (secanti_parameters){0};
  secant_status status = copy_all(parameters, base, from, count, error);
  SECANT_TRY(secant_comm_agree(comm, error));
  SECANT_TRY(secanti_require_equal(comm, fingerprint(parameters),
                                   "the number, names, types or shapes of the parameters", error));
  SECANT_TRY(find_extents(parameters, base->count, comm, error));
  SECANT_TRY(check_shapes(parameters, error));
done:
  if (status != SECANT_OK) secanti_parameters_destroy(parameters);
  return status;
}

secant_status secanti_parameters_create(secanti_parameters *parameters, const secant_parameter *from, size_t count,
                                        secant_comm *comm, secant_error *error)
{
  const secanti_parameters none = {0};
  return secanti_parameters_extend(parameters, &none, from, count, comm, error);
}

/* A tile's size is a power of two, which divides all starts if and only if it divides their bitwise or. */
bool secanti_parameters_cut_at_tiles(const secanti_parameters *parameters)
{
  return parameters->starts % (int64_t)secanti_tile_size(parameters->extent) == 0;
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
