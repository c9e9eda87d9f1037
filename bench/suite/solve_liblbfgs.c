/* liblbfgs on the suite: its default search, or --search more_thuente | armijo | wolfe | strong_wolfe. */
#include "suite/runner.h"

#include <lbfgs.h>
#include <stdio.h>
#include <string.h>

typedef struct search {
  const char *name;
  int value;
} search;

static const search searches[] = {{"more_thuente", LBFGS_LINESEARCH_MORETHUENTE},
                                  {"armijo", LBFGS_LINESEARCH_BACKTRACKING_ARMIJO},
                                  {"wolfe", LBFGS_LINESEARCH_BACKTRACKING_WOLFE},
                                  {"strong_wolfe", LBFGS_LINESEARCH_BACKTRACKING_STRONG_WOLFE}};

enum { SEARCHES = sizeof searches / sizeof *searches };

static lbfgsfloatval_t evaluate(void *user, const lbfgsfloatval_t *x, lbfgsfloatval_t *g, const int n,
                                const lbfgsfloatval_t step)
{
  (void)n, (void)step;
  return suite_recorder_evaluate(user, x, g);
}

static void solve(suite_recorder *recorder, int n, void *user)
{
  lbfgs_parameter_t parameter;
  lbfgs_parameter_init(&parameter);
  parameter.m = 10;
  parameter.epsilon = 0.0;
  parameter.linesearch = *(const int *)user;
  double *x = lbfgs_malloc(n); /* with room up to the next multiple of 8, which its loops touch */
  if (!x) return;
  suite_recorder_start(recorder, x);
  char text[32];
  snprintf(text, sizeof text, "code %d", lbfgs(n, x, NULL, evaluate, NULL, recorder, &parameter));
  suite_recorder_end(recorder, text, x);
}

static int search_named(const char *name, int *value)
{
  for (int i = 0; i < SEARCHES; i++) {
    if (strcmp(searches[i].name, name) != 0) continue;
    *value = searches[i].value;
    return 0;
  }
  return fprintf(stderr, "liblbfgs: there is no search %s\n", name), 1;
}

int main(int argc, char **argv)
{
  int value = LBFGS_LINESEARCH_DEFAULT;
  for (int i = 1; i + 1 < argc; i++)
    if (strcmp(argv[i], "--search") == 0 && search_named(argv[i + 1], &value) != 0) return 1;
  return suite_run(solve, &value, argc, argv);
}
