/*
 * An attribute or a dataset of which nothing is known beforehand, looked at as a row of cells: numbers become double,
 * int64_t or uint64_t, texts stay texts. Cells are read piece by piece in row-major order.
 */
#ifndef SECANT_CONTENT_H
#define SECANT_CONTENT_H

#include "checkpoint/h5_file.h"

typedef enum secanti_cell {
  SECANTI_CELL_REAL,    /* double */
  SECANTI_CELL_INTEGER, /* int64_t; enumerations too */
  SECANTI_CELL_NATURAL, /* uint64_t */
  SECANTI_CELL_TEXT,    /* char[size], or char * if `variable` */
  SECANTI_CELL_OTHER    /* bytes [size] as the type in the file lays them out */
} secanti_cell;

typedef struct secanti_content {
  const secanti_h5_file *file; /* borrowed */
  hid_t object;
  bool attribute; /* else a dataset */
  hid_t type;     /* in the file */
  hid_t memory;   /* of a cell */
  hid_t space;
  secanti_cell cell;
  bool variable; /* cells point to memory of their own */
  bool null;     /* has no dataspace to speak of: a none */
  size_t size;   /* bytes of a cell in memory */
  int dimensions;
  hsize_t shape[H5S_MAX_RANK];
  hsize_t count; /* cells */
} secanti_content;

/* How cells shall be read: as numbers and texts, or all as SECANTI_CELL_OTHER, to be written again as they are. */
typedef enum secanti_cells_as { SECANTI_AS_VALUES, SECANTI_AS_BYTES } secanti_cells_as;

/* Opens an attribute of `object`, or the dataset at `path`, and checks that its size can be true. Fails with a sentence
 * in the file's error. secanti_content_close() it, also after a failure. */
secant_status secanti_content_attribute(const secanti_h5_file *file, hid_t object, const char *name,
                                        secanti_cells_as as, secanti_content *content);
secant_status secanti_content_dataset(const secanti_h5_file *file, const char *path, secanti_cells_as as,
                                      secanti_content *content);
void secanti_content_close(secanti_content *content);

/* Room for the cells of one read, and how many they are: `piece` of a dataset at most, all of an attribute. NULL
 * without memory, which the file's error then says; free() it. */
void *secanti_content_room(const secanti_content *content, size_t piece, size_t *most);

/* Coordinates of a cell, [dimensions]. */
void secanti_content_coordinates(const secanti_content *content, hsize_t cell, hsize_t *coordinates);

/* The longest run of cells from `first` on that is a box, `most` of them at the most: its corner and extents, which
 * are equal for contents of equal shapes. Returns their number. */
size_t secanti_content_box(const secanti_content *content, hsize_t first, size_t most, hsize_t *start, hsize_t *extent);

/* Reads such a run. `count` gets the number of cells read. secanti_content_release() them. */
secant_status secanti_content_read(const secanti_content *content, hsize_t first, size_t most, void *cells,
                                   size_t *count);
void secanti_content_release(const secanti_content *content, size_t count, void *cells);

/* Text of cell `index` of those read, with its length up to the first zero. */
const char *secanti_content_text(const secanti_content *content, const void *cells, size_t index, size_t *length);

/* "float64", "int64", "text", "other": the type in the file, for people. */
void secanti_content_type_name(const secanti_content *content, char *name, size_t capacity);

#endif
