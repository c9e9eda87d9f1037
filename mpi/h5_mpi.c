/*
 * Shared HDF5 files through MPI-IO, to be read. Every rank opens and reads by itself: on the communicator of all ranks HDF5
 * 1.10 reads the head of a file collectively, and a rank that cannot keeps the others waiting.
 */
#include "checkpoint/h5.h"
#include "comm_mpi.h"

#ifdef SECANT_HAVE_HDF5
#include <hdf5.h>
#endif

#ifdef H5_HAVE_PARALLEL

_Static_assert(sizeof(hid_t) == sizeof(int64_t), "HDF5 identifiers must be 64 bits wide");

static int64_t closed_unless(hid_t list, herr_t set)
{
  if (set >= 0) return list;
  H5Pclose(list);
  return -1;
}

static int64_t file_access(const secant_comm *comm)
{
  (void)comm;
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  if (list < 0) return -1;
  return closed_unless(list, H5Pset_fapl_mpio(list, MPI_COMM_SELF, MPI_INFO_NULL));
}

static int64_t transfer(const secant_comm *comm)
{
  (void)comm;
  const hid_t list = H5Pcreate(H5P_DATASET_XFER);
  if (list < 0) return -1;
  return closed_unless(list, H5Pset_dxpl_mpio(list, H5FD_MPIO_INDEPENDENT));
}

const secanti_h5_driver *secanti_h5_mpi(void)
{
  static const secanti_h5_driver driver = {.file_access = file_access, .transfer = transfer};
  return &driver;
}

#else

const secanti_h5_driver *secanti_h5_mpi(void)
{
  return NULL;
}

#endif
