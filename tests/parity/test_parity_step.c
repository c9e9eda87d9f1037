/* The parity table's rows about step, added groups and absent gradients: B1 to B4 and B20 to B24. */
#include "support/tensor_run.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ---- step and add_param_group ------------------------------------------------------------------------------------ */

static const struct {
  const char *id;
  int64_t max_iter;
  secant_line_search search;
  size_t tensors;
  const size_t *extents;
} followed[] = {
    {"tensors_sw", 10, SECANT_LINE_SEARCH_STRONG_WOLFE, 3, tensor_split},
    {"rosen2_sw", 20, SECANT_LINE_SEARCH_STRONG_WOLFE, 1, (const size_t[]){2}},
    {"rosen2_fixed_lr1", 20, SECANT_LINE_SEARCH_NONE, 1, (const size_t[]){2}},
};
enum { FOLLOWED = sizeof followed / sizeof *followed };

static tensor_run *begin_followed(int i)
{
  tensor_run *r = tensor_begin(tensor_case(followed[i].id), followed[i].tensors, followed[i].extents);
  const secant_options options = tensor_options(followed[i].max_iter, followed[i].search);
  tensor_create(r, &options);
  return r;
}

static void B1_step_returns_the_loss_at_its_start(void **state)
{
  (void)state;
  for (int i = 0; i < FOLLOWED; i++) {
    const golden_case *recorded = tensor_case(followed[i].id);
    tensor_run *r = begin_followed(i);
    for (size_t call = 0; call < recorded->step_count; call++) {
      double g[TENSOR_MOST];
      const double before = golden_problem_f64(r->problem, r->x, g), loss = tensor_step(r);
      const golden_step *want = &recorded->steps[call];
      assert_true(loss == before);
      assert_true(tensor_near(loss, want->loss, golden_rules_for(SECANT_F64).floor,
                              call > 0 ? recorded->steps[call - 1].drift_f : 0.0));
    }
    tensor_end(r);
  }
}

static void B2_the_closure_is_called_once_and_for_every_trial(void **state)
{
  (void)state;
  for (int i = 0; i < FOLLOWED; i++) {
    const golden_case *recorded = tensor_case(followed[i].id);
    tensor_run *r = begin_followed(i);
    int before = 0;
    for (size_t call = 0; call < recorded->step_count; call++) {
      const golden_step *want = &recorded->steps[call];
      tensor_step(r);
      assert_int_equal(r->calls, secant_get_info(r->optimizer).func_evals);
      assert_int_equal(r->calls - before, want->evaluations);
      for (size_t e = 0; e < want->evaluations && before + (int)e < TENSOR_TRACE; e++)
        assert_true(tensor_near(r->trace[before + (int)e], want->trace[e], golden_rules_for(SECANT_F64).inner_floor,
                                want->drift_f));
      before = r->calls;
    }
    tensor_end(r);
  }
}

static void B3_a_group_that_is_added_is_minimised_with_the_others(void **state)
{
  (void)state;
  const golden_case *recorded = tensor_case("tensors_sw");
  const secant_options options = tensor_options(10, SECANT_LINE_SEARCH_STRONG_WOLFE);
  tensor_run *whole = tensor_begin(recorded, 3, tensor_split), *added = tensor_begin(recorded, 3, tensor_split);
  tensor_create(whole, &options);
  assert_int_equal(secant_create(&added->optimizer, added->parameters, 2, &options, NULL, NULL), SECANT_OK);
  const secant_group again = {.parameters = &added->parameters[1], .count = 1};
  assert_int_equal(secant_add_param_group(added->optimizer, &again), SECANT_ERR_ARGUMENT); /* in a group already */
  assert_int_equal(secant_group_count(added->optimizer), 1);
  const secant_group group = {.parameters = &added->parameters[2], .count = 1};
  assert_int_equal(secant_add_param_group(added->optimizer, &group), SECANT_OK);
  assert_int_equal(secant_group_count(added->optimizer), 2);
  assert_int_equal(secant_parameter_count(added->optimizer), 3);
  for (size_t call = 0; call < recorded->step_count; call++) {
    assert_true(tensor_step(whole) == tensor_step(added));
    assert_memory_equal(whole->x, added->x, sizeof whole->x);
    tensor_expect(added, &recorded->steps[call]);
  }
  tensor_end(whole);
  tensor_end(added);
}

static void B4_a_new_group_has_the_options_of_the_optimizer_where_it_brings_none(void **state)
{
  (void)state;
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  secant_options options = tensor_options(10, SECANT_LINE_SEARCH_STRONG_WOLFE), read = options;
  options.lr = 0.3;
  options.tolerance_grad = 1e-5;
  assert_int_equal(secant_create(&r->optimizer, r->parameters, 1, &options, NULL, NULL), SECANT_OK);
  secant_options own = options;
  own.tolerance_grad = 1e-2;
  const secant_group plain = {.parameters = &r->parameters[1], .count = 1};
  const secant_group strict = {.parameters = &r->parameters[2], .count = 1, .options = &own};
  assert_int_equal(secant_add_param_group(r->optimizer, &plain), SECANT_OK);
  assert_int_equal(secant_add_param_group(r->optimizer, &strict), SECANT_OK);
  assert_int_equal(secant_get_group_options(r->optimizer, 1, &read), SECANT_OK);
  assert_memory_equal(&read, &options, sizeof read);
  assert_int_equal(secant_get_group_options(r->optimizer, 2, &read), SECANT_OK);
  assert_memory_equal(&read, &own, sizeof read);
  tensor_end(r);
}

/* ---- zero_grad --------------------------------------------------------------------------------------------------- */

static tensor_run *begin_stepped(void)
{
  const secant_options options = tensor_options(3, SECANT_LINE_SEARCH_STRONG_WOLFE);
  tensor_run *r = tensor_begin(tensor_case("tensors_sw"), 3, tensor_split);
  tensor_create(r, &options);
  tensor_step(r);
  for (size_t k = 0; k < 3; k++) assert_int_equal(secant_gradient_is_absent(r->optimizer, k), 0);
  return r;
}

static void B20_zero_grad_to_none_marks_gradients_absent(void **state)
{
  (void)state;
  tensor_run *r = begin_stepped();
  secant_zero_grad(r->optimizer, 1);
  for (size_t k = 0; k < 3; k++) assert_int_equal(secant_gradient_is_absent(r->optimizer, k), 1);
  tensor_end(r);
}

static void B21_zero_grad_to_zero_leaves_gradients_present(void **state)
{
  (void)state;
  tensor_run *r = begin_stepped();
  secant_zero_grad(r->optimizer, 0);
  for (size_t k = 0; k < 3; k++) assert_int_equal(secant_gradient_is_absent(r->optimizer, k), 0);
  for (size_t i = 0; i < r->n; i++) assert_true(r->g[i] == 0.0);
  tensor_end(r);
}

static void B22_absent_and_zero_can_be_told_apart(void **state)
{
  (void)state;
  tensor_run *r = begin_stepped();
  secant_zero_grad(r->optimizer, 0);
  assert_int_equal(secant_set_gradient_absent(r->optimizer, 1, 1), SECANT_OK);
  for (size_t i = 0; i < r->n; i++) assert_true(r->g[i] == 0.0); /* all arrays are the same, the answers are not */
  for (size_t k = 0; k < 3; k++) assert_int_equal(secant_gradient_is_absent(r->optimizer, k), k == 1);
  tensor_end(r);
}

/* Follows the recorded run in which the gradient of tensor 1 was never set. */
static tensor_run *follow_without(tensor_manner how)
{
  const golden_case *recorded = tensor_case("tensors_none_grad");
  const secant_options options = tensor_options(10, SECANT_LINE_SEARCH_STRONG_WOLFE);
  tensor_run *r = tensor_begin(recorded, 3, tensor_split);
  r->without = 1;
  r->manner = how;
  tensor_create(r, &options);
  const double start[] = {r->x[6], r->x[7]};
  for (size_t call = 0; call < recorded->step_count; call++) {
    tensor_step(r);
    tensor_expect(r, &recorded->steps[call]);
    assert_int_equal(secant_gradient_is_absent(r->optimizer, 1), how == LEAVES_ABSENT);
    assert_int_equal(secant_gradient_is_absent(r->optimizer, 0), 0);
  }
  assert_memory_equal(start, r->x + 6, sizeof start);
  return r;
}

static void B23_a_gradient_that_the_closure_does_not_touch_stays_absent(void **state)
{
  (void)state;
  tensor_end(follow_without(LEAVES_ABSENT));
}

static void B24_an_absent_gradient_counts_as_zero(void **state)
{
  (void)state;
  tensor_run *absent = follow_without(LEAVES_ABSENT), *zero = follow_without(WRITES_ZEROS);
  assert_memory_equal(absent->x, zero->x, sizeof zero->x);
  assert_memory_equal(absent->trace, zero->trace, sizeof zero->trace);
  tensor_end(absent);
  tensor_end(zero);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(B1_step_returns_the_loss_at_its_start),
      cmocka_unit_test(B2_the_closure_is_called_once_and_for_every_trial),
      cmocka_unit_test(B3_a_group_that_is_added_is_minimised_with_the_others),
      cmocka_unit_test(B4_a_new_group_has_the_options_of_the_optimizer_where_it_brings_none),
      cmocka_unit_test(B20_zero_grad_to_none_marks_gradients_absent),
      cmocka_unit_test(B21_zero_grad_to_zero_leaves_gradients_present),
      cmocka_unit_test(B22_absent_and_zero_can_be_told_apart),
      cmocka_unit_test(B23_a_gradient_that_the_closure_does_not_touch_stays_absent),
      cmocka_unit_test(B24_an_absent_gradient_counts_as_zero),
  };
  return cmocka_run_group_tests(tests, tensor_read_cases, tensor_free_cases);
}
