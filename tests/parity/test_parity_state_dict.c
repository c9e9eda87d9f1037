/* Rows B6 to B13, B15 and B17 to B19 of the parity table: state_dict() and load_state_dict() of torch.optim.LBFGS. */
#include "support/state_dict_scene.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { A = 3, B = 4 };

/* f = sum w_i (x_i - 1)^2 / 2 + (x_i - 1)^4 / 4 over tensors a [3] and b [2][2], each with weights of its own. */
typedef struct pair {
  double a[A], b[B], ga[A], gb[B];
  float a32[A], b32[B], ga32[A], gb32[B];
  secant_optimizer *optimizer;
} pair;

static double terms(const double *x, double *g, size_t n, double weight)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double e = x[i] - 1.0, w = weight * (1.0 + (double)i);
    sum += w * e * e / 2.0 + e * e * e * e / 4.0;
    g[i] = w * e + e * e * e;
  }
  return sum;
}

static int pair_loss(void *user, double *loss)
{
  pair *p = user;
  *loss = terms(p->a, p->ga, A, 1.0) + terms(p->b, p->gb, B, 10.0);
  return 0;
}

static secant_options pair_options(void)
{
  secant_options options = secant_options_torch();
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  options.max_iter = 2;
  options.max_eval = 50;
  options.lr = 0.75;
  return options;
}

static const int64_t shape_a[] = {A}, shape_b[] = {2, 2};

static secant_parameter tensor_a(pair *p, const char *name)
{
  return (secant_parameter){
      .name = name, .values = p->a, .gradient = p->ga, .local_count = A, .shape = shape_a, .dimensions = 1};
}

static secant_parameter tensor_b(pair *p, const char *name)
{
  return (secant_parameter){
      .name = name, .values = p->b, .gradient = p->gb, .local_count = B, .shape = shape_b, .dimensions = 2};
}

static void pair_begin(pair *p, const char *name_a, const char *name_b, bool b_first)
{
  *p = (pair){.a = {3.0, -1.0, 2.0}, .b = {0.0, 2.0, -2.0, 4.0}};
  secant_parameter parameters[] = {tensor_a(p, name_a), tensor_b(p, name_b)};
  const secant_options options = pair_options();
  if (b_first) {
    parameters[0] = tensor_b(p, name_b);
    parameters[1] = tensor_a(p, name_a);
  }
  assert_int_equal(secant_create(&p->optimizer, parameters, 2, &options, NULL, NULL), SECANT_OK);
}

static void pair_step(pair *p, int calls)
{
  for (int i = 0; i < calls; i++) assert_int_equal(secant_step(p->optimizer, pair_loss, p, NULL), SECANT_OK);
}

static void copy_point(const pair *from, pair *to)
{
  memcpy(to->a, from->a, sizeof to->a);
  memcpy(to->b, from->b, sizeof to->b);
}

/* Both go on by `calls` steps and are at the same point, to the bit. */
static void expect_same_path(pair *a, pair *b, int calls)
{
  pair_step(a, calls);
  pair_step(b, calls);
  assert_memory_equal(a->a, b->a, sizeof a->a);
  assert_memory_equal(a->b, b->b, sizeof a->b);
}

static const double *elements(const secant_node *dict, const char *path)
{
  secant_tensor view;
  assert_int_equal(secant_node_get_tensor(secant_node_find(dict, path), &view), SECANT_OK);
  return view.data;
}

static void B6_a_state_with_another_number_of_groups_is_refused(void **state)
{
  (void)state;
  pair one, two, twin;
  double x = 2.0, g = 0.0;
  const secant_parameter extra = {.values = &x, .gradient = &g, .local_count = 1};
  const secant_group group = {.parameters = &extra, .count = 1};
  pair_begin(&one, NULL, NULL, false);
  pair_begin(&two, NULL, NULL, false);
  pair_begin(&twin, NULL, NULL, false);
  pair_step(&one, 2);
  pair_step(&twin, 2);
  assert_int_equal(secant_add_param_group(two.optimizer, &group), SECANT_OK);
  secant_node *dict = state_dict_of(two.optimizer);
  assert_int_equal(secant_load_state_dict(one.optimizer, dict), SECANT_ERR_MISMATCH);
  assert_non_null(strstr(secant_message(one.optimizer), "'param_groups'"));
  expect_same_path(&one, &twin, 2);
  secant_node_destroy(dict);
  secant_destroy(one.optimizer);
  secant_destroy(two.optimizer);
  secant_destroy(twin.optimizer);
}

static void B7_a_state_with_another_number_of_parameters_is_refused(void **state)
{
  (void)state;
  pair one, twin;
  double x[] = {1.0, 2.0, 3.0}, g[3] = {0.0};
  secant_parameter three[3];
  secant_optimizer *other = NULL;
  for (size_t i = 0; i < 3; i++) {
    three[i] = (secant_parameter){.values = &x[i], .gradient = &g[i], .local_count = 1};
  }
  assert_int_equal(secant_create(&other, three, 3, NULL, NULL, NULL), SECANT_OK);
  secant_node *dict = state_dict_of(other);
  pair_begin(&one, NULL, NULL, false);
  pair_begin(&twin, NULL, NULL, false);
  pair_step(&one, 2);
  pair_step(&twin, 2);
  assert_int_equal(secant_load_state_dict(one.optimizer, dict), SECANT_ERR_MISMATCH);
  assert_non_null(strstr(secant_message(one.optimizer), "'param_groups/0/params'"));
  expect_same_path(&one, &twin, 2);
  secant_node_destroy(dict);
  secant_destroy(other);
  secant_destroy(one.optimizer);
  secant_destroy(twin.optimizer);
}

static void B8_vectors_are_converted_to_the_type_of_the_parameters(void **state)
{
  (void)state;
  pair p;
  secant_optimizer *single = NULL;
  pair_begin(&p, NULL, NULL, false);
  pair_step(&p, 2);
  const secant_parameter parameters[] = {
      {.dtype = SECANT_F32, .values = p.a32, .gradient = p.ga32, .local_count = A},
      {.dtype = SECANT_F32, .values = p.b32, .gradient = p.gb32, .local_count = B},
  };
  assert_int_equal(secant_create(&single, parameters, 2, NULL, NULL, NULL), SECANT_OK);
  secant_node *dict = state_dict_of(p.optimizer);
  if (secant_load_state_dict(single, dict) != SECANT_OK) fail_msg("%s", secant_message(single));
  secant_node *rounded = state_dict_of(single);
  static const char *const paths[] = {"state/0/d", "state/0/prev_flat_grad", "state/0/old_dirs/0",
                                      "state/0/old_stps/1"};
  for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
    secant_tensor view;
    const double *full = elements(dict, paths[k]);
    assert_int_equal(secant_node_get_tensor(secant_node_find(rounded, paths[k]), &view), SECANT_OK);
    assert_int_equal(view.dtype, SECANT_F32);
    for (size_t i = 0; i < A + B; i++) assert_true(((const float *)view.data)[i] == (float)full[i]);
  }
  secant_node_destroy(rounded);
  secant_node_destroy(dict);
  secant_destroy(single);
  secant_destroy(p.optimizer);
}

static double lr_of(const secant_optimizer *optimizer)
{
  secant_options options = secant_options_default();
  secant_get_options(optimizer, &options);
  return options.lr;
}

static void B9_loading_overwrites_lr_and_a_later_schedule_overwrites_it_again(void **state)
{
  (void)state;
  pair saved, loaded;
  secant_schedule *before = NULL, *after = NULL;
  pair_begin(&saved, NULL, NULL, false);
  pair_begin(&loaded, NULL, NULL, false);
  secant_node *dict = state_dict_of(saved.optimizer);
  assert_int_equal(secant_node_set(secant_node_find(dict, "param_groups/0"), "lr", secant_node_real(0.3)), SECANT_OK);
  assert_int_equal(secant_schedule_constant(&before, loaded.optimizer, 0.5, 10), SECANT_OK);
  assert_true(lr_of(loaded.optimizer) == 0.375);
  assert_int_equal(secant_load_state_dict(loaded.optimizer, dict), SECANT_OK);
  assert_true(lr_of(loaded.optimizer) == 0.3);
  assert_int_equal(secant_schedule_constant(&after, loaded.optimizer, 0.5, 10), SECANT_OK);
  assert_true(lr_of(loaded.optimizer) == 0.15);
  secant_schedule_destroy(before);
  secant_schedule_destroy(after);
  secant_node_destroy(dict);
  secant_destroy(saved.optimizer);
  secant_destroy(loaded.optimizer);
}

static void B10_parameters_are_matched_by_position_not_by_name(void **state)
{
  (void)state;
  pair saved, loaded;
  pair_begin(&saved, "a", "b", false);
  pair_begin(&loaded, "b", "a", false); /* the same tensors under each other's names */
  pair_step(&saved, 2);
  secant_node *dict = state_dict_of(saved.optimizer);
  assert_int_equal(secant_load_state_dict(loaded.optimizer, dict), SECANT_OK);
  secant_node *again = state_dict_of(loaded.optimizer);
  assert_memory_equal(elements(dict, "state/0/d"), elements(again, "state/0/d"), (A + B) * sizeof(double));
  assert_memory_equal(elements(dict, "state/0/s/0"), elements(again, "state/0/s/0"), (A + B) * sizeof(double));
  copy_point(&saved, &loaded);
  expect_same_path(&saved, &loaded, 2);
  secant_node_destroy(again);
  secant_node_destroy(dict);
  secant_destroy(saved.optimizer);
  secant_destroy(loaded.optimizer);
}

static void B11_names_in_the_loaded_state_replace_the_current_ones(void **state)
{
  (void)state;
  pair saved, loaded, unnamed;
  pair_begin(&saved, "weight", "bias", false);
  pair_begin(&loaded, "first", "second", false);
  pair_begin(&unnamed, NULL, NULL, false);
  secant_node *dict = state_dict_of(saved.optimizer);
  assert_int_equal(secant_load_state_dict(loaded.optimizer, dict), SECANT_OK);
  assert_int_equal(secant_load_state_dict(unnamed.optimizer, dict), SECANT_OK);
  assert_string_equal(secant_parameter_name(loaded.optimizer, 0), "weight");
  assert_string_equal(secant_parameter_name(loaded.optimizer, 1), "bias");
  assert_string_equal(secant_parameter_name(unnamed.optimizer, 1), "bias");
  secant_node_destroy(dict);
  secant_destroy(saved.optimizer);
  secant_destroy(loaded.optimizer);
  secant_destroy(unnamed.optimizer);
}

static void B12_names_absent_from_the_loaded_state_stay(void **state)
{
  (void)state;
  pair saved, loaded;
  pair_begin(&saved, NULL, NULL, false);
  pair_begin(&loaded, "first", "second", false);
  secant_node *dict = state_dict_of(saved.optimizer);
  assert_null(secant_node_find(dict, "param_groups/0/param_names"));
  assert_int_equal(secant_load_state_dict(loaded.optimizer, dict), SECANT_OK);
  assert_string_equal(secant_parameter_name(loaded.optimizer, 0), "first");
  assert_string_equal(secant_parameter_name(loaded.optimizer, 1), "second");
  secant_node_destroy(dict);
  secant_destroy(saved.optimizer);
  secant_destroy(loaded.optimizer);
}

/* Turns a vector (a, b) into (b, a). */
static void swap_tensors(secant_node *node)
{
  secant_tensor view;
  double a[A];
  assert_int_equal(secant_node_get_tensor(node, &view), SECANT_OK);
  memcpy(a, view.data, sizeof a);
  memmove(view.data, (double *)view.data + A, B * sizeof(double));
  memcpy((double *)view.data + B, a, sizeof a);
}

/* Brings a state whose parameters are called a, b into the order b, a. */
static int order_by_name(secant_optimizer *optimizer, secant_node **dict, void *user)
{
  static const char *const lists[] = {"state/0/old_dirs", "state/0/old_stps"};
  secant_node *names = secant_node_find(*dict, "param_groups/0/param_names");
  int *runs = user;
  (*runs)++;
  if (strcmp(secant_node_get_text(secant_node_at(names, 0)), secant_parameter_name(optimizer, 0)) == 0)
    return SECANT_HOOK_KEEP;
  swap_tensors(secant_node_find(*dict, "state/0/d"));
  swap_tensors(secant_node_find(*dict, "state/0/prev_flat_grad"));
  for (size_t k = 0; k < 2; k++) {
    secant_node *list = secant_node_find(*dict, lists[k]);
    for (size_t i = 0; i < secant_node_size(list); i++) swap_tensors(secant_node_at(list, i));
  }
  secant_node_remove(secant_node_find(*dict, "param_groups/0"), "param_names");
  secant_node_remove(secant_node_find(*dict, "state"), "secant");
  return SECANT_HOOK_KEEP;
}

static void B13_a_pre_hook_can_reorder_the_state_by_name(void **state)
{
  (void)state;
  pair saved, loaded;
  int runs = 0;
  pair_begin(&saved, "a", "b", false);
  pair_begin(&loaded, "a", "b", true); /* b comes first */
  pair_step(&saved, 2);
  secant_node *dict = state_dict_of(saved.optimizer);
  double before[A + B];
  memcpy(before, elements(dict, "state/0/d"), sizeof before);
  assert_int_equal(secant_register_load_state_dict_pre_hook(loaded.optimizer, order_by_name, &runs, 0, NULL),
                   SECANT_OK);
  assert_int_equal(secant_load_state_dict(loaded.optimizer, dict), SECANT_OK);
  assert_int_equal(runs, 1);
  assert_memory_equal(elements(dict, "state/0/d"), before, sizeof before); /* the hook had a copy */
  secant_node *again = state_dict_of(loaded.optimizer);
  assert_memory_equal(elements(again, "state/0/d"), before + A, B * sizeof(double));
  assert_memory_equal(elements(again, "state/0/d") + B, before, A * sizeof(double));
  assert_string_equal(secant_parameter_name(loaded.optimizer, 0), "b");
  copy_point(&saved, &loaded);
  pair_step(&saved, 1);
  pair_step(&loaded, 1);
  for (size_t i = 0; i < A; i++) assert_true(fabs(saved.a[i] - loaded.a[i]) <= 1e-12);
  for (size_t i = 0; i < B; i++) assert_true(fabs(saved.b[i] - loaded.b[i]) <= 1e-12);
  secant_node_destroy(again);
  secant_node_destroy(dict);
  secant_destroy(saved.optimizer);
  secant_destroy(loaded.optimizer);
}

static void B15_a_state_dict_has_two_entries(void **state)
{
  (void)state;
  pair p;
  pair_begin(&p, NULL, NULL, false);
  for (int calls = 0; calls < 2; calls++) {
    secant_node *dict = state_dict_of(p.optimizer);
    assert_int_equal(secant_node_size(dict), 2);
    assert_int_equal(secant_node_get_kind(secant_node_find(dict, "state")), SECANT_NODE_DICT);
    assert_int_equal(secant_node_get_kind(secant_node_find(dict, "param_groups")), SECANT_NODE_LIST);
    assert_int_equal(secant_node_size(secant_node_find(dict, "state")) == 0, calls == 0);
    secant_node_destroy(dict);
    pair_step(&p, 1);
  }
  secant_destroy(p.optimizer);
}

static void B17_a_group_has_all_options_and_the_list_of_ids(void **state)
{
  (void)state;
  pair p;
  pair_begin(&p, "a", "b", false);
  secant_node *dict = state_dict_of(p.optimizer);
  const secant_node *group = secant_node_find(dict, "param_groups/0");
  const secant_options options = pair_options();
  for (size_t i = 0; i < secant_options_count(); i++) {
    const char *name = secant_options_describe(i)->name;
    const secant_node *node = secant_node_find(group, name);
    char want[64], got[64];
    double number = NAN;
    assert_non_null(node);
    assert_int_equal(secant_options_get(&options, name, want, sizeof want), SECANT_OK);
    const char *text = secant_node_get_text(node);
    if (!text) assert_int_equal(secant_node_get_real(node, &number), SECANT_OK);
    if (text) {
      snprintf(got, sizeof got, "%s", text);
    } else {
      snprintf(got, sizeof got, "%.17g", number);
    }
    assert_string_equal(got, want);
  }
  assert_string_equal(secant_node_get_text(secant_node_find(group, "line_search_fn")), "strong_wolfe");
  assert_int_equal(secant_node_get_kind(secant_node_find(group, "lr")), SECANT_NODE_REAL);
  assert_int_equal(secant_node_get_kind(secant_node_find(group, "max_iter")), SECANT_NODE_INTEGER);
  assert_int_equal(secant_node_size(secant_node_find(group, "params")), 2);
  assert_string_equal(secant_node_get_text(secant_node_find(group, "param_names/0")), "a");
  assert_string_equal(secant_node_get_text(secant_node_find(group, "param_names/1")), "b");
  secant_node_destroy(dict);
  secant_destroy(p.optimizer);
}

/* Whether a tensor with these elements is anywhere in the tree. */
static bool holds(const secant_node *node, const double *values, size_t count)
{
  secant_tensor view;
  if (secant_node_get_tensor(node, &view) == SECANT_OK) {
    for (size_t first = 0; first + count <= view.local_count; first++) {
      if (memcmp((const double *)view.data + first, values, count * sizeof *values) == 0) return true;
    }
  }
  for (size_t i = 0; i < secant_node_size(node); i++) {
    if (holds(secant_node_at(node, i), values, count)) return true;
  }
  return false;
}

static void B18_the_parameters_are_not_saved(void **state)
{
  (void)state;
  pair p;
  double gradient[A];
  pair_begin(&p, NULL, NULL, false);
  pair_step(&p, 1);
  secant_node *dict = state_dict_of(p.optimizer);
  memcpy(gradient, elements(dict, "state/0/prev_flat_grad"), sizeof gradient);
  assert_true(holds(dict, gradient, A)); /* the search finds what is there */
  assert_false(holds(dict, p.a, A));
  assert_false(holds(dict, p.b, B));
  secant_node_destroy(dict);
  secant_destroy(p.optimizer);
}

static void B19_ids_count_the_parameters_over_all_groups(void **state)
{
  (void)state;
  pair p;
  double x = 2.0, g = 0.0;
  const secant_parameter extra = {.values = &x, .gradient = &g, .local_count = 1};
  const secant_group group = {.parameters = &extra, .count = 1};
  pair_begin(&p, NULL, NULL, false);
  assert_int_equal(secant_add_param_group(p.optimizer, &group), SECANT_OK);
  secant_node *dict = state_dict_of(p.optimizer);
  state_dict_expect_integer(secant_node_find(dict, "param_groups/0/params/0"), "id", 0);
  state_dict_expect_integer(secant_node_find(dict, "param_groups/0/params/1"), "id", 1);
  state_dict_expect_integer(secant_node_find(dict, "param_groups/1/params/0"), "id", 2);
  assert_null(secant_node_find(dict, "param_groups/0/params/2"));
  secant_node_destroy(dict);
  secant_destroy(p.optimizer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(B6_a_state_with_another_number_of_groups_is_refused),
      cmocka_unit_test(B7_a_state_with_another_number_of_parameters_is_refused),
      cmocka_unit_test(B8_vectors_are_converted_to_the_type_of_the_parameters),
      cmocka_unit_test(B9_loading_overwrites_lr_and_a_later_schedule_overwrites_it_again),
      cmocka_unit_test(B10_parameters_are_matched_by_position_not_by_name),
      cmocka_unit_test(B11_names_in_the_loaded_state_replace_the_current_ones),
      cmocka_unit_test(B12_names_absent_from_the_loaded_state_stay),
      cmocka_unit_test(B13_a_pre_hook_can_reorder_the_state_by_name),
      cmocka_unit_test(B15_a_state_dict_has_two_entries),
      cmocka_unit_test(B17_a_group_has_all_options_and_the_list_of_ids),
      cmocka_unit_test(B18_the_parameters_are_not_saved),
      cmocka_unit_test(B19_ids_count_the_parameters_over_all_groups),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
