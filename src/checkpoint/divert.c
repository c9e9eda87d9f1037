#include "checkpoint/divert.h"
#include <dirent.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void divert_all(DIR *descriptors, const struct stat *file, int memory)
{
  for (const struct dirent *entry = readdir(descriptors); entry; entry = readdir(descriptors)) {
    struct stat about;
    const int descriptor = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fstat(descriptor, &about) != 0) continue;
    if (about.st_dev == file->st_dev && about.st_ino == file->st_ino) dup2(memory, descriptor);
  }
}

void secanti_divert(const char *path)
{
  struct stat file;
  if (stat(path, &file) != 0) return;
  const int memory = memfd_create("secant", MFD_CLOEXEC);
  DIR *descriptors = opendir("/proc/self/fd"); /* the driver of HDF5 for MPI tells no descriptor */
  if (memory >= 0 && ftruncate(memory, file.st_size) == 0 && descriptors) divert_all(descriptors, &file, memory);
  if (descriptors) closedir(descriptors);
  if (memory >= 0) close(memory);
}
