/*
 * A library for LD_PRELOAD that lets the n-th call of one kind fail, for files below a directory only:
 *
 *   FAULT_BELOW   the directory, an absolute path
 *   FAULT_KIND    open (for writing), write, fsync, rename, truncate, link, close (of what is open for writing) or
 *                 fallocate, with all their variants
 *   FAULT_CALL    n, counted from 1; 0 or less counts only
 *   FAULT_ERRNO   what errno becomes
 *   FAULT_STICKS  1: all later calls fail too, as on a disk that is gone or full
 *   FAULT_REPORT  a file outside of the directory; the number of calls is in it as long as no more come
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int calls;

static bool is_below(const char *path)
{
  const char *directory = getenv("FAULT_BELOW");
  char absolute[2 * PATH_MAX], here[PATH_MAX];
  if (!directory || !path) return false;
  if (*path != '/' && getcwd(here, sizeof here)) {
    snprintf(absolute, sizeof absolute, "%s/%s", here, path);
    path = absolute;
  }
  const size_t length = strlen(directory);
  return strncmp(path, directory, length) == 0 && path[length] == '/';
}

static bool is_open_below(int file)
{
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 1 || *path != '/') return false; /* a pipe or the like */
  path[length] = '\0';
  return is_below(path);
}

/* By system calls, so that the report is not counted itself. */
static void report(int count)
{
  const char *path = getenv("FAULT_REPORT");
  char text[32];
  const int length = snprintf(text, sizeof text, "%d\n", count);
  const long file = path ? syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, 0666) : -1;
  if (file < 0) return;
  (void)!syscall(SYS_write, (int)file, text, (size_t)length);
  syscall(SYS_close, (int)file);
}

/* Counts a call of a kind, and says whether it is to fail; errno is set then. */
static bool fails(const char *kind)
{
  const char *wanted = getenv("FAULT_KIND"), *number = getenv("FAULT_CALL"), *code = getenv("FAULT_ERRNO");
  if (!wanted || !number || !code || strcmp(wanted, kind) != 0) return false;
  const int before = errno, count = atomic_fetch_add(&calls, 1) + 1, chosen = atoi(number);
  report(count);
  errno = before;
  const bool sticks = getenv("FAULT_STICKS") != NULL;
  if (chosen < 1 || count < chosen || (count > chosen && !sticks)) return false;
  errno = atoi(code);
  return true;
}

static void *real(const char *name)
{
  return dlsym(RTLD_NEXT, name);
}

/* A function of the system under its own type; dlsym() gives objects, and ISO C has no cast from them. */
#define REAL(type, name)                                                                                               \
  type *function = NULL;                                                                                               \
  *(void **)&function = real(name)

/* ---- open ---------------------------------------------------------------------------------------------------------- */

static bool open_fails(const char *path, int flags)
{
  return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 && is_below(path) && fails("open");
}

static mode_t mode_of(int flags, va_list list)
{
  return (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
}

typedef int opener(const char *path, int flags, ...);
typedef int opener_at(int directory, const char *path, int flags, ...);

#define OPEN(name)                                                                                                     \
  int name(const char *path, int flags, ...)                                                                           \
  {                                                                                                                    \
    REAL(opener, #name);                                                                                               \
    va_list list;                                                                                                      \
    va_start(list, flags);                                                                                             \
    const mode_t mode = mode_of(flags, list);                                                                          \
    va_end(list);                                                                                                      \
    return open_fails(path, flags) ? -1 : function(path, flags, mode);                                                 \
  }
#define OPEN_AT(name)                                                                                                  \
  int name(int directory, const char *path, int flags, ...)                                                            \
  {                                                                                                                    \
    REAL(opener_at, #name);                                                                                            \
    va_list list;                                                                                                      \
    va_start(list, flags);                                                                                             \
    const mode_t mode = mode_of(flags, list);                                                                          \
    va_end(list);                                                                                                      \
    return open_fails(path, flags) ? -1 : function(directory, path, flags, mode);                                      \
  }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

/* ---- calls on open files and on names ------------------------------------------------------------------------------- */

/* A call of which the first argument is an open file. */
#define ON_FILE(kind, result, name, parameters, arguments)                                                             \
  result name parameters                                                                                               \
  {                                                                                                                    \
    typedef result called parameters;                                                                                  \
    REAL(called, #name);                                                                                               \
    return is_open_below(file) && fails(kind) ? -1 : function arguments;                                               \
  }
ON_FILE("write", ssize_t, write, (int file, const void *data, size_t size), (file, data, size))
ON_FILE("write", ssize_t, pwrite, (int file, const void *data, size_t size, off_t at), (file, data, size, at))
ON_FILE("write", ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t at), (file, data, size, at))
ON_FILE("write", ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count))
ON_FILE("write", ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
ON_FILE("write", ssize_t, pwritev64, (int file, const struct iovec *parts, int count, off64_t at),
        (file, parts, count, at))
ON_FILE("fsync", int, fsync, (int file), (file))
ON_FILE("fsync", int, fdatasync, (int file), (file))
ON_FILE("truncate", int, ftruncate, (int file, off_t size), (file, size))
ON_FILE("truncate", int, ftruncate64, (int file, off64_t size), (file, size))
ON_FILE("fallocate", int, fallocate, (int file, int mode, off_t at, off_t size), (file, mode, at, size))
ON_FILE("fallocate", int, fallocate64, (int file, int mode, off64_t at, off64_t size), (file, mode, at, size))

/* A call of which the first argument is a name. */
#define ON_NAME(kind, name, parameters, arguments)                                                                     \
  int name parameters                                                                                                  \
  {                                                                                                                    \
    typedef int called parameters;                                                                                     \
    REAL(called, #name);                                                                                               \
    return is_below(path) && fails(kind) ? -1 : function arguments;                                                    \
  }
ON_NAME("rename", rename, (const char *path, const char *to), (path, to))
ON_NAME("link", link, (const char *path, const char *to), (path, to))
ON_NAME("truncate", truncate, (const char *path, off_t size), (path, size))
ON_NAME("truncate", truncate64, (const char *path, off64_t size), (path, size))

/*
 * The file is closed all the same, as the kernel does it. One that was only read has nothing that could fail to reach the
 * disk; and HDF5 1.10 does not survive it.
 */
int close(int file)
{
  typedef int called(int);
  REAL(called, "close");
  const int mode = fcntl(file, F_GETFL);
  const bool written = mode >= 0 && (mode & O_ACCMODE) != O_RDONLY;
  const bool failed = written && is_open_below(file) && fails("close");
  const int code = errno, result = function(file);
  if (failed) errno = code;
  return failed ? -1 : result;
}
