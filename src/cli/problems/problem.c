#include "cli/problems/problem.h"
#include "cli/args.h"
#include "cli/problems/suite/suite.h"
#include <math.h>
#include <secant/array.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cli_problem_kind *const kinds[] = {&problem_rosenbrock, &problem_quadratic, &problem_minimal_surface};
enum { KINDS = sizeof kinds / sizeof *kinds };

const cli_problem_kind *problem_kind_at(int index)
{
  return index >= 0 && index < KINDS ? kinds[index] : NULL;
}

/* The nearest of the large problems, then of those of the suite and that one. */
static const char *nearest_name(const char *name)
{
  const char *pair[2] = {kinds[0]->name, NULL};
  for (int i = 0; problem_kind_at(i) || suite_at(i - KINDS); i++) {
    pair[1] = i < KINDS ? kinds[i]->name : suite_at(i - KINDS)->name;
    pair[0] = arguments_nearest(name, pair, 2);
  }
  return pair[0];
}

secant_status problem_find(const char *name, cli_problem_kind *kind, secant_error *error)
{
  const suite_problem *const suite = suite_find(name);
  if (suite) *kind = problem_of_suite(suite);
  bool found = suite != NULL;
  for (int i = 0; !found && i < KINDS; i++) {
    found = strcmp(name, kinds[i]->name) == 0;
    if (found) *kind = *kinds[i];
  }
  if (found) return SECANT_OK;
  return arguments_fail(error, "there is no problem \"%s\"; did you mean \"%s\"?", name, nearest_name(name));
}

void problem_defaults(const cli_problem_kind *kind, double *values)
{
  for (int i = 0; i < PROBLEM_OPTIONS; i++) values[i] = kind->options[i].value;
}

static secant_status fail_unknown(const cli_problem_kind *kind, const char *text, secant_error *error)
{
  if (!kind->options[0].name) return arguments_fail(error, "problem %s has no options", kind->name);
  const char *names[PROBLEM_OPTIONS];
  size_t count = 0;
  while (count < PROBLEM_OPTIONS && kind->options[count].name) {
    names[count] = kind->options[count].name;
    count++;
  }
  const int length = (int)strcspn(text, "=");
  char name[64];
  snprintf(name, sizeof name, "%.*s", length, text);
  return arguments_fail(error, "problem %s has no option \"%s\"; did you mean \"%s\"?", kind->name, name,
                        arguments_nearest(name, names, count));
}

static secant_status set_value(const cli_problem_option *option, double *value, const char *text, secant_error *error)
{
  if (option->real) return arguments_number(option->name, text, option->least, option->most, value, error);
  int64_t integer = 0;
  const secant_status status =
      arguments_integer(option->name, text, (int64_t)option->least, (int64_t)option->most, &integer, error);
  if (status != SECANT_OK) return status;
  if (option->step == 2 && integer % 2 != 0)
    return arguments_fail(error, "%s is %s; it must be an even number", option->name, text);
  if (option->step > 2 && integer % option->step != 0)
    return arguments_fail(error, "%s is %s; it must be a multiple of %d", option->name, text, option->step);
  *value = (double)integer;
  return SECANT_OK;
}

secant_status problem_set_option(const cli_problem_kind *kind, double *values, const char *text, secant_error *error)
{
  const char *const equals = strchr(text, '=');
  if (!equals) return arguments_fail(error, "problem option \"%s\" is not of the form name=value", text);
  const size_t length = (size_t)(equals - text);
  for (int i = 0; i < PROBLEM_OPTIONS && kind->options[i].name; i++) {
    const cli_problem_option *const option = &kind->options[i];
    if (strlen(option->name) == length && strncmp(option->name, text, length) == 0)
      return set_value(option, &values[i], equals + 1, error);
  }
  return fail_unknown(kind, text, error);
}

void problem_describe(const cli_problem_kind *kind, const double *values, char *text, size_t capacity)
{
  size_t length = 0;
  const int written = snprintf(text, capacity, "run %s", kind->name);
  if (written > 0) length = (size_t)written;
  for (int i = 0; i < PROBLEM_OPTIONS && kind->options[i].name && length < capacity; i++) {
    const int more = snprintf(text + length, capacity - length, " %s=%.17g", kind->options[i].name, values[i]);
    if (more > 0) length += (size_t)more;
  }
}

static double *unknowns(const cli_problem *problem)
{
  void *array;
  const size_t count = (size_t)problem->count;
  return secant_array_create(&array, SECANT_F64, count, problem->threads) == SECANT_OK ? array : NULL;
}

static secant_status create_shard(cli_problem *problem)
{
  problem->kind->cut(problem, secant_comm_size(problem->comm), secant_comm_rank(problem->comm));
  if (problem->count < PROBLEM_SMALL) problem->threads = 1;
  problem->x = unknowns(problem);
  problem->g = unknowns(problem);
  problem->losses = calloc((size_t)problem->blocks + 1, sizeof *problem->losses); /* one too many: none is an error */
  if (!problem->x || !problem->g || !problem->losses) return SECANT_ERR_MEMORY;
  return problem->kind->begin(problem);
}

secant_status problem_create(cli_problem **out, const cli_problem_kind *kind, const double *values, int threads,
                             secant_comm *comm)
{
  secant_error error = {SECANT_ERR_MEMORY, ""};
  cli_problem *problem = calloc(1, sizeof *problem);
  if (problem) {
    problem->kind = kind;
    problem->comm = comm;
    problem->threads = threads;
    memcpy(problem->option, values, sizeof problem->option);
    error.status = create_shard(problem);
  }
  const secant_status status = secant_comm_agree(comm, &error);
  if (status != SECANT_OK) {
    problem_destroy(problem);
    problem = NULL;
  }
  *out = problem;
  return status;
}

void problem_destroy(cli_problem *problem)
{
  if (!problem) return;
  if (problem->kind->end) problem->kind->end(problem);
  free(problem->losses);
  secant_array_destroy(problem->g);
  secant_array_destroy(problem->x);
  free(problem);
}

double problem_optimum(const cli_problem *problem)
{
  const cli_problem_kind *const kind = problem->kind;
  return kind->suite && problem->option[0] != kind->options[0].value ? NAN : kind->optimum;
}

secant_parameter problem_parameter(cli_problem *problem)
{
  return (secant_parameter){.name = "x",
                            .dtype = SECANT_F64,
                            .values = problem->x,
                            .gradient = problem->g,
                            .local_count = (size_t)problem->count,
                            .shape = problem->shape,
                            .dimensions = problem->dimensions};
}

void problem_cut_at_tiles(cli_problem *problem, int64_t n, int size, int rank)
{
  /* The partition refuses only arguments that a communicator and a checked option cannot have; empty would be safe. */
  if (secant_partition(n, size, rank, &problem->first, &problem->count) != SECANT_OK) problem->count = 0;
  problem->block = n < 16 * PROBLEM_BLOCK ? PROBLEM_FINE_BLOCK : PROBLEM_BLOCK;
  problem->blocks = (problem->count + problem->block - 1) / problem->block;
}

void problem_cut_evenly(cli_problem *problem, int size, int rank)
{
  const int64_t n = (int64_t)problem->option[0];
  problem_cut_at_tiles(problem, n, size, rank);
  problem->shape[0] = n;
  problem->dimensions = 1;
}

int64_t problem_block_end(const cli_problem *problem, int64_t block)
{
  const int64_t end = (block + 1) * problem->block;
  return end < problem->count ? end : problem->count;
}

/* Fills `loss_terms` with `losses`, and returns their sum. */
static double total(cli_problem *problem)
{
  problem->loss_terms = (secant_sum){0};
  for (int64_t block = 0; block < problem->blocks; block++) {
    secant_sum_add(&problem->loss_terms, problem->losses[block]);
  }
  return secant_sum_value(&problem->loss_terms);
}

double problem_sum_blocks(cli_problem *problem, problem_block *evaluate)
{
#pragma omp parallel for schedule(static) num_threads(problem->threads)
  for (int64_t block = 0; block < problem->blocks; block++)
    problem->losses[block] = evaluate(problem, block * problem->block, problem_block_end(problem, block));
  return total(problem);
}
