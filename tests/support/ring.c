#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/ring.h"

#include <inttypes.h>

struct ring ring_random(uint64_t seed, int pairs)
{
  uint64_t random = seed;
  const int oldest = (int)(random_next(&random) % RING_SLOTS);
  struct ring ring = {.pairs = pairs, .pending = (oldest + pairs) % RING_SLOTS};
  ring.cg = random_symmetric(&random);
  ring.step = random_uniform(&random);
  for (int i = 0; i < pairs; i++) {
    ring.order[i] = (oldest + i) % RING_SLOTS;
    ring.cs[i] = random_symmetric(&random);
    ring.cy[i] = random_symmetric(&random);
  }
  return ring;
}

void ring_products(const struct shard *shard, const struct ring *ring, int pending, double *sums, double *grad_inf)
{
  secanti_products products = {.pairs = ring->pairs,
                               .order = ring->order,
                               .pending = pending,
                               .step = ring->step,
                               .sums = sums,
                               .grad_inf = grad_inf};
  secanti_pass_products(shard->vectors, &products);
}

void ring_run_passes(const struct shard *shard, const struct ring *ring, double *sums)
{
  const secanti_move move = {.finish = -1,
                             .pairs = ring->pairs,
                             .order = ring->order,
                             .cg = ring->cg,
                             .cs = ring->cs,
                             .cy = ring->cy,
                             .into = ring->pending,
                             .step = ring->step,
                             .move = true};
  double inf;
  secanti_pass_move(shard->vectors, &move);
  ring_products(shard, ring, ring->pending, sums, &inf);
}

secanti_vector slot_s(int slot)
{
  return (secanti_vector){SECANTI_S, slot};
}

secanti_vector slot_y(int slot)
{
  return (secanti_vector){SECANTI_Y, slot};
}

secanti_vector old_gradient(int slot)
{
  return (secanti_vector){SECANTI_G0, slot};
}

void expect_same_bits(const char *what, uint64_t seed, size_t n, const double *got, const double *want)
{
  for (size_t i = 0; i < n; i++)
    if (!same_bits(got[i], want[i])) fail_msg("%s[%zu], seed %" PRIu64 ": %a, not %a", what, i, seed, got[i], want[i]);
}
