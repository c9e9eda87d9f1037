#include "checkpoint/references.h"
#include "base/base.h"
#include "checkpoint/checksum.h"
#include "checkpoint/h5_block.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTORY "directory"

void secanti_references_destroy(secanti_references *references)
{
  free(references->directory);
  free(references->labels);
  *references = (secanti_references){0};
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

void secanti_pair_name(const secanti_label *label, char name[SECANTI_PAIR_NAME])
{
  snprintf(name, SECANTI_PAIR_NAME, "%016" PRIx64 "%016" PRIx64 ".h5", label->high, label->low);
}

bool secanti_pair_parse(const char *name, const char *suffix, secanti_label *label)
{
  char again[SECANTI_PAIR_NAME];
  if (strlen(name) != SECANTI_PAIR_NAME - 1 + strlen(suffix)) return false;
  if (sscanf(name, "%16" SCNx64 "%16" SCNx64, &label->high, &label->low) != 2) return false;
  secanti_pair_name(label, again);
  return strncmp(name, again, SECANTI_PAIR_NAME - 1) == 0 && strcmp(name + SECANTI_PAIR_NAME - 1, suffix) == 0;
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

char *secanti_pairs_directory(const char *path)
{
  const char *base = base_name(path);
  const size_t size = strlen(base) + sizeof ".pairs";
  char *name = secanti_alloc(size, 1);
  if (name) snprintf(name, size, "%s.pairs", base);
  return name;
}

char *secanti_pairs_path(const char *path, const char *directory, const secanti_label *label)
{
  const size_t before = (size_t)(base_name(path) - path), size = before + strlen(directory) + 1 + SECANTI_PAIR_NAME;
  char file[SECANTI_PAIR_NAME] = "", *name = secanti_alloc(size, 1);
  if (label) secanti_pair_name(label, file);
  if (name) snprintf(name, size, "%.*s%s%s%s", (int)before, path, directory, label ? "/" : "", file);
  return name;
}

/* ---- the dataset of names ----------------------------------------------------------------------------------------- */

/* All names, one behind the other. */
static char *names_of(const secanti_references *references)
{
  char *names = secanti_alloc(references->count, SECANTI_PAIR_NAME);
  for (size_t i = 0; names && i < references->count; i++) {
    secanti_pair_name(&references->labels[i], names + i * SECANTI_PAIR_NAME);
  }
  return names;
}

static hid_t make_dataset(const secanti_h5_file *file, hid_t type, hid_t space)
{
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  hid_t dataset = H5I_INVALID_HID;
  if (type >= 0 && space >= 0 && how >= 0 && H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY) >= 0) {
    dataset = H5Dcreate2(file->id, SECANTI_REFERENCES, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  }
  if (how >= 0) H5Pclose(how);
  return dataset;
}

/* The dataset with what belongs to it, where this rank has the file. */
static void write_all(const secanti_h5_file *file, hid_t dataset, hid_t type, const char *names,
                      const secanti_references *references)
{
  const uint64_t sum = secanti_checksum_bytes(names, SECANTI_PAIR_NAME, references->count, 0);
  if (H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) < 0)
    secanti_h5_fail(file, dataset, "the names cannot be written");
  secanti_h5_confirm(file, dataset, sum);
  secanti_h5_write_text(file, dataset, DIRECTORY, references->directory);
}

secant_status secanti_references_write(const secanti_h5_file *file, const secanti_references *references)
{
  const hsize_t count = references->count;
  if (count == 0) return SECANT_OK;
  const bool absent = secanti_h5_is_absent(file);
  char *names = names_of(references);
  const hid_t type = secanti_h5_text_type(SECANTI_PAIR_NAME), space = H5Screate_simple(1, &count, NULL);
  const hid_t dataset = absent ? H5I_INVALID_HID : make_dataset(file, type, space);
  if (!names) {
    secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for the names of %zu pairs", references->count);
  } else if (!absent && dataset < 0) {
    secanti_h5_fail(file, H5I_INVALID_HID, "dataset '" SECANTI_REFERENCES "' cannot be made");
  }
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) {
    if (!absent) write_all(file, dataset, type, names, references);
    status = secant_comm_agree(file->comm, file->error);
  }
  if (dataset >= 0) H5Dclose(dataset);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  free(names);
  return status;
}

/* Opens the dataset and counts its names; 0 if there is no dataset. */
static secant_status open_names(const secanti_h5_file *file, hid_t *dataset, size_t *count)
{
  *dataset = H5I_INVALID_HID;
  *count = 0;
  if (secanti_h5_is_absent(file)) return secanti_h5_recall(file, count);
  if (H5Lexists(file->id, SECANTI_REFERENCES, H5P_DEFAULT) <= 0) {
    return secanti_h5_remember(file, count, sizeof *count);
  }
  *dataset = H5Dopen2(file->id, SECANTI_REFERENCES, H5P_DEFAULT);
  const hid_t space = *dataset >= 0 ? H5Dget_space(*dataset) : H5I_INVALID_HID;
  const hid_t type = *dataset >= 0 ? H5Dget_type(*dataset) : H5I_INVALID_HID;
  const hssize_t points = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  const bool good = points > 0 && type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
                    H5Tget_size(type) == SECANTI_PAIR_NAME &&
                    H5Dget_storage_size(*dataset) == (hsize_t)points * SECANTI_PAIR_NAME;
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  if (!good) return secanti_h5_fail(file, *dataset, "these are no names of pairs");
  *count = (size_t)points;
  return secanti_h5_remember(file, count, sizeof *count);
}

static secant_status read_names(const secanti_h5_file *file, hid_t dataset, size_t count, char *names)
{
  if (secanti_h5_is_absent(file)) return secanti_h5_recall(file, names);
  const hid_t type = secanti_h5_text_type(SECANTI_PAIR_NAME);
  secant_status status = SECANT_OK;
  if (type < 0 || H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) < 0) {
    status = secanti_h5_fail(file, dataset, "the names cannot be read");
  }
  if (type >= 0) H5Tclose(type);
  if (status == SECANT_OK) status = secanti_h5_confirm_whole(file, dataset);
  return status == SECANT_OK ? secanti_h5_remember(file, names, count * SECANTI_PAIR_NAME) : status;
}

static secant_status parse_names(const secanti_h5_file *file, char *names, size_t count, secanti_references *into)
{
  into->labels = secanti_alloc(count, sizeof *into->labels);
  if (!into->labels) return secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for the names of %zu pairs", count);
  for (size_t i = 0; i < count; i++) {
    char *name = names + i * SECANTI_PAIR_NAME;
    name[SECANTI_PAIR_NAME - 1] = '\0';
    if (secanti_pair_parse(name, "", &into->labels[i])) continue;
    return secanti_h5_fail(file, H5I_INVALID_HID, "'%s' in '" SECANTI_REFERENCES "' is no name of a pair", name);
  }
  into->count = count;
  return SECANT_OK;
}

secant_status secanti_references_read(const secanti_h5_file *file, secanti_references *references)
{
  hid_t dataset = H5I_INVALID_HID;
  size_t count = 0;
  char *names = NULL;
  secant_status status = SECANT_OK;
  *references = (secanti_references){0};
  SECANT_TRY(open_names(file, &dataset, &count));
  if (count == 0) goto done;
  names = secanti_alloc(count, SECANTI_PAIR_NAME);
  if (!names) {
    status = secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for the names of %zu pairs", count);
    goto done;
  }
  SECANT_TRY(secanti_h5_read_text(file, dataset, DIRECTORY, &references->directory));
  SECANT_TRY(read_names(file, dataset, count, names));
  status = parse_names(file, names, count, references);
done:
  if (dataset >= 0) H5Dclose(dataset);
  free(names);
  return status;
}

/* ---- virtual datasets --------------------------------------------------------------------------------------------- */

/* HDF5 gives a percent sign in the name of a file a meaning, unless there are two. */
static char *escape(const char *text)
{
  char *escaped = secanti_alloc(2 * strlen(text) + 1, 1), *to = escaped;
  for (; escaped && *text; text++) {
    if (*text == '%') *to++ = '%';
    *to++ = *text;
  }
  return escaped;
}

/* Row `row` of the dataset is dataset `source` of the file of a pair. */
static bool map_row(hid_t how, hid_t space, hid_t row_space, const char *directory, const secanti_label *label,
                    size_t row, hsize_t columns, const char *source)
{
  const hsize_t start[2] = {row, 0}, extent[2] = {1, columns};
  const size_t size = strlen(directory) + 1 + SECANTI_PAIR_NAME;
  char name[SECANTI_PAIR_NAME], *file = secanti_alloc(size, 1);
  secanti_pair_name(label, name);
  if (file) snprintf(file, size, "%s/%s", directory, name);
  const bool good = file && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 &&
                    H5Pset_virtual(how, space, file, source, row_space) >= 0;
  free(file);
  return good;
}

/* The property list of the dataset; negative on failure. */
static hid_t map_rows(const secanti_references *references, hid_t space, const char *source, hsize_t columns)
{
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE), row_space = H5Screate_simple(1, &columns, NULL);
  char *directory = escape(references->directory);
  bool good = how >= 0 && row_space >= 0 && directory;
  for (size_t i = 0; good && i < references->count; i++) {
    good = map_row(how, space, row_space, directory, &references->labels[i], i, columns, source);
  }
  free(directory);
  if (row_space >= 0) H5Sclose(row_space);
  if (good) return how;
  if (how >= 0) H5Pclose(how);
  return H5I_INVALID_HID;
}

/* The dataset itself, where this rank has the file. */
static void make_virtual(const secanti_h5_file *file, hid_t group, const char *name, secant_dtype dtype, hid_t space,
                         hid_t how)
{
  const hid_t type = secanti_h5_stored_type(dtype);
  const hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  if (dataset < 0) secanti_h5_fail(file, group, "virtual dataset '%s' cannot be made", name);
  if (dataset >= 0) H5Dclose(dataset);
}

secant_status secanti_references_map(const secanti_h5_file *file, const secanti_references *references, hid_t group,
                                     size_t parameter, const char *name, const secanti_h5_shape *shape)
{
  const hsize_t extents[2] = {shape->rows, (hsize_t)shape->columns};
  const bool absent = secanti_h5_is_absent(file);
  hid_t space = H5I_INVALID_HID, how = H5I_INVALID_HID;
  char source[60];
  snprintf(source, sizeof source, "/parameters/%zu/%s", parameter, name);
  if (!absent) space = H5Screate_simple(2, extents, NULL);
  if (space >= 0) how = map_rows(references, space, source, extents[1]);
  if (!absent && (how < 0 || H5Sselect_all(space) < 0)) {
    secanti_h5_fail(file, group, "virtual dataset '%s' cannot be laid out", name);
  }
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) {
    if (!absent) make_virtual(file, group, name, shape->dtype, space, how);
    status = secant_comm_agree(file->comm, file->error);
  }
  if (how >= 0) H5Pclose(how);
  if (space >= 0) H5Sclose(space);
  return status;
}

bool secanti_references_may_map(const char *path)
{
  static const char before[] = "parameters/";
  const char *name = base_name(path);
  return strncmp(path, before, sizeof before - 1) == 0 && (strcmp(name, "s") == 0 || strcmp(name, "y") == 0);
}
