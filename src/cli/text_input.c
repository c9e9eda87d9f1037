#include "cli/text_input.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_CAPACITY = 1 << 18 };
static const size_t LONGEST_LINE = (size_t)1 << 30;

secant_status input_fail(secant_error *error, secant_status status, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  error->status = status;
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return status;
}

static secant_status cannot_read(const text_input *input, secant_error *error)
{
  return input_fail(error, SECANT_ERR_IO, "%s cannot be read: %s", input->path, strerror(errno));
}

static secant_status refuse_what_is_no_file(const char *path, secant_error *error)
{
  struct stat about;
  if (stat(path, &about) != 0) {
    return input_fail(error, SECANT_ERR_IO, "%s cannot be opened: %s", path, strerror(errno));
  }
  if (S_ISDIR(about.st_mode)) {
    return input_fail(error, SECANT_ERR_IO, "%s is a directory; name the data file in it", path);
  }
  if (!S_ISREG(about.st_mode)) {
    return input_fail(error, SECANT_ERR_IO, "%s is not a regular file; store the data in a file first", path);
  }
  return SECANT_OK;
}

/* True if the file begins with the two bytes that RFC 1952 gives every gzip member. Leaves `file` at its start. */
static bool begins_like_gzip(FILE *file)
{
  const int first = getc(file);
  const int second = getc(file);
  rewind(file);
  return first == 0x1f && second == 0x8b;
}

static secant_status open_stream(text_input *input, secant_error *error)
{
  input->plain = fopen(input->path, "rb");
  if (!input->plain) return input_fail(error, SECANT_ERR_IO, "%s cannot be opened: %s", input->path, strerror(errno));
  if (!begins_like_gzip(input->plain)) return SECANT_OK;
  fclose(input->plain);
  input->plain = NULL;
  errno = 0;
  input->gzip = gzopen(input->path, "rb");
  if (!input->gzip) return cannot_read(input, error);
  gzbuffer(input->gzip, FIRST_CAPACITY);
  return SECANT_OK;
}

secant_status text_input_open(text_input *input, const char *path, secant_error *error)
{
  *input = (text_input){.path = path, .capacity = FIRST_CAPACITY};
  secant_status status = refuse_what_is_no_file(path, error);
  if (status != SECANT_OK) return status;
  input->buffer = malloc(input->capacity + 1);
  if (!input->buffer) return input_fail(error, SECANT_ERR_MEMORY, "no memory to read %s", path);
  status = open_stream(input, error);
  if (status != SECANT_OK) text_input_close(input);
  return status;
}

void text_input_close(text_input *input)
{
  if (input->plain) fclose(input->plain);
  if (input->gzip) gzclose(input->gzip);
  free(input->buffer);
  *input = (text_input){0};
}

static secant_status explain_gzip(const text_input *input, secant_error *error)
{
  int number = Z_OK;
  const char *text = gzerror(input->gzip, &number);
  if (number == Z_BUF_ERROR) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s is truncated: the gzip data end too early; copy the file again",
                      input->path);
  }
  if (number == Z_ERRNO) return cannot_read(input, error);
  return input_fail(error, SECANT_ERR_FORMAT, "%s is damaged gzip data (%s); copy the file again", input->path, text);
}

static secant_status read_gzip(text_input *input, void *out, size_t bytes, size_t *got, secant_error *error)
{
  const size_t most = bytes < LONGEST_LINE ? bytes : LONGEST_LINE; /* zlib counts in int */
  const int read = gzread(input->gzip, out, (unsigned)most);
  if (read < 0) return explain_gzip(input, error);
  *got = (size_t)read;
  int number = Z_OK;
  gzerror(input->gzip, &number);
  return number == Z_OK || number == Z_STREAM_END ? SECANT_OK : explain_gzip(input, error);
}

/* One read of the stream, past the buffer; *got is 0 only at the end. */
static secant_status read_stream(text_input *input, void *out, size_t bytes, size_t *got, secant_error *error)
{
  if (input->gzip) return read_gzip(input, out, bytes, got, error);
  *got = fread(out, 1, bytes, input->plain);
  return *got < bytes && ferror(input->plain) ? cannot_read(input, error) : SECANT_OK;
}

secant_status text_input_read(text_input *input, void *out, size_t bytes, size_t *got, secant_error *error)
{
  const size_t ahead = input->end - input->begin;
  size_t filled = ahead < bytes ? ahead : bytes;
  memcpy(out, input->buffer + input->begin, filled);
  input->begin += filled;
  while (filled < bytes) {
    size_t part = 0;
    const secant_status status = read_stream(input, (char *)out + filled, bytes - filled, &part, error);
    if (status != SECANT_OK) return status;
    if (part == 0) break;
    filled += part;
  }
  input->position += (int64_t)filled;
  *got = filled;
  return SECANT_OK;
}

secant_status text_input_seek(text_input *input, int64_t position, secant_error *error)
{
  input->begin = input->end = 0;
  input->position = position;
  if (input->plain) return fseeko(input->plain, position, SEEK_SET) == 0 ? SECANT_OK : cannot_read(input, error);
  return gzseek(input->gzip, position, SEEK_SET) >= 0 ? SECANT_OK : explain_gzip(input, error);
}

static secant_status gzip_size(text_input *input, int64_t *size, secant_error *error)
{
  secant_status status = text_input_seek(input, 0, error);
  for (size_t got = 1; status == SECANT_OK && got > 0; input->position += (int64_t)got) {
    status = read_gzip(input, input->buffer, input->capacity, &got, error);
  }
  *size = input->position;
  return status == SECANT_OK ? text_input_seek(input, 0, error) : status;
}

secant_status text_input_size(text_input *input, int64_t *size, secant_error *error)
{
  if (input->gzip) return gzip_size(input, size, error);
  if (fseeko(input->plain, 0, SEEK_END) != 0) return cannot_read(input, error);
  *size = ftello(input->plain);
  return *size < 0 ? cannot_read(input, error) : text_input_seek(input, 0, error);
}

secant_status text_input_most(text_input *input, int64_t *most, secant_error *error)
{
  struct stat about;
  if (!input->gzip) return text_input_size(input, most, error);
  if (stat(input->path, &about) != 0) return cannot_read(input, error);
  *most = about.st_size < INT64_MAX / 1032 ? about.st_size * 1032 : INT64_MAX;
  return SECANT_OK;
}

/* Moves what is read ahead to the front of the buffer, and doubles a buffer that is full. */
static secant_status make_room(text_input *input, secant_error *error)
{
  const size_t ahead = input->end - input->begin;
  memmove(input->buffer, input->buffer + input->begin, ahead);
  input->begin = 0;
  input->end = ahead;
  if (ahead < input->capacity) return SECANT_OK;
  if (input->capacity >= LONGEST_LINE) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s has a line of more than 1 GiB; it is not a text of rows",
                      input->path);
  }
  char *larger = realloc(input->buffer, 2 * input->capacity + 1);
  if (!larger) return input_fail(error, SECANT_ERR_MEMORY, "no memory for a line of %s", input->path);
  input->buffer = larger;
  input->capacity *= 2;
  return SECANT_OK;
}

/* Length of the next line including its newline, reading on until the line is complete in the buffer; 0 at the end. */
static secant_status complete_line(text_input *input, size_t *length, secant_error *error)
{
  size_t searched = 0;
  for (;;) {
    const char *from = input->buffer + input->begin;
    const size_t ahead = input->end - input->begin;
    const char *newline = ahead > searched ? memchr(from + searched, '\n', ahead - searched) : NULL;
    *length = newline ? (size_t)(newline - from) + 1 : ahead;
    if (newline) return SECANT_OK;
    searched = ahead;

    size_t got = 0;
    secant_status status = make_room(input, error);
    if (status != SECANT_OK) return status;
    status = read_stream(input, input->buffer + input->end, input->capacity - input->end, &got, error);
    if (status != SECANT_OK || got == 0) return status;
    input->end += got;
  }
}

secant_status text_input_line(text_input *input, char **line, size_t *length, secant_error *error)
{
  size_t consumed = 0;
  *line = NULL;
  const secant_status status = complete_line(input, &consumed, error);
  if (status != SECANT_OK || consumed == 0) return status;
  *line = input->buffer + input->begin;
  *length = (*line)[consumed - 1] == '\n' ? consumed - 1 : consumed;
  (*line)[*length] = '\0';
  input->begin += consumed;
  input->position += (int64_t)consumed;
  return SECANT_OK;
}

int64_t text_input_line_number(text_input *input, int64_t position)
{
  secant_error ignored;
  char *line = NULL;
  size_t length = 0;
  if (text_input_seek(input, 0, &ignored) != SECANT_OK) return 0;
  for (int64_t number = 1;; number++) {
    if (text_input_line(input, &line, &length, &ignored) != SECANT_OK || !line) return 0;
    if (input->position > position) return number;
  }
}
