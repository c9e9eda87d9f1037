/* The losses of one row: known values, derivatives against differences, and scores at the ends of the range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/losses.h"
#include "support/random.h"
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SEEDS = 400, MOST_CLASSES = 7 };

static double loss_at(loss_rule *rule, const double *scores, int classes, double target)
{
  double copy[MOST_CLASSES];
  memcpy(copy, scores, (size_t)classes * sizeof *copy);
  return rule(copy, classes, target);
}

static void near(double got, double want, double tolerance)
{
  if (!(fabs(got - want) <= tolerance * fmax(1e-300, fabs(want)))) fail_msg("%a is not %a", got, want);
}

static void values_at_known_scores(void **state)
{
  (void)state;
  const double zero[3] = {0.0, 0.0, 0.0};
  near(loss_at(loss_logistic, zero, 1, 1.0), log(2.0), 4 * DBL_EPSILON);
  near(loss_at(loss_logistic, zero, 1, -1.0), log(2.0), 4 * DBL_EPSILON);
  near(loss_at(loss_softmax, zero, 3, 1.0), log(3.0), 4 * DBL_EPSILON);
  const double score[3] = {1.0, 2.0, 4.0};
  near(loss_at(loss_softmax, score, 3, 0.0), 3.0 + log1p(exp(-2.0) + exp(-3.0)), 4 * DBL_EPSILON);
  near(loss_at(loss_squared, score, 1, 4.0), 4.5, 0.0);
  near(loss_at(loss_poisson, score, 1, 3.0), exp(1.0) - 3.0, 4 * DBL_EPSILON);
}

/* (f(z + h) - f(z - h)) / 2h has an error of h^2 f'''/6 and of 2 ulp(f) / 2h: with h = 1e-5 both are below 1e-9. */
static void check_derivatives(loss_rule *rule, const double *scores, int classes, double target, uint64_t seed)
{
  const double h = 1e-5;
  double derivative[MOST_CLASSES], moved[MOST_CLASSES];
  memcpy(derivative, scores, (size_t)classes * sizeof *derivative);
  rule(derivative, classes, target);
  for (int k = 0; k < classes; k++) {
    memcpy(moved, scores, (size_t)classes * sizeof *moved);
    moved[k] = scores[k] + h;
    const double above = loss_at(rule, moved, classes, target);
    moved[k] = scores[k] - h;
    const double slope = (above - loss_at(rule, moved, classes, target)) / (2.0 * h);
    if (fabs(slope - derivative[k]) > 1e-8) {
      fail_msg("seed %" PRIu64 ", class %d: difference %a, derivative %a", seed, k, slope, derivative[k]);
    }
  }
}

static void derivatives_match_differences(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    uint64_t random = seed;
    double scores[MOST_CLASSES];
    for (int k = 0; k < MOST_CLASSES; k++) scores[k] = 3.0 * random_symmetric(&random);
    const int classes = 2 + (int)(seed % (MOST_CLASSES - 1));
    check_derivatives(loss_logistic, scores, 1, seed % 2 ? 1.0 : -1.0, seed);
    check_derivatives(loss_softmax, scores, classes, (double)(seed % (uint64_t)classes), seed);
    check_derivatives(loss_squared, scores, 1, scores[1], seed);
    check_derivatives(loss_poisson, scores, 1, (double)(seed % 9), seed);
  }
}

/* Two classes with scores 0 and z are the logistic loss of z. */
static void softmax_of_two_is_logistic(void **state)
{
  (void)state;
  for (int i = -800; i <= 800; i += 7) {
    const double z = i;
    const double pair[2] = {0.0, z};
    near(loss_at(loss_softmax, pair, 2, 1.0), loss_at(loss_logistic, &z, 1, 1.0), 4 * DBL_EPSILON);
    double a[2] = {0.0, z}, b[1] = {z};
    loss_softmax(a, 2, 1.0);
    loss_logistic(b, 1, 1.0);
    near(a[1], b[0], 4 * DBL_EPSILON);
  }
}

static void large_scores_neither_overflow_nor_vanish(void **state)
{
  (void)state;
  const double far = 1e300, tiny = 50.0;
  near(loss_at(loss_logistic, &far, 1, -1.0), 1e300, DBL_EPSILON);
  assert_true(loss_at(loss_logistic, &far, 1, 1.0) == 0.0);
  near(loss_at(loss_logistic, &tiny, 1, 1.0), exp(-50.0), 4 * DBL_EPSILON);
  const double scores[3] = {1000.0, -1000.0, 950.0};
  near(loss_at(loss_softmax, scores, 3, 0.0), exp(-50.0), 4 * DBL_EPSILON);
  near(loss_at(loss_softmax, scores, 3, 1.0), 2000.0, DBL_EPSILON);
  double derivative[3] = {1000.0, -1000.0, 950.0};
  loss_softmax(derivative, 3, 0.0);
  near(derivative[0], -exp(-50.0), 4 * DBL_EPSILON);
}

static void not_a_number_stays_one(void **state)
{
  (void)state;
  const double nan = NAN;
  assert_true(isnan(loss_at(loss_logistic, &nan, 1, 1.0)));
  assert_true(isnan(loss_at(loss_squared, &nan, 1, 1.0)));
  assert_true(isnan(loss_at(loss_poisson, &nan, 1, 1.0)));
  for (int k = 0; k < 3; k++) {
    double scores[3] = {1.0, 2.0, 3.0};
    scores[k] = NAN;
    for (int t = 0; t < 3; t++) assert_true(isnan(loss_at(loss_softmax, scores, 3, t)));
  }
}

static void predictions_follow_the_scores(void **state)
{
  (void)state;
  const double scores[3] = {-1.0, 3.0, 2.0};
  assert_true(loss_predict(loss_find("softmax"), scores, 3) == 1.0);
  assert_true(loss_predict(loss_find("logistic"), scores, 1) == -1.0);
  assert_true(loss_predict(loss_find("logistic"), scores + 1, 1) == 1.0);
  assert_true(loss_predict(loss_find("squared"), scores, 1) == -1.0);
  near(loss_predict(loss_find("poisson"), scores, 1), exp(-1.0), DBL_EPSILON);
  assert_null(loss_find("hinge"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_at_known_scores),     cmocka_unit_test(derivatives_match_differences),
      cmocka_unit_test(softmax_of_two_is_logistic), cmocka_unit_test(large_scores_neither_overflow_nor_vanish),
      cmocka_unit_test(not_a_number_stays_one),     cmocka_unit_test(predictions_follow_the_scores),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
