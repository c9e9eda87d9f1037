/*
 * The bytes are edits of a checkpoint, which is sealed again: only the loader's own checks can tell. It refuses the file
 * with a sentence, and nothing has changed; or it loads a state that steps go on from.
 */
#include "edits.h"
#include "scene.h"

/* An optimizer that takes all files of a kind, until one of them has changed it. */
typedef struct victim {
  scene *scene;
  uint64_t before;
} victim;

static void check_verification(const char *path)
{
  secant_error error;
  if (secant_checkpoint_verify(path, &error) != SECANT_OK) scene_check_sentence(error.message, path);
}

static void check_load(victim *v, int kind, const char *path)
{
  if (!v->scene) {
    v->scene = scene_create(kind);
    v->before = scene_digest(v->scene);
  }
  const secant_status status = secant_checkpoint_load(v->scene->optimizer, path, PROBLEM);
  if (status != SECANT_OK) {
    scene_check_sentence(secant_message(v->scene->optimizer), path);
    PROMISE(scene_digest(v->scene) == v->before, "'%s' left a trace", secant_message(v->scene->optimizer));
    return;
  }
  scene_digest(v->scene);
  scene_go_on(v->scene);
  scene_destroy(v->scene);
  v->scene = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  static victim victims[SCENE_KINDS];
  choices from = {bytes, count};
  const size_t kind = choose(&from, 8 * SCENE_KINDS), other = choose(&from, 4 * SCENE_KINDS);
  const size_t writer = kind / 8;
  const bool verify = kind % 8 == 7; /* which is quickly done */
  const size_t reader = other < SCENE_KINDS ? other : writer;
  const image *base = scene_checkpoint((int)writer);
  scene_write(scene_path("target.h5"), base->bytes, base->count);
  scene_write(scene_path("outside.bin"), base->bytes, base->count);
  const char *path = scene_path("file.h5");
  scene_write(path, base->bytes, base->count);
  edit_file(path, &from);
  if (verify) {
    check_verification(path);
  } else {
    check_load(&victims[reader], (int)reader, path);
  }
  return 0;
}
