/*
 * How a communicator opens HDF5 files in parallel: a table of two functions that the MPI library fills, so that HDF5 and
 * MPI never meet under src/. Identifiers are HDF5's hid_t, which is 64 bits wide since HDF5 1.10.
 */
#ifndef SECANT_H5_H
#define SECANT_H5_H

#include <secant/secant.h>
#include <stdint.h>

typedef struct secanti_h5_driver {
  /* A file access property list for one rank by itself, to read; negative on failure. H5Pclose() it. */
  int64_t (*file_access)(const secant_comm *comm);
  /* A transfer property list for reads of one rank by itself; negative on failure. H5Pclose() it. */
  int64_t (*transfer)(const secant_comm *comm);
} secanti_h5_driver;

#endif
