/* The fused reduction: how a message is laid out, combined, and read back. */
#include "comm/comm.h"

#include "base/base.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_FAILURE, WORD_STOP, WORD_SUMS, WORD_MAXIMA, WORD_BINNED };

/* One NaN stands for all, so that every rank holds the same bits whichever operand came first. */
static double same_nan(double value)
{
  return isnan(value) ? (double)NAN : value;
}

/* The larger of two, NaN if either is; +0 is above -0, so that the operands may be swapped. */
static double larger(double a, double b)
{
  if (isnan(a) || isnan(b)) return (double)NAN;
  if (a == b) return signbit(a) ? b : a;
  return a > b ? a : b;
}

/* Words of one sum. */
static size_t sum_words(bool binned)
{
  return binned ? SECANTI_BINNED_WORDS : 1;
}

void secanti_combine(const double *from, double *into)
{
  const bool binned = into[WORD_BINNED] != 0.0;
  const size_t maxima = (size_t)SECANTI_HEADER + (size_t)into[WORD_SUMS] * sum_words(binned);
  const size_t end = secanti_message_words(into);
  into[WORD_FAILURE] = larger(into[WORD_FAILURE], from[WORD_FAILURE]);
  into[WORD_STOP] = larger(into[WORD_STOP], from[WORD_STOP]);
  for (size_t i = SECANTI_HEADER; i < maxima; i += sum_words(binned)) {
    if (binned) {
      secanti_binned_merge(from + i, into + i);
    } else {
      into[i] = same_nan(into[i] + from[i]);
    }
  }
  for (size_t i = maxima; i < end; i++) into[i] = larger(into[i], from[i]);
}

secant_status secanti_reduction_create(secanti_reduction *reduction, int capacity, bool binned)
{
  *reduction = (secanti_reduction){.failing_rank = -1};
  const int longest = (SECANTI_LONGEST_MESSAGE - SECANTI_HEADER) / (int)sum_words(binned);
  if (capacity < 0 || capacity > longest) return SECANT_ERR_ARGUMENT;
  const size_t words = (size_t)SECANTI_HEADER + (size_t)capacity * sum_words(binned);
  reduction->words = secanti_alloc(words, sizeof *reduction->words);
  if (binned) reduction->values = secanti_alloc((size_t)capacity, sizeof *reduction->values);
  reduction->capacity = capacity;
  if (reduction->words && (!binned || reduction->values)) return SECANT_OK;
  secanti_reduction_destroy(reduction);
  return SECANT_ERR_MEMORY;
}

void secanti_reduction_destroy(secanti_reduction *reduction)
{
  free(reduction->words);
  free(reduction->values);
  *reduction = (secanti_reduction){.failing_rank = -1};
}

static void begin(secanti_reduction *reduction, int sums, int maxima, bool binned)
{
  assert(sums >= 0 && maxima >= 0 && sums <= reduction->capacity - maxima);
  const size_t words = (size_t)SECANTI_HEADER + (size_t)sums * sum_words(binned) + (size_t)maxima;
  reduction->sums = sums;
  reduction->maxima = maxima;
  reduction->binned = binned;
  reduction->status = SECANT_OK;
  reduction->stop = SECANTI_STOP_NONE;
  reduction->failing_rank = -1;
  memset(reduction->words, 0, words * sizeof *reduction->words);
}

void secanti_reduction_begin(secanti_reduction *reduction, int sums, int maxima)
{
  begin(reduction, sums, maxima, false);
}

void secanti_reduction_begin_binned(secanti_reduction *reduction, int sums, int maxima)
{
  assert(reduction->values);
  begin(reduction, sums, maxima, true);
}

double *secanti_reduction_words(secanti_reduction *reduction, int index)
{
  return reduction->words + SECANTI_HEADER + (size_t)index * sum_words(reduction->binned);
}

void secanti_reduction_add(secanti_reduction *reduction, int index, double term)
{
  double *sum = secanti_reduction_words(reduction, index);
  if (reduction->binned) {
    secanti_binned_add(sum, term);
  } else {
    *sum += term;
  }
}

double *secanti_reduction_sums(secanti_reduction *reduction)
{
  return reduction->binned ? reduction->values : secanti_reduction_words(reduction, 0);
}

double *secanti_reduction_maxima(secanti_reduction *reduction)
{
  return secanti_reduction_words(reduction, reduction->sums);
}

static void round_sums(secanti_reduction *reduction)
{
  for (int i = 0; reduction->binned && i < reduction->sums; i++) {
    reduction->values[i] = secanti_binned_value(secanti_reduction_words(reduction, i));
  }
}

/*
 * The failure word is 0, or (size - rank) * STATUS_LIMIT + status: its maximum over ranks belongs to the lowest
 * failing rank. An exact integer in a double for any number of ranks that an int can count.
 */
enum { STATUS_LIMIT = 4096 };

static double failure_word(const secant_comm *comm, secant_status status)
{
  if (status == SECANT_OK) return 0.0;
  return (double)(comm->size - comm->rank) * STATUS_LIMIT + (double)status;
}

static void read_failure(const secant_comm *comm, double word, secanti_reduction *reduction)
{
  const int64_t code = (int64_t)word;
  reduction->status = (secant_status)(code % STATUS_LIMIT);
  reduction->failing_rank = code == 0 ? -1 : comm->size - (int)(code / STATUS_LIMIT);
}

secant_status secanti_reduce(secant_comm *comm, secanti_reduction *reduction)
{
  double *words = reduction->words;
  words[WORD_FAILURE] = failure_word(comm, reduction->status);
  words[WORD_STOP] = (double)reduction->stop;
  words[WORD_SUMS] = (double)reduction->sums;
  words[WORD_MAXIMA] = (double)reduction->maxima;
  words[WORD_BINNED] = reduction->binned ? 1.0 : 0.0;
  const secant_status exchanged = comm->operations->reduce(comm, words);
  if (exchanged != SECANT_OK) {
    reduction->status = exchanged;
    reduction->failing_rank = -1;
    return exchanged;
  }
  read_failure(comm, words[WORD_FAILURE], reduction);
  round_sums(reduction);
  reduction->stop = (secanti_stop)(int)words[WORD_STOP];
  return reduction->status;
}
