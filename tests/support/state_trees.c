#include "support/state_trees.h"
#include "support/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void state_tree_put(secant_node *dict, const char *key, secant_node *child, bool *good)
{
  if (secant_node_set(dict, key, child) != SECANT_OK) *good = false;
}

void state_tree_append(secant_node *list, secant_node *child, bool *good)
{
  if (secant_node_append(list, child) != SECANT_OK) *good = false;
}

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

static void fill(secant_node *node, double seed)
{
  secant_tensor view;
  if (secant_node_get_tensor(node, &view) != SECANT_OK) return;
  size_t k = 0;
  for (size_t p = 0; p < view.pieces; p++) {
    for (size_t i = 0; i < view.piece[p].count; i++, k++) {
      const double value = seed + (double)view.piece[p].first + (double)i;
      if (view.dtype == SECANT_F32) ((float *)view.data)[k] = (float)value;
      if (view.dtype == SECANT_F64) ((double *)view.data)[k] = value;
    }
  }
}

secant_node *state_tree_vector(secant_dtype dtype, int64_t n, const secant_piece *pieces, size_t count, double seed)
{
  secant_tensor view = {.dtype = dtype, .dimensions = 1, .shape = &n, .pieces = count, .piece = pieces};
  for (size_t i = 0; i < count; i++) view.local_count += pieces[i].count;
  secant_node *node = secant_node_tensor(&view);
  fill(node, seed);
  return node;
}

secant_node *state_tree_tensor(secant_dtype dtype, int dimensions, const int64_t *shape, double seed)
{
  secant_piece whole = {0, 1};
  for (int i = 0; i < dimensions; i++) whole.count *= (size_t)shape[i];
  const secant_tensor view = {.dtype = dtype,
                              .dimensions = dimensions,
                              .shape = shape,
                              .pieces = 1,
                              .piece = &whole,
                              .local_count = whole.count};
  secant_node *node = secant_node_tensor(&view);
  fill(node, seed);
  return node;
}

/* ---- one of each kind -------------------------------------------------------------------------------------------- */

static secant_node *values(bool *good)
{
  secant_node *dict = secant_node_dict();
  char *long_text = calloc(70001, 1);
  if (!long_text) return dict;
  memset(long_text, 'x', 70000);
  state_tree_put(dict, "integer", secant_node_integer(INT64_MIN), good);
  state_tree_put(dict, "largest integer", secant_node_integer(INT64_MAX), good);
  state_tree_put(dict, "real", secant_node_real(0.1), good);
  state_tree_put(dict, "minus zero", secant_node_real(-0.0), good);
  state_tree_put(dict, "infinite", secant_node_real(-INFINITY), good);
  state_tree_put(dict, "not a number", secant_node_real(NAN), good);
  state_tree_put(dict, "none", secant_node_none(), good);
  state_tree_put(dict, "text", secant_node_text("strong_wolfe"), good);
  state_tree_put(dict, "empty text", secant_node_text(""), good);
  state_tree_put(dict, "Umlaut \xc3\xa4", secant_node_text("\xc3\xa4\xe2\x82\xac"), good);
  state_tree_put(dict, "long text", secant_node_text(long_text), good);
  state_tree_put(dict, "empty dict", secant_node_dict(), good);
  free(long_text);
  return dict;
}

/* Entries that are called as attributes of the format. */
static secant_node *reserved(bool *good)
{
  secant_node *dict = secant_node_dict();
  state_tree_put(dict, "version", secant_node_integer(7), good);
  state_tree_put(dict, "keys", secant_node_real(1.5), good);
  state_tree_put(dict, "kind", secant_node_text("list"), good);
  state_tree_put(dict, "format", secant_node_none(), good);
  secant_node *list = secant_node_list();
  state_tree_append(list, secant_node_integer(3), good);
  state_tree_put(dict, "library", list, good);
  state_tree_put(dict, "y", secant_node_integer(1), good);
  return dict;
}

static secant_node *reals(size_t count, bool with_none, bool *good)
{
  secant_node *list = secant_node_list();
  for (size_t i = 0; i < count; i++) {
    state_tree_append(list, with_none && i % 3 == 1 ? secant_node_none() : secant_node_real((double)i - 0.5), good);
  }
  return list;
}

static secant_node *texts(bool *good)
{
  secant_node *list = secant_node_list();
  state_tree_append(list, secant_node_text("layer/weight"), good);
  state_tree_append(list, secant_node_text(""), good);
  state_tree_append(list, secant_node_text("b"), good);
  return list;
}

static secant_node *mixture(bool *good)
{
  secant_node *list = secant_node_list();
  state_tree_append(list, secant_node_integer(1), good);
  state_tree_append(list, secant_node_text("two"), good);
  state_tree_append(list, secant_node_none(), good);
  state_tree_append(list, values(good), good);
  state_tree_append(list, secant_node_list(), good);
  state_tree_append(list, texts(good), good);
  return list;
}

static secant_node *lists(bool *good)
{
  secant_node *dict = secant_node_dict(), *one = secant_node_list(), *many = secant_node_list();
  state_tree_append(one, secant_node_integer(0), good);
  for (int64_t i = 0; i < 9000; i++) state_tree_append(many, secant_node_integer(i * i), good);
  state_tree_put(dict, "params", one, good);
  state_tree_put(dict, "many", many, good);
  state_tree_put(dict, "ro", reals(4, false, good), good);
  state_tree_put(dict, "al", reals(10000, true, good), good);
  state_tree_put(dict, "param_names", texts(good), good);
  state_tree_put(dict, "mixture", mixture(good), good);
  state_tree_put(dict, "empty", secant_node_list(), good);
  return dict;
}

static secant_node *vectors(secant_dtype dtype, int64_t n, const secant_piece *pieces, size_t count, bool *good)
{
  secant_node *list = secant_node_list();
  for (int i = 0; i < 3; i++) state_tree_append(list, state_tree_vector(dtype, n, pieces, count, 100.0 * i), good);
  return list;
}

secant_node *state_tree_of_all_kinds(int64_t n, const secant_piece *pieces, size_t count)
{
  const int64_t shape[] = {2, 3, 4}, square[] = {3, 3}, nothing[] = {0};
  bool good = true;
  secant_node *dict = secant_node_dict();
  state_tree_put(dict, "values", values(&good), &good);
  state_tree_put(dict, "d", state_tree_vector(SECANT_F64, n, pieces, count, 0.5), &good);
  state_tree_put(dict, "t", secant_node_real(0.25), &good);
  state_tree_put(dict, "old_dirs", vectors(SECANT_F32, n, pieces, count, &good), &good);
  state_tree_put(dict, "old_stps", vectors(SECANT_F64, n, pieces, count, &good), &good);
  state_tree_put(dict, "gram", state_tree_tensor(SECANT_F64, 2, square, 7), &good);
  state_tree_put(dict, "cube", state_tree_tensor(SECANT_F32, 3, shape, 8), &good);
  state_tree_put(dict, "number", state_tree_tensor(SECANT_F32, 0, NULL, 9), &good);
  state_tree_put(dict, "nothing", state_tree_tensor(SECANT_F64, 1, nothing, 9), &good);
  state_tree_put(dict, "reserved", reserved(&good), &good);
  state_tree_put(dict, "lists", lists(&good), &good);
  state_tree_put(dict, "version", secant_node_real(2.5), &good);
  if (good) return dict;
  secant_node_destroy(dict);
  return NULL;
}

/* ---- random trees ------------------------------------------------------------------------------------------------ */

static size_t draw(uint64_t *seed, size_t below)
{
  const double value = (random_symmetric(seed) + 1) / 2 * (double)below;
  return value < (double)below ? (size_t)value : below - 1;
}

static secant_node *random_tensor(uint64_t *seed)
{
  const int64_t shape[] = {(int64_t)draw(seed, 3), (int64_t)draw(seed, 4) + 1, (int64_t)draw(seed, 3) + 1};
  return state_tree_tensor(draw(seed, 2) ? SECANT_F32 : SECANT_F64, (int)draw(seed, 4), shape, random_symmetric(seed));
}

static secant_node *random_node(uint64_t *seed, int depth)
{
  static const char *const words[] = {"", "a", "strong_wolfe", "none"};
  bool good = true;
  switch (draw(seed, depth > 0 ? 7 : 5)) {
  case 0: return secant_node_none();
  case 1: return secant_node_integer((int64_t)draw(seed, 1000) - 500);
  case 2: return secant_node_real(random_symmetric(seed));
  case 3: return secant_node_text(words[draw(seed, 4)]);
  case 4: return random_tensor(seed);
  case 5: return state_tree_random(seed, depth - 1);
  default: break;
  }
  secant_node *list = secant_node_list();
  const size_t count = draw(seed, 4);
  for (size_t i = 0; i < count; i++) state_tree_append(list, random_node(seed, depth - 1), &good);
  return list;
}

secant_node *state_tree_random(uint64_t *seed, int depth)
{
  static const char *const keys[] = {"kind", "keys", "s",  "y",   "old_dirs", "old_stps",
                                     "0",    "1",    "lr", "a b", "version"};
  bool good = true;
  secant_node *dict = secant_node_dict();
  const size_t count = draw(seed, 6);
  for (size_t i = 0; i < count; i++) {
    state_tree_put(dict, keys[draw(seed, sizeof keys / sizeof *keys)], random_node(seed, depth), &good);
  }
  return dict;
}

/* ---- comparison -------------------------------------------------------------------------------------------------- */

static void compare_tensors(struct verdict *verdict, const secant_node *a, const secant_node *b, const char *place)
{
  secant_tensor x = {.dimensions = 0}, y = {.dimensions = 0};
  CHECK(verdict, secant_node_get_tensor(a, &x) == SECANT_OK && secant_node_get_tensor(b, &y) == SECANT_OK, "%s", place);
  const bool alike = x.dtype == y.dtype && x.dimensions == y.dimensions && x.local_count == y.local_count;
  CHECK(verdict, alike, "%s: another type, dimension or local count (%zu, %zu)", place, x.local_count, y.local_count);
  if (!alike) return;
  for (int i = 0; i < x.dimensions; i++) CHECK(verdict, x.shape[i] == y.shape[i], "%s: another shape", place);
  const size_t bytes = x.local_count * (x.dtype == SECANT_F32 ? sizeof(float) : sizeof(double));
  CHECK(verdict, bytes == 0 || memcmp(x.data, y.data, bytes) == 0, "%s: other numbers", place);
}

static void compare_values(struct verdict *verdict, const secant_node *a, const secant_node *b, const char *place)
{
  int64_t i = 0, j = 0;
  double x = 0, y = 0;
  const char *text = secant_node_get_text(a), *other = secant_node_get_text(b);
  const bool integers = secant_node_get_integer(a, &i) == secant_node_get_integer(b, &j);
  const bool real = secant_node_get_real(a, &x) == secant_node_get_real(b, &y);
  CHECK(verdict, integers && i == j, "%s: another integer", place);
  CHECK(verdict, real && memcmp(&x, &y, sizeof x) == 0, "%s: %a became %a", place, x, y);
  CHECK(verdict, !text == !other && (!text || strcmp(text, other) == 0), "%s: another text", place);
}

static void compare_children(struct verdict *verdict, const secant_node *a, const secant_node *b, const char *place)
{
  for (size_t i = 0; i < secant_node_size(a); i++) {
    const char *key = secant_node_key(a, i), *other = secant_node_key(b, i);
    char below[200];
    CHECK(verdict, !key == !other && (!key || strcmp(key, other) == 0), "%s: entry %zu is called otherwise", place, i);
    snprintf(below, sizeof below, "%.150s/%.40s", place, key ? key : "[]");
    state_tree_compare(verdict, secant_node_at(a, i), secant_node_at(b, i), below);
  }
}

void state_tree_compare(struct verdict *verdict, const secant_node *a, const secant_node *b, const char *place)
{
  const secant_node_kind kind = secant_node_get_kind(a);
  const bool alike = kind == secant_node_get_kind(b) && secant_node_size(a) == secant_node_size(b);
  CHECK(verdict, alike, "%s: kind %d became %d, %zu entries %zu", place, (int)kind, (int)secant_node_get_kind(b),
        secant_node_size(a), secant_node_size(b));
  if (!alike) return;
  if (kind == SECANT_NODE_TENSOR) {
    compare_tensors(verdict, a, b, place);
  } else {
    compare_values(verdict, a, b, place);
  }
  compare_children(verdict, a, b, place);
}
