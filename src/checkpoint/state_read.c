/*
 * Builds a state dict from a file. Nothing in the file is trusted: every kind, shape and size is checked before memory
 * is taken for it, and a file whose groups contain each other comes to an end.
 */
#include "base/base.h"
#include "checkpoint/state_source.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

/* A tensor of zeros with the last `dimensions` extents of the dataset, sharded if it is a vector of all unknowns. */
static secant_node *zero_tensor(const secanti_state_file *state, const secanti_source *from, int dimensions,
                                secant_dtype dtype)
{
  const secanti_parameters *parameters = state->parameters;
  int64_t shape[H5S_MAX_RANK] = {0}, count = 1;
  for (int i = 0; i < dimensions; i++) {
    shape[i] = (int64_t)from->shape[from->dimensions - dimensions + i];
    count *= shape[i];
  }
  const secant_piece whole = {0, (size_t)count};
  const bool sharded = dimensions == 1 && count == parameters->extent;
  const secant_tensor view = {.dtype = dtype,
                              .dimensions = dimensions,
                              .shape = shape,
                              .pieces = sharded ? parameters->count : 1,
                              .piece = sharded ? state->pieces : &whole,
                              .local_count = sharded ? state->local_count : whole.count};
  return secant_node_tensor(&view);
}

/* A tensor, or a list of vectors. The numbers come later. */
static secant_status build_vectors(secanti_state_file *state, secanti_source *from, bool list, secant_node **node)
{
  const bool single = secanti_h5_alike(from->type, H5T_NATIVE_FLOAT);
  const secant_dtype dtype = single ? SECANT_F32 : SECANT_F64;
  secant_status status = SECANT_OK;
  if (!single && !secanti_h5_alike(from->type, H5T_NATIVE_DOUBLE)) {
    return secanti_source_refuse(state, from, "is neither float32 nor float64");
  }
  if (from->extent == H5S_NULL || (list && (from->dimensions != 2 || from->shape[0] == 0))) {
    return secanti_source_refuse(state, from, "has not the shape of a tensor or a list of vectors");
  }
  if (!list) {
    *node = zero_tensor(state, from, from->dimensions, dtype);
    if (!*node) return secanti_source_no_memory(state, from->name);
  } else {
    SECANT_TRY(secanti_source_count(state, from, from->shape[0] < SIZE_MAX ? (size_t)from->shape[0] : SIZE_MAX));
    *node = secant_node_list();
    if (!*node) return secanti_source_no_memory(state, from->name);
    for (hsize_t i = 0; i < from->shape[0]; i++) {
      SECANT_TRY(secanti_source_append(state, *node, zero_tensor(state, from, 1, dtype), from->name));
    }
  }
  status = secanti_state_file_note(state, from->dataset, *node);
  from->dataset = H5I_INVALID_HID; /* taken over */
done:
  return status;
}

/* The attribute `kind` of an object, "" without one; free() it. */
static secant_status read_kind(const secanti_state_file *state, hid_t object, char **kind)
{
  secanti_source from;
  char **texts = NULL;
  *kind = NULL;
  if (H5Aexists(object, "kind") <= 0) {
    *kind = strdup("");
    return *kind ? SECANT_OK : secanti_source_no_memory(state, "kind");
  }
  secant_status status = secanti_source_attribute(state, object, "kind", &from);
  if (status == SECANT_OK && from.extent != H5S_SCALAR) status = secanti_source_refuse(state, &from, "is no text");
  if (status == SECANT_OK) status = secanti_source_texts(state, &from, &texts);
  if (texts) *kind = texts[0];
  free(texts);
  secanti_source_close(&from);
  return status;
}

/* Takes the dataset over. */
static secant_status build_dataset(secanti_state_file *state, hid_t parent, const char *name, hid_t dataset,
                                   secant_node **node)
{
  secanti_source from;
  char *kind = NULL;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_source_dataset(state, parent, name, dataset, &from));
  SECANT_TRY(read_kind(state, dataset, &kind));
  const bool list = strcmp(kind, "list") == 0;
  if (list ? from.dimensions == 1 : strcmp(kind, "value") == 0 && from.extent != H5S_SIMPLE) {
    SECANT_TRY(secanti_h5_confirm_whole(&state->file, dataset));
    status = secanti_source_values(state, &from, node);
  } else if (list || !*kind) {
    status = build_vectors(state, &from, list, node);
  } else {
    status = secanti_source_refuse(state, &from, "is of an unknown kind");
  }
done:
  free(kind);
  secanti_source_close(&from);
  return status;
}

/* ---- entries ---------------------------------------------------------------------------------------------------- */

static secant_status build_attribute(secanti_state_file *state, hid_t parent, const char *name, secant_node **node)
{
  secanti_source from;
  secant_status status = secanti_source_attribute(state, parent, name, &from);
  if (status == SECANT_OK) status = secanti_source_values(state, &from, node);
  secanti_source_close(&from);
  return status;
}

static secant_status build_group(secanti_state_file *state, hid_t group, int depth, bool root, secant_node **node);

static secant_status build_object(secanti_state_file *state, hid_t parent, const char *name, int depth,
                                  secant_node **node)
{
  const secanti_source here = secanti_source_named(parent, name);
  H5L_info_t link;
  if (H5Lget_info(parent, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) {
    return secanti_source_refuse(state, &here, "leads elsewhere");
  }
  const hid_t object = H5Oopen(parent, name, H5P_DEFAULT);
  const H5I_type_t type = object >= 0 ? H5Iget_type(object) : H5I_BADID;
  secant_status status = SECANT_OK;
  if (type == H5I_DATASET) return build_dataset(state, parent, name, object, node);
  if (type == H5I_GROUP) {
    status = build_group(state, object, depth, false, node);
  } else {
    status = secanti_source_refuse(state, &here, "is neither a group nor a dataset");
  }
  if (object >= 0) H5Oclose(object);
  return status;
}

/* One entry of a group; `objects` counts those that are not attributes. */
static secant_status build_entry(secanti_state_file *state, hid_t group, const char *name, int depth, size_t *objects,
                                 secant_node **node)
{
  const secanti_source here = secanti_source_named(group, name);
  if (!*name || strchr(name, '/') || strcmp(name, ".") == 0)
    return secanti_source_refuse(state, &here, "is no name of an entry");
  if (depth > SECANTI_STATE_DEEPEST)
    return secanti_source_refuse(state, &here, "lies deeper than any entry of a state dict");
  const secant_status status = secanti_source_count(state, &here, 1);
  if (status != SECANT_OK) return status;
  if (H5Lexists(group, name, H5P_DEFAULT) <= 0) return build_attribute(state, group, name, node);
  ++*objects;
  return build_object(state, group, name, depth, node);
}

static herr_t count_one(hid_t object, const char *name, const H5A_info_t *info, void *user)
{
  (void)object;
  (void)name;
  (void)info;
  ++*(size_t *)user;
  return 0;
}

/* Attributes and links of a group. */
static secant_status count_contents(const secanti_state_file *state, hid_t group, size_t *attributes, size_t *links)
{
  H5G_info_t content = {.nlinks = 0};
  *attributes = 0;
  const bool good = H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, count_one, attributes) >= 0 &&
                    H5Gget_info(group, &content) >= 0;
  *links = (size_t)content.nlinks;
  return good ? SECANT_OK : secanti_h5_fail(&state->file, group, "the group cannot be read");
}

/* What is there beside the entries, such as something added without its key, is not skipped in silence. */
static secant_status check_contents(const secanti_state_file *state, hid_t group, size_t attributes, size_t links)
{
  size_t actual_attributes, actual_links;
  const secant_status status = count_contents(state, group, &actual_attributes, &actual_links);
  if (status != SECANT_OK || (attributes == actual_attributes && links == actual_links)) return status;
  return secanti_h5_fail(&state->file, group, "the group holds other entries than its attribute 'keys' names");
}

/* Links that are another name of an entry. */
static size_t count_aliases(hid_t group, const secant_node *dict)
{
  size_t aliases = 0;
  for (int i = 0; i < SECANTI_STATE_ALIASES; i++) {
    const char *alias = secanti_state_aliases[i].alias;
    bool own = false;
    for (size_t j = 0; j < secant_node_size(dict); j++) own = own || strcmp(secant_node_key(dict, j), alias) == 0;
    if (!own && secant_node_find(dict, alias) && H5Lexists(group, alias, H5P_DEFAULT) > 0) aliases++;
  }
  return aliases;
}

static secant_status build_entries_of_dict(secanti_state_file *state, hid_t group, int depth, char **keys, size_t count,
                                           size_t *objects, secant_node *dict)
{
  secant_status status = SECANT_OK;
  for (size_t i = 0; status == SECANT_OK && i < count; i++) {
    const secanti_source here = secanti_source_named(group, keys[i]);
    secant_node *child = NULL;
    if (secant_node_find(dict, keys[i])) return secanti_source_refuse(state, &here, "is named twice");
    status = build_entry(state, group, keys[i], depth, objects, &child);
    if (status != SECANT_OK) {
      secant_node_destroy(child);
    } else if (secant_node_set(dict, keys[i], child) != SECANT_OK) {
      status = secanti_source_no_memory(state, keys[i]);
    }
  }
  return status;
}

static secant_status build_dict(secanti_state_file *state, hid_t group, int depth, bool root, secant_node *dict)
{
  enum { KEYS = 1, HEAD = 3 }; /* attributes that are no entries */
  secanti_source from;
  char **keys = NULL;
  size_t objects = 0;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_source_attribute(state, group, "keys", &from));
  if (from.extent == H5S_SCALAR || from.dimensions > 1) {
    status = secanti_source_refuse(state, &from, "is no list of texts");
    goto done;
  }
  if (from.count > 0) SECANT_TRY(secanti_source_texts(state, &from, &keys));
  SECANT_TRY(build_entries_of_dict(state, group, depth, keys, from.count, &objects, dict));
  const size_t attributes = from.count - objects + KEYS + (root ? HEAD : 0);
  status = check_contents(state, group, attributes, objects + count_aliases(group, dict));
done:
  secanti_texts_free(keys, from.count);
  secanti_source_close(&from);
  return status;
}

static secant_status build_entries_of_list(secanti_state_file *state, hid_t group, int depth, secant_node *list)
{
  enum { KIND = 1 };
  size_t attributes, links, objects = 0;
  secant_status status = count_contents(state, group, &attributes, &links);
  const size_t count = attributes + links - KIND;
  for (size_t i = 0; status == SECANT_OK && i < count; i++) {
    secant_node *child = NULL;
    char position[24];
    snprintf(position, sizeof position, "%zu", i);
    status = build_entry(state, group, position, depth, &objects, &child);
    if (status == SECANT_OK) {
      status = secanti_source_append(state, list, child, position);
    } else {
      secant_node_destroy(child);
    }
  }
  return status;
}

static secant_status build_group(secanti_state_file *state, hid_t group, int depth, bool root, secant_node **node)
{
  char *kind = NULL;
  secant_status status = read_kind(state, group, &kind);
  if (status != SECANT_OK) return status;
  const bool list = strcmp(kind, "list") == 0;
  if (*kind && (!list || root)) {
    status = secanti_h5_fail(&state->file, group, "the group is of an unknown kind '%.40s'", kind);
  }
  free(kind);
  if (status != SECANT_OK) return status;
  *node = list ? secant_node_list() : secant_node_dict();
  if (!*node) return secanti_source_no_memory(state, "a group");
  return list ? build_entries_of_list(state, group, depth + 1, *node)
              : build_dict(state, group, depth + 1, root, *node);
}

/* ---- all together ----------------------------------------------------------------------------------------------- */

static secant_status check_format(const secanti_state_file *state)
{
  const secanti_h5_file *file = &state->file;
  char *format = NULL;
  int64_t version = 0;
  secant_status status = secanti_h5_read_text(file, file->id, "format", &format);
  if (status == SECANT_ERR_FORMAT || (status == SECANT_OK && strcmp(format, SECANTI_STATE_FORMAT) != 0)) {
    status = secanti_fail(file->error, SECANT_ERR_FORMAT, "'%s' is an HDF5 file, but not a state dict", file->path);
  }
  SECANT_TRY(status);
  SECANT_TRY(secanti_h5_read_integers(file, file->id, "version", 1, &version));
  if (version != SECANTI_STATE_VERSION) {
    status = secanti_fail(file->error, SECANT_ERR_FORMAT,
                          "'%s' has format version %" PRId64 " of state dicts; this library reads %d", file->path,
                          version, SECANTI_STATE_VERSION);
  }
done:
  free(format);
  return status;
}

secant_status secanti_state_file_build(secanti_state_file *state)
{
  hsize_t bytes = 0;
  secant_status status = SECANT_OK;
  SECANT_TRY(check_format(state));
  if (H5Fget_filesize(state->file.id, &bytes) < 0) {
    return secanti_h5_fail(&state->file, H5I_INVALID_HID, "the size cannot be found");
  }
  state->bytes = bytes;
  status = build_group(state, state->file.id, 0, true, &state->root);
done:
  return status;
}
