#include "cli/files.h"
#include "cli/output_file.h"
#include "cli/text_input.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool files_exist(const char *path)
{
  return access(path, F_OK) == 0;
}

static secant_status fail(secant_error *error, const cli_file *file, const char *why)
{
  return input_fail(error, SECANT_ERR_IO, "%s %s cannot be written: %s", file->what, file->path, why);
}

/* Makes and removes a file beside `path`: permissions alone do not tell what root, a full disk or /proc allows. */
static bool directory_takes_files(const char *path)
{
  char *probe = output_file_name(path);
  const int descriptor = probe ? open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
  const int reason = errno;
  if (descriptor >= 0) {
    close(descriptor);
    unlink(probe);
  }
  free(probe);
  errno = reason;
  return descriptor >= 0;
}

/* Files are replaced by renaming, which would put a plain file in the place of a device such as /dev/null. */
static secant_status check_writable(const cli_file *file, secant_error *error)
{
  struct stat about;
  const bool found = stat(file->path, &about) == 0;
  if (!found && errno != ENOENT) return fail(error, file, strerror(errno));
  if (found && S_ISDIR(about.st_mode)) return fail(error, file, strerror(EISDIR));
  if (found && !S_ISREG(about.st_mode)) return fail(error, file, "it is not a regular file");
  return directory_takes_files(file->path) ? SECANT_OK : fail(error, file, strerror(errno));
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* What the directory of `path` is. */
static bool stat_directory(const char *path, struct stat *about)
{
  const size_t length = (size_t)(base_name(path) - path);
  char *directory = length > 0 ? strndup(path, length) : strdup(".");
  const bool known = directory && stat(directory, about) == 0;
  free(directory);
  return known;
}

/* Whether two paths mean one file, also if it is not there yet. */
static bool same_file(const char *a, const char *b)
{
  struct stat about_a, about_b;
  const bool a_exists = stat(a, &about_a) == 0;
  const bool b_exists = stat(b, &about_b) == 0;
  if (a_exists != b_exists) return false;
  if (!a_exists && strcmp(base_name(a), base_name(b)) != 0) return false;
  if (!a_exists && !(stat_directory(a, &about_a) && stat_directory(b, &about_b))) return false;
  return about_a.st_dev == about_b.st_dev && about_a.st_ino == about_b.st_ino;
}

static secant_status check_distinct(const cli_file *file, const cli_file *others, size_t count, secant_error *error)
{
  for (size_t i = 0; i < count; i++) {
    const cli_file *other = &others[i];
    if (!other->path || !(file->written || other->written) || !same_file(file->path, other->path)) continue;
    return input_fail(error, SECANT_ERR_ARGUMENT, "%s %s and %s %s are the same file; give each a file of its own",
                      file->what, file->path, other->what, other->path);
  }
  return SECANT_OK;
}

secant_status files_check(const cli_file *files, size_t count, secant_comm *comm, secant_error *error)
{
  const bool looks = secant_comm_rank(comm) == 0;
  for (size_t i = 0; looks && i < count && error->status == SECANT_OK; i++) {
    if (!files[i].path) continue;
    if (check_distinct(&files[i], files + i + 1, count - i - 1, error) != SECANT_OK) break;
    if (files[i].written) check_writable(&files[i], error);
  }
  return secant_comm_agree(comm, error);
}

/* Rank 0 looks at the directory `name`. */
static void check_directory(const char *name, secant_error *error)
{
  const size_t size = strlen(name) + sizeof "/x";
  char *inside = malloc(size);
  struct stat about;
  if (inside) snprintf(inside, size, "%s/x", name);
  if (!inside) {
    input_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a file");
  } else if (stat(name, &about) != 0) {
    if (errno != ENOENT) input_fail(error, SECANT_ERR_IO, "%s cannot be used: %s", name, strerror(errno));
  } else if (!S_ISDIR(about.st_mode)) {
    input_fail(error, SECANT_ERR_IO, "%s must be a directory for curvature pairs, and it is not", name);
  } else if (!directory_takes_files(inside)) {
    input_fail(error, SECANT_ERR_IO, "directory %s takes no files: %s", name, strerror(errno));
  }
  free(inside);
}

secant_status files_check_pairs(const char *path, secant_comm *comm, secant_error *error)
{
  if (!path) return SECANT_OK;
  if (secant_comm_rank(comm) == 0) {
    const size_t size = strlen(path) + sizeof ".pairs";
    char *name = malloc(size);
    if (name) snprintf(name, size, "%s.pairs", path);
    if (name) check_directory(name, error);
    if (!name) input_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a directory");
    free(name);
  }
  return secant_comm_agree(comm, error);
}
