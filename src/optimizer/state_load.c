/*
 * Loads a state dict as one transaction: all of it is read and checked first, the pairs go into a storage beside the
 * optimizer's own, the ranks agree, and only then the optimizer changes, which cannot fail.
 */
#include "base/base.h"
#include "comm/equal.h"
#include "optimizer/hooks.h"
#include "optimizer/state_dict.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- do the ranks have the same state? --------------------------------------------------------------------------- */

static uint64_t hash_reals(uint64_t hash, const double *values, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const double value = isnan(values[i]) ? NAN : values[i];
    hash = secanti_hash(hash, &value, sizeof value);
  }
  return hash;
}

/* Whether a table is there counts too: all ranks must take the same way. */
static uint64_t hash_table(uint64_t hash, const double *table, size_t count)
{
  const bool there = table != NULL;
  hash = secanti_hash(hash, &there, sizeof there);
  return there ? hash_reals(hash, table, count) : hash;
}

/* A fingerprint of everything that must be equal on all ranks. */
static uint64_t fingerprint(const secant_optimizer *optimizer, const secanti_state *state)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  const int64_t counts[] = {state->n_iter,    state->func_evals, state->stored, state->skipped, state->pending,
                            state->restarted, state->added,      state->named,  state->adapted, state->withdrawals};
  const double reals[] = {state->initial_lr, state->step, state->previous_loss, state->gamma, state->start_inf};
  const size_t k = (size_t)state->stored;
  secant_options options = state->options;
  options.threads = 0; /* the one thing that may differ */
  uint64_t hash = secanti_hash(SECANTI_HASH_START, &options, sizeof options);
  hash = secanti_hash(hash, counts, sizeof counts);
  hash = hash_reals(hash, reals, sizeof reals / sizeof *reals);
  hash = hash_reals(hash, state->tolerance, parameters->groups);
  hash = hash_reals(hash, state->ro, k);
  hash = hash_table(hash, state->gram_sy, k * k);
  hash = hash_table(hash, state->gram_yy, k * k);
  hash = hash_table(hash, state->curvature, k);
  for (size_t i = 0; state->named && i < parameters->count; i++) {
    hash = secanti_hash(hash, state->names[i], strlen(state->names[i]) + 1);
  }
  return hash;
}

/* A rank that differs has read another dict. */
static secant_status check_equal(const secant_optimizer *optimizer, const secanti_state *state, secant_error *error)
{
  const secant_status status =
      secanti_require_equal(optimizer->comm, fingerprint(optimizer, state), "the state to be loaded", error);
  if (status == SECANT_ERR_ARGUMENT) error->status = SECANT_ERR_MISMATCH;
  return error->status;
}

/* ---- beside the optimizer ---------------------------------------------------------------------------------------- */

/* What takes the place of the optimizer's own. */
typedef struct arrivals {
  secanti_storage storage;
  char **names; /* [parameters], all NULL if the dict names nothing */
  size_t count;
  bool rounded; /* a pair lost digits: the type of the slots here is narrower than that of the dict's vectors */
} arrivals;

static void free_arrivals(arrivals *room)
{
  secanti_storage_destroy(&room->storage);
  for (size_t i = 0; room->names && i < room->count; i++) free(room->names[i]);
  free(room->names);
}

static secant_status copy_names(const secanti_state *state, arrivals *room)
{
  room->names = secanti_alloc(room->count, sizeof *room->names);
  if (!room->names) return SECANT_ERR_MEMORY;
  for (size_t i = 0; state->named && i < room->count; i++) {
    room->names[i] = strdup(state->names[i]);
    if (!room->names[i]) return SECANT_ERR_MEMORY;
  }
  return SECANT_OK;
}

/* The only part of loading that allocates much. The outcome is this rank's. */
static secant_status make_room(const secant_optimizer *optimizer, const secanti_state *state, arrivals *room,
                               secant_error *error)
{
  const int history_size = (int)state->options.history_size;
  secant_status status = SECANT_OK;
  room->count = optimizer->parameters.count;
  SECANT_TRY(copy_names(state, room));
  SECANT_TRY(secanti_optimizer_storage(optimizer, &optimizer->parameters, history_size, &room->storage));
  if (secanti_options_keep_gradient(&state->options)) status = secanti_vectors_add_kept(room->storage.vectors);
done:
  if (status != SECANT_OK) {
    secanti_fail(error, status, "no memory for a state of %d pairs beside what is there: take a smaller history_size",
                 history_size);
  }
  return status;
}

static void import_pairs(const secant_optimizer *optimizer, const secanti_state *state, arrivals *room)
{
  secanti_storage *into = &room->storage;
  secanti_history *history = &into->history;
  const int64_t dropped = state->stored - state->pairs;
  for (int i = 0; i < (int)state->pairs; i++) {
    const size_t from = (size_t)(dropped + i);
    history->order[i] = i;
    const secant_node *s = secant_node_at(state->s, from), *y = secant_node_at(state->y, from);
    if (!secanti_vector_unpack(optimizer, s, into->vectors, (secanti_vector){SECANTI_S, i})) room->rounded = true;
    if (!secanti_vector_unpack(optimizer, y, into->vectors, (secanti_vector){SECANTI_Y, i})) room->rounded = true;
  }
  history->pairs = (int)state->pairs;
  history->pending = history->pairs;
}

/* Without scaling, gamma is what the initial matrix says. */
static void import_history(const secant_optimizer *optimizer, const secanti_state *state, arrivals *room)
{
  secanti_storage *into = &room->storage;
  secanti_history *history = &into->history;
  history->initial_gamma = optimizer->engine.history.initial_gamma;
  history->fixed_gamma = optimizer->engine.history.fixed_gamma;
  secanti_history_clear(history);
  history->skipped = state->skipped;
  if (state->n_iter == 0) return;
  import_pairs(optimizer, state, room);
  if (state->options.scaling != SECANT_SCALING_NONE) history->gamma = state->gamma;
  const int pending = history->pending;
  secanti_vector_unpack(optimizer, state->direction, into->vectors, (secanti_vector){SECANTI_S, pending});
  secanti_vector_unpack(optimizer, state->gradient, into->vectors, (secanti_vector){SECANTI_G0, pending});
}

/* Rows and columns of the newest pairs. */
static void import_tables(const secanti_state *state, secanti_gram *gram)
{
  const size_t k = (size_t)state->pairs, stored = (size_t)state->stored, dropped = stored - k;
  const size_t rows = (size_t)gram->capacity;
  for (size_t i = 0; i < k; i++) {
    const size_t from = (dropped + i) * stored + dropped;
    memcpy(gram->sy + i * rows, state->gram_sy + from, k * sizeof(double));
    memcpy(gram->yy + i * rows, state->gram_yy + from, k * sizeof(double));
  }
  gram->pairs = (int)k;
}

static void import_curvature(const secanti_state *state, secanti_gram *gram)
{
  const size_t k = (size_t)state->pairs, dropped = (size_t)state->stored - k, rows = (size_t)gram->capacity;
  for (size_t i = 0; i < k; i++) gram->sy[i * rows + i] = state->curvature[dropped + i];
  gram->pairs = (int)k;
}

/* Pairs that have no positive s.y in the type they are stored in are no curvature pairs. All ranks find the same. */
static secant_status check_curvature(const secanti_gram *gram, secant_error *error)
{
  for (int i = 0; i < gram->pairs; i++) {
    const double sy = secanti_gram_sy(gram, i, i), yy = secanti_gram_yy(gram, i, i);
    if (sy > 0.0 && yy > 0.0 && isfinite(sy) && isfinite(yy)) continue;
    return secanti_refuse_entry(error, "state/0/old_stps", "holds a vector s without a positive s.y");
  }
  return SECANT_OK;
}

/* Takes the dict's inner products, if it has those that are needed: the textbook loop makes do with s.y of each pair. */
static bool import_products(const secanti_state *state, secanti_gram *gram)
{
  if (state->gram_sy) {
    import_tables(state, gram);
  } else if (state->curvature && state->options.direction == SECANT_DIRECTION_TWO_LOOP) {
    import_curvature(state, gram);
  } else {
    return false;
  }
  return true;
}

/* The unit of a diagonal that pairs imply. */
static void find_reference(secanti_history *history)
{
  if (history->pairs > 0) history->reference = secanti_gram_scale(&history->gram);
}

/* Collective; the outcome is common. Inner products of pairs that were rounded afterwards are not taken. */
static secant_status find_products(const secant_optimizer *optimizer, const secanti_state *state, arrivals *room,
                                   secant_error *error)
{
  secanti_storage *storage = &room->storage;
  secanti_history *history = &storage->history;
  secant_status status = SECANT_OK;
  bool rounded = false;
  if (secanti_options_narrow_history(&optimizer->options, optimizer->parameters.dtype)) {
    status = secanti_history_was_rounded(optimizer->comm, &storage->reduction, room->rounded, &rounded);
  }
  if (status == SECANT_OK && !rounded && import_products(state, &history->gram)) return SECANT_OK;
  if (status == SECANT_OK) {
    status = secanti_history_compute_products(history, storage->vectors, optimizer->comm, &storage->reduction);
  }
  if (status != SECANT_OK) return secanti_fail(error, status, "%s", secant_status_text(status));
  return check_curvature(&history->gram, error);
}

/* ---- taking over ------------------------------------------------------------------------------------------------- */

/* The run that the state belongs to has ended its last call; the next one begins with an evaluation. */
static void restart_engine(secanti_engine *engine, const secanti_state *state)
{
  secanti_observation *here = &engine->here;
  engine->phase = SECANTI_IDLE;
  engine->reason = SECANT_REASON_NONE;
  engine->now = (secanti_counters){
      .n_iter = state->n_iter, .func_evals = state->func_evals, .allreduces = engine->now.allreduces};
  engine->boundary = engine->now;
  engine->restarted = state->restarted;
  engine->added = state->added;
  engine->initial.unscaled = false;
  engine->unevaluated = false;
  engine->searching = false;
  engine->textbook = true; /* whose coefficients have the sign of a state dict's; there are none yet */
  engine->start_loss = NAN;
  memset(here->fixed, 0, sizeof here->fixed);
  here->loss = NAN;
  here->grad_inf = NAN;
  here->previous_loss = state->previous_loss;
  here->step = state->step;
  here->step_inf = 0.0;
  here->direction_inf = 0.0;
  here->search_failed = false;
  here->at_precision = false;
  here->pending = state->pending;
  here->oldest_unknown = false;
  here->trials = 0;
  here->start_inf = state->start_inf;
  here->diagonal = (secanti_diagonal){.wanted = state->adapted, .withdrawals = state->withdrawals};
}

static void take_over_names(secant_optimizer *optimizer, arrivals *room)
{
  for (size_t i = 0; i < room->count; i++) {
    char *old = optimizer->parameters.entries[i].name;
    optimizer->parameters.entries[i].name = room->names[i];
    room->names[i] = old;
  }
  optimizer->parameters.named = true;
}

/* The scale that belongs to a diagonal is none of an optimizer that does not form it. */
static void settle_scale(secanti_engine *engine)
{
  secanti_history *history = &engine->history;
  if (!engine->here.diagonal.wanted || secanti_engine_may_adapt(engine)) return;
  if (engine->settings.scale_initial && isfinite(history->reference)) history->gamma = history->reference;
}

/* From here on nothing can fail. A group that has the first one's tolerance follows it. */
static void take_over(secant_optimizer *optimizer, const secanti_state *state, arrivals *room)
{
  secanti_engine_exchange(&optimizer->engine, &room->storage);
  restart_engine(&optimizer->engine, state);
  for (size_t i = 0; i < optimizer->parameters.groups; i++) {
    const double tolerance = state->tolerance[i];
    optimizer->group_tolerance[i] = tolerance == state->options.tolerance_grad ? NAN : tolerance;
  }
  secanti_optimizer_apply(optimizer, &state->options);
  settle_scale(&optimizer->engine);
  optimizer->initial_lr = state->initial_lr;
  optimizer->asked = false;
  if (state->named) take_over_names(optimizer, room);
}

/* Collective; the outcome is common, and nothing has changed after an error. */
static secant_status load(secant_optimizer *optimizer, const secant_node *dict, secant_error *error)
{
  secanti_state state = {0};
  arrivals room = {0};
  secant_status status = SECANT_OK;
  secanti_state_read(optimizer, dict, &state, error);
  SECANT_TRY(secant_comm_agree(optimizer->comm, error));
  SECANT_TRY(check_equal(optimizer, &state, error));
  if (make_room(optimizer, &state, &room, error) == SECANT_OK) import_history(optimizer, &state, &room);
  SECANT_TRY(secant_comm_agree(optimizer->comm, error));
  SECANT_TRY(find_products(optimizer, &state, &room, error));
  find_reference(&room.storage.history);
  take_over(optimizer, &state, &room);
done:
  free_arrivals(&room);
  secanti_state_destroy(&state);
  return status;
}

/* The copy that the pre-hooks may change, if there are any. Collective; the outcome is common. */
static secant_status copy_for_hooks(secant_optimizer *optimizer, const secant_node *dict, secant_node **own,
                                    secant_error *error)
{
  const bool hooked = secanti_hooks_any(optimizer, SECANTI_HOOK_LOAD_PRE);
  if (!dict) {
    secanti_fail(error, SECANT_ERR_ARGUMENT, "there is no state to load: `dict` is NULL");
  } else if (hooked && !(*own = secant_node_copy(dict))) {
    secanti_fail(error, SECANT_ERR_MEMORY, "no memory for a copy of the state");
  }
  return secant_comm_agree(optimizer->comm, error);
}

secant_status secant_load_state_dict(secant_optimizer *optimizer, const secant_node *dict)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_error error = {.status = SECANT_OK};
  secant_node *own = NULL;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_optimizer_between_steps(optimizer, "secant_load_state_dict"));
  SECANT_TRY(copy_for_hooks(optimizer, dict, &own, &error));
  if (own) SECANT_TRY(secanti_hooks_run_state(optimizer, SECANTI_HOOK_LOAD_PRE, &own));
  SECANT_TRY(load(optimizer, own ? own : dict, &error));
  SECANT_TRY(secanti_hooks_run_state(optimizer, SECANTI_HOOK_LOAD_POST, NULL));
done:
  if (error.status != SECANT_OK) optimizer->error = error;
  secant_node_destroy(own);
  return status;
}
