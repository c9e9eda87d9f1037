/* A directory for one test program's files of state dicts, a dict, and an optimizer to read it. Included once by each
 * program. */
#ifndef TESTS_STATE_FILE_FIXTURE_H
#define TESTS_STATE_FILE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "scratch_fixture.h"
#include "support/state_trees.h"
#include "support/valley.h"
#include "support/verdict_assert.h"

enum { UNKNOWNS = 24 };

/* An optimizer over two parameters, which are two parts of a valley. */
typedef struct fixture {
  valley v;
  secant_parameter parameters[2];
  secant_optimizer *optimizer;
} fixture;

static inline fixture fixture_create(const secant_options *options, secant_comm *comm)
{
  fixture f = {.v = valley_create(UNKNOWNS, 1, 0)};
  const size_t cut = UNKNOWNS / 3;
  f.parameters[0] = (secant_parameter){.values = f.v.x, .gradient = f.v.g, .local_count = cut};
  f.parameters[1] = (secant_parameter){.values = f.v.x + cut, .gradient = f.v.g + cut, .local_count = UNKNOWNS - cut};
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
  return make_directory_for("state.h5");
}

#endif
