/*
 * How a file comes to its place, and how it is opened again. A file is written under a temporary name, sealed, synced,
 * checked as it would be before it is read, and renamed, so that a kill at any instant leaves the older file or the newer
 * one, complete.
 */
#ifndef SECANT_PLACE_H
#define SECANT_PLACE_H

#include "checkpoint/h5_file.h"

/* Elements that go through the caches of a processor on their way. */
enum { SECANTI_LARGEST_PIECE = 1 << 17 };

/* What is done to a file while it is open; while writing, twice (h5_file.h). Collective; the outcome is common. */
typedef secant_status secanti_place_task(void *user);

/* One file to be written or read. */
typedef struct secanti_place {
  const char *path;
  const char *kind; /* "a checkpoint": what the file is, for sentences */
  secant_comm *comm;
  secant_error *error;
  secanti_h5_file *file; /* open while the task runs */
  secanti_place_task *task;
  void *user;
  int keep;        /* files of the series that the new one heads (series.h); 0: it replaces the older one */
  bool distrusted; /* the file at `path` is no loss: it could not be loaded */
  secant_checkpoint_io io;
  bool seal_optional; /* a file without a seal may be read */
} secanti_place;

/* The name under which a file for `path` is written, in memory of the caller; NULL without memory. */
char *secanti_place_temporary(const char *path);

/* Waits until the disk has the entry of `path` in its directory. One process. */
secant_status secanti_place_sync_directory_of(const char *path, secant_error *error);

/* Lets the task fill a new file and puts it in its place. Collective; the outcome is common. After an error an older file
 * is intact, or, if only the last sync failed, the new one is in place. */
secant_status secanti_place_write(const secanti_place *place);

/* Checks the seal and lets the task read the file. Collective; the outcome is common. */
secant_status secanti_place_read(const secanti_place *place);

#endif
