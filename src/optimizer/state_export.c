/* Packs what an optimizer has learnt into a state dict, under the keys that torch.optim.LBFGS uses. */
#include "base/base.h"
#include "optimizer/hooks.h"
#include "optimizer/state_dict.h"

/* ---- entries ----------------------------------------------------------------------------------------------------- */

/* Puts a node that has just been made; that can fail for want of memory only. */
static secant_status put(secant_node *dict, const char *key, secant_node *child)
{
  return secant_node_set(dict, key, child) == SECANT_OK ? SECANT_OK : SECANT_ERR_MEMORY;
}

static secant_status append(secant_node *list, secant_node *child)
{
  return secant_node_append(list, child) == SECANT_OK ? SECANT_OK : SECANT_ERR_MEMORY;
}

static secant_status put_vector(const secant_optimizer *optimizer, secant_node *dict, const char *key,
                                secanti_vector vector)
{
  return put(dict, key, secanti_vector_pack(optimizer, vector));
}

/* Makes an empty list under `key` and returns it, or NULL. */
static secant_node *put_list(secant_node *dict, const char *key)
{
  secant_node *list = secant_node_list();
  return list && put(dict, key, list) == SECANT_OK ? list : NULL;
}

/* The s or the y of all pairs, oldest first. */
static secant_status put_pairs(const secant_optimizer *optimizer, secant_node *dict, const char *key,
                               secanti_vector_kind kind)
{
  const secanti_history *history = &optimizer->engine.history;
  secant_node *list = put_list(dict, key);
  secant_status status = list ? SECANT_OK : SECANT_ERR_MEMORY;
  for (int i = 0; i < history->pairs && status == SECANT_OK; i++) {
    status = append(list, secanti_vector_pack(optimizer, (secanti_vector){kind, history->order[i]}));
  }
  return status;
}

static secant_status put_ro(const secanti_history *history, secant_node *dict)
{
  secant_node *list = put_list(dict, "ro");
  secant_status status = list ? SECANT_OK : SECANT_ERR_MEMORY;
  for (int i = 0; i < history->pairs && status == SECANT_OK; i++) {
    status = append(list, secant_node_real(1.0 / secanti_gram_sy(&history->gram, i, i)));
  }
  return status;
}

/* Torch begins its recursion with q = -g, as the textbook loop does; the one on inner products begins with g. */
static secant_status put_alpha(const secanti_engine *engine, secant_node *dict)
{
  secant_node *list = put_list(dict, "al");
  secant_status status = list ? SECANT_OK : SECANT_ERR_MEMORY;
  for (int i = 0; i < engine->history.capacity && status == SECANT_OK; i++) {
    const double alpha = engine->textbook ? engine->alpha[i] : -engine->alpha[i];
    status = append(list, i < engine->history.pairs ? secant_node_real(alpha) : secant_node_none());
  }
  return status;
}

/* What there is from the first iteration on. */
static secant_status put_learnt(const secant_optimizer *optimizer, secant_node *dict)
{
  const secanti_engine *engine = &optimizer->engine;
  const int pending = engine->history.pending;
  secant_status status = SECANT_OK;
  SECANT_TRY(put_vector(optimizer, dict, "d", (secanti_vector){SECANTI_S, pending}));
  SECANT_TRY(put(dict, "t", secant_node_real(engine->here.step)));
  SECANT_TRY(put_pairs(optimizer, dict, "old_dirs", SECANTI_Y));
  SECANT_TRY(put_pairs(optimizer, dict, "old_stps", SECANTI_S));
  SECANT_TRY(put_ro(&engine->history, dict));
  SECANT_TRY(put(dict, "H_diag", secant_node_real(engine->history.gamma)));
  SECANT_TRY(put_vector(optimizer, dict, "prev_flat_grad", (secanti_vector){SECANTI_G0, pending}));
  SECANT_TRY(put(dict, "prev_loss", secant_node_real(engine->here.previous_loss)));
  SECANT_TRY(put_alpha(engine, dict));
done:
  return status;
}

/* ---- state/secant ------------------------------------------------------------------------------------------------ */

/* A table of the inner products, zero below the diagonal where nothing is known. */
static secant_node *pack_table(const secanti_gram *gram, bool upper, double (*entry)(const secanti_gram *, int, int))
{
  const int k = gram->pairs;
  const int64_t shape[] = {k, k};
  const secant_piece whole = {0, (size_t)k * (size_t)k};
  secant_tensor view = {
      .dtype = SECANT_F64, .dimensions = 2, .shape = shape, .pieces = 1, .piece = &whole, .local_count = whole.count};
  secant_node *node = secant_node_tensor(&view);
  if (!node || secant_node_get_tensor(node, &view) != SECANT_OK) return NULL;
  double *next = view.data;
  for (int i = 0; i < k; i++) {
    for (int j = 0; j < k; j++) *next++ = upper && j < i ? 0.0 : entry(gram, i, j);
  }
  return node;
}

/* s_i.y_i alone, [pairs][1]: all that the textbook loop uses. */
static secant_node *pack_diagonal(const secanti_gram *gram)
{
  const int64_t shape[] = {gram->pairs, 1};
  const secant_piece whole = {0, (size_t)gram->pairs};
  secant_tensor view = {
      .dtype = SECANT_F64, .dimensions = 2, .shape = shape, .pieces = 1, .piece = &whole, .local_count = whole.count};
  secant_node *node = secant_node_tensor(&view);
  if (!node || secant_node_get_tensor(node, &view) != SECANT_OK) return NULL;
  for (int i = 0; i < gram->pairs; i++) ((double *)view.data)[i] = secanti_gram_sy(gram, i, i);
  return node;
}

/* Inner products that belong to a weighted H0 mean nothing without its weights, which are no part of the state. Nor are
 * those of a diagonal that pairs imply, for whoever loads them may not adapt. */
static secant_status put_products(const secanti_engine *engine, secant_node *dict)
{
  const secanti_gram *gram = &engine->history.gram;
  secant_status status = SECANT_OK;
  if (gram->pairs == 0) return SECANT_OK;
  if (engine->settings.direction != SECANT_DIRECTION_GRAM || secanti_vectors_weighted(engine->vectors) ||
      engine->here.diagonal.in_force) {
    return put(dict, "curvature", pack_diagonal(gram));
  }
  SECANT_TRY(put(dict, "gram_sy", pack_table(gram, true, secanti_gram_sy)));
  SECANT_TRY(put(dict, "gram_yy", pack_table(gram, false, secanti_gram_yy)));
done:
  return status;
}

static secant_status put_own(const secanti_engine *engine, secant_node *dict)
{
  const secanti_diagonal *diagonal = &engine->here.diagonal;
  secant_status status = SECANT_OK;
  SECANT_TRY(put_products(engine, dict));
  SECANT_TRY(put(dict, "skipped_pairs", secant_node_integer(engine->history.skipped)));
  SECANT_TRY(put(dict, "pending", secant_node_integer(engine->here.pending)));
  SECANT_TRY(put(dict, "restarted", secant_node_integer(engine->restarted)));
  if (diagonal->wanted) SECANT_TRY(put(dict, "adapted", secant_node_integer(1)));
  if (diagonal->withdrawals > 0) SECANT_TRY(put(dict, "withdrawals", secant_node_integer(diagonal->withdrawals)));
  if (engine->here.start_inf > 0.0) SECANT_TRY(put(dict, "start_inf", secant_node_real(engine->here.start_inf)));
  if (engine->added > 0) SECANT_TRY(put(dict, "added_parameters", secant_node_integer(engine->added)));
done:
  return status;
}

/* ---- all together ------------------------------------------------------------------------------------------------ */

/* An optimizer that has not been called has no state; one that has not iterated only counted. */
static secant_status put_state(const secant_optimizer *optimizer, secant_node *dict)
{
  const secanti_counters *count = &optimizer->engine.now;
  secant_node *entry = secant_node_dict(), *own;
  secant_status status = SECANT_OK;
  if (count->func_evals == 0 && count->n_iter == 0) goto done;
  SECANT_TRY(put(entry, "func_evals", secant_node_integer(count->func_evals)));
  SECANT_TRY(put(entry, "n_iter", secant_node_integer(count->n_iter)));
  if (count->n_iter > 0) SECANT_TRY(put_learnt(optimizer, entry));
  status = put(dict, "0", entry);
  entry = NULL;
  if (status != SECANT_OK || count->n_iter == 0) goto done;
  own = secant_node_dict();
  SECANT_TRY(put(dict, "secant", own));
  SECANT_TRY(put_own(&optimizer->engine, own));
done:
  secant_node_destroy(entry);
  return status;
}

static secant_node *pack(const secant_optimizer *optimizer)
{
  secant_node *dict = secant_node_dict(), *state = secant_node_dict();
  secant_status status = SECANT_OK;
  SECANT_TRY(put(dict, "state", state));
  SECANT_TRY(put_state(optimizer, state));
  SECANT_TRY(put(dict, "param_groups", secanti_groups_pack(optimizer)));
  return dict;
done:
  secant_node_destroy(dict);
  return NULL;
}

/* Packs on every rank; the outcome is common, in the optimizer's error too. Collective. */
static secant_status pack_everywhere(secant_optimizer *optimizer, secant_node **dict)
{
  secant_error outcome = {.status = SECANT_OK};
  *dict = pack(optimizer);
  if (!*dict) secanti_fail(&outcome, SECANT_ERR_MEMORY, "no memory for a copy of the optimizer's state");
  const secant_status status = secant_comm_agree(optimizer->comm, &outcome);
  if (status != SECANT_OK) optimizer->error = outcome;
  return status;
}

/* A rank that has nowhere to put its dict fails all. Collective. */
static secant_status check_place(secant_optimizer *optimizer, secant_node *const *dict)
{
  secant_error outcome = {.status = SECANT_OK};
  if (!dict) secanti_fail(&outcome, SECANT_ERR_ARGUMENT, "there is nowhere to put the state: `dict` is NULL");
  const secant_status status = secant_comm_agree(optimizer->comm, &outcome);
  if (status != SECANT_OK) optimizer->error = outcome;
  return status;
}

secant_status secant_state_dict(secant_optimizer *optimizer, secant_node **dict)
{
  secant_status status = SECANT_OK;
  secant_node *made = NULL;
  if (dict) *dict = NULL;
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  SECANT_TRY(secanti_optimizer_between_steps(optimizer, "secant_state_dict"));
  SECANT_TRY(check_place(optimizer, dict));
  SECANT_TRY(secanti_hooks_run_state(optimizer, SECANTI_HOOK_STATE_DICT_PRE, NULL));
  SECANT_TRY(pack_everywhere(optimizer, &made));
  SECANT_TRY(secanti_hooks_run_state(optimizer, SECANTI_HOOK_STATE_DICT_POST, &made));
  *dict = made;
  made = NULL;
done:
  secant_node_destroy(made);
  return status;
}
