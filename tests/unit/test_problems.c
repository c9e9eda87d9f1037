/* The built-in problems: loss and gradient against plain formulas in long double, starts, cuts over ranks, options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/problems/problem.h"
#include "support/random.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SEEDS = 25, MOST = 64 };

typedef long double plain_loss(const cli_problem *problem, const long double *x);

/* ---- plain formulas ------------------------------------------------------------------------------------------------ */

static long double plain_rosenbrock(const cli_problem *problem, const long double *x)
{
  long double loss = 0.0L;
  for (int64_t i = 0; i < problem->count; i += 2)
    loss += 100.0L * powl(x[i + 1] - x[i] * x[i], 2.0L) + powl(1.0L - x[i], 2.0L);
  return loss;
}

static long double plain_quadratic(const cli_problem *problem, const long double *x)
{
  long double loss = 0.0L;
  for (int64_t i = 1; i <= problem->count; i++) {
    const long double part = (long double)(i - 1) / (long double)(problem->count - 1);
    const long double centre = (long double)((37 * i) % 101) / 101.0L - 0.5L;
    loss += 0.5L * powl((long double)problem->option[1], part) * powl(x[i - 1] - centre, 2.0L);
  }
  return loss;
}

/* Enneper's surface by fixed-point iteration: a map that shrinks distances by |a|^2 + |b|^2 < 0.7 on the square. */
static long double enneper(long double x, long double y)
{
  long double a = x, b = -y;
  for (int i = 0; i < 400; i++) {
    const long double next_a = x - a * b * b + a * a * a / 3.0L;
    b = -y - a * a * b + b * b * b / 3.0L;
    a = next_a;
  }
  return a * a - b * b;
}

/* Height at a node of the whole grid, boundary included. */
static long double height(const cli_problem *problem, const long double *x, int64_t i, int64_t j)
{
  const int64_t nx = (int64_t)problem->option[0], ny = (int64_t)problem->option[1];
  if (i > 0 && i <= nx && j > 0 && j <= ny) return x[(j - 1) * nx + i - 1];
  return enneper((long double)i / (long double)(nx + 1) - 0.5L, (long double)j / (long double)(ny + 1) - 0.5L);
}

/* Area of a triangle in space with corners a, b, c: half the norm of a cross product. */
static long double triangle(const long double a[3], const long double b[3], const long double c[3])
{
  long double u[3], v[3];
  for (int k = 0; k < 3; k++) {
    u[k] = b[k] - a[k];
    v[k] = c[k] - a[k];
  }
  const long double n0 = u[1] * v[2] - u[2] * v[1], n1 = u[2] * v[0] - u[0] * v[2], n2 = u[0] * v[1] - u[1] * v[0];
  return 0.5L * sqrtl(n0 * n0 + n1 * n1 + n2 * n2);
}

static long double plain_surface(const cli_problem *problem, const long double *x)
{
  const int64_t nx = (int64_t)problem->option[0], ny = (int64_t)problem->option[1];
  long double loss = 0.0L;
  for (int64_t j = 0; j <= ny; j++) {
    for (int64_t i = 0; i <= nx; i++) {
      long double corner[4][3];
      for (int k = 0; k < 4; k++) {
        const int64_t column = i + k % 2, row = j + k / 2;
        corner[k][0] = (long double)column / (long double)(nx + 1);
        corner[k][1] = (long double)row / (long double)(ny + 1);
        corner[k][2] = height(problem, x, column, row);
      }
      loss += triangle(corner[0], corner[1], corner[2]) + triangle(corner[3], corner[2], corner[1]);
    }
  }
  return loss;
}

/* ---- comparison ---------------------------------------------------------------------------------------------------- */

/* Central differences at h and h/2 with the h^2 term extrapolated away: exact for the quartic, 1e-12 for the surface. */
static long double slope(plain_loss *loss, const cli_problem *problem, long double *x, int64_t i)
{
  const long double at = x[i];
  long double difference[2];
  for (int k = 0; k < 2; k++) {
    const long double h = k == 0 ? 1e-4L : 0.5e-4L;
    x[i] = at + h;
    const long double right = loss(problem, x);
    x[i] = at - h;
    difference[k] = (right - loss(problem, x)) / (2.0L * h);
  }
  x[i] = at;
  return (4.0L * difference[1] - difference[0]) / 3.0L;
}

static void agrees_with_plain_formula(const cli_problem_kind *kind, plain_loss *plain, const char *const *options)
{
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    double values[PROBLEM_OPTIONS];
    secant_error error;
    problem_defaults(kind, values);
    for (int i = 0; options[i]; i++) assert_int_equal(problem_set_option(kind, values, options[i], &error), SECANT_OK);
    cli_problem *problem = NULL;
    assert_int_equal(problem_create(&problem, kind, values, 1, NULL), SECANT_OK);
    assert_true(problem->count <= MOST);

    long double x[MOST];
    uint64_t random = seed;
    for (int64_t i = 0; i < problem->count; i++) {
      problem->x[i] += 0.5 * random_symmetric(&random);
      x[i] = (long double)problem->x[i];
    }
    double loss = NAN;
    assert_int_equal(kind->evaluate(problem, &loss), 0);

    const double want = (double)plain(problem, x);
    if (!(fabs(loss - want) <= 1e-13 * (1.0 + fabs(want)))) fail_msg("seed %" PRIu64 ": %a, not %a", seed, loss, want);
    for (int64_t i = 0; i < problem->count; i++) {
      const double g = (double)slope(plain, problem, x, i);
      if (!(fabs(problem->g[i] - g) <= 1e-9 * (1.0 + fabs(g))))
        fail_msg("seed %" PRIu64 ", entry %" PRId64 ": %a, not %a", seed, i, problem->g[i], g);
    }
    problem_destroy(problem);
  }
}

static void rosenbrock_agrees_with_plain_formula(void **state)
{
  (void)state;
  agrees_with_plain_formula(&problem_rosenbrock, plain_rosenbrock, (const char *[]){"n=10", NULL});
}

static void quadratic_agrees_with_plain_formula(void **state)
{
  (void)state;
  agrees_with_plain_formula(&problem_quadratic, plain_quadratic, (const char *[]){"n=9", "condition=1000.0", NULL});
}

static void minimal_surface_agrees_with_triangle_areas(void **state)
{
  (void)state;
  agrees_with_plain_formula(&problem_minimal_surface, plain_surface, (const char *[]){"nx=4", "ny=3", NULL});
  agrees_with_plain_formula(&problem_minimal_surface, plain_surface, (const char *[]){"nx=1", "ny=5", NULL});
  agrees_with_plain_formula(&problem_minimal_surface, plain_surface, (const char *[]){"nx=1", "ny=1", NULL});
}

/* ---- starts and cuts ----------------------------------------------------------------------------------------------- */

static cli_problem *created(const cli_problem_kind *kind)
{
  double values[PROBLEM_OPTIONS];
  cli_problem *problem = NULL;
  problem_defaults(kind, values);
  assert_int_equal(problem_create(&problem, kind, values, 2, NULL), SECANT_OK);
  return problem;
}

static void starts_are_those_of_the_literature(void **state)
{
  (void)state;
  cli_problem *rosenbrock = created(&problem_rosenbrock), *quadratic = created(&problem_quadratic);
  for (int64_t i = 0; i < rosenbrock->count; i++) assert_true(rosenbrock->x[i] == (i % 2 ? 1.0 : -1.2));
  for (int64_t i = 0; i < quadratic->count; i++) assert_true(quadratic->x[i] == (i % 2 ? -1.0 : 1.0));
  double loss = NAN;
  assert_int_equal(problem_rosenbrock.evaluate(rosenbrock, &loss), 0);
  assert_true(fabs(loss - 500 * 24.2) < 1e-9);
  problem_destroy(quadratic);
  problem_destroy(rosenbrock);
}

/* The mean of the two linear interpolations, at the middle node of a 3 x 3 grid: the mean of the four middles. */
static void minimal_surface_starts_between_its_boundaries(void **state)
{
  (void)state;
  const double values[PROBLEM_OPTIONS] = {3, 3};
  cli_problem *problem = NULL;
  assert_int_equal(problem_create(&problem, &problem_minimal_surface, values, 1, NULL), SECANT_OK);
  const long double want = (enneper(-0.5L, 0) + enneper(0.5L, 0) + enneper(0, -0.5L) + enneper(0, 0.5L)) / 4.0L;
  assert_true(fabsl((long double)problem->x[4] - want) < 1e-15L);
  const long double corner = 0.75L * (enneper(-0.5L, -0.25L) + enneper(-0.25L, -0.5L)) +
                             0.25L * (enneper(0.5L, -0.25L) + enneper(-0.25L, 0.5L));
  assert_true(fabsl((long double)problem->x[0] - corner / 2.0L) < 1e-15L);
  problem_destroy(problem);
}

static void cuts_cover_the_unknowns_in_rank_order(void **state)
{
  (void)state;
  const double sizes[][PROBLEM_OPTIONS] = {{1, 1}, {2, 7}, {30, 2}, {1000, 10}, {100000, 100}, {4098, 3}};
  for (int k = 0; problem_kind_at(k); k++) {
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      cli_problem problem = {.kind = problem_kind_at(k)};
      memcpy(problem.option, sizes[s], sizeof problem.option);
      if (problem.kind->options[0].step == 2 && (int64_t)sizes[s][0] % 2 != 0) continue;
      for (int size = 1; size <= 9; size++) {
        int64_t next = 0;
        for (int rank = 0; rank < size; rank++) {
          problem.kind->cut(&problem, size, rank);
          if (problem.first != next || problem.count < 0)
            fail_msg("%s, rank %d of %d begins at %" PRId64 " and not at %" PRId64, problem.kind->name, rank, size,
                     problem.first, next);
          if (problem.kind->options[0].step == 2) assert_true(problem.first % 2 == 0 && problem.count % 2 == 0);
          next += problem.count;
        }
        assert_int_equal(next, problem.shape[0] * (problem.dimensions == 2 ? problem.shape[1] : 1));
      }
    }
  }
}

/* Many threads cut the blocks otherwise, but the losses are added in the order of the blocks. */
static void loss_does_not_depend_on_the_number_of_threads(void **state)
{
  (void)state;
  const double values[][PROBLEM_OPTIONS] = {{50000, 0}, {50001, 1e5}, {250, 200}};
  for (int k = 0; problem_kind_at(k); k++) {
    double loss[4];
    for (int threads = 1; threads <= 4; threads++) {
      cli_problem *problem = NULL;
      assert_int_equal(problem_create(&problem, problem_kind_at(k), values[k], threads, NULL), SECANT_OK);
      assert_int_equal(problem->kind->evaluate(problem, &loss[threads - 1]), 0);
      problem_destroy(problem);
    }
    for (int i = 1; i < 4; i++) assert_memory_equal(&loss[i], &loss[0], sizeof *loss);
  }
}

/* ---- problems of the suite ------------------------------------------------------------------------------------------- */

static void suite_problem_has_n_where_it_can_be_chosen(void **state)
{
  (void)state;
  const struct {
    const char *name, *option, *says;
  } bad[] = {
      {"beale", "n=4", "problem beale has no options"},
      {"extended-powell-singular", "n=10", "n is 10; it must be a multiple of 4"},
      {"extended-powell-singular", "n=0", "n is 0; it must be an integer between 4 and 1e+06"},
      {"extended-powell-singular", "m=8", "problem extended-powell-singular has no option \"m\"; did you mean \"n\"?"},
  };
  double values[PROBLEM_OPTIONS];
  cli_problem_kind kind;
  secant_error error;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(problem_find(bad[i].name, &kind, &error), SECANT_OK);
    problem_defaults(&kind, values);
    assert_int_equal(problem_set_option(&kind, values, bad[i].option, &error), SECANT_ERR_ARGUMENT);
    assert_string_equal(error.message, bad[i].says);
  }
}

/* The published value at the start, and an optimum that is known for the usual n only. */
static void suite_problem_begins_at_its_start(void **state)
{
  (void)state;
  for (int n = 10; n <= 1000; n *= 10) {
    double values[PROBLEM_OPTIONS], loss = NAN;
    cli_problem_kind kind;
    cli_problem *problem = NULL;
    secant_error error;
    char option[32];
    assert_int_equal(problem_find("extended-rosenbrock", &kind, &error), SECANT_OK);
    problem_defaults(&kind, values);
    snprintf(option, sizeof option, "n=%d", n);
    assert_int_equal(problem_set_option(&kind, values, option, &error), SECANT_OK);
    assert_int_equal(problem_create(&problem, &kind, values, 1, NULL), SECANT_OK);
    assert_int_equal(problem->count, n);
    assert_int_equal(kind.evaluate(problem, &loss), 0);
    assert_true(fabs(loss - 24.2 * n / 2) <= 1e-13 * loss);
    assert_true(secant_sum_value(&problem->loss_terms) == loss);
    assert_true(problem->g[n - 1] == 200.0 * (1.0 - 1.2 * 1.2));
    if (n == 10) assert_true(problem_optimum(problem) == 0.0);
    if (n != 10) assert_true(isnan(problem_optimum(problem)));
    problem_destroy(problem);
  }
}

/* ---- options ------------------------------------------------------------------------------------------------------- */

static void options_are_named_in_the_description(void **state)
{
  (void)state;
  double values[PROBLEM_OPTIONS];
  secant_error error;
  char text[256];
  problem_defaults(&problem_quadratic, values);
  assert_int_equal(problem_set_option(&problem_quadratic, values, "condition=2.5", &error), SECANT_OK);
  problem_describe(&problem_quadratic, values, text, sizeof text);
  assert_string_equal(text, "run quadratic n=1000 condition=2.5");
  problem_describe(&problem_quadratic, values, text, 12);
  assert_string_equal(text, "run quadrat");
}

static void bad_options_are_refused_with_a_sentence(void **state)
{
  (void)state;
  const struct {
    const cli_problem_kind *kind;
    const char *option, *says;
  } bad[] = {
      {&problem_rosenbrock, "n=7", "n is 7; it must be an even number"},
      {&problem_rosenbrock, "n=0", "n is 0; it must be an integer between 2 and 1e+15"},
      {&problem_rosenbrock, "n=10.0", "n is 10.0; it must be an integer between 2 and 1e+15"},
      {&problem_rosenbrock, "n", "problem option \"n\" is not of the form name=value"},
      {&problem_rosenbrock, "m=4", "problem rosenbrock has no option \"m\"; did you mean \"n\"?"},
      {&problem_quadratic, "conditoin=4", "problem quadratic has no option \"conditoin\"; did you mean \"condition\"?"},
      {&problem_quadratic, "condition=nan", "condition is nan; it must be a number between 1 and 1e+16"},
      {&problem_minimal_surface, "nx=1e9", "nx is 1e9; it must be an integer between 1 and 1e+07"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    double values[PROBLEM_OPTIONS], before[PROBLEM_OPTIONS];
    secant_error error = {SECANT_OK, ""};
    problem_defaults(bad[i].kind, values);
    memcpy(before, values, sizeof values);
    assert_int_equal(problem_set_option(bad[i].kind, values, bad[i].option, &error), SECANT_ERR_ARGUMENT);
    assert_string_equal(error.message, bad[i].says);
    assert_memory_equal(before, values, sizeof values);
  }
}

static void unknown_problem_is_answered_with_the_nearest(void **state)
{
  (void)state;
  secant_error error = {SECANT_OK, ""};
  cli_problem_kind kind;
  assert_int_equal(problem_find("minimal-surface", &kind, &error), SECANT_OK);
  assert_memory_equal(&kind, &problem_minimal_surface, sizeof kind);
  const char *const typed[][2] = {
      {"minimalsurface", "minimal-surface"}, {"rosenbrok", "rosenbrock"}, {"helical-vally", "helical-valley"}};
  for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
    char want[128];
    assert_int_equal(problem_find(typed[i][0], &kind, &error), SECANT_ERR_ARGUMENT);
    snprintf(want, sizeof want, "there is no problem \"%s\"; did you mean \"%s\"?", typed[i][0], typed[i][1]);
    assert_string_equal(error.message, want);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rosenbrock_agrees_with_plain_formula),
      cmocka_unit_test(quadratic_agrees_with_plain_formula),
      cmocka_unit_test(minimal_surface_agrees_with_triangle_areas),
      cmocka_unit_test(starts_are_those_of_the_literature),
      cmocka_unit_test(minimal_surface_starts_between_its_boundaries),
      cmocka_unit_test(cuts_cover_the_unknowns_in_rank_order),
      cmocka_unit_test(loss_does_not_depend_on_the_number_of_threads),
      cmocka_unit_test(suite_problem_has_n_where_it_can_be_chosen),
      cmocka_unit_test(suite_problem_begins_at_its_start),
      cmocka_unit_test(options_are_named_in_the_description),
      cmocka_unit_test(bad_options_are_refused_with_a_sentence),
      cmocka_unit_test(unknown_problem_is_answered_with_the_nearest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
