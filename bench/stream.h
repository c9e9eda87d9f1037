/* The read bandwidth of this machine: an array that is larger than any cache, added up by several threads. */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stddef.h>

typedef struct bench_stream {
  double *array;
  size_t words;
  int threads;
} bench_stream;

/* Allocates and writes at least so many words, each thread the part that it will read. 0, or 1 without memory. */
int bench_stream_create(bench_stream *stream, size_t words, int threads);
void bench_stream_destroy(bench_stream *stream);

/* Reads all of it once. Returns the seconds that took; negative if the sum was wrong. */
double bench_stream_read(const bench_stream *stream);

#endif
