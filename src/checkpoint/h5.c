#include "checkpoint/h5.h"
#include "base/base.h"
#include "checkpoint/h5_file.h"
#include "checkpoint/seal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- failures ----------------------------------------------------------------------------------------------------- */

/*
 * Keeps the description of the innermost entry of HDF5's error stack, where the cause is. Of a call of the system it says
 * at length which time, file and buffer it was; a sentence needs what failed and why.
 */
static herr_t keep_first(unsigned position, const H5E_error2_t *entry, void *user)
{
  int code = 0;
  if (position > 0 || !entry->desc) return 0;
  const char *details = strstr(entry->desc, ": time = "), *number = strstr(entry->desc, "errno = ");
  if (details && number && sscanf(number, "errno = %d", &code) == 1) {
    snprintf(user, 160, "%.*s: %s, errno = %d", (int)(details - entry->desc), entry->desc, strerror(code), code);
  } else {
    snprintf(user, 160, "%s", entry->desc);
  }
  return 0;
}

/* HDF5 locks files as it opens them, and says no more than a number: 11 for a lock that another process has, 37 or 524
 * for a file system without locks. MPI-IO may need locks of another kind. */
static const char *advice_on(const char *cause)
{
  if (strstr(cause, "lock file")) {
    return "; another process has the file open, or its file system has no locks: end that process, or set "
           "HDF5_USE_FILE_LOCKING=FALSE";
  }
  return strstr(cause, "MPI") ? "; io gather does without MPI-IO" : "";
}

/* Asks for the cause first: the next call of HDF5 clears its error stack. */
secant_status secanti_h5_fail(const secanti_h5_file *file, hid_t object, const char *format, ...)
{
  char sentence[160], cause[160] = "", place[80] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, cause);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  const bool placed = object >= 0 && H5Iget_name(object, place, sizeof place) > 0;
  const char *advice = advice_on(cause);
  const bool refused = file->writing || strstr(cause, "errno");
  return secanti_fail(file->error, refused ? SECANT_ERR_IO : SECANT_ERR_FORMAT, "'%s': %s%s%s%s%s%s%s", file->path,
                      placed ? place : "", placed ? ": " : "", sentence, *cause ? " (HDF5: " : "", cause,
                      *cause ? ")" : "", advice);
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

bool secanti_h5_in_parallel(const secant_comm *comm, secant_checkpoint_io io)
{
  return comm->size > 1 && comm->h5 && io != SECANT_IO_GATHER;
}

/* Leaves room for a seal ahead of HDF5's own bytes. */
static hid_t list_for_creation(void)
{
  const hid_t how = H5Pcreate(H5P_FILE_CREATE);
  if (how < 0 || H5Pset_userblock(how, SECANTI_SEAL_BYTES) >= 0) return how;
  H5Pclose(how);
  return H5I_INVALID_HID;
}

/* Begins the structure, on rank 0, in memory. By the driver for C's streams: the usual one wants the real name behind a
 * link, and memory has none. This rank's outcome. */
static secant_status begin_structure(secanti_h5_file *file)
{
  char name[SECANTI_DRAFT_NAME];
  file->draft = secanti_alloc(1, sizeof *file->draft);
  if (!file->draft) return secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory to write '%s'", file->path);
  file->draft->memory = -1;
  if (file->comm->rank > 0) return SECANT_OK;
  const secant_status status = secanti_draft_begin(file->draft, name, file->error);
  if (status != SECANT_OK) return status;
  const hid_t how = list_for_creation(), access = H5Pcreate(H5P_FILE_ACCESS);
  if (how >= 0 && access >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
      H5Pset_fapl_stdio(access) >= 0) {
    file->id = H5Fcreate(name, H5F_ACC_TRUNC, how, access);
  }
  if (how >= 0) H5Pclose(how);
  if (access >= 0) H5Pclose(access);
  return file->id >= 0 ? SECANT_OK : secanti_h5_fail(file, H5I_INVALID_HID, "cannot be created");
}

/* Fills the property lists: shared access if the ranks share the file. */
static secant_status prepare_to_read(secanti_h5_file *file, const secanti_h5_driver *parallel, hid_t *list)
{
  if (file->gathered && !(file->record = secanti_alloc(1, sizeof *file->record))) {
    return secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory to open '%s'", file->path);
  }
  if (secanti_h5_is_absent(file)) return SECANT_OK;
  if (access(file->path, R_OK) != 0) return secanti_fail_on(file->error, file->path, "read");
  *list = parallel ? (hid_t)parallel->file_access(file->comm) : H5Pcreate(H5P_FILE_ACCESS);
  file->transfer = parallel ? (hid_t)parallel->transfer(file->comm) : H5Pcreate(H5P_DATASET_XFER);
  if (*list < 0 || file->transfer < 0 || H5Pset_fclose_degree(*list, H5F_CLOSE_STRONG) < 0) {
    return secanti_fail(file->error, SECANT_ERR_IO, "'%s': HDF5 cannot prepare access to files", file->path);
  }
  return SECANT_OK;
}

/* Opens the file where this rank is to have it. Collective; the outcome is common. */
static secant_status open_to_read(secanti_h5_file *file, const secanti_h5_driver *parallel)
{
  hid_t access = H5I_INVALID_HID;
  prepare_to_read(file, parallel, &access);
  secant_status status = secant_comm_agree(file->comm, file->error);
  if (status == SECANT_OK) {
    if (!secanti_h5_is_absent(file)) {
      file->id = H5Fopen(file->path, H5F_ACC_RDONLY, access);
      if (file->id < 0) secanti_h5_fail(file, H5I_INVALID_HID, "cannot be opened");
    }
    status = secant_comm_agree(file->comm, file->error);
  }
  if (access >= 0) H5Pclose(access);
  return status;
}

secant_status secanti_h5_begin(secanti_h5_file *file, secant_comm *comm, const char *path, bool writing,
                               secant_checkpoint_io io, secant_error *error)
{
  const bool parallel = secanti_h5_in_parallel(comm, io);
  secant_status status;
  *file = (secanti_h5_file){.path = path,
                            .comm = comm,
                            .error = error,
                            .writing = writing,
                            .gathered = !parallel && comm->size > 1,
                            .id = H5I_INVALID_HID,
                            .transfer = H5I_INVALID_HID,
                            .disk = -1};
  if (writing) {
    begin_structure(file);
    status = secant_comm_agree(comm, error);
  } else {
    status = open_to_read(file, parallel ? comm->h5 : NULL);
  }
  if (status != SECANT_OK) secanti_h5_close(file);
  return status;
}

/* HDF5 gives up the structure, which then is complete. This rank's outcome. */
static void finish_structure(secanti_h5_file *file)
{
  if (file->id < 0) return;
  if (H5Fclose(file->id) < 0) secanti_h5_fail(file, H5I_INVALID_HID, "cannot be written");
  file->id = H5I_INVALID_HID;
}

secant_status secanti_h5_fill(secanti_h5_file *file)
{
  secant_status status = SECANT_OK;
  const bool first = file->comm->rank == 0;
  finish_structure(file);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  if (first) secanti_draft_put(file->draft, file->path, &file->disk, file->error);
  SECANT_TRY(secanti_draft_share(file->draft, file->comm, file->error));
  if (!first && !file->gathered) secanti_draft_open(file->draft, file->path, &file->disk, file->error);
  status = secant_comm_agree(file->comm, file->error);
done:
  return status;
}

void secanti_h5_close(secanti_h5_file *file)
{
  if (file->transfer >= 0) H5Pclose(file->transfer);
  if (file->id >= 0) H5Fclose(file->id); /* read, or given up */
  if (file->disk >= 0) close(file->disk);
  if (file->record) secanti_record_destroy(file->record);
  if (file->draft) secanti_draft_destroy(file->draft);
  free(file->record);
  free(file->draft);
  file->transfer = file->id = H5I_INVALID_HID;
  file->disk = -1;
  file->record = NULL;
  file->draft = NULL;
}

/* ---- reading where one rank has the file ---------------------------------------------------------------------------- */

secant_status secanti_h5_remember(const secanti_h5_file *file, const void *item, size_t bytes)
{
  if (!file->gathered || secanti_record_put(file->record, item, bytes) == SECANT_OK) return SECANT_OK;
  return secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for what '%s' holds", file->path);
}

secant_status secanti_h5_recall(const secanti_h5_file *file, void *item)
{
  if (secanti_record_take(file->record, item)) return SECANT_OK;
  return secanti_fail(file->error, SECANT_ERR_COMM, "'%s': rank 0 has read less of it than another rank needs",
                      file->path);
}

secant_status secanti_h5_read_together(const secanti_h5_file *file, secanti_h5_reading *read, void *user)
{
  secant_status status = SECANT_OK;
  if (!secanti_h5_is_absent(file)) read(user);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  if (!file->gathered) return SECANT_OK;
  SECANT_TRY(secanti_record_share(file->record, file->comm, file->error));
  if (secanti_h5_is_absent(file)) read(user);
  status = secant_comm_agree(file->comm, file->error);
  secanti_record_destroy(file->record);
done:
  return status;
}

/* ---- groups and attributes ------------------------------------------------------------------------------------------ */

secant_status secanti_h5_group(const secanti_h5_file *file, hid_t parent, const char *name, hid_t *group)
{
  *group = H5I_INVALID_HID;
  if (secanti_h5_is_absent(file)) return SECANT_OK;
  *group = file->writing ? H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)
                         : H5Gopen2(parent, name, H5P_DEFAULT);
  if (*group >= 0) return SECANT_OK;
  return secanti_h5_fail(file, parent, "group '%s' cannot be %s", name, file->writing ? "made" : "opened");
}

secant_status secanti_h5_write_attribute(const secanti_h5_file *file, hid_t object, const char *name, hid_t type,
                                         hid_t space, const void *values)
{
  const bool absent = secanti_h5_is_absent(file);
  const hid_t attribute = absent ? H5I_INVALID_HID : H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const bool good = absent || (attribute >= 0 && (!values || H5Awrite(attribute, type, values) >= 0));
  secant_status status = SECANT_OK;
  if (!good) status = secanti_h5_fail(file, object, "attribute '%s' cannot be written", name);
  if (attribute >= 0) H5Aclose(attribute);
  if (space >= 0) H5Sclose(space);
  return status;
}

/* One value is a scalar, several are a list. */
static hid_t space_for(size_t count)
{
  const hsize_t extent = count;
  return count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
}

secant_status secanti_h5_write_integers(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                        const int64_t *values)
{
  return secanti_h5_write_attribute(file, object, name, H5T_NATIVE_INT64, space_for(count), values);
}

secant_status secanti_h5_write_reals(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                     const double *values)
{
  return secanti_h5_write_attribute(file, object, name, H5T_NATIVE_DOUBLE, space_for(count), values);
}

hid_t secanti_h5_text_type(size_t size)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  if (type >= 0 && H5Tset_size(type, size) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0) return type;
  if (type >= 0) H5Tclose(type);
  return H5I_INVALID_HID;
}

secant_status secanti_h5_write_text(const secanti_h5_file *file, hid_t object, const char *name, const char *text)
{
  const hid_t type = secanti_h5_text_type(strlen(text) + 1);
  const secant_status status = secanti_h5_write_attribute(file, object, name, type, space_for(1), text);
  if (type >= 0) H5Tclose(type);
  return status;
}

/* An attribute opened for reading, with what there is to check about it. */
typedef struct attribute_view {
  hid_t id, type, space;
  hssize_t count; /* negative if the attribute is absent or unreadable */
} attribute_view;

static attribute_view view_attribute(hid_t object, const char *name)
{
  attribute_view view = {H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, -1};
  view.id = H5Aopen(object, name, H5P_DEFAULT);
  if (view.id >= 0) {
    view.type = H5Aget_type(view.id);
    view.space = H5Aget_space(view.id);
  }
  if (view.type >= 0 && view.space >= 0) view.count = H5Sget_simple_extent_npoints(view.space);
  return view;
}

static void close_view(attribute_view *view)
{
  if (view->space >= 0) H5Sclose(view->space);
  if (view->type >= 0) H5Tclose(view->type);
  if (view->id >= 0) H5Aclose(view->id);
}

static secant_status unreadable(const secanti_h5_file *file, hid_t object, const char *name)
{
  return secanti_h5_fail(file, object, "attribute '%s' is missing or not of the expected kind", name);
}

bool secanti_h5_alike(hid_t type, hid_t expected)
{
  return H5Tget_class(type) == H5Tget_class(expected) && H5Tget_size(type) == H5Tget_size(expected);
}

/* HDF5 does not tell whether a text within a compound is of fixed length. */
bool secanti_h5_is_variable(hid_t type)
{
  if (H5Tget_class(type) == H5T_STRING) return H5Tis_variable_str(type) != 0;
  return H5Tdetect_class(type, H5T_VLEN) != 0 || H5Tdetect_class(type, H5T_STRING) != 0;
}

static secant_status read_numbers(const secanti_h5_file *file, hid_t object, const char *name, hid_t type, size_t count,
                                  void *values)
{
  if (secanti_h5_is_absent(file)) return secanti_h5_recall(file, values);
  attribute_view view = view_attribute(object, name);
  const bool good = view.count == (hssize_t)count && secanti_h5_alike(view.type, type) &&
                    (count == 0 || H5Aread(view.id, type, values) >= 0);
  const secant_status status =
      good ? secanti_h5_remember(file, values, count * H5Tget_size(type)) : unreadable(file, object, name);
  close_view(&view);
  return status;
}

secant_status secanti_h5_read_integers(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                       int64_t *values)
{
  return read_numbers(file, object, name, H5T_NATIVE_INT64, count, values);
}

secant_status secanti_h5_read_reals(const secanti_h5_file *file, hid_t object, const char *name, size_t count,
                                    double *values)
{
  return read_numbers(file, object, name, H5T_NATIVE_DOUBLE, count, values);
}

secant_status secanti_h5_attribute_count(const secanti_h5_file *file, hid_t object, const char *name, size_t *count)
{
  if (secanti_h5_is_absent(file)) return secanti_h5_recall(file, count);
  attribute_view view = view_attribute(object, name);
  *count = view.count >= 0 ? (size_t)view.count : 0;
  const secant_status status =
      view.count >= 0 ? secanti_h5_remember(file, count, sizeof *count) : unreadable(file, object, name);
  close_view(&view);
  return status;
}

/* On a rank that has not got the file. */
static secant_status recall_text(const secanti_h5_file *file, char **text)
{
  const size_t size = secanti_record_next(file->record);
  *text = secanti_alloc(size + 1, 1);
  if (!*text) return secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for a text of %zu bytes", size);
  return secanti_h5_recall(file, *text);
}

secant_status secanti_h5_read_text(const secanti_h5_file *file, hid_t object, const char *name, char **text)
{
  secant_status status = SECANT_OK;
  if (secanti_h5_is_absent(file)) return recall_text(file, text);
  attribute_view view = view_attribute(object, name);
  const bool is_text = view.count == 1 && H5Tget_class(view.type) == H5T_STRING && H5Tis_variable_str(view.type) == 0;
  const size_t size = is_text ? H5Tget_size(view.type) : 0;
  const hid_t type = is_text ? secanti_h5_text_type(size + 1) : H5I_INVALID_HID;
  *text = is_text ? secanti_alloc(size + 1, 1) : NULL;
  if (is_text && !*text) {
    status = secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for a text of %zu bytes", size);
  } else if (!is_text || type < 0 || H5Aread(view.id, type, *text) < 0) {
    status = unreadable(file, object, name);
  } else {
    status = secanti_h5_remember(file, *text, size + 1);
  }
  if (type >= 0) H5Tclose(type);
  close_view(&view);
  return status;
}
