/* The two public functions, and what is decided before a file is opened: how a node lies in it, and whether it may. */
#include "checkpoint/state_file.h"
#include "base/base.h"
#include "checkpoint/place.h"
#include "comm/equal.h"
#include <stdlib.h>
#include <string.h>

/* ---- forms ------------------------------------------------------------------------------------------------------ */

static bool is_mark_of_none(const secant_node *node)
{
  const uint64_t none = SECANTI_STATE_NONE;
  double value = 0;
  return secant_node_get_real(node, &value) == SECANT_OK && memcmp(&value, &none, sizeof none) == 0;
}

/* The list that `node` alone would make; a none goes with reals. */
static secanti_form form_of_element(const secant_node *node)
{
  secant_tensor tensor;
  switch (secant_node_get_kind(node)) {
  case SECANT_NODE_INTEGER: return SECANTI_FORM_INTEGERS;
  case SECANT_NODE_TEXT: return SECANTI_FORM_TEXTS;
  case SECANT_NODE_NONE: return SECANTI_FORM_REALS;
  case SECANT_NODE_REAL: return is_mark_of_none(node) ? SECANTI_FORM_GROUP : SECANTI_FORM_REALS;
  case SECANT_NODE_TENSOR:
    if (secant_node_get_tensor(node, &tensor) == SECANT_OK && tensor.dimensions == 1) return SECANTI_FORM_VECTORS;
    break;
  default: break;
  }
  return SECANTI_FORM_GROUP;
}

static bool alike(const secant_node *a, const secant_node *b)
{
  secant_tensor one, other;
  if (secant_node_get_tensor(a, &one) != SECANT_OK || secant_node_get_tensor(b, &other) != SECANT_OK) return true;
  return one.dtype == other.dtype && one.shape[0] == other.shape[0];
}

static secanti_form form_of_list(const secant_node *list)
{
  const secant_node *first = secant_node_at(list, 0);
  const secanti_form form = first ? form_of_element(first) : SECANTI_FORM_GROUP;
  for (size_t i = 1; form != SECANTI_FORM_GROUP && i < secant_node_size(list); i++) {
    const secant_node *other = secant_node_at(list, i);
    if (form_of_element(other) != form || !alike(first, other)) return SECANTI_FORM_GROUP;
  }
  return form;
}

secanti_form secanti_form_of(const secant_node *node)
{
  switch (secant_node_get_kind(node)) {
  case SECANT_NODE_LIST: return form_of_list(node);
  case SECANT_NODE_DICT: return SECANTI_FORM_GROUP;
  case SECANT_NODE_TENSOR: return SECANTI_FORM_TENSOR;
  default: return SECANTI_FORM_SCALAR;
  }
}

/* ---- a look at the whole dict ----------------------------------------------------------------------------------- */

/* What must be equal on all ranks, and what the file must hold. */
typedef struct survey {
  uint64_t hash; /* of everything but the numbers in tensors */
  size_t nodes;
  int deepest;
} survey;

static void survey_data(survey *all, const void *data, size_t bytes)
{
  all->hash = secanti_hash(all->hash, data, bytes);
}

static void survey_tensor(survey *all, const secant_node *node)
{
  secant_tensor tensor;
  if (secant_node_get_tensor(node, &tensor) != SECANT_OK) return;
  const int type[] = {(int)tensor.dtype, tensor.dimensions};
  survey_data(all, type, sizeof type);
  survey_data(all, tensor.shape, (size_t)tensor.dimensions * sizeof *tensor.shape);
}

static void survey_value(survey *all, const secant_node *node)
{
  const char *text = secant_node_get_text(node);
  int64_t integer = 0;
  double real = 0;
  if (text) survey_data(all, text, strlen(text) + 1);
  if (secant_node_get_integer(node, &integer) == SECANT_OK) survey_data(all, &integer, sizeof integer);
  if (secant_node_get_real(node, &real) == SECANT_OK) survey_data(all, &real, sizeof real);
}

static void survey_node(survey *all, const secant_node *node, int depth)
{
  const int kind = (int)secant_node_get_kind(node);
  const uint64_t children = secant_node_size(node);
  survey_data(all, &kind, sizeof kind);
  survey_data(all, &children, sizeof children);
  all->nodes++;
  if (depth > all->deepest) all->deepest = depth;
  survey_tensor(all, node);
  survey_value(all, node);
  for (size_t i = 0; i < children && depth <= SECANTI_STATE_DEEPEST; i++) {
    const char *key = secant_node_key(node, i);
    if (key) survey_data(all, key, strlen(key) + 1);
    survey_node(all, secant_node_at(node, i), depth + 1);
  }
}

/* ---- saving ----------------------------------------------------------------------------------------------------- */

/* Refuses what no rank can go on with. Collective; the outcome is common. */
static secant_status check_access(const char *path, secant_comm *comm, uint64_t hash, secant_error *error)
{
  if (!path || !*path) {
    secanti_fail(error, SECANT_ERR_ARGUMENT, "a state dict needs a path");
  } else if (comm->size > 1 && !comm->h5 && error->status == SECANT_OK) {
    secanti_fail(error, SECANT_ERR_UNSUPPORTED, "this communicator cannot open files in parallel");
  }
  secant_status status = SECANT_OK;
  SECANT_TRY(secant_comm_agree(comm, error));
  status = secanti_require_equal(comm, secanti_hash(hash, path, strlen(path)),
                                 "the path or the entries of a state dict", error);
done:
  return status;
}

/* Fills `all`, and `error` if no file can hold the dict. */
static void survey_dict(survey *all, const secant_node *dict, secant_error *error)
{
  *all = (survey){.hash = SECANTI_HASH_START};
  if (secant_node_get_kind(dict) != SECANT_NODE_DICT) {
    secanti_fail(error, SECANT_ERR_ARGUMENT, "only a dict can be saved");
    return;
  }
  survey_node(all, dict, 0);
  if (all->nodes > SECANTI_STATE_MOST_NODES || all->deepest > SECANTI_STATE_DEEPEST) {
    secanti_fail(error, SECANT_ERR_ARGUMENT, "a state dict in a file has at most %d values in dicts %d deep",
                 SECANTI_STATE_MOST_NODES, SECANTI_STATE_DEEPEST);
  }
}

static void close_transfers(secanti_state_file *state)
{
  for (size_t i = 0; i < state->transfer_count; i++) {
    if (state->transfers[i].dataset >= 0) H5Dclose(state->transfers[i].dataset);
  }
  state->transfer_count = 0;
}

/* All objects are made before any data are moved, so that a failure cannot part the ranks within a transfer. */
static secant_status write_all(void *user)
{
  secanti_state_file *state = user;
  secanti_state_file_lay_out(state);
  secant_status status = secant_comm_agree(state->file.comm, state->file.error);
  if (status == SECANT_OK) status = secanti_state_file_transfer(state);
  close_transfers(state);
  return status;
}

static secanti_place place_of(secanti_state_file *state, const char *path, secant_comm *comm, secanti_place_task *task,
                              secant_error *error)
{
  return (secanti_place){.path = path,
                         .kind = "a state dict",
                         .seal_optional = true,
                         .comm = comm,
                         .error = error,
                         .file = &state->file,
                         .task = task,
                         .user = state};
}

secant_status secanti_state_file_save(const secant_node *dict, const char *path, secant_comm *comm, size_t piece,
                                      secant_error *error)
{
  secant_error unwanted;
  survey all;
  if (!error) error = &unwanted;
  *error = (secant_error){.status = SECANT_OK};
  comm = secanti_comm_or_self(comm);
  secanti_state_file state = {.dict = dict, .piece = piece};
  const secanti_place place = place_of(&state, path, comm, write_all, error);
  survey_dict(&all, dict, error);
  secant_status status = check_access(path, comm, all.hash, error);
  if (status == SECANT_OK) status = secanti_place_write(&place);
  free(state.transfers);
  return status;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* This rank's parts of the vector that holds all parameters, one after the other. */
static void find_pieces(secanti_state_file *state, secant_error *error)
{
  const secanti_parameters *parameters = state->parameters;
  int64_t before = 0;
  state->pieces = secanti_alloc(parameters->count, sizeof *state->pieces);
  if (!state->pieces) secanti_fail(error, SECANT_ERR_MEMORY, "no memory for %zu parameters", parameters->count);
  for (size_t i = 0; state->pieces && i < parameters->count; i++) {
    state->pieces[i] = (secant_piece){before + parameters->entries[i].first, parameters->segments[i].count};
    state->local_count += parameters->segments[i].count;
    before += parameters->entries[i].extent;
  }
}

static secant_status read_all(void *user)
{
  secanti_state_file *state = user;
  secanti_state_file_build(state);
  secant_status status = secant_comm_agree(state->file.comm, state->file.error);
  if (status == SECANT_OK) status = secanti_state_file_transfer(state);
  close_transfers(state);
  return status;
}

secant_status secanti_state_file_read(secant_optimizer *optimizer, const char *path, size_t piece, secant_node **dict)
{
  if (dict) *dict = NULL;
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_error *error = &optimizer->error;
  *error = (secant_error){.status = SECANT_OK};
  secanti_state_file state = {.parameters = &optimizer->parameters, .piece = piece};
  const secanti_place place = place_of(&state, path, optimizer->comm, read_all, error);
  if (dict) {
    find_pieces(&state, error);
  } else {
    secanti_fail(error, SECANT_ERR_ARGUMENT, "secant_state_dict_read() needs a place for the dict");
  }
  secant_status status = check_access(path, optimizer->comm, SECANTI_HASH_START, error);
  if (status == SECANT_OK) status = secanti_place_read(&place);
  if (status == SECANT_OK) {
    *dict = state.root;
  } else {
    secant_node_destroy(state.root);
  }
  free(state.transfers);
  free(state.pieces);
  return status;
}

/* ---- public ----------------------------------------------------------------------------------------------------- */

secant_status secant_state_dict_save(const secant_node *dict, const char *path, secant_comm *comm, secant_error *error)
{
  return secanti_state_file_save(dict, path, comm, SECANTI_LARGEST_PIECE, error);
}

secant_status secant_state_dict_read(secant_optimizer *optimizer, const char *path, secant_node **dict)
{
  return secanti_state_file_read(optimizer, path, SECANTI_LARGEST_PIECE, dict);
}
