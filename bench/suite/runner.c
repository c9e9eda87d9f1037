#include "suite/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int suite_has_flag(int argc, char **argv, const char *flag)
{
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], flag) == 0) return 1;
  return 0;
}

double *suite_vector(int n)
{
  double *values = calloc((size_t)n, sizeof *values);
  if (values) return values;
  fputs("suite: out of memory\n", stderr);
  _exit(1);
}

static int complain(const char *what)
{
  perror(what);
  return 1;
}

typedef struct session {
  suite_recorder *recorder;
  suite_solve *solve;
  void *user;
  int to_the_end;
} session;

static int run_problem(const session *self, const char *name)
{
  const int n = suite_recorder_begin(self->recorder, name, self->to_the_end);
  if (n == 0) return fprintf(stderr, "suite: there is no problem %s\n", name), 1;
  const pid_t child = fork();
  if (child < 0) return complain("suite: fork");
  if (child == 0) {
    suite_recorder_enter();
    self->solve(self->recorder, n, self->user);
    _exit(1); /* a solver ends by suite_recorder_end() */
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return complain("suite: waitpid");
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) return fprintf(stderr, "suite: %s: it failed\n", name), 1;
  return suite_recorder_print(self->recorder, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static int run_named(const session *self, int argc, char **argv, int *named)
{
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp(argv[i], "--problem") != 0) continue;
    *named = 1;
    if (run_problem(self, argv[i + 1]) != 0) return 1;
  }
  return 0;
}

int suite_run(suite_solve *solve, void *user, int argc, char **argv)
{
  const session self = {.recorder = suite_recorder_create(),
                        .solve = solve,
                        .user = user,
                        .to_the_end = suite_has_flag(argc, argv, "--to-the-end")};
  int named = 0;
  if (!self.recorder) return complain("suite: mmap");
  int code = run_named(&self, argc, argv, &named);
  for (int i = 0; !named && code == 0 && suite_recorder_name(i); i++) code = run_problem(&self, suite_recorder_name(i));
  return code;
}
