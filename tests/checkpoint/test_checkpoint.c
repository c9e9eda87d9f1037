/* Checkpoints of one process: what is loaded goes on exactly, and others can read it. */
#include "checkpoint_fixture.h"

static variant variant_number(int i)
{
  static const int64_t sizes[] = {0, 1, 5};
  return (variant){.dtype = i & 1 ? SECANT_F32 : SECANT_F64,
                   .direction = i & 2 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM,
                   .line_search = i & 4 ? SECANT_LINE_SEARCH_NONE : SECANT_LINE_SEARCH_STRONG_WOLFE,
                   .history_size = sizes[i / 8]};
}

enum { VARIANTS = 24 };

/* ---- exact continuation ------------------------------------------------------------------------------------------- */

static void a_loaded_run_goes_on_bit_for_bit_from_every_instant(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < VARIANTS; i++) {
    const variant v = variant_number(i);
    check_every_instant(&verdict, NULL, path, &v, 1);
  }
  assert_good(&verdict);
}

static void a_run_at_its_limit_goes_on_when_the_limit_is_raised(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < VARIANTS; i++) {
    const variant v = variant_number(i);
    check_raised_limit(&verdict, NULL, path, &v);
  }
  assert_good(&verdict);
}

static void steps_go_on_also_from_a_point_not_evaluated(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  for (int i = 0; i < VARIANTS; i++) {
    const variant v = variant_number(i);
    check_steps(&verdict, NULL, path, &v, 0.0, 0.0);
  }
  assert_good(&verdict);
}

/* The last move of a step ends where the objective is not finite: the next step goes back to a point in the file. */
static void a_move_is_taken_back_also_after_loading(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant v = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_NONE, 5, SECANT_HISTORY_SAME};
  check_steps(&verdict, NULL, path, &v, 1e9, 10.0);
  assert_good(&verdict);
}

static void a_search_that_was_asked_to_stop_begins_again(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_options options = options_of(&usual, 12);
  continuation *straight = continuation_create(NULL, usual.dtype, &options, 0.0);
  const int all = continuation_advance(straight, 1000, true);
  for (int told = 1; told < all; told++) {
    continuation *saver = continuation_create(NULL, usual.dtype, &options, 0.0);
    continuation *loader = continuation_create(NULL, usual.dtype, &options, 0.25);
    continuation_advance(saver, told, true);
    secant_request_stop(saver->optimizer);
    continuation_advance(saver, 1000, true);
    continuation_expect(&verdict, saver, secant_checkpoint_save(saver->optimizer, path, PROBLEM), SECANT_OK, "save");
    continuation_expect(&verdict, loader, secant_checkpoint_load(loader->optimizer, path, PROBLEM), SECANT_OK, "load");
    continuation_compare(&verdict, saver, loader, "stopped");
    continuation_advance(loader, 1000, true);
    continuation_compare(&verdict, straight, loader, describe(&usual, "asked to stop after evaluation", told));
    continuation_destroy(saver);
    continuation_destroy(loader);
  }
  continuation_destroy(straight);
  assert_good(&verdict);
}

static void a_larger_history_takes_the_pairs(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const variant larger = {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, 20, SECANT_HISTORY_SAME};
  const secant_options options = options_of(&larger, 20);
  save_run_of(&usual);
  continuation *run = continuation_create(NULL, larger.dtype, &options, 0.25);
  continuation_expect(&verdict, run, secant_checkpoint_load(run->optimizer, path, PROBLEM), SECANT_OK, "load");
  continuation_advance(run, 1000, true);
  CHECK(&verdict, secant_get_info(run->optimizer).pairs > 5, "%d pairs", (int)secant_get_info(run->optimizer).pairs);
  continuation_destroy(run);
  assert_good(&verdict);
}

/* With TEST_PYTHON and TEST_H5PY_SCRIPT set: another reader finds the values that this process has. */
static void h5py_reads_the_same_values(void **state)
{
  (void)state;
  const char *python = getenv("TEST_PYTHON"), *script = getenv("TEST_H5PY_SCRIPT");
  if (!python || !script) skip();
  char list[120], command[1200];
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, 0.0);
  continuation_advance(run, 1000, true);
  assert_int_equal(secant_checkpoint_save(run->optimizer, path, PROBLEM), SECANT_OK);
  snprintf(list, sizeof list, "%s/values", directory);
  FILE *file = fopen(list, "w");
  assert_non_null(file);
  for (int p = 0; p < CONTINUATION_PARAMETERS; p++) {
    const secant_parameter *parameter = &run->parameters[p];
    const double *values = parameter->values;
    for (size_t i = 0; i < parameter->local_count; i++) fprintf(file, "%s %zu %a\n", parameter->name, i, values[i]);
  }
  assert_int_equal(fclose(file), 0);
  continuation_destroy(run);
  snprintf(command, sizeof command, "'%s' '%s' '%s' '%s'", python, script, path, list);
  const int outcome = system(command);
  unlink(list);
  assert_int_equal(outcome, 0);
}

static void arguments_are_checked(void **state)
{
  (void)state;
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, 0.0);
  assert_int_equal(secant_checkpoint_save(NULL, path, PROBLEM), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_load(NULL, path, PROBLEM), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_save(run->optimizer, NULL, PROBLEM), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_save(run->optimizer, "", PROBLEM), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_load(run->optimizer, path, NULL), SECANT_ERR_ARGUMENT);
  continuation_destroy(run);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_run_goes_on_bit_for_bit_from_every_instant),
      cmocka_unit_test(a_run_at_its_limit_goes_on_when_the_limit_is_raised),
      cmocka_unit_test(steps_go_on_also_from_a_point_not_evaluated),
      cmocka_unit_test(a_move_is_taken_back_also_after_loading),
      cmocka_unit_test(a_search_that_was_asked_to_stop_begins_again),
      cmocka_unit_test(a_larger_history_takes_the_pairs),
      cmocka_unit_test(h5py_reads_the_same_values),
      cmocka_unit_test(arguments_are_checked),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
