#include "support/large_run.h"
#include "support/phantom_comm.h"
#include <stdlib.h>
#include <string.h>

static const int64_t counts[LARGE_PARAMETERS] = {17 * 1024, 2 * 1024};

secant_options large_run_options(void)
{
  secant_options options = secant_options_default();
  options.history_size = 3;
  options.max_iter = 5;
  options.tolerance_grad = 0.0;
  options.tolerance_change = 0.0;
  options.threads = 1;
  return options;
}

/* The shard of parameter i: `before` other elements come first. */
static void make_part(large_run *run, int i, int64_t before, int64_t extent)
{
  static const char *const names[LARGE_PARAMETERS] = {"a", "b"};
  run->parts[i] = valley_create(counts[i], 1, 0);
  run->parts[i].first = before;
  valley_start(&run->parts[i]);
  run->extents[i] = extent;
  run->parameters[i] = valley_parameter(&run->parts[i]);
  run->parameters[i].name = names[i];
}

large_run *large_run_create(secant_comm *inner, int stride, int place, int64_t hidden, const secant_options *options)
{
  large_run *run = calloc(1, sizeof *run);
  if (!run) return NULL;
  const int64_t size = secant_comm_size(inner), rank = secant_comm_rank(inner);
  const int64_t phantoms = (stride - 1) * LARGE_PHANTOM;
  run->comm = phantom_comm_create(inner, stride, place, LARGE_PHANTOM);
  for (int i = 0; i < LARGE_PARAMETERS; i++) {
    make_part(run, i, rank * (counts[i] + phantoms) + place * LARGE_PHANTOM + hidden, size * (counts[i] + phantoms));
  }
  if (run->comm &&
      secant_create(&run->optimizer, run->parameters, LARGE_PARAMETERS, options, run->comm, NULL) == SECANT_OK) {
    return run;
  }
  large_run_destroy(run);
  return NULL;
}

void large_run_destroy(large_run *run)
{
  if (!run) return;
  secant_destroy(run->optimizer);
  secant_comm_destroy(run->comm);
  for (int i = 0; i < LARGE_PARAMETERS; i++) valley_destroy(&run->parts[i]);
  free(run);
}

int large_run_evaluate(void *user, double *loss)
{
  large_run *run = user;
  double part = 0.0;
  *loss = 0.0;
  for (int i = 0; i < LARGE_PARAMETERS; i++) {
    if (valley_evaluate(&run->parts[i], &part) != 0) return 1;
    *loss += part;
  }
  return 0;
}

bool large_run_same(const large_run *a, const large_run *b)
{
  bool same = secant_get_info(a->optimizer).n_iter == secant_get_info(b->optimizer).n_iter;
  for (int i = 0; i < LARGE_PARAMETERS; i++) {
    same = same && memcmp(a->parts[i].x, b->parts[i].x, (size_t)counts[i] * sizeof(double)) == 0;
  }
  return same;
}
