/* Counts allocations by wrapping the allocator at link time: vectors of memory, none inside an iteration; and lets them
 * fail. */
#include "support/memory.h"
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 1 << 19 };
static double x[N], g[N];

/* A bowl whose steepness varies a thousandfold, so that the history fills before the tolerance is met. */
static int bowl(void *user, double *loss)
{
  (void)user;
  *loss = 0.0;
  for (int i = 0; i < N; i++) {
    g[i] = (1.0 + i % 1000) * x[i];
    *loss += 0.5 * g[i] * x[i];
  }
  return 0;
}

/* Bytes allocated at creation, in vectors of N doubles; allocations while it runs. */
static double vectors_of(secant_line_search search, int64_t m, int64_t *calls_while_running)
{
  secant_options options = secant_options_default();
  const secant_parameter parameter = {.values = x, .gradient = g, .local_count = N};
  secant_optimizer *optimizer;
  options.history_size = m;
  options.line_search = search;
  options.lr = search == SECANT_LINE_SEARCH_NONE ? 1.0 : 2.5; /* searches that reject some trials */
  options.max_iter = 3 * m + 3;
  for (int i = 0; i < N; i++) x[i] = 1.0;
  memory_begin(0);
  const secant_status created = secant_create(&optimizer, &parameter, 1, &options, NULL, NULL);
  memory_end();
  assert_int_equal(created, SECANT_OK);
  const double vectors = (double)memory_bytes() / (N * sizeof(double));

  memory_begin(0);
  const secant_status run = secant_minimize(optimizer, bowl, NULL);
  *calls_while_running = memory_end();
  assert_int_equal(run, SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).pairs, m);
  secant_destroy(optimizer);
  return vectors;
}

/* Tables, buffers and padding are counted too: they must stay below a twentieth of a vector. */
static void memory_is_2m_plus_3_vectors_and_one_more_with_a_line_search(void **state)
{
  (void)state;
  for (int64_t m = 1; m <= 10; m += 3) {
    int64_t while_running;
    const double fixed = vectors_of(SECANT_LINE_SEARCH_NONE, m, &while_running);
    assert_int_equal(while_running, 0);
    assert_true(fixed >= 2.0 * (double)m + 3.0 && fixed < 2.0 * (double)m + 3.05);
    const double searched = vectors_of(SECANT_LINE_SEARCH_STRONG_WOLFE, m, &while_running);
    assert_int_equal(while_running, 0);
    assert_true(searched >= 2.0 * (double)m + 4.0 && searched < 2.0 * (double)m + 4.05);
    print_message("m = %d: %.3f vectors with a fixed step, %.3f with a line search\n", (int)m, fixed, searched);
  }
}

static void the_estimate_is_what_is_allocated(void **state)
{
  (void)state;
  int64_t while_running;
  secant_options options = secant_options_default();
  options.history_size = 4;
  const double vectors = vectors_of(SECANT_LINE_SEARCH_STRONG_WOLFE, 4, &while_running);
  const double estimate = (double)secant_memory_estimate(N, SECANT_F64, &options) / (N * sizeof(double));
  assert_true(vectors >= estimate && vectors < estimate + 0.05);
}

/* Bytes allocated at the creation of an optimizer of `count` unknowns. */
static uint64_t bytes_at_creation(size_t count, secant_dtype dtype, const secant_options *options)
{
  const secant_parameter parameter = {.dtype = dtype, .values = x, .gradient = g, .local_count = count};
  secant_optimizer *optimizer;
  memory_begin(0);
  const secant_status created = secant_create(&optimizer, &parameter, 1, options, NULL, NULL);
  memory_end();
  assert_int_equal(created, SECANT_OK);
  secant_destroy(optimizer);
  return memory_bytes();
}

/*
 * What does not depend on n, such as the tables of inner products, drops out of a difference of two sizes; the estimate
 * is the rest to the byte. torch's documentation asks for m + 1 vectors, of which it needs more: 2m + 3, or 2m + 4 with
 * a line search.
 */
static void A20_the_memory_query_is_what_a_counting_allocator_counts(void **state)
{
  (void)state;
  for (int dtype = 0; dtype < 2; dtype++) {
    for (int search = 0; search < 2; search++) {
      secant_options options = secant_options_torch();
      options.line_search = (secant_line_search)search;
      options.history_size = 7;
      options.threads = 1;
      const uint64_t small = bytes_at_creation(N / 2, (secant_dtype)dtype, &options);
      const uint64_t large = bytes_at_creation(N, (secant_dtype)dtype, &options);
      const uint64_t small_estimate = secant_memory_estimate(N / 2, (secant_dtype)dtype, &options);
      const uint64_t large_estimate = secant_memory_estimate(N, (secant_dtype)dtype, &options);
      assert_int_equal(large - small, large_estimate - small_estimate);
      assert_true(large >= large_estimate && large < large_estimate + large_estimate / 50);
      const double vectors = (double)large_estimate / ((double)N * (dtype == SECANT_F32 ? 4.0 : 8.0));
      assert_true(vectors >= 2.0 * 7 + 3 + search && vectors < 2.0 * 7 + 3 + search + 0.05);
    }
  }
}

/* ---- the n-th allocation fails ------------------------------------------------------------------------------------------ */

enum { FEW = 400 };

static secant_optimizer *small_run(void)
{
  secant_options options = secant_options_torch();
  secant_optimizer *optimizer;
  const secant_parameter parameter = {.values = x, .gradient = g, .local_count = FEW};
  options.history_size = 3;
  options.max_iter = 5;
  for (int i = 0; i < N; i++) x[i] = g[i] = 0.0;
  for (int i = 0; i < FEW; i++) x[i] = 1.0;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_step(optimizer, bowl, NULL, NULL), SECANT_OK);
  return optimizer;
}

static secant_status add_group(secant_optimizer *optimizer)
{
  const secant_parameter parameter = {.values = x + FEW, .gradient = g + FEW, .local_count = FEW};
  const secant_group group = {.parameters = &parameter, .count = 1};
  return secant_add_param_group(optimizer, &group);
}

static secant_status change_options(secant_optimizer *optimizer)
{
  secant_options options = secant_options_default();
  secant_get_options(optimizer, &options);
  options.history_size = 2;
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  return secant_set_options(optimizer, &options);
}

/* What fails for want of memory leaves the optimizer as it was: its next step has the bits of one that was never
 * asked. */
static void expect_no_trace(secant_status change(secant_optimizer *))
{
  static double straight[FEW];
  secant_optimizer *optimizer = small_run();
  assert_int_equal(secant_step(optimizer, bowl, NULL, NULL), SECANT_OK);
  memcpy(straight, x, sizeof straight);
  secant_destroy(optimizer);
  secant_status status = SECANT_ERR_MEMORY;
  int64_t failing = 1;
  for (; status != SECANT_OK; failing++) {
    optimizer = small_run();
    memory_begin(failing);
    status = change(optimizer);
    memory_end();
    if (status != SECANT_OK) {
      assert_int_equal(status, SECANT_ERR_MEMORY);
      assert_int_equal(secant_group_count(optimizer), 1);
      assert_int_equal(secant_parameter_count(optimizer), 1);
      assert_int_equal(secant_step(optimizer, bowl, NULL, NULL), SECANT_OK);
      assert_memory_equal(straight, x, sizeof straight);
      assert_int_equal(secant_get_info(optimizer).pairs, 3);
    }
    secant_destroy(optimizer);
  }
  assert_true(failing > 10);
}

static void a_group_that_finds_no_memory_leaves_no_trace(void **state)
{
  (void)state;
  expect_no_trace(add_group);
}

static void options_that_find_no_memory_leave_no_trace(void **state)
{
  (void)state;
  expect_no_trace(change_options);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_2m_plus_3_vectors_and_one_more_with_a_line_search),
      cmocka_unit_test(the_estimate_is_what_is_allocated),
      cmocka_unit_test(A20_the_memory_query_is_what_a_counting_allocator_counts),
      cmocka_unit_test(a_group_that_finds_no_memory_leaves_no_trace),
      cmocka_unit_test(options_that_find_no_memory_leave_no_trace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
