/* Temporary data files for tests of readers. */
#ifndef SECANT_TESTS_DATA_FILE_H
#define SECANT_TESTS_DATA_FILE_H

#include <stddef.h>

/* Writes the bytes to a new file in the directory for temporary files; gzip compresses them. Returns its path, which
 * data_file_remove() frees, or NULL. */
char *data_file_write(const void *bytes, size_t count);
char *data_file_write_gzip(const void *bytes, size_t count);

/* Shortens the file to `count` bytes. Returns 0, or -1. */
int data_file_truncate(const char *path, size_t count);
size_t data_file_size(const char *path);

void data_file_remove(char *path);

#endif
