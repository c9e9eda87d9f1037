/*
 * State dicts of an optimizer, from both sides: packing what it has learnt into a tree, and reading such a tree into a
 * form that can be taken over without a failure. Nothing here is collective; every rank reads its own tree.
 */
#ifndef SECANT_STATE_DICT_H
#define SECANT_STATE_DICT_H

#include "optimizer/optimizer.h"
#include <secant/state.h>

/* What a dict says, checked against the optimizer. Nodes, names and tables belong to the dict. */
typedef struct secanti_state {
  /* param_groups */
  secant_options options; /* of the first group */
  double *tolerance;      /* [groups] tolerance_grad of each group */
  double initial_lr;      /* NaN if the dict has none */
  const char **names;     /* [parameters], all NULL if the dict names nothing */
  bool named;
  /* state */
  int64_t n_iter;
  int64_t func_evals;
  int64_t stored; /* pairs in the dict; what follows is there if n_iter > 0 */
  int64_t pairs;  /* the newest of them, which are kept: at most history_size */
  const secant_node *direction, *gradient;
  const secant_node *s, *y; /* lists of `stored` vectors, oldest first */
  double *ro;               /* [stored] */
  double step;
  double previous_loss;
  double gamma;
  /* state/secant */
  int64_t skipped;
  int64_t added;
  bool pending;
  bool restarted;
  bool adapted;                    /* the next observation is to form a diagonal H0 from the pairs */
  int64_t withdrawals;             /* how often that has been taken back */
  double start_inf;                /* |x|_inf where the run began; 0 unless a first step depends on it */
  const double *gram_sy, *gram_yy; /* [stored][stored]; NULL if there are none that can be relied on */
  const double *curvature;         /* [stored] s.y of the pairs, likewise */
} secanti_state;

/* ---- param_groups (state_groups.c) ------------------------------------------------------------------------------- */

/* The list of all groups, or NULL if memory is out. */
secant_node *secanti_groups_pack(const secant_optimizer *optimizer);

/* Reads options and names into `state`, whose arrays are there. ERR_MISMATCH names the entry. */
secant_status secanti_groups_read(const secant_optimizer *optimizer, const secant_node *dict, secanti_state *state,
                                  secant_error *error);

/* ---- state (state_check.c) --------------------------------------------------------------------------------------- */

/* Reads and checks a whole dict. ERR_MISMATCH names the entry; ERR_MEMORY. */
secant_status secanti_state_read(const secant_optimizer *optimizer, const secant_node *dict, secanti_state *state,
                                 secant_error *error);
void secanti_state_destroy(secanti_state *state);

/* ---- vectors (state_vectors.c) ----------------------------------------------------------------------------------- */

/* This rank's part of a vector as a tensor [n] of the parameters' type, one piece for every parameter; NULL if memory is
 * out. */
secant_node *secanti_vector_pack(const secant_optimizer *optimizer, secanti_vector vector);

/* Refuses what is no tensor [n] that holds all elements of this rank. */
secant_status secanti_vector_check(const secant_optimizer *optimizer, const secant_node *node, const char *path,
                                   secant_error *error);

/* Copies this rank's elements of a tensor that passed the check, converting them to the type of the vector. Returns
 * whether all of them kept their values. */
bool secanti_vector_unpack(const secant_optimizer *optimizer, const secant_node *node, secanti_vectors *into,
                           secanti_vector vector);

/* ---- trees ------------------------------------------------------------------------------------------------------- */

/* The refusal of an entry: ERR_MISMATCH, "the state's entry 'path' <what>". */
secant_status secanti_refuse_entry(secant_error *error, const char *path, const char *what);

#endif
