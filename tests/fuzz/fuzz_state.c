/*
 * The bytes are edits of a file of a state dict, sealed again or without a seal. Reading refuses it with a sentence or
 * makes a dict; loading that dict refuses it, and nothing has changed, or steps go on from it.
 */
#include "checkpoint/seal.h"
#include "comm/comm.h"
#include "edits.h"
#include "scene.h"
#include <fcntl.h>
#include <unistd.h>

/* h5py writes such files. */
static void take_seal_off(const char *path)
{
  static const char zeros[SECANTI_SEAL_BYTES];
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  PROMISE(file >= 0 && pwrite(file, zeros, sizeof zeros, 0) == (ssize_t)sizeof zeros, "'%s'", path);
  close(file);
}

static void check_dict(scene **victim, uint64_t before, const secant_node *dict)
{
  secant_optimizer *o = (*victim)->optimizer;
  if (secant_load_state_dict(o, dict) != SECANT_OK) {
    PROMISE(*secant_message(o), "a refusal without a word");
    PROMISE(scene_digest(*victim) == before, "'%s' left a trace", secant_message(o));
    return;
  }
  scene_digest(*victim);
  scene_go_on(*victim);
  scene_destroy(*victim);
  *victim = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  static scene *victims[SCENE_KINDS];
  static uint64_t before[SCENE_KINDS];
  choices from = {bytes, count};
  const size_t writer = choose(&from, SCENE_KINDS), other = choose(&from, 4 * SCENE_KINDS);
  const size_t reader = other < SCENE_KINDS ? other : writer;
  const bool sealed = choose(&from, 2) == 0;
  const image *base = scene_state_file((int)writer);
  scene_write(scene_path("target.h5"), base->bytes, base->count);
  scene_write(scene_path("outside.bin"), base->bytes, base->count);
  const char *path = scene_path("file.h5");
  scene_write(path, base->bytes, base->count);
  edit_file(path, &from);
  if (!sealed) take_seal_off(path);
  if (!victims[reader]) {
    victims[reader] = scene_create((int)reader);
    before[reader] = scene_digest(victims[reader]);
  }
  secant_optimizer *o = victims[reader]->optimizer;
  secant_node *dict = NULL;
  if (secant_state_dict_read(o, path, &dict) == SECANT_OK) {
    check_dict(&victims[reader], before[reader], dict);
  } else {
    PROMISE(!dict, "a dict after an error");
    scene_check_sentence(secant_message(o), path);
    PROMISE(scene_digest(victims[reader]) == before[reader], "reading left a trace");
  }
  secant_node_destroy(dict);
  return 0;
}
