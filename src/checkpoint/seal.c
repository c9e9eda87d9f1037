#include "checkpoint/seal.h"
#include "base/base.h"
#include "checkpoint/checksum.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 20 };

static void print(const secanti_seal *what, char text[SECANTI_SEAL_BYTES])
{
  memset(text, 0, SECANTI_SEAL_BYTES);
  snprintf(text, SECANTI_SEAL_BYTES, "secant seal 1 length %" PRIu64 " sum %016" PRIx64 "\n", what->length, what->sum);
}

/* Whether the text is a seal to the last of its 4096 bytes. */
static bool parse(const char text[SECANTI_SEAL_BYTES], secanti_seal *what)
{
  char again[SECANTI_SEAL_BYTES], line[80];
  memcpy(line, text, sizeof line);
  line[sizeof line - 1] = '\0';
  *what = (secanti_seal){.present = 1};
  if (sscanf(line, "secant seal 1 length %20" SCNu64 " sum %16" SCNx64, &what->length, &what->sum) != 2) return false;
  print(what, again);
  return memcmp(text, again, sizeof again) == 0;
}

static bool is_absent(const char text[SECANTI_SEAL_BYTES])
{
  static const char signature[] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  static const char zeros[SECANTI_SEAL_BYTES];
  return memcmp(text, signature, sizeof signature) == 0 || memcmp(text, zeros, sizeof zeros) == 0;
}

/* ---- one rank's reads and writes ------------------------------------------------------------------------------------ */

/* Reads until `bytes` are there or the file ends. Returns how many there are; -1 with errno if that fails. */
static ssize_t read_at(int file, char *data, size_t bytes, off_t from)
{
  size_t done = 0;
  while (done < bytes) {
    const ssize_t now = pread(file, data + done, bytes - done, from + (off_t)done);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) return -1;
    if (now == 0) break;
    done += (size_t)now;
  }
  return (ssize_t)done;
}

static secant_status cut_off(secant_error *error, const char *path, uint64_t length)
{
  return secanti_fail(error, SECANT_ERR_FORMAT,
                      "'%s' is damaged: by its seal it must be %" PRIu64 " bytes long, and it is not", path,
                      length + SECANTI_SEAL_BYTES);
}

/* What is to be found out about the blocks of a file. */
typedef struct summing {
  const char *path;
  uint64_t length;
  const secanti_seal_reader *reader; /* or NULL */
  uint64_t sum;                      /* of this rank's share */
} summing;

/* Adds blocks first .. last of what follows the seal. */
static secant_status sum_blocks(summing *all, int file, uint64_t first, uint64_t last, secant_error *error)
{
  const char *path = all->path;
  const size_t ahead = all->reader ? all->reader->ahead : 0;
  secant_status status = SECANT_OK;
  char *block = secanti_alloc_aligned(BLOCK + ahead, 1);
  if (!block) return secanti_fail(error, SECANT_ERR_MEMORY, "no memory to read '%s'", path);
  for (uint64_t i = first; status == SECANT_OK && i < last; i++) {
    const uint64_t at = SECANTI_SEAL_BYTES + i * BLOCK, left = all->length - i * BLOCK;
    const size_t bytes = left < BLOCK ? (size_t)left : BLOCK;
    const ssize_t got = read_at(file, block, bytes + ahead, (off_t)at);
    if (got < 0) {
      status = secanti_fail_on(error, path, "read");
    } else if ((size_t)got < bytes) {
      status = cut_off(error, path, all->length);
    } else {
      all->sum += secanti_checksum_bytes(block, bytes, 1, i);
      if (all->reader) all->reader->look(all->reader->user, at, block, bytes);
    }
  }
  free(block);
  return status;
}

/* This rank's share of the sum. */
static secant_status sum_share(summing *all, const secant_comm *comm, secant_error *error)
{
  const uint64_t blocks = all->length / BLOCK + (all->length % BLOCK > 0), rank = (uint64_t)comm->rank;
  const uint64_t size = (uint64_t)comm->size;
  const uint64_t first = blocks / size * rank + blocks % size * rank / size;
  const uint64_t last = blocks / size * (rank + 1) + blocks % size * (rank + 1) / size;
  const int file = open(all->path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return secanti_fail_on(error, all->path, "read");
  const secant_status status = sum_blocks(all, file, first, last, error);
  close(file);
  return status;
}

secant_status secanti_seal_put(int file, const char *path, const secanti_seal *seal, secant_error *error)
{
  char text[SECANTI_SEAL_BYTES];
  print(seal, text);
  if (pwrite(file, text, sizeof text, 0) == (ssize_t)sizeof text) return SECANT_OK;
  return secanti_fail_on(error, path, "sealed");
}

static secant_status put_and_sync(const char *path, const secanti_seal *seal, secant_error *error)
{
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return secanti_fail_on(error, path, "opened to seal it");
  secant_status status = secanti_seal_put(file, path, seal, error);
  if (status == SECANT_OK && fsync(file) != 0) status = secanti_fail_on(error, path, "sealed");
  close(file);
  return status;
}

secant_status secanti_seal_read(const char *path, secanti_seal *what, secant_error *error)
{
  char text[SECANTI_SEAL_BYTES] = "";
  struct stat status;
  *what = (secanti_seal){0};
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return secanti_fail_on(error, path, "read");
  const bool read = read_at(file, text, sizeof text, 0) >= 0 && fstat(file, &status) == 0;
  const secant_status outcome = read ? SECANT_OK : secanti_fail_on(error, path, "read");
  close(file);
  if (!read || is_absent(text)) return outcome;
  if (!parse(text, what)) {
    return secanti_fail(error, SECANT_ERR_FORMAT,
                        "'%s' is damaged, or not of this library: its first %d bytes are no seal", path,
                        SECANTI_SEAL_BYTES);
  }
  const bool fits =
      (uint64_t)status.st_size >= SECANTI_SEAL_BYTES && (uint64_t)status.st_size - SECANTI_SEAL_BYTES == what->length;
  return fits ? SECANT_OK : cut_off(error, path, what->length);
}

static secant_status measure(const char *path, secanti_seal *what, secant_error *error)
{
  struct stat file;
  if (stat(path, &file) != 0) return secanti_fail_on(error, path, "found");
  if (file.st_size < SECANTI_SEAL_BYTES) {
    return secanti_fail(error, SECANT_ERR_IO, "'%s' has no room for a seal", path);
  }
  *what = (secanti_seal){.present = 1, .length = (uint64_t)file.st_size - SECANTI_SEAL_BYTES};
  return SECANT_OK;
}

/* ---- all ranks ------------------------------------------------------------------------------------------------------ */

/* The checksum of what follows the seal. Collective; the outcome is common. */
static secant_status sum_content(summing *all, secant_comm *comm, secant_error *error)
{
  secant_status status = SECANT_OK;
  sum_share(all, comm, error);
  SECANT_TRY(secant_comm_agree(comm, error));
  status = secanti_checksum_add_up(comm, &all->sum, 1, error);
done:
  return status;
}

secant_status secanti_seal_find(const char *path, secant_comm *comm, const secanti_seal_reader *reader,
                                secanti_seal *seal, secant_error *error)
{
  secant_status status = SECANT_OK;
  if (comm->rank == 0) measure(path, seal, error);
  SECANT_TRY(secanti_comm_share(comm, seal, sizeof *seal, error));
  summing all = {.path = path, .length = seal->length, .reader = reader};
  SECANT_TRY(sum_content(&all, comm, error));
  seal->sum = all.sum;
done:
  return status;
}

secant_status secanti_seal_write(const char *path, secant_comm *comm, secant_error *error)
{
  secanti_seal what = {0};
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_seal_find(path, comm, NULL, &what, error));
  if (comm->rank == 0) put_and_sync(path, &what, error);
  status = secant_comm_agree(comm, error);
done:
  return status;
}

secant_status secanti_seal_check_if_any(const char *path, secant_comm *comm, bool *sealed, secant_error *error)
{
  secanti_seal what = {0};
  summing all = {.path = path};
  secant_status status = SECANT_OK;
  *sealed = false;
  if (comm->rank == 0) secanti_seal_read(path, &what, error);
  SECANT_TRY(secanti_comm_share(comm, &what, sizeof what, error));
  if (!what.present) return SECANT_OK;
  all.length = what.length;
  SECANT_TRY(sum_content(&all, comm, error));
  *sealed = true;
  if (all.sum != what.sum) {
    status = secanti_fail(error, SECANT_ERR_FORMAT,
                          "'%s' is damaged, or was changed after it was written: its checksum is %016" PRIx64
                          ", but its seal says %016" PRIx64,
                          path, all.sum, what.sum);
  }
done:
  return status;
}

secant_status secanti_seal_check(const char *path, secant_comm *comm, secant_error *error)
{
  bool sealed = false;
  const secant_status status = secanti_seal_check_if_any(path, comm, &sealed, error);
  if (status != SECANT_OK || sealed) return status;
  return secanti_fail(error, SECANT_ERR_FORMAT,
                      "'%s' has no seal: it is not a checkpoint, or one of an older version of this library", path);
}
