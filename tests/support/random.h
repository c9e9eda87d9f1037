/* A small seeded generator for tests: the same numbers on every machine. */
#ifndef SECANT_TESTS_RANDOM_H
#define SECANT_TESTS_RANDOM_H

#include <stdint.h>

/* The next 64 random bits; any value of *state is a good seed. Source: SplitMix64, Steele, Lea & Flood 2014. */
uint64_t random_next(uint64_t *state);

/* Uniform in [0, 1), a multiple of 2^-53. */
double random_uniform(uint64_t *state);

/* Uniform in [-1, 1), a multiple of 2^-52. */
double random_symmetric(uint64_t *state);

/* 10^u with u uniform in [lowest, highest). */
double random_power_of_ten(uint64_t *state, double lowest, double highest);

#endif
