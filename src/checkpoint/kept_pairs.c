/*
 * Which files of pairs are still needed. The checkpoints of a path are found by their names, and what each refers to is
 * read from it once: it is remembered under the checkpoint's seal, which stays the same when the file moves up the series.
 */
#include "base/base.h"
#include "checkpoint/incremental.h"
#include "checkpoint/place.h"
#include "checkpoint/seal.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The checkpoint with this seal refers to the pair with this label; one without pairs has one entry without a label. */
typedef struct reference {
  secanti_seal seal;
  secanti_label label;
} reference;

/* What this process knows: secant_optimizer.referred. */
typedef struct memory {
  size_t count, capacity;
  reference entries[];
} memory;

/* One look through the files of a path. */
typedef struct cleaning {
  const char *path;
  memory *known; /* what was known before, and what is found out */
  memory *kept;  /* of checkpoints that are there */
} cleaning;

/* ---- memory --------------------------------------------------------------------------------------------------------- */

static bool add(memory **all, const secanti_seal *seal, const secanti_label *label)
{
  memory *have = *all;
  if (!have || have->count == have->capacity) {
    const size_t capacity = have ? 2 * have->capacity : 64;
    memory *larger = realloc(have, sizeof *larger + capacity * sizeof *larger->entries);
    if (!larger) return false;
    if (!have) larger->count = 0;
    larger->capacity = capacity;
    *all = have = larger;
  }
  have->entries[have->count++] = (reference){*seal, *label};
  return true;
}

static bool same_seal(const secanti_seal *a, const secanti_seal *b)
{
  return a->length == b->length && a->sum == b->sum;
}

static bool knows(const memory *all, const secanti_seal *seal)
{
  for (size_t i = 0; all && i < all->count; i++) {
    if (same_seal(&all->entries[i].seal, seal)) return true;
  }
  return false;
}

/* Copies the entries of one checkpoint. False without memory. */
static bool copy(const memory *from, const secanti_seal *seal, memory **to)
{
  for (size_t i = 0; i < from->count; i++) {
    const reference *entry = &from->entries[i];
    if (same_seal(&entry->seal, seal) && !add(to, seal, &entry->label)) return false;
  }
  return true;
}

static bool add_references(memory **to, const secanti_seal *seal, const secanti_references *references)
{
  const secanti_label none = {0, 0};
  bool good = add(to, seal, &none);
  for (size_t i = 0; good && i < references->count; i++) good = add(to, seal, &references->labels[i]);
  return good;
}

static bool is_needed(const memory *kept, const secanti_label *label)
{
  for (size_t i = 0; kept && i < kept->count; i++) {
    if (secanti_same_label(&kept->entries[i].label, label)) return true;
  }
  return false;
}

/* ---- checkpoints that are there ------------------------------------------------------------------------------------- */

typedef struct reading {
  secanti_h5_file file;
  secanti_references references;
} reading;

static secant_status read_references(void *user)
{
  reading *of = user;
  return secanti_references_read(&of->file, &of->references);
}

/* Reads what a checkpoint refers to. One that is damaged needs nothing: it cannot be loaded. */
static bool find_out(const char *path, const secanti_seal *seal, memory **kept)
{
  secant_error error = {.status = SECANT_OK};
  reading of = {.references = {0}};
  const secanti_place place = {.path = path,
                               .kind = "a checkpoint",
                               .comm = secanti_comm_self(),
                               .error = &error,
                               .file = &of.file,
                               .task = read_references,
                               .user = &of};
  const secant_status status = secanti_place_read(&place);
  const bool good = status == SECANT_ERR_FORMAT || (status == SECANT_OK && add_references(kept, seal, &of.references));
  secanti_references_destroy(&of.references);
  return good;
}

/* Adds what one checkpoint refers to. False if that cannot be told. */
static bool keep_references(cleaning *of, const char *path)
{
  secanti_seal seal;
  const secant_status status = secanti_seal_read(path, &seal, NULL);
  if (status != SECANT_OK || !seal.present) return status == SECANT_OK || status == SECANT_ERR_FORMAT;
  if (knows(of->kept, &seal)) return true; /* a file of the same content */
  return knows(of->known, &seal) ? copy(of->known, &seal, &of->kept) : find_out(path, &seal, &of->kept);
}

/* Whether `name` is that of a checkpoint of the series: `base`, or a number behind it. */
static bool is_of_series(const char *name, const char *base)
{
  const size_t length = strlen(base);
  if (strncmp(name, base, length) != 0) return false;
  name += length;
  return *name == '\0' || (*name == '.' && name[1] && name[1 + strspn(name + 1, "0123456789")] == '\0');
}

/* The directory that `path` lies in, open; and what leads to it. */
static DIR *open_directory_of(const char *path, size_t *before)
{
  const char *slash = strrchr(path, '/');
  *before = slash ? (size_t)(slash - path) + 1 : 0;
  char *directory = slash ? strndup(path, *before) : strdup(".");
  DIR *open = directory ? opendir(directory) : NULL;
  free(directory);
  return open;
}

static bool keep_one(cleaning *of, size_t before, const char *name)
{
  const size_t size = before + strlen(name) + 1;
  char *path = secanti_alloc(size, 1);
  if (path) snprintf(path, size, "%.*s%s", (int)before, of->path, name);
  const bool good = path && keep_references(of, path);
  free(path);
  return good;
}

/* Everything that the checkpoints of the path refer to. False if that cannot be told of one of them. */
static bool find_kept(cleaning *of)
{
  size_t before = 0;
  DIR *directory = open_directory_of(of->path, &before);
  bool good = directory != NULL;
  for (const struct dirent *entry = good ? readdir(directory) : NULL; entry && good; entry = readdir(directory)) {
    if (is_of_series(entry->d_name, of->path + before)) good = keep_one(of, before, entry->d_name);
  }
  if (directory) closedir(directory);
  return good;
}

/* ---- files of pairs ------------------------------------------------------------------------------------------------- */

/* Removes what is ours in the directory and not needed. */
static void remove_rest(DIR *directory, const memory *kept)
{
  for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    secanti_label label;
    const bool left = secanti_pair_parse(entry->d_name, ".tmp", &label);
    const bool pair = secanti_pair_parse(entry->d_name, "", &label);
    if (left || (pair && !is_needed(kept, &label))) unlinkat(dirfd(directory), entry->d_name, 0);
  }
}

/* The file at the path has just been written: what it refers to is known. */
static bool remember(cleaning *of, const secanti_references *references)
{
  secanti_seal seal;
  if (secanti_seal_read(of->path, &seal, NULL) != SECANT_OK) return false;
  return knows(of->known, &seal) || add_references(&of->known, &seal, references);
}

void secanti_incremental_clean(secant_optimizer *optimizer, const char *path, const secanti_references *references)
{
  char *name = secanti_pairs_directory(path), *beside = name ? secanti_pairs_path(path, name, NULL) : NULL;
  DIR *directory = beside ? opendir(beside) : NULL;
  cleaning of = {.path = path, .known = optimizer->referred};
  if (!directory) goto done; /* there have never been any */
  if (remember(&of, references) && find_kept(&of)) {
    remove_rest(directory, of.kept);
    rmdir(beside); /* which fails unless it is empty */
    free(of.known);
    of.known = of.kept;
  } else {
    free(of.kept);
  }
  optimizer->referred = of.known;
done:
  if (directory) closedir(directory);
  free(beside);
  free(name);
}
