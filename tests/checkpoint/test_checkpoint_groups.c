/* Checkpoints of runs with two groups, and of runs that go on in another way than they were saved in. */
#include "checkpoint_fixture.h"

#include "support/faulty_comm.h"
#include "support/growth.h"
#include <math.h>

typedef enum instant { BEFORE_GROWTH, AFTER_GROWTH, AFTER_A_STEP, AT_A_LIMIT, INSTANTS } instant;

static growth_run *create(const variant *v)
{
  secant_options options = growth_options(v->direction, v->line_search);
  options.history_size = v->history_size;
  options.max_iter = 4;
  growth_run *run = growth_create(NULL, v->dtype, &options);
  assert_non_null(run);
  return run;
}

static void step(growth_run *run)
{
  if (secant_step(run->optimizer, growth_closure, run, NULL) != SECANT_OK)
    fail_msg("%s", secant_message(run->optimizer));
}

static void grow(growth_run *run)
{
  if (growth_add(run, NULL) != SECANT_OK) fail_msg("%s", secant_message(run->optimizer));
}

static void load(growth_run *run)
{
  if (secant_checkpoint_load(run->optimizer, path, PROBLEM) != SECANT_OK)
    fail_msg("%s", secant_message(run->optimizer));
}

/* From here on by minimize, which goes on from a boundary without an evaluation. */
static void finish(growth_run *run, int64_t max_iter)
{
  secant_options options = secant_options_default();
  secant_get_options(run->optimizer, &options);
  options.max_iter = max_iter;
  assert_int_equal(secant_set_options(run->optimizer, &options), SECANT_OK);
  assert_int_equal(secant_minimize(run->optimizer, growth_closure, run), SECANT_OK);
}

static void reach(growth_run *run, instant when)
{
  step(run);
  step(run);
  if (when >= AFTER_GROWTH) grow(run);
  if (when >= AFTER_A_STEP) step(run);
  if (when >= AT_A_LIMIT) finish(run, 6);
}

static void move_away(const growth_run *run)
{
  for (size_t p = 0; p < GROWTH_PARAMETERS; p++) {
    const secant_parameter *parameter = &run->parameters[p];
    memset(parameter->values, 0, parameter->local_count * (run->dtype == SECANT_F32 ? sizeof(float) : sizeof(double)));
  }
}

static void compare(const growth_run *a, const growth_run *b)
{
  const secant_info want = secant_get_info(a->optimizer), got = secant_get_info(b->optimizer);
  for (size_t p = 0; p < GROWTH_PARAMETERS; p++) {
    const size_t element = a->dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
    const size_t bytes = a->parameters[p].local_count * element;
    assert_memory_equal(a->parameters[p].values, b->parameters[p].values, bytes);
  }
  assert_true(got.n_iter == want.n_iter && got.func_evals == want.func_evals && got.pairs == want.pairs);
  assert_true(got.loss == want.loss && got.grad_inf == want.grad_inf && got.reason == want.reason);
}

static void a_run_with_two_groups_goes_on_bit_for_bit_in_another_process(void **state)
{
  (void)state;
  for (int kind = 0; kind < 8; kind++) {
    for (int when = 0; when < INSTANTS; when++) {
      const variant v = {.dtype = kind & 1 ? SECANT_F32 : SECANT_F64,
                         .direction = kind & 2 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                         .line_search = kind & 4 ? SECANT_LINE_SEARCH_STRONG_WOLFE : SECANT_LINE_SEARCH_NONE,
                         .history_size = 5};
      growth_run *saver = create(&v), *loader = create(&v);
      reach(saver, (instant)when);
      move_away(loader);
      if (when >= AFTER_GROWTH) grow(loader);
      assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
      load(loader);
      if (when == BEFORE_GROWTH) {
        memcpy(loader->parameters[2].values, saver->parameters[2].values, 150 * (kind & 1 ? 4 : 8));
        grow(saver);
        grow(loader);
      }
      finish(saver, 12);
      finish(loader, 12);
      compare(saver, loader);
      growth_destroy(saver);
      growth_destroy(loader);
    }
  }
}

/* The gradient of each group at the boundary is in the file: a tolerance that is met there ends the run at once. */
static void the_gradient_of_every_group_survives(void **state)
{
  (void)state;
  growth_run *saver = create(&usual), *loader = create(&usual);
  reach(saver, AT_A_LIMIT);
  grow(loader);
  assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
  load(loader);
  for (int i = 0; i < 2; i++) {
    const double want = saver->optimizer->engine.here.group_inf[i];
    assert_true(want > 0.0 && loader->optimizer->engine.here.group_inf[i] == want);
  }
  assert_true(loader->optimizer->engine.here.direction_inf == saver->optimizer->engine.here.direction_inf);
  growth_destroy(saver);
  growth_destroy(loader);
}

static void expect_mismatch(secant_optimizer *optimizer, const char *words)
{
  assert_int_equal(secant_checkpoint_load(optimizer, path, PROBLEM), SECANT_ERR_MISMATCH);
  if (!strstr(secant_message(optimizer), words)) fail_msg("'%s' does not say '%s'", secant_message(optimizer), words);
}

static void parameters_in_other_groups_are_refused(void **state)
{
  (void)state;
  growth_run *saver = create(&usual), *loader = create(&usual);
  reach(saver, AFTER_A_STEP);
  assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
  expect_mismatch(loader->optimizer, "number of parameters");
  const secant_options options = growth_options(usual.direction, usual.line_search);
  secant_destroy(loader->optimizer);
  assert_int_equal(secant_create(&loader->optimizer, loader->parameters, GROWTH_PARAMETERS, &options, NULL, NULL),
                   SECANT_OK);
  expect_mismatch(loader->optimizer, "the group of parameter 2");
  growth_destroy(saver);
  growth_destroy(loader);
}

static void another_initial_matrix_is_refused(void **state)
{
  (void)state;
  growth_run *saver = create(&usual), *loader = create(&usual);
  const secant_initial_matrix scalar = {.kind = SECANT_INITIAL_SCALAR, .scalar = 0.5};
  step(saver);
  assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
  assert_int_equal(secant_set_initial_matrix(loader->optimizer, &scalar), SECANT_OK);
  expect_mismatch(loader->optimizer, "initial matrix is 'identity' in the file, but 'scalar' here");
  growth_destroy(saver);
  growth_destroy(loader);
}

/* H0 = I / 2, which fails once. */
typedef struct halving {
  const growth_run *run;
  int multiplications, fail_at;
} halving;

static int halve(void *user, const void *const *input, void *const *output)
{
  halving *h = user;
  for (size_t p = 0; p < GROWTH_FIRST; p++) {
    const double *from = input[p];
    double *to = output[p];
    for (size_t i = 0; i < h->run->parameters[p].local_count; i++) to[i] = 0.5 * from[i];
  }
  return ++h->multiplications == h->fail_at;
}

static growth_run *create_with(halving *h)
{
  growth_run *run = create(&usual);
  const secant_initial_matrix matrix = {.kind = SECANT_INITIAL_OPERATOR, .apply = halve, .user = h};
  h->run = run;
  assert_int_equal(secant_set_initial_matrix(run->optimizer, &matrix), SECANT_OK);
  return run;
}

/* Four iterations multiply seven times. Where the operator failed, the scale still has to learn from the newest pair:
 * also in another process. */
static void an_operator_that_failed_before_the_save_is_made_up_for_after_the_load(void **state)
{
  (void)state;
  for (int at = 1; at <= 7; at++) {
    halving first = {.fail_at = at}, second = {.fail_at = 0};
    growth_run *saver = create_with(&first), *loader = create_with(&second);
    assert_int_equal(secant_minimize(saver->optimizer, growth_closure, saver), SECANT_ERR_CLOSURE);
    assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
    load(loader);
    finish(saver, 6);
    finish(loader, 6);
    compare(saver, loader);
    assert_true(secant_get_info(saver->optimizer).h_diag == secant_get_info(loader->optimizer).h_diag);
    growth_destroy(saver);
    growth_destroy(loader);
  }
}

/* Largest difference of the values of the first two parameters. */
static double distance(const growth_run *a, const growth_run *b)
{
  double most = 0.0;
  for (size_t p = 0; p < GROWTH_FIRST; p++) {
    const double *x = a->parameters[p].values, *y = b->parameters[p].values;
    for (size_t i = 0; i < a->parameters[p].local_count; i++) most = fmax(most, fabs(x[i] - y[i]));
  }
  return most;
}

/* s_i.y_j, element by element. */
static double product(const growth_run *run, int i, int j)
{
  const secanti_engine *engine = &run->optimizer->engine;
  double sum = 0.0, s[1000], y[1000];
  for (size_t p = 0; p < GROWTH_FIRST; p++) {
    const size_t count = run->parameters[p].local_count;
    secanti_vectors_export(engine->vectors, (secanti_vector){SECANTI_S, engine->history.order[i]}, p, 0, count, s);
    secanti_vectors_export(engine->vectors, (secanti_vector){SECANTI_Y, engine->history.order[j]}, p, 0, count, y);
    for (size_t at = 0; at < count; at++) sum += s[at] * y[at];
  }
  return sum;
}

/* The textbook loop keeps no inner products of different pairs; a run with direction gram computes them when it
 * loads. */
static void a_textbook_run_goes_on_with_direction_gram(void **state)
{
  (void)state;
  for (int search = 0; search < 2; search++) {
    variant textbook = usual, gram = usual;
    textbook.line_search = gram.line_search = (secant_line_search)search;
    textbook.direction = SECANT_DIRECTION_TWO_LOOP;
    growth_run *saver = create(&textbook), *loader = create(&gram);
    step(saver);
    step(saver);
    finish(saver, 6);
    assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
    move_away(loader);
    load(loader);
    const secanti_gram *tables = &loader->optimizer->engine.history.gram;
    assert_int_equal(tables->pairs, 5);
    for (int i = 0; i < 5; i++) {
      for (int j = i; j < 5; j++) {
        const double want = product(loader, i, j);
        assert_true(fabs(secanti_gram_sy(tables, i, j) - want) <= 1e-12 * fabs(product(loader, i, i)));
      }
    }
    finish(saver, 8);
    finish(loader, 8);
    assert_true(distance(saver, loader) <= 1e-10);
    const secant_info want = secant_get_info(saver->optimizer), got = secant_get_info(loader->optimizer);
    assert_true(got.n_iter == want.n_iter && got.func_evals == want.func_evals && got.redone_directions == 0);
    growth_destroy(saver);
    growth_destroy(loader);
  }
}

/* The n-th collective call of such a load fails, for n = 1, 2, ...: values, gradients and history are as they were. */
static void a_load_that_fails_while_it_sums_changes_nothing(void **state)
{
  (void)state;
  variant textbook = usual;
  textbook.direction = SECANT_DIRECTION_TWO_LOOP;
  growth_run *saver = create(&textbook);
  step(saver);
  finish(saver, 6);
  assert_int_equal(secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK);
  growth_destroy(saver);
  secant_status status = SECANT_ERR_COMM;
  int64_t n = 0;
  while (status != SECANT_OK) {
    const secant_options options = growth_options(usual.direction, usual.line_search);
    growth_run *straight = growth_create(NULL, SECANT_F64, &options);
    secant_comm *counting = faulty_comm_create(NULL, 0);
    growth_run *run = growth_create(counting, SECANT_F64, &options);
    step(run);
    secant_comm *faulty = faulty_comm_create(NULL, faulty_comm_calls(counting) + ++n);
    growth_destroy(run);
    run = growth_create(faulty, SECANT_F64, &options);
    step(straight);
    step(run);
    status = secant_checkpoint_load(run->optimizer, path, PROBLEM);
    if (status != SECANT_OK) {
      assert_int_equal(status, SECANT_ERR_COMM);
      for (size_t p = 0; p < GROWTH_FIRST; p++) {
        const secant_parameter *a = &straight->parameters[p], *b = &run->parameters[p];
        assert_memory_equal(a->gradient, b->gradient, a->local_count * sizeof(double));
      }
      compare(straight, run);
      finish(straight, 12);
      finish(run, 12);
      compare(straight, run);
    }
    growth_destroy(straight);
    growth_destroy(run);
    secant_comm_destroy(counting);
    secant_comm_destroy(faulty);
  }
  assert_true(n > 6);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_with_two_groups_goes_on_bit_for_bit_in_another_process),
      cmocka_unit_test(the_gradient_of_every_group_survives),
      cmocka_unit_test(parameters_in_other_groups_are_refused),
      cmocka_unit_test(another_initial_matrix_is_refused),
      cmocka_unit_test(an_operator_that_failed_before_the_save_is_made_up_for_after_the_load),
      cmocka_unit_test(a_textbook_run_goes_on_with_direction_gram),
      cmocka_unit_test(a_load_that_fails_while_it_sums_changes_nothing),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
