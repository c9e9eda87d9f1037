/* Questions about files that must be answered before a run starts. */
#ifndef SECANT_CLI_FILES_H
#define SECANT_CLI_FILES_H

#include <secant/secant.h>
#include <stdbool.h>

bool files_exist(const char *path);

/*
 * Whether a file can be created or replaced at `path`; `what` names it in the sentence. Not collective.
 * Returns SECANT_OK, or SECANT_ERR_IO with one sentence in `error` (never NULL).
 */
secant_status files_check_writable(const char *what, const char *path, secant_error *error);

#endif
