/* Reproducible sums for closures: the library's own, under a public name. */
#include "optimizer/optimizer.h"

_Static_assert(sizeof(secant_sum) == SECANTI_BINNED_WORDS * sizeof(double), "a public sum is a binned sum");

void secant_sum_add(secant_sum *sum, double term)
{
  secanti_binned_add(sum->word, term);
}

void secant_sum_merge(secant_sum *into, const secant_sum *from)
{
  secanti_binned_merge(from->word, into->word);
}

double secant_sum_value(const secant_sum *sum)
{
  return secanti_binned_value(sum->word);
}

void secant_add_to_loss(secant_optimizer *optimizer, const secant_sum *terms)
{
  if (optimizer && terms) secanti_binned_merge(terms->word, optimizer->engine.loss_terms);
}
