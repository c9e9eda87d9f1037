#include "cli/output_file.h"
#include "cli/text_input.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *output_file_name(const char *path)
{
  const size_t room = strlen(path) + 32;
  char *name = malloc(room);
  if (name) snprintf(name, room, "%s.tmp-%ld", path, (long)getpid());
  return name;
}

/* Has the kernel put the file, or a directory's entries, on the disk. */
static int sync_path(const char *path, int flags)
{
  const int descriptor = open(path, flags | O_CLOEXEC);
  if (descriptor < 0) return -1;
  const int synced = fsync(descriptor);
  const int closed = close(descriptor);
  return synced == 0 ? closed : synced;
}

static void sync_directory_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
  if (directory) sync_path(directory, O_RDONLY | O_DIRECTORY); /* some file systems cannot, and need not */
  free(directory);
}

secant_status output_file_commit(const char *temporary, const char *path, secant_error *error)
{
  if (sync_path(temporary, O_RDONLY) == 0 && rename(temporary, path) == 0) {
    sync_directory_of(path);
    return SECANT_OK;
  }
  input_fail(error, SECANT_ERR_IO, "%s could not be written: %s", path, strerror(errno));
  unlink(temporary);
  return SECANT_ERR_IO;
}
