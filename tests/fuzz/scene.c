#include "scene.h"
#include "comm/equal.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void scene_promise(bool holds, const char *condition, const char *file, int line, const char *format, ...)
{
  if (holds) return;
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s:%d: %s does not hold: ", file, line, condition);
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  abort();
}

/* ---- optimizers --------------------------------------------------------------------------------------------------- */

typedef struct recipe {
  secant_dtype dtype;
  secant_direction direction;
  secant_line_search line_search;
  secant_history_dtype history_dtype;
  int history_size;
  int steps; /* taken before the scene is used */
} recipe;

static const recipe recipes[SCENE_KINDS] = {
    {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_HISTORY_SAME, 4, 3},
    {SECANT_F32, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_HISTORY_SAME, 4, 2},
    {SECANT_F64, SECANT_DIRECTION_TWO_LOOP, SECANT_LINE_SEARCH_NONE, SECANT_HISTORY_SAME, 3, 3},
    {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_STRONG_WOLFE, SECANT_HISTORY_SAME, 4, 0},
    {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_NONE, SECANT_HISTORY_F32, 6, 3},
    {SECANT_F64, SECANT_DIRECTION_GRAM, SECANT_LINE_SEARCH_NOCEDAL_WRIGHT, SECANT_HISTORY_SAME, 2, 3},
    {SECANT_F32, SECANT_DIRECTION_TWO_LOOP, SECANT_LINE_SEARCH_NONE, SECANT_HISTORY_SAME, 3, 1},
};

static double get(const scene *s, const double *array, size_t i)
{
  return s->dtype == SECANT_F32 ? (double)((const float *)(const void *)array)[i] : array[i];
}

static void put(const scene *s, double *array, size_t i, double value)
{
  if (s->dtype == SECANT_F32) {
    ((float *)(void *)array)[i] = (float)value;
  } else {
    array[i] = value;
  }
}

int scene_evaluate(void *user, double *loss)
{
  scene *s = user;
  *loss = 0.0;
  for (size_t i = 0; i < SCENE_UNKNOWNS; i++) {
    const double e = get(s, s->values, i) - cos((double)i), w = 1.0 + (double)(i % 5);
    *loss += w * e * e / 2.0 + e * e * e * e / 4.0;
    put(s, s->gradients, i, w * e + e * e * e);
  }
  return 0;
}

static void lay_out(scene *s)
{
  static const int64_t shape[2] = {3, 3};
  static const char *const names[SCENE_PARAMETERS] = {"weight", "empty", "matrix"};
  static const size_t first[SCENE_PARAMETERS + 1] = {0, 5, 5, SCENE_UNKNOWNS};
  const size_t bytes = s->dtype == SECANT_F32 ? sizeof(float) : sizeof(double);
  for (int i = 0; i < SCENE_PARAMETERS; i++) {
    s->parameters[i] = (secant_parameter){.name = names[i],
                                          .dtype = s->dtype,
                                          .values = (char *)s->values + first[i] * bytes,
                                          .gradient = (char *)s->gradients + first[i] * bytes,
                                          .local_count = first[i + 1] - first[i],
                                          .shape = i == 2 ? shape : NULL,
                                          .dimensions = i == 2 ? 2 : 0};
  }
}

static secant_options options_of(const recipe *how)
{
  secant_options options = secant_options_default();
  options.direction = how->direction;
  options.line_search = how->line_search;
  options.history_dtype = how->history_dtype;
  options.history_size = how->history_size;
  options.lr = how->line_search == SECANT_LINE_SEARCH_NONE ? 0.1 : 1.0;
  options.max_iter = 2;
  options.threads = 1;
  return options;
}

scene *scene_create(int kind)
{
  const recipe *how = &recipes[kind];
  const secant_options options = options_of(how);
  secant_error error = {.message = ""};
  scene *s = calloc(1, sizeof *s);
  PROMISE(s != NULL, "no memory");
  s->kind = kind;
  s->dtype = how->dtype;
  lay_out(s);
  for (size_t i = 0; i < SCENE_UNKNOWNS; i++) put(s, s->values, i, 2.0 * sin((double)i * 3.0));
  const secant_status status = secant_create(&s->optimizer, s->parameters, SCENE_PARAMETERS, &options, NULL, &error);
  PROMISE(status == SECANT_OK, "%s", error.message);
  for (int i = 0; i < how->steps; i++) {
    double loss;
    PROMISE(secant_step(s->optimizer, scene_evaluate, s, &loss) == SECANT_OK, "%s", secant_message(s->optimizer));
  }
  return s;
}

void scene_destroy(scene *s)
{
  if (!s) return;
  secant_destroy(s->optimizer);
  free(s);
}

bool scene_is_finite(const scene *s)
{
  for (size_t i = 0; i < SCENE_UNKNOWNS; i++)
    if (!isfinite(get(s, s->values, i))) return false;
  return true;
}

/* A step may end at once, where there is no descent from what was loaded, or find that the objective overflows. A fixed
 * step ends at a point that has not been evaluated, wherever that is; the next one takes it back if it is not finite. */
void scene_go_on(scene *s)
{
  secant_options options = secant_options_default();
  secant_get_options(s->optimizer, &options); /* a state dict brings its own */
  const bool finite = scene_is_finite(s) && options.line_search != SECANT_LINE_SEARCH_NONE;
  for (int i = 0; i < 3; i++) {
    double loss;
    const secant_status status = secant_step(s->optimizer, scene_evaluate, s, &loss);
    PROMISE(status == SECANT_OK, "%s", secant_message(s->optimizer));
    PROMISE(!finite || scene_is_finite(s), "step %d", i);
  }
}

/* ---- digests ------------------------------------------------------------------------------------------------------ */

static uint64_t add_node(uint64_t hash, const secant_node *node)
{
  const int kind = (int)secant_node_get_kind(node);
  const char *text = secant_node_get_text(node);
  secant_tensor tensor;
  int64_t integer = 0;
  double real = 0.0;
  hash = secanti_hash(hash, &kind, sizeof kind);
  if (text) hash = secanti_hash(hash, text, strlen(text));
  if (secant_node_get_integer(node, &integer) == SECANT_OK) hash = secanti_hash(hash, &integer, sizeof integer);
  if (secant_node_get_real(node, &real) == SECANT_OK) hash = secanti_hash(hash, &real, sizeof real);
  if (secant_node_get_tensor(node, &tensor) == SECANT_OK) {
    hash = secanti_hash(hash, tensor.data, tensor.local_count * (tensor.dtype == SECANT_F32 ? 4 : 8));
  }
  for (size_t i = 0; i < secant_node_size(node); i++) {
    const char *key = secant_node_key(node, i);
    if (key) hash = secanti_hash(hash, key, strlen(key));
    hash = add_node(hash, secant_node_at(node, i));
  }
  return hash;
}

uint64_t scene_digest(scene *s)
{
  const secant_info info = secant_get_info(s->optimizer);
  const double reals[] = {info.loss, info.grad_inf, info.step, info.step_inf, info.h_diag, info.previous_loss};
  const int64_t integers[] = {(int64_t)info.reason, info.resumed,    info.n_iter, info.func_evals,
                              info.accepted,        info.call_evals, info.pairs};
  secant_node *dict = NULL;
  uint64_t hash = secanti_hash(SECANTI_HASH_START, s->values, sizeof s->values);
  hash = secanti_hash(hash, s->gradients, sizeof s->gradients);
  hash = secanti_hash(hash, reals, sizeof reals);
  hash = secanti_hash(hash, integers, sizeof integers);
  PROMISE(secant_state_dict(s->optimizer, &dict) == SECANT_OK, "%s", secant_message(s->optimizer));
  hash = add_node(hash, dict);
  secant_node_destroy(dict);
  return hash;
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

enum { FILES = 8, LONGEST_PATH = 60 };

static char directory[] = "/dev/shm/secant-fuzz.XXXXXX";
static const char *const names[FILES] = {"file.h5",     "base.h5",   "copy.h5",     "copy.h5.tmp",
                                         "base.h5.tmp", "target.h5", "outside.bin", "absent.h5"};
static char paths[FILES][LONGEST_PATH];

static void remove_directory(void)
{
  for (int i = 0; i < FILES; i++) unlink(paths[i]);
  rmdir(directory);
}

static void make_directory(void)
{
  if (access("/dev/shm", W_OK) != 0) strcpy(directory, "/tmp/secant-fuzz.XXXXXX");
  PROMISE(mkdtemp(directory) != NULL, "'%s' cannot be made", directory);
  for (int i = 0; i < FILES; i++) snprintf(paths[i], sizeof paths[i], "%s/%s", directory, names[i]);
  atexit(remove_directory);
}

const char *scene_path(const char *name)
{
  if (!*paths[0]) make_directory();
  for (int i = 0; i < FILES; i++)
    if (strcmp(name, names[i]) == 0) return paths[i];
  abort();
}

void scene_write(const char *path, const void *bytes, size_t count)
{
  FILE *file = fopen(path, "wb");
  PROMISE(file && fwrite(bytes, 1, count, file) == count && fclose(file) == 0, "'%s' cannot be written", path);
}

image scene_read(const char *path)
{
  struct stat about;
  FILE *file = fopen(path, "rb");
  PROMISE(file && stat(path, &about) == 0, "'%s' cannot be read", path);
  image all = {malloc((size_t)about.st_size + 2), (size_t)about.st_size};
  PROMISE(all.bytes && fread(all.bytes, 1, all.count, file) == all.count, "'%s' cannot be read", path);
  fclose(file);
  return all;
}

const image *scene_checkpoint(int kind)
{
  static image all[SCENE_KINDS];
  if (all[kind].bytes) return &all[kind];
  scene *s = scene_create(kind);
  const char *path = scene_path("base.h5");
  PROMISE(secant_checkpoint_save(s->optimizer, path, PROBLEM) == SECANT_OK, "%s", secant_message(s->optimizer));
  all[kind] = scene_read(path);
  scene_destroy(s);
  return &all[kind];
}

const image *scene_state_file(int kind)
{
  static image all[SCENE_KINDS];
  if (all[kind].bytes) return &all[kind];
  scene *s = scene_create(kind);
  secant_node *dict = NULL;
  const char *path = scene_path("base.h5");
  PROMISE(secant_state_dict(s->optimizer, &dict) == SECANT_OK, "%s", secant_message(s->optimizer));
  PROMISE(secant_state_dict_save(dict, path, NULL, NULL) == SECANT_OK, "'%s'", path);
  all[kind] = scene_read(path);
  secant_node_destroy(dict);
  scene_destroy(s);
  return &all[kind];
}

void scene_check_sentence(const char *message, const char *path)
{
  PROMISE(*message, "a refusal without a word");
  PROMISE(!strchr(message, '\n'), "'%s'", message);
  PROMISE(strstr(message, path) != NULL, "'%s' lacks '%s'", message, path);
}
