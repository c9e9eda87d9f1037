#include "comm/equal.h"
#include "base/base.h"

uint64_t secanti_hash(uint64_t hash, const void *data, size_t bytes)
{
  const unsigned char *byte = data;
  for (size_t i = 0; i < bytes; i++) hash = (hash ^ byte[i]) * UINT64_C(1099511628211);
  return hash;
}

/* Equal on all ranks exactly if the largest is the smallest. A double carries 52 bits of the hash. */
secant_status secanti_require_equal(secant_comm *comm, uint64_t hash, const char *what, secant_error *error)
{
  double words[SECANTI_HEADER + 2];
  secanti_reduction reduction = {.words = words, .capacity = 2};
  secanti_reduction_begin(&reduction, 0, 2);
  double *maximum = secanti_reduction_maxima(&reduction);
  maximum[0] = (double)(hash >> 12);
  maximum[1] = -maximum[0];
  const secant_status status = secanti_reduce(comm, &reduction);
  if (status != SECANT_OK) return secanti_fail(error, status, "%s", secant_status_text(status));
  if (maximum[0] == -maximum[1]) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_ARGUMENT, "the ranks disagree about %s", what);
}
