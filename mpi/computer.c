/* The ranks that run on one computer, and the processors that they have between them. */
#include "comm_mpi.h"

#ifdef __linux__
#include <sched.h>

/* The processors that any of the ranks may use. Where the kernel knows more of them than fit into a cpu_set_t, 0. */
static secant_status count_processors(MPI_Comm ranks, int *processors)
{
  cpu_set_t own, all;
  CPU_ZERO(&own);
  CPU_ZERO(&all);
  int known = sched_getaffinity(0, sizeof own, &own) == 0, known_by_all = 0;
  if (MPI_Allreduce(&own, &all, (int)sizeof own, MPI_BYTE, MPI_BOR, ranks) != MPI_SUCCESS) return SECANT_ERR_COMM;
  if (MPI_Allreduce(&known, &known_by_all, 1, MPI_INT, MPI_MIN, ranks) != MPI_SUCCESS) return SECANT_ERR_COMM;
  *processors = known_by_all ? CPU_COUNT(&all) : 0;
  return SECANT_OK;
}
#else
static secant_status count_processors(MPI_Comm ranks, int *processors)
{
  (void)ranks;
  *processors = 0;
  return SECANT_OK;
}
#endif

secant_status secanti_comm_mpi_computer(MPI_Comm mpi, secanti_computer *out)
{
  MPI_Comm ranks = MPI_COMM_NULL;
  secanti_computer found = {0};
  if (MPI_Comm_split_type(mpi, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &ranks) != MPI_SUCCESS) return SECANT_ERR_COMM;
  secant_status status = MPI_Comm_set_errhandler(ranks, MPI_ERRORS_RETURN) == MPI_SUCCESS ? SECANT_OK : SECANT_ERR_COMM;
  if (status == SECANT_OK && MPI_Comm_size(ranks, &found.ranks) != MPI_SUCCESS) status = SECANT_ERR_COMM;
  if (status == SECANT_OK) status = count_processors(ranks, &found.processors);
  if (MPI_Comm_free(&ranks) != MPI_SUCCESS) status = SECANT_ERR_COMM;
  if (found.processors > 0) *out = found;
  return status;
}
