/* The communicator of one process: every collective is at most a copy. */
#include "base/base.h"
#include "comm/comm.h"

#include <string.h>

static secant_status self_reduce(secant_comm *comm, double *words)
{
  (void)comm;
  (void)words;
  return SECANT_OK;
}

static secant_status self_broadcast(secant_comm *comm, void *data, size_t bytes, int root)
{
  (void)comm;
  (void)data;
  (void)bytes;
  (void)root;
  return SECANT_OK;
}

/* With one rank, either both partners are nobody or both are this rank; anything else never finds its match. */
static secant_status self_exchange(secant_comm *comm, const void *send, int to, void *receive, int from, size_t bytes)
{
  (void)comm;
  if ((to < 0) != (from < 0)) return SECANT_ERR_COMM;
  if (to >= 0 && bytes > 0) memcpy(receive, send, bytes);
  return SECANT_OK;
}

static secant_status self_gather(secant_comm *comm, const void *shard, void *whole, const int64_t *first,
                                 secant_dtype dtype)
{
  (void)comm;
  const size_t element = secanti_element_bytes(dtype);
  const size_t bytes = (size_t)(first[1] - first[0]) * element;
  if (bytes > 0) memcpy((char *)whole + (size_t)first[0] * element, shard, bytes);
  return SECANT_OK;
}

static secant_status self_scatter_sum(secant_comm *comm, const void *whole, void *shard, const int64_t *first,
                                      secant_dtype dtype)
{
  (void)comm;
  const size_t element = secanti_element_bytes(dtype);
  const size_t bytes = (size_t)(first[1] - first[0]) * element;
  if (bytes > 0) memcpy(shard, (const char *)whole + (size_t)first[0] * element, bytes);
  return SECANT_OK;
}

static void self_destroy(secant_comm *comm)
{
  (void)comm;
}

secant_comm *secanti_comm_self(void)
{
  static const secanti_comm_operations operations = {
      .reduce = self_reduce,
      .broadcast = self_broadcast,
      .exchange = self_exchange,
      .gather = self_gather,
      .scatter_sum = self_scatter_sum,
      .destroy = self_destroy,
  };
  static const secant_comm self = {.operations = &operations, .rank = 0, .size = 1, .h5 = NULL};
  return (secant_comm *)&self; /* nothing writes through it */
}
