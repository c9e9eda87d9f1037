/* A file that appears complete or not at all: written under a temporary name beside it, synced, then renamed. */
#ifndef SECANT_CLI_OUTPUT_FILE_H
#define SECANT_CLI_OUTPUT_FILE_H

#include <secant/secant.h>

/* The temporary name for `path`; free() it. NULL without memory. */
char *output_file_name(const char *path);

/* Syncs the closed file `temporary` and renames it to `path`. Removes it on failure. */
secant_status output_file_commit(const char *temporary, const char *path, secant_error *error);

#endif
