/* The object behind secant_optimizer. */
#ifndef SECANT_OPTIMIZER_H
#define SECANT_OPTIMIZER_H

#include "engine/engine.h"
#include "optimizer/hooks.h"
#include "optimizer/parameters.h"
#include <secant/secant.h>

struct secant_optimizer {
  secant_options options;
  secanti_parameters parameters;
  secant_comm *comm; /* borrowed */
  secanti_engine engine;
  secant_error error; /* of the last failed call */
  int threads;
  bool resumed;
  bool asked; /* an evaluation was asked for and not told yet */
  double seconds;
  secanti_hooks hooks;
  secant_monitor *monitor; /* NULL: none */
  void *monitor_user;
  bool monitoring;         /* the monitor is running: nothing may change */
  double *group_tolerance; /* [parameters.groups] tolerance_grad of each group; NaN: that of the first */
  double initial_lr;       /* base of the schedules; NaN until one is created or a state with one is loaded */
  int checkpoint_io;       /* secant_checkpoint_io, where a call does not name one */
  uint64_t distrusted;     /* hash of the path of a checkpoint that could not be loaded; 0: none */
  void *referred;          /* owned, one block: which files older checkpoints refer to, as far as checkpoint/ knows */
};

/* The engine's settings that the options stand for. */
secanti_settings secanti_settings_from(const secant_options *options);

/*
 * Storage for a run over `parameters` with `history_size` pairs, beside the optimizer's own: vectors over their arrays,
 * with the weights of a diagonal H0 if the optimizer has one (1 for parameters it does not have), and all tables
 * (storage.c).
 */
secant_status secanti_optimizer_storage(const secant_optimizer *optimizer, const secanti_parameters *parameters,
                                        int history_size, secanti_storage *out);

/* Reports that secanti_optimizer_storage() failed with `status`; returns it (storage.c). */
secant_status secanti_optimizer_no_room(secant_optimizer *optimizer, const secanti_parameters *parameters,
                                        int history_size, secant_status status);

/* Whether parameters of this type have a history of a narrower one with these options (storage.c). */
bool secanti_options_narrow_history(const secant_options *options, secant_dtype dtype);

/* Whether a run with these options has to keep the gradient at the best point of a search (storage.c). */
bool secanti_options_keep_gradient(const secant_options *options);

/*
 * Fills another storage with what the running one has learnt: pairs (the newest, if it has room for fewer), pending
 * slot, base and the tables of the boundary. Its parameters begin with the running ones; what it has beyond them is
 * padded with zeros, its base with the parameters themselves. Between steps only (rebuild.c). Cannot fail.
 */
void secanti_optimizer_refill(const secant_optimizer *optimizer, secanti_storage *into);

/* Makes `options` those in force, with the settings and tolerances that follow from them (optimizer.c). Cannot fail. */
void secanti_optimizer_apply(secant_optimizer *optimizer, const secant_options *options);

/* Imports options on all ranks alike: complete, checked and equal. Collective; the outcome is common (optimizer.c). */
secant_status secanti_optimizer_import(secant_comm *comm, const secant_options *from, secant_options *to,
                                       secant_error *error);

/* The evaluation that is about to be told is the first to know the gradient of parameters added since the last one:
 * lets the pending pair have y = 0 there, as it has s = 0 (groups.c). */
void secanti_groups_complete_pair(secant_optimizer *optimizer);

/* Refuses a call that would change what the running monitor is looking at: ERR_STATE (monitor.c). Not collective, equal
 * on all ranks that have a monitor. */
secant_status secanti_monitor_forbids(secant_optimizer *optimizer, const char *function);

/* Refuses a call that must not come while an evaluation is wanted: ERR_STATE. Else
 * forgets the last error (optimizer.c). Not collective, equal on all ranks. */
secant_status secanti_optimizer_between_steps(secant_optimizer *optimizer, const char *function);

#endif
