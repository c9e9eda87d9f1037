/*
 * What the default preset spends on the suite of test problems, held against the published table of evaluations: a
 * change of the library that costs evaluations, or a problem, does not go by unnoticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/problems/suite/suite.h"
#include <math.h>
#include <secant/secant.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EVALUATIONS = 20000, LINE = 400 };

/* On other processors and with other mathematical libraries last digits differ, and with them some counts. */
static const double dearer = 1.02;
enum { LOST = 1 };

typedef struct attempt {
  const suite_problem *problem;
  double *x, *g;
  double first; /* f at the start */
  long evaluations;
  bool solved;
} attempt;

/* The bound on |g|_inf that makes a point a solution, as docs/problems.md has it. */
static double bound(const suite_problem *problem, double f)
{
  const double least = fabs(problem->optimum);
  return 1e-6 * fmax(1.0, least < fabs(f) ? least : fabs(f));
}

static double largest(int n, const double *g)
{
  double most = 0.0;
  for (int i = 0; i < n; i++) {
    if (!isfinite(g[i])) return INFINITY;
    most = fmax(most, fabs(g[i]));
  }
  return most;
}

static int evaluate(void *user, double *loss)
{
  attempt *self = user;
  const suite_problem *p = self->problem;
  const double f = p->evaluate(p->n, self->x, self->g);
  if (self->evaluations++ == 0) self->first = f;
  self->solved = isfinite(f) && f <= self->first && largest(p->n, self->g) <= bound(p, f);
  *loss = f;
  return self->solved;
}

/* Evaluations until the problem was solved; 0: it was not. */
static long evaluations_of(const suite_problem *problem)
{
  const size_t n = (size_t)problem->n;
  attempt self = {.problem = problem, .x = calloc(n, sizeof(double)), .g = calloc(n, sizeof(double))};
  const secant_parameter parameter = {.values = self.x, .gradient = self.g, .local_count = n};
  secant_options options = secant_options_default();
  secant_optimizer *optimizer = NULL;
  options.threads = 1;
  options.max_iter = options.max_eval = MOST_EVALUATIONS;
  options.tolerance_grad = options.tolerance_change = 0.0;
  assert_non_null(self.x);
  assert_non_null(self.g);
  problem->start(problem->n, self.x);
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  const secant_status status = secant_minimize(optimizer, evaluate, &self);
  assert_int_equal(status, self.solved ? SECANT_ERR_CLOSURE : SECANT_OK);
  secant_destroy(optimizer);
  free(self.x);
  free(self.g);
  return self.solved ? self.evaluations : 0;
}

/* A line of the table: problem, n, Secant's evaluations (empty: not solved), then what others need. */
static const suite_problem *read_line(char *line, long *published)
{
  char *const after_name = strchr(line, ','), *const after_n = after_name ? strchr(after_name + 1, ',') : NULL;
  assert_non_null(after_n);
  *after_name = '\0';
  *published = strtol(after_n + 1, NULL, 10);
  return suite_find(line);
}

static void preset_spends_what_the_table_says(void **state)
{
  (void)state;
  char line[LINE];
  double sum = 0.0;
  int problems = 0, solved = 0, common = 0, lost = 0;
  FILE *const table = fopen(SECANT_TEST_DATA "/../../docs/problems/evaluations.csv", "r");
  assert_non_null(table);
  assert_non_null(fgets(line, sizeof line, table));
  for (; fgets(line, sizeof line, table); problems++) {
    long published;
    const suite_problem *const problem = read_line(line, &published);
    if (!problem) fail_msg("the table has %s, the suite has not", line);
    const long spent = evaluations_of(problem);
    solved += spent > 0;
    lost += spent == 0 && published > 0;
    if (spent == 0 || published == 0) continue;
    sum += log((double)spent / (double)published);
    common++;
  }
  fclose(table);
  assert_true(common > 200);
  if (exp(sum / common) > dearer) fail_msg("the preset spends %.3f times the published evaluations", exp(sum / common));
  if (lost > LOST) fail_msg("%d problems that the table calls solved are not", lost);
  assert_true(solved >= 0.95 * problems);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(preset_spends_what_the_table_says)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
