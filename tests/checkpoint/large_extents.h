/*
 * Checkpoints of datasets with more elements than a 32-bit number counts. The file is sparse: only what the real ranks
 * hold is written. Included once by each program, after <cmocka.h>.
 */
#ifndef TESTS_LARGE_EXTENTS_H
#define TESTS_LARGE_EXTENTS_H

#include "checkpoint/verify.h"
#include "support/large_run.h"
#include "support/verdict.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One phantom after every real rank. */
enum { LARGE_STRIDE = 2, LARGE_PLACE = 0 };

/* Takes the place of fallocate() at link time: a file system that cannot reserve room, else the disk would have to have
 * it. */
int __wrap_fallocate(int file, int mode, off_t first, off_t bytes);
int __wrap_fallocate(int file, int mode, off_t first, off_t bytes)
{
  (void)file, (void)mode, (void)first, (void)bytes;
  errno = EOPNOTSUPP;
  return -1;
}

/* Take the places of the functions that read a whole file: it has 800 GB, of which nearly all are holes. */
secant_status __wrap_secanti_seal_check(const char *path, secant_comm *comm, secant_error *error);
secant_status __wrap_secanti_seal_check(const char *path, secant_comm *comm, secant_error *error)
{
  (void)path, (void)comm, (void)error;
  return SECANT_OK;
}

secant_status __wrap_secanti_verify_written(const secanti_h5_file *file, secant_comm *comm, secanti_seal *seal);
secant_status __wrap_secanti_verify_written(const secanti_h5_file *file, secant_comm *comm, secanti_seal *seal)
{
  (void)comm;
  *seal = (secanti_seal){.present = 1, .length = file->draft->bytes - SECANTI_SEAL_BYTES};
  return SECANT_OK;
}

/* Whether the file system takes a sparse file of that size. */
static inline bool sparse_files_work(const char *probe, int64_t bytes)
{
  const int file = open(probe, O_CREAT | O_WRONLY, 0600);
  const bool works = file >= 0 && ftruncate(file, (off_t)bytes) == 0;
  if (file >= 0) close(file);
  unlink(probe);
  return works;
}

/* Bytes that a checkpoint of these runs has at most: 2 * 3 + 5 vectors of both parameters, and a megabyte. */
static inline int64_t largest_checkpoint(int ranks)
{
  return 11 * LARGE_PARAMETERS * (int64_t)sizeof(double) * ranks * (LARGE_PHANTOM + 17 * 1024) + (1 << 20);
}

/* Elements first .. first+count of a dataset [extent], read by HDF5 alone. False if there is no such dataset. */
static inline bool read_part(const char *path, const char *name, int64_t extent, int64_t first, size_t count,
                             double *out)
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
  const hsize_t start = (hsize_t)first, length = count;
  const hid_t memory = H5Screate_simple(1, &length, NULL);
  const bool good = H5Sget_simple_extent_npoints(space) == extent &&
                    H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &length, NULL) >= 0 &&
                    H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, out) >= 0;
  H5Sclose(memory);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return good;
}

/* Whether the file holds this rank's values where they belong. */
static inline void check_parts(struct verdict *verdict, const char *path, const large_run *run)
{
  static const char *const names[LARGE_PARAMETERS] = {"/parameters/0/x", "/parameters/1/x"};
  for (int i = 0; i < LARGE_PARAMETERS; i++) {
    const valley *part = &run->parts[i];
    double *read = calloc(part->count, sizeof *read);
    CHECK(verdict, read && read_part(path, names[i], run->extents[i], part->first, part->count, read),
          "%s has not the extent %lld, or cannot be read", names[i], (long long)run->extents[i]);
    CHECK(verdict, read && memcmp(read, part->x, part->count * sizeof *read) == 0, "%s has other values at %lld",
          names[i], (long long)part->first);
    free(read);
  }
}

static inline void check_step(struct verdict *verdict, large_run *run)
{
  const secant_status status = secant_step(run->optimizer, large_run_evaluate, run, NULL);
  CHECK(verdict, status == SECANT_OK, "step: %s", secant_message(run->optimizer));
}

/* Saves a run, loads it into another one that stands elsewhere, and lets both go on. Collective. */
static inline void check_save_and_load(struct verdict *verdict, const char *path, large_run *saver, large_run *loader)
{
  for (int i = 0; i < LARGE_PARAMETERS; i++) {
    for (size_t k = 0; k < loader->parts[i].count; k++) loader->parts[i].x[k] = 7.0;
  }
  check_step(verdict, saver);
  CHECK(verdict, secant_checkpoint_save(saver->optimizer, path, "large") == SECANT_OK, "save: %s",
        secant_message(saver->optimizer));
  CHECK(verdict, secant_checkpoint_load(loader->optimizer, path, "large") == SECANT_OK, "load: %s",
        secant_message(loader->optimizer));
  CHECK(verdict, large_run_same(saver, loader), "the loaded point is another one");
  check_parts(verdict, path, saver);
  check_step(verdict, saver);
  check_step(verdict, loader);
  CHECK(verdict, large_run_same(saver, loader), "the loaded run goes elsewhere");
}

#endif
