#include "checkpoint/schema.h"
#include "base/base.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tables --------------------------------------------------------------------------------------------------- */

static const char *phase_text(int64_t value)
{
  if (value > SECANTI_BOUNDARY) return NULL;
  return value == SECANTI_IDLE ? "idle" : value == SECANTI_BOUNDARY ? "boundary" : "";
}

static const char *reason_text(int64_t value)
{
  return value > SECANT_REASON_WRONG_GRADIENT ? NULL : secant_reason_name((secant_reason)value);
}

static const char *direction_text(int64_t value)
{
  if (value > SECANT_DIRECTION_TWO_LOOP) return NULL;
  return value == SECANT_DIRECTION_GRAM ? "gram" : "two_loop";
}

#define INTEGER(name, field)                                                                                           \
  {                                                                                                                    \
    name, SECANTI_INTEGER, offsetof(secanti_snapshot, field), 1, SECANTI_ANY, NULL                                     \
  }
#define REAL(name, field, rule)                                                                                        \
  {                                                                                                                    \
    name, SECANTI_REAL, offsetof(secanti_snapshot, field), 1, rule, NULL                                               \
  }
#define FLAG(name, field)                                                                                              \
  {                                                                                                                    \
    name, SECANTI_FLAG, offsetof(secanti_snapshot, field), 1, SECANTI_ANY, NULL                                        \
  }
#define CHOICE(name, field, text)                                                                                      \
  {                                                                                                                    \
    name, SECANTI_CHOICE, offsetof(secanti_snapshot, field), 1, SECANTI_ANY, text                                      \
  }

const secanti_scalar secanti_scalars[] = {
    CHOICE("phase", phase, phase_text),
    CHOICE("reason", reason, reason_text),
    CHOICE("direction", direction, direction_text),
    INTEGER("capacity", capacity),
    INTEGER("pairs", pairs),
    INTEGER("skipped_pairs", skipped),
    INTEGER("added_parameters", added),
    REAL("gamma", gamma, SECANTI_POSITIVE),
    REAL("reference", reference, SECANTI_ANY),
    REAL("start_loss", start_loss, SECANTI_ANY),
    FLAG("unevaluated", unevaluated),
    FLAG("restarted", restarted),
    FLAG("unscaled", unscaled),
    FLAG("has_direction", has_direction),
    INTEGER("n_iter", counters.n_iter),
    INTEGER("func_evals", counters.func_evals),
    INTEGER("iterations", counters.iterations),
    INTEGER("evaluations", counters.evaluations),
    INTEGER("accepted", counters.accepted),
    INTEGER("allreduces", counters.allreduces),
    INTEGER("redone_directions", counters.redone_directions),
    REAL("loss", here.loss, SECANTI_FINITE_AT_BOUNDARY),
    REAL("previous_loss", here.previous_loss, SECANTI_ANY),
    REAL("grad_inf", here.grad_inf, SECANTI_FINITE_AT_BOUNDARY),
    REAL("step", here.step, SECANTI_FINITE),
    REAL("step_inf", here.step_inf, SECANTI_ANY),
    REAL("direction_inf", here.direction_inf, SECANTI_ANY),
    FLAG("search_failed", here.search_failed),
    FLAG("at_precision", here.at_precision),
    FLAG("gradient_wrong", here.gradient_wrong),
    INTEGER("stalled", here.stalled),
    REAL("lowest_loss", here.lowest_loss, SECANTI_ANY),
    REAL("least_grad", here.least_grad, SECANTI_ANY),
    REAL("start_inf", here.start_inf, SECANTI_FINITE),
    FLAG("pending", here.pending),
    FLAG("oldest_unknown", here.oldest_unknown),
    FLAG("diagonal", here.diagonal.in_force),
    FLAG("diagonal_wanted", here.diagonal.wanted),
    INTEGER("diagonal_withdrawals", here.diagonal.withdrawals),
    INTEGER("diagonal_pairs", here.diagonal.pairs),
    REAL("diagonal_reference", here.diagonal.reference, SECANTI_FINITE),
    {"products", SECANTI_REAL, offsetof(secanti_snapshot, here.fixed), SECANTI_SUMS_FIXED, SECANTI_ANY, NULL},
};
const size_t secanti_scalar_count = sizeof secanti_scalars / sizeof *secanti_scalars;

const secanti_table secanti_tables[] = {
    {"gram_sy", offsetof(secanti_snapshot, gram_sy), 2}, {"gram_yy", offsetof(secanti_snapshot, gram_yy), 2},
    {"sg", offsetof(secanti_snapshot, here.sg), 1},      {"yg", offsetof(secanti_snapshot, here.yg), 1},
    {"sy", offsetof(secanti_snapshot, here.sy), 1},      {"yy", offsetof(secanti_snapshot, here.yy), 1},
};
const size_t secanti_table_count = sizeof secanti_tables / sizeof *secanti_tables;

static size_t always(const secanti_snapshot *snapshot)
{
  (void)snapshot;
  return 1;
}

static size_t at_boundary(const secanti_snapshot *snapshot)
{
  return snapshot->phase == SECANTI_BOUNDARY;
}

static size_t of_pairs(const secanti_snapshot *snapshot)
{
  return (size_t)snapshot->pairs;
}

static size_t with_direction(const secanti_snapshot *snapshot)
{
  return snapshot->has_direction;
}

static size_t if_unevaluated(const secanti_snapshot *snapshot)
{
  return snapshot->unevaluated;
}

const secanti_vector_entry secanti_vector_entries[] = {
    {"x", SECANTI_X, false, always},
    {"g", SECANTI_G, false, at_boundary},
    {"s", SECANTI_S, true, of_pairs},
    {"y", SECANTI_Y, true, of_pairs},
    {"d", SECANTI_S, false, with_direction},
    {"g0", SECANTI_G0, false, with_direction},
    {"base", SECANTI_BASE, false, if_unevaluated},
};
const size_t secanti_vector_entry_count = sizeof secanti_vector_entries / sizeof *secanti_vector_entries;

/* ---- checks ------------------------------------------------------------------------------------------------------- */

int64_t secanti_scalar_parse(const secanti_scalar *scalar, const char *text)
{
  const char *name;
  for (int64_t value = 0; (name = scalar->choice(value)) != NULL; value++) {
    if (*name && strcmp(name, text) == 0) return value;
  }
  return -1;
}

static bool real_is_sound(double value, secanti_real_rule rule, bool boundary)
{
  switch (rule) {
  case SECANTI_ANY: return true;
  case SECANTI_FINITE: return isfinite(value);
  case SECANTI_POSITIVE: return value > 0.0; /* may overflow: the next direction then starts afresh */
  case SECANTI_FINITE_AT_BOUNDARY: return !boundary || isfinite(value);
  }
  return false;
}

static bool scalar_is_sound(const secanti_scalar *scalar, secanti_snapshot *snapshot)
{
  const void *at = secanti_scalar_at(scalar, snapshot);
  if (scalar->kind == SECANTI_INTEGER || scalar->kind == SECANTI_CHOICE) {
    const int64_t value = *(const int64_t *)at;
    return value >= 0 && value <= INT64_MAX / 2; /* a run that counts on from there must not overflow */
  }
  if (scalar->kind == SECANTI_FLAG) return true;
  for (size_t i = 0; i < scalar->count; i++) {
    if (!real_is_sound(((const double *)at)[i], scalar->rule, snapshot->phase == SECANTI_BOUNDARY)) return false;
  }
  return true;
}

/* Whether a diagonal that is in force can be formed. */
static bool diagonal_is_sound(const secanti_snapshot *snapshot)
{
  const secanti_diagonal *diagonal = &snapshot->here.diagonal;
  if (!diagonal->in_force) return diagonal->pairs == 0;
  return snapshot->direction == SECANT_DIRECTION_GRAM && diagonal->reference > 0.0 && diagonal->pairs > 0 &&
         diagonal->pairs <= snapshot->pairs && diagonal->pairs <= SECANTI_METRIC_PAIRS;
}

/* A scalar that contradicts another one, by its place in the snapshot; 0 if there is none. */
static size_t contradiction(const secanti_snapshot *snapshot)
{
  if (snapshot->capacity > SECANTI_MOST_PAIRS) return offsetof(secanti_snapshot, capacity);
  if (snapshot->pairs > snapshot->capacity) return offsetof(secanti_snapshot, pairs);
  if (snapshot->here.pending && !snapshot->has_direction) return offsetof(secanti_snapshot, here.pending);
  if (snapshot->here.oldest_unknown && !(snapshot->here.pending && snapshot->pairs > 0)) {
    return offsetof(secanti_snapshot, here.oldest_unknown);
  }
  if (!diagonal_is_sound(snapshot)) return offsetof(secanti_snapshot, here.diagonal.pairs);
  if (snapshot->unevaluated && snapshot->phase != SECANTI_IDLE) return offsetof(secanti_snapshot, unevaluated);
  return 0;
}

const secanti_scalar *secanti_snapshot_fault(secanti_snapshot *snapshot)
{
  const size_t offset = contradiction(snapshot);
  for (size_t i = 0; i < secanti_scalar_count; i++) {
    const secanti_scalar *scalar = &secanti_scalars[i];
    if (!scalar_is_sound(scalar, snapshot) || (offset && scalar->offset == offset)) return scalar;
  }
  return NULL;
}

/* At a boundary |g|_inf is that of the group with the largest. */
static bool gradient_is_sound(const secanti_snapshot *snapshot)
{
  double most = 0.0;
  for (size_t i = 0; i < snapshot->groups; i++) {
    if (!(snapshot->here.group_inf[i] >= 0.0)) return snapshot->phase != SECANTI_BOUNDARY;
    if (snapshot->here.group_inf[i] > most) most = snapshot->here.group_inf[i];
  }
  return snapshot->phase != SECANTI_BOUNDARY || most == snapshot->here.grad_inf;
}

bool secanti_snapshot_tables_sound(const secanti_snapshot *snapshot)
{
  if (!gradient_is_sound(snapshot)) return false;
  const size_t k = (size_t)snapshot->pairs;
  for (size_t i = 0; i < k; i++) {
    const double sy = snapshot->gram_sy[i * k + i], yy = snapshot->gram_yy[i * k + i];
    if (!(isfinite(sy) && sy > 0.0 && isfinite(yy) && yy >= 0.0)) return false;
  }
  return true;
}

/* ---- from and to the engine --------------------------------------------------------------------------------------- */

secant_status secanti_snapshot_allocate(secanti_snapshot *snapshot)
{
  const size_t k = (size_t)snapshot->pairs;
  double *next = snapshot->storage = secanti_alloc(2 * k * k + 4 * k + snapshot->groups, sizeof *next);
  if (!next) return SECANT_ERR_MEMORY;
  for (size_t i = 0; i < secanti_table_count; i++) {
    *(double **)((char *)snapshot + secanti_tables[i].offset) = next;
    next += secanti_tables[i].dimensions == 2 ? k * k : k;
  }
  snapshot->here.group_inf = next;
  return SECANT_OK;
}

void secanti_snapshot_destroy(secanti_snapshot *snapshot)
{
  free(snapshot->storage);
  snapshot->storage = NULL;
}

/* The s.y that lie below the diagonal mean nothing; zeros keep equal states equal in the file. */
void secanti_snapshot_take_products(secanti_snapshot *snapshot, const secanti_gram *gram)
{
  const int k = (int)snapshot->pairs;
  for (int i = 0; i < k; i++) {
    for (int j = 0; j < k; j++) {
      const size_t at = (size_t)i * (size_t)k + (size_t)j;
      snapshot->gram_sy[at] = i <= j ? secanti_gram_sy(gram, i, j) : 0.0;
      snapshot->gram_yy[at] = secanti_gram_yy(gram, i, j);
    }
  }
}

static void copy_arrays(const secanti_observation *from, secanti_observation *to, int64_t pairs, size_t groups)
{
  memcpy(to->group_inf, from->group_inf, groups * sizeof *to->group_inf);
  const size_t bytes = (size_t)pairs * sizeof(double);
  if (bytes == 0) return;
  memcpy(to->sg, from->sg, bytes);
  memcpy(to->yg, from->yg, bytes);
  memcpy(to->sy, from->sy, bytes);
  memcpy(to->yy, from->yy, bytes);
}

/* Copies all of an observation but the addresses of its arrays, whose contents it copies. */
static void copy_observation(const secanti_observation *from, secanti_observation *to, int64_t pairs, size_t groups)
{
  const secanti_observation own = *to;
  *to = *from;
  to->sg = own.sg;
  to->yg = own.yg;
  to->sy = own.sy;
  to->yy = own.yy;
  to->group_inf = own.group_inf;
  copy_arrays(from, to, pairs, groups);
}

/* Within a search the last pair has been absorbed already, so that `here.pending` is false, and the pending slot is
 * being tried: it is not saved. */
secant_status secanti_snapshot_take(secanti_snapshot *snapshot, const secanti_engine *engine)
{
  const bool searching = engine->phase == SECANTI_TRIAL;
  const secanti_history *history = &engine->history;
  const secanti_counters *counters = searching ? &engine->boundary : &engine->now;
  *snapshot = (secanti_snapshot){
      .phase = searching || engine->phase == SECANTI_BOUNDARY ? SECANTI_BOUNDARY : SECANTI_IDLE,
      .reason = searching ? SECANT_REASON_NONE : engine->reason,
      .direction = engine->settings.direction,
      .capacity = history->capacity,
      .pairs = history->pairs,
      .skipped = history->skipped,
      .added = engine->added,
      .groups = engine->groups,
      .gamma = history->gamma,
      .reference = history->reference,
      .start_loss = engine->start_loss,
      .unevaluated = engine->unevaluated,
      .restarted = engine->restarted,
      .unscaled = engine->initial.unscaled,
      .has_direction = !searching && counters->n_iter > 0,
      .counters = *counters,
  };
  if (secanti_snapshot_allocate(snapshot) != SECANT_OK) return SECANT_ERR_MEMORY;
  copy_observation(&engine->here, &snapshot->here, snapshot->pairs, snapshot->groups);
  secanti_snapshot_take_products(snapshot, &history->gram);
  return SECANT_OK;
}

void secanti_snapshot_keep_newest(secanti_snapshot *snapshot, int64_t pairs)
{
  const size_t all = (size_t)snapshot->pairs, left = (size_t)pairs, dropped = all - left;
  for (size_t i = 0; i < secanti_table_count; i++) {
    double *table = secanti_table_at(&secanti_tables[i], snapshot);
    const bool square = secanti_tables[i].dimensions == 2;
    for (size_t row = 0; row < (square ? left : 1); row++) {
      const double *from = table + (square ? (row + dropped) * all : 0) + dropped;
      memmove(table + row * left, from, left * sizeof *table);
    }
  }
  snapshot->pairs = pairs;
  if (dropped == 0) return;
  snapshot->here.oldest_unknown = false;
  snapshot->here.diagonal.pairs = 0;
}

void secanti_snapshot_restore_history(const secanti_snapshot *snapshot, secanti_history *history)
{
  const int k = (int)snapshot->pairs;
  history->pairs = k;
  history->pending = k;
  history->gamma = snapshot->gamma;
  history->reference = snapshot->reference;
  history->skipped = snapshot->skipped;
  history->gram.pairs = k;
  for (int i = 0; i < k; i++) {
    const size_t row = (size_t)i * (size_t)history->gram.capacity, bytes = (size_t)k * sizeof(double);
    history->order[i] = i;
    memcpy(history->gram.sy + row, snapshot->gram_sy + (size_t)i * (size_t)k, bytes);
    memcpy(history->gram.yy + row, snapshot->gram_yy + (size_t)i * (size_t)k, bytes);
  }
}

void secanti_snapshot_restore(const secanti_snapshot *snapshot, secanti_engine *engine, secanti_storage *storage)
{
  const secanti_history *own = &engine->history;
  storage->history.initial_gamma = own->initial_gamma;
  storage->history.fixed_gamma = own->fixed_gamma;
  secanti_snapshot_restore_history(snapshot, &storage->history);
  memcpy(storage->group_tolerance, engine->group_tolerance, engine->groups * sizeof *engine->group_tolerance);
  secanti_engine_exchange(engine, storage);
  engine->phase = (secanti_phase)snapshot->phase;
  engine->reason = (secant_reason)snapshot->reason;
  engine->now = snapshot->counters;
  engine->boundary = snapshot->counters;
  engine->unevaluated = snapshot->unevaluated;
  engine->restarted = snapshot->restarted;
  engine->initial.unscaled = snapshot->unscaled && snapshot->pairs > 0 && secanti_initial_is_applied(&engine->initial);
  engine->added = snapshot->added;
  engine->start_loss = snapshot->start_loss;
  engine->searching = false;
  engine->failed = false;
  engine->check.active = false;
  copy_observation(&snapshot->here, &engine->here, snapshot->pairs, snapshot->groups);
}

const char *secanti_initial_name(secant_initial_kind kind)
{
  static const char *const names[] = {[SECANT_INITIAL_IDENTITY] = "identity",
                                      [SECANT_INITIAL_SCALAR] = "scalar",
                                      [SECANT_INITIAL_DIAGONAL] = "diagonal",
                                      [SECANT_INITIAL_DENSE] = "dense",
                                      [SECANT_INITIAL_OPERATOR] = "operator"};
  return names[kind];
}
