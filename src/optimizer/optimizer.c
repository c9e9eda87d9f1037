#include "optimizer/optimizer.h"
#include "base/base.h"
#include "comm/equal.h"
#include "optimizer/options.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

secanti_settings secanti_settings_from(const secant_options *o)
{
  static secanti_search_rule *const rules[] = {[SECANT_LINE_SEARCH_NONE] = secanti_search_none,
                                               [SECANT_LINE_SEARCH_STRONG_WOLFE] = secanti_search_strong_wolfe,
                                               [SECANT_LINE_SEARCH_NOCEDAL_WRIGHT] = secanti_search_nocedal_wright,
                                               [SECANT_LINE_SEARCH_MORE_THUENTE] = secanti_search_more_thuente,
                                               [SECANT_LINE_SEARCH_HAGER_ZHANG] = secanti_search_hager_zhang,
                                               [SECANT_LINE_SEARCH_BACKTRACKING] = secanti_search_backtracking};
  return (secanti_settings){
      .direction = o->direction,
      .loss = o->loss,
      .curvature_test = o->curvature_test,
      .tolerance_curvature = o->tolerance_curvature,
      .lr = o->lr,
      .max_time = o->max_time,
      .first_step = o->first_step,
      .scale_initial = o->scaling != SECANT_SCALING_NONE,
      .adaptive = o->scaling == SECANT_SCALING_ADAPTIVE,
      .rule = rules[o->line_search],
      .search = {.armijo = o->armijo,
                 .wolfe = o->wolfe,
                 .width_tolerance = o->tolerance_search,
                 .max_iterations = o->max_search,
                 .max_step = o->max_step,
                 .loss_slack = o->loss_slack,
                 .max_evaluations = INT64_MAX},
      .stop = {.max_iter = o->max_iter,
               .max_eval = o->max_eval >= 0 ? o->max_eval : o->max_iter + o->max_iter / 4,
               .tolerance_change = o->tolerance_change,
               .change_test = o->change_test,
               .strict = o->strict_tests != 0,
               .convergence_first = o->convergence_first != 0},
      .max_eval_hard = o->max_eval_hard != 0,
      .safeguards = o->safeguards != 0,
  };
}

/* ---- creation ---------------------------------------------------------------------------------------------------- */

static secant_status create_engine(secant_optimizer *o)
{
  const int history_size = (int)o->options.history_size;
  secanti_storage storage;
  secant_status status = secanti_optimizer_storage(o, &o->parameters, history_size, &storage);
  if (status != SECANT_OK) return secanti_optimizer_no_room(o, &o->parameters, history_size, status);
  secanti_engine_create(&o->engine, o->comm, &storage, o->parameters.dtype);
  return SECANT_OK;
}

/* Ranks that ran with other options would sooner or later wait for each other. */
secant_status secanti_optimizer_import(secant_comm *comm, const secant_options *from, secant_options *to,
                                       secant_error *error)
{
  secant_status status = SECANT_OK;
  *error = (secant_error){.status = SECANT_OK};
  secanti_options_import(from, to, error);
  SECANT_TRY(secant_comm_agree(comm, error));
  secant_options common = *to;
  common.threads = 0; /* the one thing that may differ */
  SECANT_TRY(
      secanti_require_equal(comm, secanti_hash(SECANTI_HASH_START, &common, sizeof common), "the options", error));
done:
  return status;
}

/* What this rank alone can tell: torch.optim.LBFGS takes one group at its creation, too. */
static secant_status begin_groups(secant_optimizer *o, const secant_group *groups, size_t count)
{
  if (!groups || count != 1) {
    return secanti_fail(&o->error, SECANT_ERR_ARGUMENT,
                        "an optimizer is created with one group of parameters, not %zu: add others afterwards", count);
  }
  o->group_tolerance = secanti_alloc(1, sizeof *o->group_tolerance);
  if (!o->group_tolerance) return secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for a group of parameters");
  o->group_tolerance[0] = NAN;
  return SECANT_OK;
}

static secant_status create(secant_optimizer *o, const secant_group *groups, size_t group_count,
                            const secant_options *options)
{
  secant_status status = SECANT_OK;
  begin_groups(o, groups, group_count);
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  options = groups->options ? groups->options : options;
  SECANT_TRY(secanti_optimizer_import(o->comm, options, &o->options, &o->error));
  SECANT_TRY(secanti_parameters_create(&o->parameters, groups->parameters, groups->count, o->comm, &o->error));
  o->threads = secant_thread_count(&o->options, o->comm);
  create_engine(o);
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  secanti_optimizer_apply(o, &o->options);
done:
  if (status != SECANT_OK && o->error.status == SECANT_OK) {
    secanti_fail(&o->error, status, "%s", secant_status_text(status));
  }
  return status;
}

secant_status secant_create_from_groups(secant_optimizer **out, const secant_group *groups, size_t group_count,
                                        const secant_options *options, secant_comm *comm, secant_error *error)
{
  secant_error outcome = {.status = SECANT_OK};
  secant_optimizer *o = NULL;
  comm = secanti_comm_or_self(comm);
  if (!out) {
    secanti_fail(&outcome, SECANT_ERR_ARGUMENT, "there is nowhere to put the optimizer: `out` is NULL");
  } else {
    *out = NULL;
    o = secanti_alloc(1, sizeof *o);
    if (!o) secanti_fail(&outcome, SECANT_ERR_MEMORY, "no memory for an optimizer");
  }
  if (secant_comm_agree(comm, &outcome) == SECANT_OK) {
    o->comm = comm;
    o->initial_lr = NAN;
    if (create(o, groups, group_count, options) == SECANT_OK) {
      *out = o;
      if (error) *error = (secant_error){.status = SECANT_OK};
      return SECANT_OK;
    }
    outcome = o->error;
  }
  secant_destroy(o);
  if (error) *error = outcome;
  return outcome.status;
}

secant_status secant_create(secant_optimizer **out, const secant_parameter *parameters, size_t count,
                            const secant_options *options, secant_comm *comm, secant_error *error)
{
  const secant_group group = {.parameters = parameters, .count = count};
  return secant_create_from_groups(out, &group, 1, options, comm, error);
}

void secant_destroy(secant_optimizer *optimizer)
{
  if (!optimizer) return;
  secanti_hooks_destroy(&optimizer->hooks);
  secanti_engine_destroy(&optimizer->engine);
  secanti_parameters_destroy(&optimizer->parameters);
  free(optimizer->group_tolerance);
  free(optimizer->referred);
  free(optimizer);
}

/* ---- options --------------------------------------------------------------------------------------------------------- */

void secanti_optimizer_apply(secant_optimizer *optimizer, const secant_options *options)
{
  secanti_engine *engine = &optimizer->engine;
  optimizer->options = *options;
  engine->settings = secanti_settings_from(options);
  for (size_t i = 0; i < engine->groups; i++) {
    const double own = i > 0 ? optimizer->group_tolerance[i] : NAN;
    engine->group_tolerance[i] = isnan(own) ? options->tolerance_grad : own;
  }
}

secant_status secanti_optimizer_between_steps(secant_optimizer *optimizer, const char *function)
{
  const secanti_phase phase = optimizer->engine.phase;
  optimizer->error = (secant_error){.status = SECANT_OK};
  if (optimizer->monitoring) return secanti_monitor_forbids(optimizer, function);
  if (phase != SECANTI_ENTRY && phase != SECANTI_TRIAL) return SECANT_OK;
  return secanti_fail(&optimizer->error, SECANT_ERR_STATE, "%s() was called while an evaluation is wanted", function);
}

/* Room for what the next options want beyond what there is: another history, or a vector for the line search. */
static secant_status make_room(secant_optimizer *o, const secant_options *next, secanti_storage *storage)
{
  const bool keeps = secanti_options_keep_gradient(next);
  if (next->history_size != o->options.history_size) {
    const int history_size = (int)next->history_size;
    secant_status status = secanti_optimizer_storage(o, &o->parameters, history_size, storage);
    if (status == SECANT_OK && keeps) status = secanti_vectors_add_kept(storage->vectors);
    return status == SECANT_OK ? status : secanti_optimizer_no_room(o, &o->parameters, history_size, status);
  }
  if (keeps && secanti_vectors_add_kept(o->engine.vectors) != SECANT_OK) {
    return secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for the gradient that a line search keeps");
  }
  return SECANT_OK;
}

/* The inner products of W = I, in the place of those of a diagonal. Collective; the outcome is common. */
static secant_status make_products_plain(secant_optimizer *o, secanti_history *history, secanti_vectors *vectors,
                                         secanti_reduction *reduction)
{
  if (!o->engine.here.diagonal.in_force) return SECANT_OK;
  const secant_status status = secanti_history_compute_products(history, vectors, o->comm, reduction);
  if (status == SECANT_OK) return SECANT_OK;
  return secanti_fail(&o->error, status, "the inner products of the curvature pairs could not be summed");
}

/*
 * Puts the storage in the place of the engine's. A diagonal that is in force is made of pairs that the next history may
 * lack, or may not be had of so many. Collective; the outcome is common.
 */
static secant_status change_storage(secant_optimizer *o, secanti_storage *storage)
{
  secanti_engine *engine = &o->engine;
  secanti_optimizer_refill(o, storage);
  const secant_status status = make_products_plain(o, &storage->history, storage->vectors, &storage->reduction);
  if (status != SECANT_OK) return status;
  if (storage->history.pairs < engine->history.pairs) engine->here.oldest_unknown = false;
  secanti_engine_exchange(engine, storage);
  if (engine->here.diagonal.in_force) secanti_engine_leave_metric(engine);
  if (engine->history.pairs == 0) engine->initial.unscaled = false; /* the pair to learn from is gone */
  return SECANT_OK;
}

/*
 * A diagonal that the next options do not ask for leaves at a boundary; within an iteration, whose direction is formed,
 * the next observation sees to that. Collective; the outcome is common.
 */
static secant_status leave_diagonal(secant_optimizer *o, const secant_options *next)
{
  secanti_engine *engine = &o->engine;
  if (next->scaling == SECANT_SCALING_ADAPTIVE || engine->phase != SECANTI_BOUNDARY) return SECANT_OK;
  const secant_status status = make_products_plain(o, &engine->history, engine->vectors, &engine->reduction);
  if (status == SECANT_OK && engine->here.diagonal.in_force) secanti_engine_leave_metric(engine);
  return status;
}

secant_status secant_set_options(secant_optimizer *optimizer, const secant_options *options)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_status status = SECANT_OK;
  secant_options next;
  secanti_storage storage = {0};
  const secant_options *now = &optimizer->options;
  secant_error *error = &optimizer->error;
  SECANT_TRY(secanti_monitor_forbids(optimizer, "secant_set_options"));
  SECANT_TRY(secanti_optimizer_import(optimizer->comm, options ? options : now, &next, error));
  if (next.history_size != now->history_size) {
    SECANT_TRY(secanti_optimizer_between_steps(optimizer, "secant_set_options"));
  }
  if (next.threads != now->threads || next.direction != now->direction || next.reduction != now->reduction ||
      next.history_dtype != now->history_dtype) {
    secanti_fail(error, SECANT_ERR_ARGUMENT,
                 "threads, direction, reduction and history_dtype are fixed when the optimizer is created");
  } else {
    make_room(optimizer, &next, &storage);
  }
  SECANT_TRY(secant_comm_agree(optimizer->comm, error));
  if (storage.vectors) SECANT_TRY(change_storage(optimizer, &storage));
  SECANT_TRY(leave_diagonal(optimizer, &next));
  secanti_optimizer_apply(optimizer, &next);
done:
  secanti_storage_destroy(&storage);
  return status;
}

void secant_get_options(const secant_optimizer *optimizer, secant_options *options)
{
  const size_t size = options->struct_size < sizeof *options ? options->struct_size : sizeof *options;
  const size_t known = options->struct_size;
  memcpy(options, &optimizer->options, size);
  options->struct_size = known;
}

/* ---- queries ------------------------------------------------------------------------------------------------------ */

/* Whether sums have the same bits on any number of ranks. */
static bool any_ranks(const secant_optimizer *optimizer)
{
  return secanti_vectors_binned(optimizer->engine.vectors) && secanti_parameters_cut_at_tiles(&optimizer->parameters);
}

/* Cosine of the angle between s and y. The quotient of norms does not overflow where their squares do not. */
static double cosine_of_pair(const double *fixed)
{
  const double norms = sqrt(fixed[SECANTI_SUM_SS]) * sqrt(fixed[SECANTI_SUM_YY]);
  return norms > 0.0 ? fixed[SECANTI_SUM_SY] / norms : NAN;
}

void secant_fill_info(const secant_optimizer *optimizer, secant_info *info, size_t size)
{
  const secanti_engine *engine = &optimizer->engine;
  const secanti_observation *here = &engine->here;
  /* While a trial is out, `now` has entered the next iteration already. */
  const secanti_counters *count = engine->phase == SECANTI_TRIAL ? &engine->boundary : &engine->now;
  const double *seconds = engine->timer.seconds;
  const bool refused = secanti_engine_pair_is_refused(engine);
  const secant_info all = {.struct_size = size,
                           .reason = engine->reason,
                           .resumed = optimizer->resumed,
                           .loss = here->loss,
                           .grad_inf = here->grad_inf,
                           .grad_l1 = here->fixed[SECANTI_SUM_G1],
                           .step = here->step,
                           .step_inf = here->step_inf,
                           .h_diag = engine->history.gamma,
                           .previous_loss = here->previous_loss,
                           .n_iter = count->n_iter,
                           .func_evals = count->func_evals,
                           .accepted = count->accepted,
                           .call_evals = count->evaluations,
                           .pairs = engine->history.pairs,
                           .skipped_pairs = engine->history.skipped,
                           .redone_directions = count->redone_directions,
                           .allreduces = count->allreduces,
                           .optimizer_seconds = optimizer->seconds,
                           .timings = {.pass_a = seconds[SECANTI_ACTIVITY_PASS_A],
                                       .pass_b = seconds[SECANTI_ACTIVITY_PASS_B],
                                       .reduction = seconds[SECANTI_ACTIVITY_REDUCTION],
                                       .closure = seconds[SECANTI_ACTIVITY_CLOSURE],
                                       .checkpoint = seconds[SECANTI_ACTIVITY_CHECKPOINT]},
                           .any_ranks = any_ranks(optimizer),
                           .checkpoint_due = engine->checkpoint_due,
                           .trials = here->trials,
                           .step_norm = sqrt(here->fixed[SECANTI_SUM_SS]),
                           .curvature = here->fixed[SECANTI_SUM_SY],
                           .cosine = cosine_of_pair(here->fixed),
                           .pair_skipped = refused && here->fixed[SECANTI_SUM_SS] > 0.0};
  memset(info, 0, size);
  memcpy(info, &all, size < sizeof all ? size : sizeof all);
}

const char *secant_message(const secant_optimizer *optimizer)
{
  return optimizer ? optimizer->error.message : "";
}

uint64_t secant_memory_estimate(uint64_t n, secant_dtype dtype, const secant_options *options)
{
  secant_options all;
  if (secanti_options_import(options, &all, NULL) != SECANT_OK) return 0;
  const secanti_vectors_shape shape = {.dtype = dtype,
                                       .slots = (int)all.history_size + 1,
                                       .kept = secanti_options_keep_gradient(&all),
                                       .narrow = secanti_options_narrow_history(&all, dtype)};
  const bool binned = all.reduction == SECANT_REDUCTION_REPRODUCIBLE;
  const uint64_t least = secanti_storage_bytes((int)all.history_size, 1, binned) + secanti_tile_table_bytes(n);
  const double vectors = 2.0 * (double)all.history_size + 5.0; /* not fewer than there are */
  if (vectors * (double)n * sizeof(double) > 0x1p63) return UINT64_MAX;
  return secanti_vectors_bytes(n, &shape) + least;
}
