/* The object behind secant_optimizer. */
#ifndef SECANT_OPTIMIZER_H
#define SECANT_OPTIMIZER_H

#include "engine/engine.h"
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
};

/* The engine's settings that the options stand for. */
secanti_settings secanti_settings_from(const secant_options *options);

/* Vectors over the optimizer's arrays, with room for its history. */
secant_status secanti_optimizer_vectors(const secant_optimizer *optimizer, secanti_vectors **out);

#endif
