/* The fused reduction: how a message is laid out, combined, and read back. */
#include "comm/comm.h"

#include "base/base.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_FAILURE, WORD_STOP, WORD_SUMS, WORD_MAXIMA };

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

void secanti_combine(const double *from, double *into)
{
  const size_t maxima = (size_t)SECANTI_HEADER + (size_t)into[WORD_SUMS];
  const size_t end = secanti_message_words(into);
  into[WORD_FAILURE] = larger(into[WORD_FAILURE], from[WORD_FAILURE]);
  into[WORD_STOP] = larger(into[WORD_STOP], from[WORD_STOP]);
  for (size_t i = SECANTI_HEADER; i < maxima; i++) into[i] = same_nan(into[i] + from[i]);
  for (size_t i = maxima; i < end; i++) into[i] = larger(into[i], from[i]);
}

secant_status secanti_reduction_create(secanti_reduction *reduction, int capacity)
{
  *reduction = (secanti_reduction){.failing_rank = -1};
  if (capacity < 0 || capacity > SECANTI_LONGEST_MESSAGE - SECANTI_HEADER) return SECANT_ERR_ARGUMENT;
  reduction->words = secanti_alloc((size_t)SECANTI_HEADER + (size_t)capacity, sizeof *reduction->words);
  if (!reduction->words) return SECANT_ERR_MEMORY;
  reduction->capacity = capacity;
  return SECANT_OK;
}

void secanti_reduction_destroy(secanti_reduction *reduction)
{
  free(reduction->words);
  *reduction = (secanti_reduction){.failing_rank = -1};
}

void secanti_reduction_begin(secanti_reduction *reduction, int sums, int maxima)
{
  assert(sums >= 0 && maxima >= 0 && sums <= reduction->capacity - maxima);
  reduction->sums = sums;
  reduction->maxima = maxima;
  reduction->status = SECANT_OK;
  reduction->stop = SECANTI_STOP_NONE;
  reduction->failing_rank = -1;
  memset(reduction->words, 0, ((size_t)SECANTI_HEADER + (size_t)sums + (size_t)maxima) * sizeof *reduction->words);
}

double *secanti_reduction_sums(secanti_reduction *reduction)
{
  return reduction->words + SECANTI_HEADER;
}

double *secanti_reduction_maxima(secanti_reduction *reduction)
{
  return reduction->words + SECANTI_HEADER + reduction->sums;
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
  const secant_status exchanged = comm->operations->reduce(comm, words);
  if (exchanged != SECANT_OK) {
    reduction->status = exchanged;
    reduction->failing_rank = -1;
    return exchanged;
  }
  read_failure(comm, words[WORD_FAILURE], reduction);
  reduction->stop = (secanti_stop)(int)words[WORD_STOP];
  return reduction->status;
}
