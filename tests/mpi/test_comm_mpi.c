/* The communicator over MPI: conformance, also with tiny pieces; what it costs, counted by the profiling interface. */
#include "support/mpi_check.h"

#include "checkpoint/h5.h"
#include "comm/comm.h"
#include "comm_mpi.h"
#include "support/conformance_tests.h"
#include "support/faulty_comm.h"
#include <sched.h>
#include <secant/mpi.h>
#include <secant/session.h>
#include <string.h>

/* ---- counting the calls of MPI: the profiling interface lets a program put itself in front of the library ------------- */

static int allreduces, other_collectives, creations;

#define COUNTED(counter, name, parameters, arguments)                                                                  \
  int MPI_##name parameters                                                                                            \
  {                                                                                                                    \
    counter++;                                                                                                         \
    return PMPI_##name arguments;                                                                                      \
  }

COUNTED(allreduces, Allreduce, (const void *a, void *b, int n, MPI_Datatype t, MPI_Op o, MPI_Comm c),
        (a, b, n, t, o, c))
COUNTED(other_collectives, Bcast, (void *a, int n, MPI_Datatype t, int r, MPI_Comm c), (a, n, t, r, c))
COUNTED(other_collectives, Reduce, (const void *a, void *b, int n, MPI_Datatype t, MPI_Op o, int r, MPI_Comm c),
        (a, b, n, t, o, r, c))
COUNTED(other_collectives, Allgather,
        (const void *a, int n, MPI_Datatype t, void *b, int m, MPI_Datatype u, MPI_Comm c), (a, n, t, b, m, u, c))
COUNTED(other_collectives, Allgatherv,
        (const void *a, int n, MPI_Datatype t, void *b, const int m[], const int d[], MPI_Datatype u, MPI_Comm c),
        (a, n, t, b, m, d, u, c))
COUNTED(other_collectives, Reduce_scatter,
        (const void *a, void *b, const int n[], MPI_Datatype t, MPI_Op o, MPI_Comm c), (a, b, n, t, o, c))
COUNTED(other_collectives, Barrier, (MPI_Comm c), (c))
COUNTED(other_collectives, Sendrecv,
        (const void *a, int n, MPI_Datatype t, int p, int x, void *b, int m, MPI_Datatype u, int q, int y, MPI_Comm c,
         MPI_Status *s),
        (a, n, t, p, x, b, m, u, q, y, c, s))
COUNTED(other_collectives, Iallreduce,
        (const void *a, void *b, int n, MPI_Datatype t, MPI_Op o, MPI_Comm c, MPI_Request *r), (a, b, n, t, o, c, r))
COUNTED(creations, Comm_dup, (MPI_Comm c, MPI_Comm *d), (c, d))
COUNTED(creations, Type_contiguous, (int n, MPI_Datatype t, MPI_Datatype *u), (n, t, u))
COUNTED(creations, Op_create, (MPI_User_function * f, int commute, MPI_Op *o), (f, commute, o))

static void count_from_zero(void)
{
  allreduces = other_collectives = creations = 0;
}

/* ---- conformance ---------------------------------------------------------------------------------------------------- */

static void conforms(void **state)
{
  const conformance_case *given = *state;
  struct verdict verdict = {0};
  given->check->run(given->comm, &verdict);
  mpi_assert(&verdict);
}

static int run_conformance(const char *name, secant_comm *comm)
{
  struct CMUnitTest checks[MOST_COMM_CHECKS];
  conformance_case cases[MOST_COMM_CHECKS];
  const size_t count = conformance_tests(checks, cases, comm, conforms);
  return _cmocka_run_group_tests(name, checks, count, NULL, NULL);
}

static secant_comm *over(MPI_Comm mpi)
{
  secant_comm *comm = NULL;
  secant_error error = {.status = SECANT_OK};
  if (secant_comm_from_mpi(&comm, mpi, &error) != SECANT_OK) fprintf(stderr, "%s\n", error.message);
  return comm;
}

/* The whole communicator, the same with pieces of 3 elements, ranks in reverse order, and wrapped by the faulty
 * double. */
static int run_all_conformance(void)
{
  MPI_Comm reversed;
  MPI_Comm_split(MPI_COMM_WORLD, 0, -mpi_world_rank(), &reversed);
  secant_comm *world = over(MPI_COMM_WORLD), *backward = over(reversed), *wrapped = faulty_comm_create(world, 0);
  int failed = !world || !backward || !wrapped;
  if (!failed) {
    failed += run_conformance("conformance over MPI", world);
    failed += run_conformance("conformance with ranks reversed", backward);
    failed += run_conformance("conformance of the faulty double over MPI", wrapped);
    secanti_comm_mpi_limit(world, 3);
    failed += run_conformance("conformance in pieces of 3 elements", world);
  }
  secant_comm_destroy(wrapped);
  secant_comm_destroy(world);
  secant_comm_destroy(backward);
  MPI_Comm_free(&reversed);
  return failed;
}

/* ---- cost ------------------------------------------------------------------------------------------------------------ */

static void a_reduction_is_exactly_one_allreduce(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  const int capacities[] = {0, 1, 4, 5, 55, 300, 5000, SECANTI_LONGEST_MESSAGE - SECANTI_HEADER};
  for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
    for (int fails = 0; fails <= 1; fails++) {
      secanti_reduction reduction;
      CHECK(&verdict, secanti_reduction_create(&reduction, capacities[i], false) == SECANT_OK, "no memory");
      secanti_reduction_begin(&reduction, capacities[i], 0);
      if (fails && comm->rank == comm->size - 1) reduction.status = SECANT_ERR_CLOSURE;
      count_from_zero();
      const secant_status status = secanti_reduce(comm, &reduction);
      CHECK(&verdict, status == (fails ? SECANT_ERR_CLOSURE : SECANT_OK), "status %d", (int)status);
      CHECK(&verdict, allreduces == 1 && other_collectives == 0 && creations == 0,
            "%d values: %d allreduces, %d others, %d creations", capacities[i], allreduces, other_collectives,
            creations);
      secanti_reduction_destroy(&reduction);
    }
  }
  mpi_assert(&verdict);
}

static void agreement_on_success_is_exactly_one_allreduce(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  secant_error error = {.status = SECANT_OK};
  count_from_zero();
  CHECK(&verdict, secant_comm_agree(comm, &error) == SECANT_OK, "agreement failed");
  CHECK(&verdict, allreduces == 1 && other_collectives == 0, "%d, %d", allreduces, other_collectives);
  mpi_assert(&verdict);
}

static void shards_travel_in_one_call_each(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  int64_t first[65] = {0};
  double shard[2] = {1, 2}, whole[128] = {0};
  for (int r = 0; r < comm->size; r++) first[r + 1] = first[r] + 2;
  count_from_zero();
  CHECK(&verdict, comm->operations->gather(comm, shard, whole, first, SECANT_F64) == SECANT_OK, "gather");
  CHECK(&verdict, comm->operations->scatter_sum(comm, whole, shard, first, SECANT_F64) == SECANT_OK, "scatter_sum");
  CHECK(&verdict, allreduces == 0 && other_collectives == 2 && creations == 0, "%d, %d, %d", allreduces,
        other_collectives, creations);
  secanti_comm_mpi_limit(comm, 1);
  count_from_zero();
  CHECK(&verdict, comm->operations->gather(comm, shard, whole, first, SECANT_F64) == SECANT_OK, "gather");
  const int pieces = 2 * comm->size;
  CHECK(&verdict, other_collectives == pieces, "%d calls for %d pieces", other_collectives, pieces);
  secanti_comm_mpi_limit(comm, 1 << 30);
  mpi_assert(&verdict);
}

/* ---- limits, creation, files ----------------------------------------------------------------------------------------- */

static void a_message_beyond_the_longest_is_refused(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  double *words = calloc(SECANTI_LONGEST_MESSAGE + 1, sizeof *words);
  if (words) {
    words[2] = SECANTI_LONGEST_MESSAGE + 1 - SECANTI_HEADER;
    CHECK(&verdict, comm->operations->reduce(comm, words) == SECANT_ERR_ARGUMENT, "accepted");
  }
  free(words);
  mpi_assert(&verdict);
}

/* A message of the caller's, sent before and received after ours, must not be taken for one of them. */
static void the_callers_messages_are_left_alone(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  const int next = (comm->rank + 1) % comm->size, previous = (comm->rank + comm->size - 1) % comm->size;
  int mine = 100 + comm->rank, got = -1, ours = comm->rank, received = -1;
  MPI_Request request;
  MPI_Isend(&mine, 1, MPI_INT, next, 0, MPI_COMM_WORLD, &request);
  CHECK(&verdict, secant_comm_exchange(comm, &ours, next, &received, previous, sizeof ours) == SECANT_OK, "exchange");
  MPI_Recv(&got, 1, MPI_INT, previous, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  MPI_Wait(&request, MPI_STATUS_IGNORE);
  CHECK(&verdict, received == previous && got == 100 + previous, "ours %d, the caller's %d", received, got);
  mpi_assert(&verdict);
}

static void errors_of_mpi_are_returned_and_the_callers_handler_is_kept(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  MPI_Errhandler ours, callers;
  MPI_Comm_get_errhandler(secanti_comm_mpi(comm)->mpi, &ours);
  MPI_Comm_get_errhandler(MPI_COMM_WORLD, &callers);
  CHECK(&verdict, ours == MPI_ERRORS_RETURN, "errors abort");
  CHECK(&verdict, callers == MPI_ERRORS_ARE_FATAL, "the caller's handler was changed");
  int data = 0;
  CHECK(&verdict, comm->operations->broadcast(comm, &data, sizeof data, comm->size) == SECANT_ERR_COMM,
        "a root that MPI does not know");
  MPI_Errhandler_free(&ours);
  MPI_Errhandler_free(&callers);
  mpi_assert(&verdict);
}

static void no_communicator_comes_from_a_null_one(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = (secant_comm *)&verdict;
  secant_error error = {.status = SECANT_OK};
  CHECK(&verdict, secant_comm_from_mpi(&comm, MPI_COMM_NULL, &error) == SECANT_ERR_COMM, "accepted");
  CHECK(&verdict, !comm && error.status == SECANT_ERR_COMM && strlen(error.message) > 0, "no message");
  mpi_assert(&verdict);
}

static void a_session_within_mpi_leaves_mpi_running(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  int finalised = 1;
  CHECK(&verdict, secant_session_begin(NULL, NULL, &comm, NULL) == SECANT_OK, "session failed");
  CHECK(&verdict, secant_comm_size(comm) == mpi_world_size(), "size %d", secant_comm_size(comm));
  secant_session_end(comm);
  secant_session_end(NULL);
  MPI_Finalized(&finalised);
  CHECK(&verdict, !finalised, "MPI was finalised");
  mpi_assert(&verdict);
}

#ifdef SECANT_HAVE_HDF5
#include <hdf5.h>

static void files_are_opened_and_read_by_each_rank_by_itself(void **state)
{
  secant_comm *comm = *state;
  struct verdict verdict = {0};
  MPI_Comm mpi = MPI_COMM_NULL;
  MPI_Info info = MPI_INFO_NULL;
  int order = MPI_UNEQUAL;
  H5FD_mpio_xfer_t mode = H5FD_MPIO_COLLECTIVE;
  const hid_t access = comm->h5->file_access(comm), transfer = comm->h5->transfer(comm);
  CHECK(&verdict, access >= 0 && transfer >= 0, "no property list");
  CHECK(&verdict, H5Pget_fapl_mpio(access, &mpi, &info) >= 0, "not for MPI");
  MPI_Comm_compare(mpi, MPI_COMM_SELF, &order);
  CHECK(&verdict, order == MPI_CONGRUENT || order == MPI_IDENT, "another communicator");
  CHECK(&verdict, H5Pget_dxpl_mpio(transfer, &mode) >= 0 && mode == H5FD_MPIO_INDEPENDENT, "not independent");
  MPI_Comm_free(&mpi);
  H5Pclose(access);
  H5Pclose(transfer);
  mpi_assert(&verdict);
}
#else
static void without_hdf5_no_driver_is_offered(void **state)
{
  const secant_comm *comm = *state;
  struct verdict verdict = {0};
  CHECK(&verdict, comm->h5 == NULL, "a driver without HDF5");
  mpi_assert(&verdict);
}
#endif

/* All ranks of this test run on one computer. What they may use between them is no less than what one may use. */
static void ranks_of_a_computer_know_of_each_other(void **state)
{
  const secant_comm *comm = *state;
  struct verdict verdict = {0};
  cpu_set_t own;
  CPU_ZERO(&own);
  CHECK(&verdict, sched_getaffinity(0, sizeof own, &own) == 0, "no affinity");
  CHECK(&verdict, comm->computer.ranks == comm->size, "%d ranks, not %d", comm->computer.ranks, comm->size);
  int least = CPU_COUNT(&own), all = 0;
  MPI_Allreduce(&least, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  CHECK(&verdict, comm->computer.processors >= least && comm->computer.processors <= all,
        "%d processors, %d of this rank, %d added up", comm->computer.processors, least, all);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  mpi_tests_begin(&argc, &argv);
  int failed = run_all_conformance();
  secant_comm *comm = over(MPI_COMM_WORLD);
#define WITH_COMM(test) cmocka_unit_test_prestate(test, comm)
  const struct CMUnitTest tests[] = {
      WITH_COMM(a_reduction_is_exactly_one_allreduce),
      WITH_COMM(agreement_on_success_is_exactly_one_allreduce),
      WITH_COMM(shards_travel_in_one_call_each),
      WITH_COMM(a_message_beyond_the_longest_is_refused),
      WITH_COMM(the_callers_messages_are_left_alone),
      WITH_COMM(errors_of_mpi_are_returned_and_the_callers_handler_is_kept),
      WITH_COMM(no_communicator_comes_from_a_null_one),
      WITH_COMM(ranks_of_a_computer_know_of_each_other),
      WITH_COMM(a_session_within_mpi_leaves_mpi_running),
#ifdef SECANT_HAVE_HDF5
      WITH_COMM(files_are_opened_and_read_by_each_rank_by_itself),
#else
      WITH_COMM(without_hdf5_no_driver_is_offered),
#endif
  };
  failed += comm ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
  secant_comm_destroy(comm);
  return mpi_tests_end(failed);
}
