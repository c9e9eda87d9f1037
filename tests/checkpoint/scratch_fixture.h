/* A directory for the file of one test program. Included once by each program, after <cmocka.h>. */
#ifndef TESTS_SCRATCH_FIXTURE_H
#define TESTS_SCRATCH_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char directory[] = "/tmp/test_secant.XXXXXX";
static char path[100];      /* of the file */
static char temporary[110]; /* the name under which it is written first */

static inline int make_directory_for(const char *file)
{
  if (!mkdtemp(directory)) return -1;
  snprintf(path, sizeof path, "%s/%s", directory, file);
  snprintf(temporary, sizeof temporary, "%s.tmp", path);
  return 0;
}

/* Fails if a test left anything but its file. */
static inline int remove_directory(void **state)
{
  (void)state;
  unlink(path);
  return rmdir(directory);
}

#endif
