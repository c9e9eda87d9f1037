/* The session of a build without MPI: one process. */
#include <secant/session.h>
#include <string.h>

secant_status secant_session_begin(int *argc, char ***argv, secant_comm **comm, secant_error *error)
{
  (void)argc;
  (void)argv;
  *comm = NULL; /* stands for one process everywhere */
  if (error) memset(error, 0, sizeof *error);
  return SECANT_OK;
}

void secant_session_end(secant_comm *comm)
{
  (void)comm;
}
