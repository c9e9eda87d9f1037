/*
 * Copies a file object by object: what is read from the one is written anew into the other, so that nothing is left of
 * how the first was stored.
 */
#include "base/base.h"
#include "checkpoint/checksum.h"
#include "checkpoint/inspect.h"
#include "checkpoint/place.h"
#include "checkpoint/references.h"
#include "checkpoint/state_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct copying {
  secanti_h5_file from, to;
  const char *destination;
  size_t piece;
  secant_error *error;
} copying;

/* ---- attributes --------------------------------------------------------------------------------------------------- */

/* Of what refers to other places of a file a copy would refer to nothing. */
static secant_status refuse_references(const secanti_content *content)
{
  if (H5Tdetect_class(content->type, H5T_REFERENCE) <= 0) return SECANT_OK;
  return secanti_h5_fail(content->file, content->object, "references into the file cannot be copied");
}

static secant_status copy_attribute(const copying *copy, hid_t object, const char *name, hid_t target)
{
  secanti_content content;
  void *cells = NULL;
  size_t most = 0, count = 0;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_content_attribute(&copy->from, object, name, SECANTI_AS_BYTES, &content));
  SECANT_TRY(refuse_references(&content));
  cells = secanti_content_room(&content, copy->piece, &most);
  SECANT_TRY(cells ? SECANT_OK : SECANT_ERR_MEMORY);
  SECANT_TRY(secanti_content_read(&content, 0, most, cells, &count));
  status = secanti_h5_write_attribute(&copy->to, target, name, content.memory, H5Scopy(content.space),
                                      count > 0 ? cells : NULL);
  secanti_content_release(&content, count, cells);
done:
  secanti_content_close(&content);
  free(cells);
  return status;
}

/* All but the checksum, which is made anew. */
static secant_status copy_attributes(const copying *copy, const secanti_object *object, hid_t target)
{
  secanti_names names;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_names_of_attributes(&copy->from, object->id, &names));
  for (size_t i = 0; i < names.count; i++) {
    if (object->dataset && strcmp(names.entries[i], SECANTI_CHECKSUM_NAME) == 0) continue;
    SECANT_TRY(copy_attribute(copy, object->id, names.entries[i], target));
  }
done:
  secanti_names_free(&names);
  return status;
}

/* ---- datasets ----------------------------------------------------------------------------------------------------- */

/* Numbers are little-endian in the files of this library, and so in memory on their way here. */
static secant_status choose_type(const secanti_content *content)
{
  const H5T_class_t class = H5Tget_class(content->memory);
  if (content->variable) {
    return secanti_h5_fail(content->file, content->object, "values of variable length cannot be copied");
  }
  if ((class == H5T_FLOAT || class == H5T_INTEGER) && H5Tset_order(content->memory, H5T_ORDER_LE) < 0) {
    return secanti_h5_fail(content->file, content->object, "its type cannot be copied");
  }
  return refuse_references(content);
}

static secant_status make_dataset(const copying *copy, const secanti_content *content, const char *path, hid_t *target)
{
  *target = H5I_INVALID_HID;
  if (secanti_h5_is_absent(&copy->to)) return SECANT_OK;
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  if (how >= 0 && H5Pset_layout(how, H5D_CONTIGUOUS) >= 0 && H5Pset_fill_time(how, H5D_FILL_TIME_NEVER) >= 0 &&
      (content->null || H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY) >= 0)) {
    const hid_t space = content->dimensions > 0 ? H5Screate_simple(content->dimensions, content->shape, NULL)
                                                : H5Scopy(content->space); /* drops that it may grow */
    *target = H5Dcreate2(copy->to.id, path, content->memory, space, H5P_DEFAULT, how, H5P_DEFAULT);
    if (space >= 0) H5Sclose(space);
  }
  if (how >= 0) H5Pclose(how);
  return *target >= 0 ? SECANT_OK : secanti_h5_fail(&copy->to, H5I_INVALID_HID, "dataset '%.80s' cannot be made", path);
}

/* In the first round the cells are only added up. Those of a box lie in a row in the file. */
static secant_status copy_values(const copying *copy, const secanti_content *content, uint64_t *sum)
{
  const secanti_h5_file *to = &copy->to;
  size_t most = 0, count = 0;
  void *cells = secanti_content_room(content, copy->piece, &most);
  secant_status status = cells ? SECANT_OK : SECANT_ERR_MEMORY;
  for (hsize_t first = 0; status == SECANT_OK && first < content->count; first += count) {
    SECANT_TRY(secanti_content_read(content, first, most, cells, &count));
    if (secanti_h5_is_filling(to)) {
      const uint64_t at = secanti_h5_place_of_data(to)->offset + first * content->size;
      status = secanti_draft_write(to->disk, to->path, cells, count * content->size, at, to->error);
    } else {
      *sum += secanti_checksum_bytes(cells, content->size, count, first);
    }
  }
done:
  free(cells);
  return status;
}

static secant_status copy_cells(const copying *copy, const secanti_content *content, hid_t target)
{
  uint64_t sum = 0;
  const secant_status status = copy_values(copy, content, &sum);
  return status == SECANT_OK ? secanti_h5_confirm_parts(&copy->to, target, sum) : status;
}

static secant_status copy_dataset(const copying *copy, const secanti_object *object)
{
  secanti_content content;
  hid_t target = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_content_dataset(&copy->from, object->path, SECANTI_AS_BYTES, &content));
  SECANT_TRY(choose_type(&content));
  SECANT_TRY(make_dataset(copy, &content, object->path, &target));
  SECANT_TRY(copy_attributes(copy, object, target));
  status = copy_cells(copy, &content, target);
done:
  if (target >= 0) H5Dclose(target);
  secanti_content_close(&content);
  return status;
}

/* ---- objects ------------------------------------------------------------------------------------------------------ */

static secant_status copy_group(const copying *copy, const secanti_object *object)
{
  hid_t group = H5I_INVALID_HID;
  if (strcmp(object->path, "/") == 0) return copy_attributes(copy, object, copy->to.id);
  secant_status status = secanti_h5_group(&copy->to, copy->to.id, object->path, &group);
  if (status == SECANT_OK) status = copy_attributes(copy, object, group);
  if (group >= 0) H5Gclose(group);
  return status;
}

/* What it refers to is in the copy. */
static secant_status copy_object(void *user, const secanti_object *object)
{
  if (strcmp(object->path, SECANTI_REFERENCES) == 0) return SECANT_OK;
  return object->dataset ? copy_dataset(user, object) : copy_group(user, object);
}

/* The second names of what has been copied. */
static secant_status link_aliases(void *user, const secanti_object *object)
{
  const copying *copy = user;
  secant_status status = SECANT_OK;
  bool dataset = false;
  if (object->dataset || secanti_h5_is_absent(&copy->to)) return SECANT_OK;
  const hid_t group = secanti_open_object(&copy->to, object->path, &dataset);
  for (int i = 0; status == SECANT_OK && i < SECANTI_STATE_ALIASES; i++) {
    const char *alias = secanti_state_aliases[i].alias, *key = secanti_state_aliases[i].key;
    if (!secanti_is_alias(object->id, alias, key)) continue;
    if (group < 0 || H5Lcreate_hard(group, key, group, alias, H5P_DEFAULT, H5P_DEFAULT) < 0) {
      status = secanti_h5_fail(&copy->to, group, "'%s' cannot be linked to '%s'", alias, key);
    }
  }
  if (group >= 0) H5Oclose(group);
  return status;
}

/* ---- all together --------------------------------------------------------------------------------------------------- */

static secant_status write_copy(void *user)
{
  copying *copy = user;
  const secant_status status = secanti_walk(&copy->from, copy_object, copy);
  return status == SECANT_OK ? secanti_walk(&copy->from, link_aliases, copy) : status;
}

/* With the file to be copied open. */
static secant_status write_file(void *user)
{
  copying *copy = user;
  const secanti_place place = {.path = copy->destination,
                               .kind = "a checkpoint",
                               .comm = secanti_comm_self(),
                               .error = copy->error,
                               .file = &copy->to,
                               .task = write_copy,
                               .user = copy};
  return secanti_place_write(&place);
}

/* The file must not be overwritten while it is read, and not be removed in place of an unfinished copy. */
static secant_status check_destination(const char *path, const char *to, secant_error *error)
{
  struct stat one, other;
  char *temporary = secanti_place_temporary(to);
  if (!temporary) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a temporary file");
  const char *const names[] = {to, temporary};
  bool same = false;
  for (int i = 0; i < 2 && stat(path, &one) == 0; i++) {
    same = same || (stat(names[i], &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino);
  }
  free(temporary);
  if (!same) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_ARGUMENT, "'%s' cannot be copied to '%s': it would overwrite itself", path, to);
}

secant_status secanti_checkpoint_export(const char *path, const char *to, size_t piece, secant_error *error)
{
  secant_error unwanted;
  if (!error) error = &unwanted;
  *error = (secant_error){.status = SECANT_OK};
  if (!path || !to || !*to) return secanti_fail(error, SECANT_ERR_ARGUMENT, "a copy needs a path and a place for it");
  copying copy = {.destination = to, .piece = piece, .error = error};
  const secant_status status = check_destination(path, to, error);
  return status == SECANT_OK ? secanti_inspect_file(path, &copy.from, write_file, &copy, error) : status;
}

secant_status secant_checkpoint_export(const char *path, const char *to, secant_error *error)
{
  return secanti_checkpoint_export(path, to, SECANTI_INSPECTED_PIECE, error);
}
