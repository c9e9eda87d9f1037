/*
 * The two public functions and all that concerns files as a whole. A checkpoint is written under a temporary name,
 * synced, and renamed, so that a kill at any instant leaves the older file or the newer one, complete.
 */
#include "checkpoint/checkpoint.h"
#include "base/base.h"
#include "comm/equal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* MPI-IO counts bytes in an int: 2^24 elements stay well below. */
enum { LARGEST_PIECE = 1 << 24 };

/* ---- shared by writing and reading --------------------------------------------------------------------------------- */

secanti_h5_shape secanti_checkpoint_shape(const secanti_checkpoint *checkpoint, const secanti_vector_entry *entry,
                                          size_t parameter)
{
  const secanti_parameters *parameters = &checkpoint->optimizer->parameters;
  return (secanti_h5_shape){.dimensions = entry->of_pairs ? 2 : 1,
                            .rows = entry->rows(&checkpoint->snapshot),
                            .columns = parameters->entries[parameter].extent,
                            .dtype = parameters->dtype};
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

secant_status secanti_checkpoint_buffer(secanti_checkpoint *checkpoint)
{
  const size_t rows = checkpoint->snapshot.pairs > 1 ? (size_t)checkpoint->snapshot.pairs : 1;
  const size_t longest = checkpoint->longest > 0 ? checkpoint->longest : 1;
  if (longest <= checkpoint->piece / rows) checkpoint->piece = longest * rows;
  checkpoint->buffer =
      secanti_alloc_aligned(checkpoint->piece, secanti_element_bytes(checkpoint->optimizer->parameters.dtype));
  if (checkpoint->buffer) return SECANT_OK;
  return secanti_fail(&checkpoint->optimizer->error, SECANT_ERR_MEMORY, "no memory for a buffer of %zu elements",
                      checkpoint->piece);
}

/* The most elements of one parameter that any rank has. Collective; the outcome is common. */
static secant_status find_longest(secanti_checkpoint *checkpoint)
{
  secant_optimizer *o = checkpoint->optimizer;
  secanti_reduction reduction = {0};
  secant_status status = secanti_reduction_create(&reduction, 1);
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
  } else if (o->comm->size > 1 && !o->comm->h5) {
    secanti_fail(&o->error, SECANT_ERR_UNSUPPORTED, "this communicator cannot open files in parallel");
  }
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  const uint64_t mark = secanti_hash(SECANTI_HASH_START, checkpoint->problem, strlen(checkpoint->problem) + 1);
  SECANT_TRY(secanti_require_equal(o->comm, secanti_hash(mark, path, strlen(path)),
                                   "the path of the checkpoint or the text that names the problem", &o->error));
  SECANT_TRY(find_longest(checkpoint));
done:
  return status;
}

/* HDF5 prints its errors unless told not to; the caller's setting comes back afterwards. */
typedef struct printing {
  H5E_auto2_t function;
  void *data;
} printing;

static printing silence(void)
{
  printing before = {NULL, NULL};
  H5Eget_auto2(H5E_DEFAULT, &before.function, &before.data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return before;
}

static void unsilence(const printing *before)
{
  H5Eset_auto2(H5E_DEFAULT, before->function, before->data);
}

/* ---- saving ---------------------------------------------------------------------------------------------------------- */

static secant_status fail_on(secant_error *error, const char *path, const char *what)
{
  const int code = errno;
  return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be %s: %s", path, what, strerror(code));
}

/* Bytes that the file may take, rather too many than too few. */
static off_t largest_file(const secanti_checkpoint *checkpoint)
{
  enum { BASE = 1 << 16, PER_PARAMETER = 1 << 13 };
  const secant_optimizer *o = checkpoint->optimizer;
  const size_t k = (size_t)o->engine.history.pairs, vectors = 2 * k + 5; /* the pairs, x, g, d, g0 and base */
  const size_t data = (size_t)o->parameters.extent * vectors * secanti_element_bytes(o->parameters.dtype);
  const size_t tables = (2 * k * k + 4 * k) * sizeof(double);
  size_t texts = strlen(checkpoint->problem);
  for (size_t i = 0; i < o->parameters.count; i++) {
    const secanti_parameter *parameter = &o->parameters.entries[i];
    texts += strlen(parameter->name) + (size_t)parameter->dimensions * sizeof *parameter->shape;
  }
  return (off_t)(data + tables + 2 * texts + BASE + PER_PARAMETER * o->parameters.count);
}

/*
 * Reserves room on the disk, where the file system can. HDF5 1.10 cannot close a file that it cannot flush: it leaves an
 * identifier behind that crashes the program at its exit. So a full disk must be found before HDF5 writes.
 */
static secant_status reserve(const char *temporary, int mode, off_t bytes, secant_error *error)
{
  const int file = open(temporary, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0) return fail_on(error, temporary, "created");
  secant_status status = SECANT_OK;
  if (fallocate(file, mode, 0, bytes) != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
    status = fail_on(error, temporary, "given the room it needs");
  }
  close(file);
  return status;
}

/* Rank 0 finds out, before HDF5 opens anything collectively, whether there can be a file. */
static secant_status try_to_create(const secanti_checkpoint *checkpoint, const char *path, const char *temporary)
{
  secant_error *error = &checkpoint->optimizer->error;
  struct stat existing;
  if (stat(path, &existing) == 0 && S_ISDIR(existing.st_mode)) {
    return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be written: it is a directory", path);
  }
  return reserve(temporary, 0, largest_file(checkpoint), error);
}

/* Waits until the disk has what was written to a file, or the entries of a directory. */
static secant_status sync_path(const char *path, int flags, secant_error *error)
{
  const int file = open(path, flags | O_CLOEXEC);
  if (file < 0) return fail_on(error, path, "opened to sync it");
  const bool synced = fsync(file) == 0 || errno == EINVAL; /* some file systems cannot sync a directory */
  const secant_status status = synced ? SECANT_OK : fail_on(error, path, "synced");
  close(file);
  return status;
}

static secant_status sync_directory_of(const char *path, secant_error *error)
{
  char *directory = strdup(path);
  if (!directory) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a directory");
  char *slash = strrchr(directory, '/');
  if (slash) slash[slash == directory ? 1 : 0] = '\0';
  const secant_status status = sync_path(slash ? directory : ".", O_RDONLY | O_DIRECTORY, error);
  free(directory);
  return status;
}

static secant_status put_in_place(const char *temporary, const char *path, secant_error *error)
{
  secant_status status = SECANT_OK;
  struct stat file;
  if (stat(temporary, &file) != 0) return fail_on(error, temporary, "found");
  if (truncate(temporary, file.st_size) != 0)
    return fail_on(error, temporary, "cut"); /* gives back what was reserved */
  SECANT_TRY(sync_path(temporary, O_RDWR, error));
  if (rename(temporary, path) != 0) return fail_on(error, path, "replaced");
  status = sync_directory_of(path, error);
done:
  return status;
}

/* Makes the temporary file, complete and closed. Collective; the outcome is common. */
static secant_status write_file(secanti_checkpoint *checkpoint, const char *temporary)
{
  secant_optimizer *o = checkpoint->optimizer;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_begin(&checkpoint->file, o->comm, temporary, true, &o->error));
  /* creating it has emptied the file and given back its room */
  if (o->comm->rank == 0) reserve(temporary, FALLOC_FL_KEEP_SIZE, largest_file(checkpoint), &o->error);
  if (secant_comm_agree(o->comm, &o->error) == SECANT_OK) secanti_checkpoint_write(checkpoint);
  secanti_h5_close(&checkpoint->file);
  status = secant_comm_agree(o->comm, &o->error);
done:
  return status;
}

static char *with_suffix(const char *path, const char *suffix)
{
  char *name = path ? secanti_alloc(strlen(path) + strlen(suffix) + 1, 1) : NULL;
  if (name) strcat(strcpy(name, path), suffix);
  return name;
}

static secant_status save(secanti_checkpoint *checkpoint, const char *path)
{
  secant_optimizer *o = checkpoint->optimizer;
  const bool first = o->comm->rank == 0;
  char *temporary = with_suffix(path, ".tmp");
  secant_status status = SECANT_OK;
  SECANT_TRY(begin(checkpoint, path));
  if (!temporary) secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for the name of a temporary file");
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  if (first) try_to_create(checkpoint, path, temporary);
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  SECANT_TRY(write_file(checkpoint, temporary));
  if (first) put_in_place(temporary, path, &o->error);
  status = secant_comm_agree(o->comm, &o->error);
done:
  if (status != SECANT_OK && first && temporary) unlink(temporary);
  free(temporary);
  return status;
}

/* ---- loading ------------------------------------------------------------------------------------------------------ */

/* Rank 0 finds out, before HDF5 opens anything collectively, whether there is a file of the right kind. */
static secant_status try_to_read(const char *path, secant_error *error)
{
  struct stat existing;
  if (stat(path, &existing) != 0) return fail_on(error, path, "read");
  if (!S_ISREG(existing.st_mode)) {
    return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be read: it is not a regular file", path);
  }
  if (access(path, R_OK) != 0) return fail_on(error, path, "read");
  if (H5Fis_hdf5(path) > 0) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_FORMAT, "'%s' is not a checkpoint: it is not an HDF5 file, or is damaged",
                      path);
}

static secant_status load(secanti_checkpoint *checkpoint, const char *path)
{
  secant_optimizer *o = checkpoint->optimizer;
  secant_status status = SECANT_OK;
  SECANT_TRY(begin(checkpoint, path));
  if (o->comm->rank == 0) try_to_read(path, &o->error);
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  SECANT_TRY(secanti_h5_begin(&checkpoint->file, o->comm, path, false, &o->error));
  status = secanti_checkpoint_read(checkpoint);
  secanti_h5_close(&checkpoint->file); /* all has been read: a failure to close takes nothing back */
done:
  return status;
}

/* ---- public ---------------------------------------------------------------------------------------------------------- */

typedef secant_status task(secanti_checkpoint *checkpoint, const char *path);

static secant_status run(task *what, secant_optimizer *optimizer, const char *path, const char *problem, size_t piece)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secanti_checkpoint checkpoint = {.optimizer = optimizer, .problem = problem, .piece = piece};
  const printing before = silence();
  const secant_status status = what(&checkpoint, path);
  unsilence(&before);
  secanti_snapshot_destroy(&checkpoint.snapshot);
  free(checkpoint.buffer);
  return status;
}

secant_status secanti_checkpoint_save(secant_optimizer *optimizer, const char *path, const char *problem, size_t piece)
{
  return run(save, optimizer, path, problem, piece);
}

secant_status secanti_checkpoint_load(secant_optimizer *optimizer, const char *path, const char *problem, size_t piece)
{
  return run(load, optimizer, path, problem, piece);
}

secant_status secant_checkpoint_save(secant_optimizer *optimizer, const char *path, const char *problem)
{
  return secanti_checkpoint_save(optimizer, path, problem, LARGEST_PIECE);
}

secant_status secant_checkpoint_load(secant_optimizer *optimizer, const char *path, const char *problem)
{
  return secanti_checkpoint_load(optimizer, path, problem, LARGEST_PIECE);
}
