/*
 * One L-BFGS run as a state machine that asks for evaluations (reverse communication). The only place where scalars,
 * vectors and communication meet.
 *
 *            start            tell                  tell: accepted, goes on
 *   IDLE ------------> ENTRY ------> boundary ---> TRIAL ------------------+
 *     ^                                 ^            |  ^ tell: next trial |
 *     |                                 |            +--+                  |
 *     +---- done, gradient unknown      +---- BOUNDARY: done, gradient known (a later start may go on from here)
 *
 * A boundary is the instant at an accepted point with f, g and all inner products known: what a checkpoint holds, and
 * what the engine goes back to when a search is given up.
 */
#ifndef SECANT_ENGINE_H
#define SECANT_ENGINE_H

#include "comm/comm.h"
#include "engine/history.h"
#include "engine/initial.h"
#include "engine/timer.h"
#include "numerics/search.h"
#include "numerics/stop.h"
#include "numerics/taylor.h"
#include "vector/vectors.h"
#include <stdatomic.h>

typedef enum secanti_phase {
  SECANTI_IDLE,    /* no call in progress; the gradient at x is unknown */
  SECANTI_ENTRY,   /* the evaluation at the start of a call is wanted */
  SECANTI_TRIAL,   /* an evaluation at x0 + t d is wanted */
  SECANTI_BOUNDARY /* no call in progress; f and g at x are known */
} secanti_phase;

/* The diagonal W of H0 = gamma W that pairs imply (metric.c). All zero: W = I, and no other is wanted. */
typedef struct secanti_diagonal {
  bool in_force;       /* the inner products of the observation, and yy of the tables, were formed with it */
  bool wanted;         /* the next observation is to form them with it */
  int64_t withdrawals; /* how often it was wanted until a rating told against it */
  int64_t pairs; /* it is made of so many, from the oldest that stays when the pending one is in; 0 if not in force */
  double reference; /* s.y / y.y of the newest pair when it was formed, the unit of its entries; likewise */
} secanti_diagonal;

/* What stays of it where its products are given up for those of W = I. */
static inline secanti_diagonal secanti_diagonal_without_products(const secanti_diagonal *diagonal)
{
  return (secanti_diagonal){.wanted = diagonal->wanted, .withdrawals = diagonal->withdrawals};
}

/* What is known at the last accepted point. Everything is equal on all ranks. */
typedef struct secanti_observation {
  double loss;
  double previous_loss; /* before the last iteration */
  double grad_inf;
  double step;          /* t of the last iteration */
  double step_inf;      /* |t d|_inf of the last iteration */
  double direction_inf; /* |d|_inf of the last iteration */
  int64_t trials;       /* evaluations of the last iteration; not saved */
  bool search_failed;
  bool at_precision;
  bool gradient_wrong; /* differences of the loss contradict the slope of a failed search */
  int64_t stalled;     /* iterations since one lowered the loss, or halved |g|_inf, below all before */
  double lowest_loss;  /* what they are measured by: of this call */
  double least_grad;
  double start_inf; /* |x|_inf at the start of a call that found no step pending; 0 unless a first step depends on it */
  bool pending;     /* the pending slot, its step and the columns below may become a pair */
  bool oldest_unknown; /* the entries of the oldest pair below are zero: once the pending one is in, it is gone */
  double fixed[SECANTI_SUMS_FIXED];
  double *sg;        /* [m + 1] s_i . g */
  double *yg;        /* [m + 1] y_i . H0 g; H0 without gamma: weights of a diagonal H0, the diagonal below, or I */
  double *sy;        /* [m + 1] s_i . y, the column of the pair to come */
  double *yy;        /* [m + 1] y_i . H0 y */
  double *group_inf; /* [groups] |g|_inf of each parameter group */
  secanti_diagonal diagonal;
} secanti_observation;

/* Everything that counts. Rolled back as a whole when a search is given up. */
typedef struct secanti_counters {
  int64_t n_iter;     /* iterations entered, in the life of the optimizer */
  int64_t func_evals; /* evaluations, likewise */
  int64_t iterations; /* of this call */
  int64_t evaluations;
  int64_t accepted;
  int64_t allreduces;
  int64_t redone_directions; /* formed again by the textbook loop */
  int64_t trials;            /* evaluations of the iteration in progress; not saved */
} secanti_counters;

/* Who is shown every accepted point, at a boundary. A number other than 0 ends the call as a stop request does. */
typedef struct secanti_observer {
  int (*accepted)(void *user); /* NULL: nobody */
  void *user;
} secanti_observer;

/* The Taylor test of the gradient along d, from the start of a failed search. */
typedef struct secanti_check {
  bool active;   /* the evaluation that is wanted is one of its steps */
  double step;   /* that one, as a multiple of d */
  int tried;     /* of the sequence of halved steps */
  bool shorter;  /* which is the second one */
  int behind;    /* the step to the other side that is wanted, 1 or 2; 0: none */
  double before; /* the remainder of the first of them */
  secanti_taylor taylor;
  secanti_taylor_result result;
} secanti_check;

typedef struct secanti_settings {
  secant_direction direction;
  secant_loss loss;
  secant_curvature curvature_test;
  double tolerance_curvature;
  double lr;
  double max_time;
  secant_first_step first_step;
  bool scale_initial; /* H0 by s.y / y.H0 y of the newest pair */
  bool adaptive;      /* and by the diagonal that the pairs imply, where it fits them */
  secanti_search_rule *rule;
  secanti_search_limits search;
  secanti_stop_limits stop;
  bool max_eval_hard;
  bool safeguards; /* a failed search is looked into, a loss that falls without bound recognised */
} secanti_settings;

typedef struct secanti_engine {
  secanti_settings settings;
  secant_comm *comm;        /* borrowed */
  secanti_vectors *vectors; /* owned */
  secanti_history history;
  secanti_reduction reduction;
  secanti_search search;
  secanti_check check;
  secanti_initial initial;
  secanti_scratch scratch; /* of an initial matrix that is applied */
  double rounding;         /* unit roundoff of the element type */
  double history_rounding; /* that of the type that d and the pairs are rounded to */

  secanti_phase phase;
  secant_reason reason;
  secanti_counters now;
  secanti_counters boundary; /* `now` as it was at the last boundary */
  secanti_observation here;
  double *group_tolerance; /* [groups] on |g|_inf of each group */
  size_t groups;
  double *alpha; /* [m + 1] coefficients of the recursion */
  double *beta;
  double *cs; /* [m + 1] coefficients of the pairs in d */
  double *cy;
  double *curvature; /* [m + 1] s_i . y_i, for a metric */

  double told;          /* the trial step told last */
  double direction_inf; /* this rank's |d|_inf; the common one once a search has begun */
  double slope;         /* g.d as predicted from the coefficients */
  double promised;      /* decrease of the loss at the first trial, to first order */
  bool textbook;        /* d of this iteration was formed by the textbook loop */
  bool bent;            /* the direction of this iteration */
  bool restarted;       /* the history was forgotten, and no pair has come in since */
  bool searching;       /* the first trial of this iteration has been told */
  bool failed;          /* the closure failed on this rank */
  bool unevaluated;     /* the last call ended by a move to a point not evaluated yet */
  bool evaluate_last;   /* a fixed step is evaluated also when it is the last one of the call */
  int64_t added;        /* parameters at the end that came in after the last evaluation: their part of g0 is unknown */
  double start_loss;    /* f at the start of the call */
  double deadline;      /* of this call; 0: none */
  secanti_stop stop;    /* the request that all ranks agreed on in the last reduction */
  bool checkpoint_due;  /* all ranks know that one of them wants a checkpoint, and none was saved since */
  secanti_timer timer;  /* never rolled back: time passes */
  double loss_terms[SECANTI_BINNED_WORDS]; /* added to this rank's loss by the closure, apart from its return value */
  atomic_int stop_requested;
  atomic_int checkpoint_requested;
  secanti_observer observer;
  bool observer_stops; /* this call, on this rank */
} secanti_engine;

/*
 * Everything whose size depends on the parameters, the history size or the number of groups. Another one can be filled
 * beside the engine's own and then exchanged, which cannot fail (storage.c).
 */
typedef struct secanti_storage {
  secanti_vectors *vectors; /* owned */
  secanti_history history;  /* empty at creation */
  secanti_reduction reduction;
  double *sg, *yg, *sy, *yy, *group_inf; /* of an observation */
  double *alpha, *beta, *cs, *cy, *curvature;
  double *group_tolerance; /* [groups] */
  size_t groups;
  secanti_scratch scratch; /* of an initial matrix that is applied; none at creation */
} secanti_storage;

/* `vectors` is taken over only on success; on failure nothing is left allocated. */
secant_status secanti_storage_create(secanti_storage *storage, secanti_vectors *vectors, int history_size,
                                     size_t groups);
void secanti_storage_destroy(secanti_storage *storage);

/* Bytes of the tables that secanti_storage_create() allocates (storage.c). */
uint64_t secanti_storage_bytes(int history_size, size_t groups, bool binned);

/* Swaps the engine's storage with `storage`; counters, phase and scalars of the observation stay. */
void secanti_engine_exchange(secanti_engine *engine, secanti_storage *storage);

/* Copies `count` elements of a segment from one storage's vector to a vector of another, or of the same, converting
 * them where the types differ (storage.c). */
void secanti_copy_segment(secanti_vectors *from, secanti_vector source, secanti_vectors *into, secanti_vector target,
                          size_t segment, size_t count);

/*
 * Computes the inner products s_i.y_j and y_i.H0 y_j of the stored pairs from their vectors, as pass B computes them
 * one pair at a time. One reduction a pair. Collective; the outcome is common (products.c).
 */
secant_status secanti_history_compute_products(secanti_history *history, secanti_vectors *vectors, secant_comm *comm,
                                               secanti_reduction *reduction);

/*
 * Whether any rank says so: that pairs which came with their inner products changed when they were rounded to the type
 * of the slots, which makes those products worthless. Collective; the outcome is common (products.c).
 */
secant_status secanti_history_was_rounded(secant_comm *comm, secanti_reduction *reduction, bool here, bool *anywhere);

/* Begins with no history, in `storage`, which is taken over. Cannot fail. */
void secanti_engine_create(secanti_engine *engine, secant_comm *comm, secanti_storage *storage, secant_dtype dtype);
void secanti_engine_destroy(secanti_engine *engine);

/* Forgets everything but x, which goes back to the last accepted point: as created. Not collective. */
void secanti_engine_reset(secanti_engine *engine);

/* How secanti_engine_start() treats a run that has ended at a boundary. */
typedef enum secanti_start {
  SECANTI_START_STEP, /* a new call, unless the last one was interrupted by a stop request or the time limit */
  SECANTI_START_RUN   /* goes on also after a limit, or from a loaded boundary */
} secanti_start;

/* Begins a call or goes on with one: the phase is ENTRY or TRIAL afterwards, or the call has ended already. */
secant_status secanti_engine_start(secanti_engine *engine, secanti_start how);

/* Takes the evaluation that was wanted. Collective. On failure x is back at the last accepted point. */
secant_status secanti_engine_tell(secanti_engine *engine, double loss, bool failed);

/* Back to the last boundary: x, g and the counters are as they were there. Needs phase TRIAL. Not collective. */
void secanti_engine_roll_back(secanti_engine *engine);

/* Whether the run began with unknowns beside which a step of length 1 is no step but a jump. */
static inline bool secanti_engine_began_tiny(const secanti_engine *engine)
{
  return engine->here.start_inf > 0.0 && engine->here.start_inf < 1e-6;
}

/* ---- parts of the engine, in their own files ---------------------------------------------------------------------- */

/* Ends the call in `phase`: IDLE, or BOUNDARY where f and g at x are known (engine.c). */
void secanti_engine_finish(secanti_engine *engine, secanti_phase phase, secant_reason reason);

/* The reason of a stop that all ranks agreed on in the last reduction; NONE if nobody asked (engine.c). */
secant_reason secanti_engine_requested_stop(const secanti_engine *engine);

/* Whether a hard evaluation limit is reached; torch's soft one is tested after an iteration only (engine.c). */
bool secanti_engine_out_of_evaluations(const secanti_engine *engine);

/* Whether (s, y) of the last iteration whose end was evaluated fails the curvature test (iterate.c). */
bool secanti_engine_pair_is_refused(const secanti_engine *engine);

/* At an accepted point: an end, or the next iteration (engine.c). */
secant_status secanti_engine_leave_boundary(secanti_engine *engine);

/* From a boundary to the next trial point, or to an end of the call (iterate.c). Collective with two_loop. */
secant_status secanti_engine_iterate(secanti_engine *engine);

/* x0 = x, x = x0 + t d once the textbook loop has put d and g0 into the pending slot (iterate.c). */
void secanti_engine_move_along(secanti_engine *engine);

/* An evaluation at a trial point (trial.c). Collective. */
secant_status secanti_engine_tell_trial(secanti_engine *engine, double loss);

/*
 * After a first trial where the function is not finite: bends d away from zero, if that leaves it a direction of
 * descent, and asks for another first trial along it, or takes an end that somebody asked for; `done` tells whether
 * either has happened (bend.c). Once in an iteration. Collective; the status is common.
 */
secant_status secanti_engine_bend(secanti_engine *engine, bool *done);

/* Ends the call in the middle of an iteration if somebody asked for it; the iteration is as if it had never begun
 * (trial.c). */
bool secanti_engine_stops_here(secanti_engine *engine);

/* The search found nothing better than its start, where x and g are again: another beginning, or an end (failure.c).
 * Collective. */
secant_status secanti_engine_search_failed(secanti_engine *engine);

/* An evaluation of the check that may follow (failure.c). Collective. */
secant_status secanti_engine_tell_check(secanti_engine *engine, double loss);

/* Counts the iterations that led nowhere (failure.c). At an accepted point; the first one of a call begins the
 * count. */
void secanti_engine_begin_watch(secanti_engine *engine);
void secanti_engine_watch_progress(secanti_engine *engine);

/* Whether there were too many of them (failure.c). */
bool secanti_engine_is_stalled(const secanti_engine *engine);

/* Whether a loss is so low that there can be no minimum (failure.c). */
bool secanti_engine_is_bottomless(const secanti_engine *engine, double loss);

/* Whether the loss has fallen so far, or down so straight a line, that it can have no minimum (failure.c). */
bool secanti_engine_is_unbounded(const secanti_engine *engine);

/* d from the inner products; fills slope. No vector is touched until the move. Returns whether slope is negative beyond
 * doubt, in spite of rounding (direction.c). */
bool secanti_direction_gram(secanti_engine *engine);

/*
 * d with an initial matrix that is applied, into the pending slot, from the inner products, one multiplication (another
 * one when a pair has come in) and one reduction; fills slope and direction_inf. Needs all pairs finished. Collective;
 * the status is common.
 */
secant_status secanti_direction_applied(secanti_engine *engine, bool *descends);

/* d by the textbook loop on vectors, into the pending slot; fills slope and direction_inf (direction.c). Collective. */
secant_status secanti_direction_two_loop(secanti_engine *engine);

/* Whether d came out of the textbook loop without a slope, so that the history it came from is worthless
 * (iterate.c). */
bool secanti_engine_direction_is_lost(const secanti_engine *engine);

/* Forgets the history at the boundary where this iteration began, and begins it anew down the gradient (iterate.c).
 * Needs x and g as they were there. */
secant_status secanti_engine_forget_history(secanti_engine *engine);

/* x and g as they were where the line search began (engine.c). */
void secanti_engine_restore_point(secanti_engine *engine);

/* Ends the call because there is no way down: d is formed, finishing `slot` unless it is -1, but not followed
 * (iterate.c). */
void secanti_engine_end_before_move(secanti_engine *engine, int slot, secant_reason reason);

/* ---- the diagonal that pairs imply (metric.c) --------------------------------------------------------------------- */

/* Whether option scaling asks for it, and the rest of the run allows it. */
bool secanti_engine_may_adapt(const secanti_engine *engine);

/* The one that is in force, for the vectors; W = I if none is. Holds until the history or the observation changes. */
secanti_metric secanti_engine_metric(secanti_engine *engine);

/* What an observation is to form of the stored pairs, once pairs have come in. */
typedef struct secanti_request {
  int first;   /* pairs before this one are left out */
  bool weighs; /* with the diagonal that the others imply */
  bool all;    /* the table yy too */
  bool rates;  /* and what tells whether the diagonal is wanted */
} secanti_request;

/* For the next observation, if pairs before `first` need not be known; and for this one again, of all pairs. */
secanti_request secanti_request_next(const secanti_engine *engine, int first);
secanti_request secanti_request_again(const secanti_engine *engine);

/* Adds it to what pass B is told, and keeps the sums that it led to: those after the pairs' own. */
void secanti_request_fill(secanti_engine *engine, const secanti_request *request, secanti_products *products);
void secanti_request_keep(secanti_engine *engine, const secanti_request *request, const double *sums);

/* After the tables were made plain by other means. A point that was known is known no longer: the next call evaluates
 * there first, and that may bring the diagonal back. */
void secanti_engine_leave_metric(secanti_engine *engine);

/* Clears the history, and with it whatever the pairs imply. */
void secanti_engine_forget_pairs(secanti_engine *engine);

/* Begins a message with sums of the kind that the vectors make (products.c). */
void secanti_begin_sums(secanti_reduction *reduction, const secanti_vectors *vectors, int sums, int maxima);

/* This rank's part of an inner product as sum `index` of the message, counted as pass B's time (observe.c). */
void secanti_engine_dot(secanti_engine *engine, secanti_vector a, secanti_vector b, int index);

/* One fused reduction with the status of this rank (observe.c). Collective. */
secant_status secanti_engine_reduce(secanti_engine *engine, secant_status local);

/* What a reduction says about the point x. */
typedef struct secanti_reading {
  double loss;
  double slope;      /* g.d */
  double base_slope; /* g0.d */
  double grad_inf;
  double direction_inf; /* |x|_inf if no direction was pending */
} secanti_reading;

/* Pass B and its reduction; with `pending`, of the pending slot at step t = `step` too (observe.c). Collective. */
secant_status secanti_observe_all(secanti_engine *engine, double loss, bool pending, double step,
                                  secanti_reading *reading);

/* What a further trial needs: loss, slope and grad_inf; with `base`, what begins a search too. Collective. */
secant_status secanti_observe_slope(secanti_engine *engine, double loss, bool base, secanti_reading *reading);

/*
 * Whether a single process, whose loss is all of it, knows before any product is formed that no search will settle on this
 * point: the loss is not a number, or above that of the last accepted point by more than any rule forgives. Several ranks
 * learn the loss with the products.
 */
bool secanti_observe_knows_rise(const secanti_engine *engine, double loss);

/* Moves the inner products of the last secanti_observe_all() into `here`. */
void secanti_observe_keep(secanti_engine *engine, const secanti_reading *reading, bool pending);

/* Computes what secanti_observe_all() left out because the pending pair was to replace the oldest one (observe.c).
 * Needs g at x. Collective; the outcome is common. */
secant_status secanti_observe_oldest(secanti_engine *engine);

#endif
