/* What is told about a checkpoint is true, and two that differ in one value differ there. */
#include "inspect_fixture.h"

#include <math.h>

/* ---- describing --------------------------------------------------------------------------------------------------- */

static void numbers_of_the_run_are_those_of_the_optimizer(void **state)
{
  (void)state;
  continuation *run = advanced_run(1000, 0.0);
  const secant_info info = secant_get_info(run->optimizer);
  save(run, path);
  secant_node *tree = describe_file(path, SECANTI_INSPECTED_PIECE);
  assert_string_equal(text_of(tree, "format"), "secant-checkpoint");
  assert_string_equal(text_of(tree, "problem"), PROBLEM);
  assert_string_equal(text_of(tree, "library"), secant_version());
  assert_string_equal(text_of(tree, "dtype"), "float64");
  assert_string_equal(text_of(tree, "options/line_search"), "strong_wolfe");
  assert_int_equal(integer_of(tree, "n"), 37 + 0 + 1 + 1500);
  assert_int_equal(integer_of(tree, "state/n_iter"), info.n_iter);
  assert_int_equal(integer_of(tree, "state/func_evals"), info.func_evals);
  assert_string_equal(text_of(tree, "state/reason"), secant_reason_name(info.reason));
  assert_true(real_of(tree, "state/loss") == info.loss);
  assert_true(real_of(tree, "state/grad_inf") == info.grad_inf);
  assert_int_equal(secant_node_size(secant_node_find(tree, "parameters")), CONTINUATION_PARAMETERS);
  assert_string_equal(text_of(tree, "parameters/3/name"), "layer/matrix");
  assert_int_equal(integer_of(tree, "parameters/3/shape/1"), 50);
  assert_int_equal(integer_of(tree, "parameters/0/shape/0"), 37);
  assert_string_equal(text_of(tree, "parameters/0/types/s"), "float64");
  secant_node_destroy(tree);
  continuation_destroy(run);
}

static void extremes_of_a_vector_are_found_in_pieces_of_any_size(void **state)
{
  (void)state;
  static const size_t pieces[] = {1, 7, 1500, SECANTI_INSPECTED_PIECE};
  continuation *run = advanced_run(1000, 0.0);
  double *x = run->parameters[3].values, least = INFINITY, most = -INFINITY;
  x[17] = NAN;
  x[1499] = -INFINITY;
  x[1498] = 1e9; /* the last finite one */
  save(run, path);
  for (size_t i = 0; i < 1499; i++) {
    if (isnan(x[i])) continue;
    least = fmin(least, x[i]);
    most = fmax(most, x[i]);
  }
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    secant_node *tree = describe_file(path, pieces[i]);
    const secant_node *entry = entry_of(secant_node_find(tree, "datasets"), "/parameters/3/x", NULL);
    assert_true(real_of(entry, "minimum") == least);
    assert_true(real_of(entry, "maximum") == most);
    assert_true(real_of(entry, "inf_norm") == 1e9);
    assert_int_equal(integer_of(entry, "nonfinite"), 2);
    assert_int_equal(integer_of(entry, "bytes"), 1500 * 8);
    assert_int_equal(strlen(text_of(entry, "checksum")), 16);
    entry = entry_of(secant_node_find(tree, "datasets"), "/parameters/1/x", NULL);
    assert_int_equal(secant_node_get_kind(secant_node_find(entry, "minimum")), SECANT_NODE_NONE);
    secant_node_destroy(tree);
  }
  continuation_destroy(run);
}

/* ---- comparing ---------------------------------------------------------------------------------------------------- */

/* Two checkpoints of one run, of which the second has another x in one place, and another text of the problem. */
static void save_two_that_differ_in_x_and_problem(double *before, double *after)
{
  continuation *run = advanced_run(1000, 0.0);
  double *x = run->parameters[3].values;
  save(run, path);
  *before = x[731];
  x[731] = *after = nextafter(*before, INFINITY);
  assert_int_equal(secant_checkpoint_save(run->optimizer, other, "another problem"), SECANT_OK);
  continuation_destroy(run);
}

static void one_entry_and_one_attribute_that_differ_are_found(void **state)
{
  (void)state;
  static const size_t pieces[] = {1, 100, SECANTI_INSPECTED_PIECE};
  double before = 0.0, after = 0.0;
  char text[40];
  save_two_that_differ_in_x_and_problem(&before, &after);
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    secant_node *tree = compare_files(pieces[i]);
    const secant_node *datasets = secant_node_find(tree, "datasets"),
                      *attributes = secant_node_find(tree, "attributes");
    assert_int_equal(integer_of(tree, "equal"), 0);
    assert_int_equal(count_different(datasets), 1);
    assert_int_equal(count_different(attributes), 1);
    const secant_node *x = entry_of(datasets, "/parameters/3/x", NULL);
    assert_int_equal(integer_of(x, "equal"), 0);
    assert_int_equal(integer_of(x, "differing"), 1);
    assert_int_equal(integer_of(x, "count"), 1500);
    assert_int_equal(integer_of(x, "first/index/0"), 731);
    assert_true(real_of(x, "largest_absolute") == after - before);
    assert_true(strtod(text_of(x, "first/a"), NULL) == before && strtod(text_of(x, "first/b"), NULL) == after);
    snprintf(text, sizeof text, "%a", after);
    assert_string_equal(text_of(x, "first/b_hex"), text);
    const secant_node *problem = entry_of(attributes, "/", "problem");
    assert_string_equal(text_of(problem, "first/a"), PROBLEM);
    assert_string_equal(text_of(problem, "first/b"), "another problem");
    secant_node_destroy(tree);
  }
}

static void a_file_equals_itself(void **state)
{
  (void)state;
  save_run_of(&usual);
  secant_node *tree = NULL;
  assert_int_equal(secant_checkpoint_diff(path, path, &tree, NULL), SECANT_OK);
  assert_int_equal(integer_of(tree, "equal"), 1);
  assert_true(secant_node_size(secant_node_find(tree, "datasets")) > 15);
  assert_true(secant_node_size(secant_node_find(tree, "attributes")) > 50);
  secant_node_destroy(tree);
}

static void what_only_one_file_has_and_other_shapes_are_told(void **state)
{
  (void)state;
  continuation *early = advanced_run(3, 0.0), *late = advanced_run(1000, 0.0), *fresh = advanced_run(0, 0.0);
  save(early, path);
  save(late, other);
  secant_node *tree = compare_files(SECANTI_INSPECTED_PIECE);
  const secant_node *s = entry_of(secant_node_find(tree, "datasets"), "/parameters/0/s", NULL);
  assert_string_equal(text_of(s, "different"), "shape");
  assert_string_equal(text_of(s, "b"), "[5, 37]");
  secant_node_destroy(tree);
  save(fresh, path);
  tree = compare_files(SECANTI_INSPECTED_PIECE);
  s = entry_of(secant_node_find(tree, "datasets"), "/parameters/0/s", NULL);
  assert_string_equal(text_of(s, "only_in"), "b");
  assert_int_equal(integer_of(tree, "equal"), 0);
  secant_node_destroy(tree);
  continuation_destroy(early);
  continuation_destroy(late);
  continuation_destroy(fresh);
}

/* ---- refusals ----------------------------------------------------------------------------------------------------- */

static void write_bytes(const char *file, const char *bytes)
{
  FILE *stream = fopen(file, "wb");
  assert_true(stream && fwrite(bytes, 1, strlen(bytes), stream) == strlen(bytes) && fclose(stream) == 0);
}

static void expect_refusal(secant_status expected, const char *part)
{
  secant_node *tree = NULL;
  secant_error error;
  assert_int_equal(secant_checkpoint_describe(path, &tree, &error), expected);
  assert_null(tree);
  if (!strstr(error.message, part)) fail_msg("'%s' instead of '%s'", error.message, part);
  assert_int_equal(secant_checkpoint_diff(path, path, &tree, &error), expected);
  assert_int_equal(secant_checkpoint_export(path, other, &error), expected);
  assert_int_equal(access(other, F_OK), -1);
}

static void what_is_no_checkpoint_is_told_from_one_that_is_damaged(void **state)
{
  (void)state;
  expect_refusal(SECANT_ERR_IO, "No such file");
  write_bytes(path, "");
  expect_refusal(SECANT_ERR_MISMATCH, "neither a checkpoint nor a state dict");
  write_bytes(path, "This is a letter to somebody else.\n");
  expect_refusal(SECANT_ERR_MISMATCH, "neither a checkpoint nor a state dict");
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Fclose(file) >= 0);
  expect_refusal(SECANT_ERR_MISMATCH, "no attribute 'format'");
  const hid_t foreign = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
  const hid_t format = H5Acreate2(foreign, "format", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(format >= 0 && H5Aclose(format) >= 0 && H5Sclose(space) >= 0 && H5Fclose(foreign) >= 0);
  expect_refusal(SECANT_ERR_MISMATCH, "names another format");
  save_run_of(&usual);
  assert_int_equal(truncate(path, 20000), 0);
  expect_refusal(SECANT_ERR_FORMAT, "damaged");
  save_run_of(&usual);
  unseal(path);
  expect_refusal(SECANT_ERR_FORMAT, "has none");
}

static void arguments_that_are_missing_are_refused(void **state)
{
  (void)state;
  secant_node *tree = NULL;
  assert_int_equal(secant_checkpoint_describe(NULL, &tree, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_describe("x", NULL, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_diff("x", NULL, &tree, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_export("x", NULL, NULL), SECANT_ERR_ARGUMENT);
  assert_int_equal(secant_checkpoint_export("x", "", NULL), SECANT_ERR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(numbers_of_the_run_are_those_of_the_optimizer, begin_without_files),
      cmocka_unit_test_setup(extremes_of_a_vector_are_found_in_pieces_of_any_size, begin_without_files),
      cmocka_unit_test_setup(one_entry_and_one_attribute_that_differ_are_found, begin_without_files),
      cmocka_unit_test_setup(a_file_equals_itself, begin_without_files),
      cmocka_unit_test_setup(what_only_one_file_has_and_other_shapes_are_told, begin_without_files),
      cmocka_unit_test_setup(what_is_no_checkpoint_is_told_from_one_that_is_damaged, begin_without_files),
      cmocka_unit_test_setup(arguments_that_are_missing_are_refused, begin_without_files),
  };
  return cmocka_run_group_tests(tests, make_two, remove_two);
}
