#include "optimizer/optimizer.h"
#include "base/base.h"
#include "comm/equal.h"
#include "optimizer/options.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

secanti_settings secanti_settings_from(const secant_options *o)
{
  const bool search = o->line_search == SECANT_LINE_SEARCH_STRONG_WOLFE;
  return (secanti_settings){
      .direction = o->direction,
      .loss = o->loss,
      .curvature_test = o->curvature_test,
      .tolerance_curvature = o->tolerance_curvature,
      .lr = o->lr,
      .max_time = o->max_time,
      .rule = search ? secanti_search_strong_wolfe : secanti_search_none,
      .search = {.armijo = o->armijo,
                 .wolfe = o->wolfe,
                 .width_tolerance = o->tolerance_search,
                 .max_iterations = o->max_search,
                 .max_evaluations = INT64_MAX},
      .stop = {.max_iter = o->max_iter,
               .max_eval = o->max_eval >= 0 ? o->max_eval : o->max_iter + o->max_iter / 4,
               .tolerance_grad = o->tolerance_grad,
               .tolerance_change = o->tolerance_change,
               .convergence_first = o->convergence_first != 0},
      .max_eval_hard = o->max_eval_hard != 0,
  };
}

/* ---- creation ---------------------------------------------------------------------------------------------------- */

static int thread_count(const secant_options *options)
{
  if (options->threads > 0) return options->threads;
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

/* The gradient at the best point of a search has to be kept beside the current one. */
static bool keeps_gradient(const secant_options *options)
{
  return options->line_search != SECANT_LINE_SEARCH_NONE;
}

secant_status secanti_optimizer_vectors(const secant_optimizer *o, secanti_vectors **out)
{
  const secanti_vectors_shape shape = {.dtype = o->parameters.dtype,
                                       .segments = o->parameters.segments,
                                       .segment_count = o->parameters.count,
                                       .tile = secanti_tile_size(o->parameters.extent),
                                       .slots = (int)o->options.history_size + 1,
                                       .kept = keeps_gradient(&o->options),
                                       .threads = o->threads};
  return secanti_vectors_create(out, &shape);
}

static secant_status create_engine(secant_optimizer *o)
{
  const int history_size = (int)o->options.history_size;
  secanti_vectors *vectors = NULL;
  secant_status status = secanti_optimizer_vectors(o, &vectors);
  if (status == SECANT_OK) {
    status = secanti_engine_create(&o->engine, o->comm, vectors, history_size, o->parameters.dtype);
    if (status != SECANT_OK) secanti_vectors_destroy(vectors);
  }
  if (status != SECANT_OK) {
    const uint64_t bytes = secant_memory_estimate((uint64_t)o->parameters.extent, o->parameters.dtype, &o->options);
    secanti_fail(&o->error, status,
                 "no memory for a history of %d pairs of %" PRId64
                 " unknowns, %.3g GB over all ranks: take a smaller history_size or more ranks",
                 history_size, o->parameters.extent, (double)bytes / 1e9);
  }
  return status;
}

/* Imports options on all ranks alike. Ranks that ran with other options would sooner or later wait for each other. */
static secant_status import_options(secant_comm *comm, const secant_options *from, secant_options *to,
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

static secant_status create(secant_optimizer *o, const secant_parameter *parameters, size_t count,
                            const secant_options *options)
{
  secant_status status = SECANT_OK;
  SECANT_TRY(import_options(o->comm, options, &o->options, &o->error));
  SECANT_TRY(secanti_parameters_create(&o->parameters, parameters, count, o->comm, &o->error));
  o->threads = thread_count(&o->options);
  create_engine(o);
  SECANT_TRY(secant_comm_agree(o->comm, &o->error));
  o->engine.settings = secanti_settings_from(&o->options);
done:
  if (status != SECANT_OK && o->error.status == SECANT_OK) {
    secanti_fail(&o->error, status, "%s", secant_status_text(status));
  }
  return status;
}

secant_status secant_create(secant_optimizer **out, const secant_parameter *parameters, size_t count,
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
    if (create(o, parameters, count, options) == SECANT_OK) {
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

void secant_destroy(secant_optimizer *optimizer)
{
  if (!optimizer) return;
  secanti_engine_destroy(&optimizer->engine);
  secanti_parameters_destroy(&optimizer->parameters);
  free(optimizer);
}

/* ---- options --------------------------------------------------------------------------------------------------------- */

secant_status secant_set_options(secant_optimizer *optimizer, const secant_options *options)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  secant_status status = SECANT_OK;
  secant_options next;
  const secant_options *now = &optimizer->options;
  secant_error *error = &optimizer->error;
  SECANT_TRY(import_options(optimizer->comm, options ? options : now, &next, error));
  if (next.history_size != now->history_size || next.threads != now->threads || next.direction != now->direction) {
    secanti_fail(error, SECANT_ERR_ARGUMENT,
                 "history_size, threads and direction are fixed when the optimizer is created");
  } else if (keeps_gradient(&next) && secanti_vectors_add_kept(optimizer->engine.vectors) != SECANT_OK) {
    secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the gradient that a line search keeps");
  }
  SECANT_TRY(secant_comm_agree(optimizer->comm, error));
  optimizer->options = next;
  optimizer->engine.settings = secanti_settings_from(&next);
done:
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

void secant_fill_info(const secant_optimizer *optimizer, secant_info *info, size_t size)
{
  const secanti_engine *engine = &optimizer->engine;
  const secanti_observation *here = &engine->here;
  /* While a trial is out, `now` has entered the next iteration already. */
  const secanti_counters *count = engine->phase == SECANTI_TRIAL ? &engine->boundary : &engine->now;
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
                           .optimizer_seconds = optimizer->seconds};
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
  return secanti_vectors_bytes(n, dtype, (int)all.history_size + 1, keeps_gradient(&all));
}
