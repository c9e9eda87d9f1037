/* Reading the recorded trajectories with cJSON. The first trouble is remembered; reading goes on with zeros. */
#include "golden_file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIMENSIONS = 2 };

typedef struct reader {
  golden_file *file;
  const char *complaint; /* NULL while all is well */
} reader;

static void complain(reader *r, const char *sentence)
{
  if (!r->complaint) r->complaint = sentence;
}

/* Cleared memory that golden_file_free() returns; never an empty block. NULL after a complaint. */
static void *allot(reader *r, size_t count, size_t size)
{
  golden_file *file = r->file;
  void **blocks = realloc(file->blocks, (file->block_count + 1) * sizeof *blocks);
  if (blocks) file->blocks = blocks;
  void *block = blocks ? calloc(count ? count : 1, size) : NULL;
  if (block)
    file->blocks[file->block_count++] = block;
  else
    complain(r, "out of memory");
  return block;
}

static const cJSON *member(const cJSON *object, const char *key)
{
  return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* Numbers that are not finite are written as texts, absent ones as null: NaN. */
static double number_of(reader *r, const cJSON *item)
{
  if (cJSON_IsNumber(item)) return item->valuedouble;
  if (!item || cJSON_IsNull(item)) return NAN;
  const char *text = cJSON_GetStringValue(item);
  if (text && strcmp(text, "nan") == 0) return NAN;
  if (text && strcmp(text, "inf") == 0) return INFINITY;
  if (text && strcmp(text, "-inf") == 0) return -INFINITY;
  complain(r, "something that is not a number stands where a number is expected");
  return NAN;
}

static double number(reader *r, const cJSON *object, const char *key)
{
  return number_of(r, member(object, key));
}

/* A count that must be there. */
static int64_t count(reader *r, const cJSON *object, const char *key)
{
  const cJSON *item = member(object, key);
  if (!cJSON_IsNumber(item)) complain(r, "a count is missing");
  return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : 0;
}

static size_t size(reader *r, const cJSON *object, const char *key)
{
  const int64_t value = count(r, object, key);
  if (value < 0) complain(r, "a count is negative");
  return value < 0 ? 0 : (size_t)value;
}

static const char *text(reader *r, const cJSON *object, const char *key)
{
  const char *value = cJSON_GetStringValue(member(object, key));
  if (!value) complain(r, "a text is missing");
  return value ? value : "";
}

static size_t length(const cJSON *array)
{
  return (size_t)cJSON_GetArraySize(array);
}

static double *numbers_of(reader *r, const cJSON *array)
{
  double *values = allot(r, length(array), sizeof *values), *next = values;
  const cJSON *item;
  if (values) cJSON_ArrayForEach(item, array) *next++ = number_of(r, item);
  return values;
}

/* Array `key` of exactly n numbers. */
static double *vector(reader *r, const cJSON *object, const char *key, size_t n)
{
  const cJSON *array = member(object, key);
  if (!cJSON_IsArray(array) || length(array) != n) complain(r, "a vector is missing or has a wrong length");
  return numbers_of(r, array);
}

static golden_objective objective(reader *r, const cJSON *object)
{
  const cJSON *args = member(object, "args");
  const cJSON *lambda = member(args, "lambda");
  golden_objective made = {.problem = text(r, object, "problem"), .n = size(r, object, "n")};
  made.args.lambda = lambda ? vector(r, args, "lambda", made.n) : NULL;
  made.args.lambda_count = length(lambda);
  if (member(args, "c")) made.args.c = number(r, args, "c");
  if (member(args, "l2")) made.args.l2 = number(r, args, "l2");
  if (member(args, "m")) made.args.m = size(r, args, "m");
  if (member(args, "seed")) made.args.seed = (uint32_t)size(r, args, "seed");
  return made;
}

static golden_setting setting(reader *r, const char *key, const cJSON *value)
{
  const char *value_text = cJSON_GetStringValue(value);
  return (golden_setting){key, value_text, value_text ? 0.0 : number_of(r, value)};
}

static void read_settings(reader *r, const cJSON *options, golden_case *golden)
{
  const cJSON *item;
  golden->settings = allot(r, length(options), sizeof *golden->settings);
  if (!golden->settings) return;
  cJSON_ArrayForEach(item, options) golden->settings[golden->setting_count++] = setting(r, item->string, item);
}

/* A list of vectors [n], one after the other; its length must be `count`. */
static double *vectors(reader *r, const cJSON *object, const char *key, size_t n, size_t count)
{
  const cJSON *list = member(object, key), *item;
  double *all = allot(r, count * n, sizeof *all), *next = all;
  if (length(list) != count) complain(r, "a state has not one vector per pair");
  if (!all || length(list) != count) return all;
  cJSON_ArrayForEach(item, list)
  {
    const cJSON *number;
    if (length(item) != n) complain(r, "a vector of a state has a wrong length");
    if (length(item) == n) cJSON_ArrayForEach(number, item) *next++ = number_of(r, number);
  }
  return all;
}

static void read_group(reader *r, const cJSON *group, golden_state *state)
{
  const cJSON *item;
  state->ids = length(member(group, "params"));
  state->settings = allot(r, length(group), sizeof *state->settings);
  if (!state->settings) return;
  cJSON_ArrayForEach(item, group)
  {
    if (!cJSON_IsArray(item)) state->settings[state->setting_count++] = setting(r, item->string, item);
  }
}

static golden_state saved_state(reader *r, const cJSON *dict, size_t n)
{
  const cJSON *of0 = member(member(dict, "state"), "0"), *ro = member(of0, "ro"), *al = member(of0, "al");
  golden_state state = {.n_iter = count(r, of0, "n_iter"),
                        .func_evals = count(r, of0, "func_evals"),
                        .pairs = length(ro),
                        .ro = numbers_of(r, ro),
                        .d = vector(r, of0, "d", n),
                        .gradient = vector(r, of0, "prev_flat_grad", n),
                        .t = number(r, of0, "t"),
                        .h_diag = number(r, of0, "H_diag"),
                        .prev_loss = number(r, of0, "prev_loss"),
                        .al = numbers_of(r, al),
                        .al_count = length(al)};
  state.y = vectors(r, of0, "old_dirs", n, state.pairs);
  state.s = vectors(r, of0, "old_stps", n, state.pairs);
  read_group(r, cJSON_GetArrayItem(member(dict, "param_groups"), 0), &state);
  return state;
}

static golden_event event(reader *r, const cJSON *object, size_t n)
{
  golden_event made = {.after_call = size(r, object, "after_call"), .type = GOLDEN_SAVE_LOAD};
  const char *type = text(r, object, "type");
  if (strcmp(type, "set") == 0) {
    made.type = GOLDEN_SET;
    made.setting = setting(r, text(r, object, "key"), member(object, "value"));
  } else if (strcmp(type, "set_x") == 0) {
    made.type = GOLDEN_SET_X;
    made.x = vector(r, object, "x", n);
  } else if (strcmp(type, "save_load") == 0) {
    made.state = saved_state(r, member(object, "state_dict"), n);
  } else {
    complain(r, "an event has an unknown type");
  }
  return made;
}

static void read_events(reader *r, const cJSON *events, golden_case *golden)
{
  const cJSON *item;
  golden->events = allot(r, length(events), sizeof *golden->events);
  if (!golden->events) return;
  cJSON_ArrayForEach(item, events) golden->events[golden->event_count++] = event(r, item, golden->objective.n);
}

static void read_shape(reader *r, const cJSON *shape, golden_case *golden)
{
  const cJSON *extent;
  const size_t k = golden->tensors++;
  if (length(shape) > MOST_DIMENSIONS) {
    complain(r, "a shape has more dimensions than this reader knows");
    return;
  }
  cJSON_ArrayForEach(extent, shape) golden->shapes[k][golden->dimensions[k]++] = (int64_t)number_of(r, extent);
}

static void read_shapes(reader *r, const cJSON *object, golden_case *golden)
{
  const cJSON *shapes = member(object, "shapes"), *item;
  golden->shapes = allot(r, length(shapes), sizeof *golden->shapes);
  golden->dimensions = allot(r, length(shapes), sizeof *golden->dimensions);
  golden->without_gradient = allot(r, length(shapes), sizeof *golden->without_gradient);
  if (!golden->shapes || !golden->dimensions || !golden->without_gradient) return;
  cJSON_ArrayForEach(item, shapes) read_shape(r, item, golden);
  cJSON_ArrayForEach(item, member(object, "none_grad"))
  {
    const size_t k = (size_t)number_of(r, item);
    if (k < golden->tensors) golden->without_gradient[k] = true;
  }
}

size_t golden_case_extent(const golden_case *golden, size_t tensor)
{
  size_t extent = 1;
  for (int i = 0; i < golden->dimensions[tensor]; i++) extent *= (size_t)golden->shapes[tensor][i];
  return extent;
}

/* Large points are recorded by their head, norm and a weighted sum. */
static void read_point(reader *r, const cJSON *object, golden_step *step)
{
  const cJSON *x = member(object, "x");
  if (!x) {
    x = member(object, "x_head");
    step->x_norm2 = number(r, object, "x_norm2");
    step->x_checksum = number(r, object, "x_checksum");
  }
  step->x = numbers_of(r, x);
  step->x_count = length(x);
}

static golden_step step(reader *r, const cJSON *object)
{
  const cJSON *trace = member(object, "f_trace");
  golden_step made = {.stop = text(r, object, "stop"),
                      .loss = number(r, object, "loss"),
                      .f = number(r, object, "f"),
                      .ginf = number(r, object, "ginf"),
                      .t = number(r, object, "t"),
                      .h_diag = number(r, object, "H_diag"),
                      .prev_loss = number(r, object, "prev_loss"),
                      .n_iter = count(r, object, "n_iter"),
                      .func_evals = count(r, object, "func_evals"),
                      .hist = count(r, object, "hist"),
                      .drift_x = number(r, object, "drift_x"),
                      .drift_f = number(r, object, "drift_f"),
                      .drift_t = number(r, object, "drift_t"),
                      .drift_h = number(r, object, "drift_H"),
                      .counts_stable = cJSON_IsTrue(member(object, "counts_stable")),
                      .trace = numbers_of(r, trace),
                      .evaluations = length(trace)};
  read_point(r, object, &made);
  return made;
}

static void read_steps(reader *r, const cJSON *steps, golden_case *golden)
{
  const cJSON *item;
  golden->steps = allot(r, length(steps), sizeof *golden->steps);
  if (!golden->steps) return;
  cJSON_ArrayForEach(item, steps) golden->steps[golden->step_count++] = step(r, item);
}

static golden_case read_case(reader *r, const cJSON *object)
{
  golden_case golden = {.id = text(r, object, "id"), .objective = objective(r, object)};
  golden.dtype = strcmp(text(r, object, "dtype"), "float32") == 0 ? SECANT_F32 : SECANT_F64;
  golden.quirk = cJSON_IsTrue(member(object, "quirk"));
  if (cJSON_IsArray(member(object, "x0"))) golden.x0 = vector(r, object, "x0", golden.objective.n);
  read_shapes(r, object, &golden);
  read_settings(r, member(object, "options"), &golden);
  read_events(r, member(object, "events"), &golden);
  read_steps(r, member(object, "steps"), &golden);
  if (golden.step_count != size(r, object, "calls")) complain(r, "a case has not one record per call");
  return golden;
}

static golden_check read_check(reader *r, const cJSON *object)
{
  golden_check check = {.objective = objective(r, object), .f = number(r, object, "f")};
  check.x = vector(r, object, "x", check.objective.n);
  check.g = vector(r, object, "g", check.objective.n);
  return check;
}

static void read_all(reader *r)
{
  golden_file *file = r->file;
  const cJSON *checks = member(file->root, "problem_checks"), *cases = member(file->root, "cases"), *item;
  if (strcmp(text(r, file->root, "format"), "lbfgs-golden-1") != 0) complain(r, "the format is not lbfgs-golden-1");
  if (length(cases) == 0 || length(checks) == 0) complain(r, "the file has no cases or no checks");
  file->checks = allot(r, length(checks), sizeof *file->checks);
  file->cases = allot(r, length(cases), sizeof *file->cases);
  if (!file->checks || !file->cases) return;
  cJSON_ArrayForEach(item, checks) file->checks[file->check_count++] = read_check(r, item);
  cJSON_ArrayForEach(item, cases) file->cases[file->case_count++] = read_case(r, item);
}

/* The whole file as a zero-terminated text, or NULL. Free with free(). */
static char *slurp(const char *path)
{
  FILE *stream = fopen(path, "rb");
  char *content = NULL;
  long bytes = -1;
  if (stream && fseek(stream, 0, SEEK_END) == 0) bytes = ftell(stream);
  if (bytes >= 0 && fseek(stream, 0, SEEK_SET) == 0) content = calloc((size_t)bytes + 1, 1);
  if (content && fread(content, 1, (size_t)bytes, stream) != (size_t)bytes) {
    free(content);
    content = NULL;
  }
  if (stream) fclose(stream);
  return content;
}

golden_file *golden_file_read(const char *path, const char **complaint)
{
  char *content = slurp(path);
  reader r = {.file = content ? calloc(1, sizeof(golden_file)) : NULL};
  if (!r.file) {
    free(content);
    *complaint = "the file cannot be read";
    return NULL;
  }
  r.file->root = cJSON_Parse(content);
  free(content);
  if (r.file->root)
    read_all(&r);
  else
    complain(&r, "the file is not JSON");
  *complaint = r.complaint;
  if (!r.complaint) return r.file;
  golden_file_free(r.file);
  return NULL;
}

void golden_file_free(golden_file *file)
{
  if (!file) return;
  for (size_t i = 0; i < file->block_count; i++) free(file->blocks[i]);
  free(file->blocks);
  cJSON_Delete(file->root);
  free(file);
}
