/* A data file read forward: plain, or gzip decompressed on the way. Positions count decompressed bytes. */
#ifndef SECANT_CLI_TEXT_INPUT_H
#define SECANT_CLI_TEXT_INPUT_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <zlib.h>

/* Fields are private to text_input.c. {0} is a closed input. */
typedef struct text_input {
  const char *path; /* borrowed */
  FILE *plain;      /* one of the two is open */
  gzFile gzip;
  char *buffer; /* [capacity + 1]; begin .. end is read ahead */
  size_t capacity;
  size_t begin;
  size_t end;
  int64_t position; /* of buffer[begin] */
} text_input;

/* Fills `error` with a status and a printf-style sentence; returns the status. */
secant_status input_fail(secant_error *error, secant_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Opens `path`, which must outlive the input. SECANT_ERR_IO if it is missing, a directory, or cannot be read. */
secant_status text_input_open(text_input *input, const char *path, secant_error *error);

/* NULL is not allowed, a closed input is. */
void text_input_close(text_input *input);

/* Bytes in all, decompressed. Reads a gzip file to its end; the position is 0 afterwards. */
secant_status text_input_size(text_input *input, int64_t *size, secant_error *error);

/*
 * The most bytes that there can be, decompressed, without reading them: the size of a plain file; for gzip 1032 times
 * that, the limit of the DEFLATE format (zlib, "Technical Details"). Moves the position.
 */
secant_status text_input_most(text_input *input, int64_t *most, secant_error *error);

/* Goes to `position`. Behind the end is allowed: nothing is read there. */
secant_status text_input_seek(text_input *input, int64_t position, secant_error *error);

/* Reads up to `bytes` bytes; *got is less only at the end of the file. */
secant_status text_input_read(text_input *input, void *out, size_t bytes, size_t *got, secant_error *error);

/*
 * The next line without its newline, zero-terminated, valid until the next call; *line is NULL at the end.
 * *length may count zero bytes that are part of the line.
 */
secant_status text_input_line(text_input *input, char **line, size_t *length, secant_error *error);

/* Number, from 1, of the line that holds byte `position`; 0 if the file cannot be read. Moves the position. */
int64_t text_input_line_number(text_input *input, int64_t position);

#endif
