/*
 * What holds for every line search that looks for the strong Wolfe conditions, over the random functions of
 * scalar_functions.h. The properties are CMocka tests whose state points to the search in question:
 * cmocka_unit_test_prestate(search_obeys_the_hard_cap_exactly, &searched).
 */
#ifndef SECANT_TESTS_SEARCH_PROPERTIES_H
#define SECANT_TESTS_SEARCH_PROPERTIES_H

#include "scalar_functions.h"

enum { SEARCH_SEEDS = 12000 };

typedef struct searched {
  secanti_search_rule *rule;
  secanti_search_limits limits; /* with c1 = 1e-4, c2 = 0.9 */
  double longest_first_trial;   /* power of ten */
  int accepts_one_in; /* at least this part of the functions with a minimum; the rest ends at a limit of the search */
} searched;

/* What a second, plain transcription of a search did. */
typedef struct plain_search {
  bool accepted;
  double step, loss, slope; /* the point it settled on */
  int trials;
  double steps[SCALAR_RUN_CAPACITY];
} plain_search;

/* The first trial that belongs to a seed: 1, or a power of ten from 1e-3 on. */
double search_first_trial(const searched *search, uint64_t seed);

/* A run on the function of a seed, of any kind. */
scalar_run search_run(const searched *search, uint64_t seed, const secanti_search_limits *limits);

/* Fails the running test unless a run took the same steps to the same end. */
void search_expect_same_end(uint64_t seed, const scalar_run *run, const plain_search *plain);

/* ---- tests, on all functions, broken ones included --------------------------------------------------------------- */

void search_accepts_points_that_satisfy_the_strong_wolfe_conditions(void **state);
void search_costs_at_most_one_evaluation_more_than_its_iterations(void **state);
void search_settles_on_a_point_whose_gradient_one_of_three_slots_has(void **state);
void search_obeys_the_hard_cap_exactly(void **state); /* the cap cuts the sequence of trials and changes nothing else */

/* ---- tests of single rules --------------------------------------------------------------------------------------- */

/* A search from loss 0 and slope -1, with |d|_inf = 1. */
secanti_search search_begun(const searched *search, double first_trial);

void search_accepts_a_step_that_satisfies_both_conditions_at_once(void **state);
void search_bisects_steps_that_are_not_finite(void **state);

#endif
