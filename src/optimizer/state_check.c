/* Reads a state dict: every entry is looked at before anything is believed. */
#include "base/base.h"
#include "optimizer/state_dict.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_LENGTH = 96, KEY_LENGTH = 24 };

/* A run counts on from what it loads, and must not come to the end of the integers. */
#define LARGEST_COUNT (INT64_MAX / 2)

secant_status secanti_refuse_entry(secant_error *error, const char *path, const char *what)
{
  return secanti_fail(error, SECANT_ERR_MISMATCH, "the entry '%s' of the state %s", path, what);
}

/* ---- single values ----------------------------------------------------------------------------------------------- */

/* A dict and what it is called in messages. */
typedef struct place {
  const secant_node *dict;
  const char *path;
  secant_error *error;
} place;

static secant_status refuse(const place *at, const char *key, const char *what)
{
  char path[PATH_LENGTH];
  snprintf(path, sizeof path, "%s/%s", at->path, key);
  return secanti_refuse_entry(at->error, path, what);
}

static secant_status read_count(const place *at, const char *key, int64_t *value)
{
  const secant_node *node = secant_node_find(at->dict, key);
  if (secant_node_get_integer(node, value) != SECANT_OK || *value < 0) {
    return refuse(at, key, node ? "is not an integer >= 0" : "is missing");
  }
  return *value <= LARGEST_COUNT ? SECANT_OK : refuse(at, key, "is too large");
}

/* A count or flag that may be left out: `value` then stays. */
static secant_status read_optional(const place *at, const char *key, int64_t highest, int64_t *value)
{
  if (!secant_node_find(at->dict, key)) return SECANT_OK;
  const secant_status status = read_count(at, key, value);
  if (status != SECANT_OK || *value <= highest) return status;
  return refuse(at, key, "is too large");
}

static secant_status read_real(const place *at, const char *key, double *value)
{
  const secant_node *node = secant_node_find(at->dict, key);
  if (secant_node_get_real(node, value) == SECANT_OK) return SECANT_OK;
  return refuse(at, key, node ? "is no number" : "is missing");
}

/* A length that may be left out: `value` then stays. */
static secant_status read_length(const place *at, const char *key, double *value)
{
  if (!secant_node_find(at->dict, key)) return SECANT_OK;
  const secant_status status = read_real(at, key, value);
  if (status != SECANT_OK || (*value >= 0.0 && isfinite(*value))) return status;
  return refuse(at, key, "is not a finite number >= 0");
}

/* ---- state/0 ----------------------------------------------------------------------------------------------------- */

static secant_status read_vector(const secant_optimizer *optimizer, const place *at, const char *key,
                                 const secant_node **vector)
{
  char path[PATH_LENGTH];
  *vector = secant_node_find(at->dict, key);
  if (!*vector) return refuse(at, key, "is missing");
  snprintf(path, sizeof path, "%s/%s", at->path, key);
  return secanti_vector_check(optimizer, *vector, path, at->error);
}

/* A list of `state->stored` vectors. */
static secant_status read_pairs(const secant_optimizer *optimizer, const place *at, const char *key,
                                const secanti_state *state, const secant_node **list)
{
  *list = secant_node_find(at->dict, key);
  if (!*list) return refuse(at, key, "is missing");
  if (secant_node_get_kind(*list) != SECANT_NODE_LIST || secant_node_size(*list) != (size_t)state->stored) {
    return refuse(at, key, "is not a list as long as old_dirs");
  }
  for (size_t i = 0; i < (size_t)state->stored; i++) {
    char path[PATH_LENGTH];
    snprintf(path, sizeof path, "%s/%s/%zu", at->path, key, i);
    const secant_status status = secanti_vector_check(optimizer, secant_node_at(*list, i), path, at->error);
    if (status != SECANT_OK) return status;
  }
  return SECANT_OK;
}

/* 1 / s.y overflows to infinity where s.y is subnormal. */
static secant_status read_ro(const place *at, secanti_state *state)
{
  const secant_node *list = secant_node_find(at->dict, "ro");
  const size_t count = (size_t)state->stored;
  if (!list) return refuse(at, "ro", "is missing");
  if (secant_node_get_kind(list) != SECANT_NODE_LIST || secant_node_size(list) != count) {
    return refuse(at, "ro", "is not a list as long as old_dirs");
  }
  state->ro = secanti_alloc(count, sizeof *state->ro);
  if (!state->ro) return secanti_fail(at->error, SECANT_ERR_MEMORY, "no memory for the state's list ro");
  for (size_t i = 0; i < count; i++) {
    const bool number = secant_node_get_real(secant_node_at(list, i), &state->ro[i]) == SECANT_OK;
    if (!number || !(state->ro[i] > 0.0)) return refuse(at, "ro", "holds something that is no number > 0");
  }
  return SECANT_OK;
}

static secant_status read_learnt(const secant_optimizer *optimizer, const place *at, secanti_state *state)
{
  secant_status status = SECANT_OK;
  const secant_node *pairs = secant_node_find(at->dict, "old_dirs");
  state->stored = (int64_t)secant_node_size(pairs);
  SECANT_TRY(read_vector(optimizer, at, "d", &state->direction));
  SECANT_TRY(read_vector(optimizer, at, "prev_flat_grad", &state->gradient));
  SECANT_TRY(read_pairs(optimizer, at, "old_dirs", state, &state->y));
  SECANT_TRY(read_pairs(optimizer, at, "old_stps", state, &state->s));
  SECANT_TRY(read_ro(at, state));
  SECANT_TRY(read_real(at, "prev_loss", &state->previous_loss));
  SECANT_TRY(read_real(at, "t", &state->step));
  if (!isfinite(state->step)) return refuse(at, "t", "is not finite");
  SECANT_TRY(read_real(at, "H_diag", &state->gamma));
  if (!(state->gamma > 0.0)) return refuse(at, "H_diag", "is not > 0");
done:
  return status;
}

/* Before the first iteration torch has no other entries, or has them as None. */
static secant_status expect_nothing_learnt(const place *at)
{
  static const char *const keys[] = {"d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const secant_node *node = secant_node_find(at->dict, keys[i]);
    if (secant_node_get_kind(node) != SECANT_NODE_NONE) return refuse(at, keys[i], "has a value, though n_iter is 0");
  }
  return SECANT_OK;
}

/* ---- state/secant ------------------------------------------------------------------------------------------------ */

/* Data of a table of doubles [rows][columns], whole on this rank; NULL if it is another tensor. */
static const double *whole_table(const secant_node *node, int64_t rows, int64_t columns)
{
  secant_tensor view;
  if (secant_node_get_tensor(node, &view) != SECANT_OK) return NULL;
  if (view.dtype != SECANT_F64 || view.dimensions != 2) return NULL;
  if (view.shape[0] != rows || view.shape[1] != columns) return NULL;
  return view.local_count == (size_t)rows * (size_t)columns ? view.data : NULL;
}

/* Whether s.y of pair i is what `ro` says. */
static bool agrees(double curvature, double ro)
{
  return fabs(curvature * ro - 1.0) <= 1e-9;
}

static bool tables_are_sound(const secanti_state *state, const double *sy, const double *yy)
{
  const size_t k = (size_t)state->stored;
  for (size_t i = 0; i < k * k; i++) {
    if (!isfinite(sy[i]) || !isfinite(yy[i])) return false;
  }
  for (size_t i = 0; i < k; i++) {
    if (!agrees(sy[i * (k + 1)], state->ro[i]) || !(yy[i * (k + 1)] > 0.0)) return false;
  }
  return true;
}

/* Whether the pairs are stored in the type of the parameters, so that they are the same vectors after loading. */
static bool needs_no_conversion(const secant_optimizer *optimizer, const secanti_state *state)
{
  for (size_t i = 0; i < (size_t)state->stored; i++) {
    secant_tensor s, y;
    if (secant_node_get_tensor(secant_node_at(state->s, i), &s) != SECANT_OK) return false;
    if (secant_node_get_tensor(secant_node_at(state->y, i), &y) != SECANT_OK) return false;
    if (s.dtype != optimizer->parameters.dtype || y.dtype != optimizer->parameters.dtype) return false;
  }
  return true;
}

/* Tables are a convenience: those that cannot be relied on are computed anew, not refused. A weighted H0 has others. */
static void read_tables(const secant_optimizer *optimizer, const secant_node *own, secanti_state *state)
{
  if (state->stored == 0 || !needs_no_conversion(optimizer, state)) return;
  const double *sy = whole_table(secant_node_find(own, "gram_sy"), state->stored, state->stored);
  const double *yy = whole_table(secant_node_find(own, "gram_yy"), state->stored, state->stored);
  const double *curvature = whole_table(secant_node_find(own, "curvature"), state->stored, 1);
  const bool weighted = secanti_vectors_weighted(optimizer->engine.vectors);
  if (sy && yy && !weighted && tables_are_sound(state, sy, yy)) {
    state->gram_sy = sy;
    state->gram_yy = yy;
  }
  for (int64_t i = 0; curvature && i < state->stored; i++) {
    if (!agrees(curvature[i], state->ro[i])) curvature = NULL;
  }
  state->curvature = curvature;
}

static secant_status check_tables(const place *at)
{
  static const char *const keys[] = {"gram_sy", "gram_yy", "curvature"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const secant_node *node = secant_node_find(at->dict, keys[i]);
    if (node && secant_node_get_kind(node) != SECANT_NODE_TENSOR) return refuse(at, keys[i], "is no tensor");
  }
  return SECANT_OK;
}

/* A dict from torch has no such part: whatever was learnt there may end in a pair. */
static secant_status read_own(const secant_optimizer *optimizer, const secant_node *dict, secanti_state *state,
                              secant_error *error)
{
  const place at = {secant_node_find(dict, "state/secant"), "state/secant", error};
  int64_t pending = state->n_iter > 0, restarted = 0, adapted = 0;
  secant_status status = SECANT_OK;
  if (at.dict && secant_node_get_kind(at.dict) != SECANT_NODE_DICT) {
    return secanti_refuse_entry(error, at.path, "is no dict");
  }
  SECANT_TRY(read_optional(&at, "skipped_pairs", LARGEST_COUNT, &state->skipped));
  SECANT_TRY(read_optional(&at, "added_parameters", (int64_t)optimizer->parameters.count, &state->added));
  SECANT_TRY(read_optional(&at, "pending", 1, &pending));
  SECANT_TRY(read_optional(&at, "restarted", 1, &restarted));
  SECANT_TRY(read_optional(&at, "adapted", 1, &adapted));
  SECANT_TRY(read_optional(&at, "withdrawals", LARGEST_COUNT, &state->withdrawals));
  SECANT_TRY(read_length(&at, "start_inf", &state->start_inf));
  SECANT_TRY(check_tables(&at));
  state->pending = state->n_iter > 0 && pending != 0;
  state->restarted = restarted != 0;
  state->adapted = adapted != 0;
  read_tables(optimizer, at.dict, state);
done:
  return status;
}

/* ---- all together ------------------------------------------------------------------------------------------------ */

/* The entry of the first parameter, whatever number the dict gives to it. Torch keeps the state of a whole run
 * there. */
static secant_status find_entry(const secant_node *dict, char *key, const secant_node **entry, secant_error *error)
{
  const secant_node *state = secant_node_find(dict, "state");
  int64_t id = 0;
  if (secant_node_get_integer(secant_node_find(dict, "param_groups/0/params/0"), &id) != SECANT_OK) {
    return secanti_refuse_entry(error, "param_groups/0/params/0", "is no integer");
  }
  snprintf(key, KEY_LENGTH, "%lld", (long long)id);
  *entry = secant_node_find(state, key);
  const size_t others = secant_node_size(state) - (secant_node_find(state, "secant") != NULL);
  if (secant_node_get_kind(state) != SECANT_NODE_DICT) return secanti_refuse_entry(error, "state", "is no dict");
  if (!*entry && others > 0) return secanti_refuse_entry(error, "state", "has no entry for the first parameter");
  return SECANT_OK;
}

static secant_status read_state(const secant_optimizer *optimizer, const secant_node *dict, secanti_state *state,
                                secant_error *error)
{
  char key[KEY_LENGTH], path[KEY_LENGTH + 8];
  place at = {.path = path, .error = error};
  secant_status status = SECANT_OK;
  SECANT_TRY(find_entry(dict, key, &at.dict, error));
  snprintf(path, sizeof path, "state/%s", key);
  if (at.dict) {
    if (secant_node_get_kind(at.dict) != SECANT_NODE_DICT) return secanti_refuse_entry(error, path, "is no dict");
    SECANT_TRY(read_count(&at, "func_evals", &state->func_evals));
    SECANT_TRY(read_count(&at, "n_iter", &state->n_iter));
    SECANT_TRY(state->n_iter > 0 ? read_learnt(optimizer, &at, state) : expect_nothing_learnt(&at));
  }
  const int64_t room = state->options.history_size;
  state->pairs = state->stored < room ? state->stored : room;
  status = read_own(optimizer, dict, state, error);
done:
  return status;
}

secant_status secanti_state_read(const secant_optimizer *optimizer, const secant_node *dict, secanti_state *state,
                                 secant_error *error)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  secant_status status = SECANT_OK;
  *state = (secanti_state){.initial_lr = NAN, .previous_loss = NAN};
  if (secant_node_get_kind(dict) != SECANT_NODE_DICT) {
    return secanti_fail(error, SECANT_ERR_MISMATCH, "the state is no dict");
  }
  state->tolerance = secanti_alloc(parameters->groups, sizeof *state->tolerance);
  state->names = secanti_alloc(parameters->count, sizeof *state->names);
  if (!state->tolerance || !state->names) {
    return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the options and names of a state");
  }
  SECANT_TRY(secanti_groups_read(optimizer, dict, state, error));
  status = read_state(optimizer, dict, state, error);
done:
  return status;
}

void secanti_state_destroy(secanti_state *state)
{
  free(state->tolerance);
  free((void *)state->names);
  free(state->ro);
  *state = (secanti_state){0};
}
