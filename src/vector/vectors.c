/* Runs the kernels over all tiles, in threads. */
#include "vector/deposit.h"
#include "vector/tiles.h"

#include <string.h>

/* Runs a kernel over the tiles of one share. */
static void run_share(secanti_vectors *vectors, secanti_kernel *kernel, const secanti_task *task, int share)
{
  const size_t shares = (size_t)vectors->shares, index = (size_t)share;
  const size_t first = vectors->tile_count * index / shares, end = vectors->tile_count * (index + 1) / shares;
  secanti_worker *worker = &vectors->workers[share];

  worker->maximum = 0.0;
  memset(worker->group_maxima, 0, (size_t)vectors->groups * sizeof *worker->group_maxima);
  secanti_sums_clear(&worker->sums, (size_t)task->sums);
  for (size_t i = first; i < end; i++) kernel(&vectors->tiles[i], task, worker);
  if (task->past_caches) secanti_deposits_done();
}

/* Adds what a share found to the first one's. */
static void merge_share(secanti_vectors *vectors, int share, size_t sums)
{
  secanti_worker *total = &vectors->workers[0], *part = &vectors->workers[share];
  total->maximum = secanti_max(total->maximum, part->maximum);
  for (int i = 0; i < vectors->groups; i++) {
    total->group_maxima[i] = secanti_max(total->group_maxima[i], part->group_maxima[i]);
  }
  secanti_sums_merge(&total->sums, &part->sums, sums);
}

/*
 * Shares and the order of the merge are fixed at creation. So a run gives the same bits as the last one, even if
 * OpenMP grants fewer threads than there are shares, or is absent.
 */
void secanti_vectors_run(secanti_vectors *vectors, secanti_kernel *kernel, const secanti_task *task)
{
  if (vectors->shares == 1) {
    run_share(vectors, kernel, task, 0); /* a team of one would still cost its creation */
    return;
  }
#ifdef _OPENMP
#pragma omp parallel for num_threads(vectors->shares) schedule(static, 1)
#endif
  for (int share = 0; share < vectors->shares; share++) run_share(vectors, kernel, task, share);

  for (int share = 1; share < vectors->shares; share++) merge_share(vectors, share, (size_t)task->sums);
}

double secanti_pass_move(secanti_vectors *vectors, const secanti_move *move)
{
  const bool formed = move->finish >= 0 && move->finish == vectors->formed;
  bool finish_is_pair = false;
  for (int i = 0; i < move->pairs; i++) finish_is_pair = finish_is_pair || move->order[i] == move->finish;
  const secanti_task task = {
      .move = move, .y_is_formed = formed, .finish_is_pair = finish_is_pair, .past_caches = vectors->past_caches};
  vectors->formed = -1;
  secanti_vectors_run(vectors, vectors->passes->move, &task);
  return vectors->workers[0].maximum;
}

static int sums_of_all(int pairs)
{
  return pairs * (pairs + 1) / 2;
}

int secanti_products_count(const secanti_products *products)
{
  return secanti_product_sums(products->pairs) + (products->all ? sums_of_all(products->pairs) : 0) +
         (products->candidate.pairs > 0 ? SECANTI_SUMS_PER_RATING * products->pairs : 0);
}

int secanti_most_product_sums(int pairs)
{
  const int most = pairs < SECANTI_METRIC_PAIRS ? pairs : SECANTI_METRIC_PAIRS;
  return secanti_product_sums(pairs) + sums_of_all(most) + SECANTI_SUMS_PER_RATING * most;
}

void secanti_pass_products(secanti_vectors *vectors, secanti_products *products)
{
  const secanti_task task = {
      .products = products, .sums = secanti_products_count(products), .past_caches = vectors->past_caches};
  secanti_vectors_run(vectors, vectors->passes->products, &task);
  secanti_sums_read(&vectors->workers[0].sums, (size_t)task.sums, products->sums);
  vectors->formed = vectors->passes->element != vectors->passes->history_element ? products->pending : -1;
  memcpy(products->grad_inf, vectors->workers[0].group_maxima, (size_t)vectors->groups * sizeof(double));
}

void secanti_pass_column(secanti_vectors *vectors, int pairs, const int *order, int slot, double *sums)
{
  const secanti_task task = {.from = {SECANTI_Y, slot}, .pairs = pairs, .order = order, .sums = 2 * pairs};
  secanti_vectors_run(vectors, vectors->passes->column, &task);
  secanti_sums_read(&vectors->workers[0].sums, (size_t)task.sums, sums);
}

void secanti_pass_slope(secanti_vectors *vectors, int pending, double *slope, double *grad_inf)
{
  const secanti_task task = {.from = {SECANTI_S, pending}, .to = {SECANTI_G, 0}, .sums = 1};
  secanti_vectors_run(vectors, vectors->passes->slope, &task);
  secanti_sums_read(&vectors->workers[0].sums, 1, slope);
  *grad_inf = vectors->workers[0].maximum;
}

double secanti_pass_bend(secanti_vectors *vectors, const secanti_bend *bend, double *sums)
{
  const secanti_task task = {.bend = bend, .sums = 2};
  secanti_vectors_run(vectors, vectors->passes->bend, &task);
  secanti_sums_read(&vectors->workers[0].sums, 2, sums);
  return vectors->workers[0].maximum;
}

void secanti_vectors_move_to(secanti_vectors *vectors, int slot, double step)
{
  const secanti_task task = {.from = {SECANTI_S, slot}, .factor = step};
  secanti_vectors_run(vectors, vectors->passes->move_to, &task);
}

void secanti_vectors_finish_pair(secanti_vectors *vectors, int slot, double step)
{
  const secanti_task task = {.from = {SECANTI_S, slot}, .factor = step};
  vectors->formed = -1;
  secanti_vectors_run(vectors, vectors->passes->finish_pair, &task);
}

void secanti_vectors_copy(secanti_vectors *vectors, secanti_vector from, secanti_vector to)
{
  const secanti_task task = {.from = from, .to = to};
  vectors->formed = -1;
  secanti_vectors_run(vectors, vectors->passes->copy, &task);
}

void secanti_vectors_scale(secanti_vectors *vectors, double factor, secanti_vector vector)
{
  const secanti_task task = {.to = vector, .factor = factor};
  vectors->formed = -1;
  secanti_vectors_run(vectors, vectors->passes->scale, &task);
}

void secanti_vectors_multiply(secanti_vectors *vectors, secanti_vector from, secanti_vector to)
{
  const secanti_task task = {.from = from, .to = to};
  vectors->formed = -1;
  secanti_vectors_run(vectors, vectors->passes->multiply, &task);
}

void secanti_vectors_weigh(secanti_vectors *vectors, const secanti_metric *metric, secanti_vector vector)
{
  const secanti_task task = {.metric = metric, .to = vector};
  vectors->formed = -1;
  secanti_vectors_run(vectors, vectors->passes->weigh, &task);
}

void secanti_vectors_add(secanti_vectors *vectors, double factor, secanti_vector from, secanti_vector to)
{
  const secanti_task task = {.from = from, .to = to, .factor = factor};
  vectors->formed = -1;
  secanti_vectors_run(vectors, vectors->passes->add, &task);
}

void secanti_vectors_dot(secanti_vectors *vectors, secanti_vector a, secanti_vector b, double *sum)
{
  const secanti_task task = {.from = a, .to = b, .sums = 1};
  secanti_vectors_run(vectors, vectors->passes->dot, &task);
  secanti_sums_read(&vectors->workers[0].sums, 1, sum);
}

double secanti_vectors_inf(secanti_vectors *vectors, secanti_vector a)
{
  const secanti_task task = {.from = a};
  secanti_vectors_run(vectors, vectors->passes->inf, &task);
  return vectors->workers[0].maximum;
}
