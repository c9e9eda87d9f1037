/* What an engine's size depends on, as one thing that can be made beside a running engine and then exchanged for its
 * own. */
#include "base/base.h"
#include "engine/arrays.h"
#include "engine/engine.h"
#include <stdlib.h>

static secant_status create_tables(secanti_storage *storage, int history_size)
{
  const size_t rows = (size_t)history_size + 1;
  const struct {
    double **array;
    size_t count;
  } tables[] = {
      {&storage->sg, rows},
      {&storage->yg, rows},
      {&storage->sy, rows},
      {&storage->yy, rows},
      {&storage->alpha, rows},
      {&storage->beta, rows},
      {&storage->cs, rows},
      {&storage->cy, rows},
      {&storage->curvature, rows},
      {&storage->group_inf, storage->groups},
      {&storage->group_tolerance, storage->groups},
  };
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    *tables[i].array = secanti_alloc(tables[i].count, sizeof(double));
    if (!*tables[i].array) return SECANT_ERR_MEMORY;
  }
  return SECANT_OK;
}

/* The longest message is that of an evaluation: the loss, all inner products, |g|_inf of every group and |d|_inf. */
static size_t longest_message(int history_size, size_t groups)
{
  return 1 + (size_t)secanti_most_product_sums(history_size) + groups + 1;
}

static secant_status create_reduction(secanti_reduction *reduction, int history_size, size_t groups, bool binned)
{
  if (groups >= SECANTI_LONGEST_MESSAGE) return SECANT_ERR_ARGUMENT;
  return secanti_reduction_create(reduction, (int)longest_message(history_size, groups), binned);
}

secant_status secanti_storage_create(secanti_storage *storage, secanti_vectors *vectors, int history_size,
                                     size_t groups)
{
  secant_status status = SECANT_OK;
  *storage = (secanti_storage){.groups = groups};
  SECANT_TRY(secanti_history_create(&storage->history, history_size));
  SECANT_TRY(create_reduction(&storage->reduction, history_size, groups, secanti_vectors_binned(vectors)));
  SECANT_TRY(create_tables(storage, history_size));
  storage->vectors = vectors;
done:
  if (status != SECANT_OK) secanti_storage_destroy(storage);
  return status;
}

uint64_t secanti_storage_bytes(int history_size, size_t groups, bool binned)
{
  const uint64_t m = (uint64_t)history_size, values = longest_message(history_size, groups);
  const uint64_t gram = 2 * m * m, tables = 9 * (m + 1) + 2 * groups;
  const uint64_t message = SECANTI_HEADER + (binned ? (SECANTI_BINNED_WORDS + 1) * values : values);
  return (gram + tables + message) * sizeof(double) + (m + 1) * (sizeof(int) + sizeof(secanti_label));
}

void secanti_storage_destroy(secanti_storage *storage)
{
  secanti_vectors_destroy(storage->vectors);
  secanti_history_destroy(&storage->history);
  secanti_reduction_destroy(&storage->reduction);
  free(storage->sg);
  free(storage->yg);
  free(storage->sy);
  free(storage->yy);
  free(storage->group_inf);
  free(storage->alpha);
  free(storage->beta);
  free(storage->cs);
  free(storage->cy);
  free(storage->curvature);
  free(storage->group_tolerance);
  secanti_scratch_destroy(&storage->scratch);
  *storage = (secanti_storage){0};
}

static secanti_storage storage_of(const secanti_engine *engine)
{
  const secanti_observation *here = &engine->here;
  return (secanti_storage){.vectors = engine->vectors,
                           .history = engine->history,
                           .reduction = engine->reduction,
                           .sg = here->sg,
                           .yg = here->yg,
                           .sy = here->sy,
                           .yy = here->yy,
                           .group_inf = here->group_inf,
                           .alpha = engine->alpha,
                           .beta = engine->beta,
                           .cs = engine->cs,
                           .cy = engine->cy,
                           .curvature = engine->curvature,
                           .group_tolerance = engine->group_tolerance,
                           .groups = engine->groups,
                           .scratch = engine->scratch};
}

void secanti_engine_exchange(secanti_engine *engine, secanti_storage *storage)
{
  const secanti_storage next = *storage;
  secanti_observation *here = &engine->here;
  *storage = storage_of(engine);
  engine->vectors = next.vectors;
  engine->history = next.history;
  engine->reduction = next.reduction;
  here->sg = next.sg;
  here->yg = next.yg;
  here->sy = next.sy;
  here->yy = next.yy;
  here->group_inf = next.group_inf;
  engine->alpha = next.alpha;
  engine->beta = next.beta;
  engine->cs = next.cs;
  engine->cy = next.cy;
  engine->curvature = next.curvature;
  engine->group_tolerance = next.group_tolerance;
  engine->groups = next.groups;
  engine->scratch = next.scratch;
}

void secanti_copy_segment(secanti_vectors *from, secanti_vector source, secanti_vectors *into, secanti_vector target,
                          size_t segment, size_t count)
{
  enum { PIECE = 512 };
  double piece[PIECE]; /* room for elements of either type */
  const secant_dtype dtype = secanti_vectors_dtype(from, source.kind);
  for (size_t first = 0; first < count; first += PIECE) {
    const size_t length = count - first < PIECE ? count - first : PIECE;
    secanti_vectors_export(from, source, segment, first, length, piece);
    secanti_vectors_import_as(into, target, (secanti_range){segment, first, length}, dtype, piece);
  }
}
