#include "cli/model_file.h"

#ifdef SECANT_HAVE_HDF5

#include "cli/output_file.h"
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char FORMAT[] = "secant linear model";
enum { LONGEST_TEXT = 63 };

secant_status model_file_supported(secant_error *error)
{
  (void)error;
  return SECANT_OK;
}

/* ---- writing: each piece is true or false; the caller says which file failed ---------------------------------------- */

static bool write_attribute(hid_t file, const char *name, hid_t stored, hid_t given, size_t count, const void *values)
{
  const hsize_t extent = count;
  const hid_t space = count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
  const hid_t attribute = H5Acreate2(file, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
  const bool written = attribute >= 0 && H5Awrite(attribute, given, values) >= 0;
  if (attribute >= 0) H5Aclose(attribute);
  if (space >= 0) H5Sclose(space);
  return written;
}

static bool write_text(hid_t file, const char *name, const char *text)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  const bool made = type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0;
  const bool written = made && write_attribute(file, name, type, type, 1, &text);
  if (type >= 0) H5Tclose(type);
  return written;
}

static bool write_number(hid_t file, const char *name, double number)
{
  return write_attribute(file, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &number);
}

static bool write_integer(hid_t file, const char *name, int64_t number)
{
  return write_attribute(file, name, H5T_STD_I64LE, H5T_NATIVE_INT64, 1, &number);
}

static bool write_array(hid_t file, const char *name, int dimensions, const hsize_t *extent, const double *values)
{
  const hid_t space = H5Screate_simple(dimensions, extent, NULL);
  const hid_t set = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const bool written = set >= 0 && H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
  const bool closed = set >= 0 && H5Dclose(set) >= 0;
  if (space >= 0) H5Sclose(space);
  return written && closed;
}

static bool write_content(hid_t file, const linear_model *model)
{
  const model_shape *shape = &model->shape;
  const hsize_t extent[2] = {(hsize_t)shape->classes, (hsize_t)shape->columns};
  const int labels = model_label_count(shape);
  return write_text(file, "format", FORMAT) && write_text(file, "version", secant_version()) &&
         write_text(file, "loss", shape->loss->name) && write_number(file, "l2", shape->l2) &&
         write_number(file, "scale", shape->scale) && write_integer(file, "intercept", shape->intercept) &&
         write_integer(file, "n_features", shape->columns) &&
         (labels == 0 ||
          write_attribute(file, "classes", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, (size_t)labels, shape->label)) &&
         write_array(file, "weight", 2, extent, model->weight) && write_array(file, "bias", 1, extent, model->bias);
}

/* Attributes beyond 64 KiB (`classes` of 8192 labels) need the dense storage of the newer file format. */
static hid_t create_file(const char *path)
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  hid_t file = H5I_INVALID_HID;
  if (H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST) >= 0 &&
      H5Pset_attr_phase_change(creation, 0, 0) >= 0) {
    file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
  }
  if (access >= 0) H5Pclose(access);
  if (creation >= 0) H5Pclose(creation);
  return file;
}

static bool write_file(const char *path, const linear_model *model)
{
  const hid_t file = create_file(path);
  if (file < 0) return false;
  const bool written = write_content(file, model);
  return H5Fclose(file) >= 0 && written;
}

secant_status model_file_write(const char *path, const linear_model *model, secant_error *error)
{
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* one sentence of ours instead of HDF5's stack */
  char *temporary = output_file_name(path);
  if (!temporary) return input_fail(error, SECANT_ERR_MEMORY, "no memory to write %s", path);
  secant_status status = SECANT_OK;
  if (write_file(temporary, model)) {
    status = output_file_commit(temporary, path, error);
  } else {
    status = input_fail(error, SECANT_ERR_IO, "the model %s could not be written; is the disk full?", path);
    unlink(temporary);
  }
  free(temporary);
  return status;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* Number of elements of an attribute or dataset's space; -1 if it has none. */
static hssize_t count_of(hid_t space)
{
  const hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  if (space >= 0) H5Sclose(space);
  return count;
}

static bool read_attribute(hid_t file, const char *name, hid_t type, size_t count, void *values)
{
  const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
  if (attribute < 0) return false;
  const bool read = count_of(H5Aget_space(attribute)) == (hssize_t)count && H5Aread(attribute, type, values) >= 0;
  H5Aclose(attribute);
  return read;
}

static bool read_text(hid_t file, const char *name, char text[LONGEST_TEXT + 1])
{
  char *stored = NULL;
  const hid_t type = H5Tcopy(H5T_C_S1);
  const bool made = type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0;
  const bool read = made && read_attribute(file, name, type, 1, &stored) && stored;
  if (read) snprintf(text, LONGEST_TEXT + 1, "%s", stored);
  if (stored) H5free_memory(stored);
  if (type >= 0) H5Tclose(type);
  return read;
}

static bool read_array(hid_t file, const char *name, size_t count, double *values)
{
  const hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
  if (set < 0) return false;
  const bool read = count_of(H5Dget_space(set)) == (hssize_t)count &&
                    H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
  H5Dclose(set);
  return read;
}

/* K, from the extent of `weight`. */
static bool read_classes(hid_t file, model_shape *shape)
{
  hsize_t extent[2] = {0, 0};
  const hid_t set = H5Dopen2(file, "weight", H5P_DEFAULT);
  const hid_t space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID;
  const bool read =
      space >= 0 && H5Sget_simple_extent_ndims(space) == 2 && H5Sget_simple_extent_dims(space, extent, NULL) == 2;
  if (space >= 0) H5Sclose(space);
  if (set >= 0) H5Dclose(set);
  if (!read || extent[0] < 1 || extent[0] > INT32_MAX || extent[1] != (hsize_t)shape->columns) return false;
  shape->classes = (int)extent[0];
  return shape->loss->rule == loss_softmax || shape->classes == 1;
}

static bool read_shape(hid_t file, model_shape *shape)
{
  char text[LONGEST_TEXT + 1];
  int64_t intercept = 0;
  if (!read_text(file, "format", text) || strcmp(text, FORMAT) != 0) return false;
  if (!read_text(file, "loss", text)) return false;
  shape->loss = loss_find(text);
  if (!shape->loss || !read_attribute(file, "l2", H5T_NATIVE_DOUBLE, 1, &shape->l2) ||
      !read_attribute(file, "scale", H5T_NATIVE_DOUBLE, 1, &shape->scale) ||
      !read_attribute(file, "intercept", H5T_NATIVE_INT64, 1, &intercept) ||
      !read_attribute(file, "n_features", H5T_NATIVE_INT64, 1, &shape->columns)) {
    return false;
  }
  shape->intercept = intercept != 0;
  return shape->columns >= 1 && shape->columns <= INT32_MAX && shape->scale > 0.0 && read_classes(file, shape);
}

/* The labels; an empty array for a loss that has none. */
static bool read_labels(hid_t file, model_shape *shape)
{
  const size_t count = (size_t)model_label_count(shape);
  shape->label = calloc(count + 1, sizeof *shape->label);
  return shape->label && (count == 0 || read_attribute(file, "classes", H5T_NATIVE_DOUBLE, count, shape->label));
}

static bool read_weights(hid_t file, linear_model *model)
{
  const size_t classes = (size_t)model->shape.classes;
  return read_array(file, "weight", classes * (size_t)model->shape.columns, model->weight) &&
         read_array(file, "bias", classes, model->bias);
}

static secant_status refuse_content(const char *path, secant_error *error)
{
  return input_fail(error, SECANT_ERR_FORMAT, "%s is not a model that secant fit wrote, or it is damaged", path);
}

static secant_status read_content(hid_t file, const char *path, linear_model *model, secant_error *error)
{
  model_shape shape = {.loss = NULL};
  if (!read_shape(file, &shape)) return refuse_content(path, error);
  if (!read_labels(file, &shape)) {
    free(shape.label);
    return refuse_content(path, error);
  }
  const secant_status status = linear_model_create(model, &shape, error);
  if (status != SECANT_OK) return status;
  if (read_weights(file, model)) return SECANT_OK;
  linear_model_free(model);
  return refuse_content(path, error);
}

secant_status model_file_read(const char *path, linear_model *model, secant_error *error)
{
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  text_input probe; /* says why a file cannot be opened, which HDF5 does not */
  secant_status status = text_input_open(&probe, path, error);
  if (status != SECANT_OK) return status;
  text_input_close(&probe);

  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) return refuse_content(path, error);
  status = read_content(file, path, model, error);
  H5Fclose(file);
  return status;
}

#else

secant_status model_file_supported(secant_error *error)
{
  return input_fail(error, SECANT_ERR_UNSUPPORTED, "this build has no HDF5, so it can neither write nor read a model");
}

secant_status model_file_write(const char *path, const linear_model *model, secant_error *error)
{
  (void)path;
  (void)model;
  return model_file_supported(error);
}

secant_status model_file_read(const char *path, linear_model *model, secant_error *error)
{
  (void)path;
  (void)model;
  return model_file_supported(error);
}

#endif
