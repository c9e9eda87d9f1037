/* Parameter groups: adding one to a run, and what is asked about them. */
#include "base/base.h"
#include "comm/equal.h"
#include "optimizer/optimizer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- options of a further group ---------------------------------------------------------------------------------- */

/* One run has one set of options: a further group may differ in its tolerance for the gradient only. */
static secant_status check_options(const secant_options *first, const secant_options *further, secant_error *error)
{
  for (size_t i = 0; i < secant_options_count(); i++) {
    const char *name = secant_options_describe(i)->name;
    char ours[40], theirs[40];
    if (strcmp(name, "tolerance_grad") == 0) continue;
    if (secant_options_get(first, name, ours, sizeof ours) != SECANT_OK ||
        secant_options_get(further, name, theirs, sizeof theirs) != SECANT_OK || strcmp(ours, theirs) != 0) {
      return secanti_fail(error, SECANT_ERR_ARGUMENT,
                          "option %s of a further group differs from the first group's: only tolerance_grad may", name);
    }
  }
  return SECANT_OK;
}

/* The tolerance that a further group brings; NaN: that of the first. Collective; the outcome is common. */
static secant_status import_tolerance(secant_optimizer *o, const secant_group *group, double *tolerance)
{
  secant_status status = SECANT_OK;
  secant_options options;
  if (!group) secanti_fail(&o->error, SECANT_ERR_ARGUMENT, "there is no group to add: `group` is NULL");
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  const bool own = group->options != NULL;
  SECANT_TRY(secanti_optimizer_import(o->comm, own ? group->options : &o->options, &options, &o->error));
  check_options(&o->options, &options, &o->error);
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  *tolerance = own ? options.tolerance_grad : NAN;
  SECANT_TRY(secanti_require_equal(o->comm, secanti_hash(SECANTI_HASH_START, &own, sizeof own),
                                   "whether the group has options of its own", &o->error));
done:
  return status;
}

/* ---- growth ------------------------------------------------------------------------------------------------------ */

/* What a larger optimizer needs, made beside the running one. */
typedef struct growth {
  secanti_parameters parameters;
  secanti_storage storage;
  double *group_tolerance;
} growth;

static void free_growth(growth *next)
{
  secanti_parameters_destroy(&next->parameters);
  secanti_storage_destroy(&next->storage);
  free(next->group_tolerance);
}

/* This rank's outcome. */
static secant_status make_room(secant_optimizer *o, double tolerance, growth *next)
{
  const size_t old = o->parameters.groups;
  const int history_size = o->engine.history.capacity;
  const secanti_parameters *parameters = &next->parameters;
  secant_status status = secanti_optimizer_storage(o, parameters, history_size, &next->storage);
  if (status != SECANT_OK) return secanti_optimizer_no_room(o, parameters, history_size, status);
  next->group_tolerance = secanti_alloc(old + 1, sizeof *next->group_tolerance);
  if (!next->group_tolerance) {
    return secanti_fail(&o->error, SECANT_ERR_MEMORY, "no memory for a further group of parameters");
  }
  memcpy(next->group_tolerance, o->group_tolerance, old * sizeof *next->group_tolerance);
  next->group_tolerance[old] = tolerance;
  return SECANT_OK;
}

/* Nothing is known at the larger point: the next call evaluates there first. Leaves in `next` what is to be freed. */
static void grow(secant_optimizer *o, growth *next)
{
  secanti_engine *engine = &o->engine;
  const growth old = {.parameters = o->parameters, .group_tolerance = o->group_tolerance};
  secanti_optimizer_refill(o, &next->storage);
  secanti_engine_exchange(engine, &next->storage);
  o->parameters = next->parameters;
  o->group_tolerance = next->group_tolerance;
  next->parameters = old.parameters;
  next->group_tolerance = old.group_tolerance;
  secanti_optimizer_apply(o, &o->options);
  engine->added += (int64_t)(o->parameters.count - old.parameters.count);
  engine->phase = SECANTI_IDLE;
  engine->reason = SECANT_REASON_NONE;
  o->asked = false; /* whatever the answer would have been, it is not about this point */
}

secant_status secant_add_param_group(secant_optimizer *optimizer, const secant_group *group)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_error *error = &optimizer->error;
  growth next = {0};
  double tolerance = NAN;
  secant_status status = SECANT_OK;
  SECANT_TRY(secanti_optimizer_between_steps(optimizer, "secant_add_param_group"));
  SECANT_TRY(import_tolerance(optimizer, group, &tolerance));
  SECANT_TRY(secanti_parameters_extend(&next.parameters, &optimizer->parameters, group->parameters, group->count,
                                       optimizer->comm, error));
  make_room(optimizer, tolerance, &next);
  SECANT_TRY(secant_comm_agree(optimizer->comm, error));
  grow(optimizer, &next);
done:
  free_growth(&next);
  if (status != SECANT_OK && error->status == SECANT_OK) secanti_fail(error, status, "%s", secant_status_text(status));
  return status;
}

void secanti_groups_complete_pair(secant_optimizer *optimizer)
{
  const secanti_engine *engine = &optimizer->engine;
  const secanti_parameters *parameters = &optimizer->parameters;
  if (engine->phase != SECANTI_ENTRY || !engine->here.pending) return;
  const secanti_vector g = {SECANTI_G, 0}, g0 = {SECANTI_G0, engine->history.pending};
  for (size_t i = parameters->count - (size_t)engine->added; i < parameters->count; i++) {
    secanti_copy_segment(engine->vectors, g, engine->vectors, g0, i, parameters->segments[i].count);
  }
}

/* ---- queries ----------------------------------------------------------------------------------------------------- */

size_t secant_group_count(const secant_optimizer *optimizer)
{
  return optimizer->parameters.groups;
}

secant_status secant_get_group_options(const secant_optimizer *optimizer, size_t group, secant_options *options)
{
  if (!optimizer || !options || group >= optimizer->parameters.groups) return SECANT_ERR_ARGUMENT;
  const size_t end = offsetof(secant_options, tolerance_grad) + sizeof options->tolerance_grad;
  secant_get_options(optimizer, options);
  if (options->struct_size >= end) options->tolerance_grad = optimizer->engine.group_tolerance[group];
  return SECANT_OK;
}

size_t secant_parameter_count(const secant_optimizer *optimizer)
{
  return optimizer->parameters.count;
}

const char *secant_parameter_name(const secant_optimizer *optimizer, size_t index)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  return parameters->named && index < parameters->count ? parameters->entries[index].name : NULL;
}

size_t secant_parameter_group(const secant_optimizer *optimizer, size_t index)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  return index < parameters->count ? parameters->entries[index].group : parameters->groups;
}
