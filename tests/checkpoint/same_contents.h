/*
 * Whether two HDF5 files hold the same: the same objects under the same names, with the same attributes, types, extents
 * and bytes. Included once by each program.
 */
#ifndef TESTS_SAME_CONTENTS_H
#define TESTS_SAME_CONTENTS_H

#include "support/verdict.h"
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

/* Two files under comparison. */
typedef struct two_files {
  struct verdict *verdict;
  hid_t a, b;
  const char *object; /* its name in both */
  const char *when;
} two_files;

static inline hid_t open_to_compare(const char *name)
{
  return H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
}

/* Bytes of an attribute or a dataset; free() it. */
static inline void *bytes_of_object(hid_t object, bool attribute, hid_t type, hid_t space, size_t *bytes)
{
  *bytes = (size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type);
  void *data = calloc(1, *bytes + 1);
  const herr_t code =
      attribute ? H5Aread(object, type, data) : H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  if (code >= 0) return data;
  free(data);
  return NULL;
}

static inline void compare_values(const two_files *files, hid_t a, hid_t b, bool attribute, const char *name)
{
  const hid_t type_a = attribute ? H5Aget_type(a) : H5Dget_type(a),
              type_b = attribute ? H5Aget_type(b) : H5Dget_type(b);
  const hid_t space_a = attribute ? H5Aget_space(a) : H5Dget_space(a),
              space_b = attribute ? H5Aget_space(b) : H5Dget_space(b);
  const bool alike = H5Tequal(type_a, type_b) > 0 && H5Sextent_equal(space_a, space_b) > 0;
  CHECK(files->verdict, alike, "%s: %s %s: type or extent differs", files->when, files->object, name);
  if (alike) {
    size_t bytes = 0;
    void *data_a = bytes_of_object(a, attribute, type_a, space_a, &bytes);
    void *data_b = bytes_of_object(b, attribute, type_b, space_b, &bytes);
    CHECK(files->verdict, data_a && data_b && memcmp(data_a, data_b, bytes) == 0, "%s: %s %s: bytes differ",
          files->when, files->object, name);
    free(data_a);
    free(data_b);
  }
  H5Tclose(type_a);
  H5Tclose(type_b);
  H5Sclose(space_a);
  H5Sclose(space_b);
}

static inline herr_t compare_attribute(hid_t object, const char *name, const H5A_info_t *info, void *user)
{
  (void)info;
  const two_files *files = user;
  const hid_t a = H5Aopen(object, name, H5P_DEFAULT);
  const hid_t b = H5Aopen_by_name(files->b, files->object, name, H5P_DEFAULT, H5P_DEFAULT);
  CHECK(files->verdict, b >= 0, "%s: %s has no attribute %s", files->when, files->object, name);
  if (b >= 0) compare_values(files, a, b, true, name);
  H5Aclose(a);
  if (b >= 0) H5Aclose(b);
  return 0;
}

static inline herr_t compare_object(hid_t root, const char *name, const H5O_info_t *info, void *user)
{
  two_files files = *(two_files *)user;
  files.object = name;
  const hid_t a = H5Oopen(root, name, H5P_DEFAULT), b = H5Oopen(files.b, name, H5P_DEFAULT);
  H5O_info_t other = {.num_attrs = 0};
  const bool both = a >= 0 && b >= 0 && H5Oget_info(b, &other) >= 0 && other.type == info->type;
  CHECK(files.verdict, both && other.num_attrs == info->num_attrs, "%s: %s is not alike in both", files.when, name);
  if (both) {
    H5Aiterate2(a, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, compare_attribute, &files);
    if (info->type == H5O_TYPE_DATASET) compare_values(&files, a, b, false, "");
  }
  if (a >= 0) H5Oclose(a);
  if (b >= 0) H5Oclose(b);
  return 0;
}

static inline herr_t count_object(hid_t root, const char *name, const H5O_info_t *info, void *user)
{
  (void)root, (void)name, (void)info;
  ++*(int *)user;
  return 0;
}

static inline int objects_in(hid_t file)
{
  int count = 0;
  H5Ovisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, count_object, &count);
  return count;
}

static inline void check_same_contents(struct verdict *verdict, const char *one, const char *other, const char *when)
{
  two_files files = {verdict, open_to_compare(one), open_to_compare(other), "", when};
  CHECK(verdict, files.a >= 0 && files.b >= 0, "%s: a file cannot be opened", when);
  if (files.a >= 0 && files.b >= 0) {
    CHECK(verdict, objects_in(files.a) > 1 && objects_in(files.a) == objects_in(files.b), "%s: %d objects, not %d",
          when, objects_in(files.b), objects_in(files.a));
    H5Ovisit(files.a, H5_INDEX_NAME, H5_ITER_NATIVE, compare_object, &files);
  }
  if (files.a >= 0) H5Fclose(files.a);
  if (files.b >= 0) H5Fclose(files.b);
}

#endif
