/*
 * Data-parallel objectives: each rank sees all parameters and its own part of the data. Every parameter is cut into one
 * shard per rank; before an evaluation the shards are gathered, afterwards the gradients are added and each rank keeps its
 * shard. On one rank the shards are the whole arrays and nothing is copied.
 */
#include "base/base.h"
#include "comm/comm.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct secant_data_parallel {
  secant_comm *comm;
  secant_closure *function;
  void *user;
  size_t count;
  secant_parameter *whole;  /* [count] the caller's descriptions */
  secant_parameter *shards; /* [count] own names and shapes; own arrays unless there is one rank only */
  int64_t *first;           /* [count][size + 1] where each rank's shard of each parameter begins */
};

static const int64_t *cuts(const secant_data_parallel *adapter, size_t i)
{
  return adapter->first + i * ((size_t)adapter->comm->size + 1);
}

static bool alone(const secant_data_parallel *adapter)
{
  return adapter->comm->size == 1;
}

/* ---- arguments ----------------------------------------------------------------------------------------------------- */

static secant_status check_parameter(const secant_parameter *parameter, size_t i, secant_error *error)
{
  const size_t count = parameter->local_count;
  if (!secanti_is_element_type(parameter->dtype))
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has an unknown element type", i);
  if (count > (size_t)INT64_MAX / secanti_element_bytes(parameter->dtype))
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has too many elements", i);
  if (count > 0 && (!parameter->values || !parameter->gradient))
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu lacks its array of values or of gradients", i);
  if (parameter->dimensions < 0 || (parameter->dimensions > 0 && !parameter->shape))
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has dimensions but no shape", i);
  return SECANT_OK;
}

/* What one rank can see of its own arguments. */
static secant_status check_arguments(const secant_parameter *whole, size_t count, secant_closure *function,
                                     secant_error *error)
{
  if (!function) return secanti_fail(error, SECANT_ERR_ARGUMENT, "the data-parallel adapter needs a function");
  if (count == 0 || !whole)
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "the data-parallel adapter needs at least one parameter");
  for (size_t i = 0; i < count; i++) {
    const secant_status status = check_parameter(&whole[i], i, error);
    if (status != SECANT_OK) return status;
  }
  return SECANT_OK;
}

/* Compares parameter i with rank 0's, whose type and extent are given. */
static secant_status compare_parameter(const secant_parameter *parameter, size_t i, const int64_t *root,
                                       secant_error *error)
{
  if ((int64_t)parameter->dtype != root[0])
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "parameter %zu has another element type than on rank 0", i);
  if ((int64_t)parameter->local_count != root[1])
    return secanti_fail(error, SECANT_ERR_ARGUMENT,
                        "parameter %zu has %zu elements, but %lld on rank 0: every rank holds the whole array", i,
                        parameter->local_count, (long long)root[1]);
  return SECANT_OK;
}

/*
 * Compares all parameters with those of rank 0. Collective: each rank takes part in as many broadcasts as rank 0 has
 * parameters, also after it has found a difference. The outcome is local.
 */
static secant_status compare_with_root(secant_comm *comm, const secant_parameter *whole, size_t count,
                                       secant_error *error)
{
  int64_t root_count = (int64_t)count;
  secant_status outcome = comm->operations->broadcast(comm, &root_count, sizeof root_count, 0);
  if (outcome != SECANT_OK)
    return secanti_fail(error, outcome, "the number of parameters could not be compared over the ranks");
  if (root_count != (int64_t)count)
    outcome = secanti_fail(error, SECANT_ERR_ARGUMENT, "there are %zu parameters here, but %lld on rank 0", count,
                           (long long)root_count);
  for (int64_t i = 0; i < root_count; i++) {
    int64_t root[2] = {0, 0};
    if (comm->rank == 0) {
      root[0] = (int64_t)whole[i].dtype;
      root[1] = (int64_t)whole[i].local_count;
    }
    if (comm->operations->broadcast(comm, root, sizeof root, 0) != SECANT_OK)
      outcome =
          secanti_fail(error, SECANT_ERR_COMM, "parameter %lld could not be compared over the ranks", (long long)i);
    if (outcome == SECANT_OK) outcome = compare_parameter(&whole[i], (size_t)i, root, error);
  }
  return outcome;
}

/* ---- shards -------------------------------------------------------------------------------------------------------- */

static secant_status cut(const secant_comm *comm, int64_t extent, int64_t *first)
{
  for (int r = 0; r < comm->size; r++) {
    int64_t count = 0;
    const secant_status status = secant_partition(extent, comm->size, r, &first[r], &count);
    if (status != SECANT_OK) return status;
  }
  first[comm->size] = extent;
  return SECANT_OK;
}

/* Own copies of name and shape, which the caller need not keep. */
static secant_status copy_description(const secant_parameter *whole, secant_parameter *shard)
{
  shard->dtype = whole->dtype;
  if (whole->name && !(shard->name = strdup(whole->name))) return SECANT_ERR_MEMORY;
  if (whole->dimensions == 0) return SECANT_OK;
  int64_t *shape = secanti_alloc((size_t)whole->dimensions, sizeof *shape);
  if (!shape) return SECANT_ERR_MEMORY;
  memcpy(shape, whole->shape, (size_t)whole->dimensions * sizeof *shape);
  shard->shape = shape;
  shard->dimensions = whole->dimensions;
  return SECANT_OK;
}

static secant_status give_arrays(const secant_data_parallel *adapter, size_t i)
{
  const secant_parameter *whole = &adapter->whole[i];
  secant_parameter *shard = &adapter->shards[i];
  const int64_t *first = cuts(adapter, i) + adapter->comm->rank;
  shard->local_count = (size_t)(first[1] - first[0]);
  if (alone(adapter)) {
    shard->values = whole->values;
    shard->gradient = whole->gradient;
    return SECANT_OK;
  }
  if (shard->local_count == 0) return SECANT_OK;
  shard->values = secanti_alloc_huge(shard->local_count, secanti_element_bytes(shard->dtype));
  shard->gradient = secanti_alloc_huge(shard->local_count, secanti_element_bytes(shard->dtype));
  return shard->values && shard->gradient ? SECANT_OK : SECANT_ERR_MEMORY;
}

/* Allocates everything. On failure the adapter is partly filled and can be destroyed. */
static secant_status allocate(secant_data_parallel *adapter, const secant_parameter *whole)
{
  const size_t count = adapter->count;
  const size_t ends = (size_t)adapter->comm->size + 1;
  if (count > SIZE_MAX / ends) return SECANT_ERR_MEMORY;
  adapter->shards = secanti_alloc(count, sizeof *adapter->shards);
  adapter->whole = secanti_alloc(count, sizeof *adapter->whole);
  adapter->first = secanti_alloc(count * ends, sizeof *adapter->first);
  if (!adapter->shards || !adapter->whole || !adapter->first) return SECANT_ERR_MEMORY;
  memcpy(adapter->whole, whole, count * sizeof *whole);

  secant_status status = SECANT_OK;
  for (size_t i = 0; i < count; i++) {
    SECANT_TRY(cut(adapter->comm, (int64_t)whole[i].local_count, adapter->first + i * ends));
    SECANT_TRY(copy_description(&whole[i], &adapter->shards[i]));
    SECANT_TRY(give_arrays(adapter, i));
  }
done:
  return status;
}

/* Rank 0's values become everybody's, and each rank takes its shard. Collective; the outcome is local. */
static secant_status start_from_root(const secant_data_parallel *adapter, secant_error *error)
{
  if (alone(adapter)) return SECANT_OK;
  secant_status outcome = SECANT_OK;
  for (size_t i = 0; i < adapter->count; i++) {
    const secant_parameter *whole = &adapter->whole[i];
    const secant_parameter *shard = &adapter->shards[i];
    const size_t element = secanti_element_bytes(whole->dtype);
    const secant_status status =
        adapter->comm->operations->broadcast(adapter->comm, whole->values, whole->local_count * element, 0);
    if (status != SECANT_OK)
      outcome = secanti_fail(error, status, "the start values of parameter %zu could not be broadcast", i);
    const size_t offset = (size_t)cuts(adapter, i)[adapter->comm->rank] * element;
    if (shard->local_count > 0)
      memcpy(shard->values, (const char *)whole->values + offset, shard->local_count * element);
  }
  return outcome;
}

static secant_data_parallel *new_adapter(const secant_parameter *whole, size_t count, secant_comm *comm,
                                         secant_error *error)
{
  secant_data_parallel *adapter = secanti_alloc(1, sizeof *adapter);
  secant_status status = SECANT_ERR_MEMORY;
  if (adapter) {
    adapter->comm = comm;
    adapter->count = count;
    status = allocate(adapter, whole);
  }
  if (status != SECANT_OK)
    secanti_fail(error, status, "memory for the shards of the parameters could not be allocated");
  return adapter;
}

secant_status secant_data_parallel_create(secant_data_parallel **out, const secant_parameter *whole, size_t count,
                                          secant_closure *function, void *user, secant_comm *comm, secant_error *error)
{
  comm = secanti_comm_or_self(comm);
  secant_error outcome = {.status = SECANT_OK};
  secant_data_parallel *adapter = NULL;
  secant_status status = SECANT_OK;
  *out = NULL;

  check_arguments(whole, count, function, &outcome);
  SECANT_TRY(secant_comm_agree(comm, &outcome));
  compare_with_root(comm, whole, count, &outcome);
  SECANT_TRY(secant_comm_agree(comm, &outcome));
  adapter = new_adapter(whole, count, comm, &outcome);
  SECANT_TRY(secant_comm_agree(comm, &outcome));
  start_from_root(adapter, &outcome);
  SECANT_TRY(secant_comm_agree(comm, &outcome));

  adapter->function = function;
  adapter->user = user;
  *out = adapter;
  adapter = NULL;
done:
  secant_data_parallel_destroy(adapter);
  if (error) *error = outcome;
  return status;
}

const secant_parameter *secant_data_parallel_shards(const secant_data_parallel *adapter)
{
  return adapter->shards;
}

/* ---- evaluation ---------------------------------------------------------------------------------------------------- */

/*
 * After a failure the remaining parameters are still gathered (and added, below): a rank that left early would leave the
 * others waiting.
 */
secant_status secant_data_parallel_gather(secant_data_parallel *adapter)
{
  if (alone(adapter)) return SECANT_OK;
  secant_comm *comm = adapter->comm;
  secant_status outcome = SECANT_OK;
  for (size_t i = 0; i < adapter->count; i++) {
    const secant_parameter *whole = &adapter->whole[i];
    const secant_status status =
        comm->operations->gather(comm, adapter->shards[i].values, whole->values, cuts(adapter, i), whole->dtype);
    if (outcome == SECANT_OK) outcome = status;
  }
  return outcome;
}

static secant_status add_gradients(secant_data_parallel *adapter)
{
  if (alone(adapter)) return SECANT_OK;
  secant_comm *comm = adapter->comm;
  secant_status outcome = SECANT_OK;
  for (size_t i = 0; i < adapter->count; i++) {
    const secant_parameter *whole = &adapter->whole[i];
    const secant_status status = comm->operations->scatter_sum(comm, whole->gradient, adapter->shards[i].gradient,
                                                               cuts(adapter, i), whole->dtype);
    if (outcome == SECANT_OK) outcome = status;
  }
  return outcome;
}

static void clear_gradients(secant_data_parallel *adapter)
{
  for (size_t i = 0; i < adapter->count; i++) {
    const secant_parameter *whole = &adapter->whole[i];
    if (whole->local_count > 0) memset(whole->gradient, 0, whole->local_count * secanti_element_bytes(whole->dtype));
  }
}

/*
 * A failure stays local here: this rank contributes zeros, takes part to the end, and returns non-zero; the caller's next
 * reduction makes it common. That costs no synchronisation of its own.
 */
int secant_data_parallel_closure(void *user, double *loss)
{
  secant_data_parallel *adapter = user;
  const secant_status gathered = secant_data_parallel_gather(adapter);
  const bool failed = gathered != SECANT_OK || adapter->function(adapter->user, loss) != 0;
  if (failed) clear_gradients(adapter);
  const secant_status added = add_gradients(adapter);
  return failed || added != SECANT_OK;
}

void secant_data_parallel_destroy(secant_data_parallel *adapter)
{
  if (!adapter) return;
  for (size_t i = 0; adapter->shards && i < adapter->count; i++) {
    const secant_parameter *shard = &adapter->shards[i];
    free((char *)shard->name);
    free((int64_t *)shard->shape);
    if (alone(adapter)) continue; /* the arrays are the caller's */
    free(shard->values);
    free(shard->gradient);
  }
  free(adapter->shards);
  free(adapter->whole);
  free(adapter->first);
  free(adapter);
}
