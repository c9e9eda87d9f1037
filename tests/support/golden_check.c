/* A recorded case, run in every way it can be run. */
#include "golden_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void free_observations(golden_observed *seen)
{
  if (!seen) return;
  free(seen[0].x);
  free(seen[0].trace);
  free(seen);
}

static golden_observed *observations(const golden_case *golden)
{
  const size_t calls = golden->step_count, n = golden->objective.n;
  golden_observed *seen = calloc(calls, sizeof *seen);
  if (!seen) return NULL;
  seen[0].x = calloc(calls * n, sizeof *seen[0].x);
  seen[0].trace = calloc(calls * GOLDEN_TRACE, sizeof *seen[0].trace);
  if (!seen[0].x || !seen[0].trace) {
    free_observations(seen);
    return NULL;
  }
  for (size_t k = 1; k < calls; k++) {
    seen[k].x = seen[0].x + k * n;
    seen[k].trace = seen[0].trace + k * GOLDEN_TRACE;
  }
  return seen;
}

static bool saves_and_loads(const golden_case *golden)
{
  for (size_t i = 0; i < golden->event_count; i++)
    if (golden->events[i].type == GOLDEN_SAVE_LOAD) return true;
  return false;
}

static bool has_absent_gradients(const golden_case *golden)
{
  for (size_t i = 0; i < golden->tensors; i++)
    if (golden->without_gradient[i]) return true;
  return false;
}

/* Runs the case in another way, which must not differ in a bit from what was `seen`. */
static void check_way(const golden_case *golden, const golden_setup *setup, golden_way way, const golden_observed *seen,
                      golden_report *report)
{
  golden_observed *again = observations(golden);
  if (!again) abort(); /* other ranks would wait */
  if (golden_follow(golden, setup, way, again, report)) golden_compare_bits(golden, again, seen, report);
  free_observations(again);
}

void golden_check_case(const golden_case *golden, const golden_setup *setup, golden_report *report)
{
  golden_observed *seen = observations(golden);
  if (!seen) abort();
  if (golden_follow(golden, setup, (golden_way){.passage = GOLDEN_STATE_DICT}, seen, report)) {
    golden_compare(golden, seen, report);
    for (int passage = GOLDEN_STATE_FILE; saves_and_loads(golden) && passage <= GOLDEN_UNINTERRUPTED; passage++)
      check_way(golden, setup, (golden_way){.passage = (golden_passage)passage}, seen, report);
    if (has_absent_gradients(golden)) check_way(golden, setup, (golden_way){.writes_zeros = true}, seen, report);
  }
  free_observations(seen);
}

static int failures_alone(const golden_case *golden)
{
  char file[64];
  snprintf(file, sizeof file, "/tmp/secant_golden_%ld.h5", (long)getpid());
  int failures = 0;
  for (int direction = 0; direction < 2; direction++) {
    const golden_setup setup = {.direction = (secant_direction)direction, .file = file, .ranks = golden_one_process()};
    golden_report report = {.id = golden->id};
    golden_check_case(golden, &setup, &report);
    golden_report_print(&report);
    failures += report.failures != 0;
  }
  return failures;
}

int golden_check_where(bool (*wanted)(const golden_case *golden, const void *user), const void *user, size_t *cases)
{
  const char *complaint = NULL;
  golden_file *file = golden_file_read(SECANT_TEST_DATA "/torch_lbfgs.json", &complaint);
  int failures = file ? 0 : 1;
  if (!file) fprintf(stderr, "%s/torch_lbfgs.json: %s\n", SECANT_TEST_DATA, complaint);
  *cases = 0;
  for (size_t i = 0; file && i < file->case_count; i++) {
    if (!wanted(&file->cases[i], user)) continue;
    ++*cases;
    failures += failures_alone(&file->cases[i]);
  }
  golden_file_free(file);
  return failures;
}

static bool is_called(const golden_case *golden, const void *id)
{
  return strcmp(golden->id, id) == 0;
}

int golden_check_named(const char *id)
{
  size_t cases;
  const int failures = golden_check_where(is_called, id, &cases);
  return cases == 1 ? failures : 1;
}
