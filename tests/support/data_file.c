#include "support/data_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* An empty file of a name of its own. */
static char *new_file(void)
{
  const char *directory = getenv("TMPDIR");
  char *path = malloc(4096);
  if (!path) return NULL;
  snprintf(path, 4096, "%s/secant-test-XXXXXX", directory ? directory : "/tmp");
  const int descriptor = mkstemp(path);
  if (descriptor >= 0) {
    close(descriptor);
    return path;
  }
  free(path);
  return NULL;
}

static char *keep_if(int written, char *path)
{
  if (written) return path;
  data_file_remove(path);
  return NULL;
}

char *data_file_write(const void *bytes, size_t count)
{
  char *path = new_file();
  FILE *file = path ? fopen(path, "wb") : NULL;
  if (!file) return keep_if(0, path);
  const size_t written = fwrite(bytes, 1, count, file);
  return keep_if(fclose(file) == 0 && written == count, path);
}

char *data_file_write_gzip(const void *bytes, size_t count)
{
  char *path = new_file();
  gzFile file = path ? gzopen(path, "wb") : NULL;
  if (!file) return keep_if(0, path);
  const int written = gzwrite(file, bytes, (unsigned)count);
  return keep_if(gzclose(file) == Z_OK && written == (int)count, path);
}

int data_file_truncate(const char *path, size_t count)
{
  return truncate(path, (off_t)count);
}

size_t data_file_size(const char *path)
{
  struct stat about;
  return stat(path, &about) == 0 ? (size_t)about.st_size : 0;
}

void data_file_remove(char *path)
{
  if (path) unlink(path);
  free(path);
}
