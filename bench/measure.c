/* Arguments, clock and report of every runner; see measure.h. */
#include "measure.h"
#include "clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_EVALUATIONS = 20000 /* with --until */, LARGE = 10000000, YARDSTICK = 1 << 26 /* words */ };

/* The word after a flag, or NULL if the flag is not there. */
static const char *word(int argc, char **argv, const char *flag)
{
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp(argv[i], flag) == 0) return argv[i + 1];
  }
  return NULL;
}

/* The number after a flag, or `otherwise` if the flag is not there. */
static int64_t number(int argc, char **argv, const char *flag, int64_t otherwise)
{
  const char *given = word(argc, argv, flag);
  if (given == NULL) return otherwise;
  char *end;
  const int64_t value = strtoll(given, &end, 10);
  if (*end == '\0' && value > 0) return value;
  fprintf(stderr, "%s: %s needs a whole number above 0, not %s\n", argv[0], flag, given);
  exit(2);
}

static double until_of(int argc, char **argv)
{
  const char *given = word(argc, argv, "--until");
  if (given == NULL) return 0.0;
  char *end;
  const double share = strtod(given, &end);
  if (*end == '\0' && share > 0.0) return share;
  fprintf(stderr, "%s: --until needs a number above 0, not %s\n", argv[0], given);
  exit(2);
}

static const bench_problem *problem_of(int argc, char **argv)
{
  const char *name = word(argc, argv, "--problem");
  const bench_problem *problem = name == NULL ? NULL : bench_problem_find(name);
  if (name == NULL || problem != NULL) return problem;
  fprintf(stderr, "%s: there is no problem %s\n", argv[0], name);
  exit(2);
}

bench_measure *bench_measure_create(int argc, char **argv)
{
  bench_measure *measure = calloc(1, sizeof *measure);
  if (measure == NULL) {
    fprintf(stderr, "%s: out of memory\n", argv[0]);
    exit(1);
  }
  const int m = (int)number(argc, argv, "--m", 10);
  measure->given = (bench_case){.n = number(argc, argv, "--n", 1000),
                                .m = m,
                                .threads = (int)number(argc, argv, "--threads", 1),
                                .warm = (int)number(argc, argv, "--warm", m + 1),
                                .timed = (int)number(argc, argv, "--timed", 10),
                                .rounds = (int)number(argc, argv, "--rounds", 1),
                                .until = until_of(argc, argv),
                                .problem = problem_of(argc, argv)};
  bench_measure_place(measure, 0, measure->given.n);
  return measure;
}

void bench_measure_destroy(bench_measure *measure)
{
  bench_stream_destroy(&measure->yardstick);
  free(measure);
}

void bench_measure_place(bench_measure *measure, int64_t first, int64_t count)
{
  const bench_case *given = &measure->given;
  if (count != given->n && (given->problem != NULL || given->until > 0.0)) {
    fputs("--problem and --until are for one rank\n", stderr);
    exit(2);
  }
  measure->objective =
      (bench_objective){.first = first, .count = (size_t)count, .threads = given->threads, .problem = given->problem};
}

size_t bench_measure_count(const bench_measure *measure)
{
  return measure->objective.count;
}

int bench_measure_iterations(const bench_measure *measure)
{
  return measure->given.until > 0.0 ? MOST_EVALUATIONS : measure->given.warm + measure->given.timed + 1;
}

/* Bytes of this process that are in memory now, from the second number of /proc/self/statm; 0 if that is not there. */
static double resident_now(void)
{
  long all, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0.0;
  if (fscanf(file, "%ld %ld", &all, &resident) != 2) resident = 0;
  fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* The most bytes that this process ever had in memory; 0 if not known. */
static double resident_peak(void)
{
  char line[256];
  long kilobytes = 0;
  FILE *file = fopen("/proc/self/status", "r");
  if (file == NULL) return 0.0;
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "VmHWM: %ld kB", &kilobytes) == 1) break;
  }
  fclose(file);
  return (double)kilobytes * 1024.0;
}

/*
 * The bandwidth of a shared machine changes from one second to the next, so an iteration is best compared with a read
 * right before it. Smaller problems have vectors in the caches, which that read would turn out.
 */
static void prepare_yardstick(bench_measure *measure)
{
  const bench_case *given = &measure->given;
  if (measure->yardstick.array != NULL || given->n < LARGE || given->until > 0.0) return;
  if (bench_stream_create(&measure->yardstick, YARDSTICK, given->threads) != 0) return;
  (void)bench_stream_read(&measure->yardstick); /* the first one starts the threads */
}

/* Returns the seconds it took, to be taken off the clock. */
static double read_yardstick(bench_measure *measure)
{
  const double begin = bench_now(), seconds = bench_stream_read(&measure->yardstick);
  measure->yardstick_seconds += seconds;
  measure->yardstick_reads++;
  return bench_now() - begin;
}

/* Bytes a second of this process; 0 if it was not measured. */
static double yardstick_rate(const bench_measure *measure)
{
  const double bytes = (double)measure->yardstick_reads * (double)measure->yardstick.words * sizeof(double);
  return measure->yardstick_seconds > 0.0 ? bytes / measure->yardstick_seconds : 0.0;
}

void bench_measure_begin(bench_measure *measure, double *x, double *g)
{
  const size_t count = measure->objective.count;
  bench_objective_start(&measure->objective, x);
  prepare_yardstick(measure);
  if (g != NULL) memset(g, 0, count * sizeof *g);
  measure->open = measure->closed = false;
  measure->iteration = -1;
  if (measure->resident_before > 0.0) return;
  measure->resident_before = resident_now() + (g == NULL ? (double)count * sizeof *x : 0.0);
}

static bench_tally read_tally(const bench_measure *measure)
{
  bench_tally tally = {.objective_seconds = measure->objective_seconds, .evaluations = measure->evaluations};
  if (measure->traffic != NULL) tally.traffic = measure->traffic();
  tally.seconds = bench_now();
  return tally;
}

/* sum = sum + end - begin */
static void add_difference(bench_tally *sum, const bench_tally *begin, const bench_tally *end)
{
  sum->seconds += end->seconds - begin->seconds;
  sum->objective_seconds += end->objective_seconds - begin->objective_seconds;
  sum->evaluations += end->evaluations - begin->evaluations;
  sum->traffic.allreduces += end->traffic.allreduces - begin->traffic.allreduces;
  sum->traffic.bytes += end->traffic.bytes - begin->traffic.bytes;
}

/* The first evaluation of an iteration: the one before has ended. */
static void enter_iteration(bench_measure *measure, int completed)
{
  const bench_case *given = &measure->given;
  const bench_tally here = read_tally(measure);
  if (measure->open) {
    add_difference(&measure->total, &measure->begin, &here);
    if (here.evaluations == measure->begin.evaluations + 1) add_difference(&measure->plain, &measure->begin, &here);
  }
  measure->closed = measure->closed || completed >= given->warm + given->timed;
  measure->open = completed >= given->warm && !measure->closed;
  measure->iteration = completed;
  measure->begin = here;
  if (measure->open && measure->yardstick.array != NULL) measure->begin.seconds += read_yardstick(measure);
}

/* The largest absolute value, or NaN if there is one. */
static double infinity_norm(size_t count, const double *values)
{
  double largest = 0.0;
  for (size_t i = 0; i < count; i++) {
    if (isnan(values[i])) return NAN;
    largest = fmax(largest, fabs(values[i]));
  }
  return largest;
}

static void watch_gradient(bench_measure *measure, const double *g)
{
  const double norm = infinity_norm(measure->objective.count, g);
  if (measure->evaluations == 1) measure->grad_goal = measure->given.until * norm;
  measure->reached = norm <= measure->grad_goal;
}

bool bench_measure_done(const bench_measure *measure)
{
  return measure->given.until > 0.0 && (measure->reached || measure->evaluations >= MOST_EVALUATIONS);
}

double bench_measure_evaluate(bench_measure *measure, int completed, const double *x, double *g)
{
  if (completed != measure->iteration) enter_iteration(measure, completed);
  const double begin = bench_now();
  const double loss = bench_objective_evaluate(&measure->objective, x, g);
  measure->objective_seconds += bench_now() - begin;
  if (bench_measure_done(measure)) return loss;
  measure->evaluations++;
  if (measure->given.until > 0.0) watch_gradient(measure, g);
  return loss;
}

void bench_measure_final(bench_measure *measure, const double *x, double *g, double *loss, double *grad_inf)
{
  *loss = bench_objective_evaluate(&measure->objective, x, g);
  *grad_inf = infinity_norm(measure->objective.count, g);
}

/* The memory that the optimizer took, in vectors of this process's length. */
static double vectors_taken(const bench_measure *measure)
{
  const double bytes = (double)measure->objective.count * sizeof(double);
  return bytes > 0.0 ? (resident_peak() - measure->resident_before) / bytes : 0.0;
}

/* The line of a run with --until. */
static void report_evaluations(const bench_measure *measure, const char *solver)
{
  const bench_case *given = &measure->given;
  printf("{\"solver\": \"%s\", \"n\": %lld, \"m\": %d, \"until\": %.3g, ", solver, (long long)given->n, given->m,
         given->until);
  printf("\"grad_goal\": %.9g, \"reached\": %s, \"evaluations\": %ld}\n", measure->grad_goal,
         measure->reached ? "true" : "false", measure->evaluations);
}

int bench_measure_report(const bench_measure *measure, const char *solver, int ranks, double loss, double grad_inf)
{
  const bench_case *given = &measure->given;
  const bench_tally *total = &measure->total, *plain = &measure->plain;
  const int iterations = given->timed * given->rounds;
  if (given->until > 0.0) return report_evaluations(measure, solver), 0;
  if (!measure->closed) {
    fprintf(stderr, "%s stopped before its time could be taken\n", solver);
    return 1;
  }
  printf("{\"solver\": \"%s\", \"n\": %lld, \"m\": %d, \"threads\": %d, \"ranks\": %d, \"dtype\": \"f64\", ", solver,
         (long long)given->n, given->m, given->threads, ranks);
  printf("\"iterations\": %d, \"evaluations\": %ld, \"seconds_total\": %.9g, \"seconds_objective\": %.9g, ", iterations,
         total->evaluations, total->seconds, total->objective_seconds);
  printf("\"seconds_optimizer_per_iteration\": %.9g, \"allreduces\": %ld, \"allreduce_bytes\": %.9g, ",
         (total->seconds - total->objective_seconds) / iterations, total->traffic.allreduces, total->traffic.bytes);
  printf("\"plain_iterations\": %ld, \"plain_seconds_optimizer\": %.9g, \"plain_allreduces\": %ld, ",
         plain->evaluations, plain->seconds - plain->objective_seconds, plain->traffic.allreduces);
  printf("\"plain_allreduce_bytes\": %.9g, ", plain->traffic.bytes);
  printf("\"yardstick_bytes_per_second\": %.6g, ", yardstick_rate(measure));
  printf("\"memory_vectors\": %.4g, \"final_loss\": %.17g, \"grad_inf\": %.9g}\n", vectors_taken(measure), loss,
         grad_inf);
  return 0;
}
