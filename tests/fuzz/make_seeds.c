/*
 * Writes inputs to begin with, by running the library: make_seeds DIRECTORY. For fuzz_bytes every file that it saves; for
 * the targets that edit files one edit of every kind on each of them, from a generator of numbers; for fuzz_data data
 * files of every form.
 */
#include "scene.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static void put(const char *directory, const char *target, int number, const void *bytes, size_t count)
{
  char name[400];
  snprintf(name, sizeof name, "%s/%s", directory, target);
  PROMISE(mkdir(name, 0777) == 0 || errno == EEXIST, "'%s'", name);
  snprintf(name, sizeof name, "%s/%s/seed%03d", directory, target, number);
  scene_write(name, bytes, count);
}

static void put_files(const char *directory)
{
  for (int kind = 0; kind < SCENE_KINDS; kind++) {
    const image *checkpoint = scene_checkpoint(kind), *state = scene_state_file(kind);
    put(directory, "bytes", 2 * kind, checkpoint->bytes, checkpoint->count);
    put(directory, "bytes", 2 * kind + 1, state->bytes, state->count);
  }
}

static void put_edits(const char *directory, const char *target)
{
  enum { SEEDS = 300, LONGEST = 48 };
  uint64_t state = 1;
  for (int i = 0; i < SEEDS; i++) {
    uint8_t bytes[LONGEST];
    for (int j = 0; j < LONGEST; j++) {
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      bytes[j] = (uint8_t)(state >> 56);
    }
    bytes[0] = (uint8_t)i;
    bytes[2] = 0;
    put(directory, target, i, bytes, i < 2 * SCENE_KINDS ? 3 : 8 + (size_t)i % (LONGEST - 7));
  }
}

static void put_data(const char *directory)
{
  static const char text[] = "\0# header\n+1 1:0.5 3:-2e1\n\n-1\t2:1e-320 # note\r\n2.5 2147483647:7\n1 1:1 2:2 3:3\n";
  static const uint8_t idx[] = "\1\0\0\x8\3\0\0\0\2\0\0\0\2\0\0\0\2abcdefgh";
  static const uint8_t pair[] = "\3\0\0\x8\1\0\0\0\2\1\2\0\0\x8\3\0\0\0\2\0\0\0\3\0\0\0\4abcdefghijklmnopqrstuvwx";
  put(directory, "data", 0, text, sizeof text - 1);
  put(directory, "data", 1, idx, sizeof idx - 1);
  put(directory, "data", 2, pair, sizeof pair - 1);
  for (int i = 0; i < 2; i++) {
    const char *path = scene_path("file.h5");
    gzFile file = gzopen(path, "wb");
    PROMISE(file && gzwrite(file, i ? (const char *)idx + 1 : text + 1, 24) == 24 && gzclose(file) == Z_OK, "gzip");
    image all = scene_read(path);
    memmove(all.bytes + 1, all.bytes, all.count);
    all.bytes[0] = (uint8_t)i;
    put(directory, "data", 3 + i, all.bytes, all.count + 1);
    free(all.bytes);
  }
}

int main(int count, char **arguments)
{
  PROMISE(count == 2, "usage: make_seeds DIRECTORY");
  put_files(arguments[1]);
  put_edits(arguments[1], "checkpoint");
  put_edits(arguments[1], "state");
  put_edits(arguments[1], "inspect");
  put_data(arguments[1]);
  return 0;
}
