#include "support/phantom_comm.h"

#include "checkpoint/h5.h"
#include "comm/comm.h"
#include <stdbool.h>
#include <stdlib.h>

typedef struct phantom_comm {
  secant_comm base;
  secant_comm *inner;
  int stride;
  int place;
  double elements;
  bool counted; /* the phantoms' elements are known to the optimizer */
} phantom_comm;

static phantom_comm *phantom(const secant_comm *comm)
{
  return (phantom_comm *)comm;
}

/* Whether this is the table [parameter][rank] of local counts: the first message of sums that an optimizer sends. */
static bool is_count(const phantom_comm *self, const double *words)
{
  const int sums = (int)words[2];
  return !self->counted && sums > 0 && sums % self->base.size == 0 && words[3] == 0.0 && words[4] == 0.0;
}

/* One real rank speaks for all phantoms. */
static void add_phantoms(const phantom_comm *self, double *words)
{
  const int sums = (int)words[2];
  for (int i = 0; self->inner->rank == 0 && i < sums; i++) {
    if (i % self->base.size % self->stride != self->place) words[SECANTI_HEADER + i] = self->elements;
  }
}

static secant_status phantom_reduce(secant_comm *comm, double *words)
{
  phantom_comm *self = phantom(comm);
  if (is_count(self, words)) {
    add_phantoms(self, words);
    self->counted = true;
  }
  return self->inner->operations->reduce(self->inner, words);
}

static secant_status phantom_broadcast(secant_comm *comm, void *data, size_t bytes, int root)
{
  const phantom_comm *self = phantom(comm);
  const int stand_in = root % self->stride == self->place ? root / self->stride : 0;
  return self->inner->operations->broadcast(self->inner, data, bytes, stand_in);
}

static secant_status phantom_exchange(secant_comm *comm, const void *send, int to, void *receive, int from,
                                      size_t bytes)
{
  (void)comm, (void)send, (void)to, (void)receive, (void)from, (void)bytes;
  return SECANT_ERR_COMM;
}

static secant_status phantom_gather(secant_comm *comm, const void *shard, void *whole, const int64_t *first,
                                    secant_dtype dtype)
{
  (void)comm, (void)shard, (void)whole, (void)first, (void)dtype;
  return SECANT_ERR_COMM;
}

static secant_status phantom_scatter_sum(secant_comm *comm, const void *whole, void *shard, const int64_t *first,
                                         secant_dtype dtype)
{
  (void)comm, (void)whole, (void)shard, (void)first, (void)dtype;
  return SECANT_ERR_COMM;
}

static void phantom_destroy(secant_comm *comm)
{
  free(phantom(comm));
}

static int64_t inner_file_access(const secant_comm *comm)
{
  const secant_comm *inner = phantom(comm)->inner;
  return inner->h5->file_access(inner);
}

static int64_t inner_transfer(const secant_comm *comm)
{
  const secant_comm *inner = phantom(comm)->inner;
  return inner->h5->transfer(inner);
}

secant_comm *phantom_comm_create(secant_comm *inner, int stride, int place, int64_t elements)
{
  static const secanti_comm_operations operations = {
      .reduce = phantom_reduce,
      .broadcast = phantom_broadcast,
      .exchange = phantom_exchange,
      .gather = phantom_gather,
      .scatter_sum = phantom_scatter_sum,
      .destroy = phantom_destroy,
  };
  static const secanti_h5_driver driver = {.file_access = inner_file_access, .transfer = inner_transfer};
  phantom_comm *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  inner = secanti_comm_or_self(inner);
  self->base = (secant_comm){.operations = &operations,
                             .rank = inner->rank * stride + place,
                             .size = inner->size * stride,
                             .h5 = inner->h5 ? &driver : NULL};
  self->inner = inner;
  self->stride = stride;
  self->place = place;
  self->elements = (double)elements;
  return &self->base;
}
