/* The monitor sees every accepted point with numbers that vectors confirm, changes nothing, and can end the run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/valley.h"
#include <math.h>
#include <secant/monitor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N = 64, MOST = 400 };

static const char path[] = "test_monitor.h5";

/* What a monitor has seen of the run over `v`. */
typedef struct scene {
  valley v;
  secant_optimizer *optimizer;
  secant_info seen[MOST];
  int count;
  int64_t stop_at; /* n_iter; 0: never */
  double before_x[N], before_g[N];
  double slept; /* seconds in the monitor */
  double worst; /* relative disagreement between what was shown and what the vectors say */
} scene;

static secant_options options_for(int64_t max_iter)
{
  secant_options options = secant_options_default();
  options.threads = 1;
  options.history_size = 5;
  options.max_iter = max_iter;
  return options;
}

static void open_with(scene *s, const secant_options *options)
{
  *s = (scene){.v = valley_create(N, 1, 0)};
  const secant_parameter parameter = valley_parameter(&s->v);
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, options, NULL, NULL), SECANT_OK);
}

static void open_scene(scene *s, int64_t max_iter)
{
  const secant_options options = options_for(max_iter);
  open_with(s, &options);
}

static void close_scene(scene *s)
{
  secant_destroy(s->optimizer);
  valley_destroy(&s->v);
}

static int note(const secant_info *info, void *user)
{
  scene *s = user;
  if (s->count < MOST) s->seen[s->count] = *info;
  s->count++;
  return s->stop_at > 0 && info->n_iter >= s->stop_at;
}

static secant_info minimize(scene *s)
{
  assert_int_equal(secant_minimize(s->optimizer, valley_evaluate, &s->v), SECANT_OK);
  return secant_get_info(s->optimizer);
}

/* ---- what is shown --------------------------------------------------------------------------------------------------- */

static void every_accepted_point_is_shown_once(void **state)
{
  (void)state;
  scene s;
  open_scene(&s, 1000);
  secant_set_monitor(s.optimizer, note, &s);
  const secant_info end = minimize(&s);
  assert_int_equal(end.reason, SECANT_REASON_GRADIENT);
  assert_int_equal(s.count, end.accepted);
  assert_true(s.count > 5 && s.count < MOST);
  int64_t evaluations = 1;
  for (int i = 0; i < s.count; i++) {
    assert_int_equal(s.seen[i].n_iter, i + 1);
    assert_int_equal(s.seen[i].reason, SECANT_REASON_NONE);
    evaluations += s.seen[i].trials;
    assert_int_equal(s.seen[i].func_evals, evaluations);
    if (i > 0) assert_true(s.seen[i].previous_loss == s.seen[i - 1].loss);
  }
  const secant_info *last = &s.seen[s.count - 1];
  assert_true(last->loss == end.loss && last->grad_inf == end.grad_inf && last->allreduces == end.allreduces);
  assert_int_equal(last->func_evals, end.func_evals);
  close_scene(&s);
}

static void compare(scene *s, double shown, long double computed)
{
  const double error = fabs(shown - (double)computed) / fabs((double)computed);
  if (!(error <= s->worst)) s->worst = error; /* NaN too */
}

/* A secant_monitor: s, y and the point itself from the arrays that it finds. */
static int measure(const secant_info *info, void *user)
{
  scene *s = user;
  long double sy = 0.0L, ss = 0.0L, yy = 0.0L;
  double step_inf = 0.0, grad_inf = 0.0;
  for (int i = 0; i < N; i++) {
    const long double step = (long double)s->v.x[i] - s->before_x[i], change = (long double)s->v.g[i] - s->before_g[i];
    sy += step * change;
    ss += step * step;
    yy += change * change;
    step_inf = fmax(step_inf, fabs((double)step));
    grad_inf = fmax(grad_inf, fabs(s->v.g[i]));
  }
  double loss = 0.0;
  memcpy(s->before_x, s->v.x, sizeof s->before_x);
  memcpy(s->before_g, s->v.g, sizeof s->before_g);
  assert_int_equal(valley_evaluate(&s->v, &loss), 0);
  assert_memory_equal(s->v.g, s->before_g, sizeof s->before_g);
  compare(s, info->loss, loss);
  compare(s, info->grad_inf, grad_inf);
  compare(s, info->step_inf, step_inf);
  compare(s, info->step_norm, sqrtl(ss));
  compare(s, info->curvature, sy);
  compare(s, info->cosine, sy / sqrtl(ss * yy));
  return note(info, s);
}

/* The points are differences of rounded numbers: what is left of 16 digits when steps have become 1e-4 of x. */
static void numbers_are_those_of_the_vectors(void **state)
{
  (void)state;
  scene s;
  secant_options options = options_for(1000);
  options.tolerance_grad = 1e-3;
  open_with(&s, &options);
  double loss = 0.0;
  assert_int_equal(valley_evaluate(&s.v, &loss), 0);
  memcpy(s.before_x, s.v.x, sizeof s.before_x);
  memcpy(s.before_g, s.v.g, sizeof s.before_g);
  secant_set_monitor(s.optimizer, measure, &s);
  minimize(&s);
  assert_true(s.count > 5);
  if (!(s.worst < 1e-9)) fail_msg("a number is off by %g", s.worst);
  close_scene(&s);
}

static void a_refused_pair_is_shown_and_then_counted(void **state)
{
  (void)state;
  scene s;
  secant_options options = options_for(6);
  options.tolerance_curvature = 2.0; /* no cosine is that large */
  open_with(&s, &options);
  secant_set_monitor(s.optimizer, note, &s);
  const secant_info end = minimize(&s);
  assert_int_equal(s.count, 6);
  for (int i = 0; i < s.count; i++) {
    assert_int_equal(s.seen[i].pair_skipped, 1);
    assert_int_equal(s.seen[i].skipped_pairs, i);
    assert_int_equal(s.seen[i].pairs, 0);
    assert_true(s.seen[i].cosine <= 1.0 + 1e-15);
  }
  assert_int_equal(end.skipped_pairs, 5);
  assert_int_equal(end.pair_skipped, 1);
  close_scene(&s);

  open_scene(&s, 6);
  assert_true(isnan(secant_get_info(s.optimizer).cosine));
  assert_int_equal(secant_get_info(s.optimizer).pair_skipped, 0);
  secant_set_monitor(s.optimizer, note, &s);
  minimize(&s);
  for (int i = 0; i < s.count; i++) assert_int_equal(s.seen[i].pair_skipped + s.seen[i].skipped_pairs, 0);
  close_scene(&s);
}

/* ---- it changes nothing ---------------------------------------------------------------------------------------------- */

static void a_watched_run_has_the_bits_of_an_unwatched_one(void **state)
{
  (void)state;
  scene watched, alone;
  open_scene(&watched, 1000);
  open_scene(&alone, 1000);
  secant_set_monitor(watched.optimizer, note, &watched);
  const secant_info a = minimize(&watched), b = minimize(&alone);
  assert_memory_equal(watched.v.x, alone.v.x, N * sizeof(double));
  assert_int_equal(a.allreduces, b.allreduces);
  assert_int_equal(a.func_evals, b.func_evals);
  close_scene(&watched);
  close_scene(&alone);
}

static void same_points(const scene *a, const scene *b)
{
  assert_int_equal(a->count, b->count);
  for (int i = 0; i < a->count; i++) {
    assert_true(a->seen[i].loss == b->seen[i].loss && a->seen[i].curvature == b->seen[i].curvature);
    assert_int_equal(a->seen[i].n_iter, b->seen[i].n_iter);
    assert_int_equal(a->seen[i].trials, b->seen[i].trials);
  }
}

static void step_and_ask_and_tell_show_what_minimize_shows(void **state)
{
  (void)state;
  scene whole, step, told;
  open_scene(&whole, 12);
  open_scene(&step, 12);
  open_scene(&told, 12);
  secant_set_monitor(whole.optimizer, note, &whole);
  secant_set_monitor(step.optimizer, note, &step);
  secant_set_monitor(told.optimizer, note, &told);
  minimize(&whole);
  assert_int_equal(whole.count, 12);
  assert_int_equal(secant_step(step.optimizer, valley_evaluate, &step.v, NULL), SECANT_OK);
  same_points(&step, &whole);
  secant_request request = SECANT_EVALUATE;
  assert_int_equal(secant_ask(told.optimizer, &request), SECANT_OK);
  while (request == SECANT_EVALUATE) {
    double loss = 0.0;
    const int failed = valley_evaluate(&told.v, &loss);
    assert_int_equal(secant_tell(told.optimizer, loss, failed), SECANT_OK);
    assert_int_equal(secant_ask(told.optimizer, &request), SECANT_OK);
  }
  same_points(&told, &whole);
  close_scene(&whole);
  close_scene(&step);
  close_scene(&told);
}

/* A secant_monitor that tries all it must not. */
static int meddle(const secant_info *info, void *user)
{
  scene *s = user;
  secant_request request;
  secant_node *dict = NULL;
  const secant_options options = options_for(3);
  const secant_group group = {.parameters = NULL};
  assert_int_equal(secant_step(s->optimizer, valley_evaluate, &s->v, NULL), SECANT_ERR_STATE);
  assert_int_equal(secant_minimize(s->optimizer, valley_evaluate, &s->v), SECANT_ERR_STATE);
  assert_int_equal(secant_ask(s->optimizer, &request), SECANT_ERR_STATE);
  assert_int_equal(secant_tell(s->optimizer, 0.0, 0), SECANT_ERR_STATE);
  assert_int_equal(secant_set_options(s->optimizer, &options), SECANT_ERR_STATE);
  assert_int_equal(secant_state_dict(s->optimizer, &dict), SECANT_ERR_STATE);
  assert_int_equal(secant_add_param_group(s->optimizer, &group), SECANT_ERR_STATE);
  assert_int_equal(secant_set_initial_matrix(s->optimizer, NULL), SECANT_ERR_STATE);
  assert_non_null(strstr(secant_message(s->optimizer), "secant_set_initial_matrix() was called by a monitor"));
  const secant_status loaded = secant_checkpoint_load(s->optimizer, path, "valley");
  assert_true(loaded == SECANT_ERR_STATE || loaded == SECANT_ERR_UNSUPPORTED);
  secant_reset(s->optimizer);
  return note(info, s);
}

static void a_monitor_that_meddles_is_refused_and_the_run_goes_on(void **state)
{
  (void)state;
  scene meddled, alone;
  open_scene(&meddled, 1000);
  open_scene(&alone, 1000);
  secant_set_monitor(meddled.optimizer, meddle, &meddled);
  assert_int_equal(minimize(&meddled).reason, SECANT_REASON_GRADIENT);
  minimize(&alone);
  assert_memory_equal(meddled.v.x, alone.v.x, N * sizeof(double));
  close_scene(&meddled);
  close_scene(&alone);
}

static int sleep_a_little(const secant_info *info, void *user)
{
  scene *s = user;
  const double begin = secanti_now();
  const struct timespec nap = {.tv_nsec = 10000000};
  nanosleep(&nap, NULL);
  s->slept += secanti_now() - begin;
  return note(info, s);
}

static void the_time_of_the_monitor_is_the_callers(void **state)
{
  (void)state;
  scene s;
  open_scene(&s, 10);
  secant_set_monitor(s.optimizer, sleep_a_little, &s);
  const double begin = secanti_now();
  const secant_info end = minimize(&s);
  const double others = secanti_now() - begin - s.slept, rounding = 1e-9;
  const secant_timings t = end.timings;
  assert_int_equal(s.count, 10);
  assert_true(s.slept > 0.0 && end.optimizer_seconds >= 0.0);
  assert_true(end.optimizer_seconds <= others + rounding);
  assert_true(t.pass_a + t.pass_b + t.reduction + t.closure <= others + rounding);
  close_scene(&s);
}

static int save_at_three(const secant_info *info, void *user)
{
  scene *s = user;
  if (info->n_iter != 3) return note(info, s);
  const secant_status status = secant_checkpoint_save(s->optimizer, path, "valley");
  assert_true(status == SECANT_OK || status == SECANT_ERR_UNSUPPORTED);
  s->stop_at = status == SECANT_OK ? 0 : 1;
  return note(info, s);
}

static void a_checkpoint_of_the_shown_point_goes_on_in_the_same_bits(void **state)
{
  (void)state;
  scene saved, resumed;
  open_scene(&saved, 1000);
  secant_set_monitor(saved.optimizer, save_at_three, &saved);
  minimize(&saved);
  if (saved.stop_at) {
    close_scene(&saved);
    skip();
  }
  open_scene(&resumed, 1000);
  assert_int_equal(secant_checkpoint_load(resumed.optimizer, path, "valley"), SECANT_OK);
  const secant_info info = secant_get_info(resumed.optimizer);
  assert_int_equal(info.n_iter, 3);
  assert_true(info.loss == saved.seen[2].loss && info.curvature == saved.seen[2].curvature);
  assert_true(info.step_norm == saved.seen[2].step_norm && info.cosine == saved.seen[2].cosine);
  minimize(&resumed);
  assert_memory_equal(saved.v.x, resumed.v.x, N * sizeof(double));
  close_scene(&saved);
  close_scene(&resumed);
  remove(path);
}

/* ---- it ends the run ------------------------------------------------------------------------------------------------- */

static void a_monitor_ends_the_run_at_its_point_or_the_next_one(void **state)
{
  (void)state;
  for (int64_t at = 1; at <= 12; at++) {
    scene s, whole;
    open_scene(&s, 1000);
    open_scene(&whole, 1000);
    s.stop_at = at;
    secant_set_monitor(s.optimizer, note, &s);
    const secant_info info = minimize(&s);
    assert_int_equal(info.reason, SECANT_REASON_STOP_REQUESTED);
    assert_true(info.n_iter == at || info.n_iter == at + 1);
    assert_int_equal(s.count, info.n_iter);
    s.stop_at = 0; /* and on it goes */
    const secant_info end = minimize(&s);
    assert_int_equal(end.reason, SECANT_REASON_GRADIENT);
    assert_int_equal(end.func_evals, minimize(&whole).func_evals);
    assert_memory_equal(s.v.x, whole.v.x, N * sizeof(double));
    close_scene(&s);
    close_scene(&whole);
  }
}

static void a_wish_at_the_last_point_is_forgotten(void **state)
{
  (void)state;
  scene s;
  open_scene(&s, 4);
  s.stop_at = 4;
  secant_set_monitor(s.optimizer, note, &s);
  assert_int_equal(minimize(&s).reason, SECANT_REASON_MAX_ITER);
  secant_set_monitor(s.optimizer, NULL, NULL);
  const secant_options more = options_for(1000);
  assert_int_equal(secant_set_options(s.optimizer, &more), SECANT_OK);
  assert_int_equal(minimize(&s).reason, SECANT_REASON_GRADIENT);
  assert_int_equal(s.count, 4);
  close_scene(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_accepted_point_is_shown_once),
      cmocka_unit_test(numbers_are_those_of_the_vectors),
      cmocka_unit_test(a_refused_pair_is_shown_and_then_counted),
      cmocka_unit_test(a_watched_run_has_the_bits_of_an_unwatched_one),
      cmocka_unit_test(step_and_ask_and_tell_show_what_minimize_shows),
      cmocka_unit_test(a_monitor_that_meddles_is_refused_and_the_run_goes_on),
      cmocka_unit_test(the_time_of_the_monitor_is_the_callers),
      cmocka_unit_test(a_checkpoint_of_the_shown_point_goes_on_in_the_same_bits),
      cmocka_unit_test(a_monitor_ends_the_run_at_its_point_or_the_next_one),
      cmocka_unit_test(a_wish_at_the_last_point_is_forgotten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
