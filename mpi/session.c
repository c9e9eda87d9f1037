/* A session: MPI begun and ended for programs that do not name it. */
#include <secant/session.h>

#include "base/base.h"
#include "comm_mpi.h"
#include <secant/mpi.h>

/* Initialises MPI unless somebody did. Only the calling thread will call MPI. `ours`: out, whether it was done here. */
static secant_status initialise(int *argc, char ***argv, bool *ours, secant_error *error)
{
  int initialised = 0, finalised = 0, provided = MPI_THREAD_SINGLE;
  *ours = false;
  if (MPI_Initialized(&initialised) != MPI_SUCCESS || MPI_Finalized(&finalised) != MPI_SUCCESS)
    return secanti_fail(error, SECANT_ERR_COMM, "MPI does not say whether it is initialised");
  if (finalised) return secanti_fail(error, SECANT_ERR_COMM, "MPI has been finalised and cannot be started again");
  if (initialised) return SECANT_OK;
  if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
    return secanti_fail(error, SECANT_ERR_COMM, "MPI could not be initialised");
  *ours = true;
  if (provided < MPI_THREAD_FUNNELED)
    return secanti_fail(error, SECANT_ERR_COMM, "this MPI does not allow programs with threads");
  return SECANT_OK;
}

secant_status secant_session_begin(int *argc, char ***argv, secant_comm **comm, secant_error *error)
{
  *comm = NULL;
  bool ours;
  secant_status status = initialise(argc, argv, &ours, error);
  if (status == SECANT_OK) status = secant_comm_from_mpi(comm, MPI_COMM_WORLD, error);
  if (status == SECANT_OK)
    secanti_comm_mpi(*comm)->finalise = ours;
  else if (ours)
    MPI_Finalize();
  return status;
}

void secant_session_end(secant_comm *comm)
{
  if (!comm) return;
  const bool finalise = secanti_comm_mpi(comm)->finalise;
  secant_comm_destroy(comm);
  if (finalise) MPI_Finalize();
}
