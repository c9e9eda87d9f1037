/*
 * The regression problems of NIST in the suite, at the parameters that NIST certifies: f is the certified sum of squares
 * and has its minimum there. That holds the observations and the models to eleven digits; the derivatives are held to
 * differences with all others of the suite, in test_suite.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/problems/suite/suite.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 9 };

/* What StRD prints of a problem, at https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml. */
typedef struct certificate {
  const char *name;
  double sum_of_squares;
  double b[MOST];
} certificate;

static const certificate certificates[] = {
    {"Bennett5", 5.2404744073e-4, {-2.5235058043e3, 4.6736564644e1, 9.3218483193e-1}},
    {"BoxBOD", 1.1680088766e3, {2.1380940889e2, 5.4723748542e-1}},
    {"Chwirut1", 2.3844771393e3, {1.9027818370e-1, 6.1314004477e-3, 1.0530908399e-2}},
    {"Chwirut2", 5.1304802941e2, {1.6657666537e-1, 5.1653291286e-3, 1.2150007096e-2}},
    {"DanWood", 4.3173084083e-3, {7.6886226176e-1, 3.8604055871}},
    {"ENSO",
     7.8853978668e2,
     {1.0510749193e1, 3.0762128085, 5.3280138227e-1, 4.4311088700e1, -1.6231428586, 5.2554493756e-1, 2.6887614440e1,
      2.1232288488e-1, 1.4966870418}},
    {"Eckerle4", 1.4635887487e-3, {1.5543827178, 4.0888321754, 4.5154121844e2}},
    {"Gauss1",
     1.3158222432e3,
     {9.8778210871e1, 1.0497276517e-2, 1.0048990633e2, 6.7481111276e1, 2.3129773360e1, 7.1994503004e1, 1.7899805021e2,
      1.8389389025e1}},
    {"Gauss2",
     1.2475282092e3,
     {9.9018328406e1, 1.0994945399e-2, 1.0188022528e2, 1.0703095519e2, 2.3578584029e1, 7.2045589471e1, 1.5327010194e2,
      1.9525972636e1}},
    {"Gauss3",
     1.2444846360e3,
     {9.8940368970e1, 1.0945879335e-2, 1.0069553078e2, 1.1163619459e2, 2.3300500029e1, 7.3705031418e1, 1.4776164251e2,
      1.9668221230e1}},
    {"Hahn1",
     1.5324382854,
     {1.0776351733, -1.2269296921e-1, 4.0863750610e-3, -1.4262662514e-6, -5.7609940901e-3, 2.4053735503e-4,
      -1.2314450199e-7}},
    {"Kirby2", 3.9050739624, {1.6745063063, -1.3927397867e-1, 2.5961181191e-3, -1.7241811870e-3, 2.1664802578e-5}},
    {"Lanczos1",
     1.4307867721e-25,
     {9.5100000027e-2, 1.0000000001, 8.6070000013e-1, 3.0000000002, 1.5575999998, 5.0000000001}},
    {"Lanczos2",
     2.2299428125e-11,
     {9.6251029939e-2, 1.0057332849, 8.6424689056e-1, 3.0078283915, 1.5529016879, 5.0028798100}},
    {"Lanczos3",
     1.6117193594e-8,
     {8.6816414977e-2, 9.5498101505e-1, 8.4400777463e-1, 2.9515951832, 1.5825685901, 4.9863565084}},
    {"MGH09", 3.0750560385e-4, {1.9280693458e-1, 1.9128232873e-1, 1.2305650693e-1, 1.3606233068e-1}},
    {"MGH10", 8.7945855171e1, {5.6096364710e-3, 6.1813463463e3, 3.4522363462e2}},
    {"MGH17", 5.4648946975e-5, {3.7541005211e-1, 1.9358469127, -1.4646871366, 1.2867534640e-2, 2.2122699662e-2}},
    {"Misra1a", 1.2455138894e-1, {2.3894212918e2, 5.5015643181e-4}},
    {"Misra1b", 7.5464681533e-2, {3.3799746163e2, 3.9039091287e-4}},
    {"Misra1c", 4.0966836971e-2, {6.3642725809e2, 2.0813627256e-4}},
    {"Misra1d", 5.6419295283e-2, {4.3736970754e2, 3.0227324449e-4}},
    {"Nelson", 3.7976833176, {2.5906836021, 5.6177717026e-9, -5.7701013174e-2}},
    {"Rat42", 8.0565229338, {7.2462237576e1, 2.6180768402, 6.7359200066e-2}},
    {"Rat43", 8.7864049080e3, {6.9964151270e2, 5.2771253025, 7.5962938329e-1, 1.2792483859}},
    {"Roszman1", 4.9484847331e-4, {2.0196866396e-1, -6.1953516256e-6, 1.2044556708e3, -1.8134269537e2}},
    {"Thurber",
     5.6427082397e3,
     {1.2881396800e3, 1.4910792535e3, 5.8323836877e2, 7.5416644291e1, 9.6629502864e-1, 3.9797285797e-1,
      4.9727297349e-2}},
};
enum { CERTIFICATES = sizeof certificates / sizeof *certificates };

/* From their second start these are problems of Moré, Garbow and Hillstrom, which the suite has under these names. */
static const char *const repeated[][2] = {
    {"nist-mgh09-2", "kowalik-osborne"}, {"nist-mgh10-2", "meyer"}, {"nist-mgh17-2", "osborne-1"}};
enum { REPEATED = sizeof repeated / sizeof *repeated };

static const char *name_in_suite(const char *name)
{
  for (int i = 0; i < REPEATED; i++)
    if (strcmp(name, repeated[i][0]) == 0) return repeated[i][1];
  return name;
}

/* The problem from start 1 or 2. */
static const suite_problem *problem_of(const certificate *c, int start)
{
  char name[32];
  snprintf(name, sizeof name, "nist-%s-%d", c->name, start);
  for (char *letter = name; *letter; letter++) *letter = (char)tolower((unsigned char)*letter);
  const suite_problem *const problem = suite_find(name_in_suite(name));
  if (!problem) fail_msg("the suite has no problem %s", name);
  return problem;
}

/*
 * Half a unit of the eleventh digit of the parameters moves f by its square only. Of Lanczos1, whose observations have
 * thirteen digits, even that is more than the certified sum: it moves each of the 24 residuals by up to 6.6e-11.
 */
static void f_is_the_certified_sum_of_squares(void **state)
{
  (void)state;
  for (int i = 0; i < 2 * CERTIFICATES; i++) {
    const certificate *const c = &certificates[i / 2];
    const suite_problem *const p = problem_of(c, 1 + i % 2);
    double g[MOST];
    const double f = p->evaluate(p->n, c->b, g), certified = c->sum_of_squares;
    const double printed = strncmp(p->name, "nist-", 5) == 0 ? 0.0 : 1e-5; /* Moré and others print six digits */
    assert_true(fabs(p->optimum - certified) <= printed * certified);
    if (!(fabs(f - certified) <= fmax(1e-9 * certified, 24 * 6.6e-11 * 6.6e-11)))
      fail_msg("%s: f is %.11e, certified is %.10e", p->name, f, certified);
  }
}

/* Slope of f along parameter j after it was changed by a part of itself. */
static double slope_after(const suite_problem *problem, const double *b, int j, double change, double *f)
{
  double moved[MOST], g[MOST];
  memcpy(moved, b, sizeof moved);
  moved[j] += change * b[j];
  *f = problem->evaluate(problem->n, moved, g);
  return g[j];
}

/* A thousandth away f is higher, and its slope at least a hundred thousand times as steep: digits as above. */
static void f_has_its_minimum_at_the_certified_parameters(void **state)
{
  (void)state;
  for (int i = 0; i < 2 * CERTIFICATES; i++) {
    const certificate *const c = &certificates[i / 2];
    const suite_problem *const p = problem_of(c, 1 + i % 2);
    for (int j = 0; j < p->n; j++) {
      double f, left, right;
      const double slope = fabs(slope_after(p, c->b, j, 0.0, &f));
      const double down = slope_after(p, c->b, j, -1e-3, &left) * c->b[j];
      const double up = slope_after(p, c->b, j, 1e-3, &right) * c->b[j];
      if (!(left > f && right > f && down < 0.0 && up > 0.0))
        fail_msg("%s: there is no minimum along parameter %d", p->name, j + 1);
      if (!(slope * fabs(c->b[j]) <= 1e-5 * fmin(-down, up)))
        fail_msg("%s: the slope along parameter %d is %g", p->name, j + 1, slope);
    }
  }
}

/* Its observations are the model's values with these parameters, rounded to twelve decimals. */
static void lanczos1_was_made_from_known_parameters(void **state)
{
  (void)state;
  const suite_problem *const p = suite_find("nist-lanczos1-1");
  const double made_from[] = {0.0951, 1.0, 0.8607, 3.0, 1.5576, 5.0};
  double g[MOST];
  const double f = p->evaluate(p->n, made_from, g);
  assert_true(f > p->optimum && f <= 24 * 5e-13 * 5e-13);
}

/* As they are no more than repeated, the function is the same but for rounding. */
static void what_is_repeated_is_the_same_function(void **state)
{
  (void)state;
  for (int i = 0; i < REPEATED; i++) {
    char first[32];
    snprintf(first, sizeof first, "%s", repeated[i][0]);
    first[strlen(first) - 1] = '1';
    const suite_problem *const one = suite_find(first), *const other = suite_find(repeated[i][1]);
    double x[MOST], g[MOST], h[MOST];
    assert_int_equal(one->n, other->n);
    other->start(other->n, x);
    const double f = one->evaluate(one->n, x, g), again = other->evaluate(one->n, x, h);
    assert_true(fabs(f - again) <= 1e-12 * f);
    for (int j = 0; j < one->n; j++) assert_true(fabs(g[j] - h[j]) <= 1e-12 * fabs(h[j]));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(f_is_the_certified_sum_of_squares),
      cmocka_unit_test(f_has_its_minimum_at_the_certified_parameters),
      cmocka_unit_test(lanczos1_was_made_from_known_parameters),
      cmocka_unit_test(what_is_repeated_is_the_same_function),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
