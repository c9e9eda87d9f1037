#include "stream.h"
#include "clock.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LANES = 8, STREAMS = 8, BLOCK = LANES * STREAMS, PAGE = 1 << 21 };

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

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

int bench_stream_create(bench_stream *stream, size_t words, int threads)
{
  const size_t blocks = (words + BLOCK - 1) / BLOCK;
  const size_t bytes = (blocks * BLOCK * sizeof(double) + PAGE - 1) / PAGE * PAGE;
  *stream = (bench_stream){.array = aligned_alloc(PAGE, bytes), .words = blocks * BLOCK, .threads = threads};
  if (stream->array == NULL) return 1;
  (void)madvise(stream->array, bytes, MADV_HUGEPAGE);
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++) {
    const size_t first = blocks * (size_t)t / (size_t)threads, end = blocks * ((size_t)t + 1) / (size_t)threads;
    for (size_t i = first * BLOCK; i < end * BLOCK; i++) stream->array[i] = 1.0;
  }
  return 0;
}

void bench_stream_destroy(bench_stream *stream)
{
  free(stream->array);
  *stream = (bench_stream){0};
}

double bench_stream_read(const bench_stream *stream)
{
  const size_t blocks = stream->words / BLOCK;
  const int threads = stream->threads;
  const double begin = bench_now();
  double total = 0.0;
#pragma omp parallel for num_threads(threads) schedule(static, 1) reduction(+ : total)
  for (int t = 0; t < threads; t++) {
    const size_t first = blocks * (size_t)t / (size_t)threads, end = blocks * ((size_t)t + 1) / (size_t)threads;
    total += add_up(stream->array + first * BLOCK, end - first);
  }
  return total == (double)stream->words ? bench_now() - begin : -1.0;
}
