/*
 * A library for LD_PRELOAD by which chosen calls of a program fail, or a signal arrives right before them. Calls on files
 * count only for files below one directory.
 *
 *   FAULT_PLAN    steps, separated by commas, one after the other: the next one counts its calls from 1 when the one
 *                 before has struck. A step is "KIND CALL ACTION NUMBER".
 *     KIND        open (for writing), write, read, fsync, rename, truncate, link, close (of what is open for writing) or
 *                 fallocate, with all their variants; evaluate (a call of exp), reduce (MPI_Allreduce) or begin
 *                 (MPI_Init_thread)
 *     ACTION      fail: the call fails with the errno NUMBER; fail-on: so do all later ones, as on a disk that is gone;
 *                 signal: the signal NUMBER arrives in this process; signal-parent: in its parent, and then here, which
 *                 is waited for; pass: nothing
 *   FAULT_BELOW   the directory, an absolute path
 *   FAULT_RANK    the rank of MPI that has the plan; without it, every process has
 *   FAULT_REPORT  a file outside of the directory: gets a line for every step that struck
 *
 * A program that is linked with this file may call fault_plan() instead, which begins a plan anew.
 */
#include "fault_preload.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#ifdef FAULT_WITH_MPI
#include <mpi.h>
#endif

enum { LONGEST_PLAN = 8, PATIENCE_MS = 20000 };

typedef struct step {
  char kind[16];
  int call;
  char action[16];
  int number;
} step;

static struct {
  pthread_mutex_t lock;
  step steps[LONGEST_PLAN];
  int count, next, calls;
} plan = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *real(const char *name)
{
  return dlsym(RTLD_NEXT, name);
}

/* A function of the system under its own type; dlsym() gives objects, and ISO C has no cast from them. */
#define REAL(type, name)                                                                                               \
  type *function = NULL;                                                                                               \
  *(void **)&function = real(name)

/* ---- the plan ------------------------------------------------------------------------------------------------------ */

void fault_plan(const char *text)
{
  pthread_mutex_lock(&plan.lock);
  plan.count = plan.next = plan.calls = 0;
  while (text && plan.count < LONGEST_PLAN) {
    step *const now = &plan.steps[plan.count++];
    if (sscanf(text, "%15s %d %15s %d", now->kind, &now->call, now->action, &now->number) != 4) abort();
    const char *comma = strchr(text, ',');
    text = comma ? comma + 1 : NULL;
  }
  pthread_mutex_unlock(&plan.lock);
}

bool fault_has_struck(void)
{
  const int last = plan.count - 1; /* one that fails on is never left */
  return plan.next > last || (plan.next == last && plan.calls >= plan.steps[last].call);
}

/* Processes that have no plan, mpirun among them, must go on as if this library was not there. */
static bool has_plan(void)
{
  const char *wanted = getenv("FAULT_RANK"), *rank = getenv("OMPI_COMM_WORLD_RANK");
  if (!rank) rank = getenv("PMI_RANK");
  return getenv("FAULT_PLAN") && (!wanted || (rank && strcmp(rank, wanted) == 0));
}

__attribute__((constructor)) static void begin(void)
{
  if (has_plan()) fault_plan(getenv("FAULT_PLAN"));
}

/* By system calls, so that the report is not counted itself. */
static void report(const step *struck)
{
  const char *path = getenv("FAULT_REPORT");
  char text[80];
  const int length =
      snprintf(text, sizeof text, "%s %d %s %d\n", struck->kind, struck->call, struck->action, struck->number);
  const long file = path ? syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_APPEND | O_WRONLY, 0666) : -1;
  if (file < 0) return;
  (void)!syscall(SYS_write, (int)file, text, (size_t)length);
  syscall(SYS_close, (int)file);
}

/* Counts a call of a kind. Returns whether a step strikes, and which. */
static bool strikes(const char *kind, step *struck)
{
  pthread_mutex_lock(&plan.lock);
  const step *const now = &plan.steps[plan.next];
  const bool counts = plan.next < plan.count && strcmp(now->kind, kind) == 0;
  const bool hit = counts && ++plan.calls >= now->call, first = hit && plan.calls == now->call;
  if (hit) *struck = *now;
  if (hit && strcmp(now->action, "fail-on") != 0) {
    plan.next++;
    plan.calls = 0;
  }
  pthread_mutex_unlock(&plan.lock);
  if (first) report(struck);
  return hit;
}

/* ---- signals --------------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t arrived;
static void (*volatile handler_of_program)(int);

static void note_and_hand_on(int number)
{
  arrived = 1;
  handler_of_program(number);
}

/* Puts itself before the program's handlers of one argument, to know when a signal has come. */
int sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
  typedef int called(int, const struct sigaction *, struct sigaction *);
  REAL(called, "sigaction");
  const bool stops = number == SIGUSR1 || number == SIGUSR2 || number == SIGTERM || number == SIGINT;
  if (!stops || !action || !has_plan() || (action->sa_flags & SA_SIGINFO) != 0 || action->sa_handler == SIG_DFL ||
      action->sa_handler == SIG_IGN) {
    return function(number, action, before);
  }
  struct sigaction own = *action;
  handler_of_program = action->sa_handler;
  own.sa_handler = note_and_hand_on;
  return function(number, &own, before);
}

static void signal_parent(int number)
{
  const struct timespec moment = {.tv_nsec = 1000000};
  arrived = 0;
  kill(getppid(), number);
  for (int i = 0; !arrived && i < PATIENCE_MS; i++) nanosleep(&moment, NULL);
  if (!arrived) abort();
}

/* Counts a call of a kind, does what the plan has for it, and says whether the call is to fail; errno is set then. */
static bool fails(const char *kind)
{
  step struck;
  const int before = errno;
  if (!strikes(kind, &struck)) return false;
  if (strcmp(struck.action, "signal") == 0) raise(struck.number);
  if (strcmp(struck.action, "signal-parent") == 0) signal_parent(struck.number);
  const bool failing = strncmp(struck.action, "fail", 4) == 0;
  errno = failing ? struck.number : before;
  return failing;
}

/* ---- calls that only mark a place ------------------------------------------------------------------------------------- */

double exp(double x)
{
  typedef double called(double);
  REAL(called, "exp");
  fails("evaluate");
  return function(x);
}

#ifdef FAULT_WITH_MPI
int MPI_Allreduce(const void *from, void *into, int count, MPI_Datatype type, MPI_Op operation, MPI_Comm comm)
{
  typedef int called(const void *, void *, int, MPI_Datatype, MPI_Op, MPI_Comm);
  REAL(called, "MPI_Allreduce");
  fails("reduce");
  return function(from, into, count, type, operation, comm);
}

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
  typedef int called(int *, char ***, int, int *);
  REAL(called, "MPI_Init_thread");
  fails("begin");
  return function(argc, argv, required, provided);
}
#endif

/* ---- which files ------------------------------------------------------------------------------------------------------- */

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
ON_FILE("read", ssize_t, read, (int file, void *data, size_t size), (file, data, size))
ON_FILE("read", ssize_t, pread, (int file, void *data, size_t size, off_t at), (file, data, size, at))
ON_FILE("read", ssize_t, pread64, (int file, void *data, size_t size, off64_t at), (file, data, size, at))
ON_FILE("read", ssize_t, readv, (int file, const struct iovec *parts, int count), (file, parts, count))
ON_FILE("read", ssize_t, preadv, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
ON_FILE("read", ssize_t, preadv64, (int file, const struct iovec *parts, int count, off64_t at),
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
