#include "checkpoint/pair_file.h"
#include "base/base.h"
#include "checkpoint/checksum.h"
#include "checkpoint/place.h"
#include "checkpoint/verify.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT "secant-pair"
enum { FORMAT_VERSION = 1, VECTORS = 2 };

/* A pair on its way between an optimizer and its file. */
typedef struct pair_file {
  const secanti_checkpoint *checkpoint;
  size_t row;
  secanti_h5_file file;
  const secanti_pair_reader *reader; /* NULL while writing */
  const secanti_label *label;        /* that it must have; NULL while writing */
  bool whole;
} pair_file;

/* s and y. */
static const secanti_vector_entry *entry_of(size_t vector)
{
  size_t i = 0;
  while (!secanti_vector_entries[i].of_pairs || vector-- > 0) i++;
  return &secanti_vector_entries[i];
}

static secanti_h5_shape shape_of(const secanti_checkpoint *checkpoint, size_t parameter)
{
  return (secanti_h5_shape){.dimensions = 1,
                            .rows = 1,
                            .columns = checkpoint->optimizer->parameters.entries[parameter].extent,
                            .dtype = checkpoint->history_dtype};
}

/* ---- checksums ---------------------------------------------------------------------------------------------------- */

static void fetch(const secanti_checkpoint *checkpoint, size_t row, const secanti_vector_entry *entry, size_t parameter,
                  size_t first, size_t count, void *data)
{
  secanti_engine *engine = &checkpoint->optimizer->engine;
  const secanti_vector vector = {entry->kind, engine->history.order[row]};
  secanti_vectors_export(engine->vectors, vector, parameter, first, count, data);
}

static uint64_t sum_of(const secanti_checkpoint *checkpoint, size_t row, const secanti_vector_entry *entry,
                       size_t parameter)
{
  const secanti_h5_shard shard = secanti_checkpoint_shard(checkpoint, parameter);
  const size_t size = secanti_element_bytes(checkpoint->history_dtype);
  uint64_t sum = 0;
  for (size_t first = 0; first < shard.count; first += shard.piece) {
    const size_t left = shard.count - first, count = left < shard.piece ? left : shard.piece;
    fetch(checkpoint, row, entry, parameter, first, count, shard.buffer);
    sum += secanti_checksum_numbers(shard.buffer, size, count, (uint64_t)shard.first + first);
  }
  return sum;
}

void secanti_pair_add_sums(const secanti_checkpoint *checkpoint, size_t row, uint64_t *sums)
{
  for (size_t i = 0; i < checkpoint->optimizer->parameters.count; i++) {
    for (size_t v = 0; v < VECTORS; v++) sums[i * VECTORS + v] += sum_of(checkpoint, row, entry_of(v), i);
  }
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

/* One vector of the pair. */
typedef struct vector_source {
  const pair_file *pair;
  const secanti_vector_entry *entry;
  size_t parameter;
} vector_source;

static void fetch_vector(void *user, size_t row, size_t first, size_t count, void *data)
{
  const vector_source *source = user;
  (void)row; /* the file has but one */
  fetch(source->pair->checkpoint, source->pair->row, source->entry, source->parameter, first, count, data);
}

/* Moves s or y of a parameter, as the file is open for. Collective; the outcome is common. */
static secant_status move_vector(const pair_file *pair, hid_t group, size_t parameter,
                                 const secanti_vector_entry *entry, secanti_h5_row *copy, void *user)
{
  const secanti_h5_file *file = &pair->file;
  const secanti_h5_shape shape = shape_of(pair->checkpoint, parameter);
  secanti_h5_shard shard = secanti_checkpoint_shard(pair->checkpoint, parameter);
  uint64_t sum = 0;
  shard.sum = &sum;
  hid_t dataset = H5I_INVALID_HID;
  secanti_h5_dataset(file, group, entry->name, &shape, &dataset);
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) status = secanti_h5_vectors(file, dataset, &shape, &shard, copy, user);
  if (status == SECANT_OK) status = secanti_h5_confirm_parts(file, dataset, sum);
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

/* Both vectors of a parameter. Collective; the outcome is common. */
static secant_status move_parameter(const pair_file *pair, hid_t parent, size_t parameter)
{
  const secanti_h5_file *file = &pair->file;
  const secanti_pair_reader *reader = pair->reader;
  char number[24];
  hid_t group = H5I_INVALID_HID;
  snprintf(number, sizeof number, "%zu", parameter);
  secant_status status = SECANT_OK;
  secanti_h5_group(file, parent, number, &group);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  for (size_t v = 0; v < VECTORS; v++) {
    const secanti_vector_entry *entry = entry_of(v);
    vector_source source = {pair, entry, parameter};
    void *user = reader ? reader->target(reader->user, parameter, entry) : &source;
    SECANT_TRY(move_vector(pair, group, parameter, entry, reader ? reader->copy : fetch_vector, user));
  }
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

/* Collective; the outcome is common. */
static secant_status move_all(const pair_file *pair)
{
  const secanti_h5_file *file = &pair->file;
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  secanti_h5_group(file, file->id, "parameters", &group);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  for (size_t i = 0; i < pair->checkpoint->optimizer->parameters.count; i++) {
    SECANT_TRY(move_parameter(pair, group, i));
  }
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

static secant_status write_pair(void *user)
{
  const pair_file *pair = user;
  const secanti_h5_file *file = &pair->file;
  const int64_t version = FORMAT_VERSION;
  secanti_h5_write_text(file, file->id, "format", FORMAT);
  secanti_h5_write_integers(file, file->id, "version", 1, &version);
  const secant_status status = secant_comm_agree(file->comm, file->error);
  return status == SECANT_OK ? move_all(pair) : status;
}

static secanti_place place_of(pair_file *pair, const char *path, secanti_place_task *task)
{
  return (secanti_place){.path = path,
                         .kind = "a curvature pair",
                         .comm = pair->checkpoint->optimizer->comm,
                         .error = &pair->checkpoint->optimizer->error,
                         .file = &pair->file,
                         .task = task,
                         .user = pair,
                         .io = pair->checkpoint->io};
}

secant_status secanti_pair_write(const secanti_checkpoint *checkpoint, const char *path, size_t row)
{
  pair_file pair = {.checkpoint = checkpoint, .row = row};
  const secanti_place place = place_of(&pair, path, write_pair);
  return secanti_place_write(&place);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

/* The checksum that dataset parameters/<i>/<name> of the file claims. */
static secant_status claimed_sum(const secanti_h5_file *file, size_t parameter, const char *name, uint64_t *sum)
{
  char path[60];
  snprintf(path, sizeof path, "/parameters/%zu/%s", parameter, name);
  const hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
  if (dataset < 0) return secanti_h5_fail(file, H5I_INVALID_HID, "dataset '%s' cannot be opened", path);
  const secant_status status = secanti_h5_read_checksum(file, dataset, sum);
  H5Dclose(dataset);
  return status;
}

static secant_status claimed_label(const secanti_h5_file *file, size_t parameters, secanti_label *label)
{
  secant_status status = SECANT_OK;
  uint64_t *sums = secanti_alloc(parameters + 1, VECTORS * sizeof *sums);
  if (!sums) return secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for the checksums of a pair");
  for (size_t i = 0; i < VECTORS * parameters; i++) {
    SECANT_TRY(claimed_sum(file, i / VECTORS, entry_of(i % VECTORS)->name, &sums[i]));
  }
  secanti_checksum_of_sums(sums, VECTORS * parameters, &label->high, &label->low);
done:
  free(sums);
  return status;
}

/* Whether the checksums in the file make the label that its name stands for. This rank's outcome. */
static secant_status check_label(void *user)
{
  const pair_file *pair = user;
  const secanti_h5_file *file = &pair->file;
  H5G_info_t group;
  secanti_label label;
  if (secanti_h5_is_absent(file)) return SECANT_OK;
  if (H5Gget_info_by_name(file->id, "/parameters", &group, H5P_DEFAULT) < 0) {
    return secanti_h5_fail(file, H5I_INVALID_HID, "this is not the file of a pair");
  }
  const secant_status status = claimed_label(file, (size_t)group.nlinks, &label);
  if (status != SECANT_OK || secanti_same_label(&label, pair->label)) return status;
  return secanti_fail(file->error, SECANT_ERR_FORMAT, "'%s' holds another pair than its name says", file->path);
}

static secant_status read_pair(void *user)
{
  pair_file *pair = user;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_read_together(&pair->file, check_label, pair));
  if (pair->whole) SECANT_TRY(secanti_verify_datasets(&pair->file));
  if (pair->reader) status = move_all(pair);
done:
  return status;
}

/* Says for which checkpoint the file is needed, and that it is missing if it is. Rank 0 of those that see it looks. */
static secant_status read_for(const char *checkpoint, secanti_place *place, const char *path)
{
  secant_error *error = place->error;
  secant_status status = SECANT_OK;
  if (!path) secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a pair's file");
  SECANT_TRY(secant_comm_agree(place->comm, error));
  place->path = path;
  if (place->comm->rank == 0 && access(path, F_OK) != 0 && errno == ENOENT) {
    secanti_fail(error, SECANT_ERR_FORMAT, "'%s' is not there", path);
  }
  status = secant_comm_agree(place->comm, error);
  if (status == SECANT_OK) status = secanti_place_read(place);
  if (status != SECANT_OK) {
    const secant_error cause = *error;
    secanti_fail(error, status, "'%s' needs a curvature pair: %s", checkpoint, cause.message);
  }
done:
  return status;
}

secant_status secanti_pair_read(const secanti_checkpoint *checkpoint, size_t row, const secanti_pair_reader *reader)
{
  const secanti_references *references = &checkpoint->references;
  const char *from = checkpoint->file.path;
  char *path = secanti_pairs_path(from, references->directory, &references->labels[row]);
  pair_file pair = {.checkpoint = checkpoint, .row = row, .reader = reader, .label = &references->labels[row]};
  secanti_place place = place_of(&pair, path, read_pair);
  const secant_status status = read_for(from, &place, path);
  free(path);
  return status;
}

secant_status secanti_pair_check(const char *path, const char *directory, const secanti_label *label, bool whole,
                                 secant_comm *comm, secant_checkpoint_io io, secant_error *error)
{
  char *name = secanti_pairs_path(path, directory, label);
  pair_file pair = {.label = label, .whole = whole};
  secanti_place place = {.kind = "a curvature pair",
                         .comm = comm,
                         .error = error,
                         .file = &pair.file,
                         .task = read_pair,
                         .user = &pair,
                         .io = io};
  const secant_status status = read_for(path, &place, name);
  free(name);
  return status;
}

secant_status secanti_pairs_check(const secanti_h5_file *file, bool whole)
{
  secanti_references all;
  secant_status status = secanti_references_read(file, &all);
  for (size_t i = 0; status == SECANT_OK && i < all.count; i++) {
    status = secanti_pair_check(file->path, all.directory, &all.labels[i], whole, secanti_comm_self(), SECANT_IO_AUTO,
                                file->error);
  }
  secanti_references_destroy(&all);
  return status;
}
