/* The two-loop recursion on inner products, against its defining properties and against the loop on vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/gram.h"
#include "support/random.h"
#include <float.h>
#include <inttypes.h>
#include <math.h>

enum { CAPACITY = 7, DIMENSION = 12, SEEDS = 300 };

/* Explicit pairs y = A s of a random SPD matrix A, and their inner products in a gram. */
typedef struct problem {
  double s[CAPACITY][DIMENSION];
  double y[CAPACITY][DIMENSION];
  double g[DIMENSION];
  double gamma;
  int pairs;
  double sy[CAPACITY * CAPACITY];
  double yy[CAPACITY * CAPACITY];
  double sg[CAPACITY];
  double yg[CAPACITY];
} problem;

typedef struct coefficients {
  double alpha[CAPACITY];
  double beta[CAPACITY];
} coefficients;

static double dot(const double *a, const double *b)
{
  double sum = 0.0;
  for (int i = 0; i < DIMENSION; i++) sum += a[i] * b[i];
  return sum;
}

static void random_vector(double *x, uint64_t *state)
{
  for (int i = 0; i < DIMENSION; i++) x[i] = random_symmetric(state);
}

/* y = (I + sum_k v_k v_k') s */
static void multiply_spd(double factors[DIMENSION][DIMENSION], const double *s, double *y)
{
  for (int i = 0; i < DIMENSION; i++) y[i] = s[i];
  for (int k = 0; k < DIMENSION; k++) {
    const double along = dot(factors[k], s);
    for (int i = 0; i < DIMENSION; i++) y[i] += along * factors[k][i];
  }
}

static secanti_gram gram_of(problem *p)
{
  return (secanti_gram){.capacity = CAPACITY, .pairs = 0, .sy = p->sy, .yy = p->yy};
}

static void append_pair(const problem *p, secanti_gram *gram, int oldest, int newest)
{
  double sy[CAPACITY];
  double yy[CAPACITY];
  for (int i = oldest; i <= newest; i++) {
    sy[i - oldest] = dot(p->s[i], p->y[newest]);
    yy[i - oldest] = dot(p->y[i], p->y[newest]);
  }
  secanti_gram_append(gram, sy, yy);
}

static void set_gradient(problem *p, const double *g)
{
  for (int i = 0; i < DIMENSION; i++) p->g[i] = g[i];
  for (int i = 0; i < p->pairs; i++) {
    p->sg[i] = dot(p->s[i], g);
    p->yg[i] = dot(p->y[i], g);
  }
}

/* The entries of sy and yy that no call writes stay NaN, so that reading one shows. */
static void random_problem(problem *p, uint64_t seed)
{
  uint64_t state = seed;
  double factors[DIMENSION][DIMENSION];
  double g[DIMENSION];
  for (int i = 0; i < CAPACITY * CAPACITY; i++) p->sy[i] = p->yy[i] = NAN;
  for (int k = 0; k < DIMENSION; k++) random_vector(factors[k], &state);
  p->pairs = 1 + (int)(seed % CAPACITY);
  p->gamma = random_power_of_ten(&state, -2.0, 1.0);
  for (int i = 0; i < p->pairs; i++) {
    random_vector(p->s[i], &state);
    multiply_spd(factors, p->s[i], p->y[i]);
  }
  random_vector(g, &state);
  set_gradient(p, g);
}

static secanti_gram full_gram(problem *p)
{
  secanti_gram gram = gram_of(p);
  for (int i = 0; i < p->pairs; i++) append_pair(p, &gram, 0, i);
  return gram;
}

static void combine(const problem *p, const coefficients *c, double *d)
{
  for (int e = 0; e < DIMENSION; e++) {
    d[e] = -p->gamma * p->g[e];
    for (int i = 0; i < p->pairs; i++)
      d[e] += p->gamma * c->alpha[i] * p->y[i][e] - (c->alpha[i] - c->beta[i]) * p->s[i][e];
  }
}

/* The recursion as textbooks print it, on vectors, for r = H g; the direction is -r. */
static void textbook_direction(const problem *p, double *d)
{
  double a[CAPACITY];
  for (int e = 0; e < DIMENSION; e++) d[e] = p->g[e];
  for (int i = p->pairs - 1; i >= 0; i--) {
    a[i] = dot(p->s[i], d) / dot(p->s[i], p->y[i]);
    for (int e = 0; e < DIMENSION; e++) d[e] -= a[i] * p->y[i][e];
  }
  for (int e = 0; e < DIMENSION; e++) d[e] *= p->gamma;
  for (int i = 0; i < p->pairs; i++) {
    const double b = dot(p->y[i], d) / dot(p->s[i], p->y[i]);
    for (int e = 0; e < DIMENSION; e++) d[e] += (a[i] - b) * p->s[i][e];
  }
  for (int e = 0; e < DIMENSION; e++) d[e] = -d[e];
}

/* Secant equation H y = s for the newest pair: alpha picks it out and no term in s or y is left. */
static void direction_for_newest_y_is_minus_newest_s(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    problem p;
    coefficients c;
    double d[DIMENSION];
    random_problem(&p, seed);
    const secanti_gram gram = full_gram(&p);
    const double *newest_s = p.s[p.pairs - 1];
    set_gradient(&p, p.y[p.pairs - 1]);

    secanti_gram_direction(&gram, p.gamma, p.sg, p.yg, c.alpha, c.beta);
    combine(&p, &c, d);

    for (int e = 0; e < DIMENSION; e++)
      if (!(fabs(d[e] + newest_s[e]) <= 8.0 * DBL_EPSILON * p.gamma * sqrt(dot(p.g, p.g)) + 8.0 * DBL_EPSILON))
        fail_msg("seed %" PRIu64 ", pairs %d, entry %d: %a, not %a", seed, p.pairs, e, d[e], -newest_s[e]);
  }
}

static void direction_agrees_with_the_textbook_loop_on_vectors(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    problem p;
    coefficients c;
    double d[DIMENSION];
    double expected[DIMENSION];
    random_problem(&p, seed);
    const secanti_gram gram = full_gram(&p);

    secanti_gram_direction(&gram, p.gamma, p.sg, p.yg, c.alpha, c.beta);
    combine(&p, &c, d);
    textbook_direction(&p, expected);

    const double tolerance = 1e-10 * sqrt(dot(expected, expected));
    for (int e = 0; e < DIMENSION; e++)
      if (!(fabs(d[e] - expected[e]) <= tolerance))
        fail_msg("seed %" PRIu64 ", pairs %d, entry %d: %a, not %a", seed, p.pairs, e, d[e], expected[e]);
  }
}

/* The textbook loop for r = H g with H0 given by its factors; the direction is -r. */
static void textbook_direction_with(const problem *p, double factors[DIMENSION][DIMENSION], double *d)
{
  double a[CAPACITY];
  double q[DIMENSION];
  for (int e = 0; e < DIMENSION; e++) q[e] = p->g[e];
  for (int i = p->pairs - 1; i >= 0; i--) {
    a[i] = dot(p->s[i], q) / dot(p->s[i], p->y[i]);
    for (int e = 0; e < DIMENSION; e++) q[e] -= a[i] * p->y[i][e];
  }
  multiply_spd(factors, q, d);
  for (int i = 0; i < p->pairs; i++) {
    const double b = dot(p->y[i], d) / dot(p->s[i], p->y[i]);
    for (int e = 0; e < DIMENSION; e++) d[e] += (a[i] - b) * p->s[i][e];
  }
  for (int e = 0; e < DIMENSION; e++) d[e] = -d[e];
}

static void the_two_halves_agree_with_the_textbook_loop_for_any_initial_matrix(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    problem p;
    coefficients c;
    uint64_t state = seed + 7000;
    double factors[DIMENSION][DIMENSION];
    double q[DIMENSION], d[DIMENSION], expected[DIMENSION], yr[CAPACITY];
    random_problem(&p, seed);
    for (int k = 0; k < DIMENSION; k++) random_vector(factors[k], &state);
    const secanti_gram gram = full_gram(&p);

    secanti_gram_first_loop(&gram, p.sg, c.alpha);
    for (int e = 0; e < DIMENSION; e++) q[e] = p.g[e];
    for (int i = 0; i < p.pairs; i++)
      for (int e = 0; e < DIMENSION; e++) q[e] -= c.alpha[i] * p.y[i][e];
    multiply_spd(factors, q, d);
    for (int i = 0; i < p.pairs; i++) yr[i] = dot(p.y[i], d);
    secanti_gram_second_loop(&gram, yr, c.alpha, c.beta);
    for (int e = 0; e < DIMENSION; e++) d[e] = -d[e];
    for (int i = 0; i < p.pairs; i++)
      for (int e = 0; e < DIMENSION; e++) d[e] -= (c.alpha[i] - c.beta[i]) * p.s[i][e];
    textbook_direction_with(&p, factors, expected);

    const double tolerance = 1e-10 * sqrt(dot(expected, expected));
    for (int e = 0; e < DIMENSION; e++)
      if (!(fabs(d[e] - expected[e]) <= tolerance))
        fail_msg("seed %" PRIu64 ", pairs %d, entry %d: %a, not %a", seed, p.pairs, e, d[e], expected[e]);
  }
}

static void slope_is_negative_and_equals_gradient_times_direction(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    problem p;
    coefficients c;
    double d[DIMENSION];
    double scale = NAN;
    random_problem(&p, seed);
    const secanti_gram gram = full_gram(&p);

    secanti_gram_direction(&gram, p.gamma, p.sg, p.yg, c.alpha, c.beta);
    const double slope = secanti_gram_slope(p.pairs, p.gamma, dot(p.g, p.g), p.sg, p.yg, c.alpha, c.beta, &scale);
    combine(&p, &c, d);

    const double measured = dot(p.g, d);
    if (!(slope < 0.0)) fail_msg("seed %" PRIu64 ": slope %a is no descent", seed, slope);
    if (!(scale >= fabs(slope))) fail_msg("seed %" PRIu64 ": scale %a below |slope| %a", seed, scale, slope);
    if (!(fabs(slope - measured) <= 4.0 * DIMENSION * DBL_EPSILON * DIMENSION * scale))
      fail_msg("seed %" PRIu64 ": slope %a, measured %a, scale %a", seed, slope, measured, scale);
  }
}

static void scale_is_the_sum_of_the_absolute_terms(void **unused)
{
  (void)unused;
  const double sg[] = {3.0, -5.0};
  const double yg[] = {-7.0, 11.0};
  const double alpha[] = {1.0, 2.0};
  const double beta[] = {4.0, 0.5};
  double scale = NAN;

  /* -2*13 + (-14 + 9) + (44 + 7.5) */
  assert_true(secanti_gram_slope(2, 2.0, 13.0, sg, yg, alpha, beta, &scale) == 20.5);
  assert_true(scale == 26.0 + 14.0 + 9.0 + 44.0 + 7.5);
}

static void dropping_the_oldest_equals_building_from_the_later_pairs(void **unused)
{
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    problem p;
    problem later;
    random_problem(&p, seed);
    random_problem(&later, seed);
    secanti_gram gram = full_gram(&p);
    secanti_gram expected = gram_of(&later);
    for (int i = 1; i < p.pairs; i++) append_pair(&later, &expected, 1, i);

    secanti_gram_drop_oldest(&gram);

    assert_int_equal(gram.pairs, expected.pairs);
    for (int i = 0; i < gram.pairs; i++)
      for (int j = 0; j < gram.pairs; j++) {
        if (i <= j) assert_true(secanti_gram_sy(&gram, i, j) == secanti_gram_sy(&expected, i, j));
        assert_true(secanti_gram_yy(&gram, i, j) == secanti_gram_yy(&expected, i, j));
      }
  }
}

/* As the history does once it is full: many more pairs pass through than fit. */
static void a_full_gram_slides_along_the_pairs(void **unused)
{
  (void)unused;
  enum { WINDOW = 3 };
  for (uint64_t seed = CAPACITY - 1; seed <= SEEDS; seed += CAPACITY) {
    problem p;
    double sy[WINDOW * WINDOW];
    double yy[WINDOW * WINDOW];
    random_problem(&p, seed);
    assert_int_equal(p.pairs, CAPACITY);
    secanti_gram gram = {.capacity = WINDOW, .pairs = 0, .sy = sy, .yy = yy};
    for (int newest = 0; newest < CAPACITY; newest++) {
      if (gram.pairs == WINDOW) secanti_gram_drop_oldest(&gram);
      append_pair(&p, &gram, newest - gram.pairs, newest);
    }
    for (int i = 0; i < WINDOW; i++)
      for (int j = i; j < WINDOW; j++) {
        const int shift = CAPACITY - WINDOW;
        assert_true(secanti_gram_sy(&gram, i, j) == dot(p.s[shift + i], p.y[shift + j]));
        assert_true(secanti_gram_yy(&gram, i, j) == dot(p.y[shift + i], p.y[shift + j]));
        assert_true(secanti_gram_yy(&gram, j, i) == secanti_gram_yy(&gram, i, j));
      }
  }
}

static void without_pairs_the_direction_is_minus_gamma_times_the_gradient(void **unused)
{
  (void)unused;
  const secanti_gram gram = {.capacity = 0, .pairs = 0, .sy = NULL, .yy = NULL};
  double untouched[] = {1.0, 2.0};
  double scale = NAN;

  secanti_gram_direction(&gram, 0.5, NULL, NULL, &untouched[0], &untouched[1]);

  assert_true(untouched[0] == 1.0 && untouched[1] == 2.0);
  assert_true(secanti_gram_slope(0, 0.5, 6.0, NULL, NULL, NULL, NULL, &scale) == -3.0);
  assert_true(scale == 3.0);
}

static void a_nan_in_any_input_reaches_the_slope(void **unused)
{
  (void)unused;
  for (int place = 0; place < 2 * CAPACITY; place++) {
    problem p;
    coefficients c;
    double scale = 0.0;
    random_problem(&p, CAPACITY - 1);
    const secanti_gram gram = full_gram(&p);
    *(place < CAPACITY ? &p.sg[place] : &p.yg[place - CAPACITY]) = NAN;

    secanti_gram_direction(&gram, p.gamma, p.sg, p.yg, c.alpha, c.beta);

    assert_true(isnan(secanti_gram_slope(p.pairs, p.gamma, 1.0, p.sg, p.yg, c.alpha, c.beta, &scale)));
    assert_true(isnan(scale));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(direction_for_newest_y_is_minus_newest_s),
      cmocka_unit_test(direction_agrees_with_the_textbook_loop_on_vectors),
      cmocka_unit_test(the_two_halves_agree_with_the_textbook_loop_for_any_initial_matrix),
      cmocka_unit_test(slope_is_negative_and_equals_gradient_times_direction),
      cmocka_unit_test(scale_is_the_sum_of_the_absolute_terms),
      cmocka_unit_test(dropping_the_oldest_equals_building_from_the_later_pairs),
      cmocka_unit_test(a_full_gram_slides_along_the_pairs),
      cmocka_unit_test(without_pairs_the_direction_is_minus_gamma_times_the_gradient),
      cmocka_unit_test(a_nan_in_any_input_reaches_the_slope),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
