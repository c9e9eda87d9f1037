/* Does a checkpoint belong to this optimizer? The problem, names, shapes and the kind of H0 must be the same. */
#include "base/base.h"
#include "checkpoint/checkpoint.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static secant_status mismatch(const secanti_checkpoint *checkpoint, const char *what, const char *theirs,
                              const char *ours)
{
  return secanti_fail(checkpoint->file.error, SECANT_ERR_MISMATCH,
                      "'%s': %s is '%.150s' in the file, but '%.150s' here", checkpoint->file.path, what, theirs, ours);
}

static secant_status mismatch_count(const secanti_checkpoint *checkpoint, const char *what, int64_t theirs,
                                    int64_t ours)
{
  return secanti_fail(checkpoint->file.error, SECANT_ERR_MISMATCH,
                      "'%s': %s is %" PRId64 " in the file, but %" PRId64 " here", checkpoint->file.path, what, theirs,
                      ours);
}

static secant_status check_text(const secanti_checkpoint *checkpoint, hid_t object, const char *name, const char *what,
                                const char *ours)
{
  char *theirs = NULL;
  secant_status status = secanti_h5_read_text(&checkpoint->file, object, name, &theirs);
  if (status == SECANT_OK && strcmp(theirs, ours) != 0) status = mismatch(checkpoint, what, theirs, ours);
  free(theirs);
  return status;
}

static secant_status check_integer(const secanti_checkpoint *checkpoint, hid_t object, const char *name,
                                   const char *what, int64_t ours)
{
  int64_t theirs;
  secant_status status = secanti_h5_read_integers(&checkpoint->file, object, name, 1, &theirs);
  if (status == SECANT_OK && theirs != ours) status = mismatch_count(checkpoint, what, theirs, ours);
  return status;
}

secant_status secanti_checkpoint_check_format(const secanti_h5_file *file)
{
  char *format = NULL;
  int64_t version = 0;
  secant_status status = secanti_h5_read_text(file, file->id, "format", &format);
  if (status == SECANT_ERR_FORMAT || (status == SECANT_OK && strcmp(format, SECANTI_FORMAT) != 0)) {
    status = secanti_fail(file->error, SECANT_ERR_FORMAT, "'%s' is an HDF5 file, but not a checkpoint", file->path);
  }
  SECANT_TRY(status);
  SECANT_TRY(secanti_h5_read_integers(file, file->id, "version", 1, &version));
  if (version != SECANTI_FORMAT_VERSION) {
    status = secanti_fail(file->error, SECANT_ERR_FORMAT, "'%s' has format version %" PRId64 "; this library reads %d",
                          file->path, version, SECANTI_FORMAT_VERSION);
  }
done:
  free(format);
  return status;
}

/* Reads a type, which is not wider than `widest`. */
static secant_status read_dtype(const secanti_checkpoint *checkpoint, const char *attribute, secant_dtype widest,
                                secant_dtype *dtype)
{
  const secanti_h5_file *file = &checkpoint->file;
  char *name = NULL;
  secant_status status = secanti_h5_read_text(file, file->id, attribute, &name);
  if (status == SECANT_OK) {
    const bool single = strcmp(name, secanti_dtype_name(SECANT_F32)) == 0;
    *dtype = single ? SECANT_F32 : widest;
    if (!single && strcmp(name, secanti_dtype_name(widest)) != 0) {
      status = secanti_h5_fail(file, file->id, "the value of '%s' cannot be", attribute);
    }
  }
  free(name);
  return status;
}

static secant_status check_head(secanti_checkpoint *checkpoint)
{
  const hid_t root = checkpoint->file.id;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_checkpoint_check_format(&checkpoint->file));
  SECANT_TRY(check_text(checkpoint, root, "problem", "the problem", checkpoint->problem));
  SECANT_TRY(read_dtype(checkpoint, "dtype", SECANT_F64, &checkpoint->dtype));
  SECANT_TRY(check_text(checkpoint, root, "initial_matrix", "the kind of the initial matrix",
                        secanti_initial_name(checkpoint->optimizer->engine.initial.kind)));
  status = read_dtype(checkpoint, "history_dtype", checkpoint->dtype, &checkpoint->history_dtype);
done:
  return status;
}

/* A parameter without a shape is a list. */
static secant_status check_parameter_shape(const secanti_checkpoint *checkpoint, hid_t group,
                                           const secanti_parameter *parameter)
{
  const size_t ours = parameter->dimensions > 0 ? (size_t)parameter->dimensions : 1;
  const int64_t *shape = parameter->dimensions > 0 ? parameter->shape : &parameter->extent;
  size_t dimensions = 0;
  int64_t *theirs = NULL;
  char what[100];
  secant_status status = secanti_h5_attribute_count(&checkpoint->file, group, "shape", &dimensions);
  SECANT_TRY(status);
  snprintf(what, sizeof what, "the number of dimensions of parameter '%.40s'", parameter->name);
  if (dimensions != ours) return mismatch_count(checkpoint, what, (int64_t)dimensions, (int64_t)ours);
  theirs = secanti_alloc(dimensions, sizeof *theirs);
  if (!theirs) return secanti_fail(checkpoint->file.error, SECANT_ERR_MEMORY, "no memory for a shape");
  SECANT_TRY(secanti_h5_read_integers(&checkpoint->file, group, "shape", dimensions, theirs));
  for (size_t i = 0; i < dimensions && status == SECANT_OK; i++) {
    snprintf(what, sizeof what, "dimension %zu of parameter '%.40s'", i, parameter->name);
    if (theirs[i] != shape[i]) status = mismatch_count(checkpoint, what, theirs[i], shape[i]);
  }
done:
  free(theirs);
  return status;
}

secant_status secanti_checkpoint_open_parameter(const secanti_checkpoint *checkpoint, size_t index, hid_t *group)
{
  char path[40];
  snprintf(path, sizeof path, "/parameters/%zu", index);
  return secanti_h5_group(&checkpoint->file, checkpoint->file.id, path, group);
}

static secant_status check_parameter(const secanti_checkpoint *checkpoint, size_t index)
{
  const secanti_parameter *parameter = &checkpoint->optimizer->parameters.entries[index];
  hid_t group = H5I_INVALID_HID;
  char what[60];
  snprintf(what, sizeof what, "the name of parameter %zu", index);
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_checkpoint_open_parameter(checkpoint, index, &group));
  SECANT_TRY(check_text(checkpoint, group, "name", what, parameter->name));
  SECANT_TRY(check_parameter_shape(checkpoint, group, parameter));
  snprintf(what, sizeof what, "the group of parameter %zu", index);
  SECANT_TRY(check_integer(checkpoint, group, "group", what, (int64_t)parameter->group));
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

static secant_status check_parameters(const secanti_checkpoint *checkpoint)
{
  const secanti_parameters *parameters = &checkpoint->optimizer->parameters;
  hid_t group = H5I_INVALID_HID;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_h5_group(&checkpoint->file, checkpoint->file.id, "parameters", &group));
  SECANT_TRY(check_integer(checkpoint, group, "count", "the number of parameters", (int64_t)parameters->count));
  for (size_t i = 0; i < parameters->count; i++) SECANT_TRY(check_parameter(checkpoint, i));
  SECANT_TRY(check_integer(checkpoint, checkpoint->file.id, "n", "the number of unknowns", parameters->extent));
done:
  if (group >= 0) H5Gclose(group);
  return status;
}

secant_status secanti_checkpoint_check_identity(secanti_checkpoint *checkpoint)
{
  const secant_status status = check_head(checkpoint);
  return status == SECANT_OK ? check_parameters(checkpoint) : status;
}

secant_status secanti_checkpoint_check_fits(const secanti_checkpoint *checkpoint)
{
  const secanti_snapshot *snapshot = &checkpoint->snapshot;
  const int64_t parameters = (int64_t)checkpoint->optimizer->parameters.count;
  if (snapshot->added > parameters)
    return mismatch_count(checkpoint, "the number of parameters", snapshot->added, parameters);
  return SECANT_OK;
}
