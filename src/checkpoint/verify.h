/* Compares what lies in a file with the checksums of its datasets, without an optimizer to load it into. */
#ifndef SECANT_VERIFY_H
#define SECANT_VERIFY_H

#include "checkpoint/h5_file.h"
#include "checkpoint/seal.h"

/*
 * Reads the bytes of every dataset of a sealed file that is open for reading, each rank a share, past HDF5 and its
 * buffers. ERR_FORMAT names the first dataset that is damaged. Collective; the outcome is common. `file` is a
 * secanti_h5_file: a task for checkpoint/place.h.
 */
secant_status secanti_verify_datasets(void *file);

/*
 * Reads the file on the disk that has been written, once: finds its seal, and compares the data with the checksums that were
 * computed from memory, and the rest with what HDF5 has made. ERR_IO if they differ. Collective over `comm`, the ranks that
 * touch the disk; the outcome is common to them.
 */
secant_status secanti_verify_written(const secanti_h5_file *file, secant_comm *comm, secanti_seal *seal);

#endif
