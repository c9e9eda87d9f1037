/*
 * A hook of each kind that fails on one rank: all ranks leave the same call with the same status and sentence, the
 * state is as hooks.h documents, and the optimizer goes on in the bits of one that never had a hook.
 */
#include "support/mpi_check.h"
#include "support/valley.h"
#include <secant/mpi.h>
#include <stdbool.h>
#include <string.h>

enum { N = 66, STEPS_AFTER = 3 };

typedef enum moment {
  STEP_PRE,
  STEP_POST,
  GLOBAL_PRE,
  GLOBAL_POST,
  STATE_DICT_PRE,
  STATE_DICT_POST,
  LOAD_PRE,
  LOAD_POST,
  MOMENTS
} moment;

static const char *const names[MOMENTS] = {"step pre",       "step post",       "global pre", "global post",
                                           "state dict pre", "state dict post", "load pre",   "load post"};

typedef struct subject {
  valley valley;
  secant_optimizer *optimizer;
  secant_node *dict; /* exported after the first step */
} subject;

/* Three hooks in a row: one that replaces what it can, one that fails on the culprit while armed, one that counts. */
typedef struct hooks {
  secant_optimizer *optimizer; /* the one to fail; another one's steps only pass by */
  bool armed;                  /* on the culprit only */
  int counted;
  secant_hook *handles[3];
} hooks;

static int replace_step(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  (void)optimizer;
  (void)call;
  (void)user;
  return SECANT_HOOK_REPLACE;
}

static int fail_step(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  const hooks *h = user;
  (void)call;
  return h->armed && optimizer == h->optimizer ? 77 : SECANT_HOOK_KEEP;
}

static int count_step(secant_optimizer *optimizer, secant_step_call *call, void *user)
{
  hooks *h = user;
  (void)call;
  h->counted += optimizer == h->optimizer;
  return SECANT_HOOK_KEEP;
}

static int replace_state(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  (void)optimizer;
  (void)user;
  secant_node *copy = secant_node_copy(*dict);
  if (!copy) return SECANT_HOOK_KEEP;
  *dict = copy;
  return SECANT_HOOK_REPLACE;
}

static int fail_state(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  const hooks *h = user;
  (void)optimizer;
  (void)dict;
  return h->armed ? -3 : SECANT_HOOK_KEEP;
}

static int count_state(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  hooks *h = user;
  (void)optimizer;
  (void)dict;
  h->counted++;
  return SECANT_HOOK_KEEP;
}

static secant_status register_one(secant_optimizer *o, moment when, int index, hooks *h)
{
  static secant_step_hook *const steps[] = {replace_step, fail_step, count_step};
  static secant_state_hook *const states[] = {replace_state, fail_state, count_state};
  secant_hook **handle = &h->handles[index];
  switch (when) {
  case STEP_PRE: return secant_register_step_pre_hook(o, steps[index], h, handle);
  case STEP_POST: return secant_register_step_post_hook(o, steps[index], h, handle);
  case GLOBAL_PRE: return secant_register_global_step_pre_hook(steps[index], h, handle);
  case GLOBAL_POST: return secant_register_global_step_post_hook(steps[index], h, handle);
  case STATE_DICT_PRE: return secant_register_state_dict_pre_hook(o, states[index], h, 0, handle);
  case STATE_DICT_POST: return secant_register_state_dict_post_hook(o, states[index], h, 0, handle);
  case LOAD_PRE: return secant_register_load_state_dict_pre_hook(o, states[index], h, 0, handle);
  case LOAD_POST: return secant_register_load_state_dict_post_hook(o, states[index], h, 0, handle);
  case MOMENTS: break;
  }
  return SECANT_ERR_ARGUMENT;
}

static void expect(struct verdict *verdict, const subject *s, secant_status status, const char *what)
{
  CHECK(verdict, status == SECANT_OK, "%s: %s, %s", what, secant_status_text(status), secant_message(s->optimizer));
}

static secant_status step(subject *s)
{
  return secant_step(s->optimizer, valley_evaluate, &s->valley, NULL);
}

/* An optimizer that has taken one step, exported its state and taken another. */
static subject make_subject(struct verdict *verdict, secant_comm *comm)
{
  subject s = {.valley = valley_create(N, mpi_world_size(), mpi_world_rank())};
  secant_options options = secant_options_default();
  options.max_iter = 2;
  options.history_size = 4;
  const secant_parameter parameter = valley_parameter(&s.valley);
  const secant_status created = secant_create(&s.optimizer, &parameter, 1, &options, comm, NULL);
  CHECK(verdict, created == SECANT_OK, "created: %s", secant_status_text(created));
  expect(verdict, &s, step(&s), "first step");
  expect(verdict, &s, secant_state_dict(s.optimizer, &s.dict), "export");
  expect(verdict, &s, step(&s), "second step");
  return s;
}

static void destroy_subject(subject *s)
{
  secant_node_destroy(s->dict);
  secant_destroy(s->optimizer);
  valley_destroy(&s->valley);
}

/* The call that fires the hooks of this moment. */
static secant_status fire(subject *s, moment when, secant_node **exported)
{
  if (when == LOAD_PRE || when == LOAD_POST) return secant_load_state_dict(s->optimizer, s->dict);
  if (when == STATE_DICT_PRE || when == STATE_DICT_POST) return secant_state_dict(s->optimizer, exported);
  return step(s);
}

/* What the call does to an optimizer although a hook of this moment fails. */
static bool takes_effect(moment when)
{
  return when == STEP_POST || when == GLOBAL_POST || when == LOAD_POST;
}

static void compare(struct verdict *verdict, const subject *a, const subject *b, const char *when)
{
  const secant_info x = secant_get_info(a->optimizer), y = secant_get_info(b->optimizer);
  CHECK(verdict, x.n_iter == y.n_iter && x.func_evals == y.func_evals && x.pairs == y.pairs,
        "%s: %lld iterations, %lld evaluations, %lld pairs; without a hook %lld, %lld, %lld", when, (long long)x.n_iter,
        (long long)x.func_evals, (long long)x.pairs, (long long)y.n_iter, (long long)y.func_evals, (long long)y.pairs);
  CHECK(verdict, a->valley.evaluations == b->valley.evaluations, "%s: %lld evaluations were made, not %lld", when,
        (long long)a->valley.evaluations, (long long)b->valley.evaluations);
  CHECK(verdict, memcmp(a->valley.x, b->valley.x, a->valley.count * sizeof(double)) == 0, "%s: other point", when);
}

/* All ranks got this status, and a sentence that names the culprit. */
static void check_failure(struct verdict *verdict, const subject *s, secant_status status, int culprit, moment when)
{
  char text[sizeof(secant_error)] = {0}, rank[32];
  snprintf(text, sizeof text, "%s", secant_message(s->optimizer));
  snprintf(rank, sizeof rank, "on rank %d", culprit);
  CHECK(verdict, status == SECANT_ERR_HOOK, "%s: %s", names[when], secant_status_text(status));
  CHECK(verdict, strstr(text, rank), "%s: no '%s' in '%s'", names[when], rank, text);
  MPI_Bcast(text, (int)sizeof text, MPI_CHAR, 0, MPI_COMM_WORLD);
  CHECK(verdict, strcmp(text, secant_message(s->optimizer)) == 0, "%s: '%s', on rank 0 '%s'", names[when],
        secant_message(s->optimizer), text);
}

static void let_one_fail(struct verdict *verdict, secant_comm *comm, moment when, int culprit)
{
  const bool is_culprit = mpi_world_rank() == culprit;
  subject s = make_subject(verdict, comm), plain = make_subject(verdict, comm);
  secant_node *exported = s.dict;
  hooks h = {.optimizer = s.optimizer, .armed = is_culprit};
  for (int i = 0; i < 3; i++) expect(verdict, &s, register_one(s.optimizer, when, i, &h), names[when]);

  check_failure(verdict, &s, fire(&s, when, &exported), culprit, when);
  CHECK(verdict, h.counted == 0, "%s: the hook behind ran %d times", names[when], h.counted);
  if (when == STATE_DICT_PRE || when == STATE_DICT_POST) CHECK(verdict, !exported, "%s: there is a dict", names[when]);
  if (takes_effect(when)) expect(verdict, &plain, fire(&plain, when, NULL), names[when]);
  compare(verdict, &s, &plain, names[when]);

  h.armed = false;
  secant_node *again[2] = {NULL, NULL};
  expect(verdict, &s, fire(&s, when, &again[0]), names[when]);
  expect(verdict, &plain, fire(&plain, when, &again[1]), names[when]);
  for (int i = 0; i < STEPS_AFTER; i++) {
    expect(verdict, &s, step(&s), names[when]);
    expect(verdict, &plain, step(&plain), names[when]);
    compare(verdict, &s, &plain, names[when]);
  }
  for (int i = 0; i < 3; i++) secant_hook_remove(h.handles[i]);
  for (int i = 0; i < 3; i++) secant_hook_release(h.handles[i]);
  for (int i = 0; i < 2; i++) secant_node_destroy(again[i]);
  destroy_subject(&s);
  destroy_subject(&plain);
}

static void a_hook_that_fails_on_one_rank_fails_on_all_and_the_run_goes_on_unharmed(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  for (int when = 0; when < MOMENTS; when++) {
    for (int culprit = 0; culprit < mpi_world_size(); culprit++) let_one_fail(&verdict, comm, (moment)when, culprit);
  }
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

/* A schedule that one rank refuses is made by none. */
static void a_schedule_refused_on_one_rank_is_made_by_none(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  secant_comm *comm = NULL;
  const secant_status made = secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL);
  CHECK(&verdict, made == SECANT_OK, "communicator: %s", secant_status_text(made));
  const bool odd = mpi_world_rank() == mpi_world_size() - 1;
  subject s = make_subject(&verdict, comm);
  secant_schedule *schedule = NULL;
  secant_options options = secant_options_default();
  secant_status status = secant_schedule_exponential(&schedule, s.optimizer, odd ? -1.0 : 0.5);
  CHECK(&verdict, status == SECANT_ERR_ARGUMENT && !schedule, "refused by one: %s", secant_status_text(status));
  status = secant_schedule_constant(&schedule, s.optimizer, odd ? 0.25 : 0.5, 3);
  CHECK(&verdict, status == SECANT_ERR_ARGUMENT && !schedule, "different: %s", secant_status_text(status));
  expect(&verdict, &s, secant_schedule_constant(&schedule, s.optimizer, 0.5, 1), "equal");
  expect(&verdict, &s, secant_schedule_advance(schedule), "advance");
  secant_get_options(s.optimizer, &options);
  CHECK(&verdict, options.lr == 1.0, "lr is %a", options.lr);
  secant_schedule_destroy(schedule);
  destroy_subject(&s);
  secant_comm_destroy(comm);
  mpi_assert(&verdict);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hook_that_fails_on_one_rank_fails_on_all_and_the_run_goes_on_unharmed),
      cmocka_unit_test(a_schedule_refused_on_one_rank_is_made_by_none),
  };
  mpi_tests_begin(&argc, &argv);
  return mpi_tests_end(cmocka_run_group_tests(tests, NULL, NULL));
}
