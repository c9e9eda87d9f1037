/*
 * Option reduction = reproducible: where every rank's part begins at a tile, a run has the same bits on any number of
 * ranks and threads. Run it with up to four ranks: it makes communicators of the first 1, 2, ... of them.
 */
#include "support/mpi_check.h"

#include <math.h>
#include <secant/mpi.h>
#include <stdbool.h>
#include <string.h>

/* Terms of the loss: a block of unknowns each, which no cut of secant_partition() divides. */
enum { BLOCK = 8 };

/* In what way a run is made. */
typedef struct manner {
  int64_t n;
  int64_t iterations;
  secant_dtype dtype;
  secant_direction direction;
  secant_line_search search;
  bool diagonal; /* an initial matrix */
  secant_history_dtype history_dtype;
} manner;

/* This rank's part of a run, and what it left. */
typedef struct scene {
  manner how;
  int64_t first, count;
  void *x, *g, *weights; /* [count] */
  secant_optimizer *optimizer;
  secant_info info;
  secant_status status;
} scene;

static size_t element(const scene *s)
{
  return s->how.dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
}

static double get(const scene *s, const void *array, int64_t i)
{
  return s->how.dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static void set(const scene *s, void *array, int64_t i, double value)
{
  if (s->how.dtype == SECANT_F32) {
    ((float *)array)[i] = (float)value;
  } else {
    ((double *)array)[i] = value;
  }
}

static void *new_array(const scene *s)
{
  void *array = calloc((size_t)s->count + 1, element(s));
  if (!array) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  return array;
}

static scene make(const manner *how, int ranks, int rank)
{
  scene s = {.how = *how};
  if (secant_partition(how->n, ranks, rank, &s.first, &s.count) != SECANT_OK) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  s.x = new_array(&s);
  s.g = new_array(&s);
  s.weights = new_array(&s);
  for (int64_t i = 0; i < s.count; i++) {
    const int64_t index = s.first + i;
    set(&s, s.x, i, (index % 2 == 0 ? -1.2 : 1.0) + 1e-3 * (double)(index % 97));
    set(&s, s.weights, i, 0.5 + (double)(index % 13) / 10.0);
  }
  return s;
}

static void free_scene(scene *s)
{
  free(s->x);
  free(s->g);
  free(s->weights);
}

/* Valleys c (v - u^2)^2 + (1 - u)^2 for pairs (u, v) of neighbours, of steepness c from 1 to 30. */
static double evaluate_block(scene *s, int64_t begin, int64_t end)
{
  double loss = 0.0;
  for (int64_t i = begin; i < end; i += 2) {
    const double c = 1.0 + (double)((s->first + i) / 2 % 30);
    const double u = get(s, s->x, i), bend = get(s, s->x, i + 1) - u * u, rest = 1.0 - u;
    loss += c * bend * bend + rest * rest;
    set(s, s->g, i, -4.0 * c * u * bend - 2.0 * rest);
    set(s, s->g, i + 1, 2.0 * c * bend);
  }
  return loss;
}

static int evaluate(void *user, double *loss)
{
  scene *s = user;
  secant_sum terms = {{0.0}};
  for (int64_t i = 0; i < s->count; i += BLOCK)
    secant_sum_add(&terms, evaluate_block(s, i, i + BLOCK < s->count ? i + BLOCK : s->count));
  secant_add_to_loss(s->optimizer, &terms);
  *loss = 0.0;
  return 0;
}

static secant_options options_of(const manner *how, int threads, secant_reduction reduction)
{
  secant_options options = secant_options_default();
  options.direction = how->direction;
  options.line_search = how->search;
  options.lr = how->search == SECANT_LINE_SEARCH_NONE ? 0.3 : 1.0;
  options.max_iter = how->iterations;
  options.history_dtype = how->history_dtype;
  options.tolerance_grad = 0.0;
  options.threads = threads;
  options.reduction = reduction;
  return options;
}

/* Collective over `comm`. */
static scene run(secant_comm *comm, const manner *how, int threads, secant_reduction reduction)
{
  scene s = make(how, secant_comm_size(comm), secant_comm_rank(comm));
  const secant_parameter parameter = {
      .dtype = how->dtype, .values = s.x, .gradient = s.g, .local_count = (size_t)s.count};
  const secant_options options = options_of(how, threads, reduction);
  const void *weights = s.weights;
  const secant_initial_matrix diagonal = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = &weights};
  s.status = secant_create(&s.optimizer, &parameter, 1, &options, comm, NULL);
  if (s.status != SECANT_OK) return s;
  if (how->diagonal) s.status = secant_set_initial_matrix(s.optimizer, &diagonal);
  if (s.status == SECANT_OK) s.status = secant_minimize(s.optimizer, evaluate, &s);
  s.info = secant_get_info(s.optimizer);
  secant_destroy(s.optimizer);
  return s;
}

static bool same(double a, double b)
{
  return memcmp(&a, &b, sizeof a) == 0;
}

static void compare(struct verdict *verdict, const scene *want, const scene *got, int ranks, int threads)
{
  const secant_info *a = &want->info, *b = &got->info;
  const char *const text = "%d ranks, %d threads: %s is %a, not %a";
#define SAME(field)                                                                                                    \
  CHECK(verdict, same((double)a->field, (double)b->field), text, ranks, threads, #field, (double)b->field,             \
        (double)a->field)
  CHECK(verdict, want->status == SECANT_OK && got->status == SECANT_OK, "a run failed: %s",
        secant_status_text(got->status));
  CHECK(verdict, a->n_iter > want->how.iterations / 2, "the run ends after %d iterations", (int)a->n_iter);
  SAME(any_ranks), SAME(reason), SAME(loss), SAME(previous_loss), SAME(grad_inf), SAME(grad_l1), SAME(step);
  SAME(step_inf), SAME(h_diag), SAME(n_iter), SAME(func_evals), SAME(pairs), SAME(skipped_pairs);
  SAME(redone_directions), SAME(allreduces);
#undef SAME
  for (int64_t i = 0; i < got->count; i++) {
    const double x = get(want, want->x, got->first + i), y = get(got, got->x, i);
    CHECK(verdict, same(x, y), text, ranks, threads, "an unknown", y, x);
  }
}

/* Every number of ranks with every number of threads up to `threads`, against one process with one thread. */
static void check_all(struct verdict *verdict, const manner *how, int threads)
{
  scene alone = run(NULL, how, 1, SECANT_REDUCTION_REPRODUCIBLE);
  CHECK(verdict, alone.info.any_ranks == 1, "one rank has cuts");
  for (int size = 1; size <= mpi_world_size(); size++) {
    MPI_Comm part;
    secant_comm *comm = mpi_first_ranks(size, &part);
    if (!comm) continue;
    for (int count = 1; count <= threads; count++) {
      scene ranks = run(comm, how, count, SECANT_REDUCTION_REPRODUCIBLE);
      compare(verdict, &alone, &ranks, size, count);
      free_scene(&ranks);
    }
    secant_comm_destroy(comm);
    MPI_Comm_free(&part);
  }
  free_scene(&alone);
}

/* All ways of forming directions and steps; bit 0 of `index`: direction, 1: search, 2: element type, 3: initial
 * matrix; and beyond those bits, a history in f32. */
enum { COMBINATIONS = 16, MANNERS = 18 };

static manner manner_of(int index, int64_t n, int64_t iterations)
{
  return (manner){.n = n,
                  .iterations = iterations,
                  .direction = index & 1 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                  .search = index & 2 ? SECANT_LINE_SEARCH_NONE : SECANT_LINE_SEARCH_STRONG_WOLFE,
                  .dtype = index & 4 ? SECANT_F32 : SECANT_F64,
                  .diagonal = (index & 8) != 0,
                  .history_dtype = index >= COMBINATIONS ? SECANT_HISTORY_F32 : SECANT_HISTORY_SAME};
}

static void a_run_has_the_same_bits_on_any_number_of_ranks(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int index = 0; index < MANNERS; index++) {
    const manner how = manner_of(index, 20000, 60);
    check_all(&verdict, &how, 1);
  }
  mpi_assert(&verdict);
}

/* So many unknowns that even a quarter of them keeps three threads busy; the last tile is cut. */
static void a_run_has_the_same_bits_on_any_number_of_ranks_and_threads(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int index = 0; index < COMBINATIONS; index += 5) { /* each direction, search, type and matrix twice */
    const manner how = manner_of(index, 4 * 130 * 1024 + 500, 8);
    check_all(&verdict, &how, 3);
  }
  const manner in_f32 = manner_of(COMBINATIONS, 4 * 130 * 1024 + 500, 8);
  check_all(&verdict, &in_f32, 3);
  mpi_assert(&verdict);
}

/* ---- whether the bits hold on any number of ranks ----------------------------------------------------------------- */

/* Three unknowns times 8 a rank, but for what a test changes. */
enum { RANK_COUNT = 24 };

typedef struct cut {
  size_t count[2]; /* of two parameters, the second of which is a group of its own */
  double x[2][4 * RANK_COUNT], g[2][4 * RANK_COUNT];
} cut;

/* What the optimizer says of cuts before and after the second parameter joins. Collective over all ranks. */
static void expect_any_ranks(struct verdict *verdict, secant_comm *comm, const size_t count[2], secant_reduction how,
                             int before, int after, const char *what)
{
  cut c = {.count = {count[0], count[1]}};
  secant_parameter parameters[2];
  secant_options options = secant_options_default();
  secant_optimizer *optimizer;
  options.reduction = how;
  for (int i = 0; i < 2; i++)
    parameters[i] = (secant_parameter){.values = c.x[i], .gradient = c.g[i], .local_count = c.count[i]};
  const secant_group group = {.parameters = &parameters[1], .count = 1};
  CHECK(verdict, secant_create(&optimizer, parameters, 1, &options, comm, NULL) == SECANT_OK, "%s: refused", what);
  CHECK(verdict, secant_get_info(optimizer).any_ranks == before, "%s: %d at creation", what, !before);
  CHECK(verdict, secant_add_param_group(optimizer, &group) == SECANT_OK, "%s: no growth", what);
  CHECK(verdict, secant_get_info(optimizer).any_ranks == after, "%s: %d with a group", what, !after);
  secant_destroy(optimizer);
}

/* Fewer than 1024 unknowns: tiles have 8. */
static void any_ranks_tells_whether_all_parts_begin_at_tiles(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  MPI_Comm all;
  secant_comm *comm = mpi_first_ranks(mpi_world_size(), &all);
  const secant_reduction good = SECANT_REDUCTION_REPRODUCIBLE;
  const int rank = mpi_world_rank(), alone = mpi_world_size() == 1, last = rank == mpi_world_size() - 1;
  const size_t even = RANK_COUNT, odd = RANK_COUNT + 4;
  expect_any_ranks(&verdict, comm, (size_t[]){even, even}, good, 1, 1, "cuts at tiles");
  expect_any_ranks(&verdict, comm, (size_t[]){even, even}, SECANT_REDUCTION_FAST, 0, 0, "plain sums");
  expect_any_ranks(&verdict, comm, (size_t[]){odd, even}, good, alone, alone, "cuts between tiles");
  expect_any_ranks(&verdict, comm, (size_t[]){even, odd}, good, 1, alone, "a group with cuts between tiles");
  expect_any_ranks(&verdict, comm, (size_t[]){last ? odd : even, last ? 1 : 0}, good, 1, 1, "a last tile that is cut");
  expect_any_ranks(&verdict, comm, (size_t[]){rank == 0 ? 5 : 0, last ? 5 : 0}, good, 1, 1, "empty parts");
  secant_comm_destroy(comm);
  MPI_Comm_free(&all);
  mpi_assert(&verdict);
}

/* Tiles grow with the problem: cuts that suited the smaller one may lie within the larger one's tiles. */
static void any_ranks_is_found_again_for_a_larger_problem(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  MPI_Comm all;
  secant_comm *comm = mpi_first_ranks(mpi_world_size(), &all);
  enum { LARGE = 70000 };
  double small[2][RANK_COUNT] = {{0.0}}, *large = calloc(2 * LARGE, sizeof *large);
  const bool owner = mpi_world_rank() == 0;
  const secant_parameter first = {.values = small[0], .gradient = small[1], .local_count = RANK_COUNT};
  const secant_parameter further = {
      .values = large, .gradient = large ? large + LARGE : NULL, .local_count = owner ? LARGE : 0};
  const secant_group group = {.parameters = &further, .count = 1};
  secant_optimizer *optimizer;
  CHECK(&verdict, secant_create(&optimizer, &first, 1, NULL, comm, NULL) == SECANT_OK, "refused");
  CHECK(&verdict, secant_get_info(optimizer).any_ranks == 1, "cuts at tiles of 8");
  CHECK(&verdict, secant_add_param_group(optimizer, &group) == SECANT_OK, "no growth");
  CHECK(&verdict, secant_get_info(optimizer).any_ranks == (mpi_world_size() == 1), "cuts within tiles of 1024");
  secant_destroy(optimizer);
  secant_comm_destroy(comm);
  MPI_Comm_free(&all);
  free(large);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_has_the_same_bits_on_any_number_of_ranks),
      cmocka_unit_test(a_run_has_the_same_bits_on_any_number_of_ranks_and_threads),
      cmocka_unit_test(any_ranks_tells_whether_all_parts_begin_at_tiles),
      cmocka_unit_test(any_ranks_is_found_again_for_a_larger_problem),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
