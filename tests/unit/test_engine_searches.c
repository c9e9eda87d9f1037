/* Whole runs with each line search: they converge, at a like cost, and x, f and g always belong to one point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/golden_problems.h"
#include "support/phantom_comm.h"
#include "support/valley.h"
#include "vector/vectors.h"

#include <stdbool.h>
#include <string.h>

enum { SEARCHES = SECANT_LINE_SEARCH_BACKTRACKING + 1, MOST = 100 };

typedef struct scene {
  golden_problem *problem;
  double x[MOST], g[MOST];
} scene;

static int evaluate(void *user, double *loss)
{
  scene *s = user;
  *loss = golden_problem_f64(s->problem, s->x, s->g);
  return 0;
}

static secant_optimizer *make(const secant_parameter *parameter, const secant_options *options)
{
  secant_optimizer *optimizer = NULL;
  secant_error error;
  if (secant_create(&optimizer, parameter, 1, options, NULL, &error) != SECANT_OK) fail_msg("%s", error.message);
  return optimizer;
}

/* A run on a recorded problem from its standard start; it must converge. */
static secant_info solve(const char *name, size_t n, int search)
{
  scene s = {.problem = golden_problem_create(name, n, &(golden_args){.c = 1.0})};
  const secant_parameter parameter = {.name = "x", .values = s.x, .gradient = s.g, .local_count = n};
  secant_options options = secant_options_default();
  options.line_search = (secant_line_search)search;
  options.first_step = SECANT_FIRST_STEP_SCALED;
  options.wolfe = 0.9;
  assert_non_null(s.problem);
  golden_problem_start(s.problem, s.x);
  secant_optimizer *optimizer = make(&parameter, &options);
  assert_int_equal(secant_minimize(optimizer, evaluate, &s), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  if (info.reason != SECANT_REASON_GRADIENT)
    fail_msg("%s with search %d: %s", name, search, secant_reason_text(info.reason));
  secant_destroy(optimizer);
  golden_problem_destroy(s.problem);
  return info;
}

static void every_search_solves_rosenbrock_at_nearly_the_same_cost(void **state)
{
  (void)state;
  const size_t sizes[] = {2, 10, 100};
  for (int i = 0; i < 3; i++) {
    const secant_info wolfe = solve("rosenbrock", sizes[i], SECANT_LINE_SEARCH_STRONG_WOLFE);
    for (int search = SECANT_LINE_SEARCH_STRONG_WOLFE; search < SEARCHES; search++) {
      const secant_info info = solve("rosenbrock", sizes[i], search);
      if ((double)info.func_evals > 1.3 * (double)wolfe.func_evals)
        fail_msg("search %d takes %d evaluations, not %d", search, (int)info.func_evals, (int)wolfe.func_evals);
    }
  }
}

/* Every first trial is good enough here: one evaluation and one reduction an iteration, whatever the search. */
static void a_first_trial_that_is_accepted_costs_one_reduction(void **state)
{
  (void)state;
  const secant_info wolfe = solve("beale", 2, SECANT_LINE_SEARCH_STRONG_WOLFE);
  assert_int_equal(wolfe.func_evals, wolfe.accepted + 1);
  for (int search = SECANT_LINE_SEARCH_STRONG_WOLFE; search < SEARCHES; search++) {
    const secant_info info = solve("beale", 2, search);
    assert_int_equal(info.func_evals, info.accepted + 1);
    assert_int_equal(info.allreduces - info.func_evals, wolfe.allreduces - wolfe.func_evals);
  }
}

/* Whether a run of so many iterations ended at another point than the one it evaluated last. */
static bool ends_at_earlier_trial(int search, int max_search, int iterations)
{
  valley v = valley_create(MOST, 1, 0);
  const secant_parameter parameter = valley_parameter(&v);
  double last[MOST], gradient[MOST], loss = 0.0;
  secant_options options = secant_options_default();
  v.last = last;
  options.line_search = (secant_line_search)search;
  options.max_search = max_search;
  options.max_iter = iterations;
  options.armijo = 0.7; /* hardly any point satisfies these conditions, so that searches are cut short */
  options.wolfe = 0.71;
  options.lr = search == SECANT_LINE_SEARCH_NONE ? 0.5 : 3.0;
  secant_optimizer *optimizer = make(&parameter, &options);
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  const bool earlier = memcmp(last, v.x, sizeof last) != 0;
  memcpy(gradient, v.g, sizeof gradient);
  assert_int_equal(valley_evaluate(&v, &loss), 0);
  if (loss != info.loss || memcmp(gradient, v.g, sizeof gradient) != 0)
    fail_msg("search %d of %d trials: loss %a, not %a", search, max_search, info.loss, loss);
  secant_destroy(optimizer);
  valley_destroy(&v);
  return earlier;
}

static void a_search_that_has_ended_leaves_x_loss_and_gradient_of_one_point(void **state)
{
  (void)state;
  for (int search = 0; search < SEARCHES; search++) {
    int earlier = 0;
    for (int max_search = 1; max_search <= 4; max_search++)
      for (int iterations = 1; iterations <= 20; iterations++)
        earlier += ends_at_earlier_trial(search, max_search, iterations);
    assert_true(earlier > 0 || search == SECANT_LINE_SEARCH_NONE);
  }
}

static secant_info solve_with_offset(int search, double slack)
{
  valley v = valley_create(MOST, 1, 0);
  const secant_parameter parameter = valley_parameter(&v);
  secant_options options = secant_options_default();
  v.offset = 1e10; /* its last digit is 1.9e-6 */
  options.line_search = (secant_line_search)search;
  options.loss_slack = slack;
  secant_optimizer *optimizer = make(&parameter, &options);
  assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  valley_destroy(&v);
  return info;
}

static void hager_zhang_goes_on_where_the_loss_has_no_digits_left(void **state)
{
  (void)state;
  assert_int_equal(solve_with_offset(SECANT_LINE_SEARCH_STRONG_WOLFE, 0.0).reason, SECANT_REASON_PRECISION);
  const double slacks[] = {1e-14, 1e-10, 1e-6};
  for (int i = 0; i < 3; i++) {
    const secant_info info = solve_with_offset(SECANT_LINE_SEARCH_HAGER_ZHANG, slacks[i]);
    assert_int_equal(info.reason, SECANT_REASON_GRADIENT);
    assert_true(info.grad_inf <= 1e-7);
  }
}

static int64_t products; /* how often pass B has formed them */

void __real_secanti_pass_products(secanti_vectors *vectors, const secanti_products *what);
void __wrap_secanti_pass_products(secanti_vectors *vectors, const secanti_products *what);
void __wrap_secanti_pass_products(secanti_vectors *vectors, const secanti_products *what)
{
  products++;
  __real_secanti_pass_products(vectors, what);
}

/* f = sum of w_i x_i^2 / 2 with w_i from 1 to 1.5: near its minimum three times the natural step leads uphill. */
typedef struct bowl {
  double x[MOST], g[MOST];
} bowl;

static int evaluate_bowl(void *user, double *loss)
{
  bowl *b = user;
  *loss = 0.0;
  for (int i = 0; i < MOST; i++) {
    b->g[i] = (1.0 + 0.5 * i / MOST) * b->x[i];
    *loss += 0.5 * b->g[i] * b->x[i];
  }
  return 0;
}

static secant_info descend(bowl *b, int search, secant_history_dtype history, secant_comm *comm)
{
  for (int i = 0; i < MOST; i++) b->x[i] = 0.01 * (1 + i % 7);
  const secant_parameter parameter = {.name = "x", .values = b->x, .gradient = b->g, .local_count = MOST};
  secant_options options = secant_options_default();
  options.line_search = (secant_line_search)search;
  options.history_dtype = history;
  options.lr = 3.0;
  options.max_iter = 8;
  secant_optimizer *optimizer = NULL;
  secant_error error;
  if (secant_create(&optimizer, &parameter, 1, &options, comm, &error) != SECANT_OK) fail_msg("%s", error.message);
  products = 0;
  assert_int_equal(secant_minimize(optimizer, evaluate_bowl, b), SECANT_OK);
  const secant_info info = secant_get_info(optimizer);
  secant_destroy(optimizer);
  return info;
}

/* One process knows the loss before it is reduced. What it then leaves out changes neither the point nor the count. */
static void compare_with_two_ranks(int search, secant_history_dtype history)
{
  bowl alone, beside;
  secant_comm *comm = phantom_comm_create(NULL, 2, 0, 0);
  assert_non_null(comm);
  const secant_info one = descend(&alone, search, history, NULL);
  const int64_t products_of_one = products;
  const secant_info two = descend(&beside, search, history, comm);
  secant_comm_destroy(comm);
  assert_true(one.accepted >= 4 && one.func_evals >= 2 * one.accepted);
  assert_int_equal(products_of_one, one.accepted + 1);
  assert_int_equal(products, products_of_one + one.accepted);
  assert_int_equal(two.func_evals, one.func_evals);
  assert_int_equal(two.allreduces, one.allreduces);
  assert_memory_equal(alone.x, beside.x, sizeof alone.x);
}

static void one_process_forms_no_products_at_a_first_trial_that_rises(void **state)
{
  (void)state;
  for (int search = SECANT_LINE_SEARCH_STRONG_WOLFE; search < SEARCHES; search++) {
    compare_with_two_ranks(search, SECANT_HISTORY_SAME);
    compare_with_two_ranks(search, SECANT_HISTORY_F32);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_search_solves_rosenbrock_at_nearly_the_same_cost),
      cmocka_unit_test(a_first_trial_that_is_accepted_costs_one_reduction),
      cmocka_unit_test(a_search_that_has_ended_leaves_x_loss_and_gradient_of_one_point),
      cmocka_unit_test(hager_zhang_goes_on_where_the_loss_has_no_digits_left),
      cmocka_unit_test(one_process_forms_no_products_at_a_first_trial_that_rises),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
