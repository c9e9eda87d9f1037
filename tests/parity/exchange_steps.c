/*
 * Takes steps on one of the recorded problems, between files: point and state come in, point and state go out. So
 * another program can take over in the middle of a run, and this one from it. Over MPI the unknowns are cut into
 * shards.
 *
 *   exchange_steps --problem chain|quad --n N --dtype float32|float64 --line-search NAME --lr X --max-iter K
 *                  --history-size M --steps COUNT --x-in FILE --x-out FILE [--state-in FILE.h5] [--state-out FILE.h5]
 *
 * Points are raw numbers of the element type. Unknowns are two parameters, of n / 3 and of the rest.
 */
#include "support/golden_problems.h"
#ifdef SECANT_HAVE_MPI
#include <secant/session.h>
#endif
#include <secant/secant.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETERS = 2 };

typedef struct driver {
  secant_comm *comm;
  secant_dtype dtype;
  size_t n, element; /* bytes of one */
  golden_problem *problem;
  double *sum;         /* [n] for gathering */
  char *x, *g;         /* [n] whole */
  char *own_x, *own_g; /* [n] of which this rank's parts are used, where they lie in the whole */
  secant_parameter parameters[PARAMETERS];
  size_t first[PARAMETERS]; /* place of this rank's part in the whole */
  secant_optimizer *optimizer;
} driver;

static const char *argument(int argc, char **argv, const char *name)
{
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], name) == 0) return argv[i + 1];
  }
  return NULL;
}

static bool complain(const driver *d, const char *what, const char *why)
{
  if (secant_comm_rank(d->comm) == 0) fprintf(stderr, "exchange_steps: %s: %s\n", what, why ? why : "is missing");
  return false;
}

/* ---- the problem over shards ------------------------------------------------------------------------------------- */

/* All ranks get the whole point; exact, as all but one of the numbers added are zero. */
static bool gather(driver *d)
{
  memset(d->sum, 0, d->n * sizeof *d->sum);
  for (int p = 0; p < PARAMETERS; p++) {
    for (size_t i = d->first[p]; i < d->first[p] + d->parameters[p].local_count; i++) {
      d->sum[i] = d->dtype == SECANT_F32 ? (double)((float *)(void *)d->own_x)[i] : ((double *)(void *)d->own_x)[i];
    }
  }
  if (secant_comm_sum(d->comm, d->sum, d->n) != SECANT_OK) return false;
  for (size_t i = 0; i < d->n; i++) {
    if (d->dtype == SECANT_F32) ((float *)(void *)d->x)[i] = (float)d->sum[i];
    if (d->dtype == SECANT_F64) ((double *)(void *)d->x)[i] = d->sum[i];
  }
  return true;
}

/* Every rank evaluates all of it and keeps its part of the gradient; the loss is the global one. */
static int evaluate(void *user, double *loss)
{
  driver *d = user;
  if (!gather(d)) return 1;
  *loss = golden_problem_evaluate(d->problem, d->dtype, d->x, d->g);
  for (int p = 0; p < PARAMETERS; p++) {
    const size_t from = d->first[p] * d->element;
    memcpy(d->own_g + from, d->g + from, d->parameters[p].local_count * d->element);
  }
  return 0;
}

static void cut(driver *d)
{
  const size_t size = (size_t)secant_comm_size(d->comm), rank = (size_t)secant_comm_rank(d->comm);
  const size_t begin[] = {0, d->n / 3, d->n};
  for (int p = 0; p < PARAMETERS; p++) {
    const size_t extent = begin[p + 1] - begin[p], first = extent * rank / size, end = extent * (rank + 1) / size;
    d->first[p] = begin[p] + first;
    d->parameters[p] = (secant_parameter){.dtype = d->dtype,
                                          .values = d->own_x + d->first[p] * d->element,
                                          .gradient = d->own_g + d->first[p] * d->element,
                                          .local_count = end - first};
  }
}

/* ---- making everything ------------------------------------------------------------------------------------------- */

static bool make_problem(driver *d, const char *name)
{
  double *lambda = calloc(d->n, sizeof *lambda);
  if (!lambda || !name) {
    free(lambda);
    return complain(d, "--problem", NULL);
  }
  for (size_t i = 0; i < d->n; i++) lambda[i] = (1.0 + 3.0 * (double)i) * (1.0 + 3.0 * (double)i);
  const golden_args args = {.lambda = lambda, .lambda_count = d->n, .c = 4};
  d->problem = golden_problem_create(name, d->n, &args);
  free(lambda);
  return d->problem || complain(d, "--problem", "there is none of this name");
}

static bool make_arrays(driver *d)
{
  d->element = d->dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  d->sum = calloc(d->n, sizeof *d->sum);
  d->x = calloc(d->n, d->element);
  d->g = calloc(d->n, d->element);
  d->own_x = calloc(d->n, d->element);
  d->own_g = calloc(d->n, d->element);
  return (d->sum && d->x && d->g && d->own_x && d->own_g) || complain(d, "arrays", "no memory");
}

static bool read_options(const driver *d, int argc, char **argv, secant_options *options)
{
  static const char *const flags[] = {"--line-search", "--lr", "--max-iter", "--history-size"};
  static const char *const names[] = {"line_search", "lr", "max_iter", "history_size"};
  *options = secant_options_torch();
  options->loss = SECANT_LOSS_REPLICATED;
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    const char *value = argument(argc, argv, flags[i]);
    secant_error error;
    if (!value) return complain(d, flags[i], NULL);
    if (secant_options_set(options, names[i], value, &error) != SECANT_OK) return complain(d, flags[i], error.message);
  }
  return true;
}

static bool make_optimizer(driver *d, int argc, char **argv)
{
  secant_options options;
  secant_error error;
  if (!read_options(d, argc, argv, &options)) return false;
  cut(d);
  if (secant_create(&d->optimizer, d->parameters, PARAMETERS, &options, d->comm, &error) == SECANT_OK) return true;
  return complain(d, "the optimizer", error.message);
}

static bool make(driver *d, int argc, char **argv)
{
  const char *n = argument(argc, argv, "--n"), *dtype = argument(argc, argv, "--dtype");
  if (!n || !dtype) return complain(d, "--n or --dtype", NULL);
  d->n = strtoul(n, NULL, 10);
  d->dtype = strcmp(dtype, "float32") == 0 ? SECANT_F32 : SECANT_F64;
  return make_problem(d, argument(argc, argv, "--problem")) && make_arrays(d) && make_optimizer(d, argc, argv);
}

static void unmake(driver *d)
{
  secant_destroy(d->optimizer);
  golden_problem_destroy(d->problem);
  free(d->sum);
  free(d->x);
  free(d->g);
  free(d->own_x);
  free(d->own_g);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static bool read_point(driver *d, const char *path)
{
  FILE *file = path ? fopen(path, "rb") : NULL;
  const bool good = file && fread(d->own_x, d->element, d->n, file) == d->n;
  if (file) fclose(file);
  return good || complain(d, "--x-in", path ? "the point cannot be read" : NULL);
}

static bool write_point(driver *d, const char *path)
{
  if (!path || !gather(d)) return complain(d, "--x-out", NULL);
  if (secant_comm_rank(d->comm) > 0) return true;
  FILE *file = fopen(path, "wb");
  bool good = file && fwrite(d->x, d->element, d->n, file) == d->n;
  if (file && fclose(file) != 0) good = false;
  return good || complain(d, "--x-out", "the point cannot be written");
}

static bool read_state(driver *d, const char *path)
{
  secant_node *dict = NULL;
  if (!path) return true;
  secant_status status = secant_state_dict_read(d->optimizer, path, &dict);
  if (status == SECANT_OK) status = secant_load_state_dict(d->optimizer, dict);
  secant_node_destroy(dict);
  return status == SECANT_OK || complain(d, "--state-in", secant_message(d->optimizer));
}

static bool write_state(driver *d, const char *path)
{
  secant_node *dict = NULL;
  secant_error error;
  if (!path) return true;
  if (secant_state_dict(d->optimizer, &dict) != SECANT_OK) {
    return complain(d, "--state-out", secant_message(d->optimizer));
  }
  const secant_status status = secant_state_dict_save(dict, path, d->comm, &error);
  secant_node_destroy(dict);
  return status == SECANT_OK || complain(d, "--state-out", error.message);
}

static bool take_steps(driver *d, const char *steps)
{
  const long count = steps ? strtol(steps, NULL, 10) : 0;
  for (long i = 0; i < count; i++) {
    if (secant_step(d->optimizer, evaluate, d, NULL) != SECANT_OK) {
      return complain(d, "a step", secant_message(d->optimizer));
    }
  }
  return true;
}

int main(int argc, char **argv)
{
  driver d = {.comm = NULL};
#ifdef SECANT_HAVE_MPI
  if (secant_session_begin(&argc, &argv, &d.comm, NULL) != SECANT_OK) return 1;
#endif
  const bool good =
      make(&d, argc, argv) && read_point(&d, argument(argc, argv, "--x-in")) &&
      read_state(&d, argument(argc, argv, "--state-in")) && take_steps(&d, argument(argc, argv, "--steps")) &&
      write_point(&d, argument(argc, argv, "--x-out")) && write_state(&d, argument(argc, argv, "--state-out"));
  unmake(&d);
#ifdef SECANT_HAVE_MPI
  secant_session_end(d.comm);
#endif
  return good ? 0 : 1;
}
