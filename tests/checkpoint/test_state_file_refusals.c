/* HDF5 files of state dicts that are foreign, damaged or hostile: none gets in. What a user has edited does. */
#include "state_file_fixture.h"

#include "checkpoint/state_file.h"
#include <string.h>
#include <sys/stat.h>

/* Reading fails with `expected`, with the path in the message, and leaves no dict. */
static void check_refused(struct verdict *verdict, secant_status expected, const char *when)
{
  fixture f = fixture_create(NULL, NULL);
  secant_node *dict = (secant_node *)&f;
  const secant_status status = secant_state_dict_read(f.optimizer, path, &dict);
  const char *message = secant_message(f.optimizer);
  CHECK(verdict, status == expected, "%s: status %d, '%s'", when, (int)status, message);
  CHECK(verdict, strstr(message, path), "%s: '%s' lacks the path", when, message);
  CHECK(verdict, !dict, "%s: left a dict", when);
  fixture_destroy(&f);
}

static void foreign_and_truncated_files_are_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  struct stat file;
  save_sample();
  assert_int_equal(stat(path, &file), 0);
  for (off_t length = file.st_size - 1; length > 0; length -= 1 + length / 20) {
    assert_int_equal(truncate(path, length), 0);
    check_refused(&verdict, SECANT_ERR_FORMAT, "truncated");
  }
  assert_int_equal(truncate(path, 0), 0);
  check_refused(&verdict, SECANT_ERR_FORMAT, "empty");
  const hid_t foreign = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Fclose(foreign) >= 0);
  check_refused(&verdict, SECANT_ERR_FORMAT, "foreign HDF5");
  fixture f = fixture_create(NULL, NULL);
  assert_int_equal(secant_checkpoint_save(f.optimizer, path, "valley"), SECANT_OK);
  fixture_destroy(&f);
  check_refused(&verdict, SECANT_ERR_FORMAT, "a checkpoint");
  assert_int_equal(unlink(path), 0);
  check_refused(&verdict, SECANT_ERR_IO, "absent");
  assert_good(&verdict);
}

/* What somebody did to a file. */
typedef void damage(hid_t file);

static void put_attribute(hid_t object, const char *name, hid_t type, hsize_t count, const void *data)
{
  if (H5Aexists(object, name) > 0) assert_true(H5Adelete(object, name) >= 0);
  const hid_t space = count ? H5Screate_simple(1, &count, NULL) : H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(attribute >= 0 && H5Awrite(attribute, type, data) >= 0);
  H5Aclose(attribute);
  H5Sclose(space);
}

static void put_text(hid_t object, const char *name, const char *text)
{
  const hid_t type = secanti_h5_text_type(strlen(text) + 1);
  put_attribute(object, name, type, 0, text);
  H5Tclose(type);
}

/* A chunked dataset without data. */
static void put_empty_dataset(hid_t file, const char *name, hid_t type, int dimensions, const hsize_t *shape)
{
  const hsize_t chunk[] = {1, 1};
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(dimensions, shape, NULL);
  assert_true(H5Pset_chunk(how, dimensions, chunk) >= 0);
  if (H5Lexists(file, name, H5P_DEFAULT) > 0) assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  assert_true(dataset >= 0);
  if (dimensions == 2) put_text(dataset, "kind", "list");
  H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(how);
}

static void newer_version(hid_t file)
{
  const int64_t version = 2;
  put_attribute(file, "version", H5T_NATIVE_INT64, 0, &version);
}

static void additional_attribute(hid_t file)
{
  const int64_t value = 2;
  put_attribute(file, "momentum", H5T_NATIVE_INT64, 0, &value);
}

static void missing_attribute(hid_t file)
{
  assert_true(H5Adelete(file, "t") >= 0);
}

static void additional_group(hid_t file)
{
  H5Gclose(H5Gcreate2(file, "more", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void complex_attribute(hid_t file)
{
  const double value[] = {1, 2};
  const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof value);
  H5Tinsert(type, "r", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(type, "i", sizeof *value, H5T_NATIVE_DOUBLE);
  put_attribute(file, "t", type, 0, value);
  H5Tclose(type);
}

static void integer_tensor(hid_t file)
{
  const hsize_t shape = 3;
  put_empty_dataset(file, "d", H5T_NATIVE_INT64, 1, &shape);
}

static void unknown_kind(hid_t file)
{
  const hid_t dataset = H5Dopen2(file, "d", H5P_DEFAULT);
  put_text(dataset, "kind", "set");
  H5Dclose(dataset);
}

static void huge_vector(hid_t file)
{
  const hsize_t shape = (hsize_t)1 << 50;
  put_empty_dataset(file, "d", H5T_NATIVE_DOUBLE, 1, &shape);
}

static void huge_list(hid_t file)
{
  const hsize_t shape[] = {(hsize_t)1 << 40, 0};
  put_empty_dataset(file, "d", H5T_NATIVE_DOUBLE, 2, shape);
}

static void overflowing_table(hid_t file)
{
  const hsize_t shape[] = {(hsize_t)1 << 33, (hsize_t)1 << 33};
  put_empty_dataset(file, "d", H5T_NATIVE_DOUBLE, 2, shape);
}

static void group_in_itself(hid_t file)
{
  assert_true(H5Ldelete(file, "values/empty dict", H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_hard(file, "values", file, "values/empty dict", H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void link_to_another_file(hid_t file)
{
  assert_true(H5Ldelete(file, "d", H5P_DEFAULT) >= 0);
  assert_true(H5Lcreate_external("/etc/hostname", "/d", file, "d", H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void write_keys(hid_t file, const char *keys, size_t length, hsize_t count)
{
  const hid_t type = secanti_h5_text_type(length);
  const hid_t group = H5Gopen2(file, "values/empty dict", H5P_DEFAULT);
  assert_true(H5Adelete(group, "keys") >= 0);
  put_attribute(group, "keys", type, count, keys);
  const double one = 1;
  put_attribute(group, "a", H5T_NATIVE_DOUBLE, 0, &one);
  H5Gclose(group);
  H5Tclose(type);
}

static void key_named_twice(hid_t file)
{
  write_keys(file, "a\0a", 2, 2);
}

static void key_with_a_path(hid_t file)
{
  write_keys(file, "/values", 8, 1);
}

static void key_of_the_group_itself(hid_t file)
{
  write_keys(file, ".", 2, 1);
}

static void dataset_named_twice(hid_t file)
{
  const hid_t type = secanti_h5_text_type(9);
  assert_true(H5Ldelete(file, "values", H5P_DEFAULT) >= 0);
  assert_true(H5Adelete(file, "keys") >= 0);
  put_attribute(file, "keys", type, 2, "old_dirs\0y\0\0\0\0\0\0\0");
  H5Tclose(type);
}

static void damaged_and_hostile_files_are_refused(void **state)
{
  (void)state;
  static const struct {
    damage *make;
    const char *when;
  } cases[] = {{newer_version, "newer version"},
               {additional_attribute, "additional attribute"},
               {missing_attribute, "missing attribute"},
               {additional_group, "additional group"},
               {complex_attribute, "complex attribute"},
               {integer_tensor, "integer tensor"},
               {unknown_kind, "unknown kind"},
               {huge_vector, "huge vector"},
               {huge_list, "huge list"},
               {overflowing_table, "overflowing table"},
               {group_in_itself, "group in itself"},
               {link_to_another_file, "link to another file"},
               {key_named_twice, "key named twice"},
               {key_with_a_path, "key with a path"},
               {key_of_the_group_itself, "key of the group itself"},
               {dataset_named_twice, "dataset named twice"}};
  struct verdict verdict = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    save_sample();
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    cases[i].make(file);
    assert_true(H5Fclose(file) >= 0);
    clear_seal();
    check_refused(&verdict, SECANT_ERR_FORMAT, cases[i].when);
  }
  assert_good(&verdict);
}

/* A dataset whose data were changed in a file with a new seal, so that only its checksum can tell. */
static void a_damaged_dataset_is_named(void **state)
{
  (void)state;
  static const char *const names[] = {"d", "old_dirs", "gram", "cube", "number", "version", "lists/al"};
  struct verdict verdict = {0};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    save_sample();
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), dataset = H5Dopen2(file, names[i], H5P_DEFAULT);
    static double numbers[20000];
    assert_true(dataset >= 0 && H5Dget_storage_size(dataset) <= sizeof numbers);
    const hid_t type = H5Dget_type(dataset);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
    ((unsigned char *)numbers)[0] ^= 1;
    assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
    seal_again();
    fixture f = fixture_create(NULL, NULL);
    secant_node *dict = NULL;
    CHECK(&verdict, secant_state_dict_read(f.optimizer, path, &dict) == SECANT_ERR_FORMAT, "%s: accepted", names[i]);
    CHECK(&verdict, strstr(secant_message(f.optimizer), names[i]), "'%s' lacks '%s'", secant_message(f.optimizer),
          names[i]);
    fixture_destroy(&f);
  }
  assert_good(&verdict);
}

static void edited_values_are_read_once_the_seal_is_off(void **state)
{
  (void)state;
  fixture f = fixture_create(NULL, NULL);
  secant_node *dict = NULL;
  double t = 0;
  save_sample();
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), text = H5Tcopy(H5T_C_S1);
  const float new_t = 0.75F;
  const char *const word = "of any length";
  put_attribute(file, "t", H5T_NATIVE_FLOAT, 0, &new_t);
  assert_true(H5Tset_size(text, H5T_VARIABLE) >= 0);
  const hid_t group = H5Gopen2(file, "values", H5P_DEFAULT);
  put_attribute(group, "text", text, 0, &word);
  H5Gclose(group);
  H5Tclose(text);
  assert_true(H5Fclose(file) >= 0);
  assert_int_equal(secant_state_dict_read(f.optimizer, path, &dict), SECANT_ERR_FORMAT);
  clear_seal();
  assert_int_equal(secant_state_dict_read(f.optimizer, path, &dict), SECANT_OK);
  assert_int_equal(secant_node_get_real(secant_node_find(dict, "t"), &t), SECANT_OK);
  assert_float_equal(t, 0.75, 0);
  assert_string_equal(secant_node_get_text(secant_node_find(dict, "values/text")), word);
  secant_node_destroy(dict);
  fixture_destroy(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(foreign_and_truncated_files_are_refused),
                                     cmocka_unit_test(damaged_and_hostile_files_are_refused),
                                     cmocka_unit_test(a_damaged_dataset_is_named),
                                     cmocka_unit_test(edited_values_are_read_once_the_seal_is_off)};
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
