/* Initial inverse Hessians of all kinds on shards: uneven ones, and ranks that own nothing. */
#include "support/initial_problem.h"
#include "support/mpi_check.h"
#include "support/random.h"
#include <math.h>
#include <secant/mpi.h>
#include <stdbool.h>
#include <string.h>

enum { FIRST = 5, SECOND = 18, N = FIRST + SECOND, KINDS = SECANT_INITIAL_OPERATOR + 1, ITERATIONS = 8 };

/*
 * f(x) = sum c_i x_i^2 / 2 + (sum x_i)^2 / 2 + sum x_i^4 / 20 over two parameters. `ranks` processes share it: rank 1
 * owns nothing of the first parameter if there are more than two, the last one nothing of either if there are more
 * than three. H0 is a diagonal plus a matrix of rank one.
 */
typedef struct shared {
  secant_comm *comm; /* NULL: one process */
  secant_dtype dtype;
  secant_initial_kind kind;
  size_t count[2], first[2]; /* elements of each parameter, and the global number of the first one, of 0 .. N - 1 */
  double x[N], g[N];         /* [count[0] + count[1]], room for either type */
  double diagonal[N];
  double dense[N * N], base[N], along[N];
  int64_t multiplications, fail_at;
} shared;

static void choose_shard(shared *p)
{
  static const size_t extents[2] = {FIRST, SECOND};
  const int ranks = secant_comm_size(p->comm), rank = secant_comm_rank(p->comm);
  for (int i = 0, begin = 0; i < 2; begin += (int)extents[i++]) {
    const int owners = ranks > 3 ? ranks - 1 : ranks;
    const bool skips = i == 0 && ranks > 2; /* rank 1 */
    const int places = owners - skips, place = skips && rank > 1 ? rank - 1 : rank;
    const bool owns = rank < owners && !(skips && rank == 1);
    const size_t from = owns ? extents[i] * (size_t)(place * place) / (size_t)(places * places) : extents[i];
    const size_t to = owns ? extents[i] * (size_t)((place + 1) * (place + 1)) / (size_t)(places * places) : from;
    p->first[i] = (size_t)begin + from;
    p->count[i] = to - from;
  }
}

/* Element j of what this rank owns. */
static double get(const shared *p, const double *array, size_t j)
{
  return p->dtype == SECANT_F32 ? (double)((const float *)(const void *)array)[j] : array[j];
}

static void put(const shared *p, void *array, size_t j, double value)
{
  if (p->dtype == SECANT_F32) {
    ((float *)array)[j] = (float)value;
  } else {
    ((double *)array)[j] = value;
  }
}

static size_t global(const shared *p, size_t j)
{
  return j < p->count[0] ? p->first[0] + j : p->first[1] + j - p->count[0];
}

static size_t owned(const shared *p)
{
  return p->count[0] + p->count[1];
}

static shared make(secant_comm *comm, secant_initial_kind kind, secant_dtype dtype)
{
  shared p = {.comm = comm, .dtype = dtype, .kind = kind};
  uint64_t random = 77;
  choose_shard(&p);
  for (int i = 0; i < N; i++)
    p.base[i] = 0.05 + 0.1 * random_uniform(&random), p.along[i] = 0.1 * random_symmetric(&random);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) p.dense[i * N + j] = (i == j ? p.base[i] : 0.0) + p.along[i] * p.along[j];
  for (size_t j = 0; j < owned(&p); j++) {
    put(&p, p.x, j, 1.0 + 0.1 * (double)global(&p, j));
    put(&p, p.diagonal, j, p.base[global(&p, j)]);
  }
  return p;
}

static int evaluate(void *user, double *loss)
{
  shared *p = user;
  double sum = 0.0;
  for (size_t j = 0; j < owned(p); j++) sum += get(p, p->x, j);
  const secant_status status = secant_comm_sum(p->comm, &sum, 1);
  *loss = secant_comm_rank(p->comm) == 0 ? 0.5 * sum * sum : 0.0;
  for (size_t j = 0; j < owned(p); j++) {
    const double x = get(p, p->x, j), c = 1.0 + (double)(global(p, j) % 5);
    *loss += 0.5 * c * x * x + x * x * x * x / 20.0;
    put(p, p->g, j, c * x + sum + x * x * x / 5.0);
  }
  return status != SECANT_OK;
}

/* H0 v = base v + along (along.v), with a reduction of its own. */
static int multiply(void *user, const void *const *input, void *const *output)
{
  shared *p = user;
  double sum = 0.0;
  p->multiplications++;
  for (size_t i = 0, j = 0; i < 2; i++)
    for (size_t k = 0; k < p->count[i]; k++, j++) sum += p->along[global(p, j)] * get(p, input[i], k);
  const secant_status status = secant_comm_sum(p->comm, &sum, 1);
  for (size_t i = 0, j = 0; i < 2; i++)
    for (size_t k = 0; k < p->count[i]; k++, j++)
      put(p, output[i], k, p->base[global(p, j)] * get(p, input[i], k) + p->along[global(p, j)] * sum);
  return status != SECANT_OK || p->multiplications == p->fail_at;
}

static secant_status create(shared *p, int direction, secant_optimizer **optimizer)
{
  const size_t element = p->dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  const size_t second = p->count[0] * element;
  const secant_parameter parameters[2] = {
      {.name = "first", .dtype = p->dtype, .values = p->x, .gradient = p->g, .local_count = p->count[0]},
      {.name = "second",
       .dtype = p->dtype,
       .values = (char *)p->x + second,
       .gradient = (char *)p->g + second,
       .local_count = p->count[1]}};
  secant_options options = secant_options_default();
  options.direction = (secant_direction)direction;
  options.history_size = 4;
  options.max_iter = ITERATIONS;
  options.tolerance_grad = options.tolerance_change = 0.0;
  return secant_create(optimizer, parameters, 2, &options, p->comm, NULL);
}

/* A rank that owns nothing has no diagonal to give. */
static secant_status set(shared *p, secant_optimizer *optimizer)
{
  const size_t element = p->dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  const void *diagonal[2] = {p->diagonal, (char *)p->diagonal + p->count[0] * element};
  const secant_initial_matrix matrix = {.kind = p->kind,
                                        .scalar = 0.125,
                                        .diagonal = owned(p) > 0 ? diagonal : NULL,
                                        .dense = p->dense,
                                        .apply = multiply,
                                        .user = p};
  return secant_set_initial_matrix(optimizer, &matrix);
}

static secant_info run(shared *p, int direction, struct verdict *verdict)
{
  secant_optimizer *optimizer = NULL;
  secant_info info = {.n_iter = -1};
  secant_status status = create(p, direction, &optimizer);
  if (status == SECANT_OK) status = set(p, optimizer);
  if (status == SECANT_OK) status = secant_minimize(optimizer, evaluate, p);
  CHECK(verdict, status == SECANT_OK, "kind %d: %s, %s", (int)p->kind, secant_status_text(status),
        secant_message(optimizer));
  if (status == SECANT_OK) info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return info;
}

static void shards_follow_the_run_of_one_process(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int c = 0; made == SECANT_OK && c < 4 * KINDS; c++) {
    const int kind = c % KINDS, direction = c / KINDS % 2;
    if (!initial_kind_is_offered(kind)) continue;
    const secant_dtype dtype = c / KINDS / 2 ? SECANT_F32 : SECANT_F64;
    const double tolerance = dtype == SECANT_F32 ? 1e-4 : 1e-10;
    shared alone = make(NULL, (secant_initial_kind)kind, dtype),
           together = make(comm, (secant_initial_kind)kind, dtype);
    const secant_info want = run(&alone, direction, &verdict), got = run(&together, direction, &verdict);
    CHECK(&verdict, got.n_iter == want.n_iter && want.n_iter >= 3, "kind %d: %lld iterations, not %lld", kind,
          (long long)got.n_iter, (long long)want.n_iter);
    CHECK(&verdict, got.allreduces == want.allreduces, "kind %d: %lld reductions, not %lld", kind,
          (long long)got.allreduces, (long long)want.allreduces);
    for (size_t j = 0; j < owned(&together); j++) {
      const double is = get(&together, together.x, j), should = get(&alone, alone.x, global(&together, j));
      CHECK(&verdict, fabs(is - should) <= tolerance, "kind %d, direction %d, type %d: x[%zu] is %a, not %a", kind,
            direction, (int)dtype, global(&together, j), is, should);
    }
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

static void a_bad_entry_on_one_rank_is_refused_by_all(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int culprit = 0; made == SECANT_OK && culprit < mpi_world_size(); culprit++) {
    for (int c = 0; c < 3; c++) {
      static const double bad[3] = {0.0, -1.0, NAN};
      shared p = make(comm, SECANT_INITIAL_DIAGONAL, SECANT_F64);
      secant_optimizer *optimizer = NULL;
      double nothing = owned(&p) == 0; /* a rank without elements has no bad one */
      MPI_Bcast(&nothing, 1, MPI_DOUBLE, culprit, MPI_COMM_WORLD);
      if (mpi_world_rank() == culprit && owned(&p) > 0) p.diagonal[owned(&p) - 1] = bad[c];
      secant_status status = create(&p, 0, &optimizer);
      CHECK(&verdict, status == SECANT_OK, "created: %s", secant_status_text(status));
      if (status == SECANT_OK) status = set(&p, optimizer);
      const secant_status want = nothing != 0.0 ? SECANT_OK : SECANT_ERR_ARGUMENT;
      CHECK(&verdict, status == want, "rank %d has %g: %s", culprit, bad[c], secant_status_text(status));
      CHECK(&verdict, want == SECANT_OK || strstr(secant_message(optimizer), "all its entries must be positive"),
            "message '%s'", secant_message(optimizer));
      secant_destroy(optimizer);
    }
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

static void matrices_that_differ_between_ranks_are_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int c = 0; made == SECANT_OK && mpi_world_size() > 1 && c < 2; c++) {
    const bool odd = mpi_world_rank() == mpi_world_size() - 1;
    shared p = make(comm, SECANT_INITIAL_DENSE, SECANT_F64);
    secant_optimizer *optimizer = NULL;
    if (!initial_kind_is_offered(SECANT_INITIAL_DENSE)) p.kind = SECANT_INITIAL_DIAGONAL;
    if (c == 0 && odd) p.kind = SECANT_INITIAL_OPERATOR;
    if (c == 1 && odd) p.dense[0] += 1e-3;
    if (c == 1 && odd && !initial_kind_is_offered(SECANT_INITIAL_DENSE)) p.kind = SECANT_INITIAL_IDENTITY;
    secant_status status = create(&p, 0, &optimizer);
    if (status == SECANT_OK) status = set(&p, optimizer);
    CHECK(&verdict, status == SECANT_ERR_ARGUMENT && strstr(secant_message(optimizer), "the ranks disagree"),
          "case %d: %s, '%s'", c, secant_status_text(status), secant_message(optimizer));
    secant_destroy(optimizer);
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

/* The culprit's failure reaches everybody in the same call, and a second run works. */
static void an_operator_that_fails_on_one_rank_fails_everywhere(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int direction = 0; made == SECANT_OK && direction < 2; direction++) {
    for (int64_t at = 1; at <= 6; at++) {
      shared p = make(comm, SECANT_INITIAL_OPERATOR, SECANT_F64);
      secant_optimizer *optimizer = NULL;
      if (mpi_world_rank() == (int)(at % mpi_world_size())) p.fail_at = at;
      secant_status status = create(&p, direction, &optimizer);
      if (status == SECANT_OK) status = set(&p, optimizer);
      if (status == SECANT_OK) status = secant_minimize(optimizer, evaluate, &p);
      CHECK(&verdict, status == SECANT_ERR_CLOSURE, "failure %lld: %s", (long long)at, secant_status_text(status));
      double loss;
      const double known = status == SECANT_ERR_CLOSURE ? secant_get_info(optimizer).loss : 0.0;
      const int failed = evaluate(&p, &loss);
      if (!failed && secant_comm_sum(comm, &loss, 1) == SECANT_OK) {
        CHECK(&verdict, fabs(loss - known) <= 1e-12 * fabs(known), "the loss is %a at x, but %a was known", loss,
              known);
      }
      status = secant_minimize(optimizer, evaluate, &p);
      CHECK(&verdict, status == SECANT_OK, "a second run: %s", secant_status_text(status));
      secant_destroy(optimizer);
    }
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shards_follow_the_run_of_one_process),
      cmocka_unit_test(a_bad_entry_on_one_rank_is_refused_by_all),
      cmocka_unit_test(matrices_that_differ_between_ranks_are_refused),
      cmocka_unit_test(an_operator_that_fails_on_one_rank_fails_everywhere),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
