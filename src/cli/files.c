#include "cli/files.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool files_exist(const char *path)
{
  return access(path, F_OK) == 0;
}

static secant_status fail(secant_error *error, const char *what, const char *path, const char *why)
{
  error->status = SECANT_ERR_IO;
  snprintf(error->message, sizeof error->message, "%s %s cannot be written: %s", what, path, why);
  return SECANT_ERR_IO;
}

/* The directory part of `path`: "." where it has none, "/" for the root. Returns false if it is too long. */
static bool directory_of(const char *path, char *directory, size_t capacity)
{
  const char *const slash = strrchr(path, '/');
  const int length = slash ? (int)(slash - path) : 0;
  const char *const start = slash && length > 0 ? path : slash ? "/" : ".";
  const int written = snprintf(directory, capacity, "%.*s", length > 0 ? length : 1, start);
  return written >= 0 && (size_t)written < capacity;
}

secant_status files_check_writable(const char *what, const char *path, secant_error *error)
{
  char directory[PATH_MAX];
  struct stat found;
  if (!directory_of(path, directory, sizeof directory)) return fail(error, what, path, strerror(ENAMETOOLONG));
  if (access(directory, W_OK | X_OK) != 0) return fail(error, what, path, strerror(errno));
  if (stat(path, &found) != 0) return errno == ENOENT ? SECANT_OK : fail(error, what, path, strerror(errno));
  if (S_ISDIR(found.st_mode)) return fail(error, what, path, strerror(EISDIR));
  return SECANT_OK;
}
