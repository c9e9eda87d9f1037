/* Edits of an HDF5 file through HDF5 itself, so that the file stays well-formed and only what it says is wrong. */
#ifndef TESTS_FUZZ_EDITS_H
#define TESTS_FUZZ_EDITS_H

#include "choices.h"
#include <stdbool.h>

/*
 * Applies the edits that the choices tell to the file at `path`, which has room for a seal, and brings the checksums of
 * its datasets and its seal up to date, unless the choices say otherwise. HDF5 may refuse an edit: then it is none.
 */
void edit_file(const char *path, choices *from);

#endif
