/* How many threads a rank works with: what was chosen, its share of the processors, what the unknowns keep busy. */
#include "optimizer/threads.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef _OPENMP
#include <omp.h>
#endif

static void a_number_that_was_chosen_is_kept(void **state)
{
  (void)state;
  const secanti_computer crowded = {.ranks = 64, .processors = 64};
  const secanti_processors by_variable = {.wanted = 32, .own = 32, .chosen = true};
  const secanti_processors by_call = {.wanted = 3, .own = 32};
  assert_int_equal(secanti_share_threads(by_variable, &crowded), 32);
  assert_int_equal(secanti_share_threads(by_call, &crowded), 3);
}

static void ranks_share_out_the_processors(void **state)
{
  (void)state;
  const struct {
    int own, ranks, processors, want;
  } rows[] = {
      {8, 0, 0, 8},    /* nothing is known of the others */
      {8, 1, 8, 8},    /* alone */
      {64, 4, 64, 16}, /* not bound */
      {64, 5, 64, 12}, /* nor divisible */
      {32, 64, 64, 1}, /* bound to sockets */
      {32, 4, 64, 16}, /* likewise */
      {1, 64, 64, 1},  /* bound to cores */
      {16, 4, 64, 16}, /* bound to parts that do not overlap */
      {2, 3, 2, 1},    /* more ranks than processors */
      {4, 2, 1024, 4}, /* a rank may not use all */
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const secanti_processors processors = {.wanted = rows[i].own, .own = rows[i].own};
    const secanti_computer computer = {.ranks = rows[i].ranks, .processors = rows[i].processors};
    assert_int_equal(secanti_share_threads(processors, &computer), rows[i].want);
  }
}

static void a_few_unknowns_keep_one_thread_busy(void **state)
{
  (void)state;
  const struct {
    size_t count;
    int threads, want;
  } rows[] = {{0, 8, 1},     {1, 1, 1},        {16383, 8, 1},     {16384, 8, 2},
              {16384, 1, 1}, {100000, 64, 12}, {1000000, 64, 64}, {SIZE_MAX, 4096, 4096}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_int_equal(secanti_worthwhile_threads(rows[i].count, rows[i].threads), rows[i].want);
  }
}

static void the_option_outranks_the_environment(void **state)
{
  (void)state;
  secant_options options = secant_options_default();
  options.threads = 7;
  assert_int_equal(secant_thread_count(&options, NULL), 7);
  options.threads = 0;
#ifdef _OPENMP
  assert_int_equal(secant_thread_count(&options, NULL), omp_get_max_threads());
#else
  assert_int_equal(secant_thread_count(&options, NULL), 1);
#endif
}

/* A process among `ranks` on as many processors as it has itself, which nobody told how many threads to take. */
static void a_crowd_shares_unless_the_variable_is_set(void **state)
{
  (void)state;
#ifdef _OPENMP
  const int own = omp_get_num_procs(), before = omp_get_max_threads();
  const secant_options options = secant_options_default();
  const secant_comm crowd = {.size = 2 * own, .computer = {.ranks = 2 * own, .processors = own}};
  const char *variable = getenv("OMP_NUM_THREADS");
  char *kept = variable ? strdup(variable) : NULL;
  omp_set_num_threads(own);
  assert_int_equal(setenv("OMP_NUM_THREADS", "5", 1), 0);
  assert_int_equal(secant_thread_count(&options, &crowd), own);
  assert_int_equal(unsetenv("OMP_NUM_THREADS"), 0);
  assert_int_equal(secant_thread_count(&options, &crowd), 1);
  omp_set_num_threads(own + 1);
  assert_int_equal(secant_thread_count(&options, &crowd), own + 1);
  omp_set_num_threads(before);
  if (kept) assert_int_equal(setenv("OMP_NUM_THREADS", kept, 1), 0);
  free(kept);
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_number_that_was_chosen_is_kept),
      cmocka_unit_test(ranks_share_out_the_processors),
      cmocka_unit_test(a_few_unknowns_keep_one_thread_busy),
      cmocka_unit_test(the_option_outranks_the_environment),
      cmocka_unit_test(a_crowd_shares_unless_the_variable_is_set),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
