#include "checkpoint/record.h"
#include "base/base.h"
#include <stdlib.h>
#include <string.h>

void secanti_record_destroy(secanti_record *record)
{
  free(record->bytes);
  *record = (secanti_record){0};
}

static secant_status reserve(secanti_record *record, size_t length)
{
  if (length <= record->capacity) return SECANT_OK;
  const size_t capacity = 2 * length;
  char *larger = realloc(record->bytes, capacity);
  if (!larger) return SECANT_ERR_MEMORY;
  record->bytes = larger;
  record->capacity = capacity;
  return SECANT_OK;
}

secant_status secanti_record_put(secanti_record *record, const void *item, size_t bytes)
{
  if (reserve(record, record->length + sizeof bytes + bytes) != SECANT_OK) return SECANT_ERR_MEMORY;
  memcpy(record->bytes + record->length, &bytes, sizeof bytes);
  record->length += sizeof bytes;
  if (bytes > 0) memcpy(record->bytes + record->length, item, bytes);
  record->length += bytes;
  return SECANT_OK;
}

size_t secanti_record_next(const secanti_record *record)
{
  size_t bytes = 0;
  if (record->taken < record->length) memcpy(&bytes, record->bytes + record->taken, sizeof bytes);
  return bytes;
}

bool secanti_record_take(secanti_record *record, void *item)
{
  const size_t bytes = secanti_record_next(record);
  if (record->taken == record->length) return false;
  record->taken += sizeof bytes;
  if (bytes > 0) memcpy(item, record->bytes + record->taken, bytes);
  record->taken += bytes;
  return true;
}

secant_status secanti_record_share(secanti_record *record, secant_comm *comm, secant_error *error)
{
  uint64_t length = record->length;
  secant_status status = secant_comm_broadcast(comm, &length, sizeof length, 0);
  if (status == SECANT_OK && reserve(record, (size_t)length) != SECANT_OK) status = SECANT_ERR_MEMORY;
  if (status != SECANT_OK) secanti_fail(error, status, "what rank 0 has read of a file cannot reach all ranks");
  SECANT_TRY(secant_comm_agree(comm, error));
  if (secant_comm_broadcast(comm, record->bytes, (size_t)length, 0) != SECANT_OK) {
    secanti_fail(error, SECANT_ERR_COMM, "what rank 0 has read of a file cannot reach all ranks");
  }
  record->length = (size_t)length;
  status = secant_comm_agree(comm, error);
done:
  return status;
}
