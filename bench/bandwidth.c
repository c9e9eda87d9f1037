/* Prints the mean rate of several reads by stream.h. Arguments: --words, --threads. */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 5 };

static size_t number(int argc, char **argv, const char *flag, size_t otherwise)
{
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp(argv[i], flag) == 0) return (size_t)strtoull(argv[i + 1], NULL, 10);
  }
  return otherwise;
}

int main(int argc, char **argv)
{
  const size_t words = number(argc, argv, "--words", 1 << 26);
  const int threads = (int)number(argc, argv, "--threads", 1);
  bench_stream stream;
  double seconds = 0.0;
  if (threads < 1 || bench_stream_create(&stream, words, threads) != 0) {
    return fputs("bandwidth: no memory, or no threads\n", stderr), 1;
  }
  (void)bench_stream_read(&stream); /* the first one starts the threads */
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    const double once = bench_stream_read(&stream);
    if (once < 0.0) return fputs("bandwidth: a wrong sum\n", stderr), 1;
    seconds += once;
  }
  printf("{\"solver\": \"bandwidth\", \"threads\": %d, \"words\": %zu, \"bytes_per_second\": %.6g}\n", threads,
         stream.words, ATTEMPTS * (double)(stream.words * sizeof(double)) / seconds);
  bench_stream_destroy(&stream);
  return 0;
}
