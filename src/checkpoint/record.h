/*
 * What rank 0 has read of a file, item by item, for ranks that have no file: they make the same calls in the same order
 * and get the same answers.
 */
#ifndef SECANT_RECORD_H
#define SECANT_RECORD_H

#include "comm/comm.h"

typedef struct secanti_record {
  char *bytes; /* owned: items one after the other, each behind its size */
  size_t length, capacity;
  size_t taken;
} secanti_record;

void secanti_record_destroy(secanti_record *record);

/* Adds an item. SECANT_OK or SECANT_ERR_MEMORY. */
secant_status secanti_record_put(secanti_record *record, const void *item, size_t bytes);

/* Size of the next item; 0 if there is none. */
size_t secanti_record_next(const secanti_record *record);

/* Takes the next item, of secanti_record_next() bytes; false if there is none. */
bool secanti_record_take(secanti_record *record, void *item);

/* Gives rank 0's record to all ranks, none of which has taken anything of it yet. Collective; the outcome is common. */
secant_status secanti_record_share(secanti_record *record, secant_comm *comm, secant_error *error);

#endif
