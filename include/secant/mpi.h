/**
 * @file mpi.h
 * Secant over MPI: a communicator for secant_create(). Link secant::mpi.
 */
#ifndef SECANT_MPI_H
#define SECANT_MPI_H

#include <mpi.h>
#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a communicator of Secant from one of MPI. The library works on a duplicate, so its messages never meet the
 * caller's, with errors returned instead of aborting. MPI must be initialised. Collective.
 * @param out    out: free it with secant_comm_destroy() before MPI_Finalize()
 * @param error  out, may be NULL
 * @return SECANT_OK, SECANT_ERR_MEMORY or SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_comm_from_mpi(secant_comm **out, MPI_Comm mpi, secant_error *error);

#ifdef __cplusplus
}
#endif
#endif
