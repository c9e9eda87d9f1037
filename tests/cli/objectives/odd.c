/*
 * An objective that goes wrong as it is told: by a definition where its table is concerned, by its options elsewhere.
 * Rank R is named by an option such as fail_create=R. What it minimises is 1/2 sum (x_i - i)^2 over n = 20 unknowns.
 */
#define secant_objective_plugin declared_by_the_header /* what is defined below may have another type */
#include <secant/objective.h>
#undef secant_objective_plugin
#include <stdio.h>
#include <stdlib.h>

enum { N = 20 };

typedef struct odd {
  const secant_objective_setup *setup;
  int64_t first, count;
  size_t evaluations;
  int single; /* float */
  int64_t shape[1];
  double x[N], g[N];
  float x32[N], g32[N];
  secant_parameter parameter;
} odd;

/* Whether option `name` names this rank. */
static int chosen(const secant_objective_setup *setup, const char *name)
{
  const char *const value = secant_objective_find(setup, name);
  return value && atoi(value) == secant_comm_rank(setup->comm);
}

static int create(void **objective, const secant_objective_setup *setup, secant_error *error)
{
  if (chosen(setup, "fail_create_silently")) return 41;
  if (chosen(setup, "fail_create"))
    return snprintf(error->message, sizeof error->message, "rank %d has no luck", secant_comm_rank(setup->comm));
  odd *const self = calloc(1, sizeof *self);
  if (!self) return error->status = SECANT_ERR_MEMORY;
  self->setup = setup;
  self->single = secant_objective_find(setup, "f32") != NULL;
  if (secant_partition(N, secant_comm_size(setup->comm), secant_comm_rank(setup->comm), &self->first, &self->count) !=
      SECANT_OK)
    self->count = 0;
  self->shape[0] = secant_objective_find(setup, "wrong_shape") ? 21 : N;
  self->parameter = (secant_parameter){.name = "x",
                                       .dtype = self->single ? SECANT_F32 : SECANT_F64,
                                       .values = self->single ? (void *)self->x32 : self->x,
                                       .gradient = self->single ? (void *)self->g32 : self->g,
                                       .local_count = (size_t)self->count,
                                       .shape = self->shape,
                                       .dimensions = 1};
  if (chosen(setup, "huge")) self->parameter.local_count = (size_t)-1;
  if (chosen(setup, "null")) self->parameter.values = NULL;
  *objective = self;
  return 0;
}

static const secant_parameter *parameters(void *objective, size_t *count)
{
  odd *const self = objective;
  *count = chosen(self->setup, "none") ? 0 : 1;
  return chosen(self->setup, "nowhere") ? NULL : &self->parameter;
}

/* Not static: where EVALUATE names another one it is not used. */
int evaluate(void *objective, double *loss, secant_sum *terms)
{
  odd *const self = objective;
  self->evaluations++;
  for (int64_t i = 0; i < self->count; i++) {
    const double x = self->single ? (double)self->x32[i] : self->x[i];
    const double residual = x - (double)(self->first + i);
    self->g[i] = residual;
    self->g32[i] = (float)residual;
    if (i % 2 == 0) /* a share in two parts */
      *loss += 0.5 * residual * residual;
    else
      secant_sum_add(terms, 0.5 * residual * residual);
  }
  if (self->count > 0 && chosen(self->setup, "wrong_gradient")) {
    const int64_t last = self->count - 1;
    self->g[last] = -self->g[last];
    self->g32[last] = -self->g32[last];
  }
  return self->evaluations == 2 && chosen(self->setup, "fail_evaluate") ? 5 : 0;
}

static int finish(void *objective, const secant_info *info, secant_error *error)
{
  const odd *const self = objective;
  (void)info;
  if (chosen(self->setup, "fail_finish"))
    return snprintf(error->message, sizeof error->message, "the result found no place");
  return 0;
}

static void describe(const void *objective, char *text, size_t capacity)
{
  const odd *const self = objective;
  if (secant_objective_find(self->setup, "long"))
    memset(text, 'x', capacity);
  else
    snprintf(text, capacity, "n=%d%s", N, chosen(self->setup, "other") ? " of another kind" : "");
}

int defined_nowhere(void *objective, double *loss, secant_sum *terms);

/* Stands where the command must not look, if it stands anywhere. */
double never(const void *objective)
{
  (void)objective;
  abort();
}

/* A table as a later header may have it. */
typedef struct longer_table {
  secant_objective_table table;
  double (*later)(const void *objective);
} longer_table;

#if !defined(ABI)
#define ABI SECANT_OBJECTIVE_ABI
#endif
#if !defined(FLAVOUR)
#define FLAVOUR SECANT_OBJECTIVE_SHARDED
#endif
#if !defined(SIZE)
#define SIZE sizeof(longer_table)
#endif
#if !defined(EVALUATE)
#define EVALUATE evaluate
#endif
#if !defined(LATER)
#define LATER NULL
#endif
#if !defined(OPTIMUM)
#define OPTIMUM NULL
#endif
#if !defined(SYMBOL)
#define SYMBOL secant_objective_plugin
#endif
extern SECANT_API const longer_table SYMBOL;
const longer_table SYMBOL = {.table = {.abi = ABI,
                                       .flavour = FLAVOUR,
                                       .struct_size = SIZE,
                                       .name = "odd",
                                       .version = "1",
                                       .create = create,
                                       .parameters = parameters,
                                       .evaluate = EVALUATE,
                                       .destroy = free,
                                       .describe = describe,
                                       .optimum = OPTIMUM,
                                       .finish = finish},
                             .later = LATER};
