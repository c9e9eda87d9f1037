/* Setting an initial matrix when memory or communication fails: nothing has changed. And parameters added to one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "optimizer/optimizer.h"
#include "support/faulty_comm.h"
#include "support/initial_problem.h"
#include "support/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = INITIAL_N, KINDS = SECANT_INITIAL_OPERATOR + 1 };

static secant_optimizer *create(initial_problem *p, secant_comm *comm)
{
  secant_optimizer *optimizer = NULL;
  secant_options options = secant_options_default();
  options.max_iter = 5;
  options.threads = 1;
  assert_int_equal(secant_create(&optimizer, p->parameters, INITIAL_PARAMETERS, &options, comm, NULL), SECANT_OK);
  return optimizer;
}

/* A short run that starts over; leaves x in the problem. */
static void run(initial_problem *p, secant_optimizer *optimizer)
{
  initial_problem_start(p, 1);
  secant_reset(optimizer);
  assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, p), SECANT_OK);
}

/*
 * Over an optimizer that has a matrix of kind `before`, setting one of kind `after` fails at every possible place.
 * Each time the run that follows must be the one from before; once nothing fails any more, it must be another one.
 */
static void fail_everywhere(int before, int after, bool communication)
{
  initial_problem old, new;
  double want[N];
  initial_problem_create(&old, (secant_initial_kind)before, SECANT_F64, 3.0, 1);
  initial_problem_create(&new, (secant_initial_kind)after, SECANT_F64, 3.0, 2);
  const secant_initial_matrix had = initial_problem_matrix(&old), next = initial_problem_matrix(&new);
  secant_status status = SECANT_ERR_MEMORY;
  int failures = 0;
  for (int64_t at = 1; status != SECANT_OK && at < 50; at++) {
    secant_comm *first = faulty_comm_create(NULL, 0);
    secant_optimizer *optimizer = create(&old, first);
    assert_int_equal(secant_set_initial_matrix(optimizer, &had), SECANT_OK);
    run(&old, optimizer);
    memcpy(want, old.x, sizeof want);
    secant_reset(optimizer);
    secant_comm *faulty = faulty_comm_create(NULL, communication ? at : 0);
    optimizer->comm = optimizer->engine.comm = faulty;
    memory_begin(communication ? 0 : at);
    status = secant_set_initial_matrix(optimizer, &next);
    memory_end();
    optimizer->comm = optimizer->engine.comm = first;
    if (status != SECANT_OK) {
      failures++;
      assert_int_equal(status, communication ? SECANT_ERR_COMM : SECANT_ERR_MEMORY);
      assert_true(secant_message(optimizer)[0] != '\0');
      run(&old, optimizer);
      assert_memory_equal(old.x, want, sizeof want);
    }
    secant_destroy(optimizer);
    secant_comm_destroy(faulty);
    secant_comm_destroy(first);
  }
  assert_int_equal(status, SECANT_OK);
  if (communication) assert_true(failures >= 3);
  if (!communication && after >= SECANT_INITIAL_DIAGONAL && before != after) assert_true(failures >= 1);
}

static void without_memory_the_old_matrix_stays(void **state)
{
  (void)state;
  for (int c = 0; c < KINDS * KINDS; c++)
    if (initial_kind_is_offered(c % KINDS) && initial_kind_is_offered(c / KINDS))
      fail_everywhere(c % KINDS, c / KINDS, false);
}

static void without_communication_the_old_matrix_stays(void **state)
{
  (void)state;
  for (int c = 0; c < KINDS * KINDS; c++)
    if (initial_kind_is_offered(c % KINDS) && initial_kind_is_offered(c / KINDS))
      fail_everywhere(c % KINDS, c / KINDS, true);
}

/* ---- more parameters --------------------------------------------------------------------------------------------- */

enum { MORE = 2 };

/* The problem, and f += 2 z.z over two more unknowns that came later. */
typedef struct grown {
  initial_problem problem;
  double z[MORE], g[MORE];
  size_t seen; /* by the operator: parameters it was given */
} grown;

static int evaluate_grown(void *user, double *loss)
{
  grown *p = user;
  initial_problem_evaluate(&p->problem, loss);
  for (int i = 0; i < MORE; i++) {
    p->g[i] = 4.0 * p->z[i];
    *loss += 2.0 * p->z[i] * p->z[i];
  }
  return 0;
}

/* H0 on the old parameters, 1 on the new one. */
static int multiply_grown(void *user, const void *const *input, void *const *output)
{
  grown *p = user;
  if (p->seen > INITIAL_PARAMETERS) memcpy(output[INITIAL_PARAMETERS], input[INITIAL_PARAMETERS], sizeof p->z);
  return initial_problem_multiply(&p->problem, input, output);
}

/* A run of three iterations that gets the new unknowns and goes on. */
static void grow(grown *p, int kind, int direction)
{
  secant_options options = secant_options_default();
  secant_optimizer *optimizer = NULL;
  initial_problem_create(&p->problem, (secant_initial_kind)kind, SECANT_F64, 3.0, 6);
  options.direction = (secant_direction)direction;
  options.max_iter = 3;
  options.threads = 1;
  p->seen = INITIAL_PARAMETERS;
  for (int i = 0; i < MORE; i++) p->z[i] = 1.0 + i;
  secant_initial_matrix matrix = initial_problem_matrix(&p->problem);
  matrix.apply = multiply_grown;
  matrix.user = p;
  assert_int_equal(secant_create(&optimizer, p->problem.parameters, INITIAL_PARAMETERS, &options, NULL, NULL),
                   SECANT_OK);
  assert_int_equal(secant_set_initial_matrix(optimizer, &matrix), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, initial_problem_evaluate, &p->problem), SECANT_OK);
  const secant_parameter more = {
      .name = "more", .dtype = SECANT_F64, .values = p->z, .gradient = p->g, .local_count = MORE};
  const secant_group group = {.parameters = &more, .count = 1};
  assert_int_equal(secant_add_param_group(optimizer, &group), SECANT_OK);
  p->seen++;
  options.max_iter = 9;
  assert_int_equal(secant_set_options(optimizer, &options), SECANT_OK);
  assert_int_equal(secant_step(optimizer, evaluate_grown, p, NULL), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).redone_directions, 0);
  assert_true(secant_get_info(optimizer).n_iter >= 10);
  secant_destroy(optimizer);
}

static void expect_near(const grown *a, const grown *b)
{
  for (int i = 0; i < N; i++) assert_true(fabs(a->problem.x[i] - b->problem.x[i]) <= 1e-8);
  for (int i = 0; i < MORE; i++) assert_true(fabs(a->z[i] - b->z[i]) <= 1e-8);
}

static void parameters_that_come_later_are_multiplied_by_one(void **state)
{
  (void)state;
  grown operator_run, other;
  grow(&operator_run, SECANT_INITIAL_OPERATOR, 0);
  if (initial_kind_is_offered(SECANT_INITIAL_DENSE)) {
    grow(&other, SECANT_INITIAL_DENSE, 0);
    expect_near(&operator_run, &other);
  }
  for (int kind = 0; kind < KINDS; kind++) {
    if (!initial_kind_is_offered(kind)) continue;
    grow(&operator_run, kind, 0);
    grow(&other, kind, 1);
    expect_near(&operator_run, &other);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_memory_the_old_matrix_stays),
      cmocka_unit_test(without_communication_the_old_matrix_stays),
      cmocka_unit_test(parameters_that_come_later_are_multiplied_by_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
