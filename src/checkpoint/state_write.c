/* Lays a state dict out in a file: walks the tree and makes a group, an attribute or a dataset of each node. */
#include "base/base.h"
#include "checkpoint/checksum.h"
#include "checkpoint/state_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HDF5 keeps attributes in blocks of 64 KB. */
enum { LARGEST_ATTRIBUTE = 60000 };

/* ---- values ----------------------------------------------------------------------------------------------------- */

/* What becomes an attribute, or a dataset if it is too large for one. Type and space belong to whoever made them. */
typedef struct values {
  hid_t type, space;
  const void *data; /* NULL for none */
  size_t bytes;
  bool list;
} values;

/* Names of attributes that the format itself uses: an entry of that name becomes a dataset. */
static bool is_reserved(const char *name)
{
  static const char *const reserved[] = {"keys", "kind", "format", "version", "library"};
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
    if (strcmp(name, reserved[i]) == 0) return true;
  }
  return false;
}

static bool is_text(const values *what)
{
  return H5Tget_class(what->type) == H5T_STRING;
}

/* Numbers are little-endian in every file. */
static hid_t stored_type(const values *what)
{
  if (is_text(what)) return what->type;
  return H5Tget_class(what->type) == H5T_INTEGER ? H5T_STD_I64LE : H5T_IEEE_F64LE;
}

static uint64_t checksum_of(const values *what)
{
  if (!what->data) return 0;
  const size_t size = H5Tget_size(what->type), count = what->bytes / size;
  return is_text(what) ? secanti_checksum_bytes(what->data, size, count, 0)
                       : secanti_checksum_numbers(what->data, size, count, 0);
}

static secant_status put_dataset(const secanti_h5_file *file, hid_t parent, const char *name, const values *what)
{
  if (secanti_h5_is_absent(file)) return SECANT_OK;
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  hid_t dataset = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  if (how >= 0 && (!what->data || H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY) >= 0)) {
    dataset = H5Dcreate2(parent, name, stored_type(what), what->space, H5P_DEFAULT, how, H5P_DEFAULT);
  }
  if (dataset < 0 || (what->data && H5Dwrite(dataset, what->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, what->data) < 0)) {
    status = secanti_h5_fail(file, parent, "dataset '%s' cannot be written", name);
  } else {
    status = secanti_h5_write_text(file, dataset, "kind", what->list ? "list" : "value");
    if (status == SECANT_OK) status = secanti_h5_confirm(file, dataset, checksum_of(what));
  }
  if (dataset >= 0) H5Dclose(dataset);
  if (how >= 0) H5Pclose(how);
  return status;
}

static secant_status put(const secanti_h5_file *file, hid_t parent, const char *name, const values *what)
{
  if (what->bytes > LARGEST_ATTRIBUTE || is_reserved(name)) return put_dataset(file, parent, name, what);
  return secanti_h5_write_attribute(file, parent, name, what->type, H5Scopy(what->space), what->data);
}

/* A single value, or `count` of them as a list. */
static secant_status put_numbers(const secanti_h5_file *file, hid_t parent, const char *name, hid_t type,
                                 const size_t *count, const void *data)
{
  const hsize_t extent = count ? *count : 1;
  const values what = {.type = type,
                       .space = count ? H5Screate_simple(1, &extent, NULL) : H5Screate(H5S_SCALAR),
                       .data = data,
                       .bytes = (size_t)extent * sizeof(double),
                       .list = count != NULL};
  const secant_status status = put(file, parent, name, &what);
  if (what.space >= 0) H5Sclose(what.space);
  return status;
}

static secant_status put_none(const secanti_h5_file *file, hid_t parent, const char *name)
{
  const values what = {.type = H5T_NATIVE_DOUBLE, .space = H5Screate(H5S_NULL)};
  const secant_status status = put(file, parent, name, &what);
  if (what.space >= 0) H5Sclose(what.space);
  return status;
}

static secant_status put_text(const secanti_h5_file *file, hid_t parent, const char *name, const char *text)
{
  const size_t bytes = strlen(text) + 1;
  const values what = {
      .type = secanti_h5_text_type(bytes), .space = H5Screate(H5S_SCALAR), .data = text, .bytes = bytes};
  const secant_status status = put(file, parent, name, &what);
  if (what.space >= 0) H5Sclose(what.space);
  if (what.type >= 0) H5Tclose(what.type);
  return status;
}

static secant_status put_scalar(const secanti_h5_file *file, hid_t parent, const char *name, const secant_node *node)
{
  int64_t integer;
  double real;
  if (secant_node_get_text(node)) return put_text(file, parent, name, secant_node_get_text(node));
  if (secant_node_get_integer(node, &integer) == SECANT_OK) {
    return put_numbers(file, parent, name, H5T_NATIVE_INT64, NULL, &integer);
  }
  if (secant_node_get_real(node, &real) == SECANT_OK) {
    return put_numbers(file, parent, name, H5T_NATIVE_DOUBLE, NULL, &real);
  }
  return put_none(file, parent, name);
}

/* ---- lists of values -------------------------------------------------------------------------------------------- */

static secant_status no_memory(const secanti_h5_file *file, const char *name)
{
  return secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory to write the list '%.100s'", name);
}

static secant_status put_integers(const secanti_h5_file *file, hid_t parent, const char *name, const secant_node *list)
{
  const size_t count = secant_node_size(list);
  int64_t *data = secanti_alloc(count, sizeof *data);
  secant_status status = data ? SECANT_OK : no_memory(file, name);
  for (size_t i = 0; status == SECANT_OK && i < count; i++) {
    status = secant_node_get_integer(secant_node_at(list, i), &data[i]);
  }
  if (status == SECANT_OK) status = put_numbers(file, parent, name, H5T_NATIVE_INT64, &count, data);
  free(data);
  return status;
}

static secant_status put_reals(const secanti_h5_file *file, hid_t parent, const char *name, const secant_node *list)
{
  const uint64_t none = SECANTI_STATE_NONE;
  const size_t count = secant_node_size(list);
  double *data = secanti_alloc(count, sizeof *data);
  if (!data) return no_memory(file, name);
  for (size_t i = 0; i < count; i++) {
    if (secant_node_get_real(secant_node_at(list, i), &data[i]) != SECANT_OK) memcpy(&data[i], &none, sizeof none);
  }
  const secant_status status = put_numbers(file, parent, name, H5T_NATIVE_DOUBLE, &count, data);
  free(data);
  return status;
}

/* What names entry `index`: a text of a list, or a key of a dict. */
typedef const char *entry_text(const secant_node *node, size_t index);

static const char *text_at(const secant_node *list, size_t index)
{
  return secant_node_get_text(secant_node_at(list, index));
}

/* Texts of equal length, the rest of each being zeros. `what` gets what the caller must free, also on failure. */
static bool gather_texts(const secant_node *node, entry_text *text, values *what)
{
  const hsize_t count = secant_node_size(node);
  size_t longest = 0;
  for (size_t i = 0; i < count; i++) longest = strlen(text(node, i)) > longest ? strlen(text(node, i)) : longest;
  char *data = secanti_alloc((size_t)count, longest + 1);
  for (size_t i = 0; data && i < count; i++) strcpy(data + i * (longest + 1), text(node, i));
  *what = (values){.type = secanti_h5_text_type(longest + 1),
                   .space = count ? H5Screate_simple(1, &count, NULL) : H5Screate(H5S_NULL),
                   .data = data,
                   .bytes = (size_t)count * (longest + 1),
                   .list = true};
  return data != NULL;
}

static void free_texts(values *what)
{
  if (what->space >= 0) H5Sclose(what->space);
  if (what->type >= 0) H5Tclose(what->type);
  free((void *)what->data);
}

static secant_status put_texts(const secanti_h5_file *file, hid_t parent, const char *name, const secant_node *list)
{
  values what;
  const bool room = gather_texts(list, text_at, &what);
  const secant_status status = room ? put(file, parent, name, &what) : no_memory(file, name);
  free_texts(&what);
  return status;
}

/* ---- groups ----------------------------------------------------------------------------------------------------- */

static const secant_node *entry_of(const secant_node *dict, const char *key)
{
  for (size_t i = 0; i < secant_node_size(dict); i++) {
    if (strcmp(secant_node_key(dict, i), key) == 0) return secant_node_at(dict, i);
  }
  return NULL;
}

static secant_status put_keys(const secanti_h5_file *file, hid_t group, const secant_node *dict)
{
  values what;
  secant_status status = SECANT_OK;
  if (!gather_texts(dict, secant_node_key, &what)) {
    status = no_memory(file, "keys");
  } else if (entry_of(dict, ".")) {
    status = secanti_fail(file->error, SECANT_ERR_ARGUMENT,
                          "'%s': a key cannot be '.', which in a file is the dict itself", file->path);
  } else if (what.bytes > LARGEST_ATTRIBUTE) {
    status = secanti_fail(file->error, SECANT_ERR_ARGUMENT, "'%s': a dict has more or longer keys than fit into a file",
                          file->path);
  } else {
    const bool any = secant_node_size(dict) > 0;
    status = secanti_h5_write_attribute(file, group, "keys", what.type, H5Scopy(what.space), any ? what.data : NULL);
  }
  free_texts(&what);
  return status;
}

/* For readers who look for the pairs under their usual names. */
static secant_status link_aliases(const secanti_h5_file *file, hid_t group, const secant_node *dict)
{
  for (int i = 0; !secanti_h5_is_absent(file) && i < SECANTI_STATE_ALIASES; i++) {
    const char *alias = secanti_state_aliases[i].alias, *key = secanti_state_aliases[i].key;
    const secant_node *pairs = entry_of(dict, key);
    if (!pairs || secanti_form_of(pairs) != SECANTI_FORM_VECTORS || entry_of(dict, alias)) continue;
    if (H5Lcreate_hard(group, key, group, alias, H5P_DEFAULT, H5P_DEFAULT) < 0) {
      return secanti_h5_fail(file, group, "'%s' cannot be linked to '%s'", alias, key);
    }
  }
  return SECANT_OK;
}

static secant_status put_node(secanti_state_file *state, hid_t parent, const char *name, const secant_node *node);

static secant_status put_entries(secanti_state_file *state, hid_t group, const secant_node *node)
{
  const bool list = secant_node_get_kind(node) == SECANT_NODE_LIST;
  secant_status status =
      list ? secanti_h5_write_text(&state->file, group, "kind", "list") : put_keys(&state->file, group, node);
  for (size_t i = 0; status == SECANT_OK && i < secant_node_size(node); i++) {
    char position[24];
    snprintf(position, sizeof position, "%zu", i);
    status = put_node(state, group, list ? position : secant_node_key(node, i), secant_node_at(node, i));
  }
  if (status == SECANT_OK && !list) status = link_aliases(&state->file, group, node);
  return status;
}

static secant_status put_group(secanti_state_file *state, hid_t parent, const char *name, const secant_node *node)
{
  hid_t group = H5I_INVALID_HID;
  secant_status status = secanti_h5_group(&state->file, parent, name, &group);
  if (status == SECANT_OK) status = put_entries(state, group, node);
  if (group >= 0) H5Gclose(group);
  return status;
}

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

static secant_status put_vectors(secanti_state_file *state, hid_t parent, const char *name, const secant_node *list)
{
  secant_tensor tensor;
  hid_t dataset = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_node_get_tensor(secant_node_at(list, 0), &tensor));
  const secanti_h5_shape shape = {
      .dimensions = 2, .rows = secant_node_size(list), .columns = tensor.shape[0], .dtype = tensor.dtype};
  SECANT_TRY(secanti_h5_dataset(&state->file, parent, name, &shape, &dataset));
  SECANT_TRY(secanti_state_file_note(state, dataset, list));
  status = secanti_h5_write_text(&state->file, dataset, "kind", "list");
done:
  return status;
}

static secant_status put_tensor(secanti_state_file *state, hid_t parent, const char *name, const secant_node *node)
{
  secant_tensor tensor;
  hid_t dataset = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_node_get_tensor(node, &tensor));
  SECANT_TRY(secanti_h5_make_tensor(&state->file, parent, name, &tensor, &dataset));
  status = secanti_state_file_note(state, dataset, node);
done:
  return status;
}

/* ---- all together ----------------------------------------------------------------------------------------------- */

static secant_status put_node(secanti_state_file *state, hid_t parent, const char *name, const secant_node *node)
{
  switch (secanti_form_of(node)) {
  case SECANTI_FORM_SCALAR: return put_scalar(&state->file, parent, name, node);
  case SECANTI_FORM_INTEGERS: return put_integers(&state->file, parent, name, node);
  case SECANTI_FORM_REALS: return put_reals(&state->file, parent, name, node);
  case SECANTI_FORM_TEXTS: return put_texts(&state->file, parent, name, node);
  case SECANTI_FORM_TENSOR: return put_tensor(state, parent, name, node);
  case SECANTI_FORM_VECTORS: return put_vectors(state, parent, name, node);
  case SECANTI_FORM_GROUP: break;
  }
  return put_group(state, parent, name, node);
}

secant_status secanti_state_file_lay_out(secanti_state_file *state)
{
  const secanti_h5_file *file = &state->file;
  const int64_t version = SECANTI_STATE_VERSION;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_write_text(file, file->id, "format", SECANTI_STATE_FORMAT));
  SECANT_TRY(secanti_h5_write_integers(file, file->id, "version", 1, &version));
  SECANT_TRY(secanti_h5_write_text(file, file->id, "library", secant_version()));
  status = put_entries(state, file->id, state->dict);
done:
  return status;
}
