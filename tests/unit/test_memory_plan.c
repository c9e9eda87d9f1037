/* The plan of memory that secant_memory_estimate() draws up, against an allocator that counts and against the system's
 * account of resident memory. */
#include "support/memory.h"
#include "support/phantom_comm.h"
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 300000, SLACK = 64 * 1024, SLACK_OF_PAIR = 320 };
static double x[MOST], g[MOST];

/* Bytes allocated at the creation of an optimizer with n unknowns on this rank, cut into two parameters. */
static uint64_t allocated(size_t n, secant_dtype dtype, const secant_options *options, secant_comm *comm)
{
  const size_t half = n / 2;
  const size_t skip = half * (dtype == SECANT_F32 ? sizeof(float) : sizeof(double));
  const secant_parameter parameters[2] = {
      {.dtype = dtype, .values = x, .gradient = g, .local_count = half},
      {.dtype = dtype, .values = (char *)x + skip, .gradient = (char *)g + skip, .local_count = n - half}};
  secant_optimizer *optimizer;
  secant_error error;
  memory_begin(0);
  const secant_status status = secant_create(&optimizer, parameters, 2, options, comm, &error);
  memory_end();
  if (status != SECANT_OK) fail_msg("%s", error.message);
  secant_destroy(optimizer);
  return memory_bytes();
}

static void expect_plan(size_t n, secant_dtype dtype, const secant_options *options, secant_comm *comm)
{
  const uint64_t plan = secant_memory_estimate(n, dtype, options);
  const uint64_t real = allocated(n, dtype, options, comm);
  const uint64_t slack = SLACK + SLACK_OF_PAIR * (uint64_t)options->history_size; /* buffers of the one thread */
  if (real < plan || real > plan + plan / 100 + slack) {
    fail_msg("n = %zu, m = %d, type %d: %llu bytes planned, %llu allocated", n, (int)options->history_size, (int)dtype,
             (unsigned long long)plan, (unsigned long long)real);
  }
}

static secant_options options_of(int64_t m, int search, int reduction)
{
  secant_options options = secant_options_default();
  options.history_size = m;
  options.line_search = (secant_line_search)search;
  options.reduction = (secant_reduction)reduction;
  options.threads = 1;
  return options;
}

static void the_plan_is_what_creation_allocates(void **state)
{
  (void)state;
  static const size_t sizes[] = {1000, 12345, MOST};
  static const int64_t histories[] = {0, 1, 10, 50};
  for (int i = 0; i < 3 * 4 * 2 * 3 * 2; i++) {
    const secant_options options = options_of(histories[i / 3 % 4], i / 24 % 3, i / 72 % 2);
    expect_plan(sizes[i % 3], i / 12 % 2 ? SECANT_F32 : SECANT_F64, &options, NULL);
  }
}

/* At 2000 pairs the tables of inner products take 64 MB, whatever n is. */
static void a_long_history_is_planned_with_its_tables(void **state)
{
  (void)state;
  const secant_options options = options_of(2000, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_REDUCTION_REPRODUCIBLE);
  assert_true(secant_memory_estimate(100, SECANT_F64, &options) > UINT64_C(64000000));
  expect_plan(100, SECANT_F64, &options, NULL);
}

/* What other ranks have is not this rank's business, be it more than 2^32 unknowns. */
static void a_share_is_planned_by_the_unknowns_of_its_rank(void **state)
{
  (void)state;
  const secant_options options = options_of(10, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_REDUCTION_REPRODUCIBLE);
  for (int rank = 0; rank < 4; rank++) {
    secant_comm *comm = phantom_comm_create(NULL, 4, rank, INT64_C(3000000000));
    assert_non_null(comm);
    expect_plan(MOST, SECANT_F64, &options, comm);
    secant_comm_destroy(comm);
  }
}

/* ---- initial inverse Hessian ---------------------------------------------------------------------------------------- */

enum { FEW = 1000 };

static int copy_first(void *user, const void *const *input, void *const *output)
{
  (void)user;
  memcpy(output[0], input[0], FEW * sizeof(double));
  return 0;
}

/* Bytes allocated by the call that sets an initial matrix, without those of what it frees before it returns. */
static uint64_t allocated_for(const secant_initial_matrix *matrix)
{
  const secant_parameter parameter = {.values = x, .gradient = g, .local_count = FEW};
  secant_optimizer *optimizer;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, NULL, NULL, NULL), SECANT_OK);
  memory_begin(0);
  const secant_status status = secant_set_initial_matrix(optimizer, matrix);
  memory_end();
  if (status != SECANT_OK && status != SECANT_ERR_UNSUPPORTED) fail_msg("%s", secant_message(optimizer));
  secant_destroy(optimizer);
  return status == SECANT_OK ? memory_bytes() : 0;
}

static void the_plan_of_an_initial_matrix_is_what_setting_it_allocates(void **state)
{
  (void)state;
  static double ones[FEW];
  double *identity = calloc((size_t)FEW * FEW, sizeof *identity);
  assert_non_null(identity);
  for (size_t i = 0; i < FEW; i++) ones[i] = identity[i * FEW + i] = 1.0;
  const void *diagonal = ones;
  const uint64_t square = (uint64_t)FEW * FEW * sizeof(double); /* a copy that is factorised, and freed */
  const secant_initial_matrix all[] = {
      {.kind = SECANT_INITIAL_IDENTITY},
      {.kind = SECANT_INITIAL_SCALAR, .scalar = 2.0},
      {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = &diagonal},
      {.kind = SECANT_INITIAL_DENSE, .dense = identity},
      {.kind = SECANT_INITIAL_OPERATOR, .apply = copy_first},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    const uint64_t plan = secant_initial_memory_estimate(FEW, FEW, SECANT_F64, all[i].kind);
    uint64_t real = allocated_for(&all[i]);
    if (all[i].kind == SECANT_INITIAL_DENSE && real == 0) continue; /* built without LAPACK */
    if (all[i].kind == SECANT_INITIAL_DENSE) real -= square;
    if (real < plan || real > plan + 1024) {
      fail_msg("kind %d: %llu bytes planned, %llu allocated", (int)all[i].kind, (unsigned long long)plan,
               (unsigned long long)real);
    }
  }
  free(identity);
}

/* ---- large and wrong arguments ----------------------------------------------------------------------------------------- */

static void large_numbers_are_planned_without_overflow(void **state)
{
  (void)state;
  const secant_options usual = options_of(10, SECANT_LINE_SEARCH_NONE, SECANT_REDUCTION_FAST);
  const secant_options longest = options_of(10000, SECANT_LINE_SEARCH_NONE, SECANT_REDUCTION_FAST);
  const uint64_t n = UINT64_C(1) << 40;
  const double vectors = (double)secant_memory_estimate(n, SECANT_F64, &usual) / (8.0 * (double)n);
  assert_true(vectors >= 2.0 * 10 + 2 && vectors < 2.0 * 10 + 4);
  assert_true(secant_memory_estimate(n, SECANT_F64, &longest) > UINT64_C(20000) * 8 * n);
  assert_true(secant_memory_estimate(UINT64_C(1000000000000000), SECANT_F64, &longest) == UINT64_MAX);
  assert_true(secant_memory_estimate(UINT64_MAX, SECANT_F32, &usual) == UINT64_MAX);
  assert_true(secant_initial_memory_estimate(n, n, SECANT_F64, SECANT_INITIAL_DENSE) >= UINT64_MAX / 2);
}

static void invalid_options_have_no_plan(void **state)
{
  (void)state;
  secant_options options = secant_options_default();
  options.history_size = -1;
  assert_true(secant_memory_estimate(1000, SECANT_F64, &options) == 0);
  assert_true(secant_memory_estimate(1000, SECANT_F64, NULL) > 0);
}

/* ---- resident memory ----------------------------------------------------------------------------------------------- */

enum { MANY = 1500000 };

typedef struct bowl {
  double *x;
  double *g;
} bowl;

/* As steep in one place as a thousand times in another, so that the history fills. */
static int evaluate_bowl(void *user, double *loss)
{
  const bowl *b = user;
  *loss = 0.0;
  for (int i = 0; i < MANY; i++) {
    b->g[i] = (1.0 + i % 1000) * b->x[i];
    *loss += 0.5 * b->g[i] * b->x[i];
  }
  return 0;
}

/* The largest amount of memory this process has had resident, in bytes; 0 if the system does not tell. */
static double peak_resident(void)
{
  FILE *file = fopen("/proc/self/status", "r");
  char line[200];
  double kilobytes = 0.0;
  while (file && fgets(line, sizeof line, file)) {
    if (strncmp(line, "VmHWM:", 6) == 0) kilobytes = strtod(line + 6, NULL);
  }
  if (file) fclose(file);
  return 1024.0 * kilobytes;
}

/*
 * A run of 8 iterations with a history of 3: all vectors have been used, but for the gradient that a search would keep
 * with a full history. Huge pages may round up by 2 MB each.
 */
static void a_run_needs_no_more_resident_memory_than_planned(void **state)
{
  (void)state;
  secant_options options = options_of(3, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_REDUCTION_REPRODUCIBLE);
  options.max_iter = 8;
  bowl b = {malloc(MANY * sizeof(double)), malloc(MANY * sizeof(double))};
  assert_true(b.x && b.g);
  for (int i = 0; i < MANY; i++) b.x[i] = b.g[i] = 1.0;
  const double before = peak_resident();
  const secant_parameter parameter = {.values = b.x, .gradient = b.g, .local_count = MANY};
  secant_optimizer *optimizer;
  assert_int_equal(secant_create(&optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_minimize(optimizer, evaluate_bowl, &b), SECANT_OK);
  const double used = peak_resident() - before;
  assert_int_equal(secant_get_info(optimizer).pairs, 3);
  secant_destroy(optimizer);
  free(b.x);
  free(b.g);
#ifdef __SANITIZE_ADDRESS__
  skip(); /* its shadow memory is resident, too */
#endif
  if (before <= 0.0) skip();
  const double plan = (double)secant_memory_estimate(MANY, SECANT_F64, &options);
  print_message("%.1f MB planned, %.1f MB resident, %.2f vectors\n", plan / 1e6, used / 1e6, used / (8.0 * MANY));
  assert_true(used >= 0.98 * (plan - 8.0 * MANY) && used <= 1.02 * plan + 4e6);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_needs_no_more_resident_memory_than_planned), /* first: a peak is never taken back */
      cmocka_unit_test(the_plan_is_what_creation_allocates),
      cmocka_unit_test(a_long_history_is_planned_with_its_tables),
      cmocka_unit_test(a_share_is_planned_by_the_unknowns_of_its_rank),
      cmocka_unit_test(the_plan_of_an_initial_matrix_is_what_setting_it_allocates),
      cmocka_unit_test(large_numbers_are_planned_without_overflow),
      cmocka_unit_test(invalid_options_have_no_plan),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
