/*
 * Two optimizers at the same time in two threads of one process: each ends in the same bits as alone. Besides steps
 * they export and load states, run hooks of their own and of the process, and follow schedules, while a third thread
 * adds and removes hooks of the process. Meant to run under a thread sanitizer too.
 */
#include "support/continuation.h"
#include "support/valley.h"
#include "support/verdict.h"
#include <pthread.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 300, STEPS = 24, ROUNDS = 3 };

/* One optimizer with its objective, and all that is seen of its run. */
typedef struct job {
  secant_optimizer *optimizer;
  secant_closure *closure;
  void *user;
  const secant_parameter *parameters;
  size_t count;
  secant_schedule *schedule;
  int own_hooks; /* that ran */
  atomic_int *global_hooks;
  pthread_barrier_t *barrier; /* NULL: alone */
  uint64_t digest;            /* of losses and points after each step */
  struct verdict verdict;
} job;

static void digest(job *j, const void *data, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++)
    j->digest = (j->digest ^ ((const unsigned char *)data)[i]) * UINT64_C(1099511628211);
}

static void digest_point(job *j, double loss)
{
  digest(j, &loss, sizeof loss);
  for (size_t p = 0; p < j->count; p++) {
    const secant_parameter *parameter = &j->parameters[p];
    const size_t bytes = parameter->dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
    digest(j, parameter->values, parameter->local_count * bytes);
  }
}

static int count_own(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  job *j = user;
  j->own_hooks += optimizer == j->optimizer && call->closure == j->closure;
  return SECANT_HOOK_KEEP;
}

static int count_own_state(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  job *j = user;
  (void)dict;
  j->own_hooks += optimizer == j->optimizer;
  return SECANT_HOOK_KEEP;
}

static int count_global(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  (void)optimizer;
  (void)call;
  atomic_fetch_add((atomic_int *)user, 1);
  return SECANT_HOOK_KEEP;
}

static void expect(job *j, secant_status status, const char *what)
{
  CHECK(&j->verdict, status == SECANT_OK, "%s: %s, %s", what, secant_status_text(status), secant_message(j->optimizer));
}

/* Exports the state and loads it again, which must not change the run. */
static void export_and_load(job *j)
{
  secant_node *dict = NULL;
  expect(j, secant_state_dict(j->optimizer, &dict), "export");
  expect(j, secant_load_state_dict(j->optimizer, dict), "load");
  secant_node_destroy(dict);
}

/* One step between two process-wide hooks that live only for it. */
static void take_step(job *j)
{
  secant_hook *pre = NULL, *post = NULL;
  double loss = 0.0;
  expect(j, secant_register_global_step_pre_hook(count_global, j->global_hooks, &pre), "global pre-hook");
  expect(j, secant_register_global_step_post_hook(count_global, j->global_hooks, &post), "global post-hook");
  expect(j, secant_step(j->optimizer, j->closure, j->user, &loss), "step");
  expect(j, secant_schedule_advance(j->schedule), "schedule");
  secant_hook_remove(pre);
  secant_hook_remove(post);
  secant_hook_release(pre);
  secant_hook_release(post);
  digest_point(j, loss);
}

static void *work(void *argument)
{
  job *j = argument;
  expect(j, secant_register_step_pre_hook(j->optimizer, count_own, j, NULL), "pre-hook");
  expect(j, secant_register_step_post_hook(j->optimizer, count_own, j, NULL), "post-hook");
  expect(j, secant_register_state_dict_post_hook(j->optimizer, count_own_state, j, 0, NULL), "export hook");
  expect(j, secant_register_load_state_dict_pre_hook(j->optimizer, count_own_state, j, 0, NULL), "load hook");
  if (j->barrier) pthread_barrier_wait(j->barrier);
  for (int step = 0; step < STEPS; step++) {
    take_step(j);
    if (step % 4 == 3) export_and_load(j);
  }
  CHECK(&j->verdict, j->own_hooks == 2 * STEPS + 2 * (STEPS / 4), "%d own hooks ran", j->own_hooks);
  return NULL;
}

/* ---- two different jobs ------------------------------------------------------------------------------------------ */

typedef struct pair {
  valley valley;
  secant_parameter parameter;
  continuation *run;
  atomic_int global_hooks;
  job jobs[2];
} pair;

/* Double precision, Gram direction, line search, warm-up and cosine. */
static void make_first(pair *p)
{
  secant_options options = secant_options_default();
  options.threads = 1;
  options.history_size = 5;
  options.max_iter = 3;
  p->valley = valley_create(N, 1, 0);
  p->parameter = valley_parameter(&p->valley);
  job *j = &p->jobs[0];
  *j = (job){.closure = valley_evaluate, .user = &p->valley, .parameters = &p->parameter, .count = 1};
  assert_int_equal(secant_create(&j->optimizer, &p->parameter, 1, &options, NULL, NULL), SECANT_OK);
  secant_schedule *parts[2] = {NULL, NULL};
  const int64_t milestone = 8;
  assert_int_equal(secant_schedule_linear(&parts[0], j->optimizer, 0.1, 1.0, 8), SECANT_OK);
  assert_int_equal(secant_schedule_cosine_annealing(&parts[1], j->optimizer, 12, 0.1), SECANT_OK);
  assert_int_equal(secant_schedule_sequential(&j->schedule, j->optimizer, parts, 2, &milestone), SECANT_OK);
}

/* Single precision, textbook direction, fixed step, four parameters. */
static void make_second(pair *p)
{
  secant_options options = secant_options_torch();
  options.threads = 1;
  options.direction = SECANT_DIRECTION_TWO_LOOP;
  options.history_size = 9;
  options.max_iter = 2;
  options.lr = 0.5;
  p->run = continuation_create(NULL, SECANT_F32, &options, 0.0);
  assert_non_null(p->run);
  p->jobs[1] = (job){.optimizer = p->run->optimizer,
                     .closure = continuation_closure,
                     .user = p->run,
                     .parameters = p->run->parameters,
                     .count = CONTINUATION_PARAMETERS};
  assert_int_equal(secant_schedule_exponential(&p->jobs[1].schedule, p->run->optimizer, 0.95), SECANT_OK);
}

static void make_pair(pair *p)
{
  make_first(p);
  make_second(p);
  atomic_init(&p->global_hooks, 0);
  for (int i = 0; i < 2; i++) {
    p->jobs[i].digest = UINT64_C(14695981039346656037);
    p->jobs[i].global_hooks = &p->global_hooks;
  }
}

static void destroy_pair(pair *p)
{
  for (int i = 0; i < 2; i++) secant_schedule_destroy(p->jobs[i].schedule);
  secant_destroy(p->jobs[0].optimizer);
  valley_destroy(&p->valley);
  continuation_destroy(p->run);
}

static void expect_good(const pair *p)
{
  for (int i = 0; i < 2; i++) {
    if (p->jobs[i].verdict.failures) fail_msg("job %d: %s", i, p->jobs[i].verdict.first);
  }
}

/* ---- the tests --------------------------------------------------------------------------------------------------- */

typedef struct meddler {
  pthread_barrier_t *barrier;
  atomic_bool enough;
  atomic_int ran;
  struct verdict verdict;
} meddler;

/* Adds and removes process-wide hooks until told to stop. */
static void *meddle(void *argument)
{
  meddler *m = argument;
  pthread_barrier_wait(m->barrier);
  while (!atomic_load(&m->enough)) {
    secant_hook *kept = NULL, *released = NULL;
    secant_status status = secant_register_global_step_pre_hook(count_global, &m->ran, &kept);
    CHECK(&m->verdict, status == SECANT_OK, "%s", secant_status_text(status));
    status = secant_register_global_step_post_hook(count_global, &m->ran, &released);
    CHECK(&m->verdict, status == SECANT_OK, "%s", secant_status_text(status));
    secant_hook_remove(released);
    secant_hook_release(released);
    secant_hook_remove(kept);
    secant_hook_release(kept);
  }
  return NULL;
}

static void two_optimizers_in_two_threads_end_in_the_same_bits_as_alone(void **state)
{
  (void)state;
  static pair alone, together;
  make_pair(&alone);
  for (int i = 0; i < 2; i++) work(&alone.jobs[i]);
  expect_good(&alone);
  assert_int_equal(atomic_load(&alone.global_hooks), 2 * 2 * STEPS);
  assert_true(alone.jobs[0].digest != alone.jobs[1].digest);

  for (int round = 0; round < ROUNDS; round++) {
    pthread_t threads[3];
    pthread_barrier_t barrier;
    meddler m = {.barrier = &barrier};
    make_pair(&together);
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
    assert_int_equal(pthread_create(&threads[2], NULL, meddle, &m), 0);
    for (int i = 0; i < 2; i++) {
      together.jobs[i].barrier = &barrier;
      assert_int_equal(pthread_create(&threads[i], NULL, work, &together.jobs[i]), 0);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    atomic_store(&m.enough, true);
    assert_int_equal(pthread_join(threads[2], NULL), 0);
    assert_int_equal(pthread_barrier_destroy(&barrier), 0);
    expect_good(&together);
    if (m.verdict.failures) fail_msg("%s", m.verdict.first);
    for (int i = 0; i < 2; i++) assert_true(together.jobs[i].digest == alone.jobs[i].digest);
    /* a hook of one thread may run in the step of the other */
    assert_true(atomic_load(&together.global_hooks) >= 2 * 2 * STEPS);
    destroy_pair(&together);
  }
  destroy_pair(&alone);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_optimizers_in_two_threads_end_in_the_same_bits_as_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
