/* Inner products of stored pairs that came without them. */
#include "engine/engine.h"

secant_status secanti_history_was_rounded(secant_comm *comm, secanti_reduction *reduction, bool here, bool *anywhere)
{
  secanti_reduction_begin(reduction, 0, 1);
  *secanti_reduction_maxima(reduction) = here ? 1.0 : 0.0;
  const secant_status status = secanti_reduce(comm, reduction);
  *anywhere = status == SECANT_OK && *secanti_reduction_maxima(reduction) > 0.0;
  return status;
}

void secanti_begin_sums(secanti_reduction *reduction, const secanti_vectors *vectors, int sums, int maxima)
{
  if (secanti_vectors_binned(vectors)) {
    secanti_reduction_begin_binned(reduction, sums, maxima);
  } else {
    secanti_reduction_begin(reduction, sums, maxima);
  }
}

/* The column of pair `newest` in both tables: s_i.y and y_i.H0 y for the pairs up to it. */
static void store_column(secanti_gram *gram, int newest, const double *sums)
{
  const size_t rows = (size_t)gram->capacity, column = (size_t)newest;
  for (size_t i = 0; i <= column; i++) {
    gram->sy[i * rows + column] = sums[2 * i];
    gram->yy[i * rows + column] = sums[2 * i + 1];
    gram->yy[column * rows + i] = sums[2 * i + 1];
  }
}

secant_status secanti_history_compute_products(secanti_history *history, secanti_vectors *vectors, secant_comm *comm,
                                               secanti_reduction *reduction)
{
  history->gram.pairs = 0;
  for (int j = 0; j < history->pairs; j++) {
    const int pairs = j + 1;
    secanti_begin_sums(reduction, vectors, 2 * pairs, 0);
    secanti_pass_column(vectors, pairs, history->order, history->order[j], secanti_reduction_words(reduction, 0));
    const secant_status status = secanti_reduce(comm, reduction);
    if (status != SECANT_OK) return status;
    store_column(&history->gram, j, secanti_reduction_sums(reduction));
    history->gram.pairs = pairs;
  }
  return SECANT_OK;
}
