#include "checkpoint/verify.h"
#include "base/base.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/checksum.h"
#include "checkpoint/pair_file.h"
#include "checkpoint/place.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All datasets of a file; the names are known to rank 0 alone, which makes the list. */
typedef struct inventory {
  const secanti_h5_file *file;
  secanti_extent *extents; /* [capacity] */
  char **names;            /* [capacity] */
  size_t count, capacity;
  bool refers; /* to files of pairs, which are checked on their own */
} inventory;

/* ---- the list ------------------------------------------------------------------------------------------------------- */

static secant_status make_room(inventory *all)
{
  if (all->count < all->capacity) return SECANT_OK;
  const size_t capacity = 2 * all->capacity + 16;
  secanti_extent *extents = realloc(all->extents, capacity * sizeof *extents);
  if (extents) all->extents = extents;
  char **names = extents ? realloc(all->names, capacity * sizeof *names) : NULL;
  if (!names) return secanti_fail(all->file->error, SECANT_ERR_MEMORY, "no memory for a list of datasets");
  all->names = names;
  all->capacity = capacity;
  return SECANT_OK;
}

static secant_status measure(const secanti_h5_file *file, hid_t dataset, secanti_extent *where)
{
  const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  const hssize_t elements = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  const haddr_t offset = H5Dget_offset(dataset);
  secant_status status = SECANT_OK;
  *where = (secanti_extent){.offset = offset, .size = type >= 0 ? H5Tget_size(type) : 0};
  if (where->size == 0 || elements < 0 || (elements > 0 && offset == HADDR_UNDEF)) {
    status = secanti_h5_fail(file, dataset, "the data do not lie in the file in one piece");
  } else {
    where->elements = (uint64_t)elements;
    status = secanti_h5_read_checksum(file, dataset, &where->sum);
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  return status;
}

static secant_status add(inventory *all, const char *name, hid_t dataset)
{
  secanti_extent where;
  secant_status status = SECANT_OK;
  SECANT_TRY(measure(all->file, dataset, &where));
  SECANT_TRY(make_room(all));
  all->names[all->count] = strdup(name);
  if (!all->names[all->count]) return secanti_fail(all->file->error, SECANT_ERR_MEMORY, "no memory for a name");
  all->extents[all->count++] = where;
done:
  return status;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *link, void *user)
{
  inventory *all = user;
  if (link->type != H5L_TYPE_HARD || (all->refers && secanti_references_may_map(name))) return 0;
  const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
  secant_status status = SECANT_OK;
  if (object < 0) status = secanti_h5_fail(all->file, group, "'%.80s' cannot be opened", name);
  if (object >= 0 && H5Iget_type(object) == H5I_DATASET) status = add(all, name, object);
  if (object >= 0) H5Oclose(object);
  return status == SECANT_OK ? 0 : -1;
}

/* Rank 0's outcome. */
static void list_datasets(inventory *all)
{
  all->refers = H5Lexists(all->file->id, SECANTI_REFERENCES, H5P_DEFAULT) > 0;
  const bool listed = H5Lvisit(all->file->id, H5_INDEX_NAME, H5_ITER_NATIVE, visit, all) >= 0;
  if (!listed && all->file->error->status == SECANT_OK) {
    secanti_h5_fail(all->file, H5I_INVALID_HID, "the datasets cannot be listed");
  }
}

/* Gives the list of rank 0 to all. Collective; the outcome is common. */
static secant_status share_list(inventory *all)
{
  const secanti_h5_file *file = all->file;
  uint64_t count = all->count;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_comm_share(file->comm, &count, sizeof count, file->error));
  if (file->comm->rank > 0) {
    all->extents = secanti_alloc((size_t)count + 1, sizeof *all->extents);
    if (!all->extents) secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for a list of datasets");
    all->count = (size_t)count;
  }
  status = secanti_comm_share(file->comm, all->extents, (size_t)count * sizeof *all->extents, file->error);
done:
  return status;
}

static void free_inventory(inventory *all)
{
  for (size_t i = 0; all->names && i < all->count; i++) free(all->names[i]);
  free(all->names);
  free(all->extents);
}

/* ---- the data ------------------------------------------------------------------------------------------------------- */

/* This rank's share of the elements, read into `buffer` piece by piece. False if the file cannot be read. */
static bool sum_share(int file, const secant_comm *comm, const secanti_extent *where, char *buffer, size_t room,
                      uint64_t *sum)
{
  const uint64_t size = (uint64_t)comm->size, rank = (uint64_t)comm->rank, n = where->elements;
  const uint64_t end = n / size * (rank + 1) + n % size * (rank + 1) / size;
  const uint64_t piece = room / where->size;
  *sum = 0;
  for (uint64_t at = n / size * rank + n % size * rank / size; at < end; at += piece) {
    const size_t count = (size_t)(end - at < piece ? end - at : piece), bytes = count * (size_t)where->size;
    size_t done = 0;
    while (done < bytes) {
      const ssize_t now = pread(file, buffer + done, bytes - done, (off_t)(where->offset + at * where->size + done));
      if (now < 0 && errno == EINTR) continue;
      if (now == 0) errno = ENODATA;
      if (now <= 0) return false;
      done += (size_t)now;
    }
    *sum += secanti_checksum_bytes(buffer, (size_t)where->size, count, at);
  }
  return true;
}

/* This rank's shares of all datasets. */
static void sum_all(const inventory *all, uint64_t *sums)
{
  enum { ROOM = 1 << 20 };
  const secanti_h5_file *file = all->file;
  size_t room = ROOM;
  for (size_t i = 0; i < all->count; i++) {
    if (all->extents[i].size > room) room = (size_t)all->extents[i].size;
  }
  char *buffer = secanti_alloc_aligned(room, 1);
  const int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
  bool good = buffer && descriptor >= 0;
  for (size_t i = 0; good && i < all->count; i++) {
    good = sum_share(descriptor, file->comm, &all->extents[i], buffer, room, &sums[i]);
  }
  const int code = errno;
  if (!buffer) secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory to read '%s'", file->path);
  if (buffer && !good) secanti_fail(file->error, SECANT_ERR_IO, "'%s' cannot be read: %s", file->path, strerror(code));
  if (descriptor >= 0) close(descriptor);
  free(buffer);
}

/* Rank 0's outcome. */
static void compare(const inventory *all, const uint64_t *sums)
{
  for (size_t i = 0; i < all->count; i++) {
    if (sums[i] == all->extents[i].sum) continue;
    const hid_t dataset = H5Dopen2(all->file->id, all->names[i], H5P_DEFAULT);
    secanti_h5_damaged(all->file, dataset, sums[i], all->extents[i].sum);
    if (dataset >= 0) H5Dclose(dataset);
    return;
  }
}

secant_status secanti_verify_datasets(void *user)
{
  const secanti_h5_file *file = user;
  const bool first = file->comm->rank == 0;
  inventory all = {.file = file};
  uint64_t *sums = NULL;
  secant_status status = SECANT_OK;
  if (first) list_datasets(&all);
  SECANT_TRY(share_list(&all));
  sums = secanti_alloc(all.count + 1, sizeof *sums);
  if (!sums) secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for the sums of %zu datasets", all.count);
  if (sums) sum_all(&all, sums);
  SECANT_TRY(secant_comm_agree(file->comm, file->error));
  SECANT_TRY(secanti_checksum_add_up(file->comm, sums, all.count, file->error));
  if (first) compare(&all, sums);
  status = secant_comm_agree(file->comm, file->error);
done:
  free(sums);
  free_inventory(&all);
  return status;
}

/* ---- what has just been written --------------------------------------------------------------------------------- */

typedef struct reading_again {
  const secanti_draft *draft;
  uint64_t *sums; /* [draft->count] of this rank's shares */
} reading_again;

/* What an element that begins in a block may have beyond it. */
static size_t largest_element(const secanti_draft *draft)
{
  uint64_t largest = 0;
  for (size_t i = 0; i < draft->count; i++) {
    if (draft->extents[i].size > largest) largest = draft->extents[i].size;
  }
  return (size_t)largest;
}

/* Elements of an extent that begin ahead of `at`. */
static uint64_t elements_before(const secanti_extent *where, uint64_t at)
{
  if (at <= where->offset) return 0;
  const uint64_t count = (at - where->offset + where->size - 1) / where->size;
  return count < where->elements ? count : where->elements;
}

/* Adds the elements that begin in a block. */
static void add_block(void *user, uint64_t at, const char *data, size_t bytes)
{
  const reading_again *all = user;
  for (size_t i = 0; i < all->draft->count; i++) {
    const secanti_extent *where = &all->draft->extents[i];
    if (where->elements == 0) continue;
    const uint64_t first = elements_before(where, at), end = elements_before(where, at + bytes);
    if (first == end) continue;
    const char *begin = data + (where->offset + first * where->size - at);
    all->sums[i] += secanti_checksum_bytes(begin, (size_t)where->size, (size_t)(end - first), first);
  }
}

/* Rank 0's outcome. */
static void compare_with_memory(const secanti_h5_file *file, const uint64_t *sums)
{
  const secanti_draft *draft = file->draft;
  for (size_t i = 0; i < draft->count; i++) {
    if (sums[i] == draft->extents[i].sum) continue;
    secanti_fail(file->error, SECANT_ERR_IO,
                 "'%s': the data are damaged from byte %" PRIu64 " on (checksum %016" PRIx64
                 ", but it must be %016" PRIx64 "): the disk does not keep what is written to it",
                 file->path, draft->extents[i].offset, sums[i], draft->extents[i].sum);
    return;
  }
  secanti_draft_compare(draft, file->path, file->error);
}

secant_status secanti_verify_written(const secanti_h5_file *file, secant_comm *comm, secanti_seal *seal)
{
  const size_t count = file->draft->count;
  secant_status status = SECANT_OK;
  reading_again all = {file->draft, secanti_alloc(count + 1, sizeof *all.sums)};
  const secanti_seal_reader reader = {add_block, &all, largest_element(file->draft)};
  if (!all.sums) secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for the sums of %zu datasets", count);
  SECANT_TRY(secant_comm_agree(comm, file->error));
  SECANT_TRY(secanti_seal_find(file->path, comm, &reader, seal, file->error));
  SECANT_TRY(secanti_checksum_add_up(comm, all.sums, count, file->error));
  if (comm->rank == 0) compare_with_memory(file, all.sums);
  status = secant_comm_agree(comm, file->error);
done:
  free(all.sums);
  return status;
}

/* ---- public --------------------------------------------------------------------------------------------------------- */

static secant_status verify_checkpoint(void *user)
{
  const secanti_h5_file *file = user;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_checkpoint_check_format(file));
  SECANT_TRY(secanti_verify_datasets(user));
  status = secanti_pairs_check(file, true);
done:
  return status;
}

secant_status secant_checkpoint_verify(const char *path, secant_error *error)
{
  secant_error unwanted;
  secanti_h5_file file;
  if (!error) error = &unwanted;
  *error = (secant_error){.status = SECANT_OK};
  if (!path || !*path) return secanti_fail(error, SECANT_ERR_ARGUMENT, "a checkpoint needs a path");
  const secanti_place place = {.path = path,
                               .kind = "a checkpoint",
                               .comm = secanti_comm_self(),
                               .error = error,
                               .file = &file,
                               .task = verify_checkpoint,
                               .user = &file};
  return secanti_place_read(&place);
}
