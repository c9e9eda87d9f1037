#include "checkpoint/incremental.h"
#include "base/base.h"
#include "checkpoint/checksum.h"
#include "checkpoint/pair_file.h"
#include "checkpoint/place.h"
#include "checkpoint/seal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How much of each pair's file there is. */
typedef enum presence {
  ABSENT,
  UNKNOWN, /* there is a file, but this process has neither read nor written it */
  PRESENT
} presence;

static secanti_label *label_of(const secanti_checkpoint *checkpoint, size_t row)
{
  const secanti_history *history = &checkpoint->optimizer->engine.history;
  return &history->labels[history->order[row]];
}

/* ---- labels --------------------------------------------------------------------------------------------------------- */

static size_t count_unlabelled(const secanti_references *references)
{
  size_t count = 0;
  for (size_t i = 0; i < references->count; i++) count += !secanti_is_labelled(&references->labels[i]);
  return count;
}

/* The checksums of the pairs that have no label, one pair after the other. Collective; the outcome is common. */
static secant_status sum_unlabelled(const secanti_checkpoint *checkpoint, size_t each, uint64_t *sums)
{
  const secanti_references *references = &checkpoint->references;
  secant_optimizer *o = checkpoint->optimizer;
  uint64_t *next = sums;
  for (size_t i = 0; i < references->count; i++) {
    if (secanti_is_labelled(&references->labels[i])) continue;
    secanti_pair_add_sums(checkpoint, i, next);
    next += each;
  }
  return secanti_checksum_add_up(o->comm, sums, (size_t)(next - sums), &o->error);
}

/* Labels the pairs that have come in since the last save. Collective; the outcome is common. */
static secant_status label_pairs(secanti_checkpoint *checkpoint)
{
  secanti_references *references = &checkpoint->references;
  secant_optimizer *o = checkpoint->optimizer;
  const size_t each = 2 * o->parameters.count;
  uint64_t *sums = secanti_alloc(each * count_unlabelled(references) + 1, sizeof *sums), *next = sums;
  if (!sums) secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for the checksums of the pairs");
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  SECANT_TRY(sum_unlabelled(checkpoint, each, sums));
  for (size_t i = 0; i < references->count; i++) {
    secanti_label *label = &references->labels[i];
    if (secanti_is_labelled(label)) continue;
    secanti_checksum_of_sums(next, each, &label->high, &label->low);
    next += each;
  }
done:
  free(sums);
  return status;
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

/* Rank 0 finds the directory or makes it. */
static secant_status make_directory(const char *path, secant_error *error)
{
  struct stat about;
  if (mkdir(path, 0777) == 0) return secanti_place_sync_directory_of(path, error);
  if (errno != EEXIST) return secanti_fail_on(error, path, "made");
  if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_IO, "'%s' must be a directory for curvature pairs, and it is not", path);
}

/* A file gets its name when it is complete, so its seal and its length are enough to know it again. */
static presence look_for(const char *path, bool known)
{
  secanti_seal seal;
  struct stat about;
  if (stat(path, &about) != 0 || secanti_seal_read(path, &seal, NULL) != SECANT_OK || !seal.present) return ABSENT;
  return known ? PRESENT : UNKNOWN;
}

/* Which of the pairs have files. Rank 0 looks; `known` are the rows that this process has had to do with. */
static void look_for_all(const secanti_checkpoint *checkpoint, const char *path, const bool *known, presence *found)
{
  const secanti_references *references = &checkpoint->references;
  for (size_t i = 0; i < references->count; i++) {
    char *name = secanti_pairs_path(path, references->directory, &references->labels[i]);
    found[i] = name ? look_for(name, known[i]) : ABSENT;
    free(name);
  }
}

/* Writes one pair unless its file is there. Collective; the outcome is common. */
static secant_status write_if_needed(const secanti_checkpoint *checkpoint, const char *path, size_t row, presence found)
{
  secant_optimizer *o = checkpoint->optimizer;
  const secanti_references *references = &checkpoint->references;
  const secanti_label *label = &references->labels[row];
  if (found == UNKNOWN) {
    const secant_status status =
        secanti_pair_check(path, references->directory, label, true, o->comm, checkpoint->io, &o->error);
    if (status == SECANT_OK) return SECANT_OK;
    o->error = (secant_error){.status = SECANT_OK}; /* whatever is wrong with it, a new one will do */
  }
  if (found == PRESENT) return SECANT_OK;
  char *name = secanti_pairs_path(path, references->directory, label);
  if (!name) secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for the name of a pair's file");
  secant_status status = secant_comm_agree(o->comm, &o->error);
  if (status == SECANT_OK) status = secanti_pair_write(checkpoint, name, row);
  free(name);
  return status;
}

/* ---- all together --------------------------------------------------------------------------------------------------- */

/* What is known of each row: [pairs] each. */
typedef struct rows {
  bool *known;
  presence *found;
} rows;

/* This rank's memory. */
static secant_status make_room(secanti_checkpoint *checkpoint, const char *path, size_t pairs, rows *all)
{
  secanti_references *references = &checkpoint->references;
  references->directory = secanti_pairs_directory(path);
  references->labels = secanti_alloc(pairs, sizeof *references->labels);
  all->known = secanti_alloc(pairs, sizeof *all->known);
  all->found = secanti_alloc(pairs, sizeof *all->found);
  if (references->directory && references->labels && all->known && all->found) return SECANT_OK;
  return secanti_fail(&checkpoint->optimizer->error, SECANT_ERR_MEMORY, "no memory for the names of %zu pairs", pairs);
}

static secant_status prepare_directory(const secanti_checkpoint *checkpoint, const char *path)
{
  secant_error *error = &checkpoint->optimizer->error;
  char *directory = secanti_pairs_path(path, checkpoint->references.directory, NULL);
  if (!directory) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a directory");
  const secant_status status = make_directory(directory, error);
  free(directory);
  return status;
}

/* Rank 0 prepares the directory and tells all what is in it. Collective; the outcome is common. */
static secant_status look_together(const secanti_checkpoint *checkpoint, const char *path, const rows *all)
{
  secant_optimizer *o = checkpoint->optimizer;
  const size_t bytes = checkpoint->references.count * sizeof *all->found;
  const bool first = o->comm->rank == 0;
  if (first && prepare_directory(checkpoint, path) == SECANT_OK) {
    look_for_all(checkpoint, path, all->known, all->found);
  }
  return secanti_comm_share(o->comm, all->found, bytes, &o->error);
}

/* What is known from earlier saves and from loading. */
static void take_labels(secanti_checkpoint *checkpoint, size_t pairs, const rows *all)
{
  secanti_references *references = &checkpoint->references;
  references->count = pairs;
  for (size_t i = 0; i < pairs; i++) {
    references->labels[i] = *label_of(checkpoint, i);
    all->known[i] = secanti_is_labelled(&references->labels[i]);
  }
}

/* A label goes to the history when the file is good: it tells the next save that this is known. */
secant_status secanti_incremental_write_pairs(secanti_checkpoint *checkpoint, const char *path)
{
  secant_optimizer *o = checkpoint->optimizer;
  const size_t pairs = (size_t)checkpoint->snapshot.pairs;
  rows all = {NULL, NULL};
  secant_status status = SECANT_OK;
  if (pairs == 0) return SECANT_OK;
  make_room(checkpoint, path, pairs, &all);
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  take_labels(checkpoint, pairs, &all);
  SECANT_TRY(label_pairs(checkpoint));
  SECANT_TRY(look_together(checkpoint, path, &all));
  for (size_t i = 0; i < pairs; i++) {
    SECANT_TRY(write_if_needed(checkpoint, path, i, all.found[i]));
    *label_of(checkpoint, i) = checkpoint->references.labels[i];
  }
done:
  free(all.known);
  free(all.found);
  return status;
}
