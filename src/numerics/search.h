/*
 * Line searches as scalar state machines: told phi(t) = f(x + t d) and phi'(t), they answer with the next trial step
 * or with the point they settled on. No vector is touched here; the engine moves.
 */
#ifndef SECANT_SEARCH_H
#define SECANT_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct secanti_point {
  double step;  /* t */
  double loss;  /* phi(t) */
  double slope; /* phi'(t) */
} secanti_point;

typedef enum secanti_verdict {
  SECANTI_SEARCH_TRY,    /* evaluate at `trial` */
  SECANTI_SEARCH_ACCEPT, /* `best` satisfies the conditions of the search */
  SECANTI_SEARCH_GIVE_UP /* `best` is the best point found; best.step == 0 if nothing better than the start was found */
} secanti_verdict;

typedef struct secanti_search_limits {
  double armijo;           /* c1 */
  double wolfe;            /* c2 */
  double width_tolerance;  /* a bracket narrower than this (times direction_inf) ends the search */
  double max_step;         /* longest trial step of nocedal_wright, more_thuente and hager_zhang, beyond the first */
  double loss_slack;       /* rise of phi that hager_zhang forgives, relative to |phi(0)| */
  int64_t max_iterations;  /* trial steps after the first */
  int64_t max_evaluations; /* hard cap on trial steps, the first included; INT64_MAX for none */
} secanti_search_limits;

typedef struct secanti_search secanti_search;

/* One kind of search: takes the value at the last trial, returns the verdict. */
typedef secanti_verdict secanti_search_rule(secanti_search *search, double loss, double slope);

struct secanti_search {
  secanti_search_rule *rule;
  secanti_search_limits limits;
  double direction_inf; /* |d|_inf */
  secanti_point start;  /* step 0 */
  double trial;         /* out: the step to evaluate next */
  secanti_point best;   /* out, with ACCEPT or GIVE_UP */
  bool keep;            /* out, with TRY: the point just told may become `best` later, so its gradient must be kept;
                           any point kept before it will not be needed again */
  int64_t evaluations;  /* points told so far */

  /* private to the rules, which keep `best` valid after every point: the best one so far */
  bool zooming;
  bool insufficient; /* the last zoom step came too close to an end of the bracket */
  secanti_point previous;
  secanti_point bracket[2];
  int low;           /* index into bracket of the end with the smaller loss */
  int stage;         /* what the trial is for */
  double width[2];   /* of the bracket, as it was one and two reductions ago */
  double not_finite; /* the shortest step known to be too long */
};

/*
 * Begins a search whose first trial step is `trial`.
 * A loss or slope that is not finite is taken for a step too long: it is never accepted, and the step contracts.
 */
void secanti_search_begin(secanti_search *search, secanti_search_rule *rule, const secanti_search_limits *limits,
                          double loss, double slope, double direction_inf, double trial);

/* Tells the values at `search->trial`. */
secanti_verdict secanti_search_tell(secanti_search *search, double loss, double slope);

/* The two strong Wolfe conditions at a point: phi(t) <= phi(0) + c1 t phi'(0) and |phi'(t)| <= -c2 phi'(0)
 * (search.c). */
bool secanti_search_decreases_enough(const secanti_search *search, secanti_point point);
bool secanti_search_is_flat_enough(const secanti_search *search, secanti_point point);

/* The ways that a rule can end its turn (search.c). `remember` takes the point for `best` if its loss is the lowest so
 * far and has its gradient kept; `go_on` asks for `step`, unless the iterations are spent or it is not a positive number;
 * `accept` ends the search. */
void secanti_search_remember(secanti_search *search, secanti_point told);
secanti_verdict secanti_search_go_on(secanti_search *search, double step);
secanti_verdict secanti_search_accept(secanti_search *search, secanti_point told);

secanti_search_rule secanti_search_none;           /* search_none.c */
secanti_search_rule secanti_search_strong_wolfe;   /* search_strong_wolfe.c */
secanti_search_rule secanti_search_nocedal_wright; /* search_nocedal_wright.c */
secanti_search_rule secanti_search_more_thuente;   /* search_more_thuente.c */
secanti_search_rule secanti_search_hager_zhang;    /* search_hager_zhang.c */
secanti_search_rule secanti_search_backtracking;   /* search_backtracking.c */

/* Minimiser of the cubic through a and b, clamped to [lowest, highest]; their midpoint if there is none (cubic.c). */
double secanti_cubic_minimiser(secanti_point a, secanti_point b, double lowest, double highest);

#endif
