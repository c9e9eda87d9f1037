/*
 * Moves a run into storage of another size: more or fewer pairs, or more parameters. The newest pairs survive; in new
 * parameters all of them are zero, so that no inner product changes.
 */
#include "base/base.h"
#include "optimizer/optimizer.h"
#include <string.h>

static void copy_vector(const secant_optimizer *optimizer, secanti_vector from, secanti_vectors *into,
                        secanti_vector to)
{
  const secanti_parameters *parameters = &optimizer->parameters;
  for (size_t i = 0; i < parameters->count; i++) {
    secanti_copy_segment(optimizer->engine.vectors, from, into, to, i, parameters->segments[i].count);
  }
}

static void copy_pair(const secant_optimizer *optimizer, int from, secanti_vectors *into, int to)
{
  copy_vector(optimizer, (secanti_vector){SECANTI_S, from}, into, (secanti_vector){SECANTI_S, to});
  copy_vector(optimizer, (secanti_vector){SECANTI_Y, from}, into, (secanti_vector){SECANTI_Y, to});
}

/* The direction, and the gradient where it began. */
static void copy_pending(const secant_optimizer *optimizer, int from, secanti_vectors *into, int to)
{
  copy_vector(optimizer, (secanti_vector){SECANTI_S, from}, into, (secanti_vector){SECANTI_S, to});
  copy_vector(optimizer, (secanti_vector){SECANTI_G0, from}, into, (secanti_vector){SECANTI_G0, to});
}

/* Inner products of the `pairs` newest pairs. */
static void copy_products(const secanti_gram *from, int pairs, secanti_gram *to)
{
  const size_t first = (size_t)(from->pairs - pairs), bytes = (size_t)pairs * sizeof(double);
  to->pairs = pairs;
  for (size_t i = 0; i < (size_t)pairs; i++) {
    const size_t old_row = (first + i) * (size_t)from->capacity + first, row = i * (size_t)to->capacity;
    memcpy(to->sy + row, from->sy + old_row, bytes);
    memcpy(to->yy + row, from->yy + old_row, bytes);
  }
}

/* Pair i lies in slot i from now on, the pending one after them. */
static void copy_history(const secant_optimizer *optimizer, int pairs, secanti_storage *into)
{
  const secanti_history *from = &optimizer->engine.history;
  secanti_history *to = &into->history;
  to->pairs = pairs;
  to->pending = pairs;
  to->gamma = from->gamma;
  to->reference = from->reference;
  to->initial_gamma = from->initial_gamma;
  to->fixed_gamma = from->fixed_gamma;
  to->skipped = from->skipped;
  for (int i = 0; i < pairs; i++) {
    to->order[i] = i;
    copy_pair(optimizer, from->order[from->pairs - pairs + i], into->vectors, i);
  }
  copy_pending(optimizer, from->pending, into->vectors, pairs);
  copy_products(&from->gram, pairs, &to->gram);
}

/* What the boundary knows of the `pairs` newest pairs, and of the groups. */
static void copy_tables(const secanti_engine *engine, int pairs, secanti_storage *into)
{
  const secanti_observation *here = &engine->here;
  const size_t first = (size_t)(engine->history.pairs - pairs), bytes = (size_t)pairs * sizeof(double);
  const size_t groups = engine->groups < into->groups ? engine->groups : into->groups;
  memcpy(into->sg, here->sg + first, bytes);
  memcpy(into->yg, here->yg + first, bytes);
  memcpy(into->sy, here->sy + first, bytes);
  memcpy(into->yy, here->yy + first, bytes);
  memcpy(into->alpha, engine->alpha + first, bytes);
  memcpy(into->group_inf, here->group_inf, groups * sizeof *into->group_inf);
  memcpy(into->group_tolerance, engine->group_tolerance, groups * sizeof *into->group_tolerance);
}

void secanti_optimizer_refill(const secant_optimizer *optimizer, secanti_storage *into)
{
  const secanti_engine *engine = &optimizer->engine;
  const int capacity = into->history.capacity, stored = engine->history.pairs;
  const int pairs = stored < capacity ? stored : capacity;
  const secanti_vector base = {SECANTI_BASE, 0};
  copy_history(optimizer, pairs, into);
  copy_tables(engine, pairs, into);
  secanti_vectors_copy(into->vectors, (secanti_vector){SECANTI_X, 0}, base); /* for the parameters that are new */
  copy_vector(optimizer, base, into->vectors, base);
}
