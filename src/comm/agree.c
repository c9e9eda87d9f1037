/* Agreement: one rank's failure becomes the same failure, with the same sentence, on every rank. */
#include "base/base.h"
#include "comm/comm.h"

secant_status secant_comm_agree(secant_comm *comm, secant_error *error)
{
  comm = secanti_comm_or_self(comm);
  secant_error nothing = {.status = SECANT_OK};
  if (!error) error = &nothing; /* a rank without an outcome to report still takes part */

  double words[SECANTI_HEADER];
  secanti_reduction reduction = {.words = words, .capacity = 0};
  secanti_reduction_begin(&reduction, 0, 0);
  reduction.status = error->status;
  const secant_status status = secanti_reduce(comm, &reduction);
  if (status == SECANT_OK) return SECANT_OK;
  if (reduction.failing_rank < 0) return secanti_fail(error, status, "the ranks could not agree: communication failed");

  error->status = status;
  const int root = reduction.failing_rank;
  if (comm->operations->broadcast(comm, error->message, sizeof error->message, root) != SECANT_OK)
    return secanti_fail(error, SECANT_ERR_COMM, "the message of failing rank %d could not be broadcast", root);
  return status;
}

secant_status secanti_comm_share(secant_comm *comm, void *data, size_t bytes, secant_error *error)
{
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_comm_agree(comm, error));
  status = secant_comm_broadcast(comm, data, bytes, 0);
  if (status != SECANT_OK) secanti_fail(error, status, "%s", secant_status_text(status));
  status = secant_comm_agree(comm, error);
done:
  return status;
}
