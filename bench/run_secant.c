/*
 * Times Secant. Beside the arguments of measure.h: --mpi for ranks, else MPI is not even initialised; --option
 * name=value, any number of times; --has-option name exits with 0 if this build has such an option.
 */
#include "count_allreduce.h"
#include "measure.h"

#include <mpi.h>
#include <secant/array.h>
#include <secant/mpi.h>
#include <secant/secant.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct runner {
  bench_measure *measure;
  secant_comm *comm;
  secant_optimizer *optimizer;
  double *x, *g;
} runner;

static int evaluate(void *user, double *loss)
{
  runner *self = user;
  const int completed = (int)secant_get_info(self->optimizer).accepted;
  *loss = bench_measure_evaluate(self->measure, completed, self->x, self->g);
  return bench_measure_done(self->measure) ? 1 : 0;
}

static int has_flag(int argc, char **argv, const char *flag)
{
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], flag) == 0) return i;
  }
  return 0;
}

static int has_option(const char *name)
{
  for (size_t i = 0; i < secant_options_count(); i++) {
    if (strcmp(secant_options_describe(i)->name, name) == 0) return 1;
  }
  return 0;
}

static int complain(const char *message)
{
  fprintf(stderr, "secant: %s\n", message);
  return 1;
}

/* A scalar H0, as that of the others: what is timed is the same work. No test may end a run before its time. */
static secant_options options_of(const bench_measure *measure)
{
  secant_options options = secant_options_default();
  options.history_size = measure->given.m;
  options.threads = measure->given.threads;
  options.scaling = SECANT_SCALING_LAST_PAIR;
  options.max_iter = bench_measure_iterations(measure);
  options.max_eval = options.max_search * options.max_iter;
  options.tolerance_grad = 0.0;
  options.tolerance_change = 0.0;
  return options;
}

static int set_options(secant_options *options, int argc, char **argv)
{
  secant_error error;
  for (int i = 1; i + 1 < argc; i++) {
    char *equals;
    if (strcmp(argv[i], "--option") != 0 || (equals = strchr(argv[i + 1], '=')) == NULL) continue;
    *equals = '\0';
    if (secant_options_set(options, argv[i + 1], equals + 1, &error) != SECANT_OK) return complain(error.message);
    *equals = '=';
  }
  return 0;
}

static int run_rounds(runner *self, const secant_options *options)
{
  const secant_parameter parameter = {
      .values = self->x, .gradient = self->g, .local_count = bench_measure_count(self->measure)};
  secant_error error;
  for (int round = 0; round < self->measure->given.rounds; round++) {
    bench_measure_begin(self->measure, self->x, self->g);
    if (round == 0 && secant_create(&self->optimizer, &parameter, 1, options, self->comm, &error) != SECANT_OK) {
      return complain(error.message);
    }
    secant_reset(self->optimizer);
    const secant_status status = secant_minimize(self->optimizer, evaluate, self);
    if (status != SECANT_OK && !bench_measure_done(self->measure)) return complain(secant_message(self->optimizer));
  }
  return 0;
}

/* Rank 0 reports; what the others found is added. */
static int report(runner *self)
{
  double loss, grad_inf;
  const int ranks = secant_comm_size(self->comm), rank = secant_comm_rank(self->comm);
  bench_measure_final(self->measure, self->x, self->g, &loss, &grad_inf);
  if (ranks > 1) {
    MPI_Allreduce(MPI_IN_PLACE, &loss, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &grad_inf, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  }
  return rank == 0 ? bench_measure_report(self->measure, "secant", ranks, loss, grad_inf) : 0;
}

static secant_status allocate(double **array, int64_t count, int threads)
{
  void *memory;
  const secant_status status = secant_array_create(&memory, SECANT_F64, (size_t)count, threads);
  *array = memory;
  return status;
}

static int run(runner *self, int argc, char **argv)
{
  int64_t first, count;
  const int64_t n = self->measure->given.n;
  secant_options options = options_of(self->measure);
  if (set_options(&options, argc, argv) != 0) return 1;
  const int threads = secant_thread_count(&options, self->comm);
  if (secant_partition(n, secant_comm_size(self->comm), secant_comm_rank(self->comm), &first, &count) != SECANT_OK) {
    return complain("no partition");
  }
  bench_measure_place(self->measure, first, count);
  if (allocate(&self->x, count, threads) != SECANT_OK || allocate(&self->g, count, threads) != SECANT_OK) {
    return complain("out of memory");
  }
  const int code = run_rounds(self, &options);
  return code == 0 ? report(self) : code;
}

int main(int argc, char **argv)
{
  const int asked = has_flag(argc, argv, "--has-option"), mpi = has_flag(argc, argv, "--mpi");
  if (asked > 0) return asked + 1 < argc && has_option(argv[asked + 1]) ? 0 : 1;
  runner self = {0};
  secant_error error;
  if (mpi > 0) {
    MPI_Init(&argc, &argv);
    if (secant_comm_from_mpi(&self.comm, MPI_COMM_WORLD, &error) != SECANT_OK) return complain(error.message);
  }
  self.measure = bench_measure_create(argc, argv);
  self.measure->traffic = bench_count_allreduce;
  const int code = run(&self, argc, argv);
  secant_destroy(self.optimizer);
  secant_comm_destroy(self.comm);
  bench_measure_destroy(self.measure);
  secant_array_destroy(self.x);
  secant_array_destroy(self.g);
  if (mpi > 0) MPI_Finalize();
  return code;
}
