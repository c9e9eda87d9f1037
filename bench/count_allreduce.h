/* Counts the calls of MPI_Allreduce and MPI_Iallreduce, whoever makes them, through MPI's profiling interface. */
#ifndef BENCH_COUNT_ALLREDUCE_H
#define BENCH_COUNT_ALLREDUCE_H

#include "measure.h"

/* Calls, and bytes that this rank sent in them, since the program started. */
bench_traffic bench_count_allreduce(void);

#endif
