/* Counts allocations by wrapping the allocator at link time: vectors of memory, and none inside an iteration. */
#include <errno.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t calls;
static size_t bytes;
static bool counting;

static void note(size_t size)
{
  if (!counting) return;
  calls++;
  bytes += size;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **out, size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
  note(size);
  return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
  note(count * size);
  return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
  note(size);
  return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
  note(size);
  return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size)
{
  note(size);
  return __real_posix_memalign(out, alignment, size);
}

enum { N = 1 << 18 };
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
  calls = 0;
  bytes = 0;
  counting = true;
  const secant_status created = secant_create(&optimizer, &parameter, 1, &options, NULL, NULL);
  counting = false;
  assert_int_equal(created, SECANT_OK);
  const double vectors = (double)bytes / (N * sizeof(double));

  calls = 0;
  counting = true;
  const secant_status run = secant_minimize(optimizer, bowl, NULL);
  counting = false;
  assert_int_equal(run, SECANT_OK);
  assert_int_equal(secant_get_info(optimizer).pairs, m);
  *calls_while_running = calls;
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_2m_plus_3_vectors_and_one_more_with_a_line_search),
      cmocka_unit_test(the_estimate_is_what_is_allocated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
