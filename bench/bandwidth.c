/*
 * The read bandwidth of this machine: adds up an array that is larger than any cache, several times, and prints the mean
 * rate, to be compared with mean times of several iterations. Arguments: --words, --threads.
 */
#include "clock.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LANES = 8, STREAMS = 8, BLOCK = LANES * STREAMS, PAGE = 1 << 21, ATTEMPTS = 5 };

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

static size_t number(int argc, char **argv, const char *flag, size_t otherwise)
{
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp(argv[i], flag) == 0) return (size_t)strtoull(argv[i + 1], NULL, 10);
  }
  return otherwise;
}

/* Several sums at once, so that the additions do not wait for each other. */
static double add_up(const double *from, size_t blocks)
{
  lanes sum[STREAMS] = {{0}};
  for (size_t b = 0; b < blocks; b++, from += BLOCK)
    for (int i = 0; i < STREAMS; i++) sum[i] += *(const lanes *)(const void *)(from + i * LANES);
  for (int i = 1; i < STREAMS; i++) sum[0] += sum[i];
  double total = 0.0;
  for (int l = 0; l < LANES; l++) total += sum[0][l];
  return total;
}

/* Every thread reads the part that it wrote. */
static double read_all(const double *array, size_t blocks, int threads)
{
  double total = 0.0;
#pragma omp parallel for num_threads(threads) schedule(static, 1) reduction(+ : total)
  for (int t = 0; t < threads; t++) {
    const size_t first = blocks * (size_t)t / (size_t)threads, end = blocks * ((size_t)t + 1) / (size_t)threads;
    total += add_up(array + first * BLOCK, end - first);
  }
  return total;
}

static void write_all(double *array, size_t blocks, int threads)
{
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++) {
    const size_t first = blocks * (size_t)t / (size_t)threads, end = blocks * ((size_t)t + 1) / (size_t)threads;
    for (size_t i = first * BLOCK; i < end * BLOCK; i++) array[i] = 1.0;
  }
}

int main(int argc, char **argv)
{
  const size_t blocks = (number(argc, argv, "--words", 1 << 26) + BLOCK - 1) / BLOCK;
  const size_t bytes = (blocks * BLOCK * sizeof(double) + PAGE - 1) / PAGE * PAGE;
  const int threads = (int)number(argc, argv, "--threads", 1);
  double *array = aligned_alloc(PAGE, bytes), seconds = 0.0;
  if (array == NULL || threads < 1) return fputs("bandwidth: no memory, or no threads\n", stderr), 1;
  (void)madvise(array, bytes, MADV_HUGEPAGE);
  write_all(array, blocks, threads);
  (void)read_all(array, blocks, threads); /* the first one starts the threads */
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    const double begin = bench_now(), total = read_all(array, blocks, threads);
    seconds += bench_now() - begin;
    if (total != (double)(blocks * BLOCK)) return fputs("bandwidth: a wrong sum\n", stderr), 1;
  }
  free(array);
  printf("{\"solver\": \"bandwidth\", \"threads\": %d, \"words\": %zu, \"bytes_per_second\": %.6g}\n", threads,
         blocks * BLOCK, ATTEMPTS * (double)(blocks * BLOCK * sizeof(double)) / seconds);
  return 0;
}
