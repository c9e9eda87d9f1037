#include "base/base.h"
#include "checkpoint/inspect.h"
#include "checkpoint/pair_file.h"
#include "checkpoint/place.h"
#include "checkpoint/schema.h"
#include "checkpoint/seal.h"
#include "checkpoint/state_file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a seal begins with, whatever its version. */
#define SEAL_BEGINNING "secant seal "

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static secant_status not_ours(const char *path, const char *why, secant_error *error)
{
  return secanti_fail(error, SECANT_ERR_MISMATCH, "'%s' is neither a checkpoint nor a state dict: %s", path, why);
}

/* Whether the file has HDF5's signature at `offset`. */
static bool is_signed(FILE *file, long offset)
{
  static const char signature[] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  char found[sizeof signature];
  return fseek(file, offset, SEEK_SET) == 0 && fread(found, sizeof found, 1, file) == 1 &&
         memcmp(found, signature, sizeof found) == 0;
}

/* A file that has neither the beginning of a seal nor HDF5's signature where a seal would end was never one of ours: it
 * is not a damaged one. */
static secant_status check_beginning(const char *path, secant_error *error)
{
  char beginning[sizeof SEAL_BEGINNING] = "";
  FILE *file = fopen(path, "rb");
  if (!file) return secanti_fail_on(error, path, "read");
  const bool read = fread(beginning, 1, sizeof beginning - 1, file) > 0;
  const bool sealed = read && strcmp(beginning, SEAL_BEGINNING) == 0;
  const bool ours = sealed || is_signed(file, 0) || is_signed(file, SECANTI_SEAL_BYTES);
  const int code = ferror(file) ? errno : 0;
  fclose(file);
  if (code) return secanti_fail(error, SECANT_ERR_IO, "'%s' cannot be read: %s", path, strerror(code));
  return ours ? SECANT_OK : not_ours(path, "it is not an HDF5 file", error);
}

typedef struct opening {
  secanti_h5_file *file;
  secant_status (*task)(void *user);
  void *user;
} opening;

/* Which of the two formats the file has: SECANTI_FORMAT, SECANTI_STATE_FORMAT, or NULL. */
static secant_status find_format(const secanti_h5_file *file, const char **format)
{
  static const char *const formats[] = {SECANTI_FORMAT, SECANTI_STATE_FORMAT};
  secanti_content content;
  void *cells = NULL;
  size_t most = 0, count = 0, length = 0;
  *format = NULL;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_content_attribute(file, file->id, "format", SECANTI_AS_VALUES, &content));
  if (content.cell != SECANTI_CELL_TEXT || content.count != 1) goto done;
  cells = secanti_content_room(&content, 1, &most);
  SECANT_TRY(cells ? SECANT_OK : SECANT_ERR_MEMORY);
  SECANT_TRY(secanti_content_read(&content, 0, most, cells, &count));
  const char *text = secanti_content_text(&content, cells, 0, &length);
  for (int i = 0; i < 2; i++) {
    if (length == strlen(formats[i]) && memcmp(text, formats[i], length) == 0) *format = formats[i];
  }
  secanti_content_release(&content, count, cells);
done:
  secanti_content_close(&content);
  free(cells);
  return status;
}

/* `refers` is whether the file can refer to files of pairs. */
static secant_status check_format(const secanti_h5_file *file, bool *refers)
{
  const char *format = NULL;
  if (H5Aexists(file->id, "format") <= 0) return not_ours(file->path, "it has no attribute 'format'", file->error);
  const secant_status status = find_format(file, &format);
  if (status != SECANT_OK) return status;
  if (!format) return not_ours(file->path, "its attribute 'format' names another format", file->error);
  *refers = strcmp(format, SECANTI_FORMAT) == 0;
  if (!*refers || file->sealed) return SECANT_OK;
  return secanti_fail(file->error, SECANT_ERR_FORMAT, "'%s' is damaged: a checkpoint has a seal, and it has none",
                      file->path);
}

static secant_status read_open_file(void *user)
{
  const opening *in = user;
  bool refers = false;
  secant_status status = SECANT_OK;
  SECANT_TRY(check_format(in->file, &refers));
  if (refers) SECANT_TRY(secanti_pairs_check(in->file, false)); /* HDF5 would read a file that is not there as zeros */
  status = in->task(in->user);
done:
  return status;
}

secant_status secanti_inspect_file(const char *path, secanti_h5_file *file, secant_status (*task)(void *user),
                                   void *user, secant_error *error)
{
  opening in = {file, task, user};
  const secanti_place place = {.path = path,
                               .kind = "a checkpoint",
                               .comm = secanti_comm_self(),
                               .error = error,
                               .file = file,
                               .task = read_open_file,
                               .user = &in,
                               .seal_optional = true}; /* of a state dict; check_format() knows which it is */
  const secant_status status = check_beginning(path, error);
  return status == SECANT_OK ? secanti_place_read(&place) : status;
}

/* ---- trees ------------------------------------------------------------------------------------------------------ */

static secant_node *put(secant_status status, secant_node *child, secant_error *error)
{
  if (status == SECANT_OK) return child;
  if (error->status == SECANT_OK)
    secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the tree that describes a file");
  return NULL;
}

secant_node *secanti_tree_set(secant_node *dict, const char *key, secant_node *child, secant_error *error)
{
  return put(secant_node_set(dict, key, child), child, error);
}

secant_node *secanti_tree_append(secant_node *list, secant_node *child, secant_error *error)
{
  return put(secant_node_append(list, child), child, error);
}

secant_node *secanti_tree_extents(const hsize_t *extents, int dimensions, secant_error *error)
{
  secant_node *list = secant_node_list();
  for (int i = 0; i < dimensions; i++) secanti_tree_append(list, secant_node_integer((int64_t)extents[i]), error);
  return list;
}
