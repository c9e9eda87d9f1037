/* Reproducible sums for closures: the public functions, and what they do to the loss of a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "comm/comm.h"
#include "support/exact_sum.h"
#include "support/random.h"
#include "support/valley.h"
#include <secant/sum.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { N = 60, PARTS = 5, TERMS = 1000 };

static const secant_reduction reductions[] = {SECANT_REDUCTION_REPRODUCIBLE, SECANT_REDUCTION_FAST};

/* ---- the sum by itself ---------------------------------------------------------------------------------------------- */

static void a_sum_has_the_same_bits_however_it_is_cut_and_joined(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 300; seed++) {
    uint64_t random = seed;
    secant_sum all = {0}, part[PARTS] = {0}, joined = {0};
    exact_sum exact = {{0}};
    double largest = 0.0;
    for (int i = 0; i < TERMS; i++) {
      const double term = random_symmetric(&random) * random_power_of_ten(&random, -20.0, 20.0);
      secant_sum_add(&all, term);
      secant_sum_add(&part[random_next(&random) % PARTS], term);
      exact_sum_add(&exact, term);
      largest = fmax(largest, fabs(term));
    }
    for (int i = PARTS - 1; i >= 0; i--) secant_sum_merge(&joined, &part[i]);
    const double got = secant_sum_value(&joined), want = secant_sum_value(&all);
    const long double sum = exact_sum_value(&exact), error = fabsl((long double)got - sum);
    if (memcmp(&got, &want, sizeof got) != 0) fail_msg("seed %" PRIu64 ": %a, not %a", seed, got, want);
    if (!(error <= TERMS * 0x1p-64L * (long double)largest + 0x1p-51L * fabsl(sum))) {
      fail_msg("seed %" PRIu64 ": error %Lg of %Lg", seed, error, sum);
    }
  }
}

static void an_empty_sum_is_zero_and_large_terms_are_infinite(void **state)
{
  (void)state;
  secant_sum sum = {0};
  assert_true(secant_sum_value(&sum) == 0.0);
  secant_sum_add(&sum, -0x1p991);
  assert_true(secant_sum_value(&sum) == -(double)INFINITY);
  secant_sum_add(&sum, (double)INFINITY);
  assert_true(isnan(secant_sum_value(&sum)));
}

/* ---- in a run ------------------------------------------------------------------------------------------------------- */

/* How the closure hands over the valley's loss. */
typedef enum manner { RETURNED, ADDED, RETURNED_AND_ADDED } manner;

typedef struct scene {
  valley v;
  secant_optimizer *optimizer;
  manner manner;
  double offset; /* added apart, in RETURNED_AND_ADDED */
} scene;

static void open_scene(scene *s, manner how, const secant_options *options, secant_comm *comm)
{
  *s = (scene){.v = valley_create(N, 1, 0), .manner = how};
  const secant_parameter parameter = valley_parameter(&s->v);
  assert_int_equal(secant_create(&s->optimizer, &parameter, 1, options, comm, NULL), SECANT_OK);
}

static void close_scene(scene *s)
{
  secant_destroy(s->optimizer);
  valley_destroy(&s->v);
}

static int closure(void *user, double *loss)
{
  scene *s = user;
  const int failed = valley_evaluate(&s->v, loss);
  secant_sum sum = {0};
  secant_sum_add(&sum, s->manner == ADDED ? *loss : s->offset);
  if (s->manner != RETURNED) secant_add_to_loss(s->optimizer, &sum);
  if (s->manner == ADDED) *loss = 0.0;
  return failed;
}

static secant_info info_of(const scene *s)
{
  secant_info info;
  secant_fill_info(s->optimizer, &info, sizeof info);
  return info;
}

static void expect_same_point(const scene *a, const scene *b)
{
  assert_memory_equal(a->v.x, b->v.x, N * sizeof(double));
  assert_memory_equal(a->v.g, b->v.g, N * sizeof(double));
  assert_int_equal(a->v.evaluations, b->v.evaluations);
}

/* One term is its own sum, so that both runs must go through the same points, searches and all. */
static void a_loss_may_come_as_a_sum_instead(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    for (int replicated = 0; replicated <= 1; replicated++) {
      secant_options options = secant_options_default();
      options.reduction = reductions[i];
      options.loss = replicated ? SECANT_LOSS_REPLICATED : SECANT_LOSS_SHARE;
      options.max_iter = 7;
      scene returned, added;
      open_scene(&returned, RETURNED, &options, NULL);
      open_scene(&added, ADDED, &options, NULL);
      for (int step = 0; step < 3; step++) {
        double want = NAN, got = NAN;
        assert_int_equal(secant_step(returned.optimizer, closure, &returned, &want), SECANT_OK);
        assert_int_equal(secant_step(added.optimizer, closure, &added, &got), SECANT_OK);
        assert_true(got == want);
        assert_true(info_of(&added).loss == info_of(&returned).loss);
        expect_same_point(&returned, &added);
      }
      assert_true(returned.v.evaluations > 10);
      close_scene(&returned);
      close_scene(&added);
    }
  }
}

/* Steps of fixed length know nothing of the loss: a constant on top shows in it, once an evaluation, and nowhere
 * else. */
static void what_is_added_changes_the_loss_and_nothing_else(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    secant_options options = secant_options_torch();
    options.reduction = reductions[i];
    options.max_iter = 4;
    options.tolerance_change = 0.0;
    options.lr = 0.1;
    scene plain, raised;
    open_scene(&plain, RETURNED, &options, NULL);
    open_scene(&raised, RETURNED_AND_ADDED, &options, NULL);
    raised.offset = 1000.0;
    for (int step = 0; step < 3; step++) {
      double low = NAN, high = NAN;
      assert_int_equal(secant_step(plain.optimizer, closure, &plain, &low), SECANT_OK);
      assert_int_equal(secant_step(raised.optimizer, closure, &raised, &high), SECANT_OK);
      assert_true(fabs(high - low - 1000.0) <= 1e-12 * high);
      assert_true(fabs(info_of(&raised).loss - info_of(&plain).loss - 1000.0) <= 1e-12 * high);
      expect_same_point(&plain, &raised);
    }
    close_scene(&plain);
    close_scene(&raised);
  }
}

/* The valley's terms, dealt to several sums in an order of the seed. */
static secant_sum shuffled_terms(const valley *v, uint64_t seed)
{
  uint64_t random = seed;
  secant_sum part[PARTS] = {0}, all = {0};
  size_t order[N / 2];
  for (size_t i = 0; i < N / 2; i++) {
    const size_t j = random_next(&random) % (i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  for (size_t i = 0; i < N / 2; i++) {
    const double u = v->x[2 * order[i]], bend = v->x[2 * order[i] + 1] - u * u, rest = 1.0 - u;
    const double c = 1.0 + (double)(order[i] % 7);
    secant_sum_add(&part[random_next(&random) % PARTS], c * bend * bend + rest * rest);
  }
  for (int i = 0; i < PARTS; i++) secant_sum_merge(&all, &part[i]);
  return all;
}

/* By ask and tell, adding part for part. */
static void run_shuffled(scene *s, uint64_t seed)
{
  secant_request request;
  double ignored;
  assert_int_equal(secant_ask(s->optimizer, &request), SECANT_OK);
  while (request == SECANT_EVALUATE) {
    const int failed = valley_evaluate(&s->v, &ignored);
    const secant_sum terms = shuffled_terms(&s->v, seed++);
    secant_add_to_loss(s->optimizer, &terms);
    assert_int_equal(secant_tell(s->optimizer, 0.0, failed), SECANT_OK);
    assert_int_equal(secant_ask(s->optimizer, &request), SECANT_OK);
  }
}

static void the_order_of_the_terms_does_not_show_in_a_run(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    secant_options options = secant_options_default();
    options.reduction = reductions[i];
    options.max_iter = 30;
    scene first, other;
    open_scene(&first, ADDED, &options, NULL);
    run_shuffled(&first, 0);
    for (uint64_t seed = 1000; seed < 20000; seed += 1000) {
      open_scene(&other, ADDED, &options, NULL);
      run_shuffled(&other, seed);
      expect_same_point(&first, &other);
      assert_true(info_of(&other).loss == info_of(&first).loss);
      close_scene(&other);
    }
    close_scene(&first);
  }
}

static void nothing_is_added_to_nothing(void **state)
{
  (void)state;
  const secant_options options = secant_options_default();
  const secant_sum one = {{1.0}};
  scene s;
  open_scene(&s, RETURNED, &options, NULL);
  secant_add_to_loss(NULL, &one);
  secant_add_to_loss(s.optimizer, NULL);
  close_scene(&s);
}

/* What was added before the call began belongs to no evaluation of it. */
static void terms_of_no_evaluation_are_forgotten(void **state)
{
  (void)state;
  const secant_options options = secant_options_default();
  secant_sum stray = {0};
  secant_sum_add(&stray, 1e6);
  scene plain, strayed;
  double want = NAN, got = NAN;
  open_scene(&plain, RETURNED, &options, NULL);
  open_scene(&strayed, RETURNED, &options, NULL);
  secant_add_to_loss(strayed.optimizer, &stray);
  assert_int_equal(secant_step(plain.optimizer, closure, &plain, &want), SECANT_OK);
  assert_int_equal(secant_step(strayed.optimizer, closure, &strayed, &got), SECANT_OK);
  assert_true(got == want);
  expect_same_point(&plain, &strayed);
  close_scene(&plain);
  close_scene(&strayed);
}

/* ---- a rank among others --------------------------------------------------------------------------------------------- */

/* This rank's share of the loss at the first evaluation: nobody else reports anything. */
static double share_of_rank(int rank, secant_reduction reduction, secant_loss loss, double returned, double term)
{
  secant_comm comm = *secanti_comm_self();
  secant_options options = secant_options_default();
  secant_request request;
  secant_sum terms = {0};
  scene s;
  options.reduction = reduction;
  options.loss = loss;
  options.max_iter = 0;
  open_scene(&s, RETURNED, &options, &comm);
  comm.rank = rank; /* from here on only reductions follow, whose rank it is to sum */
  comm.size = 2;
  double ignored;
  assert_int_equal(secant_ask(s.optimizer, &request), SECANT_OK);
  assert_int_equal(valley_evaluate(&s.v, &ignored), 0);
  secant_sum_add(&terms, term);
  secant_add_to_loss(s.optimizer, &terms);
  assert_int_equal(secant_tell(s.optimizer, returned, 0), SECANT_OK);
  const double share = info_of(&s).loss;
  close_scene(&s);
  return share;
}

static void a_replicated_loss_counts_once_with_its_terms(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    const secant_reduction how = reductions[i];
    for (int rank = 0; rank < 2; rank++) {
      assert_true(share_of_rank(rank, how, SECANT_LOSS_SHARE, 3.0, 0.25) == 3.25);
      assert_true(share_of_rank(rank, how, SECANT_LOSS_REPLICATED, 3.0, 0.25) == (rank == 0 ? 3.25 : 0.0));
      assert_true(isnan(share_of_rank(rank, how, SECANT_LOSS_REPLICATED, 3.0, NAN)));
      assert_true(isnan(share_of_rank(rank, how, SECANT_LOSS_REPLICATED, NAN, 0.25)));
      assert_true(share_of_rank(rank, how, SECANT_LOSS_REPLICATED, 3.0, INFINITY) == (double)INFINITY);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sum_has_the_same_bits_however_it_is_cut_and_joined),
      cmocka_unit_test(an_empty_sum_is_zero_and_large_terms_are_infinite),
      cmocka_unit_test(a_loss_may_come_as_a_sum_instead),
      cmocka_unit_test(what_is_added_changes_the_loss_and_nothing_else),
      cmocka_unit_test(the_order_of_the_terms_does_not_show_in_a_run),
      cmocka_unit_test(nothing_is_added_to_nothing),
      cmocka_unit_test(terms_of_no_evaluation_are_forgotten),
      cmocka_unit_test(a_replicated_loss_counts_once_with_its_terms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
