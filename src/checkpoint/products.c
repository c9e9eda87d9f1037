/*
 * A state that the textbook loop left lacks the inner products that direction gram goes on with; those of vectors that
 * are rounded as they are loaded belong to other vectors; and those of a diagonal that is made of pairs are no use where
 * it cannot be formed. In all cases they are computed from the loaded vectors, with W = I, before anything in the
 * optimizer changes.
 */
#include "base/base.h"
#include "checkpoint/checkpoint.h"
#include <string.h>

/* Whether products belong to a diagonal that this optimizer does not form, or of which pairs are gone. */
static bool lacks_diagonal(const secanti_checkpoint *checkpoint)
{
  const secanti_diagonal *diagonal = &checkpoint->snapshot.here.diagonal;
  return diagonal->in_force && (diagonal->pairs == 0 || !secanti_engine_may_adapt(&checkpoint->optimizer->engine));
}

bool secanti_checkpoint_lacks_products(const secanti_checkpoint *checkpoint)
{
  const secanti_snapshot *snapshot = &checkpoint->snapshot;
  if (checkpoint->rounded || lacks_diagonal(checkpoint)) return true;
  return snapshot->pairs > 0 && snapshot->direction == SECANT_DIRECTION_TWO_LOOP &&
         checkpoint->optimizer->engine.settings.direction == SECANT_DIRECTION_GRAM;
}

static void swap(char *a, char *b, size_t bytes)
{
  char piece[4096];
  for (size_t at = 0; at < bytes; at += sizeof piece) {
    const size_t length = bytes - at < sizeof piece ? bytes - at : sizeof piece;
    memcpy(piece, a + at, length);
    memcpy(a + at, b + at, length);
    memcpy(b + at, piece, length);
  }
}

/* Exchanges the caller's gradients with `g`, this rank's of all parameters one after the other. */
static void swap_gradients(const secanti_parameters *parameters, char *g)
{
  for (size_t i = 0; i < parameters->count; i++) {
    const size_t bytes = parameters->segments[i].count * secanti_element_bytes(parameters->dtype);
    if (bytes == 0) continue;
    swap(parameters->segments[i].gradient, g, bytes);
    g += bytes;
  }
}

/* What depends on the gradient alone, and, if a pair is pending, on it. */
static void keep_products(secanti_observation *here, const double *fixed, const double *group_inf, size_t groups)
{
  static const int of_gradient[] = {SECANTI_SUM_G1, SECANTI_SUM_GG, SECANTI_SUM_GWG};
  for (size_t i = 0; i < sizeof of_gradient / sizeof *of_gradient; i++) {
    here->fixed[of_gradient[i]] = fixed[of_gradient[i]];
  }
  if (here->pending) memcpy(here->fixed, fixed, sizeof here->fixed);
  memcpy(here->group_inf, group_inf, groups * sizeof *here->group_inf);
  here->grad_inf = 0.0;
  for (size_t i = 0; i < groups; i++) here->grad_inf = group_inf[i] > here->grad_inf ? group_inf[i] : here->grad_inf;
}

/* Pass B at the loaded boundary. The gradients must be in place. Collective; the outcome is common. */
static secant_status observe(secanti_checkpoint *checkpoint, secanti_storage *storage)
{
  secanti_observation *here = &checkpoint->snapshot.here;
  const secanti_history *history = &storage->history;
  const int sums = secanti_product_sums(history->pairs);
  const size_t groups = checkpoint->snapshot.groups;
  secanti_begin_sums(&storage->reduction, storage->vectors, sums, (int)groups);
  secanti_products products = {.pairs = history->pairs,
                               .order = history->order,
                               .pending = here->pending ? history->pending : -1,
                               .step = here->step,
                               .sums = secanti_reduction_words(&storage->reduction, 0),
                               .grad_inf = secanti_reduction_maxima(&storage->reduction)};
  secanti_pass_products(storage->vectors, &products);
  const secant_status status = secanti_reduce(checkpoint->optimizer->comm, &storage->reduction);
  if (status != SECANT_OK) return status;
  const double *fixed = secanti_reduction_sums(&storage->reduction), *pair = fixed + SECANTI_SUMS_FIXED;
  if (checkpoint->rounded || here->diagonal.in_force) keep_products(here, fixed, products.grad_inf, groups);
  for (int i = 0; i < history->pairs; i++, pair += SECANTI_SUMS_PER_PAIR) {
    here->sg[i] = pair[SECANTI_PAIR_SG];
    here->yg[i] = pair[SECANTI_PAIR_YG];
    here->sy[i] = pair[SECANTI_PAIR_SY];
    here->yy[i] = pair[SECANTI_PAIR_YY];
  }
  here->oldest_unknown = false;
  return SECANT_OK;
}

/* The products are those of W = I now, and so is the scale: that of a diagonal is no other's. */
static void leave_metric(secanti_checkpoint *checkpoint)
{
  secanti_snapshot *snapshot = &checkpoint->snapshot;
  secanti_diagonal *diagonal = &snapshot->here.diagonal;
  if (diagonal->in_force && checkpoint->optimizer->engine.settings.scale_initial) snapshot->gamma = snapshot->reference;
  *diagonal = secanti_diagonal_without_products(diagonal);
}

/* Rounding can take a pair its positive s.y if s and y are all but orthogonal. All ranks find the same. */
static secant_status check_curvature(const secanti_checkpoint *checkpoint)
{
  if (!checkpoint->rounded || secanti_snapshot_tables_sound(&checkpoint->snapshot)) return SECANT_OK;
  return secanti_fail(checkpoint->file.error, SECANT_ERR_MISMATCH,
                      "'%s' holds a curvature pair that has no positive s.y once it is rounded to f32",
                      checkpoint->file.path);
}

secant_status secanti_checkpoint_complete_products(secanti_checkpoint *checkpoint, secanti_storage *storage, char *g)
{
  const secant_optimizer *o = checkpoint->optimizer;
  secant_status status = SECANT_OK;
  secanti_snapshot_restore_history(&checkpoint->snapshot, &storage->history);
  SECANT_TRY(secanti_history_compute_products(&storage->history, storage->vectors, o->comm, &storage->reduction));
  secanti_snapshot_take_products(&checkpoint->snapshot, &storage->history.gram);
  if (checkpoint->snapshot.phase == SECANTI_BOUNDARY) {
    swap_gradients(&o->parameters, g);
    status = observe(checkpoint, storage);
    swap_gradients(&o->parameters, g);
  }
  leave_metric(checkpoint);
done:
  if (status == SECANT_OK) return check_curvature(checkpoint);
  return secanti_fail(checkpoint->file.error, status, "the inner products of the curvature pairs could not be summed");
}
