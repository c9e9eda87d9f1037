/* Decisions taken from the fuzzer's bytes, one after the other. When the bytes are used up all answers are 0. */
#ifndef TESTS_FUZZ_CHOICES_H
#define TESTS_FUZZ_CHOICES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct choices {
  const uint8_t *bytes;
  size_t left;
} choices;

static inline unsigned choose_byte(choices *from)
{
  if (from->left == 0) return 0;
  from->left--;
  return *from->bytes++;
}

/* 0 .. count-1; 0 if there is nothing to choose from. */
static inline size_t choose(choices *from, size_t count)
{
  return count > 0 ? choose_byte(from) % count : 0;
}

/* Fills what is left over with zeros. */
static inline void choose_bytes(choices *from, void *data, size_t count)
{
  const size_t given = count < from->left ? count : from->left;
  if (given > 0) memcpy(data, from->bytes, given);
  memset((char *)data + given, 0, count - given);
  from->bytes += given;
  from->left -= given;
}

#endif
