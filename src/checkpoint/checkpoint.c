/* The two public functions, and what writing and reading a checkpoint have in common. */
#include "checkpoint/checkpoint.h"
#include "base/base.h"
#include "checkpoint/incremental.h"
#include "checkpoint/options.h"
#include "checkpoint/place.h"
#include "comm/equal.h"
#include <stdlib.h>
#include <string.h>

/* ---- shared by writing and reading --------------------------------------------------------------------------------- */

secanti_h5_shape secanti_checkpoint_shape(const secanti_checkpoint *checkpoint, const secanti_vector_entry *entry,
                                          size_t parameter)
{
  const secanti_parameters *parameters = &checkpoint->optimizer->parameters;
  const bool history = entry->kind == SECANTI_S || entry->kind == SECANTI_Y;
  return (secanti_h5_shape){.dimensions = entry->of_pairs ? 2 : 1,
                            .rows = entry->rows(&checkpoint->snapshot),
                            .columns = parameters->entries[parameter].extent,
                            .dtype = history ? checkpoint->history_dtype : checkpoint->dtype};
}

secanti_h5_shape secanti_checkpoint_table_shape(const secanti_checkpoint *checkpoint, const secanti_table *table)
{
  const int64_t pairs = checkpoint->snapshot.pairs;
  return (secanti_h5_shape){.dimensions = table->dimensions,
                            .rows = table->dimensions == 2 ? (size_t)pairs : 1,
                            .columns = pairs,
                            .dtype = SECANT_F64};
}

secanti_h5_shard secanti_checkpoint_shard(const secanti_checkpoint *checkpoint, size_t parameter)
{
  const secanti_parameters *parameters = &checkpoint->optimizer->parameters;
  return (secanti_h5_shard){.first = parameters->entries[parameter].first,
                            .count = parameters->segments[parameter].count,
                            .longest = checkpoint->longest,
                            .piece = checkpoint->piece,
                            .buffer = checkpoint->buffer};
}

int64_t secanti_checkpoint_kept_pairs(const secanti_checkpoint *checkpoint)
{
  const int64_t room = checkpoint->optimizer->engine.history.capacity;
  return checkpoint->snapshot.pairs < room ? checkpoint->snapshot.pairs : room;
}

secant_status secanti_checkpoint_buffer(secanti_checkpoint *checkpoint)
{
  const size_t rows = checkpoint->snapshot.pairs > 1 ? (size_t)checkpoint->snapshot.pairs : 1;
  const size_t longest = checkpoint->longest > 0 ? checkpoint->longest : 1;
  if (longest <= checkpoint->piece / rows) checkpoint->piece = longest * rows;
  checkpoint->buffer = secanti_alloc_aligned(checkpoint->piece, secanti_element_bytes(checkpoint->dtype));
  if (checkpoint->buffer) return SECANT_OK;
  return secanti_fail(&checkpoint->optimizer->error, SECANT_ERR_MEMORY, "no memory for a buffer of %zu elements",
                      checkpoint->piece);
}

/* The most elements of one parameter that any rank has. Collective; the outcome is common. */
static secant_status find_longest(secanti_checkpoint *checkpoint)
{
  secant_optimizer *o = checkpoint->optimizer;
  secanti_reduction reduction = {0};
  secant_status status = secanti_reduction_create(&reduction, 1, false);
  if (status != SECANT_OK) secanti_fail(&o->error, status, "no memory for a reduction");
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  size_t longest = 0;
  for (size_t i = 0; i < o->parameters.count; i++) {
    if (o->parameters.segments[i].count > longest) longest = o->parameters.segments[i].count;
  }
  secanti_reduction_begin(&reduction, 0, 1);
  *secanti_reduction_maxima(&reduction) = (double)longest;
  status = secanti_reduce(o->comm, &reduction);
  if (status != SECANT_OK) secanti_fail(&o->error, status, "%s", secant_status_text(status));
  checkpoint->longest = (size_t)*secanti_reduction_maxima(&reduction);
done:
  secanti_reduction_destroy(&reduction);
  return status;
}

/* Refuses what no rank can go on with. Collective; the outcome is common. */
static secant_status begin(secanti_checkpoint *checkpoint, const char *path)
{
  secant_optimizer *o = checkpoint->optimizer;
  o->error = (secant_error){.status = SECANT_OK};
  if (!path || !*path || !checkpoint->problem) {
    secanti_fail(&o->error, SECANT_ERR_ARGUMENT, "a checkpoint needs a path and a text that names the problem");
  } else if (checkpoint->keep < 0) {
    secanti_fail(&o->error, SECANT_ERR_ARGUMENT,
                 "the options of a save were not made by "
                 "secant_checkpoint_options_default(), or are outside their ranges");
  } else if (checkpoint->io == SECANT_IO_MPIO && o->comm->size > 1 && !o->comm->h5) {
    secanti_fail(&o->error, SECANT_ERR_UNSUPPORTED,
                 "io is mpio, but this communicator cannot open files in parallel; io gather needs no such thing");
  }
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  uint64_t mark = secanti_hash(SECANTI_HASH_START, checkpoint->problem, strlen(checkpoint->problem) + 1);
  mark = secanti_hash(mark, &checkpoint->keep, sizeof checkpoint->keep);
  mark = secanti_hash(mark, &checkpoint->io, sizeof checkpoint->io);
  mark = secanti_hash(mark, &checkpoint->incremental, sizeof checkpoint->incremental);
  SECANT_TRY(secanti_require_equal(o->comm, secanti_hash(mark, path, strlen(path)),
                                   "the path of the checkpoint, its options or the text that names the problem",
                                   &o->error));
  SECANT_TRY(find_longest(checkpoint));
done:
  return status;
}

/* ---- saving ---------------------------------------------------------------------------------------------------------- */

static secanti_place place_of(secanti_checkpoint *checkpoint, const char *path, secanti_place_task *task)
{
  secant_optimizer *o = checkpoint->optimizer;
  return (secanti_place){.path = path,
                         .kind = "a checkpoint",
                         .comm = o->comm,
                         .error = &o->error,
                         .file = &checkpoint->file,
                         .task = task,
                         .user = checkpoint,
                         .keep = checkpoint->keep,
                         .distrusted = path && o->distrusted == secanti_checkpoint_mark(path),
                         .io = checkpoint->io};
}

static secant_status write_all(void *checkpoint)
{
  return secanti_checkpoint_write(checkpoint);
}

static secant_status save(secanti_checkpoint *checkpoint, const char *path)
{
  const secanti_place place = place_of(checkpoint, path, write_all);
  secant_optimizer *o = checkpoint->optimizer;
  secant_status status = SECANT_OK;
  SECANT_TRY(begin(checkpoint, path));
  o->engine.checkpoint_due = false; /* also if this fails: whoever wants one may ask again */
  SECANT_TRY(secanti_checkpoint_prepare(checkpoint));
  if (checkpoint->incremental) SECANT_TRY(secanti_incremental_write_pairs(checkpoint, path));
  SECANT_TRY(secanti_place_write(&place));
  if (o->comm->rank == 0) secanti_incremental_clean(o, path, &checkpoint->references);
  if (place.distrusted) o->distrusted = 0;
done:
  return status;
}

/* ---- loading ------------------------------------------------------------------------------------------------------ */

static secant_status read_all(void *checkpoint)
{
  return secanti_checkpoint_read(checkpoint);
}

static secant_status load(secanti_checkpoint *checkpoint, const char *path)
{
  const secanti_place place = place_of(checkpoint, path, read_all);
  secant_status status = secanti_monitor_forbids(checkpoint->optimizer, "secant_checkpoint_load");
  if (status == SECANT_OK) status = begin(checkpoint, path);
  return status == SECANT_OK ? secanti_place_read(&place) : status;
}

/* ---- public ---------------------------------------------------------------------------------------------------------- */

typedef secant_status task(secanti_checkpoint *checkpoint, const char *path);

static secant_status run(task *what, secanti_checkpoint *checkpoint, const char *path)
{
  secant_optimizer *optimizer = checkpoint->optimizer;
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  if (checkpoint->io == SECANT_IO_AUTO) checkpoint->io = (secant_checkpoint_io)optimizer->checkpoint_io;
  checkpoint->dtype = optimizer->parameters.dtype;
  checkpoint->history_dtype = secanti_vectors_dtype(optimizer->engine.vectors, SECANTI_S);
  secanti_timer *timer = &optimizer->engine.timer;
  const secanti_activity before = secanti_timer_enter(timer, SECANTI_ACTIVITY_CHECKPOINT);
  const secant_status status = what(checkpoint, path);
  secanti_snapshot_destroy(&checkpoint->snapshot);
  secanti_references_destroy(&checkpoint->references);
  free(checkpoint->buffer);
  secanti_timer_enter(timer, optimizer->asked ? before : SECANTI_ACTIVITY_OTHER); /* loading withdraws what was asked */
  return status;
}

secant_status secanti_checkpoint_save(secant_optimizer *optimizer, const char *path, const char *problem, size_t piece)
{
  secanti_checkpoint checkpoint = {.optimizer = optimizer, .problem = problem, .piece = piece};
  return run(save, &checkpoint, path);
}

secant_status secanti_checkpoint_save_with(secant_optimizer *optimizer, const char *path, const char *problem,
                                           const secant_checkpoint_options *options, size_t piece)
{
  secant_checkpoint_options all;
  if (!secanti_checkpoint_options_import(options, &all)) all.keep = -1; /* refused on all ranks together */
  secanti_checkpoint checkpoint = {.optimizer = optimizer,
                                   .problem = problem,
                                   .piece = piece,
                                   .keep = all.keep,
                                   .incremental = all.incremental == 1,
                                   .io = all.io};
  return run(save, &checkpoint, path);
}

secant_status secanti_checkpoint_load(secant_optimizer *optimizer, const char *path, const char *problem, size_t piece)
{
  secanti_checkpoint checkpoint = {.optimizer = optimizer, .problem = problem, .piece = piece};
  return run(load, &checkpoint, path);
}

secant_status secant_checkpoint_set_io(secant_optimizer *optimizer, secant_checkpoint_io io)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  if (io < SECANT_IO_AUTO || io > SECANT_IO_GATHER) {
    return secanti_fail(&optimizer->error, SECANT_ERR_ARGUMENT, "io %d is none of auto, mpio and gather", (int)io);
  }
  optimizer->checkpoint_io = (int)io;
  return SECANT_OK;
}

secant_status secant_checkpoint_save_with(secant_optimizer *optimizer, const char *path, const char *problem,
                                          const secant_checkpoint_options *options)
{
  return secanti_checkpoint_save_with(optimizer, path, problem, options, SECANTI_LARGEST_PIECE);
}

secant_status secant_checkpoint_save(secant_optimizer *optimizer, const char *path, const char *problem)
{
  return secanti_checkpoint_save(optimizer, path, problem, SECANTI_LARGEST_PIECE);
}

secant_status secant_checkpoint_load(secant_optimizer *optimizer, const char *path, const char *problem)
{
  return secanti_checkpoint_load(optimizer, path, problem, SECANTI_LARGEST_PIECE);
}
