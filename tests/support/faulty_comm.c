#include "support/faulty_comm.h"

#include "checkpoint/h5.h"
#include "comm/comm.h"
#include <stdbool.h>
#include <stdlib.h>

typedef struct faulty_comm {
  secant_comm base;
  secant_comm *inner;
  int64_t fail_at;
  int64_t calls;
} faulty_comm;

static faulty_comm *faulty(const secant_comm *comm)
{
  return (faulty_comm *)comm;
}

/* Counts a call; true if it is the one to break. */
static bool breaks(secant_comm *comm)
{
  faulty_comm *self = faulty(comm);
  self->calls++;
  return self->calls == self->fail_at;
}

static secant_status faulty_reduce(secant_comm *comm, double *words)
{
  secant_comm *inner = faulty(comm)->inner;
  return breaks(comm) ? SECANT_ERR_COMM : inner->operations->reduce(inner, words);
}

static secant_status faulty_broadcast(secant_comm *comm, void *data, size_t bytes, int root)
{
  secant_comm *inner = faulty(comm)->inner;
  return breaks(comm) ? SECANT_ERR_COMM : inner->operations->broadcast(inner, data, bytes, root);
}

static secant_status faulty_exchange(secant_comm *comm, const void *send, int to, void *receive, int from, size_t bytes)
{
  secant_comm *inner = faulty(comm)->inner;
  return breaks(comm) ? SECANT_ERR_COMM : inner->operations->exchange(inner, send, to, receive, from, bytes);
}

static secant_status faulty_gather(secant_comm *comm, const void *shard, void *whole, const int64_t *first,
                                   secant_dtype dtype)
{
  secant_comm *inner = faulty(comm)->inner;
  return breaks(comm) ? SECANT_ERR_COMM : inner->operations->gather(inner, shard, whole, first, dtype);
}

static secant_status faulty_scatter_sum(secant_comm *comm, const void *whole, void *shard, const int64_t *first,
                                        secant_dtype dtype)
{
  secant_comm *inner = faulty(comm)->inner;
  return breaks(comm) ? SECANT_ERR_COMM : inner->operations->scatter_sum(inner, whole, shard, first, dtype);
}

static void faulty_destroy(secant_comm *comm)
{
  free(faulty(comm));
}

/* Files are opened as the wrapped communicator opens them. */
static int64_t inner_file_access(const secant_comm *comm)
{
  const secant_comm *inner = faulty(comm)->inner;
  return inner->h5->file_access(inner);
}

static int64_t inner_transfer(const secant_comm *comm)
{
  const secant_comm *inner = faulty(comm)->inner;
  return inner->h5->transfer(inner);
}

secant_comm *faulty_comm_create(secant_comm *inner, int64_t fail_at)
{
  static const secanti_comm_operations operations = {
      .reduce = faulty_reduce,
      .broadcast = faulty_broadcast,
      .exchange = faulty_exchange,
      .gather = faulty_gather,
      .scatter_sum = faulty_scatter_sum,
      .destroy = faulty_destroy,
  };
  static const secanti_h5_driver driver = {.file_access = inner_file_access, .transfer = inner_transfer};
  faulty_comm *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  inner = secanti_comm_or_self(inner);
  self->base = (secant_comm){.operations = &operations,
                             .rank = inner->rank,
                             .size = inner->size,
                             .computer = inner->computer,
                             .h5 = inner->h5 ? &driver : NULL};
  self->inner = inner;
  self->fail_at = fail_at;
  return &self->base;
}

int64_t faulty_comm_calls(const secant_comm *comm)
{
  return faulty(comm)->calls;
}
