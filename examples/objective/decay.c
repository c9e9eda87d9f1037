/*
 * A data-parallel objective for `secant run`: fits y = a exp(-b t) + c to the rows "t y" of a text file by least
 * squares. Every rank sees a, b and c and reads every size-th row; the library adds losses and gradients.
 *
 *   mpirun -n 3 secant run ./decay.so --problem-option data=rows.txt
 */
#include <math.h>
#include <secant/objective.h>
#include <stdio.h>
#include <stdlib.h>

enum { A, B, C, UNKNOWNS };

typedef struct decay {
  secant_comm *comm;
  const char *data;
  size_t rows, capacity; /* of this rank */
  double *t, *y;         /* [capacity] */
  double x[UNKNOWNS], g[UNKNOWNS];
  secant_parameter parameter;
} decay;

static void destroy(void *objective)
{
  decay *const self = objective;
  free(self->t);
  free(self->y);
  free(self);
}

/* Doubles the room for rows. The old arrays are kept if there is no memory. */
static int grow(decay *self)
{
  const size_t capacity = self->capacity > 0 ? 2 * self->capacity : 1024;
  double *const t = realloc(self->t, capacity * sizeof *t);
  if (t) self->t = t;
  double *const y = realloc(self->y, capacity * sizeof *y);
  if (y) self->y = y;
  if (!t || !y) return 0;
  self->capacity = capacity;
  return 1;
}

/* Keeps every size-th row of the file. */
static int read_rows(decay *self, secant_error *error)
{
  const long size = secant_comm_size(self->comm), rank = secant_comm_rank(self->comm);
  FILE *const file = fopen(self->data, "r");
  if (!file) return snprintf(error->message, sizeof error->message, "%.400s cannot be opened", self->data);
  double t = 0.0, y = 0.0;
  long row = 0;
  int fields = 0;
  for (; (fields = fscanf(file, "%lf %lf", &t, &y)) == 2; row++) {
    if (row % size != rank) continue;
    if (self->rows == self->capacity && !grow(self)) break;
    self->t[self->rows] = t;
    self->y[self->rows++] = y;
  }
  const int complete = fields == EOF && !ferror(file) && row > 0;
  fclose(file);
  if (fields == 2) return error->status = SECANT_ERR_MEMORY;
  if (complete) return 0;
  return snprintf(error->message, sizeof error->message, "%.400s: row %ld is not two numbers", self->data, row + 1);
}

static int create(void **objective, const secant_objective_setup *setup, secant_error *error)
{
  const char *const data = secant_objective_find(setup, "data");
  if (!data) return snprintf(error->message, sizeof error->message, "--problem-option data=FILE is missing");
  decay *const self = calloc(1, sizeof *self);
  if (!self) return error->status = SECANT_ERR_MEMORY;
  self->comm = setup->comm;
  self->data = data;
  const int failed = read_rows(self, error);
  if (failed) {
    destroy(self);
    return failed;
  }
  self->x[A] = self->x[B] = 1.0;
  self->parameter = (secant_parameter){
      .name = "abc", .dtype = SECANT_F64, .values = self->x, .gradient = self->g, .local_count = UNKNOWNS};
  *objective = self;
  return 0;
}

static const secant_parameter *parameters(void *objective, size_t *count)
{
  *count = 1;
  return &((decay *)objective)->parameter;
}

/* Half the sum of squared residuals over the rows of this rank. */
static int evaluate(void *objective, double *loss, secant_sum *terms)
{
  decay *const self = objective;
  const double *const x = self->x;
  double *const g = self->g;
  (void)loss;
  g[A] = g[B] = g[C] = 0.0;
  for (size_t i = 0; i < self->rows; i++) {
    const double shape = exp(-x[B] * self->t[i]);
    const double residual = x[A] * shape + x[C] - self->y[i];
    secant_sum_add(terms, 0.5 * residual * residual);
    g[A] += residual * shape;
    g[B] -= residual * x[A] * self->t[i] * shape;
    g[C] += residual;
  }
  return 0;
}

/* The result, as one line on stderr: the report on stdout is the command's. */
static int finish(void *objective, const secant_info *info, secant_error *error)
{
  const decay *const self = objective;
  (void)error;
  if (secant_comm_rank(self->comm) == 0)
    fprintf(stderr, "y = %.9g exp(-%.9g t) + %.9g, %s\n", self->x[A], self->x[B], self->x[C],
            secant_reason_text(info->reason));
  return 0;
}

static const char *const options[] = {"data", NULL};

const secant_objective_table secant_objective_plugin = {
    .abi = SECANT_OBJECTIVE_ABI,
    .flavour = SECANT_OBJECTIVE_DATA_PARALLEL,
    .struct_size = sizeof(secant_objective_table),
    .name = "decay",
    .version = "1",
    .options = options,
    .create = create,
    .parameters = parameters,
    .evaluate = evaluate,
    .destroy = destroy,
    .finish = finish,
};
