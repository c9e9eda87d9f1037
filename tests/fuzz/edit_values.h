/* Values, types and shapes that a file is not expected to hold. */
#ifndef TESTS_FUZZ_EDIT_VALUES_H
#define TESTS_FUZZ_EDIT_VALUES_H

#include "choices.h"
#include <hdf5.h>

enum { EDIT_MOST_BYTES = 1 << 16 };

/* A text that means something somewhere, or nothing anywhere. */
const char *choose_text(choices *from);

/* H5Tclose() and H5Sclose() them; negative where HDF5 refuses. */
hid_t choose_type(choices *from);
hid_t choose_space(choices *from);

size_t cells_of(hid_t space);

/* Room for the cells of an attribute or dataset, zero; free() it. NULL if they are too many, or hold addresses. */
char *room_for(hid_t type, hid_t space, size_t *size, size_t *count);

/* Some of the cells become others. */
void change_cells(choices *from, hid_t type, char *cells, size_t size, size_t count);

#endif
