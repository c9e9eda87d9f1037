/* Incremental checkpoints in a directory of one test program, and what lies beside them. Included once by each program. */
#ifndef TESTS_INCREMENTAL_FIXTURE_H
#define TESTS_INCREMENTAL_FIXTURE_H

#include "inspect_fixture.h"

#include "checkpoint/references.h"
#include <dirent.h>
#include <sys/stat.h>

enum { MOST_PAIRS = 100, LONGEST_NAME = 80 };

static char pairs[120]; /* the directory beside `path` */

/* What is in that directory. */
typedef struct listing {
  size_t count;
  char names[MOST_PAIRS][LONGEST_NAME];
  ino_t inodes[MOST_PAIRS];
  off_t bytes[MOST_PAIRS];
} listing;

static inline listing list_pairs(void)
{
  listing all = {.count = 0};
  DIR *open = opendir(pairs);
  for (const struct dirent *entry = open ? readdir(open) : NULL; entry; entry = readdir(open)) {
    struct stat about;
    if (entry->d_name[0] == '.') continue;
    assert_true(all.count < MOST_PAIRS && strlen(entry->d_name) < LONGEST_NAME);
    assert_int_equal(fstatat(dirfd(open), entry->d_name, &about, 0), 0);
    snprintf(all.names[all.count], LONGEST_NAME, "%s", entry->d_name);
    all.inodes[all.count] = about.st_ino;
    all.bytes[all.count++] = about.st_size;
  }
  if (open) closedir(open);
  return all;
}

static inline bool is_listed(const listing *all, const char *name, ino_t inode)
{
  for (size_t i = 0; i < all->count; i++) {
    if (strcmp(all->names[i], name) == 0 && all->inodes[i] == inode) return true;
  }
  return false;
}

/* How many files of one listing the other has not got. */
static inline size_t count_missing(const listing *all, const listing *in)
{
  size_t count = 0;
  for (size_t i = 0; i < all->count; i++) count += !is_listed(in, all->names[i], all->inodes[i]);
  return count;
}

/* Name of a file in the directory of pairs; overwritten by the next call. */
static inline const char *beside(const char *name)
{
  static char text[220];
  snprintf(text, sizeof text, "%s/%s", pairs, name);
  return text;
}

static inline void put_text(const char *name, const char *text)
{
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static inline const char *numbered(int number)
{
  static char text[120];
  snprintf(text, sizeof text, "%s.%d", path, number);
  return text;
}

static inline int remove_all(void **state)
{
  const listing all = list_pairs();
  (void)state;
  for (size_t i = 0; i < all.count; i++) unlink(beside(all.names[i]));
  rmdir(pairs);
  for (int i = 1; i < 10; i++) unlink(numbered(i));
  unlink(other);
  unlink(path);
  return 0;
}

static inline int make_all(void **state)
{
  const int status = make_two(state);
  snprintf(pairs, sizeof pairs, "%s.pairs", path);
  return status;
}

static inline int remove_directory_of_all(void **state)
{
  remove_all(state);
  return remove_two(state);
}

/* ---- runs --------------------------------------------------------------------------------------------------------- */

static inline secant_checkpoint_options incremental_options(int keep)
{
  secant_checkpoint_options options = secant_checkpoint_options_default();
  options.keep = keep;
  options.incremental = 1;
  return options;
}

static inline void save_incremental(const continuation *run, int keep)
{
  const secant_checkpoint_options options = incremental_options(keep);
  if (secant_checkpoint_save_with(run->optimizer, path, PROBLEM, &options) != SECANT_OK)
    fail_msg("%s", secant_message(run->optimizer));
}

static inline void load_file(continuation *run, const char *file)
{
  if (secant_checkpoint_load(run->optimizer, file, PROBLEM) != SECANT_OK)
    fail_msg("%s", secant_message(run->optimizer));
}

static inline size_t stored_pairs(const continuation *run)
{
  return (size_t)secant_get_info(run->optimizer).pairs;
}

/* Whether loading `file` and a full checkpoint of `run` give the same file. */
static inline void expect_state_of(const continuation *run, const char *file)
{
  secant_node *tree = NULL;
  secant_error error;
  save(run, other);
  if (secant_checkpoint_diff(file, other, &tree, &error) != SECANT_OK) fail_msg("%s", error.message);
  assert_int_equal(integer_of(tree, "equal"), 1);
  secant_node_destroy(tree);
}

#endif
