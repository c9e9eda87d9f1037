#include "cli/problems/suite/suite.h"
#include "cli/problems/suite/families.h"
#include <string.h>

static const suite_family *const families[] = {
    &suite_more_plain,    &suite_more_fits,      &suite_more_scalable,      &suite_more_systems,
    &suite_andrei,        &suite_minpack2,       &suite_nist_exponentials,  &suite_nist_peaks,
    &suite_nist_powers,   &suite_nist_rationals, &suite_nist_trigonometric, &suite_own_scales,
    &suite_own_flat,      &suite_own_domains,    &suite_own_offsets,        &suite_own_single,
    &suite_own_unbounded, &suite_own_models,     &suite_own_networks,       &suite_own_geometry,
};
enum { FAMILIES = sizeof families / sizeof *families };

const suite_problem *suite_at(int index)
{
  if (index < 0) return NULL;
  size_t rest = (size_t)index;
  for (int k = 0; k < FAMILIES; k++) {
    if (rest < families[k]->count) return &families[k]->problems[rest];
    rest -= families[k]->count;
  }
  return NULL;
}

const suite_problem *suite_find(const char *name)
{
  for (int i = 0; suite_at(i); i++)
    if (strcmp(suite_at(i)->name, name) == 0) return suite_at(i);
  return NULL;
}
