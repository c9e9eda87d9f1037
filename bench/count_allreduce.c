/* Stands before MPI's own functions and passes every call on; see count_allreduce.h. */
#include "count_allreduce.h"

#include <mpi.h>

static bench_traffic traffic;

static void count_call(int count, MPI_Datatype type)
{
  int bytes = 0;
  if (MPI_Type_size(type, &bytes) != MPI_SUCCESS) bytes = 0;
  traffic.allreduces++;
  traffic.bytes += (double)count * (double)bytes;
}

bench_traffic bench_count_allreduce(void)
{
  return traffic;
}

int MPI_Allreduce(const void *send, void *receive, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
  count_call(count, type);
  return PMPI_Allreduce(send, receive, count, type, op, comm);
}

int MPI_Iallreduce(const void *send, void *receive, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                   MPI_Request *request)
{
  count_call(count, type);
  return PMPI_Iallreduce(send, receive, count, type, op, comm, request);
}
