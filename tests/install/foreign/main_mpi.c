#include <secant/mpi.h>

int main(int argc, char **argv)
{
  secant_comm *comm = NULL;
  MPI_Init(&argc, &argv);
  double one = 1.0;
  int good = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) == SECANT_OK;
  good = good && secant_comm_sum(comm, &one, 1) == SECANT_OK && one == (double)secant_comm_size(comm);
  secant_comm_destroy(comm);
  MPI_Finalize();
  return good ? 0 : 1;
}
