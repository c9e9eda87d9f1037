/**
 * @file session.h
 * For programs that want to run over MPI without naming it: begin a session, get the communicator of all processes.
 * Link secant::mpi. A program that calls MPI itself uses secant_comm_from_mpi() of secant/mpi.h instead.
 */
#ifndef SECANT_SESSION_H
#define SECANT_SESSION_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Initialises MPI unless that has happened, and makes the communicator of all processes. A program started without
 * mpirun gets one rank. Collective.
 * @param comm   out: valid until secant_session_end()
 * @param error  out, may be NULL
 * @return SECANT_OK, SECANT_ERR_MEMORY or SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_session_begin(int *argc, char ***argv, secant_comm **comm,
                                                               secant_error *error);

/** Destroys the communicator, and finalises MPI if the session had initialised it. Collective. */
SECANT_API void secant_session_end(secant_comm *comm);

#ifdef __cplusplus
}
#endif
#endif
