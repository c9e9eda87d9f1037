/* A sound state of two or more pairs, spoilt in all sorts of ways. What cannot be built is left as it is and then fails
 * the test. */
#include "support/state_dict_runs.h"
#include <math.h>
#include <stdlib.h>

static void put(secant_node *dict, const char *path, const char *key, secant_node *child)
{
  if (secant_node_set(secant_node_find(dict, path), key, child) != SECANT_OK) abort();
}

static void add(secant_node *dict, const char *path, secant_node *child)
{
  if (secant_node_append(secant_node_find(dict, path), child) != SECANT_OK) abort();
}

static void take_out(secant_node *dict, const char *path, const char *key)
{
  secant_node_remove(secant_node_find(dict, path), key);
}

/* A vector of `n` zeros, whole on this rank. */
static secant_node *vector(int64_t n)
{
  const secant_piece whole = {0, (size_t)n};
  const secant_tensor view = {.dimensions = 1, .shape = &n, .pieces = 1, .piece = &whole, .local_count = (size_t)n};
  return secant_node_tensor(&view);
}

/* A vector as long as d of which this rank holds nothing. */
static secant_node *unheld(const secant_node *dict)
{
  secant_tensor d;
  const secant_piece nothing = {0, 0};
  if (secant_node_get_tensor(secant_node_find(dict, "state/0/d"), &d) != SECANT_OK) abort();
  const secant_tensor view = {.dimensions = 1, .shape = d.shape, .pieces = 1, .piece = &nothing};
  return secant_node_tensor(&view);
}

#define FAULT(name, ...)                                                                                               \
  static void name(secant_node *dict)                                                                                  \
  {                                                                                                                    \
    __VA_ARGS__;                                                                                                       \
  }

FAULT(no_state, take_out(dict, "state", "0"); secant_node_remove(dict, "state"))
FAULT(state_is_a_list, put(dict, "state", "0", secant_node_none());
      if (secant_node_set(dict, "state", secant_node_list()) != SECANT_OK) abort())
FAULT(state_of_another_parameter, put(dict, "state", "17", secant_node_dict()); take_out(dict, "state", "0"))
FAULT(entry_is_a_number, put(dict, "state", "0", secant_node_integer(3)))
FAULT(no_n_iter, take_out(dict, "state/0", "n_iter"))
FAULT(real_n_iter, put(dict, "state/0", "n_iter", secant_node_real(5.0)))
FAULT(negative_n_iter, put(dict, "state/0", "n_iter", secant_node_integer(-1)))
FAULT(negative_func_evals, put(dict, "state/0", "func_evals", secant_node_integer(-4)))
FAULT(endless_n_iter, put(dict, "state/0", "n_iter", secant_node_integer(INT64_MAX)))
FAULT(endless_func_evals, put(dict, "state/0", "func_evals", secant_node_integer(INT64_MAX)))
FAULT(endless_skipped, put(dict, "state/secant", "skipped_pairs", secant_node_integer(INT64_MAX)))
FAULT(no_func_evals, take_out(dict, "state/0", "func_evals"))
FAULT(learnt_without_iterations, put(dict, "state/0", "n_iter", secant_node_integer(0)))
FAULT(no_direction, take_out(dict, "state/0", "d"))
FAULT(direction_none, put(dict, "state/0", "d", secant_node_none()))
FAULT(direction_too_short, put(dict, "state/0", "d", vector(3)))
FAULT(direction_not_held, put(dict, "state/0", "d", unheld(dict)))
FAULT(no_gradient, take_out(dict, "state/0", "prev_flat_grad"))
FAULT(gradient_is_text, put(dict, "state/0", "prev_flat_grad", secant_node_text("g")))
FAULT(nan_step, put(dict, "state/0", "t", secant_node_real(NAN)))
FAULT(infinite_step, put(dict, "state/0", "t", secant_node_real(INFINITY)))
FAULT(no_step, take_out(dict, "state/0", "t"))
FAULT(text_step, put(dict, "state/0", "t", secant_node_text("1")))
FAULT(no_previous_loss, take_out(dict, "state/0", "prev_loss"))
FAULT(zero_gamma, put(dict, "state/0", "H_diag", secant_node_real(0.0)))
FAULT(nan_gamma, put(dict, "state/0", "H_diag", secant_node_real(NAN)))
FAULT(no_pairs, take_out(dict, "state/0", "old_dirs"))
FAULT(pairs_are_a_vector, put(dict, "state/0", "old_stps", vector(4)))
FAULT(one_s_too_few, take_out(dict, "state/0/old_stps", "0"))
FAULT(one_y_too_many, add(dict, "state/0/old_dirs", vector(4)))
FAULT(a_short_y, take_out(dict, "state/0/old_dirs", "1"); add(dict, "state/0/old_dirs", vector(4)))
FAULT(an_s_that_is_none, take_out(dict, "state/0/old_stps", "1"); add(dict, "state/0/old_stps", secant_node_none()))
FAULT(an_s_not_held, take_out(dict, "state/0/old_stps", "1"); add(dict, "state/0/old_stps", unheld(dict)))
FAULT(ro_too_short, take_out(dict, "state/0/ro", "0"))
FAULT(ro_is_a_number, put(dict, "state/0", "ro", secant_node_real(1.0)))
FAULT(no_ro, take_out(dict, "state/0", "ro"))
FAULT(negative_ro, take_out(dict, "state/0/ro", "1"); add(dict, "state/0/ro", secant_node_real(-1.0)))
FAULT(text_in_ro, take_out(dict, "state/0/ro", "1"); add(dict, "state/0/ro", secant_node_text("1")))
FAULT(secant_is_a_list, put(dict, "state", "secant", secant_node_list()))
FAULT(negative_skipped, put(dict, "state/secant", "skipped_pairs", secant_node_integer(-1)))
FAULT(pending_two, put(dict, "state/secant", "pending", secant_node_integer(2)))
FAULT(pending_text, put(dict, "state/secant", "pending", secant_node_text("yes")))
FAULT(restarted_real, put(dict, "state/secant", "restarted", secant_node_real(1.0)))
FAULT(too_many_added, put(dict, "state/secant", "added_parameters", secant_node_integer(99)))
FAULT(table_is_text, put(dict, "state/secant", "gram_sy", secant_node_text("s.y")))
FAULT(no_groups, secant_node_remove(dict, "param_groups"))
FAULT(another_group, add(dict, "param_groups", secant_node_copy(secant_node_find(dict, "param_groups/0"))))
FAULT(group_is_none, take_out(dict, "param_groups", "0"); add(dict, "param_groups", secant_node_none()))
FAULT(no_params, take_out(dict, "param_groups/0", "params"))
FAULT(a_parameter_too_many, add(dict, "param_groups/0/params", secant_node_integer(4)))
FAULT(a_parameter_too_few, take_out(dict, "param_groups/0/params", "3"))
FAULT(names_are_text, put(dict, "param_groups/0", "param_names", secant_node_text("w")))
FAULT(a_name_too_few, take_out(dict, "param_groups/0/param_names", "0"))
FAULT(a_name_is_a_number, take_out(dict, "param_groups/0/param_names", "0");
      add(dict, "param_groups/0/param_names", secant_node_integer(1)))
FAULT(names_alike, take_out(dict, "param_groups/0/param_names", "0");
      add(dict, "param_groups/0/param_names", secant_node_text("bias")))
FAULT(negative_lr, put(dict, "param_groups/0", "lr", secant_node_real(-1.0)))
FAULT(nan_lr, put(dict, "param_groups/0", "lr", secant_node_real(NAN)))
FAULT(text_lr, put(dict, "param_groups/0", "lr", secant_node_text("1")))
FAULT(tensor_tolerance, put(dict, "param_groups/0", "tolerance_grad", vector(1)))
FAULT(real_max_iter, put(dict, "param_groups/0", "max_iter", secant_node_real(20.0)))
FAULT(negative_history, put(dict, "param_groups/0", "history_size", secant_node_integer(-1)))
FAULT(huge_history, put(dict, "param_groups/0", "history_size", secant_node_integer(1000000)))
FAULT(unknown_search, put(dict, "param_groups/0", "line_search", secant_node_text("armijo")))
FAULT(search_by_number, put(dict, "param_groups/0", "line_search", secant_node_integer(1)))
FAULT(unknown_torch_search, take_out(dict, "param_groups/0", "line_search");
      put(dict, "param_groups/0", "line_search_fn", secant_node_text("golden_section")))
FAULT(armijo_above_wolfe, put(dict, "param_groups/0", "armijo", secant_node_real(0.95)))
FAULT(negative_initial_lr, put(dict, "param_groups/0", "initial_lr", secant_node_real(-1.0)))
FAULT(text_flag, put(dict, "param_groups/0", "max_eval_hard", secant_node_text("no")))

#define ROW(function, entry)                                                                                           \
  {                                                                                                                    \
#function, entry, function                                                                                         \
  }

const state_dict_fault state_dict_faults[] = {
    ROW(no_state, "'state'"),
    ROW(state_is_a_list, "'state'"),
    ROW(state_of_another_parameter, "'state'"),
    ROW(entry_is_a_number, "'state/0'"),
    ROW(no_n_iter, "'state/0/n_iter'"),
    ROW(real_n_iter, "'state/0/n_iter'"),
    ROW(negative_n_iter, "'state/0/n_iter'"),
    ROW(negative_func_evals, "'state/0/func_evals'"),
    ROW(endless_n_iter, "'state/0/n_iter'"),
    ROW(endless_func_evals, "'state/0/func_evals'"),
    ROW(endless_skipped, "'state/secant/skipped_pairs'"),
    ROW(no_func_evals, "'state/0/func_evals'"),
    ROW(learnt_without_iterations, "'state/0/d'"),
    ROW(no_direction, "'state/0/d'"),
    ROW(direction_none, "'state/0/d'"),
    ROW(direction_too_short, "'state/0/d'"),
    ROW(direction_not_held, "'state/0/d'"),
    ROW(no_gradient, "'state/0/prev_flat_grad'"),
    ROW(gradient_is_text, "'state/0/prev_flat_grad'"),
    ROW(nan_step, "'state/0/t'"),
    ROW(infinite_step, "'state/0/t'"),
    ROW(no_step, "'state/0/t'"),
    ROW(text_step, "'state/0/t'"),
    ROW(no_previous_loss, "'state/0/prev_loss'"),
    ROW(zero_gamma, "'state/0/H_diag'"),
    ROW(nan_gamma, "'state/0/H_diag'"),
    ROW(no_pairs, "'state/0/old_dirs'"),
    ROW(pairs_are_a_vector, "'state/0/old_stps'"),
    ROW(one_s_too_few, "'state/0/old_stps'"),
    ROW(one_y_too_many, "'state/0/old_dirs/"),
    ROW(a_short_y, "'state/0/old_dirs/"),
    ROW(an_s_that_is_none, "'state/0/old_stps/"),
    ROW(an_s_not_held, "'state/0/old_stps/"),
    ROW(ro_too_short, "'state/0/ro'"),
    ROW(ro_is_a_number, "'state/0/ro'"),
    ROW(no_ro, "'state/0/ro'"),
    ROW(negative_ro, "'state/0/ro'"),
    ROW(text_in_ro, "'state/0/ro'"),
    ROW(secant_is_a_list, "'state/secant'"),
    ROW(negative_skipped, "'state/secant/skipped_pairs'"),
    ROW(pending_two, "'state/secant/pending'"),
    ROW(pending_text, "'state/secant/pending'"),
    ROW(restarted_real, "'state/secant/restarted'"),
    ROW(too_many_added, "'state/secant/added_parameters'"),
    ROW(table_is_text, "'state/secant/gram_sy'"),
    ROW(no_groups, "'param_groups'"),
    ROW(another_group, "'param_groups'"),
    ROW(group_is_none, "'param_groups/0'"),
    ROW(no_params, "'param_groups/0/params'"),
    ROW(a_parameter_too_many, "'param_groups/0/params'"),
    ROW(a_parameter_too_few, "'param_groups/0/params'"),
    ROW(names_are_text, "'param_groups/0/param_names'"),
    ROW(a_name_too_few, "'param_groups/0/param_names'"),
    ROW(a_name_is_a_number, "'param_groups/0/param_names'"),
    ROW(names_alike, "'param_groups/0/param_names'"),
    ROW(negative_lr, "'param_groups/0/lr'"),
    ROW(nan_lr, "'param_groups/0/lr'"),
    ROW(text_lr, "'param_groups/0/lr'"),
    ROW(tensor_tolerance, "'param_groups/0/tolerance_grad'"),
    ROW(real_max_iter, "'param_groups/0/max_iter'"),
    ROW(negative_history, "'param_groups/0/history_size'"),
    ROW(huge_history, "'param_groups/0/history_size'"),
    ROW(unknown_search, "'param_groups/0/line_search'"),
    ROW(search_by_number, "'param_groups/0/line_search'"),
    ROW(unknown_torch_search, "'param_groups/0/line_search_fn'"),
    ROW(armijo_above_wolfe, "armijo"),
    ROW(negative_initial_lr, "'param_groups/0/initial_lr'"),
    ROW(text_flag, "'param_groups/0/max_eval_hard'"),
};
const size_t state_dict_fault_count = sizeof state_dict_faults / sizeof *state_dict_faults;
