/* A directory for one test program's files of state dicts, a dict, and an optimizer to read it. Included once by each
 * program. */
#ifndef TESTS_STATE_FILE_FIXTURE_H
#define TESTS_STATE_FILE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "support/state_trees.h"
#include "support/valley.h"
#include <stdlib.h>
#include <unistd.h>

enum { UNKNOWNS = 24 };

static char directory[] = "/tmp/test_state_file.XXXXXX";
static char path[100];

static inline void assert_good(const struct verdict *verdict)
{
  if (verdict->failures) fail_msg("%s", verdict->first);
}

/* An optimizer over two parameters, which are the two halves of a valley. */
typedef struct fixture {
  valley v;
  secant_parameter parameters[2];
  secant_optimizer *optimizer;
} fixture;

static inline fixture fixture_create(const secant_options *options, secant_comm *comm)
{
  fixture f = {.v = valley_create(UNKNOWNS, 1, 0)};
  const size_t half = UNKNOWNS / 3;
  f.parameters[0] = (secant_parameter){.values = f.v.x, .gradient = f.v.g, .local_count = half};
  f.parameters[1] =
      (secant_parameter){.values = f.v.x + half, .gradient = f.v.g + half, .local_count = UNKNOWNS - half};
  assert_int_equal(secant_create(&f.optimizer, f.parameters, 2, options, comm, NULL), SECANT_OK);
  return f;
}

static inline void fixture_destroy(fixture *f)
{
  secant_destroy(f->optimizer);
  valley_destroy(&f->v);
}

static inline secant_node *sample(void)
{
  const secant_piece whole = {0, UNKNOWNS};
  secant_node *dict = state_tree_of_all_kinds(UNKNOWNS, &whole, 1);
  assert_non_null(dict);
  return dict;
}

static inline void save_sample(void)
{
  secant_node *dict = sample();
  assert_int_equal(secant_state_dict_save(dict, path, NULL, NULL), SECANT_OK);
  secant_node_destroy(dict);
}

static inline int make_directory(void **state)
{
  (void)state;
  if (!mkdtemp(directory)) return -1;
  snprintf(path, sizeof path, "%s/state.h5", directory);
  return 0;
}

static inline int remove_directory(void **state)
{
  (void)state;
  unlink(path);
  return rmdir(directory);
}

#endif
