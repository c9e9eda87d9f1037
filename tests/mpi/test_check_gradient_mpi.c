/*
 * The Taylor test on several ranks: the same bits as on one, also where ranks own nothing; a rank that fails fails the
 * test on all; arrays are put back everywhere.
 */
#include "support/mpi_check.h"
#include <math.h>
#include <secant/mpi.h>
#include <secant/secant.h>
#include <stdbool.h>
#include <string.h>

enum { MOST = 300 };

/* sum w_i (x_i - 1)^2 + exp(x_i), w_i = 1 + i mod 5. Each term depends on its own unknown alone. */
typedef struct scene {
  secant_comm *comm;
  secant_optimizer *optimizer;
  secant_dtype dtype;
  secant_loss loss;
  int64_t n, first, count;
  double x[MOST], g[MOST];
  float x32[MOST], g32[MOST];
  int64_t turned; /* global index of the entry whose sign is wrong; -1: none */
  int64_t evaluations, fail_at;
} scene;

static double start_of(int64_t i)
{
  return sin((double)i);
}

static double term(int64_t i, double x, double *g)
{
  const double away = x - 1.0, w = 1.0 + (double)(i % 5);
  *g = 2.0 * w * away + exp(x);
  return w * away * away + exp(x);
}

/* The terms of a replicated loss come from all ranks, in the order of their indices. */
static int evaluate(void *user, double *loss)
{
  scene *s = user;
  secant_sum terms = {0};
  double all[MOST] = {0.0};
  if (++s->evaluations == s->fail_at) return 1;
  for (int64_t i = 0; i < s->count; i++) {
    const double x = s->dtype == SECANT_F32 ? (double)s->x32[i] : s->x[i];
    double g;
    all[s->first + i] = term(s->first + i, x, &g);
    if (s->first + i == s->turned) g = -g;
    s->g[i] = g;
    s->g32[i] = (float)g;
    secant_sum_add(&terms, all[s->first + i]);
  }
  *loss = 0.0;
  if (s->loss == SECANT_LOSS_SHARE) {
    secant_add_to_loss(s->optimizer, &terms);
    return 0;
  }
  if (secant_comm_sum(s->comm, all, (size_t)s->n) != SECANT_OK) return 1;
  for (int64_t i = 0; i < s->n; i++) *loss += all[i];
  return 0;
}

/* A scene over `ranks` ranks, of which this is `rank`: all that MPI has, or this process alone. */
static void open_scene(struct verdict *verdict, scene *s, secant_comm *comm, int ranks, int rank)
{
  s->comm = comm;
  CHECK(verdict, secant_partition(s->n, ranks, rank, &s->first, &s->count) == SECANT_OK, "no partition");
  for (int64_t i = 0; i < s->count; i++) {
    s->x32[i] = (float)start_of(s->first + i);
    s->x[i] = start_of(s->first + i);
    s->g[i] = s->g32[i] = 5.0F;
  }
  const bool narrow = s->dtype == SECANT_F32;
  const secant_parameter parameter = {.name = "x",
                                      .dtype = s->dtype,
                                      .values = narrow ? (void *)s->x32 : s->x,
                                      .gradient = narrow ? (void *)s->g32 : s->g,
                                      .local_count = (size_t)s->count};
  secant_options options = secant_options_default();
  options.threads = 1;
  options.loss = s->loss;
  secant_error error;
  const secant_status status = secant_create(&s->optimizer, &parameter, 1, &options, comm, &error);
  CHECK(verdict, status == SECANT_OK, "%s", error.message);
}

/* Tests the gradient and checks that the arrays are as they were. */
static secant_status test_gradient(struct verdict *verdict, scene *s, secant_check_direction along,
                                   secant_gradient_check *check)
{
  secant_gradient_check_options options = secant_gradient_check_options_default();
  options.along = along;
  const scene before = *s;
  memset(check, 0, sizeof *check);
  check->size = sizeof *check;
  const secant_status status = secant_check_gradient(s->optimizer, evaluate, s, &options, check);
  const bool wide = s->dtype == SECANT_F64; /* the objective fills both gradients, of which one is its own business */
  const bool same = memcmp(before.x, s->x, sizeof s->x) == 0 && memcmp(before.x32, s->x32, sizeof s->x32) == 0 &&
                    (wide ? memcmp(before.g, s->g, sizeof s->g) : memcmp(before.g32, s->g32, sizeof s->g32)) == 0;
  CHECK(verdict, same, "the arrays are not as they were");
  secant_destroy(s->optimizer);
  return status;
}

static void check_bits(struct verdict *verdict, secant_comm *comm, const scene *like, secant_check_direction along,
                       secant_gradient_verdict expected)
{
  scene all = *like, alone = *like;
  secant_gradient_check here, there;
  open_scene(verdict, &all, comm, mpi_world_size(), mpi_world_rank());
  open_scene(verdict, &alone, NULL, 1, 0);
  CHECK(verdict, test_gradient(verdict, &all, along, &here) == SECANT_OK, "it failed on all ranks");
  CHECK(verdict, test_gradient(verdict, &alone, along, &there) == SECANT_OK, "it failed on one rank");
  CHECK(verdict, memcmp(&here, &there, sizeof here) == 0, "n = %d: told %a measured %a here, told %a measured %a alone",
        (int)like->n, here.told, here.measured, there.told, there.measured);
  CHECK(verdict, here.verdict == expected, "n = %d, turned %d: verdict %d", (int)like->n, (int)like->turned,
        (int)here.verdict);
}

static void the_outcome_has_the_same_bits_as_on_one_rank(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  CHECK(&verdict, secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) == SECANT_OK, "no communicator");
  const int64_t sizes[] = {1, 8, 19, MOST}; /* up to three of four ranks own nothing */
  for (int i = 0; i < 16; i++) {
    scene s = {.n = sizes[i / 4], .turned = -1};
    s.dtype = i & 1 ? SECANT_F32 : SECANT_F64;
    s.loss = i & 2 ? SECANT_LOSS_REPLICATED : SECANT_LOSS_SHARE;
    check_bits(&verdict, comm, &s, SECANT_CHECK_RANDOM, SECANT_GRADIENT_PASSES);
    check_bits(&verdict, comm, &s, SECANT_CHECK_GRADIENT, SECANT_GRADIENT_PASSES);
    s.turned = s.n - 1;
    check_bits(&verdict, comm, &s, SECANT_CHECK_RANDOM, SECANT_GRADIENT_FAILS);
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

static void a_failure_on_one_rank_is_one_on_all(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  CHECK(&verdict, secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) == SECANT_OK, "no communicator");
  for (int culprit = 0; culprit < mpi_world_size(); culprit++) {
    for (int64_t at = 1; at <= 9; at += 4) {
      scene s = {.n = 19, .turned = -1, .fail_at = culprit == mpi_world_rank() ? at : 0};
      secant_gradient_check check;
      open_scene(&verdict, &s, comm, mpi_world_size(), mpi_world_rank());
      const secant_status status = test_gradient(&verdict, &s, SECANT_CHECK_RANDOM, &check);
      CHECK(&verdict, status == SECANT_ERR_CLOSURE, "status %d", (int)status);
      CHECK(&verdict, s.evaluations == at, "%d evaluations, not %d", (int)s.evaluations, (int)at);
    }
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

static void ranks_that_want_different_tests_are_told_so(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  CHECK(&verdict, secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) == SECANT_OK, "no communicator");
  scene s = {.n = 19, .turned = -1};
  secant_gradient_check check = {.size = sizeof check};
  secant_gradient_check_options options = secant_gradient_check_options_default();
  options.seed = (uint64_t)mpi_world_rank();
  open_scene(&verdict, &s, comm, mpi_world_size(), mpi_world_rank());
  const secant_status status = secant_check_gradient(s.optimizer, evaluate, &s, &options, &check);
  CHECK(&verdict, status == (mpi_world_size() > 1 ? SECANT_ERR_ARGUMENT : SECANT_OK), "status %d", (int)status);
  secant_destroy(s.optimizer);
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_outcome_has_the_same_bits_as_on_one_rank),
      cmocka_unit_test(a_failure_on_one_rank_is_one_on_all),
      cmocka_unit_test(ranks_that_want_different_tests_are_told_so),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
