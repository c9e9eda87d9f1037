/* How many OpenMP threads a rank works with. */
#ifndef SECANT_THREADS_H
#define SECANT_THREADS_H

#include "comm/comm.h"

/* What OpenMP and the computer say. */
typedef struct secanti_processors {
  int wanted;  /* threads that OpenMP would use */
  int own;     /* processors that this process may use */
  bool chosen; /* someone has set the number of threads */
} secanti_processors;

/* Threads of a rank whose option `threads` is 0. */
int secanti_share_threads(secanti_processors processors, const secanti_computer *computer);

/* Of `threads` threads, those that `count` unknowns keep busy; >= 1. */
int secanti_worthwhile_threads(size_t count, int threads);

#endif
