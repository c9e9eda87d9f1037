#include "checkpoint/walk.h"
#include "base/base.h"
#include "checkpoint/state_file.h"
#include <stdlib.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------------------------------ */

static bool append(secanti_names *names, const char *name)
{
  if (names->count == names->capacity) {
    const size_t capacity = 2 * names->capacity + 16;
    char **larger = realloc(names->entries, capacity * sizeof *larger);
    if (!larger) return false;
    names->entries = larger;
    names->capacity = capacity;
  }
  names->entries[names->count] = strdup(name);
  return names->entries[names->count] && ++names->count;
}

static herr_t append_attribute(hid_t object, const char *name, const H5A_info_t *info, void *names)
{
  (void)object;
  (void)info;
  return append(names, name) ? 0 : -1;
}

static herr_t append_link(hid_t group, const char *name, const H5L_info_t *info, void *names)
{
  (void)group;
  (void)info;
  return append(names, name) ? 0 : -1;
}

static bool is_number(const char *name)
{
  return *name && name[strspn(name, "0123456789")] == '\0';
}

static int by_name(const void *a, const void *b)
{
  const char *one = *(char *const *)a, *other = *(char *const *)b;
  const size_t length = strlen(one), its = strlen(other);
  if (is_number(one) && is_number(other) && length != its) return length < its ? -1 : 1;
  return strcmp(one, other);
}

static secant_status sort(const secanti_h5_file *file, hid_t object, herr_t code, secanti_names *names)
{
  if (code < 0) return secanti_h5_fail(file, object, "the names in it cannot be read, or there is no memory for them");
  if (names->count > 1) qsort(names->entries, names->count, sizeof *names->entries, by_name);
  return SECANT_OK;
}

secant_status secanti_names_of_attributes(const secanti_h5_file *file, hid_t object, secanti_names *names)
{
  *names = (secanti_names){NULL, 0, 0};
  return sort(file, object, H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, append_attribute, names), names);
}

static secant_status names_of_links(const secanti_h5_file *file, hid_t group, secanti_names *names)
{
  *names = (secanti_names){NULL, 0, 0};
  return sort(file, group, H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, append_link, names), names);
}

void secanti_names_free(secanti_names *names)
{
  for (size_t i = 0; i < names->count; i++) free(names->entries[i]);
  free(names->entries);
  *names = (secanti_names){NULL, 0, 0};
}

/* ---- objects ---------------------------------------------------------------------------------------------------- */

bool secanti_is_alias(hid_t group, const char *name, const char *other)
{
  if (H5Lexists(group, name, H5P_DEFAULT) <= 0 || H5Lexists(group, other, H5P_DEFAULT) <= 0) return false;
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t one, its;
  int order = 1;
  return H5Oget_info_by_name3(group, name, &one, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
         H5Oget_info_by_name3(group, other, &its, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
         H5Otoken_cmp(group, &one.token, &its.token, &order) >= 0 && order == 0;
#else
  H5O_info_t one, its;
  return H5Oget_info_by_name(group, name, &one, H5P_DEFAULT) >= 0 &&
         H5Oget_info_by_name(group, other, &its, H5P_DEFAULT) >= 0 && one.addr == its.addr;
#endif
}

static bool is_second_name(hid_t group, const char *name)
{
  for (size_t i = 0; i < SECANTI_STATE_ALIASES; i++) {
    const bool known = strcmp(name, secanti_state_aliases[i].alias) == 0;
    if (known && secanti_is_alias(group, name, secanti_state_aliases[i].key)) return true;
  }
  return false;
}

hid_t secanti_open_object(const secanti_h5_file *file, const char *path, bool *dataset)
{
  const hid_t id = H5Oopen(file->id, path, H5P_DEFAULT);
  const H5I_type_t type = id >= 0 ? H5Iget_type(id) : H5I_BADID;
  *dataset = type == H5I_DATASET;
  if (type == H5I_DATASET || type == H5I_GROUP) return id;
  if (id >= 0) H5Oclose(id);
  return H5I_INVALID_HID;
}

typedef struct walk {
  const secanti_h5_file *file;
  secanti_visit *visit;
  void *user;
} walk;

static secant_status visit_path(const walk *way, const char *path, int depth);

static secant_status visit_child(const walk *way, const char *path, const char *name, int depth)
{
  const char *parent = path[1] ? path : ""; /* of the outermost group the slash is enough */
  char *child = secanti_alloc(strlen(parent) + strlen(name) + 2, 1);
  if (!child) return secanti_fail(way->file->error, SECANT_ERR_MEMORY, "'%s': no memory for a path", way->file->path);
  strcat(strcat(strcpy(child, parent), "/"), name);
  const secant_status status = visit_path(way, child, depth);
  free(child);
  return status;
}

static secant_status visit_children(const walk *way, hid_t group, const char *path, int depth)
{
  secanti_names names;
  secant_status status = SECANT_OK;
  SECANT_TRY(names_of_links(way->file, group, &names));
  if (names.count > 0 && depth == SECANTI_STATE_DEEPEST) {
    status = secanti_h5_fail(way->file, group, "groups are more than %d deep", SECANTI_STATE_DEEPEST);
  }
  for (size_t i = 0; status == SECANT_OK && i < names.count; i++) {
    if (!is_second_name(group, names.entries[i])) status = visit_child(way, path, names.entries[i], depth + 1);
  }
done:
  secanti_names_free(&names);
  return status;
}

static secant_status visit_path(const walk *way, const char *path, int depth)
{
  secanti_object object = {.path = path};
  object.id = secanti_open_object(way->file, path, &object.dataset);
  if (object.id < 0) {
    return secanti_h5_fail(way->file, H5I_INVALID_HID, "'%.100s' is neither a group nor a dataset that can be opened",
                           path);
  }
  secant_status status = way->visit(way->user, &object);
  if (status == SECANT_OK && !object.dataset) status = visit_children(way, object.id, path, depth);
  H5Oclose(object.id);
  return status;
}

secant_status secanti_walk(const secanti_h5_file *file, secanti_visit *visit, void *user)
{
  const walk way = {file, visit, user};
  return visit_path(&way, "/", 0);
}
