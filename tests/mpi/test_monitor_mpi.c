/*
 * A monitor on several ranks: any one of them ends the run on all at the same iteration, without a reduction of its own,
 * and all are shown the same numbers.
 */
#include "support/mpi_check.h"
#include "support/valley.h"
#include <secant/monitor.h>
#include <secant/mpi.h>
#include <stdbool.h>
#include <string.h>

enum { N = 66, NUMBERS = 9 };

typedef struct scene {
  secant_comm *comm;
  valley v;
  secant_optimizer *optimizer;
  int64_t stop_at;      /* n_iter; 0: never on this rank */
  int64_t shown;        /* points */
  double sums[NUMBERS]; /* of what was shown */
} scene;

static int note(const secant_info *info, void *user)
{
  scene *s = user;
  const double numbers[NUMBERS] = {info->loss,           info->grad_inf,           info->step,
                                   info->step_norm,      info->curvature,          info->cosine,
                                   (double)info->trials, (double)info->func_evals, (double)info->allreduces};
  for (int i = 0; i < NUMBERS; i++) s->sums[i] += numbers[i];
  s->shown++;
  return s->stop_at > 0 && info->n_iter >= s->stop_at;
}

static void open_scene(struct verdict *verdict, scene *s, bool watched)
{
  *s = (scene){.v = valley_create(N, mpi_world_size(), mpi_world_rank())};
  CHECK(verdict, secant_comm_from_mpi(&s->comm, MPI_COMM_WORLD, NULL) == SECANT_OK, "no communicator");
  const secant_parameter parameter = valley_parameter(&s->v);
  secant_options options = secant_options_default();
  options.threads = 1;
  secant_error error;
  const secant_status status = secant_create(&s->optimizer, &parameter, 1, &options, s->comm, &error);
  CHECK(verdict, status == SECANT_OK, "%s", error.message);
  if (watched) secant_set_monitor(s->optimizer, note, s);
}

static void close_scene(scene *s)
{
  secant_destroy(s->optimizer);
  secant_comm_destroy(s->comm);
  valley_destroy(&s->v);
}

static secant_info minimize(struct verdict *verdict, scene *s)
{
  CHECK(verdict, secant_minimize(s->optimizer, valley_evaluate, &s->v) == SECANT_OK, "%s",
        secant_message(s->optimizer));
  return secant_get_info(s->optimizer);
}

/* Whether rank 0 has the same bits. */
static bool common(const void *data, size_t bytes)
{
  char reference[256];
  memcpy(reference, data, bytes);
  MPI_Bcast(reference, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
  return memcmp(reference, data, bytes) == 0;
}

static void one_rank_ends_the_run_on_all_at_the_same_iteration(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int culprit = 0; culprit < mpi_world_size(); culprit++) {
    for (int64_t at = 1; at <= 6; at++) {
      scene s;
      const bool asks = culprit == mpi_world_rank();
      open_scene(&verdict, &s, asks); /* the other ranks have no monitor at all */
      s.stop_at = asks ? at : 0;
      const secant_info info = minimize(&verdict, &s);
      CHECK(&verdict, info.reason == SECANT_REASON_STOP_REQUESTED, "rank %d: %s", culprit,
            secant_reason_text(info.reason));
      CHECK(&verdict, info.n_iter == at || info.n_iter == at + 1, "iteration %d, asked at %d", (int)info.n_iter,
            (int)at);
      CHECK(&verdict, common(&info.n_iter, sizeof info.n_iter), "iteration %d here", (int)info.n_iter);
      s.stop_at = 0;
      CHECK(&verdict, minimize(&verdict, &s).reason == SECANT_REASON_GRADIENT, "it does not go on");
      close_scene(&s);
    }
  }
  mpi_assert(&verdict);
}

static void all_ranks_are_shown_the_same_at_no_cost(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  scene watched, alone;
  open_scene(&verdict, &watched, true);
  open_scene(&verdict, &alone, false);
  const secant_info a = minimize(&verdict, &watched), b = minimize(&verdict, &alone);
  CHECK(&verdict, watched.shown == a.accepted && watched.shown > 5, "%d points shown", (int)watched.shown);
  CHECK(&verdict, common(watched.sums, sizeof watched.sums), "other numbers than on rank 0");
  CHECK(&verdict, a.allreduces == b.allreduces, "%d reductions, not %d", (int)a.allreduces, (int)b.allreduces);
  CHECK(&verdict, memcmp(watched.v.x, alone.v.x, watched.v.count * sizeof(double)) == 0, "other bits");
  close_scene(&watched);
  close_scene(&alone);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_rank_ends_the_run_on_all_at_the_same_iteration),
      cmocka_unit_test(all_ranks_are_shown_the_same_at_no_cost),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
