/*
 * Reads a checkpoint as one transaction: everything is checked and read into memory of its own first, the history into
 * a second set of vectors (so loading needs the memory of two), and only then the optimizer changes, which cannot fail.
 */
#include "base/base.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/pair_file.h"
#include "engine/arrays.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static secant_status read_scalars(secanti_checkpoint *checkpoint, hid_t group)
{
  secant_status status = SECANT_OK;
  for (size_t i = 0; i < secanti_scalar_count; i++) SECANT_TRY(read_scalar(checkpoint, group, &secanti_scalars[i]));
  const secanti_scalar *fault = secanti_snapshot_fault(&checkpoint->snapshot);
  if (fault) return secanti_h5_fail(&checkpoint->file, group, "the value of '%s' cannot be", fault->name);
  status = secanti_checkpoint_check_fits(checkpoint);
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
  bool rounded;    /* a vector lost digits on this rank */
  bool overflowed; /* a value or a derivative is beyond the type that it has here */
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

/* Keeps values or derivatives, of the type that they have here. */
static void store_elements(const row_target *target, char *array, size_t first, size_t count, const void *data)
{
  const secanti_parameters *parameters = &target->checkpoint->optimizer->parameters;
  const size_t before = local_elements(parameters, target->parameter) + first;
  char *to = array + before * secanti_element_bytes(parameters->dtype);
  if (secanti_array_convert(data, target->checkpoint->dtype, to, parameters->dtype, count)) return;
  target->into->rounded = true;
  for (size_t i = 0; i < count; i++) {
    if (isinf(((const float *)to)[i]) && isfinite(((const double *)data)[i])) target->into->overflowed = true;
  }
}

/* Pairs that there is no room for are passed over: they are the oldest. */
static void store_row(void *user, size_t row, size_t first, size_t count, void *data)
{
  const row_target *target = user;
  const secanti_vector_entry *entry = target->entry;
  const secanti_checkpoint *checkpoint = target->checkpoint;
  const size_t kept = (size_t)secanti_checkpoint_kept_pairs(checkpoint);
  const size_t dropped = (size_t)checkpoint->snapshot.pairs - kept;
  if (entry->kind == SECANTI_X || entry->kind == SECANTI_G) {
    store_elements(target, entry->kind == SECANTI_X ? target->into->x : target->into->g, first, count, data);
  } else if (!entry->of_pairs || row >= dropped) {
    const int slot = (int)(entry->of_pairs ? row - dropped : kept);
    const bool history = entry->kind == SECANTI_S || entry->kind == SECANTI_Y;
    const secant_dtype dtype = history ? checkpoint->history_dtype : checkpoint->dtype;
    const secanti_range range = {target->parameter, first, count};
    const secanti_vector vector = {entry->kind, slot};
    if (!secanti_vectors_import_as(target->into->storage.vectors, vector, range, dtype, data)) {
      target->into->rounded = true;
    }
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
  SECANT_TRY(secanti_checkpoint_open_parameter(checkpoint, parameter, &group));
  status = secanti_h5_dataset(&checkpoint->file, group, entry->name, &shape, dataset);
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

/* Whether the vectors of an entry are in files of their own. */
static bool is_elsewhere(const secanti_checkpoint *checkpoint, const secanti_vector_entry *entry)
{
  return entry->of_pairs && checkpoint->references.count > 0;
}

static secant_status check_vectors(const secanti_checkpoint *checkpoint)
{
  const size_t entries = secanti_vector_entry_count;
  for (size_t i = 0; i < checkpoint->optimizer->parameters.count * entries; i++) {
    const secanti_vector_entry *entry = &secanti_vector_entries[i % entries];
    hid_t dataset;
    if (is_elsewhere(checkpoint, entry)) continue;
    const secant_status status = open_vectors(checkpoint, i / entries, entry, &dataset);
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
  secanti_h5_shard shard = secanti_checkpoint_shard(checkpoint, parameter);
  uint64_t sum = 0;
  shard.sum = &sum;
  row_target target = {checkpoint, entry, parameter, into};
  hid_t dataset;
  if (shape.rows == 0 || is_elsewhere(checkpoint, entry)) return SECANT_OK;
  open_vectors(checkpoint, parameter, entry, &dataset);
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) status = secanti_h5_vectors(file, dataset, &shape, &shard, store_row, &target);
  if (status == SECANT_OK) status = secanti_h5_confirm_parts(file, dataset, sum);
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

/* ---- pairs in files of their own --------------------------------------------------------------------------------------- */

static secant_status read_references(secanti_checkpoint *checkpoint)
{
  const secanti_references *references = &checkpoint->references;
  const size_t pairs = (size_t)checkpoint->snapshot.pairs;
  const secant_status status = secanti_references_read(&checkpoint->file, &checkpoint->references);
  if (status != SECANT_OK || references->count == 0 || references->count == pairs) return status;
  return secanti_h5_fail(&checkpoint->file, H5I_INVALID_HID, "'%s' has %zu names, but there are %zu pairs",
                         SECANTI_REFERENCES, references->count, pairs);
}

/* One pair on its way into memory. */
typedef struct pair_target {
  row_target vector;
  size_t row;
} pair_target;

static void *choose_vector(void *user, size_t parameter, const secanti_vector_entry *entry)
{
  pair_target *target = user;
  target->vector.entry = entry;
  target->vector.parameter = parameter;
  return target;
}

static void store_vector(void *user, size_t row, size_t first, size_t count, void *data)
{
  pair_target *target = user;
  (void)row; /* the file has but one */
  store_row(&target->vector, target->row, first, count, data);
}

/* Those pairs that there is room for. Where they are as in the file, their labels are too. Collective; the outcome is
 * common. */
static secant_status read_pairs(const secanti_checkpoint *checkpoint, arrivals *into)
{
  const secanti_references *references = &checkpoint->references;
  const size_t dropped = (size_t)(checkpoint->snapshot.pairs - secanti_checkpoint_kept_pairs(checkpoint));
  const bool same = secanti_vectors_dtype(into->storage.vectors, SECANTI_S) == checkpoint->history_dtype;
  for (size_t row = dropped; row < references->count; row++) {
    pair_target target = {.vector = {.checkpoint = checkpoint, .into = into}, .row = row};
    const secanti_pair_reader reader = {store_vector, choose_vector, &target};
    const secant_status status = secanti_pair_read(checkpoint, row, &reader);
    if (status != SECANT_OK) return status;
    if (same) into->storage.history.labels[row - dropped] = references->labels[row];
  }
  return SECANT_OK;
}

/* ---- all together ----------------------------------------------------------------------------------------------------- */

/* Checks all that needs no vector. Every rank reads the same; the outcome is this rank's. */
static secant_status check_file(void *user)
{
  secanti_checkpoint *checkpoint = user;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_checkpoint_check_identity(checkpoint));
  SECANT_TRY(read_state(checkpoint));
  SECANT_TRY(read_references(checkpoint));
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

/* What conversion did to the vectors of any rank. Collective; the outcome is common. */
static secant_status agree_on_rounding(secanti_checkpoint *checkpoint, arrivals *into)
{
  const secanti_h5_file *file = &checkpoint->file;
  if (into->overflowed) {
    secanti_fail(file->error, SECANT_ERR_MISMATCH, "'%s' holds values that are too large for the parameters' type here",
                 file->path);
  }
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  status = secanti_history_was_rounded(file->comm, &into->storage.reduction, into->rounded, &checkpoint->rounded);
  if (status != SECANT_OK) secanti_fail(file->error, status, "%s", secant_status_text(status));
done:
  return status;
}

/* All vectors, and what becomes of them. Collective; the outcome is common. */
static secant_status read_all_vectors(secanti_checkpoint *checkpoint, arrivals *into)
{
  const secant_optimizer *o = checkpoint->optimizer;
  const secant_dtype history = secanti_vectors_dtype(o->engine.vectors, SECANTI_S);
  secant_status status = SECANT_OK;
  for (size_t i = 0; i < o->parameters.count; i++) {
    for (size_t e = 0; e < secanti_vector_entry_count; e++) {
      SECANT_TRY(read_vectors(checkpoint, i, &secanti_vector_entries[e], into));
    }
  }
  SECANT_TRY(read_pairs(checkpoint, into));
  if (history != checkpoint->history_dtype || o->parameters.dtype != checkpoint->dtype) {
    SECANT_TRY(agree_on_rounding(checkpoint, into));
  }
  secanti_snapshot_keep_newest(&checkpoint->snapshot, secanti_checkpoint_kept_pairs(checkpoint));
done:
  return status;
}

secant_status secanti_checkpoint_read(secanti_checkpoint *checkpoint)
{
  const secanti_h5_file *file = &checkpoint->file;
  arrivals room = {0};
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_read_together(file, check_file, checkpoint));
  make_room(checkpoint, &room);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  SECANT_TRY(read_all_vectors(checkpoint, &room));
  if (secanti_checkpoint_lacks_products(checkpoint)) {
    SECANT_TRY(secanti_checkpoint_complete_products(checkpoint, &room.storage, room.g));
  }
  take_over(checkpoint, &room);
done:
  free_room(&room);
  return status;
}
