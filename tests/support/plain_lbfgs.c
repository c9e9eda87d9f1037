#include "support/plain_lbfgs.h"
#include "numerics/search.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PLAIN_PAIRS = 64 };

typedef struct pairs {
  size_t n;
  int count;
  double s[PLAIN_PAIRS][PROBLEM_CAPACITY], y[PLAIN_PAIRS][PROBLEM_CAPACITY];
} pairs;

static double dot(size_t n, const double *a, const double *b)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* Algorithm 7.4 with H0 = I and the newest m pairs: d = -H g. */
static void direction(const pairs *b, int m, const double *g, double *d)
{
  double a[PLAIN_PAIRS];
  const int oldest = b->count > m ? b->count - m : 0;
  for (size_t j = 0; j < b->n; j++) d[j] = g[j];
  for (int i = b->count - 1; i >= oldest; i--) {
    a[i] = dot(b->n, b->s[i], d) / dot(b->n, b->y[i], b->s[i]);
    for (size_t j = 0; j < b->n; j++) d[j] -= a[i] * b->y[i][j];
  }
  for (int i = oldest; i < b->count; i++) {
    const double beta = dot(b->n, b->y[i], d) / dot(b->n, b->y[i], b->s[i]);
    for (size_t j = 0; j < b->n; j++) d[j] += b->s[i][j] * (a[i] - beta);
  }
  for (size_t j = 0; j < b->n; j++) d[j] = -d[j];
}

void plain_lbfgs(problem *p, int m, int iterations, double *x, double *g)
{
  static const secanti_search_limits limits = {.armijo = 1e-4,
                                               .wolfe = 0.9,
                                               .width_tolerance = 1e-8,
                                               .max_step = 10.0,
                                               .max_iterations = 50,
                                               .max_evaluations = INT64_MAX};
  pairs b = {.n = p->count};
  double f, d[PROBLEM_CAPACITY], x0[PROBLEM_CAPACITY], g0[PROBLEM_CAPACITY];
  assert_int_equal(problem_objective(p, x, &f, g), 0);
  for (int k = 0; k < iterations; k++) {
    secanti_search search;
    secanti_verdict verdict = SECANTI_SEARCH_TRY;
    memcpy(x0, x, sizeof x0);
    memcpy(g0, g, sizeof g0);
    direction(&b, m, g0, d);
    secanti_search_begin(&search, secanti_search_nocedal_wright, &limits, f, dot(b.n, g0, d), 1.0, 1.0);
    while (verdict == SECANTI_SEARCH_TRY) {
      for (size_t j = 0; j < b.n; j++) x[j] = x0[j] + search.trial * d[j];
      assert_int_equal(problem_objective(p, x, &f, g), 0);
      verdict = secanti_search_tell(&search, f, dot(b.n, g, d));
    }
    assert_int_equal(verdict, SECANTI_SEARCH_ACCEPT);
    for (size_t j = 0; j < b.n; j++) b.s[b.count][j] = x[j] - x0[j];
    for (size_t j = 0; j < b.n; j++) b.y[b.count][j] = g[j] - g0[j];
    b.count++;
  }
}
