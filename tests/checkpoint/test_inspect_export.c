/* A copy is as good as its original, also of a state dict and of what users added. */
#include "inspect_fixture.h"

/* ---- copies ------------------------------------------------------------------------------------------------------- */

static void a_copy_equals_its_original_and_loads_with_the_same_bits(void **state)
{
  (void)state;
  static const size_t pieces[] = {13, SECANTI_INSPECTED_PIECE};
  struct verdict verdict = {0};
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    continuation *run = advanced_run(9, 0.0), *loaded = advanced_run(0, 0.25);
    save(run, path);
    export_file(path, other, pieces[i]);
    secant_error error;
    if (secant_checkpoint_verify(other, &error) != SECANT_OK) fail_msg("%s", error.message);
    secant_node *tree = compare_files(SECANTI_INSPECTED_PIECE);
    assert_int_equal(integer_of(tree, "equal"), 1);
    secant_node_destroy(tree);
    continuation_expect(&verdict, loaded, secant_checkpoint_load(loaded->optimizer, other, PROBLEM), SECANT_OK, "load");
    continuation_advance(run, 1000, true);
    continuation_advance(loaded, 1000, true);
    continuation_compare(&verdict, run, loaded, "after the copy was loaded");
    continuation_destroy(run);
    continuation_destroy(loaded);
  }
  assert_good(&verdict);
}

static void checksums_of_a_copy_are_those_of_the_original(void **state)
{
  (void)state;
  save_run_of(&usual);
  export_file(path, other, 11);
  secant_node *a = describe_file(path, 64), *b = describe_file(other, 64);
  const secant_node *ours = secant_node_find(a, "datasets"), *theirs = secant_node_find(b, "datasets");
  assert_int_equal(secant_node_size(ours), secant_node_size(theirs));
  for (size_t i = 0; i < secant_node_size(ours); i++) {
    assert_string_equal(text_of(secant_node_at(ours, i), "checksum"), text_of(secant_node_at(theirs, i), "checksum"));
  }
  secant_node_destroy(a);
  secant_node_destroy(b);
}

static void a_copy_cannot_overwrite_its_original(void **state)
{
  (void)state;
  secant_error error;
  save_run_of(&usual);
  assert_int_equal(secant_checkpoint_export(path, path, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "overwrite itself"));
  rename(path, temporary);
  assert_int_equal(secant_checkpoint_export(temporary, path, &error), SECANT_ERR_ARGUMENT);
  rename(temporary, path);
  assert_int_equal(secant_checkpoint_verify(path, &error), SECANT_OK);
}

/* ---- state dicts -------------------------------------------------------------------------------------------------- */

static void save_state_dict(const char *file)
{
  continuation *run = advanced_run(1000, 0.0);
  secant_node *dict = NULL;
  assert_int_equal(secant_state_dict(run->optimizer, &dict), SECANT_OK);
  assert_int_equal(secant_state_dict_save(dict, file, NULL, NULL), SECANT_OK);
  secant_node_destroy(dict);
  continuation_destroy(run);
}

/* As a user does with h5py, which leaves the file without a seal: into a new file. */
static void add_attributes_of_a_user(const char *file)
{
  const hid_t id = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR), text = H5Tcopy(H5T_C_S1);
  const char *note = "a note of mine";
  const int64_t number = 41;
  H5Tset_size(text, H5T_VARIABLE);
  const hid_t a = H5Acreate2(id, "note", text, space, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t b = H5Acreate2(id, "my/number", H5T_STD_I64BE, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(a >= 0 && b >= 0 && H5Awrite(a, text, &note) >= 0 && H5Awrite(b, H5T_NATIVE_INT64, &number) >= 0);
  H5Aclose(b);
  H5Aclose(a);
  H5Tclose(text);
  H5Sclose(space);
  assert_true(H5Fclose(id) >= 0);
}

static void a_state_dict_is_described_and_copied_with_what_a_user_added(void **state)
{
  (void)state;
  save_state_dict(path);
  unseal(path);
  add_attributes_of_a_user(path);
  secant_node *tree = describe_file(path, 100);
  assert_string_equal(text_of(tree, "format"), "secant-state-dict");
  assert_string_equal(text_of(tree, "attributes/note"), "a note of mine");
  assert_int_equal(integer_of(tree, "attributes/my:number"), 41);
  assert_int_equal(integer_of(entry_of(secant_node_find(tree, "groups"), "/state/0", NULL), "attributes/n_iter"), 12);
  const secant_node *pairs = entry_of(secant_node_find(tree, "datasets"), "/state/0/old_dirs", NULL);
  assert_int_equal(integer_of(pairs, "shape/0"), 5);
  secant_node_destroy(tree);
  export_file(path, other, 100);
  tree = compare_files(100);
  assert_int_equal(integer_of(tree, "equal"), 1);
  secant_node_destroy(tree);
}

static void second_names_of_the_pairs_are_copied_as_names(void **state)
{
  (void)state;
  save_state_dict(path);
  export_file(path, other, SECANTI_INSPECTED_PIECE);
  const hid_t file = H5Fopen(other, H5F_ACC_RDONLY, H5P_DEFAULT), group = H5Gopen2(file, "/state/0", H5P_DEFAULT);
  assert_true(secanti_is_alias(group, "y", "old_dirs"));
  assert_true(secanti_is_alias(group, "s", "old_stps"));
  assert_false(secanti_is_alias(group, "s", "old_dirs"));
  H5Gclose(group);
  H5Fclose(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_copy_equals_its_original_and_loads_with_the_same_bits, begin_without_files),
      cmocka_unit_test_setup(checksums_of_a_copy_are_those_of_the_original, begin_without_files),
      cmocka_unit_test_setup(a_copy_cannot_overwrite_its_original, begin_without_files),
      cmocka_unit_test_setup(a_state_dict_is_described_and_copied_with_what_a_user_added, begin_without_files),
      cmocka_unit_test_setup(second_names_of_the_pairs_are_copied_as_names, begin_without_files),
  };
  return cmocka_run_group_tests(tests, make_two, remove_two);
}
