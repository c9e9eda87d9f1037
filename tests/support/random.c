#include "random.h"
#include <math.h>

uint64_t random_next(uint64_t *state)
{
  *state += 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio: the counter passes through all 64-bit values */
  uint64_t bits = *state;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  return bits ^ (bits >> 31);
}

double random_uniform(uint64_t *state)
{
  return (double)(random_next(state) >> 11) * 0x1p-53;
}

double random_symmetric(uint64_t *state)
{
  return 2.0 * random_uniform(state) - 1.0;
}

double random_power_of_ten(uint64_t *state, double lowest, double highest)
{
  return pow(10.0, lowest + (highest - lowest) * random_uniform(state));
}
