/*
 * The communicator: a table of collective operations on bytes and doubles. It holds no data of its own.
 * Implementations: comm_self.c (one process), mpi/comm_mpi.c, and the faulty double of the tests.
 */
#ifndef SECANT_COMM_H
#define SECANT_COMM_H

#include "base/binned.h"
#include <secant/secant.h>
#include <stdbool.h>

/*
 * One fused reduction: everything that an iteration must know about the other ranks travels in one message, with one
 * operation. The message is an array of doubles,
 *
 *   [0] failure  [1] stop  [2] sums  [3] maxima  [4] binned  [5 ..) the sums  [.. +maxima) the maxima
 *
 * A sum is a double, or, in a binned message, the words of base/binned.h: then its bits do not depend on the order in
 * which the ranks are combined. Sums are added. Maxima are combined so that NaN survives. `failure` is 0 or names the
 * lowest failing rank and its status; `stop` is the largest request of any rank.
 */
enum { SECANTI_HEADER = 5 };

/* The longest message, header included, in words. Implementations prepare for every length up to here at creation. */
enum { SECANTI_LONGEST_MESSAGE = 1 << 18 };

/*
 * A request to stop outranks the clock: the clock will tell again, a request is made once. A wish for a checkpoint stops
 * nothing; a stop ends with a checkpoint anyway, so it may hide the wish.
 */
typedef enum secanti_stop {
  SECANTI_STOP_NONE = 0,
  SECANTI_STOP_NOT_BUT_SAVE = 1,
  SECANTI_STOP_TIME = 2,
  SECANTI_STOP_REQUESTED = 3
} secanti_stop;

typedef struct secanti_reduction {
  double *words;  /* the message, owned by whoever calls secanti_reduction_create() */
  double *values; /* [capacity] the sums of a binned message once it is combined; NULL if there are none */
  int capacity;   /* largest sums + maxima */
  int sums;
  int maxima;
  bool binned;          /* this message */
  secant_status status; /* in: this rank's; out: that of the lowest failing rank */
  secanti_stop stop;    /* in: this rank's request; out: the largest of any rank */
  int failing_rank;     /* out: -1 if none failed */
} secanti_reduction;

typedef struct secanti_comm_operations {
  /* Combines `words` over the ranks in one collective operation; layout and rules as above, see secanti_combine(). */
  secant_status (*reduce)(secant_comm *comm, double *words);
  secant_status (*broadcast)(secant_comm *comm, void *data, size_t bytes, int root);
  /* `send` may be NULL if `to` is negative, and `receive` if `from` is: then nothing goes that way. */
  secant_status (*exchange)(secant_comm *comm, const void *send, int to, void *receive, int from, size_t bytes);
  /* whole [first[size]] gets shard r of every rank r at elements first[r] .. first[r+1). `first` has size + 1
   * entries. */
  secant_status (*gather)(secant_comm *comm, const void *shard, void *whole, const int64_t *first, secant_dtype dtype);
  /* shard of rank r gets elements first[r] .. first[r+1) of the sum of `whole` over ranks. `whole` is unchanged. */
  secant_status (*scatter_sum)(secant_comm *comm, const void *whole, void *shard, const int64_t *first,
                               secant_dtype dtype);
  void (*destroy)(secant_comm *comm);
} secanti_comm_operations;

/* The computer that a rank runs on. All zero: nothing is known of it. */
typedef struct secanti_computer {
  int ranks;      /* of this communicator on it */
  int processors; /* that at least one of them may use */
} secanti_computer;

/* Implementations embed this struct as their first member. */
struct secant_comm {
  const secanti_comm_operations *operations;
  int rank;
  int size;
  secanti_computer computer;
  const struct secanti_h5_driver *h5; /* how files are opened in parallel (checkpoint/h5.h); NULL: one process */
};

/* The communicator of one process. A constant in effect: needs no destroy. */
secant_comm *secanti_comm_self(void);

/*
 * Combines message `from` into `into`; the one definition of what a reduction means, used by every implementation.
 * Associative up to rounding; commutative to the bit, so that ranks which combine in opposite orders still agree.
 */
SECANT_API void secanti_combine(const double *from, double *into); /* exported for libsecant_mpi */

/* Words of a message with `values` sums and maxima: the header and the values. */
static inline size_t secanti_message_words(const double *words)
{
  const size_t sums = (size_t)words[2] * (words[4] != 0.0 ? SECANTI_BINNED_WORDS : 1);
  return (size_t)SECANTI_HEADER + sums + (size_t)words[3];
}

/* Room for `capacity` sums and maxima, also of binned messages if `binned`. SECANT_ERR_ARGUMENT if `capacity` is
 * negative or does not fit the longest message; SECANT_ERR_MEMORY. */
secant_status secanti_reduction_create(secanti_reduction *reduction, int capacity, bool binned);
void secanti_reduction_destroy(secanti_reduction *reduction);

/* Begins a message: sets the counts, clears the values, and resets status and stop request to "nothing to report". */
void secanti_reduction_begin(secanti_reduction *reduction, int sums, int maxima);
void secanti_reduction_begin_binned(secanti_reduction *reduction, int sums, int maxima);

/* Where the words of sum `index` begin, those of the next follow. Adds a term to it. */
double *secanti_reduction_words(secanti_reduction *reduction, int index);
void secanti_reduction_add(secanti_reduction *reduction, int index, double term);

/* The sums as numbers; those of a binned message are there once it is combined. */
double *secanti_reduction_sums(secanti_reduction *reduction);
double *secanti_reduction_maxima(secanti_reduction *reduction);

/*
 * The one collective call of an iteration. Collective.
 * Returns the status of the lowest failing rank, equal on all ranks; SECANT_ERR_COMM if the exchange itself failed.
 * The values are valid whenever the exchange worked.
 */
secant_status secanti_reduce(secant_comm *comm, secanti_reduction *reduction);

/* Gives `bytes` bytes of rank 0's data to all, or any rank's failure so far, or that of the exchange. Collective; the
 * outcome is common (agree.c). */
secant_status secanti_comm_share(secant_comm *comm, void *data, size_t bytes, secant_error *error);

/* NULL means one process. */
static inline secant_comm *secanti_comm_or_self(secant_comm *comm)
{
  return comm ? comm : secanti_comm_self();
}

#endif
