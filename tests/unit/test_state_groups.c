#include "support/state_dict_scene.h"
#include "support/valley.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { FIRST = 24, SECOND = 10 };

/* Two valleys, the second one in a group of its own. */
typedef struct pair {
  valley one, two;
  secant_optimizer *optimizer;
} pair;

static int evaluate(void *user, double *loss)
{
  pair *p = user;
  double one = 0.0, two = 0.0;
  const int failed = valley_evaluate(&p->one, &one) + valley_evaluate(&p->two, &two);
  *loss = one + two;
  return failed;
}

static secant_options options_of(double tolerance_grad)
{
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = 3;
  options.max_eval = 100;
  options.history_size = 4;
  options.tolerance_grad = tolerance_grad;
  return options;
}

static void add_second(pair *p, const secant_options *options)
{
  secant_parameter parameter = valley_parameter(&p->two);
  parameter.name = "second";
  const secant_group group = {.parameters = &parameter, .count = 1, .options = options};
  assert_int_equal(secant_add_param_group(p->optimizer, &group), SECANT_OK);
}

/* `steps` steps with the first group alone. */
static void begin(pair *p, int steps)
{
  const secant_options options = options_of(1e-7);
  *p = (pair){.one = valley_create(FIRST, 1, 0), .two = valley_create(SECOND, 1, 0)};
  secant_parameter parameter = valley_parameter(&p->one);
  parameter.name = "first";
  assert_int_equal(secant_create(&p->optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
  for (int i = 0; i < steps; i++) {
    assert_int_equal(secant_step(p->optimizer, valley_evaluate, &p->one, NULL), SECANT_OK);
  }
}

static void end(pair *p)
{
  secant_destroy(p->optimizer);
  valley_destroy(&p->one);
  valley_destroy(&p->two);
}

static void take_steps(pair *p, int steps)
{
  for (int i = 0; i < steps; i++) assert_int_equal(secant_step(p->optimizer, evaluate, p, NULL), SECANT_OK);
}

static void copy_point(const pair *from, pair *to)
{
  memcpy(to->one.x, from->one.x, FIRST * sizeof(double));
  memcpy(to->two.x, from->two.x, SECOND * sizeof(double));
}

static void expect_equal(const pair *a, const pair *b)
{
  assert_memory_equal(a->one.x, b->one.x, FIRST * sizeof(double));
  assert_memory_equal(a->two.x, b->two.x, SECOND * sizeof(double));
  assert_int_equal(secant_get_info(a->optimizer).func_evals, secant_get_info(b->optimizer).func_evals);
}

static double tolerance_of(const pair *p, size_t group)
{
  secant_options options = secant_options_default();
  assert_int_equal(secant_get_group_options(p->optimizer, group, &options), SECANT_OK);
  return options.tolerance_grad;
}

/* Also when the new parameters have not been evaluated yet at the export: `apart` steps before, `together` steps
 * after. */
static void check_round_trip(int apart, int together)
{
  pair whole, parts, next;
  const secant_options own = options_of(1e-3);
  begin(&whole, apart);
  begin(&parts, apart);
  begin(&next, 0);
  add_second(&whole, &own);
  add_second(&parts, &own);
  add_second(&next, NULL);
  take_steps(&whole, together);
  take_steps(&parts, together);
  secant_node *dict = state_dict_of(parts.optimizer);
  assert_int_equal(secant_load_state_dict(next.optimizer, dict), SECANT_OK);
  copy_point(&parts, &next);
  take_steps(&whole, 3);
  take_steps(&next, 3);
  expect_equal(&whole, &next);
  assert_true(tolerance_of(&next, 0) == 1e-7);
  assert_true(tolerance_of(&next, 1) == 1e-3);
  secant_node_destroy(dict);
  end(&next);
  end(&parts);
  end(&whole);
}

static void a_run_over_two_groups_goes_on_in_the_same_bits(void **state)
{
  (void)state;
  check_round_trip(0, 2);
  check_round_trip(2, 2);
}

static void a_group_added_just_before_the_export_is_known_to_be_new(void **state)
{
  (void)state;
  check_round_trip(2, 0);
}

static void a_group_without_a_tolerance_of_its_own_follows_the_first(void **state)
{
  (void)state;
  pair p, other;
  const secant_options own = options_of(1e-3), loosened = options_of(1e-2);
  begin(&p, 0);
  begin(&other, 0);
  add_second(&p, NULL);
  add_second(&other, &own);
  secant_node *dict = state_dict_of(p.optimizer);
  assert_int_equal(secant_load_state_dict(other.optimizer, dict), SECANT_OK);
  assert_true(tolerance_of(&other, 1) == 1e-7);
  assert_int_equal(secant_set_options(other.optimizer, &loosened), SECANT_OK);
  assert_true(tolerance_of(&other, 1) == 1e-2);
  secant_node_destroy(dict);
  end(&other);
  end(&p);
}

static secant_node *dict_with(const pair *p, const char *path, const char *key, secant_node *value)
{
  secant_node *dict = state_dict_of(p->optimizer);
  assert_int_equal(secant_node_set(secant_node_find(dict, path), key, value), SECANT_OK);
  return dict;
}

static secant_node *list_of(const char *name)
{
  secant_node *list = secant_node_list();
  assert_int_equal(secant_node_append(list, secant_node_text(name)), SECANT_OK);
  return list;
}

static void expect_refusal(pair *p, secant_node *dict, const char *entry)
{
  assert_int_equal(secant_load_state_dict(p->optimizer, dict), SECANT_ERR_MISMATCH);
  if (!strstr(secant_message(p->optimizer), entry)) fail_msg("%s", secant_message(p->optimizer));
  secant_node_destroy(dict);
}

static void further_groups_are_checked_too(void **state)
{
  (void)state;
  pair p, twin;
  begin(&p, 1);
  begin(&twin, 1);
  add_second(&p, NULL);
  add_second(&twin, NULL);
  expect_refusal(&p, dict_with(&p, "param_groups/1", "lr", secant_node_real(0.5)), "'param_groups/1/lr'");
  expect_refusal(&p, dict_with(&p, "param_groups/1", "history_size", secant_node_integer(3)),
                 "'param_groups/1/history_size'");
  expect_refusal(&p, dict_with(&p, "param_groups/1", "tolerance_grad", secant_node_real(-1.0)),
                 "'param_groups/1/tolerance_grad'");
  expect_refusal(&p, dict_with(&p, "param_groups/1", "params", secant_node_list()), "'param_groups/1/params'");
  expect_refusal(&p, dict_with(&p, "param_groups/1", "param_names", list_of("first")),
                 "names parameters 0 and 1 alike");
  secant_node *dict = state_dict_of(p.optimizer);
  secant_node_remove(secant_node_find(dict, "param_groups/1"), "param_names");
  expect_refusal(&p, dict, "'param_groups/1/param_names'");
  take_steps(&p, 2);
  take_steps(&twin, 2);
  expect_equal(&twin, &p);
  end(&twin);
  end(&p);
}

static void names_replace_those_of_all_groups(void **state)
{
  (void)state;
  pair p;
  begin(&p, 0);
  add_second(&p, NULL);
  secant_node *dict = dict_with(&p, "param_groups/0", "param_names", list_of("second"));
  assert_int_equal(secant_node_set(secant_node_find(dict, "param_groups/1"), "param_names", list_of("first")),
                   SECANT_OK);
  assert_int_equal(secant_load_state_dict(p.optimizer, dict), SECANT_OK);
  assert_string_equal(secant_parameter_name(p.optimizer, 0), "second");
  assert_string_equal(secant_parameter_name(p.optimizer, 1), "first");
  secant_node_destroy(dict);
  end(&p);
}

/* As torch does it: the numbers in a dict are only numbers, and the first parameter's has the state. */
static void ids_are_only_ids(void **state)
{
  (void)state;
  pair p, next;
  begin(&p, 2);
  begin(&next, 0);
  secant_node *dict = state_dict_of(p.optimizer), *ids = secant_node_list();
  secant_node *entry = secant_node_copy(secant_node_find(dict, "state/0"));
  secant_node_remove(secant_node_find(dict, "state"), "0");
  assert_int_equal(secant_node_append(ids, secant_node_integer(41)), SECANT_OK);
  assert_int_equal(secant_node_set(secant_node_find(dict, "param_groups/0"), "params", ids), SECANT_OK);
  assert_int_equal(secant_node_set(secant_node_find(dict, "state"), "41", entry), SECANT_OK);
  assert_int_equal(secant_load_state_dict(next.optimizer, dict), SECANT_OK);
  assert_int_equal(secant_get_info(next.optimizer).n_iter, secant_get_info(p.optimizer).n_iter);
  assert_int_equal(secant_get_info(next.optimizer).pairs, secant_get_info(p.optimizer).pairs);
  secant_node_destroy(dict);
  end(&next);
  end(&p);
}

/* ---- initial matrices -------------------------------------------------------------------------------------------- */

static void set_matrix(pair *p, const double *diagonal, double scalar)
{
  const void *const parts[] = {diagonal};
  const secant_initial_matrix weights = {.kind = SECANT_INITIAL_DIAGONAL, .diagonal = parts};
  const secant_initial_matrix multiple = {.kind = SECANT_INITIAL_SCALAR, .scalar = scalar};
  assert_int_equal(secant_set_initial_matrix(p->optimizer, diagonal ? &weights : &multiple), SECANT_OK);
}

/* The initial matrix is no part of the state: who loads has set it before. */
static void check_with_matrix(const double *diagonal, double scalar, secant_scaling scaling, secant_direction direction)
{
  pair whole, next;
  pair *const both[] = {&whole, &next};
  secant_options options = options_of(1e-7);
  options.scaling = scaling;
  options.direction = direction;
  for (int i = 0; i < 2; i++) {
    *both[i] = (pair){.one = valley_create(FIRST, 1, 0), .two = valley_create(SECOND, 1, 0)};
    const secant_parameter parameter = valley_parameter(&both[i]->one);
    assert_int_equal(secant_create(&both[i]->optimizer, &parameter, 1, &options, NULL, NULL), SECANT_OK);
    set_matrix(both[i], diagonal, scalar);
  }
  for (int i = 0; i < 2; i++) {
    assert_int_equal(secant_step(whole.optimizer, valley_evaluate, &whole.one, NULL), SECANT_OK);
  }
  secant_node *dict = state_dict_of(whole.optimizer);
  assert_int_equal(secant_load_state_dict(next.optimizer, dict), SECANT_OK);
  copy_point(&whole, &next);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(secant_step(whole.optimizer, valley_evaluate, &whole.one, NULL), SECANT_OK);
    assert_int_equal(secant_step(next.optimizer, valley_evaluate, &next.one, NULL), SECANT_OK);
  }
  expect_equal(&whole, &next);
  secant_node_destroy(dict);
  end(&next);
  end(&whole);
}

static void a_run_with_an_initial_matrix_goes_on_in_the_same_bits(void **state)
{
  (void)state;
  double diagonal[FIRST];
  for (size_t i = 0; i < FIRST; i++) diagonal[i] = 0.01 * (1.0 + (double)(i % 5));
  for (int scaling = 0; scaling < 2; scaling++) {
    for (int direction = 0; direction < 2; direction++) {
      check_with_matrix(diagonal, 0.0, (secant_scaling)scaling, (secant_direction)direction);
      check_with_matrix(NULL, 0.02, (secant_scaling)scaling, (secant_direction)direction);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_over_two_groups_goes_on_in_the_same_bits),
      cmocka_unit_test(a_group_added_just_before_the_export_is_known_to_be_new),
      cmocka_unit_test(a_group_without_a_tolerance_of_its_own_follows_the_first),
      cmocka_unit_test(further_groups_are_checked_too),
      cmocka_unit_test(names_replace_those_of_all_groups),
      cmocka_unit_test(ids_are_only_ids),
      cmocka_unit_test(a_run_with_an_initial_matrix_goes_on_in_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
