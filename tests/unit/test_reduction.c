/* The meaning of a fused reduction, on messages of imagined ranks: no communicator is involved in combining. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "comm/comm.h"
#include "support/random.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SUMS = 3, MAXIMA = 4, WORDS = SECANTI_HEADER + SUMS + MAXIMA };

static void set_message(double *words, double failure, double stop, const double *values)
{
  const double header[SECANTI_HEADER] = {failure, stop, SUMS, MAXIMA};
  memcpy(words, header, sizeof header);
  memcpy(words + SECANTI_HEADER, values, (SUMS + MAXIMA) * sizeof *values);
}

static void sums_add_and_maxima_compare(void **state)
{
  (void)state;
  double a[WORDS], b[WORDS];
  set_message(a, 5.0, 1.0, (const double[]){1, 2, -3, 4, -5, 0, -8});
  set_message(b, 9.0, 0.0, (const double[]){10, 0.5, 3, -4, -7, 6, -2});
  const double want[WORDS] = {9, 1, SUMS, MAXIMA, 0, 11, 2.5, 0, 4, -5, 6, -2};
  secanti_combine(b, a);
  assert_memory_equal(a, want, sizeof want);
}

static void nan_survives_from_either_operand(void **state)
{
  (void)state;
  const double plain[SUMS + MAXIMA] = {0};
  for (int i = 0; i < SUMS + MAXIMA; i++) {
    for (int side = 0; side <= 1; side++) {
      double odd[SUMS + MAXIMA] = {0}, a[WORDS], b[WORDS];
      odd[i] = (double)NAN;
      set_message(a, 0, 0, side ? odd : plain);
      set_message(b, 0, 0, side ? plain : odd);
      secanti_combine(b, a);
      for (int j = 0; j < SUMS + MAXIMA; j++)
        if (isnan(a[SECANTI_HEADER + j]) != (i == j)) fail_msg("NaN in %d, side %d: value %d", i, side, j);
    }
  }
}

static double special_value(uint64_t random)
{
  const double table[] = {0.0,         -0.0,         1.0,       -1.0, (double)INFINITY, -(double)INFINITY,
                          (double)NAN, -(double)NAN, 0x1p-1074, 1e308};
  const size_t entries = sizeof table / sizeof *table;
  const size_t i = (size_t)(random >> 33) % (2 * entries);
  return i < entries ? table[i] : ldexp((double)(int64_t)random, -60);
}

/* Ranks combine in opposite orders; their results must not differ in a single bit. */
static void operands_may_be_swapped_to_the_bit(void **state)
{
  (void)state;
  uint64_t random = 1;
  for (int trial = 0; trial < 20000; trial++) {
    double values[2][SUMS + MAXIMA], forward[WORDS], backward[WORDS], other[WORDS];
    for (int i = 0; i < 2 * (SUMS + MAXIMA); i++) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      values[i % 2][i / 2] = special_value(random);
    }
    set_message(forward, 1, 2, values[0]);
    set_message(other, 3, 0, values[1]);
    secanti_combine(other, forward);
    set_message(backward, 3, 0, values[1]);
    set_message(other, 1, 2, values[0]);
    secanti_combine(other, backward);
    for (int i = 0; i < WORDS; i++)
      if (memcmp(&forward[i], &backward[i], sizeof forward[i]) != 0)
        fail_msg("trial %d, word %d: %a against %a", trial, i, forward[i], backward[i]);
  }
}

/* A rank of an imagined communicator whose other ranks' messages lie ready. */
typedef struct imagined_comm {
  secant_comm base;
  const double (*others)[SECANTI_HEADER];
  int count;
  secant_status outcome;
} imagined_comm;

static secant_status imagined_reduce(secant_comm *comm, double *words)
{
  const imagined_comm *self = (const imagined_comm *)comm;
  for (int i = 0; i < self->count; i++) secanti_combine(self->others[i], words);
  return self->outcome;
}

static const secanti_comm_operations imagined_operations = {.reduce = imagined_reduce};

/* The failure word that a rank puts into its message, caught in flight. */
static double failure_word_of(int rank, int size, secant_status status)
{
  double words[SECANTI_HEADER] = {0};
  imagined_comm comm = {.base = {.operations = &imagined_operations, .rank = rank, .size = size}};
  secanti_reduction reduction = {.words = words};
  secanti_reduction_begin(&reduction, 0, 0);
  reduction.status = status;
  assert_int_equal(secanti_reduce(&comm.base, &reduction), status);
  assert_int_equal(reduction.failing_rank, status == SECANT_OK ? -1 : rank);
  return words[0];
}

static void lower_ranks_win_whatever_their_status(void **state)
{
  (void)state;
  const int sizes[] = {1, 2, 3, 1000, 2000000000};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    const int size = sizes[s], last = size - 1;
    assert_true(failure_word_of(0, size, SECANT_OK) == 0.0);
    assert_true(failure_word_of(last, size, SECANT_ERR_ARGUMENT) > 0.0);
    if (size == 1) continue;
    assert_true(failure_word_of(0, size, SECANT_ERR_ARGUMENT) > failure_word_of(1, size, SECANT_ERR_UNSUPPORTED));
    assert_true(failure_word_of(last - 1, size, SECANT_ERR_ARGUMENT) >
                failure_word_of(last, size, SECANT_ERR_UNSUPPORTED));
  }
}

static void another_ranks_failure_is_read_back(void **state)
{
  (void)state;
  const double others[2][SECANTI_HEADER] = {{failure_word_of(1, 4, SECANT_ERR_IO)},
                                            {failure_word_of(3, 4, SECANT_ERR_MEMORY), SECANTI_STOP_REQUESTED}};
  imagined_comm comm = {
      .base = {.operations = &imagined_operations, .rank = 2, .size = 4}, .others = others, .count = 2};
  secanti_reduction reduction;
  assert_int_equal(secanti_reduction_create(&reduction, 0, false), SECANT_OK);
  secanti_reduction_begin(&reduction, 0, 0);
  reduction.status = SECANT_ERR_FORMAT;
  reduction.stop = SECANTI_STOP_TIME;
  assert_int_equal(secanti_reduce(&comm.base, &reduction), SECANT_ERR_IO);
  assert_int_equal(reduction.failing_rank, 1);
  assert_int_equal(reduction.stop, SECANTI_STOP_REQUESTED);
  secanti_reduction_destroy(&reduction);
}

static void a_broken_exchange_blames_no_rank(void **state)
{
  (void)state;
  imagined_comm comm = {.base = {.operations = &imagined_operations, .size = 1}, .outcome = SECANT_ERR_COMM};
  secanti_reduction reduction;
  assert_int_equal(secanti_reduction_create(&reduction, 0, false), SECANT_OK);
  secanti_reduction_begin(&reduction, 0, 0);
  reduction.status = SECANT_ERR_IO;
  assert_int_equal(secanti_reduce(&comm.base, &reduction), SECANT_ERR_COMM);
  assert_int_equal(reduction.status, SECANT_ERR_COMM);
  assert_int_equal(reduction.failing_rank, -1);
  secanti_reduction_destroy(&reduction);
}

static void a_message_begins_cleared(void **state)
{
  (void)state;
  secanti_reduction reduction;
  assert_int_equal(secanti_reduction_create(&reduction, 5, false), SECANT_OK);
  secanti_reduction_begin(&reduction, 2, 3);
  assert_ptr_equal(secanti_reduction_maxima(&reduction), secanti_reduction_sums(&reduction) + 2);
  for (int i = 0; i < 5; i++) secanti_reduction_sums(&reduction)[i] = 1.0;
  reduction.status = SECANT_ERR_IO;
  reduction.stop = SECANTI_STOP_TIME;
  secanti_reduction_begin(&reduction, 1, 4);
  for (int i = 0; i < 5; i++) assert_true(secanti_reduction_sums(&reduction)[i] == 0.0);
  assert_int_equal(secanti_reduce(secanti_comm_self(), &reduction), SECANT_OK);
  assert_int_equal(reduction.stop, SECANTI_STOP_NONE);
  secanti_reduction_destroy(&reduction);
  secanti_reduction_destroy(&reduction);
}

static void a_capacity_beyond_the_longest_message_is_refused(void **state)
{
  (void)state;
  secanti_reduction reduction;
  assert_int_equal(secanti_reduction_create(&reduction, -1, false), SECANT_ERR_ARGUMENT);
  assert_int_equal(secanti_reduction_create(&reduction, SECANTI_LONGEST_MESSAGE - SECANTI_HEADER + 1, false),
                   SECANT_ERR_ARGUMENT);
  assert_null(reduction.words);
  assert_int_equal(secanti_reduction_create(&reduction, SECANTI_LONGEST_MESSAGE - SECANTI_HEADER, false), SECANT_OK);
  secanti_reduction_destroy(&reduction);
}

/* ---- binned messages ------------------------------------------------------------------------------------------------- */

enum { RANKS = 6, BINNED_WORDS = SECANTI_HEADER + SUMS * SECANTI_BINNED_WORDS + MAXIMA };

/* A message whose sums have up to a hundred terms; one that is `odd` also terms that are not finite. */
static void random_binned_message(uint64_t *random, bool odd, secanti_reduction *message)
{
  const double specials[] = {(double)NAN, -(double)NAN, (double)INFINITY, -(double)INFINITY, 0x1p991};
  assert_int_equal(secanti_reduction_create(message, SUMS + MAXIMA, true), SECANT_OK);
  secanti_reduction_begin_binned(message, SUMS, MAXIMA);
  for (int terms = (int)(random_next(random) % 100); terms > 0; terms--) {
    const double term = random_symmetric(random) * random_power_of_ten(random, -30.0, 30.0);
    secanti_reduction_add(message, (int)(random_next(random) % SUMS), term);
  }
  if (odd) secanti_reduction_add(message, (int)(random_next(random) % SUMS), specials[random_next(random) % 5]);
  for (int i = 0; i < MAXIMA; i++) {
    secanti_reduction_maxima(message)[i] = odd && i == 1 ? (double)NAN : random_symmetric(random);
  }
  message->words[0] = (double)(random_next(random) % 3);
  message->words[1] = (double)(random_next(random) % 3);
  message->words[2] = SUMS;
  message->words[3] = MAXIMA;
  message->words[4] = 1.0;
  assert_int_equal(secanti_message_words(message->words), BINNED_WORDS);
}

/* Joins copies of the messages pair by pair, as a random binary tree. Writes the sums and maxima as numbers. */
static void combine_as_tree(uint64_t *random, const secanti_reduction *messages, double *header, double *values)
{
  double words[RANKS][BINNED_WORDS];
  for (int i = 0; i < RANKS; i++) memcpy(words[i], messages[i].words, sizeof words[i]);
  for (int left = RANKS; left > 1; left--) {
    const int from = (int)(random_next(random) % (uint64_t)left);
    const int into = (from + 1 + (int)(random_next(random) % (uint64_t)(left - 1))) % left;
    secanti_combine(words[from], words[into]);
    memmove(words[from], words[left - 1], sizeof words[from]);
  }
  memcpy(header, words[0], SECANTI_HEADER * sizeof *header);
  const double *sums = words[0] + SECANTI_HEADER, *maxima = sums + SUMS * SECANTI_BINNED_WORDS;
  for (int i = 0; i < SUMS; i++) values[i] = secanti_binned_value(sums + i * SECANTI_BINNED_WORDS);
  memcpy(values + SUMS, maxima, MAXIMA * sizeof *maxima);
}

static void binned_messages_have_the_same_bits_in_any_order(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 2000; seed++) {
    uint64_t random = seed;
    secanti_reduction messages[RANKS];
    double want_header[SECANTI_HEADER], want[SUMS + MAXIMA], header[SECANTI_HEADER], got[SUMS + MAXIMA];
    for (int i = 0; i < RANKS; i++) random_binned_message(&random, seed % 2 && i < 2, &messages[i]);
    combine_as_tree(&random, messages, want_header, want);
    for (int trial = 0; trial < 10; trial++) {
      combine_as_tree(&random, messages, header, got);
      if (memcmp(header, want_header, sizeof header) != 0) fail_msg("seed %" PRIu64 ": header", seed);
      if (memcmp(got, want, sizeof got) != 0) fail_msg("seed %" PRIu64 ": sums or maxima", seed);
    }
    assert_true(isnan(want[SUMS + 1]) == (seed % 2 == 1));
    for (int i = 0; i < RANKS; i++) secanti_reduction_destroy(&messages[i]);
  }
}

static void binned_sums_are_read_as_numbers(void **state)
{
  (void)state;
  secanti_reduction reduction;
  assert_int_equal(secanti_reduction_create(&reduction, 6, true), SECANT_OK);
  secanti_reduction_begin_binned(&reduction, 4, 2);
  secanti_reduction_add(&reduction, 0, 1e15);
  secanti_reduction_add(&reduction, 0, 1.5);
  secanti_reduction_add(&reduction, 0, -1e15);
  secanti_reduction_add(&reduction, 1, (double)NAN);
  secanti_reduction_add(&reduction, 2, -(double)INFINITY);
  secanti_reduction_maxima(&reduction)[1] = 7.0;
  assert_int_equal(secanti_reduce(secanti_comm_self(), &reduction), SECANT_OK);
  const double *sums = secanti_reduction_sums(&reduction), *maxima = secanti_reduction_maxima(&reduction);
  assert_true(sums[0] == 1.5);
  assert_true(isnan(sums[1]));
  assert_true(sums[2] == -(double)INFINITY);
  assert_true(sums[3] == 0.0);
  assert_true(maxima[0] == 0.0 && maxima[1] == 7.0);
  secanti_reduction_begin_binned(&reduction, 6, 0);
  assert_int_equal(secanti_reduce(secanti_comm_self(), &reduction), SECANT_OK);
  for (int i = 0; i < 6; i++) assert_true(secanti_reduction_sums(&reduction)[i] == 0.0);
  secanti_reduction_begin(&reduction, 2, 0); /* a plain one in the same room */
  secanti_reduction_add(&reduction, 1, 2.5);
  assert_int_equal(secanti_reduce(secanti_comm_self(), &reduction), SECANT_OK);
  assert_true(secanti_reduction_sums(&reduction)[0] == 0.0 && secanti_reduction_sums(&reduction)[1] == 2.5);
  secanti_reduction_destroy(&reduction);
}

static void the_longest_binned_message_fits_and_one_more_sum_does_not(void **state)
{
  (void)state;
  const int longest = (SECANTI_LONGEST_MESSAGE - SECANTI_HEADER) / SECANTI_BINNED_WORDS;
  secanti_reduction reduction;
  assert_int_equal(secanti_reduction_create(&reduction, -1, true), SECANT_ERR_ARGUMENT);
  assert_int_equal(secanti_reduction_create(&reduction, longest + 1, true), SECANT_ERR_ARGUMENT);
  assert_null(reduction.words);
  assert_null(reduction.values);
  assert_int_equal(secanti_reduction_create(&reduction, longest, true), SECANT_OK);
  secanti_reduction_begin_binned(&reduction, longest, 0);
  secanti_reduction_add(&reduction, longest - 1, 3.0);
  assert_int_equal(secanti_reduce(secanti_comm_self(), &reduction), SECANT_OK);
  assert_in_range(secanti_message_words(reduction.words), 1, SECANTI_LONGEST_MESSAGE);
  assert_true(secanti_reduction_sums(&reduction)[longest - 1] == 3.0);
  secanti_reduction_destroy(&reduction);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_add_and_maxima_compare),
      cmocka_unit_test(nan_survives_from_either_operand),
      cmocka_unit_test(operands_may_be_swapped_to_the_bit),
      cmocka_unit_test(lower_ranks_win_whatever_their_status),
      cmocka_unit_test(another_ranks_failure_is_read_back),
      cmocka_unit_test(a_broken_exchange_blames_no_rank),
      cmocka_unit_test(a_message_begins_cleared),
      cmocka_unit_test(a_capacity_beyond_the_longest_message_is_refused),
      cmocka_unit_test(binned_messages_have_the_same_bits_in_any_order),
      cmocka_unit_test(binned_sums_are_read_as_numbers),
      cmocka_unit_test(the_longest_binned_message_fits_and_one_more_sum_does_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
