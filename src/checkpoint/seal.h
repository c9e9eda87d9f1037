/*
 * The seal of a file: a text in the 4096 bytes ahead of HDF5's own, which tells the length of the rest and its checksum.
 * It is checked by plain reads, so that HDF5, which does not bear damage everywhere, is never given a damaged file.
 *
 *   secant seal 1 length <bytes> sum <16 hexadecimal digits>\n     and zeros up to 4096 bytes
 *
 * The sum is that of checkpoint/checksum.h over blocks of 1 MiB, of which the last may be shorter.
 */
#ifndef SECANT_SEAL_H
#define SECANT_SEAL_H

#include "comm/comm.h"

enum { SECANTI_SEAL_BYTES = 4096 };

/* What a seal says. */
typedef struct secanti_seal {
  uint64_t present; /* 0: the file has none */
  uint64_t length;  /* of what follows it */
  uint64_t sum;
} secanti_seal;

/* Reads the seal of a file and compares the length, but not the sum. SECANT_OK also if there is none. One process. */
secant_status secanti_seal_read(const char *path, secanti_seal *seal, secant_error *error);

/* Who looks at a file while it is read for its seal. */
typedef struct secanti_seal_reader {
  void (*look)(void *user, uint64_t at, const char *data, size_t bytes); /* at what the file has from `at` on */
  void *user;
  size_t ahead; /* bytes behind these that are in memory too, as far as the file has them */
} secanti_seal_reader;

/* Reads all of a file but the seal, each rank a share, and finds the seal that it is to have. `reader` may be NULL.
 * Collective; the outcome is common. */
secant_status secanti_seal_find(const char *path, secant_comm *comm, const secanti_seal_reader *reader,
                                secanti_seal *seal, secant_error *error);

/* Writes a seal into `file`, which is open for writing. One process. */
secant_status secanti_seal_put(int file, const char *path, const secanti_seal *seal, secant_error *error);

/* Seals a closed file that begins with SECANTI_SEAL_BYTES of room, and waits until the disk has all of it. Collective;
 * the outcome is common. */
secant_status secanti_seal_write(const char *path, secant_comm *comm, secant_error *error);

/* ERR_FORMAT unless the file has a seal that fits it; ERR_IO if it cannot be read. Collective; the outcome is common. */
secant_status secanti_seal_check(const char *path, secant_comm *comm, secant_error *error);

/* The same, but a file without a seal is accepted: one that begins with HDF5's signature or with 4096 zeros. */
secant_status secanti_seal_check_if_any(const char *path, secant_comm *comm, bool *sealed, secant_error *error);

#endif
