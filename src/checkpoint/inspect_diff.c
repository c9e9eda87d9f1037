/*
 * Compares two files, all that is in either: first what the first has against the second, then what only the second
 * has. Values are compared by their bits, piece by piece.
 */
#include "base/base.h"
#include "checkpoint/inspect.h"
#include "checkpoint/references.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct difference {
  const char *paths[2];
  secanti_h5_file files[2];
  size_t piece;
  secant_error *error;
  secant_node *root, *datasets, *attributes;
  bool different;
} difference;

/* ---- entries ------------------------------------------------------------------------------------------------------ */

/* An entry that says "equal" until something else is found. */
static secant_node *new_entry(difference *between, secant_node *list, const char *path, const char *name)
{
  secant_error *error = between->error;
  secant_node *entry = secanti_tree_append(list, secant_node_dict(), error);
  secanti_tree_set(entry, "path", secant_node_text(path), error);
  if (name) secanti_tree_set(entry, "name", secant_node_text(name), error);
  secanti_tree_set(entry, "equal", secant_node_integer(1), error);
  return entry;
}

static void mark_different(difference *between, secant_node *entry)
{
  between->different = true;
  secanti_tree_set(entry, "equal", secant_node_integer(0), between->error);
}

static void tell_only_in(difference *between, secant_node *entry, int which)
{
  mark_different(between, entry);
  secanti_tree_set(entry, "only_in", secant_node_text(which == 0 ? "a" : "b"), between->error);
}

static void tell_unlike(difference *between, secant_node *entry, const char *what, const char *a, const char *b)
{
  mark_different(between, entry);
  secanti_tree_set(entry, "different", secant_node_text(what), between->error);
  secanti_tree_set(entry, "a", secant_node_text(a), between->error);
  secanti_tree_set(entry, "b", secant_node_text(b), between->error);
}

/* ---- values ------------------------------------------------------------------------------------------------------- */

/* One pair of datasets or attributes of equal shape and alike types. */
typedef struct comparison {
  const secanti_content *a, *b;
  void *cells_a, *cells_b;
  int64_t differing;
  hsize_t first;
  double largest_absolute, largest_relative;
} comparison;

static double number_of(secanti_cell kind, const void *cell)
{
  double real;
  int64_t integer;
  uint64_t natural;
  memcpy(&real, cell, sizeof real);
  memcpy(&integer, cell, sizeof integer);
  memcpy(&natural, cell, sizeof natural);
  return kind == SECANTI_CELL_REAL ? real : kind == SECANTI_CELL_INTEGER ? (double)integer : (double)natural;
}

static bool same_cell(const comparison *of, size_t index)
{
  size_t length_a = 0, length_b = 0;
  if (of->a->cell == SECANTI_CELL_TEXT) {
    const char *a = secanti_content_text(of->a, of->cells_a, index, &length_a);
    const char *b = secanti_content_text(of->b, of->cells_b, index, &length_b);
    return length_a == length_b && memcmp(a, b, length_a) == 0;
  }
  const size_t size = of->a->size;
  return memcmp((const char *)of->cells_a + index * size, (const char *)of->cells_b + index * size, size) == 0;
}

static void measure(comparison *of, size_t index)
{
  const size_t at = index * sizeof(double);
  if (of->a->cell > SECANTI_CELL_NATURAL) return;
  const double a = number_of(of->a->cell, (const char *)of->cells_a + at);
  const double b = number_of(of->b->cell, (const char *)of->cells_b + at);
  const bool finite = isfinite(a) && isfinite(b);
  const double absolute = finite ? fabs(a - b) : INFINITY, scale = fmax(fabs(a), fabs(b));
  const double relative = finite && scale > 0.0 ? fabs(a / scale - b / scale) : finite ? 0.0 : INFINITY;
  if (absolute > of->largest_absolute) of->largest_absolute = absolute;
  if (relative > of->largest_relative) of->largest_relative = relative;
}

/* One of the two values of the first difference, as text, and to the bit if it is real. */
static void tell_value(const secanti_content *content, const void *cells, size_t index, const char *key,
                       secant_node *into)
{
  secant_error *error = content->file->error;
  const char *cell = (const char *)cells + index * content->size;
  char text[400] = "", hex[8] = "";
  size_t length = 0;
  double real = 0.0;
  uint64_t bits = 0;
  if (content->cell <= SECANTI_CELL_NATURAL) {
    memcpy(&real, cell, sizeof real);
    memcpy(&bits, cell, sizeof bits);
  }
  switch (content->cell) {
  case SECANTI_CELL_REAL: snprintf(text, sizeof text, "%.17g", real); break;
  case SECANTI_CELL_INTEGER: snprintf(text, sizeof text, "%" PRId64, (int64_t)bits); break;
  case SECANTI_CELL_NATURAL: snprintf(text, sizeof text, "%" PRIu64, bits); break;
  case SECANTI_CELL_TEXT:
    cell = secanti_content_text(content, cells, index, &length);
    snprintf(text, sizeof text, "%.*s%s", (int)(length < 300 ? length : 300), cell, length < 300 ? "" : " ...");
    break;
  case SECANTI_CELL_OTHER: snprintf(text, sizeof text, "%zu bytes", content->size); break;
  }
  secanti_tree_set(into, key, secant_node_text(text), error);
  if (content->cell != SECANTI_CELL_REAL) return;
  snprintf(hex, sizeof hex, "%s_hex", key);
  snprintf(text, sizeof text, "%a", real);
  secanti_tree_set(into, hex, secant_node_text(text), error);
}

static void tell_first(const comparison *of, size_t index, secant_node *entry, secant_error *error)
{
  hsize_t coordinates[H5S_MAX_RANK] = {0};
  secant_node *first = secanti_tree_set(entry, "first", secant_node_dict(), error);
  secanti_content_coordinates(of->a, of->first, coordinates);
  secanti_tree_set(first, "index", secanti_tree_extents(coordinates, of->a->dimensions, error), error);
  tell_value(of->a, of->cells_a, index, "a", first);
  tell_value(of->b, of->cells_b, index, "b", first);
}

/* The cells from `first` on that have been read. */
static void compare_cells(difference *between, comparison *of, hsize_t first, size_t count, secant_node *entry)
{
  for (size_t i = 0; i < count; i++) {
    if (same_cell(of, i)) continue;
    if (of->differing++ == 0) {
      of->first = first + i;
      tell_first(of, i, entry, between->error);
    }
    measure(of, i);
  }
}

static secant_status compare_piece(difference *between, comparison *of, hsize_t first, size_t most, size_t *count,
                                   secant_node *entry)
{
  size_t count_b = 0;
  secant_status status = secanti_content_read(of->a, first, most, of->cells_a, count);
  if (status != SECANT_OK) return status;
  status = secanti_content_read(of->b, first, most, of->cells_b, &count_b);
  if (status == SECANT_OK) compare_cells(between, of, first, *count, entry);
  secanti_content_release(of->a, *count, of->cells_a);
  secanti_content_release(of->b, count_b, of->cells_b);
  return status;
}

static void tell_comparison(difference *between, const comparison *of, secant_node *entry)
{
  secant_error *error = between->error;
  if (of->differing == 0) return;
  mark_different(between, entry);
  secanti_tree_set(entry, "differing", secant_node_integer(of->differing), error);
  secanti_tree_set(entry, "count", secant_node_integer((int64_t)of->a->count), error);
  if (of->a->cell > SECANTI_CELL_NATURAL) return;
  secanti_tree_set(entry, "largest_absolute", secant_node_real(of->largest_absolute), error);
  secanti_tree_set(entry, "largest_relative", secant_node_real(of->largest_relative), error);
}

static secant_status compare_values(difference *between, const secanti_content *a, const secanti_content *b,
                                    secant_node *entry)
{
  size_t most = 0, count = 0;
  comparison of = {.a = a, .b = b};
  of.cells_a = secanti_content_room(a, between->piece, &most);
  of.cells_b = secanti_content_room(b, between->piece, &most);
  secant_status status = of.cells_a && of.cells_b ? SECANT_OK : SECANT_ERR_MEMORY;
  for (hsize_t first = 0; status == SECANT_OK && first < a->count; first += count) {
    status = compare_piece(between, &of, first, most, &count, entry);
  }
  if (status == SECANT_OK) tell_comparison(between, &of, entry);
  free(of.cells_a);
  free(of.cells_b);
  return status == SECANT_OK ? between->error->status : status;
}

/* ---- contents ----------------------------------------------------------------------------------------------------- */

static void shape_as_text(const secanti_content *content, char *text, size_t capacity)
{
  size_t at = (size_t)snprintf(text, capacity, "%s", content->null ? "none" : "[");
  for (int i = 0; i < content->dimensions && at < capacity; i++) {
    at += (size_t)snprintf(text + at, capacity - at, "%s%" PRIu64, i ? ", " : "", (uint64_t)content->shape[i]);
  }
  if (!content->null && at < capacity) snprintf(text + at, capacity - at, "]");
}

static bool same_shape(const secanti_content *a, const secanti_content *b)
{
  return a->null == b->null && a->dimensions == b->dimensions &&
         memcmp(a->shape, b->shape, (size_t)a->dimensions * sizeof *a->shape) == 0;
}

/* Texts of other lengths, and floats of other sizes, have values that can be compared. Cells with memory of their own
 * that are no texts have not. */
static bool alike(const secanti_content *a, const secanti_content *b)
{
  if (a->cell != b->cell) return false;
  return a->cell != SECANTI_CELL_OTHER || (H5Tequal(a->type, b->type) > 0 && !a->variable);
}

static secant_status compare_contents(difference *between, const secanti_content *a, const secanti_content *b,
                                      secant_node *entry)
{
  char text_a[200], text_b[200];
  if (!same_shape(a, b)) {
    shape_as_text(a, text_a, sizeof text_a);
    shape_as_text(b, text_b, sizeof text_b);
    tell_unlike(between, entry, "shape", text_a, text_b);
    return between->error->status;
  }
  secanti_content_type_name(a, text_a, sizeof text_a);
  secanti_content_type_name(b, text_b, sizeof text_b);
  const bool comparable = alike(a, b);
  if (!comparable || strcmp(text_a, text_b) != 0) tell_unlike(between, entry, "type", text_a, text_b);
  return comparable ? compare_values(between, a, b, entry) : between->error->status;
}

static secant_status compare_datasets(difference *between, const char *path, secant_node *entry)
{
  secanti_content a, b;
  secant_status status = secanti_content_dataset(&between->files[0], path, SECANTI_AS_VALUES, &a);
  if (status == SECANT_OK) {
    status = secanti_content_dataset(&between->files[1], path, SECANTI_AS_VALUES, &b);
    if (status == SECANT_OK) status = compare_contents(between, &a, &b, entry);
    secanti_content_close(&b);
  }
  secanti_content_close(&a);
  return status;
}

/* ---- attributes --------------------------------------------------------------------------------------------------- */

static secant_status compare_attribute(difference *between, hid_t object_a, hid_t object_b, const char *name,
                                       secant_node *entry)
{
  secanti_content a, b;
  secant_status status = secanti_content_attribute(&between->files[0], object_a, name, SECANTI_AS_VALUES, &a);
  if (status == SECANT_OK) {
    status = secanti_content_attribute(&between->files[1], object_b, name, SECANTI_AS_VALUES, &b);
    if (status == SECANT_OK) status = compare_contents(between, &a, &b, entry);
    secanti_content_close(&b);
  }
  secanti_content_close(&a);
  return status;
}

/* The attributes of `objects[which]`; those that the other has too are compared if `which` is 0. */
static secant_status compare_attributes(difference *between, const hid_t objects[2], int which, const char *path)
{
  secanti_names names;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_names_of_attributes(&between->files[which], objects[which], &names));
  for (size_t i = 0; i < names.count; i++) {
    const char *name = names.entries[i];
    const bool both = H5Aexists(objects[1 - which], name) > 0;
    if (strcmp(name, SECANTI_CHECKSUM_NAME) == 0 || (both && which == 1)) continue;
    secant_node *entry = new_entry(between, between->attributes, path, name);
    if (both) {
      SECANT_TRY(compare_attribute(between, objects[0], objects[1], name, entry));
    } else {
      tell_only_in(between, entry, which);
    }
  }
done:
  secanti_names_free(&names);
  return status;
}

/* ---- objects ------------------------------------------------------------------------------------------------------ */

/* Both files have something at this path. */
static secant_status compare_objects(difference *between, const secanti_object *a, hid_t b, bool b_is_dataset)
{
  const hid_t both[2] = {a->id, b};
  secant_status status = SECANT_OK;
  if (a->dataset != b_is_dataset) {
    tell_unlike(between, new_entry(between, between->datasets, a->path, NULL), "kind", a->dataset ? "dataset" : "group",
                b_is_dataset ? "dataset" : "group");
    return between->error->status;
  }
  if (a->dataset) {
    SECANT_TRY(compare_datasets(between, a->path, new_entry(between, between->datasets, a->path, NULL)));
  }
  SECANT_TRY(compare_attributes(between, both, 0, a->path));
  status = compare_attributes(between, both, 1, a->path);
done:
  return status;
}

/* Where pairs are stored makes no difference. */
static secant_status visit_first(void *user, const secanti_object *object)
{
  difference *between = user;
  bool dataset = false;
  if (strcmp(object->path, SECANTI_REFERENCES) == 0) return SECANT_OK;
  const hid_t other = secanti_open_object(&between->files[1], object->path, &dataset);
  if (other < 0) {
    tell_only_in(between, new_entry(between, between->datasets, object->path, NULL), 0);
    return between->error->status;
  }
  const secant_status status = compare_objects(between, object, other, dataset);
  H5Oclose(other);
  return status;
}

static secant_status visit_second(void *user, const secanti_object *object)
{
  difference *between = user;
  bool dataset = false;
  if (strcmp(object->path, SECANTI_REFERENCES) == 0) return SECANT_OK;
  const hid_t other = secanti_open_object(&between->files[0], object->path, &dataset);
  if (other >= 0) {
    H5Oclose(other);
  } else {
    tell_only_in(between, new_entry(between, between->datasets, object->path, NULL), 1);
  }
  return between->error->status;
}

/* ---- all together --------------------------------------------------------------------------------------------------- */

static secant_status compare_files(void *user)
{
  difference *between = user;
  secant_error *error = between->error;
  secanti_tree_set(between->root, "equal", secant_node_integer(1), error);
  secanti_tree_set(between->root, "a", secant_node_text(between->paths[0]), error);
  secanti_tree_set(between->root, "b", secant_node_text(between->paths[1]), error);
  between->datasets = secanti_tree_set(between->root, "datasets", secant_node_list(), error);
  between->attributes = secanti_tree_set(between->root, "attributes", secant_node_list(), error);
  secant_status status = error->status;
  if (status == SECANT_OK) status = secanti_walk(&between->files[0], visit_first, between);
  if (status == SECANT_OK) status = secanti_walk(&between->files[1], visit_second, between);
  if (status == SECANT_OK && between->different) mark_different(between, between->root);
  return status == SECANT_OK ? error->status : status;
}

/* With the first file open. */
static secant_status open_second(void *user)
{
  difference *between = user;
  return secanti_inspect_file(between->paths[1], &between->files[1], compare_files, between, between->error);
}

secant_status secanti_checkpoint_diff(const char *a, const char *b, size_t piece, secant_node **out,
                                      secant_error *error)
{
  secant_error unwanted;
  if (!error) error = &unwanted;
  *error = (secant_error){.status = SECANT_OK};
  if (out) *out = NULL;
  if (!a || !b || !out) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "a comparison needs two paths and a place for it");
  }
  difference between = {.paths = {a, b}, .piece = piece, .error = error, .root = secant_node_dict()};
  if (!between.root) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the tree that describes two files");
  const secant_status status = secanti_inspect_file(a, &between.files[0], open_second, &between, error);
  if (status == SECANT_OK) {
    *out = between.root;
  } else {
    secant_node_destroy(between.root);
  }
  return status;
}

secant_status secant_checkpoint_diff(const char *a, const char *b, secant_node **out, secant_error *error)
{
  return secanti_checkpoint_diff(a, b, SECANTI_INSPECTED_PIECE, out, error);
}
