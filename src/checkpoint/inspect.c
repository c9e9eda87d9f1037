/* Describes a file as a tree: its attributes by name, and its datasets with what their numbers are like. */
#include "checkpoint/inspect.h"
#include "base/base.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Attributes of the file that are told first, in this order. */
static const char *const identity[] = {"format", "version",       "library", "problem",
                                       "dtype",  "history_dtype", "n",       "initial_matrix"};
enum { IDENTITY = sizeof identity / sizeof *identity };

typedef struct description {
  secanti_h5_file file;
  size_t piece;
  secant_node *root, *options, *state, *parameters, *datasets, *groups;
} description;

/* ---- values of attributes ----------------------------------------------------------------------------------------- */

/* A number beyond INT64_MAX, and what is neither number nor text, is told by a text. */
static secant_node *value_of(const secanti_content *content, const void *cells, size_t index)
{
  const char *cell = (const char *)cells + index * content->size;
  char text[40];
  uint64_t bits = 0;
  double real;
  size_t length = 0;
  if (content->cell == SECANTI_CELL_TEXT) {
    const char *start = secanti_content_text(content, cells, index, &length);
    char *copy = strndup(start, length);
    secant_node *node = copy ? secant_node_text(copy) : NULL;
    free(copy);
    return node;
  }
  if (content->cell == SECANTI_CELL_OTHER) {
    secanti_content_type_name(content, text, sizeof text);
    return secant_node_text(text);
  }
  memcpy(&bits, cell, sizeof bits);
  memcpy(&real, cell, sizeof real);
  if (content->cell == SECANTI_CELL_REAL) return secant_node_real(real);
  if (content->cell == SECANTI_CELL_INTEGER || bits <= INT64_MAX) return secant_node_integer((int64_t)bits);
  snprintf(text, sizeof text, "%" PRIu64, bits);
  return secant_node_text(text);
}

static secant_node *values_of(const secanti_content *content, const void *cells, secant_error *error)
{
  if (content->null) return secant_node_none();
  if (content->dimensions == 0) return value_of(content, cells, 0);
  secant_node *list = secant_node_list();
  for (size_t i = 0; i < content->count; i++) secanti_tree_append(list, value_of(content, cells, i), error);
  return list;
}

/* Puts the value of one attribute into a dict. */
static secant_status tell_attribute(const description *about, hid_t object, const char *name, secant_node *into)
{
  secant_error *error = about->file.error;
  secanti_content content;
  void *cells = NULL;
  size_t most = 0, count = 0;
  char *key = strdup(*name ? name : ":"); /* an empty key cannot be */
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_content_attribute(&about->file, object, name, SECANTI_AS_VALUES, &content));
  cells = secanti_content_room(&content, about->piece, &most);
  if (cells) status = secanti_content_read(&content, 0, most, cells, &count);
  for (char *c = key; c && *c; c++)
    if (*c == '/') *c = ':'; /* a slash parts the keys of a path */
  if (key && cells && status == SECANT_OK) secanti_tree_set(into, key, values_of(&content, cells, error), error);
  if (!key) secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the name of an attribute");
  if (cells) secanti_content_release(&content, count, cells);
  status = error->status;
done:
  secanti_content_close(&content);
  free(cells);
  free(key);
  return status;
}

static bool is_identity(const char *name)
{
  for (int i = 0; i < IDENTITY; i++)
    if (strcmp(name, identity[i]) == 0) return true;
  return false;
}

/* All attributes of an object but those that are told elsewhere. */
static secant_status tell_attributes(const description *about, const secanti_object *object, secant_node *into)
{
  secanti_names names;
  const bool outermost = strcmp(object->path, "/") == 0;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_names_of_attributes(&about->file, object->id, &names));
  for (size_t i = 0; i < names.count; i++) {
    const char *name = names.entries[i];
    if (outermost ? is_identity(name) : object->dataset && strcmp(name, SECANTI_CHECKSUM_NAME) == 0) continue;
    SECANT_TRY(tell_attribute(about, object->id, name, into));
  }
done:
  secanti_names_free(&names);
  return status;
}

/* ---- datasets ----------------------------------------------------------------------------------------------------- */

/* What the numbers of a dataset are like. */
typedef struct statistics {
  double minimum, maximum; /* of the finite entries; minimum > maximum if there are none */
  int64_t nonfinite;
} statistics;

static void add_to_statistics(statistics *all, const double *values, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) {
      all->nonfinite++;
      continue;
    }
    if (values[i] < all->minimum) all->minimum = values[i];
    if (values[i] > all->maximum) all->maximum = values[i];
  }
}

static secant_status gather_statistics(const description *about, const secanti_content *content, statistics *all)
{
  size_t most = 0, count = 0;
  double *values = secanti_content_room(content, about->piece, &most);
  secant_status status = values ? SECANT_OK : SECANT_ERR_MEMORY;
  *all = (statistics){INFINITY, -INFINITY, 0};
  for (hsize_t first = 0; status == SECANT_OK && first < content->count; first += count) {
    status = secanti_content_read(content, first, most, values, &count);
    if (status == SECANT_OK) add_to_statistics(all, values, count);
  }
  free(values);
  return status;
}

static void tell_statistics(const statistics *all, secant_node *into, secant_error *error)
{
  const bool some = all->minimum <= all->maximum;
  const double largest = fmax(fabs(all->minimum), fabs(all->maximum));
  secanti_tree_set(into, "minimum", some ? secant_node_real(all->minimum) : secant_node_none(), error);
  secanti_tree_set(into, "maximum", some ? secant_node_real(all->maximum) : secant_node_none(), error);
  secanti_tree_set(into, "inf_norm", some ? secant_node_real(largest) : secant_node_none(), error);
  secanti_tree_set(into, "nonfinite", secant_node_integer(all->nonfinite), error);
}

static secant_status tell_checksum(const description *about, hid_t dataset, secant_node *into)
{
  secanti_content content;
  uint64_t value = 0;
  size_t count = 0;
  char text[20];
  if (H5Aexists(dataset, SECANTI_CHECKSUM_NAME) <= 0) return SECANT_OK;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_content_attribute(&about->file, dataset, SECANTI_CHECKSUM_NAME, SECANTI_AS_VALUES, &content));
  if (content.cell != SECANTI_CELL_NATURAL || content.count != 1) goto done;
  SECANT_TRY(secanti_content_read(&content, 0, 1, &value, &count));
  snprintf(text, sizeof text, "%016" PRIx64, value);
  secanti_tree_set(into, "checksum", secant_node_text(text), about->file.error);
  status = about->file.error->status;
done:
  secanti_content_close(&content);
  return status;
}

/* Parts "/parameters/12" or "/parameters/12/x" into 12 and what follows; false for any other path. */
static bool part_of_parameter(const char *path, size_t *index, const char **rest)
{
  static const char before[] = "/parameters/";
  char *end = NULL;
  if (strncmp(path, before, sizeof before - 1) != 0) return false;
  const char *digits = path + sizeof before - 1;
  if (*digits < '0' || *digits > '9') return false;
  *index = strtoul(digits, &end, 10);
  *rest = end;
  return *end == '\0' || *end == '/';
}

/* The type of a parameter's vector goes with the parameter, too. */
static void tell_type(const description *about, const char *path, const char *type)
{
  secant_error *error = about->file.error;
  size_t index = 0;
  const char *rest = NULL;
  if (!part_of_parameter(path, &index, &rest) || *rest == '\0' || strchr(rest + 1, '/')) return;
  secant_node *types =
      secant_node_find(secant_node_at(about->parameters, secant_node_size(about->parameters) - 1), "types");
  if (types) secanti_tree_set(types, rest + 1, secant_node_text(type), error);
}

static secant_status tell_dataset(const description *about, const secanti_object *object)
{
  secant_error *error = about->file.error;
  secant_node *entry = secanti_tree_append(about->datasets, secant_node_dict(), error), *attributes;
  secanti_content content;
  statistics all;
  char type[40];
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_content_dataset(&about->file, object->path, SECANTI_AS_VALUES, &content));
  secanti_content_type_name(&content, type, sizeof type);
  tell_type(about, object->path, type);
  secanti_tree_set(entry, "path", secant_node_text(object->path), error);
  secanti_tree_set(entry, "type", secant_node_text(type), error);
  secanti_tree_set(entry, "shape", secanti_tree_extents(content.shape, content.dimensions, error), error);
  secanti_tree_set(entry, "bytes", secant_node_integer((int64_t)(content.count * H5Tget_size(content.type))), error);
  SECANT_TRY(tell_checksum(about, object->id, entry));
  if (content.cell == SECANTI_CELL_REAL) {
    SECANT_TRY(gather_statistics(about, &content, &all));
    tell_statistics(&all, entry, error);
  }
  attributes = secanti_tree_set(entry, "attributes", secant_node_dict(), error);
  SECANT_TRY(tell_attributes(about, object, attributes));
  if (secant_node_size(attributes) == 0) secant_node_remove(entry, "attributes");
  status = error->status;
done:
  secanti_content_close(&content);
  return status;
}

/* ---- groups ------------------------------------------------------------------------------------------------------- */

static secant_status tell_file(const description *about, const secanti_object *object)
{
  secant_node *attributes = secant_node_find(about->root, "attributes");
  secant_status status = SECANT_OK;
  for (int i = 0; i < IDENTITY; i++) {
    if (H5Aexists(object->id, identity[i]) <= 0) continue;
    SECANT_TRY(tell_attribute(about, object->id, identity[i], about->root));
  }
  status = tell_attributes(about, object, attributes);
done:
  return status;
}

/* A vector's shape is a single number in the file. */
static void make_list_of_shape(secant_node *entry, secant_error *error)
{
  int64_t length = 0;
  if (secant_node_get_integer(secant_node_find(entry, "shape"), &length) != SECANT_OK) return;
  const hsize_t extent = (hsize_t)length;
  secanti_tree_set(entry, "shape", secanti_tree_extents(&extent, 1, error), error);
}

static secant_status tell_parameter(const description *about, const secanti_object *object)
{
  secant_error *error = about->file.error;
  secant_node *entry = secanti_tree_append(about->parameters, secant_node_dict(), error);
  const secant_status status = tell_attributes(about, object, entry);
  make_list_of_shape(entry, error);
  secanti_tree_set(entry, "types", secant_node_dict(), error);
  return status == SECANT_OK ? error->status : status;
}

static secant_status tell_group(const description *about, const secanti_object *object)
{
  secant_error *error = about->file.error;
  secant_node *attributes = secant_node_dict();
  secant_status status = tell_attributes(about, object, attributes);
  if (status != SECANT_OK || secant_node_size(attributes) == 0) {
    secant_node_destroy(attributes);
    return status;
  }
  secant_node *entry = secanti_tree_append(about->groups, secant_node_dict(), error);
  secanti_tree_set(entry, "path", secant_node_text(object->path), error);
  secanti_tree_set(entry, "attributes", attributes, error);
  return error->status;
}

static secant_status tell_object(void *user, const secanti_object *object)
{
  const description *about = user;
  size_t index = 0;
  const char *rest = NULL;
  if (object->dataset) return tell_dataset(about, object);
  if (strcmp(object->path, "/") == 0) return tell_file(about, object);
  if (strcmp(object->path, "/options") == 0) return tell_attributes(about, object, about->options);
  if (strcmp(object->path, "/state") == 0) return tell_attributes(about, object, about->state);
  if (part_of_parameter(object->path, &index, &rest) && !*rest) return tell_parameter(about, object);
  return tell_group(about, object);
}

/* ---- all together --------------------------------------------------------------------------------------------------- */

static secant_status tell_all(void *user)
{
  description *about = user;
  secant_error *error = about->file.error;
  hsize_t bytes = 0;
  if (H5Fget_filesize(about->file.id, &bytes) < 0) {
    return secanti_h5_fail(&about->file, H5I_INVALID_HID, "the size of the file cannot be found");
  }
  secanti_tree_set(about->root, "file", secant_node_text(about->file.path), error);
  secanti_tree_set(about->root, "bytes", secant_node_integer((int64_t)bytes), error);
  secanti_tree_set(about->root, "attributes", secant_node_dict(), error);
  about->options = secanti_tree_set(about->root, "options", secant_node_dict(), error);
  about->state = secanti_tree_set(about->root, "state", secant_node_dict(), error);
  about->parameters = secanti_tree_set(about->root, "parameters", secant_node_list(), error);
  about->datasets = secanti_tree_set(about->root, "datasets", secant_node_list(), error);
  about->groups = secanti_tree_set(about->root, "groups", secant_node_list(), error);
  return error->status == SECANT_OK ? secanti_walk(&about->file, tell_object, about) : error->status;
}

secant_status secanti_checkpoint_describe(const char *path, size_t piece, secant_node **out, secant_error *error)
{
  secant_error unwanted;
  if (!error) error = &unwanted;
  *error = (secant_error){.status = SECANT_OK};
  if (out) *out = NULL;
  if (!path || !out) return secanti_fail(error, SECANT_ERR_ARGUMENT, "a description needs a path and a place for it");
  description about = {.piece = piece, .root = secant_node_dict()};
  if (!about.root) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the tree that describes a file");
  const secant_status status = secanti_inspect_file(path, &about.file, tell_all, &about, error);
  if (status == SECANT_OK) {
    *out = about.root;
  } else {
    secant_node_destroy(about.root);
  }
  return status;
}

secant_status secant_checkpoint_describe(const char *path, secant_node **out, secant_error *error)
{
  return secanti_checkpoint_describe(path, SECANTI_INSPECTED_PIECE, out, error);
}
