#include "engine/history.h"
#include "base/base.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

secant_status secanti_history_create(secanti_history *history, int capacity)
{
  const size_t m = (size_t)capacity;
  *history =
      (secanti_history){.capacity = capacity, .gamma = 1.0, .initial_gamma = 1.0, .gram = {.capacity = capacity}};
  history->order = secanti_alloc(m + 1, sizeof *history->order);
  history->labels = secanti_alloc(m + 1, sizeof *history->labels);
  history->gram.sy = secanti_alloc(m * m, sizeof *history->gram.sy);
  history->gram.yy = secanti_alloc(m * m, sizeof *history->gram.yy);
  if (history->order && history->labels && history->gram.sy && history->gram.yy) return SECANT_OK;
  secanti_history_destroy(history);
  return SECANT_ERR_MEMORY;
}

void secanti_history_destroy(secanti_history *history)
{
  free(history->order);
  free(history->labels);
  free(history->gram.sy);
  free(history->gram.yy);
  *history = (secanti_history){0};
}

void secanti_history_clear(secanti_history *history)
{
  history->pairs = 0;
  history->pending = 0;
  history->gamma = history->initial_gamma;
  history->reference = 0.0;
  history->gram.pairs = 0;
}

bool secanti_history_accepts(const secanti_candidate *pair, secant_curvature test, double tolerance)
{
  if (!isfinite(pair->sy) || !isfinite(pair->yy) || !(pair->yy > 0.0)) return false;
  const double scale = test == SECANT_CURVATURE_RELATIVE ? sqrt(pair->ss) * sqrt(pair->yy) : 1.0;
  return pair->sy > tolerance * scale && pair->sy > 0.0;
}

int secanti_history_free_slot(const secanti_history *history)
{
  return history->pairs < history->capacity ? history->capacity : -1;
}

/* The pending slot joins the ring; the slot that takes its place is the oldest pair's, or one not used so far. */
static void rotate_slots(secanti_history *history, bool full)
{
  const int newest = history->pending;
  history->labels[newest] = (secanti_label){0, 0};
  if (full) {
    history->pending = history->order[0];
    memmove(history->order, history->order + 1, (size_t)(history->pairs - 1) * sizeof *history->order);
    history->order[history->pairs - 1] = newest;
  } else {
    history->order[history->pairs++] = newest;
    history->pending = history->pairs;
  }
}

bool secanti_history_append(secanti_history *history, const secanti_candidate *pair)
{
  history->gamma = history->fixed_gamma ? history->initial_gamma : pair->sy / pair->yhy;
  if (history->capacity == 0) return false;
  history->reference = pair->sy / pair->yy;

  const bool full = history->pairs == history->capacity;
  const int first = full ? 1 : 0;
  secanti_gram *gram = &history->gram;
  if (full) secanti_gram_drop_oldest(gram);
  secanti_gram_append(gram, pair->column_sy + first, pair->column_yy + first);
  rotate_slots(history, full);
  return full;
}
