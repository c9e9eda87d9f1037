/* Two files in a directory for one test program, and how the trees that describe them are read. Included once by each
 * program. */
#ifndef TESTS_INSPECT_FIXTURE_H
#define TESTS_INSPECT_FIXTURE_H

#include "checkpoint_fixture.h"

#include "checkpoint/inspect.h"
#include <secant/checkpoint.h>
#include <secant/inspect.h>

static char other[120]; /* a second file beside `path` */

static inline int make_two(void **state)
{
  const int status = make_directory(state);
  snprintf(other, sizeof other, "%s/other.h5", directory);
  return status;
}

static inline int remove_two(void **state)
{
  unlink(other);
  return remove_directory(state);
}

static inline int begin_without_files(void **state)
{
  (void)state;
  unlink(path);
  unlink(other);
  return 0;
}

/* ---- reading trees ------------------------------------------------------------------------------------------------ */

static inline int64_t integer_of(const secant_node *tree, const char *at)
{
  int64_t value = 0;
  if (secant_node_get_integer(secant_node_find(tree, at), &value) != SECANT_OK) fail_msg("no integer at '%s'", at);
  return value;
}

static inline double real_of(const secant_node *tree, const char *at)
{
  double value = 0.0;
  if (secant_node_get_real(secant_node_find(tree, at), &value) != SECANT_OK) fail_msg("no number at '%s'", at);
  return value;
}

static inline const char *text_of(const secant_node *tree, const char *at)
{
  const char *text = secant_node_get_text(secant_node_find(tree, at));
  if (!text) fail_msg("no text at '%s'", at);
  return text;
}

/* The entry of a list for this path, and for this name if it is not NULL. */
static inline const secant_node *entry_of(const secant_node *list, const char *at, const char *name)
{
  for (size_t i = 0; i < secant_node_size(list); i++) {
    const secant_node *entry = secant_node_at(list, i);
    if (strcmp(text_of(entry, "path"), at) == 0 && (!name || strcmp(text_of(entry, "name"), name) == 0)) return entry;
  }
  fail_msg("nothing is said about '%s' %s", at, name ? name : "");
  return NULL;
}

static inline size_t count_different(const secant_node *list)
{
  size_t count = 0;
  for (size_t i = 0; i < secant_node_size(list); i++) count += integer_of(secant_node_at(list, i), "equal") == 0;
  return count;
}

static inline secant_node *describe_file(const char *file, size_t piece)
{
  secant_node *tree = NULL;
  secant_error error;
  if (secanti_checkpoint_describe(file, piece, &tree, &error) != SECANT_OK) fail_msg("%s", error.message);
  return tree;
}

static inline secant_node *compare_files(size_t piece)
{
  secant_node *tree = NULL;
  secant_error error;
  if (secanti_checkpoint_diff(path, other, piece, &tree, &error) != SECANT_OK) fail_msg("%s", error.message);
  return tree;
}

static inline void export_file(const char *from, const char *to, size_t piece)
{
  secant_error error;
  if (secanti_checkpoint_export(from, to, piece, &error) != SECANT_OK) fail_msg("%s", error.message);
}

/* ---- runs --------------------------------------------------------------------------------------------------------- */

static inline continuation *advanced_run(int evaluations, double shift)
{
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, shift);
  assert_non_null(run);
  continuation_advance(run, evaluations, true);
  return run;
}

static inline void save(const continuation *run, const char *file)
{
  if (secant_checkpoint_save(run->optimizer, file, PROBLEM) != SECANT_OK)
    fail_msg("%s", secant_message(run->optimizer));
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

/* Wipes the seal out, which makes the file one that this library did not write. */
static inline void unseal(const char *file)
{
  static const char zeros[4096];
  FILE *stream = fopen(file, "r+b");
  assert_true(stream && fwrite(zeros, sizeof zeros, 1, stream) == 1 && fclose(stream) == 0);
}

#endif
