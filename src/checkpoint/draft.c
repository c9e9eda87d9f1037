#include "checkpoint/draft.h"
#include "base/base.h"
#include "checkpoint/seal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the draft ------------------------------------------------------------------------------------------------------ */

secant_status secanti_draft_begin(secanti_draft *draft, char name[SECANTI_DRAFT_NAME], secant_error *error)
{
  draft->memory = memfd_create("secant", MFD_CLOEXEC);
  if (draft->memory < 0) return secanti_fail_on(error, "memory for a file", "made");
  snprintf(name, SECANTI_DRAFT_NAME, "/proc/self/fd/%d", draft->memory);
  return SECANT_OK;
}

void secanti_draft_destroy(secanti_draft *draft)
{
  if (draft->memory >= 0) close(draft->memory);
  free(draft->extents);
  *draft = (secanti_draft){.memory = -1};
}

static secant_status no_memory(secant_error *error)
{
  return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for a list of datasets");
}

secant_status secanti_draft_note(secanti_draft *draft, const secanti_extent *extent, secant_error *error)
{
  if (draft->count == draft->capacity) {
    const size_t capacity = 2 * draft->capacity + 16;
    secanti_extent *larger = realloc(draft->extents, capacity * sizeof *larger);
    if (!larger) return no_memory(error);
    draft->extents = larger;
    draft->capacity = capacity;
  }
  draft->extents[draft->count++] = *extent;
  return SECANT_OK;
}

secant_status secanti_draft_share(secanti_draft *draft, secant_comm *comm, secant_error *error)
{
  uint64_t numbers[] = {draft->bytes, draft->inode, draft->count};
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_comm_share(comm, numbers, sizeof numbers, error));
  draft->bytes = numbers[0];
  draft->inode = numbers[1];
  if (comm->rank > 0) {
    draft->extents = secanti_alloc((size_t)numbers[2] + 1, sizeof *draft->extents);
    if (!draft->extents) no_memory(error);
    draft->count = (size_t)numbers[2];
  }
  SECANT_TRY(secanti_comm_share(comm, draft->extents, draft->count * sizeof *draft->extents, error));
  draft->filling = true;
done:
  return status;
}

/* ---- writing to the disk -------------------------------------------------------------------------------------------- */

/* The disk works while more is computed. What is only a hint may fail: fsync() tells. */
static void begin_to_write_back(int file, size_t bytes, uint64_t at)
{
  enum { WORTHWHILE = 1 << 18 };
  if (bytes >= WORTHWHILE) (void)sync_file_range(file, (off_t)at, (off_t)bytes, SYNC_FILE_RANGE_WRITE);
}

secant_status secanti_draft_write(int file, const char *path, const void *data, size_t bytes, uint64_t at,
                                  secant_error *error)
{
  for (size_t done = 0; done < bytes;) {
    const ssize_t now = pwrite(file, (const char *)data + done, bytes - done, (off_t)(at + done));
    if (now < 0 && errno == EINTR) continue;
    if (now == 0) errno = ENOSPC;
    if (now <= 0) return secanti_fail_on(error, path, "written");
    done += (size_t)now;
  }
  begin_to_write_back(file, bytes, at);
  return SECANT_OK;
}

/* Finds a full disk before anything is written; the file gets its size in any case. */
static secant_status reserve(int file, const char *path, uint64_t bytes, secant_error *error)
{
  if (fallocate(file, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
    return secanti_fail_on(error, path, "given the room it needs");
  }
  return ftruncate(file, (off_t)bytes) == 0 ? SECANT_OK : secanti_fail_on(error, path, "given its size");
}

/* ---- the structure -------------------------------------------------------------------------------------------------- */

/* What is done to a run of bytes of the structure. */
typedef secant_status structure_task(int file, const char *path, const void *data, size_t bytes, uint64_t at,
                                     secant_error *error);

static int by_offset(const void *one, const void *other)
{
  const secanti_extent *a = one, *b = other;
  return (a->offset > b->offset) - (a->offset < b->offset);
}

/* The bytes from `at` to `end`, as they are in memory. */
static secant_status do_run(const secanti_draft *draft, uint64_t at, uint64_t end, structure_task *task, int file,
                            const char *path, secant_error *error)
{
  enum { PIECE = 1 << 16 };
  char data[PIECE];
  secant_status status = SECANT_OK;
  while (status == SECANT_OK && at < end) {
    const size_t bytes = end - at < PIECE ? (size_t)(end - at) : PIECE;
    if (pread(draft->memory, data, bytes, (off_t)at) != (ssize_t)bytes) {
      return secanti_fail_on(error, "memory for a file", "read");
    }
    status = task(file, path, data, bytes, at, error);
    at += bytes;
  }
  return status;
}

/* All that is neither the seal nor an extent. */
static secant_status do_structure(const secanti_draft *draft, structure_task *task, int file, const char *path,
                                  secant_error *error)
{
  uint64_t at = SECANTI_SEAL_BYTES;
  secant_status status = SECANT_OK;
  secanti_extent *sorted = secanti_alloc(draft->count + 1, sizeof *sorted);
  if (!sorted) return no_memory(error);
  if (draft->count > 0) memcpy(sorted, draft->extents, draft->count * sizeof *sorted);
  qsort(sorted, draft->count, sizeof *sorted, by_offset);
  for (size_t i = 0; i < draft->count; i++) {
    if (sorted[i].elements == 0) continue;
    SECANT_TRY(do_run(draft, at, sorted[i].offset, task, file, path, error));
    at = sorted[i].offset + sorted[i].elements * sorted[i].size;
  }
  status = do_run(draft, at, draft->bytes, task, file, path, error);
done:
  free(sorted);
  return status;
}

static secant_status compare(int file, const char *path, const void *data, size_t bytes, uint64_t at,
                             secant_error *error)
{
  char *read = secanti_alloc(bytes, 1);
  secant_status status = SECANT_OK;
  if (!read) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory to read '%s'", path);
  if (pread(file, read, bytes, (off_t)at) != (ssize_t)bytes) {
    status = secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be read again", path);
  } else if (memcmp(read, data, bytes) != 0) {
    status = secanti_fail(error, SECANT_ERR_IO, "'%s' is damaged: it does not keep what was written", path);
  }
  free(read);
  return status;
}

secant_status secanti_draft_compare(const secanti_draft *draft, const char *path, secant_error *error)
{
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return secanti_fail_on(error, path, "read again");
  const secant_status status = do_structure(draft, compare, file, path, error);
  close(file);
  return status;
}

/* ---- opening -------------------------------------------------------------------------------------------------------- */

/* Opens a file to be written, and tells its inode. */
static secant_status open_to_write(const char *path, int *file, uint64_t *inode, secant_error *error)
{
  struct stat about;
  *file = open(path, O_WRONLY | O_CLOEXEC);
  if (*file < 0 || fstat(*file, &about) != 0) return secanti_fail_on(error, path, "opened");
  *inode = (uint64_t)about.st_ino;
  return SECANT_OK;
}

secant_status secanti_draft_put(secanti_draft *draft, const char *path, int *file, secant_error *error)
{
  struct stat about;
  secant_status status = SECANT_OK;
  if (fstat(draft->memory, &about) != 0) return secanti_fail_on(error, "memory for a file", "measured");
  draft->bytes = (uint64_t)about.st_size;
  SECANT_TRY(open_to_write(path, file, &draft->inode, error));
  SECANT_TRY(reserve(*file, path, draft->bytes, error));
  status = do_structure(draft, secanti_draft_write, *file, path, error);
done:
  return status;
}

/* Makes a network file system ask again which files a directory has. */
static void look_anew(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
  const int opened = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (opened >= 0) close(opened);
  free(directory);
}

/* A network file system may remember what had this name before, and that may be a checkpoint by now. */
secant_status secanti_draft_open(const secanti_draft *draft, const char *path, int *file, secant_error *error)
{
  uint64_t inode;
  look_anew(path);
  const secant_status status = open_to_write(path, file, &inode, error);
  if (status != SECANT_OK || inode == draft->inode) return status;
  return secanti_fail(error, SECANT_ERR_IO,
                      "'%s' is another file on the machine of another rank; io gather does without it", path);
}
