/* From the recorded cases to an array of CMocka tests. */
#include "golden_trials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 2 };

typedef struct trials {
  golden_trial *list;
  size_t count;
  const char *filter;
  const golden_setup *common;
} trials;

static golden_trial make_trial(const golden_case *golden, const golden_setup *common, int direction,
                               golden_layout layout, size_t index)
{
  const char *named = direction == SECANT_DIRECTION_GRAM ? "gram" : "two_loop";
  golden_trial trial = {.golden = golden, .setup = *common};
  trial.setup.direction = (secant_direction)direction;
  trial.setup.layout = layout;
  trial.setup.loss = index % 2 == 0 ? SECANT_LOSS_REPLICATED : SECANT_LOSS_SHARE;
  if (common->ranks.size == 1)
    snprintf(trial.name, sizeof trial.name, "%s %s", golden->id, named);
  else
    snprintf(trial.name, sizeof trial.name, "%s %s %s", golden->id, named, golden_layout_name(layout));
  return trial;
}

/* One process has nothing to cut. */
static void collect_case(trials *all, const golden_case *golden, size_t index)
{
  const int layouts = all->common->ranks.size == 1 ? 1 : GOLDEN_LAYOUTS;
  for (int direction = 0; direction < DIRECTIONS; direction++)
    for (int layout = 0; layout < layouts; layout++) {
      const golden_trial trial = make_trial(golden, all->common, direction, (golden_layout)layout, index);
      if (strstr(trial.name, all->filter)) all->list[all->count++] = trial;
    }
}

static int run_collected(trials *all, struct CMUnitTest *tests, CMUnitTestFunction test)
{
  for (size_t i = 0; i < all->count; i++)
    tests[i] = (struct CMUnitTest){.name = all->list[i].name, .test_func = test, .initial_state = &all->list[i]};
  return _cmocka_run_group_tests("golden", tests, all->count, NULL, NULL);
}

static int run_file(const golden_file *file, const char *filter, const golden_setup *common, CMUnitTestFunction test)
{
  const size_t most = (size_t)DIRECTIONS * GOLDEN_LAYOUTS * file->case_count;
  trials all = {.list = calloc(most, sizeof *all.list), .filter = filter, .common = common};
  struct CMUnitTest *tests = calloc(most, sizeof *tests);
  for (size_t i = 0; all.list && i < file->case_count; i++) collect_case(&all, &file->cases[i], i);
  if (all.count == 0) print_error("no case to run is called *%s*\n", filter);
  const int failed = all.count == 0 || !tests ? 1 : run_collected(&all, tests, test);
  free(all.list);
  free(tests);
  return failed;
}

int golden_trials_run(const char *filter, const golden_setup *common, CMUnitTestFunction test)
{
  const char *complaint = NULL;
  golden_file *file = golden_file_read(SECANT_TEST_DATA "/torch_lbfgs.json", &complaint);
  if (!file) print_error("%s/torch_lbfgs.json: %s\n", SECANT_TEST_DATA, complaint);
  const int failed = file ? run_file(file, filter, common, test) : 1;
  golden_file_free(file);
  return failed;
}
