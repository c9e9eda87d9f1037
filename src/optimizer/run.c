/* The three ways to run an optimizer: step, minimize, ask and tell. Thin loops around the engine. */
#include "base/base.h"
#include "optimizer/optimizer.h"
#include <string.h>

static secant_status remember(secant_optimizer *optimizer, secant_status status)
{
  if (status == SECANT_OK) return status;
  if (status == SECANT_ERR_CLOSURE) {
    const bool alone = optimizer->engine.initial.kind != SECANT_INITIAL_OPERATOR;
    return secanti_fail(&optimizer->error, status, "the objective%s reported failure on rank %d in evaluation %lld",
                        alone ? "" : " or the initial inverse Hessian", optimizer->engine.reduction.failing_rank,
                        (long long)optimizer->engine.now.func_evals);
  }
  return secanti_fail(&optimizer->error, status, "%s", secant_status_text(status));
}

static bool wants_evaluation(const secant_optimizer *optimizer)
{
  const secanti_phase phase = optimizer->engine.phase;
  return phase == SECANTI_ENTRY || phase == SECANTI_TRIAL;
}

static secant_status start(secant_optimizer *optimizer, secanti_start how)
{
  const double begin = secanti_now();
  secanti_timer_drop(&optimizer->engine.timer); /* what was asked before and never told is no evaluation */
  optimizer->error = (secant_error){.status = SECANT_OK};
  optimizer->asked = true;
  memset(optimizer->engine.loss_terms, 0, sizeof optimizer->engine.loss_terms);
  const secant_status status = secanti_engine_start(&optimizer->engine, how);
  optimizer->seconds += secanti_now() - begin;
  if (status != SECANT_OK) optimizer->asked = false;
  return remember(optimizer, status);
}

secant_status secant_ask(secant_optimizer *optimizer, secant_request *request)
{
  if (!optimizer || !request) return SECANT_ERR_ARGUMENT;
  if (optimizer->monitoring) return secanti_monitor_forbids(optimizer, "secant_ask");
  if (!optimizer->asked) {
    const secant_status status = start(optimizer, SECANTI_START_RUN);
    if (status != SECANT_OK) return status;
  }
  *request = wants_evaluation(optimizer) ? SECANT_EVALUATE : SECANT_DONE;
  if (*request == SECANT_DONE) optimizer->asked = false;
  if (*request == SECANT_EVALUATE) secanti_timer_enter(&optimizer->engine.timer, SECANTI_ACTIVITY_CLOSURE);
  return SECANT_OK;
}

secant_status secant_tell(secant_optimizer *optimizer, double loss, int failed)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  if (optimizer->monitoring) return secanti_monitor_forbids(optimizer, "secant_tell");
  if (!optimizer->asked || !wants_evaluation(optimizer)) {
    return secanti_fail(&optimizer->error, SECANT_ERR_STATE, "secant_tell() was called without a secant_ask() before");
  }
  secanti_timer_enter(&optimizer->engine.timer, SECANTI_ACTIVITY_OTHER);
  const double begin = secanti_now();
  secanti_gradients_settle(&optimizer->parameters);
  secanti_groups_complete_pair(optimizer);
  const secant_status status = secanti_engine_tell(&optimizer->engine, loss, failed != 0);
  memset(optimizer->engine.loss_terms, 0, sizeof optimizer->engine.loss_terms);
  optimizer->seconds += secanti_now() - begin;
  if (status != SECANT_OK) optimizer->asked = false;
  return remember(optimizer, status);
}

/* Evaluates as long as the engine wants it. */
static secant_status run(secant_optimizer *optimizer, secanti_start how, secant_closure *closure, void *user)
{
  secant_status status = start(optimizer, how);
  while (status == SECANT_OK && wants_evaluation(optimizer)) {
    double loss = 0.0;
    secanti_timer_enter(&optimizer->engine.timer, SECANTI_ACTIVITY_CLOSURE);
    const int failed = closure(user, &loss);
    status = secant_tell(optimizer, loss, failed);
  }
  optimizer->asked = false;
  return status;
}

secant_status secant_step(secant_optimizer *optimizer, secant_closure *closure, void *user, double *loss)
{
  if (!optimizer || !closure) return SECANT_ERR_ARGUMENT;
  if (optimizer->monitoring) return secanti_monitor_forbids(optimizer, "secant_step");
  secant_status status = SECANT_OK;
  secant_step_call call = {.closure = closure, .user = user};
  SECANT_TRY(secanti_hooks_run_step(optimizer, SECANTI_HOOK_STEP_PRE, &call));
  SECANT_TRY(run(optimizer, SECANTI_START_STEP, call.closure, call.user));
  if (loss) *loss = optimizer->engine.start_loss;
  SECANT_TRY(secanti_hooks_run_step(optimizer, SECANTI_HOOK_STEP_POST, &call));
done:
  return status;
}

secant_status secant_minimize(secant_optimizer *optimizer, secant_closure *closure, void *user)
{
  if (!optimizer || !closure) return SECANT_ERR_ARGUMENT;
  if (optimizer->monitoring) return secanti_monitor_forbids(optimizer, "secant_minimize");
  return run(optimizer, SECANTI_START_RUN, closure, user);
}

void secant_reset(secant_optimizer *optimizer)
{
  if (!optimizer || optimizer->monitoring) return;
  secanti_engine_reset(&optimizer->engine);
  optimizer->asked = false;
  optimizer->resumed = false;
  optimizer->seconds = 0.0;
  optimizer->error = (secant_error){.status = SECANT_OK};
}

void secant_request_stop(secant_optimizer *optimizer)
{
  if (optimizer) atomic_store(&optimizer->engine.stop_requested, 1);
}

void secant_request_checkpoint(secant_optimizer *optimizer)
{
  if (optimizer) atomic_store(&optimizer->engine.checkpoint_requested, 1);
}
