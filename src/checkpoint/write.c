/* Writes a checkpoint: walks the tables of the schema and puts every entry into the file. */
#include "base/base.h"
#include "checkpoint/checkpoint.h"
#include <stdio.h>

static secant_status write_identity(const secanti_checkpoint *checkpoint)
{
  const secanti_h5_file *file = &checkpoint->file;
  const secanti_parameters *parameters = &checkpoint->optimizer->parameters;
  const int64_t version = SECANTI_FORMAT_VERSION;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_write_text(file, file->id, "format", SECANTI_FORMAT));
  SECANT_TRY(secanti_h5_write_integers(file, file->id, "version", 1, &version));
  SECANT_TRY(secanti_h5_write_text(file, file->id, "library", secant_version()));
  SECANT_TRY(secanti_h5_write_text(file, file->id, "problem", checkpoint->problem));
  SECANT_TRY(secanti_h5_write_text(file, file->id, "dtype", secanti_dtype_name(parameters->dtype)));
  SECANT_TRY(secanti_h5_write_text(file, file->id, "history_dtype", secanti_dtype_name(checkpoint->history_dtype)));
  SECANT_TRY(secanti_h5_write_integers(file, file->id, "n", 1, &parameters->extent));
  SECANT_TRY(secanti_h5_write_text(file, file->id, "initial_matrix",
                                   secanti_initial_name(checkpoint->optimizer->engine.initial.kind)));
done:
  return status;
}

static secant_status write_options(const secanti_checkpoint *checkpoint)
{
  const secanti_h5_file *file = &checkpoint->file;
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_group(file, file->id, "options", &group));
  for (size_t i = 0; i < secant_options_count(); i++) {
    const char *name = secant_options_describe(i)->name;
    char value[40];
    if (secant_options_get(&checkpoint->optimizer->options, name, value, sizeof value) != SECANT_OK) {
      status = secanti_fail(file->error, SECANT_ERR_IO, "option '%s' has no text", name);
      goto done;
    }
    SECANT_TRY(secanti_h5_write_text(file, group, name, value));
  }
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

/* ---- /state --------------------------------------------------------------------------------------------------------- */

static secant_status write_scalar(secanti_checkpoint *checkpoint, hid_t group, const secanti_scalar *scalar)
{
  const secanti_h5_file *file = &checkpoint->file;
  const void *at = secanti_scalar_at(scalar, &checkpoint->snapshot);
  switch (scalar->kind) {
  case SECANTI_REAL: return secanti_h5_write_reals(file, group, scalar->name, scalar->count, at);
  case SECANTI_CHOICE: return secanti_h5_write_text(file, group, scalar->name, scalar->choice(*(const int64_t *)at));
  case SECANTI_INTEGER: return secanti_h5_write_integers(file, group, scalar->name, 1, at);
  case SECANTI_FLAG: break;
  }
  const int64_t flag = *(const bool *)at;
  return secanti_h5_write_integers(file, group, scalar->name, 1, &flag);
}

/* Datasets are made by all ranks before any of them writes, so that a failure cannot part them within a write. */
static secant_status write_table(const secanti_checkpoint *checkpoint, hid_t group, const secanti_table *table)
{
  const secanti_h5_file *file = &checkpoint->file;
  const secanti_h5_shape shape = secanti_checkpoint_table_shape(checkpoint, table);
  hid_t dataset = H5I_INVALID_HID;
  secanti_h5_dataset(file, group, table->name, &shape, &dataset);
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) {
    secanti_h5_table(file, dataset, secanti_table_at(table, &checkpoint->snapshot));
    status = secant_comm_agree(file->comm, file->error);
  }
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

static secant_status write_scalars(secanti_checkpoint *checkpoint, hid_t *group)
{
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_group(&checkpoint->file, checkpoint->file.id, "state", group));
  for (size_t i = 0; i < secanti_scalar_count; i++) {
    SECANT_TRY(write_scalar(checkpoint, *group, &secanti_scalars[i]));
  }
  const secanti_snapshot *snapshot = &checkpoint->snapshot;
  SECANT_TRY(
      secanti_h5_write_reals(&checkpoint->file, *group, "group_inf", snapshot->groups, snapshot->here.group_inf));
done:
  return status;
}

/* Collective; the outcome is common. */
static secant_status write_state(secanti_checkpoint *checkpoint)
{
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  write_scalars(checkpoint, &group);
  SECANT_TRY(secant_comm_agree(checkpoint->file.comm, checkpoint->file.error));
  for (size_t i = 0; checkpoint->snapshot.pairs > 0 && i < secanti_table_count; i++) {
    SECANT_TRY(write_table(checkpoint, group, &secanti_tables[i]));
  }
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

/* ---- /parameters ------------------------------------------------------------------------------------------------------ */

/* Where the rows of one dataset come from. */
typedef struct row_source {
  secanti_engine *engine;
  const secanti_vector_entry *entry;
  size_t parameter;
} row_source;

/* Within a line search x and g are those of a trial; where it began is kept in `base` and the pending slot. */
static secanti_vector source_vector(const row_source *source, size_t row)
{
  const secanti_history *history = &source->engine->history;
  const secanti_vector_entry *entry = source->entry;
  if (source->engine->phase == SECANTI_TRIAL) {
    if (entry->kind == SECANTI_X) return (secanti_vector){SECANTI_BASE, 0};
    if (entry->kind == SECANTI_G) return (secanti_vector){SECANTI_G0, history->pending};
  }
  return (secanti_vector){entry->kind, entry->of_pairs ? history->order[row] : history->pending};
}

static void fetch_row(void *user, size_t row, size_t first, size_t count, void *data)
{
  const row_source *source = user;
  secanti_vectors_export(source->engine->vectors, source_vector(source, row), source->parameter, first, count, data);
}

/* Collective; the outcome is common. */
static secant_status write_vectors(const secanti_checkpoint *checkpoint, hid_t group, size_t parameter,
                                   const secanti_vector_entry *entry)
{
  const secanti_h5_file *file = &checkpoint->file;
  const secanti_h5_shape shape = secanti_checkpoint_shape(checkpoint, entry, parameter);
  secanti_h5_shard shard = secanti_checkpoint_shard(checkpoint, parameter);
  uint64_t sum = 0;
  shard.sum = &sum;
  row_source source = {&checkpoint->optimizer->engine, entry, parameter};
  hid_t dataset = H5I_INVALID_HID;
  if (shape.rows == 0) return SECANT_OK;
  if (entry->of_pairs && checkpoint->references.count > 0 && shape.columns > 0) {
    return secanti_references_map(file, &checkpoint->references, group, parameter, entry->name, &shape);
  }
  secanti_h5_dataset(file, group, entry->name, &shape, &dataset);
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) status = secanti_h5_vectors(file, dataset, &shape, &shard, fetch_row, &source);
  if (status == SECANT_OK) status = secanti_h5_confirm_parts(file, dataset, sum);
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

/* A parameter without a shape is a list. */
static secant_status describe_parameter(const secanti_h5_file *file, hid_t parent, const secanti_parameter *parameter,
                                        size_t index, hid_t *group)
{
  char number[24];
  snprintf(number, sizeof number, "%zu", index);
  const bool shaped = parameter->dimensions > 0;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_group(file, parent, number, group));
  SECANT_TRY(secanti_h5_write_text(file, *group, "name", parameter->name));
  SECANT_TRY(secanti_h5_write_integers(file, *group, "shape", shaped ? (size_t)parameter->dimensions : 1,
                                       shaped ? parameter->shape : &parameter->extent));
  const int64_t number_of_group = (int64_t)parameter->group;
  SECANT_TRY(secanti_h5_write_integers(file, *group, "group", 1, &number_of_group));
done:
  return status;
}

/* Collective; the outcome is common. */
static secant_status write_parameter(const secanti_checkpoint *checkpoint, hid_t parent, size_t index)
{
  const secanti_h5_file *file = &checkpoint->file;
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  describe_parameter(file, parent, &checkpoint->optimizer->parameters.entries[index], index, &group);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  for (size_t i = 0; i < secanti_vector_entry_count; i++) {
    SECANT_TRY(write_vectors(checkpoint, group, index, &secanti_vector_entries[i]));
  }
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

static secant_status begin_parameters(const secanti_checkpoint *checkpoint, hid_t *group)
{
  const int64_t count = (int64_t)checkpoint->optimizer->parameters.count;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_group(&checkpoint->file, checkpoint->file.id, "parameters", group));
  SECANT_TRY(secanti_h5_write_integers(&checkpoint->file, *group, "count", 1, &count));
done:
  return status;
}

/* Collective; the outcome is common. */
static secant_status write_parameters(const secanti_checkpoint *checkpoint)
{
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  begin_parameters(checkpoint, &group);
  SECANT_TRY(secant_comm_agree(checkpoint->file.comm, checkpoint->file.error));
  for (size_t i = 0; i < checkpoint->optimizer->parameters.count; i++) {
    SECANT_TRY(write_parameter(checkpoint, group, i));
  }
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

secant_status secanti_checkpoint_prepare(secanti_checkpoint *checkpoint)
{
  secant_optimizer *o = checkpoint->optimizer;
  if (secanti_snapshot_take(&checkpoint->snapshot, &o->engine) == SECANT_OK) {
    secanti_checkpoint_buffer(checkpoint);
  } else {
    secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for the inner products");
  }
  return secant_comm_agree(o->comm, &o->error);
}

static secant_status write_head(const secanti_checkpoint *checkpoint)
{
  const secant_status status = write_identity(checkpoint);
  return status == SECANT_OK ? write_options(checkpoint) : status;
}

secant_status secanti_checkpoint_write(secanti_checkpoint *checkpoint)
{
  secant_status status = SECANT_OK;
  secant_comm *comm = checkpoint->file.comm;
  secant_error *error = checkpoint->file.error;
  write_head(checkpoint);
  SECANT_TRY(secant_comm_agree(comm, error));
  SECANT_TRY(secanti_references_write(&checkpoint->file, &checkpoint->references));
  SECANT_TRY(write_state(checkpoint));
  SECANT_TRY(write_parameters(checkpoint));
done:
  return status;
}
