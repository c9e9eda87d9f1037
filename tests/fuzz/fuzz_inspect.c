/*
 * The bytes are edits of a checkpoint or a state file, sealed again. It is described, compared with what it was, and
 * copied; each either refuses it with a sentence or makes what it promises.
 */
#include "edits.h"
#include "scene.h"

/* Values of variable length and the like are not compared: they count as different, by their type. */
static void check_entries(const secant_node *list)
{
  for (size_t i = 0; i < secant_node_size(list); i++) {
    const secant_node *entry = secant_node_at(list, i);
    const char *what = secant_node_get_text(secant_node_find(entry, "different"));
    int64_t equal = 0;
    PROMISE(secant_node_get_integer(secant_node_find(entry, "equal"), &equal) == SECANT_OK, "entry %zu", i);
    PROMISE(equal || (what && strcmp(what, "type") == 0), "a copy differs in %s",
            secant_node_get_text(secant_node_find(entry, "path")));
  }
}

static void check_copy(const char *path, const char *copy)
{
  secant_error error;
  secant_node *tree = NULL;
  if (secant_checkpoint_diff(path, copy, &tree, &error) != SECANT_OK) scene_check_sentence(error.message, path);
  check_entries(secant_node_find(tree, "datasets"));
  check_entries(secant_node_find(tree, "attributes"));
  secant_node_destroy(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
static void describe(const char *path)
{
  secant_error error;
  secant_node *tree = NULL;
  if (secant_checkpoint_describe(path, &tree, &error) != SECANT_OK) scene_check_sentence(error.message, path);
  secant_node_destroy(tree);
}

static void compare(const char *a, const char *b)
{
  secant_error error;
  secant_node *tree = NULL;
  if (secant_checkpoint_diff(a, b, &tree, &error) != SECANT_OK) scene_check_sentence(error.message, a);
  secant_node_destroy(tree);
}

static void copy(const char *path, const char *to)
{
  secant_error error;
  if (secant_checkpoint_export(path, to, &error) == SECANT_OK) {
    check_copy(path, to);
  } else {
    PROMISE(*error.message && !strchr(error.message, '\n'), "'%s'", error.message);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  choices from = {bytes, count};
  const size_t kind = choose(&from, 2 * SCENE_KINDS), what = choose(&from, 3);
  const int written = (int)(kind / 2);
  const image *base = kind % 2 ? scene_checkpoint(written) : scene_state_file(written);
  scene_write(scene_path("target.h5"), base->bytes, base->count);
  scene_write(scene_path("outside.bin"), base->bytes, base->count);
  const char *path = scene_path("file.h5");
  scene_write(path, base->bytes, base->count);
  edit_file(path, &from);
  scene_write(scene_path("target.h5"), base->bytes, base->count); /* an edit may have reached it by a link */
  switch (what) {
  case 0: describe(path); break;
  case 1: compare(path, scene_path("target.h5")); break;
  default: copy(path, scene_path("copy.h5")); break;
  }
  return 0;
}
