/*
 * A sharded objective for `secant run`: the energy of a chain under load, -u'' = 1 on (0, 1) with u = 0 at both ends,
 * by finite differences. Each rank owns a part of the nodes and fetches one value from each neighbour.
 *
 *   f(u) = sum over the n + 1 edges of (difference)^2 / (2 h) - h sum over the n nodes of u,    h = 1 / (n + 1)
 *
 * The least energy is -(1 - h^2) / 24, at u = x (1 - x) / 2.
 *
 *   mpirun -n 3 secant run ./chain.so --problem-option n=1000 --problem-option output=chain.txt
 */
#include <inttypes.h>
#include <secant/objective.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct chain {
  secant_comm *comm;
  const char *output; /* NULL: none */
  int64_t n;          /* nodes in all */
  int64_t first;      /* this rank's first node */
  int64_t count;      /* and their number, possibly 0 */
  int left, right;    /* ranks of the neighbours, -1 where the chain ends */
  double *u, *g;      /* [count] */
  int64_t shape[1];
  secant_parameter parameter;
} chain;

/* The rank that owns a node, -1 beyond the ends. */
static int owner_of(int64_t node, int64_t n, int size)
{
  for (int rank = 0; rank < size; rank++) {
    int64_t first = 0, count = 0;
    if (secant_partition(n, size, rank, &first, &count) == SECANT_OK && node >= first && node < first + count)
      return rank;
  }
  return -1;
}

static void destroy(void *objective)
{
  chain *const self = objective;
  free(self->u);
  free(self->g);
  free(self);
}

/* The number of nodes from the options; 0 if it is no number. */
static int64_t read_n(const secant_objective_setup *setup)
{
  const char *const text = secant_objective_find(setup, "n");
  if (!text) return 100;
  char *end = NULL;
  const long long n = strtoll(text, &end, 10);
  return *end == '\0' && n > 0 ? n : 0;
}

static int create(void **objective, const secant_objective_setup *setup, secant_error *error)
{
  const int64_t n = read_n(setup);
  const int size = secant_comm_size(setup->comm), rank = secant_comm_rank(setup->comm);
  int64_t first = 0, count = 0;
  if (n == 0 || secant_partition(n, size, rank, &first, &count) != SECANT_OK)
    return snprintf(error->message, sizeof error->message, "n must be an integer > 0");

  chain *const self = calloc(1, sizeof *self);
  if (!self) return error->status = SECANT_ERR_MEMORY;
  *self = (chain){.comm = setup->comm, .n = n, .first = first, .count = count, .shape = {n}};
  self->output = secant_objective_find(setup, "output");
  self->left = count > 0 ? owner_of(first - 1, n, size) : -1;
  self->right = count > 0 ? owner_of(first + count, n, size) : -1;
  self->u = calloc((size_t)count + 1, sizeof *self->u); /* the start: a chain that no load has bent yet */
  self->g = calloc((size_t)count + 1, sizeof *self->g);
  if (!self->u || !self->g) {
    destroy(self);
    return error->status = SECANT_ERR_MEMORY;
  }
  self->parameter = (secant_parameter){.name = "u",
                                       .dtype = SECANT_F64,
                                       .values = self->u,
                                       .gradient = self->g,
                                       .local_count = (size_t)count,
                                       .shape = self->shape,
                                       .dimensions = 1};
  *objective = self;
  return 0;
}

static const secant_parameter *parameters(void *objective, size_t *count)
{
  *count = 1;
  return &((chain *)objective)->parameter;
}

/* The values beside this rank's part. Both exchanges are made, so that no neighbour waits in vain. */
static int fetch_neighbours(const chain *self, double *left, double *right)
{
  const double *const last = self->count > 0 ? self->u + self->count - 1 : self->u;
  const secant_status forward = secant_comm_exchange(self->comm, last, self->right, left, self->left, sizeof *left);
  const secant_status back = secant_comm_exchange(self->comm, self->u, self->left, right, self->right, sizeof *right);
  return forward != SECANT_OK || back != SECANT_OK;
}

/* One term for each node, so that the sum does not depend on where the chain is cut. */
static int evaluate(void *objective, double *loss, secant_sum *terms)
{
  chain *const self = objective;
  const double h = 1.0 / (double)(self->n + 1);
  double before = 0.0, behind = 0.0; /* as at the ends */
  (void)loss;
  if (fetch_neighbours(self, &before, &behind) != 0) return 1;
  for (int64_t i = 0; i < self->count; i++) {
    const double u = self->u[i];
    const double next = i + 1 < self->count ? self->u[i + 1] : behind;
    double energy = (u - before) * (u - before) / (2.0 * h) - h * u; /* the edge before the node belongs to it */
    if (self->first + i + 1 == self->n) energy += u * u / (2.0 * h);
    secant_sum_add(terms, energy);
    self->g[i] = ((u - before) - (next - u)) / h - h;
    before = u;
  }
  return 0;
}

/* Where the output goes is no part of the problem. */
static void describe(const void *objective, char *text, size_t capacity)
{
  snprintf(text, capacity, "n=%" PRId64, ((const chain *)objective)->n);
}

static double optimum(const void *objective)
{
  const double edges = (double)((const chain *)objective)->n + 1.0;
  return -(1.0 - 1.0 / (edges * edges)) / 24.0;
}

/* Appends this rank's nodes to the file; the first rank begins it. */
static int write_part(const chain *self, secant_error *error)
{
  FILE *const file = fopen(self->output, secant_comm_rank(self->comm) == 0 ? "w" : "a");
  int good = file != NULL;
  for (int64_t i = 0; good && i < self->count; i++) good = fprintf(file, "%.17g\n", self->u[i]) > 0;
  if (file && fclose(file) != 0) good = 0;
  if (good) return 0;
  error->status = SECANT_ERR_IO;
  return snprintf(error->message, sizeof error->message, "%.400s could not be written", self->output);
}

/* The ranks write one after the other; each agreement lets the next one begin, or ends it for all. */
static int finish(void *objective, const secant_info *info, secant_error *error)
{
  const chain *const self = objective;
  (void)info;
  if (!self->output) return 0;
  for (int turn = 0; turn < secant_comm_size(self->comm); turn++) {
    if (turn == secant_comm_rank(self->comm)) write_part(self, error);
    if (secant_comm_agree(self->comm, error) != SECANT_OK) return 1;
  }
  return 0;
}

static const char *const options[] = {"n", "output", NULL};

const secant_objective_table secant_objective_plugin = {
    .abi = SECANT_OBJECTIVE_ABI,
    .flavour = SECANT_OBJECTIVE_SHARDED,
    .struct_size = sizeof(secant_objective_table),
    .name = "chain",
    .version = "1",
    .options = options,
    .create = create,
    .parameters = parameters,
    .evaluate = evaluate,
    .destroy = destroy,
    .describe = describe,
    .optimum = optimum,
    .finish = finish,
};
