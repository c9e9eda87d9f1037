/* Signals: they stop the optimizer that is attached, and one that comes too early is kept for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/signals.h"
#include <signal.h>

/* f = 1/2 x^2 in one unknown, which sends itself a signal in evaluation number `at`. */
typedef struct signalling {
  double x, g;
  int evaluations, at, number;
} signalling;

static int evaluate(void *user, double *loss)
{
  signalling *const problem = user;
  if (++problem->evaluations == problem->at && raise(problem->number) != 0) return 1;
  problem->g = problem->x;
  *loss = 0.5 * problem->x * problem->x;
  return 0;
}

static secant_optimizer *optimizer_of(signalling *problem)
{
  const secant_parameter parameter = {.values = &problem->x, .gradient = &problem->g, .local_count = 1};
  secant_optimizer *optimizer = NULL;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, NULL, NULL, NULL), SECANT_OK);
  return optimizer;
}

/* First, because a signal that has been received stays received: a program stops once. */
static void run_without_a_signal_is_not_stopped(void **state)
{
  (void)state;
  signalling problem = {.x = 100.0};
  secant_optimizer *optimizer = optimizer_of(&problem);
  assert_true(signals_install());
  signals_attach(optimizer);
  assert_int_equal(secant_minimize(optimizer, evaluate, &problem), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_GRADIENT);
  signals_attach(NULL);
  secant_destroy(optimizer);
}

/* The signal arrives in the evaluation at the start. It is the first of this program, so nothing else stops the run. */
static void signal_in_the_run_stops_it(void **state)
{
  (void)state;
  signalling problem = {.x = 100.0, .at = 1, .number = SIGUSR2};
  secant_optimizer *optimizer = optimizer_of(&problem);
  assert_true(signals_install());
  signals_attach(optimizer);
  assert_int_equal(secant_minimize(optimizer, evaluate, &problem), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_STOP_REQUESTED);
  assert_int_equal(problem.evaluations, 1);
  signals_attach(NULL);
  secant_destroy(optimizer);
}

static void early_signal_waits_for_the_optimizer(void **state)
{
  (void)state;
  assert_true(signals_install());
  assert_int_equal(raise(SIGUSR1), 0);
  signalling problem = {.x = 100.0};
  secant_optimizer *optimizer = optimizer_of(&problem);
  signals_attach(optimizer);
  assert_int_equal(secant_minimize(optimizer, evaluate, &problem), SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).reason, SECANT_REASON_STOP_REQUESTED);
  assert_int_equal(secant_get_info(optimizer).accepted, 0);
  assert_int_equal(problem.evaluations, 1);
  signals_attach(NULL);
  secant_destroy(optimizer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(run_without_a_signal_is_not_stopped),
      cmocka_unit_test(signal_in_the_run_stops_it),
      cmocka_unit_test(early_signal_waits_for_the_optimizer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
