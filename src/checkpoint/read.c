/*
 * Reads a checkpoint as one transaction: everything is checked and read into memory of its own first, the history into
 * a second set of vectors (so loading needs the memory of two), and only then the optimizer changes, which cannot fail.
 */
#include "base/base.h"
#include "checkpoint/checkpoint.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- does the file belong to this optimizer? ------------------------------------------------------------------------ */

static secant_status mismatch(const secanti_checkpoint *checkpoint, const char *what, const char *theirs,
                              const char *ours)
{
  return secanti_fail(checkpoint->file.error, SECANT_ERR_MISMATCH,
                      "'%s': %s is '%.150s' in the file, but '%.150s' here", checkpoint->file.path, what, theirs, ours);
}

static secant_status mismatch_count(const secanti_checkpoint *checkpoint, const char *what, int64_t theirs,
                                    int64_t ours)
{
  return secanti_fail(checkpoint->file.error, SECANT_ERR_MISMATCH,
                      "'%s': %s is %" PRId64 " in the file, but %" PRId64 " here", checkpoint->file.path, what, theirs,
                      ours);
}

static secant_status check_text(const secanti_checkpoint *checkpoint, hid_t object, const char *name, const char *what,
                                const char *ours)
{
  char *theirs = NULL;
  secant_status status = secanti_h5_read_text(&checkpoint->file, object, name, &theirs);
  if (status == SECANT_OK && strcmp(theirs, ours) != 0) status = mismatch(checkpoint, what, theirs, ours);
  free(theirs);
  return status;
}

static secant_status check_integer(const secanti_checkpoint *checkpoint, hid_t object, const char *name,
                                   const char *what, int64_t ours)
{
  int64_t theirs;
  secant_status status = secanti_h5_read_integers(&checkpoint->file, object, name, 1, &theirs);
  if (status == SECANT_OK && theirs != ours) status = mismatch_count(checkpoint, what, theirs, ours);
  return status;
}

static secant_status check_format(const secanti_checkpoint *checkpoint)
{
  const secanti_h5_file *file = &checkpoint->file;
  char *format = NULL;
  int64_t version = 0;
  secant_status status = secanti_h5_read_text(file, file->id, "format", &format);
  if (status == SECANT_ERR_FORMAT || (status == SECANT_OK && strcmp(format, SECANTI_FORMAT) != 0)) {
    status = secanti_fail(file->error, SECANT_ERR_FORMAT, "'%s' is an HDF5 file, but not a checkpoint", file->path);
  }
  SECANT_TRY(status);
  SECANT_TRY(secanti_h5_read_integers(file, file->id, "version", 1, &version));
  if (version != SECANTI_FORMAT_VERSION) {
    status = secanti_fail(file->error, SECANT_ERR_FORMAT, "'%s' has format version %" PRId64 "; this library reads %d",
                          file->path, version, SECANTI_FORMAT_VERSION);
  }
done:
  free(format);
  return status;
}

static secant_status check_identity(const secanti_checkpoint *checkpoint)
{
  const secanti_parameters *parameters = &checkpoint->optimizer->parameters;
  const hid_t root = checkpoint->file.id;
  secant_status status = SECANT_OK;
  SECANT_TRY(check_format(checkpoint));
  SECANT_TRY(check_text(checkpoint, root, "problem", "the problem", checkpoint->problem));
  SECANT_TRY(check_text(checkpoint, root, "dtype", "the element type", secanti_dtype_name(parameters->dtype)));
  SECANT_TRY(check_text(checkpoint, root, "initial_matrix", "the kind of the initial matrix",
                        secanti_initial_name(checkpoint->optimizer->engine.initial.kind)));
done:
  return status;
}

/* A parameter without a shape is a list. */
static secant_status check_parameter_shape(const secanti_checkpoint *checkpoint, hid_t group,
                                           const secanti_parameter *parameter)
{
  const size_t ours = parameter->dimensions > 0 ? (size_t)parameter->dimensions : 1;
  const int64_t *shape = parameter->dimensions > 0 ? parameter->shape : &parameter->extent;
  size_t dimensions = 0;
  int64_t *theirs = NULL;
  char what[100];
  secant_status status = secanti_h5_attribute_count(&checkpoint->file, group, "shape", &dimensions);
  SECANT_TRY(status);
  snprintf(what, sizeof what, "the number of dimensions of parameter '%.40s'", parameter->name);
  if (dimensions != ours) return mismatch_count(checkpoint, what, (int64_t)dimensions, (int64_t)ours);
  theirs = secanti_alloc(dimensions, sizeof *theirs);
  if (!theirs) return secanti_fail(checkpoint->file.error, SECANT_ERR_MEMORY, "no memory for a shape");
  SECANT_TRY(secanti_h5_read_integers(&checkpoint->file, group, "shape", dimensions, theirs));
  for (size_t i = 0; i < dimensions && status == SECANT_OK; i++) {
    snprintf(what, sizeof what, "dimension %zu of parameter '%.40s'", i, parameter->name);
    if (theirs[i] != shape[i]) status = mismatch_count(checkpoint, what, theirs[i], shape[i]);
  }
done:
  free(theirs);
  return status;
}

/* Opens group /parameters/<index>. */
static secant_status open_parameter(const secanti_checkpoint *checkpoint, size_t index, hid_t *group)
{
  char path[40];
  snprintf(path, sizeof path, "/parameters/%zu", index);
  return secanti_h5_group(&checkpoint->file, checkpoint->file.id, path, group);
}

static secant_status check_parameter(const secanti_checkpoint *checkpoint, size_t index)
{
  const secanti_parameter *parameter = &checkpoint->optimizer->parameters.entries[index];
  hid_t group = H5I_INVALID_HID;
  char what[60];
  snprintf(what, sizeof what, "the name of parameter %zu", index);
  secant_status status = SECANT_OK;
  SECANT_TRY(open_parameter(checkpoint, index, &group));
  SECANT_TRY(check_text(checkpoint, group, "name", what, parameter->name));
  SECANT_TRY(check_parameter_shape(checkpoint, group, parameter));
  snprintf(what, sizeof what, "the group of parameter %zu", index);
  SECANT_TRY(check_integer(checkpoint, group, "group", what, (int64_t)parameter->group));
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

static secant_status check_parameters(const secanti_checkpoint *checkpoint)
{
  const secanti_parameters *parameters = &checkpoint->optimizer->parameters;
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_group(&checkpoint->file, checkpoint->file.id, "parameters", &group));
  SECANT_TRY(check_integer(checkpoint, group, "count", "the number of parameters", (int64_t)parameters->count));
  for (size_t i = 0; i < parameters->count; i++) SECANT_TRY(check_parameter(checkpoint, i));
  SECANT_TRY(check_integer(checkpoint, checkpoint->file.id, "n", "the number of unknowns", parameters->extent));
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

/* ---- /state --------------------------------------------------------------------------------------------------------- */

static secant_status read_choice(const secanti_h5_file *file, hid_t group, const secanti_scalar *scalar, int64_t *value)
{
  char *text = NULL;
  const secant_status status = secanti_h5_read_text(file, group, scalar->name, &text);
  *value = status == SECANT_OK ? secanti_scalar_parse(scalar, text) : -1;
  free(text);
  return status;
}

static secant_status read_scalar(secanti_checkpoint *checkpoint, hid_t group, const secanti_scalar *scalar)
{
  const secanti_h5_file *file = &checkpoint->file;
  void *at = secanti_scalar_at(scalar, &checkpoint->snapshot);
  switch (scalar->kind) {
  case SECANTI_REAL: return secanti_h5_read_reals(file, group, scalar->name, scalar->count, at);
  case SECANTI_CHOICE: return read_choice(file, group, scalar, at);
  case SECANTI_INTEGER: return secanti_h5_read_integers(file, group, scalar->name, 1, at);
  case SECANTI_FLAG: break;
  }
  int64_t flag = 0;
  const secant_status status = secanti_h5_read_integers(file, group, scalar->name, 1, &flag);
  *(bool *)at = flag != 0;
  return status;
}

/* Whether the optimizer as it was created can hold the state and go on with it. */
static secant_status check_fits(const secanti_checkpoint *checkpoint)
{
  const secanti_snapshot *snapshot = &checkpoint->snapshot;
  const secanti_engine *engine = &checkpoint->optimizer->engine;
  const int64_t parameters = (int64_t)checkpoint->optimizer->parameters.count;
  if (snapshot->added > parameters)
    return mismatch_count(checkpoint, "the number of parameters", snapshot->added, parameters);
  if (snapshot->pairs > engine->history.capacity) {
    return secanti_fail(checkpoint->file.error, SECANT_ERR_MISMATCH,
                        "'%s' holds %" PRId64 " curvature pairs, but history_size is %d here", checkpoint->file.path,
                        snapshot->pairs, engine->history.capacity);
  }
  return SECANT_OK;
}

static secant_status read_scalars(secanti_checkpoint *checkpoint, hid_t group)
{
  secant_status status = SECANT_OK;
  for (size_t i = 0; i < secanti_scalar_count; i++) SECANT_TRY(read_scalar(checkpoint, group, &secanti_scalars[i]));
  const secanti_scalar *fault = secanti_snapshot_fault(&checkpoint->snapshot);
  if (fault) return secanti_h5_fail(&checkpoint->file, group, "the value of '%s' cannot be", fault->name);
  status = check_fits(checkpoint);
done:
  return status;
}

static secant_status read_table(secanti_checkpoint *checkpoint, hid_t group, const secanti_table *table)
{
  const secanti_h5_shape shape = secanti_checkpoint_table_shape(checkpoint, table);
  hid_t dataset = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_dataset(&checkpoint->file, group, table->name, &shape, &dataset));
  status = secanti_h5_table(&checkpoint->file, dataset, secanti_table_at(table, &checkpoint->snapshot));
done:
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

static secant_status read_state(secanti_checkpoint *checkpoint)
{
  const secanti_h5_file *file = &checkpoint->file;
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_group(file, file->id, "state", &group));
  SECANT_TRY(read_scalars(checkpoint, group));
  checkpoint->snapshot.groups = checkpoint->optimizer->parameters.groups;
  if (secanti_snapshot_allocate(&checkpoint->snapshot) != SECANT_OK) {
    status = secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for the inner products");
    goto done;
  }
  SECANT_TRY(secanti_h5_read_reals(file, group, "group_inf", checkpoint->snapshot.groups,
                                   checkpoint->snapshot.here.group_inf));
  for (size_t i = 0; checkpoint->snapshot.pairs > 0 && i < secanti_table_count; i++) {
    SECANT_TRY(read_table(checkpoint, group, &secanti_tables[i]));
  }
  if (!secanti_snapshot_tables_sound(&checkpoint->snapshot)) {
    status = secanti_h5_fail(file, group, "the inner products cannot be those of curvature pairs");
  }
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

/* ---- vectors ---------------------------------------------------------------------------------------------------------- */

/* What has been read, until it takes the place of what the optimizer has. */
typedef struct arrivals {
  char *x; /* this rank's values of all parameters, one after the other */
  char *g;
  secanti_storage storage;
} arrivals;

typedef struct row_target {
  const secanti_checkpoint *checkpoint;
  const secanti_vector_entry *entry;
  size_t parameter;
  arrivals *into;
} row_target;

static size_t local_elements(const secanti_parameters *parameters, size_t before)
{
  size_t elements = 0;
  for (size_t i = 0; i < before; i++) elements += parameters->segments[i].count;
  return elements;
}

static void store_row(void *user, size_t row, size_t first, size_t count, void *data)
{
  const row_target *target = user;
  const secanti_vector_entry *entry = target->entry;
  const secanti_parameters *parameters = &target->checkpoint->optimizer->parameters;
  if (entry->kind == SECANTI_X || entry->kind == SECANTI_G) {
    const size_t element = secanti_element_bytes(parameters->dtype);
    char *array = entry->kind == SECANTI_X ? target->into->x : target->into->g;
    memcpy(array + (local_elements(parameters, target->parameter) + first) * element, data, count * element);
  } else {
    const int slot = entry->of_pairs ? (int)row : (int)target->checkpoint->snapshot.pairs;
    secanti_vectors_import(target->into->storage.vectors, (secanti_vector){entry->kind, slot}, target->parameter, first,
                           count, data);
  }
}

/* Opens the dataset of an entry and checks it; negative without an error if this state has none. */
static secant_status open_vectors(const secanti_checkpoint *checkpoint, size_t parameter,
                                  const secanti_vector_entry *entry, hid_t *dataset)
{
  const secanti_h5_shape shape = secanti_checkpoint_shape(checkpoint, entry, parameter);
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  *dataset = H5I_INVALID_HID;
  if (shape.rows == 0) return SECANT_OK;
  SECANT_TRY(open_parameter(checkpoint, parameter, &group));
  status = secanti_h5_dataset(&checkpoint->file, group, entry->name, &shape, dataset);
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

static secant_status check_vectors(const secanti_checkpoint *checkpoint)
{
  const size_t entries = secanti_vector_entry_count;
  for (size_t i = 0; i < checkpoint->optimizer->parameters.count * entries; i++) {
    hid_t dataset;
    const secant_status status = open_vectors(checkpoint, i / entries, &secanti_vector_entries[i % entries], &dataset);
    if (status != SECANT_OK) return status;
    if (dataset >= 0) H5Dclose(dataset);
  }
  return SECANT_OK;
}

/* Collective; the outcome is common. */
static secant_status read_vectors(const secanti_checkpoint *checkpoint, size_t parameter,
                                  const secanti_vector_entry *entry, arrivals *into)
{
  const secanti_h5_file *file = &checkpoint->file;
  const secanti_h5_shape shape = secanti_checkpoint_shape(checkpoint, entry, parameter);
  const secanti_h5_shard shard = secanti_checkpoint_shard(checkpoint, parameter);
  row_target target = {checkpoint, entry, parameter, into};
  hid_t dataset;
  if (shape.rows == 0) return SECANT_OK;
  open_vectors(checkpoint, parameter, entry, &dataset);
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) status = secanti_h5_vectors(file, dataset, &shape, &shard, store_row, &target);
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

/* ---- all together ----------------------------------------------------------------------------------------------------- */

/* Checks all that needs no vector. Every rank reads the same bytes; the outcome is this rank's. */
static secant_status check_file(secanti_checkpoint *checkpoint)
{
  secant_status status = SECANT_OK;
  SECANT_TRY(check_identity(checkpoint));
  SECANT_TRY(check_parameters(checkpoint));
  SECANT_TRY(read_state(checkpoint));
  SECANT_TRY(check_vectors(checkpoint));
done:
  return status;
}

static secant_status make_room(secanti_checkpoint *checkpoint, arrivals *into)
{
  const secant_optimizer *o = checkpoint->optimizer;
  const size_t elements = local_elements(&o->parameters, o->parameters.count) + 1; /* a rank may own nothing */
  const size_t bytes = secanti_element_bytes(o->parameters.dtype);
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_checkpoint_buffer(checkpoint));
  into->x = secanti_alloc(elements, bytes);
  into->g = secanti_alloc(elements, bytes);
  SECANT_TRY(into->x && into->g ? SECANT_OK : SECANT_ERR_MEMORY);
  SECANT_TRY(secanti_optimizer_storage(o, &o->parameters, o->engine.history.capacity, &into->storage));
done:
  if (status != SECANT_OK) {
    secanti_fail(checkpoint->file.error, status, "no memory to load '%s' beside what is there", checkpoint->file.path);
  }
  return status;
}

static void free_room(arrivals *into)
{
  free(into->x);
  free(into->g);
  secanti_storage_destroy(&into->storage);
}

/* From here on nothing can fail. */
static void take_over(secanti_checkpoint *checkpoint, arrivals *from)
{
  secant_optimizer *o = checkpoint->optimizer;
  const size_t element = secanti_element_bytes(o->parameters.dtype);
  size_t at = 0;
  for (size_t i = 0; i < o->parameters.count; i++) {
    const secanti_segment *segment = &o->parameters.segments[i];
    const size_t bytes = segment->count * element;
    if (bytes == 0) continue;
    memcpy(segment->values, from->x + at, bytes);
    if (checkpoint->snapshot.phase == SECANTI_BOUNDARY) memcpy(segment->gradient, from->g + at, bytes);
    at += bytes;
  }
  secanti_snapshot_restore(&checkpoint->snapshot, &o->engine, &from->storage);
  o->resumed = true;
  o->asked = false;
}

secant_status secanti_checkpoint_read(secanti_checkpoint *checkpoint)
{
  const secanti_h5_file *file = &checkpoint->file;
  arrivals room = {0};
  secant_status status = SECANT_OK;
  if (check_file(checkpoint) == SECANT_OK) make_room(checkpoint, &room);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  for (size_t i = 0; i < checkpoint->optimizer->parameters.count; i++) {
    for (size_t e = 0; e < secanti_vector_entry_count; e++) {
      SECANT_TRY(read_vectors(checkpoint, i, &secanti_vector_entries[e], &room));
    }
  }
  if (secanti_checkpoint_lacks_products(checkpoint)) {
    SECANT_TRY(secanti_checkpoint_complete_products(checkpoint, &room.storage, room.g));
  }
  take_over(checkpoint, &room);
done:
  free_room(&room);
  return status;
}
