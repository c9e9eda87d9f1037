/* Questions about files that must be answered before a run starts: what fails at the end of a week is no use. */
#ifndef SECANT_CLI_FILES_H
#define SECANT_CLI_FILES_H

#include <secant/secant.h>
#include <stdbool.h>

/* A file that the command line names. */
typedef struct cli_file {
  const char *what; /* "checkpoint", for the sentence */
  const char *path; /* NULL: not given */
  bool written;     /* false: it is only read, and need not be looked at for its own sake */
} cli_file;

bool files_exist(const char *path);

/*
 * Whether every written file can be created or replaced, is a regular file if it is there, and is no other file of the
 * list. Rank 0 looks, since other ranks may see another disk. Collective.
 * Returns SECANT_OK, or SECANT_ERR_IO or SECANT_ERR_ARGUMENT with one sentence in `error` (never NULL).
 */
secant_status files_check(const cli_file *files, size_t count, secant_comm *comm, secant_error *error);

/*
 * Whether an incremental checkpoint can have the directory `path`.pairs beside it: there is none yet, or one that takes
 * files. Does nothing if `path` is NULL. Collective. Returns SECANT_OK, or SECANT_ERR_IO with one sentence in `error`.
 */
secant_status files_check_pairs(const char *path, secant_comm *comm, secant_error *error);

#endif
