/*
 * Files that are well-formed, carry the right seal and the right checksums, and say what cannot be: only the checks of
 * what they say are left. Each is refused with a sentence, and nothing in memory changes. Found by the fuzzers of
 * tests/fuzz, or by reading on from what they found.
 */
#include "checkpoint_fixture.h"

#include "checkpoint/checksum.h"
#include <math.h>
#include <secant/inspect.h>
#include <secant/state.h>

static continuation *begin(void)
{
  const secant_options options = options_of(&usual, 12);
  continuation *run = continuation_create(NULL, usual.dtype, &options, 0.0);
  assert_non_null(run);
  continuation_advance(run, 9, true);
  return run;
}

/* Writes an attribute anew, with elements of the same type. */
static void set_attribute(const char *object, const char *name, const void *value)
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t holder = H5Oopen(file, object, H5P_DEFAULT), attribute = H5Aopen(holder, name, H5P_DEFAULT);
  const hid_t type = H5Aget_type(attribute);
  assert_true(H5Awrite(attribute, type, value) >= 0);
  H5Tclose(type);
  H5Aclose(attribute);
  H5Oclose(holder);
  assert_true(H5Fclose(file) >= 0);
  seal_again();
}

static void expect_refused(secant_status expected, const char *words)
{
  struct verdict verdict = {0};
  continuation *run = begin(), *straight = begin();
  const secant_status status = secant_checkpoint_load(run->optimizer, path, PROBLEM);
  const char *message = secant_message(run->optimizer);
  CHECK(&verdict, status == expected && strstr(message, words), "status %d, '%s' lacks '%s'", (int)status, message,
        words);
  CHECK(&verdict, !strpbrk(message, "\n\x1b\x7f"), "'%s' is not one line", message);
  continuation_compare(&verdict, straight, run, words);
  continuation_destroy(straight);
  continuation_destroy(run);
  assert_good(&verdict);
}

static void a_sentence_that_quotes_a_file_stays_one_line(void **state)
{
  (void)state;
  char text[sizeof PROBLEM] = "an\nother\x1b[2J";
  save_run_of(&usual);
  set_attribute("/", "problem", text);
  expect_refused(SECANT_ERR_MISMATCH, "'an?other?[2J'");
}

/* Of so many pairs, 2 k^2 + 4 k numbers of inner products, the count modulo 2^64 is 0. */
static void a_history_beyond_any_is_refused_before_its_tables_are_counted(void **state)
{
  (void)state;
  const int64_t counts[] = {(INT64_C(1) << 62) - 2, INT64_C(1) << 32, 10001};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    save_run_of(&usual);
    set_attribute("/state", "pairs", &counts[i]);
    set_attribute("/state", "capacity", &counts[i]);
    expect_refused(SECANT_ERR_FORMAT, "'capacity'");
  }
}

/* ---- any value of any number of the state --------------------------------------------------------------------------- */

/* The odd value is refused, or it makes a run that goes on within the finite numbers. */
static void load_and_go_on(struct verdict *verdict, continuation **run, const char *name, size_t value)
{
  if (!*run) *run = begin();
  const secant_status status = secant_checkpoint_load((*run)->optimizer, path, PROBLEM);
  CHECK(verdict, status == SECANT_OK || status == SECANT_ERR_FORMAT || status == SECANT_ERR_MISMATCH,
        "%s, value %zu: status %d", name, value, (int)status);
  if (status != SECANT_OK) return;
  continuation_advance(*run, 3, false);
  const double *x = (*run)->parameters[3].values;
  for (size_t i = 0; i < (*run)->parameters[3].local_count; i++) {
    CHECK(verdict, isfinite(x[i]), "%s, value %zu: entry %zu is %a", name, value, i, x[i]);
  }
  continuation_destroy(*run);
  *run = NULL;
}

/* Gives one number after the other to an attribute, and then its own again. */
static void try_values(struct verdict *verdict, continuation **run, const char *name, const void *values, size_t count)
{
  uint64_t own;
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t group = H5Gopen2(file, "/state", H5P_DEFAULT), attribute = H5Aopen(group, name, H5P_DEFAULT);
  const hid_t type = H5Aget_type(attribute);
  assert_int_equal(H5Tget_size(type), sizeof own);
  assert_true(H5Aread(attribute, type, &own) >= 0);
  H5Tclose(type);
  H5Aclose(attribute);
  H5Gclose(group);
  H5Fclose(file);
  for (size_t i = 0; i < count; i++) {
    set_attribute("/state", name, (const char *)values + i * sizeof own);
    load_and_go_on(verdict, run, name, i);
  }
  set_attribute("/state", name, &own);
}

static void no_number_of_the_state_leads_to_a_crash_or_out_of_the_finite_numbers(void **state)
{
  (void)state;
  enum { NAMES = 8, VALUES = 7 };
  static const char *const reals[NAMES] = {"gamma", "start_loss", "loss",     "previous_loss",
                                           "step",  "step_inf",   "grad_inf", "direction_inf"};
  static const char *const integers[NAMES] = {"pairs",      "capacity", "added_parameters", "n_iter",
                                              "func_evals", "accepted", "pending",          "has_direction"};
  const double odd_reals[VALUES] = {NAN, INFINITY, -INFINITY, -1.0, 0.0, 5e-324, 1e308};
  const int64_t odd_integers[VALUES] = {-1, 0, 1, 6, INT64_MAX, INT64_MIN, INT64_MAX / 2};
  struct verdict verdict = {0};
  continuation *run = NULL;
  save_run_of(&usual);
  for (int i = 0; i < NAMES; i++) {
    try_values(&verdict, &run, reals[i], odd_reals, VALUES);
    try_values(&verdict, &run, integers[i], odd_integers, VALUES);
  }
  continuation_destroy(run);
  assert_int_equal(secant_checkpoint_verify(path, NULL), SECANT_OK);
  assert_good(&verdict);
}

/* ---- datasets that verification reads past HDF5 --------------------------------------------------------------------- */

/* Adds a dataset of one element of so many bytes, in one piece or in chunks. */
static void add_dataset(size_t bytes, bool chunked)
{
  const hsize_t one = 1;
  char *element = calloc(bytes, 1);
  assert_non_null(element);
  memset(element, 'x', bytes / 2);
  const uint64_t sum = secanti_checksum_bytes(element, bytes, 1, 0);
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), type = H5Tcreate(H5T_OPAQUE, bytes);
  const hid_t space = H5Screate_simple(1, &one, NULL), single = H5Screate(H5S_SCALAR),
              how = H5Pcreate(H5P_DATASET_CREATE);
  if (chunked) assert_true(H5Pset_chunk(how, 1, &one) >= 0);
  const hid_t dataset = H5Dcreate2(file, "added", type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  const hid_t mark = H5Acreate2(dataset, "xxh3", H5T_STD_U64LE, single, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, element) >= 0);
  assert_true(H5Awrite(mark, H5T_NATIVE_UINT64, &sum) >= 0);
  H5Aclose(mark);
  H5Dclose(dataset);
  H5Pclose(how);
  H5Sclose(single);
  H5Sclose(space);
  H5Tclose(type);
  H5Fclose(file);
  free(element);
  seal_again();
}

static void elements_of_any_size_are_verified_and_chunks_are_not(void **state)
{
  (void)state;
  enum { LARGE = 3 << 19 }; /* more than what is read at once */
  secant_error error;
  save_run_of(&usual);
  add_dataset(LARGE, false);
  assert_int_equal(secant_checkpoint_verify(path, &error), SECANT_OK);
  save_run_of(&usual);
  add_dataset(8, true);
  assert_int_equal(secant_checkpoint_verify(path, &error), SECANT_ERR_FORMAT);
  assert_non_null(strstr(error.message, "/added: the data do not lie in the file in one piece"));
}

/* ---- values of variable length, which HDF5 allocates for whoever reads them ------------------------------------------- */

static hid_t text_type(void)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  assert_true(H5Tset_size(type, H5T_VARIABLE) >= 0);
  return type;
}

/* In a compound, where HDF5 does not tell that it is there. */
static hid_t compound_type(void)
{
  const hid_t text = text_type(), type = H5Tcreate(H5T_COMPOUND, 2 * sizeof(char *));
  assert_true(H5Tinsert(type, "number", 0, H5T_NATIVE_DOUBLE) >= 0 && H5Tinsert(type, "text", 8, text) >= 0);
  H5Tclose(text);
  return type;
}

/* Adds an attribute, or a dataset that claims to be a value, with one such element. */
static void add_element(hid_t type, const void *element, bool dataset)
{
  const uint64_t sum = 0;
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR), kind = H5Tcopy(H5T_C_S1);
  H5Tset_size(kind, 6);
  hid_t object;
  if (dataset) {
    H5Adelete(file, "long");
    object = H5Dcreate2(file, "long", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, element) >= 0);
    const hid_t marks[] = {H5Acreate2(object, "kind", kind, space, H5P_DEFAULT, H5P_DEFAULT),
                           H5Acreate2(object, "xxh3", H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT)};
    assert_true(H5Awrite(marks[0], kind, "value") >= 0 && H5Awrite(marks[1], H5T_NATIVE_UINT64, &sum) >= 0);
    H5Aclose(marks[0]);
    H5Aclose(marks[1]);
    H5Dclose(object);
  } else {
    object = H5Acreate2(file, "added", type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(object, type, element) >= 0);
    H5Aclose(object);
  }
  H5Tclose(kind);
  H5Sclose(space);
  H5Tclose(type);
  H5Fclose(file);
  seal_again();
}

static void save_dict(void)
{
  secant_node *dict = secant_node_dict();
  assert_int_equal(secant_node_set(dict, "long", secant_node_integer(7)), SECANT_OK);
  assert_int_equal(secant_state_dict_save(dict, path, NULL, NULL), SECANT_OK);
  secant_node_destroy(dict);
}

static void a_value_of_variable_length_has_no_checksum_and_is_refused(void **state)
{
  (void)state;
  const char *text = "a text";
  const struct {
    double number;
    const char *text;
  } element = {1.0, text};
  continuation *run = begin();
  for (int i = 0; i < 2; i++) {
    secant_node *dict = NULL;
    save_dict();
    add_element(i ? compound_type() : text_type(), i ? (const void *)&element : (const void *)&text, true);
    assert_int_equal(secant_state_dict_read(run->optimizer, path, &dict), SECANT_ERR_FORMAT);
    assert_null(dict);
    assert_non_null(strstr(secant_message(run->optimizer), "variable length"));
  }
  continuation_destroy(run);
}

static void a_text_within_a_compound_is_described_and_never_called_equal(void **state)
{
  (void)state;
  const struct {
    double number;
    const char *text;
  } element = {1.0, "a text"};
  secant_error error;
  secant_node *tree = NULL;
  int64_t equal = 1;
  save_run_of(&usual);
  add_element(compound_type(), &element, false);
  assert_int_equal(secant_checkpoint_describe(path, &tree, &error), SECANT_OK);
  assert_string_equal(secant_node_get_text(secant_node_find(tree, "attributes/added")), "other, 128 bits");
  secant_node_destroy(tree);
  assert_int_equal(secant_checkpoint_diff(path, path, &tree, &error), SECANT_OK);
  assert_int_equal(secant_node_get_integer(secant_node_find(tree, "equal"), &equal), SECANT_OK);
  assert_int_equal(equal, 0);
  secant_node_destroy(tree);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sentence_that_quotes_a_file_stays_one_line),
      cmocka_unit_test(a_history_beyond_any_is_refused_before_its_tables_are_counted),
      cmocka_unit_test(no_number_of_the_state_leads_to_a_crash_or_out_of_the_finite_numbers),
      cmocka_unit_test(elements_of_any_size_are_verified_and_chunks_are_not),
      cmocka_unit_test(a_value_of_variable_length_has_no_checksum_and_is_refused),
      cmocka_unit_test(a_text_within_a_compound_is_described_and_never_called_equal),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
