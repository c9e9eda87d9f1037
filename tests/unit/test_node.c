#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <secant/secant.h>

/* A shard of a 3 x 4 tensor: elements 1, 2 and 7, 8, 9. */
static const int64_t shape[] = {3, 4};
static const secant_piece pieces[] = {{1, 2}, {7, 3}};

static secant_tensor shard(void *data)
{
  return (secant_tensor){.dtype = SECANT_F64,
                         .dimensions = 2,
                         .shape = shape,
                         .pieces = 2,
                         .piece = pieces,
                         .local_count = 5,
                         .data = data};
}

/* {"state": {"0": {"n_iter": 7, "old_stps": [1.5, 2.5]}}, "names": ["a", None]} */
static secant_node *sample(void)
{
  secant_node *root = secant_node_dict(), *state = secant_node_dict(), *entry = secant_node_dict();
  secant_node *steps = secant_node_list(), *names = secant_node_list();
  assert_int_equal(secant_node_set(root, "state", state), SECANT_OK);
  assert_int_equal(secant_node_set(state, "0", entry), SECANT_OK);
  assert_int_equal(secant_node_set(entry, "n_iter", secant_node_integer(7)), SECANT_OK);
  assert_int_equal(secant_node_append(steps, secant_node_real(1.5)), SECANT_OK);
  assert_int_equal(secant_node_append(steps, secant_node_real(2.5)), SECANT_OK);
  assert_int_equal(secant_node_set(entry, "old_stps", steps), SECANT_OK);
  assert_int_equal(secant_node_append(names, secant_node_text("a")), SECANT_OK);
  assert_int_equal(secant_node_append(names, secant_node_none()), SECANT_OK);
  assert_int_equal(secant_node_set(root, "names", names), SECANT_OK);
  return root;
}

static double real_at(const secant_node *root, const char *path)
{
  double value = NAN;
  if (secant_node_get_real(secant_node_find(root, path), &value) != SECANT_OK) return NAN;
  return value;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static void a_path_leads_through_dicts_and_lists(void **state)
{
  (void)state;
  secant_node *root = sample();
  assert_true(real_at(root, "state/0/n_iter") == 7.0);
  assert_true(real_at(root, "state/0/old_stps/1") == 2.5);
  assert_string_equal(secant_node_get_text(secant_node_find(root, "names/0")), "a");
  assert_non_null(secant_node_find(root, "names/1"));
  assert_int_equal(secant_node_get_kind(secant_node_find(root, "names/1")), SECANT_NODE_NONE);
  secant_node_destroy(root);
}

static void a_path_that_leads_nowhere_finds_nothing(void **state)
{
  (void)state;
  static const char *const paths[] = {
      "",         "/",       "stat",     "states",           "state/",
      "state//0", "state/1", "names/2",  "names/-1",         "names/ 0",
      "names/0x", "names/",  "names/+0", "names/0/a",        "state/0/n_iter/0",
      "/state",   "names/a", "names/1/", "names/4294967296", "names/18446744073709551616"};
  secant_node *root = sample();
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    if (secant_node_find(root, paths[i])) fail_msg("'%s' was found", paths[i]);
  }
  assert_null(secant_node_find(NULL, "state"));
  assert_null(secant_node_find(root, NULL));
  secant_node_destroy(root);
}

static void s_and_y_are_other_names_of_the_pairs(void **state)
{
  (void)state;
  secant_node *root = sample();
  secant_node *entry = secant_node_find(root, "state/0");
  assert_ptr_equal(secant_node_find(entry, "s"), secant_node_find(entry, "old_stps"));
  assert_true(real_at(root, "state/0/s/0") == 1.5);
  assert_null(secant_node_find(entry, "y"));

  assert_int_equal(secant_node_set(entry, "s", secant_node_integer(3)), SECANT_OK);
  assert_true(real_at(entry, "old_stps") == 3.0); /* replaced under its own key */
  assert_int_equal(secant_node_size(entry), 2);
  secant_node_remove(entry, "s");
  assert_null(secant_node_find(entry, "old_stps"));

  assert_int_equal(secant_node_set(entry, "s", secant_node_integer(4)), SECANT_OK); /* now a key like any other */
  assert_string_equal(secant_node_key(entry, 1), "s");
  secant_node_destroy(root);
}

static void children_keep_the_order_of_insertion(void **state)
{
  (void)state;
  secant_node *dict = secant_node_dict();
  for (int64_t i = 0; i < 100; i++) {
    char key[8];
    snprintf(key, sizeof key, "k%d", (int)(i * 37 % 100));
    assert_int_equal(secant_node_set(dict, key, secant_node_integer(i)), SECANT_OK);
  }
  assert_int_equal(secant_node_size(dict), 100);
  for (int64_t i = 0; i < 100; i++) {
    int64_t value = -1;
    assert_int_equal(secant_node_get_integer(secant_node_at(dict, (size_t)i), &value), SECANT_OK);
    assert_int_equal(value, i);
  }
  assert_null(secant_node_at(dict, 100));
  assert_null(secant_node_key(dict, 100));
  secant_node_destroy(dict);
}

static void a_value_is_read_only_as_what_it_is(void **state)
{
  (void)state;
  secant_node *nodes[] = {secant_node_none(),     secant_node_integer(-5), secant_node_real(0.1),
                          secant_node_text("hi"), secant_node_list(),      secant_node_dict()};
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
    int64_t integer = 42;
    double real = 42.0;
    secant_tensor view = {.dimensions = 42};
    const secant_node_kind kind = secant_node_get_kind(nodes[i]);
    assert_int_equal(secant_node_get_integer(nodes[i], &integer) == SECANT_OK, kind == SECANT_NODE_INTEGER);
    assert_int_equal(integer, kind == SECANT_NODE_INTEGER ? -5 : 42);
    const bool number = kind == SECANT_NODE_INTEGER || kind == SECANT_NODE_REAL;
    assert_int_equal(secant_node_get_real(nodes[i], &real) == SECANT_OK, number);
    assert_true(real == (kind == SECANT_NODE_REAL ? 0.1 : kind == SECANT_NODE_INTEGER ? -5.0 : 42.0));
    assert_int_equal(secant_node_get_text(nodes[i]) != NULL, kind == SECANT_NODE_TEXT);
    assert_int_equal(secant_node_get_tensor(nodes[i], &view), SECANT_ERR_MISMATCH);
    assert_int_equal(view.dimensions, 42);
    secant_node_destroy(nodes[i]);
  }
  int64_t integer;
  assert_int_equal(secant_node_get_integer(NULL, &integer), SECANT_ERR_MISMATCH);
  assert_int_equal(secant_node_get_kind(NULL), SECANT_NODE_NONE);
  assert_null(secant_node_get_text(NULL));
  assert_int_equal(secant_node_size(NULL), 0);
}

/* ---- making and changing ----------------------------------------------------------------------------------------- */

static void setting_a_key_again_replaces_its_value_in_place(void **state)
{
  (void)state;
  secant_node *root = sample();
  assert_int_equal(secant_node_set(root, "state", secant_node_text("new")), SECANT_OK);
  assert_int_equal(secant_node_size(root), 2);
  assert_string_equal(secant_node_key(root, 0), "state");
  assert_string_equal(secant_node_get_text(secant_node_at(root, 0)), "new");
  secant_node_destroy(root);
}

static void removing_frees_a_child_and_closes_the_gap(void **state)
{
  (void)state;
  secant_node *root = sample();
  secant_node_remove(root, "no such key");
  secant_node_remove(root, NULL);
  secant_node_remove(NULL, "state");
  secant_node_remove(secant_node_find(root, "names"), "2");
  assert_int_equal(secant_node_size(root), 2);
  secant_node_remove(root, "state");
  assert_int_equal(secant_node_size(root), 1);
  assert_string_equal(secant_node_key(root, 0), "names");
  secant_node_remove(secant_node_find(root, "names"), "0");
  assert_int_equal(secant_node_size(secant_node_at(root, 0)), 1);
  assert_int_equal(secant_node_get_kind(secant_node_find(root, "names/0")), SECANT_NODE_NONE);
  secant_node_destroy(root);
}

/* A leak or a double free of `child` shows under the address sanitizer. */
static void what_cannot_be_set_is_refused_and_freed(void **state)
{
  (void)state;
  secant_node *dict = secant_node_dict(), *list = secant_node_list();
  assert_int_equal(secant_node_set(dict, "", secant_node_none()), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_set(dict, "a/b", secant_node_none()), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_set(dict, NULL, secant_node_none()), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_set(dict, "a", NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_set(list, "a", secant_node_none()), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_set(NULL, "a", secant_node_none()), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_append(dict, secant_node_none()), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_append(NULL, secant_node_none()), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_append(list, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_size(dict), 0);
  assert_int_equal(secant_node_size(list), 0);
  secant_node_destroy(list);
  secant_node_destroy(dict);
}

static void a_tree_stays_a_tree(void **state)
{
  (void)state;
  secant_node *root = sample();
  secant_node *names = secant_node_find(root, "names"), *entry = secant_node_find(root, "state/0");
  assert_int_equal(secant_node_set(entry, "names", names), SECANT_ERR_ARGUMENT); /* has a parent */
  assert_int_equal(secant_node_append(names, names), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_set(entry, "root", root), SECANT_ERR_ARGUMENT); /* a circle */
  assert_int_equal(secant_node_set(root, "root", root), SECANT_ERR_ARGUMENT);
  secant_node_destroy(names); /* not its owner: nothing happens */
  assert_int_equal(secant_node_size(root), 2);
  assert_string_equal(secant_node_get_text(secant_node_find(root, "names/0")), "a");
  secant_node_destroy(root);
}

static void a_copy_shares_nothing(void **state)
{
  (void)state;
  double data[] = {1, 2, 3, 4, 5};
  const secant_tensor view = shard(data);
  secant_node *root = sample();
  assert_int_equal(secant_node_set(root, "x", secant_node_tensor(&view)), SECANT_OK);
  secant_node *copy = secant_node_copy(root);
  secant_node *part = secant_node_copy(secant_node_find(root, "state/0"));
  secant_node_destroy(root);

  secant_tensor seen;
  assert_int_equal(secant_node_size(copy), 3);
  assert_string_equal(secant_node_key(copy, 2), "x");
  assert_int_equal(secant_node_get_tensor(secant_node_find(copy, "x"), &seen), SECANT_OK);
  assert_memory_equal(seen.data, data, sizeof data);
  assert_memory_equal(seen.piece, pieces, sizeof pieces);
  assert_true(real_at(copy, "state/0/old_stps/1") == 2.5);
  assert_int_equal(secant_node_set(copy, "part", part), SECANT_OK); /* a copy has no parent */
  assert_true(real_at(copy, "part/n_iter") == 7.0);
  secant_node_destroy(copy);
  assert_null(secant_node_copy(NULL));
}

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

static void a_tensor_copies_its_view(void **state)
{
  (void)state;
  double data[] = {1, 2, 3, 4, 5};
  secant_tensor view = shard(data), seen;
  secant_node *node = secant_node_tensor(&view);
  data[0] = 99.0;
  assert_int_equal(secant_node_get_tensor(node, &seen), SECANT_OK);
  assert_int_equal(seen.dimensions, 2);
  assert_memory_equal(seen.shape, shape, sizeof shape);
  assert_int_equal(seen.local_count, 5);
  assert_true(((const double *)seen.data)[0] == 1.0);
  ((double *)seen.data)[4] = -1.0; /* the data may be written */
  assert_int_equal(secant_node_get_tensor(node, &seen), SECANT_OK);
  assert_true(((const double *)seen.data)[4] == -1.0);
  secant_node_destroy(node);
}

static void a_tensor_without_data_is_zero(void **state)
{
  (void)state;
  secant_tensor view = shard(NULL), seen;
  view.dtype = SECANT_F32;
  secant_node *node = secant_node_tensor(&view);
  assert_int_equal(secant_node_get_tensor(node, &seen), SECANT_OK);
  for (size_t i = 0; i < seen.local_count; i++) assert_true(((const float *)seen.data)[i] == 0.0f);
  secant_node_destroy(node);
}

static void tensors_may_be_scalars_or_empty(void **state)
{
  (void)state;
  const int64_t none[] = {0, 1099511627776, 1099511627776};
  const secant_piece one = {0, 1}, nothing = {0, 0};
  double value = 3.5;
  const secant_tensor scalar = {.pieces = 1, .piece = &one, .local_count = 1, .data = &value};
  const secant_tensor empty = {.dimensions = 3, .shape = none, .pieces = 1, .piece = &nothing};
  secant_node *a = secant_node_tensor(&scalar), *b = secant_node_tensor(&empty);
  secant_tensor seen;
  assert_int_equal(secant_node_get_tensor(a, &seen), SECANT_OK);
  assert_true(*(const double *)seen.data == 3.5);
  assert_int_equal(secant_node_get_tensor(b, &seen), SECANT_OK);
  assert_int_equal(seen.local_count, 0);
  secant_node_destroy(a);
  secant_node_destroy(b);
}

static void a_view_that_makes_no_sense_is_refused(void **state)
{
  (void)state;
  static const int64_t negative[] = {3, -4}, huge[] = {4294967296, 4294967296};
  static const secant_piece backwards[] = {{7, 3}, {1, 2}}, overlapping[] = {{1, 2}, {2, 3}},
                            beyond[] = {{1, 2}, {10, 3}};
  static const secant_piece before[] = {{-1, 2}, {7, 3}}, endless[] = {{1, 2}, {7, SIZE_MAX}};
  secant_tensor views[12];
  for (size_t i = 0; i < 12; i++) views[i] = shard(NULL);
  views[0].dtype = (secant_dtype)7;
  views[1].dimensions = -1;
  views[2].shape = NULL;
  views[3].shape = negative;
  views[4].shape = huge;
  views[5].pieces = 0;
  views[6].piece = NULL;
  views[7].piece = backwards;
  views[8].piece = overlapping;
  views[9].piece = beyond;
  views[10].piece = before;
  views[11].piece = endless;
  for (size_t i = 0; i < 12; i++) {
    if (secant_node_tensor(&views[i])) fail_msg("view %zu was accepted", i);
  }
  secant_tensor view = shard(NULL);
  view.local_count = 6;
  assert_null(secant_node_tensor(&view));
  assert_null(secant_node_tensor(NULL));
  assert_null(secant_node_text(NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_path_leads_through_dicts_and_lists),
      cmocka_unit_test(a_path_that_leads_nowhere_finds_nothing),
      cmocka_unit_test(s_and_y_are_other_names_of_the_pairs),
      cmocka_unit_test(children_keep_the_order_of_insertion),
      cmocka_unit_test(a_value_is_read_only_as_what_it_is),
      cmocka_unit_test(setting_a_key_again_replaces_its_value_in_place),
      cmocka_unit_test(removing_frees_a_child_and_closes_the_gap),
      cmocka_unit_test(what_cannot_be_set_is_refused_and_freed),
      cmocka_unit_test(a_tree_stays_a_tree),
      cmocka_unit_test(a_copy_shares_nothing),
      cmocka_unit_test(a_tensor_copies_its_view),
      cmocka_unit_test(a_tensor_without_data_is_zero),
      cmocka_unit_test(tensors_may_be_scalars_or_empty),
      cmocka_unit_test(a_view_that_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
