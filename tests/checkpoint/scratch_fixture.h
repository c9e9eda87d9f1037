/* A directory for the file of one test program. Included once by each program, after <cmocka.h>. */
#ifndef TESTS_SCRATCH_FIXTURE_H
#define TESTS_SCRATCH_FIXTURE_H

#include "checkpoint/seal.h"
#include <fcntl.h>
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

/* Seals a file that has been changed, so that the seal does not tell. */
static inline void seal_again(void)
{
  assert_int_equal(secanti_seal_write(path, secanti_comm_self(), NULL), SECANT_OK);
}

/* Takes the seal off, as a user does who has edited a state file. */
static inline void clear_seal(void)
{
  static const char zeros[SECANTI_SEAL_BYTES];
  const int file = open(path, O_WRONLY);
  assert_true(file >= 0);
  assert_int_equal(pwrite(file, zeros, sizeof zeros, 0), sizeof zeros);
  close(file);
}

/* Fails if a test left anything but its file. */
static inline int remove_directory(void **state)
{
  (void)state;
  unlink(path);
  return rmdir(directory);
}

#endif
