#include "checkpoint/checksum.h"
#include "base/base.h"
#include <endian.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- elements ----------------------------------------------------------------------------------------------------- */

static uint64_t sum_32(const char *data, size_t count, uint64_t first)
{
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t number;
    memcpy(&number, data + i * sizeof number, sizeof number);
    number = htole32(number);
    sum += XXH3_64bits_withSeed(&number, sizeof number, first + i);
  }
  return sum;
}

static uint64_t sum_64(const char *data, size_t count, uint64_t first)
{
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t number;
    memcpy(&number, data + i * sizeof number, sizeof number);
    number = htole64(number);
    sum += XXH3_64bits_withSeed(&number, sizeof number, first + i);
  }
  return sum;
}

uint64_t secanti_checksum_numbers(const void *data, size_t size, size_t count, uint64_t first)
{
  return size == sizeof(uint32_t) ? sum_32(data, count, first) : sum_64(data, count, first);
}

uint64_t secanti_checksum_bytes(const void *data, size_t size, size_t count, uint64_t first)
{
  const char *element = data;
  uint64_t sum = 0;
  if (htole32(1) == 1 && (size == sizeof(uint32_t) || size == sizeof(uint64_t))) {
    return secanti_checksum_numbers(data, size, count, first); /* the same, and faster */
  }
  for (size_t i = 0; i < count; i++) sum += XXH3_64bits_withSeed(element + i * size, size, first + i);
  return sum;
}

/* ---- sums over ranks ------------------------------------------------------------------------------------------------ */

/* A sum travels as four digits of 16 bits: doubles add those of 2^37 ranks without rounding. */
enum { DIGITS = 4, BITS = 16, SUMS_AT_ONCE = 256 };

static void to_digits(uint64_t sum, double *digits)
{
  for (int i = 0; i < DIGITS; i++) digits[i] = (double)((sum >> (i * BITS)) & UINT64_C(0xffff));
}

static uint64_t from_digits(const double *digits)
{
  uint64_t sum = 0;
  for (int i = 0; i < DIGITS; i++) sum += (uint64_t)digits[i] << (i * BITS);
  return sum;
}

secant_status secanti_checksum_add_up(secant_comm *comm, uint64_t *sums, size_t count, secant_error *error)
{
  double digits[DIGITS * SUMS_AT_ONCE];
  for (size_t done = 0; done < count; done += SUMS_AT_ONCE) {
    const size_t left = count - done, now = left < SUMS_AT_ONCE ? left : SUMS_AT_ONCE;
    for (size_t i = 0; i < now; i++) to_digits(sums[done + i], digits + i * DIGITS);
    const secant_status status = secant_comm_sum(comm, digits, now * DIGITS);
    if (status != SECANT_OK) return secanti_fail(error, status, "%s", secant_status_text(status));
    for (size_t i = 0; i < now; i++) sums[done + i] = from_digits(digits + i * DIGITS);
  }
  return SECANT_OK;
}

/* ---- hashes of sums ------------------------------------------------------------------------------------------------- */

void secanti_checksum_of_sums(uint64_t *sums, size_t count, uint64_t *high, uint64_t *low)
{
  for (size_t i = 0; i < count; i++) sums[i] = htole64(sums[i]);
  const XXH128_hash_t hash = XXH3_128bits(sums, count * sizeof *sums);
  *high = hash.high64;
  *low = hash.low64;
}
