#include "checkpoint/series.h"
#include "base/base.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *secanti_series_name(const char *path, int number, const char *suffix)
{
  char digits[16] = "";
  if (number > 0) snprintf(digits, sizeof digits, ".%d", number);
  const size_t size = strlen(path) + strlen(digits) + strlen(suffix) + 1;
  char *name = secanti_alloc(size, 1);
  if (name) snprintf(name, size, "%s%s%s", path, digits, suffix);
  return name;
}

static secant_status no_memory(secant_error *error)
{
  return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the names of older checkpoints");
}

static secant_status fail_to_move(const char *from, const char *to, secant_error *error)
{
  const int code = errno;
  return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be kept as '%s': %s", from, to, strerror(code));
}

static bool exists(const char *path, int number)
{
  struct stat about;
  char *name = secanti_series_name(path, number, "");
  const bool found = name && lstat(name, &about) == 0;
  free(name);
  return found;
}

int secanti_series_find(const char *path, int from)
{
  for (int number = from; number < SECANTI_SERIES_LONGEST; number++) {
    if (exists(path, number)) return number;
  }
  return -1;
}

/* Whether a kill came between the link and the rename of an earlier save, so that `path` is kept already. */
static bool same_file(const char *a, const char *b)
{
  struct stat about_a, about_b;
  return stat(a, &about_a) == 0 && stat(b, &about_b) == 0 && about_a.st_dev == about_b.st_dev &&
         about_a.st_ino == about_b.st_ino;
}

static secant_status move_up(const char *path, int number, secant_error *error)
{
  char *from = secanti_series_name(path, number, ""), *to = secanti_series_name(path, number + 1, "");
  secant_status status = SECANT_OK;
  if (!from || !to) {
    status = no_memory(error);
  } else if (rename(from, to) != 0) {
    status = fail_to_move(from, to, error);
  }
  free(to);
  free(from);
  return status;
}

/* Makes path.1 free, unless it is the last of the series: then it is replaced. */
static secant_status shift(const char *path, int keep, secant_error *error)
{
  int number = 1;
  while (number < keep - 1 && exists(path, number)) number++;
  secant_status status = SECANT_OK;
  while (status == SECANT_OK && --number >= 1) status = move_up(path, number, error);
  return status;
}

static bool links_are_unknown(int code)
{
  return code == EPERM || code == EOPNOTSUPP || code == ENOTSUP || code == ENOSYS || code == EMLINK;
}

/* Gives the file at `path` a second name, by way of `link_name`; or moves it there, where a file has one name only. */
static secant_status keep_as(const char *path, const char *link_name, const char *older, secant_error *error)
{
  unlink(link_name); /* of a save that was killed */
  if (link(path, link_name) != 0) {
    if (links_are_unknown(errno) && rename(path, older) == 0) return SECANT_OK;
    return fail_to_move(path, older, error);
  }
  if (rename(link_name, older) == 0) return SECANT_OK;
  fail_to_move(path, older, error);
  unlink(link_name);
  return error->status;
}

/* Removes the numbers from `keep` on, the oldest first: a kill leaves no gap that would hide the rest. */
static void trim(const char *path, int keep)
{
  int end = keep;
  while (end < SECANTI_SERIES_LONGEST && exists(path, end)) end++;
  while (--end >= keep) {
    char *name = secanti_series_name(path, end, "");
    if (name) unlink(name);
    free(name);
  }
}

/* Puts the new file at `path`; a file that had to leave its place for it comes back if that fails. */
static secant_status put_first(const char *temporary, const char *path, const char *older, secant_error *error)
{
  if (rename(temporary, path) == 0) return SECANT_OK;
  const int code = errno;
  if (older && access(path, F_OK) != 0) (void)!rename(older, path);
  return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be replaced: %s", path, strerror(code));
}

secant_status secanti_series_replace(const char *temporary, const char *path, int keep, bool distrusted,
                                     secant_error *error)
{
  if (keep < 1) return put_first(temporary, path, NULL, error);
  secant_status status = SECANT_OK;
  char *older = secanti_series_name(path, 1, ""), *link_name = secanti_series_name(path, 1, ".tmp");
  if (!older || !link_name) {
    status = no_memory(error);
    goto done;
  }
  const bool kept = keep > 1 && !distrusted && access(path, F_OK) == 0;
  if (kept && !same_file(path, older)) {
    SECANT_TRY(shift(path, keep, error));
    SECANT_TRY(keep_as(path, link_name, older, error));
  }
  SECANT_TRY(put_first(temporary, path, kept ? older : NULL, error));
  trim(path, keep);
done:
  free(link_name);
  free(older);
  return status;
}
