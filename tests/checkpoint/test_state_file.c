/* HDF5 files of state dicts in one process: everything comes back, and failures are told. */
#include "state_file_fixture.h"

#include "checkpoint/state_file.h"
#include "support/faulty_comm.h"
#include <string.h>

/* Saves a dict, reads it back and compares. */
static void check_round_trip(struct verdict *verdict, secant_optimizer *o, const secant_node *dict, size_t piece)
{
  secant_node *back = NULL;
  secant_error error;
  const secant_status saved = secanti_state_file_save(dict, path, NULL, piece, &error);
  CHECK(verdict, saved == SECANT_OK, "saving: %s", error.message);
  if (saved != SECANT_OK) return;
  const secant_status status = secanti_state_file_read(o, path, piece, &back);
  CHECK(verdict, status == SECANT_OK, "reading: %s", secant_message(o));
  state_tree_compare(verdict, dict, back, "");
  secant_node_destroy(back);
}

/* ---- everything comes back -------------------------------------------------------------------------------------- */

static void every_kind_of_value_comes_back_in_its_order(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  fixture f = fixture_create(NULL, NULL);
  secant_node *dict = sample();
  const size_t pieces[] = {1, 5, 7, 1000};
  for (int i = 0; i < 4; i++) check_round_trip(&verdict, f.optimizer, dict, pieces[i]);
  secant_node_destroy(dict);
  fixture_destroy(&f);
  assert_good(&verdict);
}

static void random_trees_come_back(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  fixture f = fixture_create(NULL, NULL);
  for (uint64_t seed = 1; seed <= 300 && !verdict.failures; seed++) {
    uint64_t stream = seed;
    secant_node *dict = state_tree_random(&stream, 3);
    check_round_trip(&verdict, f.optimizer, dict, 1000);
    if (verdict.failures) print_message("seed %llu\n", (unsigned long long)seed);
    secant_node_destroy(dict);
  }
  fixture_destroy(&f);
  assert_good(&verdict);
}

static void vectors_of_all_unknowns_are_cut_as_the_parameters(void **state)
{
  (void)state;
  fixture f = fixture_create(NULL, NULL);
  secant_node *dict = sample(), *back = NULL;
  secant_tensor view;
  assert_int_equal(secant_state_dict_save(dict, path, NULL, NULL), SECANT_OK);
  assert_int_equal(secant_state_dict_read(f.optimizer, path, &back), SECANT_OK);
  const char *const cut[] = {"d", "old_dirs/0", "old_stps/2"}, *const whole[] = {"gram", "cube", "nothing"};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(secant_node_get_tensor(secant_node_find(back, cut[i]), &view), SECANT_OK);
    assert_int_equal(view.pieces, 2);
    assert_int_equal(view.piece[1].first, UNKNOWNS / 3);
    assert_int_equal(secant_node_get_tensor(secant_node_find(back, whole[i]), &view), SECANT_OK);
    assert_int_equal(view.pieces, 1);
  }
  secant_node_destroy(back);
  secant_node_destroy(dict);
  fixture_destroy(&f);
}

/* ---- of an optimizer -------------------------------------------------------------------------------------------- */

static void steps(fixture *f, int count)
{
  for (int i = 0; i < count; i++) {
    assert_int_equal(secant_step(f->optimizer, valley_evaluate, &f->v, NULL), SECANT_OK);
  }
}

static void a_state_from_a_file_goes_on_bit_for_bit(void **state)
{
  (void)state;
  for (int i = 0; i < 4; i++) {
    secant_options options = secant_options_torch();
    options.max_iter = 3;
    options.history_size = 4;
    options.lr = i & 1 ? 1 : 0.1;
    options.line_search = i & 1 ? SECANT_LINE_SEARCH_STRONG_WOLFE : SECANT_LINE_SEARCH_NONE;
    options.direction = i & 2 ? SECANT_DIRECTION_TWO_LOOP : SECANT_DIRECTION_GRAM;
    fixture straight = fixture_create(&options, NULL), resumed = fixture_create(&options, NULL);
    secant_node *dict = NULL, *back = NULL;
    steps(&straight, 4);
    assert_int_equal(secant_state_dict(straight.optimizer, &dict), SECANT_OK);
    assert_int_equal(secant_state_dict_save(dict, path, NULL, NULL), SECANT_OK);
    assert_int_equal(secant_state_dict_read(resumed.optimizer, path, &back), SECANT_OK);
    assert_int_equal(secant_load_state_dict(resumed.optimizer, back), SECANT_OK);
    memcpy(resumed.v.x, straight.v.x, UNKNOWNS * sizeof(double));
    steps(&straight, 4);
    steps(&resumed, 4);
    assert_memory_equal(straight.v.x, resumed.v.x, UNKNOWNS * sizeof(double));
    secant_node_destroy(dict);
    secant_node_destroy(back);
    fixture_destroy(&straight);
    fixture_destroy(&resumed);
  }
}

/* ---- what other readers see ------------------------------------------------------------------------------------- */

static void the_layout_is_that_of_the_documentation(void **state)
{
  (void)state;
  secant_node *dict = sample();
  assert_int_equal(secant_state_dict_save(dict, path, NULL, NULL), SECANT_OK);
  secant_node_destroy(dict);
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  H5L_info_t dirs, y, stps, s;
  assert_true(H5Lget_info(file, "old_dirs", &dirs, H5P_DEFAULT) >= 0 && H5Lget_info(file, "y", &y, H5P_DEFAULT) >= 0);
  assert_true(H5Lget_info(file, "old_stps", &stps, H5P_DEFAULT) >= 0 && H5Lget_info(file, "s", &s, H5P_DEFAULT) >= 0);
  assert_true(dirs.u.address == y.u.address && stps.u.address == s.u.address && s.u.address != y.u.address);
  double t = 0, al[2] = {0}, row[3 * UNKNOWNS];
  const hid_t attribute = H5Aopen(file, "t", H5P_DEFAULT), ro = H5Aopen_by_name(file, "lists", "ro", 0, 0);
  assert_true(H5Aread(attribute, H5T_NATIVE_DOUBLE, &t) >= 0 && H5Aclose(attribute) >= 0);
  assert_float_equal(t, 0.25, 0);
  assert_true(ro >= 0 && H5Aclose(ro) >= 0);
  const hid_t vectors = H5Dopen2(file, "y", H5P_DEFAULT), long_list = H5Dopen2(file, "lists/al", H5P_DEFAULT);
  assert_true(H5Dread(vectors, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, row) >= 0);
  assert_float_equal(row[2 * UNKNOWNS + 5], 205, 0);
  const hsize_t first = 0, two = 2;
  const hid_t space = H5Dget_space(long_list), memory = H5Screate_simple(1, &two, NULL);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &two, NULL);
  assert_true(H5Dread(long_list, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, al) >= 0);
  assert_true(al[0] == -0.5 && al[1] != al[1]);
  H5Sclose(space);
  H5Sclose(memory);
  H5Dclose(vectors);
  H5Dclose(long_list);
  assert_true(H5Fclose(file) >= 0);
}

/* ---- arguments and failures ------------------------------------------------------------------------------------- */

static void what_cannot_be_saved_is_refused_with_a_sentence(void **state)
{
  (void)state;
  secant_error error;
  secant_node *list = secant_node_list(), *dict = secant_node_dict(), *deep = dict, *none = dict;
  assert_int_equal(secant_state_dict_save(NULL, path, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_state_dict_save(list, path, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "only a dict"));
  assert_int_equal(secant_state_dict_save(dict, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_state_dict_save(dict, "", NULL, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_state_dict_save(dict, directory, NULL, &error), SECANT_ERR_IO);
  assert_int_equal(secant_state_dict_save(dict, "/nowhere/at/all.h5", NULL, &error), SECANT_ERR_IO);
  assert_non_null(strstr(error.message, "/nowhere/at/all.h5"));
  for (int i = 0; i < 40; i++) {
    assert_int_equal(secant_node_set(deep, "more", secant_node_dict()), SECANT_OK);
    deep = secant_node_find(deep, "more");
  }
  assert_int_equal(secant_state_dict_save(dict, path, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_node_set(dict, "more", secant_node_dict()), SECANT_OK);
  assert_int_equal(secant_node_set(dict, ".", secant_node_integer(1)), SECANT_OK);
  assert_int_equal(secant_state_dict_save(dict, path, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "'.'"));
  fixture f = fixture_create(NULL, NULL);
  assert_int_equal(secant_state_dict_read(NULL, path, &none), SECANT_ERR_ARGUMENT);
  assert_null(none);
  assert_int_equal(secant_state_dict_read(f.optimizer, path, NULL), SECANT_ERR_ARGUMENT);
  fixture_destroy(&f);
  secant_node_destroy(list);
  secant_node_destroy(dict);
}

static void an_older_file_survives_a_failed_save(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const secant_piece half = {0, UNKNOWNS / 2};
  fixture f = fixture_create(NULL, NULL);
  secant_node *old = sample(), *dict = secant_node_dict(), *back = NULL;
  secant_error error;
  bool good = true;
  state_tree_put(dict, "d", state_tree_vector(SECANT_F64, UNKNOWNS, &half, 1, 0), &good);
  assert_true(good);
  save_sample();
  assert_int_equal(secant_state_dict_save(dict, path, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "pieces"));
  assert_int_equal(secant_state_dict_read(f.optimizer, path, &back), SECANT_OK);
  state_tree_compare(&verdict, old, back, "");
  assert_int_not_equal(access(temporary, F_OK), 0);
  secant_node_destroy(old);
  secant_node_destroy(dict);
  secant_node_destroy(back);
  fixture_destroy(&f);
  assert_good(&verdict);
}

static void a_failing_collective_call_of_a_save_is_reported(void **state)
{
  (void)state;
  secant_node *dict = sample();
  bool ended = false;
  for (int64_t n = 1; !ended && n < 1000; n++) {
    secant_comm *comm = faulty_comm_create(NULL, n);
    const secant_status status = secant_state_dict_save(dict, path, comm, NULL);
    ended = faulty_comm_calls(comm) < n;
    assert_int_equal(status, ended ? SECANT_OK : SECANT_ERR_COMM);
    secant_comm_destroy(comm);
  }
  assert_true(ended);
  secant_node_destroy(dict);
}

/* Collective calls that creating the fixture takes. */
static int64_t calls_of_creation(void)
{
  secant_comm *comm = faulty_comm_create(NULL, 0);
  fixture f = fixture_create(NULL, comm);
  const int64_t calls = faulty_comm_calls(comm);
  fixture_destroy(&f);
  secant_comm_destroy(comm);
  return calls;
}

static void a_failing_collective_call_of_a_read_is_reported(void **state)
{
  (void)state;
  const int64_t creation = calls_of_creation();
  bool ended = false;
  save_sample();
  for (int64_t n = creation + 1; !ended && n < 1000; n++) {
    secant_comm *comm = faulty_comm_create(NULL, n);
    fixture f = fixture_create(NULL, comm);
    secant_node *back = NULL;
    const secant_status status = secant_state_dict_read(f.optimizer, path, &back);
    ended = faulty_comm_calls(comm) < n;
    assert_int_equal(status, ended ? SECANT_OK : SECANT_ERR_COMM);
    assert_true(ended == (back != NULL));
    secant_node_destroy(back);
    fixture_destroy(&f);
    secant_comm_destroy(comm);
  }
  assert_true(ended);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_of_value_comes_back_in_its_order),
                                     cmocka_unit_test(random_trees_come_back),
                                     cmocka_unit_test(vectors_of_all_unknowns_are_cut_as_the_parameters),
                                     cmocka_unit_test(a_state_from_a_file_goes_on_bit_for_bit),
                                     cmocka_unit_test(the_layout_is_that_of_the_documentation),
                                     cmocka_unit_test(what_cannot_be_saved_is_refused_with_a_sentence),
                                     cmocka_unit_test(an_older_file_survives_a_failed_save),
                                     cmocka_unit_test(a_failing_collective_call_of_a_save_is_reported),
                                     cmocka_unit_test(a_failing_collective_call_of_a_read_is_reported)};
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
