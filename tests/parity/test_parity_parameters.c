/*
 * The parity table's rows about the constructor's parameters and groups: A1 to A7, A17 and A18. Row A20 is in
 * test_allocations.c, which counts allocations.
 */
#include "support/tensor_run.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const size_t tensor_flat[] = {13};

/*
 * Both are the recorded trajectory. Bits are those of one tensor where cuts between tensors are cuts between tiles, as
 * sums are formed tile by tile: at multiples of 8 in a problem of this size.
 */
static void A1_tensors_in_order_equal_one_flat_tensor(void **state)
{
  (void)state;
  const golden_case *recorded = tensor_case("tensors_sw");
  const secant_options options = tensor_options(10, SECANT_LINE_SEARCH_STRONG_WOLFE);
  tensor_run *tensors = tensor_begin(recorded, 3, tensor_split), *one = tensor_begin(recorded, 1, tensor_flat);
  tensor_create(tensors, &options);
  tensor_create(one, &options);
  for (size_t call = 0; call < recorded->step_count; call++) {
    tensor_step(tensors);
    tensor_step(one);
    tensor_expect(tensors, &recorded->steps[call]);
    tensor_expect(one, &recorded->steps[call]);
  }
  tensor_end(tensors);
  tensor_end(one);

  static const size_t aligned[] = {16, 8, 16}, whole[] = {40};
  golden_case larger = *recorded;
  larger.objective.n = 40;
  larger.x0 = NULL;
  tensors = tensor_begin(&larger, 3, aligned);
  one = tensor_begin(&larger, 1, whole);
  tensor_create(tensors, &options);
  tensor_create(one, &options);
  for (int call = 0; call < 6; call++) {
    assert_true(tensor_step(tensors) == tensor_step(one));
    assert_memory_equal(tensors->x, one->x, sizeof one->x);
  }
  tensor_end(tensors);
  tensor_end(one);
}

static void A2_names_are_kept_and_all_or_none_are_named(void **state)
{
  (void)state;
  static const char *const names[] = {"layer/weight", "layer/bias", "scale"};
  const secant_options options = tensor_options(3, SECANT_LINE_SEARCH_STRONG_WOLFE);
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  for (size_t k = 0; k < 3; k++) r->parameters[k].name = names[k];
  tensor_create(r, &options);
  tensor_step(r);
  secant_node *dict = NULL;
  assert_int_equal(secant_state_dict(r->optimizer, &dict), SECANT_OK);
  const secant_node *list = secant_node_find(dict, "param_groups/0/param_names");
  assert_int_equal(secant_node_size(list), 3);
  for (size_t k = 0; k < 3; k++) {
    assert_string_equal(secant_node_get_text(secant_node_at(list, k)), names[k]);
    assert_string_equal(secant_parameter_name(r->optimizer, k), names[k]);
  }
  secant_node_destroy(dict);
  secant_destroy(r->optimizer);
  for (size_t k = 0; k < 3; k++) {
    secant_parameter *parameter = &r->parameters[k];
    parameter->name = NULL;
    assert_int_equal(secant_create(&r->optimizer, r->parameters, 3, &options, NULL, NULL), SECANT_ERR_ARGUMENT);
    parameter->name = names[k];
  }
  assert_null(r->optimizer);
  tensor_end(r);
}

static void A3_options_of_the_group_win(void **state)
{
  (void)state;
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  secant_options constructor = secant_options_torch(), own = constructor, read = constructor;
  own.lr = 0.1;
  const secant_group group = {.parameters = r->parameters, .count = 3, .options = &own};
  assert_int_equal(secant_create_from_groups(&r->optimizer, &group, 1, &constructor, NULL, NULL), SECANT_OK);
  secant_get_options(r->optimizer, &read);
  assert_true(read.lr == 0.1);
  assert_int_equal(secant_get_group_options(r->optimizer, 0, &read), SECANT_OK);
  assert_true(read.lr == 0.1);
  secant_destroy(r->optimizer);

  const secant_group plain = {.parameters = r->parameters, .count = 3};
  constructor.lr = 0.7;
  assert_int_equal(secant_create_from_groups(&r->optimizer, &plain, 1, &constructor, NULL, NULL), SECANT_OK);
  secant_get_options(r->optimizer, &read);
  assert_true(read.lr == 0.7);
  tensor_end(r);
}

static void A4_no_parameters_are_refused(void **state)
{
  (void)state;
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  secant_error error;
  assert_int_equal(secant_create(&r->optimizer, r->parameters, 0, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
  assert_null(r->optimizer);
  assert_non_null(strstr(error.message, "at least one parameter"));
  assert_int_equal(secant_create(&r->optimizer, NULL, 0, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
  const secant_group group = {.parameters = r->parameters, .count = 0};
  assert_int_equal(secant_create_from_groups(&r->optimizer, &group, 1, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
  tensor_end(r);
}

static void A5_more_than_one_group_is_refused_at_construction(void **state)
{
  (void)state;
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  const secant_group groups[] = {{.parameters = r->parameters, .count = 2},
                                 {.parameters = &r->parameters[2], .count = 1}};
  secant_error error;
  for (size_t count = 0; count <= 2; count += 2) {
    assert_int_equal(secant_create_from_groups(&r->optimizer, groups, count, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
    assert_null(r->optimizer);
    assert_non_null(strstr(error.message, "one group"));
  }
  assert_int_equal(secant_create_from_groups(&r->optimizer, NULL, 1, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
  tensor_end(r);
}

static void A6_element_types_other_than_float32_and_float64_are_refused(void **state)
{
  (void)state;
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  for (int tag = -1; tag < 20; tag++) { /* integers, complex numbers, half precision: tags that do not exist */
    if (tag == SECANT_F64 || tag == SECANT_F32) continue;
    for (size_t k = 0; k < 3; k++) {
      secant_error error;
      r->parameters[k].dtype = (secant_dtype)tag;
      assert_int_equal(secant_create(&r->optimizer, r->parameters, 3, NULL, NULL, &error), SECANT_ERR_ARGUMENT);
      assert_non_null(strstr(error.message, "F64 or F32"));
      r->parameters[k].dtype = SECANT_F64;
    }
  }
  tensor_create(r, NULL);
  tensor_end(r);
}

/* The first iteration ever uses min(1, 1/|g|_1) lr, later ones lr. */
static void A7_the_first_step_is_scaled_and_later_ones_are_lr(void **state)
{
  (void)state;
  static const size_t two[] = {2};
  const golden_case *recorded = tensor_case("rosen2_fixed_lr1");
  tensor_run *r = tensor_begin(recorded, 1, two);
  const secant_options options = tensor_options(20, SECANT_LINE_SEARCH_NONE);
  tensor_create(r, &options);
  for (size_t call = 0; call < recorded->step_count; call++) {
    tensor_step(r);
    assert_true(secant_get_info(r->optimizer).step == recorded->steps[call].t);
    tensor_expect(r, &recorded->steps[call]);
  }
  tensor_end(r);

  for (int k = 0; k < 3; k++) { /* lr 0.5, 1, 2; one iteration a call */
    secant_options one = tensor_options(1, SECANT_LINE_SEARCH_NONE);
    double x[2], g[2];
    r = tensor_begin(recorded, 1, two);
    one.lr = ldexp(0.5, k);
    tensor_create(r, &one);
    memcpy(x, r->x, sizeof x);
    golden_problem_f64(r->problem, x, g);
    const double t = fmin(1.0, 1.0 / (fabs(g[0]) + fabs(g[1]))) * one.lr;
    tensor_step(r);
    assert_true(secant_get_info(r->optimizer).step == t);
    for (int i = 0; i < 2; i++) assert_true(r->x[i] == x[i] - t * g[i]);
    tensor_step(r);
    assert_true(secant_get_info(r->optimizer).step == one.lr);
    tensor_end(r);
  }
  assert_true(secant_options_torch().lr == 1.0);
}

static void A17_another_line_search_is_refused_when_it_is_set(void **state)
{
  (void)state;
  secant_options options = secant_options_torch(), before = options;
  secant_error error;
  assert_int_equal(secant_options_set(&options, "line_search", "golden_section", &error), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(error.message, "golden_section"));
  assert_memory_equal(&options, &before, sizeof options);
  options.line_search = (secant_line_search)99;
  assert_int_equal(secant_options_check(&options, &error), SECANT_ERR_ARGUMENT);
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  assert_int_equal(secant_create(&r->optimizer, r->parameters, 3, &options, NULL, &error), SECANT_ERR_ARGUMENT);
  tensor_create(r, &before);
  assert_int_equal(secant_set_options(r->optimizer, &options), SECANT_ERR_ARGUMENT);
  secant_get_options(r->optimizer, &options);
  assert_int_equal(options.line_search, before.line_search);
  tensor_end(r);
}

/* One run, one step length: no group can have an option of its own that says how to step. */
static void A18_all_parameters_are_stepped_as_one_group(void **state)
{
  (void)state;
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  secant_options options = tensor_options(1, SECANT_LINE_SEARCH_NONE), own = options;
  double x[TENSOR_MOST], g[TENSOR_MOST];
  memcpy(x, r->x, sizeof x);
  golden_problem_f64(r->problem, x, g);
  tensor_create(r, &options);
  tensor_step(r);
  const double t = secant_get_info(r->optimizer).step;
  for (size_t i = 0; i < r->n; i++) assert_true(r->x[i] == x[i] - t * g[i]); /* the same t everywhere */
  secant_destroy(r->optimizer);

  assert_int_equal(secant_create(&r->optimizer, r->parameters, 2, &options, NULL, NULL), SECANT_OK);
  own.lr = 0.5;
  const secant_group group = {.parameters = &r->parameters[2], .count = 1, .options = &own};
  assert_int_equal(secant_add_param_group(r->optimizer, &group), SECANT_ERR_ARGUMENT);
  assert_non_null(strstr(secant_message(r->optimizer), "lr"));
  tensor_end(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(A1_tensors_in_order_equal_one_flat_tensor),
      cmocka_unit_test(A2_names_are_kept_and_all_or_none_are_named),
      cmocka_unit_test(A3_options_of_the_group_win),
      cmocka_unit_test(A4_no_parameters_are_refused),
      cmocka_unit_test(A5_more_than_one_group_is_refused_at_construction),
      cmocka_unit_test(A6_element_types_other_than_float32_and_float64_are_refused),
      cmocka_unit_test(A7_the_first_step_is_scaled_and_later_ones_are_lr),
      cmocka_unit_test(A17_another_line_search_is_refused_when_it_is_set),
      cmocka_unit_test(A18_all_parameters_are_stepped_as_one_group),
  };
  return cmocka_run_group_tests(tests, tensor_read_cases, tensor_free_cases);
}
