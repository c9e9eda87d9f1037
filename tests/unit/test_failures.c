/* What is left after a failure: the state that secant_step() documents, and a run that can go on. */
#include "support/faulty_comm.h"
#include "support/valley.h"
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 24, EVALUATIONS = 25 };

static secant_options eager_options(int direction)
{
  secant_options options = secant_options_default();
  options.lr = 3.0; /* a first trial too long, so that searches reject some */
  options.direction = (secant_direction)direction;
  return options;
}

static secant_optimizer *make(const valley *v, const secant_options *options, secant_comm *comm)
{
  secant_optimizer *optimizer;
  const secant_parameter parameter = valley_parameter(v);
  secant_error error;
  if (secant_create(&optimizer, &parameter, 1, options, comm, &error) != SECANT_OK) fail_msg("%s", error.message);
  return optimizer;
}

/* Runs to the failure by ask and tell; `accepted` receives x at the last accepted point on the way. */
static secant_status run_to_failure(valley *v, secant_optimizer *optimizer, double *accepted)
{
  double trial[N], loss;
  secant_request request;
  secant_status status = secant_ask(optimizer, &request);
  memcpy(accepted, v->x, sizeof trial);
  while (status == SECANT_OK && request == SECANT_EVALUATE) {
    const int64_t before = secant_get_info(optimizer).accepted;
    memcpy(trial, v->x, sizeof trial);
    const int failed = valley_evaluate(v, &loss);
    status = secant_tell(optimizer, loss, failed);
    const secant_info info = secant_get_info(optimizer);
    /* with a line search that ends on its last trial, the accepted point is the one just evaluated */
    if (info.accepted > before && info.loss == loss) memcpy(accepted, trial, sizeof trial);
    if (info.accepted > before && info.loss != loss) memset(accepted, 0xFF, sizeof trial);
    if (status == SECANT_OK) status = secant_ask(optimizer, &request);
  }
  return status;
}

static void expect_at(const valley *v, const double *accepted)
{
  if (isnan(accepted[0])) return; /* the search went back to an earlier trial: not recorded above */
  assert_memory_equal(v->x, accepted, N * sizeof *accepted);
}

static void a_closure_that_fails_once_puts_x_back_and_the_run_can_go_on(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    for (int64_t at = 1; at <= EVALUATIONS; at++) {
      const secant_options options = eager_options(direction);
      valley v = valley_create(N, 1, 0);
      secant_optimizer *optimizer = make(&v, &options, NULL);
      double accepted[N];
      v.fail_at = at;
      assert_int_equal(run_to_failure(&v, optimizer, accepted), SECANT_ERR_CLOSURE);
      assert_int_equal(v.evaluations, at);
      assert_non_null(strstr(secant_message(optimizer), "rank 0"));
      expect_at(&v, accepted);

      assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
      assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
      assert_int_equal(secant_get_info(optimizer).func_evals, v.evaluations);
      secant_destroy(optimizer);
      valley_destroy(&v);
    }
  }
}

static void a_loss_that_is_nan_once_is_never_accepted(void **state)
{
  (void)state;
  for (int search = 0; search < 2; search++) {
    for (int64_t at = 2; at <= EVALUATIONS; at++) {
      secant_options options = eager_options(SECANT_DIRECTION_GRAM);
      options.line_search = (secant_line_search)search;
      if (search == SECANT_LINE_SEARCH_NONE) options.lr = 0.1;
      options.first_step = SECANT_FIRST_STEP_SCALED;
      options.max_iter = 200;
      valley v = valley_create(N, 1, 0);
      v.nan_at = at;
      secant_optimizer *optimizer = make(&v, &options, NULL);
      assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
      const secant_info info = secant_get_info(optimizer);
      assert_true(isfinite(info.loss) && isfinite(info.grad_inf) && info.loss < 1.0);
      for (int i = 0; i < N; i++) assert_true(isfinite(v.x[i]));
      secant_destroy(optimizer);
      valley_destroy(&v);
    }
  }
}

/* The n-th collective call fails, for n = 1, 2, ... until a run meets no failure. */
static void every_collective_may_fail_and_the_run_can_go_on(void **state)
{
  (void)state;
  for (int direction = 0; direction < 2; direction++) {
    bool failed = true;
    for (int64_t at = 1; failed; at++) {
      const secant_options options = eager_options(direction);
      valley v = valley_create(N, 1, 0);
      const secant_parameter parameter = valley_parameter(&v);
      secant_comm *comm = faulty_comm_create(NULL, at);
      secant_optimizer *optimizer = NULL;
      double accepted[N];
      assert_non_null(comm);
      secant_status status = secant_create(&optimizer, &parameter, 1, &options, comm, NULL);
      if (status == SECANT_OK) {
        status = run_to_failure(&v, optimizer, accepted);
        if (status != SECANT_OK) {
          expect_at(&v, accepted);
          assert_int_equal(secant_minimize(optimizer, valley_evaluate, &v), SECANT_OK);
        }
        assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
      } else {
        assert_null(optimizer);
      }
      failed = status != SECANT_OK;
      if (failed) assert_int_equal(status, SECANT_ERR_COMM);
      secant_destroy(optimizer);
      secant_comm_destroy(comm);
      valley_destroy(&v);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_closure_that_fails_once_puts_x_back_and_the_run_can_go_on),
      cmocka_unit_test(a_loss_that_is_nan_once_is_never_accepted),
      cmocka_unit_test(every_collective_may_fail_and_the_run_can_go_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
