/*
 * The bytes are a checkpoint. Whatever they are: verifying and loading refuse them with a sentence or accept them, and
 * HDF5 opens only files whose seal fits, which is computed here a second time.
 */
#include "scene.h"
#include <hdf5.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SEAL = 4096, BLOCK = 1 << 20 };

static bool seal_fits; /* of the file under test */

/* Stands around H5Fopen() at link time. */
hid_t __real_H5Fopen(const char *name, unsigned flags, hid_t access);
hid_t __wrap_H5Fopen(const char *name, unsigned flags, hid_t access);
hid_t __wrap_H5Fopen(const char *name, unsigned flags, hid_t access)
{
  PROMISE(seal_fits, "HDF5 is given '%s', whose seal does not fit", name);
  return __real_H5Fopen(name, flags, access);
}

/* As docs/checkpoint-format.md says it. */
static bool has_seal(const uint8_t *bytes, size_t count)
{
  char want[SEAL] = "";
  uint64_t sum = 0;
  if (count < SEAL) return false;
  for (size_t at = SEAL, i = 0; at < count; at += BLOCK, i++) {
    sum += XXH3_64bits_withSeed(bytes + at, count - at < BLOCK ? count - at : BLOCK, i);
  }
  snprintf(want, sizeof want, "secant seal 1 length %zu sum %016" PRIx64 "\n", count - SEAL, sum);
  return memcmp(want, bytes, SEAL) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  static scene *victim;
  static uint64_t before;
  if (!victim) {
    seal_fits = true; /* nothing is under test yet */
    victim = scene_create(0);
    before = scene_digest(victim);
  }
  secant_error error;
  const char *path = scene_path("file.h5");
  scene_write(path, bytes, count);
  seal_fits = has_seal(bytes, count);
  const secant_status verified = secant_checkpoint_verify(path, &error);
  const secant_status loaded = secant_checkpoint_load(victim->optimizer, path, PROBLEM);
  if (verified != SECANT_OK) scene_check_sentence(error.message, path);
  PROMISE(seal_fits || (verified == SECANT_ERR_FORMAT && loaded == SECANT_ERR_FORMAT), "%d, %d", (int)verified,
          (int)loaded);
  if (loaded != SECANT_OK) {
    scene_check_sentence(secant_message(victim->optimizer), path);
    PROMISE(scene_digest(victim) == before, "a refused file left a trace");
  } else {
    scene_go_on(victim);
    scene_destroy(victim);
    victim = NULL;
  }
  return 0;
}
