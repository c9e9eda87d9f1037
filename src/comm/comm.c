/* The public communicator calls: NULL becomes one process, ranks are checked, and the implementation does the rest. */
#include "comm/comm.h"

#include <string.h>

int secant_comm_rank(const secant_comm *comm)
{
  return comm ? comm->rank : 0;
}

int secant_comm_size(const secant_comm *comm)
{
  return comm ? comm->size : 1;
}

/* Values of one message of secant_comm_sum(). It lives on the stack: an allocation could fail on one rank alone. */
enum { VALUES_AT_ONCE = 4096 - SECANTI_HEADER };

secant_status secant_comm_sum(secant_comm *comm, double *values, size_t count)
{
  comm = secanti_comm_or_self(comm);
  if (comm->size == 1) return SECANT_OK;
  double words[SECANTI_HEADER + VALUES_AT_ONCE];
  secanti_reduction reduction = {.words = words, .capacity = VALUES_AT_ONCE};
  for (size_t done = 0; done < count;) {
    const size_t left = count - done;
    const size_t now = left < VALUES_AT_ONCE ? left : VALUES_AT_ONCE;
    secanti_reduction_begin(&reduction, (int)now, 0);
    memcpy(secanti_reduction_sums(&reduction), values + done, now * sizeof *values);
    const secant_status status = secanti_reduce(comm, &reduction);
    if (status != SECANT_OK) return status;
    memcpy(values + done, secanti_reduction_sums(&reduction), now * sizeof *values);
    done += now;
  }
  return SECANT_OK;
}

secant_status secant_comm_broadcast(secant_comm *comm, void *data, size_t bytes, int root)
{
  comm = secanti_comm_or_self(comm);
  if (root < 0 || root >= comm->size) return SECANT_ERR_ARGUMENT;
  return comm->operations->broadcast(comm, data, bytes, root);
}

secant_status secant_comm_exchange(secant_comm *comm, const void *send, int to, void *receive, int from, size_t bytes)
{
  comm = secanti_comm_or_self(comm);
  if (to >= comm->size || from >= comm->size) return SECANT_ERR_ARGUMENT;
  return comm->operations->exchange(comm, send, to, receive, from, bytes);
}

void secant_comm_destroy(secant_comm *comm)
{
  if (comm) comm->operations->destroy(comm);
}
