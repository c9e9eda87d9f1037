/* The communicator over MPI, as the files of this library and their tests see it. */
#ifndef SECANT_COMM_MPI_H
#define SECANT_COMM_MPI_H

#include "comm/comm.h"
#include <mpi.h>
#include <stdbool.h>

/* Messages travel as one element of 8, 16, ... 2^18 doubles. */
enum { SHORTEST_MESSAGE = 8, MESSAGE_TYPES = 16 };

typedef struct comm_mpi {
  secant_comm base;
  MPI_Comm mpi;                         /* our duplicate of the caller's communicator */
  MPI_Op combine;                       /* secanti_combine() */
  MPI_Datatype messages[MESSAGE_TYPES]; /* [i]: SHORTEST_MESSAGE << i doubles */
  double *send;                         /* [SECANTI_LONGEST_MESSAGE]: allocated at creation, because an allocation */
  double *receive;                      /* inside a reduction could fail on one rank while the others wait */
  int *counts;                          /* [size] */
  int *displacements;                   /* [size] */
  int64_t limit;                        /* the largest count handed to one MPI call */
  bool finalise;                        /* MPI was initialised for this communicator: the session finalises it */
} comm_mpi;

static inline comm_mpi *secanti_comm_mpi(const secant_comm *comm)
{
  return (comm_mpi *)comm;
}

/*
 * Lowers the largest count handed to one MPI call, so that a test reaches the paths for more than 2^30 elements with a
 * few. Equal on all ranks.
 */
void secanti_comm_mpi_limit(secant_comm *comm, int64_t elements);

/* Tells of the computer; `out` stays as it is where that cannot be told. Collective. */
secant_status secanti_comm_mpi_computer(MPI_Comm mpi, secanti_computer *out);

/* How files are opened in parallel; NULL if this build has no HDF5, or a serial one. */
const struct secanti_h5_driver *secanti_h5_mpi(void);

#endif
