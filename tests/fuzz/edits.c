#include "edits.h"
#include "checkpoint/checksum.h"
#include "checkpoint/seal.h"
#include "edit_values.h"
#include "scene.h"
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PATHS = 64, LONGEST = 120, MOST_EDITS = 12 };

/* What there is in the file, before an edit. */
typedef struct paths {
  size_t count;
  char all[MOST_PATHS][LONGEST];
} paths;

typedef struct editor {
  hid_t file;
  choices *from;
  paths objects;
} editor;

static herr_t note(hid_t group, const char *name, const H5L_info_t *link, void *user)
{
  (void)group;
  (void)link;
  paths *list = user;
  if (list->count == MOST_PATHS) return 1;
  if (strlen(name) < LONGEST) strcpy(list->all[list->count++], name);
  return 0;
}

static void find_objects(editor *e)
{
  e->objects.count = 1;
  strcpy(e->objects.all[0], "/");
  H5Lvisit(e->file, H5_INDEX_NAME, H5_ITER_NATIVE, note, &e->objects);
}

static const char *choose_path(editor *e)
{
  return e->objects.all[choose(e->from, e->objects.count)];
}

/* ---- attributes --------------------------------------------------------------------------------------------------- */

static hid_t choose_attribute(editor *e, hid_t object)
{
  const hssize_t count = H5Aget_num_attrs(object);
  if (count <= 0) return H5I_INVALID_HID;
  const hsize_t index = choose(e->from, (size_t)count);
  return H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, index, H5P_DEFAULT, H5P_DEFAULT);
}

static void write_attribute(editor *e, hid_t attribute, bool keep)
{
  const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  size_t size, count;
  char *cells = room_for(type, space, &size, &count);
  if (cells && keep) H5Aread(attribute, type, cells);
  if (cells) change_cells(e->from, type, cells, size, count);
  if (cells) H5Awrite(attribute, type, cells);
  if (H5Tis_variable_str(type) > 0 && cells_of(space) > 0 && cells_of(space) < 64) {
    const char *texts[64];
    for (int i = 0; i < 64; i++) texts[i] = choose_text(e->from);
    H5Awrite(attribute, type, texts);
  }
  free(cells);
  H5Sclose(space);
  H5Tclose(type);
}

static void make_attribute(editor *e, hid_t object, const char *name)
{
  const hid_t type = choose_type(e->from), space = choose_space(e->from);
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) {
    write_attribute(e, attribute, false);
    H5Aclose(attribute);
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
}

static void edit_attribute(editor *e, hid_t object)
{
  char name[LONGEST] = "";
  const size_t how = choose(e->from, 6);
  const hid_t attribute = choose_attribute(e, object);
  const char *other = choose_text(e->from);
  if (attribute >= 0) H5Aget_name(attribute, sizeof name, name);
  if (attribute >= 0 && how <= 2) write_attribute(e, attribute, true);
  if (attribute >= 0) H5Aclose(attribute);
  switch (how) {
  case 3: H5Adelete(object, name); break;
  case 4:
    H5Adelete(object, name);
    make_attribute(e, object, name);
    break;
  case 5:
    if (choose(e->from, 2))
      H5Arename(object, name, other);
    else
      make_attribute(e, object, other);
    break;
  default: break;
  }
}

/* ---- datasets ----------------------------------------------------------------------------------------------------- */

static void write_dataset(editor *e, hid_t dataset, bool keep)
{
  const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  size_t size, count;
  char *cells = room_for(type, space, &size, &count);
  if (cells && keep) H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
  if (cells) change_cells(e->from, type, cells, size, count);
  if (cells) H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
  free(cells);
  H5Sclose(space);
  H5Tclose(type);
}

static hid_t choose_layout(editor *e, hid_t space)
{
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  hsize_t chunk[H5S_MAX_RANK];
  const int dimensions = H5Sget_simple_extent_ndims(space);
  for (int i = 0; i < H5S_MAX_RANK; i++) chunk[i] = 1 + choose(e->from, i < 2 ? 4 : 1);
  switch (choose(e->from, 8)) {
  case 0: H5Pset_layout(how, H5D_COMPACT); break;
  case 1:
    if (dimensions > 0) H5Pset_chunk(how, dimensions, chunk);
    break;
  case 2:
    if (dimensions > 0) H5Pset_chunk(how, dimensions, chunk);
    H5Pset_shuffle(how);
    H5Pset_deflate(how, 6);
    H5Pset_fletcher32(how);
    break;
  case 3: H5Pset_external(how, scene_path("outside.bin"), 0, H5F_UNLIMITED); break;
  case 4: H5Pset_virtual(how, space, scene_path("target.h5"), "/state/gram_sy", space); break;
  case 5: H5Pset_alloc_time(how, H5D_ALLOC_TIME_LATE); break;
  default:
    H5Pset_alloc_time(how, cells_of(space) < EDIT_MOST_BYTES ? H5D_ALLOC_TIME_EARLY : H5D_ALLOC_TIME_LATE);
    break;
  }
  return how;
}

static void make_dataset(editor *e, const char *path)
{
  const hid_t type = choose_type(e->from), space = choose_space(e->from), how = choose_layout(e, space);
  const hid_t dataset = H5Dcreate2(e->file, path, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  if (dataset >= 0 && choose(e->from, 4)) write_dataset(e, dataset, false);
  if (dataset >= 0) H5Dclose(dataset);
  if (how >= 0) H5Pclose(how);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
}

/* The same name and values in another type, shape or layout: whatever the old dataset had is gone. */
static void replace_dataset(editor *e, const char *path)
{
  const hid_t old = H5Dopen2(e->file, path, H5P_DEFAULT);
  const hid_t type = old >= 0 ? H5Dget_type(old) : H5I_INVALID_HID;
  const hid_t space = old >= 0 ? H5Dget_space(old) : H5I_INVALID_HID;
  size_t size, count;
  char *cells = room_for(type, space, &size, &count);
  if (cells) H5Dread(old, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
  const hid_t how = space >= 0 ? choose_layout(e, space) : H5I_INVALID_HID;
  if (old >= 0) H5Dclose(old);
  H5Ldelete(e->file, path, H5P_DEFAULT);
  const hid_t dataset = how >= 0 ? H5Dcreate2(e->file, path, type, space, H5P_DEFAULT, how, H5P_DEFAULT) : -1;
  if (dataset >= 0 && cells) H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
  if (dataset >= 0) H5Dclose(dataset);
  if (how >= 0) H5Pclose(how);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  free(cells);
}

/* ---- links -------------------------------------------------------------------------------------------------------- */

static void make_group(editor *e, const char *path)
{
  const hid_t group = H5Gcreate2(e->file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (group >= 0) H5Gclose(group);
}

static void make_deep_groups(editor *e, const char *path)
{
  char deep[LONGEST + 100];
  const hid_t list = H5Pcreate(H5P_LINK_CREATE);
  const size_t depth = choose(e->from, 48);
  size_t length = strlen(path);
  H5Pset_create_intermediate_group(list, 1);
  strcpy(deep, path);
  for (size_t i = 0; i < depth; i++, length += 2) strcpy(deep + length, "/0");
  const hid_t group = H5Gcreate2(e->file, deep, list, H5P_DEFAULT, H5P_DEFAULT);
  if (group >= 0) H5Gclose(group);
  H5Pclose(list);
}

static void name_type(editor *e, const char *path)
{
  const hid_t type = choose_type(e->from);
  if (type < 0) return;
  H5Tcommit2(e->file, path, type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Tclose(type);
}

/* Something else comes to the place of a link. */
static void edit_link(editor *e, const char *path)
{
  const char *other = choose_path(e);
  switch (choose(e->from, 10)) {
  case 0: H5Ldelete(e->file, path, H5P_DEFAULT); break;
  case 1: H5Lmove(e->file, path, e->file, other, H5P_DEFAULT, H5P_DEFAULT); break;
  case 2:
    H5Ldelete(e->file, path, H5P_DEFAULT);
    H5Lcreate_hard(e->file, other, e->file, path, H5P_DEFAULT, H5P_DEFAULT);
    break;
  case 3:
    H5Ldelete(e->file, path, H5P_DEFAULT);
    H5Lcreate_soft(choose(e->from, 2) ? other : "/nowhere", e->file, path, H5P_DEFAULT, H5P_DEFAULT);
    break;
  case 4:
    H5Ldelete(e->file, path, H5P_DEFAULT);
    H5Lcreate_external(scene_path(choose(e->from, 2) ? "target.h5" : "absent.h5"), other, e->file, path, H5P_DEFAULT,
                       H5P_DEFAULT);
    break;
  case 5:
    H5Ldelete(e->file, path, H5P_DEFAULT);
    make_group(e, path);
    break;
  case 6:
    H5Ldelete(e->file, path, H5P_DEFAULT);
    make_dataset(e, path);
    break;
  case 7:
    H5Ldelete(e->file, path, H5P_DEFAULT);
    name_type(e, path);
    break;
  case 8: make_deep_groups(e, path); break;
  default: replace_dataset(e, path); break;
  }
}

/* Adds something under a name that may mean something there. */
static void add_link(editor *e, const char *path)
{
  static const char *const names[] = {"0",  "1",  "2",      "3",     "x",          "g",        "s",
                                      "y",  "d",  "g0",     "base",  "keys",       "old_dirs", "old_stps",
                                      "ro", "al", "params", "state", "parameters", "new",      "gram_sy"};
  char full[LONGEST + 20];
  const char *other = choose_path(e);
  snprintf(full, sizeof full, "%s/%s", path, names[choose(e->from, sizeof names / sizeof *names)]);
  switch (choose(e->from, 4)) {
  case 0: make_dataset(e, full); break;
  case 1: H5Lcreate_hard(e->file, other, e->file, full, H5P_DEFAULT, H5P_DEFAULT); break;
  case 2: H5Lcreate_soft(other, e->file, full, H5P_DEFAULT, H5P_DEFAULT); break;
  default: make_group(e, full); break;
  }
}

/* ---- checksums ---------------------------------------------------------------------------------------------------- */

static void write_checksum(hid_t dataset, uint64_t sum)
{
  if (H5Aexists(dataset, "xxh3") > 0) H5Adelete(dataset, "xxh3");
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(dataset, "xxh3", H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) {
    H5Awrite(attribute, H5T_NATIVE_UINT64, &sum);
    H5Aclose(attribute);
  }
  H5Sclose(space);
}

static herr_t confirm(hid_t group, const char *name, const H5L_info_t *link, void *user)
{
  (void)user;
  if (link->type != H5L_TYPE_HARD) return 0;
  const hid_t dataset = H5Oopen(group, name, H5P_DEFAULT);
  if (dataset >= 0 && H5Iget_type(dataset) == H5I_DATASET) {
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    size_t size, count;
    char *cells = room_for(type, space, &size, &count);
    if (cells) H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
    write_checksum(dataset, cells ? secanti_checksum_bytes(cells, size, count, 0) : 0);
    free(cells);
    H5Sclose(space);
    H5Tclose(type);
  }
  if (dataset >= 0) H5Oclose(dataset);
  return 0;
}

/* ---- all together ------------------------------------------------------------------------------------------------- */

static void edit_once(editor *e)
{
  find_objects(e);
  const char *path = choose_path(e);
  const size_t how = choose(e->from, 8);
  const hid_t object = how < 6 ? H5Oopen(e->file, path, H5P_DEFAULT) : H5I_INVALID_HID;
  if (how < 4 && object >= 0) edit_attribute(e, object);
  if ((how == 4 || how == 5) && object >= 0) {
    if (H5Iget_type(object) == H5I_DATASET)
      write_dataset(e, object, true);
    else
      edit_attribute(e, object);
  }
  if (object >= 0) H5Oclose(object);
  if (how == 6) edit_link(e, path);
  if (how == 7) add_link(e, path);
}

/* Edits happen in memory and reach the file as it is closed. */
static hid_t open_in_memory(const char *path)
{
  enum { GROWTH = 1 << 16 };
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, GROWTH, true);
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, access);
  H5Pclose(access);
  PROMISE(file >= 0, "'%s' cannot be opened for editing", path);
  return file;
}

void edit_file(const char *path, choices *from)
{
  const unsigned sums = choose_byte(from);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  editor e = {.from = from};
  e.file = open_in_memory(path);
  for (int i = 0; i < MOST_EDITS && from->left > 0; i++) edit_once(&e);
  if (sums % 8 != 7) H5Lvisit(e.file, H5_INDEX_NAME, H5_ITER_NATIVE, confirm, NULL);
  H5Fclose(e.file);
  secant_error error = {.status = SECANT_OK};
  PROMISE(secanti_seal_write(path, secanti_comm_self(), &error) == SECANT_OK, "%s", error.message);
}
