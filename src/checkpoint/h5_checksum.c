/* The checksum that every dataset of a sealed file carries: an attribute, compared whenever the data are read. */
#include "base/base.h"
#include "checkpoint/checksum.h"
#include "checkpoint/h5_file.h"
#include <inttypes.h>
#include <stdlib.h>

#define CHECKSUM "xxh3"

secant_status secanti_h5_read_checksum(const secanti_h5_file *file, hid_t dataset, uint64_t *sum)
{
  const hid_t attribute = H5Aopen(dataset, CHECKSUM, H5P_DEFAULT);
  const hid_t type = attribute >= 0 ? H5Aget_type(attribute) : H5I_INVALID_HID;
  const hid_t space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
  const bool good = type >= 0 && space >= 0 && secanti_h5_alike(type, H5T_NATIVE_UINT64) &&
                    H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, H5T_NATIVE_UINT64, sum) >= 0;
  secant_status status = SECANT_OK;
  if (!good) status = secanti_h5_fail(file, dataset, "the checksum '%s' is missing or no number", CHECKSUM);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  if (attribute >= 0) H5Aclose(attribute);
  return status;
}

secant_status secanti_h5_damaged(const secanti_h5_file *file, hid_t dataset, uint64_t actual, uint64_t expected)
{
  return secanti_h5_fail(file, dataset, "the data are damaged (checksum %016" PRIx64 ", but it must be %016" PRIx64 ")",
                         actual, expected);
}

secant_status secanti_h5_confirm(const secanti_h5_file *file, hid_t dataset, uint64_t sum)
{
  uint64_t expected;
  if (file->writing) {
    return secanti_h5_write_attribute(file, dataset, CHECKSUM, H5T_NATIVE_UINT64, H5Screate(H5S_SCALAR), &sum);
  }
  if (!file->sealed || secanti_h5_is_absent(file)) return SECANT_OK;
  const secant_status status = secanti_h5_read_checksum(file, dataset, &expected);
  return status != SECANT_OK || sum == expected ? status : secanti_h5_damaged(file, dataset, sum, expected);
}

/* ---- data that are written in the second round -------------------------------------------------------------------- */

static secant_status locate(const secanti_h5_file *file, hid_t dataset, uint64_t sum, secanti_extent *where)
{
  const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  const hssize_t elements = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  const haddr_t offset = elements > 0 ? H5Dget_offset(dataset) : 0;
  const bool good = type >= 0 && elements >= 0 && offset != HADDR_UNDEF;
  if (good) *where = (secanti_extent){offset, (uint64_t)elements, H5Tget_size(type), sum};
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  return good ? SECANT_OK : secanti_h5_fail(file, dataset, "the data have no place in the file");
}

secant_status secanti_h5_confirm_later(const secanti_h5_file *file, hid_t dataset, uint64_t sum)
{
  secanti_extent where;
  secant_status status = SECANT_OK;
  if (secanti_h5_is_absent(file)) return SECANT_OK;
  SECANT_TRY(secanti_h5_confirm(file, dataset, sum));
  SECANT_TRY(locate(file, dataset, sum, &where));
  status = secanti_draft_note(file->draft, &where, file->error);
done:
  return status;
}

const secanti_extent *secanti_h5_place_of_data(const secanti_h5_file *file)
{
  return &file->draft->extents[file->draft->next];
}

void secanti_h5_next(const secanti_h5_file *file)
{
  file->draft->next++;
}

secant_status secanti_h5_confirm_parts(const secanti_h5_file *file, hid_t dataset, uint64_t part)
{
  secant_status status = SECANT_OK;
  if (secanti_h5_is_filling(file)) {
    secanti_h5_next(file);
    return SECANT_OK;
  }
  SECANT_TRY(secanti_checksum_add_up(file->comm, &part, 1, file->error));
  if (file->writing) {
    secanti_h5_confirm_later(file, dataset, part);
  } else {
    secanti_h5_confirm(file, dataset, part);
  }
  status = secant_comm_agree(file->comm, file->error);
done:
  return status;
}

/* Elements of a dataset as they lie in the file. */
static secant_status sum_whole(const secanti_h5_file *file, hid_t dataset, hid_t type, size_t count, uint64_t *sum)
{
  const size_t size = H5Tget_size(type);
  secant_status status = SECANT_OK;
  void *data = secanti_alloc(count, size);
  if (!data) return secanti_fail(file->error, SECANT_ERR_MEMORY, "'%s': no memory for %zu values", file->path, count);
  if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
    status = secanti_h5_fail(file, dataset, "the values cannot be read");
  }
  *sum = secanti_checksum_bytes(data, size, count, 0);
  free(data);
  return status;
}

secant_status secanti_h5_confirm_whole(const secanti_h5_file *file, hid_t dataset)
{
  if (!file->sealed || secanti_h5_is_absent(file)) return SECANT_OK;
  const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  const hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  uint64_t sum = 0;
  secant_status status = SECANT_OK;
  if (type < 0 || count < 0 || secanti_h5_is_variable(type)) {
    status = secanti_h5_fail(file, dataset, "the values cannot be read, or are of variable length");
  } else if (count > 0) {
    status = sum_whole(file, dataset, type, (size_t)count, &sum);
  }
  if (status == SECANT_OK) status = secanti_h5_confirm(file, dataset, sum);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  return status;
}
