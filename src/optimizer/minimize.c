/* Minimisation as one call: a copy of the position, an optimizer that lives as long as the call, a record of what it
 * found. */
#include "base/base.h"
#include "comm/equal.h"
#include "optimizer/finite_differences.h"
#include "optimizer/optimizer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a call works with. Everything here is freed at its end, or handed to the record. */
typedef struct minimization_run {
  secant_minimization task; /* complete, of this library's size */
  secant_comm *comm;
  secant_optimizer *optimizer;
  size_t count;   /* local unknowns */
  void *position; /* [count] */
  void *gradient; /* [count] */
  secanti_differences differences;
  secant_objective *objective; /* with a gradient: counted, or its differences */
  void *user;
  int64_t calls; /* of the caller's objective */
} minimization_run;

void secant_minimization_init(secant_minimization *minimization, size_t size)
{
  const secant_minimization all = {.struct_size = size, .dtype = SECANT_F32};
  memset(minimization, 0, size); /* fields that this library does not know yet are zero */
  memcpy(minimization, &all, size < sizeof all ? size : sizeof all);
}

int secant_reason_is_convergence(secant_reason reason)
{
  switch (reason) {
  case SECANT_REASON_GRADIENT:
  case SECANT_REASON_STEP:
  case SECANT_REASON_LOSS:
  case SECANT_REASON_DIRECTIONAL_DERIVATIVE:
  case SECANT_REASON_DIRECTION: return 1;
  default: return 0;
  }
}

/* ---- arguments --------------------------------------------------------------------------------------------------- */

/* Bytes of a struct that a newer caller knows and this library does not must be zero. */
static bool understood(const void *object, size_t struct_size, size_t known)
{
  const char *bytes = object;
  if (struct_size < sizeof struct_size) return false;
  for (size_t i = known; i < struct_size; i++) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

/* Completes the caller's task, which may be of an older or newer header. */
static secant_status import_task(const secant_minimization *from, secant_minimization *to, secant_error *error)
{
  *to = secant_minimization_default();
  memcpy(to, from, from->struct_size < sizeof *to ? from->struct_size : sizeof *to); /* comm is needed to refuse */
  if (!understood(from, from->struct_size, sizeof *to)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT,
                        "the minimization was not made by secant_minimization_default() or belongs to a newer library");
  }
  to->struct_size = sizeof *to;
  return SECANT_OK;
}

static const char *type_name(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? "float32" : "float64";
}

static secant_status check_position(const secant_minimization *task, secant_error *error)
{
  const secant_parameter *position = task->initial_position;
  if (!position) return secanti_fail(error, SECANT_ERR_ARGUMENT, "there is no initial position");
  if (!secanti_is_element_type(task->dtype)) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "dtype is %d, but must be F32 or F64", (int)task->dtype);
  }
  if (position->dtype != task->dtype) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT,
                        "dtype is %s, but the initial position is not: set it to that of the position",
                        type_name(task->dtype));
  }
  if (position->local_count && !position->values) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "the initial position has %zu local elements, but a NULL array",
                        position->local_count);
  }
  return SECANT_OK;
}

/* What one rank can see of its own arguments. */
static secant_status check_arguments(const secant_minimization *task, const secant_result *result, secant_error *error)
{
  if (!result || result->struct_size < sizeof *result) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT,
                        "there is no record to fill, or its struct_size is less than that of a secant_result");
  }
  if (!task->objective) return secanti_fail(error, SECANT_ERR_ARGUMENT, "there is no objective to minimise");
  if (task->finite_differences != 0 && task->finite_differences != 1) {
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "finite_differences is %d, but must be 0 or 1",
                        (int)task->finite_differences);
  }
  return check_position(task, error);
}

/* What decides how often the ranks meet must be equal on all of them. Collective. */
static secant_status require_common_task(minimization_run *run, secant_error *error)
{
  const int32_t choices[] = {run->task.finite_differences, run->task.initial_inverse_hessian != NULL};
  return secanti_require_equal(run->comm, secanti_hash(SECANTI_HASH_START, choices, sizeof choices),
                               "finite_differences or the presence of an initial inverse Hessian", error);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* A secant_objective: the caller's, counted. */
static int counted_objective(void *user, const void *x, double *f, void *g)
{
  minimization_run *run = user;
  run->calls++;
  return run->task.objective(run->task.user, x, f, g);
}

/* A secant_closure: the objective at the working copy. */
static int evaluate(void *user, double *loss)
{
  minimization_run *run = user;
  return run->objective(run->user, run->position, loss, run->gradient);
}

/* The working copy, which becomes the record's. */
static secant_status copy_position(minimization_run *run, secant_error *error)
{
  const size_t bytes = secanti_element_bytes(run->task.dtype);
  run->count = run->task.initial_position->local_count;
  run->position = secanti_alloc(run->count ? run->count : 1, bytes);
  run->gradient = secanti_alloc(run->count ? run->count : 1, bytes);
  if (!run->position || !run->gradient)
    return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for a copy of %zu unknowns and their gradient",
                        run->count);
  if (run->count) memcpy(run->position, run->task.initial_position->values, run->count * bytes);
  return SECANT_OK;
}

/* An optimizer over the working copy. Collective. */
static secant_status create_optimizer(minimization_run *run, secant_error *error)
{
  const secant_options paddle = secant_options_paddle();
  secant_parameter parameter = *run->task.initial_position;
  if (!parameter.name) parameter.name = "x";
  parameter.values = run->position;
  parameter.gradient = run->gradient;
  return secant_create(&run->optimizer, &parameter, 1, run->task.options ? run->task.options : &paddle, run->comm,
                       error);
}

/* The objective as the optimizer needs it, with a gradient. The outcome is local. */
static secant_status prepare_objective(minimization_run *run, secant_error *error)
{
  run->objective = counted_objective;
  run->user = run;
  if (!run->task.finite_differences) return SECANT_OK;
  const secanti_parameters *parameters = &run->optimizer->parameters;
  run->differences = (secanti_differences){.objective = counted_objective,
                                           .user = run,
                                           .comm = run->comm,
                                           .loss = run->optimizer->options.loss,
                                           .dtype = run->task.dtype,
                                           .count = run->count,
                                           .first = parameters->entries[0].first,
                                           .extent = parameters->extent};
  run->objective = secanti_differences_objective;
  run->user = &run->differences;
  if (secanti_differences_create(&run->differences) == SECANT_OK) return SECANT_OK;
  return secanti_fail(error, SECANT_ERR_MEMORY, "no memory for finite differences of %zu unknowns", run->count);
}

/* The optimizer's own message. A failed exchange between differences reaches it as a failed objective. */
static secant_status explain(const minimization_run *run, secant_status status, secant_error *error)
{
  if (status == SECANT_OK) return status;
  if (status == SECANT_ERR_CLOSURE && run->differences.status == SECANT_ERR_COMM)
    return secanti_fail(error, SECANT_ERR_COMM, "communication failed between the evaluations of finite differences");
  return secanti_fail(error, status, "%s", secant_message(run->optimizer));
}

/* Everything between the arguments and the record. Collective. */
static secant_status minimize(minimization_run *run, secant_error *error)
{
  const secant_initial_matrix *matrix = run->task.initial_inverse_hessian;
  secant_status status = SECANT_OK;
  SECANT_TRY(require_common_task(run, error));
  copy_position(run, error);
  SECANT_TRY(secant_comm_agree(run->comm, error));
  SECANT_TRY(create_optimizer(run, error));
  prepare_objective(run, error);
  SECANT_TRY(secant_comm_agree(run->comm, error));
  if (matrix) SECANT_TRY(explain(run, secant_set_initial_matrix(run->optimizer, matrix), error));
  SECANT_TRY(explain(run, secant_minimize(run->optimizer, evaluate, run), error));
done:
  return status;
}

/* ---- the record -------------------------------------------------------------------------------------------------- */

/* Zero in all that the caller knows, but for the size that says so. */
static void clear(secant_result *result)
{
  const size_t size = result->struct_size;
  memset(result, 0, size);
  result->struct_size = size;
}

/*
 * Whether a tolerance was reached. Two ends that torch has too are none, though they come under the name of a
 * tolerance: a step of length 0, which says nothing about x, and a direction that leads uphill.
 */
static bool has_converged(const minimization_run *run, const secant_info *info)
{
  const secanti_engine *engine = &run->optimizer->engine;
  const bool stood_still = info->reason == SECANT_REASON_STEP && info->step == 0.0;
  const bool uphill =
      info->reason == SECANT_REASON_DIRECTIONAL_DERIVATIVE && engine->slope > engine->settings.stop.tolerance_change;
  return secant_reason_is_convergence(info->reason) && !stood_still && !uphill;
}

/* The arrays change hands. */
static void fill(secant_result *result, minimization_run *run)
{
  const secant_info info = secant_get_info(run->optimizer);
  const size_t size = result->struct_size;
  clear(result);
  *result = (secant_result){.struct_size = size,
                            .is_converge = has_converged(run, &info),
                            .reason = info.reason,
                            .num_func_calls = run->calls,
                            .iterations = info.n_iter,
                            .dtype = run->task.dtype,
                            .local_count = run->count,
                            .position = run->position,
                            .objective_value = info.loss,
                            .objective_gradient = run->gradient};
  run->position = NULL;
  run->gradient = NULL;
}

void secant_result_free(secant_result *result)
{
  if (!result) return;
  free(result->position);
  free(result->objective_gradient);
  clear(result);
}

/* Puts the caller's label in front of a message. */
static void label_message(const char *name, secant_error *error)
{
  const secant_error plain = *error;
  if (name) secanti_fail(error, plain.status, "'%s': %s", name, plain.message);
}

static void destroy(minimization_run *run)
{
  secant_destroy(run->optimizer);
  secanti_differences_destroy(&run->differences);
  free(run->position);
  free(run->gradient);
}

secant_status secant_minimize_lbfgs(const secant_minimization *minimization, secant_result *result, secant_error *error)
{
  if (!minimization) {
    if (result && result->struct_size >= sizeof *result) clear(result);
    return secanti_fail(error, SECANT_ERR_ARGUMENT, "there is nothing to minimise: the argument is NULL");
  }
  secant_error outcome = {.status = SECANT_OK};
  minimization_run run = {.optimizer = NULL};
  secant_status status = SECANT_OK;
  import_task(minimization, &run.task, &outcome);
  run.comm = secanti_comm_or_self(run.task.comm);
  if (outcome.status == SECANT_OK) check_arguments(&run.task, result, &outcome);
  SECANT_TRY(secant_comm_agree(run.comm, &outcome));
  SECANT_TRY(minimize(&run, &outcome));
  fill(result, &run);
done:
  destroy(&run);
  if (status != SECANT_OK) {
    if (result && result->struct_size >= sizeof *result) clear(result);
    if (outcome.status == SECANT_OK) secanti_fail(&outcome, status, "%s", secant_status_text(status));
    label_message(run.task.name, &outcome);
  }
  if (error) *error = outcome;
  return status;
}
