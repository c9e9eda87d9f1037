/*
 * CMocka under MPI. An assert of CMocka jumps out of the test; on one rank alone that leaves the others waiting in the next
 * collective call. So a test collects local verdicts, the ranks agree on them, and all assert together:
 *
 *   #include "support/mpi_check.h"
 *
 *   static void every_rank_has_its_own_number(void **state)
 *   {
 *     (void)state;
 *     struct verdict verdict = {0};
 *     CHECK(&verdict, rank >= 0, "rank is %d", rank);    as many as you like, collective calls between them
 *     mpi_assert(&verdict);                              collective: once, at the end of the test
 *   }
 *
 *   int main(int argc, char **argv)
 *   {
 *     const struct CMUnitTest tests[] = {cmocka_unit_test(every_rank_has_its_own_number)};
 *     mpi_tests_begin(&argc, &argv);
 *     return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
 *   }
 *
 * No assert_*() before mpi_assert(), no early return between collective calls. Only rank 0 prints: it tells what the lowest
 * failing rank had to say. The exit code is that of the worst rank, on all ranks. Set the variable TESTS_ALL_RANKS_PRINT
 * to see the other ranks' output too. Run with `mpirun -n N`, under a time limit: a deadlock is a failure.
 */
#ifndef TESTS_MPI_CHECK_H
#define TESTS_MPI_CHECK_H

#include "support/verdict.h"
#include <mpi.h>
#include <secant/mpi.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

static inline int mpi_world_rank(void)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

static inline int mpi_world_size(void)
{
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

/* The communicator of the first `size` ranks; NULL on the others. Collective over all. */
static inline secant_comm *mpi_first_ranks(int size, MPI_Comm *part)
{
  secant_comm *comm = NULL;
  MPI_Comm_split(MPI_COMM_WORLD, mpi_world_rank() < size ? 0 : MPI_UNDEFINED, 0, part);
  if (*part == MPI_COMM_NULL) return NULL;
  if (secant_comm_from_mpi(&comm, *part, NULL) != SECANT_OK) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  return comm;
}

/* Silences a stream; if even that fails the output is merely repeated by every rank. */
static inline void mpi_silence(FILE *stream)
{
  if (!freopen("/dev/null", "w", stream)) perror("/dev/null");
}

static inline void mpi_tests_begin(int *argc, char ***argv)
{
  MPI_Init(argc, argv);
  if (mpi_world_rank() == 0 || getenv("TESTS_ALL_RANKS_PRINT")) return;
  mpi_silence(stdout);
  mpi_silence(stderr);
}

static inline int mpi_tests_end(int failed)
{
  int worst = failed;
  MPI_Allreduce(&failed, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Finalize();
  return worst;
}

/* Fails the test on all ranks if a check failed on any. Collective over MPI_COMM_WORLD. */
static inline void mpi_assert(struct verdict *verdict)
{
  const int none = mpi_world_size();
  int lowest = verdict->failures ? mpi_world_rank() : none;
  MPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (lowest == none) return;
  MPI_Bcast(verdict->first, (int)sizeof verdict->first, MPI_CHAR, lowest, MPI_COMM_WORLD);
  fail_msg("rank %d of %d: %s", lowest, none, verdict->first);
}

#endif
