/* The part param_groups of a state dict: options, positions and names of the parameters, group by group. */
#include "base/base.h"
#include "optimizer/options.h"
#include "optimizer/state_dict.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_LENGTH = 64, PATH_LENGTH = 96 };

/* ---- out --------------------------------------------------------------------------------------------------------- */

static secant_status put(secant_node *dict, const char *key, secant_node *child)
{
  return secant_node_set(dict, key, child) == SECANT_OK ? SECANT_OK : SECANT_ERR_MEMORY;
}

static secant_node *pack_option(const secant_options *options, size_t index)
{
  char value[VALUE_LENGTH];
  if (secant_options_get(options, secant_options_describe(index)->name, value, sizeof value) != SECANT_OK) return NULL;
  switch (secanti_options_kind(index)) {
  case SECANT_NODE_INTEGER: return secant_node_integer(strtoll(value, NULL, 10));
  case SECANT_NODE_REAL: return secant_node_real(strtod(value, NULL));
  default: return secant_node_text(value);
  }
}

/* As torch has it: None, or the search by name. */
static secant_node *pack_line_search(const secant_options *options)
{
  char value[VALUE_LENGTH];
  if (options->line_search == SECANT_LINE_SEARCH_NONE) return secant_node_none();
  if (secant_options_get(options, "line_search", value, sizeof value) != SECANT_OK) return NULL;
  return secant_node_text(value);
}

static secant_status put_options(const secant_optimizer *optimizer, size_t group, secant_node *dict)
{
  secant_options options = secant_options_default();
  secant_status status = secant_get_group_options(optimizer, group, &options);
  SECANT_TRY(status);
  for (size_t i = 0; i < secant_options_count(); i++) {
    SECANT_TRY(put(dict, secant_options_describe(i)->name, pack_option(&options, i)));
  }
  SECANT_TRY(put(dict, "line_search_fn", pack_line_search(&options)));
  if (!isnan(optimizer->initial_lr)) SECANT_TRY(put(dict, "initial_lr", secant_node_real(optimizer->initial_lr)));
done:
  return status;
}

/* Positions of the group's parameters among all, or their names. */
static secant_node *pack_list(const secanti_parameters *parameters, size_t group, bool names)
{
  secant_node *list = secant_node_list();
  secant_status status = list ? SECANT_OK : SECANT_ERR_MEMORY;
  for (size_t i = 0; i < parameters->count && status == SECANT_OK; i++) {
    const secanti_parameter *entry = &parameters->entries[i];
    if (entry->group != group) continue;
    status = secant_node_append(list, names ? secant_node_text(entry->name) : secant_node_integer((int64_t)i));
  }
  if (status == SECANT_OK) return list;
  secant_node_destroy(list);
  return NULL;
}

static secant_status put_group(const secant_optimizer *optimizer, size_t group, secant_node *dict)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  secant_status status = SECANT_OK;
  SECANT_TRY(put_options(optimizer, group, dict));
  SECANT_TRY(put(dict, "params", pack_list(parameters, group, false)));
  if (parameters->named) SECANT_TRY(put(dict, "param_names", pack_list(parameters, group, true)));
done:
  return status;
}

secant_node *secanti_groups_pack(const secant_optimizer *optimizer)
{
  secant_node *list = secant_node_list();
  secant_status status = list ? SECANT_OK : SECANT_ERR_MEMORY;
  for (size_t i = 0; i < optimizer->parameters.groups && status == SECANT_OK; i++) {
    secant_node *dict = secant_node_dict();
    status = secant_node_append(list, dict);
    if (status == SECANT_OK) status = put_group(optimizer, i, dict);
  }
  if (status == SECANT_OK) return list;
  secant_node_destroy(list);
  return NULL;
}

/* ---- in: options ------------------------------------------------------------------------------------------------- */

/* Says how this process computes, and is not taken from a dict. */
static bool is_of_this_process(const char *option)
{
  static const char *const own[] = {"direction", "loss", "reduction", "history_dtype", "threads"};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
    if (strcmp(option, own[i]) == 0) return true;
  }
  return false;
}

/* A value as secant_options_set() wants it; false if it is of another kind than the option. */
static bool print_value(const secant_node *node, secant_node_kind kind, char *value)
{
  int64_t integer;
  double real;
  const char *text = secant_node_get_text(node);
  if (kind == SECANT_NODE_TEXT && text) {
    snprintf(value, VALUE_LENGTH, "%s", text);
  } else if (kind == SECANT_NODE_INTEGER && secant_node_get_integer(node, &integer) == SECANT_OK) {
    snprintf(value, VALUE_LENGTH, "%" PRId64, integer);
  } else if (kind == SECANT_NODE_REAL && secant_node_get_real(node, &real) == SECANT_OK) {
    snprintf(value, VALUE_LENGTH, "%.17g", real);
  } else {
    return false;
  }
  return true;
}

/* Sets option `index` from the entry `key` of a group, if it has one. */
static secant_status read_option(const secant_node *group, size_t number, const char *key, size_t index,
                                 secant_options *options, secant_error *error)
{
  const secant_option_description *option = secant_options_describe(index);
  const secant_node *node = secant_node_find(group, key);
  char value[VALUE_LENGTH] = "of another kind", path[PATH_LENGTH], what[2 * VALUE_LENGTH + 40];
  if (!node) return SECANT_OK;
  const bool fits = print_value(node, secanti_options_kind(index), value);
  if (fits && secant_options_set(options, option->name, value, NULL) == SECANT_OK) return SECANT_OK;
  snprintf(path, sizeof path, "param_groups/%zu/%s", number, key);
  snprintf(what, sizeof what, "is %s, but must be %s", value, option->range);
  return secanti_refuse_entry(error, path, what);
}

/* Torch's name for the line search counts where ours is missing; None means none there. */
static secant_status read_line_search(const secant_node *group, size_t number, size_t index, secant_options *options,
                                      secant_error *error)
{
  const secant_node *torch = secant_node_find(group, "line_search_fn");
  const bool own = secant_node_find(group, "line_search") != NULL;
  if (!own && torch && secant_node_get_kind(torch) == SECANT_NODE_NONE) {
    options->line_search = SECANT_LINE_SEARCH_NONE;
    return SECANT_OK;
  }
  return read_option(group, number, own ? "line_search" : "line_search_fn", index, options, error);
}

static secant_status read_options(const secant_node *group, size_t number, secant_options *options, secant_error *error)
{
  secant_error fault;
  secant_status status = SECANT_OK;
  for (size_t i = 0; i < secant_options_count(); i++) {
    const char *name = secant_options_describe(i)->name;
    if (is_of_this_process(name)) continue;
    if (strcmp(name, "line_search") == 0) {
      SECANT_TRY(read_line_search(group, number, i, options, error));
    } else {
      SECANT_TRY(read_option(group, number, name, i, options, error));
    }
  }
  if (secant_options_check(options, &fault) != SECANT_OK) {
    status = secanti_fail(error, SECANT_ERR_MISMATCH, "the entry 'param_groups/%zu' of the state does not fit: %s",
                          number, fault.message);
  }
done:
  return status;
}

/* A further group has the options of the first but for its gradient tolerance. */
static secant_status check_further(const secant_options *first, const secant_options *further, size_t number,
                                   secant_error *error)
{
  for (size_t i = 0; i < secant_options_count(); i++) {
    const char *name = secant_options_describe(i)->name;
    char ours[VALUE_LENGTH], theirs[VALUE_LENGTH], path[PATH_LENGTH];
    if (strcmp(name, "tolerance_grad") == 0) continue;
    const bool known = secant_options_get(first, name, ours, sizeof ours) == SECANT_OK &&
                       secant_options_get(further, name, theirs, sizeof theirs) == SECANT_OK;
    if (known && strcmp(ours, theirs) == 0) continue;
    snprintf(path, sizeof path, "param_groups/%zu/%s", number, name);
    return secanti_refuse_entry(error, path, "differs from that of the first group, which holds for all");
  }
  return SECANT_OK;
}

static secant_status read_initial_lr(const secant_node *group, secanti_state *state, secant_error *error)
{
  const secant_node *node = secant_node_find(group, "initial_lr");
  state->initial_lr = NAN;
  if (!node) return SECANT_OK;
  const bool number = secant_node_get_real(node, &state->initial_lr) == SECANT_OK;
  if (number && state->initial_lr >= 0.0 && isfinite(state->initial_lr)) return SECANT_OK;
  return secanti_refuse_entry(error, "param_groups/0/initial_lr", "is not a number >= 0");
}

/* ---- in: parameters ---------------------------------------------------------------------------------------------- */

static size_t group_size(const secanti_parameters *parameters, size_t group)
{
  size_t count = 0;
  for (size_t i = 0; i < parameters->count; i++) count += parameters->entries[i].group == group;
  return count;
}

/* A list under `key` with one entry for each parameter of the group. */
static secant_status check_list(const secant_optimizer *optimizer, const secant_node *group, size_t number,
                                const char *key, secant_error *error)
{
  const secant_node *list = secant_node_find(group, key);
  const size_t count = group_size(&optimizer->parameters, number);
  char path[PATH_LENGTH], what[100];
  if (secant_node_get_kind(list) == SECANT_NODE_LIST && secant_node_size(list) == count) return SECANT_OK;
  snprintf(path, sizeof path, "param_groups/%zu/%s", number, key);
  snprintf(what, sizeof what, "is not a list of %zu, the number of parameters in the group", count);
  return secanti_refuse_entry(error, path, what);
}

static secant_status read_names(const secant_optimizer *optimizer, const secant_node *group, size_t number,
                                secanti_state *state, secant_error *error)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  const secant_node *list = secant_node_find(group, "param_names");
  char path[PATH_LENGTH];
  snprintf(path, sizeof path, "param_groups/%zu/param_names", number);
  if (number == 0) state->named = list != NULL;
  if (state->named != (list != NULL)) return secanti_refuse_entry(error, path, "must be in all groups or in none");
  if (!list) return SECANT_OK;
  const secant_status status = check_list(optimizer, group, number, "param_names", error);
  if (status != SECANT_OK) return status;
  for (size_t i = 0, position = 0; i < parameters->count; i++) {
    if (parameters->entries[i].group != number) continue;
    state->names[i] = secant_node_get_text(secant_node_at(list, position++));
    if (!state->names[i]) return secanti_refuse_entry(error, path, "holds something that is no text");
  }
  return SECANT_OK;
}

static secant_status check_unique(const secanti_parameters *parameters, const secanti_state *state, secant_error *error)
{
  for (size_t i = 0; state->named && i < parameters->count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (strcmp(state->names[i], state->names[j]) == 0) {
        char what[100];
        snprintf(what, sizeof what, "names parameters %zu and %zu alike", j, i);
        return secanti_refuse_entry(error, "param_groups/0/param_names", what);
      }
    }
  }
  return SECANT_OK;
}

/* ---- in: all together -------------------------------------------------------------------------------------------- */

static secant_status read_group(const secant_optimizer *optimizer, const secant_node *group, size_t number,
                                secanti_state *state, secant_error *error)
{
  char path[PATH_LENGTH];
  secant_options options = number == 0 ? optimizer->options : state->options;
  secant_status status = SECANT_OK;
  if (secant_node_get_kind(group) != SECANT_NODE_DICT) {
    snprintf(path, sizeof path, "param_groups/%zu", number);
    return secanti_refuse_entry(error, path, "is no dict");
  }
  if (number > 0 && !isnan(optimizer->group_tolerance[number])) {
    options.tolerance_grad = optimizer->group_tolerance[number];
  }
  SECANT_TRY(read_options(group, number, &options, error));
  if (number == 0) {
    state->options = options;
    SECANT_TRY(read_initial_lr(group, state, error));
  }
  SECANT_TRY(check_further(&state->options, &options, number, error));
  state->tolerance[number] = options.tolerance_grad;
  SECANT_TRY(check_list(optimizer, group, number, "params", error));
  SECANT_TRY(read_names(optimizer, group, number, state, error));
done:
  return status;
}

secant_status secanti_groups_read(const secant_optimizer *optimizer, const secant_node *dict, secanti_state *state,
                                  secant_error *error)
{
  const secant_node *list = secant_node_find(dict, "param_groups");
  const size_t groups = optimizer->parameters.groups;
  secant_status status = SECANT_OK;
  if (secant_node_get_kind(list) != SECANT_NODE_LIST || secant_node_size(list) != groups) {
    char what[100];
    snprintf(what, sizeof what, "is not a list of %zu, the number of parameter groups", groups);
    return secanti_refuse_entry(error, "param_groups", what);
  }
  for (size_t i = 0; i < groups; i++) SECANT_TRY(read_group(optimizer, secant_node_at(list, i), i, state, error));
  status = check_unique(&optimizer->parameters, state, error);
done:
  return status;
}
