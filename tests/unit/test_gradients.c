/* Gradients that may be absent: what a closure wrote decides, and what it did not write counts as zero. */
#include <math.h>
#include <secant/secant.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 11, PARTS = 3 };

/* A bowl over three parameters, the second of which is left out of it: in one of four ways. */
typedef enum manner { LEAVES_ABSENT, WRITES_ZEROS, ADDS_TO_ZEROS, MARKS_ABSENT } manner;

typedef struct bowl {
  secant_dtype dtype;
  manner manner;
  double x[PARTS][N], g[PARTS][N]; /* room for either type */
  secant_parameter parameters[PARTS];
  secant_optimizer *optimizer;
} bowl;

static double read(const bowl *b, const void *array, size_t i)
{
  return b->dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static void write(const bowl *b, void *array, size_t i, double value)
{
  if (b->dtype == SECANT_F32) {
    ((float *)array)[i] = (float)value;
  } else {
    ((double *)array)[i] = value;
  }
}

static void begin(bowl *b, secant_dtype dtype, manner how, secant_line_search search)
{
  secant_options options = secant_options_torch();
  options.line_search = search;
  options.max_iter = 6;
  *b = (bowl){.dtype = dtype, .manner = how};
  for (size_t p = 0; p < PARTS; p++) {
    b->parameters[p] = (secant_parameter){.dtype = dtype, .values = b->x[p], .gradient = b->g[p], .local_count = N};
    for (size_t i = 0; i < N; i++) write(b, b->x[p], i, 1.0 + 0.25 * (double)i - (double)p);
  }
  assert_int_equal(secant_create(&b->optimizer, b->parameters, PARTS, &options, NULL, NULL), SECANT_OK);
}

static void prepare(bowl *b)
{
  if (b->manner == MARKS_ABSENT) {
    for (size_t i = 0; i < N; i++) write(b, b->g[1], i, 1e3); /* whatever its array holds */
    assert_int_equal(secant_set_gradient_absent(b->optimizer, 1, 1), SECANT_OK);
  } else {
    secant_zero_grad(b->optimizer, b->manner == LEAVES_ABSENT);
  }
}

static int evaluate(void *user, double *loss)
{
  bowl *b = user;
  prepare(b);
  *loss = 0.0;
  for (size_t p = 0; p < PARTS; p += 2) {
    for (size_t i = 0; i < N; i++) {
      const double w = 1.0 + (double)(i + p), e = read(b, b->x[p], i);
      *loss += 0.5 * w * e * e;
      write(b, b->g[p], i, b->manner == ADDS_TO_ZEROS ? read(b, b->g[p], i) + w * e : w * e);
    }
  }
  if (b->manner == WRITES_ZEROS) memset(b->g[1], 0, sizeof b->g[1]);
  return 0;
}

static void an_absent_gradient_counts_as_zero_to_the_bit(void **state)
{
  (void)state;
  for (int kind = 0; kind < 4; kind++) {
    static bowl zeros, other;
    const secant_dtype dtype = kind & 1 ? SECANT_F32 : SECANT_F64;
    const secant_line_search search = kind & 2 ? SECANT_LINE_SEARCH_STRONG_WOLFE : SECANT_LINE_SEARCH_NONE;
    for (int how = 0; how < 4; how++) {
      begin(&zeros, dtype, WRITES_ZEROS, search);
      begin(&other, dtype, (manner)how, search);
      double start[N];
      memcpy(start, other.x[1], sizeof start);
      for (int step = 0; step < 3; step++) {
        assert_int_equal(secant_step(zeros.optimizer, evaluate, &zeros, NULL), SECANT_OK);
        assert_int_equal(secant_step(other.optimizer, evaluate, &other, NULL), SECANT_OK);
        assert_memory_equal(zeros.x, other.x, sizeof zeros.x);
        assert_memory_equal(zeros.g, other.g, sizeof zeros.g);
        const bool absent = how == LEAVES_ABSENT || how == MARKS_ABSENT;
        assert_int_equal(secant_gradient_is_absent(other.optimizer, 1), absent);
        assert_int_equal(secant_gradient_is_absent(other.optimizer, 0), 0);
        assert_int_equal(secant_gradient_is_absent(other.optimizer, 2), 0);
      }
      assert_memory_equal(start, other.x[1], sizeof start);
      secant_destroy(zeros.optimizer);
      secant_destroy(other.optimizer);
    }
  }
}

static void the_query_tells_absent_from_zero(void **state)
{
  (void)state;
  for (int dtype = 0; dtype < 2; dtype++) {
    static bowl b;
    begin(&b, (secant_dtype)dtype, WRITES_ZEROS, SECANT_LINE_SEARCH_NONE);
    for (size_t p = 0; p < PARTS; p++) assert_int_equal(secant_gradient_is_absent(b.optimizer, p), 0);
    secant_zero_grad(b.optimizer, 1);
    for (size_t p = 0; p < PARTS; p++) {
      assert_int_equal(secant_gradient_is_absent(b.optimizer, p), 1);
      for (size_t i = 0; i < N; i++) assert_true(isnan(read(&b, b.g[p], i)));
    }
    write(&b, b.g[0], 0, -0.0); /* writing anything makes it present, also before the evaluation is told */
    assert_int_equal(secant_gradient_is_absent(b.optimizer, 0), 0);
    write(&b, b.g[2], 0, NAN); /* another NaN than the mark */
    assert_int_equal(secant_gradient_is_absent(b.optimizer, 2), 0);
    secant_zero_grad(b.optimizer, 0);
    for (size_t p = 0; p < PARTS; p++) {
      assert_int_equal(secant_gradient_is_absent(b.optimizer, p), 0);
      for (size_t i = 0; i < N; i++) assert_true(read(&b, b.g[p], i) == 0.0);
    }
    secant_destroy(b.optimizer);
  }
}

/* Of a marked array that the closure fills only with zeros nothing is known but that it was written to. */
static void marking_and_unmarking(void **state)
{
  (void)state;
  static bowl b;
  begin(&b, SECANT_F64, WRITES_ZEROS, SECANT_LINE_SEARCH_NONE);
  b.g[1][3] = 4.0;
  assert_int_equal(secant_set_gradient_absent(b.optimizer, 1, 1), SECANT_OK);
  assert_int_equal(secant_gradient_is_absent(b.optimizer, 1), 1);
  assert_true(b.g[1][3] == 0.0);
  b.g[1][3] = 5.0; /* a closure that writes makes it present */
  assert_int_equal(secant_gradient_is_absent(b.optimizer, 1), 0);
  assert_int_equal(secant_set_gradient_absent(b.optimizer, 1, 0), SECANT_OK);
  assert_true(b.g[1][3] == 5.0);

  secant_zero_grad(b.optimizer, 1);
  assert_int_equal(secant_set_gradient_absent(b.optimizer, 1, 0), SECANT_OK);
  assert_int_equal(secant_gradient_is_absent(b.optimizer, 1), 0);
  for (size_t i = 0; i < N; i++) assert_true(b.g[1][i] == 0.0); /* present, and nobody wrote: not NaN */
  assert_int_equal(secant_set_gradient_absent(b.optimizer, PARTS, 1), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_set_gradient_absent(NULL, 0, 1), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_gradient_is_absent(b.optimizer, PARTS), 0);
  secant_zero_grad(NULL, 1);
  secant_destroy(b.optimizer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_absent_gradient_counts_as_zero_to_the_bit),
      cmocka_unit_test(the_query_tells_absent_from_zero),
      cmocka_unit_test(marking_and_unmarking),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
