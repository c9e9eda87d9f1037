#include "checkpoint/state_source.h"
#include "base/base.h"
#include <stdlib.h>
#include <string.h>

/* No compressor of HDF5 makes data smaller than by this factor. */
enum { STRONGEST_COMPRESSION = 2048 };

secant_status secanti_source_refuse(const secanti_state_file *state, const secanti_source *from, const char *fault)
{
  return secanti_h5_fail(&state->file, from->parent, "'%.80s' %s", from->name, fault);
}

secant_status secanti_source_no_memory(const secanti_state_file *state, const char *name)
{
  return secanti_fail(state->file.error, SECANT_ERR_MEMORY, "'%s': no memory for '%.100s'", state->file.path, name);
}

/* ---- sources ---------------------------------------------------------------------------------------------------- */

/* The product of the extents; false if it is absurd. */
static bool count_elements(secanti_source *from)
{
  const hsize_t most = INT64_MAX / sizeof(double);
  hsize_t count = 1;
  bool empty = false;
  for (int i = 0; i < from->dimensions; i++) {
    if (from->shape[i] > most) return false;
    empty = empty || from->shape[i] == 0;
  }
  for (int i = 0; !empty && i < from->dimensions; i++) {
    if (from->shape[i] > most / count) return false;
    count *= from->shape[i];
  }
  from->count = empty || from->extent == H5S_NULL ? 0 : (size_t)count;
  return true;
}

/* Whether the file really holds so many elements. */
static bool is_stored(const secanti_state_file *state, const secanti_source *from)
{
  const uint64_t bytes = (uint64_t)from->count * H5Tget_size(from->type);
  if (from->attribute >= 0) return bytes <= state->bytes && H5Aget_storage_size(from->attribute) >= bytes;
  const uint64_t stored = H5Dget_storage_size(from->dataset);
  const hid_t how = H5Dget_create_plist(from->dataset);
  const bool whole = how >= 0 && (H5Pget_layout(how) == H5D_CONTIGUOUS || H5Pget_layout(how) == H5D_COMPACT);
  if (how >= 0) H5Pclose(how);
  return stored <= state->bytes && (whole ? stored >= bytes : stored >= bytes / STRONGEST_COMPRESSION);
}

/* Fills in what there is to know about an attribute or dataset that has been opened. */
static secant_status look_at(const secanti_state_file *state, secanti_source *from)
{
  const bool attribute = from->attribute >= 0;
  if (!attribute && from->dataset < 0) return secanti_source_refuse(state, from, "cannot be opened");
  from->type = attribute ? H5Aget_type(from->attribute) : H5Dget_type(from->dataset);
  from->space = attribute ? H5Aget_space(from->attribute) : H5Dget_space(from->dataset);
  if (from->type < 0 || from->space < 0) return secanti_source_refuse(state, from, "cannot be read");
  from->extent = H5Sget_simple_extent_type(from->space);
  from->dimensions = from->extent == H5S_SIMPLE ? H5Sget_simple_extent_dims(from->space, from->shape, NULL) : 0;
  if (from->dimensions < 0 || !count_elements(from))
    return secanti_source_refuse(state, from, "has an impossible shape");
  return is_stored(state, from) ? SECANT_OK : secanti_source_refuse(state, from, "is not stored as a whole");
}

void secanti_source_close(secanti_source *from)
{
  if (from->space >= 0) H5Sclose(from->space);
  if (from->type >= 0) H5Tclose(from->type);
  if (from->attribute >= 0) H5Aclose(from->attribute);
  if (from->dataset >= 0) H5Dclose(from->dataset);
}

secanti_source secanti_source_named(hid_t parent, const char *name)
{
  return (secanti_source){.name = name,
                          .parent = parent,
                          .attribute = H5I_INVALID_HID,
                          .dataset = H5I_INVALID_HID,
                          .type = H5I_INVALID_HID,
                          .space = H5I_INVALID_HID};
}

secant_status secanti_source_attribute(const secanti_state_file *state, hid_t parent, const char *name,
                                       secanti_source *from)
{
  *from = secanti_source_named(parent, name);
  from->attribute = H5Aexists(parent, name) > 0 ? H5Aopen(parent, name, H5P_DEFAULT) : H5I_INVALID_HID;
  return from->attribute >= 0 ? look_at(state, from) : secanti_source_refuse(state, from, "is missing");
}

secant_status secanti_source_dataset(const secanti_state_file *state, hid_t parent, const char *name, hid_t dataset,
                                     secanti_source *from)
{
  *from = secanti_source_named(parent, name);
  from->dataset = dataset;
  return look_at(state, from);
}

static herr_t fetch(const secanti_source *from, hid_t memory, void *data)
{
  if (from->attribute >= 0) return H5Aread(from->attribute, memory, data);
  return H5Dread(from->dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

void secanti_texts_free(char **texts, size_t count)
{
  for (size_t i = 0; texts && i < count; i++) free(texts[i]);
  free(texts);
}

/* Texts of one length, cut at their first zero. */
static secant_status fetch_fixed(const secanti_state_file *state, const secanti_source *from, hid_t memory,
                                 char **texts)
{
  const size_t size = H5Tget_size(from->type);
  char *data = secanti_alloc(from->count, size + 1);
  secant_status status = data ? SECANT_OK : secanti_source_no_memory(state, from->name);
  if (status == SECANT_OK && (H5Tset_size(memory, size + 1) < 0 || fetch(from, memory, data) < 0)) {
    status = secanti_source_refuse(state, from, "cannot be read");
  }
  for (size_t i = 0; status == SECANT_OK && i < from->count; i++) {
    texts[i] = strndup(data + i * (size + 1), size);
    if (!texts[i]) status = secanti_source_no_memory(state, from->name);
  }
  free(data);
  return status;
}

/* Texts of any length, as h5py writes a str. */
static secant_status fetch_variable(const secanti_state_file *state, const secanti_source *from, hid_t memory,
                                    char **texts)
{
  char **data = secanti_alloc(from->count, sizeof *data);
  secant_status status = data ? SECANT_OK : secanti_source_no_memory(state, from->name);
  if (status != SECANT_OK) return status;
  if (H5Tset_size(memory, H5T_VARIABLE) < 0 || fetch(from, memory, data) < 0) {
    status = secanti_source_refuse(state, from, "cannot be read");
  }
  for (size_t i = 0; status == SECANT_OK && i < from->count; i++) {
    texts[i] = strdup(data[i] ? data[i] : "");
    if (!texts[i]) status = secanti_source_no_memory(state, from->name);
  }
  H5Dvlen_reclaim(memory, from->space, H5P_DEFAULT, data);
  free(data);
  return status;
}

secant_status secanti_source_texts(const secanti_state_file *state, const secanti_source *from, char ***texts)
{
  *texts = NULL;
  if (H5Tget_class(from->type) != H5T_STRING) return secanti_source_refuse(state, from, "is no text");
  const hid_t memory = H5Tcopy(H5T_C_S1);
  secant_status status = SECANT_OK;
  *texts = secanti_alloc(from->count, sizeof **texts);
  if (!*texts) {
    status = secanti_source_no_memory(state, from->name);
  } else if (memory < 0 || H5Tset_cset(memory, H5Tget_cset(from->type)) < 0) {
    status = secanti_source_refuse(state, from, "cannot be read");
  } else {
    status = H5Tis_variable_str(from->type) > 0 ? fetch_variable(state, from, memory, *texts)
                                                : fetch_fixed(state, from, memory, *texts);
  }
  if (memory >= 0) H5Tclose(memory);
  if (status == SECANT_OK) return status;
  secanti_texts_free(*texts, from->count);
  *texts = NULL;
  return status;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

/* What the elements of a source are. */
static secanti_form list_form(const secanti_source *from)
{
  const size_t size = H5Tget_size(from->type);
  switch (H5Tget_class(from->type)) {
  case H5T_STRING: return SECANTI_FORM_TEXTS;
  case H5T_FLOAT: return size <= sizeof(double) ? SECANTI_FORM_REALS : SECANTI_FORM_GROUP;
  case H5T_INTEGER:
    if (size < sizeof(int64_t) || (size == sizeof(int64_t) && H5Tget_sign(from->type) == H5T_SGN_2)) {
      return SECANTI_FORM_INTEGERS;
    }
    break;
  default: break;
  }
  return SECANTI_FORM_GROUP; /* of none of these kinds */
}

/* The numbers or texts of a source, until they are nodes. */
typedef struct elements {
  secanti_form form;
  int64_t *integers;
  double *reals;
  char **texts;
} elements;

static secant_status fetch_elements(const secanti_state_file *state, const secanti_source *from, elements *all)
{
  *all = (elements){.form = list_form(from)};
  if (all->form == SECANTI_FORM_GROUP) return secanti_source_refuse(state, from, "is of a kind that no state dict has");
  if (all->form == SECANTI_FORM_TEXTS) return secanti_source_texts(state, from, &all->texts);
  const bool real = all->form == SECANTI_FORM_REALS;
  void *data = secanti_alloc(from->count, sizeof(double));
  if (!data) return secanti_source_no_memory(state, from->name);
  if (real) all->reals = data;
  if (!real) all->integers = data;
  if (from->count == 0 || fetch(from, real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64, data) >= 0) return SECANT_OK;
  return secanti_source_refuse(state, from, "cannot be read");
}

static void free_elements(elements *all, size_t count)
{
  secanti_texts_free(all->texts, count);
  free(all->integers);
  free(all->reals);
}

static bool is_none(double value)
{
  const uint64_t none = SECANTI_STATE_NONE;
  return memcmp(&value, &none, sizeof none) == 0;
}

static secant_node *node_of(const elements *all, size_t index, bool list)
{
  if (all->form == SECANTI_FORM_TEXTS) return secant_node_text(all->texts[index]);
  if (all->form == SECANTI_FORM_INTEGERS) return secant_node_integer(all->integers[index]);
  return list && is_none(all->reals[index]) ? secant_node_none() : secant_node_real(all->reals[index]);
}

secant_status secanti_source_count(secanti_state_file *state, const secanti_source *from, size_t more)
{
  if (more > SECANTI_STATE_MOST_NODES - state->nodes)
    return secanti_source_refuse(state, from, "makes the dict larger than any can be");
  state->nodes += more;
  return SECANT_OK;
}

secant_status secanti_source_append(const secanti_state_file *state, secant_node *list, secant_node *child,
                                    const char *name)
{
  return child && secant_node_append(list, child) == SECANT_OK ? SECANT_OK : secanti_source_no_memory(state, name);
}

static secant_status build_list(const secanti_state_file *state, const secanti_source *from, const elements *all,
                                secant_node **node)
{
  *node = secant_node_list();
  secant_status status = *node ? SECANT_OK : secanti_source_no_memory(state, from->name);
  for (size_t i = 0; status == SECANT_OK && i < from->count; i++) {
    status = secanti_source_append(state, *node, node_of(all, i, true), from->name);
  }
  return status;
}

secant_status secanti_source_values(secanti_state_file *state, const secanti_source *from, secant_node **node)
{
  elements all = {.form = SECANTI_FORM_GROUP};
  secant_status status = SECANT_OK;
  if (from->dimensions > 1) return secanti_source_refuse(state, from, "has more dimensions than a list");
  SECANT_TRY(secanti_source_count(state, from, from->count));
  if (from->extent != H5S_NULL) SECANT_TRY(fetch_elements(state, from, &all));
  if (from->extent == H5S_SIMPLE) {
    status = build_list(state, from, &all, node);
  } else {
    *node = from->extent == H5S_NULL ? secant_node_none() : node_of(&all, 0, false);
    if (!*node) status = secanti_source_no_memory(state, from->name);
  }
done:
  free_elements(&all, from->count);
  return status;
}
