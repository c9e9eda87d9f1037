/*
 * What one MPI_Allreduce costs here: for messages of several lengths, the time of a call on rank 0 as a line of JSON,
 * and the time that a message of 8 bytes takes from rank 0 to rank 1. Argument: --times, calls in a row.
 *
 * A call that finds its partners' messages already there is short and the next one is long, so calls are timed in a
 * row. Printed is the mean over the best of several rows: what the network takes, not what other programs take from it.
 */
#include "../clock.h"

#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5, LENGTHS = 4, LONGEST = 2048 };

static const int lengths[LENGTHS] = {1, 64, 512, LONGEST};

/* The row before the first is not timed: it opens the connections. */
static double time_allreduce(int length, int times)
{
  static double sent[LONGEST], received[LONGEST];
  double best = INFINITY;
  for (int row = -1; row < ROWS; row++) {
    const double begin = bench_now();
    for (int i = 0; i < times; i++) MPI_Allreduce(sent, received, length, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    if (row >= 0) best = fmin(best, (bench_now() - begin) / times);
  }
  return best;
}

/* One message from rank 0 to rank 1 and back. */
static void there_and_back(int rank)
{
  double word = 0.0;
  if (rank > 1) return;
  if (rank == 0) MPI_Send(&word, 1, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD);
  MPI_Recv(&word, 1, MPI_DOUBLE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  if (rank == 1) MPI_Send(&word, 1, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
}

static double time_one_way(int rank, int times)
{
  double best = INFINITY;
  for (int row = -1; row < ROWS; row++) {
    const double begin = bench_now();
    for (int i = 0; i < times; i++) there_and_back(rank);
    if (row >= 0) best = fmin(best, 0.5 * (bench_now() - begin) / times);
  }
  return best;
}

static int probe(int times)
{
  int rank, ranks;
  double found[LENGTHS];
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (ranks < 2) return fputs("allreduce_probe: fewer than 2 ranks\n", stderr), 1;
  for (int i = 0; i < LENGTHS; i++) found[i] = time_allreduce(lengths[i], times);
  const double one_way = time_one_way(rank, times);
  if (rank != 0) return 0;
  printf("{\"ranks\": %d, \"one_way_seconds\": %.6g, \"allreduces\": [", ranks, one_way);
  for (int i = 0; i < LENGTHS; i++)
    printf("%s{\"bytes\": %zu, \"seconds\": %.6g}", i ? ", " : "", (size_t)lengths[i] * sizeof(double), found[i]);
  puts("]}");
  return 0;
}

int main(int argc, char **argv)
{
  const int times = argc == 3 && strcmp(argv[1], "--times") == 0 ? atoi(argv[2]) : 0;
  if (times < 1) return fputs("usage: allreduce_probe --times COUNT\n", stderr), 2;
  MPI_Init(&argc, &argv);
  const int code = probe(times);
  if (code != 0) MPI_Abort(MPI_COMM_WORLD, code);
  MPI_Finalize();
  return code;
}
