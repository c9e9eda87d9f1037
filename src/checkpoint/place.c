#include "checkpoint/place.h"
#include "base/base.h"
#include "checkpoint/seal.h"
#include "checkpoint/series.h"
#include "checkpoint/verify.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* The ranks that see the file: all of them; or rank 0 by itself, and then NULL for the others. */
static secant_comm *comm_of_file(const secanti_place *place)
{
  secant_comm *comm = place->comm;
  if (comm->size == 1 || secanti_h5_in_parallel(comm, place->io)) return comm;
  return comm->rank == 0 ? secanti_comm_self() : NULL;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Rank 0 finds out, before anything is computed, whether there can be a file; it is empty then. */
static secant_status try_to_create(const char *path, const char *temporary, secant_error *error)
{
  struct stat existing;
  if (stat(path, &existing) == 0 && S_ISDIR(existing.st_mode)) {
    return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be written: it is a directory", path);
  }
  const int file = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0) return secanti_fail_on(error, temporary, "created");
  close(file);
  return SECANT_OK;
}

/* Waits until the disk has what was written to a file, or the entries of a directory. */
static secant_status sync_path(const char *path, int flags, secant_error *error)
{
  const int file = open(path, flags | O_CLOEXEC);
  if (file < 0) return secanti_fail_on(error, path, "opened to sync it");
  const bool synced = fsync(file) == 0 || errno == EINVAL; /* some file systems cannot sync a directory */
  const secant_status status = synced ? SECANT_OK : secanti_fail_on(error, path, "synced");
  close(file);
  return status;
}

secant_status secanti_place_sync_directory_of(const char *path, secant_error *error)
{
  char *directory = strdup(path);
  if (!directory) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a directory");
  char *slash = strrchr(directory, '/');
  if (slash) slash[slash == directory ? 1 : 0] = '\0';
  const secant_status status = sync_path(slash ? directory : ".", O_RDONLY | O_DIRECTORY, error);
  free(directory);
  return status;
}

static secant_status put_in_place(const secanti_place *place, const char *temporary)
{
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_series_replace(temporary, place->path, place->keep, place->distrusted, place->error));
  status = secanti_place_sync_directory_of(place->path, place->error);
done:
  return status;
}

/* Fills the temporary file, in two rounds (h5_file.h). Collective; the outcome is common. */
static secant_status write_file(const secanti_place *place)
{
  secant_status status = SECANT_OK;
  SECANT_TRY(place->task(place->user));
  SECANT_TRY(secanti_h5_fill(place->file));
  status = place->task(place->user);
done:
  return status;
}

/* Lets the other ranks see what this one has written: where caches are kept by the machine, as on NFS, closing a file
 * ends that, and closing one of two descriptors does too. */
static void show(const secanti_h5_file *file)
{
  const int second = dup(file->disk);
  if (second < 0 || close(second) != 0) secanti_fail_on(file->error, file->path, "written");
}

/* Rank 0's outcome. */
static void read_seal_again(const secanti_place *place, const secanti_seal *seal)
{
  secanti_seal found;
  const char *path = place->file->path;
  if (secanti_seal_read(path, &found, place->error) != SECANT_OK) return;
  if (found.present && found.sum == seal->sum) return;
  secanti_fail(place->error, SECANT_ERR_IO, "'%s' is damaged: it has no seal, or another one than was written", path);
}

/* Waits until the disk has what this rank has written. */
static void sync_file(const secanti_h5_file *file)
{
  if (fsync(file->disk) != 0) secanti_fail_on(file->error, file->path, "synced");
}

/* Reads the file as it is now, seals it, and waits for the disk. Collective over the ranks that write to it. */
static secant_status check_and_seal(const secanti_place *place, secant_comm *comm)
{
  const secanti_h5_file *file = place->file;
  const bool first = comm->rank == 0;
  secanti_seal seal = {0};
  secant_status status = SECANT_OK;
  show(file);
  SECANT_TRY(secant_comm_agree(comm, place->error));
  SECANT_TRY(secanti_verify_written(file, comm, &seal));
  if (first) secanti_seal_put(file->disk, file->path, &seal, place->error);
  sync_file(file);
  SECANT_TRY(secant_comm_agree(comm, place->error));
  if (first) read_seal_again(place, &seal);
  status = secant_comm_agree(comm, place->error);
done:
  if (status == SECANT_ERR_FORMAT) place->error->status = SECANT_ERR_IO; /* what was written was sound */
  return place->error->status;
}

char *secanti_place_temporary(const char *path)
{
  return secanti_series_name(path, 0, ".tmp");
}

secant_status secanti_place_write(const secanti_place *place)
{
  const bool first = place->comm->rank == 0;
  secant_comm *comm = comm_of_file(place);
  const printing before = silence();
  char *temporary = secanti_place_temporary(place->path);
  secant_status status = SECANT_OK;
  *place->file = secanti_h5_closed();
  if (!temporary) secanti_fail(place->error, SECANT_ERR_MEMORY, "no memory for the name of a temporary file");
  SECANT_TRY(secant_comm_agree(place->comm, place->error));
  if (first) try_to_create(place->path, temporary, place->error);
  SECANT_TRY(secant_comm_agree(place->comm, place->error));
  SECANT_TRY(secanti_h5_begin(place->file, place->comm, temporary, true, place->io, place->error));
  SECANT_TRY(write_file(place));
  if (comm) check_and_seal(place, comm);
  SECANT_TRY(secant_comm_agree(place->comm, place->error));
  if (first) put_in_place(place, temporary);
  status = secant_comm_agree(place->comm, place->error);
done:
  secanti_h5_close(place->file);
  if (status != SECANT_OK && first && temporary) unlink(temporary);
  free(temporary);
  unsilence(&before);
  return status;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* Rank 0 finds out, before HDF5 opens anything collectively, whether there is a file of the right kind. */
static secant_status try_to_read(const secanti_place *place)
{
  struct stat existing;
  if (stat(place->path, &existing) != 0) return secanti_fail_on(place->error, place->path, "read");
  if (!S_ISREG(existing.st_mode)) {
    return secanti_fail(place->error, SECANT_ERR_IO, "'%s' cannot be read: it is not a regular file", place->path);
  }
  if (access(place->path, R_OK) != 0) return secanti_fail_on(place->error, place->path, "read");
  if (H5Fis_hdf5(place->path) > 0) return SECANT_OK;
  return secanti_fail(place->error, SECANT_ERR_FORMAT, "'%s' is not %s: it is not an HDF5 file, or is damaged",
                      place->path, place->kind);
}

/* Collective; the outcome is common. `sealed` is for the ranks that see the file. */
static secant_status check_seal(const secanti_place *place, bool *sealed)
{
  secant_comm *comm = comm_of_file(place);
  *sealed = comm != NULL;
  if (comm && place->seal_optional) secanti_seal_check_if_any(place->path, comm, sealed, place->error);
  if (comm && !place->seal_optional) secanti_seal_check(place->path, comm, place->error);
  return secant_comm_agree(place->comm, place->error);
}

/* A sentence may quote what the file says: it stays one line, and does nothing to a terminal. */
static void make_printable(char *message)
{
  for (; *message; message++) {
    if ((unsigned char)*message < ' ' || *message == '\x7f') *message = '?';
  }
}

secant_status secanti_place_read(const secanti_place *place)
{
  const printing before = silence();
  bool sealed;
  secant_status status = SECANT_OK;
  if (place->comm->rank == 0) try_to_read(place);
  SECANT_TRY(secant_comm_agree(place->comm, place->error));
  SECANT_TRY(check_seal(place, &sealed));
  SECANT_TRY(secanti_h5_begin(place->file, place->comm, place->path, false, place->io, place->error));
  place->file->sealed = sealed;
  status = place->task(place->user);
  secanti_h5_close(place->file); /* all has been read: a failure to close takes nothing back */
done:
  if (status != SECANT_OK) make_printable(place->error->message);
  unsilence(&before);
  return status;
}
