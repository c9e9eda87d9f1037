/*
 * Runs a fuzzer's target without the fuzzer: replay FILE... on inputs that were kept; replay COUNT on so many inputs from
 * a generator of numbers, always the same.
 */
#include "scene.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void run_generated(long inputs)
{
  enum { LONGEST = 48 };
  uint64_t state = 1;
  for (long i = 0; i < inputs; i++) {
    uint8_t bytes[LONGEST];
    for (int j = 0; j < LONGEST; j++) {
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      bytes[j] = (uint8_t)(state >> 56);
    }
    bytes[0] = (uint8_t)i;
    LLVMFuzzerTestOneInput(bytes, 6 + (size_t)i % (LONGEST - 5));
  }
}

int main(int count, char **arguments)
{
  char *end = NULL;
  const long inputs = count == 2 ? strtol(arguments[1], &end, 10) : 0;
  if (count == 2 && *end == '\0') {
    run_generated(inputs);
    return 0;
  }
  for (int i = 1; i < count; i++) {
    image input = scene_read(arguments[i]);
    LLVMFuzzerTestOneInput(input.bytes, input.count);
    free(input.bytes);
  }
  return 0;
}
