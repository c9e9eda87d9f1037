/*
 * What a checkpoint costs beside the bare disk: all ranks save a full checkpoint, and then every rank writes its share of as
 * many bytes to a file of its own by plain calls and syncs them, in turn.
 *
 *   mpirun -n 2 checkpoint_bandwidth FILE [GIGABYTES [ROUNDS [mpio|gather]]]
 *
 * FILE, FILE.plain0, FILE.plain1, ... are made, replaced and removed. Prints one line for every round: its number, seconds of the save, seconds of the plain
 * writes, bytes.
 */
#include "clock.h"

#include <fcntl.h>
#include <mpi.h>
#include <secant/checkpoint.h>
#include <secant/mpi.h>
#include <secant/secant.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY = 5, VECTORS = 2 * HISTORY + 4, PIECE = 8 << 20 };

typedef struct job {
  const char *path;
  char plain[4096]; /* this rank's file of plain writes */
  double *x, *g;
  int64_t first;
  size_t count;
  secant_comm *comm;
  secant_optimizer *optimizer;
} job;

static void stop(const char *message)
{
  fprintf(stderr, "checkpoint_bandwidth: %s\n", message);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

/* A separable function with curvatures between 1 and 100; its vectors look like noise to a compressor. */
static int evaluate(void *user, double *loss)
{
  const job *self = user;
  double sum = 0.0;
  for (size_t i = 0; i < self->count; i++) {
    const double weight = 1.0 + (double)((self->first + (int64_t)i) * 7919 % 9901) / 100.0, t = self->x[i] - 1.0;
    self->g[i] = weight * t + 0.4 * t * t * t;
    sum += 0.5 * weight * t * t + 0.1 * t * t * t * t;
  }
  *loss = sum;
  return 0;
}

/* A run whose history is full. */
static void begin(job *self, double bytes)
{
  secant_options options = secant_options_default();
  secant_error error;
  options.history_size = HISTORY;
  options.max_iter = HISTORY + 1;
  if (secant_comm_from_mpi(&self->comm, MPI_COMM_WORLD, &error) != SECANT_OK) stop(error.message);
  const int64_t n = (int64_t)(bytes / VECTORS / (double)sizeof(double));
  int64_t count;
  if (secant_partition(n, secant_comm_size(self->comm), secant_comm_rank(self->comm), &self->first, &count))
    stop("size");
  self->count = (size_t)count;
  self->x = calloc(self->count, sizeof *self->x);
  self->g = calloc(self->count, sizeof *self->g);
  if (!self->x || !self->g) stop("out of memory");
  const secant_parameter parameter = {.values = self->x, .gradient = self->g, .local_count = self->count};
  if (secant_create(&self->optimizer, &parameter, 1, &options, self->comm, &error) != SECANT_OK) stop(error.message);
  if (secant_minimize(self->optimizer, evaluate, self) != SECANT_OK) stop(secant_message(self->optimizer));
}

/* From a disk that has nothing to do: the files are gone, and everything is on the disk. */
static double start(const job *self)
{
  unlink(self->plain);
  if (secant_comm_rank(self->comm) == 0) unlink(self->path);
  MPI_Barrier(MPI_COMM_WORLD);
  if (secant_comm_rank(self->comm) == 0) sync();
  MPI_Barrier(MPI_COMM_WORLD);
  return bench_now();
}

static double elapsed_since(double began)
{
  MPI_Barrier(MPI_COMM_WORLD);
  return bench_now() - began;
}

static double save(const job *self, secant_checkpoint_io io)
{
  secant_checkpoint_options options = secant_checkpoint_options_default();
  options.keep = 1;
  options.io = io;
  const double began = start(self);
  if (secant_checkpoint_save_with(self->optimizer, self->path, "bandwidth", &options) != SECANT_OK) {
    stop(secant_message(self->optimizer));
  }
  return elapsed_since(began);
}

/* This rank's share of `bytes`, taken from its vectors. */
static double write_plainly(const job *self, int64_t bytes)
{
  int64_t first, count;
  const size_t held = self->count * sizeof *self->x;
  if (secant_partition(bytes, secant_comm_size(self->comm), secant_comm_rank(self->comm), &first, &count)) stop("size");
  const double began = start(self);
  const int file = open(self->plain, O_CREAT | O_WRONLY, 0666);
  for (int64_t done = 0; file >= 0 && done < count;) {
    const size_t at = (size_t)done % held, room = held - at < PIECE ? held - at : PIECE;
    const size_t now = count - done < (int64_t)room ? (size_t)(count - done) : room;
    if (pwrite(file, (const char *)self->x + at, now, done) != (ssize_t)now) stop("cannot write");
    done += (int64_t)now;
  }
  if (file < 0 || fsync(file) != 0 || close(file) != 0) stop("cannot write");
  return elapsed_since(began);
}

static void run(const job *self, int rounds, secant_checkpoint_io io)
{
  for (int i = 1; i <= rounds; i++) {
    struct stat about;
    const double saved = save(self, io);
    if (stat(self->path, &about) != 0) stop("no file");
    MPI_Barrier(MPI_COMM_WORLD);
    const double plain = write_plainly(self, about.st_size);
    if (secant_comm_rank(self->comm) > 0) continue;
    printf("%d %.3f %.3f %lld\n", i, saved, plain, (long long)about.st_size);
    fflush(stdout);
  }
  start(self);
}

int main(int argc, char **argv)
{
  MPI_Init(&argc, &argv);
  if (argc < 2) stop("checkpoint_bandwidth FILE [GIGABYTES [ROUNDS [mpio|gather]]]");
  job self = {.path = argv[1]};
  const double gigabytes = argc > 2 ? strtod(argv[2], NULL) : 2.0;
  const int rounds = argc > 3 ? atoi(argv[3]) : 7;
  begin(&self, 1e9 * gigabytes);
  snprintf(self.plain, sizeof self.plain, "%s.plain%d", self.path, secant_comm_rank(self.comm));
  run(&self, rounds, argc > 4 && strcmp(argv[4], "gather") == 0 ? SECANT_IO_GATHER : SECANT_IO_AUTO);
  secant_destroy(self.optimizer);
  secant_comm_destroy(self.comm);
  free(self.x);
  free(self.g);
  MPI_Finalize();
  return 0;
}
